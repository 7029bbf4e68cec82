// What narrows the list: kinds, search, days and satellite; and the button that offers boxes to select with.
import { html, nothing, type TemplateResult } from "lit";
import { property, state } from "lit/decorators.js";
import { type Filter, type RecordingKind, RECORDING_KINDS } from "../contract";
import { icon, icons } from "../icons";
import { base } from "../styles/base";
import { filterStyles } from "../styles/recordings-filter";
import type { Counts } from "../timeline";
import { define, Part } from "./part";

export class RecordingsFilter extends Part {
  static styles = [base, filterStyles];
  @property({ attribute: false }) filter: Filter = {};
  // Of the kinds; undefined while a search is shown, which the figures say nothing about.
  @property({ attribute: false }) counts?: Counts;
  @property({ attribute: false }) selecting = false;
  @state() private open = false;

  focusSearch(): void {
    this.renderRoot.querySelector<HTMLElement>("input[type=search]")?.focus();
  }

  private choose(change: Filter): void {
    this.emit("vp-filter", change);
  }

  protected render(): TemplateResult {
    const { filter } = this;
    // Near misses need a consent that few houses give.
    const some = (kind: RecordingKind) => kind !== "near_miss" || this.counts?.[kind] || this.filter.kind === kind;
    const kinds: (RecordingKind | null)[] = [null, ...RECORDING_KINDS.filter(some)];
    const filtered = filter.first_day || filter.last_day || filter.satellite_id;
    return html`<div class="toolbar">
        <div class="kinds" role="group" aria-label=${this.t("recordings.kinds")}>
          ${kinds.map((kind) => this.kind(kind))}
        </div>
        <div class="find">
          <label class="search field"
            >${icon(icons.search)}<span class="sr">${this.t("recordings.search")}</span
            ><input
              type="search"
              placeholder=${this.t("recordings.search")}
              @input=${(event: Event) => this.emit("vp-search", (event.target as HTMLInputElement).value)}
          /></label>
          <div class="tools">
            <button
              class="icon-button ${filtered ? "on" : ""}"
              aria-expanded=${this.open}
              aria-label=${this.t("recordings.filter")}
              title=${this.t("recordings.filter")}
              @click=${() => (this.open = !this.open)}
            >
              ${icon(icons.filter)}
            </button>
            ${
              this.admin
                ? html`<button
                    class="icon-button ${this.selecting ? "on" : ""}"
                    aria-pressed=${this.selecting}
                    aria-label=${this.t("recordings.select")}
                    title=${this.t("recordings.select")}
                    @click=${() => this.emit("vp-selecting")}
                  >
                    ${icon(icons.select)}
                  </button>`
                : nothing
            }
          </div>
        </div>
      </div>
      ${this.open ? this.fields() : nothing} ${this.state.satellites.length > 1 ? this.rooms() : nothing}`;
  }

  private rooms(): TemplateResult {
    const chosen = this.filter.satellite_id ?? null;
    const room = (id: string | null, name: string): TemplateResult =>
      html`<button class="room" aria-pressed=${chosen === id} @click=${() => this.choose({ satellite_id: id })}>
        <bdi>${name}</bdi>
      </button>`;
    return html`<div class="rooms" role="group" aria-label=${this.t("recordings.satellite")}>
      ${room(null, this.t("recordings.all_satellites"))} ${this.state.satellites.map(({ id, name }) => room(id, name))}
    </div>`;
  }

  private kind(kind: RecordingKind | null): TemplateResult {
    const count = this.counts?.[kind ?? "all"];
    return html`<button
      class="kind"
      aria-pressed=${(this.filter.kind ?? null) === kind}
      @click=${() => this.choose({ kind })}
    >
      ${this.t(`recordings.kind_${kind ?? "all"}`)}
      ${count === undefined ? nothing : html`<bdi class="count">${this.texts.number(count)}</bdi>`}
    </button>`;
  }

  private fields(): TemplateResult {
    const { filter } = this;
    const value = (event: Event): string | null => (event.target as HTMLInputElement | HTMLSelectElement).value || null;
    return html`<div class="filters card">
      <label
        >${this.t("recordings.from")}<input
          class="field"
          type="date"
          .value=${filter.first_day ?? ""}
          @change=${(event: Event) => this.choose({ first_day: value(event) })}
      /></label>
      <label
        >${this.t("recordings.to")}<input
          class="field"
          type="date"
          .value=${filter.last_day ?? ""}
          @change=${(event: Event) => this.choose({ last_day: value(event) })}
      /></label>
      <label
        >${this.t("recordings.satellite")}<select
          class="field"
          @change=${(event: Event) => this.choose({ satellite_id: value(event) })}
        >
          <option value="">${this.t("recordings.all_satellites")}</option>
          ${this.state.satellites.map(
            ({ id, name }) => html`<option value=${id} ?selected=${id === filter.satellite_id}>${name}</option>`,
          )}
        </select></label
      >
      <button class="button" @click=${() => this.choose({ first_day: null, last_day: null, satellite_id: null })}>
        ${this.t("recordings.clear_filter")}
      </button>
    </div>`;
  }
}

define("voice-privacy-filter", RecordingsFilter);
