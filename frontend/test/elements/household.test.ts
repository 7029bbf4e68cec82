import { beforeEach, describe, expect, it } from "vitest";
import { Household } from "../../src/elements/household";
import { Privacy } from "../../src/elements/privacy";
import { FakeConnection, satellite, stateOf } from "../helpers/house";
import { mount, type Mounted } from "../helpers/mount";

const on = { on: true, changed: null };
const off = { on: false, changed: null };

describe("what members are told", () => {
  let house: FakeConnection;
  let page: Mounted<Household>;

  beforeEach(async () => {
    house = new FakeConnection();
    const silent = { ...satellite().toggles, save_recordings: off };
    house.state = stateOf([
      satellite(),
      satellite({ id: "bath", name: "Bath", toggles: silent, recordings: 0 }),
      satellite({ id: "hall", name: "Hall", pipeline: "Home" }),
      satellite({ id: "attic", name: "Attic", keep_recordings: "until_deleted" }),
    ]);
    house.state.permissions = { admin: false, listen: false, review: false, control: ["kitchen"] };
    house.answers["access_log/rooms"] = () => ({ entries: [], more: false });
    page = await mount(new Household(), house);
  });

  it("is what is recorded where, and for how long", () => {
    expect(page.text("li small")).toEqual([
      "Saved, and deleted automatically after 1 month",
      "Nothing is saved",
      "Not protected: its pipeline goes past Voice Privacy",
      "Saved until somebody deletes it",
    ]);
    expect(page.text(".count")[0]).toBe("2 recordings");
  });

  it("is who may listen, and what may be said", async () => {
    expect(page.text(".note")[0]).toContain("Only administrators");
    expect(page.text(".said li")).toEqual(["“Stop listening”", "“Turn on guest mode”"]);
    house.change((state) => {
      state.house.toggles.household_may_listen = on;
      state.house.toggles.deletion_by_voice = on;
    });
    await page.settled();
    expect(page.text(".note")[0]).toContain("Everybody");
    expect(page.text(".said li")).toHaveLength(4);
  });

  it.each([
    ["memory_only", 5],
    ["day", 4],
  ] as const)("is how to keep a recording where the level is %s", async (level, count) => {
    house.change((state) => {
      state.house.toggles.deletion_by_voice = on;
      state.satellites[0]!.level = { level, reasons: [{ cause: "area", name: null, state: null }] };
    });
    await page.settled();
    expect(page.text(".said li")).toHaveLength(count);
    expect(page.text(".said li").includes("“Keep that”")).toBe(count === 5);
  });

  it("is offered nothing that only administrators may do", async () => {
    const privacy = await mount(new Privacy(), house);
    expect(privacy.all("input, select, #delete-everything, voice-privacy-options")).toEqual([]);
    expect(house.fieldsOf("access_log/rooms")).toHaveLength(1);
    expect(house.fieldsOf("access_log")).toEqual([]);
    house.change((state) => (state.permissions.control = []));
    const other = await mount(new Privacy(), house);
    expect(other.text("voice-privacy-log, .empty h2").at(-1)).toBe("Only administrators can see the access log");
    expect(house.fieldsOf("access_log/rooms")).toHaveLength(1);
  });
});
