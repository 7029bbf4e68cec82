// Why a recording was made, by what, how loud it is, and what became of it, in words.
import { html, nothing, type TemplateResult } from "lit";
import { ACCEPT_SCORE, type NotProposed, type Recording, type RunStatus } from "../contract";
import type { Run, Sound, Why } from "../contract.detail";
import { icon, icons } from "../icons";
import { decibels } from "../meter-bar";
import { scoreCurve } from "../score-curve";
import type { Texts } from "../texts";
import { roundedDown } from "./recording-row";

// Names of products are the same in every language.
const ENGINES = { openwakeword: "openWakeWord", microwakeword: "microWakeWord" };

const RESULTS: Record<RunStatus, string> = {
  done: "timeline.run_done",
  error: "timeline.run_error",
  no_speech: "timeline.run_no_speech",
  not_done: "timeline.run_not_done",
  not_run: "timeline.run_not_run",
  not_understood: "timeline.run_not_understood",
  unfinished: "timeline.run_unfinished",
};

// Guest mode takes nothing out of review, and what it does not keep has no details.
export const NOT_REVIEWED: Partial<Record<NotProposed, string>> = {
  child_safe: "timeline.not_reviewed_child_safe",
  house_off: "timeline.not_reviewed_house_off",
  satellite_off: "timeline.not_reviewed_satellite_off",
};

export function whyText(texts: Texts, recording: Recording, why?: Why | null): TemplateResult {
  const { started_by, wake_word, score, threshold } = recording;
  if (started_by === "button") return html`<p>${texts.get("timeline.why_button")}</p>`;
  if (started_by === "conversation") return html`<p>${texts.get("timeline.why_question")}</p>`;
  if (score == null || threshold == null) {
    const key =
      why?.heard_by === "other"
        ? "timeline.why_other"
        : started_by === "satellite"
          ? "timeline.why_satellite"
          : "timeline.why_unknown";
    return html`<p>${texts.get(key)}</p>`;
  }
  const filter = why?.filter_score;
  return html`<p>
      ${texts.get("timeline.why_score", {
        word: wake_word ?? "",
        score: texts.percent(roundedDown(score)),
        threshold: texts.percent(threshold),
      })}
      ${
        filter == null
          ? nothing
          : texts.get("timeline.why_filter", {
              score: texts.percent(roundedDown(filter)),
              threshold: texts.percent(ACCEPT_SCORE),
            })
      }
    </p>
    ${
      (why?.scores.length ?? 0) > 1
        ? scoreCurve(texts, why!.scores, threshold)
        : html`<div class="score" dir="ltr" aria-hidden="true">
            <i style="width:${100 * Math.min(1, score)}%"></i><u style="left:${100 * Math.min(1, threshold)}%"></u>
          </div>`
    }`;
}

// What heard the wake word, where that is known.
export function engineText(texts: Texts, { started_by }: Recording, why?: Why | null): string | undefined {
  if (why?.heard_by === "both") {
    return texts.get("timeline.engine_both", { first: ENGINES.microwakeword, second: ENGINES.openwakeword });
  }
  if (why?.heard_by === "other") return why.engine ?? texts.get("timeline.engine_other");
  if (why?.heard_by) return ENGINES[why.heard_by];
  return started_by === "satellite" ? texts.get("timeline.engine_satellite") : undefined;
}

// Level and clipping, below the waveform, and what to do about them.
export function soundText(texts: Texts, sound?: Sound | null): TemplateResult | typeof nothing {
  if (!sound) return nothing;
  const { level, peak, clipped, problem } = sound;
  return html`<span class="elapsed" id="figures"
      >${texts.get("timeline.sound", {
        level: decibels(texts, level),
        peak: decibels(texts, peak),
        clipped: texts.percent(clipped, 2),
      })}</span
    >
    ${problem ? html`<p class="note warn">${icon(icons.alert)}<span>${texts.get(`microphone_test.${problem}`)}</span></p>` : nothing}`;
}

export function runText(texts: Texts, { started_at }: Recording, run: Run): TemplateResult {
  const { status, code, message, debug } = run;
  return html`${texts.get(RESULTS[status])}
  ${message ? html`<span class="message" dir="auto">${message}</span>` : nothing}
  ${code && status !== "not_understood" ? html`<bdi class="code">${code}</bdi>` : nothing}
  ${
    debug
      ? html`<a id="debug" href=${debug}
          >${texts.get("timeline.debug", { time: texts.timeWithSeconds(started_at) })}</a
        >`
      : nothing
  }`;
}
