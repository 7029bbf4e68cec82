// The last four weeks, a column for each day: the more there is, the higher. One that is chosen narrows the list.
// Newest first, drawn from the end: where there is little space, the newest days are in sight.
import { html, type TemplateResult } from "lit";
import type { Filter } from "../contract";
import { DAYS } from "../controllers/day-counts";
import type { Texts } from "../texts";

export function lastDays(today: string): string[] {
  const [year, month, date] = today.split("-").map(Number);
  return Array.from({ length: DAYS }, (_, index) =>
    new Date(Date.UTC(year!, month! - 1, date! - index)).toISOString().slice(0, 10),
  );
}

// The tab key reaches one day, the arrow keys the others.
function onKey(event: KeyboardEvent): void {
  const group = event.currentTarget as HTMLElement;
  const forward = getComputedStyle(group).direction === "rtl" ? "ArrowRight" : "ArrowLeft";
  const step = { ArrowLeft: -1, ArrowRight: -1, [forward]: 1 }[event.key];
  if (!step) return;
  const days = [...group.querySelectorAll<HTMLElement>("button:not(:disabled)")];
  const next = days[days.indexOf(event.target as HTMLElement) + step];
  if (!next) return;
  event.preventDefault();
  next.focus();
}

export function dayStrip(
  texts: Texts,
  today: string,
  counts: Readonly<Record<string, number>>,
  { first_day, last_day }: Filter,
  choose: (day: string | null) => void,
): TemplateResult {
  const days = lastDays(today);
  const reached = days.find((day) => first_day === day && last_day === day) ?? days.find((day) => counts[day]);
  const most = Math.max(1, ...days.map((day) => counts[day] ?? 0));
  return html`<div class="days" role="group" aria-label=${texts.get("timeline.days")} @keydown=${onKey}>
    ${days.map((day) => {
      const count = counts[day] ?? 0;
      const chosen = first_day === day && last_day === day;
      const label = `${texts.day(day, today)}: ${texts.count("recordings", count)}`;
      return html`<button
        class="day-column"
        tabindex=${day === reached ? 0 : -1}
        aria-pressed=${chosen}
        aria-label=${label}
        title=${label}
        ?disabled=${!count && !chosen}
        data-day=${day}
        @click=${() => choose(chosen ? null : day)}
      >
        <i style="height:${count ? Math.max(12, Math.round((100 * count) / most)) : 4}%"></i>
        <small aria-hidden="true"><bdi>${texts.number(Number(day.slice(8)))}</bdi></small>
      </button>`;
    })}
  </div>`;
}
