// "Say it now": a model listens to a satellite for a minute, with meters for the level and the score.
import { html, nothing, type PropertyValues, type TemplateResult } from "lit";
import { property, state } from "lit/decorators.js";
import { failureOf } from "../connection";
import type { Satellite } from "../contract";
import type { TaughtTestEvent } from "../contract.taught";
import type { WakeWordModel, WakeWordTestEvent } from "../contract.wake-words";
import { define, Part } from "./part";
import { icon, icons } from "../icons";
import { QUIET } from "../meter-bar";
import { stateWord } from "../microphone-row";
import type { Reasons } from "../reasons";
import { base } from "../styles/base";
import { wakeWordTestStyles } from "../styles/wake-word-test";
import { levelMeter, scoreMeter } from "../word-meters";

type Told = WakeWordTestEvent | TaughtTestEvent;
type Heard = Extract<Told, { type: "heard" }>;

const REFRACTORY_MILLISECONDS = 1500;

export class WakeWordTest extends Part {
  static styles = [base, wakeWordTestStyles];
  @property({ attribute: false }) model!: WakeWordModel;
  @property({ attribute: false }) chosen: Record<string, string[]> = {};
  @property({ attribute: false }) reasons?: Reasons;
  @state() private satelliteId?: string;
  @state() private running = false;
  @state() private heard?: Heard;
  @state() private times = 0;
  @state() private best = 0;
  @state() private ended?: string;
  private end?: () => void;
  private tested?: string;
  private wokeAt = 0;
  // Counts tests, so that what arrives of an earlier one is nothing.
  private test = 0;

  disconnectedCallback(): void {
    super.disconnectedCallback();
    this.finish();
  }

  // It is opened by a button, and the keyboard goes on here.
  protected firstUpdated(changed: PropertyValues): void {
    super.firstUpdated(changed);
    this.renderRoot.querySelector<HTMLElement>("#start")?.focus();
  }

  private finish(ended?: string): void {
    this.test += 1;
    this.end?.();
    this.end = undefined;
    this.running = false;
    this.ended = ended;
  }

  private async start(): Promise<void> {
    this.finish();
    const test = this.test;
    this.running = true;
    this.heard = undefined;
    this.times = this.best = this.wokeAt = 0;
    this.tested = this.candidate?.id;
    try {
      const { file, taught } = this.model;
      const end = await this.connection.follow<Told>(
        taught ? "taught/test" : "wake_words/test",
        { satellite_id: this.tested, ...(taught ? { word_id: taught.id, kind: "calls" } : { file }) },
        (event) => {
          if (test === this.test) this.receive(event);
        },
        ({ code }) => test === this.test && this.finish(this.why(code)),
      );
      if (test === this.test) this.end = end;
      else end();
    } catch (error) {
      const { code, placeholders } = failureOf(error);
      if (test === this.test) this.finish(this.why(code, placeholders));
    }
  }

  private receive(event: Told): void {
    if (event.type !== "heard") {
      this.finish(event.code === null ? this.t("wake_words.ended") : this.why(event.code));
      return;
    }
    this.heard = event;
    this.best = Math.max(this.best, event.score);
    if ("heard" in event) this.times = event.heard;
    else if (event.woke) {
      // Whoever says it once is heard for as long as the sound lasts.
      if (Date.now() - this.wokeAt > REFRACTORY_MILLISECONDS) this.times += 1;
      this.wokeAt = Date.now();
    }
  }

  private why(code: string, placeholders: Record<string, string> = {}): string {
    const name = this.connection.nameOf(this.tested ?? "") ?? this.t("common.removed_satellite");
    return this.reasons ? this.reasons(code, { name, ...placeholders }) : this.texts.error(code);
  }

  // The satellites that can choose: whether each can be tested now.
  private get candidates(): { satellite: Satellite; able: boolean }[] {
    return this.state.satellites
      .filter(({ id }) => id in this.chosen)
      .map((satellite) => ({
        satellite,
        able: !!this.chosen[satellite.id]?.length && ["listening", "recording"].includes(satellite.state),
      }));
  }

  private get candidate(): Satellite | undefined {
    const able = this.candidates.filter((one) => one.able).map((one) => one.satellite);
    return able.find(({ id }) => id === this.satelliteId) ?? able[0];
  }

  protected render(): TemplateResult {
    const { candidate } = this;
    return html`<div class="start">
        <label
          >${this.t("recordings.satellite")}<select
            class="field"
            id="satellite"
            ?disabled=${this.running || !candidate}
            @change=${(event: Event) => (this.satelliteId = (event.target as HTMLSelectElement).value)}
          >
            ${this.candidates.map(
              ({ satellite, able }) =>
                html`<option value=${satellite.id} ?disabled=${!able} ?selected=${satellite.id === candidate?.id}>
                  ${satellite.name}${able ? "" : ` (${this.unable(satellite)})`}
                </option>`,
            )}
          </select></label
        >
        ${
          this.running
            ? html`<button class="button" id="stop" @click=${() => this.finish(this.t("wake_words.ended"))}>
                ${icon(icons.close)}${this.t("wake_words.stop")}
              </button>`
            : html`<button class="button" id="start" ?disabled=${!candidate} @click=${() => void this.start()}>
                ${icon(icons.listened)}${this.t("wake_words.start")}
              </button>`
        }
      </div>
      ${candidate ? nothing : html`<p class="note">${icon(icons.microphone)}<span>${this.t("wake_words.no_test")}</span></p>`}
      ${this.running || this.heard ? this.meters() : nothing}
      <p class="said" role="status">${this.told()}</p>
      <p class="muted-text">${this.t("wake_words.test_detail")}</p>`;
  }

  private unable(satellite: Satellite): string {
    if (!this.chosen[satellite.id]?.length) return this.t("microphones.own_wake_word");
    return stateWord(this.texts, this.connection, satellite);
  }

  // What a screen reader is told: that it listens, each wake, and the end.
  private told(): TemplateResult | typeof nothing {
    const heard = this.times
      ? html`<strong class="heard"
          >${icon(icons.done)}${this.t("wake_words.heard", { count: this.texts.number(this.times) })}</strong
        >`
      : nothing;
    if (this.running) {
      if (!this.heard) return html`${this.t("common.loading")}`;
      return html`<strong class="now">${this.t("wake_words.say_now", { phrase: this.model.phrase })}</strong> ${heard}`;
    }
    return this.ended ? html`${heard} <span>${this.ended}</span>` : nothing;
  }

  private meters(): TemplateResult {
    const { level, score, threshold } = this.heard ?? { level: QUIET, score: 0, threshold: undefined };
    return html`<dl>${levelMeter(this.texts, level)}${scoreMeter(this.texts, score, threshold, this.best)}</dl>`;
  }
}

define("voice-privacy-wake-word-test", WakeWordTest);
