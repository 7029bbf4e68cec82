// Whether what is said to a microphone would be kept, and why not.
import type { HouseState, Satellite } from "./contract";

export type Keeping = "guest_mode" | "saving_off" | "recordings";

type Toggles = { guest_mode: { on: boolean } };

export function keepingOf(toggles: Toggles, one: Pick<Satellite, "toggles">): Keeping {
  if (toggles.guest_mode.on) return "guest_mode";
  return one.toggles.save_recordings.on ? "recordings" : "saving_off";
}

// How many microphones of how many keep recordings.
export function keepers({ house, satellites }: Pick<HouseState, "house" | "satellites">): { on: number; all: number } {
  const on = satellites.filter((one) => keepingOf(house.toggles, one) === "recordings").length;
  return { on, all: satellites.length };
}
