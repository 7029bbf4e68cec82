import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Player } from "../src/player";
import { FakeConnection } from "./helpers/house";
import { FakeContext, useFakeSound } from "./helpers/sound";

describe("the player", () => {
  let house: FakeConnection;
  let player: Player;
  let failures: string[];

  function make(folder?: "review"): Player {
    return new Player(
      house.real,
      () => undefined,
      ({ code }) => failures.push(code),
      folder,
    );
  }

  const context = (): FakeContext => FakeContext.made.at(-1)!;

  beforeEach(() => {
    vi.useFakeTimers();
    useFakeSound();
    house = new FakeConnection();
    for (const id of ["a", "b"]) house.files[`recordings/${id}/audio`] = new Response(id);
    failures = [];
    player = make();
  });

  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  it("fetches once, plays, pauses and goes on", async () => {
    await player.toggle("a");
    expect([player.id, player.state]).toEqual(["a", "playing"]);
    await player.toggle("a");
    expect([player.state, context().state]).toEqual(["paused", "suspended"]);
    await player.toggle("a");
    expect([player.state, house.asked.length, context().sources.length]).toEqual(["playing", 1, 1]);
    expect(failures).toEqual([]);
  });

  it("plays one recording at a time", async () => {
    await player.toggle("a");
    await player.toggle("b");
    expect([player.id, player.state]).toEqual(["b", "playing"]);
    expect(FakeContext.made.map(({ state }) => state)).toEqual(["closed", "running"]);
  });

  it("asks the browser to play before it waits for anything", () => {
    // As iOS: only while the tap is handled.
    let tapped = true;
    FakeContext.allowed = () => tapped;
    void player.toggle("a");
    tapped = false;
    expect([context().state, house.asked.length]).toEqual(["running", 1]);
  });

  it("plays on although the tap is over when the sound arrives", async () => {
    let tapped = true;
    FakeContext.allowed = () => tapped;
    const playing = player.toggle("a");
    tapped = false;
    await playing;
    await vi.advanceTimersByTimeAsync(10_000);
    expect([player.state, failures]).toEqual(["playing", []]);
  });

  it("says what the browser refuses, and plays at the next tap", async () => {
    FakeContext.allowed = () => false;
    await player.toggle("a");
    expect(player.state).toBe("loading");
    await vi.advanceTimersByTimeAsync(10_000);
    expect([failures, player.state, player.id]).toEqual([["playback_refused"], "idle", undefined]);
    FakeContext.allowed = () => true;
    house.files["recordings/a/audio"] = new Response("a");
    await player.toggle("a");
    await vi.advanceTimersByTimeAsync(10_000);
    expect([failures, player.state]).toEqual([["playback_refused"], "playing"]);
  });

  it("says so when going on is refused", async () => {
    await player.toggle("a");
    await player.toggle("a");
    FakeContext.allowed = () => false;
    await player.toggle("a");
    await vi.advanceTimersByTimeAsync(10_000);
    expect([failures, player.state]).toEqual([["playback_refused"], "idle"]);
  });

  it("plays where the browser needs a moment for its loudspeaker", async () => {
    FakeContext.allowed = () => false;
    await player.toggle("a");
    await vi.advanceTimersByTimeAsync(1000);
    context().become("running");
    await vi.advanceTimersByTimeAsync(10_000);
    expect([failures, player.state]).toEqual([[], "playing"]);
  });

  it("is paused by a phone call, and goes on afterwards", async () => {
    await player.toggle("a");
    context().become("interrupted");
    expect(player.state).toBe("paused");
    await player.toggle("a");
    expect([player.state, context().sources.length]).toEqual(["playing", 1]);
    context().become("interrupted");
    context().become("running");
    expect(player.state).toBe("playing");
  });

  it("plays nothing that arrives after somebody has gone on to another one, or has stopped", async () => {
    const late = player.toggle("a");
    const next = player.toggle("b");
    await Promise.all([late, next]);
    expect([player.id, FakeContext.made.map(({ sources }) => sources.length)]).toEqual(["b", [0, 1]]);
    house.files["recordings/a/audio"] = new Response("a");
    const stopped = player.toggle("a");
    player.stop();
    await stopped;
    expect([player.id, player.state, context().sources.length, failures]).toEqual([undefined, "idle", 0, []]);
  });

  it("stops what is still being fetched", async () => {
    const first = player.toggle("a");
    expect(player.state).toBe("loading");
    await player.toggle("a");
    await first;
    expect([player.state, house.asked.length, failures]).toEqual(["idle", 1, []]);
  });

  it("forgets what it has played at the end", async () => {
    await player.toggle("a");
    context().sources[0]!.onended!();
    expect([player.id, player.state, context().state, player.progress]).toEqual([undefined, "idle", "closed", 0]);
  });

  it("goes on from where the slider is put, while it plays and while it is paused", async () => {
    await player.seek("a", 0.5);
    expect([player.state, context().sources[0]!.started, player.progress]).toEqual(["playing", 1, 0.5]);
    context().currentTime += 0.5;
    expect(player.progress).toBe(0.75);
    await player.seek("a", 0.25);
    expect(context().sources.map(({ started, stopped }) => [started, stopped])).toEqual([
      [1, true],
      [0.5, false],
    ]);
    expect([player.state, player.progress]).toEqual(["playing", 0.25]);
    await player.toggle("a");
    await player.seek("a", 0.75);
    expect([player.state, player.progress, house.asked.length]).toEqual(["paused", 0.75, 1]);
  });

  it("tells what cannot be played, and plays another one after it", async () => {
    await player.toggle("gone");
    expect([failures, player.state]).toEqual([["recording_not_found"], "idle"]);
    FakeContext.damaged = true;
    await player.toggle("a");
    expect([failures.at(-1), player.state]).toEqual(["failed", "idle"]);
    FakeContext.damaged = false;
    await player.toggle("b");
    expect([failures.length, player.state]).toEqual([2, "playing"]);
  });

  it("says so where a browser has no Web Audio", async () => {
    vi.stubGlobal("AudioContext", undefined);
    await player.toggle("a");
    expect([failures, player.state, house.asked]).toEqual([["failed"], "idle", []]);
  });

  it("is heard on an iPhone whose silent switch is on", async () => {
    const audioSession = { type: "auto" };
    vi.stubGlobal("navigator", { audioSession });
    await player.toggle("a");
    expect(audioSession.type).toBe("playback");
  });

  it("is nowhere while nothing is known of the length", () => {
    expect(player.progress).toBe(0);
  });

  it("fetches clips of the pool from their own door", async () => {
    house.files["review/c/audio"] = new Response("c");
    player = make("review");
    await player.toggle("c");
    expect([player.state, failures]).toEqual(["playing", []]);
  });
});
