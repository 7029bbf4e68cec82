import { beforeEach, describe, expect, it } from "vitest";
import { FirstRun } from "../../src/elements/first-run";
import { FakeConnection, recording, satellite, stateOf } from "../helpers/house";
import { mount, type Mounted } from "../helpers/mount";

const off = { on: false, changed: null };

describe("the first run", () => {
  let house: FakeConnection;
  let page: Mounted<FirstRun>;

  beforeEach(() => {
    localStorage.clear();
    house = new FakeConnection();
    house.answers["options/get"] = () => ({ options: {}, pipelines: [{ id: "home", name: "Home" }] });
  });

  async function begin(...satellites: ReturnType<typeof satellite>[]): Promise<void> {
    house.state = stateOf(satellites);
    house.state.house.recordings = 0;
    page = await mount(new FirstRun(), house);
  }

  const done = (): number => page.all("li.done").length;

  it("leads from a satellite that the house has to what was understood", async () => {
    house.answers["satellites/add"] = () => ({ pipeline: "Home" });
    house.answers["recordings/get"] = () => recording(1, { transcript: "what time is it", reply: "It is noon" });
    await begin();
    expect([page.all("h3").length, done()]).toEqual([3, 0]);
    house.change((state) => (state.unprotected = [{ source: "satellite:x", name: "Speaker", wyoming: false }]));
    await page.settled();
    // Two clicks: to protect it, and to say whether anything is kept.
    await page.click("[data-protect]");
    await page.click("[data-keep=recordings]");
    expect(house.fieldsOf("satellites/add")).toEqual([{ source: "satellite:x", save_recordings: true }]);
    house.change((state) => {
      state.unprotected = [];
      state.satellites = [satellite({ name: "Speaker", wakes_today: 0 })];
    });
    await page.settled();
    expect(done()).toBe(2);
    expect(page.text(".microphone small")).toEqual(["Say “Okay Nabu”, and then “what time is it”."]);
    house.change(({ satellites }) => (satellites[0]!.wakes_today = 1));
    await page.settled();
    expect(page.text(".heard")).toEqual(["Speaker heard its wake word."]);
    for (const listener of house.listeners) listener.recordingsAdded?.([recording(1)]);
    house.change((state) => (state.house.recordings = 1));
    await page.settled();
    expect(page.text(".heard b")).toEqual(["Understood: “what time is it”"]);
    expect(done()).toBe(3);
    await page.click("#first-done");
    expect(page.all("section")).toEqual([]);
  });

  it("shows how loud it is, when somebody wants to see it", async () => {
    house.answers["wake_words/list"] = () => ({
      models: [
        { file: "a.onnx", wake_word: "alexa", status: "ready" },
        { file: "b.onnx", wake_word: "okay_nabu", status: "hidden" },
        { file: "c.onnx", wake_word: "okay_nabu", status: "ready" },
      ],
    });
    await begin(satellite());
    expect(house.followed).toEqual([]);
    await page.click("[data-level]");
    expect(house.followed[0]!.fields).toEqual({ satellite_id: "kitchen", file: "c.onnx" });
    const meter = page.one("[role=meter]");
    expect(meter.getAttribute("aria-valuenow")).toBe("0");
    house.followed[0]!.tell({ type: "heard", level: -33, score: 0, threshold: 0.5, woke: false } as never);
    await page.settled();
    expect(meter.getAttribute("aria-valuenow")).toBe("50");
    house.followed[0]!.tell({ type: "ended", code: null } as never);
    await page.settled();
    expect(page.all("[role=meter]")).toEqual([]);
    await page.click("[data-level]");
    page.element.remove();
    expect(house.followed.map(({ ended }) => ended)).toEqual([true, true]);
  });

  it("says so where what is said is not kept, and lets that be changed", async () => {
    await begin(satellite({ wakes_today: 0, toggles: { ...satellite().toggles, save_recordings: off } }));
    house.change(({ satellites }) => (satellites[0]!.wakes_today = 1));
    await page.settled();
    expect(page.text(".heard")[0]).toContain("is not kept");
    await page.click("#first-kitchen");
    expect(house.fieldsOf("settings/set")).toEqual([
      { toggle: "save_recordings", on: true, satellite_ids: ["kitchen"] },
    ]);
  });

  it("says what keeps a satellite from hearing, and where that is mended", async () => {
    house.answers["options/get"] = () => ({ options: {}, pipelines: [] });
    await begin(
      satellite({ state: "not_listening", silence_reason: "no_audio" }),
      satellite({ id: "hall", name: "Hall", pipeline: "Home" }),
    );
    expect(page.text(".note")[0]).toContain("speech-to-text");
    expect(page.text(".microphone small")).toEqual(["No audio is being received."]);
    expect(page.all(".microphone a")).toHaveLength(1);
    await page.click(".mend .button");
    expect(house.fieldsOf("satellites/choose_pipeline")).toEqual([{ satellite_id: "hall" }]);
  });

  it.each([
    ["no_model", "The model of the wake word is missing.", "/config/repairs"],
    ["no_wake_word", "No wake word is chosen for it. Choose one under Rooms.", "/voice-privacy/rooms"],
  ])("tells one that has %s from one that hears", async (silence_reason, sentence, href) => {
    await begin(satellite({ state: "not_listening", silence_reason }));
    expect(page.text(".microphone small")).toEqual([sentence]);
    expect(page.one(".microphone a").getAttribute("href")).toBe(href);
    expect(page.all("[data-level]")).toEqual([]);
  });

  it("says that nothing can be understood before a satellite is chosen, and why a pipeline cannot be", async () => {
    house.answers["options/get"] = () => ({ options: {}, pipelines: [] });
    await begin(satellite({ pipeline: "Home" }));
    expect(page.text(".note span")).toEqual([expect.stringContaining("speech-to-text")]);
    expect(page.one(".note a").getAttribute("href")).toBe("/config/voice-assistants/assistants");
    house.refuse = "invalid_request";
    await page.click(".mend .button");
    expect(page.details("vp-notify")).toEqual([expect.stringContaining("its pipeline has no speech-to-text engine")]);
  });

  it("is over once there was a recording, even if it was deleted", async () => {
    house.state = stateOf();
    page = await mount(new FirstRun(), house);
    expect(page.all("section")).toEqual([]);
    await begin(satellite());
    expect(page.all("section")).toEqual([]);
  });

  it("is over in every browser once the house has kept something", async () => {
    house.state = stateOf();
    Object.assign(house.state.house, { recordings: 0, ever_kept: true });
    page = await mount(new FirstRun(), house);
    expect(page.all("section")).toEqual([]);
    expect(localStorage.length).toBe(0);
    house.state.house.ever_kept = false;
    page = await mount(new FirstRun(), house);
    expect(page.all("section")).toHaveLength(1);
  });

  it("lets a microphone be tested where it can be heard", async () => {
    await begin(satellite(), satellite({ id: "hall", name: "Hall", state: "muted" }));
    expect(page.all("#hear")).toHaveLength(1);
    // What it does is said when it does it.
    expect(page.text("voice-privacy-microphone-test .muted-text")).toEqual([]);
  });

  it("is not for everybody, and not for ever", async () => {
    await begin(satellite());
    house.change(({ permissions }) => (permissions.admin = false));
    await page.settled();
    expect(page.all("section")).toEqual([]);
    house.change(({ permissions }) => (permissions.admin = true));
    await page.settled();
    await page.click("#first-done");
    await begin(satellite());
    expect(page.all("section")).toEqual([]);
  });
});
