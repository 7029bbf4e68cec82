import { beforeEach, describe, expect, it } from "vitest";
import type { WakeWordModel, WakeWordsAnswer } from "../../src/contract.wake-words";
import { WakeWords } from "../../src/elements/wake-words";
import type { FakeConnection } from "../helpers/house";
import { mount, type Mounted } from "../helpers/mount";
import { model, wakeWords } from "../helpers/wake-words";

describe("one of the wake words", () => {
  let house: FakeConnection;
  let page: Mounted<WakeWords>;
  let answer: WakeWordsAnswer;

  beforeEach(() => {
    ({ house, answer } = wakeWords());
  });

  async function show(...models: WakeWordModel[]): Promise<void> {
    if (models.length) answer.models = models;
    page = await mount(new WakeWords(), house);
  }

  it("is chosen for a satellite, beside those it has", async () => {
    house.answers["wake_words/choose"] = ({ satellite_id, wake_words }) => {
      answer.satellites[satellite_id as string] = wake_words as string[];
    };
    await show();
    await page.click("#choose", 1);
    expect(page.text("legend")).toEqual(["Satellites that listen for “Alexa”"]);
    await page.click(".box", 0);
    await page.click(".box", 1);
    await page.click(".box", 0);
    expect(house.fieldsOf("wake_words/choose")).toEqual([
      { satellite_id: "kitchen", wake_words: ["okay_nabu", "alexa"] },
      { satellite_id: "bath", wake_words: ["alexa"] },
      { satellite_id: "kitchen", wake_words: ["okay_nabu"] },
    ]);
    expect(page.details("vp-notify")).toEqual(["Saved", "Saved", "Saved"]);
  });

  it("tells why a choice was refused, and show it as it is", async () => {
    await show();
    await page.click("#choose", 1);
    house.refuse = "wake_model_operation";
    house.placeholders = { operation: "Xyz" };
    await page.click(".box", 0);
    expect(page.all<HTMLInputElement>(".box")[0]!.checked).toBe(false);
    expect(page.text("[role=alert]")[0]).toContain("Xyz");
  });

  it("names the satellites for which nothing can be chosen", async () => {
    answer.satellites = { kitchen: ["okay_nabu"] };
    await show();
    await page.click("#choose");
    expect(page.text(".panel")[0]).toContain("Wake words cannot be chosen here for: Bath");
  });

  it("has the only panel that is open, which Escape closes", async () => {
    await show();
    await page.click("#choose", 0);
    await page.click("#remove", 1);
    expect(page.all(".panel")).toHaveLength(1);
    expect(page.all("fieldset")).toEqual([]);
    page.one(".panel").dispatchEvent(new KeyboardEvent("keydown", { key: "Escape", bubbles: true }));
    await page.settled();
    expect(page.all(".panel")).toEqual([]);
  });

  it("is removed after one question", async () => {
    await show();
    await page.click("#remove", 1);
    expect(page.text(".panel p")[0]).toContain("community/alexa_v2.onnx");
    await page.click(".panel .row .button", 0);
    expect(house.fieldsOf("wake_words/remove")).toEqual([]);
    await page.click("#remove", 1);
    answer.models = [model()];
    await page.click("#confirm-remove");
    expect(house.fieldsOf("wake_words/remove")).toEqual([{ file: "community/alexa_v2.onnx" }]);
    expect(page.text("h3")).toEqual(["Okay Nabu"]);
    expect(page.all(".panel")).toEqual([]);
  });

  it("is the same word however it is written", async () => {
    answer.satellites = { kitchen: ["Okay-Nabu"], bath: [] };
    await show();
    expect(page.all(".fault")).toEqual([]);
    await page.click("#choose", 0);
    expect(page.all<HTMLInputElement>(".box").map(({ checked }) => checked)).toEqual([true, false]);
    await page.click(".box", 0);
    expect(house.fieldsOf("wake_words/choose")).toEqual([{ satellite_id: "kitchen", wake_words: [] }]);
  });

  it("is not removed while it is chosen", async () => {
    await show(model({ removable: false }));
    await page.click("#remove", 0);
    expect(page.text(".panel p")[0]).toContain("still chosen for: Kitchen");
    expect(page.all("#confirm-remove")).toEqual([]);
  });

  it("is not removed while a pipeline wakes with it, and says which", async () => {
    await show(model({ removable: false, satellites: [], pipeline: "Upstairs" }));
    expect(page.text(".used")[0]).toContain("Upstairs");
    await page.click("#remove", 0);
    expect(page.text(".panel p")[0]).toContain("Upstairs");
    expect(page.text(".panel p")[0]).toContain("Choose another one there");
    expect(page.all("#confirm-remove")).toEqual([]);
  });

  it("is not offered for removal where it cannot be", async () => {
    await show(model({ removable: false, satellites: [] }));
    expect(page.all("#remove")).toEqual([]);
  });
});
