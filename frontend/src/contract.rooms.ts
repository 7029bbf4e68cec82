// What the commands of rooms and options take and answer.
import type { Cause, PrivacyLevel, SoundVerdict } from "./contract.generated";

// Why a satellite whose audio arrives hears no wake word all the same: it can still be talked to.
export const ENGINE_FAULTS = ["engine_unavailable", "no_engine", "no_model"] as const;

// The privacy level in force, with every restriction that asks for it.
export interface LevelInForce {
  level: PrivacyLevel;
  // The level that limits how long recordings are kept.
  longest?: PrivacyLevel;
  // The name and the state of an override's entity, where the user may know them.
  reasons: { cause: Cause; name: string | null; state: string | null }[];
}

// How the sound of a satellite reaches Home Assistant.
export type Link = "this_machine" | "encrypted" | "not_encrypted" | "unknown";

// A recording that is in memory only.
export interface Held {
  id: string;
  satellite_id: string;
  started_at: string;
  seconds: number;
  kind: "command" | "false_wake";
  until: string;
  may_keep: boolean;
}

// What was said in them, by id, for whoever may listen to them.
export interface HeldAnswer {
  recordings?: Record<string, { transcript: string | null; reply: string | null }>;
}

export interface Override {
  entity_id: string;
  states: string[];
  level: PrivacyLevel;
  // Null for every room.
  area_id: string | null;
}

export interface LevelsAnswer {
  rooms: { id: string; name: string; level: PrivacyLevel }[];
  new_rooms: PrivacyLevel;
  overrides: (Override & { name: string })[];
  // Those that can be chosen for an override.
  entities: { id: string; name: string; state: string }[];
}

// A satellite of another integration that was not added here, so that nobody watches over it.
export interface Unprotected {
  source: string;
  name: string;
  // Of Home Assistant's own Wyoming integration, from which it can be taken over.
  wyoming: boolean;
}

// A satellite that announces itself on the network, and that nobody has added.
export interface FoundSatellite {
  name: string;
  address: string;
  detects_wake_word: boolean;
}

// What can be chosen for a new satellite.
export interface NewSatelliteChoices {
  wake_words: { id: string; phrase: string }[];
  // The one to begin with.
  wake_word: string | null;
  areas: { id: string; name: string }[];
}

// Counts by day, oldest first and today last; null where nothing is known.
export interface RoomFigures {
  wakes: (number | null)[];
  false_wakes: (number | null)[];
  // Chunks that the wake engine did not hear, and of how many; for administrators.
  lost: [number, number] | null;
}

export interface FiguresAnswer {
  days: string[];
  // The share of the last minute in which the wake engine was at work; for administrators.
  load: number | null;
  satellites: Record<string, RoomFigures>;
}

export interface HouseOptions {
  pipelines: string[];
  offer_wake_word: boolean;
  check_level: boolean;
  ignore_made_up_text: boolean;
  members_may_open_microphone: boolean;
  key_dir: string;
}

export interface OptionsAnswer {
  options: HouseOptions;
  // Those that can be chosen.
  pipelines: { id: string; name: string }[];
}

export type MicrophoneTestEvent =
  | {
      type: "heard";
      // The sound since the last one: 16 kHz, 16 bit, mono, in base64.
      audio: string;
      // Of that sound, in dBFS.
      level: number;
      peak: number;
      // Of everything so far: how often it was cut off, and the noise floor in dBFS.
      clips: number;
      floor: number | null;
      // The highest of the last two seconds, and the threshold, from 0 to 1; null where it is not scored here.
      score: number | null;
      threshold: number | null;
    }
  // The verdict is null where it was ended, with the code of the reason.
  | { type: "ended"; code: string | null; verdict: SoundVerdict | null };
