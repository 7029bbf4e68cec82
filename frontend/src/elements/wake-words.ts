// The wake word models of the house: what each is, which satellites use it, and what can be done with it.
import { html, nothing, type PropertyValues, type TemplateResult } from "lit";
import { state } from "lit/decorators.js";
import { Failure, failureOf } from "../connection";
import { ENGINE_FAULTS } from "../contract";
import type { TaughtAnswer } from "../contract.taught";
import type { WakeWordModel, WakeWordsAnswer } from "../contract.wake-words";
import { failed } from "./list-parts";
import { define, Part } from "./part";
import "./teach";
import type { TeachDialog } from "./teach";
import "./wake-word";
import type { Panel } from "./wake-word";
import { foot, noModel, noSatellite } from "./wake-words-parts";
import { icon, icons } from "../icons";
import { pairFiles, type Upload } from "../model-files";
import { grouped, untried } from "../model-list";
import { loadReasons, type Reasons } from "../reasons";
import { base } from "../styles/base";
import { wakeWordsStyles } from "../styles/wake-words";
import { listed, taughtWords, withTaught } from "../taught";
import { faultsOf } from "../wake-faults";

export type Message = { name: string; text: string; refused: boolean };

export class WakeWords extends Part {
  static styles = [base, wakeWordsStyles];
  @state() private answer?: WakeWordsAnswer;
  @state() private taught?: TaughtAnswer;
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
      const [answer, taught] = await Promise.all([
        this.connection.call<Partial<WakeWordsAnswer>>("wake_words/list"),
        taughtWords(this.connection),
      ]);
      if (asked !== this.asked) return;
      const { complete = true, folder = "", satellites = {} } = answer;
      const models = withTaught(answer.models, taught);
      const before = untried(this.answer?.models);
      this.answer = { models, complete, folder, satellites };
      this.taught = taught;
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

  private async onRemoved({ detail }: CustomEvent<Message | undefined>): Promise<void> {
    this.open = undefined;
    this.messages = detail ? [detail] : [];
    await this.load();
    this.renderRoot.querySelector<HTMLElement>("h2")?.focus();
  }

  // A word that was just taught is nowhere chosen yet.
  private async onTaught({ detail: id }: CustomEvent<string>): Promise<void> {
    await this.load();
    const word = this.taught?.words.find((one) => one.id === id);
    if (word) this.open = { file: listed(word).file, panel: "choose" };
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
          ${
            this.taught?.can_teach
              ? html`<button class="button" id="teach" @click=${() => void this.teach()}>
                  ${icon(icons.microphone)}${this.t("teach.button")}
                </button>`
              : nothing
          }
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
        ${this.progress()} ${this.content()} ${this.answer ? foot(this.texts, this.answer) : nothing}
      </section>
      <voice-privacy-teach
        .connection=${this.connection}
        .texts=${this.texts}
        .reasons=${this.reasons}
        .satellites=${this.taught?.satellites ?? []}
        @vp-taught=${(event: CustomEvent<string>) => void this.onTaught(event)}
      ></voice-privacy-teach>`;
  }

  // Which satellites can be used may have changed.
  private readonly teach = async (): Promise<void> => {
    this.taught = (await taughtWords(this.connection)) ?? this.taught;
    await this.updateComplete;
    void this.renderRoot.querySelector<TeachDialog>("voice-privacy-teach")?.open();
  };

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
    return html`${this.faults(answer)} ${Object.keys(answer.satellites).length ? nothing : noSatellite(this.texts)}
    ${answer.models.length ? this.list(answer) : noModel(this.texts)}`;
  }

  private faults(answer: WakeWordsAnswer): TemplateResult[] {
    const { error, reason } = this.taught ?? {};
    const codes = [error, reason].filter((code) => code != null);
    return [
      ...faultsOf(this.texts, this.state.satellites, answer),
      ...codes.map((code) => this.why(new Failure(code))),
    ].map((text) => html`<p class="note warn fault">${icon(icons.alert)}<span>${text}</span></p>`);
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
    return html`<div
      @vp-panel=${this.onPanel}
      @vp-chosen=${this.onChosen}
      @vp-removed=${(event: CustomEvent<Message | undefined>) => void this.onRemoved(event)}
    >
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
