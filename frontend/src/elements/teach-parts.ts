// What is asked and warned of while a wake word is taught.
import { html, nothing, type TemplateResult } from "lit";
import { property } from "lit/decorators.js";
import { failureOf } from "../connection";
import type { MadeWord } from "../contract.taught";
import { icon, icons } from "../icons";
import type { Reasons } from "../reasons";
import type { Texts } from "../texts";
import { Part } from "./part";

// What hears a satellite while a word is taught, and says why it cannot.
export abstract class TeachPart extends Part {
  @property({ attribute: false }) reasons?: Reasons;

  // Names of the word as it was typed, and of the satellite it is said to.
  abstract word: string;
  abstract satellite: string;

  protected why(error: unknown): string {
    const { code, placeholders } = failureOf(error);
    return this.reason(code, placeholders);
  }

  protected reason(code: string, placeholders = {}): string {
    return this.reasons ? this.reasons(code, { name: this.satellite, ...placeholders }) : this.texts.error(code);
  }
}

export function warning(text: string): TemplateResult {
  return html`<p class="note warn" role="alert">${icon(icons.alert)}<span>${text}</span></p>`;
}

// What speaks against a word that was made. One that sounds like another is saved only by somebody who accepts that.
export function doubts(
  texts: Texts,
  { similar, is_short: isShort }: MadeWord,
  accepted: boolean,
  accept: (accepted: boolean) => void,
): TemplateResult {
  return html`${isShort ? warning(texts.get("teach.short")) : nothing}
  ${
    similar.length
      ? html`${warning(texts.get("teach.similar", { words: texts.list(similar.map(({ name }) => name)) }))}
          <label class="box-row"
            ><input
              type="checkbox"
              class="box"
              id="accept"
              .checked=${accepted}
              @change=${(event: Event) => accept((event.target as HTMLInputElement).checked)}
            /><span>${texts.get("teach.accept")}</span></label
          >`
      : nothing
  }`;
}

export function leaveQuestion(texts: Texts, stay: () => void, leave: () => void): TemplateResult {
  return html`<div class="note warn leaving" role="alertdialog" aria-labelledby="question">
    ${icon(icons.alert)}
    <div>
      <p id="question">${texts.get("teach.leave")}</p>
      <div class="actions">
        <button class="button" id="stay" @click=${stay}>${texts.get("teach.stay")}</button>
        <button class="button danger" id="drop" @click=${leave}>${texts.get("teach.drop")}</button>
      </div>
    </div>
  </div>`;
}

export function ended(texts: Texts, why: string, close: () => void, again: () => void): TemplateResult {
  return html`<h2 id="title" tabindex="-1">${texts.get("teach.ended")}</h2>
    ${warning(why)}
    <p>${texts.get("teach.dropped")}</p>
    <div class="actions">
      <button class="button" @click=${close}>${texts.get("common.close")}</button>
      <button class="button primary" id="again" @click=${again}>${texts.get("common.retry")}</button>
    </div>`;
}
