// The privacy level of a room, and why it is in force, in one line.
import type { HouseState, Satellite } from "./contract";
import type { LevelInForce } from "./contract.rooms";
import type { Texts } from "./texts";

export function levelLine(texts: Texts, { level, reasons }: LevelInForce): string {
  const told = reasons.map(({ cause, name, state }) => {
    const hidden = cause.startsWith("override") && name === null ? "_hidden" : "";
    return texts.get(`state.by_${cause}${hidden}`, { name: name ?? "", state: state ?? "" });
  });
  return texts.get("level.because", { level: texts.get(`state.level_${level}`), reasons: texts.list(told) });
}

const DAYS: Record<string, number> = {
  day: 1,
  week: 7,
  thirty_days: 30,
  month: 31,
  three_months: 92,
  eighteen_months: 549,
};

// The text for how long recordings of a satellite are kept: what is set, unless the level of its room allows less.
export function periodKey({ retention }: HouseState["house"], { keep_recordings, level }: Satellite): string {
  const keep = keep_recordings === "as_others" ? retention.keep_recordings : keep_recordings;
  const longest = level?.longest ?? "";
  return (DAYS[longest] ?? Infinity) < (DAYS[keep] ?? Infinity) ? `state.level_${longest}` : `retention.${keep}`;
}
