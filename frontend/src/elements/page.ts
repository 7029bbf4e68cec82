// The page in Home Assistant's sidebar.
import { css, html, LitElement, nothing, type PropertyValues, type TemplateResult } from "lit";
import type { Hass } from "../contract";
import "./deletion";
import type { DeletionDialog, Wish } from "./deletion";
import { define } from "./part";
import "./consent";
import { House, type HouseListener } from "../connection";
import { icon, icons } from "../icons";
import "./log";
import "./manage";
import type { ManageDialog } from "./manage";
import "./microphones";
import "./recordings";
import type { Recordings } from "./recordings";
import "./review";
import { base } from "../styles/base";
import { loadTexts, type Texts } from "../texts";

const TABS = ["recordings", "microphones", "consent", "review", "log"] as const;
type Tab = (typeof TABS)[number];
const TOAST_MILLISECONDS = 6000;

export class VoicePrivacyPage extends LitElement implements HouseListener {
  static styles = [
    base,
    css`
      :host {
        position: relative;
        min-height: 100vh;
        background: var(--primary-background-color);
        --vp-header-height: calc(112px + env(safe-area-inset-top));
      }
      header.top {
        position: sticky;
        top: 0;
        z-index: 4;
        background: var(--primary-background-color);
        border-bottom: 1px solid var(--vp-line);
        padding-top: env(safe-area-inset-top);
        container-type: inline-size;
      }
      .short {
        display: none;
      }
      .title {
        display: flex;
        align-items: center;
        gap: 4px;
        height: 60px;
        padding: 0 8px;
      }
      .title h1 {
        font-size: 20px;
        font-weight: 500;
        flex: 1;
        min-width: 0;
        padding-inline-start: 8px;
        white-space: nowrap;
        overflow: hidden;
        text-overflow: ellipsis;
      }
      ha-menu-button {
        flex: none;
        --ha-icon-button-size: 44px;
      }
      nav {
        display: flex;
        flex-wrap: wrap;
        padding: 0 max(12px, calc((100% - 1200px) / 2 + 12px));
      }
      nav button {
        position: relative;
        min-height: 51px;
        padding: 0 16px;
        font-weight: 500;
        white-space: nowrap;
        color: var(--secondary-text-color);
      }
      nav button[aria-selected="true"] {
        color: var(--primary-text-color);
      }
      nav button[aria-selected="true"]::after {
        content: "";
        position: absolute;
        inset-inline: 12px;
        bottom: 0;
        height: 3px;
        border-radius: 3px 3px 0 0;
        background: var(--vp-accent);
      }
      nav button:focus-visible {
        outline-offset: -4px;
        border-radius: 8px;
      }
      .main {
        display: block;
        max-width: 1200px;
        margin: 0 auto;
        padding: 20px 24px calc(40px + env(safe-area-inset-bottom));
        outline: none;
      }
      @container (max-width: 719px) {
        .long {
          display: none;
        }
        .short {
          display: inline;
        }
        nav {
          padding: 0 4px;
        }
        nav button {
          padding: 0 10px;
          flex: 1 0 auto;
        }
      }
      @container (max-width: 479px) {
        nav button {
          min-height: 44px;
          padding: 0 6px;
          font-size: 13px;
        }
      }
      @media (max-width: 600px) {
        .banner {
          padding: 10px 16px;
        }
        .main {
          padding: 14px 16px calc(40px + env(safe-area-inset-bottom));
        }
      }
      .banner {
        display: flex;
        align-items: center;
        gap: 10px;
        padding: 10px max(24px, calc((100% - 1200px) / 2 + 24px));
      }
      .offline {
        background: color-mix(in srgb, var(--vp-warn-text) 14%, var(--primary-background-color));
      }
      .guests {
        background: color-mix(in srgb, var(--vp-accent) 14%, var(--primary-background-color));
      }
      .toast {
        position: fixed;
        z-index: 5;
        inset-inline: 0;
        bottom: calc(24px + env(safe-area-inset-bottom));
        display: flex;
        justify-content: center;
        pointer-events: none;
      }
      .toast span {
        max-width: min(560px, calc(100vw - 32px));
        padding: 12px 20px;
        border-radius: 24px;
        background: var(--primary-text-color);
        color: var(--primary-background-color);
        box-shadow: 0 8px 24px rgba(0, 0, 0, 0.3);
      }
      .toast:empty {
        display: none;
      }
      .skip {
        position: absolute;
        inset-inline-start: 8px;
        top: -60px;
        z-index: 6;
        background: var(--vp-card);
        padding: 12px;
        border-radius: 8px;
      }
      .skip:focus {
        top: 8px;
      }
    `,
  ];
  static properties = {
    hass: { attribute: false },
    narrow: { type: Boolean },
    route: { attribute: false },
    texts: { state: true },
    tab: { state: true },
    toast: { state: true },
  };
  declare narrow: boolean;
  declare texts?: Texts;
  declare tab: Tab;
  declare toast?: string;
  private house?: House;
  private current?: Hass;
  private language?: string;
  private unlisten?: () => void;
  private toastTimer?: ReturnType<typeof setTimeout>;
  // What sticks below the header follows its height, which a banner changes.
  private readonly headerSize = new ResizeObserver(([entry]) =>
    this.style.setProperty("--vp-header-height", `${entry!.borderBoxSize[0]!.blockSize}px`),
  );

  constructor() {
    super();
    this.tab = "recordings";
  }

  get hass(): Hass | undefined {
    return this.current;
  }

  // Home Assistant sets this on every change of any entity; almost none concerns the page.
  set hass(hass: Hass) {
    this.current = hass;
    if (!this.house) {
      this.house = new House(hass);
      this.follow();
    } else this.house.update(hass);
    const language = `${hass.language}/${hass.locale.time_format}/${hass.locale.time_zone}`;
    if (language !== this.language) {
      this.language = language;
      void loadTexts(hass).then((texts) => (this.texts = texts));
    }
    // Form controls follow the color scheme, which Home Assistant does not set.
    this.style.colorScheme = hass.themes.darkMode ? "dark" : "light";
  }

  set route(route: { path: string }) {
    const tab = route.path.slice(1) as Tab;
    this.tab = TABS.includes(tab) ? tab : "recordings";
  }

  connectedCallback(): void {
    super.connectedCallback();
    this.follow();
  }

  disconnectedCallback(): void {
    super.disconnectedCallback();
    this.unlisten?.();
    this.unlisten = undefined;
    this.house?.close();
    clearTimeout(this.toastTimer);
    this.headerSize.disconnect();
  }

  private follow(): void {
    if (!this.house || !this.isConnected || this.unlisten) return;
    this.unlisten = this.house.listen(this);
    this.house.open();
  }

  houseChanged(): void {
    this.requestUpdate();
  }

  private go(tab: Tab): void {
    history.pushState(null, "", `/voice-privacy/${tab}`);
    this.tab = tab;
    window.dispatchEvent(new CustomEvent("location-changed", { detail: { replace: false } }));
    window.scrollTo(0, 0);
  }

  private onTabKey(event: KeyboardEvent): void {
    const forward = getComputedStyle(this).direction === "rtl" ? "ArrowLeft" : "ArrowRight";
    const back = forward === "ArrowRight" ? "ArrowLeft" : "ArrowRight";
    const step = { [forward]: 1, [back]: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const tabs = this.tabs();
    this.go(tabs[(tabs.indexOf(this.tab) + step + tabs.length) % tabs.length]!);
    void this.updateComplete.then(() => this.renderRoot.querySelector<HTMLElement>("[aria-selected=true]")?.focus());
  }

  private tabs(): Tab[] {
    return TABS.filter((tab) => tab !== "review" || this.house?.state?.permissions.review);
  }

  private async delete(event: CustomEvent<Wish>): Promise<void> {
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
    const { texts, house } = this;
    if (!texts || !house) return nothing;
    return html`<a class="skip" href="#main" @click=${this.skip}>${texts.get("common.skip")}</a>
      <header class="top">
        <div class="title">
          <ha-menu-button .hass=${this.current} .narrow=${this.narrow}></ha-menu-button>
          <h1>${texts.get("page.title")}</h1>
          ${house.state
            ? html`<button
                class="button"
                id="manage"
                @click=${() => void this.renderRoot.querySelector<ManageDialog>("voice-privacy-manage")?.open()}
              >
                ${icon(icons.deleted)}${this.fitting(texts, "manage.open")}
              </button>`
            : nothing}
        </div>
        <nav role="tablist" aria-label=${texts.get("page.title")} @keydown=${this.onTabKey}>
          ${this.tabs().map(
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
        ${house.status !== "ready" && house.state
          ? html`<div class="banner offline" role="status">
              ${icon(icons.offline)}<span>${texts.get(house.status === "offline" ? "page.offline" : "page.restarting")}</span>
            </div>`
          : nothing}
        ${house.state?.house.toggles.guest_mode.on
          ? html`<div class="banner guests" role="status">${icon(icons.guests)}<span>${texts.get("page.guest_mode")}</span></div>`
          : nothing}
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
        ${house.state ? this.content(texts, house) : this.waiting(texts, house)}
      </div>
      ${house.state
        ? html`<voice-privacy-deletion .house=${house} .texts=${texts} @vp-closed=${this.deleted}></voice-privacy-deletion>
            <voice-privacy-manage .house=${house} .texts=${texts} @vp-delete=${this.delete}></voice-privacy-manage>`
        : nothing}
      <div class="toast" role="status">${this.toast ? html`<span>${this.toast}</span>` : nothing}</div>`;
  }

  // Two wordings of one label; the space there is shows one of them.
  private fitting(texts: Texts, key: string): TemplateResult {
    return html`<span class="long">${texts.get(key)}</span><span class="short">${texts.get(`${key}_short`)}</span>`;
  }

  private skip(event: Event): void {
    event.preventDefault();
    this.renderRoot.querySelector<HTMLElement>("#main")?.focus();
  }

  private content(texts: Texts, house: House): TemplateResult {
    switch (this.tab) {
      case "microphones":
        return html`<voice-privacy-microphones .house=${house} .texts=${texts}></voice-privacy-microphones>`;
      case "consent":
        return html`<voice-privacy-consent .house=${house} .texts=${texts}></voice-privacy-consent>`;
      case "review":
        if (!house.state!.permissions.review) break;
        return html`<voice-privacy-review .house=${house} .texts=${texts}></voice-privacy-review>`;
      case "log":
        return html`<voice-privacy-log .house=${house} .texts=${texts}></voice-privacy-log>`;
    }
    return html`<voice-privacy-recordings .house=${house} .texts=${texts}></voice-privacy-recordings>`;
  }

  private waiting(texts: Texts, house: House): TemplateResult {
    const keys: Record<string, string> = {
      not_loaded: "page.not_loaded",
      failed: "page.failed",
      offline: "page.offline",
    };
    const key = keys[house.status];
    return html`<div class="card empty" role="status">
      <span class="hero">${icon(key ? icons.offline : icons.shield)}</span>
      <h2>${texts.get(key ?? "common.loading")}</h2>
      ${house.status === "not_loaded" ? html`<p>${texts.get("page.not_loaded_detail")}</p>` : nothing}
    </div>`;
  }
}

define("voice-privacy-page", VoicePrivacyPage);
