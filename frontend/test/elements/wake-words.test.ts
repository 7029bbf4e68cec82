import { beforeEach, describe, expect, it } from "vitest";
import { Failure } from "../../src/connection";
import type { WakeWordModel, WakeWordsAnswer } from "../../src/contract.wake-words";
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
    expect(page.text(".foot")[0]).toMatch(/^The cost of an openWakeWord model .* configuration folder: openwakeword$/);
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

  it("keep models that are no wake word apart, and calm", async () => {
    const vad = { file: "silero_vad.onnx", phrase: "Silero Vad", reason: "wake_model_other_kind", satellites: [] };
    await show(model({ status: "refused", engine: null, cost: null, ...vad }), ALEXA);
    expect(page.text("details summary")).toEqual(["Other models in this folder: 1"]);
    expect(page.one<HTMLDetailsElement>("details").open).toBe(false);
    expect(page.text(".state")).toEqual(["Ready", "Not a wake word"]);
    expect(page.all(".state.refused")).toEqual([]);
    expect(page.all("#remove")).toHaveLength(2);
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

  it("are asked for again as long as more of them have been tried", async () => {
    const waits = (count: number): WakeWordModel[] =>
      Array.from({ length: count }, (_, index) =>
        model({ file: `${index}.onnx`, status: "refused", reason: "wake_model_not_tried", removable: true }),
      );
    const left = [3, 2, 2, 1];
    house.answers["wake_words/list"] = () => ({ ...answer, models: waits(left.shift() ?? 0) });
    await show();
    expect(left).toEqual([1]);
    expect(page.all("h3")).toHaveLength(2);
  });

  it("tell that there are more than are listed", async () => {
    answer.complete = false;
    await show();
    expect(page.text(".fault")).toEqual(["The folder holds more files than are listed here."]);
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
