// What stands in place of rows, or around them.
import { html, nothing, type TemplateResult } from "lit";
import type { Failure } from "../connection";
import type { HouseState } from "../contract";
import type { SearchProgress } from "../controllers/search";
import type { Selection } from "../controllers/selection";
import { seesAll, seesNothing } from "../house-line";
import { icon, icons } from "../icons";
import { whyEmpty } from "../keeping";
import type { Texts } from "../texts";
import type { Day } from "../timeline";

function empty(path: string, title: string, detail: string): TemplateResult {
  return html`<div class="card empty">
    <span class="hero">${icon(path)}</span>
    <h2>${title}</h2>
    <p>${detail}</p>
  </div>`;
}

export function notAllowed(texts: Texts, state: HouseState): TemplateResult {
  if (seesNothing(state)) return noRooms(texts);
  const recordings = texts.count("recordings", state.house.recordings);
  const key = seesAll(state) ? "recordings.not_allowed_detail" : "recordings.not_allowed_yours";
  const detail = texts.get(key, { recordings });
  return empty(icons.lock, texts.get("recordings.not_allowed"), detail);
}

export function noRooms(texts: Texts): TemplateResult {
  return empty(icons.lock, texts.get("household.no_rooms"), texts.get("household.no_rooms_detail"));
}

// A filter or a search leaves nothing, or nothing is kept.
export function nothingThere(texts: Texts, state: HouseState, searched: boolean): TemplateResult {
  if (searched || state.house.recordings > 0) {
    return empty(icons.search, texts.get("recordings.none_match"), texts.get("recordings.none_match_detail"));
  }
  return empty(icons.shield, ...whyEmpty(texts, state));
}

export function ghost(): TemplateResult {
  return html`<div class="ghost card" aria-hidden="true">
    <i></i><span><b></b><u></u></span>
  </div>`;
}

export function loading(texts: Texts): TemplateResult {
  return html`<div class="ghosts" role="status">
    <span class="sr">${texts.get("common.loading")}</span>${[1, 2, 3, 4].map(ghost)}
  </div>`;
}

export function failed(texts: Texts, failure: Failure, retry: () => void): TemplateResult {
  return html`<div class="note warn failed" role="alert">
    ${icon(icons.alert)}<span>${texts.error(failure.code)}</span>
    <button class="button" @click=${retry}>${texts.get("common.retry")}</button>
  </div>`;
}

export function searchProgress(texts: Texts, { done, total, running }: SearchProgress, found: number): TemplateResult {
  const words = running
    ? texts.get("recordings.searching", { done: texts.number(done), total: texts.number(total) })
    : texts.get("recordings.found", { recordings: texts.count("recordings", found) });
  return html`<div class="progress">
    <p role="status">${words}</p>
    ${running ? html`<div class="bar"><i style="width:${total ? (100 * done) / total : 0}%"></i></div>` : nothing}
  </div>`;
}

interface DayHead {
  day: Day;
  name: string;
  // Of the recordings that may be selected.
  ids: string[];
  searched: boolean;
  selection: Selection;
  // Undefined where whole days may not be deleted.
  remove?: () => void;
}

export function dayHead(texts: Texts, { day, name, ids, searched, selection, remove }: DayHead): TemplateResult {
  const all = selection.hasAll(ids);
  const deleteDay = texts.get("recordings.delete_day", { day: name });
  return html`<header class="day">
    ${
      ids.length
        ? html`<input
            type="checkbox"
            class="box pick"
            aria-label=${texts.get("recordings.select_day", { day: name })}
            .checked=${all}
            @change=${() => selection.set(ids, !all)}
          />`
        : nothing
    }
    <div class="when">
      <h3>${name}</h3>
      <span class="muted-text"
        >${
          searched
            ? texts.count("recordings", day.recordings.length)
            : html`${texts.count("recordings", day.figures.count)}${texts.behind(day.figures.size)}`
        }</span
      >
    </div>
    ${
      remove
        ? html`<button class="icon-button" aria-label=${deleteDay} title=${deleteDay} @click=${remove}>
            ${icon(icons.deleted)}
          </button>`
        : nothing
    }
  </header>`;
}

// Recordings that one archive of a selection can hold.
export const MOST_DOWNLOADED = 200;

interface SelectionActs {
  // Undefined where everything that may be selected is.
  all?: () => void;
  download?: () => void;
  remove: () => void;
}

export function selectionBar(
  texts: Texts,
  selection: Selection,
  { all, download, remove }: SelectionActs,
): TemplateResult | typeof nothing {
  if (!selection.size) return nothing;
  const recordings = texts.count("recordings", selection.size);
  const many = selection.size > MOST_DOWNLOADED;
  return html`<div class="selection" role="region" aria-label=${texts.get("recordings.selection")}>
    <span role="status">${texts.get("recordings.selected", { recordings })}</span>
    <button class="button" @click=${() => selection.clear()}>${texts.get("recordings.clear_selection")}</button>
    ${all ? html`<button class="button" id="select-all" @click=${all}>${texts.get("timeline.select_all")}</button>` : nothing}
    ${
      download
        ? html`<button
            class="button"
            id="download-selected"
            ?disabled=${many}
            title=${many ? texts.get("timeline.download_most", { count: texts.number(MOST_DOWNLOADED) }) : nothing}
            @click=${download}
          >
            ${icon(icons.archive)}${texts.get("recordings.download_short")}
          </button>`
        : nothing
    }
    <button class="button danger" id="delete-selected" @click=${remove}>
      ${icon(icons.deleted)}${texts.get("delete.button", { recordings })}
    </button>
  </div>`;
}
