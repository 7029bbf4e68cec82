// What is asked before anything is recorded: the word, the satellite, and the consent.
import { html, type TemplateResult } from "lit";
import type { TaughtAnswer } from "../contract.taught";
import { icon, icons } from "../icons";
import type { Reasons } from "../reasons";
import type { Texts } from "../texts";

const MAX_NAME = 40;

export interface Asked {
  word: string;
  satelliteId: string;
  agreed: boolean;
}

export const isAnswered = ({ word, satelliteId, agreed }: Asked): boolean => !!word.trim() && !!satelliteId && agreed;

export function teachForm(
  texts: Texts,
  reasons: Reasons | undefined,
  satellites: TaughtAnswer["satellites"],
  asked: Asked,
  change: (part: Partial<Asked>) => void,
  begin: () => void,
): TemplateResult {
  const obstacles = satellites.flatMap(({ name, obstacle }) =>
    obstacle === null ? [] : [reasons?.(obstacle, { name }) ?? name],
  );
  return html`<p>${texts.get("teach.about")}</p>
    <form
      class="fields"
      @submit=${(event: Event) => {
        event.preventDefault();
        if (isAnswered(asked)) begin();
      }}
    >
      <label class="wide"
        >${texts.get("teach.word")}<input
          class="field"
          id="word"
          dir="auto"
          maxlength=${MAX_NAME}
          autocomplete="off"
          spellcheck="false"
          aria-describedby="hint"
          .value=${asked.word}
          @input=${(event: Event) => change({ word: (event.target as HTMLInputElement).value })}
      /></label>
      <p class="wide hint muted-text" id="hint">${texts.get("teach.word_hint")}</p>
      <label class="wide"
        >${texts.get("recordings.satellite")}<select
          class="field"
          id="satellite"
          ?disabled=${!asked.satelliteId}
          @change=${(event: Event) => change({ satelliteId: (event.target as HTMLSelectElement).value })}
        >
          ${satellites.map(
            ({ id, name, obstacle }) =>
              html`<option value=${id} ?disabled=${obstacle !== null} .selected=${id === asked.satelliteId}>
                ${name}
              </option>`,
          )}
        </select></label
      >
      ${[...new Set(obstacles)].map((text) => html`<p class="wide hint muted-text obstacle">${text}</p>`)}
      <div class="wide note">
        ${icon(icons.lock)}
        <div class="kept">
          <p><strong>${texts.get("teach.kept")}</strong></p>
          ${["kept_numbers", "kept_not", "kept_later"].map((key) => html`<p>${texts.get(`teach.${key}`)}</p>`)}
        </div>
      </div>
      <label class="wide box-row"
        ><input
          type="checkbox"
          class="box"
          id="agree"
          .checked=${asked.agreed}
          @change=${(event: Event) => change({ agreed: (event.target as HTMLInputElement).checked })}
        /><span>${texts.get("teach.agree")}</span></label
      >
    </form>`;
}
