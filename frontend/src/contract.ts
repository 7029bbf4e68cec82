// What the integration's websocket commands take and answer. Names and choices are generated from Python.
import type {
  AuditAction,
  DeletionScope,
  FindingKind,
  HouseToggle,
  KeepFor,
  Label,
  ListedKind as RecordingKind,
  NotProposed,
  NotReachable,
  RequesterKind,
  RetentionSetting,
  SatelliteState,
  SatelliteToggle,
  UNCHECKED,
} from "./contract.generated";
import type { Detail, Feedback } from "./contract.detail";
import type { Held, LevelInForce, Link, Unprotected } from "./contract.rooms";

export * from "./contract.generated";
export type { ListedKind as RecordingKind } from "./contract.generated";
export { ENGINE_FAULTS } from "./contract.rooms";

export interface Change {
  when: string;
  by: RequesterKind;
  user: string | null;
  satellite_id: string | null;
}

export interface Toggle {
  on: boolean;
  changed: Change | null;
}

// Bytes; null for everybody but administrators, who alone may recognize a recording by them.
export type Size = number | null;

export interface Satellite {
  id: string;
  device_id: string | null;
  name: string;
  state: SatelliteState;
  silence_reason: string | null;
  mute_confirmed: boolean | null;
  // Until the backend is restarted after an update, the page is newer than it.
  toggles: Record<Exclude<SatelliteToggle, "save_near_misses">, Toggle> & { save_near_misses?: Toggle };
  recordings: number;
  false_wakes: number;
  size: Size;
  keep_recordings: KeepFor;
  wakes_today: number;
  false_wakes_today: number;
  // Whether near misses can be known: its sound is scored here.
  is_scored?: boolean;
  wake_words: { id: string; phrase: string; threshold: number; available: boolean }[];
  last_wake: {
    when: string;
    wake_word: string | null;
    score: number | null;
    threshold: number | null;
    started_by: string;
  } | null;
  recording_since: string | null;
  // The name of the pipeline through which it is heard, where that was not chosen: it can then not be watched over.
  // Neither this nor the level is there until the backend is restarted after an update: the page is newer than it.
  pipeline?: string | null;
  level?: LevelInForce;
  link?: Link;
}

export interface Permissions {
  admin: boolean;
  listen: boolean;
  review: boolean;
  control: string[];
}

// Beside what the permissions tell: guest mode, and satellites by what may be done with them.
export interface May {
  guest_mode: boolean;
  open_microphone: string[];
  delete_selected: string[];
}

export interface Retention {
  keep_recordings: KeepFor;
  keep_false_wakes: KeepFor;
  keep_transcripts: KeepFor;
  storage_limit: number;
  changed: Record<RetentionSetting, Change | null>;
}

export interface HouseState {
  permissions: Permissions;
  may: May;
  house: {
    toggles: Record<HouseToggle, Toggle>;
    retention: Retention;
    recordings: number;
    false_wakes: number;
    // Bytes; whole megabytes for everybody but administrators.
    size: number;
    // How many clips wait for review, how often that has changed, whether something is being learned. To a
    // reviewer it only tells that there may be others than before.
    review: [number, number, boolean];
    store_error: string | null;
    settings_lost: boolean;
    // Whether anything was kept since the house was set up, also if it has been deleted. Not there until the
    // backend is restarted after an update.
    ever_kept?: boolean;
    today: string;
  };
  satellites: Satellite[];
  // Only those whose entity the user may see.
  unprotected?: Unprotected[];
  // Newest first; only those that the user may listen to.
  held?: Held[];
}

export interface Recording extends Detail {
  id: string;
  sequence: number;
  satellite_id: string;
  started_at: string;
  day: string;
  seconds: number;
  size: Size;
  kind: RecordingKind;
  // By itself; null when it stays until somebody deletes it.
  deletes_at: string | null;
  transcript?: string | null;
  reply?: string | null;
  language?: string | null;
  started_by?: string;
  wake_word?: string | null;
  score?: number | null;
  threshold?: number | null;
  peaks?: string;
  error?: string;
  // What somebody said was wrong with it.
  feedback?: Feedback | null;
  // Its clip of the review pool, or why it has none; for administrators.
  clip?: { review_id: string; label: Label | null; barred?: boolean; findings?: Finding[] } | null;
  not_reviewed?: NotProposed | null;
}

export interface DaysAnswer {
  // Recordings of each of the last days that has any.
  days: Record<string, number>;
}

export interface DayFigures {
  count: number;
  size: Size;
}

export interface ListAnswer {
  recordings: Recording[];
  more: boolean;
  days: Record<string, DayFigures>;
  counts?: Record<"all" | Exclude<RecordingKind, "near_miss">, number> & { near_miss?: number };
}

export interface Filter {
  first_day?: string | null;
  last_day?: string | null;
  satellite_id?: string | null;
  kind?: RecordingKind | null;
}

export interface DeletionRequest {
  scope: DeletionScope;
  satellite_ids?: string[];
  recording_ids?: string[];
  day?: string;
  start?: string;
  end?: string;
  taught_words?: boolean;
}

export interface Preview {
  count: number;
  size: Size;
  satellites: Record<string, number>;
  first: string | null;
  last: string | null;
}

// Beside it, what a deletion cannot reach.
export interface DeletionPreview extends Preview {
  not_reachable: NotReachable[];
}

// What the delete command tells, in this order, where it is followed.
export type DeletionEvent =
  | { type: "destroying"; total: number }
  | { type: "receipt"; receipt: Receipt }
  | { type: "removing"; left: number }
  // Rows of what was deleted that are still in the recorder's table; null when it cannot be asked.
  | { type: "counted"; rows: number | null }
  | { type: "failed"; code: string };

// What a deletion tells that can be undone: how long, and then its end.
export type UndoEvent = { type: "hidden"; seconds: number } | { type: "undone" } | DeletionEvent;

export interface Receipt {
  asked: number;
  deleted: number;
  already_gone: number;
  pending: number;
  verified: boolean;
  not_reachable: NotReachable[];
  size: Size;
  left: number;
  taught_words?: number;
}

export type Finding = FindingKind | typeof UNCHECKED;

// What a reviewer sees is the first line alone.
export interface PoolClip {
  review_id: string;
  label: Label | null;
  recording_id?: string;
  satellite_id?: string;
  started_at?: string | null;
  kind?: RecordingKind;
  expires_at?: string;
  findings?: Finding[];
  barred?: boolean;
  allowed?: boolean;
}

export interface Reviewer {
  user_id: string;
  name: string;
  on: boolean;
}

export interface LearnedWord {
  phrase: string;
  better: boolean;
  used: boolean;
  wakes: number;
  wakes_before: number;
  wakes_after: number;
  noisy_wakes: number;
  noisy_before: number;
  noisy_after: number;
  false_wakes: number;
  false_before: number;
  false_after: number;
}

export interface LearnedAnswer {
  learning: boolean;
  wakes: number;
  false_wakes: number;
  wakes_needed: number;
  false_wakes_needed: number;
  // Phrases of microWakeWord.
  not_learnable?: string[];
  learned: LearnedWord[];
}

export interface ScoresAnswer {
  thresholds: number[];
  satellites: Record<string, Record<"avoided" | "missed" | "unknown", number[]>>;
}

export interface PoolReceipt {
  taken_out: number;
  left: number;
  unlearned: boolean;
}

export interface LogEntry extends Change {
  until: string;
  times: number;
  deed: AuditAction;
  count: number;
  subject: string | null;
  value: string | null;
}

export type LiveEvent =
  | ({ type: "state" } & HouseState)
  | { type: "added"; recordings: Recording[] }
  | { type: "deleted"; recording_ids: string[] }
  | { type: "reset" }
  | { type: "ended" };

export type SearchEvent =
  | { type: "progress"; done: number; total: number; recordings: Recording[] }
  | { type: "finished"; total: number }
  | { type: "failed"; code: string };
