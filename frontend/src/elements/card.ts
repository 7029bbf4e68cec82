// The card for dashboards: microphones, guest mode, the last recordings, and deleting what is fresh.
import { css, html, LitElement, nothing, type TemplateResult } from "lit";
import { DOMAIN, type Hass, type ListAnswer, type Recording } from "../contract";
import "./deletion";
import type { DeletionDialog, Wish } from "./deletion";
import { define } from "./part";
import { failureOf, House, type HouseListener } from "../connection";
import { icon, icons } from "../icons";
import { keepers } from "../keeping";
import { badge, stateLine } from "../microphone-row";
import { Player } from "../player";
import { base } from "../styles/base";
import { loadTexts, type Texts } from "../texts";
import { wave } from "../wave";

interface Config {
  type: string;
  title?: string;
  satellites?: string[];
  rows?: number;
  show_transcripts?: boolean;
  show_play?: boolean;
}

const NAME = "voice-privacy-card";
// What holds where a configuration says nothing; the editor shows the same.
export const DEFAULTS = { satellites: [] as string[], rows: 3, show_transcripts: false, show_play: true };
type Effective = Config & typeof DEFAULTS;

export class VoicePrivacyCard extends LitElement implements HouseListener {
  static styles = [
    base,
    css`
      .box {
        height: 100%;
        padding: 16px;
        display: flex;
        flex-direction: column;
        gap: 12px;
      }
      .head {
        display: flex;
        align-items: center;
        gap: 8px;
      }
      .head h2 {
        flex: 1;
        font-size: 16px;
        font-weight: 500;
      }
      .line {
        display: flex;
        align-items: center;
        gap: 12px;
        min-height: 44px;
      }
      .line > span:not(.badge, .shape) {
        flex: 1;
        min-width: 0;
      }
      .line b,
      .line small {
        display: block;
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
      }
      .line b {
        font-weight: 500;
      }
      .line small {
        font-size: 12px;
        color: var(--secondary-text-color);
      }
      label.line small {
        white-space: normal;
      }
      .rows {
        border-top: 1px solid var(--vp-line);
        padding-top: 8px;
      }
      .rows .wave {
        height: 24px;
      }
      .rows .shape {
        width: 90px;
        flex: none;
      }
      .play {
        width: 40px;
        height: 40px;
      }
      .foot {
        display: flex;
        flex-wrap: wrap;
        gap: 8px;
        margin-top: auto;
      }
      .foot .button {
        flex: 1 0 auto;
        min-height: 38px;
        padding: 0 12px;
      }
      a {
        color: inherit;
        text-decoration: none;
      }
    `,
  ];
  static properties = {
    hass: { attribute: false },
    texts: { state: true },
    rows: { state: true },
    message: { state: true },
    config: { state: true },
  };
  declare texts?: Texts;
  declare rows: Recording[];
  declare message?: string;
  declare config?: Effective;
  private current?: Hass;
  private house?: House;
  private player?: Player;
  private unlisten?: () => void;
  private language?: string;
  private listened = false;

  constructor() {
    super();
    this.rows = [];
  }

  static getStubConfig(): Partial<Config> {
    const { rows, show_transcripts, show_play } = DEFAULTS;
    return { rows, show_transcripts, show_play };
  }

  // Home Assistant's form shows the default of a field that is neither required nor configured; its slider
  // would stand at 0 all the same, so that the number has a box.
  static getConfigForm(): { schema: object[]; computeLabel: unknown; computeHelper: unknown } {
    const { rows, show_transcripts, show_play } = DEFAULTS;
    return {
      schema: [
        {
          name: "title",
          // Asked for each time the form is drawn: the words may come later than the form.
          get default(): string | undefined {
            return words?.get("page.title");
          },
          selector: { text: {} },
        },
        { name: "satellites", selector: { device: { multiple: true, filter: { integration: DOMAIN } } } },
        { name: "rows", default: rows, selector: { number: { min: 0, max: 10, mode: "box" } } },
        { name: "show_transcripts", default: show_transcripts, selector: { boolean: {} } },
        { name: "show_play", default: show_play, selector: { boolean: {} } },
      ],
      computeLabel: ({ name }: { name: string }) => words?.get(`card.option_${name}`) || name,
      computeHelper: ({ name }: { name: string }) =>
        name === "show_transcripts" ? words?.get("card.option_show_transcripts_detail") : undefined,
    };
  }

  setConfig(config: Config): void {
    const chosen = Object.entries(config).filter(([, value]) => value !== undefined && value !== null);
    const effective = { ...DEFAULTS, ...Object.fromEntries(chosen) } as Effective;
    if (!Number.isInteger(effective.rows) || effective.rows < 0 || effective.rows > 10) throw new Error("rows: 0 to 10");
    const { rows, show_transcripts } = this.config ?? effective;
    this.config = effective;
    if (rows !== effective.rows || show_transcripts !== effective.show_transcripts) void this.load();
  }

  getCardSize(): number {
    return 3 + (this.config ?? DEFAULTS).rows;
  }

  getGridOptions(): object {
    return { columns: 12, min_columns: 6, rows: "auto", min_rows: 3 };
  }

  get hass(): Hass | undefined {
    return this.current;
  }

  set hass(hass: Hass) {
    this.current = hass;
    if (!this.house) {
      this.house = new House(hass);
      this.player = new Player(
        this.house,
        () => this.requestUpdate(),
        (failure) => this.tell(this.texts!.error(failure.code)),
      );
      this.follow();
    } else this.house.update(hass);
    if (hass.language !== this.language) {
      this.language = hass.language;
      void loadTexts(hass).then((texts) => (this.texts = words = texts));
    }
    this.style.colorScheme = hass.themes.darkMode ? "dark" : "light";
  }

  connectedCallback(): void {
    super.connectedCallback();
    this.follow();
  }

  disconnectedCallback(): void {
    super.disconnectedCallback();
    this.player?.stop();
    this.unlisten?.();
    this.unlisten = undefined;
    this.house?.close();
  }

  private follow(): void {
    if (!this.house || !this.isConnected || this.unlisten) return;
    this.unlisten = this.house.listen(this);
    this.house.open();
  }

  houseChanged(): void {
    const may = this.house!.state?.permissions.listen ?? false;
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
    this.rows = this.rows.filter((one) => !ids.includes(one.id));
    void this.load();
  }

  recordingsReset(): void {
    void this.load();
  }

  private async load(): Promise<void> {
    const { rows: limit, show_transcripts: content } = this.config ?? DEFAULTS;
    if (!this.house?.state?.permissions.listen || limit < 1) {
      this.rows = [];
      return;
    }
    try {
      this.rows = (await this.house.call<ListAnswer>("recordings/list", { limit, content })).recordings;
    } catch (error) {
      this.tell(this.texts?.error(failureOf(error).code) ?? "");
    }
  }

  private tell(message: string): void {
    this.message = message;
  }

  private async set(toggle: string, on: boolean, id?: string): Promise<void> {
    this.message = undefined;
    try {
      await this.house!.call("settings/set", { toggle, on, ...(id ? { satellite_ids: [id] } : {}) });
    } catch (error) {
      this.tell(this.texts!.error(failureOf(error).code));
    }
    this.requestUpdate();
  }

  private ask(wish: Wish): void {
    void this.renderRoot.querySelector<DeletionDialog>("voice-privacy-deletion")?.ask(wish);
  }

  protected render(): TemplateResult | typeof nothing {
    const { texts, house, config } = this;
    if (!texts || !house || !config) return nothing;
    const state = house.state;
    return html`<ha-card><div class="box">
      <div class="head">
        ${icon(icons.shield)}
        <h2>${config.title || texts.get("page.title")}</h2>
        <a class="button" href="/voice-privacy/recordings">${texts.get("card.open")}</a>
      </div>
      ${state ? this.body(texts, house) : html`<p class="muted-text" role="status">${texts.get(house.status === "not_loaded" ? "page.not_loaded" : "common.loading")}</p>`}
      ${this.message ? html`<p class="note warn" role="alert">${icon(icons.alert)}${this.message}</p>` : nothing}
    </div></ha-card>
    ${state ? html`<voice-privacy-deletion .house=${house} .texts=${texts}></voice-privacy-deletion>` : nothing}`;
  }

  private body(texts: Texts, house: House): TemplateResult {
    const { permissions, may, satellites, house: figures } = house.state!;
    const chosen = this.config!.satellites;
    const shown = chosen.length
      ? satellites.filter((one) => chosen.includes(one.id) || chosen.includes(one.device_id ?? ""))
      : satellites;
    const mine = shown.filter((one) => permissions.control.includes(one.id)).map((one) => one.id);
    const limited = shown.length === satellites.length && permissions.admin ? {} : { satellite_ids: mine };
    return html`<div>
        ${shown.map(
          (one) => html`<label class="line">
            ${badge(one)}<span><b><bdi>${one.name}</bdi></b><small>${stateLine(texts, house, one)}</small></span>
            <input
              type="checkbox"
              role="switch"
              class="switch"
              ?disabled=${!permissions.control.includes(one.id)}
              .checked=${!one.toggles.muted.on}
              @change=${(event: Event) => void this.set("muted", !(event.target as HTMLInputElement).checked, one.id)}
            />
          </label>`,
        )}
        <label class="line">
          <span class="badge ${figures.toggles.guest_mode.on ? "listening" : "muted"}">${icon(icons.lock)}</span
          ><span><b>${texts.get("consent.guest_mode")}</b><small>${this.guestMode(texts, house)}</small></span>
          <input
            type="checkbox"
            role="switch"
            class="switch"
            ?disabled=${!may.guest_mode}
            .checked=${figures.toggles.guest_mode.on}
            @change=${(event: Event) => void this.set("guest_mode", (event.target as HTMLInputElement).checked)}
          />
        </label>
      </div>
      ${this.rows.length
        ? html`<div class="rows" role="list">${this.rows.map((one) => this.row(texts, house, one))}</div>`
        : html`<p class="muted-text">${texts.count("recordings", figures.recordings)}</p>`}
      ${mine.length
        ? html`<div class="foot">
            <button class="button" @click=${() => this.ask({ title: texts.get("delete.title_last"), request: { scope: "last", ...limited } })}>
              ${texts.get("card.delete_last")}
            </button>
            <button class="button" @click=${() => this.ask({ title: texts.get("delete.title_today"), request: { scope: "today", ...limited } })}>
              ${texts.get("card.delete_today")}
            </button>
          </div>`
        : nothing}`;
  }

  private guestMode(texts: Texts, house: House): string {
    const { toggles } = house.state!.house;
    return toggles.guest_mode.on ? texts.get("card.guest_mode_on") : texts.get("card.guest_mode_off", keepers(house.state!));
  }

  private row(texts: Texts, house: House, one: Recording): TemplateResult {
    const name = house.nameOf(one.satellite_id) ?? texts.get("common.removed_satellite");
    const label = `${texts.time(one.started_at)}, ${name}`;
    const current = this.player!.id === one.id;
    const playing = current && this.player!.state !== "paused";
    return html`<div class="line" role="listitem">
      ${this.config!.show_play
        ? html`<button
            class="play ${current ? "active" : ""}"
            aria-label=${texts.get(playing ? "recordings.pause" : "recordings.play", { recording: label })}
            @click=${() => void this.player!.toggle(one.id)}
          >
            ${icon(playing ? icons.pause : icons.play)}
          </button>`
        : nothing}
      <span><b dir="auto">${one.transcript ?? label}</b><small>${one.transcript ? label : texts.seconds(one.seconds)}</small></span>
      ${one.peaks
        ? html`<span class="shape" dir="ltr" style="--progress:${current ? this.player!.progress * 100 : 0}%;--played:${current ? "visible" : "hidden"}">${wave(one.peaks)}</span>`
        : nothing}
    </div>`;
  }
}

let words: Texts | undefined;
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
if (!registry.customCards.some((one) => one.type === NAME)) {
  registry.customCards.push({
    type: NAME,
    name: "Voice privacy",
    description: "Microphones, guest mode, and the last recordings",
    preview: true,
    getEntitySuggestion: (hass, entityId) =>
      hass.entities?.[entityId]?.platform === DOMAIN ? { config: { type: `custom:${NAME}` } } : null,
  });
}
