import { beforeEach, describe, expect, it } from "vitest";
import { HeldRecordings } from "../../src/elements/held";
import { FakeConnection, satellite, stateOf } from "../helpers/house";
import { mount, type Mounted } from "../helpers/mount";

describe("what is in memory only", () => {
  const one = {
    id: "a",
    satellite_id: "kitchen",
    started_at: "2026-11-24T12:24:00Z",
    seconds: 2,
    kind: "command",
    until: "2026-11-24T12:34:00Z",
    may_keep: true,
  } as const;
  let house: FakeConnection;
  let page: Mounted<HeldRecordings>;

  beforeEach(async () => {
    house = new FakeConnection();
    house.state = stateOf([satellite()]);
    house.state.held = [one, { ...one, id: "b", may_keep: false }];
    house.state.may.delete_selected = ["kitchen"];
    house.answers["recordings/held"] = () => ({
      recordings: { a: { transcript: "turn on the light", reply: null }, b: { transcript: null, reply: null } },
    });
    page = await mount(new HeldRecordings(), house);
  });

  it("says until when, and is kept by who may", async () => {
    expect(page.text("small")[0]).toMatch(/^In memory until .*\d+:34/);
    expect(page.all(".keep")).toHaveLength(1);
    await page.click(".keep");
    expect(house.fieldsOf("recordings/keep")).toEqual([{ recording_id: "a" }]);
    expect(page.details("vp-notify")).toEqual(["Recording kept"]);
  });

  it("shows what was said, asks again only for what is new, and is there without it", async () => {
    expect(page.text("[dir=auto]")).toEqual(["turn on the light", ""]);
    house.change(() => undefined);
    await page.settled();
    expect(house.fieldsOf("recordings/held")).toHaveLength(1);
    house.answers["recordings/held"] = () => {
      throw new Error("unknown command");
    };
    house.change((state) => (state.held = [one, { ...one, id: "c" }]));
    await page.settled();
    expect(house.fieldsOf("recordings/held")).toHaveLength(2);
    expect(page.text("[dir=auto]")).toEqual(["turn on the light", ""]);
    expect(page.details("vp-notify")).toEqual([]);
  });

  it("says what was refused", async () => {
    house.refuse = "not_kept_now";
    await page.click(".keep");
    expect(page.details("vp-notify")).toEqual([expect.stringContaining("Nothing may be kept in this room now")]);
  });

  it("is deleted by who may", async () => {
    await page.click(".delete", 1);
    expect(house.fieldsOf("recordings/delete")).toEqual([{ scope: "ids", recording_ids: ["b"] }]);
    house.change(({ may }) => (may.delete_selected = []));
    await page.settled();
    expect(page.all(".delete")).toEqual([]);
  });

  it("is not there when there is none", async () => {
    house.change((state) => (state.held = []));
    await page.settled();
    expect(page.all("section")).toEqual([]);
  });
});
