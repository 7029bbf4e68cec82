import { beforeEach, describe, expect, it } from "vitest";
import type { Satellite } from "../../src/contract";
import { Microphones } from "../../src/elements/microphones";
import { FakeConnection, satellite, stateOf } from "../helpers/house";
import { mount, type Mounted } from "../helpers/mount";

describe("the microphones", () => {
  let house: FakeConnection;
  let page: Mounted<Microphones>;

  async function show(...satellites: Satellite[]): Promise<void> {
    house.state = stateOf(satellites);
    house.state.may.open_microphone = ["kitchen"];
    page = await mount(new Microphones(), house);
  }

  beforeEach(() => {
    house = new FakeConnection();
  });

  const bath = satellite({ id: "bath", name: "Bath" });

  it("are muted one by one, by who may control them", async () => {
    await show(satellite(), bath);
    await page.click(".switch");
    expect(house.fieldsOf("settings/set")).toEqual([{ toggle: "muted", on: true, satellite_ids: ["kitchen"] }]);
    house.change(({ permissions }) => (permissions.control = ["bath"]));
    await page.settled();
    expect(page.all<HTMLInputElement>(".switch").map(({ disabled }) => disabled)).toEqual([true, false]);
  });

  it("show a mute that was refused as it is", async () => {
    await show(satellite());
    house.refuse = "unauthorized";
    await page.click(".switch");
    expect(page.one<HTMLInputElement>(".switch").checked).toBe(true);
    expect(page.details("vp-notify")).toHaveLength(1);
  });

  it("can be talked to where somebody may open them, once it is said", async () => {
    await show(satellite(), bath);
    for (const room of [0, 1]) await page.click(".more", room);
    expect(page.all(".talk")).toHaveLength(1);
    await page.click(".talk");
    expect(house.fieldsOf("microphones/press_to_talk")).toEqual([{ satellite_id: "kitchen" }]);
    expect(page.details("vp-notify")).toEqual([expect.stringContaining("Kitchen")]);
    house.refuse = "cannot_listen";
    await page.click(".talk");
    expect(page.details("vp-notify")[1]).not.toContain("Kitchen");
  });

  it.each([
    ["not_encrypted", /not encrypted: whoever/, 1],
    ["encrypted", /^encrypted$/, 0],
    ["this_machine", /^stays on this machine$/, 0],
    ["unknown", /^not known whether encrypted$/, 0],
  ] as const)("say whether their sound is encrypted on its way: %s", async (link, words, links) => {
    await show(satellite({ link }), bath);
    await page.click(".more");
    expect(page.text("#link")[0]).toMatch(words);
    expect(page.all("#link a")).toHaveLength(links);
  });

  const SCORES = {
    thresholds: [0.5, 0.7],
    satellites: { kitchen: { avoided: [0, 3], missed: [0, 1], unknown: [0, 0] } },
  };

  it("try a threshold on what was heard, and set it only when that is applied", async () => {
    house.answers["review/scores"] = () => SCORES;
    await show(satellite());
    expect(page.text(".threshold p")).toHaveLength(1);
    await page.enter("#threshold-kitchen", "70", "input", "change");
    expect(page.text(".threshold bdi")).toEqual(["70%"]);
    expect(page.text(".threshold p")).toEqual([
      "At 70%: false wakes avoided: 3; commands missed: 1; additional wakes, outcome unknown: 0.",
    ]);
    expect(house.fieldsOf("microphones/set_threshold")).toEqual([]);
    await page.click("[data-undo]");
    expect([page.text(".threshold bdi"), page.all("[data-apply]")]).toEqual([["50%"], []]);

    await page.enter("#threshold-kitchen", "75", "input", "change");
    await page.click("[data-apply]");
    expect(house.fieldsOf("microphones/set_threshold")).toEqual([{ satellite_id: "kitchen", threshold: 0.75 }]);
    house.change(({ satellites }) => (satellites[0]!.wake_words[0]!.threshold = 0.75));
    await page.settled();
    expect(page.text("[data-undo]")).toEqual(["Undo: back to 50%"]);
    await page.click("[data-undo]");
    expect(house.fieldsOf("microphones/set_threshold")[1]).toEqual({ satellite_id: "kitchen", threshold: 0.5 });
  });

  it("say that a threshold cannot be tried where nothing was heard", async () => {
    await show(satellite());
    await page.enter("#threshold-kitchen", "70", "input");
    expect(page.text(".threshold p")).toEqual([
      "There are no scores to try it on: nothing has woken it since Home Assistant started, or the scores were " +
        "deleted together with recordings.",
    ]);
    house.refuse = "unauthorized";
    await page.click("[data-apply]");
    expect(page.details("vp-notify")).toHaveLength(1);
    expect(page.all("[data-undo]")).toEqual([]);
  });

  it("show each room in a row, and open the one that somebody asks for", async () => {
    await show(satellite(), bath);
    expect(page.all(".detail")).toEqual([]);
    await page.click(".more", 1);
    expect(page.all(".more").map((one) => one.getAttribute("aria-expanded"))).toEqual(["false", "true"]);
    expect(page.all("#save_recordings-bath")).toHaveLength(1);
    await page.click("#save_recordings-bath");
    expect(house.fieldsOf("settings/set")).toEqual([{ toggle: "save_recordings", on: false, satellite_ids: ["bath"] }]);
    await page.click(".more", 1);
    expect(page.all(".detail")).toEqual([]);
  });

  it("show wakes of two weeks, and to administrators the work of the engine", async () => {
    house.answers["microphones/figures"] = () => ({
      days: [],
      load: 0.12,
      satellites: { kitchen: { wakes: [null, 4, 2], false_wakes: [null, 1, 0], lost: [1, 1000] } },
    });
    await show(satellite());
    expect(page.one(".spark").getAttribute("aria-label")).toBe("Wakes in 14 days: 6, of them false: 1");
    expect(page.all(".spark .none")).toHaveLength(1);
    expect(page.text(".foot p")[0]).toContain("12%");
    expect(page.text("dd").at(-1)).toBe("0.1%");
  });

  it("ask again for their figures when somebody has woken one", async () => {
    await show(satellite());
    const asked = (): number => house.fieldsOf("microphones/figures").length;
    expect(asked()).toBe(1);
    house.change((state) => (state.house.recordings = 9));
    await page.settled();
    expect(asked()).toBe(1);
    house.change(({ satellites }) => (satellites[0]!.wakes_today += 1));
    await page.settled();
    expect(asked()).toBe(2);
  });

  it("are not called listening where nobody watches over them", async () => {
    await show(satellite({ pipeline: "Home", wake_words: [] }));
    expect(page.text(".state")).toEqual(["Not protected"]);
    expect(page.text(".about")[0]).toContain("Home");
    expect(page.all(".badge.listening")).toEqual([]);
    await page.click("#choose-pipeline");
    expect(house.fieldsOf("satellites/choose_pipeline")).toEqual([{ satellite_id: "kitchen" }]);
    house.change(({ permissions }) => (permissions.admin = false));
    await page.settled();
    expect(page.all("#choose-pipeline")).toEqual([]);
  });

  it("that nobody watches over come first, and are protected with one answer", async () => {
    await show(satellite());
    house.answers["satellites/add"] = () => ({ pipeline: null });
    house.change((state) => (state.unprotected = [{ source: "satellite:x", name: "Speaker", wyoming: false }]));
    await page.settled();
    await page.click("[data-protect]");
    expect(house.fieldsOf("satellites/add")).toEqual([]);
    expect(page.text("[data-keep]")).toEqual(["Keep nothing", "Keep recordings"]);
    await page.click("[data-keep=nothing]");
    expect(house.fieldsOf("satellites/add")).toEqual([{ source: "satellite:x", save_recordings: false }]);
    expect(page.details("vp-notify")).toEqual([expect.stringContaining("no speech-to-text engine")]);
    house.change(({ permissions }) => (permissions.admin = false));
    await page.settled();
    expect(page.all("[data-protect]")).toEqual([]);
  });

  it.each([
    [null, "None since restart"],
    [{ score: 0.91, threshold: 0.5, started_by: "wake_word", wake_word: "Okay Nabu" }, "91% · 10:00"],
    [{ score: null, threshold: null, started_by: "satellite", wake_word: null }, "10:00"],
  ])("tell the last wake: %o", async (wake, expected) => {
    await show(satellite({ last_wake: wake && { when: "2026-11-24T10:00:00Z", ...wake } }));
    expect(page.text("dd")[0]).toBe(expected);
  });

  it.each([
    ["button", "by button, 10:00"],
    ["conversation", "asked by Home Assistant, 10:00"],
  ])("tell a %s from a wake word", async (started_by, expected) => {
    const wake = { when: "2026-11-24T10:00:00Z", score: null, threshold: null, started_by, wake_word: null };
    await show(satellite({ last_wake: wake }));
    expect(page.text("dd")[0]).toBe(expected);
  });

  it("name the day of a last wake that was not today", async () => {
    const wake = { score: null, threshold: null, started_by: "satellite", wake_word: null };
    await show(satellite({ last_wake: { when: "2026-11-23T10:00:00Z", ...wake } }));
    expect(page.text("dd")[0]).toBe("Nov 23, 10:00");
  });

  it("that nobody has added yet can be added by an administrator", async () => {
    await show();
    expect(page.all("a.button")).toHaveLength(1);
    house.change(({ permissions }) => (permissions.admin = false));
    await page.settled();
    expect(page.all("a.button")).toEqual([]);
  });
});
