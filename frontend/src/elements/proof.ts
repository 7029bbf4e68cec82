// Proofs for administrators: the self-test of deletion, the ledger, what is elsewhere, data flow.
import { css, html, nothing, type TemplateResult } from "lit";
import { state } from "lit/decorators.js";
import type { DataFlowAnswer, Finding, LedgerAnswer, SelfTestAnswer } from "../contract.proof";
import { saveAs } from "../download";
import { icon, icons } from "../icons";
import { base } from "../styles/base";
import { privacyStyles } from "../styles/privacy";
import { define, Part } from "./part";

export class Proof extends Part {
  static styles = [
    base,
    privacyStyles,
    css`
      ul {
        padding-inline-start: 20px;
      }
      #elsewhere ul {
        padding: 0;
      }
      li.row {
        min-height: 48px;
      }
      .row {
        display: flex;
        align-items: center;
        flex-wrap: wrap;
        gap: 8px 16px;
      }
    `,
  ];
  @state() private result: SelfTestAnswer["result"] = null;
  @state() private running = false;
  @state() private ledger?: LedgerAnswer;
  @state() private findings: Finding[] = [];
  @state() private searching = false;
  @state() private flow: DataFlowAnswer = {};

  connectedCallback(): void {
    super.connectedCallback();
    void this.ask("self_test/get");
    void this.readLedger();
    void this.attempt(async () => {
      // Until the backend is restarted after an update, the page is newer than it.
      this.flow = await this.connection.call<DataFlowAnswer>("data_flow/get");
    });
  }

  private async ask(command: "self_test/get" | "self_test/run"): Promise<void> {
    await this.attempt(async () => {
      this.result = (await this.connection.call<SelfTestAnswer>(command)).result;
    });
  }

  private async run(): Promise<void> {
    this.running = true;
    await this.ask("self_test/run");
    this.running = false;
  }

  private async readLedger(): Promise<void> {
    await this.attempt(async () => {
      this.ledger = await this.connection.call<LedgerAnswer>("ledger/get");
    });
  }

  private async export(): Promise<void> {
    await this.attempt(async () => {
      const { ledger } = await this.connection.call<{ ledger: string }>("ledger/export");
      saveAs(new Blob([ledger], { type: "text/plain" }), `voice-privacy-ledger-${this.house.today}.txt`);
    });
  }

  private async turnLedger(event: Event): Promise<void> {
    await this.turn(event, (on) => this.connection.call("ledger/set", { on }));
    await this.readLedger();
  }

  // Everywhere, or after one place was emptied there.
  private async search(place?: string): Promise<void> {
    this.searching = true;
    await this.attempt(async () => {
      const { findings } = await (place
        ? this.connection.call<{ findings: Finding[] }>("elsewhere/remove", { place })
        : this.connection.call<{ findings: Finding[] }>("elsewhere/search"));
      this.findings = place
        ? this.findings.map((one) => findings.find((found) => found.place === one.place) ?? one)
        : findings;
    });
    this.searching = false;
  }

  protected render(): TemplateResult {
    return html`${this.selfTest()}${this.ledger ? this.ledgerPart(this.ledger) : nothing}${this.elsewhere()}${this.dataFlow()}`;
  }

  private ledgerPart({ on, entries, waiting }: LedgerAnswer): TemplateResult {
    return html`<details class="card" id="ledger">
      <summary>
        ${icon(icons.listed)}<span
          ><h2>${this.t("proof.ledger")}</h2>
          ${
            waiting
              ? html`<small>${this.t("proof.ledger_waiting", { waiting: this.texts.number(waiting) })}</small>`
              : on
                ? nothing
                : html`<small>${this.t("proof.ledger_off")}</small>`
          }</span
        >
      </summary>
      <p class="muted-text">${this.t("proof.ledger_about")}</p>
      <p class="row">
        <input
          type="checkbox"
          role="switch"
          aria-label=${this.t("proof.ledger")}
          .checked=${on}
          @change=${(event: Event) => void this.turnLedger(event)}
        />
        <button class="button" ?disabled=${!on} @click=${() => void this.export()}>
          ${icon(icons.archive)}${this.t("proof.ledger_export")}
        </button>
        <span>${this.t("proof.ledger_state", { entries: this.texts.number(entries) })}</span>
      </p>
    </details>`;
  }

  private elsewhere(): TemplateResult {
    return html`<details class="card" id="elsewhere">
      <summary>
        ${icon(icons.search)}
        <h2>${this.t("proof.elsewhere")}</h2>
      </summary>
      <p class="muted-text">${this.t("proof.elsewhere_about")}</p>
      <ul>
        ${this.findings.map(
          ({ place, count, names, removable }) =>
            html`<li class="row">
              <span
                ><bdi id=${place}>${this.t(`proof.place_${place}`)}</bdi>:
                <strong>${count === null ? this.t("proof.elsewhere_unknown") : this.texts.number(count)}</strong></span
              >
              ${names.length ? html`<small class="muted-text">${this.texts.list(names)}</small>` : nothing}
              ${
                removable
                  ? html`<button
                      class="button"
                      aria-describedby=${place}
                      ?disabled=${this.searching}
                      @click=${() => void this.search(place)}
                    >
                      ${this.t("proof.elsewhere_remove")}
                    </button>`
                  : nothing
              }
            </li>`,
        )}
      </ul>
      <button class="button" id="search" ?disabled=${this.searching} @click=${() => void this.search()}>
        ${this.t("proof.elsewhere_search")}
      </button>
    </details>`;
  }

  private dataFlow(): TemplateResult {
    return html`<details class="card" id="data-flow">
      <summary>
        ${icon(icons.upload)}
        <h2>${this.t("proof.data_flow")}</h2>
      </summary>
      <ul>
        ${this.flow.satellites?.map(
          ({ name, link }) => html`<li><bdi>${name}</bdi>: <strong>${this.t(`proof.link_${link}`)}</strong></li>`,
        )}
        ${this.flow.pipelines?.map(
          ({ name, stages, wider }) =>
            html`<li>
              <bdi>${name}</bdi>
              <ul>
                ${Object.entries(stages).map(
                  ([stage, reach]) =>
                    html`<li>
                      ${wider.includes(stage) ? icon(icons.alert) : nothing}${this.t(`proof.stage_${stage}`)}:
                      <strong>${this.t(`proof.reach_${reach}`)}</strong>
                    </li>`,
                )}
              </ul>
            </li>`,
        )}
      </ul>
    </details>`;
  }

  private selfTest(): TemplateResult {
    const { result } = this;
    const outcome = result && (result.passed === null ? "unknown" : result.passed ? "passed" : "failed");
    return html`<details class="card" id="self-test">
      <summary>
        ${icon(outcome === "passed" ? icons.done : outcome ? icons.shieldAlert : icons.shield)}<span
          ><h2>${this.t("proof.self_test")}</h2>
          <small role="status"
            >${
              this.running
                ? this.t("proof.running")
                : result
                  ? this.t(`proof.${outcome}`, { when: this.texts.dateTime(result.when) })
                  : this.t("proof.never")
            }</small
          ></span
        >
      </summary>
      <p class="muted-text">${this.t("proof.about")}</p>
      <ul>
        ${Object.entries(result?.checks ?? {}).map(
          ([check, verdict]) =>
            html`<li>${this.t(`proof.check_${check}`)}: <strong>${this.t(`proof.verdict_${verdict}`)}</strong></li>`,
        )}
      </ul>
      <button class="button" ?disabled=${this.running} @click=${() => void this.run()}>${this.t("proof.run")}</button>
    </details>`;
  }
}

define("voice-privacy-proof", Proof);
