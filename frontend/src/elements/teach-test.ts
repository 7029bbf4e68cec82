// A word that was just made, before it is saved: five calls, and talk that must not wake it.
import { html, nothing, type TemplateResult } from "lit";
import { property, state } from "lit/decorators.js";
import type { TaughtTestEvent } from "../contract.taught";
import { icon, icons } from "../icons";
import { apart, QUIET } from "../meter-bar";
import { base } from "../styles/base";
import { teachStyles } from "../styles/teach";
import { wakeWordTestStyles } from "../styles/wake-word-test";
import { levelMeter, scoreMeter } from "../word-meters";
import { define } from "./part";
import { TeachPart, warning } from "./teach-parts";

type Kind = "calls" | "talk";
type Heard = Extract<TaughtTestEvent, { type: "heard" }>;

const CALLS = 5;
const TALK_SECONDS = 600;

export class TeachTest extends TeachPart {
  static styles = [base, wakeWordTestStyles, teachStyles];
  @property({ attribute: false }) session!: string;
  @property({ attribute: false }) word = "";
  @property({ attribute: false }) satellite = "";
  @state() private kind?: Kind;
  @state() private heard?: Heard;
  @state() private results: Partial<Record<Kind, number>> = {};
  @state() private failure?: string;
  private end?: () => void;
  // Counts tests, so that what arrives of an earlier one is nothing.
  private run = 0;

  disconnectedCallback(): void {
    super.disconnectedCallback();
    this.finish();
  }

  private finish(failure?: string): void {
    this.run += 1;
    this.end?.();
    this.end = undefined;
    if (this.kind && this.heard) this.results = { ...this.results, [this.kind]: this.heard.heard };
    this.kind = this.heard = undefined;
    this.failure = failure;
  }

  private async start(kind: Kind): Promise<void> {
    this.finish();
    const { run, session } = this;
    this.kind = kind;
    this.results = { ...this.results, [kind]: undefined };
    try {
      const end = await this.connection.follow<TaughtTestEvent>(
        "taught/test",
        { session, kind },
        (event) => {
          if (run === this.run) this.receive(event);
        },
        (failure) => run === this.run && this.finish(this.why(failure)),
      );
      if (run === this.run) this.end = end;
      else end();
    } catch (error) {
      if (run === this.run) this.finish(this.why(error));
    }
  }

  private receive(event: TaughtTestEvent): void {
    if (event.type === "end") this.finish(event.code === null ? undefined : this.why(event));
    else {
      this.heard = event;
      if (this.kind === "calls" && event.heard >= CALLS) this.finish();
    }
  }

  protected render(): TemplateResult {
    return html`${this.trial("calls")}${this.trial("talk")} ${this.failure ? warning(this.failure) : nothing}`;
  }

  private trial(kind: Kind): TemplateResult {
    const running = this.kind === kind;
    return html`<section class="test" aria-labelledby="${kind}-title">
      <h3 id="${kind}-title">${this.t(`teach.${kind}`)}</h3>
      <p class="muted-text">${this.t(`teach.${kind}_about`, { phrase: apart(this.word) })}</p>
      <button
        class="button"
        id=${kind}
        aria-disabled=${!!this.kind && !running}
        @click=${() => (running ? this.finish() : this.kind || void this.start(kind))}
      >
        ${icon(running ? icons.close : icons.listened)}${this.t(running ? "wake_words.stop" : "wake_words.start")}<span
          class="sr"
        >
          ${this.t(`teach.${kind}`)}</span
        >
      </button>
      ${running ? this.meters(kind) : nothing}
      <p class="said" role="status">${running ? this.now(kind) : this.result(kind)}</p>
    </section>`;
  }

  private meters(kind: Kind): TemplateResult {
    const { level, score, threshold, seconds } = this.heard ?? { level: QUIET, score: 0, seconds: 0 };
    return html`<dl>${levelMeter(this.texts, level)}${scoreMeter(this.texts, score, threshold)}</dl>
      ${
        kind === "talk"
          ? html`<p class="count">
              <bdi>${this.texts.clock(seconds)} / ${this.texts.clock(TALK_SECONDS)}</bdi>
            </p>`
          : nothing
      }`;
  }

  private now(kind: Kind): TemplateResult {
    if (!this.heard) return html`${this.t("common.loading")}`;
    const { heard } = this.heard;
    if (kind === "talk")
      return html`<strong class="now">${this.t("teach.talk_now")}</strong> ${this.told(kind, heard)}`;
    return html`<strong class="now">${this.t("wake_words.say_now", { phrase: apart(this.word) })}</strong>
      ${this.told(kind, heard)}`;
  }

  private told(kind: Kind, count: number): string {
    return this.t(`teach.${kind}_heard`, { count: this.texts.number(count), wanted: this.texts.number(CALLS) });
  }

  private result(kind: Kind): TemplateResult | typeof nothing {
    const count = this.results[kind];
    if (count === undefined) return nothing;
    const good = kind === "calls" ? count >= CALLS : count === 0;
    return html`<span class="note ${good ? "done" : "warn"}"
      >${icon(good ? icons.done : icons.alert)}<span
        >${this.told(kind, count)} ${good ? nothing : this.t(`teach.${kind}_bad`)}</span
      ></span
    >`;
  }
}

define("voice-privacy-teach-test", TeachTest);
