// What a deletion tells when it is over: one line, and the details for who opens them.
import { html, nothing, type TemplateResult } from "lit";
import type { Receipt } from "../contract";
import type { Progress } from "../progress";
import type { Texts } from "../texts";

export function isComplete(receipt: Receipt): boolean {
  return receipt.verified && receipt.left === 0;
}

export function receiptTitle(texts: Texts, receipt: Receipt, finished: Date): string {
  return texts.get(isComplete(receipt) ? "receipt.title" : "receipt.title_partial", {
    recordings: texts.count("recordings", receipt.deleted || receipt.already_gone),
    time: texts.timeWithSeconds(finished),
  });
}

// The same before and after.
export function notReached(texts: Texts, codes: Receipt["not_reachable"]): TemplateResult {
  return html`${
      codes.length
        ? html`<p class="muted-text">${texts.get("receipt.not_reached")}</p>
            <ul class="muted-text">
              ${codes.map((code) => html`<li>${texts.get(`not_reachable.${code}`)}</li>`)}
            </ul>`
        : nothing
    }
    <p class="muted-text">${texts.get("delete.not_reached")}</p>`;
}

function afterwards(texts: Texts, receipt: Receipt, { left, rows }: Progress): TemplateResult | typeof nothing {
  if (!receipt.deleted) return nothing;
  if (rows !== undefined) {
    const words = rows === null ? "receipt.rows_unknown" : rows ? "receipt.rows_left" : "receipt.rows_gone";
    return html`<p class="muted-text" role="status" data-counted>
      ${texts.get(words, { count: texts.number(rows ?? 0) })}
    </p>`;
  }
  const all = receipt.pending || 1;
  return html`<div class="bar"><i style="width:${100 * (1 - Math.min(1, (left ?? all) / all))}%"></i></div>
    <p class="muted-text">${texts.get("receipt.pending", { count: texts.number(left ?? all) })}</p>`;
}

export function receiptDetails(texts: Texts, receipt: Receipt, progress: Progress): TemplateResult {
  const facts: [string, string][] = [
    [texts.get("receipt.deleted"), texts.number(receipt.deleted)],
    [texts.get("receipt.keys"), texts.get(receipt.verified ? "receipt.keys_zero" : "receipt.keys_unsure")],
    [texts.get("receipt.left"), texts.number(receipt.left)],
  ];
  if (receipt.size !== null) facts.splice(1, 0, [texts.get("receipt.freed"), texts.size(receipt.size)]);
  if (receipt.already_gone) facts.push([texts.get("receipt.already_gone"), texts.number(receipt.already_gone)]);
  if (receipt.taught_words !== undefined) facts.push([texts.get("teach.receipt"), texts.number(receipt.taught_words)]);
  return html`<details class="details" ?open=${!isComplete(receipt)}>
    <summary>${texts.get("receipt.details")}</summary>
    <dl class="receipt">
      ${facts.map(
        ([name, value]) =>
          html`<div>
            <dt>${name}</dt>
            <dd><bdi>${value}</bdi></dd>
          </div>`,
      )}
    </dl>
    ${afterwards(texts, receipt, progress)} ${notReached(texts, receipt.not_reachable)}
  </details>`;
}
