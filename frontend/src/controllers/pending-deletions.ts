// Recordings that are hidden and about to be deleted: each can be kept after all until its time is over.
import type { ReactiveController, ReactiveControllerHost } from "lit";
import { type Connection, Failure, failureOf } from "../connection";
import type { UndoEvent } from "../contract";
import { type Progress, proceed } from "../progress";

// What goes, in words.
export interface Quote {
  text: string | null;
  // When and where it was said.
  about: string;
}

export interface PendingDeletion {
  id: string;
  quote: Quote;
  stage: "waiting" | "deleting" | "done" | "failed";
  // When undoing ends, in milliseconds of this browser's clock.
  until: number;
  progress: Progress;
  failure?: Failure;
  finished?: Date;
  end?: () => void;
}

interface PendingHost extends ReactiveControllerHost {
  readonly connection: Connection;
}

export const SHOWN_MILLISECONDS = 8000;
const TICK = 250;

export class PendingDeletions implements ReactiveController {
  lines: PendingDeletion[] = [];
  private ticking?: ReturnType<typeof setInterval>;
  private readonly timers = new Map<PendingDeletion, ReturnType<typeof setTimeout>>();

  constructor(
    private readonly host: PendingHost,
    // The recording is back.
    private readonly undone: () => void,
  ) {
    host.addController(this);
  }

  // The page is closed: the house deletes what waits.
  hostDisconnected(): void {
    for (const line of this.lines) line.end?.();
    for (const timer of this.timers.values()) clearTimeout(timer);
    this.timers.clear();
    clearInterval(this.ticking);
    this.ticking = undefined;
    this.lines = [];
  }

  // What is waiting goes when the connection is lost, without anybody being told.
  lost(): void {
    for (const line of this.lines) if (line.stage !== "done") this.dismiss(line);
  }

  // Resolves once the recording is hidden. A failure is thrown.
  async begin(id: string, quote: Quote): Promise<void> {
    const line: PendingDeletion = { id, quote, stage: "waiting", until: Infinity, progress: {} };
    line.end = await this.host.connection.follow<UndoEvent>("recordings/delete_later", { recording_id: id }, (event) =>
      this.told(line, event),
    );
    this.lines = [...this.lines, line];
    this.ticking ??= setInterval(() => this.tick(), TICK);
    this.host.requestUpdate();
  }

  // Of several, the last one that was deleted.
  undoLast(): boolean {
    const line = this.lines.findLast(({ stage }) => stage === "waiting");
    if (line) void this.undo(line);
    return line !== undefined;
  }

  async undo(line: PendingDeletion): Promise<void> {
    try {
      await this.host.connection.call("recordings/undo", { recording_id: line.id });
    } catch (error) {
      // It is too late: what comes next says what has become of it.
      if (line.stage === "waiting") line.stage = "deleting";
      const failure = failureOf(error);
      if (failure.code !== "recording_not_found") this.failed(line, failure);
      this.host.requestUpdate();
    }
  }

  dismiss(line: PendingDeletion): void {
    line.end?.();
    clearTimeout(this.timers.get(line));
    this.timers.delete(line);
    this.lines = this.lines.filter((other) => other !== line);
    if (!this.lines.length) {
      clearInterval(this.ticking);
      this.ticking = undefined;
    }
    this.host.requestUpdate();
  }

  secondsLeft(line: PendingDeletion): number {
    return Math.max(0, Math.ceil((line.until - Date.now()) / 1000));
  }

  private told(line: PendingDeletion, event: UndoEvent): void {
    switch (event.type) {
      case "hidden":
        line.until = Date.now() + event.seconds * 1000;
        break;
      case "undone":
        this.dismiss(line);
        this.undone();
        break;
      case "failed":
        this.failed(line, new Failure(event.code));
        break;
      case "receipt":
        line.stage = "done";
        line.finished = new Date();
        line.progress = proceed(line.progress, event);
        this.linger(line);
        break;
      case "destroying":
      case "removing":
      case "counted":
        line.progress = proceed(line.progress, event);
    }
    this.host.requestUpdate();
  }

  private failed(line: PendingDeletion, failure: Failure): void {
    line.stage = "failed";
    line.failure = failure;
    this.linger(line);
  }

  private linger(line: PendingDeletion): void {
    this.timers.set(
      line,
      setTimeout(() => this.dismiss(line), SHOWN_MILLISECONDS),
    );
  }

  private tick(): void {
    for (const line of this.lines) {
      if (line.stage === "waiting" && this.secondsLeft(line) === 0) line.stage = "deleting";
    }
    this.host.requestUpdate();
  }
}
