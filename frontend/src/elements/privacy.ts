// Privacy and log: what the house has decided, what is kept for how long, review, and who did what.
import { html, nothing, type PropertyValues, type TemplateResult } from "lit";
import { property } from "lit/decorators.js";
import { icon, icons } from "../icons";
import { base } from "../styles/base";
import { privacyStyles } from "../styles/privacy";
import "./consent";
import "./household";
import "./log";
import "./options";
import { define, Part } from "./part";
import "./review";

export class Privacy extends Part {
  static styles = [base, privacyStyles];
  // The part of the tab that an address names.
  @property() place?: string;

  protected updated(changed: PropertyValues): void {
    super.updated(changed);
    if (changed.has("place") && this.place) this.show(this.place);
  }

  private show(place: string): void {
    const part = this.renderRoot.querySelector<HTMLElement>(`#${place}`);
    if (part instanceof HTMLDetailsElement) part.open = true;
    part?.scrollIntoView();
  }

  protected render(): TemplateResult {
    const { connection, texts } = this;
    const { permissions } = this.state;
    return html`${
        this.admin
          ? html`<voice-privacy-consent .connection=${connection} .texts=${texts}></voice-privacy-consent>
              <voice-privacy-options id="options" .connection=${connection} .texts=${texts}></voice-privacy-options>`
          : html`<voice-privacy-household .connection=${connection} .texts=${texts}></voice-privacy-household>`
      }
      ${permissions.review ? this.review() : nothing}
      <section id="log" aria-labelledby="log-title">
        <h2 id="log-title">${this.t("privacy.log")}</h2>
        ${
          !this.admin && permissions.control.length
            ? html`<p class="muted-text">${this.t("privacy.rooms_log")}</p>`
            : nothing
        }
        <voice-privacy-log .connection=${connection} .texts=${texts}></voice-privacy-log>
      </section>`;
  }

  // A reviewer who is no administrator is here for the clips.
  private review(): TemplateResult {
    const waiting = this.house.review[0];
    return html`<details class="card" id="review" ?open=${!this.admin}>
      <summary>
        ${icon(icons.reviewed)}<span
          ><h2>${this.t("privacy.review")}</h2>
          <small
            >${
              this.admin && waiting
                ? this.t("privacy.review_waiting", { clips: this.texts.number(waiting) })
                : this.t("privacy.review_detail")
            }</small
          ></span
        >
      </summary>
      <voice-privacy-review .connection=${this.connection} .texts=${this.texts}></voice-privacy-review>
    </details>`;
  }
}

define("voice-privacy-privacy", Privacy);
