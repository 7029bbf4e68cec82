// The timeline: newest first, by day, live; listen, search, select, delete.
import { html, nothing, type PropertyValues, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import { type Filter, type Kind, KINDS, type ListAnswer, PAGE_SIZE, type Recording, type SearchEvent } from "../contract";
import type { Wish } from "./deletion";
import { define, Part } from "./part";
import { type Failure, failureOf } from "../connection";
import { icon, icons } from "../icons";
import { whyEmpty } from "../keeping";
import { badge, stateLine, timer } from "../microphone-row";
import { Player } from "../player";
import { quota, storage } from "../quota";
import { recordingStyles } from "../styles/recordings";
import { base } from "../styles/base";
import { type Day, Timeline, toggled } from "../timeline";
import { wave } from "../wave";

const CHUNK = 25;
const SEARCH_DELAY = 350;

interface Search {
  text: string;
  done: number;
  total: number;
  running: boolean;
}

export class Recordings extends Part {
  static styles = [base, recordingStyles];
  static properties = {
    ...Part.properties,
    timeline: { state: true },
    filter: { state: true },
    selection: { state: true },
    selecting: { state: true },
    loading: { state: true },
    loaded: { state: true },
    failure: { state: true },
    search: { state: true },
    showFilter: { state: true },
    active: { state: true },
    fresh: { state: true },
  };
  declare timeline: Timeline;
  declare filter: Filter;
  declare selection: ReadonlySet<string>;
  declare selecting: boolean;
  declare loading: boolean;
  declare loaded: boolean;
  declare failure?: Failure;
  declare search?: Search;
  declare showFilter: boolean;
  // The row whose buttons the tab key reaches.
  declare active?: string;
  declare fresh: ReadonlySet<string>;

  player!: Player;
  private tokens = 0;
  // What the search field says, which the search follows a moment later.
  private wanted = "";
  private endSearch?: () => void;
  private searchTimer?: ReturnType<typeof setTimeout>;
  private ticking?: ReturnType<typeof setInterval>;
  private chunks?: IntersectionObserver;
  private end?: IntersectionObserver;
  private heights = new Map<string, number>();
  private near = new Set<string>();
  private listened = true;

  constructor() {
    super();
    this.filter = {};
    this.timeline = new Timeline();
    this.selection = new Set();
    this.fresh = new Set();
    this.selecting = this.loading = this.loaded = this.showFilter = false;
  }

  connectedCallback(): void {
    super.connectedCallback();
    this.player = new Player(
      this.house,
      () => this.requestUpdate(),
      (failure) => this.notify(this.texts.error(failure.code)),
    );
    this.chunks = new IntersectionObserver((seen) => this.onChunks(seen), { rootMargin: "1200px 0px" });
    this.end = new IntersectionObserver(
      (seen) => {
        if (seen.some((one) => one.isIntersecting)) void this.loadMore();
      },
      { rootMargin: "800px 0px" },
    );
    this.ticking = setInterval(() => {
      if (this.house.state?.satellites.some((one) => one.state === "recording")) this.requestUpdate();
    }, 500);
    void this.reload();
  }

  disconnectedCallback(): void {
    super.disconnectedCallback();
    this.player.stop();
    this.stopSearch();
    this.chunks?.disconnect();
    this.end?.disconnect();
    clearInterval(this.ticking);
  }

  // --- the house tells -------------------------------------------------------------------------

  houseChanged(): void {
    const may = this.mayListen;
    if (may && !this.listened) void this.reload();
    if (!may && this.listened) {
      this.player.stop();
      this.timeline = new Timeline(this.filter);
    }
    this.listened = may;
    this.requestUpdate();
  }

  recordingsAdded(recordings: Recording[]): void {
    for (const one of recordings) void this.take(one);
  }

  recordingsDeleted(ids: string[]): void {
    if (this.player.id && ids.includes(this.player.id)) {
      this.player.stop();
      this.notify(this.t("recordings.deleted_while_playing"));
    }
    const known = this.timeline.knowsAll(ids);
    this.timeline.remove(ids);
    this.selection = toggled(this.selection, ids, false);
    if (!known && !this.search) void this.recount();
    this.requestUpdate();
  }

  recordingsReset(): void {
    this.player.stop();
    void this.reload();
  }

  private async take(one: Recording): Promise<void> {
    if (!this.mayListen || this.search || !this.timeline.matches(one)) return;
    const timeline = this.timeline;
    try {
      const row = await this.house.call<Recording>("recordings/get", { recording_id: one.id });
      if (timeline !== this.timeline || !timeline.add(row)) return;
      this.fresh = toggled(this.fresh, [one.id], true);
      this.requestUpdate();
    } catch {
      // It has been deleted meanwhile.
    }
  }

  // --- loading ---------------------------------------------------------------------------------

  private get mayListen(): boolean {
    return this.house.state?.permissions.listen ?? false;
  }

  async reload(): Promise<void> {
    this.tokens += 1;
    this.stopSearch();
    this.search = undefined;
    this.timeline = new Timeline(this.filter);
    this.heights.clear();
    this.near.clear();
    this.selection = new Set();
    this.loading = this.loaded = false;
    this.failure = undefined;
    if (!this.mayListen) return;
    if (this.wanted) this.startSearch(this.wanted);
    else await this.loadMore();
  }

  private async loadMore(): Promise<void> {
    if (this.loading || !this.timeline.more || this.failure || this.search) return;
    const token = this.tokens;
    this.loading = true;
    try {
      const answer = await this.house.call<ListAnswer>("recordings/list", {
        ...this.filter,
        before: this.timeline.cursor,
        limit: PAGE_SIZE,
      });
      if (token !== this.tokens) return;
      this.timeline.append(answer);
      this.active ??= this.timeline.recordings[0]?.id;
    } catch (error) {
      if (token !== this.tokens) return;
      this.failure = failureOf(error);
    }
    this.loading = false;
    this.loaded = true;
  }

  private async recount(): Promise<void> {
    const timeline = this.timeline;
    try {
      const answer = await this.house.call<ListAnswer>("recordings/list", { ...this.filter, limit: 1, content: false });
      timeline.recount(answer);
      this.requestUpdate();
    } catch {
      // The next page tells what is wrong.
    }
  }

  private setFilter(change: Filter): void {
    this.filter = { ...this.filter, ...change };
    void this.reload();
  }

  // --- searching -------------------------------------------------------------------------------

  private onSearch(event: Event): void {
    const text = (this.wanted = (event.target as HTMLInputElement).value.trim());
    clearTimeout(this.searchTimer);
    this.searchTimer = setTimeout(() => {
      if (text) this.startSearch(text);
      else if (this.search) void this.reload();
    }, SEARCH_DELAY);
  }

  private startSearch(text: string): void {
    this.stopSearch();
    const token = ++this.tokens;
    this.timeline = new Timeline(this.filter);
    this.timeline.more = false;
    this.selection = new Set();
    this.loading = false;
    this.failure = undefined;
    this.search = { text, done: 0, total: 0, running: true };
    const receive = (event: SearchEvent): void => {
      if (token !== this.tokens || !this.search) return;
      if (event.type === "failed") this.failure = failureOf(event);
      if (event.type !== "progress") {
        this.search = { ...this.search, running: false };
        return;
      }
      this.timeline.found(event.recordings);
      this.search = { ...this.search, done: event.done, total: event.total };
    };
    this.house.follow<SearchEvent>("recordings/search", { text, ...this.filter }, receive).then(
      (end) => {
        if (token === this.tokens) this.endSearch = end;
        else end();
      },
      (error: unknown) => {
        this.failure = failureOf(error);
        if (this.search) this.search = { ...this.search, running: false };
      },
    );
  }

  private stopSearch(): void {
    clearTimeout(this.searchTimer);
    this.endSearch?.();
    this.endSearch = undefined;
  }

  // --- acting ----------------------------------------------------------------------------------

  private wish(wish: Wish): void {
    this.dispatchEvent(new CustomEvent("vp-delete", { detail: wish, bubbles: true, composed: true }));
  }

  private deleteOne(one: Recording): void {
    this.wish({ title: this.t("delete.title_one"), request: { scope: "ids", recording_ids: [one.id] } });
  }

  private deleteSelected(): void {
    this.wish({
      title: this.t("delete.title_selection", { recordings: this.texts.count("recordings", this.selection.size) }),
      request: { scope: "ids", recording_ids: [...this.selection] },
    });
  }

  private deleteDay(day: string): void {
    const name = this.texts.day(day, this.house.state!.house.today);
    this.wish({ title: this.t("delete.title_day", { day: name }), request: { scope: "day", day } });
  }

  private async download(one: Recording): Promise<void> {
    try {
      const blob = await (await this.house.fetch(`recordings/${one.id}/audio?download`)).blob();
      const link = document.createElement("a");
      link.href = URL.createObjectURL(blob);
      link.download = `voice-privacy-${one.started_at.slice(0, 19).replaceAll(":", "-")}.wav`;
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 1000);
    } catch (error) {
      this.notify(this.texts.error(failureOf(error).code));
    }
  }

  private select(ids: string[], on: boolean): void {
    this.selection = toggled(this.selection, ids, on);
  }

  private onKey(event: KeyboardEvent): void {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const origin = event.composedPath()[0] as HTMLElement;
    if (!step || origin.matches("input[type=range]")) return;
    const ids = this.timeline.recordings.map((one) => one.id);
    const next = ids[ids.indexOf(this.active ?? "") + step];
    if (!next) return;
    event.preventDefault();
    this.active = next;
    void this.updateComplete.then(() => {
      this.renderRoot.querySelector<HTMLElement>(`[data-id="${next}"] .play`)?.focus();
    });
  }

  // Focus goes to the list when the row that had it is gone.
  focusList(): void {
    void this.updateComplete.then(() => this.renderRoot.querySelector<HTMLElement>("#list-title")?.focus());
  }

  // --- drawing ---------------------------------------------------------------------------------

  private onChunks(seen: IntersectionObserverEntry[]): void {
    for (const one of seen) {
      const key = (one.target as HTMLElement).dataset.chunk!;
      if (one.isIntersecting) this.near.add(key);
      else {
        if (this.near.has(key)) this.heights.set(key, one.boundingClientRect.height);
        this.near.delete(key);
      }
    }
    this.requestUpdate();
  }

  protected updated(changed: PropertyValues): void {
    super.updated(changed);
    for (const one of this.renderRoot.querySelectorAll<HTMLElement>("[data-chunk]")) this.chunks?.observe(one);
    const end = this.renderRoot.querySelector("#end");
    this.end?.disconnect();
    if (end) this.end?.observe(end);
  }

  protected render(): TemplateResult {
    const { house, permissions } = this.house.state!;
    return html`<div class="columns">
      <div class="main">
        ${house.store_error
          ? html`<div class="note warn" role="alert">${icon(icons.alert)}<span>${this.texts.error(house.store_error)}</span></div>`
          : nothing}
        ${this.strip()}
        ${permissions.listen
          ? html`${this.toolbar()}${this.searchProgress()}${this.list()}`
          : html`<div class="card empty">
              <span class="hero">${icon(icons.lock)}</span>
              <h2>${this.t("recordings.not_allowed")}</h2>
              <p>${this.t("recordings.not_allowed_detail", {
                recordings: this.texts.count("recordings", house.recordings),
              })}</p>
            </div>`}
      </div>
      <aside>${this.rail()}</aside>
      ${this.selection.size ? this.selectionBar() : nothing}
    </div>`;
  }

  private strip(): TemplateResult {
    const { satellites } = this.house.state!;
    return html`<ul class="strip" tabindex="0" aria-label=${this.t("tabs.microphones")}>
      ${satellites.map((one) => {
        const time = timer(this.texts, one);
        return html`<li class="chip">
          ${badge(one)}<span><bdi>${one.name}</bdi><small>${stateLine(this.texts, this.house, one)} ${time ? html`<bdi>${time}</bdi>` : ""}</small></span>
        </li>`;
      })}
    </ul>`;
  }

  private rail(): TemplateResult {
    const { satellites, house } = this.house.state!;
    return html`<section class="card rail">
        <h2>${this.t("tabs.microphones")}</h2>
        ${satellites.map((one) => {
          const time = timer(this.texts, one);
          return html`<div class="mic-row">
            ${badge(one)}
            <span><b><bdi>${one.name}</bdi></b><small>${stateLine(this.texts, this.house, one)} ${time ? html`<bdi>${time}</bdi>` : ""}</small></span>
          </div>`;
        })}
      </section>
      <section class="card rail">
        <h2>${this.t("recordings.kept_here")}</h2>
        <p class="big"><bdi>${storage(this.texts, this.house.state!)}</bdi></p>
        <p class="muted-text">${this.texts.count("recordings", house.recordings)}</p>
        ${quota(this.texts, this.house.state!)}
        <p class="muted-text small">${this.t("recordings.sealed")}</p>
      </section>`;
  }

  private toolbar(): TemplateResult {
    const { counts } = this.timeline;
    const filtered = this.filter.first_day || this.filter.last_day || this.filter.satellite_id;
    const kinds: [Kind | null, number][] = [[null, counts.all], ...KINDS.map((kind): [Kind, number] => [kind, counts[kind]])];
    return html`<div class="toolbar">
        <div class="kinds" role="group" aria-label=${this.t("recordings.kinds")}>
          ${kinds.map(
            ([kind, count]) =>
              html`<button
                class="kind"
                aria-pressed=${(this.filter.kind ?? null) === kind}
                @click=${() => this.setFilter({ kind })}
              >
                ${this.t(`recordings.kind_${kind ?? "all"}`)}
                ${this.search ? nothing : html`<bdi class="count">${this.texts.number(count)}</bdi>`}
              </button>`,
          )}
        </div>
        <label class="search field"
          >${icon(icons.search)}<span class="sr">${this.t("recordings.search")}</span
          ><input type="search" placeholder=${this.t("recordings.search")} @input=${this.onSearch}
        /></label>
        <div class="tools">
          <button
            class="icon-button ${filtered ? "on" : ""}"
            aria-expanded=${this.showFilter}
            aria-label=${this.t("recordings.filter")}
            title=${this.t("recordings.filter")}
            @click=${() => (this.showFilter = !this.showFilter)}
          >
            ${icon(icons.filter)}
          </button>
          ${this.admin
            ? html`<button
                class="icon-button ${this.selecting ? "on" : ""}"
                aria-pressed=${this.selecting}
                aria-label=${this.t("recordings.select")}
                title=${this.t("recordings.select")}
                @click=${() => {
                  this.selecting = !this.selecting;
                  if (!this.selecting) this.selection = new Set();
                }}
              >
                ${icon(icons.select)}
              </button>`
            : nothing}
        </div>
      </div>
      ${this.showFilter ? this.filters() : nothing}`;
  }

  private filters(): TemplateResult {
    const value = (event: Event): string | null => (event.target as HTMLInputElement).value || null;
    return html`<div class="filters card">
      <label
        >${this.t("recordings.from")}<input
          class="field"
          type="date"
          .value=${this.filter.first_day ?? ""}
          @change=${(event: Event) => this.setFilter({ first_day: value(event) })}
      /></label>
      <label
        >${this.t("recordings.to")}<input
          class="field"
          type="date"
          .value=${this.filter.last_day ?? ""}
          @change=${(event: Event) => this.setFilter({ last_day: value(event) })}
      /></label>
      <label
        >${this.t("recordings.satellite")}<select
          class="field"
          @change=${(event: Event) => this.setFilter({ satellite_id: value(event) })}
        >
          <option value="">${this.t("recordings.all_satellites")}</option>
          ${this.house.state!.satellites.map(
            (one) => html`<option value=${one.id} ?selected=${one.id === this.filter.satellite_id}>${one.name}</option>`,
          )}
        </select></label
      >
      <button class="button" @click=${() => this.setFilter({ first_day: null, last_day: null, satellite_id: null })}>
        ${this.t("recordings.clear_filter")}
      </button>
    </div>`;
  }

  private searchProgress(): TemplateResult | typeof nothing {
    const search = this.search;
    if (!search) return nothing;
    const found = this.texts.count("recordings", this.timeline.recordings.length);
    return html`<div class="progress">
      <p role="status">
        ${search.running
          ? this.t("recordings.searching", {
              done: this.texts.number(search.done),
              total: this.texts.number(search.total),
            })
          : this.t("recordings.found", { recordings: found })}
      </p>
      ${search.running
        ? html`<div class="bar"><i style="width:${search.total ? (100 * search.done) / search.total : 0}%"></i></div>`
        : nothing}
    </div>`;
  }

  private list(): TemplateResult {
    const days = this.timeline.grouped();
    if (!days.length) return this.nothingThere();
    return html`<h2 class="sr" id="list-title" tabindex="-1">${this.t("tabs.recordings")}</h2>
      <div class=${this.selecting || this.selection.size ? "selecting" : ""} @keydown=${this.onKey}>
        ${repeat(
          days,
          (day, index) => `${day.day}/${index}`,
          (day) => this.day(day),
        )}
      </div>
      ${this.failure ? this.failed() : nothing}
      ${this.timeline.more && !this.failure ? html`<div id="end" class="ghosts">${this.ghost()}</div>` : nothing}
      ${this.timeline.more || this.search ? nothing : html`<p class="last muted-text">${this.t("recordings.end")}</p>`}`;
  }

  private nothingThere(): TemplateResult {
    if (this.failure) return this.failed();
    if (this.loading || (!this.loaded && !this.search) || this.search?.running) {
      return html`<div class="ghosts" role="status">
        <span class="sr">${this.t("common.loading")}</span>${[1, 2, 3, 4].map(() => this.ghost())}
      </div>`;
    }
    const narrowed = this.search || this.house.state!.house.recordings > 0;
    const [title, detail] = narrowed
      ? [this.t("recordings.none_match"), this.t("recordings.none_match_detail")]
      : whyEmpty(this.texts, this.house.state!);
    return html`<div class="card empty">
      <span class="hero">${icon(narrowed ? icons.search : icons.shield)}</span>
      <h2>${title}</h2>
      <p>${detail}</p>
    </div>`;
  }

  private failed(): TemplateResult {
    return html`<div class="note warn failed" role="alert">
      ${icon(icons.alert)}<span>${this.texts.error(this.failure!.code)}</span>
      <button class="button" @click=${() => void this.reload()}>${this.t("common.retry")}</button>
    </div>`;
  }

  private ghost(): TemplateResult {
    return html`<div class="ghost card" aria-hidden="true"><i></i><span><b></b><u></u></span></div>`;
  }

  private day(day: Day): TemplateResult {
    const ids = day.recordings.filter((one) => this.mayDelete(one)).map((one) => one.id);
    const all = ids.every((id) => this.selection.has(id));
    const name = this.texts.day(day.day, this.house.state!.house.today);
    const chunks = Array.from({ length: Math.ceil(day.recordings.length / CHUNK) }, (_, index) =>
      day.recordings.slice(index * CHUNK, (index + 1) * CHUNK),
    );
    return html`<section aria-label=${name}>
      <header class="day">
        ${ids.length
          ? html`<input
              type="checkbox"
              class="box pick"
              aria-label=${this.t("recordings.select_day", { day: name })}
              .checked=${all}
              @change=${() => this.select(ids, !all)}
            />`
          : nothing}
        <div class="when">
          <h3>${name}</h3>
          <span class="muted-text"
            >${this.search
            ? this.texts.count("recordings", day.recordings.length)
            : html`${this.texts.count("recordings", day.figures.count)}${this.texts.behind(day.figures.size)}`}</span
          >
        </div>
        ${this.admin
          ? html`<button
              class="icon-button"
              aria-label=${this.t("recordings.delete_day", { day: name })}
              title=${this.t("recordings.delete_day", { day: name })}
              @click=${() => this.deleteDay(day.day)}
            >
              ${icon(icons.deleted)}
            </button>`
          : nothing}
      </header>
      <div class="rows card" role="list">
        ${repeat(
          chunks,
          (chunk) => chunk[0]!.id,
          (chunk) => {
            const key = chunk[0]!.id;
            const height = this.heights.get(key);
            // What is far away keeps its place, but not its elements.
            const away = height !== undefined && !this.near.has(key);
            return html`<div role="presentation" data-chunk=${key} style=${away ? `height:${height}px` : ""}>
              ${away
                ? nothing
                : repeat(
                    chunk,
                    (one) => one.id,
                    (one) => this.row(one),
                  )}
            </div>`;
          },
        )}
      </div>
    </section>`;
  }

  private get admin(): boolean {
    return this.house.state!.permissions.admin;
  }

  private mayDelete(one: Recording): boolean {
    return this.admin || this.house.state!.may.delete_selected.includes(one.satellite_id);
  }

  private label(one: Recording): string {
    const name = this.house.nameOf(one.satellite_id) ?? this.t("common.removed_satellite");
    return `${this.texts.time(one.started_at)}, ${name}`;
  }

  private row(one: Recording): TemplateResult {
    const current = this.player.id === one.id;
    const playing = current && (this.player.state === "playing" || this.player.state === "loading");
    const tab = this.active === one.id ? 0 : -1;
    const label = this.label(one);
    const progress = current ? this.player.progress * 100 : 0;
    return html`<div
      role="listitem"
      class="row ${current ? "current" : ""} ${this.fresh.has(one.id) ? "fresh" : ""}"
      data-id=${one.id}
      aria-label=${label}
      @focusin=${() => {
        if (this.active !== one.id) this.active = one.id;
      }}
    >
      ${this.mayDelete(one)
        ? html`<input
            type="checkbox"
            class="box pick"
            tabindex=${tab}
            aria-label=${this.t("recordings.select_one", { recording: label })}
            .checked=${this.selection.has(one.id)}
            @change=${(event: Event) => this.select([one.id], (event.target as HTMLInputElement).checked)}
          />`
        : nothing}
      <button
        class="play ${current ? "active" : ""}"
        tabindex=${tab}
        ?disabled=${!!one.error}
        aria-label=${this.t(playing ? "recordings.pause" : "recordings.play", { recording: label })}
        @click=${() => void this.player.toggle(one.id)}
      >
        ${icon(playing ? icons.pause : icons.play)}
      </button>
      <div class="what">${this.words(one)}</div>
      <div class="sound" dir="ltr">
        <div class="shape" style="--progress:${progress}%;--played:${current ? "visible" : "hidden"}">
          ${wave(one.peaks)}
          <input
            type="range"
            min="0"
            max="100"
            step="1"
            tabindex=${tab}
            ?disabled=${!!one.error}
            aria-label=${this.t("recordings.seek", { recording: label })}
            aria-valuetext=${this.texts.seconds((progress / 100) * one.seconds)}
            .value=${String(Math.round(progress))}
            @change=${(event: Event) => void this.player.seek(one.id, Number((event.target as HTMLInputElement).value) / 100)}
          />
        </div>
        <bdi class="length">${this.texts.seconds(one.seconds)}</bdi>
      </div>
      <div class="meta">
        <time datetime=${one.started_at}>${this.texts.time(one.started_at)}</time>
        <span><bdi>${this.house.nameOf(one.satellite_id) ?? this.t("common.removed_satellite")}</bdi></span>
        ${one.kind === "false_wake" ? html`<span class="false">${this.t("recordings.false_wake")}</span>` : nothing}
        ${this.wakeOf(one)}
        ${one.deletes_at
          ? html`<span>${this.t("recordings.kept_until", { date: this.texts.until(one.deletes_at) })}</span>`
          : nothing}
      </div>
      <div class="ends">
        ${this.admin
          ? html`<button
                class="icon-button"
                tabindex=${tab}
                ?disabled=${!!one.error}
                aria-label=${this.t("recordings.download", { recording: label })}
                title=${this.t("recordings.download_short")}
                @click=${() => void this.download(one)}
              >
                ${icon(icons.archive)}
              </button>`
          : nothing}
        ${this.mayDelete(one)
          ? html`<button
                class="icon-button"
                tabindex=${tab}
                aria-label=${this.t("recordings.delete", { recording: label })}
                title=${this.t("recordings.delete_short")}
                @click=${() => this.deleteOne(one)}
              >
                ${icon(icons.deleted)}
              </button>`
          : nothing}
      </div>
    </div>`;
  }

  private wakeOf(one: Recording): TemplateResult | typeof nothing {
    if (one.started_by === "button") return html`<span>${this.t("recordings.by_button")}</span>`;
    if (!one.wake_word) return nothing;
    return html`<span
      ><bdi>${one.wake_word}</bdi>${one.score != null ? html` <bdi>${this.texts.percent(one.score)}</bdi>` : nothing}</span
    >`;
  }

  private words(one: Recording): TemplateResult {
    if (one.error) return html`<p class="said none">${this.texts.error(one.error)}</p>`;
    return html`${one.transcript
      ? html`<p class="said" dir="auto">${one.transcript}</p>`
      : html`<p class="said none">${this.t(one.kind === "false_wake" ? "recordings.nothing_said" : "recordings.no_transcript")}</p>`}
    ${one.reply ? html`<p class="reply">${icon(icons.reply)}<span dir="auto">${one.reply}</span></p>` : nothing}`;
  }

  private selectionBar(): TemplateResult {
    const recordings = this.texts.count("recordings", this.selection.size);
    return html`<div class="selection" role="region" aria-label=${this.t("recordings.selection")}>
      <span role="status">${this.t("recordings.selected", { recordings })}</span>
      <button class="button" @click=${() => (this.selection = new Set())}>${this.t("recordings.clear_selection")}</button>
      <button class="button danger" id="delete-selected" @click=${this.deleteSelected}>
        ${icon(icons.deleted)}${this.t("delete.button", { recordings })}
      </button>
    </div>`;
  }
}

define("voice-privacy-recordings", Recordings);
