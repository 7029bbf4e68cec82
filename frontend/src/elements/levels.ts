// The privacy levels of the rooms, and what makes them stricter for a time: for administrators.
import { html, nothing, type TemplateResult } from "lit";
import { state } from "lit/decorators.js";
import { LEVELS, OVERRIDE_LEVELS } from "../contract";
import type { LevelsAnswer, Override } from "../contract.rooms";
import { icon, icons } from "../icons";
import { base } from "../styles/base";
import { consentStyles } from "../styles/consent";
import { levelsStyles } from "../styles/levels";
import { ConsentPart, type Pending } from "./consent-part";
import { define } from "./part";

export class Levels extends ConsentPart {
  static styles = [base, consentStyles, levelsStyles];
  @state() private answer?: LevelsAnswer;
  private known?: string;

  connectedCallback(): void {
    super.connectedCallback();
    void this.load();
  }

  stateChanged(): void {
    super.stateChanged();
    // A room, or what holds in it, has changed.
    if (this.basis !== this.known) void this.load();
  }

  private get basis(): string {
    return JSON.stringify([this.admin, this.state.satellites.map(({ id, level }) => [id, level])]);
  }

  private async load(): Promise<void> {
    this.known = this.basis;
    try {
      this.answer = this.admin ? await this.connection.call<LevelsAnswer>("levels/get") : undefined;
    } catch {
      // Until the backend is restarted after an update, the page is newer than it.
    }
  }

  protected async send(pending: Pending): Promise<void> {
    await super.send(pending);
    await this.load();
  }

  private setOverrides(overrides: Override[]): Promise<boolean> {
    const plain = overrides.map(({ entity_id, states, level, area_id }) => ({ entity_id, states, level, area_id }));
    return this.attempt(
      async () => {
        await this.connection.call("levels/set_overrides", { overrides: plain });
        await this.load();
      },
      { invalid_request: this.t("level.refused") },
    );
  }

  private async add(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    const form = event.target as HTMLFormElement;
    const field = (name: string): string => (form.elements.namedItem(name) as HTMLInputElement).value.trim();
    const override = {
      entity_id: field("entity"),
      states: field("state")
        .split(/\s*,\s*/)
        .filter(Boolean),
      level: field("level") as Override["level"],
      area_id: field("room") || null,
    };
    if (await this.setOverrides([...this.answer!.overrides, override])) form.reset();
  }

  protected render(): TemplateResult | typeof nothing {
    const { answer } = this;
    if (!answer?.rooms) return nothing;
    return html`<section class="card" aria-labelledby="levels-title">
        <h2 id="levels-title">${this.t("level.title")}</h2>
        <p class="muted-text">${this.t("level.detail")}</p>
        ${answer.rooms.map(({ id, name, level }) => this.room(id, name, level))}
        ${this.room(null, this.t("level.new_rooms"), answer.new_rooms)}
      </section>
      <section class="card" aria-labelledby="rules-title">
        <h2 id="rules-title">${this.t("level.rules")}</h2>
        <p class="muted-text">${this.t("level.rules_detail")}</p>
        <ul>
          ${answer.overrides.map((override) => this.rule(answer, override))}
        </ul>
        ${this.form(answer)}
      </section>`;
  }

  private room(id: string | null, name: string, level: string): TemplateResult {
    const key = `level-${id ?? ""}`;
    const shown = this.pending?.key === key ? String(this.pending.value) : level;
    return html`<div class="toggle">
        <label for=${key}
          ><strong><bdi>${name}</bdi></strong></label
        >
        ${this.select(key, "", LEVELS, shown, ({ target }) => {
          const control = target as HTMLSelectElement;
          const { value } = control;
          void this.chosen(control, level, this.ask("levels", key, value, { area_id: id, level: value }));
        })}
      </div>
      ${this.questionOf(key)}`;
  }

  private select(
    id: string,
    name: string,
    levels: readonly string[],
    chosen: string,
    change?: (event: Event) => void,
  ): TemplateResult {
    return html`<select class="field" id=${id} name=${name} .value=${chosen} @change=${change}>
      ${levels.map(
        (level) =>
          html`<option value=${level} ?selected=${level === chosen}>${this.t(`state.level_${level}`)}</option>`,
      )}
    </select>`;
  }

  private rule({ rooms, overrides }: LevelsAnswer, override: LevelsAnswer["overrides"][number]): TemplateResult {
    const { name, states, level, area_id } = override;
    const room = area_id ? (rooms.find(({ id }) => id === area_id)?.name ?? area_id) : this.t("level.house");
    return html`<li>
      <span
        >${this.t("level.rule", { name, states: states.join(", "), level: this.t(`state.level_${level}`), room })}</span
      >
      <button
        class="icon-button"
        aria-label=${this.t("level.remove", { name })}
        @click=${() => void this.setOverrides(overrides.filter((other) => other !== override))}
      >
        ${icon(icons.close)}
      </button>
    </li>`;
  }

  private form({ rooms, entities }: LevelsAnswer): TemplateResult {
    return html`<form @submit=${(event: SubmitEvent) => void this.add(event)}>
      <label>${this.t("level.entity")}<input class="field" name="entity" list="entities" required /></label>
      <label>${this.t("level.state")}<input class="field" name="state" required /></label>
      <label>${this.t("level.level")}${this.select("rule-level", "level", OVERRIDE_LEVELS, OVERRIDE_LEVELS[0])}</label>
      <label
        >${this.t("level.room")}<select class="field" name="room">
          <option value="">${this.t("level.house")}</option>
          ${rooms.map(({ id, name }) => html`<option value=${id}>${name}</option>`)}
        </select></label
      >
      <datalist id="entities">
        ${entities.map(({ id, name, state }) => html`<option value=${id}>${name} · ${state}</option>`)}
      </datalist>
      <button class="button" type="submit">${this.t("level.add")}</button>
    </form>`;
  }
}

define("voice-privacy-levels", Levels);
