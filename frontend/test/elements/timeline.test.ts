import { beforeEach, describe, expect, it, vi } from "vitest";
import type { ListAnswer, Recording } from "../../src/contract";
import { SEARCH_DELAY } from "../../src/controllers/search";
import { Recordings } from "../../src/elements/recordings";
import { marked } from "../../src/marked";
import { FakeConnection, recording, satellite, stateOf } from "../helpers/house";
import { mount, type Mounted } from "../helpers/mount";

const KEPT = [
  recording(5, { score: 0.82, threshold: 0.5, wake_word: "Alexa", started_by: "wake_word", language: "en" }),
  recording(4, { kind: "false_wake", transcript: null }),
  recording(3, { satellite_id: "bedroom" }),
  recording(2),
];

function answer(recordings: Recording[]): ListAnswer {
  return { recordings, more: false, days: {}, counts: { all: recordings.length, command: 3, false_wake: 1 } };
}

describe("the timeline", () => {
  let house: FakeConnection;
  let page: Mounted<Recordings>;

  beforeEach(async () => {
    house = new FakeConnection();
    house.state = stateOf([satellite(), satellite({ id: "bedroom", name: "Bedroom" })]);
    house.answers["recordings/list"] = () => answer(KEPT);
    house.answers["recordings/days"] = () => ({ days: { "2026-11-24": 4, "2026-11-20": 1 } });
    house.answers["recordings/get"] = ({ recording_id }) =>
      recording(Number(String(recording_id).slice(1)), { clip: { review_id: "c1", label: null } });
    page = await mount(new Recordings(), house);
  });

  const ids = (): (string | undefined)[] => page.all(".row").map((row) => row.dataset.id);

  async function press(
    key: string,
    change: KeyboardEventInit = {},
    target: EventTarget = document.body,
  ): Promise<Event> {
    const event = new KeyboardEvent("keydown", { key, bubbles: true, composed: true, cancelable: true, ...change });
    target.dispatchEvent(event);
    await page.settled();
    return event;
  }

  it("is narrowed to a room, and to a day of the calendar", async () => {
    expect(page.text(".room")).toEqual(["All satellites", "Kitchen", "Bedroom"]);
    await page.click(".room", 2);
    expect(house.fieldsOf("recordings/list").at(-1)).toMatchObject({ satellite_id: "bedroom" });
    expect(house.fieldsOf("recordings/days").at(-1)).toEqual({ satellite_id: "bedroom", kind: null });
    await page.click('[data-day="2026-11-20"]');
    expect(house.fieldsOf("recordings/list").at(-1)).toMatchObject({ first_day: "2026-11-20", last_day: "2026-11-20" });
    await page.click('[data-day="2026-11-20"]');
    expect(house.fieldsOf("recordings/list").at(-1)).toMatchObject({ first_day: null, last_day: null });
    expect(page.all<HTMLButtonElement>(".day-column").filter(({ disabled }) => !disabled)).toHaveLength(2);
    expect(page.one('[data-day="2026-11-24"]').getAttribute("aria-label")).toContain("4 recordings");
  });

  it("shows all of one recording, and stores what was wrong with it", async () => {
    await page.click(".row .what");
    const dialog = page.one("voice-privacy-detail");
    const text = (): string => dialog.shadowRoot!.textContent.replace(/\s+/g, " ");
    expect(text()).toContain("words 5");
    expect(text()).toContain("“Alexa” with 82% certainty. It wakes from 50% on.");
    expect(text()).toContain("until somebody deletes it");
    expect(text()).toContain("English");
    await page.click("[data-label=cut_off]");
    expect(house.fieldsOf("review/label")).toEqual([{ review_id: "c1", label: "cut_off", correction: null }]);
    expect(text()).toContain("Stored with its clip in review.");
    await page.click("[data-label=wrong_transcript]");
    await page.enter("#correction", "words of mine", "input");
    page.one("form").dispatchEvent(new Event("submit", { cancelable: true }));
    await page.settled();
    expect(house.fieldsOf("review/label").at(-1)).toEqual({
      review_id: "c1",
      label: "wrong_transcript",
      correction: "words of mine",
    });
    await page.click("#detail-delete");
    expect(page.details("vp-delete")).toMatchObject([{ undoable: "r5" }]);
  });

  const dialogText = (): string => page.one("voice-privacy-detail").shadowRoot!.textContent.replace(/\s+/g, " ");

  async function detailOf(change: Partial<Recording>): Promise<void> {
    house.answers["recordings/get"] = () => recording(5, change);
    await page.click(".row .what");
  }

  it("stores what was wrong with any other recording together with it, and marks its row", async () => {
    await detailOf({ clip: null, not_reviewed: "house_off" });
    expect(dialogText()).toContain("Not in review: Help improve is off for the house.");
    await page.click("[data-label=wrong_transcript]");
    await page.enter("#correction", "words of mine", "input");
    page.one("form").dispatchEvent(new Event("submit", { cancelable: true }));
    await page.settled();
    expect(house.fieldsOf("recordings/feedback")).toEqual([
      { recording_id: "r5", label: "wrong_transcript", correction: "words of mine" },
    ]);
    expect(house.fieldsOf("review/label")).toEqual([]);
    expect(page.one("[data-label=wrong_transcript]").getAttribute("aria-pressed")).toBe("true");
    expect(dialogText()).toContain("words of mine");
    expect(dialogText()).toContain("Stored encrypted with this recording");
    expect(page.text(".row .mark")).toEqual(["Wrong transcript"]);
  });

  it("says what was refused, and does not claim it", async () => {
    await detailOf({ clip: null, not_reviewed: null });
    house.refuse = "store_full";
    await page.click("[data-label=cut_off]");
    expect(page.one("[data-label=cut_off]").getAttribute("aria-pressed")).toBe("false");
    expect(page.all(".row .mark")).toEqual([]);
    expect(page.details("vp-notify")).toHaveLength(1);
  });

  it("lets members give feedback without telling them of review", async () => {
    house.change((state) => (state.permissions = { ...state.permissions, admin: false }));
    await page.settled();
    await detailOf({ feedback: { label: "false_wake", correction: null } });
    expect(page.one("[data-label=false_wake]").getAttribute("aria-pressed")).toBe("true");
    expect(dialogText()).toContain("Stored encrypted with this recording");
    expect(dialogText()).not.toContain("review");
    await page.click("[data-label=cut_off]");
    expect(house.fieldsOf("recordings/feedback")).toMatchObject([{ label: "cut_off" }]);
  });

  it("says why a clip is hidden from reviewers", async () => {
    await detailOf({ clip: { review_id: "c1", label: null, barred: true, findings: ["phone", "email"] } });
    expect(dialogText()).toContain("Hidden from reviewers: a phone number, an e-mail address.");
  });

  it("draws the scores against the threshold, and says them", async () => {
    await detailOf({
      clip: null,
      why: { heard_by: "both", engine: null, scores: [0, 0.1, 0.3, 0.82], filter_score: 0.914 },
      run: { status: "done", code: null, message: null, debug: "/config/voice-assistants/debug/01p" },
    });
    const picture = page.one("voice-privacy-detail").shadowRoot!.querySelector("svg[role=img]")!;
    expect(picture.getAttribute("aria-label")).toBe(
      "Certainty over 0.2s: from 0% to at most 82%. The threshold is 50%.",
    );
    expect(dialogText()).toContain("The learned filter was 91% certain");
    expect(dialogText()).toContain("microWakeWord and openWakeWord together");
    expect(dialogText()).toContain("Done");
    expect(page.one("#debug").getAttribute("href")).toBe("/config/voice-assistants/debug/01p");
  });

  it.each([
    [{ status: "error", code: "intent-failed", message: "no model", debug: null }, ["intent-failed", "no model"]],
    [{ status: "not_understood", code: "no_intent_match", message: null, debug: null }, ["did not know what to do"]],
    [{ status: "no_speech", code: null, message: null, debug: null }, ["No words were understood"]],
  ] as const)("says what became of the run: %o", async (run, words) => {
    await detailOf({ clip: null, why: null, run });
    for (const word of words) expect(dialogText()).toContain(word);
    expect(dialogText()).not.toContain("no_intent_match");
    expect(page.all("#debug")).toEqual([]);
    // Without scores there is the bar of earlier versions.
    expect(page.all(".curve")).toEqual([]);
    expect(page.all(".score")).toHaveLength(1);
  });

  it("says how loud it is and how much of it is cut off, and what to do about that", async () => {
    await detailOf({ clip: null, sound: { level: -8.6, peak: 0, clipped: 0.0123, problem: "clipping" } });
    expect(dialogText().replace(/[\u2068\u2069]/g, "")).toContain("Volume -9 dB · peak 0 dB · clipped 1.23%");
    expect(dialogText()).toContain("Lower the microphone gain");
  });

  it("gives no advice where nothing is wrong with the sound, and says nothing before it is known", async () => {
    await detailOf({ clip: null, sound: { level: -20, peak: -9.4, clipped: 0, problem: null } });
    expect(dialogText()).toContain("clipped 0%");
    expect(page.all(".note.warn")).toEqual([]);
    page.one<HTMLElement>("#close").click();
    await page.settled();
    await detailOf({ clip: null });
    expect(page.all("#figures")).toEqual([]);
  });

  it("goes away with its recording", async () => {
    await page.click(".row .what");
    page.element.recordingsDeleted(["r5"]);
    await page.settled();
    expect(page.one("voice-privacy-detail").shadowRoot!.querySelector(".dialog")).toBeNull();
  });

  it("is used by keys, which Home Assistant does not get", async () => {
    const others = vi.fn();
    window.addEventListener("keydown", others);
    await press("j");
    await press("j");
    await press("x");
    expect(page.text(".selection [role=status]")).toEqual(["1 recording selected"]);
    await press("Delete");
    expect(page.details("vp-delete")).toMatchObject([{ request: { recording_ids: ["r4"] } }]);
    await press("Escape");
    expect(page.all(".selection")).toEqual([]);
    await press("k");
    await press("Delete");
    expect(page.details("vp-delete").at(-1)).toMatchObject({ undoable: "r5" });
    await press("o");
    expect(page.one("voice-privacy-detail").shadowRoot!.querySelector(".dialog")).not.toBeNull();
    await page.click("#close");
    await press("?");
    expect(page.text("kbd")).toContain("J");
    expect(others).not.toHaveBeenCalled();
    // What nobody needs here is left to others.
    await press("d");
    await press("Escape");
    await press("z", { ctrlKey: true });
    expect(others).toHaveBeenCalledTimes(3);
    window.removeEventListener("keydown", others);
  });

  it("goes on from the recording that was selected by a key while the focus was elsewhere", async () => {
    await press("x");
    await press("j");
    await press("x");
    expect(page.text(".selection [role=status]")).toEqual(["2 recordings selected"]);
  });

  it("leaves keys to fields, to dialogs, and to other pages", async () => {
    const field = page.one<HTMLInputElement>("input[type=search]");
    expect((await press("j", {}, field)).defaultPrevented).toBe(false);
    expect((await press("/", {}, field)).defaultPrevented).toBe(false);
    const other = document.createElement("button");
    document.body.append(other);
    expect((await press("j", {}, other)).defaultPrevented).toBe(page.element.getRootNode() === document);
    expect((await press("j", { ctrlKey: true })).defaultPrevented).toBe(false);
  });

  it("selects a range with the shift key, everything that is shown, and downloads it", async () => {
    await page.click(".tools .icon-button", 1);
    await page.click(".row .pick");
    const last = page.all(".row .pick")[2]!;
    last.dispatchEvent(new MouseEvent("click", { bubbles: true, composed: true, shiftKey: true }));
    await page.settled();
    expect(page.text(".selection [role=status]")).toEqual(["3 recordings selected"]);
    await page.click("#select-all");
    expect(page.text(".selection [role=status]")).toEqual(["4 recordings selected"]);
    expect(page.all("#select-all")).toEqual([]);
    const saved = vi.spyOn(HTMLAnchorElement.prototype, "click").mockImplementation(() => undefined);
    house.files["archive?recording_ids=r5%2Cr4%2Cr3%2Cr2"] = new Response("zip");
    await page.click("#download-selected");
    expect(saved).toHaveBeenCalledOnce();
    saved.mockRestore();
  });

  it("shows again in its place what was undone, in a search, too", async () => {
    page.element.recordingsDeleted(["r4"]);
    await page.settled();
    expect(ids()).toEqual(["r5", "r3", "r2"]);
    page.element.recordingsAdded([recording(4)]);
    await page.settled();
    expect(ids()).toEqual(["r5", "r4", "r3", "r2"]);
    expect(house.fieldsOf("recordings/get")).toEqual([]);

    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    await page.enter("input[type=search]", "WORDS", "input");
    vi.advanceTimersByTime(SEARCH_DELAY);
    vi.useRealTimers();
    await page.settled();
    house.followed.at(-1)!.tell({ type: "progress", done: 2, total: 2, recordings: [KEPT[0], KEPT[3]] } as never);
    await page.settled();
    expect(page.text("mark")).toEqual(["words", "words"]);
    page.element.recordingsDeleted(["r5"]);
    page.element.recordingsAdded([recording(5)]);
    await page.settled();
    expect(ids()).toEqual(["r5", "r2"]);
  });
});

describe("what was searched for", () => {
  it.each([
    ["turn on", "", "turn on"],
    ["turn on", "x", "turn on"],
    // In lower case this letter is two, and places would not match.
    ["İstanbul on", "on", "İstanbul on"],
  ])("is not marked in %s for %s", (text, sought, expected) => {
    expect(marked(text, sought)).toBe(expected);
  });
});
