// Plays one recording at a time, fetched with the user's token and held in memory until it ends.
//
// Web Audio needs no URL for the sound. A media element would need one: blob: is refused by a strict
// Content-Security-Policy, and a signed URL would put a key to the recording into the logs of proxies.
import { type Connection, Failure, failureOf } from "./connection";

export type PlayerState = "idle" | "loading" | "playing" | "paused";

// What a browser lets play is running well before; what it refuses stays suspended for ever.
const REFUSED_MILLISECONDS = 3000;

export class Player {
  id?: string;
  state: PlayerState = "idle";
  private context?: AudioContext;
  private buffer?: AudioBuffer;
  private source?: AudioBufferSourceNode;
  // When the recording's first sample was due, on the context's clock, which stands still during a pause.
  private began = 0;
  private frame = 0;
  private refusal?: ReturnType<typeof setTimeout>;

  constructor(
    private readonly connection: Connection,
    private readonly changed: () => void,
    private readonly failed: (failure: Failure) => void,
    private readonly folder: "recordings" | "review" = "recordings",
  ) {}

  get progress(): number {
    const { buffer, context } = this;
    if (!buffer?.duration || !context) return 0;
    return Math.min(1, Math.max(0, (context.currentTime - this.began) / buffer.duration));
  }

  async toggle(id: string): Promise<void> {
    if (this.id !== id) await this.start(id, 0);
    else if (this.state === "paused") this.resume();
    else if (this.state === "playing") {
      this.set("paused");
      void this.context?.suspend().catch(() => undefined);
    } else this.stop();
  }

  async seek(id: string, fraction: number): Promise<void> {
    if (this.id !== id) await this.start(id, fraction);
    else if (this.source) this.playFrom(fraction);
    this.changed();
  }

  stop(): void {
    const { context } = this;
    cancelAnimationFrame(this.frame);
    clearTimeout(this.refusal);
    this.context = this.buffer = this.source = this.id = undefined;
    void context?.close().catch(() => undefined);
    this.set("idle");
  }

  // Browsers let sound begin only while they handle a tap or a key, iOS not even after an await in there: the
  // context is made and resumed before anything is waited for.
  private async start(id: string, fraction: number): Promise<void> {
    this.stop();
    this.id = id;
    let context: AudioContext | undefined;
    try {
      context = this.context = new AudioContext();
      context.onstatechange = () => this.follow();
      audible();
      void context.resume().catch(() => undefined);
      this.set("loading");
      const response = await this.connection.fetch(`${this.folder}/${id}/audio`);
      const buffer = await context.decodeAudioData(await response.arrayBuffer());
      if (this.context !== context) return;
      this.buffer = buffer;
      this.playFrom(fraction);
      this.resume();
    } catch (error) {
      if (this.context !== context) return;
      this.stop();
      this.failed(failureOf(error));
    }
  }

  private playFrom(fraction: number): void {
    const { buffer, context } = this;
    if (!buffer || !context) return;
    if (this.source) {
      this.source.onended = null;
      this.source.stop();
    }
    const source = (this.source = context.createBufferSource());
    source.buffer = buffer;
    source.connect(context.destination);
    source.onended = () => {
      if (this.source === source) this.stop();
    };
    const offset = fraction * buffer.duration;
    this.began = context.currentTime - offset;
    source.start(0, offset);
  }

  private resume(): void {
    clearTimeout(this.refusal);
    this.refusal = setTimeout(() => {
      if (this.context?.state === "running") return;
      this.stop();
      this.failed(new Failure("playback_refused"));
    }, REFUSED_MILLISECONDS);
    void this.context?.resume().catch(() => undefined);
    this.follow();
  }

  // A phone call pauses it too, without anybody having asked.
  private follow(): void {
    if (!this.source) return;
    if (this.context?.state === "running") {
      clearTimeout(this.refusal);
      this.set("playing");
      this.tick();
    } else if (this.state === "playing") this.set("paused");
  }

  private tick(): void {
    cancelAnimationFrame(this.frame);
    this.changed();
    if (this.state === "playing") this.frame = requestAnimationFrame(() => this.tick());
  }

  private set(state: PlayerState): void {
    this.state = state;
    this.changed();
  }
}

// Let iPhones play with the silent switch on, as they do with a media element.
export function audible(): void {
  const { audioSession } = navigator as { audioSession?: { type: string } };
  if (audioSession) audioSession.type = "playback";
}
