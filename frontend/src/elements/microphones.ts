// The microphones: what each does right now, and who may make it do something else.
import { css, html, type TemplateResult } from "lit";
import { MAX_THRESHOLD, MIN_THRESHOLD, type Satellite } from "../contract";
import { define, Part } from "./part";
import { failureOf } from "../connection";
import { icon, icons } from "../icons";
import { badge, canTalk, stateDetail, stateWord, timer } from "../microphone-row";
import { base } from "../styles/base";

export class Microphones extends Part {
  static styles = [
    base,
    css`
      .top {
        display: flex;
        flex-wrap: wrap;
        gap: 12px;
        align-items: center;
        justify-content: space-between;
        margin-bottom: 16px;
      }
      .grid {
        display: grid;
        grid-template-columns: repeat(auto-fill, minmax(min(340px, 100%), 1fr));
        gap: 16px;
      }
      .card {
        padding: 20px;
        display: flex;
        flex-direction: column;
        gap: 16px;
      }
      .head {
        display: flex;
        flex-wrap: wrap;
        gap: 8px 14px;
        align-items: center;
      }
      .head .state {
        flex-wrap: wrap;
        white-space: normal;
      }
      .head .badge {
        width: 48px;
        height: 48px;
      }
      .head .badge .icon {
        width: 26px;
        height: 26px;
      }
      .head h2 {
        font-size: 17px;
        font-weight: 500;
      }
      .head div {
        flex: 1 1 110px;
        min-width: 0;
        overflow-wrap: break-word;
      }
      .mic {
        margin-inline-start: auto;
        display: grid;
        justify-items: center;
        gap: 2px;
        font-size: 12px;
        color: var(--secondary-text-color);
      }
      dl {
        margin: 0;
        display: grid;
        grid-template-columns: auto 1fr;
        gap: 8px 16px;
      }
      dt {
        color: var(--secondary-text-color);
      }
      dd {
        margin: 0;
        text-align: end;
        font-weight: 500;
      }
      .size {
        white-space: nowrap;
      }
      .score {
        display: inline-block;
        width: 72px;
        height: 6px;
        margin-inline-end: 8px;
        vertical-align: middle;
        border-radius: 3px;
        position: relative;
        background: color-mix(in srgb, var(--primary-text-color) 14%, transparent);
      }
      .score i {
        position: absolute;
        inset-block: 0;
        inset-inline-start: 0;
        border-radius: 3px;
        background: var(--vp-accent);
      }
      .score b {
        position: absolute;
        inset-block: -3px;
        width: 2px;
        background: var(--primary-text-color);
      }
      .threshold {
        display: grid;
        grid-template-columns: 1fr auto;
        gap: 4px 16px;
        align-items: center;
      }
      .threshold label {
        color: var(--secondary-text-color);
      }
      .threshold bdi {
        font-weight: 500;
      }
      .threshold input,
      .threshold small {
        grid-column: 1 / -1;
      }
      .talk {
        margin-top: auto;
      }
    `,
  ];
  static properties = { ...Part.properties, asked: { state: true } };
  // Where somebody has moved a threshold that the house does not know yet.
  declare asked?: { id: string; threshold: number };
  private ticking?: ReturnType<typeof setInterval>;

  connectedCallback(): void {
    super.connectedCallback();
    this.ticking = setInterval(() => {
      if (this.house?.state?.satellites.some((one) => one.state === "recording")) this.requestUpdate();
    }, 500);
  }

  disconnectedCallback(): void {
    super.disconnectedCallback();
    clearInterval(this.ticking);
  }

  private async set(muted: boolean, ids?: string[]): Promise<void> {
    try {
      await this.house.call("settings/set", { toggle: "muted", on: muted, satellite_ids: ids });
    } catch (error) {
      this.notify(this.texts.error(failureOf(error).code));
      this.requestUpdate();
    }
  }

  private async setThreshold(one: Satellite, threshold: number): Promise<void> {
    try {
      await this.house.call("microphones/set_threshold", { satellite_id: one.id, threshold });
    } catch (error) {
      this.notify(this.texts.error(failureOf(error).code));
    }
    this.asked = undefined;
  }

  private async talk(one: Satellite): Promise<void> {
    try {
      await this.house.call("microphones/press_to_talk", { satellite_id: one.id });
      this.notify(this.t("microphones.speak_now", { name: one.name }));
    } catch (error) {
      this.notify(this.texts.error(failureOf(error).code));
    }
  }

  protected render(): TemplateResult {
    const { satellites, permissions, may } = this.house.state!;
    if (!satellites.length) {
      return html`<div class="card empty">
        <span class="hero">${icon(icons.microphone)}</span>
        <h2>${this.t("microphones.none")}</h2>
        <p>${this.t("microphones.none_detail")}</p>
        ${permissions.admin
          ? html`<a class="button" href="/config/integrations/integration/voice_privacy">${this.t("microphones.add")}</a>`
          : ""}
      </div>`;
    }
    const mutable = satellites.filter((one) => permissions.control.includes(one.id)).map((one) => one.id);
    const allMuted = satellites.every((one) => one.toggles.muted.on);
    return html`<div class="top">
        <p class="muted-text">${this.t("microphones.about")}</p>
        ${mutable.length > 1
          ? html`<button class="button" id="mute-all" @click=${() => void this.set(!allMuted, mutable)}>
              ${icon(icons.microphone)}${this.t(allMuted ? "microphones.unmute_all" : "microphones.mute_all")}
            </button>`
          : ""}
      </div>
      <div class="grid">${satellites.map((one) =>
        this.card(one, permissions.control.includes(one.id), may.open_microphone.includes(one.id)),
      )}</div>`;
  }

  private card(one: Satellite, may: boolean, mayTalk: boolean): TemplateResult {
    const time = timer(this.texts, one);
    return html`<section class="card" aria-label=${one.name}>
      <div class="head">
        ${badge(one)}
        <div>
          <h2><bdi>${one.name}</bdi></h2>
          <span class="state" data-state=${one.state}>${stateWord(this.texts, this.house, one)} ${time ? html`<bdi>${time}</bdi>` : ""}</span>
        </div>
        <label class="mic"
          ><input
            type="checkbox"
            role="switch"
            class="switch"
            ?disabled=${!may}
            .checked=${!one.toggles.muted.on}
            @change=${(event: Event) => void this.set(!(event.target as HTMLInputElement).checked, [one.id])}
          />${this.t("microphones.microphone")}<span class="sr"> ${one.name}</span></label
        >
      </div>
      <p class="muted-text">${stateDetail(this.texts, this.house, one)}</p>
      <dl>
        <dt>${this.t("microphones.wake_words")}</dt>
        <dd>
          ${one.wake_words.length
            ? one.wake_words.map(
                (word, index) =>
                  html`${index ? ", " : ""}<bdi>“${word.phrase}”</bdi>${word.available || one.silence_reason === "engine_unavailable"
                      ? ""
                      : html` <span class="muted-text">(${this.t("microphones.no_model")})</span>`}`,
              )
            : this.t("microphones.own_wake_word")}
        </dd>
        <dt>${this.t("microphones.last_wake")}</dt>
        <dd>${this.lastWake(one)}</dd>
        <dt>${this.t("microphones.wakes_today")}</dt>
        <dd>${this.texts.number(one.wakes_today)}</dd>
        <dt>${this.t("microphones.false_wakes_today")}</dt>
        <dd>${this.texts.number(one.false_wakes_today)}</dd>
        <dt>${this.t("microphones.kept")}</dt>
        <dd>${this.texts.count("recordings", one.recordings)}${this.texts.behind(one.size)}</dd>
      </dl>
      ${this.threshold(one)}
      ${mayTalk
        ? html`<button class="button talk" ?disabled=${!canTalk(one)} @click=${() => void this.talk(one)}>
            ${icon(icons.microphone)}${this.t("microphones.press_to_talk")}
          </button>`
        : ""}
    </section>`;
  }

  private threshold(one: Satellite): TemplateResult | string {
    const threshold = one.wake_words[0]?.threshold;
    if (threshold === undefined) return "";
    const asked = this.asked?.id === one.id ? this.asked.threshold : threshold;
    const id = `threshold-${one.id}`;
    const ask = (event: Event): number => Number((event.target as HTMLInputElement).value) / 100;
    return html`<div class="threshold">
      <label for=${id}>${this.t("microphones.threshold")}<span class="sr"> ${one.name}</span></label>
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
        ?disabled=${!this.house.state!.permissions.admin}
        .value=${String(Math.round(asked * 100))}
        @input=${(event: Event) => (this.asked = { id: one.id, threshold: ask(event) })}
        @change=${(event: Event) => void this.setThreshold(one, ask(event))}
      />
      <small id="about-${id}" class="muted-text">${this.t("microphones.threshold_detail")}</small>
    </div>`;
  }

  private lastWake(one: Satellite): TemplateResult | string {
    const wake = one.last_wake;
    if (!wake) return this.t("microphones.not_yet");
    const when = this.texts.time(wake.when);
    if (wake.started_by === "button") return this.t("microphones.by_button", { time: when });
    if (wake.score === null) return when;
    const score = wake.score * 100;
    return html`<span class="score" aria-hidden="true"
        ><i style="width:${score}%"></i><b style="inset-inline-start:${(wake.threshold ?? 0) * 100}%"></b></span
      ><bdi>${this.texts.percent(wake.score)}</bdi> · ${when}`;
  }
}

define("voice-privacy-microphones", Microphones);
