// The scores around a wake as a line, with the threshold that it had to reach.
import { html, svg, type TemplateResult } from "lit";
import { SCORE_STEP } from "./contract";
import type { Texts } from "./texts";

const WIDTH = 240;
const HEIGHT = 64;

// Where scores lie in the picture: from left to right, 0 at the bottom.
export function curvePath(scores: number[]): string {
  const step = WIDTH / Math.max(1, scores.length - 1);
  const height = (score: number): string => (HEIGHT * (1 - Math.min(1, Math.max(0, score)))).toFixed(1);
  return scores.map((score, at) => `${at ? "L" : "M"}${(at * step).toFixed(1)} ${height(score)}`).join("");
}

// Of a wake the last score is the highest; around a near miss time goes on after it.
export function secondsAround(scores: number[]): [number, number] {
  const peak = scores.lastIndexOf(Math.max(...scores));
  return [-peak * SCORE_STEP, (scores.length - 1 - peak) * SCORE_STEP];
}

export function scoreCurve(texts: Texts, scores: number[], threshold: number): TemplateResult {
  const path = curvePath(scores);
  const line = HEIGHT * (1 - Math.min(1, threshold));
  const [from, to] = secondsAround(scores).map((seconds) => texts.seconds(seconds));
  const label = texts.get("timeline.curve", {
    seconds: texts.seconds((scores.length - 1) * SCORE_STEP),
    first: texts.percent(scores[0]!),
    highest: texts.percent(Math.max(...scores)),
    threshold: texts.percent(threshold),
  });
  return html`<figure class="curve" dir="ltr">
    <svg viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none" role="img" aria-label=${label}>
      ${svg`<path class="area" d="${path}V${HEIGHT}H0Z"></path>
        <path class="limit" d="M0 ${line}H${WIDTH}"></path>
        <path class="line" d=${path}></path>`}
    </svg>
    <span class="at" aria-hidden="true"
      ><bdi style="top:${100 * (1 - Math.min(1, threshold))}%">${texts.percent(threshold)}</bdi></span
    >
    <figcaption aria-hidden="true"><bdi>${from}</bdi><bdi>${to}</bdi></figcaption>
  </figure>`;
}
