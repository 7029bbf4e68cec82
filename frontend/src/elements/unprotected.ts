// Satellites of other integrations that nobody watches over, and how they are protected: with one answer.
import { html, nothing, type TemplateResult } from "lit";
import { state } from "lit/decorators.js";
import type { Unprotected } from "../contract.rooms";
import { icon, icons } from "../icons";
import { base } from "../styles/base";
import { unprotectedStyles } from "../styles/unprotected";
import { define, Part } from "./part";

export class UnprotectedSatellites extends Part {
  static styles = [base, unprotectedStyles];
  // The satellite whose question is open.
  @state() private asked?: string;
  @state() private adding = false;

  private async add({ source, name }: Unprotected, saves: boolean): Promise<void> {
    this.adding = true;
    await this.attempt(async () => {
      const fields = { source, save_recordings: saves };
      const { pipeline } = await this.connection.call<{ pipeline: string | null }>("satellites/add", fields);
      this.notify(this.t(pipeline ? "rooms.added" : "rooms.added_deaf", { name }));
    });
    this.adding = false;
    this.asked = undefined;
  }

  protected render(): TemplateResult | typeof nothing {
    const found = this.state.unprotected ?? [];
    if (!found.length) return nothing;
    return html`<section class="card" aria-label=${this.t("rooms.unprotected")}>
      <ul>
        ${found.map((satellite) => this.row(satellite))}
      </ul>
    </section>`;
  }

  private row(satellite: Unprotected): TemplateResult {
    const { source, name, wyoming } = satellite;
    const open = this.asked === source;
    return html`<li>
      <div class="line">
        <span class="badge not_listening">${icon(icons.shieldAlert)}</span>
        <div class="grow">
          <h2><bdi>${name}</bdi></h2>
          <p>${this.t("rooms.unprotected")}</p>
          <p class="muted-text">${this.t("rooms.unprotected_detail")}</p>
        </div>
        ${
          this.admin && !open
            ? html`<button class="button primary" data-protect @click=${() => (this.asked = source)}>
                ${this.t("rooms.protect")}<span class="sr"> ${name}</span>
              </button>`
            : nothing
        }
      </div>
      ${open ? this.question(satellite) : nothing}
      ${
        open && wyoming
          ? html`<p class="muted-text">
              ${this.t("rooms.take_over")}
              <a href="/config/integrations/integration/voice_privacy">${this.t("rooms.take_over_link")}</a>
            </p>`
          : nothing
      }
    </li>`;
  }

  // No answer is given for anybody: two buttons, both alike.
  private question(satellite: Unprotected): TemplateResult {
    return html`<div
      class="line question"
      role="group"
      aria-label=${this.t("rooms.keep_question", { name: satellite.name })}
    >
      <p class="grow">${this.t("rooms.keep_question", { name: satellite.name })}</p>
      <button
        class="button"
        data-keep="nothing"
        ?disabled=${this.adding}
        @click=${() => void this.add(satellite, false)}
      >
        ${this.t("rooms.keep_nothing")}
      </button>
      <button
        class="button"
        data-keep="recordings"
        ?disabled=${this.adding}
        @click=${() => void this.add(satellite, true)}
      >
        ${this.t("rooms.keep_recordings")}
      </button>
    </div>`;
  }
}

define("voice-privacy-unprotected", UnprotectedSatellites);
