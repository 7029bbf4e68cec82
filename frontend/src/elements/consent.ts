// Consent: what each toggle changes, who turned it last, and what is kept for how long.
import { html, type TemplateResult } from "lit";
import { state } from "lit/decorators.js";
import {
  type Change,
  KEEP_FALSE_WAKES,
  KEEP_HOUSE,
  KEEP_SATELLITE,
  KEEP_TRANSCRIPTS,
  type KeepFor,
  type PoolReceipt,
  type Preview,
  type RetentionSetting,
  type Satellite,
  type Toggle,
} from "../contract";
import { define, Part } from "./part";
import { icon, icons } from "../icons";
import { quota, storage } from "../quota";
import { base } from "../styles/base";
import { consentStyles } from "../styles/consent";

interface Pending {
  key: string;
  value: string | number;
  fields: object;
  preview: Preview;
}

export class Consent extends Part {
  static styles = [base, consentStyles];
  @state() private pending?: Pending;

  private async set(toggle: string, on: boolean, satelliteId?: string): Promise<void> {
    const fields = { toggle, on, ...(satelliteId ? { satellite_ids: [satelliteId] } : {}) };
    const { taken_out } = await this.connection.call<PoolReceipt>("settings/set", fields);
    if (toggle !== "help_improve" || on) return;
    this.notify(this.t("consent.help_improve_off", { count: this.texts.number(taken_out) }));
  }

  protected render(): TemplateResult {
    const { house, satellites, permissions, may } = this.state;
    return html`
      ${
        house.settings_lost
          ? html`<div class="note warn wide" role="alert">
              ${icon(icons.alert)}<span>${this.t("consent.settings_lost")}</span>
            </div>`
          : ""
      }
      <section class="card">
        <h2>${this.t("consent.house")}</h2>
        ${this.toggle("guest_mode", house.toggles.guest_mode, may.guest_mode)}
        ${this.toggle("deletion_by_voice", house.toggles.deletion_by_voice, permissions.admin)}
        ${this.toggle("household_may_listen", house.toggles.household_may_listen, permissions.admin)}
        ${this.toggle("help_improve", house.toggles.help_improve, permissions.admin)}
        ${permissions.admin ? "" : html`<p class="note">${icon(icons.lock)}<span>${this.t("consent.owner_only")}</span></p>`}
      </section>
      ${this.retention()} ${satellites.map((satellite) => this.satellite(satellite, permissions.admin))}
      <section class="card">
        <h2>${this.t("consent.kept")}</h2>
        <div class="figures">
          <span><b>${this.texts.number(house.recordings)}</b>${this.texts.noun("recordings", house.recordings)}</span>
          <span
            ><b><bdi>${storage(this.texts, this.state)}</bdi></b
            >${this.t("consent.on_disk")}</span
          >
          <span
            ><b>${this.texts.number(house.false_wakes)}</b>${this.texts.noun("false_wakes", house.false_wakes)}</span
          >
        </div>
        ${quota(this.texts, this.state)}
        <p class="muted-text">${this.t("consent.sealed")}</p>
        ${
          permissions.admin && house.recordings
            ? html`<div class="row">
                <button class="button danger-quiet" id="delete-everything" @click=${this.everything}>
                  ${icon(icons.deleted)}${this.t("manage.all")}
                </button>
              </div>`
            : ""
        }
      </section>
    `;
  }

  private everything(): void {
    this.emit("vp-delete", { title: this.t("delete.title_all"), request: { scope: "all" }, typed: true });
  }

  private satellite(satellite: Satellite, may: boolean): TemplateResult {
    return html`<section class="card">
      <h2><bdi>${satellite.name}</bdi></h2>
      ${this.toggle("save_recordings", satellite.toggles.save_recordings, may, satellite)}
      ${this.toggle("save_transcripts", satellite.toggles.save_transcripts, may, satellite)}
      ${this.nearMisses(satellite, may)} ${this.toggle("help_improve", satellite.toggles.help_improve, may, satellite)}
      ${this.keep("keep_recordings", KEEP_SATELLITE, satellite.keep_recordings, null, satellite)}
    </section>`;
  }

  private nearMisses(satellite: Satellite, may: boolean): TemplateResult {
    const { save_near_misses } = satellite.toggles;
    if (save_near_misses && (satellite.is_scored || save_near_misses.on))
      return this.toggle("save_near_misses", save_near_misses, may, satellite);
    return this.setting(
      `save_near_misses-${satellite.id}`,
      this.t("consent.save_near_misses"),
      this.t("consent.save_near_misses_unavailable"),
      undefined,
      html``,
      satellite,
    );
  }

  private retention(): TemplateResult {
    const { retention } = this.house;
    const may = this.admin;
    const { keep_recordings, keep_false_wakes, keep_transcripts, storage_limit, changed } = retention;
    return html`<section class="card">
      <h2>${this.t("retention.title")}</h2>
      ${this.keep("keep_recordings", KEEP_HOUSE, keep_recordings, changed.keep_recordings)}
      ${this.keep("keep_false_wakes", KEEP_FALSE_WAKES, keep_false_wakes, changed.keep_false_wakes)}
      ${this.keep("keep_transcripts", KEEP_TRANSCRIPTS, keep_transcripts, changed.keep_transcripts)}
      ${this.setting(
        "storage_limit",
        this.t("retention.storage_limit"),
        this.t("retention.storage_limit_detail"),
        changed.storage_limit,
        html`<input
          class="field limit"
          id="storage_limit"
          aria-labelledby="storage_limit-name"
          aria-describedby="storage_limit-about"
          type="number"
          min="0"
          max="1000000"
          ?disabled=${!may}
          .value=${String(this.pending?.key === "storage_limit" ? this.pending.value : storage_limit)}
          @change=${(event: Event) => {
            const control = event.target as HTMLInputElement;
            const limit = Math.max(0, Math.round(Number(control.value)));
            void this.chosen(control, storage_limit, this.choose("storage_limit", limit));
          }}
        />`,
      )}
      ${this.pending?.key === "storage_limit" ? this.question(this.pending) : ""}
      <p class="note">${icon(icons.clock)}<span>${this.t("retention.how")}</span></p>
    </section>`;
  }

  private keep(
    setting: RetentionSetting,
    choices: readonly KeepFor[],
    value: string,
    changed: Change | null,
    satellite?: Satellite,
  ): TemplateResult {
    const id = `${setting}-${satellite?.id ?? "house"}`;
    const pending = this.pending?.key === id ? this.pending : undefined;
    return html`${this.setting(
      id,
      this.t(`retention.${setting}`),
      this.t(`retention.${setting}_detail`),
      satellite ? undefined : changed,
      html`<select
        class="field"
        id=${id}
        aria-labelledby="${id}-name"
        aria-describedby="${id}-about"
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
      </select>`,
      satellite,
    )}
    ${pending ? this.question(pending) : ""}`;
  }

  // What would go is shown before it is chosen.
  private question(pending: Pending): TemplateResult {
    const { preview } = pending;
    return html`<div class="note warn" role="alert">
      ${icon(icons.alert)}
      <div>
        <p>
          ${this.t(pending.key.startsWith("keep_transcripts") ? "retention.would_forget" : "retention.would_go", {
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
  private async chosen(control: { value: string }, before: string | number, done: Promise<boolean>): Promise<void> {
    if (!(await done)) control.value = String(before);
  }

  private async choose(setting: RetentionSetting, value: string | number, satellite?: Satellite): Promise<boolean> {
    const fields = { setting, value, ...(satellite ? { satellite_id: satellite.id } : {}) };
    this.pending = undefined;
    return await this.attempt(async () => {
      const preview = await this.connection.call<Preview>("retention/preview", fields);
      const key = setting === "storage_limit" ? setting : `${setting}-${satellite?.id ?? "house"}`;
      const pending = { key, value, fields, preview };
      if (preview.count) this.pending = pending;
      else await this.apply(pending);
    });
  }

  private async apply({ fields }: Pending): Promise<void> {
    this.pending = undefined;
    await this.attempt(async () => {
      await this.connection.call("retention/set", fields);
      this.notify(this.t("retention.chosen"));
    });
  }

  private toggle(name: string, toggle: Toggle, may: boolean, satellite?: Satellite): TemplateResult {
    const id = `${name}-${satellite?.id ?? "house"}`;
    return this.setting(
      id,
      this.t(`consent.${name}`),
      this.t(`consent.${name}_${satellite && name === "help_improve" ? "one_detail" : "detail"}`),
      toggle.changed,
      html`<input
        type="checkbox"
        role="switch"
        class="switch"
        id=${id}
        aria-labelledby="${id}-name"
        aria-describedby="${id}-about"
        ?disabled=${!may}
        .checked=${toggle.on}
        @change=${(event: Event) => void this.turn(event, (on) => this.set(name, on, satellite?.id))}
      />`,
      satellite,
    );
  }

  // Name and explanation are told apart, so that a screen reader says the name first and the rest on request.
  private setting(
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

define("voice-privacy-consent", Consent);
