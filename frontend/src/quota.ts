// How much is kept, as far as it may be known.
import { html, nothing, type TemplateResult } from "lit";
import type { HouseState } from "./contract";
import type { Texts } from "./texts";

// Who may not know it to the byte is told whole megabytes, rounded up.
export function storage(texts: Texts, { house, permissions }: HouseState): string {
  return `${permissions.admin || !house.size ? "" : "≤ "}${texts.size(house.size)}`;
}

// How much of what may be kept is taken; nothing where there is no limit. A share of rounded figures, which may
// leave out satellites too, would be made up.
export function quota(texts: Texts, { house, permissions }: HouseState): TemplateResult | typeof nothing {
  const limit = house.retention.storage_limit * 1_000_000;
  if (!limit || !permissions.admin) return nothing;
  const share = Math.min(1, house.size / limit);
  const words = texts.get("consent.of_limit", { share: texts.percent(share), limit: texts.size(limit) });
  return html`<p class="quota muted-text">
    <span class="bar" aria-hidden="true"><i style="width:${share * 100}%"></i></span>${words}
  </p>`;
}
