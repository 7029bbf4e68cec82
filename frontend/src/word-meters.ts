// The meters of a test of a wake word: how loud it is, and how sure the engine is.
import { html, nothing, type TemplateResult } from "lit";
import { apart, loudness, meterBar } from "./meter-bar";
import type { Texts } from "./texts";

export function levelMeter(texts: Texts, level: number): TemplateResult {
  return html`<dt id="level">${texts.get("wake_words.level")}</dt>
    <dd>${meterBar("level", loudness(level), apart(`${texts.number(Math.round(level))} dB`))}</dd>`;
}

export function scoreMeter(texts: Texts, score: number, threshold?: number, best?: number): TemplateResult {
  const words = texts.percent(score);
  const told =
    threshold === undefined
      ? words
      : texts.get("wake_words.score_of", { score: apart(words), threshold: apart(texts.percent(threshold)) });
  return html`<dt id="score">${texts.get("wake_words.score")}</dt>
    <dd>${meterBar("score", score, told, threshold)}</dd>
    ${
      best === undefined
        ? nothing
        : html`<dt>${texts.get("wake_words.best")}</dt>
            <dd><bdi id="best">${texts.percent(best)}</bdi></dd>`
    }`;
}
