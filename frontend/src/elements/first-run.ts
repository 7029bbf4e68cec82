// The first run: three steps that lead to the first recording. It is gone once there was one, or when somebody says so.
import { html, nothing, type TemplateResult } from "lit";
import { state } from "lit/decorators.js";
import type { Recording, Satellite } from "../contract";
import type { OptionsAnswer } from "../contract.rooms";
import { Meter } from "../controllers/meter";
import { isProtected } from "../house-line";
import { icon, icons } from "../icons";
import { badge, stateDetail, stateWord } from "../microphone-row";
import { base } from "../styles/base";
import { firstRunStyles } from "../styles/first-run";
import "./microphone-test";
import "./new-satellite";
import { define, Part } from "./part";
import "./unprotected";

const DONE = "voice_privacy_first_run_done";

export class FirstRun extends Part {
  static styles = [base, firstRunStyles];
  @state() private shown = false;
  // What was understood, once something was said.
  @state() private heard?: Recording;
  // Somebody woke a satellite while this was shown.
  @state() private woke?: string;
  @state() private deaf = false;
  private wakes: Record<string, number> = {};
  private readonly meter = new Meter(this);

  connectedCallback(): void {
    super.connectedCallback();
    const { recordings, ever_kept } = this.house;
    // That something was kept is known to the house; that somebody wants to see it later, to the browser.
    const first = this.admin && !recordings && !ever_kept && !localStorage.getItem(DONE);
    if (recordings) localStorage.setItem(DONE, "1");
    if (!first) return;
    this.shown = true;
    this.count();
    void this.look();
  }

  stateChanged(): void {
    super.stateChanged();
    if (!this.shown) return;
    const woken = this.state.satellites.find(({ id, wakes_today }) => wakes_today > (this.wakes[id] ?? wakes_today));
    if (woken) this.woke = woken.id;
    this.count();
  }

  recordingsAdded(recordings: Recording[]): void {
    const [recording] = recordings;
    if (!this.shown || !recording) return;
    void this.attempt(async () => {
      this.heard = await this.connection.call<Recording>("recordings/get", { recording_id: recording.id });
    });
  }

  private count(): void {
    this.wakes = Object.fromEntries(this.state.satellites.map(({ id, wakes_today }) => [id, wakes_today]));
  }

  // Without speech-to-text everything looks right, and nothing is understood.
  private async look(): Promise<void> {
    await this.attempt(async () => {
      const { pipelines } = await this.connection.call<OptionsAnswer>("options/get");
      this.deaf = !pipelines.length;
    });
  }

  private done(): void {
    localStorage.setItem(DONE, "1");
    this.meter.stop();
    this.shown = false;
  }

  private get ready(): Satellite[] {
    return this.state.satellites.filter(isProtected);
  }

  protected render(): TemplateResult | typeof nothing {
    if (!this.shown || !this.admin) return nothing;
    const { ready, heard } = this;
    return html`<section class="card" aria-labelledby="first-title">
      <header>
        <h2 id="first-title">${this.t("first.title")}</h2>
        <button class="button" id="first-done" @click=${this.done}>
          ${this.t(heard ? "common.done" : "first.later")}
        </button>
      </header>
      <ol>
        ${this.step(1, ready.length > 0, "first.choose", this.choose())}
        ${this.step(2, ready.length > 0, "first.keep", ready.length ? this.keep() : nothing)}
        ${this.step(3, heard !== undefined, "first.say", ready.length ? this.say() : nothing)}
      </ol>
    </section>`;
  }

  private step(number: number, done: boolean, key: string, content: unknown): TemplateResult {
    return html`<li class=${done ? "done" : ""}>
      <span class="number" aria-hidden="true">${done ? icon(icons.check) : this.texts.number(number)}</span>
      <div>
        <h3>${this.t(key)}${done ? html`<span class="sr"> (${this.t("common.done")})</span>` : nothing}</h3>
        ${content}
      </div>
    </li>`;
  }

  private choose(): TemplateResult {
    const uncovered = this.state.satellites.filter((satellite) => !isProtected(satellite));
    // Whoever comes right from the set-up is led on without a click.
    const lead = new URLSearchParams(location.search).has("start");
    return html`${this.ready.length ? nothing : this.deafNote()}
      <voice-privacy-unprotected
        .connection=${this.connection}
        .texts=${this.texts}
        .lead=${lead}
      ></voice-privacy-unprotected>
      ${uncovered.map(
        (satellite) =>
          html`<p class="mend">
            <span>${stateDetail(this.texts, this.connection, satellite)}</span>
            <button class="button primary" @click=${() => void this.choosePipeline(satellite)}>
              ${this.t("rooms.choose_pipeline", { pipeline: satellite.pipeline! })}<span class="sr">
                ${satellite.name}</span
              >
            </button>
          </p>`,
      )}
      <voice-privacy-new-satellite
        .connection=${this.connection}
        .texts=${this.texts}
        .lead=${lead}
      ></voice-privacy-new-satellite>`;
  }

  private deafNote(): TemplateResult | typeof nothing {
    if (!this.deaf) return nothing;
    return html`<p class="note warn">
      ${icon(icons.alert)}<span>${this.t("first.no_speech_to_text")}</span>
      <a class="button" href="/config/voice-assistants/assistants">${this.t("first.assistants")}</a>
    </p>`;
  }

  // Each was asked for when it was added; it can be answered anew.
  private keep(): TemplateResult {
    return html`<ul>
      ${this.ready.map(
        ({ id, name, toggles }) =>
          html`<li>
            <label for="first-${id}"><bdi>${name}</bdi></label>
            <span class="muted-text"
              >${this.t(toggles.save_recordings.on ? "rooms.keep_recordings" : "rooms.keep_nothing")}</span
            >
            <input
              type="checkbox"
              role="switch"
              id="first-${id}"
              .checked=${toggles.save_recordings.on}
              @change=${(event: Event) =>
                void this.turn(event, (on) =>
                  this.connection.call("settings/set", { toggle: "save_recordings", on, satellite_ids: [id] }),
                )}
            />
          </li>`,
      )}
    </ul>`;
  }

  private say(): TemplateResult {
    const { heard, ready } = this;
    return html`${this.deafNote()} ${ready.map((satellite) => this.microphone(satellite))}
      <div class="heard" role="status">${heard ? this.understood(heard) : this.waiting()}</div>`;
  }

  // What it does right now; and where it cannot hear, why, and where that is mended.
  private microphone(satellite: Satellite): TemplateResult {
    const phrase = satellite.wake_words[0]?.phrase;
    const hears = satellite.state === "recording" || satellite.state === "listening";
    return html`<div class="microphone">
      ${badge(satellite)}
      <span
        ><b><bdi>${satellite.name}</bdi></b> · ${stateWord(this.texts, this.connection, satellite)}
        <small
          >${
            !hears
              ? stateDetail(this.texts, this.connection, satellite)
              : phrase
                ? this.t("first.say_words", { phrase })
                : this.t("first.say_own")
          }</small
        ></span
      >
      ${hears && satellite.is_scored ? this.level(satellite) : nothing}
      ${
        hears
          ? html`<voice-privacy-microphone-test
              brief
              .connection=${this.connection}
              .texts=${this.texts}
              .satellite=${satellite}
            ></voice-privacy-microphone-test>`
          : nothing
      }
      ${hears || satellite.state === "muted" ? nothing : this.mend(satellite)}
    </div>`;
  }

  private mend({ silence_reason }: Satellite): TemplateResult {
    return silence_reason === "no_wake_word"
      ? html`<a class="button" href="/voice-privacy/rooms">${this.t("first.rooms")}</a>`
      : html`<a class="button" href="/config/repairs">${this.t("first.repairs")}</a>`;
  }

  // Measuring is written to the access log, so that nobody does it by accident.
  private level(satellite: Satellite): TemplateResult {
    const { name } = satellite;
    if (this.meter.satellite !== satellite.id)
      return html`<button
        class="button"
        data-level
        @click=${() => void this.attempt(() => this.meter.start(satellite))}
      >
        ${icon(icons.microphone)}${this.t("first.level")}<span class="sr"> ${name}</span>
      </button>`;
    const percent = Math.round(this.meter.level * 100);
    return html`<span
      class="level"
      role="meter"
      aria-label=${this.t("first.level_of", { name })}
      aria-valuemin="0"
      aria-valuemax="100"
      aria-valuenow=${percent}
      ><i style="width:${percent}%"></i
    ></span>`;
  }

  private waiting(): string {
    const name = this.woke === undefined ? undefined : this.connection.nameOf(this.woke);
    if (name === undefined) return "";
    const saves = this.ready.find(({ id }) => id === this.woke)?.toggles.save_recordings.on;
    return this.t(saves ? "first.woke" : "first.woke_off", { name });
  }

  private understood({ transcript, reply, kind }: Recording): TemplateResult {
    return html`${icon(icons.done)}
      <div>
        <b
          >${
            transcript
              ? this.t("review.understood", { text: transcript })
              : this.t(kind === "false_wake" ? "first.nothing_understood" : "recordings.no_transcript")
          }</b
        >
        ${reply ? html`<p class="muted-text" dir="auto">${reply}</p>` : nothing}
        <p class="muted-text">${this.t("first.kept")}</p>
      </div>`;
  }
}

define("voice-privacy-first-run", FirstRun);
