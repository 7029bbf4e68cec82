// Clips of a word, said to a satellite one by one: each opens its microphone once, and is judged at once.
import { html, nothing, type PropertyValues, type TemplateResult } from "lit";
import { property, state } from "lit/decorators.js";
import type { ClipEvent, ClipKind, ClipVerdict } from "../contract.taught";
import type { Clip } from "../controllers/teaching";
import { icon, icons } from "../icons";
import { apart, QUIET } from "../meter-bar";
import { base } from "../styles/base";
import { teachStyles } from "../styles/teach";
import { wakeWordTestStyles } from "../styles/wake-word-test";
import { levelMeter } from "../word-meters";
import { define } from "./part";
import { TeachPart } from "./teach-parts";

const MOST_PEOPLE = 6;

// Whether a clip can be used. One that is taken for another word is for the person to judge.
const usable = ({ verdict }: Clip): boolean => verdict === "good" || verdict === "another_word";

export const goodOnes = (clips: Clip[]): number => clips.filter(({ verdict }) => verdict === "good").length;

export class TeachClips extends TeachPart {
  static styles = [base, wakeWordTestStyles, teachStyles];
  @property({ attribute: false }) session!: string;
  @property({ attribute: false }) kind: ClipKind = "word";
  // The word as it was typed, and the satellite it is said to.
  @property({ attribute: false }) word = "";
  @property({ attribute: false }) satellite = "";
  @property({ attribute: false }) wanted = 8;
  @property({ attribute: false }) clips: Clip[] = [];
  @state() private running = false;
  // The tone is over.
  @state() private isOpen = false;
  @state() private level = QUIET;
  @state() private said = "";
  @state() private person = 1;
  private end?: () => void;
  // Counts clips, so that what arrives of an earlier one is nothing.
  private run = 0;

  disconnectedCallback(): void {
    super.disconnectedCallback();
    this.finish();
  }

  protected willUpdate(changed: PropertyValues): void {
    super.willUpdate(changed);
    if (!this.hasUpdated && this.clips.length) this.person = this.clips.at(-1)!.person;
  }

  private finish(said = ""): void {
    this.run += 1;
    this.end?.();
    this.end = undefined;
    this.running = this.isOpen = false;
    this.said = said;
  }

  private changed(clips: Clip[]): void {
    this.clips = clips;
    this.emit("vp-clips", { kind: this.kind, clips });
  }

  private async drop(index: number): Promise<void> {
    const { verdicts } = await this.connection.call<{ verdicts: ClipVerdict[] }>("taught/drop", {
      session: this.session,
      kind: this.kind,
      index,
    });
    this.changed(judged(this.clips.toSpliced(index, 1), verdicts));
  }

  private async take(index: number): Promise<void> {
    if (this.running) return;
    this.said = "";
    try {
      await this.drop(index);
      this.said = this.t("teach.removed", { clip: this.texts.number(index + 1) });
      // What was pressed is gone.
      await this.updateComplete;
      this.renderRoot.querySelector<HTMLElement>("#record")?.focus();
    } catch (error) {
      this.said = this.why(error);
    }
  }

  // What cannot be used makes room for the next one.
  private async record(replaced?: number): Promise<void> {
    this.finish();
    const { run, kind, session } = this;
    this.running = true;
    this.level = QUIET;
    const person = this.clips[replaced ?? -1]?.person ?? this.person;
    try {
      if (replaced !== undefined) await this.drop(replaced);
      for (let index; (index = this.clips.findIndex((clip) => !usable(clip))) >= 0;) await this.drop(index);
      if (run !== this.run) return;
      const end = await this.connection.follow<ClipEvent>(
        "taught/clip",
        { session, kind, person },
        (event) => {
          if (run === this.run) this.receive(event, person);
        },
        (failure) => run === this.run && this.finish(this.why(failure)),
      );
      if (run !== this.run) end();
      else {
        this.end = end;
        this.isOpen = true;
      }
    } catch (error) {
      if (run === this.run) this.finish(this.why(error));
    }
  }

  private receive(event: ClipEvent, person: number): void {
    switch (event.type) {
      case "level":
        this.isOpen = true;
        this.level = event.level_dbfs;
        break;
      case "clip": {
        const clip = { verdict: event.verdict, person, isShort: event.is_short };
        this.changed(judged([...this.clips, clip], event.verdicts));
        this.finish(this.verdict(clip));
        break;
      }
      case "end":
        this.finish(event.code === null ? "" : this.why(event));
    }
  }

  private verdict({ verdict, isShort }: Clip): string {
    return this.t(verdict === "good" && isShort ? "teach.good_short" : `teach.${verdict}`);
  }

  private personName(person: number): string {
    return this.t("teach.person", { number: this.texts.number(person) });
  }

  private get people(): number {
    return Math.max(0, ...this.clips.map(({ person }) => person));
  }

  protected render(): TemplateResult {
    const { running, clips, wanted } = this;
    const good = goodOnes(clips);
    const count = { count: this.texts.number(good), wanted: this.texts.number(wanted) };
    return html`<div class="start">
        <button
          class="button ${good < wanted ? "primary" : ""}"
          id="record"
          @click=${() => (running ? this.finish(this.t("teach.stopped")) : void this.record())}
        >
          ${icon(running ? icons.close : icons.microphone)}${this.t(running ? "wake_words.stop" : "teach.record")}
        </button>
        ${this.kind === "word" ? this.who() : nothing}
        <strong class="count">${this.t(this.kind === "word" ? "teach.count" : "teach.fact_clips", count)}</strong>
      </div>
      ${
        running
          ? html`<dl>${levelMeter(this.texts, this.level)}</dl>`
          : this.kind === "other"
            ? nothing
            : html`<div class="bar" aria-hidden="true"><i style="width:${Math.min(1, good / wanted) * 100}%"></i></div>`
      }
      <p class="said" role="status">
        ${
          running
            ? html`<strong class="now" ?data-open=${this.isOpen}
                >${
                  this.isOpen
                    ? this.t(this.kind === "word" ? "wake_words.say_now" : "teach.say_other_now", {
                        phrase: apart(this.word),
                      })
                    : this.t("microphone_test.tone")
                }</strong
              >`
            : this.said
        }
      </p>
      ${clips.length ? this.list() : nothing}`;
  }

  private who(): TemplateResult {
    const people = Math.min(MOST_PEOPLE, Math.max(this.people, this.person) + 1);
    return html`<label
      >${this.t("teach.who")}<select
        class="field"
        id="person"
        ?disabled=${this.running}
        @change=${(event: Event) => (this.person = Number((event.target as HTMLSelectElement).value))}
      >
        ${Array.from({ length: people }, (_, index) => index + 1).map(
          (person) =>
            html`<option value=${person} .selected=${person === this.person}>
              ${person > Math.max(this.people, this.person) ? this.t("teach.another_person") : this.personName(person)}
            </option>`,
        )}
      </select></label
    >`;
  }

  private list(): TemplateResult {
    const several = this.people > 1;
    return html`<ol class="clips" aria-label=${this.t("teach.clips")}>
      ${this.clips.map((clip, index) => {
        const good = clip.verdict === "good" && !clip.isShort;
        const named = html`<span class="sr"> ${this.t("teach.clip", { clip: this.texts.number(index + 1) })}</span>`;
        return html`<li data-verdict=${clip.verdict} class=${good ? "good" : "bad"}>
          ${icon(good ? icons.done : icons.alert)}<span class="words"
            >${several ? html`<span class="muted-text">${this.personName(clip.person)} · </span>` : nothing}${this.verdict(clip)}</span
          >
          <button
            class="icon-button redo"
            title=${this.t("teach.redo")}
            aria-disabled=${this.running}
            @click=${() => this.running || void this.record(index)}
          >
            ${icon(icons.microphone)}<span class="sr">${this.t("teach.redo")}</span>${named}
          </button>
          <button
            class="icon-button remove"
            title=${this.t("wake_words.remove")}
            aria-disabled=${this.running}
            @click=${() => void this.take(index)}
          >
            ${icon(icons.deleted)}<span class="sr">${this.t("wake_words.remove")}</span>${named}
          </button>
        </li>`;
      })}
    </ol>`;
  }
}

function judged(clips: Clip[], verdicts: ClipVerdict[]): Clip[] {
  return clips.map((clip, index) => ({ ...clip, verdict: verdicts[index] ?? clip.verdict }));
}

define("voice-privacy-teach-clips", TeachClips);
