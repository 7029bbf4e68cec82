// What a form of the integration refuses, in the sentences that Home Assistant's own dialog shows.
import type { Connection } from "./connection";
import { DOMAIN } from "./contract";
import type { Texts } from "./texts";

export type FlowErrors = Record<string, string>;

// The sentences by field. Where a satellite is taken over, a code may say something else than in the form.
export async function explain(
  connection: Connection,
  texts: Texts,
  errors: FlowErrors,
  kinds: readonly ["error", "abort"] | readonly ["abort", "error"],
): Promise<FlowErrors> {
  if (!Object.keys(errors).length) return {};
  const words = await connection.words("config_subentries", texts.language);
  const sentence = (code: string): string =>
    kinds.map((kind) => words[`component.${DOMAIN}.config_subentries.satellite.${kind}.${code}`]).find(Boolean) ??
    texts.error("failed");
  return Object.fromEntries(Object.entries(errors).map(([field, code]) => [field, sentence(code)]));
}
