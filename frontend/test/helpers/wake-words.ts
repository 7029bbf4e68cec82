// Wake word models as the house lists them.
import type { WakeWordModel, WakeWordsAnswer } from "../../src/contract.wake-words";
import { FakeConnection, satellite, stateOf } from "./house";

export function model(change: Partial<WakeWordModel> = {}): WakeWordModel {
  return {
    file: "okay_nabu.micro.tflite",
    wake_word: "okay_nabu",
    phrase: "Okay Nabu",
    engine: "micro",
    size: 80_824,
    cost: 0.2,
    status: "ready",
    used_file: null,
    reason: null,
    reason_placeholders: null,
    own: false,
    removable: true,
    satellites: ["kitchen"],
    ...change,
  };
}

export const ALEXA = model({
  file: "community/alexa_v2.onnx",
  wake_word: "alexa",
  phrase: "Alexa",
  engine: "openwakeword",
  own: true,
  satellites: [],
});

// A house with two models and two satellites, and what it lists, for a test to change.
export function wakeWords(): { house: FakeConnection; answer: WakeWordsAnswer } {
  const house = new FakeConnection();
  house.state = stateOf([satellite(), satellite({ id: "bath", name: "Bath" })]);
  const answer: WakeWordsAnswer = {
    models: [model(), ALEXA],
    complete: true,
    folder: "openwakeword",
    satellites: { kitchen: ["okay_nabu"], bath: [] },
  };
  house.answers["wake_words/list"] = () => structuredClone(answer);
  return { house, answer };
}
