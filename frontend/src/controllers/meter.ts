// What a satellite hears right now, as a level: the same test that a wake word model is tried with.
import type { ReactiveController, ReactiveControllerHost } from "lit";
import type { Connection } from "../connection";
import type { Satellite } from "../contract";
import type { WakeWordsAnswer, WakeWordTestEvent } from "../contract.wake-words";

// Below it is silence, above it is as loud as can be sent: both in dBFS.
const SILENCE = -60;
const LOUD = -6;

interface MeterHost extends ReactiveControllerHost {
  readonly connection: Connection;
}

export class Meter implements ReactiveController {
  // Of the satellite that is measured; 0 to 1.
  level = 0;
  satellite?: string;
  private end?: () => void;
  private run = 0;

  constructor(private readonly host: MeterHost) {
    host.addController(this);
  }

  hostDisconnected(): void {
    this.stop();
  }

  stop(): void {
    this.run += 1;
    this.end?.();
    this.end = undefined;
    this.satellite = undefined;
    this.level = 0;
    this.host.requestUpdate();
  }

  // Measure what a satellite hears. Raises Failure where that cannot be known, e.g. while it is muted.
  async start({ id, wake_words }: Satellite): Promise<void> {
    this.stop();
    const { run } = this;
    const { connection } = this.host;
    const { models } = await connection.call<WakeWordsAnswer>("wake_words/list");
    const words = wake_words.map((word) => word.id);
    const model = models.find(({ wake_word, status }) => status === "ready" && words.includes(wake_word));
    if (!model || run !== this.run) return;
    this.satellite = id;
    this.host.requestUpdate();
    let end: () => void;
    try {
      end = await connection.follow<WakeWordTestEvent>(
        "wake_words/test",
        { satellite_id: id, file: model.file },
        (event) => {
          if (run === this.run) this.receive(event);
        },
        () => run === this.run && this.stop(),
      );
    } catch (error) {
      if (run === this.run) this.stop();
      throw error;
    }
    if (run === this.run) this.end = end;
    else end();
  }

  private receive(event: WakeWordTestEvent): void {
    if (event.type === "ended") {
      this.stop();
      return;
    }
    this.level = Math.min(1, Math.max(0, (event.level - SILENCE) / (LOUD - SILENCE)));
    this.host.requestUpdate();
  }
}
