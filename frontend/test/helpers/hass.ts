// Home Assistant's object, with a house behind it that the test speaks for.
import { vi } from "vitest";
import type { HouseState, LiveEvent, Recording } from "../../src/contract";
import type { Hass } from "../../src/hass";
import { resourcesIn, wordsIn } from "./english";

type Message = { type: string } & Record<string, unknown>;

export class FakeHass {
  readonly asked: Message[] = [];
  // What an empty house answers, until a test says something else.
  readonly answers: Record<string, unknown> = {
    "voice_privacy/access_log": { entries: [], more: false },
    "voice_privacy/microphones/figures": { days: [], load: null, satellites: {} },
    "voice_privacy/options/get": {
      options: {
        pipelines: [],
        offer_wake_word: false,
        check_level: false,
        ignore_made_up_text: true,
        members_may_open_microphone: false,
        key_dir: "",
      },
      pipelines: [],
    },
    "voice_privacy/recordings/list": { recordings: [], more: false, days: {} },
    "voice_privacy/recordings/preview": {
      count: 0,
      size: 0,
      satellites: {},
      first: null,
      last: null,
      not_reachable: [],
    },
    "voice_privacy/review/learned": {
      learning: false,
      wakes: 0,
      wakes_needed: 0,
      false_wakes: 0,
      false_wakes_needed: 0,
      learned: [],
    },
    "voice_privacy/review/pool": { clips: [] },
    "voice_privacy/review/reviewers": { users: [] },
    "voice_privacy/review/scores": { thresholds: [], satellites: {} },
  };
  refuse?: string;
  ended = 0;
  private tell?: (event: LiveEvent) => void;

  object(change: Partial<Hass> = {}): Hass {
    return {
      connected: true,
      language: "en",
      locale: { language: "en", time_format: "24", time_zone: "server" },
      config: { time_zone: "UTC" },
      themes: { darkMode: false },
      connection: { subscribeMessage: this.subscribe as Hass["connection"]["subscribeMessage"] },
      callWS: this.call as Hass["callWS"],
      fetchWithAuth: vi.fn(async () => new Response("sound")),
      ...change,
    };
  }

  state(state: HouseState): void {
    this.event({ type: "state", ...structuredClone(state) });
  }

  event(event: LiveEvent): void {
    this.tell?.(event);
  }

  list(...recordings: Recording[]): void {
    this.answers["voice_privacy/recordings/list"] = { recordings, more: false, days: {} };
  }

  private readonly subscribe = async (
    callback: (event: LiveEvent) => void,
    message: Message,
  ): Promise<() => Promise<void>> => {
    this.asked.push(message);
    if (this.refuse) throw { code: this.refuse };
    this.tell = callback;
    return async () => {
      this.ended += 1;
    };
  };

  private readonly call = async (message: Message): Promise<unknown> => {
    if (message.type === "frontend/get_translations") {
      const language = String(message.language);
      const own = message.category === "config_panel";
      return { resources: own ? resourcesIn(language) : wordsIn(String(message.category), language) };
    }
    this.asked.push(message);
    if (this.refuse) throw { code: this.refuse };
    return this.answers[message.type] ?? {};
  };
}
