// How a microphone's state is told: icon, shape and word, never by color alone.
import { html, type TemplateResult } from "lit";
import { ENGINE_FAULTS, type Satellite } from "./contract";
import { icon, stateIcons } from "./icons";
import type { Texts } from "./texts";

export function stateWord(texts: Texts, one: Satellite): string {
  return texts.get(`state.${one.state}`);
}

function engineFault(one: Satellite): string | undefined {
  return ENGINE_FAULTS.find((fault) => fault === one.silence_reason);
}

// Press to talk needs audio that arrives, but no wake word engine.
export function canTalk(one: Satellite): boolean {
  return one.state === "listening" || (one.state === "not_listening" && engineFault(one) !== undefined);
}

// What the word alone does not say: why nothing is heard, or whether the mute is obeyed.
export function stateDetail(texts: Texts, one: Satellite): string {
  if (one.state === "muted") {
    return texts.get(one.mute_confirmed === true ? "state.mute_confirmed" : "state.mute_unconfirmed");
  }
  if (one.state === "not_listening") {
    return texts.get(`state.${engineFault(one) ?? "no_audio"}`);
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
