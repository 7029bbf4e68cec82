// A session in which a wake word is taught, with the clips that were said: the house keeps it only as long as this.
import type { ReactiveController, ReactiveControllerHost } from "lit";
import type { Connection } from "../connection";
import type { ClipKind, ClipVerdict, MadeWord, TeachingEvent, TeachingSession } from "../contract.taught";

export interface Clip {
  verdict: ClipVerdict;
  person: number;
  isShort: boolean;
}

interface TeachingHost extends ReactiveControllerHost {
  readonly connection: Connection;
}

export class Teaching implements ReactiveController {
  session?: TeachingSession;
  clips: Record<ClipKind, Clip[]> = { word: [], other: [] };
  made?: MadeWord;
  private end?: () => void;
  private saving = false;
  // Counts sessions, so that what arrives of an earlier one is nothing.
  private run = 0;

  // Over: it has ended by itself, with the code of an error, or none where the connection was lost.
  constructor(
    private readonly host: TeachingHost,
    private readonly over: (code: string | null) => void,
  ) {
    host.addController(this);
  }

  hostDisconnected(): void {
    this.stop();
  }

  // End it: the clips are dropped.
  stop(): void {
    this.run += 1;
    this.end?.();
    this.end = this.session = this.made = undefined;
    this.clips = { word: [], other: [] };
    this.saving = false;
    this.host.requestUpdate();
  }

  // It is begun as soon as the session is known. Raises Failure.
  async begin(name: string, satelliteId: string, begun: () => void): Promise<void> {
    this.stop();
    const { run } = this;
    const end = await this.host.connection.follow<TeachingEvent>(
      "taught/begin",
      { name, satellite_id: satelliteId, consent: true },
      (event) => {
        // Saving ends the session as well.
        if (run !== this.run || this.saving) return;
        if (event.type === "end") this.ended(event.code);
        else {
          this.session = event;
          begun();
        }
      },
      () => run === this.run && this.ended(null),
    );
    if (run === this.run) this.end = end;
    else end();
  }

  private ended(code: string | null): void {
    this.stop();
    this.over(code);
  }

  hear(kind: ClipKind, clips: Clip[]): void {
    this.clips = { ...this.clips, [kind]: clips };
    this.host.requestUpdate();
  }

  // Make the word of what was said; return whether the session still is the same. Raises Failure.
  async make(): Promise<boolean> {
    const { run } = this;
    const { session } = this.session!;
    const made = await this.host.connection.call<MadeWord>("taught/make", { session });
    if (run !== this.run) return false;
    this.made = made;
    return true;
  }

  // Keep the word; return its id. Raises Failure.
  async save(acceptSimilar: boolean): Promise<string> {
    const { session } = this.session!;
    this.saving = true;
    try {
      const fields = { session, accept_similar: acceptSimilar };
      return (await this.host.connection.call<{ id: string }>("taught/save", fields)).id;
    } finally {
      this.saving = false;
    }
  }
}
