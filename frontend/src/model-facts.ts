// What is told of a wake word below its name: where it comes from, and what it costs.
import type { TaughtWord } from "./contract.taught";
import type { WakeWordModel } from "./contract.wake-words";
import type { Texts } from "./texts";

const ENGINES = { openwakeword: "openWakeWord", micro: "microWakeWord" };
// Milliseconds of computing per 80 ms of sound, up to which a model costs little or a moderate amount.
const LIGHT = 1;
const MODERATE = 4;

export function factsOf(texts: Texts, model: WakeWordModel, today: string): string[] {
  const { status, size, engine, cost, own, taught } = model;
  if (taught) return factsOfTaught(texts, taught, today);
  return [
    engine ? ENGINES[engine] : undefined,
    own && status === "refused" ? undefined : texts.get(own ? "wake_words.own" : "wake_words.published"),
    texts.size(size),
    cost === null ? undefined : costOf(texts, cost),
  ].filter((fact) => fact !== undefined);
}

function factsOfTaught(texts: Texts, word: TaughtWord, today: string): string[] {
  const counted: [string, number][] = [
    ["clips", word.clips],
    ["people", word.people],
    ["others", word.anti_examples],
  ];
  return [
    ...(word.created ? [texts.get("teach.taught", { day: texts.dayName(word.created, today) })] : []),
    ...counted
      .filter(([, count]) => count)
      .map(([key, count]) => texts.get(`teach.fact_${key}`, { count: texts.number(count) })),
    ...(word.is_short ? [texts.get("teach.fact_short")] : []),
  ];
}

function costOf(texts: Texts, milliseconds: number): string {
  const cost = texts.number(milliseconds, { style: "unit", unit: "millisecond", maximumSignificantDigits: 2 });
  const load =
    milliseconds <= LIGHT
      ? "wake_words.load_low"
      : milliseconds <= MODERATE
        ? "wake_words.load_moderate"
        : "wake_words.load_high";
  return texts.get("wake_words.cost", { cost, load: texts.get(load) });
}
