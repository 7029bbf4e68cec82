// The dialog that deletes: what would go, what it cannot reach, then the receipt.
import { type CSSResultGroup, html, nothing, type TemplateResult } from "lit";
import { state } from "lit/decorators.js";
import type { DeletionEvent, DeletionPreview, DeletionRequest, Receipt } from "../contract";
import { Part } from "./part";
import { Failure, failureOf } from "../connection";
import type { Quote } from "../controllers/pending-deletions";
import { icon, icons } from "../icons";
import { type Progress, proceed } from "../progress";
import { base } from "../styles/base";
import { dialogStyles } from "../styles/dialog";
import { isComplete, notReached, receiptDetails, receiptTitle } from "./receipt";

export interface DeletionPrompt {
  title: string;
  request: DeletionRequest;
  // What goes, where it was chosen one by one.
  quotes?: Quote[];
  // The id of the one recording whose deletion can be undone.
  undoable?: string;
  // Much at once: the word has to be typed.
  typed?: boolean;
}

type Stage = "asking" | "deleting" | "done" | "failed";

export class PlainDeletionDialog extends Part {
  static styles: CSSResultGroup = [base, dialogStyles];
  @state() protected prompt?: DeletionPrompt;
  @state() private preview?: DeletionPreview;
  @state() private stage: Stage = "asking";
  @state() private progress: Progress = {};
  @state() private word = "";
  @state() private failure?: Failure;
  @state() private finished?: Date;
  async ask(prompt: DeletionPrompt): Promise<void> {
    this.prompt = prompt;
    this.preview = this.failure = this.finished = undefined;
    this.progress = {};
    this.word = "";
    this.stage = "asking";
    await this.updateComplete;
    if (!this.dialog.open) this.dialog.showModal();
    this.renderRoot.querySelector<HTMLElement>("[data-first]")?.focus();
    try {
      this.preview = await this.connection.call<DeletionPreview>("recordings/preview", prompt.request);
    } catch (error) {
      this.failure = failureOf(error);
      this.stage = "failed";
    }
    if (!prompt.typed || this.prompt !== prompt) return;
    await this.updateComplete;
    this.renderRoot.querySelector<HTMLElement>(".typed input")?.focus();
  }

  private get dialog(): HTMLDialogElement {
    return this.renderRoot.querySelector("dialog")!;
  }

  private async delete(): Promise<void> {
    this.stage = "deleting";
    this.progress = {};
    try {
      if (await this.hide(this.prompt!)) {
        this.close();
        return;
      }
      await this.connection.follow<DeletionEvent>(
        "recordings/delete",
        { ...this.request, follow: true },
        (event) => this.told(event),
        (failure) => this.stage === "deleting" && void this.ended(failure),
      );
    } catch (error) {
      await this.ended(failureOf(error));
    }
  }

  // What nobody has been shown, and agreed to, is asked first.
  private async retry(): Promise<void> {
    await (this.preview ? this.delete() : this.ask(this.prompt!));
  }

  private told(event: DeletionEvent): void {
    this.progress = proceed(this.progress, event);
    if (event.type === "failed") void this.ended(new Failure(event.code));
    else if (event.type === "receipt") void this.ended();
  }

  private async ended(failure?: Failure): Promise<void> {
    this.failure = failure;
    this.finished = new Date();
    this.stage = failure ? "failed" : "done";
    await this.updateComplete;
    this.renderRoot.querySelector<HTMLElement>("[data-first]")?.focus();
  }

  private close(): void {
    this.dialog.close();
  }

  private closed(): void {
    this.prompt = undefined;
    this.emit("vp-closed", this.outcome());
  }

  protected get request(): DeletionRequest {
    return this.prompt!.request;
  }

  // What goes beside recordings, and whether anything of it was chosen.
  protected more(): TemplateResult | typeof nothing {
    return nothing;
  }

  protected get isMore(): boolean {
    return false;
  }

  // Whether the deletion needs nothing more of this dialog, since it can be undone.
  protected async hide(_prompt: DeletionPrompt): Promise<boolean> {
    return false;
  }

  // What has come of it: nothing where nobody deleted anything.
  protected outcome(): unknown {
    return this.progress.receipt;
  }

  protected async showReceipt(progress: Progress, finished: Date): Promise<void> {
    this.prompt = { title: "", request: { scope: "ids" } };
    this.progress = progress;
    this.finished = finished;
    this.stage = "done";
    await this.updateComplete;
    this.renderRoot.querySelector("details")!.open = true;
    this.dialog.showModal();
    this.renderRoot.querySelector<HTMLElement>("[data-first]")?.focus();
  }

  protected beside(): TemplateResult | typeof nothing {
    return nothing;
  }

  protected render(): TemplateResult {
    return html`<dialog
        aria-labelledby="title"
        @cancel=${(event: Event) => this.stage === "deleting" && event.preventDefault()}
        @close=${this.closed}
        @keydown=${(event: Event) => event.stopPropagation()}
      >
        ${this.prompt ? html`<div class="dialog">${this.body()}</div>` : ""}
      </dialog>
      ${this.beside()}`;
  }

  private body(): TemplateResult {
    switch (this.stage) {
      case "deleting":
        return html`<h2 id="title">${this.t("delete.working")}</h2>
          <div class="bar"><i class="endless"></i></div>
          <p role="status">
            ${this.progress.total ? this.texts.count("recordings", this.progress.total) + " · " : ""}${this.t(
              "delete.working_detail",
            )}
          </p>`;
      case "done":
        return this.receiptBody(this.progress.receipt!);
      case "failed":
        return html`<div class="seal warn">${icon(icons.alert)}</div>
          <h2 id="title">${this.t("delete.failed")}</h2>
          ${this.quotes(this.prompt!)}
          <p role="alert">${this.texts.error(this.failure!.code)}</p>
          <div class="actions">
            <button class="button" data-first @click=${this.close}>${this.t("common.close")}</button>
            <button class="button danger" @click=${() => void this.retry()}>${this.t("common.retry")}</button>
          </div>`;
      case "asking":
        return this.question();
    }
  }

  private question(): TemplateResult {
    const { prompt, preview } = this;
    const word = this.t("delete.word");
    const some = preview && (preview.count > 0 || this.isMore);
    const ready = some && (!prompt!.typed || this.word.trim().toLocaleUpperCase() === word);
    return html`<h2 id="title">${prompt!.title}</h2>
      ${this.quotes(prompt!)}
      ${
        !preview
          ? html`<p class="muted-text" role="status">${this.t("delete.looking")}</p>`
          : preview.count === 0
            ? html`<p role="status">${this.t("delete.nothing")}</p>`
            : this.meant(preview, prompt!)
      }
      ${preview ? this.more() : nothing}
      ${
        some && prompt!.typed
          ? html`<label class="typed"
              >${this.t("delete.type", { word })}
              <input
                class="field"
                autocomplete="off"
                spellcheck="false"
                .value=${this.word}
                @input=${(event: Event) => (this.word = (event.target as HTMLInputElement).value)}
            /></label>`
          : nothing
      }
      <div class="actions">
        <button class="button" data-first @click=${this.close}>${this.t("common.cancel")}</button>
        <button class="button danger" id="confirm" ?disabled=${!ready} @click=${() => void this.delete()}>
          ${icon(icons.deleted)}${
            this.isMore && !preview?.count
              ? this.t("teach.delete")
              : this.t("delete.button", { recordings: this.texts.count("recordings", preview?.count ?? 0) })
          }
        </button>
      </div>`;
  }

  protected meant(preview: DeletionPreview, _prompt: DeletionPrompt): TemplateResult {
    const rooms = Object.entries(preview.satellites).sort(([, a], [, b]) => b - a);
    return html`<div>
        <p>
          <strong>${this.texts.count("recordings", preview.count)}</strong>${this.texts.behind(preview.size)} ·
          ${
            preview.count === 1
              ? this.texts.dateTime(preview.first!)
              : this.t("delete.span", {
                  first: this.texts.dateTime(preview.first!),
                  last: this.texts.dateTime(preview.last!),
                })
          }
        </p>
        <p class="muted-text">
          ${rooms.map(
            ([id, count], index) =>
              html`${index ? " · " : ""}<bdi>${this.connection.nameOf(id) ?? this.t("common.removed_satellite")}</bdi>
                ${this.texts.number(count)}`,
          )}
        </p>
      </div>
      <ul>
        ${["what", "now", "rows", "no_undo"].map((key) => html`<li>${this.t(`delete.${key}`)}</li>`)}
      </ul>
      ${notReached(this.texts, preview.not_reachable)}`;
  }

  private receiptBody(receipt: Receipt): TemplateResult {
    const complete = isComplete(receipt);
    return html`<div class="seal ${complete ? "" : "warn"}">${icon(complete ? icons.done : icons.alert)}</div>
      <h2 id="title" data-receipt><span role="status">${receiptTitle(this.texts, receipt, this.finished!)}</span></h2>
      ${receiptDetails(this.texts, receipt, this.progress)}
      <div class="actions">
        ${
          receipt.left
            ? html`<button class="button danger" @click=${() => void this.delete()}>${this.t("common.retry")}</button>`
            : ""
        }
        <button class="button" data-first @click=${this.close}>${this.t("common.done")}</button>
      </div>`;
  }

  // What is meant, in words.
  protected quotes(_prompt: DeletionPrompt): TemplateResult | typeof nothing {
    return nothing;
  }
}
