// One shared audio element: fetched with the user's token, held in memory, forgotten when it ends.
import { type Failure, failureOf, type Connection } from "./connection";

export type PlayerState = "idle" | "loading" | "playing" | "paused";

export class Player {
  id?: string;
  state: PlayerState = "idle";
  readonly audio = new Audio();
  private url?: string;
  private frame = 0;

  constructor(
    private readonly connection: Connection,
    private readonly changed: () => void,
    private readonly failed: (failure: Failure) => void,
    private readonly folder: "recordings" | "review" = "recordings",
  ) {
    this.audio.addEventListener("ended", () => this.stop());
    this.audio.addEventListener("play", () => this.tick());
  }

  get progress(): number {
    return this.audio.duration > 0 ? Math.min(1, this.audio.currentTime / this.audio.duration) : 0;
  }

  async toggle(id: string, from = 0): Promise<void> {
    if (this.id === id && this.state === "playing") {
      this.audio.pause();
      this.set("paused");
      return;
    }
    if (this.id === id && this.state === "paused") {
      this.set("playing");
      await this.audio.play();
      return;
    }
    await this.start(id, from);
  }

  async seek(id: string, fraction: number): Promise<void> {
    if (this.id !== id || !this.url) await this.start(id, fraction);
    else this.audio.currentTime = fraction * this.audio.duration;
    this.changed();
  }

  stop(): void {
    cancelAnimationFrame(this.frame);
    this.audio.pause();
    this.audio.removeAttribute("src");
    if (this.url) URL.revokeObjectURL(this.url);
    this.url = this.id = undefined;
    this.set("idle");
  }

  private async start(id: string, from: number): Promise<void> {
    this.stop();
    this.id = id;
    this.set("loading");
    try {
      const blob = await (await this.connection.fetch(`${this.folder}/${id}/audio`)).blob();
      if (this.id !== id) return;
      this.url = URL.createObjectURL(blob);
      this.audio.src = this.url;
      await this.audio.play();
      if (from > 0) this.audio.currentTime = from * this.audio.duration;
      this.set("playing");
    } catch (error) {
      if (this.id !== id) return;
      this.stop();
      if ((error as Error).name !== "AbortError") this.failed(failureOf(error));
    }
  }

  private tick(): void {
    cancelAnimationFrame(this.frame);
    this.changed();
    if (!this.audio.paused) this.frame = requestAnimationFrame(() => this.tick());
  }

  private set(state: PlayerState): void {
    this.state = state;
    this.changed();
  }
}
