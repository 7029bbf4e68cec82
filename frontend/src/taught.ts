// Wake words that were taught, among those of models: what can be done with them is nearly the same.
import type { Connection } from "./connection";
import type { TaughtAnswer, TaughtWord } from "./contract.taught";
import type { WakeWordModel } from "./contract.wake-words";

export function listed(word: TaughtWord): WakeWordModel {
  return {
    file: `taught/${word.id}`,
    wake_word: word.id,
    phrase: word.name || word.id,
    engine: null,
    size: 0,
    cost: null,
    status: word.readable ? "ready" : "refused",
    used_file: null,
    reason: null,
    reason_placeholders: null,
    own: true,
    removable: true,
    pipeline: word.pipeline,
    satellites: word.satellites,
    taught: word,
  };
}

// Until the backend is restarted after an update, the page is newer than it: then there are none.
export async function taughtWords(connection: Connection): Promise<TaughtAnswer | undefined> {
  try {
    const none = { words: [], satellites: [], can_teach: false, reason: null, error: null };
    return { ...none, ...(await connection.call<TaughtAnswer>("taught/list")) };
  } catch {
    return undefined;
  }
}

// Taught words come first. Those that are listed among the models as well are told of once.
export function withTaught(models: WakeWordModel[] = [], taught?: TaughtAnswer): WakeWordModel[] {
  if (!taught) return models;
  return [...taught.words.map(listed), ...models.filter((model) => !model.taught)];
}
