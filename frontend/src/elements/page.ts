// The page in Home Assistant's sidebar.
import { html, nothing, type PropertyValues, type TemplateResult } from "lit";
import { property, state } from "lit/decorators.js";
import "./deletion";
import type { DeletionDialog, DeletionPrompt } from "./deletion";
import { define } from "./part";
import type { Connection } from "../connection";
import type { HouseState } from "../contract";
import { icon, icons } from "../icons";
import "./first-run";
import "./manage";
import type { ManageDialog } from "./manage";
import "./levels";
import "./microphones";
import "./privacy";
import "./recordings";
import type { Recordings } from "./recordings";
import { Root } from "./root";
import "./strip";
import "./wake-words";
import { base } from "../styles/base";
import { pageStyles } from "../styles/page";
import type { Texts } from "../texts";

const TABS = ["timeline", "rooms", "privacy"] as const;
type Tab = (typeof TABS)[number];
// Where an address leads that is no tab: to a place in one. The first four were tabs of their own.
const PLACES: Record<string, [Tab, string?]> = {
  recordings: ["timeline"],
  microphones: ["rooms"],
  consent: ["privacy"],
  review: ["privacy", "review"],
  log: ["privacy", "log"],
  options: ["privacy", "options"],
};
const TOAST_MILLISECONDS = 6000;

export class VoicePrivacyPage extends Root {
  static styles = [base, pageStyles];
  @property({ type: Boolean }) narrow = false;
  @state() private tab: Tab = "timeline";
  @state() private place?: string;
  @state() private toast?: string;
  private toastTimer?: ReturnType<typeof setTimeout>;
  // What sticks below the header follows its height, which a banner changes.
  private readonly headerSize = new ResizeObserver(([entry]) =>
    this.style.setProperty("--vp-header-height", `${entry!.borderBoxSize[0]!.blockSize}px`),
  );

  set route(route: { path: string }) {
    const name = route.path.slice(1);
    const tab = TABS.find((known) => known === name);
    const [shown, place]: [Tab, string?] = tab ? [tab] : (PLACES[name] ?? ["timeline"]);
    this.tab = shown;
    this.place = place;
  }

  disconnectedCallback(): void {
    super.disconnectedCallback();
    clearTimeout(this.toastTimer);
    this.headerSize.disconnect();
  }

  private go(tab: Tab): void {
    history.pushState(null, "", `/voice-privacy/${tab}`);
    this.tab = tab;
    this.place = undefined;
    window.dispatchEvent(new CustomEvent("location-changed", { detail: { replace: false } }));
    window.scrollTo(0, 0);
  }

  private onTabKey(event: KeyboardEvent): void {
    const forward = getComputedStyle(this).direction === "rtl" ? "ArrowLeft" : "ArrowRight";
    const back = forward === "ArrowRight" ? "ArrowLeft" : "ArrowRight";
    const step = { [forward]: 1, [back]: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    this.go(TABS[(TABS.indexOf(this.tab) + step + TABS.length) % TABS.length]!);
    void this.updateComplete.then(() => this.renderRoot.querySelector<HTMLElement>("[aria-selected=true]")?.focus());
  }

  private async delete(event: CustomEvent<DeletionPrompt>): Promise<void> {
    await this.renderRoot.querySelector<DeletionDialog>("voice-privacy-deletion")?.ask(event.detail);
  }

  private deleted(event: CustomEvent): void {
    if (event.detail) this.renderRoot.querySelector<Recordings>("voice-privacy-recordings")?.focusList();
  }

  private notify(event: CustomEvent<string>): void {
    this.toast = event.detail;
    clearTimeout(this.toastTimer);
    this.toastTimer = setTimeout(() => (this.toast = undefined), TOAST_MILLISECONDS);
  }

  protected updated(changed: PropertyValues): void {
    super.updated(changed);
    if (this.texts) this.lang = this.texts.language;
    const header = this.renderRoot.querySelector("header");
    if (header) this.headerSize.observe(header);
  }

  protected render(): TemplateResult | typeof nothing {
    const { texts, connection } = this;
    if (!texts || !connection) return nothing;
    return html`<a class="skip" href="#main" @click=${this.skip}>${texts.get("common.skip")}</a>
      <header class="top">
        <div class="title">
          <ha-menu-button .hass=${this.hass} .narrow=${this.narrow}></ha-menu-button>
          <h1>${texts.get("page.title")}</h1>
          ${connection.state && this.tab === "timeline" ? this.manage(texts, connection.state) : nothing}
        </div>
        <nav role="tablist" aria-label=${texts.get("page.title")} @keydown=${this.onTabKey}>
          ${TABS.map(
            (tab) =>
              html`<button
                role="tab"
                id="tab-${tab}"
                aria-selected=${this.tab === tab}
                aria-controls="main"
                tabindex=${this.tab === tab ? 0 : -1}
                @click=${() => this.go(tab)}
              >
                ${this.fitting(texts, `tabs.${tab}`)}
              </button>`,
          )}
        </nav>
        ${
          connection.status !== "ready" && connection.state
            ? html`<div class="banner offline" role="status">
                ${icon(icons.offline)}<span
                  >${texts.get(connection.status === "offline" ? "page.offline" : "page.restarting")}</span
                >
              </div>`
            : nothing
        }
        ${
          connection.state?.house.toggles.guest_mode.on
            ? html`<div class="banner guests" role="status">
                ${icon(icons.guests)}<span>${texts.get("page.guest_mode")}</span>
              </div>`
            : nothing
        }
      </header>
      <div
        class="main"
        id="main"
        role="tabpanel"
        aria-labelledby="tab-${this.tab}"
        tabindex="-1"
        @vp-delete=${this.delete}
        @vp-notify=${this.notify}
      >
        ${
          connection.state
            ? html`<voice-privacy-strip .connection=${connection} .texts=${texts}></voice-privacy-strip>
                ${this.content(texts, connection)}`
            : this.waiting(texts, connection)
        }
      </div>
      ${
        connection.state
          ? html`<voice-privacy-deletion
                .connection=${connection}
                .texts=${texts}
                @vp-closed=${this.deleted}
              ></voice-privacy-deletion>
              <voice-privacy-manage
                .connection=${connection}
                .texts=${texts}
                @vp-delete=${this.delete}
              ></voice-privacy-manage>`
          : nothing
      }
      <div class="toast" role="status">${this.toast ? html`<span>${this.toast}</span>` : nothing}</div>`;
  }

  // Two wordings of one label; the space there is shows one of them.
  private fitting(texts: Texts, key: string): TemplateResult {
    return html`<span class="long">${texts.get(key)}</span><span class="short">${texts.get(`${key}_short`)}</span>`;
  }

  // Nothing is offered to somebody who could neither delete nor export anything.
  private manage(texts: Texts, { permissions }: HouseState): TemplateResult | typeof nothing {
    if (!permissions.admin && !permissions.control.length) return nothing;
    const open = (): void => void this.renderRoot.querySelector<ManageDialog>("voice-privacy-manage")?.open();
    return html`<button class="quiet" id="manage" @click=${open}>
      ${icon(icons.more)}${this.fitting(texts, "manage.open")}
    </button>`;
  }

  private skip(event: Event): void {
    event.preventDefault();
    this.renderRoot.querySelector<HTMLElement>("#main")?.focus();
  }

  private content(texts: Texts, connection: Connection): TemplateResult {
    switch (this.tab) {
      case "timeline":
        return html`<voice-privacy-first-run .connection=${connection} .texts=${texts}></voice-privacy-first-run>
          <voice-privacy-recordings .connection=${connection} .texts=${texts}></voice-privacy-recordings>`;
      case "rooms":
        return html`<voice-privacy-microphones .connection=${connection} .texts=${texts}></voice-privacy-microphones>
          <voice-privacy-levels .connection=${connection} .texts=${texts}></voice-privacy-levels>
          <voice-privacy-wake-words .connection=${connection} .texts=${texts}></voice-privacy-wake-words>`;
      case "privacy":
        return html`<voice-privacy-privacy
          .connection=${connection}
          .texts=${texts}
          .place=${this.place}
        ></voice-privacy-privacy>`;
    }
  }

  private waiting(texts: Texts, connection: Connection): TemplateResult {
    const keys: Record<string, string> = {
      not_loaded: "page.not_loaded",
      failed: "page.failed",
      offline: "page.offline",
    };
    const key = keys[connection.status];
    return html`<div class="card empty" role="status">
      <span class="hero">${icon(key ? icons.offline : icons.shield)}</span>
      <h2>${texts.get(key ?? "common.loading")}</h2>
      ${connection.status === "not_loaded" ? html`<p>${texts.get("page.not_loaded_detail")}</p>` : nothing}
    </div>`;
  }
}

define("voice-privacy-page", VoicePrivacyPage);
