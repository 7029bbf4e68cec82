// Ten seconds of a satellite, heard live in this browser, with what its sound is like. Nothing of it stays anywhere.
import { html, nothing, type PropertyValues, type TemplateResult } from "lit";
import { property, state } from "lit/decorators.js";
import { failureOf } from "../connection";
import type { Satellite, SoundVerdict } from "../contract";
import type { MicrophoneTestEvent } from "../contract.rooms";
import { icon, icons } from "../icons";
import { LiveSound } from "../live-sound";
import { apart, decibels, loudness, meterBar } from "../meter-bar";
import { loadReasons } from "../reasons";
import { base } from "../styles/base";
import { wakeWordTestStyles } from "../styles/wake-word-test";
import { define, Part } from "./part";

type Heard = Extract<MicrophoneTestEvent, { type: "heard" }>;

const SECONDS = 10;
const VERDICTS: Record<SoundVerdict, string> = {
  silent: "microphone_test.silent",
  clipping: "microphone_test.clipping",
  unspoken: "microphone_test.unspoken",
  quiet: "microphone_test.quiet",
  noisy: "microphone_test.noisy",
  good: "microphone_test.good",
};

export class MicrophoneTest extends Part {
  static styles = [base, wakeWordTestStyles];
  @property({ attribute: false }) satellite!: Satellite;
  // Whether there is more to be seen than the button.
  @property({ type: Boolean, reflect: true }) open = false;
  // Whether what it does is said only once it does it.
  @property({ type: Boolean }) brief = false;
  @state() private running = false;
  @state() private heard?: Heard;
  // What it came to: a sentence, and whether that is good.
  @state() private result?: { text: string; good: boolean };
  private best = 0;
  private seconds = 0;
  private sound?: LiveSound;
  // Ends the test that has begun, after the tone.
  @state() private end?: () => void;
  // Counts tests, so that what arrives of an earlier one is nothing.
  private test = 0;

  disconnectedCallback(): void {
    super.disconnectedCallback();
    this.finish();
  }

  stateChanged(): void {
    super.stateChanged();
    // The house has ended it, and cannot say so.
    if (this.running && this.connection.status !== "ready") this.finish(this.t("microphone_test.ended"));
  }

  protected willUpdate(changed: PropertyValues): void {
    super.willUpdate(changed);
    this.open = this.running || !!this.heard || !!this.result;
  }

  private finish(text?: string, good = false): void {
    this.test += 1;
    this.end?.();
    this.sound?.close();
    this.end = this.sound = undefined;
    this.running = false;
    this.result = text ? { text, good } : undefined;
  }

  private async start(): Promise<void> {
    this.finish();
    const { test } = this;
    this.running = true;
    this.heard = undefined;
    this.best = this.seconds = 0;
    try {
      this.sound = new LiveSound();
      const end = await this.connection.follow<MicrophoneTestEvent>(
        "microphones/test",
        { satellite_id: this.satellite.id },
        (event) => {
          if (test === this.test) this.receive(event);
        },
      );
      if (test === this.test) this.end = end;
      else end();
    } catch (error) {
      const { code, placeholders } = failureOf(error);
      if (test === this.test) await this.refused(code, placeholders);
    }
  }

  private receive(event: MicrophoneTestEvent): void {
    if (event.type === "heard") {
      this.seconds += this.sound!.play(event.audio);
      this.best = Math.max(this.best, event.score ?? 0);
      this.heard = event;
    } else if (event.code) void this.refused(event.code);
    else this.finish(this.t(VERDICTS[event.verdict!]), event.verdict === "good");
  }

  private async refused(code: string, placeholders = {}): Promise<void> {
    this.finish();
    const { test } = this;
    const reasons = await loadReasons(this.connection, this.texts);
    if (test === this.test) this.finish(reasons(code, { name: this.satellite.name, ...placeholders }));
  }

  protected render(): TemplateResult {
    const { running, heard, result, satellite } = this;
    const { name } = satellite;
    return html`${
        running
          ? html`<button class="button" id="end" @click=${() => this.finish(this.t("microphone_test.ended"))}>
              ${icon(icons.close)}${this.t("wake_words.stop")}
              ${heard ? html`<span aria-hidden="true">· ${this.left}</span>` : nothing}
            </button>`
          : html`<button class="button" id="hear" @click=${() => void this.start()}>
              ${icon(icons.listened)}${this.t("microphone_test.button")}<span class="sr"> ${name}</span>
            </button>`
      }
      ${this.brief && !this.open ? nothing : html`<p class="muted-text">${this.t("microphone_test.about", { name })}</p>`}
      <div class="said" role="status">
        ${
          running
            ? html`<strong class="now"
                >${this.t(this.end ? "microphone_test.live" : "microphone_test.tone", { name })}</strong
              >`
            : result
              ? html`<p class="note ${result.good ? "done" : "warn"}">
                  ${icon(result.good ? icons.done : icons.alert)}<span>${result.text}</span>
                </p>`
              : nothing
        }
      </div>
      ${heard ? this.figures(heard) : nothing}`;
  }

  private get left(): string {
    const seconds = Math.max(0, Math.ceil(SECONDS - this.seconds));
    return this.texts.number(seconds, { style: "unit", unit: "second", unitDisplay: "narrow" });
  }

  private figures({ level, floor, clips, score, threshold }: Heard): TemplateResult {
    const percent = (value: number): string => apart(this.texts.percent(value));
    const of = (value: number, limit: number): string =>
      this.t("wake_words.score_of", { score: percent(value), threshold: percent(limit) });
    const row = (key: string, value: string): TemplateResult =>
      html`<dt>${this.t(key)}</dt>
        <dd><span class="words">${value}</span></dd>`;
    return html`${
        this.running && !this.sound?.running
          ? html`<p class="muted-text">${this.t("microphone_test.silent_browser")}</p>`
          : nothing
      }
      <dl>
        ${
          this.running
            ? html`<dt id="level">${this.t("wake_words.level")}</dt>
                <dd>${meterBar("level", loudness(level), decibels(this.texts, level))}</dd>`
            : nothing
        }
        ${row("microphone_test.floor", floor === null ? "–" : decibels(this.texts, floor))}
        ${row("microphone_test.clips", this.texts.number(clips))}
        ${
          score === null || threshold === null
            ? nothing
            : html`${
                this.running
                  ? html`<dt id="score">${this.t("wake_words.score")}</dt>
                      <dd>${meterBar("score", score, of(score, threshold), threshold)}</dd>`
                  : nothing
              }
              ${row("wake_words.best", of(this.best, threshold))}`
        }
      </dl>`;
  }
}

define("voice-privacy-microphone-test", MicrophoneTest);
