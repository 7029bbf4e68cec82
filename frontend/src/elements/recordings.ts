// The list of recordings: newest first, by day, live; listen, search, select, delete.
import { html, nothing, type TemplateResult } from "lit";
import { state } from "lit/decorators.js";
import { repeat } from "lit/directives/repeat.js";
import type { Filter, Recording } from "../contract";
import { ListLoader } from "../controllers/list-loader";
import { ListWindow } from "../controllers/list-window";
import { RovingFocus } from "../controllers/roving-focus";
import { SearchController, type SearchHost } from "../controllers/search";
import { Selection } from "../controllers/selection";
import { Ticker } from "../controllers/ticker";
import { saveRecording } from "../download";
import { icon, icons } from "../icons";
import { Player } from "../player";
import { recordingsStyles } from "../styles/recordings";
import { rowStyles } from "../styles/recording-row";
import { base } from "../styles/base";
import type { Day, Timeline } from "../timeline";
import type { DeletionPrompt } from "./deletion";
import { dayHead, failed, ghost, loading, notAllowed, nothingThere, searchProgress, selectionBar } from "./list-parts";
import { define, Part } from "./part";
import "./recording-row";
import { labelOf, type RowActions } from "./recording-row";
import "./recordings-filter";
import { microphoneStrip, rail } from "./recordings-rail";

export class Recordings extends Part implements SearchHost, RowActions {
  static styles = [base, recordingsStyles, rowStyles];
  @state() filter: Filter = {};
  private player!: Player;
  private readonly loader = new ListLoader(this);
  private readonly search = new SearchController(this, this.loader);
  private readonly selection = new Selection(this);
  private readonly focused = new RovingFocus(this, () => this.timeline.recordings.map((recording) => recording.id));
  private readonly window = new ListWindow(this, () => void this.loader.loadMore());
  private listened = false;

  constructor() {
    super();
    new Ticker(this);
  }

  get timeline(): Timeline {
    return this.loader.timeline;
  }

  connectedCallback(): void {
    super.connectedCallback();
    this.player = new Player(
      this.connection,
      () => this.requestUpdate(),
      (failure) => this.notify(this.texts.error(failure.code)),
    );
    this.listened = this.mayListen;
    void this.reload();
  }

  disconnectedCallback(): void {
    super.disconnectedCallback();
    this.player.stop();
  }

  stateChanged(): void {
    const { mayListen } = this;
    if (mayListen && !this.listened) void this.reload();
    if (!mayListen && this.listened) {
      this.player.stop();
      this.search.stop();
      this.begin();
    }
    this.listened = mayListen;
    this.requestUpdate();
  }

  recordingsAdded(recordings: Recording[]): void {
    if (!this.mayListen) return;
    for (const recording of recordings) void this.loader.add(recording);
  }

  recordingsDeleted(ids: string[]): void {
    if (this.player.id && ids.includes(this.player.id)) {
      this.player.stop();
      this.notify(this.t("recordings.deleted_while_playing"));
    }
    this.loader.remove(ids);
    this.selection.set(ids, false);
  }

  recordingsReset(): void {
    this.player.stop();
    void this.reload();
  }

  private get mayListen(): boolean {
    return this.connection.state?.permissions.listen ?? false;
  }

  private begin(searched = false): void {
    this.loader.begin(this.filter, searched);
    this.window.clear();
    this.selection.clear();
  }

  async reload(): Promise<void> {
    this.search.stop();
    this.begin();
    if (!this.mayListen) return;
    if (this.search.text) this.search.start();
    else await this.loader.loadMore();
  }

  private setFilter({ detail }: CustomEvent<Filter>): void {
    this.filter = { ...this.filter, ...detail };
    void this.reload();
  }

  searchStarted(): void {
    this.begin(true);
  }

  searchCleared(): void {
    void this.reload();
  }

  play(recording: Recording): void {
    // What was said of an earlier attempt is over.
    this.notify("");
    void this.player.toggle(recording.id);
  }

  seek(recording: Recording, fraction: number): void {
    void this.player.seek(recording.id, fraction);
  }

  select(recording: Recording, on: boolean): void {
    this.selection.set([recording.id], on);
  }

  delete(recording: Recording): void {
    this.ask({ title: this.t("delete.title_one"), request: { scope: "ids", recording_ids: [recording.id] } });
  }

  async download(recording: Recording): Promise<void> {
    await this.attempt(() => saveRecording(this.connection, recording));
  }

  private ask(prompt: DeletionPrompt): void {
    this.emit("vp-delete", prompt);
  }

  private deleteSelected(): void {
    this.ask({
      title: this.t("delete.title_selection", { recordings: this.texts.count("recordings", this.selection.size) }),
      request: { scope: "ids", recording_ids: [...this.selection.ids] },
    });
  }

  private deleteDay(day: string): void {
    const name = this.texts.day(day, this.house.today);
    this.ask({ title: this.t("delete.title_day", { day: name }), request: { scope: "day", day } });
  }

  // Focus goes to the list when the row that had it is gone.
  focusList(): void {
    this.focused.focus("#list-title");
  }

  private mayDelete(recording: Recording): boolean {
    return this.admin || this.state.may.delete_selected.includes(recording.satellite_id);
  }

  protected render(): TemplateResult {
    const { connection, state, texts } = this;
    const { store_error } = state.house;
    const { progress } = this.search;
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
        ${microphoneStrip(texts, connection)}
        ${
          state.permissions.listen
            ? html`${this.filters()}${progress ? searchProgress(texts, progress, found) : nothing}${this.list()}`
            : notAllowed(texts, state)
        }
      </div>
      <aside>${rail(texts, connection)}</aside>
      ${selectionBar(texts, this.selection, () => this.deleteSelected())}
    </div>`;
  }

  private filters(): TemplateResult {
    return html`<voice-privacy-filter
      .connection=${this.connection}
      .texts=${this.texts}
      .filter=${this.filter}
      .counts=${this.search.progress ? undefined : this.timeline.counts}
      .selecting=${this.selection.offered}
      @vp-filter=${this.setFilter}
      @vp-search=${({ detail }: CustomEvent<string>) => this.search.type(detail)}
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
      ${more || this.search.progress ? nothing : html`<p class="last muted-text">${this.t("recordings.end")}</p>`}`;
  }

  private noRows(): TemplateResult {
    const { failure } = this.loader;
    const searched = this.search.progress !== undefined;
    if (failure) return failed(this.texts, failure, () => void this.reload());
    if (searched ? this.search.running : this.loader.waiting) return loading(this.texts);
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
        searched: this.search.progress !== undefined,
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
    const name = this.connection.nameOf(recording.satellite_id) ?? this.t("common.removed_satellite");
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
      @focusin=${() => this.focused.reach(id)}
    ></voice-privacy-recording>`;
  }
}

define("voice-privacy-recordings", Recordings);
