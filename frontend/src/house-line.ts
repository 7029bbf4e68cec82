// What the house does right now, in words: one line for the strip on every tab.
import type { HouseState, Satellite } from "./contract";
import { keepingOf } from "./keeping";
import { periodKey } from "./level";
import type { Texts } from "./texts";

// Only a satellite whose pipeline was chosen can be muted here, and only what it hears can be kept or deleted here.
export function isProtected({ pipeline }: Satellite): boolean {
  return !pipeline;
}

// Whether somebody may see every room: of the others, nothing is known here, so that nothing may be said of the house.
export function seesAll({ permissions, may }: Pick<HouseState, "permissions" | "may">): boolean {
  return permissions.admin || may.guest_mode;
}

// Whether somebody is shown nothing at all, which is not the same as a house without satellites.
export function seesNothing(state: HouseState): boolean {
  return !state.satellites.length && !seesAll(state);
}

export function houseLine(texts: Texts, state: HouseState): string {
  const { satellites } = state;
  if (seesNothing(state)) return texts.get("household.no_rooms");
  const covered = satellites.filter(isProtected);
  const count = (of: Satellite["state"]): number => covered.filter(({ state }) => state === of).length;
  const listening = count("listening") + count("recording");
  const parts = [
    listening || !satellites.length ? texts.count("listening", listening) : "",
    some(texts, "strip.recording", count("recording")),
    some(texts, "strip.muted", count("muted")),
    some(texts, "strip.not_listening", count("not_listening")),
    some(texts, "strip.unknown", count("disconnected")),
    some(texts, "strip.unprotected", (state.unprotected?.length ?? 0) + satellites.length - covered.length),
    ...keeping(texts, state),
  ];
  const line = new Intl.ListFormat(texts.language, { type: "unit", style: "short" }).format(parts.filter(Boolean));
  if (!seesAll(state)) return texts.get("strip.yours", { line });
  return line.charAt(0).toLocaleUpperCase(texts.language) + line.slice(1);
}

function some(texts: Texts, key: string, count: number): string {
  return count ? texts.get(key, { on: texts.number(count) }) : "";
}

function keeping(texts: Texts, state: HouseState): string[] {
  const { house, satellites } = state;
  const keeps = (satellite: Satellite): boolean => keepingOf(house.toggles, satellite) === "recordings";
  const [on, all] = [satellites.filter((one) => isProtected(one) && keeps(one)).length, satellites.length];
  if (house.store_error) return [texts.get("strip.cannot_save")];
  if (!all) return [];
  if (house.toggles.guest_mode.on) return [texts.get("strip.guests"), ...earlier(texts, state)];
  if (!on) return [texts.get("strip.saving_off"), ...earlier(texts, state)];
  if (on === all && all > 1) return [texts.get("strip.saving_all"), until(texts, state)];
  return [texts.get("strip.saving", { on: texts.number(on), all: texts.number(all) }), until(texts, state)];
}

// Where nothing is saved now, what is said of deletion concerns what was saved before.
function earlier(texts: Texts, state: HouseState): string[] {
  return state.house.recordings ? [texts.get("strip.earlier", { until: until(texts, state) })] : [];
}

// When recordings go by themselves. Satellites may differ from the house.
function until(texts: Texts, { house, satellites }: HouseState): string {
  const periods = new Set(satellites.map((satellite) => periodKey(house, satellite)));
  const [period] = periods;
  if (periods.size !== 1) return texts.get("strip.kept_various");
  return period === "retention.until_deleted"
    ? texts.get("strip.kept")
    : texts.get("strip.kept_for", { period: texts.get(period!) });
}
