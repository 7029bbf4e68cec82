// A meter with its words beside it, and a mark where there is a threshold.
import { html, nothing, type TemplateResult } from "lit";
import type { Texts } from "./texts";

// The levels at both ends of the meter of a level, in dBFS.
export const QUIET = -70;

export function loudness(level: number): number {
  return Math.min(1, Math.max(0, 1 - level / QUIET));
}

// Numbers keep their own direction among words that run the other way.
export const apart = (words: string): string => `\u2068${words}\u2069`;

export const decibels = (texts: Texts, level: number): string => apart(`${texts.number(Math.round(level))} dB`);

// Name: the id of the element that says what it measures. The words run in the direction of the page: a percentage
// in Arabic begins with a mark that would turn them around.
export function meterBar(name: string, share: number, words: string, mark?: number): TemplateResult {
  return html`<span
      class="meter ${mark !== undefined && share >= mark ? "over" : ""}"
      role="meter"
      aria-labelledby=${name}
      aria-valuemin="0"
      aria-valuemax="100"
      aria-valuenow=${Math.round(share * 100)}
      aria-valuetext=${words}
      ><i style="width:${share * 100}%"></i
      >${mark === undefined ? nothing : html`<b style="inset-inline-start:${mark * 100}%"></b>`}</span
    ><span class="words" aria-hidden="true">${words}</span>`;
}
