// A Wyoming satellite that is not in the house yet: found on the network, or by its address. Nothing is saved before
// the connection was tested.
import { html, nothing, type TemplateResult } from "lit";
import { property, state } from "lit/decorators.js";
import type { FoundSatellite, NewSatelliteChoices } from "../contract.rooms";
import { explain, type FlowErrors } from "../flow-errors";
import { icon, icons } from "../icons";
import { base } from "../styles/base";
import { newSatelliteStyles } from "../styles/new-satellite";
import { keepQuestion } from "./keep-question";
import { define, Part } from "./part";

const LOOK_MILLISECONDS = 3000;

interface Filled {
  name: string;
  address: string;
  wake_word: string;
  area: string;
}

export class NewSatellite extends Part {
  static styles = [base, newSatelliteStyles];
  // Whether the first question, or the form where nothing is found, is open from the beginning.
  @property({ type: Boolean }) lead = false;
  @state() private found: FoundSatellite[] = [];
  @state() private choices: NewSatelliteChoices = { wake_words: [], wake_word: null, areas: [] };
  // The address of the satellite whose question is open.
  @state() private asked?: string;
  @state() private form?: Filled;
  @state() private adding = false;
  @state() private errors: FlowErrors = {};
  private looking?: ReturnType<typeof setInterval>;

  connectedCallback(): void {
    super.connectedCallback();
    if (!this.admin) return;
    this.looking = setInterval(() => !document.hidden && void this.look(), LOOK_MILLISECONDS);
    void this.begin();
  }

  disconnectedCallback(): void {
    super.disconnectedCallback();
    clearInterval(this.looking);
  }

  private async begin(): Promise<void> {
    await this.ask<NewSatelliteChoices>(
      "satellites/choices",
      (choices) => (this.choices = { ...this.choices, ...choices }),
    );
    await this.look();
    if (this.lead && !this.found.length && !this.state.satellites.length && !this.state.unprotected?.length)
      this.fill();
  }

  // The search is no reason to say that something failed: the form works without it.
  private async ask<T>(command: "satellites/choices" | "satellites/search", use: (answer: T) => void): Promise<void> {
    try {
      use(await this.connection.call<T>(command));
    } catch {
      // The connection says what is wrong with it.
    }
  }

  private async look(): Promise<void> {
    await this.ask<{ satellites?: FoundSatellite[] }>(
      "satellites/search",
      ({ satellites }) => (this.found = satellites ?? []),
    );
  }

  private fill(found?: FoundSatellite): void {
    const wakeWord = found?.detects_wake_word ? "" : (this.choices.wake_word ?? "");
    this.form = { name: found?.name ?? "", address: found?.address ?? "", wake_word: wakeWord, area: "" };
    this.asked = "";
    this.errors = {};
  }

  private open(found?: FoundSatellite): void {
    this.fill(found);
    void this.updateComplete.then(() => this.renderRoot.querySelector<HTMLElement>("#new-name")?.focus());
  }

  private async add({ name, address, wake_word, area }: Filled, saves: boolean): Promise<void> {
    this.errors = {};
    for (const field of ["name", "address"] as const)
      if (!{ name, address }[field].trim()) this.errors[field] = this.t("rooms.required");
    if (Object.keys(this.errors).length) return this.focusError();
    this.adding = true;
    await this.attempt(async () => {
      const fields = { name, address, wake_words: wake_word ? [wake_word] : [], area: area || null };
      const { errors } = await this.connection.call<{ errors: FlowErrors }>("satellites/connect", {
        ...fields,
        save_recordings: saves,
      });
      const { host, ...others } = await explain(this.connection, this.texts, errors, ["error", "abort"]);
      this.errors = host === undefined ? others : { ...others, address: this.t("rooms.address_invalid") };
      if (Object.keys(errors).length) return;
      this.found = this.found.filter((one) => one.address !== address);
      this.form = this.asked = undefined;
      this.notify(this.t("rooms.added", { name }));
    });
    this.adding = false;
    this.focusError();
  }

  private focusError(): void {
    void this.updateComplete.then(() => this.renderRoot.querySelector<HTMLElement>("[aria-invalid=true]")?.focus());
  }

  protected render(): TemplateResult | typeof nothing {
    if (!this.admin) return nothing;
    return html`${this.found.length ? this.network() : nothing}
    ${
      this.form
        ? this.fields(this.form)
        : html`<button class="button" data-another @click=${() => this.open()}>${this.t("first.another")}</button>`
    }`;
  }

  private network(): TemplateResult {
    const leads = this.lead && !this.state.unprotected?.length && !this.form;
    const asked = this.asked ?? (leads ? this.found[0]!.address : "");
    return html`<section class="card" aria-label=${this.t("rooms.found")}>
      <ul>
        ${this.found.map((found) => this.row(found, found.address === asked))}
      </ul>
    </section>`;
  }

  private row(found: FoundSatellite, open: boolean): TemplateResult {
    const { name, address, detects_wake_word } = found;
    const wakeWord = detects_wake_word ? "" : (this.choices.wake_word ?? "");
    return html`<li>
      <div class="line">
        <span class="badge">${icon(icons.microphone)}</span>
        <div class="grow">
          <h2><bdi>${name}</bdi></h2>
          <p class="muted-text">${this.t("rooms.found")} · <bdi dir="ltr">${address}</bdi></p>
        </div>
        <button class="button" data-change ?disabled=${this.adding} @click=${() => this.open(found)}>
          ${this.t("rooms.change_first")}<span class="sr"> ${name}</span>
        </button>
        ${
          open
            ? nothing
            : html`<button
                class="button primary"
                data-add
                ?disabled=${this.adding}
                @click=${() => {
                  this.asked = address;
                  this.errors = {};
                }}
              >
                ${this.t("rooms.protect")}<span class="sr"> ${name}</span>
              </button>`
        }
      </div>
      ${
        open
          ? html`${keepQuestion(this.texts, {
              text: this.t("rooms.keep_question", { name }),
              busy: this.adding,
              answer: (saves) => void this.add({ name, address, wake_word: wakeWord, area: "" }, saves),
              cancel: () => (this.asked = ""),
            })}${this.wrong(Object.values(this.errors)[0])}`
          : nothing
      }
    </li>`;
  }

  private fields(form: Filled): TemplateResult {
    const { wake_words, areas } = this.choices;
    return html`<form
      class="card"
      aria-label=${this.t("first.another")}
      @submit=${(event: Event) => event.preventDefault()}
    >
      <h2>${this.t("first.another")}</h2>
      ${this.text("name", form, this.t("rooms.name"), this.t("rooms.name_detail"))}
      ${this.text("address", form, this.t("rooms.address"), this.t("rooms.address_detail"))}
      ${this.select(
        "wake_word",
        form,
        this.t("rooms.wake_word"),
        this.t("rooms.wakes_itself"),
        wake_words.map(({ id, phrase }) => [id, phrase]),
      )}
      ${
        areas.length
          ? this.select(
              "area",
              form,
              this.t("rooms.area"),
              "–",
              areas.map(({ id, name }) => [id, name]),
            )
          : nothing
      }
      ${keepQuestion(this.texts, {
        text: this.t("rooms.keep_new"),
        busy: this.adding,
        answer: (saves) => void this.add(form, saves),
        cancel: () => (this.form = undefined),
      })}
      <p class="muted-text" role="status">${this.adding ? this.t("rooms.connecting") : ""}</p>
      ${this.wrong(this.errors.base)}
    </form>`;
  }

  private text(field: "name" | "address", form: Filled, label: string, detail: string): TemplateResult {
    const error = this.errors[field];
    const id = `new-${field}`;
    return html`<div class="entry">
      <label for=${id}>${label}</label>
      <input
        class="field"
        id=${id}
        dir=${field === "address" ? "ltr" : "auto"}
        autocomplete="off"
        autocapitalize=${field === "address" ? "off" : "words"}
        spellcheck="false"
        maxlength="600"
        aria-required="true"
        aria-invalid=${error !== undefined}
        aria-describedby="${id}-detail ${id}-error"
        .value=${form[field]}
        @input=${(event: Event) => (form[field] = (event.target as HTMLInputElement).value)}
      />
      <p class="muted-text" id="${id}-detail">${detail}</p>
      <div id="${id}-error">${this.wrong(error)}</div>
    </div>`;
  }

  private select(
    field: "wake_word" | "area",
    form: Filled,
    label: string,
    none: string,
    options: [value: string, label: string][],
  ): TemplateResult {
    const id = `new-${field}`;
    return html`<div class="entry">
      <label for=${id}>${label}</label>
      <select
        class="field"
        id=${id}
        @change=${(event: Event) => (form[field] = (event.target as HTMLSelectElement).value)}
      >
        ${[["", none] as const, ...options].map(
          ([value, label]) => html`<option value=${value} .selected=${value === form[field]}>${label}</option>`,
        )}
      </select>
    </div>`;
  }

  private wrong(error?: string): TemplateResult | typeof nothing {
    return error === undefined
      ? nothing
      : html`<p class="wrong" role="alert">${icon(icons.alert)}<span>${error}</span></p>`;
  }
}

define("voice-privacy-new-satellite", NewSatellite);
