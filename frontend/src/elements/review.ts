// The review tab: clips to hear and to label, and for the owner what is in the pool and who may hear it.
import { html, nothing, type TemplateResult } from "lit";
import { state } from "lit/decorators.js";
import type { Label, LearnedAnswer, PoolClip, PoolReceipt, Reviewer, ScoresAnswer } from "../contract";
import { icon, icons } from "../icons";
import { Player } from "../player";
import { base } from "../styles/base";
import { reviewStyles } from "../styles/review";
import { define, Part } from "./part";
import "./review-learned";
import "./review-scores";
import { reviewers } from "./reviewers";

// The buttons below a clip, in the order in which they are shown.
export const LABEL_BUTTONS: readonly Label[] = ["meant_for_us", "false_wake", "cut_off", "wrong_transcript"];

export class Review extends Part {
  static styles = [base, reviewStyles];
  @state() private clips?: PoolClip[];
  @state() private users?: Reviewer[];
  @state() private learned?: LearnedAnswer;
  @state() private scores?: ScoresAnswer;
  // The clip whose transcript is being corrected, what was understood, and what is typed.
  @state() private open?: string;
  @state() private transcript?: string | null;
  private typed = "";
  private player?: Player;
  // What the answers that are shown depend on.
  private known: unknown[] = [];

  connectedCallback(): void {
    super.connectedCallback();
    this.player = new Player(
      this.connection,
      () => this.requestUpdate(),
      (failure) => this.notify(this.texts.error(failure.code)),
      "review",
    );
    this.known = this.basis;
    void this.load();
  }

  disconnectedCallback(): void {
    super.disconnectedCallback();
    this.player?.stop();
  }

  stateChanged(): void {
    super.stateChanged();
    const { basis } = this;
    if (basis.every((value, index) => value === this.known[index])) return;
    this.known = basis;
    void this.load();
  }

  private get basis(): unknown[] {
    const { review, toggles } = this.house;
    return [...review, toggles.verifier.on];
  }

  private async load(): Promise<void> {
    const answers = [this.loadClips()];
    if (this.admin) answers.push(this.loadScores(), this.loadLearned(), this.loadUsers());
    await this.attempt(() => Promise.all(answers));
  }

  private async loadClips(): Promise<void> {
    const command = this.admin ? "review/pool" : "review/list";
    this.clips = (await this.connection.call<{ clips: PoolClip[] }>(command)).clips;
  }

  private async loadScores(): Promise<void> {
    this.scores = await this.connection.call<ScoresAnswer>("review/scores");
  }

  private async loadLearned(): Promise<void> {
    this.learned = await this.connection.call<LearnedAnswer>("review/learned");
  }

  private async loadUsers(): Promise<void> {
    this.users = (await this.connection.call<{ users: Reviewer[] }>("review/reviewers")).users;
  }

  // Do something, and then show what has become of it.
  private async act(work: () => Promise<unknown>): Promise<void> {
    await this.attempt(async () => {
      await work();
      await this.load();
    });
  }

  private play({ review_id }: PoolClip): void {
    this.notify("");
    void this.player?.toggle(review_id);
  }

  private label({ review_id }: PoolClip, label: Label, correction: string | null = null): Promise<void> {
    return this.act(() => this.connection.call("review/label", { review_id, label, correction }));
  }

  private choose(clip: PoolClip, label: Label): void {
    void this.label(clip, label);
    this.open = label === "wrong_transcript" ? clip.review_id : undefined;
    this.transcript = undefined;
    this.typed = "";
    if (this.open) void this.loadTranscript(this.open);
  }

  // The keys 1 to 4 label the clip that has the focus, in the order of its buttons.
  private onKey(event: KeyboardEvent, clip: PoolClip): void {
    const label = LABEL_BUTTONS[Number(event.key) - 1];
    const typing = (event.composedPath()[0] as HTMLElement).matches("input, textarea");
    if (!label || typing || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    this.choose(clip, label);
  }

  private async loadTranscript(review_id: string): Promise<void> {
    await this.attempt(async () => {
      const answer = await this.connection.call<{ transcript: string | null }>("review/transcript", { review_id });
      if (this.open === review_id) this.transcript = answer.transcript;
    });
  }

  private correct(clip: PoolClip): void {
    void this.label(clip, "wrong_transcript", this.typed);
    this.open = undefined;
  }

  private allow({ review_id, allowed }: PoolClip): Promise<void> {
    return this.act(() => this.connection.call("review/allow", { review_id, allowed: !allowed }));
  }

  private takeOut({ review_id }: PoolClip): Promise<void> {
    return this.act(async () => {
      await this.connection.call<PoolReceipt>("review/take_out", { review_ids: [review_id] });
      this.notify(this.t("review.taken_out"));
    });
  }

  private async setReviewer({ user_id }: Reviewer, event: Event): Promise<void> {
    await this.turn(event, (on) => this.connection.call("review/set_reviewer", { user_id, on }));
    await this.load();
  }

  protected render(): TemplateResult {
    const { clips } = this;
    return html`${
      clips?.length
        ? html`<section class="card">
            <h2>${this.t("review.title")}</h2>
            <p class="muted-text">${this.t("review.about")}${this.admin ? nothing : ` ${this.t("review.released")}`}</p>
            <ul>
              ${clips.map((clip) => this.clip(clip))}
            </ul>
          </section>`
        : clips
          ? this.empty()
          : nothing
    }
    ${this.admin ? this.owner() : nothing}`;
  }

  private empty(): TemplateResult {
    const { house, satellites } = this.state;
    const on = house.toggles.help_improve.on && satellites.some((satellite) => satellite.toggles.help_improve.on);
    return html`<div class="card empty">
      <span class="hero">${icon(icons.reviewed)}</span>
      <h2>${this.t(on ? "review.none" : "review.none_off")}</h2>
      <p>${this.t(!on ? "review.none_off_detail" : this.admin ? "review.none_detail" : "review.released")}</p>
    </div>`;
  }

  private clip(clip: PoolClip): TemplateResult {
    const id = clip.review_id.slice(0, 6);
    const playing = this.player?.id === clip.review_id && this.player.state === "playing";
    return html`<li data-id=${clip.review_id} @keydown=${(event: KeyboardEvent) => this.onKey(event, clip)}>
      <div class="row">
        <button
          class="button"
          aria-label=${this.t(playing ? "review.pause" : "review.play", { id })}
          @click=${() => this.play(clip)}
        >
          ${icon(playing ? icons.pause : icons.play)}
        </button>
        <span class="grow"
          ><bdi class="id ${clip.recording_id ? "sr" : ""}">${id}</bdi>
          ${clip.recording_id ? html`<span class="muted-text">${this.whose(clip)}</span>` : nothing}</span
        >
        ${
          this.admin
            ? html`<button class="button" @click=${() => void this.takeOut(clip)}>
                ${icon(icons.takenOut)}${this.t("review.take_out")}<span class="sr"> ${id}</span>
              </button>`
            : nothing
        }
      </div>
      <div class="row" role="group" aria-label=${this.t("review.labels", { id })}>
        ${LABEL_BUTTONS.map(
          (label, index) =>
            html`<button
              class="button"
              title=${index + 1}
              aria-keyshortcuts=${index + 1}
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
    const name = this.connection.nameOf(clip.satellite_id!) ?? this.t("common.removed_satellite");
    const when = clip.started_at ? `${this.texts.dateTime(clip.started_at)} · ` : "";
    return html`<bdi>${name}</bdi> ·
      ${when}${this.t("recordings.kept_until", {
        date: this.texts.until(clip.expires_at!),
      })}`;
  }

  private correction(clip: PoolClip): TemplateResult {
    const { transcript } = this;
    return html`<p class="note">
        <span
          >${transcript ? this.t("review.understood", { text: transcript }) : this.t("recordings.no_transcript")}</span
        >
      </p>
      <div class="row">
        <label class="sr" for="correction">${this.t("review.correction")}</label>
        <input
          class="field grow"
          id="correction"
          maxlength="500"
          placeholder=${this.t("review.correction")}
          .value=${this.typed}
          @input=${(event: Event) => (this.typed = (event.target as HTMLInputElement).value)}
        />
        <button class="button" id="save-correction" @click=${() => this.correct(clip)}>${this.t("review.save")}</button>
      </div>`;
  }

  private findings(clip: PoolClip): TemplateResult {
    const what = clip.findings!.map((finding) => this.t(`review.finding_${finding}`)).join(", ");
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

  private owner(): TemplateResult {
    const { connection, learned, scores, texts } = this;
    return html`${
        learned
          ? html`<voice-privacy-learned
              .connection=${connection}
              .texts=${texts}
              .answer=${learned}
            ></voice-privacy-learned>`
          : nothing
      }
      ${
        scores
          ? html`<voice-privacy-scores
              .connection=${connection}
              .texts=${texts}
              .answer=${scores}
            ></voice-privacy-scores>`
          : nothing
      }
      ${reviewers(texts, this.users ?? [], (user, event) => void this.setReviewer(user, event))}
      <section class="card">
        <h2>${this.t("review.limits")}</h2>
        <p class="muted-text">${this.t("review.limits_detail")}</p>
      </section>`;
  }
}

define("voice-privacy-review", Review);
