import { describe, expect, it } from "vitest";
import type { HouseState } from "../src/contract";
import { houseLine } from "../src/house-line";
import { textsIn } from "./helpers/english";
import { satellite, stateOf } from "./helpers/house";

const on = { on: true, changed: null };
const off = { on: false, changed: null };
const toggles = satellite().toggles;
const quiet = { toggles: { ...toggles, save_recordings: off } };

function line(state: HouseState, language = "en"): string {
  return houseLine(textsIn(language, "UTC"), state).replace(/[\u2068\u2069]/g, "");
}

describe("the line in the strip", () => {
  it("counts the microphones by what they do, and says what becomes of what is said", () => {
    const state = stateOf([
      satellite(),
      satellite({ id: "hall", state: "recording" }),
      satellite({ id: "attic", state: "muted", ...quiet }),
      satellite({ id: "cellar", state: "disconnected", ...quiet }),
      satellite({ id: "porch", state: "not_listening", ...quiet }),
    ]);
    state.unprotected = [{ source: "assist_satellite.x", name: "Speaker", wyoming: true }];
    expect(line(state)).toBe(
      "2 microphones listening, 1 recording now, 1 muted, 1 not listening, 1 not connected, 1 not protected, " +
        "saving on for 2 of 5, deleted automatically after 1 month",
    );
  });

  it("does not count where every room saves", () => {
    const both = [satellite(), satellite({ id: "hall" })];
    expect(line(stateOf(both))).toContain("2 microphones listening, saving on in every room, deleted");
    expect(line(stateOf([...both, satellite({ id: "attic", ...quiet })]))).toContain("saving on for 2 of 3");
  });

  it("has the form of each number", () => {
    expect(line(stateOf())).toBe("1 microphone listening, saving on for 1 of 1, deleted automatically after 1 month");
    expect(line(stateOf([]))).toBe("0 microphones listening");
    expect(line(stateOf(), "de")).toBe("1 Mikrofon hört zu, 1 von 1 speichern und Löschfrist: 1 Monat");
  });

  it("says nothing of the house to somebody who does not see all of it", () => {
    const member = {
      permissions: { ...stateOf().permissions, admin: false },
      may: { ...stateOf().may, guest_mode: false },
    };
    expect(line({ ...stateOf(), ...member })).toBe(
      "In the rooms you can see: 1 microphone listening, saving on for 1 of 1, deleted automatically after 1 month",
    );
    expect(line({ ...stateOf([]), ...member })).toBe("No room of this house is shown to you");
    const everywhere = { ...member, may: { ...member.may, guest_mode: true } };
    expect(line({ ...stateOf([]), ...everywhere })).toBe("0 microphones listening");
  });

  it("does not count as listening what nobody can mute here", () => {
    expect(line(stateOf([satellite(), satellite({ id: "app", pipeline: "Home", ...quiet })]))).toContain(
      "1 microphone listening, 1 not protected",
    );
  });

  it.each<[string, (state: HouseState) => void, string]>([
    ["guests", (state) => (state.house.toggles.guest_mode = on), "nothing is saved while guest mode is on"],
    ["a store that is not open", (state) => (state.house.store_error = "store_full"), "nothing can be saved right now"],
    ["no retention", (state) => (state.house.retention.keep_recordings = "until_deleted"), "kept until deleted"],
    [
      "rooms that differ",
      (state) => state.satellites.push(satellite({ id: "hall", keep_recordings: "day" })),
      "deleted automatically after different times",
    ],
    ["saving off", (state) => (state.satellites = [satellite(quiet)]), "saving off"],
  ])("tells of %s", (_, change, words) => {
    const state = stateOf();
    change(state);
    expect(line(state)).toContain(words);
  });

  it("says of which recordings it tells where nothing is saved now", () => {
    const state = stateOf();
    state.house.toggles.guest_mode = on;
    state.house.recordings = 3;
    expect(line(state)).toBe(
      "1 microphone listening, nothing is saved while guest mode is on, " +
        "earlier recordings: deleted automatically after 1 month",
    );
    state.house.recordings = 0;
    expect(line(state)).toBe("1 microphone listening, nothing is saved while guest mode is on");
  });

  it("says nothing of an end where nothing is kept and nothing will be", () => {
    const state = stateOf([satellite(quiet)]);
    state.house.recordings = 0;
    expect(line(state)).toBe("1 microphone listening, saving off");
  });
});
