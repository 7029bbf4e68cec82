import { beforeEach, describe, expect, it } from "vitest";
import { WakeWords } from "../../src/elements/wake-words";
import { mount } from "../helpers/mount";
import { at, begin, check, clip, clips, disabled, good, made, said, setUp, tell, WORD } from "../helpers/teaching";
import { wakeWords } from "../helpers/wake-words";

beforeEach(setUp);

describe("a word that was made", () => {
  it("is made of the good clips, with what must not wake it", async () => {
    at.house.answers["taught/make"] = () => ({ similar: [], is_short: false, suggestions: [] });
    await begin();
    await clips(3);
    await at.page.click("#next");
    expect(at.page.text("#next")).toEqual(["Skip"]);
    await clip("good");
    expect(at.house.fieldsOf("taught/clip").at(-1)).toEqual({ session: "s1", kind: "other", person: 1 });
    expect(at.page.text("#next")).toEqual(["Next"]);
    await at.page.click("#next");
    expect(at.house.fieldsOf("taught/make")).toEqual([{ session: "s1" }]);
    expect(at.page.text("#title").at(-1)).toBe("Try “Hey House”");
    // The way back leads to the clips that were recorded.
    await at.page.click("#back");
    await at.page.click("#back");
    expect(at.page.text(".count")).toEqual(["3 of 8"]);
  });

  it("needs three good clips, and says so", async () => {
    await begin();
    expect(at.page.text("#too-few")).toEqual([]);
    await clips(2);
    expect(disabled("next")).toBe(true);
    const [reason] = at.page.text("#too-few");
    expect(reason).toContain("three good clips");
    await clip("good", "good", "silent");
    expect(at.page.text("#too-few")).toEqual([reason]);
    await clip(...good(3));
    expect(at.page.text("#too-few")).toEqual([]);
    expect(disabled("next")).toBe(false);
  });

  it("is called five times", async () => {
    await made();
    await at.page.click("#calls");
    expect(at.house.fieldsOf("taught/test")).toEqual([{ session: "s1", kind: "calls" }]);
    const heard = { type: "heard", level: -35, score: 0.4, threshold: 0.5, heard: 2, seconds: 4 };
    await tell(heard);
    expect(said()).toEqual(["Say “Hey House” now Heard: 2 of 5."]);
    expect(at.page.all(".meter")).toHaveLength(2);
    // One test at a time.
    await at.page.click("#talk");
    expect(at.house.fieldsOf("taught/test")).toHaveLength(1);
    await tell({ ...heard, heard: 5 });
    expect(at.house.followed.at(-1)!.ended).toBe(true);
    expect(at.page.text(".note.done")).toEqual(["Heard: 5 of 5."]);
    await at.page.click("#calls");
    await tell({ ...heard, heard: 1 });
    await tell({ type: "end", code: null });
    expect(at.page.text(".said .note.warn")[0]).toContain("Heard: 1 of 5. Go back");
  });

  it("is talked beside for a while, and what woke it is counted", async () => {
    await made();
    await at.page.click("#talk");
    await tell({ type: "heard", level: -35, score: 0.1, threshold: 0.5, heard: 0, seconds: 83 });
    expect(at.page.text(".test .count")).toEqual(["1:23 / 10:00"]);
    await at.page.click("#talk");
    expect(at.page.text(".note.done")).toEqual(["Woken by mistake: 0."]);
    await at.page.click("#talk");
    await tell({ type: "heard", level: -35, score: 0.6, threshold: 0.5, heard: 2, seconds: 90 });
    await tell({ type: "end", code: "muted_while_tested" });
    expect(at.page.text(".said .note.warn")[0]).toContain("Woken by mistake: 2. Go back and record what woke it");
    expect(at.page.text("[role=alert]")[0]).toContain("Kitchen is muted");
  });

  it("that sounds like another one is saved only by who accepts that", async () => {
    await made([{ id: "hey_mouse", name: "Hey Mouse", score: 0.8 }], true);
    expect(at.page.text("[role=alert]")[0]).toContain("This word is short");
    expect(at.page.text("[role=alert]")[1]).toContain("Sounds like Hey Mouse.");
    expect(disabled("save")).toBe(true);
    await check("accept");
    await at.page.click("#save");
    expect(at.house.fieldsOf("taught/save")).toEqual([{ session: "s1", accept_similar: true }]);
  });

  it("is saved, and satellites are chosen for it", async () => {
    await made();
    at.house.answers["taught/save"] = () => {
      // The house tells that the session is over before it answers.
      at.house.followed[0]!.tell({ type: "end", code: null } as never);
      return { id: "hey_house" };
    };
    await at.page.click("#save");
    expect(at.house.fieldsOf("taught/save")).toEqual([{ session: "s1", accept_similar: false }]);
    expect(at.page.details("vp-notify")).toEqual([
      "“\u2068Hey House\u2069” is saved. Choose the satellites that listen for it.",
    ]);
    expect(at.page.all("dialog .dialog")).toEqual([]);
    expect(at.page.text(".panel legend")).toEqual(["Satellites that listen for “Hey House”"]);
    await at.page.click(".panel input[type=checkbox]", 0);
    expect(at.house.fieldsOf("wake_words/choose")).toEqual([
      { satellite_id: "kitchen", wake_words: ["okay_nabu", "hey_house"] },
    ]);
  });

  it("that cannot be saved says why, and can be saved again", async () => {
    await made();
    at.house.refuse = "store_full";
    await at.page.click("#save");
    expect(at.page.text("[role=alert]")).toEqual(["The disk is full. Nothing more can be kept; deleting still works."]);
    at.house.refuse = undefined;
    await at.page.click("#save");
    expect(at.page.all("dialog .dialog")).toEqual([]);
  });
});

describe("taught words", () => {
  const row = (index: number): Element =>
    at.page.all("voice-privacy-wake-word").at(index)!.shadowRoot!.querySelector("article")!;

  it("are listed once, before the models, with what they were made of", async () => {
    at.house.answers["wake_words/list"] = () => ({
      ...wakeWords().answer,
      models: [...wakeWords().answer.models, { ...wakeWords().answer.models[0], file: "", taught: true }],
    });
    at.page = await mount(new WakeWords(), at.house);
    expect(at.page.text("h3")).toEqual(["Hey House", "Okay Nabu", "Alexa"]);
    expect(at.page.text(".facts span").slice(0, 4)).toEqual([
      "Taught on Monday, November 23",
      "Recordings: 8",
      "People: 2",
      "Examples that must not wake it: 4",
    ]);
    expect(row(0).querySelector("code")).toBeNull();
  });

  it("are tested", async () => {
    at.page = await mount(new WakeWords(), at.house);
    await at.page.click("#test", 0);
    await at.page.click("#start");
    expect(at.house.fieldsOf("taught/test")).toEqual([
      { satellite_id: "kitchen", word_id: "hey_house", kind: "calls" },
    ]);
    await tell({ type: "heard", level: -35, score: 0.9, threshold: 0.5, heard: 3, seconds: 4 });
    expect(at.page.text(".heard")).toEqual(["Heard: 3"]);
    await tell({ type: "end", code: null });
    expect(said()).toEqual(["Heard: 3 The test has ended."]);
  });

  it("are deleted with a receipt", async () => {
    at.page = await mount(new WakeWords(), at.house);
    at.house.answers["taught/delete"] = () => ({ verified: true });
    await at.page.click("#remove", 0);
    expect(at.page.text(".panel")[0]).toContain("Delete “Hey House”? The numbers made from your voices");
    at.taught.words = [];
    await at.page.click("#confirm-remove");
    expect(at.house.fieldsOf("taught/delete")).toEqual([{ word_id: "hey_house" }]);
    expect(at.page.text(".note.done")[0]).toMatch(
      /^Hey House: Deleted at .* The encryption key is destroyed and verified/,
    );
    expect(at.page.text("h3")).toEqual(["Okay Nabu", "Alexa"]);
  });

  it("whose key may still be there say so", async () => {
    at.page = await mount(new WakeWords(), at.house);
    at.house.answers["taught/delete"] = () => ({ verified: false });
    await at.page.click("#remove", 0);
    await at.page.click("#confirm-remove");
    expect(at.page.text(".progress .note.warn")[0]).toContain("could not be verified");
  });

  it("that are in use cannot be deleted", async () => {
    at.taught.words = [{ ...WORD, satellites: ["kitchen"] }];
    at.page = await mount(new WakeWords(), at.house);
    await at.page.click("#remove", 0);
    expect(at.page.text(".panel")[0]).toContain("still chosen for: Kitchen");
    expect(at.page.all("#confirm-remove")).toEqual([]);
  });

  it("that cannot be opened can only be deleted", async () => {
    at.taught.words = [{ ...WORD, name: "", created: null, clips: 0, anti_examples: 0, people: 0, readable: false }];
    at.taught.error = "key_file_lost";
    at.page = await mount(new WakeWords(), at.house);
    expect(row(-1).textContent).toContain("hey_house");
    expect(row(-1).textContent).toContain("can’t be opened");
    expect(row(-1).querySelector("#test")).toBeNull();
    expect(row(-1).querySelector("#remove")).not.toBeNull();
    expect(at.page.text(".fault")[0]).toContain("keys");
  });
});
