// How a microphone's state is told: icon, shape and word, never by color alone.
import { html, type TemplateResult } from "lit";
import type { Satellite } from "./contract";
import { icon, stateIcons } from "./icons";
import type { Texts } from "./texts";

export function stateWord(texts: Texts, one: Satellite): string {
  return texts.get(`state.${one.state}`);
}

// What the word alone does not say: why nothing is heard, or whether the mute is obeyed.
export function stateDetail(texts: Texts, one: Satellite): string {
  if (one.state === "muted") {
    return texts.get(one.mute_confirmed === true ? "state.mute_confirmed" : "state.mute_unconfirmed");
  }
  if (one.state === "not_listening") {
    return texts.get(`state.${/^no_(model|engine)$/.test(one.silence_reason ?? "") ? one.silence_reason : "no_audio"}`);
  }
  return texts.get(`state.${one.state}_detail`);
}

export function timer(texts: Texts, one: Satellite): string {
  if (one.state !== "recording" || !one.recording_since) return "";
  return texts.clock((Date.now() - Date.parse(one.recording_since)) / 1000);
}

export function badge(one: Satellite): TemplateResult {
  return html`<span class="badge ${one.state}">${icon(stateIcons[one.state])}</span>`;
}
