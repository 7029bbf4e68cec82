// Whether what is said to a microphone would be kept, and why not.
import type { HouseState, Satellite } from "./contract";
import type { Texts } from "./texts";

export type Keeping = "guest_mode" | "saving_off" | "level" | "memory" | "recordings";

type Toggles = { guest_mode: { on: boolean } };

export function keepingOf(toggles: Toggles, { toggles: own, level }: Pick<Satellite, "toggles" | "level">): Keeping {
  if (toggles.guest_mode.on) return "guest_mode";
  if (!own.save_recordings.on) return "saving_off";
  if (level?.level === "memory_only") return "memory";
  // Of a microphone that is only muted by hand, it is still said what is kept of it once it is on.
  const restricted = level?.reasons.some(({ cause }) => cause !== "muted");
  return restricted && ["off", "listen_only"].includes(level!.level) ? "level" : "recordings";
}

// How many microphones of how many keep recordings.
export function keepers({ house, satellites }: Pick<HouseState, "house" | "satellites">): { on: number; all: number } {
  const on = satellites.filter((satellite) => keepingOf(house.toggles, satellite) === "recordings").length;
  return { on, all: satellites.length };
}

// Title and explanation of an empty list: what is said from now on, and to whom.
export function whyEmpty(
  texts: Texts,
  { house, satellites }: Pick<HouseState, "house" | "satellites">,
): [string, string] {
  const title = texts.get("recordings.none");
  if (house.toggles.guest_mode.on) return [title, texts.get("recordings.none_guest")];
  const names = (kept: boolean): string[] =>
    satellites.filter((satellite) => satellite.toggles.save_recordings.on === kept).map((satellite) => satellite.name);
  const [on, off] = [names(true), names(false)];
  if (!off.length) return [title, texts.get("recordings.none_detail")];
  if (!on.length) return [title, texts.get("recordings.none_off")];
  return [
    texts.get("recordings.none_yet"),
    texts.get("recordings.none_some", { on: texts.list(on), off: texts.list(off) }),
  ];
}
