import { describe, expect, it } from "vitest";
import type { PrivacyLevel, Satellite, SatelliteState } from "../src/contract";
import type { Connection } from "../src/connection";
import { canTalk, stateDetail, stateLine, stateWord } from "../src/microphone-row";
import type { Texts } from "../src/texts";

const texts = { get: (key: string) => key } as Texts;

const house = { state: { house: { toggles: { guest_mode: { on: false } } } } } as unknown as Connection;

function satellite(state: SatelliteState, silence_reason: string | null = null): Satellite {
  return { state, silence_reason, mute_confirmed: true } as Satellite;
}

describe("a satellite that hears no wake word", () => {
  it.each(["engine_unavailable", "no_engine", "no_model"])("says so and can be talked to: %s", (reason) => {
    const silent = satellite("not_listening", reason);
    expect(stateDetail(texts, house, silent)).toBe(`state.${reason}`);
    expect(canTalk(silent)).toBe(true);
  });

  it("cannot be talked to while no audio arrives", () => {
    const silent = satellite("not_listening", "no_audio");
    expect(stateDetail(texts, house, silent)).toBe("state.no_audio");
    expect(canTalk(silent)).toBe(false);
  });

  it.each(["disconnected", "muted", "recording"] as const)(
    "cannot be talked to when %s, whatever its engine does",
    (state) => {
      expect(canTalk(satellite(state, "engine_unavailable"))).toBe(false);
    },
  );

  it("can be talked to while it listens", () => {
    expect(canTalk(satellite("listening"))).toBe(true);
  });
});

describe("what becomes of what is said", () => {
  const line = (level: PrivacyLevel, on = true): string => {
    const toggles = { save_recordings: { on } };
    const one = { ...satellite("listening"), toggles, level: { level, reasons: [{ cause: "area" }] } };
    return stateLine(texts, house, one as unknown as Satellite);
  };

  it("is told in the line of the state", () => {
    expect(line("memory_only")).toBe("state.listening · state.level_memory_only");
    expect(line("listen_only")).toBe("state.listening · state.keeps_nothing");
    expect(line("memory_only", false)).toBe("state.listening · state.keeps_nothing");
    expect(line("day")).toBe("state.listening");
  });
});

describe("a satellite that is not connected", () => {
  it.each(["used_elsewhere", "used_by_wyoming"])("says which other server uses it: %s", (reason) => {
    const one = satellite("disconnected", reason);
    expect(stateWord(texts, house, one)).toBe("state.used_elsewhere");
    expect(stateDetail(texts, house, one)).toBe(`state.${reason}_detail`);
    expect(canTalk(one)).toBe(false);
  });

  it.each([null, "no_audio"])("is unknown otherwise: %s", (reason) => {
    const one = satellite("disconnected", reason);
    expect(stateWord(texts, house, one)).toBe("state.disconnected");
    expect(stateDetail(texts, house, one)).toBe("state.disconnected_detail");
  });

  it("is used by another server only while it is not connected", () => {
    expect(stateWord(texts, house, satellite("listening", "used_elsewhere"))).toBe("state.listening");
  });
});

describe("a muted satellite", () => {
  it("says that a switch on the device mutes it", () => {
    expect(stateDetail(texts, house, satellite("muted", "muted_by_hardware"))).toBe("state.mute_hardware");
    expect(stateDetail(texts, house, satellite("muted"))).toBe("state.mute_confirmed");
  });
});
