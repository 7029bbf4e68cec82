import { beforeEach, describe, expect, it } from "vitest";
import { Options } from "../../src/elements/options";
import { FakeConnection } from "../helpers/house";
import { mount, type Mounted } from "../helpers/mount";

const NOW = {
  pipelines: ["home"],
  offer_wake_word: false,
  check_level: true,
  ignore_made_up_text: true,
  members_may_open_microphone: false,
  key_dir: "",
};
const PIPELINES = [
  { id: "home", name: "Home" },
  { id: "cloud", name: "Cloud" },
];

describe("the options", () => {
  let house: FakeConnection;
  let page: Mounted<Options>;

  beforeEach(async () => {
    house = new FakeConnection();
    house.answers["options/get"] = () => ({ options: NOW, pipelines: PIPELINES });
    house.answers["options/set"] = () => ({ errors: {} });
    page = await mount(new Options(), house);
  });

  it("have the words of the integration's own form", () => {
    expect(page.text("legend")).toEqual(["Pipelines"]);
    expect(page.text("label strong")).toEqual([
      "Offer the wake word engine to other satellites",
      "Check that a wake word is louder than the room",
      "Ignore text that was made up on silence",
      "Members may open microphones",
      "Folder for the keys (advanced)",
    ]);
    expect(page.text(".choice")).toEqual(["Home", "Cloud"]);
    expect(page.all<HTMLInputElement>("input:checked").map((one) => one.id || one.dataset.pipeline)).toEqual([
      "home",
      "option-check_level",
      "option-ignore_made_up_text",
    ]);
  });

  it("are saved together, once somebody says so", async () => {
    expect(page.all("#save-options")).toEqual([]);
    await page.click("[data-pipeline=cloud]");
    await page.click("[data-pipeline=home]");
    await page.click("#option-offer_wake_word");
    expect(house.fieldsOf("options/set")).toEqual([]);
    await page.click("#save-options");
    expect(house.fieldsOf("options/set")).toEqual([{ pipelines: ["cloud"], offer_wake_word: true }]);
    expect(page.all("#save-options")).toEqual([]);
    expect(page.details("vp-notify")).toHaveLength(1);
    expect(page.one<HTMLInputElement>("#option-offer_wake_word").checked).toBe(true);
  });

  it("tell that they are not saved yet, until they are changed back", async () => {
    await page.click("#option-check_level");
    expect(page.text("[role=status]")).toEqual(["Not saved yet"]);
    await page.click("#option-check_level");
    expect(page.all("#save-options, [role=status]")).toEqual([]);
  });

  it("go back to what holds", async () => {
    await page.click("#option-check_level");
    await page.enter("#option-key_dir", "/mnt/keys", "input");
    await page.click(".row .button");
    expect(page.one<HTMLInputElement>("#option-check_level").checked).toBe(true);
    expect(page.one<HTMLInputElement>("#option-key_dir").value).toBe("");
    expect(house.fieldsOf("options/set")).toEqual([]);
  });

  it("say beside the field what was refused, and lose nothing that was typed", async () => {
    house.answers["options/set"] = () => ({ errors: { key_dir: "key_dir_not_absolute" } });
    await page.enter("#option-key_dir", "keys", "input");
    await page.click("#save-options");
    expect(page.text("[role=alert]")).toEqual(["This is not an absolute path."]);
    expect(page.one<HTMLInputElement>("#option-key_dir").value).toBe("keys");
    expect(page.details("vp-notify")).toEqual([]);
  });

  it("say that there is no speech-to-text to choose", async () => {
    house.answers["options/get"] = () => ({ options: { ...NOW, pipelines: [] }, pipelines: [] });
    page = await mount(new Options(), house);
    expect(page.text("fieldset .note")[0]).toContain("Voice assistants");
  });
});
