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
    expect(page.all(".talk")).toHaveLength(1);
    await page.click(".talk");
    expect(house.fieldsOf("microphones/press_to_talk")).toEqual([{ satellite_id: "kitchen" }]);
    expect(page.details("vp-notify")).toEqual([expect.stringContaining("Kitchen")]);
    house.refuse = "cannot_listen";
    await page.click(".talk");
    expect(page.details("vp-notify")[1]).not.toContain("Kitchen");
  });

  it("show a threshold while it is moved, and set it when it is let go", async () => {
    await show(satellite());
    await page.enter("#threshold-kitchen", "70", "input");
    expect(page.text(".threshold bdi")).toEqual(["70%"]);
    expect(house.fieldsOf("microphones/set_threshold")).toEqual([]);
    await page.enter("#threshold-kitchen", "75", "input", "change");
    expect(house.fieldsOf("microphones/set_threshold")).toEqual([{ satellite_id: "kitchen", threshold: 0.75 }]);
    // What the house has is shown from now on.
    expect(page.text(".threshold bdi")).toEqual(["50%"]);
  });

  it.each([
    [null, "None since restart"],
    [{ score: 0.91, threshold: 0.5, started_by: "wake_word", wake_word: "Okay Nabu" }, "91% · 10:00"],
    [{ score: null, threshold: null, started_by: "satellite", wake_word: null }, "10:00"],
  ])("tell the last wake: %o", async (wake, expected) => {
    await show(satellite({ last_wake: wake && { when: "2026-11-24T10:00:00Z", ...wake } }));
    expect(page.all("dd")[1]!.textContent.replace(/\s+/g, " ").trim()).toBe(expected);
  });

  it.each([
    ["button", "by button, 10:00"],
    ["conversation", "asked by Home Assistant, 10:00"],
  ])("tell a %s from a wake word", async (started_by, expected) => {
    const wake = { when: "2026-11-24T10:00:00Z", score: null, threshold: null, started_by, wake_word: null };
    await show(satellite({ last_wake: wake }));
    expect(page.text("dd")[1]).toBe(expected);
  });

  it("that nobody has added yet can be added by an administrator", async () => {
    await show();
    expect(page.all("a.button")).toHaveLength(1);
    house.change(({ permissions }) => (permissions.admin = false));
    await page.settled();
    expect(page.all("a.button")).toEqual([]);
  });
});
