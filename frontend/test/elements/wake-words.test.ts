import { beforeEach, describe, expect, it } from "vitest";
import { Failure } from "../../src/connection";
import type { WakeWordModel, WakeWordsAnswer } from "../../src/contract";
import { WakeWords } from "../../src/elements/wake-words";
import { type FakeConnection, satellite, stateOf } from "../helpers/house";
import { mount, type Mounted } from "../helpers/mount";
import { ALEXA, model, wakeWords } from "../helpers/wake-words";

describe("the wake words", () => {
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

  async function upload(...names: string[]): Promise<void> {
    const input = page.one<HTMLInputElement>("input[type=file]");
    Object.defineProperty(input, "files", { value: names.map((name) => new File(["x"], name)), configurable: true });
    input.dispatchEvent(new Event("change"));
    await page.settled();
  }

  it("tell each model in words", async () => {
    await show();
    expect(page.text("h3")).toEqual(["Okay Nabu", "Alexa"]);
    expect(page.text(".state")).toEqual(["Ready", "Ready"]);
    expect(page.text(".facts span").slice(0, 4)).toEqual([
      "microWakeWord",
      "Published model",
      "81 kB",
      "0.2 ms per 80 ms of sound (low load)",
    ]);
    expect(page.text(".facts span")).toContain("Your own model");
    expect(page.text(".file")).toEqual(["okay_nabu.micro.tflite", "community/alexa_v2.onnx"]);
    expect(page.text(".used")).toEqual(["Satellites: Kitchen", "Not chosen for any satellite"]);
    expect(page.text(".folder")).toEqual(["Folder: /config/openwakeword"]);
  });

  it.each([
    [0.2, "low load"],
    [2.5, "moderate load"],
    [6.04, "high load"],
  ])("tell what %d ms are worth", async (cost, load) => {
    await show(model({ cost }));
    expect(page.text(".facts span")[3]).toContain(load);
  });

  it.each([
    ["wake_model_operation", { operation: "Xyz" }, "uses the operation Xyz, which is not supported"],
    ["wake_model_web_page", null, "is a web page, not a model"],
    ["wake_model_lfs_pointer", {}, "only points to the model in Git LFS"],
    ["wake_model_weights_elsewhere", null, "stores its weights in another file"],
    [null, null, "cannot be used"],
    // Newer than this page.
    ["wake_model_from_the_future", null, "The request failed"],
  ])("tell why a file is refused: %s", async (reason, reason_placeholders, words) => {
    await show(model({ status: "refused", engine: null, cost: null, reason, reason_placeholders, satellites: [] }));
    expect(page.text(".state")).toEqual(["Cannot be used"]);
    expect(page.text(".reason")[0]).toContain(words);
    expect(page.all("#test, #choose")).toEqual([]);
    expect(page.all("#remove")).toHaveLength(1);
  });

  it("tell which file is used where two have the same word", async () => {
    await show(model({ status: "hidden", used_file: "b/okay_nabu_v2.onnx" }));
    expect(page.text(".hidden-by")).toEqual(["Another file is used for the same wake word: b/okay_nabu_v2.onnx"]);
    expect(page.all("#choose")).toEqual([]);
    expect(page.all("#test")).toHaveLength(1);
  });

  it("are for administrators", async () => {
    house.state.permissions.admin = false;
    await show();
    expect(page.all("section")).toEqual([]);
    expect(house.asked).toEqual([]);
  });

  it("have states of their own: no model, no satellite, no engine", async () => {
    answer.models = [];
    answer.satellites = {};
    house.state = stateOf([]);
    await show();
    expect(page.text(".empty h3")).toEqual(["No wake word models yet"]);
    expect(page.text(".no-satellite")[0]).toContain("no satellite yet");
    house.change((state) => (state.satellites = [satellite({ silence_reason: "engine_unavailable" })]));
    await page.settled();
    expect(page.text(".fault")[0]).toContain("cannot run on this machine");
    house.refuse = "wake_engine_unavailable";
    house.change((state) => (state.satellites = [satellite()]));
    await page.settled();
    expect(page.text("[role=alert]")).toEqual(["The wake engine cannot run on this machine. See Settings > Repairs."]);
  });

  it("tell of a chosen word without any model", async () => {
    answer.satellites = { kitchen: ["okay_nabu"], bath: ["okay_nabu", "gone"] };
    await show(ALEXA);
    expect(page.text(".fault")).toEqual([
      "There is no model for “Okay Nabu”. Satellites that cannot hear it: Kitchen and Bath",
      "There is no model for “gone”. Satellites that cannot hear it: Bath",
    ]);
  });

  it("can be asked for again after a failure", async () => {
    house.refuse = "store_failed";
    await show();
    expect(page.all("h3")).toEqual([]);
    house.refuse = undefined;
    await page.click(".failed button");
    expect(page.all("h3")).toHaveLength(2);
  });

  it("are asked for again when satellites have changed, and not with every state", async () => {
    await show();
    house.change((state) => (state.house.recordings = 7));
    await page.settled();
    expect(house.fieldsOf("wake_words/list")).toHaveLength(1);
    house.change((state) => (state.satellites[0]!.wake_words = []));
    await page.settled();
    expect(house.fieldsOf("wake_words/list")).toHaveLength(2);
    // After a restart, too.
    house.status = "not_loaded";
    house.change(() => undefined);
    await page.settled();
    house.status = "ready";
    house.change(() => undefined);
    await page.settled();
    expect(house.fieldsOf("wake_words/list")).toHaveLength(3);
  });

  it("are chosen for a satellite, beside those it has", async () => {
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
    expect(page.details("vp-notify")).toEqual(["Saved.", "Saved.", "Saved."]);
  });

  it("tell why a choice was refused, and show it as it is", async () => {
    await show();
    await page.click("#choose", 1);
    house.refuse = "wake_model_operation";
    house.placeholders = { operation: "Xyz" };
    await page.click(".box", 0);
    expect(page.all<HTMLInputElement>(".box")[0]!.checked).toBe(false);
    expect(page.text("[role=alert]")[0]).toContain("Xyz");
  });

  it("name the satellites for which nothing can be chosen", async () => {
    answer.satellites = { kitchen: ["okay_nabu"] };
    await show();
    await page.click("#choose");
    expect(page.text(".panel")[0]).toContain("Wake words cannot be chosen here for: Bath");
  });

  it("have one panel open at a time, which Escape closes", async () => {
    await show();
    await page.click("#choose", 0);
    await page.click("#remove", 1);
    expect(page.all(".panel")).toHaveLength(1);
    expect(page.all("fieldset")).toEqual([]);
    page.one(".panel").dispatchEvent(new KeyboardEvent("keydown", { key: "Escape", bubbles: true }));
    await page.settled();
    expect(page.all(".panel")).toEqual([]);
  });

  it("are removed after one question", async () => {
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

  it("are not removed while they are chosen", async () => {
    await show();
    await page.click("#remove", 0);
    expect(page.text(".panel p")[0]).toContain("still chosen for: Kitchen");
    expect(page.all("#confirm-remove")).toEqual([]);
  });

  it("are not offered for removal where they cannot be", async () => {
    await show(model({ removable: false }));
    expect(page.all("#remove")).toEqual([]);
  });

  it("are uploaded with their manifest, and listed", async () => {
    await show();
    answer.models = [model({ file: "hey.tflite", phrase: "Hey" })];
    await upload("hey.tflite", "hey.json");
    const [path, form] = house.sent[0]!;
    expect(path).toBe("wake_words");
    expect([...form.entries()].map(([part, file]) => [part, (file as File).name])).toEqual([
      ["model", "hey.tflite"],
      ["manifest", "hey.json"],
    ]);
    expect(page.text(".progress .note")).toEqual(["hey.tflite: added"]);
    expect(page.text("h3")).toEqual(["Hey"]);
    expect(page.one<HTMLButtonElement>("#upload").disabled).toBe(false);
  });

  it("that are refused say why, each for itself", async () => {
    await show();
    house.uploaded = (form) => {
      if ((form.get("model") as File).name === "page.onnx") throw new Failure("wake_model_web_page");
      return { file: "b.onnx" };
    };
    await upload("page.onnx", "b.onnx", "song.mp3");
    expect(page.text(".progress .note")).toEqual([
      "song.mp3: Only .onnx files, and .tflite files together with their .json file, can be added.",
      "page.onnx: The file is a web page, not a model. Download the file itself.",
      "b.onnx: added",
    ]);
  });

  it("show that an upload is on its way, and take no other meanwhile", async () => {
    await show();
    let arrive: (answer: unknown) => void = () => undefined;
    house.uploaded = () => new Promise((done) => (arrive = done));
    await upload("a.onnx");
    expect(page.text(".progress p")).toEqual(["Uploading and checking a.onnx…"]);
    expect(page.one<HTMLButtonElement>("#upload").disabled).toBe(true);
    await upload("b.onnx");
    expect(house.sent).toHaveLength(1);
    arrive({ file: "a.onnx" });
    await page.settled();
    expect(page.text(".progress p")).toEqual(["a.onnx: added"]);
  });

  it("are dropped as files", async () => {
    await show();
    const drop = new Event("drop", { bubbles: true, cancelable: true });
    Object.assign(drop, { dataTransfer: { types: ["Files"], files: [new File(["x"], "a.onnx")] } });
    page.one("section").dispatchEvent(drop);
    await page.settled();
    expect(drop.defaultPrevented).toBe(true);
    expect(house.sent).toHaveLength(1);
  });
});
