import { beforeEach, describe, expect, it } from "vitest";
import type { LevelsAnswer } from "../../src/contract.rooms";
import { Levels } from "../../src/elements/levels";
import { keepingOf } from "../../src/keeping";
import { levelLine, periodKey } from "../../src/level";
import { textsIn } from "../helpers/english";
import { FakeConnection, satellite, stateOf } from "../helpers/house";
import { mount, type Mounted } from "../helpers/mount";

const texts = textsIn("en");
const plain = (text: string): string => text.replace(/[\u2068\u2069]/g, "");

describe("the level in force", () => {
  it.each([
    [{ cause: "override", name: "TV", state: "playing" }, "Listen only: TV is “playing”"],
    [{ cause: "override", name: null, state: null }, "Listen only: a rule applies"],
    [{ cause: "override_unknown", name: "TV", state: null }, "Listen only: the state of TV is unknown"],
    [{ cause: "override_unknown", name: null, state: null }, "Listen only: the state of an entity is unknown"],
    [{ cause: "guest_mode", name: null, state: null }, "Listen only: guest mode is on"],
    [{ cause: "area", name: null, state: null }, "Listen only: level of the room"],
  ] as const)("says why: %o", (reason, expected) => {
    expect(plain(levelLine(texts, { level: "listen_only", reasons: [reason] }))).toBe(expected);
  });

  it.each([
    ["listen_only", "override", "level"],
    ["off", "area", "level"],
    ["off", "muted", "recordings"],
    ["memory_only", "area", "memory"],
    ["day", "area", "recordings"],
    ["no_limit", null, "recordings"],
  ] as const)("%s by %s: %s", (level, cause, expected) => {
    const reasons = cause ? [{ cause, name: null, state: null }] : [];
    const room = satellite({ level: { level, reasons } });
    expect(keepingOf({ guest_mode: { on: false } }, room)).toBe(expected);
  });
});

describe("how long recordings are kept", () => {
  it.each([
    ["month", "day", "state.level_day"],
    ["month", "thirty_days", "state.level_thirty_days"],
    ["day", "thirty_days", "retention.day"],
    ["until_deleted", "three_months", "state.level_three_months"],
    ["until_deleted", "no_limit", "retention.until_deleted"],
    ["as_others", "no_limit", "retention.month"],
    ["as_others", undefined, "retention.month"],
  ] as const)("%s, where the level allows %s: %s", (keep_recordings, longest, expected) => {
    const level = { level: "no_limit", reasons: [], longest } as const;
    const room = satellite({ keep_recordings, level: { ...level, reasons: [] } });
    expect(periodKey(stateOf().house, room)).toBe(expected);
  });
});

describe("the levels", () => {
  const TV = { entity_id: "media_player.tv", states: ["playing"], level: "listen_only", area_id: "kitchen" } as const;
  let house: FakeConnection;
  let page: Mounted<Levels>;
  let answer: LevelsAnswer;

  beforeEach(() => {
    house = new FakeConnection();
    house.state = stateOf([satellite()]);
    answer = {
      rooms: [{ id: "kitchen", name: "Kitchen", level: "day" }],
      new_rooms: "no_limit",
      overrides: [{ ...TV, states: [...TV.states], name: "TV" }],
      entities: [{ id: "person.anna", name: "Anna", state: "home" }],
    };
    house.answers["levels/get"] = () => answer;
  });

  it("are chosen for each room and for new ones", async () => {
    page = await mount(new Levels(), house);
    expect(page.all<HTMLOptionElement>(".toggle [selected]").map(({ value }) => value)).toEqual(["day", "no_limit"]);
    await page.enter("#level-kitchen", "off", "change");
    await page.enter("#level-", "listen_only", "change");
    expect(house.fieldsOf("levels/set")).toEqual([
      { area_id: "kitchen", level: "off" },
      { area_id: null, level: "listen_only" },
    ]);
  });

  it("say what a shorter period would delete, and wait", async () => {
    house.answers["levels/preview"] = () => ({ count: 3, size: 5000, satellites: {}, first: null, last: null });
    page = await mount(new Levels(), house);
    await page.enter("#level-", "day", "change");
    expect(house.fieldsOf("levels/preview")).toEqual([{ area_id: null, level: "day" }]);
    expect(house.fieldsOf("levels/set")).toEqual([]);
    expect(page.text(".note.warn")[0]).toContain("3 recordings (5 kB) would be deleted within a minute");
    expect(page.one<HTMLSelectElement>("#level-").value).toBe("day");
    await page.click(".note .button");
    expect(page.one<HTMLSelectElement>("#level-").value).toBe("no_limit");
    expect(page.all(".note.warn")).toEqual([]);
    await page.enter("#level-", "day", "change");
    await page.click("#apply-retention");
    expect(house.fieldsOf("levels/set")).toEqual([{ area_id: null, level: "day" }]);
    expect(page.all(".note.warn")).toEqual([]);
  });

  it("show a level whose preview is fine and that is refused as it is", async () => {
    house.answers["levels/preview"] = () => {
      house.refuse = "not_saved";
      return { count: 0 };
    };
    page = await mount(new Levels(), house);
    await page.enter("#level-kitchen", "off", "change");
    expect(page.one<HTMLSelectElement>("#level-kitchen").value).toBe("day");
    expect(page.details("vp-notify")).toHaveLength(1);
  });

  it("show a level that was refused as it is", async () => {
    page = await mount(new Levels(), house);
    house.refuse = "not_saved";
    await page.enter("#level-kitchen", "off", "change");
    expect(page.one<HTMLSelectElement>("#level-kitchen").value).toBe("day");
    expect(page.details("vp-notify")).toHaveLength(1);
  });

  it("have rules, which are added and removed", async () => {
    page = await mount(new Levels(), house);
    expect(plain(page.text("li span")[0]!)).toBe("TV is “playing”: Listen only · Kitchen");
    await page.enter("[name=entity]", "person.anna", "input");
    await page.enter("[name=state]", "not_home, work", "input");
    page.one<HTMLFormElement>("form").dispatchEvent(new Event("submit", { cancelable: true }));
    await page.settled();
    await page.click("li button");
    expect(house.fieldsOf("levels/set_overrides")).toEqual([
      {
        overrides: [
          TV,
          { entity_id: "person.anna", states: ["not_home", "work"], level: "listen_only", area_id: null },
        ],
      },
      { overrides: [] },
    ]);
  });

  it("say what is wrong with a rule that is refused, and keep what was typed", async () => {
    page = await mount(new Levels(), house);
    house.refuse = "invalid_request";
    await page.enter("[name=entity]", "Anna's phone", "input");
    await page.enter("[name=state]", "zu Hause", "input");
    page.one<HTMLFormElement>("form").dispatchEvent(new Event("submit", { cancelable: true }));
    await page.settled();
    expect(page.details("vp-notify")[0]).toContain("No rule was added");
    expect(page.one<HTMLInputElement>("[name=entity]").value).toBe("Anna's phone");
  });

  it("are for administrators", async () => {
    house.state.permissions.admin = false;
    page = await mount(new Levels(), house);
    expect(page.all("section")).toEqual([]);
    expect(house.fieldsOf("levels/get")).toEqual([]);
  });
});
