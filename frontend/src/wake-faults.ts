// What keeps wake words from being heard, whatever the models are.
import type { Satellite } from "./contract";
import type { WakeWordsAnswer } from "./contract.wake-words";
import type { Texts } from "./texts";
import { wordKey } from "./word-key";

export function faultsOf(texts: Texts, satellites: Satellite[], answer: WakeWordsAnswer): string[] {
  const notes: string[] = [];
  if (satellites.some(({ silence_reason }) => silence_reason === "engine_unavailable")) {
    notes.push(texts.get("state.engine_unavailable"));
  }
  const known = new Set(answer.models.map(({ wake_word }) => wordKey(wake_word)));
  const missing = new Map<string, string[]>();
  for (const { id, name, wake_words } of satellites) {
    for (const word of answer.satellites[id] ?? []) {
      if (known.has(wordKey(word))) continue;
      const phrase = wake_words.find((one) => one.id === word)?.phrase ?? word;
      missing.set(phrase, [...(missing.get(phrase) ?? []), name]);
    }
  }
  for (const [phrase, names] of missing) {
    notes.push(texts.get("wake_words.missing", { phrase, satellites: texts.list(names) }));
  }
  if (!answer.complete) notes.push(texts.get("wake_words.incomplete"));
  return notes;
}
