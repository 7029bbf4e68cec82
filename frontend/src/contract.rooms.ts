// What the commands of rooms and options take and answer.

// A satellite of another integration that was not added here, so that nobody watches over it.
export interface Unprotected {
  source: string;
  name: string;
  // Of Home Assistant's own Wyoming integration, from which it can be taken over.
  wyoming: boolean;
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
