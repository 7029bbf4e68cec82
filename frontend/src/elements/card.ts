// The card for dashboards: microphones, guest mode, the last recordings, and deleting what is fresh.
import { html, nothing, type TemplateResult } from "lit";
import { state } from "lit/decorators.js";
import { type Config, DEFAULTS, type Effective, effective, type Form, form, stub } from "../card-config";
import { DOMAIN, type ListAnswer, type Recording } from "../contract";
import type { Hass } from "../hass";
import { type DeletionPrompt, PlainDeletionDialog } from "./deletion-dialog";
import { define } from "./part";
import { Root } from "./root";
import { type Connection, failureOf } from "../connection";
import { icon, icons } from "../icons";
import { keepers } from "../keeping";
import { badge, stateLine } from "../microphone-row";
import { Player } from "../player";
import { base } from "../styles/base";
import { cardStyles } from "../styles/card";
import type { Texts } from "../texts";
import { wave } from "../wave";

const NAME = "voice-privacy-card";

export class VoicePrivacyCard extends Root {
  static styles = [base, cardStyles];
  @state() private rows: Recording[] = [];
  @state() private message?: string;
  @state() config?: Effective;
  private player?: Player;
  private listened = false;

  static getStubConfig(): Partial<Config> {
    return stub();
  }

  static getConfigForm(): Form {
    return form(() => words);
  }

  setConfig(config: Config): void {
    const before = this.config;
    this.config = effective(config);
    const { rows, show_transcripts } = this.config;
    if (before && (before.rows !== rows || before.show_transcripts !== show_transcripts)) void this.load();
  }

  getCardSize(): number {
    return 3 + (this.config ?? DEFAULTS).rows;
  }

  getGridOptions(): object {
    return { columns: 12, min_columns: 6, rows: "auto", min_rows: 3 };
  }

  protected created(connection: Connection): void {
    this.player = new Player(
      connection,
      () => this.requestUpdate(),
      (failure) => this.tell(this.texts!.error(failure.code)),
    );
  }

  protected translated(texts: Texts): void {
    super.translated(texts);
    words = texts;
  }

  disconnectedCallback(): void {
    super.disconnectedCallback();
    this.player?.stop();
  }

  stateChanged(): void {
    const may = this.connection!.state?.permissions.listen ?? false;
    if (may && !this.listened) void this.load();
    if (!may) this.rows = [];
    this.listened = may;
    this.requestUpdate();
  }

  recordingsAdded(): void {
    void this.load();
  }

  recordingsDeleted(ids: string[]): void {
    if (this.player?.id && ids.includes(this.player.id)) this.player.stop();
    this.rows = this.rows.filter((recording) => !ids.includes(recording.id));
    void this.load();
  }

  recordingsReset(): void {
    void this.load();
  }

  private async load(): Promise<void> {
    const { rows: limit, show_transcripts: content, wall_tablet } = this.config ?? DEFAULTS;
    if (wall_tablet || !this.connection?.state?.permissions.listen || limit < 1) {
      this.rows = [];
      return;
    }
    try {
      this.rows = (await this.connection.call<ListAnswer>("recordings/list", { limit, content })).recordings;
    } catch (error) {
      this.tell(this.texts?.error(failureOf(error).code) ?? "");
    }
  }

  private tell(message: string): void {
    this.message = message;
  }

  private async set(event: Event, fieldsOf: (checked: boolean) => object): Promise<void> {
    const control = event.target as HTMLInputElement;
    const { checked } = control;
    this.message = undefined;
    try {
      await this.connection!.call("settings/set", fieldsOf(checked));
    } catch (error) {
      this.tell(this.texts!.error(failureOf(error).code));
      // For Lit nothing has changed.
      control.checked = !checked;
    }
  }

  private play({ id }: Recording): void {
    this.message = undefined;
    void this.player!.toggle(id);
  }

  private ask(prompt: DeletionPrompt): void {
    void this.renderRoot.querySelector<PlainDeletionDialog>("voice-privacy-card-deletion")?.ask(prompt);
  }

  protected render(): TemplateResult | typeof nothing {
    const { texts, connection, config } = this;
    if (!texts || !connection || !config) return nothing;
    const { state } = connection;
    return html`<ha-card
        ><div class="box ${config.wall_tablet ? "wall" : ""}">
          <div class="head">
            ${icon(icons.shield)}
            <h2>${config.title || texts.get("page.title")}</h2>
            ${
              config.wall_tablet
                ? nothing
                : html`<a class="button" href="/voice-privacy/recordings">${texts.get("card.open")}</a>`
            }
          </div>
          ${state ? this.body(texts, connection) : html`<p class="muted-text" role="status">${texts.get(connection.status === "not_loaded" ? "page.not_loaded" : "common.loading")}</p>`}
          ${this.message ? html`<p class="note warn" role="alert">${icon(icons.alert)}${this.message}</p>` : nothing}
        </div></ha-card
      >
      ${state ? html`<voice-privacy-card-deletion .connection=${connection} .texts=${texts}></voice-privacy-card-deletion>` : nothing}`;
  }

  private body(texts: Texts, connection: Connection): TemplateResult {
    const { permissions, may, satellites, house: figures } = connection.state!;
    const chosen = this.config!.satellites;
    const shown = chosen.length
      ? satellites.filter((satellite) => chosen.includes(satellite.id) || chosen.includes(satellite.device_id ?? ""))
      : satellites;
    const mine = shown
      .filter((satellite) => permissions.control.includes(satellite.id))
      .map((satellite) => satellite.id);
    const limited = shown.length === satellites.length && permissions.admin ? {} : { satellite_ids: mine };
    return html`<div>
        ${shown.map(
          (satellite) =>
            html`<label class="line">
              ${badge(satellite)}<span
                ><b><bdi>${satellite.name}</bdi></b
                ><small>${stateLine(texts, connection, satellite)}</small></span
              >
              <input
                type="checkbox"
                role="switch"
                class="switch"
                ?disabled=${!permissions.control.includes(satellite.id)}
                .checked=${!satellite.toggles.muted.on}
                @change=${(event: Event) =>
                  void this.set(event, (on) => ({ toggle: "muted", on: !on, satellite_ids: [satellite.id] }))}
              />
            </label>`,
        )}
        <label class="line">
          <span class="badge ${figures.toggles.guest_mode.on ? "listening" : "muted"}">${icon(icons.lock)}</span
          ><span><b>${texts.get("consent.guest_mode")}</b><small>${this.guestMode(texts, connection)}</small></span>
          <input
            type="checkbox"
            role="switch"
            class="switch"
            ?disabled=${!may.guest_mode}
            .checked=${figures.toggles.guest_mode.on}
            @change=${(event: Event) => void this.set(event, (on) => ({ toggle: "guest_mode", on }))}
          />
        </label>
      </div>
      ${this.config!.wall_tablet ? nothing : this.kept(texts, connection, mine, limited)}`;
  }

  private kept(texts: Texts, connection: Connection, mine: string[], limited: object): TemplateResult {
    return html`${
      this.rows.length
        ? html`<div class="rows" role="list">
            ${this.rows.map((recording) => this.row(texts, connection, recording))}
          </div>`
        : html`<p class="muted-text">${texts.count("recordings", connection.state!.house.recordings)}</p>`
    }
    ${
      mine.length
        ? html`<div class="foot">
            <button
              class="button"
              @click=${() => this.ask({ title: texts.get("delete.title_last"), request: { scope: "last", ...limited } })}
            >
              ${texts.get("card.delete_last")}
            </button>
            <button
              class="button"
              @click=${() => this.ask({ title: texts.get("delete.title_today"), request: { scope: "today", ...limited } })}
            >
              ${texts.get("card.delete_today")}
            </button>
          </div>`
        : nothing
    }`;
  }

  private guestMode(texts: Texts, connection: Connection): string {
    const { toggles } = connection.state!.house;
    return toggles.guest_mode.on
      ? texts.get("card.guest_mode_on")
      : texts.get("card.guest_mode_off", keepers(connection.state!));
  }

  private row(texts: Texts, connection: Connection, recording: Recording): TemplateResult {
    const name = connection.nameOf(recording.satellite_id) ?? texts.get("common.removed_satellite");
    const label = `${texts.moment(recording.started_at, connection.state!.house.today)}, ${name}`;
    const current = this.player!.id === recording.id;
    const playing = current && this.player!.state !== "paused";
    return html`<div class="line" role="listitem">
      ${
        this.config!.show_play
          ? html`<button
              class="play ${current ? "active" : ""}"
              aria-label=${texts.get(playing ? "recordings.pause" : "recordings.play", { recording: label })}
              @click=${() => this.play(recording)}
            >
              ${icon(playing ? icons.pause : icons.play)}
            </button>`
          : nothing
      }
      <span
        ><b dir="auto">${recording.transcript ?? label}</b
        ><small>${recording.transcript ? label : texts.seconds(recording.seconds)}</small></span
      >
      ${
        recording.peaks
          ? html`<span
              class="shape"
              dir="ltr"
              style="--progress:${current ? this.player!.progress * 100 : 0}%;--played:${current ? "visible" : "hidden"}"
              >${wave(recording.peaks)}</span
            >`
          : nothing
      }
    </div>`;
  }
}

let words: Texts | undefined;
// It is not the page's, which undoes deletions; both may be loaded.
define("voice-privacy-card-deletion", PlainDeletionDialog);
define(NAME, VoicePrivacyCard);

interface CardEntry {
  type: string;
  name: string;
  description: string;
  preview: boolean;
  getEntitySuggestion(hass: Hass, entityId: string): object | null;
}
const registry = window as unknown as { customCards?: CardEntry[] };
registry.customCards = registry.customCards ?? [];
if (!registry.customCards.some((card) => card.type === NAME)) {
  registry.customCards.push({
    type: NAME,
    name: "Voice privacy",
    description: "Microphones, guest mode, and the last recordings",
    preview: true,
    getEntitySuggestion: (hass, entityId) =>
      hass.entities?.[entityId]?.platform === DOMAIN ? { config: { type: `custom:${NAME}` } } : null,
  });
}
