// A row of the list. It is drawn again only when something of it changes.
import { html, LitElement, nothing, type TemplateResult } from "lit";
import { property } from "lit/decorators.js";
import type { Recording } from "../contract";
import { icon, icons } from "../icons";
import type { PlayerState } from "../player";
import type { Texts } from "../texts";
import { marked } from "../marked";
import { wave } from "../wave";
import { define } from "./part";

export interface RowActions {
  play(recording: Recording): void;
  seek(recording: Recording, fraction: number): void;
  // With the shift key, everything from the last one that was chosen to this one.
  select(recording: Recording, on: boolean, range: boolean): void;
  open(recording: Recording): void;
  download(recording: Recording): Promise<void>;
  delete(recording: Recording): void;
}

export function labelOf(texts: Texts, recording: Recording, name: string): string {
  return `${texts.time(recording.started_at)}, ${name}`;
}

// Scores are rounded down, so that none seems to reach a threshold that it missed.
export function roundedDown(value: number): number {
  return Math.floor(value * 100 + 1e-6) / 100;
}

// What stands in place of a transcript.
export function wordless(texts: Texts, { kind, score, threshold }: Recording): string {
  if (kind === "false_wake") return texts.get("recordings.nothing_said");
  if (kind !== "near_miss") return texts.get("recordings.no_transcript");
  const percent = (value?: number | null) => texts.percent(roundedDown(value ?? 0));
  const key = (score ?? 0) < (threshold ?? 0) ? "recordings.near_miss" : "recordings.near_miss_rejected";
  return texts.get(key, { score: percent(score), threshold: percent(threshold) });
}

export class RecordingRow extends LitElement {
  @property({ attribute: false }) texts!: Texts;
  @property({ attribute: false }) recording!: Recording;
  // Of the satellite.
  @property({ attribute: false }) name = "";
  @property({ attribute: false }) actions!: RowActions;
  // Whether the tab key reaches the buttons.
  @property({ attribute: false }) reached = false;
  @property({ attribute: false }) selected = false;
  @property({ attribute: false }) mayDelete = false;
  @property({ attribute: false }) mayDownload = false;
  // What the player does with this recording; undefined while it is not the player's.
  @property({ attribute: false }) playing?: PlayerState;
  @property({ attribute: false }) progress = 0;
  // What was searched for.
  @property({ attribute: false }) sought = "";

  // The row is the host itself, laid out by the list's styles.
  protected createRenderRoot(): this {
    return this;
  }

  private t(key: string, values?: Record<string, string | number>): string {
    return this.texts.get(key, values);
  }

  protected render(): TemplateResult {
    const { recording, actions } = this;
    const label = labelOf(this.texts, recording, this.name);
    const pausable = this.playing === "playing" || this.playing === "loading";
    return html`${
        this.mayDelete
          ? html`<input
              type="checkbox"
              class="box pick"
              tabindex=${this.tabindex}
              aria-label=${this.t("recordings.select_one", { recording: label })}
              .checked=${this.selected}
              @click=${(event: MouseEvent) =>
                actions.select(recording, (event.target as HTMLInputElement).checked, event.shiftKey)}
            />`
          : nothing
      }
      <button
        class="play ${this.playing ? "active" : ""}"
        tabindex=${this.tabindex}
        ?disabled=${!!recording.error}
        aria-label=${this.t(pausable ? "recordings.pause" : "recordings.play", { recording: label })}
        @click=${() => actions.play(recording)}
      >
        ${icon(pausable ? icons.pause : icons.play)}
      </button>
      <div class="what" role="button" tabindex="-1" aria-haspopup="dialog" title=${this.t("timeline.details")}>
        ${this.words()}
      </div>
      ${this.sound(label)}
      <div class="meta">
        <time datetime=${recording.started_at}>${this.texts.time(recording.started_at)}</time>
        <span><bdi>${this.name}</bdi></span>
        ${
          recording.kind === "false_wake"
            ? html`<span class="false">${this.t("recordings.false_wake")}</span>`
            : nothing
        }
        ${
          recording.feedback
            ? html`<span class="mark" title=${this.t("timeline.feedback_mark")}
                >${icon(icons.reviewed)}${this.t(`review.${recording.feedback.label}`)}</span
              >`
            : nothing
        }
        ${this.startedBy()}
        ${
          recording.deletes_at
            ? html`<span>${this.t("recordings.kept_until", { date: this.texts.until(recording.deletes_at) })}</span>`
            : nothing
        }
      </div>
      <div class="ends">
        ${
          this.mayDownload
            ? html`<button
                class="icon-button"
                tabindex=${this.tabindex}
                ?disabled=${!!recording.error}
                aria-label=${this.t("recordings.download", { recording: label })}
                title=${this.t("recordings.download_short")}
                @click=${() => void actions.download(recording)}
              >
                ${icon(icons.archive)}
              </button>`
            : nothing
        }
        ${
          this.mayDelete
            ? html`<button
                class="icon-button"
                tabindex=${this.tabindex}
                aria-label=${this.t("recordings.delete", { recording: label })}
                title=${this.t("recordings.delete_short")}
                @click=${() => actions.delete(recording)}
              >
                ${icon(icons.deleted)}
              </button>`
            : nothing
        }
      </div>`;
  }

  private get tabindex(): number {
    return this.reached ? 0 : -1;
  }

  private sound(label: string): TemplateResult {
    const { recording, actions } = this;
    const percent = this.progress * 100;
    return html`<div class="sound" dir="ltr">
      <div class="shape" style="--progress:${percent}%;--played:${this.playing ? "visible" : "hidden"}">
        ${wave(recording.peaks)}
        <input
          type="range"
          min="0"
          max="100"
          step="1"
          tabindex=${this.tabindex}
          ?disabled=${!!recording.error}
          aria-label=${this.t("recordings.seek", { recording: label })}
          aria-valuetext=${this.texts.seconds(this.progress * recording.seconds)}
          .value=${String(Math.round(percent))}
          @change=${(event: Event) => actions.seek(recording, Number((event.target as HTMLInputElement).value) / 100)}
        />
      </div>
      <bdi class="length">${this.texts.seconds(recording.seconds)}</bdi>
    </div>`;
  }

  private startedBy(): TemplateResult | typeof nothing {
    const { started_by, wake_word, score } = this.recording;
    if (started_by === "button") return html`<span>${this.t("recordings.by_button")}</span>`;
    if (started_by === "conversation") return html`<span>${this.t("recordings.by_question")}</span>`;
    if (!wake_word) return nothing;
    return html`<span title=${score == null ? nothing : this.t("timeline.score")}
      ><bdi>${wake_word}</bdi
      >${score != null ? html` <bdi>${this.texts.percent(roundedDown(score))}</bdi>` : nothing}</span
    >`;
  }

  private words(): TemplateResult {
    const { error, transcript, reply } = this.recording;
    if (error) return html`<p class="said none">${this.texts.error(error)}</p>`;
    return html`${
      transcript
        ? html`<p class="said" dir="auto">${marked(transcript, this.sought)}</p>`
        : html`<p class="said none">${wordless(this.texts, this.recording)}</p>`
    }
    ${reply ? html`<p class="reply">${icon(icons.reply)}<span dir="auto">${marked(reply, this.sought)}</span></p>` : nothing}`;
  }
}

define("voice-privacy-recording", RecordingRow);
