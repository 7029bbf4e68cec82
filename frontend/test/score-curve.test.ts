import { render } from "lit";
import { describe, expect, it } from "vitest";
import { HEARD_BY, NOT_PROPOSED, RUN_STATUSES } from "../src/contract";
import { engineText, whyText } from "../src/elements/detail-why";
import { curvePath, scoreCurve, secondsAround } from "../src/score-curve";
import { textsIn } from "./helpers/english";
import { recording } from "./helpers/house";

const LANGUAGES = ["ar", "de", "en", "es", "fr", "it", "nl"];
const english = textsIn("en");

function drawn(scores: number[], threshold = 0.5): HTMLElement {
  const place = document.createElement("div");
  render(scoreCurve(english, scores, threshold), place);
  return place;
}

describe("the line of scores", () => {
  it("goes from left to right, higher for higher scores", () => {
    expect(curvePath([0, 0.5, 1])).toBe("M0.0 64.0L120.0 32.0L240.0 0.0");
    expect(curvePath([0.25])).toBe("M0.0 48.0");
    // Nothing leaves the picture.
    expect(curvePath([-1, 2])).toBe("M0.0 64.0L240.0 0.0");
  });

  it("ends with the wake, and goes on after a near miss", () => {
    expect(secondsAround([0, 0.2, 0.8])[1]).toBe(0);
    const [before, after] = secondsAround([0, 0.4, 0.1, 0, 0]);
    expect(before).toBeCloseTo(-0.08);
    expect(after).toBeCloseTo(0.24);
    // Of equal ones, the last counts: it is where the word ended.
    expect(secondsAround([0.9, 0.9])).toEqual([-0.08, 0]);
  });

  it("has the threshold at its height, and says all of it", () => {
    const picture = drawn([0.1, 0.9], 0.75);
    expect(picture.querySelector(".limit")!.getAttribute("d")).toBe("M0 16H240");
    expect(picture.querySelector<HTMLElement>(".at bdi")!.style.top).toBe("25%");
    expect(picture.querySelector("svg")!.getAttribute("aria-label")).toBe(
      "Certainty over 0.1s: from 10% to at most 90%. The threshold is 75%.",
    );
    expect(picture.querySelector("figcaption")!.getAttribute("aria-hidden")).toBe("true");
  });
});

describe("the words for what heard it", () => {
  it.each(LANGUAGES)("are there in %s", (language) => {
    const texts = textsIn(language);
    const said = HEARD_BY.map((heard_by) =>
      engineText(texts, recording(1), { heard_by, engine: null, scores: [], filter_score: null }),
    );
    expect(new Set(said).size).toBe(HEARD_BY.length);
    expect(said.every(Boolean)).toBe(true);
    for (const status of RUN_STATUSES) expect(texts.get(`timeline.run_${status}`)).not.toBe("");
    for (const reason of NOT_PROPOSED) {
      // Guest mode keeps nothing, and takes nothing out of review.
      if (reason !== "guest_mode") expect(texts.get(`timeline.not_reviewed_${reason}`)).not.toBe("");
    }
  });

  it("name another engine, the satellite, or nothing", () => {
    const other = { heard_by: "other" as const, engine: "Ear of Porcelain", scores: [], filter_score: null };
    expect(engineText(english, recording(1), other)).toBe("Ear of Porcelain");
    expect(engineText(english, recording(1, { started_by: "satellite" }))).toBe("the satellite itself");
    expect(engineText(english, recording(1, { started_by: "button" }))).toBeUndefined();
    expect(engineText(english, recording(1, { started_by: "wake_word" }), null)).toBeUndefined();
    const place = document.createElement("div");
    render(whyText(english, recording(1, { started_by: "wake_word" }), other), place);
    expect(place.textContent).toContain("Another wake word engine");
  });
});
