// The microphones: what each does right now, and who may make it do something else.
import { html, type TemplateResult } from "lit";
import { state } from "lit/decorators.js";
import { MAX_THRESHOLD, MIN_THRESHOLD, type Satellite } from "../contract";
import { define, Part } from "./part";
import { Ticker } from "../controllers/ticker";
import { icon, icons } from "../icons";
import { badge, canTalk, stateDetail, stateWord, timer } from "../microphone-row";
import { base } from "../styles/base";
import { microphonesStyles } from "../styles/microphones";

export class Microphones extends Part {
  static styles = [base, microphonesStyles];
  // Where somebody has moved a threshold that the house does not know yet.
  @state() private asked?: { id: string; threshold: number };

  constructor() {
    super();
    new Ticker(this);
  }

  private mute(muted: boolean, ids: string[]): Promise<unknown> {
    return this.connection.call("settings/set", { toggle: "muted", on: muted, satellite_ids: ids });
  }

  private async setThreshold({ id }: Satellite, threshold: number): Promise<void> {
    await this.attempt(() => this.connection.call("microphones/set_threshold", { satellite_id: id, threshold }));
    this.asked = undefined;
  }

  private async talk({ id, name }: Satellite): Promise<void> {
    await this.attempt(async () => {
      await this.connection.call("microphones/press_to_talk", { satellite_id: id });
      this.notify(this.t("microphones.speak_now", { name }));
    });
  }

  protected render(): TemplateResult {
    const { satellites, permissions, may } = this.state;
    if (!satellites.length) {
      return html`<div class="card empty">
        <span class="hero">${icon(icons.microphone)}</span>
        <h2>${this.t("microphones.none")}</h2>
        <p>${this.t("microphones.none_detail")}</p>
        ${
          permissions.admin
            ? html`<a class="button" href="/config/integrations/integration/voice_privacy"
                >${this.t("microphones.add")}</a
              >`
            : ""
        }
      </div>`;
    }
    return html`<div class="top">
        <p class="muted-text">${this.t("microphones.about")}</p>
      </div>
      <div class="grid">
        ${satellites.map((satellite) =>
          this.card(satellite, permissions.control.includes(satellite.id), may.open_microphone.includes(satellite.id)),
        )}
      </div>`;
  }

  private card(satellite: Satellite, may: boolean, mayTalk: boolean): TemplateResult {
    const time = timer(this.texts, satellite);
    return html`<section class="card" aria-label=${satellite.name}>
      <div class="head">
        ${badge(satellite)}
        <div>
          <h2><bdi>${satellite.name}</bdi></h2>
          <span class="state" data-state=${satellite.state}
            >${stateWord(this.texts, this.connection, satellite)} ${time ? html`<bdi>${time}</bdi>` : ""}</span
          >
        </div>
        <label class="mic"
          ><input
            type="checkbox"
            role="switch"
            class="switch"
            ?disabled=${!may}
            .checked=${!satellite.toggles.muted.on}
            @change=${(event: Event) => void this.turn(event, (on) => this.mute(!on, [satellite.id]))}
          />${this.t("microphones.microphone")}<span class="sr"> ${satellite.name}</span></label
        >
      </div>
      <p class="muted-text">${stateDetail(this.texts, this.connection, satellite)}</p>
      <dl>
        <dt>${this.t("microphones.wake_words")}</dt>
        <dd>
          ${
            satellite.wake_words.length
              ? satellite.wake_words.map(
                  (word, index) =>
                    html`${index ? ", " : ""}<bdi>${word.phrase}</bdi>${
                      word.available || satellite.silence_reason === "engine_unavailable"
                        ? ""
                        : html` <span class="muted-text">(${this.t("microphones.no_model")})</span>`
                    }`,
                )
              : this.t("microphones.own_wake_word")
          }
        </dd>
        <dt>${this.t("microphones.last_wake")}</dt>
        <dd>${this.lastWake(satellite)}</dd>
        <dt>${this.t("microphones.wakes_today")}</dt>
        <dd>${this.texts.number(satellite.wakes_today)}</dd>
        <dt>${this.t("microphones.false_wakes_today")}</dt>
        <dd>${this.texts.number(satellite.false_wakes_today)}</dd>
        <dt>${this.t("microphones.kept")}</dt>
        <dd>${this.texts.count("recordings", satellite.recordings)}${this.texts.behind(satellite.size)}</dd>
      </dl>
      ${this.threshold(satellite)}
      ${
        mayTalk
          ? html`<button class="button talk" ?disabled=${!canTalk(satellite)} @click=${() => void this.talk(satellite)}>
              ${icon(icons.microphone)}${this.t("microphones.press_to_talk")}
            </button>`
          : ""
      }
    </section>`;
  }

  private threshold(satellite: Satellite): TemplateResult | string {
    const threshold = satellite.wake_words[0]?.threshold;
    if (threshold === undefined) return "";
    const asked = this.asked?.id === satellite.id ? this.asked.threshold : threshold;
    const id = `threshold-${satellite.id}`;
    const ask = (event: Event): number => Number((event.target as HTMLInputElement).value) / 100;
    return html`<div class="threshold">
      <label for=${id}>${this.t("microphones.threshold")}<span class="sr"> ${satellite.name}</span></label>
      <bdi aria-hidden="true">${this.texts.percent(asked)}</bdi>
      <input
        type="range"
        class="slider"
        id=${id}
        min=${MIN_THRESHOLD * 100}
        max=${MAX_THRESHOLD * 100}
        step="5"
        aria-describedby="about-${id}"
        aria-valuetext=${this.texts.percent(asked)}
        ?disabled=${!this.admin}
        .value=${String(Math.round(asked * 100))}
        @input=${(event: Event) => (this.asked = { id: satellite.id, threshold: ask(event) })}
        @change=${(event: Event) => void this.setThreshold(satellite, ask(event))}
      />
      <small id="about-${id}" class="muted-text">${this.t("microphones.threshold_detail")}</small>
    </div>`;
  }

  private lastWake(satellite: Satellite): TemplateResult | string {
    const wake = satellite.last_wake;
    if (!wake) return this.t("microphones.not_yet");
    const when = this.texts.time(wake.when);
    if (wake.started_by === "button") return this.t("microphones.by_button", { time: when });
    if (wake.started_by === "conversation") return this.t("microphones.by_question", { time: when });
    if (wake.score === null) return when;
    const score = wake.score * 100;
    return html`<span class="score" aria-hidden="true"
        ><i style="width:${score}%"></i><b style="inset-inline-start:${(wake.threshold ?? 0) * 100}%"></b></span
      ><bdi>${this.texts.percent(wake.score)}</bdi> · ${when}`;
  }
}

define("voice-privacy-microphones", Microphones);
