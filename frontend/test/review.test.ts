import { render, type TemplateResult } from "lit";
import { describe, expect, it } from "vitest";
import type { ScoresAnswer } from "../src/contract";
import type { Connection } from "../src/connection";
import { ReviewScores } from "../src/elements/review-scores";
import { textsIn } from "./helpers/english";

const HEARD: ScoresAnswer["satellites"] = { k: { avoided: [1], missed: [0], unknown: [2] } };

function told(guests: boolean, satellites: ScoresAnswer["satellites"]): string {
  const state = {
    house: { toggles: { guest_mode: { on: guests } } },
    satellites: [{ id: "k", name: "Kitchen", wake_words: [{ threshold: 0.5 }] }],
  };
  const scores = new ReviewScores();
  const answer: ScoresAnswer = { thresholds: [0.5], satellites };
  Object.assign(scores, { answer, texts: textsIn("en"), connection: { state } as unknown as Connection });
  const box = document.createElement("div");
  render((scores as unknown as { render(): TemplateResult }).render(), box);
  return box.textContent.replace(/[\u2068\u2069]/g, "").replace(/\s+/g, " ");
}

const FIGURES = "At 50%: false wakes avoided: 1; commands missed: 0; additional wakes, outcome unknown: 2.";

describe("what another threshold would have done", () => {
  it("is told, and stays while guests are there, when nothing is added to it", () => {
    expect(told(false, HEARD)).toContain(FIGURES);
    expect(told(false, HEARD)).not.toContain("Guest mode");
    expect(told(true, HEARD)).toContain(FIGURES);
    expect(told(true, HEARD)).toContain("Guest mode is on: nothing is added to these figures.");
  });

  it("is never left out without a reason", () => {
    expect(told(false, {})).toContain("There are no scores: ");
    expect(told(true, {})).toContain("Guest mode is on: nothing is added to these figures.");
  });
});
