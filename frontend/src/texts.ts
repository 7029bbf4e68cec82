// Words in the user's language, and numbers, times and sizes as that language writes them.
import { html, nothing, type TemplateResult } from "lit";
import { DOMAIN, type Size } from "./contract";
import type { Hass } from "./hass";

const PREFIX = `component.${DOMAIN}.config_panel.`;
type Values = Record<string, string | number>;

export class Texts {
  private readonly plural: Intl.PluralRules;

  constructor(
    readonly language: string,
    private readonly resources: Record<string, string> = {},
    private readonly timeZone?: string,
    private readonly hour12?: boolean,
    private readonly houseZone?: string,
  ) {
    this.plural = new Intl.PluralRules(language);
  }

  get(key: string, values: Values = {}): string {
    const text = this.resources[PREFIX + key] ?? "";
    return text.replace(/\{(\w+)\}/g, (whole, name: string) => (name in values ? String(values[name]) : whole));
  }

  // "1 recording", "3 recordings": the noun's form follows the language's own rules.
  count(noun: "recordings" | "listening", count: number): string {
    const number = this.number(count);
    return this.get(`plural.${noun}_${this.plural.select(count)}`, { count: number, number });
  }

  // The noun below a number that is printed large.
  noun(noun: "recordings" | "false_wakes", count: number): string {
    return this.get(`figure.${noun}_${this.plural.select(count)}`);
  }

  // Names in a row, each kept together where the words around it run the other way.
  list(names: string[]): string {
    return new Intl.ListFormat(this.language).format(names.map((name) => `\u2068${name}\u2069`));
  }

  error(code: string): string {
    return this.get(`errors.${code}`) || this.get("errors.failed");
  }

  number(value: number, options: Intl.NumberFormatOptions = {}): string {
    return new Intl.NumberFormat(this.language, options).format(value);
  }

  // Of a share that may be tiny, with digits behind the point.
  percent(value: number, digits = 0): string {
    return this.number(value, { style: "percent", maximumFractionDigits: digits });
  }

  size(bytes: number): string {
    const units = ["byte", "kilobyte", "megabyte", "gigabyte"];
    let value = bytes;
    let unit = 0;
    while (value >= 1000 && unit < units.length - 1) {
      value /= 1000;
      unit += 1;
    }
    const digits = unit > 0 && value < 10 ? 1 : 0;
    // The short form of bytes has no plural in English.
    const unitDisplay = unit ? "short" : "long";
    return this.number(value, { style: "unit", unit: units[unit], unitDisplay, maximumFractionDigits: digits });
  }

  // Behind a count; nothing where the size may not be known.
  behind(size: Size): TemplateResult | typeof nothing {
    return size === null ? nothing : html` · <bdi class="size">${this.size(size)}</bdi>`;
  }

  languageName(tag: string): string {
    try {
      return new Intl.DisplayNames(this.language, { type: "language" }).of(tag) ?? tag;
    } catch {
      return tag;
    }
  }

  seconds(value: number): string {
    return this.number(value, {
      style: "unit",
      unit: "second",
      unitDisplay: "narrow",
      minimumFractionDigits: 1,
      maximumFractionDigits: 1,
    });
  }

  clock(seconds: number): string {
    const whole = Math.max(0, Math.floor(seconds));
    return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
  }

  time(when: string | Date): string {
    return this.date(when, { hour: "numeric", minute: "2-digit" });
  }

  timeWithSeconds(when: string | Date): string {
    return this.date(when, { hour: "numeric", minute: "2-digit", second: "2-digit" });
  }

  dateTime(when: string): string {
    return this.date(when, { day: "numeric", month: "short", hour: "numeric", minute: "2-digit" });
  }

  // The time, with the day unless that is today.
  moment(when: string, today: string): string {
    return this.isoDay(when) === today ? this.time(when) : this.dateTime(when);
  }

  // The day on which something ends, with the time where that is less than a day away.
  until(when: string, now = Date.now()): string {
    const soon = Date.parse(when) - now < 86_400_000;
    return soon ? this.dateTime(when) : this.date(when, { day: "numeric", month: "short" });
  }

  // A day by its name, e.g. within a sentence.
  dayName(day: string, today: string): string {
    const [year, month, date] = day.split("-").map(Number);
    const noon = new Date(Date.UTC(year!, month! - 1, date, 12));
    const other = day.slice(0, 4) !== today.slice(0, 4);
    return new Intl.DateTimeFormat(this.language, {
      weekday: "long",
      day: "numeric",
      month: "long",
      ...(other ? { year: "numeric" } : {}),
      timeZone: "UTC",
    }).format(noon);
  }

  // A day as a heading: today and yesterday are named so.
  day(day: string, today: string): string {
    const name = this.dayName(day, today);
    const distance = Math.round((Date.parse(today) - Date.parse(day)) / 86_400_000);
    if (distance !== 0 && distance !== 1) return name;
    const relative = new Intl.RelativeTimeFormat(this.language, { numeric: "auto" }).format(-distance, "day");
    return `${relative.charAt(0).toLocaleUpperCase(this.language)}${relative.slice(1)} · ${name}`;
  }

  // The calendar day in the time zone that is shown, e.g. "2026-11-24".
  isoDay(when: string, timeZone = this.timeZone): string {
    // By its parts: which locale writes a date like ISO 8601 is not the same in every browser.
    const parts = new Intl.DateTimeFormat("en-US", {
      timeZone,
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
    }).formatToParts(new Date(when));
    const part = (type: string): string => parts.find((one) => one.type === type)!.value;
    return `${part("year")}-${part("month")}-${part("day")}`;
  }

  // The instant at which a calendar day of the house begins, or one some days later.
  startOfDay(day: string, later = 0): string {
    const [year, month, date] = day.split("-").map(Number);
    const guess = Date.UTC(year!, month! - 1, date! + later);
    const wanted = new Date(guess).toISOString().slice(0, 10);
    // The zone is at most 14 hours away; a day that lacks its midnight begins at the first minute it has.
    for (let minutes = -14 * 60; minutes <= 14 * 60; minutes += 15) {
      const instant = new Date(guess + minutes * 60_000);
      if (this.isoDay(instant.toISOString(), this.houseZone) === wanted) return instant.toISOString();
    }
    return new Date(guess).toISOString();
  }

  private date(when: string | Date, options: Intl.DateTimeFormatOptions): string {
    return new Intl.DateTimeFormat(this.language, {
      ...options,
      timeZone: this.timeZone,
      ...(options.hour && this.hour12 !== undefined ? { hour12: this.hour12 } : {}),
    }).format(typeof when === "string" ? new Date(when) : when);
  }
}

export async function loadTexts(hass: Hass): Promise<Texts> {
  const { resources } = await hass.callWS<{ resources: Record<string, string> }>({
    type: "frontend/get_translations",
    language: hass.language,
    category: "config_panel",
    integration: [DOMAIN],
  });
  const hour12 = { "12": true, "24": false }[hass.locale.time_format];
  const zone = hass.locale.time_zone === "server" ? hass.config.time_zone : undefined;
  return new Texts(hass.language, resources, zone, hour12, hass.config.time_zone);
}
