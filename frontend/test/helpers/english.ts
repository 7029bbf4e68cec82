// The page's words as a language has them, for tests that read whole sentences.
import { readFileSync } from "node:fs";
import { Texts } from "../../src/texts";

export function resourcesIn(language: string): Record<string, string> {
  const path = `../custom_components/voice_privacy/translations/${language}.json`;
  const panel: Record<string, Record<string, string>> = JSON.parse(readFileSync(path, "utf-8")).config_panel;
  return Object.fromEntries(
    Object.entries(panel).flatMap(([group, entries]) =>
      Object.entries(entries).map(([key, text]) => [`component.voice_privacy.config_panel.${group}.${key}`, text]),
    ),
  );
}

// The sentences of error codes, as Home Assistant hands them out.
export function exceptionsIn(language: string): Record<string, string> {
  return wordsIn("exceptions", language);
}

// The texts of another category, as Home Assistant hands them out.
export function wordsIn(category: string, language: string): Record<string, string> {
  const path = `../custom_components/voice_privacy/translations/${language}.json`;
  const flat = (tree: object, above: string): [string, string][] =>
    Object.entries(tree).flatMap(([key, value]: [string, string | object]) =>
      typeof value === "string" ? [[`${above}.${key}`, value]] : flat(value, `${above}.${key}`),
    );
  return Object.fromEntries(
    flat(JSON.parse(readFileSync(path, "utf-8"))[category], `component.voice_privacy.${category}`),
  );
}

export function textsIn(language: string, timeZone?: string): Texts {
  return new Texts(language, resourcesIn(language), timeZone, false);
}
