// What page and card share: Home Assistant's object becomes a connection and texts.
import { LitElement } from "lit";
import { property, state } from "lit/decorators.js";
import { Connection, type ConnectionListener } from "../connection";
import type { Hass } from "../hass";
import { loadTexts, type Texts } from "../texts";

export abstract class Root extends LitElement implements ConnectionListener {
  @state() protected texts?: Texts;
  protected connection?: Connection;
  private current?: Hass;
  private language?: string;
  private unlisten?: () => void;

  get hass(): Hass | undefined {
    return this.current;
  }

  // Home Assistant sets this on every change of any entity; almost none concerns this integration.
  @property({ attribute: false })
  set hass(hass: Hass) {
    this.current = hass;
    if (this.connection) this.connection.update(hass);
    else {
      this.connection = new Connection(hass);
      this.created(this.connection);
      this.follow();
    }
    const language = `${hass.language}/${hass.locale.time_format}/${hass.locale.time_zone}`;
    if (language !== this.language) {
      this.language = language;
      void loadTexts(hass).then((texts) => this.translated(texts));
    }
    // Form controls follow the color scheme, which Home Assistant does not set.
    this.style.colorScheme = hass.themes.darkMode ? "dark" : "light";
  }

  connectedCallback(): void {
    super.connectedCallback();
    this.follow();
  }

  disconnectedCallback(): void {
    super.disconnectedCallback();
    this.unlisten?.();
    this.unlisten = undefined;
    this.connection?.close();
  }

  stateChanged(): void {
    this.requestUpdate();
  }

  // The connection is there, before anything is heard from it.
  protected created(_connection: Connection): void {}

  protected translated(texts: Texts): void {
    this.texts = texts;
  }

  private follow(): void {
    if (!this.connection || !this.isConnected || this.unlisten) return;
    this.unlisten = this.connection.listen(this);
    this.connection.open();
  }
}
