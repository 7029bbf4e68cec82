import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { HouseState, Satellite } from "../src/contract";
import type { Connection } from "../src/connection";
import { keepers, keepingOf, whyEmpty } from "../src/keeping";
import { stateDetail, stateLine, stateWord } from "../src/microphone-row";
import { textsIn } from "./helpers/english";

const english = JSON.parse(
  readFileSync("../custom_components/voice_privacy/translations/en.json", "utf-8"),
).config_panel;
const texts = textsIn("en");

function houseWith(guests: boolean, ...saving: boolean[]): Connection {
  const satellites = saving.map((on, index) => ({
    id: String(index),
    name: `Room ${index}`,
    state: "listening",
    toggles: { save_recordings: { on } },
  }));
  const house = { toggles: { guest_mode: { on: guests } } };
  return { state: { house, satellites } as unknown as HouseState } as unknown as Connection;
}

function one(house: Connection, changes: Partial<Satellite> = {}): Satellite {
  return { ...house.state!.satellites[0]!, ...changes };
}

describe("what is kept", () => {
  it.each([
    [false, true, "recordings"],
    [false, false, "saving_off"],
    [true, true, "guest_mode"],
    [true, false, "guest_mode"],
  ] as const)("guest mode %s, saving %s: %s", (guests, saving, expected) => {
    const house = houseWith(guests, saving);
    expect(keepingOf(house.state!.house.toggles, one(house))).toBe(expected);
  });

  it.each([
    [false, [true, false, true], { on: 2, all: 3 }],
    [false, [], { on: 0, all: 0 }],
    [true, [true, true], { on: 0, all: 2 }],
  ])("guest mode %s, saving %s: counted", (guests, saving, expected) => {
    expect(keepers(houseWith(guests, ...saving).state!)).toEqual(expected);
  });
});

describe("an empty list", () => {
  const plain = (guests: boolean, ...saving: boolean[]): string[] =>
    whyEmpty(texts, houseWith(guests, ...saving).state!).map((text) => text.replace(/[\u2068\u2069]/g, ""));

  it("says that nothing is kept only where that is so", () => {
    expect(plain(true, true, false)).toEqual(["No recordings yet", "Guest mode is on: nothing is kept in any room."]);
    expect(plain(false, false, false)[1]).toMatch(/^Saving is off for every microphone/);
    expect(plain(false, true, true)[1]).toMatch(/^Say the wake word/);
    expect(plain(false)[1]).toMatch(/^Say the wake word/);
  });

  it("names who keeps and who does not where some do", () => {
    expect(plain(false, true, false)).toEqual([
      "There are no recordings",
      "Recordings are kept from now on for: Room 0. Not for: Room 1.",
    ]);
    expect(plain(false, false, true, false)[1]).toContain("now on for: Room 1. Not for: Room 0 and Room 2.");
  });
});

describe("a microphone's words", () => {
  it("promise a recording only where one is made", () => {
    const kept = houseWith(false, true);
    expect(stateLine(texts, kept, one(kept))).toBe("Listening");
    expect(stateWord(texts, kept, one(kept, { state: "recording" }))).toBe("Recording");
    expect(stateDetail(texts, kept, one(kept))).toContain("The wake word and what is said after it are saved.");
    for (const house of [houseWith(true, true), houseWith(false, false)]) {
      expect(stateLine(texts, house, one(house))).toBe("Listening · keeps nothing");
      expect(stateLine(texts, house, one(house, { state: "recording" }))).toBe("Receiving a command · keeps nothing");
      expect(stateDetail(texts, house, one(house))).toMatch(
        /(Guest mode is on|Saving is off): what is said to it is not kept\.$/,
      );
    }
  });

  it("say nothing of keeping where nothing is heard", () => {
    const house = houseWith(true, true);
    for (const state of ["muted", "disconnected", "not_listening"] as const) {
      expect(stateLine(texts, house, one(house, { state }))).toBe(english.state[state]);
      expect(stateDetail(texts, house, one(house, { state }))).not.toContain("kept.");
    }
  });
});
