// Ids that are the same words to a person, e.g. "Hey-Jarvis" and "hey_jarvis", are one wake word.
export function wordKey(wakeWord: string): string {
  return wakeWord
    .split(/[\s_-]+/)
    .filter(Boolean)
    .join(" ")
    .toLowerCase();
}
