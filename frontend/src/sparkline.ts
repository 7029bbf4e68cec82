// Wakes of the last days as small bars: how many led to a command, and how many were false.
import { html, svg, type TemplateResult } from "lit";

const HEIGHT = 28;
const STEP = 8;
const BAR = 6;

export interface Counts {
  wakes: (number | null)[];
  false_wakes: (number | null)[];
}

export function total(counts: (number | null)[]): number {
  return counts.reduce<number>((sum, count) => sum + (count ?? 0), 0);
}

// A day of which nothing is known has a dot on the ground, which a day without wakes has not.
export function sparkline({ wakes, false_wakes }: Counts, label: string): TemplateResult {
  const most = Math.max(1, ...wakes.map((count, day) => Math.max(count ?? 0, false_wakes[day] ?? 0)));
  const height = (count: number): number => (count ? Math.max(2, (count / most) * (HEIGHT - 2)) : 0);
  return html`<svg
    class="spark"
    role="img"
    aria-label=${label}
    viewBox="0 0 ${wakes.length * STEP} ${HEIGHT}"
    preserveAspectRatio="none"
  >
    ${wakes.map((count, day) => {
      const x = day * STEP + (STEP - BAR) / 2;
      if (count === null) return svg`<rect class="none" x=${x + 2} y=${HEIGHT - 2} width="2" height="2"></rect>`;
      const wrong = Math.min(false_wakes[day] ?? 0, Math.max(count, false_wakes[day] ?? 0));
      const whole = height(Math.max(count, wrong));
      return svg`<rect class="woke" x=${x} y=${HEIGHT - whole} width=${BAR} height=${whole}></rect>
        <rect class="false" x=${x} y=${HEIGHT - height(wrong)} width=${BAR} height=${height(wrong)}></rect>`;
    })}
  </svg>`;
}
