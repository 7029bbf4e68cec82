// The review tab: clips to hear and to label, and for the owner what is in the pool and who may hear it.
import { css, html, nothing, type TemplateResult } from "lit";
import { LABELS, type Label, type LearnedAnswer, type LearnedWord, type PoolClip, type PoolReceipt, type Reviewer, type Satellite, type ScoresAnswer } from "../contract";
import { define, Part } from "./part";
import { failureOf } from "../connection";
import { icon, icons } from "../icons";
import { Player } from "../player";
import { base } from "../styles/base";

export class Review extends Part {
  static properties = {
    ...Part.properties,
    clips: { state: true },
    users: { state: true },
    learned: { state: true },
    scores: { state: true },
    asked: { state: true },
    open: { state: true },
    transcript: { state: true },
  };
  declare clips?: PoolClip[];
  declare users?: Reviewer[];
  declare learned?: LearnedAnswer;
  declare scores?: ScoresAnswer;
  declare asked: Record<string, number>;
  declare open?: string;
  declare transcript?: string | null;
  private player?: Player;

  constructor() {
    super();
    this.asked = {};
  }

  private known = "";
  static styles = [
    base,
    css`
      :host {
        display: grid;
        gap: 16px;
      }
      .card {
        padding: 20px;
      }
      .card.empty {
        padding: 48px 20px;
      }
      h2 {
        font-size: 17px;
        font-weight: 500;
        margin-bottom: 4px;
      }
      ul {
        list-style: none;
        margin: 12px 0 0;
        padding: 0;
      }
      li {
        padding: 14px 0;
        border-top: 1px solid var(--vp-line);
      }
      .row {
        display: flex;
        flex-wrap: wrap;
        gap: 8px;
        align-items: center;
      }
      li .row + .row {
        margin-top: 10px;
      }
      .row .grow {
        flex: 1;
        min-width: 150px;
      }
      .button[aria-pressed="true"] {
        background: var(--vp-tint);
        border-color: var(--vp-accent);
      }
      .id {
        font-family: var(--ha-font-family-code, monospace);
      }
      .note {
        margin: 10px 0 0;
      }
      input[type="range"] {
        display: block;
        width: 100%;
        max-width: 420px;
        min-height: 32px;
        accent-color: var(--vp-accent);
      }
      .verifier {
        margin-top: 16px;
      }
      table {
        margin-top: 16px;
        border-collapse: collapse;
      }
      caption {
        text-align: start;
        font-weight: 500;
      }
      th {
        font-weight: 400;
        text-align: start;
        color: var(--secondary-text-color);
      }
      th,
      td {
        padding: 6px 0;
        padding-inline-end: 24px;
      }
    `,
  ];

  private get admin(): boolean {
    return this.house.state!.permissions.admin;
  }

  connectedCallback(): void {
    super.connectedCallback();
    this.player = new Player(
      this.house,
      () => this.requestUpdate(),
      (failure) => this.notify(this.texts.error(failure.code)),
      "review",
    );
    void this.load();
  }

  disconnectedCallback(): void {
    super.disconnectedCallback();
    this.player?.stop();
  }

  houseChanged(): void {
    super.houseChanged();
    const { review, toggles } = this.house.state!.house;
    const now = JSON.stringify([review, toggles.verifier.on]);
    if (now !== this.known) {
      this.known = now;
      void this.load();
    }
  }

  private async load(): Promise<void> {
    await this.act(async () => {
      const { clips } = await this.house.call<{ clips: PoolClip[] }>(this.admin ? "review/pool" : "review/list");
      this.clips = clips;
      if (this.admin) this.scores = await this.house.call<ScoresAnswer>("review/scores");
      if (this.admin) this.learned = await this.house.call<LearnedAnswer>("review/learned");
      if (this.admin) this.users = (await this.house.call<{ users: Reviewer[] }>("review/reviewers")).users;
    });
  }

  // Whatever is refused is said; what is shown is then read anew.
  private async act(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.notify(this.texts.error(failureOf(error).code));
    }
    this.requestUpdate();
  }

  private label(clip: PoolClip, label: Label, correction?: string): Promise<void> {
    return this.act(async () => {
      await this.house.call("review/label", { review_id: clip.review_id, label, correction: correction ?? null });
      await this.load();
    });
  }

  private choose(clip: PoolClip, label: Label): void {
    void this.label(clip, label);
    this.open = label === "wrong_transcript" ? clip.review_id : undefined;
    this.transcript = undefined;
    if (!this.open) return;
    void this.act(async () => {
      const { transcript } = await this.house.call<{ transcript: string | null }>("review/transcript", {
        review_id: clip.review_id,
      });
      this.transcript = transcript;
    });
  }

  private correct(clip: PoolClip): void {
    const field = this.renderRoot.querySelector<HTMLInputElement>("#correction");
    void this.label(clip, "wrong_transcript", field?.value);
    this.open = undefined;
  }

  private allow(clip: PoolClip): Promise<void> {
    return this.act(async () => {
      await this.house.call("review/allow", { review_id: clip.review_id, allowed: !clip.allowed });
      await this.load();
    });
  }

  private takeOut(clip: PoolClip): Promise<void> {
    return this.act(async () => {
      await this.house.call<PoolReceipt>("review/take_out", { review_ids: [clip.review_id] });
      this.notify(this.t("review.taken_out"));
      await this.load();
    });
  }

  private setReviewer(user: Reviewer, on: boolean): Promise<void> {
    return this.act(async () => {
      await this.house.call("review/set_reviewer", { user_id: user.user_id, on });
      await this.load();
    });
  }

  protected render(): TemplateResult {
    const { clips } = this;
    return html`${clips?.length
        ? html`<section class="card">
            <h2>${this.t("review.title")}</h2>
            <p class="muted-text">${this.t("review.about")}${this.admin ? nothing : ` ${this.t("review.released")}`}</p>
            <ul>
              ${clips.map((clip) => this.clip(clip))}
            </ul>
          </section>`
        : clips
          ? this.empty()
          : nothing}
      ${this.admin ? this.owner() : nothing}`;
  }

  private empty(): TemplateResult {
    const { house, satellites } = this.house.state!;
    const on = house.toggles.help_improve.on && satellites.some((one) => one.toggles.help_improve.on);
    return html`<div class="card empty">
      <span class="hero">${icon(icons.reviewed)}</span>
      <h2>${this.t(on ? "review.none" : "review.none_off")}</h2>
      <p>${this.t(!on ? "review.none_off_detail" : this.admin ? "review.none_detail" : "review.released")}</p>
    </div>`;
  }

  private clip(clip: PoolClip): TemplateResult {
    const id = clip.review_id.slice(0, 6);
    const playing = this.player?.id === clip.review_id && this.player.state === "playing";
    return html`<li data-id=${clip.review_id}>
      <div class="row">
        <button
          class="button"
          aria-label=${this.t(playing ? "review.pause" : "review.play", { id })}
          @click=${() => void this.player?.toggle(clip.review_id)}
        >
          ${icon(playing ? icons.pause : icons.play)}
        </button>
        <span class="grow"
          ><bdi class="id">${id}</bdi>
          ${clip.recording_id ? html`<span class="muted-text">${this.whose(clip)}</span>` : nothing}</span
        >
        ${this.admin
          ? html`<button class="button" @click=${() => void this.takeOut(clip)}>
              ${icon(icons.takenOut)}${this.t("review.take_out")}<span class="sr"> ${id}</span>
            </button>`
          : nothing}
      </div>
      <div class="row" role="group" aria-label=${this.t("review.labels", { id })}>
        ${LABELS.map(
          (label) =>
            html`<button
              class="button"
              data-label=${label}
              aria-pressed=${clip.label === label}
              @click=${() => this.choose(clip, label)}
            >
              ${this.t(`review.${label}`)}
            </button>`,
        )}
      </div>
      ${this.open === clip.review_id ? this.correction(clip) : nothing}
      ${clip.findings?.length ? this.findings(clip) : nothing}
    </li>`;
  }

  private whose(clip: PoolClip): TemplateResult {
    const name = this.house.nameOf(clip.satellite_id!) ?? this.t("common.removed_satellite");
    const when = clip.started_at ? `${this.texts.dateTime(clip.started_at)} · ` : "";
    return html`<bdi>${name}</bdi> · ${when}${this.t("recordings.kept_until", {
      date: this.texts.until(clip.expires_at!),
    })}`;
  }

  private correction(clip: PoolClip): TemplateResult {
    const { transcript } = this;
    return html`<p class="note">
        <span>${transcript ? this.t("review.understood", { text: transcript }) : this.t("recordings.no_transcript")}</span>
      </p>
      <div class="row">
        <label class="sr" for="correction">${this.t("review.correction")}</label>
        <input class="field grow" id="correction" maxlength="500" placeholder=${this.t("review.correction")} />
        <button class="button" id="save-correction" @click=${() => this.correct(clip)}>${this.t("review.save")}</button>
      </div>`;
  }

  private findings(clip: PoolClip): TemplateResult {
    const what = clip.findings!.map((one) => this.t(`review.finding_${one}`)).join(", ");
    return html`<div class="note ${clip.barred ? "warn" : ""}">
      ${icon(icons.lock)}
      <div>
        <p>${this.t(clip.barred ? "review.barred" : "review.allowed", { what })}</p>
        <div class="row">
          <button class="button" data-allow aria-pressed=${!!clip.allowed} @click=${() => void this.allow(clip)}>
            ${this.t("review.allow")}
          </button>
        </div>
      </div>
    </div>`;
  }

  private filter(answer: LearnedAnswer): TemplateResult {
    const { verifier } = this.house.state!.house.toggles;
    return html`<section class="card" id="learned">
      <h2>${this.t("review.learned")}</h2>
      <p class="muted-text">${this.t("review.learned_detail")}</p>
      <p class="note" role="status">
        <span
          >${this.t(answer.learning ? "review.learning" : "review.labeled", {
            wakes: this.texts.number(answer.wakes),
            wakes_needed: this.texts.number(answer.wakes_needed),
            others: this.texts.number(answer.false_wakes),
            others_needed: this.texts.number(answer.false_wakes_needed),
          })}</span
        >
      </p>
      ${answer.learned.map((one) => this.word(one))}
      <div class="row verifier">
        <label class="grow" for="verifier">${this.t("review.use_filter")}</label>
        <input
          type="checkbox"
          role="switch"
          class="switch"
          id="verifier"
          .checked=${verifier.on}
          @change=${(event: Event) =>
            void this.act(async () => {
              const { checked } = event.target as HTMLInputElement;
              await this.house.call("settings/set", { toggle: "verifier", on: checked });
            })}
        />
      </div>
    </section>`;
  }

  // Each clip was tried with a filter that had never heard it.
  private word(one: LearnedWord): TemplateResult {
    const row = (key: string, before: number, after: number, all: number): TemplateResult => html`<tr>
      <th scope="row">${this.t(key)}</th>
      ${[before, after].map(
        (count) => html`<td>${this.t("review.of", { count: this.texts.number(count), all: this.texts.number(all) })}</td>`,
      )}
    </tr>`;
    return html`<table>
        <caption>
          <bdi>${one.phrase}</bdi>
        </caption>
        <tr>
          <td></td>
          <th scope="col">${this.t("review.before")}</th>
          <th scope="col">${this.t("review.after")}</th>
        </tr>
        ${row("review.wakes_kept", one.wakes_before, one.wakes_after, one.wakes)}
        ${row("review.wakes_in_noise", one.noisy_before, one.noisy_after, one.noisy_wakes)}
        ${row("review.false_wakes_left", one.false_before, one.false_after, one.false_wakes)}
      </table>
      <p class="note">
        <span>${this.t(one.used ? "review.used" : one.better ? "review.unused" : "review.not_better")}</span>
      </p>`;
  }

  private replay({ thresholds, satellites }: ScoresAnswer): TemplateResult {
    const { house, satellites: known } = this.house.state!;
    const heard = known.filter((one) => satellites[one.id]);
    const guests = house.toggles.guest_mode.on;
    return html`<section class="card" id="scores">
      <h2>${this.t("review.scores")}</h2>
      <p class="muted-text">${this.t("review.scores_detail")}</p>
      ${guests || !heard.length
        ? html`<p class="note"><span>${this.t(guests ? "review.scores_guest" : "review.scores_none")}</span></p>`
        : nothing}
      ${heard.length
        ? html`<ul>
            ${heard.map((one) => this.score(one, thresholds, satellites[one.id]!))}
          </ul>`
        : nothing}
    </section>`;
  }

  private score(one: Satellite, thresholds: number[], table: ScoresAnswer["satellites"][string]): TemplateResult {
    const threshold = this.asked[one.id] ?? one.wake_words[0]?.threshold ?? 0.5;
    const at = thresholds.reduce(
      (best, value, index) => (Math.abs(value - threshold) < Math.abs(thresholds[best]! - threshold) ? index : best),
      0,
    );
    const number = (key: "avoided" | "missed" | "unknown"): string => this.texts.number(table[key][at]!);
    return html`<li>
      <label for="score-${one.id}"><bdi>${one.name}</bdi></label>
      <input
        type="range"
        class="slider"
        id="score-${one.id}"
        min=${thresholds[0]!}
        max=${thresholds.at(-1)!}
        step="0.01"
        .value=${String(threshold)}
        @input=${(event: Event) =>
          (this.asked = { ...this.asked, [one.id]: Number((event.target as HTMLInputElement).value) })}
      />
      <p role="status">
        ${this.t("review.replay", {
          // Kept together where the words around it run the other way.
          threshold: `\u2068${this.texts.percent(thresholds[at]!)}\u2069`,
          avoided: number("avoided"),
          missed: number("missed"),
          unknown: number("unknown"),
        })}
      </p>
    </li>`;
  }

  private owner(): TemplateResult {
    return html`${this.learned ? this.filter(this.learned) : nothing} ${this.scores ? this.replay(this.scores) : nothing}
      <section class="card">
        <h2>${this.t("review.reviewers")}</h2>
        <p class="muted-text">${this.t("review.reviewers_detail")}</p>
        ${this.users?.length
          ? html`<ul>
              ${this.users.map(
                (user) =>
                  html`<li class="row">
                    <label class="grow" for="user-${user.user_id}"><bdi>${user.name}</bdi></label>
                    <input
                      type="checkbox"
                      role="switch"
                      class="switch"
                      id="user-${user.user_id}"
                      .checked=${user.on}
                      @change=${(event: Event) =>
                        void this.setReviewer(user, (event.target as HTMLInputElement).checked)}
                    />
                  </li>`,
              )}
            </ul>`
          : html`<p class="note">${this.t("review.no_users")}</p>`}
      </section>
      <section class="card">
        <h2>${this.t("review.limits")}</h2>
        <p class="muted-text">${this.t("review.limits_detail")}</p>
      </section>`;
  }
}

define("voice-privacy-review", Review);
