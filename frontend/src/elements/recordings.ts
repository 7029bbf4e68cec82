// The timeline: recordings newest first, by day, live; look at, listen, search, select, download, delete.
import { html, nothing, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import type { Recording } from "../contract";
import { seesNothing } from "../house-line";
import { icon, icons } from "../icons";
import { dayStripStyles } from "../styles/day-strip";
import { recordingsStyles } from "../styles/recordings";
import { rowStyles } from "../styles/recording-row";
import { base } from "../styles/base";
import type { Day } from "../timeline";
import { dayStrip } from "./day-strip";
import "./held";
import "./detail";
import { dayHead, failed, ghost, loading, notAllowed, nothingThere, searchProgress, selectionBar } from "./list-parts";
import { define } from "./part";
import "./recording-row";
import { labelOf } from "./recording-row";
import "./recordings-filter";
import { microphoneStrip, rail } from "./recordings-rail";
import "./shortcut-help";
import { TimelineActions } from "./timeline-actions";

export class Recordings extends TimelineActions {
  static styles = [base, recordingsStyles, dayStripStyles, rowStyles];

  protected render(): TemplateResult {
    const { connection, state, texts } = this;
    const { store_error } = state.house;
    const { progress } = this.searching;
    const found = this.timeline.recordings.length;
    return html`<div class="columns">
      <div class="main">
        ${
          store_error
            ? html`<div class="note warn" role="alert">
                ${icon(icons.alert)}<span>${texts.error(store_error)}</span>
              </div>`
            : nothing
        }
        ${seesNothing(state) ? nothing : microphoneStrip(texts, connection)}
        <voice-privacy-held .connection=${connection} .texts=${texts}></voice-privacy-held>
        ${
          state.permissions.listen
            ? html`${this.filters()}${this.calendar()}${progress ? searchProgress(texts, progress, found) : nothing}${this.list()}`
            : notAllowed(texts, state)
        }
      </div>
      ${seesNothing(state) ? nothing : html`<aside>${rail(texts, connection)}</aside>`}
      ${selectionBar(texts, this.selection, {
        all: this.selection.hasAll(this.selectable) ? undefined : () => this.selection.set(this.selectable, true),
        download: this.admin ? () => void this.downloadSelected() : undefined,
        remove: () => this.deleteSelected(),
      })}
      ${this.dialogs()}
    </div>`;
  }

  private calendar(): TemplateResult {
    return dayStrip(this.texts, this.house.today, this.days.counts, this.filter, (day) => {
      this.filter = { ...this.filter, first_day: day, last_day: day };
      void this.reload();
    });
  }

  private dialogs(): TemplateResult {
    return html`<voice-privacy-detail
        .connection=${this.connection}
        .texts=${this.texts}
        .player=${this.player}
        .actions=${this}
        .mayDelete=${(recording: Recording) => this.mayDelete(recording)}
        .step=${(by: 1 | -1) => this.step(by)}
        @vp-recording=${({ detail }: CustomEvent<Recording>) => this.changed(detail)}
        @vp-detail-closed=${({ detail }: CustomEvent<string>) => this.focused.focus(`[data-id="${detail}"] .play`)}
      ></voice-privacy-detail>
      <voice-privacy-keys .connection=${this.connection} .texts=${this.texts}></voice-privacy-keys>`;
  }

  private filters(): TemplateResult {
    return html`<voice-privacy-filter
      .connection=${this.connection}
      .texts=${this.texts}
      .filter=${this.filter}
      .counts=${this.searching.progress ? undefined : this.timeline.counts}
      .selecting=${this.selection.offered}
      @vp-filter=${this.setFilter}
      @vp-search=${({ detail }: CustomEvent<string>) => this.searching.type(detail)}
      @vp-selecting=${() => this.selection.toggleOffered()}
    ></voice-privacy-filter>`;
  }

  private list(): TemplateResult {
    const days = this.timeline.grouped();
    if (!days.length) return this.noRows();
    const { more } = this.timeline;
    const { failure } = this.loader;
    return html`<h2 class="sr" id="list-title" tabindex="-1">${this.t("tabs.recordings")}</h2>
      <div class=${this.selection.shown ? "selecting" : ""} @keydown=${this.focused.onKey}>
        ${repeat(
          days,
          (day, index) => `${day.day}/${index}`,
          (day) => this.day(day),
        )}
      </div>
      ${failure ? failed(this.texts, failure, () => void this.reload()) : nothing}
      ${more && !failure ? html`<div data-end class="ghosts">${ghost()}</div>` : nothing}
      ${more || this.searching.progress ? nothing : html`<p class="last muted-text">${this.t("recordings.end")}</p>`}`;
  }

  private noRows(): TemplateResult {
    const { failure } = this.loader;
    const searched = this.searching.progress !== undefined;
    if (failure) return failed(this.texts, failure, () => void this.reload());
    if (searched ? this.searching.running : this.loader.waiting) return loading(this.texts);
    return nothingThere(this.texts, this.state, searched);
  }

  private day(day: Day): TemplateResult {
    const name = this.texts.day(day.day, this.house.today);
    const ids = day.recordings.filter((recording) => this.mayDelete(recording)).map((recording) => recording.id);
    return html`<section aria-label=${name}>
      ${dayHead(this.texts, {
        day,
        name,
        ids,
        searched: this.searching.progress !== undefined,
        selection: this.selection,
        remove: this.admin ? () => this.deleteDay(day.day) : undefined,
      })}
      <div class="rows card" role="list">
        ${repeat(
          this.window.split(day.recordings),
          (piece) => piece.key,
          ({ key, items }) => this.piece(key, items),
        )}
      </div>
    </section>`;
  }

  private piece(key: string, recordings: Recording[]): TemplateResult {
    const height = this.window.heightOf(key);
    return html`<div role="presentation" data-chunk=${key} style=${height === undefined ? "" : `height:${height}px`}>
      ${
        height === undefined
          ? repeat(
              recordings,
              (recording) => recording.id,
              (recording) => this.row(recording),
            )
          : nothing
      }
    </div>`;
  }

  private row(recording: Recording): TemplateResult {
    const { id } = recording;
    const name = this.nameOf(recording);
    const current = this.player.id === id;
    return html`<voice-privacy-recording
      role="listitem"
      class="row ${current ? "current" : ""} ${this.loader.fresh.has(id) ? "fresh" : ""}"
      data-id=${id}
      aria-label=${labelOf(this.texts, recording, name)}
      .texts=${this.texts}
      .recording=${recording}
      .name=${name}
      .actions=${this}
      .reached=${this.focused.active === id}
      .selected=${this.selection.has(id)}
      .mayDelete=${this.mayDelete(recording)}
      .mayDownload=${this.admin}
      .playing=${current ? this.player.state : undefined}
      .progress=${current ? this.player.progress : 0}
      .sought=${this.searching.progress ? this.searching.text : ""}
      @click=${(event: MouseEvent) => this.clicked(event, recording)}
      @focusin=${() => this.focused.reach(id)}
    ></voice-privacy-recording>`;
  }
}

define("voice-privacy-recordings", Recordings);
