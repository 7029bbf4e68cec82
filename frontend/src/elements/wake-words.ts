// The wake word models of the house: what each is, which satellites use it, and what can be done with it.
import { html, nothing, type PropertyValues, type TemplateResult } from "lit";
import { state } from "lit/decorators.js";
import { type Failure, failureOf } from "../connection";
import { ENGINE_FAULTS } from "../contract";
import type { WakeWordModel, WakeWordsAnswer } from "../contract.wake-words";
import { failed } from "./list-parts";
import { define, Part } from "./part";
import "./wake-word";
import type { Panel } from "./wake-word";
import { icon, icons } from "../icons";
import { pairFiles, type Upload } from "../model-files";
import { grouped, untried } from "../model-list";
import { loadReasons, type Reasons } from "../reasons";
import { base } from "../styles/base";
import { wakeWordsStyles } from "../styles/wake-words";
import { wordKey } from "../word-key";

type Message = { name: string; text: string; refused: boolean };

export class WakeWords extends Part {
  static styles = [base, wakeWordsStyles];
  @state() private answer?: WakeWordsAnswer;
  @state() private failure?: Failure;
  @state() private reasons?: Reasons;
  // What is on its way to the house now.
  @state() private sending?: string;
  @state() private messages: Message[] = [];
  @state() private over = false;
  // The one model that something is done with.
  @state() private open?: { file: string; panel: Panel };
  private seen?: string;
  private asked = 0;

  protected willUpdate(changed: PropertyValues): void {
    super.willUpdate(changed);
    if (changed.has("texts") && this.admin) void this.loadSentences();
    this.follow();
  }

  // The list is asked for again when satellites or their wake words have changed, also by others.
  private follow(): void {
    if (!this.admin || this.connection.status !== "ready") {
      this.seen = undefined;
      return;
    }
    const seen = JSON.stringify(
      this.state.satellites.map(({ id, name, silence_reason, wake_words }) => [
        id,
        name,
        ENGINE_FAULTS.find((fault) => fault === silence_reason),
        wake_words.map((word) => [word.id, word.available]),
      ]),
    );
    if (seen === this.seen) return;
    this.seen = seen;
    void this.load();
  }

  private async loadSentences(): Promise<void> {
    this.reasons = await loadReasons(this.connection, this.texts);
  }

  private async load(): Promise<void> {
    const asked = (this.asked += 1);
    try {
      const {
        models = [],
        complete = true,
        folder = "",
        satellites = {},
      } = await this.connection.call<Partial<WakeWordsAnswer>>("wake_words/list");
      if (asked !== this.asked) return;
      const before = untried(this.answer?.models);
      this.answer = { models, complete, folder, satellites };
      // A long list is tried in parts. It is asked for again as long as that gets on.
      const left = untried(models);
      if (left && (!before || left < before)) void this.load();
      this.failure = undefined;
    } catch (error) {
      if (asked !== this.asked) return;
      this.failure = failureOf(error);
    }
  }

  private async add(files: File[]): Promise<void> {
    if (this.sending !== undefined || !files.length) return;
    const { uploads, refused } = pairFiles(files);
    this.messages = refused.map(({ file, key }) => ({ name: file.name, text: this.t(key), refused: true }));
    for (const upload of uploads) await this.upload(upload);
    this.sending = undefined;
    await this.load();
  }

  private async upload({ model, manifest }: Upload): Promise<void> {
    this.sending = model.name;
    const form = new FormData();
    form.append("model", model, model.name);
    if (manifest) form.append("manifest", manifest, manifest.name);
    let message: Message;
    try {
      const { file } = await this.connection.send<{ file: string }>("wake_words", form);
      message = { name: file, text: this.t("wake_words.uploaded"), refused: false };
    } catch (error) {
      message = { name: model.name, text: this.why(failureOf(error)), refused: true };
    }
    this.messages = [...this.messages, message];
  }

  private why({ code, placeholders }: Failure): string {
    return this.reasons ? this.reasons(code, placeholders) : this.texts.error(code);
  }

  private chosenFiles(event: Event): void {
    const input = event.target as HTMLInputElement;
    const files = [...(input.files ?? [])];
    // The same file may be chosen again.
    input.value = "";
    void this.add(files);
  }

  private onDrag(event: DragEvent): void {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    this.over = event.type === "dragover";
  }

  private onDrop(event: DragEvent): void {
    event.preventDefault();
    this.over = false;
    void this.add([...(event.dataTransfer?.files ?? [])]);
  }

  private onPanel({ detail: { file, panel } }: CustomEvent<{ file: string; panel?: Panel }>): void {
    this.open = panel && { file, panel };
  }

  private onChosen({ detail: { satelliteId, words } }: CustomEvent<{ satelliteId: string; words: string[] }>): void {
    const { answer } = this;
    if (answer) this.answer = { ...answer, satellites: { ...answer.satellites, [satelliteId]: words } };
    void this.load();
  }

  private async onRemoved(): Promise<void> {
    this.open = undefined;
    await this.load();
    this.renderRoot.querySelector<HTMLElement>("h2")?.focus();
  }

  protected render(): TemplateResult | typeof nothing {
    if (!this.admin) return nothing;
    return html`<section
      class="card ${this.over ? "over" : ""}"
      aria-labelledby="title"
      @dragover=${this.onDrag}
      @dragleave=${this.onDrag}
      @drop=${this.onDrop}
    >
      <div class="head">
        <div>
          <h2 id="title" tabindex="-1">${this.t("wake_words.title")}</h2>
          <p class="muted-text">${this.t("wake_words.about")}</p>
        </div>
        <button class="button" id="upload" ?disabled=${this.sending !== undefined} @click=${this.pick}>
          ${icon(icons.upload)}${this.t("wake_words.upload")}
        </button>
        <input
          type="file"
          multiple
          hidden
          tabindex="-1"
          aria-label=${this.t("wake_words.upload")}
          @change=${this.chosenFiles}
        />
      </div>
      <p class="drop">${icon(icons.upload)}<span>${this.t("wake_words.drop")}</span></p>
      ${this.progress()} ${this.content()} ${this.answer ? this.foot(this.answer) : nothing}
    </section>`;
  }

  private foot({ folder, models }: WakeWordsAnswer): TemplateResult {
    const shared = models.some(({ engine, cost }) => engine === "openwakeword" && cost !== null);
    return html`<p class="muted-text foot">
      ${shared ? html`${this.t("wake_words.shared_cost")}<br />` : nothing} ${this.t("wake_words.folder")}
      <bdi><code>${folder}</code></bdi>
    </p>`;
  }

  private readonly pick = (): void => {
    this.renderRoot.querySelector<HTMLInputElement>("input[type=file]")?.click();
  };

  private progress(): TemplateResult {
    return html`<div class="progress" role="status">
      ${
        this.sending === undefined
          ? nothing
          : html`<p>${this.t("wake_words.uploading", { file: `\u2068${this.sending}\u2069` })}</p>
              <div class="bar"><i></i></div>`
      }
      ${this.messages.map(
        ({ name, text, refused }) =>
          html`<p class="note ${refused ? "warn" : "done"}">
            ${icon(refused ? icons.alert : icons.done)}<span><bdi>${name}</bdi>: ${text}</span>
          </p>`,
      )}
    </div>`;
  }

  // What keeps wake words from being heard, whatever the models are.
  private faults(answer: WakeWordsAnswer): TemplateResult[] {
    const { satellites } = this.state;
    const notes: string[] = [];
    if (satellites.some(({ silence_reason }) => silence_reason === "engine_unavailable")) {
      notes.push(this.t("state.engine_unavailable"));
    }
    const known = new Set(answer.models.map(({ wake_word }) => wordKey(wake_word)));
    const missing = new Map<string, string[]>();
    for (const { id, name, wake_words } of satellites) {
      for (const word of answer.satellites[id] ?? []) {
        if (known.has(wordKey(word))) continue;
        const phrase = wake_words.find((one) => one.id === word)?.phrase ?? word;
        missing.set(phrase, [...(missing.get(phrase) ?? []), name]);
      }
    }
    for (const [phrase, names] of missing) {
      notes.push(this.t("wake_words.missing", { phrase, satellites: this.texts.list(names) }));
    }
    if (!answer.complete) notes.push(this.t("wake_words.incomplete"));
    return notes.map((text) => html`<p class="note warn fault">${icon(icons.alert)}<span>${text}</span></p>`);
  }

  private content(): TemplateResult {
    const { answer, failure } = this;
    if (failure && (!answer || failure.code !== "not_loaded")) {
      if (failure.code !== "wake_engine_unavailable") {
        return failed(this.texts, failure, () => void this.load());
      }
      return html`<p class="note warn" role="alert">${icon(icons.alert)}<span>${this.why(failure)}</span></p>`;
    }
    if (!answer) {
      return html`<div class="progress" role="status">
        <p>${this.t("wake_words.checking")}</p>
        <div class="bar"><i></i></div>
      </div>`;
    }
    return html`${this.faults(answer)} ${Object.keys(answer.satellites).length ? nothing : this.noSatellite()}
    ${answer.models.length ? this.list(answer) : this.noModel()}`;
  }

  private noSatellite(): TemplateResult {
    return html`<p class="note no-satellite">
      ${icon(icons.microphone)}<span
        >${this.t("wake_words.no_satellite")}
        <a href="/config/integrations/integration/voice_privacy">${this.t("microphones.add")}</a></span
      >
    </p>`;
  }

  private noModel(): TemplateResult {
    return html`<div class="empty">
      <span class="hero">${icon(icons.listened)}</span>
      <h3>${this.t("wake_words.none")}</h3>
      <p>${this.t("wake_words.none_detail")}</p>
    </div>`;
  }

  private list({ models, satellites }: WakeWordsAnswer): TemplateResult {
    const { words, others } = grouped(models);
    const row = (model: WakeWordModel): TemplateResult =>
      html`<li>
        <voice-privacy-wake-word
          .connection=${this.connection}
          .texts=${this.texts}
          .reasons=${this.reasons}
          .model=${model}
          .chosen=${satellites}
          .panel=${this.open?.file === model.file ? this.open.panel : undefined}
        ></voice-privacy-wake-word>
      </li>`;
    return html`<div @vp-panel=${this.onPanel} @vp-chosen=${this.onChosen} @vp-removed=${() => void this.onRemoved()}>
      <ul>
        ${words.map(row)}
      </ul>
      ${
        others.length
          ? html`<details>
              <summary>${this.t("wake_words.others", { count: this.texts.number(others.length) })}</summary>
              <ul>
                ${others.map(row)}
              </ul>
            </details>`
          : nothing
      }
    </div>`;
  }
}

define("voice-privacy-wake-words", WakeWords);
