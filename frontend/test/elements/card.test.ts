import { beforeEach, describe, expect, it, vi } from "vitest";
import { VoicePrivacyCard } from "../../src/elements/card";
import { textsIn } from "../helpers/english";
import { FakeHass } from "../helpers/hass";
import { FakeConnection, recording, satellite, stateOf } from "../helpers/house";
import { Mounted } from "../helpers/mount";
import { FakeContext, useFakeSound } from "../helpers/sound";

const TYPE = "custom:voice-privacy-card";

describe("the card", () => {
  let home: FakeHass;
  let card: Mounted<VoicePrivacyCard>;
  const state = (): ReturnType<typeof stateOf> => stateOf([satellite(), satellite({ id: "bath", name: "Bath" })]);

  beforeEach(() => {
    home = new FakeHass();
    home.list(recording(5), recording(4, { transcript: null }));
  });

  async function show(config: object = {}, of = state()): Promise<void> {
    const element = new VoicePrivacyCard();
    element.setConfig({ type: TYPE, ...config });
    element.hass = home.object();
    card = new Mounted(element, new FakeConnection());
    document.body.append(element);
    await card.settled();
    home.state(of);
    await card.settled();
  }

  const asked = (command: string): object[] =>
    home.asked.filter(({ type }) => type === `voice_privacy/${command}`).map(({ type: _, ...fields }) => fields);

  it("shows the microphones, guest mode and the last recordings", async () => {
    await show();
    expect(card.text("label b")).toEqual(["Kitchen", "Bath", "Guest mode"]);
    expect(card.text(".rows b")).toEqual(["words 5", "10:00, Kitchen"]);
    expect(asked("recordings/list")).toEqual([{ limit: 3, content: false }]);
  });

  it("names the day of a recording that is not of today", async () => {
    home.list(recording(5, { transcript: undefined, started_at: "2026-11-23T10:00:00Z", day: "2026-11-23" }));
    await show();
    expect(card.text(".rows b")).toEqual(["Nov 23, 10:00, Kitchen"]);
  });

  it("shows the satellites that it is for, by their devices too", async () => {
    await show({ satellites: ["bath"] });
    expect(card.text("label b")).toEqual(["Bath", "Guest mode"]);
    card.element.setConfig({ type: TYPE, satellites: ["device"] });
    await card.settled();
    expect(card.text("label b")).toEqual(["Kitchen", "Bath", "Guest mode"]);
  });

  it("asks again only when other rows are wanted", async () => {
    await show();
    card.element.setConfig({ type: TYPE, title: "Ears" });
    await card.settled();
    expect(asked("recordings/list")).toHaveLength(1);
    expect(card.text("h2")[0]).toBe("Ears");
    card.element.setConfig({ type: TYPE, rows: 5, show_transcripts: true });
    await card.settled();
    expect(asked("recordings/list").at(-1)).toEqual({ limit: 5, content: true });
    card.element.setConfig({ type: TYPE, rows: 0 });
    await card.settled();
    expect(card.all(".rows")).toEqual([]);
  });

  it("mutes, and shows a refused mute as it is", async () => {
    await show();
    await card.click(".switch");
    expect(asked("settings/set")).toEqual([{ toggle: "muted", on: true, satellite_ids: ["kitchen"] }]);
    home.refuse = "unauthorized";
    await card.click(".switch", 1);
    expect(card.all<HTMLInputElement>(".switch").map(({ checked }) => checked)).toEqual([false, true, false]);
    expect(card.all("[role=alert]")).toHaveLength(1);
    home.refuse = undefined;
    await card.click(".switch", 2);
    expect(asked("settings/set").at(-1)).toEqual({ toggle: "guest_mode", on: true });
    expect(card.all("[role=alert]")).toEqual([]);
  });

  it("asks before it deletes the last or today's, of all for an administrator", async () => {
    await show();
    await card.click(".foot .button");
    expect(asked("recordings/preview")).toEqual([{ scope: "last" }]);
    await show({ satellites: ["bath"] });
    await card.click(".foot .button", 1);
    expect(asked("recordings/preview").at(-1)).toEqual({ scope: "today", satellite_ids: ["bath"] });
  });

  it("lets others do what they may", async () => {
    const of = state();
    of.permissions = { admin: false, listen: false, review: false, control: ["bath"] };
    of.may.guest_mode = false;
    await show({}, of);
    expect(card.all<HTMLInputElement>(".switch").map(({ disabled }) => disabled)).toEqual([true, false, true]);
    expect(asked("recordings/list")).toEqual([]);
    await card.click(".foot .button");
    expect(asked("recordings/preview")).toEqual([{ scope: "last", satellite_ids: ["bath"] }]);
  });

  it("follows what is added and deleted, and what may be heard", async () => {
    await show();
    home.list(recording(6));
    home.event({ type: "added", recordings: [recording(6)] });
    await card.settled();
    expect(card.text(".rows b")).toEqual(["words 6"]);
    home.list();
    home.event({ type: "deleted", recording_ids: ["r6"] });
    await card.settled();
    expect(card.all(".rows")).toEqual([]);
    home.list(recording(7));
    home.event({ type: "reset" });
    await card.settled();
    expect(card.text(".rows b")).toEqual(["words 7"]);
    const of = state();
    of.permissions.listen = false;
    home.state(of);
    await card.settled();
    expect(card.all(".rows")).toEqual([]);
  });

  it("says what cannot be played, until somebody plays again", async () => {
    vi.stubGlobal("AudioContext", undefined);
    await show({ show_play: true });
    await card.click(".play");
    expect(card.text("[role=alert]")).toEqual([textsIn("en", "UTC").error("failed")]);
    useFakeSound();
    await card.click(".play");
    expect(card.all("[role=alert]")).toEqual([]);
    expect(FakeContext.made).toHaveLength(1);
    vi.unstubAllGlobals();
  });

  it("offers nothing to play where that is not wanted", async () => {
    await show();
    expect(card.all(".play")).toEqual([]);
    await show({ show_play: true });
    expect(card.all(".play")).toHaveLength(2);
  });

  it("on the wall has switches alone: no recordings, not even asked for, and nothing to delete", async () => {
    await show({ wall_tablet: true, show_play: true, show_transcripts: true });
    expect(card.text("label b")).toEqual(["Kitchen", "Bath", "Guest mode"]);
    expect(card.all(".rows, .foot, .play, a")).toEqual([]);
    expect(asked("recordings/list")).toEqual([]);
  });
});
