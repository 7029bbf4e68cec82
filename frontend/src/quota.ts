// How much of what may be kept is taken; nothing where there is no limit.
import { html, nothing, type TemplateResult } from "lit";
import type { HouseState } from "./contract";
import type { Texts } from "./texts";

export function quota(texts: Texts, house: HouseState["house"]): TemplateResult | typeof nothing {
  const limit = house.retention.storage_limit * 1_000_000;
  if (!limit) return nothing;
  const share = Math.min(1, house.size / limit);
  const words = texts.get("consent.of_limit", { share: texts.percent(share), limit: texts.size(limit) });
  return html`<p class="quota muted-text">
    <span class="bar" aria-hidden="true"><i style="width:${share * 100}%"></i></span>${words}
  </p>`;
}
