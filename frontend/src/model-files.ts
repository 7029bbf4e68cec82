// Which of the files that somebody chooses belong together as one wake word model.
import { MAX_MODEL_SIZE } from "./contract.wake-words";

export interface Upload {
  model: File;
  manifest?: File;
}

export interface ChosenFiles {
  uploads: Upload[];
  // Files that cannot be uploaded, each with the key of the text that says why.
  refused: { file: File; key: "wake_words.choose_model" | "wake_words.manifest_alone" | "wake_words.too_large" }[];
}

function stem(file: File): string {
  return file.name.replace(/\.\w+$/, "").toLowerCase();
}

function ends(file: File, ...endings: string[]): boolean {
  return endings.some((ending) => file.name.toLowerCase().endsWith(ending));
}

export function pairFiles(files: File[]): ChosenFiles {
  const manifests = files.filter((file) => ends(file, ".json"));
  const models = files.filter((file) => ends(file, ".onnx", ".tflite"));
  const chosen: ChosenFiles = { uploads: [], refused: [] };
  const tflite = models.filter((file) => ends(file, ".tflite"));
  const used = new Set<File>();
  for (const model of models) {
    let manifest: File | undefined;
    if (ends(model, ".tflite")) {
      manifest = manifests.find((file) => stem(file) === stem(model));
      // Browsers rename a second download, e.g. to "alexa (1).json": where there is one of each, they belong together.
      if (!manifest && tflite.length === 1 && manifests.length === 1) manifest = manifests[0];
    }
    if (manifest) used.add(manifest);
    if (model.size > MAX_MODEL_SIZE) chosen.refused.push({ file: model, key: "wake_words.too_large" });
    else chosen.uploads.push({ model, ...(manifest ? { manifest } : {}) });
  }
  for (const file of files) {
    if (models.includes(file) || used.has(file)) continue;
    const key = manifests.includes(file) ? "wake_words.manifest_alone" : "wake_words.choose_model";
    chosen.refused.push({ file, key });
  }
  return chosen;
}
