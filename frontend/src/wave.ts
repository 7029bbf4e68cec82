// A waveform from the 96 bytes that the house sends.
import { svg, type SVGTemplateResult } from "lit";
import { PEAKS } from "./contract";

const STEP = 3;
const BARS = 48;
const HEIGHT = 32;

export function decodePeaks(base64: string): number[] {
  return Array.from(atob(base64), (character) => character.charCodeAt(0) / 255);
}

// Two neighbours share a bar: a row is narrow, and bars that touch are no waveform.
export function barsOf(peaks: number[], bars = BARS): number[] {
  const each = Math.max(1, Math.floor(peaks.length / bars));
  return Array.from({ length: Math.ceil(peaks.length / each) }, (_, index) =>
    Math.max(...peaks.slice(index * each, (index + 1) * each)),
  );
}

export function wavePath(peaks: number[]): string {
  return peaks
    .map((peak, index) => {
      const half = Math.max(1, (peak * (HEIGHT - 4)) / 2);
      const x = index * STEP + STEP / 2;
      return `M${x} ${(HEIGHT / 2 - half).toFixed(1)}V${(HEIGHT / 2 + half).toFixed(1)}`;
    })
    .join("");
}

export function wave(base64: string | undefined, bars = BARS): SVGTemplateResult {
  const path = wavePath(barsOf(base64 ? decodePeaks(base64) : Array<number>(PEAKS).fill(0), bars));
  return svg`<svg class="wave" viewBox="0 0 ${bars * STEP} ${HEIGHT}" preserveAspectRatio="none" aria-hidden="true">
    <path class="rest" d=${path}></path><path class="played" d=${path}></path>
  </svg>`;
}
