// The question that comes with every new satellite. No answer is given for anybody: two buttons, both alike.
import { html, type TemplateResult } from "lit";
import type { Texts } from "../texts";

export interface KeepQuestion {
  text: string;
  // An answer is on its way.
  busy: boolean;
  answer: (saves: boolean) => void;
  cancel: () => void;
}

export function keepQuestion(texts: Texts, { text, busy, answer, cancel }: KeepQuestion): TemplateResult {
  const button = (kind: string, saves: boolean): TemplateResult =>
    html`<button type="button" class="button" data-keep=${kind} ?disabled=${busy} @click=${() => answer(saves)}>
      ${texts.get(`rooms.keep_${kind}`)}
    </button>`;
  return html`<div class="line question" role="group" aria-label=${text}>
    <p class="grow">${text}</p>
    ${button("nothing", false)}${button("recordings", true)}
    <button type="button" class="button plain" data-cancel ?disabled=${busy} @click=${cancel}>
      ${texts.get("common.cancel")}
    </button>
  </div>`;
}
