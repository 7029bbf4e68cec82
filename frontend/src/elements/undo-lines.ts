// Lines at the bottom of the page: what was just deleted, how long it can be undone, and the receipt afterwards.
import { html, type TemplateResult } from "lit";
import type { PendingDeletion, PendingDeletions, Quote } from "../controllers/pending-deletions";
import { icon, icons } from "../icons";
import type { Texts } from "../texts";
import { isComplete, receiptTitle } from "./receipt";

export function quoted(quote: Quote): TemplateResult {
  return html`${quote.text ? html`<q dir="auto">${quote.text}</q>` : ""}<bdi>${quote.about}</bdi>`;
}

function words(texts: Texts, line: PendingDeletion): TemplateResult {
  const { receipt } = line.progress;
  if (line.stage === "failed") {
    return html`${texts.get("undo.failed")} ${texts.error(line.failure!.code)} ${quoted(line.quote)}`;
  }
  if (receipt) return html`${receiptTitle(texts, receipt, line.finished!)}`;
  return html`${texts.get("undo.deleted")} ${quoted(line.quote)}`;
}

function button(
  texts: Texts,
  pending: PendingDeletions,
  line: PendingDeletion,
  details: (line: PendingDeletion) => void,
): TemplateResult {
  if (line.stage === "waiting") {
    const seconds = pending.secondsLeft(line);
    return html`<span class="seconds" aria-hidden="true">${texts.number(Number.isFinite(seconds) ? seconds : 10)}</span
      ><button
        class="button undo"
        aria-label=${texts.get("undo.undo_one", { recording: line.quote.about })}
        @click=${() => void pending.undo(line)}
      >
        ${texts.get("undo.undo")}
      </button>`;
  }
  if (line.stage === "done") {
    return html`<button class="button" data-details @click=${() => details(line)}>
      ${texts.get("receipt.details")}
    </button>`;
  }
  return html`<button
    class="icon-button"
    aria-label=${texts.get("common.close")}
    ?hidden=${line.stage !== "failed"}
    @click=${() => pending.dismiss(line)}
  >
    ${icon(icons.close)}
  </button>`;
}

export function undoLines(
  texts: Texts,
  pending: PendingDeletions,
  details: (line: PendingDeletion) => void,
): TemplateResult {
  return html`<div
    class="undo-lines"
    role="region"
    aria-label=${texts.get("undo.region")}
    ?hidden=${!pending.lines.length}
  >
    ${pending.lines.map((line) => {
      const { receipt } = line.progress;
      const warns = line.stage === "failed" || (receipt && !isComplete(receipt));
      return html`<div class="undo-line ${warns ? "warn" : ""}" data-stage=${line.stage}>
        <span class="words">${words(texts, line)}</span>
        ${button(texts, pending, line, details)}
      </div>`;
    })}
  </div>`;
}
