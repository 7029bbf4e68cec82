// Which keys do what on the timeline.
import { html, nothing, type TemplateResult } from "lit";
import { state } from "lit/decorators.js";
import { base } from "../styles/base";
import { dialogStyles } from "../styles/dialog";
import { define, Part } from "./part";

const KEYS: [string[], string][] = [
  [["J", "K"], "keys.next"],
  [["Space"], "keys.play"],
  [["O"], "keys.open"],
  [["X"], "keys.select"],
  [["Shift"], "keys.range"],
  [["Del"], "keys.delete"],
  [["Ctrl+Z"], "keys.undo"],
  [["/"], "keys.search"],
  [["Esc"], "keys.leave"],
];

export class ShortcutHelp extends Part {
  static styles = [base, dialogStyles];
  @state() private shown = false;

  async open(): Promise<void> {
    this.shown = true;
    await this.updateComplete;
    this.renderRoot.querySelector("dialog")!.showModal();
  }

  protected render(): TemplateResult {
    return html`<dialog
      aria-labelledby="title"
      @close=${() => (this.shown = false)}
      @keydown=${(event: Event) => event.stopPropagation()}
    >
      ${
        this.shown
          ? html`<div class="dialog">
              <h2 id="title">${this.t("keys.title")}</h2>
              <dl class="receipt">
                ${KEYS.map(
                  ([keys, what]) =>
                    html`<div>
                      <dt>${this.t(what)}</dt>
                      <dd>${keys.map((key, index) => html`${index ? " " : nothing}<kbd>${key}</kbd>`)}</dd>
                    </div>`,
                )}
              </dl>
              <div class="actions">
                <button class="button" @click=${() => this.renderRoot.querySelector("dialog")!.close()}>
                  ${this.t("common.close")}
                </button>
              </div>
            </div>`
          : nothing
      }
    </dialog>`;
  }
}

define("voice-privacy-keys", ShortcutHelp);
