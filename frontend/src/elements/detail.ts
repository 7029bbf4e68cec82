// One recording: its sound, large, why it was made, what became of it, how long it stays, and what was wrong with it.
import { html, nothing, type TemplateResult } from "lit";
import { property, state } from "lit/decorators.js";
import { type Label, LABELS, type Recording } from "../contract";
import { icon, icons } from "../icons";
import type { Player } from "../player";
import { base } from "../styles/base";
import { detailStyles } from "../styles/detail";
import { dialogStyles } from "../styles/dialog";
import { wave } from "../wave";
import { define, Part } from "./part";
import { labelOf, roundedDown, type RowActions, wordless } from "./recording-row";

const BARS = 96;

export class DetailDialog extends Part {
  static styles = [base, dialogStyles, detailStyles];
  @property({ attribute: false }) player!: Player;
  @property({ attribute: false }) actions!: RowActions;
  @property({ attribute: false }) mayDelete!: (recording: Recording) => boolean;
  // The recording before and after this one in the list.
  @property({ attribute: false }) step!: (by: 1 | -1) => void;
  @state() private recording?: Recording;
  @state() private clip?: Recording["clip"];
  @state() private correcting = false;

  get shown(): string | undefined {
    return this.recording?.id;
  }

  async open(recording: Recording): Promise<void> {
    const first = !this.recording;
    this.recording = recording;
    this.clip = undefined;
    this.correcting = false;
    await this.updateComplete;
    if (first) this.dialog.showModal();
    this.renderRoot.querySelector<HTMLElement>(".play")?.focus();
    if (!this.admin || recording.error) return;
    try {
      const { clip } = await this.connection.call<Recording>("recordings/get", { recording_id: recording.id });
      if (this.recording === recording) this.clip = clip;
    } catch {
      // It has been deleted meanwhile, which closes this.
    }
  }

  close(): void {
    if (this.recording) this.dialog.close();
  }

  private get dialog(): HTMLDialogElement {
    return this.renderRoot.querySelector("dialog")!;
  }

  private closed(): void {
    const { recording } = this;
    this.recording = undefined;
    this.emit("vp-detail-closed", recording?.id);
  }

  private onKey(event: KeyboardEvent): void {
    event.stopPropagation();
    const target = event.composedPath()[0] as HTMLElement;
    if (event.ctrlKey || event.metaKey || event.altKey || target.matches("input, textarea")) return;
    const { recording } = this;
    const acts: Record<string, () => void> = {
      j: () => this.step(1),
      k: () => this.step(-1),
      Delete: () => this.delete(),
    };
    if (!target.matches("button, summary, a")) acts[" "] = () => this.actions.play(recording!);
    const act = acts[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  }

  private delete(): void {
    const { recording } = this;
    if (!recording || !this.mayDelete(recording)) return;
    this.dialog.close();
    this.actions.delete(recording);
  }

  private async label(label: Label, correction: string | null = null): Promise<void> {
    const { clip } = this;
    if (!clip) return;
    if (label === "wrong_transcript" && correction === null) {
      this.correcting = true;
      return;
    }
    const done = await this.attempt(() =>
      this.connection.call("review/label", { review_id: clip.review_id, label, correction }),
    );
    if (done) {
      this.clip = { ...clip, label };
      this.correcting = false;
    }
  }

  protected render(): TemplateResult {
    return html`<dialog aria-labelledby="title" @close=${this.closed} @keydown=${this.onKey}>
      ${this.recording ? html`<div class="dialog">${this.body(this.recording)}</div>` : nothing}
    </dialog>`;
  }

  private body(recording: Recording): TemplateResult {
    const name = this.connection.nameOf(recording.satellite_id) ?? this.t("common.removed_satellite");
    return html`<div class="head">
        <p class="muted-text">
          <time datetime=${recording.started_at}>${this.texts.dateTime(recording.started_at)}</time> ·
          <bdi>${name}</bdi>
        </p>
        ${this.stepButton(-1, "timeline.newer", icons.up)} ${this.stepButton(1, "timeline.older", icons.down)}
        <button class="icon-button" id="close" aria-label=${this.t("common.close")} @click=${() => this.dialog.close()}>
          ${icon(icons.close)}
        </button>
      </div>
      <h2 id="title" dir="auto" class=${recording.transcript ? "" : "none"}>
        ${recording.error ? this.texts.error(recording.error) : (recording.transcript ?? wordless(this.texts, recording))}
      </h2>
      ${recording.reply ? html`<p class="reply">${icon(icons.reply)}<span dir="auto">${recording.reply}</span></p>` : nothing}
      ${this.sound(recording, labelOf(this.texts, recording, name))}
      <section>
        <h3>${this.t("timeline.why")}</h3>
        ${this.why(recording)}
      </section>
      <dl class="receipt">
        ${this.facts(recording).map(
          ([term, value]) =>
            html`<div>
              <dt>${term}</dt>
              <dd><bdi>${value}</bdi></dd>
            </div>`,
        )}
      </dl>
      ${this.admin && !recording.error && recording.kind !== "near_miss" ? this.feedback() : nothing}
      <div class="actions">
        ${
          this.admin
            ? html`<button
                class="button"
                ?disabled=${!!recording.error}
                @click=${() => void this.actions.download(recording)}
              >
                ${icon(icons.archive)}${this.t("recordings.download_short")}
              </button>`
            : nothing
        }
        ${
          this.mayDelete(recording)
            ? html`<button class="button danger-quiet" id="detail-delete" @click=${() => this.delete()}>
                ${icon(icons.deleted)}${this.t("recordings.delete_short")}
              </button>`
            : nothing
        }
      </div>`;
  }

  private stepButton(by: 1 | -1, key: string, path: string): TemplateResult {
    return html`<button
      class="icon-button"
      aria-label=${this.t(key)}
      title=${this.t(key)}
      @click=${() => this.step(by)}
    >
      ${icon(path)}
    </button>`;
  }

  private sound(recording: Recording, label: string): TemplateResult {
    const { player, actions } = this;
    const current = player.id === recording.id;
    const pausable = current && (player.state === "playing" || player.state === "loading");
    const progress = current ? player.progress : 0;
    return html`<div class="sound">
      <button
        class="play ${current ? "active" : ""}"
        ?disabled=${!!recording.error}
        aria-label=${this.t(pausable ? "recordings.pause" : "recordings.play", { recording: label })}
        @click=${() => actions.play(recording)}
      >
        ${icon(pausable ? icons.pause : icons.play)}
      </button>
      <div class="shape" dir="ltr" style="--progress:${100 * progress}%;--played:${current ? "visible" : "hidden"}">
        ${wave(recording.peaks, BARS)}
        <input
          type="range"
          min="0"
          max="100"
          ?disabled=${!!recording.error}
          aria-label=${this.t("recordings.seek", { recording: label })}
          aria-valuetext=${this.texts.seconds(progress * recording.seconds)}
          .value=${String(Math.round(100 * progress))}
          @change=${(event: Event) => actions.seek(recording, Number((event.target as HTMLInputElement).value) / 100)}
        />
      </div>
      <bdi class="elapsed"
        >${this.texts.seconds(progress * recording.seconds)} / ${this.texts.seconds(recording.seconds)}</bdi
      >
    </div>`;
  }

  private why({ started_by, wake_word, score, threshold }: Recording): TemplateResult {
    if (started_by === "button") return html`<p>${this.t("timeline.why_button")}</p>`;
    if (started_by === "conversation") return html`<p>${this.t("timeline.why_question")}</p>`;
    if (score == null || threshold == null) {
      return html`<p>${this.t(started_by === "satellite" ? "timeline.why_satellite" : "timeline.why_unknown")}</p>`;
    }
    const words = {
      word: wake_word ?? "",
      score: this.texts.percent(roundedDown(score)),
      threshold: this.texts.percent(threshold),
    };
    return html`<p>${this.t("timeline.why_score", words)}</p>
      <div class="score" dir="ltr" aria-hidden="true">
        <i style="width:${100 * Math.min(1, score)}%"></i><u style="left:${100 * Math.min(1, threshold)}%"></u>
      </div>`;
  }

  private facts(recording: Recording): [string, string][] {
    const { deletes_at, language, size, kind } = recording;
    const facts: [string, string][] = [
      ...(kind === "false_wake"
        ? [[this.t("recordings.kinds"), this.t("recordings.false_wake")] as [string, string]]
        : []),
      [
        this.t("timeline.kept"),
        deletes_at
          ? this.t("recordings.kept_until", { date: this.texts.dateTime(deletes_at) })
          : this.t("timeline.until_deleted"),
      ],
    ];
    if (language) facts.push([this.t("timeline.language"), this.texts.languageName(language)]);
    if (size !== null) facts.push([this.t("timeline.size"), this.texts.size(size)]);
    return facts;
  }

  // What is said about a recording is stored in the review pool only, which needs consent.
  private feedback(): TemplateResult {
    const { clip } = this;
    return html`<section>
      <h3>${this.t("timeline.feedback")}</h3>
      ${
        clip
          ? html`<div class="labels" role="group" aria-label=${this.t("timeline.feedback")}>
                ${LABELS.map(
                  (label) =>
                    html`<button
                      class="button"
                      data-label=${label}
                      aria-pressed=${clip.label === label}
                      @click=${() => void this.label(label)}
                    >
                      ${this.t(`review.${label}`)}
                    </button>`,
                )}
              </div>
              ${this.correcting ? this.correction() : nothing}
              <p class="muted-text" role="status">
                ${this.t(clip.label ? "timeline.feedback_given" : "timeline.feedback_waits")}
              </p>`
          : html`<p class="muted-text">
              ${clip === null ? this.t("timeline.feedback_off") : this.t("common.loading")}
            </p>`
      }
    </section>`;
  }

  private correction(): TemplateResult {
    return html`<form
      class="correction"
      @submit=${(event: Event) => {
        event.preventDefault();
        const field = this.renderRoot.querySelector<HTMLInputElement>("#correction")!;
        void this.label("wrong_transcript", field.value);
      }}
    >
      <label for="correction">${this.t("review.correction")}</label>
      <input class="field" id="correction" dir="auto" .value=${this.recording?.transcript ?? ""} />
      <button class="button">${this.t("review.save")}</button>
    </form>`;
  }
}

define("voice-privacy-detail", DetailDialog);
