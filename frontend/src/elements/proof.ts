// The self-test of deletion: its last result, what it has looked at, and running it now.
import { html, type TemplateResult } from "lit";
import { state } from "lit/decorators.js";
import type { SelfTestAnswer } from "../contract.proof";
import { icon, icons } from "../icons";
import { base } from "../styles/base";
import { privacyStyles } from "../styles/privacy";
import { define, Part } from "./part";

export class Proof extends Part {
  static styles = [base, privacyStyles];
  @state() private result: SelfTestAnswer["result"] = null;
  @state() private running = false;

  connectedCallback(): void {
    super.connectedCallback();
    void this.ask("self_test/get");
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

  protected render(): TemplateResult {
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
