import { beforeEach, describe, expect, it, vi } from "vitest";
import { Player } from "../src/player";
import { FakeConnection } from "./helpers/house";

describe("the player", () => {
  let house: FakeConnection;
  let player: Player;
  let failures: string[];
  const play = vi.spyOn(HTMLMediaElement.prototype, "play");

  beforeEach(() => {
    play.mockReset();
    play.mockResolvedValue();
    house = new FakeConnection();
    for (const id of ["a", "b"]) house.files[`recordings/${id}/audio`] = new Response(id);
    failures = [];
    player = new Player(
      house.real,
      () => undefined,
      ({ code }) => failures.push(code),
    );
  });

  it("fetches once, plays, pauses and goes on", async () => {
    await player.toggle("a");
    expect([player.id, player.state]).toEqual(["a", "playing"]);
    await player.toggle("a");
    expect(player.state).toBe("paused");
    await player.toggle("a");
    expect([player.state, house.asked.length, play.mock.calls.length]).toEqual(["playing", 1, 2]);
  });

  it("plays one recording at a time", async () => {
    await player.toggle("a");
    await player.toggle("b");
    expect([player.id, player.state]).toEqual(["b", "playing"]);
  });

  it("plays nothing that arrives after somebody has gone on to another one, or has stopped", async () => {
    const late = player.toggle("a");
    const next = player.toggle("b");
    await Promise.all([late, next]);
    expect([player.id, play.mock.calls.length]).toEqual(["b", 1]);
    house.files["recordings/a/audio"] = new Response("a");
    const stopped = player.toggle("a");
    player.stop();
    await stopped;
    expect([player.id, player.state, play.mock.calls.length]).toEqual([undefined, "idle", 1]);
  });

  it("forgets what it has played at the end", async () => {
    const revoked = vi.spyOn(URL, "revokeObjectURL");
    await player.toggle("a");
    player.audio.dispatchEvent(new Event("ended"));
    expect([player.id, player.state, player.audio.hasAttribute("src")]).toEqual([undefined, "idle", false]);
    expect(revoked).toHaveBeenCalledOnce();
    revoked.mockRestore();
  });

  it("tells what cannot be played, and not that somebody has stopped it", async () => {
    await player.toggle("gone");
    expect([failures, player.state]).toEqual([["recording_not_found"], "idle"]);
    play.mockRejectedValue(new DOMException("stopped", "AbortError"));
    await player.toggle("a");
    expect(failures).toHaveLength(1);
  });

  it("is nowhere while nothing is known of the length", () => {
    expect(player.progress).toBe(0);
  });

  it("fetches clips of the pool from their own door", async () => {
    house.files["review/c/audio"] = new Response("c");
    player = new Player(
      house.real,
      () => undefined,
      ({ code }) => failures.push(code),
      "review",
    );
    await player.toggle("c");
    expect([player.state, failures]).toEqual(["playing", []]);
  });
});
