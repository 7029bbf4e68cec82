// A house behind a connection: what it answers is set by the test, what it is asked is kept.
import type { Command, HouseState, Recording, Satellite } from "../../src/contract";
import { type Connection, type ConnectionListener, Failure } from "../../src/connection";
import { exceptionsIn, wordsIn } from "./english";

type Fields = Record<string, unknown>;
type Answer = (fields: Fields) => unknown;

const off = { on: false, changed: null };
const on = { on: true, changed: null };

export function satellite(change: Partial<Satellite> = {}): Satellite {
  return {
    id: "kitchen",
    device_id: "device",
    name: "Kitchen",
    state: "listening",
    silence_reason: null,
    mute_confirmed: null,
    toggles: { help_improve: off, muted: off, save_near_misses: off, save_recordings: on, save_transcripts: on },
    recordings: 2,
    false_wakes: 0,
    size: 2000,
    keep_recordings: "as_others",
    wakes_today: 1,
    false_wakes_today: 0,
    is_scored: true,
    wake_words: [{ id: "okay_nabu", phrase: "Okay Nabu", threshold: 0.5, available: true }],
    last_wake: null,
    recording_since: null,
    pipeline: null,
    ...change,
  };
}

export function stateOf(satellites: Satellite[] = [satellite()]): HouseState {
  return {
    permissions: { admin: true, listen: true, review: true, control: satellites.map(({ id }) => id) },
    may: { guest_mode: true, open_microphone: [], delete_selected: [] },
    house: {
      toggles: { deletion_by_voice: off, guest_mode: off, help_improve: off, household_may_listen: off, verifier: off },
      retention: {
        keep_recordings: "month",
        keep_false_wakes: "as_others",
        keep_transcripts: "as_others",
        storage_limit: 1000,
        changed: { keep_recordings: null, keep_false_wakes: null, keep_transcripts: null, storage_limit: null },
      },
      recordings: 2,
      false_wakes: 0,
      size: 2000,
      review: [0, 0, false],
      store_error: null,
      settings_lost: false,
      today: "2026-11-24",
    },
    satellites,
    unprotected: [],
  };
}

export function recording(sequence: number, change: Partial<Recording> = {}): Recording {
  return {
    id: `r${sequence}`,
    sequence,
    satellite_id: "kitchen",
    started_at: "2026-11-24T10:00:00Z",
    day: "2026-11-24",
    seconds: 2,
    size: 100,
    kind: "command",
    deletes_at: null,
    transcript: `words ${sequence}`,
    ...change,
  };
}

export class FakeConnection {
  state: HouseState = stateOf();
  status = "ready";
  readonly asked: [string, Fields][] = [];
  readonly answers: Partial<Record<Command, Answer>> = {};
  readonly listeners = new Set<ConnectionListener>();
  // What is followed, newest last: what it was asked, how it is told, and whether it was ended.
  readonly followed: {
    fields: Fields;
    tell: (event: never) => void;
    lose?: (failure: Failure) => unknown;
    ended: boolean;
  }[] = [];
  // The code with which everything is refused.
  refuse?: string;
  // What the sentence of that code is filled with.
  placeholders: Record<string, string> = {};
  // What is fetched, by path; nothing else is there.
  readonly files: Record<string, Response> = {};

  // As the elements and controllers take it.
  get real(): Connection {
    return this as unknown as Connection;
  }

  listen(listener: ConnectionListener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  async call(command: Command, fields: Fields = {}): Promise<unknown> {
    this.asked.push([command, fields]);
    if (this.refuse) throw new Failure(this.refuse, this.placeholders);
    return this.answers[command]?.(fields) ?? {};
  }

  async follow(
    command: Command,
    fields: Fields,
    tell: (event: never) => void,
    lose?: (failure: Failure) => unknown,
  ): Promise<() => void> {
    this.asked.push([command, fields]);
    if (this.refuse) throw new Failure(this.refuse);
    const followed = { fields, tell, lose, ended: false };
    this.followed.push(followed);
    return () => {
      followed.ended = true;
    };
  }

  async fetch(path: string): Promise<Response> {
    this.asked.push([path, {}]);
    if (this.refuse) throw new Failure(this.refuse);
    const file = this.files[path];
    if (!file) throw new Failure("recording_not_found");
    return file;
  }

  // Forms that were uploaded, by path.
  readonly sent: [string, FormData][] = [];
  // What an upload is answered with.
  uploaded: (form: FormData) => unknown = (form) => ({ file: (form.get("model") as File).name });

  async send(path: string, form: FormData): Promise<unknown> {
    this.sent.push([path, form]);
    return await this.uploaded(form);
  }

  async exceptions(language: string): Promise<Record<string, string>> {
    return exceptionsIn(language);
  }

  // What was asked with a command, oldest first.
  fieldsOf(command: string): Fields[] {
    return this.asked.filter(([asked]) => asked === command).map(([, fields]) => fields);
  }

  // Something of the house has changed.
  change(change: (state: HouseState) => void): void {
    this.state = structuredClone(this.state);
    change(this.state);
    for (const listener of this.listeners) listener.stateChanged?.();
  }

  // Texts of the integration's forms, by their whole keys.
  async words(category: string, language: string): Promise<Record<string, string>> {
    return wordsIn(category, language);
  }

  nameOf(id: string): string | undefined {
    return this.state.satellites.find((known) => known.id === id)?.name;
  }
}
