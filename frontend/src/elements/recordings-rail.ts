// The microphones and what is kept, beside the list; on a narrow screen the microphones are a strip above it.
import { html, nothing, type TemplateResult } from "lit";
import type { Connection } from "../connection";
import type { HouseState, Satellite } from "../contract";
import { badge, stateLine, timer } from "../microphone-row";
import { seesAll } from "../house-line";
import { quota, storage } from "../quota";
import type { Texts } from "../texts";

function stateOf(texts: Texts, connection: Connection, satellite: Satellite): TemplateResult {
  const time = timer(texts, satellite);
  return html`<small>${stateLine(texts, connection, satellite)} ${time ? html`<bdi>${time}</bdi>` : ""}</small>`;
}

export function microphoneStrip(texts: Texts, connection: Connection): TemplateResult {
  return html`<ul class="strip" tabindex="0" aria-label=${texts.get("tabs.microphones")}>
    ${connection.state!.satellites.map(
      (satellite) =>
        html`<li class="chip">
          ${badge(satellite)}<span><bdi>${satellite.name}</bdi>${stateOf(texts, connection, satellite)}</span>
        </li>`,
    )}
  </ul>`;
}

export function rail(texts: Texts, connection: Connection): TemplateResult {
  const state = connection.state!;
  return html`${state.satellites.length ? microphones(texts, connection, state) : nothing}
  ${seesAll(state) ? kept(texts, state) : nothing}`;
}

function microphones(texts: Texts, connection: Connection, { satellites }: HouseState): TemplateResult {
  return html`<section class="card rail">
    <h2>${texts.get("tabs.microphones")}</h2>
    ${satellites.map(
      (satellite) =>
        html`<div class="mic-row">
          ${badge(satellite)}
          <span
            ><b><bdi>${satellite.name}</bdi></b
            >${stateOf(texts, connection, satellite)}</span
          >
        </div>`,
    )}
  </section>`;
}

function kept(texts: Texts, state: HouseState): TemplateResult {
  return html`<section class="card rail">
    <h2>${texts.get("recordings.kept_here")}</h2>
    <p class="big"><bdi>${storage(texts, state)}</bdi></p>
    <p class="muted-text">${texts.count("recordings", state.house.recordings)}</p>
    ${quota(texts, state)}
    <p class="muted-text small">${texts.get("recordings.sealed")}</p>
  </section>`;
}
