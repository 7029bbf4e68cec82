import { describe, expect, it } from "vitest";
import { MAX_MODEL_SIZE } from "../src/contract.wake-words";
import { pairFiles } from "../src/model-files";

function chosen(...names: string[]): unknown {
  const { uploads, refused } = pairFiles(names.map((name) => new File(["x"], name)));
  return {
    uploads: uploads.map(({ model, manifest }) => [model.name, manifest?.name]),
    refused: refused.map(({ file, key }) => [file.name, key]),
  };
}

describe("the files of a model", () => {
  it.each([
    [["alexa.onnx"], [["alexa.onnx", undefined]]],
    [["X.ONNX"], [["X.ONNX", undefined]]],
    [["hey.tflite"], [["hey.tflite", undefined]]],
    [["hey.json", "hey.tflite"], [["hey.tflite", "hey.json"]]],
    [["Hey.TFLITE", "hey.JSON"], [["Hey.TFLITE", "hey.JSON"]]],
    [["hey.tflite", "hey (1).json"], [["hey.tflite", "hey (1).json"]]],
    [
      ["b.json", "a.tflite", "b.tflite", "a.json"],
      [
        ["a.tflite", "a.json"],
        ["b.tflite", "b.json"],
      ],
    ],
  ])("belong together: %o", (names, uploads) => {
    expect(chosen(...names)).toEqual({ uploads, refused: [] });
  });

  it.each([
    [["hey.json"], [], [["hey.json", "wake_words.manifest_alone"]]],
    [["song.mp3"], [], [["song.mp3", "wake_words.choose_model"]]],
    [["model"], [], [["model", "wake_words.choose_model"]]],
    // A manifest is nothing to an ONNX model.
    [["a.onnx", "a.json"], [["a.onnx", undefined]], [["a.json", "wake_words.manifest_alone"]]],
    // Which of two it describes cannot be told.
    [
      ["a.tflite", "b.tflite", "c.json"],
      [
        ["a.tflite", undefined],
        ["b.tflite", undefined],
      ],
      [["c.json", "wake_words.manifest_alone"]],
    ],
  ])("are refused with a reason, the others are not: %o", (names, uploads, refused) => {
    expect(chosen(...names)).toEqual({ uploads, refused });
  });

  it("are not sent when they are larger than Home Assistant takes", () => {
    const large = new File(["x"], "large.onnx");
    Object.defineProperty(large, "size", { value: MAX_MODEL_SIZE + 1 });
    expect(pairFiles([large])).toEqual({ uploads: [], refused: [{ file: large, key: "wake_words.too_large" }] });
  });
});
