// What another threshold would have done, tried on the scores of wakes that have happened.
import { html, nothing, type TemplateResult } from "lit";
import { property, state } from "lit/decorators.js";
import type { Satellite, ScoresAnswer } from "../contract";
import { base } from "../styles/base";
import { reviewStyles } from "../styles/review";
import { define, Part } from "./part";

const ANY_THRESHOLD = 0.5;

export class ReviewScores extends Part {
  static styles = [base, reviewStyles];
  @property({ attribute: false }) answer!: ScoresAnswer;
  // Thresholds that somebody tries, by satellite.
  @state() private tried: Record<string, number> = {};

  protected render(): TemplateResult {
    const heard = this.state.satellites.filter(({ id }) => this.answer.satellites[id]);
    const guests = this.house.toggles.guest_mode.on;
    return html`<section class="card" id="scores">
      <h2>${this.t("review.scores")}</h2>
      <p class="muted-text">${this.t("review.scores_detail")}</p>
      ${
        guests || !heard.length
          ? html`<p class="note"><span>${this.t(guests ? "review.scores_guest" : "review.scores_none")}</span></p>`
          : nothing
      }
      ${
        heard.length
          ? html`<ul>
              ${heard.map((satellite) => this.replay(satellite))}
            </ul>`
          : nothing
      }
    </section>`;
  }

  private replay({ id, name, wake_words }: Satellite): TemplateResult {
    const { thresholds, satellites } = this.answer;
    const threshold = this.tried[id] ?? wake_words[0]?.threshold ?? ANY_THRESHOLD;
    const at = nearest(thresholds, threshold);
    const figures = satellites[id]!;
    return html`<li>
      <label for="score-${id}"><bdi>${name}</bdi></label>
      <input
        type="range"
        class="slider"
        id="score-${id}"
        min=${thresholds[0]!}
        max=${thresholds.at(-1)!}
        step="0.01"
        .value=${String(threshold)}
        @input=${(event: Event) =>
          (this.tried = { ...this.tried, [id]: Number((event.target as HTMLInputElement).value) })}
      />
      <p role="status">
        ${this.t("review.replay", {
          // Kept together where the words around it run the other way.
          threshold: `\u2068${this.texts.percent(thresholds[at]!)}\u2069`,
          avoided: this.texts.number(figures.avoided[at]!),
          missed: this.texts.number(figures.missed[at]!),
          unknown: this.texts.number(figures.unknown[at]!),
        })}
      </p>
    </li>`;
  }
}

// Where the value that is nearest to the wanted one stands.
export function nearest(values: number[], wanted: number): number {
  return values.reduce(
    (best, value, index) => (Math.abs(value - wanted) < Math.abs(values[best]! - wanted) ? index : best),
    0,
  );
}

define("voice-privacy-scores", ReviewScores);
