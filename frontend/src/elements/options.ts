// The options of the house, which are those of the integration's form: its texts, its checks, its errors.
import { html, nothing, type TemplateResult } from "lit";
import { state } from "lit/decorators.js";
import { DOMAIN } from "../contract";
import type { HouseOptions, OptionsAnswer } from "../contract.rooms";
import { icon, icons } from "../icons";
import { base } from "../styles/base";
import { consentStyles } from "../styles/consent";
import { define, Part } from "./part";

const FLAGS = ["offer_wake_word", "check_level", "ignore_made_up_text", "members_may_open_microphone"] as const;

export class Options extends Part {
  static styles = [base, consentStyles];
  @state() private answer?: OptionsAnswer;
  // What somebody has changed here and not saved yet.
  @state() private changes: Partial<HouseOptions> = {};
  @state() private errors: Record<string, string> = {};
  @state() private saving = false;
  @state() private words: Record<string, string> = {};

  connectedCallback(): void {
    super.connectedCallback();
    void this.load();
  }

  private async load(): Promise<void> {
    await this.attempt(async () => {
      this.words = await this.connection.words("options", this.texts.language);
      this.answer = await this.connection.call<OptionsAnswer>("options/get");
    });
  }

  private word(key: string): string {
    return this.words[`component.${DOMAIN}.options.${key}`] ?? key;
  }

  private get options(): HouseOptions {
    return { ...this.answer!.options, ...this.changes };
  }

  private change(changes: Partial<HouseOptions>): void {
    const saved = this.answer!.options;
    const all = Object.entries({ ...this.changes, ...changes }) as [keyof HouseOptions, unknown][];
    // What is changed back needs no saving.
    this.changes = Object.fromEntries(all.filter(([key, value]) => String(value) !== String(saved[key])));
  }

  private choose(id: string, on: boolean): void {
    const others = this.options.pipelines.filter((chosen) => chosen !== id);
    this.change({ pipelines: on ? [...others, id] : others });
  }

  private async save(): Promise<void> {
    const { changes } = this;
    this.saving = true;
    await this.attempt(async () => {
      const answer = await this.connection.call<{ errors: Record<string, string> }>("options/set", changes);
      this.errors = answer.errors;
      if (Object.keys(answer.errors).length) return this.showError();
      this.answer = { ...this.answer!, options: { ...this.answer!.options, ...changes } };
      this.changes = {};
      this.notify(this.t("retention.chosen"));
    });
    this.saving = false;
  }

  // The field that was refused may be far above the button that saves.
  private async showError(): Promise<void> {
    await this.updateComplete;
    const field = this.renderRoot.querySelector<HTMLElement>("[aria-invalid=true]");
    field?.focus({ preventScroll: true });
    (field ?? this.renderRoot.querySelector("[role=alert]"))?.scrollIntoView({ block: "center" });
  }

  private undo(): void {
    this.changes = {};
    this.errors = {};
  }

  protected render(): TemplateResult | typeof nothing {
    if (!this.answer) return nothing;
    return html`<section class="card wide" aria-labelledby="options-title">
      <h2 id="options-title">${this.t("privacy.options")}</h2>
      ${this.pipelines(this.answer)} ${FLAGS.map((name) => this.flag(name))} ${this.keyFolder()}
      ${
        this.errors.base
          ? html`<p class="note warn" role="alert">${icon(icons.alert)}${this.word(`error.${this.errors.base}`)}</p>`
          : nothing
      }
      ${
        Object.keys(this.changes).length
          ? html`<div class="row unsaved">
              <strong role="status">${this.t("privacy.unsaved")}</strong>
              <button class="button" @click=${this.undo}>${this.t("common.cancel")}</button>
              <button
                class="button primary"
                id="save-options"
                ?disabled=${this.saving}
                @click=${() => void this.save()}
              >
                ${this.t("review.save")}
              </button>
            </div>`
          : nothing
      }
    </section>`;
  }

  private pipelines({ pipelines }: OptionsAnswer): TemplateResult {
    return html`<fieldset class="toggle">
      <legend><strong>${this.word("step.init.data.pipelines")}</strong></legend>
      <p class="muted-text">${this.word("step.init.data_description.pipelines")}</p>
      ${
        pipelines.length
          ? pipelines.map(
              ({ id, name }) =>
                html`<label class="choice"
                  ><input
                    type="checkbox"
                    class="box"
                    data-pipeline=${id}
                    .checked=${this.options.pipelines.includes(id)}
                    @change=${(event: Event) => this.choose(id, (event.target as HTMLInputElement).checked)}
                  /><bdi>${name}</bdi></label
                >`,
            )
          : html`<p class="note warn">${icon(icons.alert)}${this.t("first.no_speech_to_text")}</p>`
      }
    </fieldset>`;
  }

  private flag(name: (typeof FLAGS)[number]): TemplateResult {
    return html`<div class="toggle">
      ${this.label(name)}
      <input
        type="checkbox"
        role="switch"
        id="option-${name}"
        aria-labelledby="option-${name}-name"
        aria-describedby="option-${name}-about"
        .checked=${this.options[name]}
        @change=${(event: Event) => this.change({ [name]: (event.target as HTMLInputElement).checked })}
      />
    </div>`;
  }

  private keyFolder(): TemplateResult {
    const error = this.errors.key_dir;
    return html`<div class="toggle">
      ${this.label("key_dir")}
      <input
        class="field folder"
        id="option-key_dir"
        dir="ltr"
        aria-labelledby="option-key_dir-name"
        aria-describedby="option-key_dir-about${error ? " option-key_dir-error" : ""}"
        aria-invalid=${error ? "true" : "false"}
        autocomplete="off"
        autocapitalize="off"
        spellcheck="false"
        .value=${this.options.key_dir}
        @input=${(event: Event) => this.change({ key_dir: (event.target as HTMLInputElement).value.trim() })}
      />
      ${
        error
          ? html`<p class="note warn wide" id="option-key_dir-error" role="alert">
              ${icon(icons.alert)}<span>${this.word(`error.${error}`)}</span>
            </p>`
          : nothing
      }
    </div>`;
  }

  private label(name: string): TemplateResult {
    const id = `option-${name}`;
    return html`<label for=${id}
      ><strong id="${id}-name">${this.word(`step.init.data.${name}`)}</strong>
      <span id="${id}-about" class="muted-text">${this.word(`step.init.data_description.${name}`)}</span></label
    >`;
  }
}

define("voice-privacy-options", Options);
