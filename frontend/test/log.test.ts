import { render, type TemplateResult } from "lit";
import { describe, expect, it } from "vitest";
import { AccessLog, changeText } from "../src/elements/log";
import type { LogEntry } from "../src/contract";
import type { Connection } from "../src/connection";
import { textsIn } from "./helpers/english";

const texts = textsIn("en");
const connection = { nameOf: (id: string) => (id === "k" ? "Kitchen" : undefined) } as Connection;

describe("what somebody changed", () => {
  it.each([
    ["k.muted", "on", "muted Kitchen"],
    ["k.muted", "off", "unmuted Kitchen"],
    ["gone.save_recordings", "off", "turned off saving recordings (Removed satellite)"],
    ["guest_mode", "on", "turned on guest mode"],
    ["reviewer", "off", "turned off the reviewer role"],
    ["k.threshold", "0.35", "changed the wake word threshold (Kitchen) to 35%"],
    ["keep_false_wakes", "as_others", "changed the retention of false wakes to Same as recordings"],
    ["k.keep_recordings", "as_others", "changed the retention of recordings (Kitchen) to Same as house"],
    ["storage_limit", "0", "removed the storage limit"],
    ["elsewhere", "spoken_replies", "removed from other parts of Home Assistant: Cache of spoken replies"],
    ["storage_limit", "5", "changed the storage limit (MB) to 5"],
  ])("%s %s", (subject, value, expected) => {
    expect(changeText(texts, connection, { subject, value })).toBe(expected);
  });
});

describe("what was deleted", () => {
  function told(by: LogEntry["by"], subject: string | null, count: number): string {
    const log = new AccessLog();
    Object.assign(log, { texts, connection });
    const entry = { by, subject, count, deed: "deleted" } as LogEntry;
    return (log as unknown as { what(entry: LogEntry): string }).what(entry);
  }

  it.each([
    ["retention", "ids", 1, "deleted 1 recording"],
    ["retention", "transcripts", 2, "deleted the transcripts of 2 recordings"],
    ["user", "ids", 1, "deleted 1 recording (selected)"],
    ["voice", "today", 3, "deleted 3 recordings (today)"],
    ["automation", null, 3, "deleted 3 recordings"],
  ] as const)("by %s, %s, %s", (by, subject, count, expected) => {
    expect(told(by, subject, count)).toBe(expected);
  });
});

describe("who did it", () => {
  function who(entry: Partial<LogEntry>): string {
    const log = new AccessLog();
    Object.assign(log, { texts, connection });
    const row = document.createElement("div");
    render((log as unknown as { entry(entry: LogEntry): TemplateResult }).entry({ ...spoken, ...entry }), row);
    return row.querySelector(".who")!.textContent;
  }
  const moment = "2026-11-29T10:00:00Z";
  const spoken = {
    by: "voice",
    user: null,
    satellite_id: "k",
    when: moment,
    until: moment,
    deed: "deleted",
    count: 1,
  } as LogEntry;

  it.each([
    [{}, "Voice command in Kitchen"],
    [{ satellite_id: "gone" }, "Voice command in Removed satellite"],
    [{ satellite_id: null }, "Voice command"],
    [{ user: "Ada" }, "Ada"],
    [{ by: "retention", satellite_id: null }, "Retention"],
  ] satisfies [Partial<LogEntry>, string][])("%o", (entry, expected) => {
    expect(who(entry)).toBe(expected);
  });
});
