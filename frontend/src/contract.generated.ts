// Written by python -m scripts.contract, from the Python sources. Do not edit.

export const ACCEPT_SCORE = 0.5;
export const KEEP_FALSE_WAKES = ["as_others", "minute", "hour", "day", "week"] as const;
export const KEEP_HOUSE = ["day", "week", "month", "three_months", "eighteen_months", "until_deleted"] as const;
export const KEEP_SATELLITE = [
  "as_others",
  "day",
  "week",
  "month",
  "three_months",
  "eighteen_months",
  "until_deleted",
] as const;
export const KEEP_TRANSCRIPTS = ["as_others", "hour", "day", "week", "month", "three_months"] as const;
export const DOMAIN = "voice_privacy";
export const MAX_THRESHOLD = 0.95;
export const MIN_THRESHOLD = 0.1;
export const LEVELS = ["no_limit", "three_months", "thirty_days", "day", "memory_only", "listen_only", "off"] as const;
export const OVERRIDE_LEVELS = ["listen_only", "memory_only", "off"] as const;
export const PAGE_SIZE = 50;
export const PEAKS = 96;
export const SCORE_STEP = 0.08;
export const UNCHECKED = "unchecked";

export const COMMANDS = [
  "access_log",
  "access_log/rooms",
  "data_flow/get",
  "elsewhere/remove",
  "elsewhere/search",
  "ledger/export",
  "ledger/get",
  "ledger/set",
  "levels/get",
  "levels/preview",
  "levels/set",
  "levels/set_overrides",
  "microphones/figures",
  "microphones/press_to_talk",
  "microphones/set_threshold",
  "microphones/test",
  "options/get",
  "options/set",
  "recordings/days",
  "recordings/delete",
  "recordings/delete_later",
  "recordings/feedback",
  "recordings/get",
  "recordings/held",
  "recordings/keep",
  "recordings/list",
  "recordings/preview",
  "recordings/search",
  "recordings/undo",
  "retention/preview",
  "retention/set",
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
  "satellites/add",
  "satellites/choices",
  "satellites/choose_pipeline",
  "satellites/connect",
  "satellites/search",
  "satellites/take_over",
  "self_test/get",
  "self_test/run",
  "settings/set",
  "subscribe",
  "taught/begin",
  "taught/clip",
  "taught/delete",
  "taught/drop",
  "taught/list",
  "taught/make",
  "taught/save",
  "taught/test",
  "wake_words/choose",
  "wake_words/list",
  "wake_words/remove",
  "wake_words/test",
] as const;
export type Command = (typeof COMMANDS)[number];

export const ERROR_CODES = [
  "audio_folder_missing",
  "backup_under_way",
  "busy",
  "cannot_listen",
  "encryption_unavailable",
  "guest_mode_on",
  "heard_only_in_commands",
  "held_by_level",
  "invalid_request",
  "key_file_lost",
  "microphone_muted",
  "model_disk_full",
  "model_download_failed",
  "model_hash_mismatch",
  "model_not_written",
  "mute_not_held",
  "muted_while_heard",
  "muted_while_tested",
  "no_audio_to_test",
  "not_in_pool",
  "not_kept_now",
  "not_listened",
  "not_loaded",
  "not_saved",
  "playback_cut_off",
  "recording_not_found",
  "recording_unreadable",
  "replaced",
  "sound_unusable",
  "sound_would_be_logged",
  "spoken_replies_left",
  "storage_unreadable",
  "store_failed",
  "store_full",
  "store_in_use",
  "store_no_locks",
  "store_not_permitted",
  "store_not_ready",
  "store_read_only",
  "taught_clips_too_few",
  "taught_name_invalid",
  "taught_too_often",
  "taught_word_exists",
  "taught_word_missing",
  "taught_word_similar",
  "teaching_over",
  "tested_too_often",
  "unauthorized",
  "unknown",
  "wake_engine_unavailable",
  "wake_model",
  "wake_model_archive",
  "wake_model_base_missing",
  "wake_model_damaged",
  "wake_model_exists",
  "wake_model_in_use",
  "wake_model_invalid",
  "wake_model_lfs_pointer",
  "wake_model_missing",
  "wake_model_name_invalid",
  "wake_model_no_score",
  "wake_model_not_removed",
  "wake_model_not_tried",
  "wake_model_operation",
  "wake_model_other_kind",
  "wake_model_too_costly",
  "wake_model_too_large",
  "wake_model_unsupported",
  "wake_model_web_page",
  "wake_model_weights_elsewhere",
  "wakes_itself",
] as const;
export type ErrorCode = (typeof ERROR_CODES)[number];

export const AUDIT_ACTIONS = [
  "changed",
  "deleted",
  "exported",
  "kept",
  "listed",
  "listened",
  "microphone_opened",
  "microphone_tested",
  "reviewed",
  "taken_out",
  "wake_word_tested",
] as const;
export type AuditAction = (typeof AUDIT_ACTIONS)[number];

export const CLIP_KINDS = ["word", "other"] as const;
export type ClipKind = (typeof CLIP_KINDS)[number];

export const CLIP_VERDICTS = [
  "good",
  "silent",
  "too_quiet",
  "clipped",
  "too_short",
  "too_long",
  "cut_off",
  "another_word",
] as const;
export type ClipVerdict = (typeof CLIP_VERDICTS)[number];

export const DELETION_SCOPES = ["all", "day", "false_wakes", "ids", "last", "range", "today"] as const;
export type DeletionScope = (typeof DELETION_SCOPES)[number];

export const FINDING_KINDS = ["iban", "payment_card", "phone", "email", "digits"] as const;
export type FindingKind = (typeof FINDING_KINDS)[number];

export const HEARD_BY = ["both", "microwakeword", "openwakeword", "other"] as const;
export type HeardBy = (typeof HEARD_BY)[number];

export const HOUSE_TOGGLES = [
  "deletion_by_voice",
  "guest_mode",
  "help_improve",
  "household_may_listen",
  "verifier",
] as const;
export type HouseToggle = (typeof HOUSE_TOGGLES)[number];

export const KEEP_FOR = [
  "as_others",
  "minute",
  "hour",
  "day",
  "week",
  "month",
  "three_months",
  "eighteen_months",
  "until_deleted",
] as const;
export type KeepFor = (typeof KEEP_FOR)[number];

export const LEVEL_CAUSES = [
  "area",
  "guest_mode",
  "muted",
  "new_rooms",
  "override",
  "override_unknown",
  "saving_off",
] as const;
export type Cause = (typeof LEVEL_CAUSES)[number];

export const LABELS = ["cut_off", "false_wake", "meant_for_us", "wrong_transcript"] as const;
export type Label = (typeof LABELS)[number];

export const RECORDING_KINDS = ["command", "false_wake", "near_miss"] as const;
export type ListedKind = (typeof RECORDING_KINDS)[number];

export const MODEL_ENGINES = ["openwakeword", "micro"] as const;
export type ModelEngine = (typeof MODEL_ENGINES)[number];

export const MODEL_STATUSES = ["ready", "refused", "hidden", "together"] as const;
export type ModelStatus = (typeof MODEL_STATUSES)[number];

export const NOT_PROPOSED = ["child_safe", "guest_mode", "house_off", "satellite_off"] as const;
export type NotProposed = (typeof NOT_PROPOSED)[number];

export const NOT_REACHABLE = [
  "backup_rows",
  "cloud_agent",
  "cloud_speech_to_text",
  "exported_files",
  "tts_cache",
] as const;
export type NotReachable = (typeof NOT_REACHABLE)[number];

export const PRIVACY_LEVELS = [
  "off",
  "listen_only",
  "memory_only",
  "day",
  "thirty_days",
  "three_months",
  "no_limit",
] as const;
export type PrivacyLevel = (typeof PRIVACY_LEVELS)[number];

export const REQUESTER_KINDS = ["automation", "retention", "user", "voice"] as const;
export type RequesterKind = (typeof REQUESTER_KINDS)[number];

export const RETENTION_SETTINGS = ["keep_false_wakes", "keep_recordings", "keep_transcripts", "storage_limit"] as const;
export type RetentionSetting = (typeof RETENTION_SETTINGS)[number];

export const RIVALS = ["used_by_wyoming", "used_elsewhere"] as const;
export type Rival = (typeof RIVALS)[number];

export const RUN_STATUSES = [
  "done",
  "error",
  "not_done",
  "not_run",
  "not_understood",
  "no_speech",
  "unfinished",
] as const;
export type RunStatus = (typeof RUN_STATUSES)[number];

export const SATELLITE_STATES = ["disconnected", "listening", "muted", "not_listening", "recording"] as const;
export type SatelliteState = (typeof SATELLITE_STATES)[number];

export const SATELLITE_TOGGLES = [
  "help_improve",
  "muted",
  "save_near_misses",
  "save_recordings",
  "save_transcripts",
] as const;
export type SatelliteToggle = (typeof SATELLITE_TOGGLES)[number];

export const SOUND_VERDICTS = ["silent", "clipping", "unspoken", "quiet", "noisy", "good"] as const;
export type SoundVerdict = (typeof SOUND_VERDICTS)[number];
