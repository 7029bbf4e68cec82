import { describe, expect, it } from "vitest";
import type { Recording } from "../src/contract";
import { Timeline, toggled } from "../src/timeline";

function recording(sequence: number, change: Partial<Recording> = {}): Recording {
  return {
    id: `r${sequence}`,
    sequence,
    satellite_id: "kitchen",
    started_at: "2026-11-24T10:00:00Z",
    day: "2026-11-24",
    seconds: 2,
    size: 100,
    kind: "command",
    deletes_at: null,
    ...change,
  };
}

function loaded(...recordings: Recording[]): Timeline {
  const timeline = new Timeline();
  timeline.append({
    recordings,
    more: false,
    days: { "2026-11-24": { count: recordings.length, size: 100 * recordings.length } },
    counts: { all: recordings.length, command: recordings.length, false_wake: 0 },
  });
  return timeline;
}

describe("timeline", () => {
  it("keeps the order of sequences when something arrives late", () => {
    const timeline = loaded(recording(5), recording(3));
    timeline.add(recording(4));
    timeline.add(recording(6));
    expect(timeline.recordings.map((recording) => recording.sequence)).toEqual([6, 5, 4, 3]);
    expect(timeline.counts).toEqual({ all: 4, command: 4, false_wake: 0 });
    expect(timeline.grouped()[0]!.figures).toEqual({ count: 4, size: 400 });
  });

  it("takes nothing twice", () => {
    const timeline = loaded(recording(5));
    expect(timeline.add(recording(5))).toBe(false);
    timeline.append({ recordings: [recording(5), recording(4)], more: false, days: {} });
    expect(timeline.recordings.map((recording) => recording.id)).toEqual(["r5", "r4"]);
  });

  it("does not show again what was deleted while its page was on the way", () => {
    const timeline = loaded(recording(5));
    timeline.remove(["r4"]);
    timeline.append({ recordings: [recording(4), recording(3)], more: false, days: {} });
    expect(timeline.recordings.map((recording) => recording.id)).toEqual(["r5", "r3"]);
    expect(timeline.add(recording(4))).toBe(false);
  });

  it("counts down when something goes", () => {
    const timeline = loaded(recording(5), recording(4));
    expect(timeline.knowsAll(["r5"])).toBe(true);
    expect(timeline.knowsAll(["r5", "r1"])).toBe(false);
    timeline.remove(["r5"]);
    expect(timeline.counts.all).toBe(1);
    expect(timeline.grouped()).toEqual([
      { day: "2026-11-24", figures: { count: 1, size: 100 }, recordings: [recording(4)] },
    ]);
  });

  it("takes only what its filter lets through", () => {
    const timeline = new Timeline({ satellite_id: "kitchen", kind: "command", first_day: "2026-11-24" });
    expect(timeline.add(recording(1, { satellite_id: "bedroom" }))).toBe(false);
    expect(timeline.add(recording(2, { kind: "false_wake" }))).toBe(false);
    expect(timeline.add(recording(3, { day: "2026-11-23" }))).toBe(false);
    expect(timeline.add(recording(4))).toBe(true);
  });

  it("groups by day", () => {
    const timeline = loaded(recording(3), recording(2, { day: "2026-11-23" }), recording(1, { day: "2026-11-23" }));
    expect(timeline.grouped().map((day) => [day.day, day.recordings.length])).toEqual([
      ["2026-11-24", 1],
      ["2026-11-23", 2],
    ]);
  });

  it("goes on after the last one that is shown", () => {
    expect(new Timeline().cursor).toBeNull();
    expect(loaded(recording(5), recording(4)).cursor).toBe(4);
  });
});

describe("selection", () => {
  it("adds and removes without touching the old one", () => {
    const old = new Set(["a"]);
    expect([...toggled(old, ["b", "c"], true)]).toEqual(["a", "b", "c"]);
    expect([...toggled(old, ["a"], false)]).toEqual([]);
    expect([...old]).toEqual(["a"]);
  });
});
