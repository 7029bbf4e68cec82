// The rooms: every microphone in one table, those that nobody watches over first.
import { html, nothing, type TemplateResult } from "lit";
import { state } from "lit/decorators.js";
import type { ScoresAnswer } from "../contract";
import type { FiguresAnswer } from "../contract.rooms";
import { noRooms } from "./list-parts";
import { define, Part } from "./part";
import { seesNothing } from "../house-line";
import { icon, icons } from "../icons";
import { base } from "../styles/base";
import { microphonesStyles } from "../styles/microphones";
import "./new-satellite";
import "./room";
import "./unprotected";

const REFRESH_MILLISECONDS = 60_000;
const COLUMNS = ["wake_words", "saving", "transcripts", "keep", "wakes", "kept"] as const;

export class Microphones extends Part {
  static styles = [base, microphonesStyles];
  @state() private figures: Partial<FiguresAnswer> = {};
  @state() private scores: Partial<ScoresAnswer> = {};
  // Rooms that somebody has opened or closed; a room that is alone is open until it is closed.
  @state() private opened: Record<string, boolean> = {};
  private polling?: ReturnType<typeof setInterval>;
  // What the figures depend on.
  private known?: string;

  connectedCallback(): void {
    super.connectedCallback();
    void this.load();
    this.polling = setInterval(() => !document.hidden && void this.load(), REFRESH_MILLISECONDS);
  }

  disconnectedCallback(): void {
    super.disconnectedCallback();
    clearInterval(this.polling);
  }

  stateChanged(): void {
    super.stateChanged();
    if (this.basis !== this.known) void this.load();
  }

  private get basis(): string {
    const { satellites, house } = this.state;
    return [house.today, ...satellites.map((one) => `${one.id} ${one.wakes_today} ${one.false_wakes_today}`)].join();
  }

  // Without its figures the table is still true; nobody is told of them.
  private async load(): Promise<void> {
    this.known = this.basis;
    try {
      this.figures = await this.connection.call<FiguresAnswer>("microphones/figures");
      if (this.admin) this.scores = await this.connection.call<ScoresAnswer>("review/scores");
    } catch {
      // The connection says what is wrong with it.
    }
  }

  protected render(): TemplateResult {
    const { satellites } = this.state;
    return html`<voice-privacy-unprotected
        .connection=${this.connection}
        .texts=${this.texts}
      ></voice-privacy-unprotected>
      ${satellites.length ? this.table() : nothing}
      <voice-privacy-new-satellite .connection=${this.connection} .texts=${this.texts}></voice-privacy-new-satellite>
      ${satellites.length ? nothing : this.none()}`;
  }

  private none(): TemplateResult {
    if (seesNothing(this.state)) return noRooms(this.texts);
    return html`<div class="card empty">
      <span class="hero">${icon(icons.microphone)}</span>
      <h2>${this.t("microphones.none")}</h2>
      ${
        this.admin
          ? html`<p>${this.t("microphones.none_detail")}</p>
              ${this.add()}`
          : nothing
      }
    </div>`;
  }

  private add(): TemplateResult {
    return html`<a class="button" href="/config/integrations/integration/voice_privacy"
      >${this.t("microphones.add")}</a
    >`;
  }

  private table(): TemplateResult {
    const { satellites } = this.state;
    const { load } = this.figures;
    const alone = satellites.length === 1;
    return html`<div class="columns" aria-hidden="true">
        <span></span>
        <div>
          ${COLUMNS.map((column) => {
            const key = column === "wake_words" || column === "kept" ? `microphones.${column}` : `rooms.${column}`;
            return html`<span>${this.t(key)}</span>`;
          })}
        </div>
        <span>${this.t("microphones.microphone")}</span><span></span>
      </div>
      <ul class="card">
        ${satellites.map((satellite) => {
          const open = this.opened[satellite.id] ?? alone;
          return html`<li>
            <voice-privacy-room
              aria-label=${satellite.name}
              role="group"
              data-id=${satellite.id}
              .connection=${this.connection}
              .texts=${this.texts}
              .satellite=${satellite}
              .figures=${this.figures.satellites?.[satellite.id]}
              .scores=${this.scores}
              .open=${open}
              @vp-open=${() => (this.opened = { ...this.opened, [satellite.id]: !open })}
            ></voice-privacy-room>
          </li>`;
        })}
      </ul>
      <div class="foot">
        ${
          typeof load === "number"
            ? html`<p class="muted-text">${this.t("rooms.load", { share: this.texts.percent(load) })}</p>`
            : html`<span></span>`
        }
        ${this.admin ? this.add() : nothing}
      </div>`;
  }
}

define("voice-privacy-microphones", Microphones);
