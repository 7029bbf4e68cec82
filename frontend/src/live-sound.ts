// Plays sound of 16 kHz, 16 bit, mono as it comes. It is a stream of events, so that there is nothing to fetch.
import { audible } from "./player";

const RATE = 16_000;
// What comes late within this time leaves no gap.
const AHEAD_SECONDS = 0.15;

export class LiveSound {
  private readonly context = new AudioContext({ sampleRate: RATE });
  // When the next piece is due, on the context's clock.
  private next = 0;

  // To be made while a tap or a key is handled: browsers let sound begin only then.
  constructor() {
    audible();
    void this.context.resume().catch(() => undefined);
  }

  // Play the next piece, in base64; return its length in seconds.
  play(audio: string): number {
    const { context } = this;
    const bytes = Uint8Array.from(atob(audio), (byte) => byte.charCodeAt(0));
    const view = new DataView(bytes.buffer);
    const samples = Float32Array.from({ length: bytes.length / 2 }, (_, n) => view.getInt16(2 * n, true) / 32_768);
    const seconds = samples.length / RATE;
    if (this.running && seconds) {
      const buffer = context.createBuffer(1, samples.length, RATE);
      buffer.copyToChannel(samples, 0);
      const source = context.createBufferSource();
      source.buffer = buffer;
      source.connect(context.destination);
      if (this.next <= context.currentTime) this.next = context.currentTime + AHEAD_SECONDS;
      source.start(this.next);
      this.next += seconds;
    }
    return seconds;
  }

  // Whether the browser lets it be heard.
  get running(): boolean {
    return this.context.state === "running";
  }

  close(): void {
    void this.context.close().catch(() => undefined);
  }
}
