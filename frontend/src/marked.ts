// Text in which what was searched for stands out.
import { html, type TemplateResult } from "lit";

export function marked(text: string, sought: string): TemplateResult | string {
  const [low, wanted] = [text.toLowerCase(), sought.toLowerCase()];
  // Letters that become longer in lower case would shift what is marked.
  if (!wanted || low.length !== text.length) return text;
  const parts: (TemplateResult | string)[] = [];
  let from = 0;
  for (let at = low.indexOf(wanted); at >= 0; at = low.indexOf(wanted, from)) {
    parts.push(text.slice(from, at), html`<mark>${text.slice(at, at + wanted.length)}</mark>`);
    from = at + wanted.length;
  }
  return parts.length ? html`${parts}${text.slice(from)}` : text;
}
