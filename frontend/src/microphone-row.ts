// How a microphone's state is told: icon, shape and word, never by color alone.
import { html, type TemplateResult } from "lit";
import { ENGINE_FAULTS, RIVALS, type Rival, type Satellite } from "./contract";
import type { Connection } from "./connection";
import { icon, icons, stateIcons } from "./icons";
import { type Keeping, keepingOf } from "./keeping";
import type { Texts } from "./texts";

function keeping(connection: Connection, satellite: Satellite): Keeping {
  return keepingOf(connection.state!.house.toggles, satellite);
}

// A command that is not kept is heard, but not recorded.
export function stateWord(texts: Texts, connection: Connection, satellite: Satellite): string {
  if (uncovered(satellite)) return texts.get("state.unprotected");
  if (satellite.state === "recording" && keeping(connection, satellite) !== "recordings")
    return texts.get("state.hearing");
  return texts.get(rival(satellite) ? "state.used_elsewhere" : `state.${satellite.state}`);
}

// The server that uses a satellite which is not connected.
function rival(satellite: Satellite): Rival | undefined {
  return satellite.state === "disconnected" ? RIVALS.find((server) => server === satellite.silence_reason) : undefined;
}

// What is said to it goes past us, whatever its microphone does. A mute and a missing connection are still told.
function uncovered(satellite: Satellite): boolean {
  return !!satellite.pipeline && hears(satellite);
}

function engineFault(satellite: Satellite): string | undefined {
  return ENGINE_FAULTS.find((fault) => fault === satellite.silence_reason);
}

// Press to talk needs audio that arrives, but no wake word engine.
export function canTalk(satellite: Satellite): boolean {
  return (
    satellite.state === "listening" || (satellite.state === "not_listening" && engineFault(satellite) !== undefined)
  );
}

// The state in one line, with what becomes of what is said now.
export function stateLine(texts: Texts, connection: Connection, satellite: Satellite): string {
  const word = stateWord(texts, connection, satellite);
  const kept = keeping(connection, satellite);
  return hears(satellite) && !uncovered(satellite) && kept !== "recordings"
    ? `${word} · ${texts.get(kept === "memory" ? "state.level_memory_only" : "state.keeps_nothing")}`
    : word;
}

// What the word alone does not say: why nothing is heard, whether the mute is obeyed, what is kept.
export function stateDetail(texts: Texts, connection: Connection, satellite: Satellite): string {
  if (satellite.state === "muted") {
    if (satellite.silence_reason === "muted_by_hardware") return texts.get("state.mute_hardware");
    return texts.get(satellite.mute_confirmed === true ? "state.mute_confirmed" : "state.mute_unconfirmed");
  }
  if (satellite.state === "not_listening") {
    if (satellite.silence_reason === "no_wake_word") return texts.get("state.no_wake_word");
    return texts.get(`state.${engineFault(satellite) ?? "no_audio"}`);
  }
  const server = rival(satellite);
  if (server) return texts.get(`state.${server}_detail`);
  if (uncovered(satellite)) return texts.get("state.unprotected_detail", { pipeline: satellite.pipeline! });
  const detail = texts.get(`state.${satellite.state}_detail`);
  return hears(satellite) ? `${detail} ${texts.get(`state.keeps_${keeping(connection, satellite)}`)}` : detail;
}

export function timer(texts: Texts, satellite: Satellite): string {
  if (satellite.state !== "recording" || !satellite.recording_since) return "";
  return texts.clock((Date.now() - Date.parse(satellite.recording_since)) / 1000);
}

export function badge(satellite: Satellite): TemplateResult {
  if (uncovered(satellite)) return html`<span class="badge not_listening">${icon(icons.shieldAlert)}</span>`;
  return html`<span class="badge ${satellite.state}">${icon(stateIcons[satellite.state])}</span>`;
}

function hears(satellite: Satellite): boolean {
  return satellite.state === "listening" || satellite.state === "recording";
}
