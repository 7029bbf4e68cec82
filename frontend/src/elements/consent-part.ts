// What the consent of the house and that of a room share: toggles, and periods whose effect is shown before they hold.
import { html, type TemplateResult } from "lit";
import { state } from "lit/decorators.js";
import type { Change, KeepFor, PoolReceipt, Preview, RetentionSetting, Satellite, Toggle } from "../contract";
import { icon, icons } from "../icons";
import { Part } from "./part";

export interface Pending {
  command: "levels" | "retention";
  key: string;
  value: string | number;
  fields: object;
  preview: Preview;
}

// Near misses can be known only of sound that is scored here; consent to them can always be withdrawn.
export function mayMiss({ toggles, is_scored }: Satellite): boolean {
  return toggles.save_near_misses !== undefined && (!!is_scored || toggles.save_near_misses.on);
}

export abstract class ConsentPart extends Part {
  @state() protected pending?: Pending;

  protected async set(toggle: string, on: boolean, satelliteIds?: string[]): Promise<void> {
    const fields = { toggle, on, ...(satelliteIds ? { satellite_ids: satelliteIds } : {}) };
    const { taken_out } = await this.connection.call<PoolReceipt>("settings/set", fields);
    if (toggle !== "help_improve" || on) return;
    this.notify(this.t("consent.help_improve_off", { count: this.texts.number(taken_out) }));
  }

  protected keep(
    setting: RetentionSetting,
    choices: readonly KeepFor[],
    value: string,
    changed: Change | null,
    satellite?: Satellite,
  ): TemplateResult {
    const id = `${setting}-${satellite?.id ?? "house"}`;
    return html`${this.setting(
      id,
      this.t(`retention.${setting}`),
      this.t(`retention.${setting}_detail`),
      satellite ? undefined : changed,
      this.periods(setting, choices, value, satellite),
      satellite,
    )}
    ${this.questionOf(id)}`;
  }

  protected periods(
    setting: RetentionSetting,
    choices: readonly KeepFor[],
    value: string,
    satellite?: Satellite,
    label?: string,
  ): TemplateResult {
    const id = `${setting}-${satellite?.id ?? "house"}`;
    const pending = this.pending?.key === id ? this.pending : undefined;
    return html`<select
      class="field"
      id=${id}
      aria-labelledby=${label ?? `${id}-name`}
      aria-describedby=${label ? `${setting}-about` : `${id}-about`}
      ?disabled=${!this.admin}
      .value=${pending ? String(pending.value) : value}
      @change=${(event: Event) => {
        const control = event.target as HTMLSelectElement;
        void this.chosen(control, value, this.choose(setting, control.value, satellite));
      }}
    >
      ${choices.map(
        (choice) =>
          html`<option value=${choice} ?selected=${choice === (pending?.value ?? value)}>
            ${this.t(choice === "as_others" && !satellite ? "retention.as_recordings" : `retention.${choice}`)}
          </option>`,
      )}
    </select>`;
  }

  // What would go is shown before it is chosen.
  protected questionOf(key: string): TemplateResult | "" {
    const pending = this.pending;
    if (pending?.key !== key) return "";
    const { preview } = pending;
    return html`<div class="note warn" role="alert">
      ${icon(icons.alert)}
      <div>
        <p>
          ${this.t(key.startsWith("keep_transcripts") ? "retention.would_forget" : "retention.would_go", {
            recordings: this.texts.count("recordings", preview.count),
            size: this.texts.size(preview.size ?? 0),
          })}
        </p>
        <div class="row">
          <button class="button" @click=${() => (this.pending = undefined)}>${this.t("common.cancel")}</button>
          <button class="button danger" id="apply-retention" @click=${() => void this.apply(pending)}>
            ${this.t("retention.apply")}
          </button>
        </div>
      </div>
    </div>`;
  }

  // What was refused is not shown as chosen.
  protected async chosen(control: { value: string }, before: string | number, done: Promise<boolean>): Promise<void> {
    if (!(await done)) control.value = String(before);
  }

  protected async choose(setting: RetentionSetting, value: string | number, satellite?: Satellite): Promise<boolean> {
    const fields = { setting, value, ...(satellite ? { satellite_id: satellite.id } : {}) };
    const key = setting === "storage_limit" ? setting : `${setting}-${satellite?.id ?? "house"}`;
    return await this.ask("retention", key, value, fields);
  }

  // Done at once, unless something would go.
  protected ask(command: Pending["command"], key: string, value: string | number, fields: object): Promise<boolean> {
    this.pending = undefined;
    return this.attempt(async () => {
      const preview = await this.connection.call<Preview>(`${command}/preview`, fields);
      const pending = { command, key, value, fields, preview };
      if (preview.count) this.pending = pending;
      else await this.send(pending);
    });
  }

  protected async send({ command, fields }: Pending): Promise<void> {
    await this.connection.call(`${command}/set`, fields);
    this.notify(this.t("retention.chosen"));
  }

  private apply(pending: Pending): Promise<boolean> {
    this.pending = undefined;
    return this.attempt(() => this.send(pending));
  }

  protected toggle(name: string, toggle: Toggle, may: boolean, satellite?: Satellite): TemplateResult {
    return this.setting(
      `${name}-${satellite?.id ?? "house"}`,
      this.t(`consent.${name}`),
      this.t(`consent.${name}_${satellite && name === "help_improve" ? "one_detail" : "detail"}`),
      toggle.changed,
      this.switch(name, toggle.on, may, satellite?.id ?? "house", satellite && [satellite.id]),
      satellite,
    );
  }

  protected nearMisses(satellite: Satellite): TemplateResult {
    const { save_near_misses } = satellite.toggles;
    if (save_near_misses && mayMiss(satellite))
      return this.toggle("save_near_misses", save_near_misses, this.admin, satellite);
    return this.setting(
      `save_near_misses-${satellite.id}`,
      this.t("consent.save_near_misses"),
      this.t("consent.save_near_misses_unavailable"),
      undefined,
      html``,
      satellite,
    );
  }

  // Named by the element beside it, or above it in a table.
  protected switch(
    name: string,
    on: boolean,
    may: boolean,
    owner: string,
    satelliteIds?: string[],
    label?: string,
  ): TemplateResult {
    const id = `${name}-${owner}`;
    return html`<input
      type="checkbox"
      role="switch"
      id=${id}
      aria-labelledby=${label ?? `${id}-name`}
      aria-describedby=${label ? `${name}-about` : `${id}-about`}
      ?disabled=${!may}
      .checked=${on}
      @change=${(event: Event) => void this.turn(event, (wanted) => this.set(name, wanted, satelliteIds))}
    />`;
  }

  // Name and explanation are told apart, so that a screen reader says the name first and the rest on request.
  protected setting(
    id: string,
    name: string,
    detail: string,
    changed: Change | null | undefined,
    control: TemplateResult,
    satellite?: Satellite,
  ): TemplateResult {
    return html`<div class="toggle">
      <label for=${id}
        ><strong id="${id}-name">${name}${satellite ? html`<span class="sr"> ${satellite.name}</span>` : ""}</strong>
        <span id="${id}-about"
          ><span class="muted-text">${detail}</span>${
            changed === undefined ? "" : html`<small>${this.changed(changed)}</small>`
          }</span
        ></label
      >
      ${control}
    </div>`;
  }

  private changed(change: Change | null): string {
    if (!change) return this.t("consent.unchanged");
    const who = change.user ?? this.t(`who.${change.by}`);
    return this.t("consent.changed", { time: this.texts.dateTime(change.when), who });
  }
}
