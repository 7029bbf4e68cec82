// What the commands for wake word models answer.
import type { ModelEngine, ModelStatus } from "./contract.generated";
import type { TaughtWord } from "./contract.taught";

export interface WakeWordModel {
  // Its path below the model folder, with "/".
  file: string;
  wake_word: string;
  phrase: string;
  engine: ModelEngine | null;
  size: number;
  // Milliseconds per chunk of 80 ms and satellite, as measured on that machine.
  cost: number | null;
  // Hidden: another file of the same wake word is used.
  status: ModelStatus;
  used_file: string | null;
  // The code of the error for which it is refused.
  reason: string | null;
  reason_placeholders: Record<string, string> | null;
  own: boolean;
  removable: boolean;
  // The name of a pipeline that wakes with it, at our wake word entity. Missing in answers of older versions.
  pipeline?: string | null;
  // It was taught here: no file holds it.
  taught?: TaughtWord;
  satellites: string[];
}

export interface WakeWordsAnswer {
  models: WakeWordModel[];
  // Whether these are all files of the folder.
  complete: boolean;
  // Below Home Assistant's configuration folder.
  folder: string;
  // The wake words that are chosen, of each satellite where they can be.
  satellites: Record<string, string[]>;
}

export type WakeWordTestEvent =
  // The level in dBFS; score and threshold from 0 to 1.
  | { type: "heard"; level: number; score: number; threshold: number; woke: boolean }
  | { type: "ended"; code: string | null };

// Bytes; the largest model that Home Assistant takes.
export const MAX_MODEL_SIZE = 16 * 1024 * 1024;
