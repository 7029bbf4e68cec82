// How a microphone's state is told: icon, shape and word, never by color alone.
import { html, type TemplateResult } from "lit";
import { ENGINE_FAULTS, type Satellite } from "./contract";
import type { Connection } from "./connection";
import { icon, stateIcons } from "./icons";
import { type Keeping, keepingOf } from "./keeping";
import type { Texts } from "./texts";

function keeping(connection: Connection, one: Satellite): Keeping {
  return keepingOf(connection.state!.house.toggles, one);
}

// A command that is not kept is heard, but not recorded.
export function stateWord(texts: Texts, connection: Connection, one: Satellite): string {
  if (one.state === "recording" && keeping(connection, one) !== "recordings") return texts.get("state.hearing");
  return texts.get(`state.${one.state}`);
}

function engineFault(one: Satellite): string | undefined {
  return ENGINE_FAULTS.find((fault) => fault === one.silence_reason);
}

// Press to talk needs audio that arrives, but no wake word engine.
export function canTalk(one: Satellite): boolean {
  return one.state === "listening" || (one.state === "not_listening" && engineFault(one) !== undefined);
}

// The state in one line, with what becomes of what is said now.
export function stateLine(texts: Texts, connection: Connection, one: Satellite): string {
  const word = stateWord(texts, connection, one);
  return hears(one) && keeping(connection, one) !== "recordings"
    ? `${word} · ${texts.get("state.keeps_nothing")}`
    : word;
}

// What the word alone does not say: why nothing is heard, whether the mute is obeyed, what is kept.
export function stateDetail(texts: Texts, connection: Connection, one: Satellite): string {
  if (one.state === "muted") {
    if (one.silence_reason === "muted_by_hardware") return texts.get("state.mute_hardware");
    return texts.get(one.mute_confirmed === true ? "state.mute_confirmed" : "state.mute_unconfirmed");
  }
  if (one.state === "not_listening") {
    return texts.get(`state.${engineFault(one) ?? "no_audio"}`);
  }
  const detail = texts.get(`state.${one.state}_detail`);
  return hears(one) ? `${detail} ${texts.get(`state.keeps_${keeping(connection, one)}`)}` : detail;
}

export function timer(texts: Texts, one: Satellite): string {
  if (one.state !== "recording" || !one.recording_since) return "";
  return texts.clock((Date.now() - Date.parse(one.recording_since)) / 1000);
}

export function badge(one: Satellite): TemplateResult {
  return html`<span class="badge ${one.state}">${icon(stateIcons[one.state])}</span>`;
}

function hears(one: Satellite): boolean {
  return one.state === "listening" || one.state === "recording";
}
