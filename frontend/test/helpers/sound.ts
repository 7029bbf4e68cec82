// A browser's Web Audio whose clock, permission and decoder the test decides on.
import { vi } from "vitest";

export class FakeSource {
  buffer?: { duration: number; samples?: Float32Array };
  onended: (() => void) | null = null;
  started?: number;
  at?: number;
  stopped = false;

  connect(): void {}

  start(when: number, offset = 0): void {
    this.at = when;
    this.started = offset;
  }

  get samples(): Float32Array | undefined {
    return this.buffer?.samples;
  }

  stop(): void {
    this.stopped = true;
    this.onended?.();
  }
}

export class FakeContext {
  // Every context that was made, newest last.
  static made: FakeContext[] = [];
  // Whether the browser lets sound begin now; refused contexts stay as they are.
  static allowed: () => boolean = () => true;
  static seconds = 2;
  static damaged = false;

  state: "suspended" | "running" | "interrupted" | "closed" = "suspended";
  currentTime = 0;
  destination = {};
  onstatechange: (() => void) | null = null;
  readonly sources: FakeSource[] = [];

  constructor(readonly options?: AudioContextOptions) {
    FakeContext.made.push(this);
  }

  become(state: FakeContext["state"]): void {
    if (this.state === state) return;
    this.state = state;
    this.onstatechange?.();
  }

  resume(): Promise<void> {
    // As in browsers: refused, it never ends.
    if (!FakeContext.allowed()) return new Promise(() => undefined);
    this.become("running");
    return Promise.resolve();
  }

  suspend(): Promise<void> {
    this.become("suspended");
    return Promise.resolve();
  }

  close(): Promise<void> {
    this.become("closed");
    return Promise.resolve();
  }

  decodeAudioData(): Promise<{ duration: number }> {
    if (FakeContext.damaged) return Promise.reject(new DOMException("no sound", "EncodingError"));
    return Promise.resolve({ duration: FakeContext.seconds });
  }

  createBuffer(_channels: number, length: number, rate: number): object {
    const buffer = {
      duration: length / rate,
      samples: new Float32Array(length),
      copyToChannel: (samples: Float32Array) => buffer.samples.set(samples),
    };
    return buffer;
  }

  createBufferSource(): FakeSource {
    const source = new FakeSource();
    this.sources.push(source);
    return source;
  }
}

export function useFakeSound(): void {
  FakeContext.made = [];
  FakeContext.allowed = () => true;
  FakeContext.seconds = 2;
  FakeContext.damaged = false;
  vi.stubGlobal("AudioContext", FakeContext);
}
