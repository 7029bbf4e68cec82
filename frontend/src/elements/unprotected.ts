// Satellites of other integrations that nobody watches over, and how they are protected: with one answer.
import { html, nothing, type TemplateResult } from "lit";
import { property, state } from "lit/decorators.js";
import type { Unprotected } from "../contract.rooms";
import { explain, type FlowErrors } from "../flow-errors";
import { icon, icons } from "../icons";
import { base } from "../styles/base";
import { unprotectedStyles } from "../styles/unprotected";
import { keepQuestion } from "./keep-question";
import { define, Part } from "./part";

interface Asked {
  source?: string;
  takesOver?: boolean;
}

export class UnprotectedSatellites extends Part {
  static styles = [base, unprotectedStyles];
  // Whether the question of the first satellite is open from the beginning.
  @property({ type: Boolean }) lead = false;
  // The satellite whose question is open.
  @state() private asked?: Asked;
  @state() private adding = false;
  @state() private error?: string;

  private ask(asked: Asked): void {
    this.asked = asked;
    this.error = undefined;
  }

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

  // What is refused is said in place; the question stays open, to try once more.
  private async takeOver({ source, name }: Unprotected, saves: boolean): Promise<void> {
    this.adding = true;
    this.error = undefined;
    await this.attempt(async () => {
      const fields = { source, save_recordings: saves };
      const { errors } = await this.connection.call<{ errors: FlowErrors }>("satellites/take_over", fields);
      [this.error] = Object.values(await explain(this.connection, this.texts, errors, ["abort", "error"]));
      if (this.error !== undefined) return;
      this.notify(this.t("rooms.added", { name }));
      this.asked = undefined;
    });
    this.adding = false;
  }

  protected render(): TemplateResult | typeof nothing {
    const found = this.state.unprotected ?? [];
    if (!found.length) return nothing;
    const asked = this.asked ?? (this.lead ? { source: found[0]!.source } : {});
    return html`<section class="card" aria-label=${this.t("rooms.unprotected")}>
      <ul>
        ${found.map((satellite) => this.row(satellite, this.admin && satellite.source === asked.source ? asked : undefined))}
      </ul>
    </section>`;
  }

  private row(satellite: Unprotected, asked?: Asked): TemplateResult {
    const { source, name, wyoming } = satellite;
    const button = (key: string, takesOver: boolean): TemplateResult =>
      html`<button
        class="button ${takesOver ? "" : "primary"}"
        ?data-protect=${!takesOver}
        ?data-take-over=${takesOver}
        ?disabled=${this.adding}
        @click=${() => this.ask({ source, takesOver })}
      >
        ${this.t(key)}<span class="sr"> ${name}</span>
      </button>`;
    return html`<li>
      <div class="line">
        <span class="badge not_listening">${icon(icons.shieldAlert)}</span>
        <div class="grow">
          <h2><bdi>${name}</bdi></h2>
          <p>${this.t("rooms.unprotected")}</p>
          <p class="muted-text">${this.t("rooms.unprotected_detail")}</p>
        </div>
        ${this.admin && (!asked || asked.takesOver) ? button("rooms.protect", false) : nothing}
        ${this.admin && wyoming && !asked?.takesOver ? button("rooms.take_over", true) : nothing}
      </div>
      ${asked?.takesOver ? html`<p class="muted-text why">${this.t("rooms.take_over_detail")}</p>` : nothing}
      ${asked ? this.question(satellite, asked) : nothing}
      ${asked && this.error !== undefined ? html`<p class="wrong" role="alert">${icon(icons.alert)}${this.error}</p>` : nothing}
    </li>`;
  }

  private question(satellite: Unprotected, { takesOver }: Asked): TemplateResult {
    return keepQuestion(this.texts, {
      text: this.t(takesOver ? "rooms.take_over_question" : "rooms.keep_question", { name: satellite.name }),
      busy: this.adding,
      answer: (saves) => void (takesOver ? this.takeOver(satellite, saves) : this.add(satellite, saves)),
      cancel: () => this.ask({}),
    });
  }
}

define("voice-privacy-unprotected", UnprotectedSatellites);
