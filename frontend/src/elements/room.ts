// One room: what its microphone does, what is kept of it, how it woke lately; and, opened, everything that can be set.
import { html, nothing, type TemplateResult } from "lit";
import { property } from "lit/decorators.js";
import { Ticker } from "../controllers/ticker";
import { KEEP_SATELLITE, type Satellite, type ScoresAnswer } from "../contract";
import type { RoomFigures } from "../contract.rooms";
import { isProtected } from "../house-line";
import { icon, icons } from "../icons";
import { keepingOf } from "../keeping";
import { levelLine, periodKey } from "../level";
import { badge, canTalk, stateDetail, stateWord, timer } from "../microphone-row";
import { sparkline, total } from "../sparkline";
import { base } from "../styles/base";
import { consentStyles } from "../styles/consent";
import { roomStyles } from "../styles/room";
import { ConsentPart } from "./consent-part";
import "./microphone-test";
import { define } from "./part";
import "./threshold";

const LINK_DOCS = "https://github.com/voice-privacy/voice-privacy/blob/main/docs/wyoming.md";

export class Room extends ConsentPart {
  static styles = [base, consentStyles, roomStyles];
  @property({ attribute: false }) satellite!: Satellite;
  @property({ attribute: false }) figures?: RoomFigures;
  @property({ attribute: false }) scores: Partial<ScoresAnswer> = {};
  @property({ type: Boolean }) open = false;

  constructor() {
    super();
    new Ticker(this);
  }

  private mute(muted: boolean): Promise<unknown> {
    return this.connection.call("settings/set", { toggle: "muted", on: muted, satellite_ids: [this.satellite.id] });
  }

  private async talk({ id, name }: Satellite): Promise<void> {
    await this.attempt(async () => {
      await this.connection.call("microphones/press_to_talk", { satellite_id: id });
      this.notify(this.t("microphones.speak_now", { name }));
    });
  }

  protected render(): TemplateResult {
    const { satellite, open } = this;
    const { id, name, toggles } = satellite;
    const may = this.state.permissions.control.includes(id);
    const time = timer(this.texts, satellite);
    const keeps = isProtected(satellite) && keepingOf(this.house.toggles, satellite) === "recordings";
    return html`<div class="head">
        <div class="who">
          ${badge(satellite)}
          <div>
            <h2><bdi>${name}</bdi></h2>
            <span class="state" data-state=${satellite.state}
              >${stateWord(this.texts, this.connection, satellite)} ${time ? html`<bdi>${time}</bdi>` : ""}</span
            >
            ${satellite.level?.reasons.length ? html`<small class="level">${levelLine(this.texts, satellite.level)}</small>` : nothing}
          </div>
        </div>
        <div class="cells">
          ${this.cell("words", "microphones.wake_words", this.words(satellite))}
          ${this.cell("saving", "rooms.saving", this.yes(keeps))}
          ${this.cell("texts", "rooms.transcripts", this.yes(keeps && toggles.save_transcripts.on))}
          ${this.cell("keep", "rooms.keep", this.t(periodKey(this.house, satellite)))} ${this.wakes()}
          ${this.cell("kept", "microphones.kept", this.kept(satellite))}
        </div>
        <label class="mic"
          ><input
            type="checkbox"
            role="switch"
            class="switch"
            ?disabled=${!may}
            .checked=${!toggles.muted.on}
            @change=${(event: Event) => void this.turn(event, (on) => this.mute(!on))}
          /><span>${this.t("microphones.microphone")}</span><span class="sr"> ${name}</span></label
        >
        <button
          class="icon-button more"
          aria-expanded=${open}
          aria-controls="detail"
          aria-label=${this.t("rooms.details", { name })}
          @click=${() => this.emit("vp-open")}
        >
          ${icon(icons.expand)}
        </button>
      </div>
      ${open ? this.detail(satellite) : nothing}`;
  }

  private cell(name: string, key: string, content: unknown): TemplateResult {
    return html`<div class="cell ${name}"><span class="label">${this.t(key)}</span>${content}</div>`;
  }

  private yes(on: boolean): TemplateResult {
    return html`<span class="yes ${on ? "on" : ""}"
      >${icon(on ? icons.check : icons.close)}${this.t(on ? "strip.on" : "strip.off")}</span
    >`;
  }

  private words({ wake_words, silence_reason }: Satellite): unknown {
    if (!wake_words.length) return html`<span>${this.t("microphones.own_wake_word")}</span>`;
    return html`<span
      >${wake_words.map(
        (word, index) =>
          html`${index ? ", " : ""}<bdi>${word.phrase}</bdi>${
            word.available || silence_reason === "engine_unavailable"
              ? ""
              : html` <span class="muted-text">(${this.t("microphones.no_model")})</span>`
          }`,
      )}</span
    >`;
  }

  private kept(satellite: Satellite): TemplateResult {
    return html`<span>
      <bdi>${this.texts.count("recordings", satellite.recordings)}</bdi>
      ${satellite.size === null ? nothing : html`<bdi class="size">${this.texts.size(satellite.size)}</bdi>`}
    </span>`;
  }

  private wakes(): TemplateResult {
    const { figures } = this;
    if (!figures) return this.cell("wakes", "rooms.wakes", html`<span class="muted-text">–</span>`);
    const [wakes, wrong] = [total(figures.wakes), total(figures.false_wakes)];
    const words = { wakes: this.texts.number(wakes), false_wakes: this.texts.number(wrong) };
    return this.cell(
      "wakes",
      "rooms.wakes",
      html`<span class="chart"
        >${sparkline(figures, this.t("rooms.wakes_detail", words))}<span aria-hidden="true"
          >${words.wakes}<small>${this.t("rooms.false", words)}</small></span
        ></span
      >`,
    );
  }

  private detail(satellite: Satellite): TemplateResult {
    const { toggles, keep_recordings } = satellite;
    const mayTalk = this.state.may.open_microphone.includes(satellite.id);
    return html`<section class="detail" id="detail" aria-label=${this.t("rooms.details", { name: satellite.name })}>
      <div>
        <p class="muted-text about">${stateDetail(this.texts, this.connection, satellite)}</p>
        ${
          satellite.pipeline && this.admin
            ? html`<button
                class="button primary"
                id="choose-pipeline"
                @click=${() => void this.choosePipeline(satellite)}
              >
                ${this.t("rooms.choose_pipeline", { pipeline: satellite.pipeline })}
              </button>`
            : nothing
        }
        <dl>
          <dt>${this.t("microphones.last_wake")}</dt>
          <dd>${this.lastWake(satellite)}</dd>
          <dt>${this.t("microphones.wakes_today")}</dt>
          <dd>${this.texts.number(satellite.wakes_today)}</dd>
          <dt>${this.t("microphones.false_wakes_today")}</dt>
          <dd>${this.texts.number(satellite.false_wakes_today)}</dd>
          ${this.lost()} ${this.link(satellite)}
        </dl>
        ${
          satellite.wake_words.length && this.admin
            ? html`<voice-privacy-threshold
                .connection=${this.connection}
                .texts=${this.texts}
                .satellite=${satellite}
                .scores=${this.scores}
              ></voice-privacy-threshold>`
            : nothing
        }
        ${
          mayTalk
            ? html`<button
                class="button talk"
                ?disabled=${!canTalk(satellite)}
                @click=${() => void this.talk(satellite)}
              >
                ${icon(icons.microphone)}${this.t("microphones.press_to_talk")}
              </button>`
            : nothing
        }
        ${
          this.admin
            ? html`<voice-privacy-microphone-test
                .connection=${this.connection}
                .texts=${this.texts}
                .satellite=${satellite}
              ></voice-privacy-microphone-test>`
            : nothing
        }
      </div>
      ${
        this.admin
          ? html`<div>
              ${this.toggle("save_recordings", toggles.save_recordings, true, satellite)}
              ${this.toggle("save_transcripts", toggles.save_transcripts, true, satellite)}
              ${this.nearMisses(satellite)} ${this.toggle("help_improve", toggles.help_improve, true, satellite)}
              ${this.keep("keep_recordings", KEEP_SATELLITE, keep_recordings, null, satellite)}
            </div>`
          : nothing
      }
    </section>`;
  }

  // Sound that arrived faster than the wake engine could listen, or that it could not use.
  private lost(): TemplateResult | typeof nothing {
    const lost = this.figures?.lost;
    if (!lost) return nothing;
    const [chunks, all] = lost;
    return html`<dt>${this.t("rooms.lost")}</dt>
      <dd>${this.texts.percent(chunks / all, 2)}</dd>`;
  }

  // Whether what the microphone hears is encrypted on its way here.
  private link({ link }: Satellite): TemplateResult | typeof nothing {
    if (!link) return nothing;
    return html`<dt>${this.t("proof.link_title")}</dt>
      <dd id="link">
        ${this.t(`proof.link_${link}`)}
        ${link === "not_encrypted" ? html`<a href=${LINK_DOCS} target="_blank">${this.t("proof.link_more")}</a>` : nothing}
      </dd>`;
  }

  private lastWake(satellite: Satellite): TemplateResult | string {
    const wake = satellite.last_wake;
    if (!wake) return this.t("microphones.not_yet");
    const when = this.texts.moment(wake.when, this.house.today);
    if (wake.started_by === "button") return this.t("microphones.by_button", { time: when });
    if (wake.started_by === "conversation") return this.t("microphones.by_question", { time: when });
    if (wake.score === null) return when;
    const score = wake.score * 100;
    return html`<span class="score" aria-hidden="true"
        ><i style="width:${score}%"></i><b style="inset-inline-start:${(wake.threshold ?? 0) * 100}%"></b></span
      ><bdi>${this.texts.percent(wake.score)}</bdi> · ${when}`;
  }
}

define("voice-privacy-room", Room);
