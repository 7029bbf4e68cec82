// What was learned from labels: how many are missing, what each filter does, and whether it is used.
import { html, type TemplateResult } from "lit";
import { property } from "lit/decorators.js";
import type { LearnedAnswer, LearnedWord } from "../contract";
import { base } from "../styles/base";
import { reviewStyles } from "../styles/review";
import { define, Part } from "./part";

export class ReviewLearned extends Part {
  static styles = [base, reviewStyles];
  @property({ attribute: false }) answer!: LearnedAnswer;

  protected render(): TemplateResult {
    const { learning, wakes, wakes_needed, false_wakes, false_wakes_needed, learned, not_learnable } = this.answer;
    return html`<section class="card" id="learned">
      <h2>${this.t("review.learned")}</h2>
      <p class="muted-text">${this.t("review.learned_detail")}</p>
      <p class="note" role="status">
        <span
          >${this.t(learning ? "review.learning" : "review.labeled", {
            wakes: this.texts.number(wakes),
            wakes_needed: this.texts.number(wakes_needed),
            others: this.texts.number(false_wakes),
            others_needed: this.texts.number(false_wakes_needed),
          })}</span
        >
      </p>
      ${
        not_learnable?.length
          ? html`<p class="note" id="not-learnable">
              <span>${this.t("review.not_learnable", { phrases: not_learnable.join(", ") })}</span>
            </p>`
          : ""
      }
      ${learned.map((word) => this.word(word))}
      <div class="row verifier">
        <label class="grow" for="verifier">${this.t("review.use_filter")}</label>
        <input
          type="checkbox"
          role="switch"
          class="switch"
          id="verifier"
          .checked=${this.house.toggles.verifier.on}
          @change=${(event: Event) =>
            void this.turn(event, (on) => this.connection.call("settings/set", { toggle: "verifier", on }))}
        />
      </div>
    </section>`;
  }

  // Each clip was tried with a filter that had never heard it.
  private word(word: LearnedWord): TemplateResult {
    return html`<table>
        <caption>
          <bdi>${word.phrase}</bdi>
        </caption>
        <tr>
          <td></td>
          <th scope="col">${this.t("review.before")}</th>
          <th scope="col">${this.t("review.after")}</th>
        </tr>
        ${this.row("review.wakes_kept", word.wakes_before, word.wakes_after, word.wakes)}
        ${this.row("review.wakes_in_noise", word.noisy_before, word.noisy_after, word.noisy_wakes)}
        ${this.row("review.false_wakes_left", word.false_before, word.false_after, word.false_wakes)}
      </table>
      <p class="note">
        <span>${this.t(word.used ? "review.used" : word.better ? "review.unused" : "review.not_better")}</span>
      </p>`;
  }

  private row(key: string, before: number, after: number, all: number): TemplateResult {
    const share = (count: number): string =>
      this.t("review.of", { count: this.texts.number(count), all: this.texts.number(all) });
    return html`<tr>
      <th scope="row">${this.t(key)}</th>
      <td>${share(before)}</td>
      <td>${share(after)}</td>
    </tr>`;
  }
}

define("voice-privacy-learned", ReviewLearned);
