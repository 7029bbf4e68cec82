// One wake word model: what it is, where it listens, and the panel in which something is done with it.
import { html, nothing, type PropertyValues, type TemplateResult } from "lit";
import { property, state } from "lit/decorators.js";
import { failureOf } from "../connection";
import type { TaughtReceipt } from "../contract.taught";
import type { WakeWordModel } from "../contract.wake-words";
import { define, Part } from "./part";
import "./wake-word-test";
import { icon, icons } from "../icons";
import { factsOf } from "../model-facts";
import { isOther } from "../model-list";
import { apart } from "../meter-bar";
import type { Reasons } from "../reasons";
import { base } from "../styles/base";
import { wakeWordStyles } from "../styles/wake-word";
import { wordKey } from "../word-key";

export type Panel = "choose" | "remove" | "test";

export class WakeWord extends Part {
  static styles = [base, wakeWordStyles];
  @property({ attribute: false }) model!: WakeWordModel;
  // The wake words of each satellite that can choose.
  @property({ attribute: false }) chosen: Record<string, string[]> = {};
  @property({ attribute: false }) reasons?: Reasons;
  @property({ attribute: false }) panel?: Panel;
  @state() private busy = false;
  @state() private refusal?: string;
  // The panel that was closed here.
  private left?: Panel;

  private toggle(panel: Panel): void {
    this.show(this.panel === panel ? undefined : panel);
  }

  private show(panel?: Panel): void {
    this.refusal = undefined;
    this.left = panel ? undefined : this.panel;
    this.emit("vp-panel", { file: this.model.file, panel });
  }

  // The panel takes the keyboard along, and gives it back.
  protected updated(changed: PropertyValues): void {
    super.updated(changed);
    if (!changed.has("panel")) return;
    const place = this.panel ? ".panel [data-first]" : this.left && `#${this.left}`;
    if (place) this.renderRoot.querySelector<HTMLElement>(place)?.focus();
    this.left = undefined;
  }

  private onKey(event: KeyboardEvent): void {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    this.show();
  }

  // Do something that may be refused, and say why below what was pressed.
  private async act(work: () => Promise<void>): Promise<boolean> {
    this.busy = true;
    this.refusal = undefined;
    try {
      await work();
      return true;
    } catch (error) {
      const { code, placeholders } = failureOf(error);
      this.refusal = this.reasons ? this.reasons(code, placeholders) : this.texts.error(code);
      return false;
    } finally {
      this.busy = false;
    }
  }

  private async choose(event: Event, satelliteId: string): Promise<void> {
    const box = event.target as HTMLInputElement;
    const on = box.checked;
    const others = (this.chosen[satelliteId] ?? []).filter((word) => !this.isThis(word));
    const words = on ? [...others, this.model.wake_word] : others;
    const done = await this.act(async () => {
      await this.connection.call("wake_words/choose", { satellite_id: satelliteId, wake_words: words });
      this.emit("vp-chosen", { satelliteId, words });
      this.notify(this.t("retention.chosen"));
    });
    if (!done) box.checked = !on;
  }

  private removal(): Promise<boolean> {
    return this.model.taught ? this.deleteWord() : this.removeModel();
  }

  private async deleteWord(): Promise<boolean> {
    const { wake_word: id, phrase: name } = this.model;
    return await this.act(async () => {
      const { verified } = await this.connection.call<TaughtReceipt>("taught/delete", { word_id: id });
      const time = this.texts.timeWithSeconds(new Date());
      const text = this.t(verified ? "teach.deleted" : "teach.deleted_unsure", { time });
      this.emit("vp-removed", { name, text, refused: !verified });
    });
  }

  private async removeModel(): Promise<boolean> {
    const { file } = this.model;
    return await this.act(async () => {
      await this.connection.call("wake_words/remove", { file });
      this.notify(this.t("wake_words.removed", { file }));
      this.emit("vp-removed");
    });
  }

  protected render(): TemplateResult {
    const { phrase, status, file, taught, removable } = this.model;
    return html`<article aria-labelledby="phrase">
      <div class="what">
        <div class="title">
          <h3 id="phrase"><bdi>${phrase}</bdi></h3>
          ${this.status()}
        </div>
        <p class="facts muted-text">
          ${factsOf(this.texts, this.model, this.house.today).map((fact) => html`<span>${fact}</span>`)}
        </p>
        ${
          taught
            ? nothing
            : html`<p class="file muted-text">
                <bdi><code>${file}</code></bdi>
              </p>`
        }
        ${status === "refused" ? html`<p class="reason ${this.other ? "muted-text" : ""}">${this.reason()}</p>` : nothing}
        ${
          this.beside
            ? html`<p class="muted-text hidden-by">
                ${this.t(status === "together" ? "wake_words.together_detail" : "wake_words.hidden_detail", { file: `\u2068${this.model.used_file ?? ""}\u2069` })}
              </p>`
            : status === "ready" || this.users.length
              ? html`<p class="used">${this.usedBy()}</p>`
              : nothing
        }
      </div>
      <div class="deeds">
        ${status === "refused" ? nothing : this.deed("test", icons.listened, "wake_words.test")}
        ${
          status === "ready" || (status === "refused" && this.users.length)
            ? this.deed("choose", icons.microphone, "wake_words.choose")
            : nothing
        }
        ${removable || (!this.beside && (this.users.length || this.model.pipeline)) ? this.deed("remove", icons.deleted, taught ? "teach.delete" : "wake_words.remove") : nothing}
      </div>
      ${
        this.panel
          ? html`<div class="panel" @keydown=${this.onKey}>
              ${{ choose: () => this.choosing(), remove: () => this.removing(), test: () => this.testing() }[this.panel]()}
              ${this.refusal ? html`<p class="note warn" role="alert">${icon(icons.alert)}<span>${this.refusal}</span></p>` : nothing}
            </div>`
          : nothing
      }
    </article>`;
  }

  private deed(panel: Panel, path: string, key: string): TemplateResult {
    return html`<button
      class="button ${panel === "remove" ? "danger-quiet" : ""}"
      id=${panel}
      aria-expanded=${this.panel === panel}
      @click=${() => this.toggle(panel)}
    >
      ${icon(path)}${this.t(key)}<span class="sr">
        ${this.model.phrase}${this.model.taught ? nothing : `, ${this.model.file}`}</span
      >
    </button>`;
  }

  /** Whether another file of the same wake word is used, alone or together with this one. */
  private get beside(): boolean {
    return this.model.status === "hidden" || this.model.status === "together";
  }

  private get other(): boolean {
    return isOther(this.model);
  }

  private status(): TemplateResult {
    const status = this.other ? "hidden" : this.model.status;
    const [path, key] = {
      ready: [icons.done, "wake_words.ready"] as const,
      refused: [icons.alert, "wake_words.refused"] as const,
      hidden: [icons.listed, this.other ? "wake_words.other" : "wake_words.hidden"] as const,
      together: [icons.done, "wake_words.together"] as const,
    }[status];
    return html`<span class="state ${status}">${icon(path)}${this.t(key)}</span>`;
  }

  private reason(): string {
    const { reason, reason_placeholders, taught } = this.model;
    if (taught) return this.t("teach.unreadable");
    const code = reason ?? "wake_model";
    return this.reasons ? this.reasons(code, reason_placeholders) : "";
  }

  private isThis(word: string): boolean {
    return wordKey(word) === wordKey(this.model.wake_word);
  }

  // Names of the satellites that the wake word is chosen for.
  private get users(): string[] {
    return this.model.satellites.map((id) => this.connection.nameOf(id) ?? this.t("common.removed_satellite"));
  }

  private usedBy(): string {
    const { users } = this;
    const { pipeline } = this.model;
    const by = [
      users.length ? this.t("wake_words.used_by", { satellites: this.texts.list(users) }) : "",
      pipeline ? this.t("wake_words.used_by_pipeline", { pipeline: `\u2068${pipeline}\u2069` }) : "",
    ].filter(Boolean);
    return by.join(" · ") || this.t("wake_words.unused");
  }

  private choosing(): TemplateResult {
    const ids = Object.keys(this.chosen).filter((id) => this.connection.nameOf(id) !== undefined);
    const others = this.state.satellites.filter(({ id }) => !ids.includes(id)).map(({ name }) => name);
    return html`<fieldset>
        <legend>${this.t("wake_words.choose_legend", { phrase: this.model.phrase })}</legend>
        ${ids.map(
          (id, index) =>
            html`<label class="box-row"
              ><input
                type="checkbox"
                class="box"
                ?data-first=${index === 0}
                aria-disabled=${this.busy}
                .checked=${this.chosen[id]!.some((word) => this.isThis(word))}
                @click=${(event: Event) => this.busy && event.preventDefault()}
                @change=${(event: Event) => void this.choose(event, id)}
              /><bdi>${this.connection.nameOf(id)}</bdi></label
            >`,
        )}
      </fieldset>
      ${ids.length ? nothing : html`<p>${this.t("wake_words.no_satellite")}</p>`}
      <p class="muted-text">${this.t("wake_words.choose_detail")}</p>
      ${
        others.length
          ? html`<p class="muted-text">${this.t("wake_words.not_listed", { satellites: this.texts.list(others) })}</p>`
          : nothing
      }
      ${this.close(!ids.length)}`;
  }

  private removing(): TemplateResult {
    const { file, pipeline } = this.model;
    const { users } = this;
    if ((users.length || pipeline) && !this.beside) {
      return html`${users.length ? html`<p>${this.t("wake_words.in_use", { satellites: this.texts.list(users) })}</p>` : nothing}
      ${pipeline ? html`<p>${this.t("wake_words.in_pipeline", { pipeline: `\u2068${pipeline}\u2069` })}</p>` : nothing}
      ${this.close(true)}`;
    }
    const question = this.model.taught
      ? this.t("teach.delete_question", { word: apart(this.model.phrase) })
      : this.t("wake_words.remove_question", { file: apart(file) });
    return html`<p>${question}</p>
      <div class="row">
        <button class="button" data-first @click=${() => this.show()}>${this.t("common.cancel")}</button>
        <button class="button danger" id="confirm-remove" ?disabled=${this.busy} @click=${() => void this.removal()}>
          ${icon(icons.deleted)}${this.t(this.model.taught ? "teach.delete" : "wake_words.remove")}
        </button>
      </div>`;
  }

  private testing(): TemplateResult {
    return html`<voice-privacy-wake-word-test
        .connection=${this.connection}
        .texts=${this.texts}
        .reasons=${this.reasons}
        .model=${this.model}
        .chosen=${this.chosen}
      ></voice-privacy-wake-word-test>
      ${this.close(false)}`;
  }

  private close(first: boolean): TemplateResult {
    return html`<div class="row">
      <button class="button" ?data-first=${first} @click=${() => this.show()}>${this.t("common.close")}</button>
    </div>`;
  }
}

define("voice-privacy-wake-word", WakeWord);
