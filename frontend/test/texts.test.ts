import { describe, expect, it, vi } from "vitest";
import { Texts } from "../src/texts";
import { textsIn } from "./helpers/english";

const PREFIX = "component.voice_privacy.config_panel.";
const english = new Texts(
  "en",
  {
    [`${PREFIX}a.b`]: "{who} has {count}",
    [`${PREFIX}plural.recordings_one`]: "{count} recording",
    [`${PREFIX}plural.recordings_other`]: "{count} recordings",
    [`${PREFIX}errors.failed`]: "failed",
    [`${PREFIX}errors.store_full`]: "full",
  },
  "UTC",
  false,
  "Europe/Berlin",
);

describe("texts", () => {
  it("fills in what it is given and nothing else", () => {
    expect(english.get("a.b", { who: "Anna" })).toBe("Anna has {count}");
    expect(english.get("no.such")).toBe("");
  });

  it("counts as the language counts", () => {
    expect(english.count("recordings", 1)).toBe("1 recording");
    expect(english.count("recordings", 1234)).toBe("1,234 recordings");
    const arabic = new Texts("ar", { [`${PREFIX}plural.recordings_two`]: "تسجيلان" });
    expect(arabic.count("recordings", 2)).toBe("تسجيلان");
  });

  it("knows every error by its code, and others too", () => {
    expect(english.error("store_full")).toBe("full");
    expect(english.error("something_new")).toBe("failed");
  });

  it("writes sizes and times", () => {
    expect(english.size(999)).toBe("999 bytes");
    expect(english.size(1_234_567)).toBe("1.2 MB");
    expect(english.clock(63.9)).toBe("1:03");
    expect(english.time("2026-11-24T13:08:00Z")).toBe("13:08");
    expect(english.percent(0.974)).toBe("97%");
  });

  it("writes a noun below its number as the language does", () => {
    const nouns = (language: string, ...counts: number[]): string[] =>
      counts.map((count) => textsIn(language).noun("false_wakes", count));
    expect(nouns("en", 0, 1, 2)).toEqual(["false wakes", "false wake", "false wakes"]);
    expect(nouns("de", 1, 5)).toEqual(["Fehlauslösung", "Fehlauslösungen"]);
    expect(new Set(nouns("ar", 1, 2, 3, 11)).size).toBe(4);
    expect(textsIn("en").noun("recordings", 1)).toBe("recording");
  });

  it("tells the time of an end that is less than a day away", () => {
    const now = Date.parse("2026-11-28T14:05:00Z");
    expect(english.until("2026-11-29T14:04:00Z", now)).toBe("Nov 29, 14:04");
    expect(english.until("2026-11-28T14:06:00Z", now)).toBe("Nov 28, 14:06");
    expect(english.until("2026-11-28T14:00:00Z", now)).toBe("Nov 28, 14:00");
    expect(english.until("2026-11-29T14:05:00Z", now)).toBe("Nov 29");
    expect(english.until("2027-02-28T14:05:00Z", now)).toBe("Feb 28");
  });

  it("names days, the near ones in words", () => {
    expect(english.day("2026-11-24", "2026-11-24")).toMatch(/^Today · Tuesday/);
    expect(english.day("2026-11-23", "2026-11-24")).toMatch(/^Yesterday · Monday/);
    expect(english.day("2025-11-22", "2026-11-24")).toMatch(/2025/);
  });

  it("lets the house's days begin in the house's time zone", () => {
    expect(english.startOfDay("2026-11-24")).toBe("2026-11-23T23:00:00.000Z");
    expect(english.startOfDay("2026-11-24", 1)).toBe("2026-11-24T23:00:00.000Z");
    // The clock goes back on this day: it lasts 25 hours.
    expect(english.startOfDay("2026-10-25")).toBe("2026-10-24T22:00:00.000Z");
    expect(english.startOfDay("2026-10-25", 1)).toBe("2026-10-25T23:00:00.000Z");
  });

  it("know the calendar day in browsers that write dates in their own way", () => {
    // As WebKit writes every locale that elsewhere looks like ISO 8601.
    class Format extends Intl.DateTimeFormat {
      constructor(...how: ConstructorParameters<typeof Intl.DateTimeFormat>) {
        super(...how);
        Object.defineProperty(this, "format", { value: () => "11/24/2026" });
      }
    }
    vi.stubGlobal("Intl", Object.create(Intl, { DateTimeFormat: { value: Format } }));
    expect(english.isoDay("2026-11-23T23:30:00Z", "Europe/Berlin")).toBe("2026-11-24");
    expect(english.startOfDay("2026-11-24")).toBe("2026-11-23T23:00:00.000Z");
    vi.unstubAllGlobals();
  });
});
