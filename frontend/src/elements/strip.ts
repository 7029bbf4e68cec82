// The strip on every tab: what the house does right now, with guest mode and the mute of all microphones.
import { html, nothing, type TemplateResult } from "lit";
import { houseLine, isProtected, seesNothing } from "../house-line";
import { icon, icons } from "../icons";
import { base } from "../styles/base";
import { stripStyles } from "../styles/strip";
import { define, Part } from "./part";

export class Strip extends Part {
  static styles = [base, stripStyles];

  protected render(): TemplateResult {
    const { house, satellites, permissions, may, unprotected } = this.state;
    const mutable = satellites.filter(({ id }) => permissions.control.includes(id));
    const muted = mutable.length > 0 && mutable.every(({ toggles }) => toggles.muted.on);
    const guests = house.toggles.guest_mode.on;
    const gaps = !!unprotected?.length || !satellites.every(isProtected) || house.store_error !== null;
    return html`<section aria-label=${this.t("strip.title")}>
      <p class="line ${gaps ? "warn" : ""}">
        ${icon(gaps ? icons.shieldAlert : seesNothing(this.state) ? icons.lock : icons.shield)}<span id="house-line"
          >${houseLine(this.texts, this.state)}</span
        >
      </p>
      <div class="buttons">
        ${
          may.guest_mode
            ? this.button("guest-mode", icons.guests, this.t("consent.guest_mode"), guests, (on) => ({
                toggle: "guest_mode",
                on,
              }))
            : nothing
        }
        ${
          mutable.length
            ? this.button("mute-all", icons.muted, this.t("microphones.mute_all"), muted, (on) => ({
                toggle: "muted",
                on,
                satellite_ids: mutable.map(({ id }) => id),
              }))
            : nothing
        }
      </div>
    </section>`;
  }

  private button(id: string, path: string, name: string, on: boolean, fields: (on: boolean) => object): TemplateResult {
    return html`<button
      id=${id}
      role="switch"
      aria-checked=${on}
      @click=${() => void this.attempt(() => this.connection.call("settings/set", fields(!on)))}
    >
      ${icon(path)}<span>${name}<small aria-hidden="true">${this.t(on ? "strip.on" : "strip.off")}</small></span>
    </button>`;
  }
}

define("voice-privacy-strip", Strip);
