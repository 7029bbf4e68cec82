// The dialog in which a wake word is taught: name it, say it, say what must not wake it, try it, save it.
import { html, nothing, type TemplateResult } from "lit";
import { property, state } from "lit/decorators.js";
import { Failure, failureOf } from "../connection";
import type { ClipKind, TaughtAnswer } from "../contract.taught";
import { type Clip, Teaching } from "../controllers/teaching";
import { apart } from "../meter-bar";
import { base } from "../styles/base";
import { dialogStyles } from "../styles/dialog";
import { teachStyles } from "../styles/teach";
import { define } from "./part";
import { goodOnes } from "./teach-clips";
import { type Asked, isAnswered, teachForm } from "./teach-form";
import { doubts, ended, leaveQuestion, TeachPart, warning } from "./teach-parts";
import "./teach-test";

const STEPS = ["start", "word", "other", "test"] as const;
type Step = (typeof STEPS)[number] | "ended";

// Fewer examples than this make no word.
const FEWEST = 3;

export class TeachDialog extends TeachPart {
  static styles = [base, dialogStyles, teachStyles];
  @property({ attribute: false }) satellites: TaughtAnswer["satellites"] = [];
  // Undefined while the dialog is closed.
  @state() private step?: Step;
  @state() private asked: Asked = { word: "", satelliteId: "", agreed: false };
  @state() private accepted = false;
  @state() private failure?: string;
  @state() private busy = false;
  // Whether it is asked what to do with the clips.
  @state() private leaving = false;
  private readonly teaching = new Teaching(this, (code) =>
    this.over(code === null ? this.t("teach.lost") : this.why(new Failure(code))),
  );

  async open(): Promise<void> {
    const satelliteId = this.satellites.find(({ obstacle }) => obstacle === null)?.id ?? "";
    this.asked = { word: "", satelliteId, agreed: false };
    this.go("start");
    await this.updateComplete;
    this.dialog.showModal();
    this.focusOn("#word");
  }

  private get dialog(): HTMLDialogElement {
    return this.renderRoot.querySelector("dialog")!;
  }

  get word(): string {
    return this.teaching.session?.name ?? this.asked.word.trim();
  }

  get satellite(): string {
    return this.satellites.find(({ id }) => id === this.asked.satelliteId)?.name ?? this.t("common.removed_satellite");
  }

  private go(step: Step, failure?: string): void {
    this.step = step;
    this.failure = failure;
    this.leaving = false;
    this.focusOn("#title");
  }

  private over(why: string): void {
    this.asked = { ...this.asked, agreed: false };
    this.go("ended", why);
  }

  // Do something that may be refused, and say why. Busy: what it means here that the house is busy.
  private async act(work: () => Promise<void>, busy?: string): Promise<void> {
    this.busy = true;
    this.failure = undefined;
    try {
      await work();
    } catch (error) {
      if (this.step !== "ended")
        this.failure = busy && failureOf(error).code === "busy" ? this.t(busy) : this.why(error);
    }
    this.busy = false;
  }

  private begin(): Promise<void> {
    const { word, satelliteId } = this.asked;
    return this.act(() => this.teaching.begin(word.trim(), satelliteId, () => this.go("word")), "teach.busy");
  }

  private make(): Promise<void> {
    return this.act(async () => {
      this.accepted = false;
      if (await this.teaching.make()) this.go("test");
    });
  }

  private save(): Promise<void> {
    const { word } = this;
    return this.act(async () => {
      const id = await this.teaching.save(this.accepted);
      this.notify(this.t("teach.saved", { word: apart(word) }));
      this.dialog.close();
      this.emit("vp-taught", id);
    });
  }

  // What was said is not lost by a key alone.
  private leave(event?: Event): void {
    event?.preventDefault();
    if (this.teaching.clips.word.length) this.ask(!this.leaving);
    else this.dialog.close();
  }

  private ask(leaving: boolean): void {
    this.leaving = leaving;
    this.focusOn(leaving ? "#stay" : "#leave");
  }

  private focusOn(selector: string): void {
    void this.updateComplete.then(() => this.renderRoot.querySelector<HTMLElement>(selector)?.focus());
  }

  // A second Escape would close the dialog whatever is said to the first one, were it not taken here.
  private onKey(event: KeyboardEvent): void {
    event.stopPropagation();
    if (event.key === "Escape") this.leave(event);
  }

  private closed(): void {
    this.teaching.stop();
    this.step = undefined;
  }

  private onClips({ detail: { kind, clips } }: CustomEvent<{ kind: ClipKind; clips: Clip[] }>): void {
    this.teaching.hear(kind, clips);
  }

  protected render(): TemplateResult {
    return html`<dialog
      aria-labelledby="title"
      @cancel=${this.leave}
      @close=${this.closed}
      @keydown=${this.onKey}
      @vp-clips=${this.onClips}
    >
      ${this.step ? html`<div class="dialog">${this.body(this.step)}</div>` : nothing}
    </dialog>`;
  }

  private body(step: Step): TemplateResult | typeof nothing {
    // It was just ended, and the next step is not there yet.
    if (step !== "start" && step !== "ended" && !this.teaching.session) return nothing;
    switch (step) {
      case "start":
        return html`${this.heading("teach.title")}${this.start()}`;
      case "word":
        return html`${this.heading("teach.say")}
          <p class="muted-text">${this.t("teach.say_about", { name: apart(this.satellite) })}</p>
          ${this.recorder("word")}${this.tooFew()}${this.actions(this.next(() => this.go("other")))}`;
      case "other":
        return html`${this.heading("teach.others")}
          <p class="muted-text">${this.t("teach.others_about", { phrase: apart(this.word) })}</p>
          ${this.recorder("other")}
          ${this.actions(this.next(() => void this.make(), this.teaching.clips.other.length ? undefined : "teach.skip"))}`;
      case "test":
        return html`${this.heading("teach.try")}${this.trial()}`;
      case "ended":
        return ended(
          this.texts,
          this.failure!,
          () => this.dialog.close(),
          () => this.go("start"),
        );
    }
  }

  private heading(key: string): TemplateResult {
    const step = STEPS.findIndex((one) => one === this.step) + 1;
    return html`<div>
      <p class="muted-text step">${this.t("teach.step", { step, steps: STEPS.length })}</p>
      <h2 id="title" tabindex="-1">${this.t(key, { phrase: apart(this.word) })}</h2>
    </div>`;
  }

  private start(): TemplateResult {
    const { asked } = this;
    const begin = (): void => void this.begin();
    return html`${teachForm(
      this.texts,
      this.reasons,
      this.satellites,
      asked,
      (part) => (this.asked = { ...asked, ...part }),
      begin,
    )}${this.actions(
      html`<button class="button primary" id="begin" ?disabled=${!isAnswered(asked) || this.busy} @click=${begin}>
        ${this.t("wake_words.start")}
      </button>`,
    )}`;
  }

  private recorder(kind: ClipKind): TemplateResult {
    return html`<voice-privacy-teach-clips
      .connection=${this.connection}
      .texts=${this.texts}
      .reasons=${this.reasons}
      .session=${this.teaching.session!.session}
      .kind=${kind}
      .word=${this.word}
      .satellite=${this.satellite}
      .wanted=${this.teaching.session!.wanted}
      .clips=${this.teaching.clips[kind]}
    ></voice-privacy-teach-clips>`;
  }

  /** Why "Next" is not offered, once somebody has begun. */
  private tooFew(): TemplateResult | typeof nothing {
    const clips = this.teaching.clips.word;
    return clips.length && goodOnes(clips) < FEWEST
      ? html`<p class="muted-text" id="too-few">${this.reason("taught_clips_too_few")}</p>`
      : nothing;
  }

  private next(go: () => void, key = "common.next"): TemplateResult {
    const good = goodOnes(this.teaching.clips.word);
    return html`<button
      class="button ${good < this.teaching.session!.wanted ? "" : "primary"}"
      id="next"
      aria-describedby="too-few"
      ?disabled=${good < FEWEST || this.busy}
      @click=${go}
    >
      ${this.t(key)}
    </button>`;
  }

  private trial(): TemplateResult {
    const { similar } = this.teaching.made!;
    return html`${doubts(this.texts, this.teaching.made!, this.accepted, (accepted) => (this.accepted = accepted))}
      <voice-privacy-teach-test
        .connection=${this.connection}
        .texts=${this.texts}
        .reasons=${this.reasons}
        .session=${this.teaching.session!.session}
        .word=${this.word}
        .satellite=${this.satellite}
      ></voice-privacy-teach-test>
      ${this.actions(
        html`<button
          class="button primary"
          id="save"
          ?disabled=${this.busy || (similar.length > 0 && !this.accepted)}
          @click=${() => void this.save()}
        >
          ${this.t("teach.save")}
        </button>`,
      )}`;
  }

  // The way out, back and on; above it stands why something was refused.
  private actions(on: TemplateResult): TemplateResult {
    if (this.leaving) {
      return leaveQuestion(
        this.texts,
        () => this.ask(false),
        () => this.dialog.close(),
      );
    }
    const back = this.step === "other" ? "word" : this.step === "test" ? "other" : undefined;
    return html`${this.failure ? warning(this.failure) : nothing}
      <div class="actions">
        <button class="button" id="leave" @click=${() => this.leave()}>${this.t("common.cancel")}</button>
        ${
          back
            ? html`<button class="button" id="back" @click=${() => this.go(back)}>${this.t("teach.back")}</button>`
            : nothing
        }
        ${on}
      </div>`;
  }
}

define("voice-privacy-teach", TeachDialog);
