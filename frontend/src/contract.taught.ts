// What the commands for taught wake words answer.
import type { ClipVerdict } from "./contract.generated";

export type { ClipKind, ClipVerdict } from "./contract.generated";

export interface TaughtWord {
  id: string;
  name: string;
  // A day. Of words that cannot be opened, neither this nor the name is known.
  created: string | null;
  clips: number;
  anti_examples: number;
  people: number;
  satellites: string[];
  pipeline: string | null;
  is_short: boolean;
  readable: boolean;
}

export interface TaughtAnswer {
  words: TaughtWord[];
  // Where it can be taught: obstacle is the code of the reason why it cannot be there now.
  satellites: { id: string; name: string; obstacle: string | null }[];
  can_teach: boolean;
  // Why not, and why none of the words can be opened: codes of errors.
  reason: string | null;
  error: string | null;
}

export interface TeachingSession {
  type: "session";
  session: string;
  id: string;
  name: string;
  wanted: number;
  anti_wanted: number;
}

export type TeachingEvent = TeachingSession | { type: "end"; code: string | null };

export type ClipEvent =
  | { type: "level"; level_dbfs: number; seconds: number }
  | {
      type: "clip";
      index: number;
      verdict: ClipVerdict;
      is_short: boolean;
      seconds: number;
      // Of all clips of this kind: what one is taken for depends on the others.
      verdicts: ClipVerdict[];
    }
  | { type: "end"; code: string | null };

export interface MadeWord {
  // Other wake words that sound alike.
  similar: { id: string; name: string; score: number }[];
  is_short: boolean;
}

export type TaughtTestEvent =
  | { type: "heard"; level: number; score: number; threshold: number; heard: number; seconds: number }
  | { type: "end"; code: string | null };

export interface TaughtReceipt {
  verified: boolean;
}
