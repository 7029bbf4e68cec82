// Privacy and log: what the house has decided, what is kept for how long, review, and who did what.
import { html, nothing, type PropertyValues, type TemplateResult } from "lit";
import { property, state } from "lit/decorators.js";
import { icon, icons } from "../icons";
import { base } from "../styles/base";
import { privacyStyles } from "../styles/privacy";
import "./consent";
import "./household";
import "./log";
import "./options";
import { define, Part } from "./part";
import "./proof";
import "./review";

export class Privacy extends Part {
  static styles = [base, privacyStyles];
  // The part of the tab that an address names.
  @property() place?: string;

  // Clips are listed, which the access log notes, only for those who open them; reviewers are here for nothing else.
  @state() private reviewing = false;

  connectedCallback(): void {
    super.connectedCallback();
    this.reviewing = !this.admin;
  }

  protected willUpdate(changed: PropertyValues): void {
    super.willUpdate(changed);
    if (changed.has("place") && this.place === "review") this.reviewing = true;
  }

  protected updated(changed: PropertyValues): void {
    super.updated(changed);
    if (changed.has("place") && this.place) this.renderRoot.querySelector(`#${this.place}`)?.scrollIntoView();
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
      ${
        this.admin
          ? html`<voice-privacy-proof .connection=${connection} .texts=${texts}></voice-privacy-proof>`
          : nothing
      }
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

  private review(): TemplateResult {
    const waiting = this.house.review[0];
    return html`<details
      class="card"
      id="review"
      .open=${this.reviewing}
      @toggle=${(event: Event) => (this.reviewing = (event.target as HTMLDetailsElement).open)}
    >
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
      ${
        this.reviewing
          ? html`<voice-privacy-review .connection=${this.connection} .texts=${this.texts}></voice-privacy-review>`
          : nothing
      }
    </details>`;
  }
}

define("voice-privacy-privacy", Privacy);
