// The dialog of the page. One recording needs no receipt: a line below tells of it, and can bring it back.
import { html, nothing, type TemplateResult } from "lit";
import { state } from "lit/decorators.js";
import type { DeletionPreview, DeletionRequest } from "../contract";
import { PendingDeletions } from "../controllers/pending-deletions";
import { undoStyles } from "../styles/undo-lines";
import { type DeletionPrompt, PlainDeletionDialog } from "./deletion-dialog";
import { taughtWords } from "../taught";
import { define } from "./part";
import { notReached } from "./receipt";
import { quoted, undoLines } from "./undo-lines";

export type { DeletionPrompt } from "./deletion-dialog";

const QUOTED = 3;

export class DeletionDialog extends PlainDeletionDialog {
  static styles = [PlainDeletionDialog.styles, undoStyles];
  // What screen readers are told; there from the first question on.
  @state() private said?: string;
  @state() private words: string[] = [];
  @state() private withWords = false;
  private readonly pending = new PendingDeletions(this, () => (this.said = this.t("undo.undone")));
  private isHidden = false;

  // Of several deletions that can be undone, undo the last one.
  undo(): boolean {
    return this.pending.undoLast();
  }

  stateChanged(): void {
    if (this.connection.status === "offline") this.pending.lost();
    super.stateChanged();
  }

  async ask(prompt: DeletionPrompt): Promise<void> {
    this.isHidden = false;
    this.said ??= "";
    this.words = [];
    this.withWords = false;
    await Promise.all([super.ask(prompt), this.askForWords(prompt)]);
  }

  // Wake words that were taught are made from voices as well. They go only where somebody says so.
  private async askForWords(prompt: DeletionPrompt): Promise<void> {
    if (prompt.request.scope !== "all" || prompt.request.satellite_ids || !this.admin) return;
    const taught = await taughtWords(this.connection);
    if (prompt === this.prompt) this.words = taught?.words.map(({ id, name }) => name || id) ?? [];
  }

  protected get isMore(): boolean {
    return this.withWords;
  }

  protected get request(): DeletionRequest {
    return this.withWords ? { ...super.request, taught_words: true } : super.request;
  }

  protected more(): TemplateResult | typeof nothing {
    if (!this.words.length) return nothing;
    return html`<label class="box-row"
      ><input
        type="checkbox"
        class="box"
        id="taught-words"
        .checked=${this.withWords}
        @change=${(event: Event) => (this.withWords = (event.target as HTMLInputElement).checked)}
      /><span>${this.t("teach.delete_all", { words: this.texts.list(this.words) })}</span></label
    >`;
  }

  protected async hide({ undoable, quotes }: DeletionPrompt): Promise<boolean> {
    const quote = quotes?.[0];
    if (!undoable || !quote) return false;
    await this.pending.begin(undoable, quote);
    this.said = `${this.t("undo.deleted")} ${quote.text ?? ""} ${quote.about}. ${this.t("undo.how")}`;
    this.isHidden = true;
    return true;
  }

  protected outcome(): unknown {
    return super.outcome() ?? (this.isHidden || undefined);
  }

  protected beside(): TemplateResult {
    const lines = undoLines(this.texts, this.pending, (line) => {
      // The dialog says what the line said.
      this.pending.dismiss(line);
      void this.showReceipt(line.progress, line.finished!);
    });
    return html`${lines}${this.said === undefined ? nothing : html`<p class="sr" role="status">${this.said}</p>`}`;
  }

  protected meant(preview: DeletionPreview, prompt: DeletionPrompt): TemplateResult {
    return prompt.undoable ? this.meantOne(preview) : super.meant(preview, prompt);
  }

  private meantOne(preview: DeletionPreview): TemplateResult {
    return html`<p>${this.t("undo.about")}</p>
      <details class="details">
        <summary>${this.t("delete.details")}</summary>
        <ul>
          ${["what", "rows"].map((key) => html`<li>${this.t(`delete.${key}`)}</li>`)}
        </ul>
        ${notReached(this.texts, preview.not_reachable)}
      </details>`;
  }

  // One recording, or the first ones of a selection.
  protected quotes({ quotes = [] }: DeletionPrompt): TemplateResult | typeof nothing {
    if (!quotes.length) return nothing;
    const shown = quotes.slice(0, QUOTED);
    const more = quotes.length - shown.length;
    return html`<ul class="quotes">
      ${shown.map((quote) => html`<li>${quoted(quote)}</li>`)}
      ${more ? html`<li>${this.t("delete.more", { recordings: this.texts.count("recordings", more) })}</li>` : nothing}
    </ul>`;
  }
}

define("voice-privacy-deletion", DeletionDialog);
