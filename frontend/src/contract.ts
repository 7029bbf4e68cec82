// What the integration's websocket commands take and answer; tests/contract.test.ts compares it with Python.

export const DOMAIN = "voice_privacy";
export const PAGE_SIZE = 50;
export const PEAKS = 96;
export const MIN_THRESHOLD = 0.1;
export const MAX_THRESHOLD = 0.95;

export const COMMANDS = [
  "subscribe",
  "recordings/list",
  "recordings/get",
  "recordings/search",
  "recordings/preview",
  "recordings/delete",
  "settings/set",
  "retention/preview",
  "retention/set",
  "microphones/press_to_talk",
  "microphones/set_threshold",
  "access_log",
  "review/allow",
  "review/label",
  "review/learned",
  "review/list",
  "review/pool",
  "review/reviewers",
  "review/scores",
  "review/set_reviewer",
  "review/take_out",
  "review/transcript",
] as const;
export type Command = (typeof COMMANDS)[number];

export const STATES = ["disconnected", "listening", "muted", "not_listening", "recording"] as const;
export type SatelliteState = (typeof STATES)[number];
// Why a satellite whose audio arrives hears no wake word all the same: it can still be talked to.
export const ENGINE_FAULTS = ["engine_unavailable", "no_engine", "no_model"] as const;
export const KINDS = ["command", "false_wake"] as const;
export type Kind = (typeof KINDS)[number];
export const SCOPES = ["all", "day", "false_wakes", "ids", "last", "range", "today"] as const;
export type Scope = (typeof SCOPES)[number];
export const DEEDS = [
  "changed",
  "deleted",
  "exported",
  "listed",
  "listened",
  "microphone_opened",
  "reviewed",
  "taken_out",
] as const;
export type Deed = (typeof DEEDS)[number];
export const ERRORS = [
  "busy",
  "cannot_listen",
  "encryption_unavailable",
  "invalid_request",
  "key_file_lost",
  "not_in_pool",
  "not_listened",
  "not_loaded",
  "not_saved",
  "recording_not_found",
  "recording_unreadable",
  "replaced",
  "store_failed",
  "store_full",
  "store_in_use",
  "store_not_ready",
  "unauthorized",
] as const;

export interface Change {
  when: string;
  by: "automation" | "retention" | "user" | "voice";
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
  toggles: Record<"help_improve" | "muted" | "save_recordings" | "save_transcripts", Toggle>;
  recordings: number;
  false_wakes: number;
  size: Size;
  keep_recordings: string;
  wakes_today: number;
  false_wakes_today: number;
  wake_words: { id: string; phrase: string; threshold: number; available: boolean }[];
  last_wake: {
    when: string;
    wake_word: string | null;
    score: number | null;
    threshold: number | null;
    started_by: string;
  } | null;
  recording_since: string | null;
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

export const RETENTION_SETTINGS = ["keep_false_wakes", "keep_recordings", "keep_transcripts", "storage_limit"] as const;
export type RetentionSetting = (typeof RETENTION_SETTINGS)[number];
export const KEEP_HOUSE = ["day", "week", "month", "three_months", "eighteen_months", "until_deleted"];
export const KEEP_SATELLITE = ["as_others", ...KEEP_HOUSE];
export const KEEP_FALSE_WAKES = ["as_others", "minute", "hour", "day", "week"];

export const KEEP_TRANSCRIPTS = ["as_others", "hour", "day", "week", "month", "three_months"];

export interface Retention {
  keep_recordings: string;
  keep_false_wakes: string;
  keep_transcripts: string;
  storage_limit: number;
  changed: Record<RetentionSetting, Change | null>;
}

export interface HouseState {
  permissions: Permissions;
  may: May;
  house: {
    toggles: Record<"deletion_by_voice" | "guest_mode" | "help_improve" | "household_may_listen" | "verifier", Toggle>;
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
    today: string;
  };
  satellites: Satellite[];
}

export interface Recording {
  id: string;
  sequence: number;
  satellite_id: string;
  started_at: string;
  day: string;
  seconds: number;
  size: Size;
  kind: Kind;
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
}

export interface DayFigures {
  count: number;
  size: Size;
}

export interface ListAnswer {
  recordings: Recording[];
  more: boolean;
  days: Record<string, DayFigures>;
  counts?: Record<"all" | Kind, number>;
}

export interface Filter {
  first_day?: string | null;
  last_day?: string | null;
  satellite_id?: string | null;
  kind?: Kind | null;
}

export interface DeletionRequest {
  scope: Scope;
  satellite_ids?: string[];
  recording_ids?: string[];
  day?: string;
  start?: string;
  end?: string;
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
  not_reachable: Receipt["not_reachable"];
}

export const NOT_REACHABLE = ["backup_rows", "cloud_agent", "cloud_speech_to_text", "exported_files", "tts_cache"] as const;

// What the delete command tells, in this order, where it is followed.
export type DeletionEvent =
  | { type: "destroying"; total: number }
  | { type: "receipt"; receipt: Receipt }
  | { type: "removing"; left: number }
  // Rows of what was deleted that are still in the recorder's table; null when it cannot be asked.
  | { type: "counted"; rows: number | null }
  | { type: "failed"; code: string };

export interface Receipt {
  asked: number;
  deleted: number;
  already_gone: number;
  pending: number;
  verified: boolean;
  not_reachable: (typeof NOT_REACHABLE)[number][];
  size: Size;
  left: number;
}

export const LABELS = ["meant_for_us", "false_wake", "cut_off", "wrong_transcript"] as const;
export type Label = (typeof LABELS)[number];
export const FINDINGS = ["digits", "email", "iban", "payment_card", "phone", "unchecked"] as const;

// What a reviewer sees is the first line alone.
export interface PoolClip {
  review_id: string;
  label: Label | null;
  recording_id?: string;
  satellite_id?: string;
  started_at?: string | null;
  kind?: Kind;
  expires_at?: string;
  findings?: (typeof FINDINGS)[number][];
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
  deed: Deed;
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
