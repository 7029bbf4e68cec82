// What stands in place of the list of wake words, and below it.
import { html, nothing, type TemplateResult } from "lit";
import type { WakeWordsAnswer } from "../contract.wake-words";
import { icon, icons } from "../icons";
import type { Texts } from "../texts";

export function noSatellite(texts: Texts): TemplateResult {
  return html`<p class="note no-satellite">
    ${icon(icons.microphone)}<span
      >${texts.get("wake_words.no_satellite")}
      <a href="/config/integrations/integration/voice_privacy">${texts.get("microphones.add")}</a></span
    >
  </p>`;
}

export function noModel(texts: Texts): TemplateResult {
  return html`<div class="empty">
    <span class="hero">${icon(icons.listened)}</span>
    <h3>${texts.get("wake_words.none")}</h3>
    <p>${texts.get("wake_words.none_detail")}</p>
  </div>`;
}

export function foot(texts: Texts, { folder, models }: WakeWordsAnswer): TemplateResult {
  const shared = models.some(({ engine, cost }) => engine === "openwakeword" && cost !== null);
  return html`<p class="muted-text foot">
    ${shared ? html`${texts.get("wake_words.shared_cost")}<br />` : nothing} ${texts.get("wake_words.folder")}
    <bdi><code>${folder}</code></bdi>
  </p>`;
}
