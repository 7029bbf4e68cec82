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

export class Failure extends Error {
  constructor(readonly code: string) {
    super(code);
  }
}

export function failureOf(error: unknown): Failure {
  if (error instanceof Failure) return error;
  const code = (error as { code?: unknown } | null | undefined)?.code;
  return new Failure(typeof code === "string" ? code : "failed");
}

export class Connection {
  state?: HouseState;
  status: Status = "connecting";
  private listeners = new Set<ConnectionListener>();
  private unsubscribe?: () => Promise<void>;
  private retry?: ReturnType<typeof setTimeout>;
  private closed = true;

  constructor(private hass: Hass) {}

  update(hass: Hass): void {
    const was = this.hass.connected;
    this.hass = hass;
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

  async follow<T>(command: Command, fields: object, callback: (event: T) => void): Promise<() => void> {
    try {
      const end = await this.hass.connection.subscribeMessage<T>(callback, {
        type: `${DOMAIN}/${command}`,
        ...fields,
      });
      return () => void end().catch(() => undefined);
    } catch (error) {
      throw failureOf(error);
    }
  }

  async fetch(path: string): Promise<Response> {
    const response = await this.hass.fetchWithAuth(`/api/${DOMAIN}/${path}`, { cache: "no-store" });
    if (response.ok) return response;
    throw new Failure({ 403: "unauthorized", 404: "recording_not_found" }[response.status] ?? "store_not_ready");
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
