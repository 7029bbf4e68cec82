// The one dialog that deletes: what would go, what it cannot reach, then the receipt.
import { html, type TemplateResult } from "lit";
import { state } from "lit/decorators.js";
import type { DeletionEvent, DeletionPreview, DeletionRequest, Receipt } from "../contract";
import { define, Part } from "./part";
import { Failure, failureOf } from "../connection";
import { icon, icons } from "../icons";
import { type Progress, proceed } from "../progress";
import { base } from "../styles/base";
import { dialogStyles } from "../styles/dialog";

export interface DeletionPrompt {
  title: string;
  request: DeletionRequest;
  // Much at once: the word has to be typed.
  typed?: boolean;
}

type Stage = "asking" | "deleting" | "done" | "failed";

export class DeletionDialog extends Part {
  static styles = [base, dialogStyles];
  @state() private prompt?: DeletionPrompt;
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
    this.dialog.showModal();
    this.renderRoot.querySelector<HTMLElement>("[data-first]")?.focus();
    try {
      this.preview = await this.connection.call<DeletionPreview>("recordings/preview", prompt.request);
    } catch (error) {
      this.failure = failureOf(error);
      this.stage = "failed";
    }
  }

  private get dialog(): HTMLDialogElement {
    return this.renderRoot.querySelector("dialog")!;
  }

  private async delete(): Promise<void> {
    this.stage = "deleting";
    this.progress = {};
    try {
      await this.connection.follow<DeletionEvent>(
        "recordings/delete",
        { ...this.prompt!.request, follow: true },
        (event) => this.told(event),
      );
    } catch (error) {
      await this.ended(failureOf(error));
    }
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
    const receipt = this.progress.receipt;
    this.prompt = undefined;
    this.emit("vp-closed", receipt);
  }

  protected render(): TemplateResult {
    return html`<dialog
      aria-labelledby="title"
      @cancel=${(event: Event) => this.stage === "deleting" && event.preventDefault()}
      @close=${this.closed}
    >
      ${this.prompt ? html`<div class="dialog">${this.body()}</div>` : ""}
    </dialog>`;
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
          <p role="alert">${this.texts.error(this.failure!.code)}</p>
          <div class="actions">
            <button class="button" data-first @click=${this.close}>${this.t("common.close")}</button>
            <button class="button danger" @click=${() => void this.delete()}>${this.t("common.retry")}</button>
          </div>`;
      case "asking":
        return this.question();
    }
  }

  private question(): TemplateResult {
    const { prompt, preview } = this;
    const word = this.t("delete.word");
    const ready = preview && preview.count > 0 && (!prompt!.typed || this.word.trim().toLocaleUpperCase() === word);
    const rooms = preview ? Object.entries(preview.satellites).sort(([, a], [, b]) => b - a) : [];
    return html`<h2 id="title">${prompt!.title}</h2>
      ${
        !preview
          ? html`<p class="muted-text" role="status">${this.t("delete.looking")}</p>`
          : preview.count === 0
            ? html`<p role="status">${this.t("delete.nothing")}</p>`
            : html`<div>
                  <p>
                    <strong>${this.texts.count("recordings", preview.count)}</strong>${this.texts.behind(preview.size)}
                    ·
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
                        html`${index ? " · " : ""}<bdi
                            >${this.connection.nameOf(id) ?? this.t("common.removed_satellite")}</bdi
                          >
                          ${this.texts.number(count)}`,
                    )}
                  </p>
                </div>
                <ul>
                  ${["what", "now", "rows", "no_undo"].map((key) => html`<li>${this.t(`delete.${key}`)}</li>`)}
                </ul>
                ${this.notReached(preview.not_reachable)}
                ${
                  prompt!.typed
                    ? html`<label class="typed"
                        >${this.t("delete.type", { word })}
                        <input
                          class="field"
                          autocomplete="off"
                          spellcheck="false"
                          .value=${this.word}
                          @input=${(event: Event) => (this.word = (event.target as HTMLInputElement).value)}
                      /></label>`
                    : ""
                }`
      }
      <div class="actions">
        <button class="button" data-first @click=${this.close}>${this.t("common.cancel")}</button>
        <button class="button danger" id="confirm" ?disabled=${!ready} @click=${() => void this.delete()}>
          ${icon(icons.deleted)}${this.t("delete.button", {
            recordings: this.texts.count("recordings", preview?.count ?? 0),
          })}
        </button>
      </div>`;
  }

  // The same before and after.
  private notReached(codes: Receipt["not_reachable"]): TemplateResult {
    return html`${
        codes.length
          ? html`<p class="muted-text">${this.t("receipt.not_reached")}</p>
              <ul class="muted-text">
                ${codes.map((code) => html`<li>${this.t(`not_reachable.${code}`)}</li>`)}
              </ul>`
          : ""
      }
      <p class="muted-text">${this.t("delete.not_reached")}</p>`;
  }

  private afterwards(receipt: Receipt): TemplateResult | string {
    const { left, rows } = this.progress;
    if (!receipt.deleted) return "";
    if (rows !== undefined) {
      const words = rows === null ? "receipt.rows_unknown" : rows ? "receipt.rows_left" : "receipt.rows_gone";
      return html`<p class="muted-text" role="status" data-counted>
        ${this.t(words, { count: this.texts.number(rows ?? 0) })}
      </p>`;
    }
    const all = receipt.pending || 1;
    return html`<div class="bar"><i style="width:${100 * (1 - Math.min(1, (left ?? all) / all))}%"></i></div>
      <p class="muted-text">${this.t("receipt.pending", { count: this.texts.number(left ?? all) })}</p>`;
  }

  private receiptBody(receipt: Receipt): TemplateResult {
    const complete = receipt.verified && receipt.left === 0;
    const facts: [string, string][] = [
      [this.t("receipt.deleted"), this.texts.number(receipt.deleted)],
      [this.t("receipt.keys"), this.t(receipt.verified ? "receipt.keys_zero" : "receipt.keys_unsure")],
      [this.t("receipt.left"), this.texts.number(receipt.left)],
    ];
    if (receipt.size !== null) facts.splice(1, 0, [this.t("receipt.freed"), this.texts.size(receipt.size)]);
    if (receipt.already_gone) facts.push([this.t("receipt.already_gone"), this.texts.number(receipt.already_gone)]);
    return html`<div class="seal ${complete ? "" : "warn"}">${icon(complete ? icons.done : icons.alert)}</div>
      <h2 id="title" data-receipt>
        <span role="status"
          >${this.t(complete ? "receipt.title" : "receipt.title_partial", {
            recordings: this.texts.count("recordings", receipt.deleted),
            time: this.texts.timeWithSeconds(this.finished!),
          })}</span
        >
      </h2>
      <dl class="receipt">
        ${facts.map(
          ([name, value]) =>
            html`<div>
              <dt>${name}</dt>
              <dd><bdi>${value}</bdi></dd>
            </div>`,
        )}
      </dl>
      ${this.afterwards(receipt)} ${this.notReached(receipt.not_reachable)}
      <div class="actions">
        ${
          receipt.left
            ? html`<button class="button danger" @click=${() => void this.delete()}>${this.t("common.retry")}</button>`
            : ""
        }
        <button class="button" data-first @click=${this.close}>${this.t("common.done")}</button>
      </div>`;
  }
}

define("voice-privacy-deletion", DeletionDialog);
