// The threshold of a room's wake word: moved, tried on what was heard, and applied on purpose.
import { html, nothing, type TemplateResult } from "lit";
import { property, state } from "lit/decorators.js";
import { MAX_THRESHOLD, MIN_THRESHOLD, type Satellite, type ScoresAnswer } from "../contract";
import { base } from "../styles/base";
import { thresholdStyles } from "../styles/threshold";
import { define, Part } from "./part";
import { nearest } from "./review-scores";

export class Threshold extends Part {
  static styles = [base, thresholdStyles];
  @property({ attribute: false }) satellite!: Satellite;
  // What other thresholds would have done; for administrators.
  @property({ attribute: false }) scores: Partial<ScoresAnswer> = {};
  // Where the slider was moved to, until that is applied or taken back.
  @state() private asked?: number;
  // What held before the last change that was made here.
  @state() private previous?: number;

  private get threshold(): number {
    return this.satellite.wake_words[0]!.threshold;
  }

  private async apply(threshold: number, before?: number): Promise<void> {
    const { id } = this.satellite;
    const done = await this.attempt(() =>
      this.connection.call("microphones/set_threshold", { satellite_id: id, threshold }),
    );
    this.asked = undefined;
    if (!done) return;
    this.previous = before;
    this.notify(this.t("retention.chosen"));
  }

  protected render(): TemplateResult {
    const { threshold, previous, satellite } = this;
    const asked = this.asked ?? threshold;
    const moved = asked !== threshold;
    const id = `threshold-${satellite.id}`;
    const ask = (event: Event): number => Number((event.target as HTMLInputElement).value) / 100;
    return html`<div class="threshold">
      <label for=${id}>${this.t("microphones.threshold")}<span class="sr"> ${satellite.name}</span></label>
      <bdi aria-hidden="true">${this.texts.percent(asked)}</bdi>
      <input
        type="range"
        class="slider"
        id=${id}
        min=${MIN_THRESHOLD * 100}
        max=${MAX_THRESHOLD * 100}
        step="5"
        aria-describedby="about-${id}"
        aria-valuetext=${this.texts.percent(asked)}
        ?disabled=${!this.admin}
        .value=${String(Math.round(asked * 100))}
        @input=${(event: Event) => (this.asked = ask(event))}
        @change=${(event: Event) => (this.asked = ask(event))}
      />
      <p id="about-${id}" class="muted-text" role="status">
        ${moved ? this.replay(asked) : this.t("microphones.threshold_detail")}
      </p>
      ${
        moved
          ? html`<div class="row">
              <button class="button" data-undo @click=${() => (this.asked = undefined)}>
                ${this.t("common.cancel")}
              </button>
              <button class="button primary" data-apply @click=${() => void this.apply(asked, threshold)}>
                ${this.t("rooms.apply_threshold", { threshold: this.texts.percent(asked) })}
              </button>
            </div>`
          : previous !== undefined && previous !== threshold && this.admin
            ? html`<div class="row">
                <button class="button" data-undo @click=${() => void this.apply(previous)}>
                  ${this.t("rooms.undo_threshold", { threshold: this.texts.percent(previous) })}
                </button>
              </div>`
            : nothing
      }
    </div>`;
  }

  private replay(asked: number): string {
    const { thresholds, satellites } = this.scores;
    const figures = satellites?.[this.satellite.id];
    if (!figures || !thresholds) return this.t("rooms.no_scores");
    const at = nearest(thresholds, asked);
    return this.t("review.replay", {
      // Kept together where the words around it run the other way.
      threshold: `\u2068${this.texts.percent(thresholds[at]!)}\u2069`,
      avoided: this.texts.number(figures.avoided[at]!),
      missed: this.texts.number(figures.missed[at]!),
      unknown: this.texts.number(figures.unknown[at]!),
    });
  }
}

define("voice-privacy-threshold", Threshold);
