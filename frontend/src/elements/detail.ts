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
import { engineText, NOT_REVIEWED, runText, soundText, whyText } from "./detail-why";
import { define, Part } from "./part";
import { labelOf, type RowActions, wordless } from "./recording-row";

const BARS = 96;

export class DetailDialog extends Part {
  static styles = [base, dialogStyles, detailStyles];
  @property({ attribute: false }) player!: Player;
  @property({ attribute: false }) actions!: RowActions;
  @property({ attribute: false }) mayDelete!: (recording: Recording) => boolean;
  // The recording before and after this one in the list.
  @property({ attribute: false }) step!: (by: 1 | -1) => void;
  @state() private recording?: Recording;
  // What is told about one recording only, once it has come.
  @state() private detail?: Recording;
  @state() private correcting = false;

  get shown(): string | undefined {
    return this.recording?.id;
  }

  async open(recording: Recording): Promise<void> {
    const first = !this.recording;
    this.recording = recording;
    this.detail = undefined;
    this.correcting = false;
    await this.updateComplete;
    if (first) this.dialog.showModal();
    this.renderRoot.querySelector<HTMLElement>(".play")?.focus();
    if (recording.error) return;
    try {
      const detail = await this.connection.call<Recording>("recordings/get", { recording_id: recording.id });
      if (this.recording === recording) this.detail = detail;
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
    const acts: Record<string, () => void> = {
      j: () => this.step(1),
      k: () => this.step(-1),
      Delete: () => this.delete(),
    };
    if (!target.matches("button, summary, a")) acts[" "] = () => this.actions.play(this.recording!);
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
    const { detail, recording } = this;
    if (!detail || !recording) return;
    if (label === "wrong_transcript" && correction === null) {
      this.correcting = true;
      return;
    }
    const { clip } = detail;
    const said = { label, correction };
    const done = await this.attempt(() =>
      clip
        ? this.connection.call("review/label", { review_id: clip.review_id, ...said })
        : this.connection.call("recordings/feedback", { recording_id: recording.id, ...said }),
    );
    if (!done) return;
    // The list shows it, too.
    this.emit("vp-recording", { ...recording, feedback: said });
    if (this.detail !== detail) return;
    this.detail = { ...detail, feedback: said, ...(clip ? { clip: { ...clip, label } } : {}) };
    this.correcting = false;
  }

  protected render(): TemplateResult {
    return html`<dialog aria-labelledby="title" @close=${this.closed} @keydown=${this.onKey}>
      ${this.recording ? html`<div class="dialog">${this.body(this.recording)}</div>` : nothing}
    </dialog>`;
  }

  private body(recording: Recording): TemplateResult {
    const name = this.connection.nameOf(recording.satellite_id) ?? this.t("common.removed_satellite");
    const { error, transcript } = recording;
    const words = error ? this.texts.error(error) : (transcript ?? wordless(this.texts, recording));
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
      <h2 id="title" class=${transcript ? "" : "none"}><bdi>${words}</bdi></h2>
      ${recording.reply ? html`<p class="reply">${icon(icons.reply)}<span dir="auto">${recording.reply}</span></p>` : nothing}
      ${this.sound(recording, labelOf(this.texts, recording, name))}
      <section>
        <h3>${this.t("timeline.why")}</h3>
        ${whyText(this.texts, recording, this.detail?.why)}
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
      ${recording.error ? nothing : this.feedback()}
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
      ${soundText(this.texts, this.detail?.sound)}
    </div>`;
  }

  private facts(recording: Recording): [string, unknown][] {
    const { deletes_at, language, size, kind } = recording;
    const { run, why } = this.detail ?? {};
    const engine = engineText(this.texts, recording, why);
    const facts: [string, unknown][] = [];
    if (kind === "false_wake") facts.push([this.t("recordings.kinds"), this.t("recordings.false_wake")]);
    if (engine) facts.push([this.t("timeline.engine"), engine]);
    if (run) facts.push([this.t("timeline.result"), runText(this.texts, recording, run)]);
    facts.push([
      this.t("timeline.kept"),
      deletes_at
        ? this.t("recordings.kept_until", { date: this.texts.dateTime(deletes_at) })
        : this.t("timeline.until_deleted"),
    ]);
    if (language) facts.push([this.t("timeline.language"), this.texts.languageName(language)]);
    if (size !== null) facts.push([this.t("timeline.size"), this.texts.size(size)]);
    return facts;
  }

  // In review it is the label of the clip; anything else is stored with the recording.
  private feedback(): TemplateResult {
    const { detail } = this;
    const given = detail?.feedback;
    return html`<section>
      <h3>${this.t("timeline.feedback")}</h3>
      ${
        detail
          ? html`<div class="labels" role="group" aria-label=${this.t("timeline.feedback")}>
                ${LABELS.map(
                  (label) =>
                    html`<button
                      class="button"
                      data-label=${label}
                      aria-pressed=${(detail.clip?.label ?? given?.label) === label}
                      @click=${() => void this.label(label)}
                    >
                      ${this.t(`review.${label}`)}
                    </button>`,
                )}
              </div>
              ${this.correcting ? this.correction() : nothing}
              ${
                given?.correction && !this.correcting
                  ? html`<p>${this.t("review.correction")}: <q dir="auto">${given.correction}</q></p>`
                  : nothing
              }
              <p class="muted-text" role="status">${this.place(detail)}</p>`
          : html`<p class="muted-text">${this.t("common.loading")}</p>`
      }
    </section>`;
  }

  // What becomes of the feedback, and the place of the recording in review.
  private place({ clip, feedback, not_reviewed }: Recording): string {
    const kept = feedback ? `${this.t("timeline.feedback_kept")} ` : "";
    if (clip) {
      if (clip.label) return this.t("timeline.feedback_given");
      const what = (clip.findings ?? []).map((finding) => this.t(`review.finding_${finding}`)).join(", ");
      return clip.barred ? this.t("review.barred", { what }) : this.t("timeline.feedback_waits");
    }
    return this.admin
      ? kept + this.t((not_reviewed && NOT_REVIEWED[not_reviewed]) ?? "timeline.not_reviewed_any_more")
      : kept;
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
      <input
        class="field"
        id="correction"
        dir="auto"
        maxlength="500"
        .value=${this.detail?.feedback?.correction ?? this.recording?.transcript ?? ""}
      />
      <button class="button">${this.t("review.save")}</button>
    </form>`;
  }
}

define("voice-privacy-detail", DetailDialog);
