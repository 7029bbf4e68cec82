// The one live connection of a page or a card: state, additions and deletions, with reconnection.
import { type Command, DOMAIN, type HouseState, type LiveEvent, type Recording } from "./contract";
import type { Hass } from "./hass";

export type Status = "connecting" | "ready" | "not_loaded" | "offline" | "failed";

export interface ConnectionListener {
  stateChanged?(): void;
  recordingsAdded?(recordings: Recording[]): void;
  recordingsDeleted?(ids: string[]): void;
  recordingsReset?(): void;
}

const RETRY_MILLISECONDS = 2000;

type Placeholders = Record<string, string>;

export class Failure extends Error {
  constructor(
    readonly code: string,
    // What the sentence of this code is filled with, e.g. an operation or a satellite.
    readonly placeholders: Placeholders = {},
  ) {
    super(code);
  }
}

export function failureOf(error: unknown): Failure {
  if (error instanceof Failure) return error;
  const told = error as { code?: unknown; translation_placeholders?: Placeholders | null } | null | undefined;
  return new Failure(typeof told?.code === "string" ? told.code : "failed", told?.translation_placeholders ?? {});
}

export class Connection {
  state?: HouseState;
  status: Status = "connecting";
  private listeners = new Set<ConnectionListener>();
  private unsubscribe?: () => Promise<void>;
  private retry?: ReturnType<typeof setTimeout>;
  private closed = true;
  // Told when the connection is lost, with which everything that is followed ends.
  private readonly followed = new Set<() => unknown>();

  constructor(private hass: Hass) {}

  update(hass: Hass): void {
    const was = this.hass.connected;
    this.hass = hass;
    if (!hass.connected) {
      const lost = [...this.followed];
      this.followed.clear();
      for (const tell of lost) tell();
    }
    if (was !== hass.connected && !this.closed) {
      if (!hass.connected) this.setStatus("offline");
      else if (this.state) this.setStatus("ready");
      // What happened meanwhile was not told.
      if (hass.connected) for (const listener of this.listeners) listener.recordingsReset?.();
    }
  }

  listen(listener: ConnectionListener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  open(): void {
    if (!this.closed) return;
    this.closed = false;
    void this.subscribe();
  }

  close(): void {
    this.closed = true;
    clearTimeout(this.retry);
    void this.unsubscribe?.().catch(() => undefined);
    this.unsubscribe = undefined;
  }

  async call<T>(command: Command, fields: object = {}): Promise<T> {
    try {
      return await this.hass.callWS<T>({ type: `${DOMAIN}/${command}`, ...fields });
    } catch (error) {
      throw failureOf(error);
    }
  }

  // Follow what a command tells until it is ended, or the connection is lost: Home Assistant would ask again by itself,
  // so that a microphone were opened, or recordings deleted, although nobody wants that any more.
  async follow<T>(
    command: Command,
    fields: object,
    callback: (event: T) => void,
    onLost?: (failure: Failure) => unknown,
  ): Promise<() => void> {
    const failure = new Failure("failed");
    // Home Assistant would answer neither now nor later.
    if (!this.hass.connected) throw failure;
    let lost!: () => void;
    const broken = new Promise<never>((_, reject) => (lost = () => reject(failure)));
    this.followed.add(lost);
    try {
      const message = { type: `${DOMAIN}/${command}`, ...fields };
      const asked = this.hass.connection.subscribeMessage<T>(callback, message, { resubscribe: false });
      const end = await Promise.race([asked, broken]);
      const over = (): unknown => onLost?.(failure);
      this.followed.add(over);
      // Afterwards, the number of a lost subscription may be that of another.
      return () => void (this.followed.delete(over) && end().catch(() => undefined));
    } catch (error) {
      throw failureOf(error);
    } finally {
      this.followed.delete(lost);
    }
  }

  async fetch(path: string): Promise<Response> {
    const response = await this.hass.fetchWithAuth(`/api/${DOMAIN}/${path}`, { cache: "no-store" });
    if (response.ok) return response;
    throw new Failure({ 403: "unauthorized", 404: "recording_not_found" }[response.status] ?? "store_not_ready");
  }

  // Upload a form. A refusal tells its code as commands do.
  async send<T>(path: string, form: FormData): Promise<T> {
    let response: Response;
    try {
      response = await this.hass.fetchWithAuth(`/api/${DOMAIN}/${path}`, { method: "POST", body: form });
    } catch {
      throw new Failure("failed");
    }
    const answer: unknown = await response.json().catch(() => null);
    if (response.ok) return answer as T;
    const { code, placeholders } = (answer ?? {}) as { code?: unknown; placeholders?: Placeholders | null };
    if (typeof code === "string") throw new Failure(code, placeholders ?? {});
    throw new Failure({ 403: "unauthorized", 413: "wake_model_too_large" }[response.status] ?? "failed");
  }

  // The sentences of error codes, which few parts of the page need.
  async exceptions(language: string): Promise<Record<string, string>> {
    return await this.words("exceptions", language);
  }

  // Texts of another category than the page's own, which few parts of it need.
  async words(category: string, language: string): Promise<Record<string, string>> {
    const { resources } = await this.hass.callWS<{ resources: Record<string, string> }>({
      type: "frontend/get_translations",
      language,
      category,
      integration: [DOMAIN],
    });
    return resources;
  }

  nameOf(satelliteId: string): string | undefined {
    return this.state?.satellites.find((satellite) => satellite.id === satelliteId)?.name;
  }

  private async subscribe(): Promise<void> {
    try {
      const end = await this.hass.connection.subscribeMessage<LiveEvent>((event) => this.receive(event), {
        type: `${DOMAIN}/subscribe`,
      });
      if (this.closed) void end().catch(() => undefined);
      else this.unsubscribe = end;
    } catch (error) {
      const code = failureOf(error).code;
      // An integration that was never set up does not even know the command.
      this.setStatus(code === "not_loaded" || code === "unknown_command" ? "not_loaded" : "failed");
      this.again();
    }
  }

  private again(): void {
    if (!this.closed) this.retry = setTimeout(() => void this.subscribe(), RETRY_MILLISECONDS);
  }

  private receive(event: LiveEvent): void {
    if (this.closed) return;
    switch (event.type) {
      case "state": {
        const first = this.status !== "ready" && this.state !== undefined;
        this.state = event;
        this.setStatus("ready");
        if (first) for (const listener of this.listeners) listener.recordingsReset?.();
        break;
      }
      case "added":
        for (const listener of this.listeners) listener.recordingsAdded?.(event.recordings);
        break;
      case "deleted":
        for (const listener of this.listeners) listener.recordingsDeleted?.(event.recording_ids);
        break;
      case "reset":
        for (const listener of this.listeners) listener.recordingsReset?.();
        break;
      case "ended":
        void this.unsubscribe?.().catch(() => undefined);
        this.unsubscribe = undefined;
        this.setStatus("not_loaded");
        this.again();
    }
  }

  private setStatus(status: Status): void {
    this.status = status;
    for (const listener of this.listeners) listener.stateChanged?.();
  }
}
