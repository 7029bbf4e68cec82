import { beforeEach, describe, expect, it } from "vitest";
import { Failure } from "../../src/connection";
import { WakeWords } from "../../src/elements/wake-words";
import { mount } from "../helpers/mount";
import { at, begin, check, clip, clips, disabled, good, open, said, setUp, tell } from "../helpers/teaching";

beforeEach(setUp);

describe("before anything is recorded", () => {
  it("it is said what is kept, and nothing is agreed to by itself", async () => {
    await open();
    expect(at.page.text(".kept")[0]).toContain("numbers that describe how the word sounds");
    expect(at.page.text(".kept")[0]).toContain("Not kept: the sound.");
    expect(at.page.one<HTMLInputElement>("#agree").checked).toBe(false);
    await at.page.enter("#word", "Hey House", "input");
    expect(disabled("begin")).toBe(true);
    await check("agree");
    expect(disabled("begin")).toBe(false);
    await at.page.enter("#word", "   ", "input");
    expect(disabled("begin")).toBe(true);
    expect(at.house.followed).toEqual([]);
  });

  it("satellites that cannot be used say why", async () => {
    await open();
    expect(at.page.all<HTMLOptionElement>("#satellite option").map(({ disabled: off }) => off)).toEqual([true, false]);
    expect(at.page.text(".obstacle")).toEqual(["Bath detects its wake word itself and sends no audio to test."]);
  });

  it("a name that cannot be used is refused where it was typed", async () => {
    await open();
    await at.page.enter("#word", "Alexa", "input");
    await check("agree");
    at.house.refuse = "taught_word_exists";
    await at.page.click("#begin");
    expect(at.page.text("[role=alert]")).toEqual([
      "There is already a wake word named Kitchen. Choose another name, or delete the other one first.",
    ]);
    expect(at.page.one<HTMLInputElement>("#word").value).toBe("Alexa");
  });

  it("a word that is taught elsewhere is finished first", async () => {
    await open();
    await at.page.enter("#word", "Hey House", "input");
    await check("agree");
    at.house.refuse = "busy";
    await at.page.click("#begin");
    expect(at.page.text("[role=alert]")).toEqual([
      "A wake word is already being taught, here or in another window. Finish or cancel that first.",
    ]);
  });

  it("nothing is offered where nothing can be taught, and it says why", async () => {
    at.taught = { ...at.taught, can_teach: false, reason: "wake_model_base_missing" };
    at.page = await mount(new WakeWords(), at.house);
    expect(at.page.all("#teach")).toEqual([]);
    expect(at.page.text(".fault")[0]).toContain("base models of openWakeWord are missing");
  });

  it("an older backend knows nothing of it", async () => {
    at.house.answers["taught/list"] = () => {
      throw new Failure("unknown_command");
    };
    at.page = await mount(new WakeWords(), at.house);
    expect(at.page.all("#teach")).toEqual([]);
    expect(at.page.all("voice-privacy-wake-word")).toHaveLength(2);
  });
});

describe("clips of the word", () => {
  it("are recorded one by one, after a tone, with a meter", async () => {
    await begin();
    expect(at.house.fieldsOf("taught/begin")).toEqual([{ name: "Hey House", satellite_id: "kitchen", consent: true }]);
    expect(at.page.text("#title").at(-1)).toBe("Say “Hey House” eight times");
    expect(at.house.followed).toHaveLength(1);
    const follow = at.house.follow.bind(at.house);
    let played = (): void => undefined;
    at.house.follow = async (...what) => {
      await new Promise<void>((done) => (played = done));
      return await follow(...what);
    };
    await at.page.click("#record");
    expect(at.page.text(".now")).toEqual(["A tone is being played in the room…"]);
    played();
    await at.page.settled();
    expect(at.house.fieldsOf("taught/clip")).toEqual([{ session: "s1", kind: "word", person: 1 }]);
    expect(at.page.text(".now")).toEqual(["Say “Hey House” now"]);
    await tell({ type: "level", level_dbfs: -35, seconds: 0.5 });
    expect(at.page.one(".meter").getAttribute("aria-valuenow")).toBe("50");
    await tell({ type: "clip", index: 0, verdict: "good", is_short: false, seconds: 0.9, verdicts: ["good"] });
    expect(said()).toEqual(["Good"]);
    expect(at.page.text(".count")).toEqual(["1 of 8"]);
    expect(at.house.followed.at(-1)!.ended).toBe(true);
  });

  it.each([
    ["silent", "Nothing was heard. Wait for the tone, then speak."],
    ["too_quiet", "Too quiet. Come closer or speak up."],
    ["clipped", "Too loud, the sound is distorted. Step back or speak more softly."],
    ["too_short", "Too short. Say the whole word, or choose a longer one."],
    ["too_long", "Too long. Say only the word, without a pause."],
    ["cut_off", "Cut off. Start after the tone, and stay quiet for a moment afterwards."],
    ["another_word", "Sounds different from the others. Say it as usual, or remove this one."],
  ] as const)("that are %s say what to do", async (verdict, text) => {
    await begin();
    await clip(verdict);
    expect(said()).toEqual([text]);
    expect(at.page.text(".clips .words")).toEqual([text]);
    expect(at.page.text(".count")).toEqual(["0 of 8"]);
    expect(disabled("next")).toBe(true);
  });

  it("that cannot be used make room for the next one; another word is for people to judge", async () => {
    await begin();
    await clip("another_word");
    await clip("another_word", "too_quiet");
    at.house.answers["taught/drop"] = () => ({ verdicts: ["another_word"] });
    await clip("good", "good");
    expect(at.house.fieldsOf("taught/drop")).toEqual([{ session: "s1", kind: "word", index: 1 }]);
    // What one is taken for depends on the others.
    expect(at.page.text(".clips .words")).toEqual(["Good", "Good"]);
  });

  it("are removed and said again one by one", async () => {
    await begin();
    await clips(3);
    at.house.answers["taught/drop"] = () => ({ verdicts: good(2) });
    await at.page.click(".remove", 1);
    expect(said()).toEqual(["Recording 2 was removed."]);
    expect(at.page.text(".count")).toEqual(["2 of 8"]);
    expect(disabled("next")).toBe(true);
    at.house.answers["taught/drop"] = () => ({ verdicts: good(1) });
    await at.page.click(".redo", 0);
    expect(at.house.fieldsOf("taught/drop").at(-1)).toEqual({ session: "s1", kind: "word", index: 0 });
    expect(at.house.fieldsOf("taught/clip")).toHaveLength(4);
  });

  it("are of several people", async () => {
    await begin();
    await clip("good");
    expect(at.page.text("#person option")).toEqual(["Person 1", "Another person"]);
    await at.page.enter("#person", "2", "change");
    await clip("good", "good");
    expect(at.house.fieldsOf("taught/clip").map(({ person }) => person)).toEqual([1, 2]);
    expect(at.page.text(".clips .words")).toEqual(["Person 1 · Good", "Person 2 · Good"]);
    expect(at.page.text("#person option")).toEqual(["Person 1", "Person 2", "Another person"]);
  });

  it("say that a word is short", async () => {
    await begin();
    await at.page.click("#record");
    await tell({ type: "clip", index: 0, verdict: "good", is_short: true, seconds: 0.5, verdicts: ["good"] });
    expect(said()).toEqual(["Good, but short. A longer word is safer."]);
    expect(at.page.text(".count")).toEqual(["1 of 8"]);
  });

  it("that are refused say why, and nothing arrives of a clip that was stopped", async () => {
    await begin();
    at.house.refuse = "taught_too_often";
    await at.page.click("#record");
    expect(said()).toEqual(["Kitchen has recorded many clips in the last hour. Try again later."]);
    at.house.refuse = undefined;
    await at.page.click("#record");
    await at.page.click("#record");
    expect(at.house.followed.at(-1)!.ended).toBe(true);
    await tell({ type: "clip", index: 0, verdict: "good", is_short: false, seconds: 0.9, verdicts: ["good"] });
    expect(at.page.all(".clips li")).toEqual([]);
    expect(said()).toEqual(["The recording was stopped."]);
    await at.page.click("#record");
    await tell({ type: "end", code: "guest_mode_on" });
    expect(said()).toEqual(["Guest mode is on, so nobody can listen live."]);
  });
});

describe("a session", () => {
  it("that is lost opens no microphone again by itself", async () => {
    await begin();
    await clip("good");
    await at.page.click("#record");
    const asked = at.house.asked.length;
    for (const { lose } of at.house.followed) lose?.(new Failure("failed"));
    await at.page.settled();
    expect(at.page.text("[role=alert]")).toEqual(["The connection was lost. The microphone is off."]);
    expect(at.house.followed.every(({ ended }) => ended)).toBe(true);
    expect(at.house.asked).toHaveLength(asked);
    // Nothing is agreed to twice; what was typed is still there.
    await at.page.click("#again");
    expect(at.page.one<HTMLInputElement>("#word").value.trim()).toBe("Hey House");
    expect(at.page.one<HTMLInputElement>("#agree").checked).toBe(false);
  });

  it("that ends by itself says why", async () => {
    await begin();
    await tell({ type: "end", code: "teaching_over" });
    expect(at.page.text("[role=alert]")[0]).toContain("This session has ended");
    expect(at.page.text("dialog")[0]).toContain("The recordings are gone.");
  });

  it("is not cancelled by a key alone", async () => {
    await begin();
    await clip("good");
    const dialog = at.page.all<HTMLDialogElement>("dialog").at(-1)!;
    const escape = async (): Promise<void> => {
      dialog.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape", bubbles: true, cancelable: true }));
      await at.page.settled();
    };
    await escape();
    expect(at.page.text("#question")[0]).toContain("Cancel teaching?");
    await escape();
    expect(at.page.all("#question")).toEqual([]);
    await at.page.click("#leave");
    await at.page.click("#drop");
    expect(at.house.followed[0]!.ended).toBe(true);
    expect(at.page.all("dialog .dialog")).toEqual([]);
  });

  it("ends with the page", async () => {
    await begin();
    await at.page.click("#record");
    at.page.element.remove();
    expect(at.house.followed.every(({ ended }) => ended)).toBe(true);
  });
});
