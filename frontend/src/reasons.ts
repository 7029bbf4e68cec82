// Why something was refused, in the sentences that Home Assistant shows for exceptions.
import type { Connection } from "./connection";
import { DOMAIN } from "./contract";
import type { Texts } from "./texts";

export type Reasons = (code: string, placeholders?: Record<string, string> | null) => string;

export async function loadReasons(connection: Connection, texts: Texts): Promise<Reasons> {
  // Without them there is still the page's own sentence for whatever failed.
  const sentences = await connection.exceptions(texts.language).catch((): Record<string, string> => ({}));
  return (code, placeholders) => {
    const sentence = texts.get(`errors.${code}`) || sentences[`component.${DOMAIN}.exceptions.${code}.message`];
    if (!sentence) return texts.error(code);
    return sentence.replace(/\{(\w+)\}/g, (whole, name: string) =>
      placeholders && name in placeholders ? `\u2068${placeholders[name]}\u2069` : whole,
    );
  };
}
