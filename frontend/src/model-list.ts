// The files of the model folder, as the page lists them.
import type { WakeWordModel } from "./contract.wake-words";

// A model of something else than a wake word: openWakeWord's own folder holds such files as well. It is no fault.
export function isOther({ status, reason }: WakeWordModel): boolean {
  return status === "refused" && reason === "wake_model_other_kind";
}

// How many files the house has not tried yet.
export function untried(models: WakeWordModel[] = []): number {
  return models.filter(({ reason }) => reason === "wake_model_not_tried").length;
}

// Wake words, those that cannot be used last, and what is none.
export function grouped(models: WakeWordModel[]): { words: WakeWordModel[]; others: WakeWordModel[] } {
  const of = (wanted: (model: WakeWordModel) => boolean): WakeWordModel[] => models.filter(wanted);
  return {
    words: [
      ...of(({ status }) => status !== "refused"),
      ...of((model) => model.status === "refused" && !isOther(model)),
    ],
    others: of(isOther),
  };
}
