// Recordings that are in memory only, and go by themselves: play, keep, delete.
import { html, nothing, type TemplateResult } from "lit";
import { state } from "lit/decorators.js";
import type { Held, HeldAnswer } from "../contract.rooms";
import { icon, icons } from "../icons";
import { Player } from "../player";
import { base } from "../styles/base";
import { heldStyles } from "../styles/held";
import { define, Part } from "./part";

export class HeldRecordings extends Part {
  static styles = [base, heldStyles];
  private player!: Player;
  // What was said, by recording.
  @state() private said: NonNullable<HeldAnswer["recordings"]> = {};

  connectedCallback(): void {
    super.connectedCallback();
    this.player = new Player(
      this.connection,
      () => this.requestUpdate(),
      (failure) => this.notify(this.texts.error(failure.code)),
    );
    this.stateChanged();
  }

  disconnectedCallback(): void {
    super.disconnectedCallback();
    this.player.stop();
  }

  stateChanged(): void {
    super.stateChanged();
    if (this.held.some(({ id }) => !(id in this.said))) void this.load();
    // What is gone is not played on.
    if (this.player.id && !this.held.some(({ id }) => id === this.player.id)) this.player.stop();
  }

  private async load(): Promise<void> {
    try {
      this.said = (await this.connection.call<HeldAnswer>("recordings/held")).recordings ?? {};
    } catch {
      // Until the backend is restarted after an update, the page is newer than it.
    }
  }

  private get held(): Held[] {
    return this.state.held ?? [];
  }

  private keep({ id }: Held): Promise<boolean> {
    return this.attempt(async () => {
      await this.connection.call("recordings/keep", { recording_id: id });
      this.notify(this.t("level.kept"));
    });
  }

  private delete({ id }: Held): Promise<boolean> {
    return this.attempt(() => this.connection.call("recordings/delete", { scope: "ids", recording_ids: [id] }));
  }

  protected render(): TemplateResult | typeof nothing {
    if (!this.held.length) return nothing;
    return html`<section class="card" aria-labelledby="held-title">
      <h2 id="held-title">${this.t("level.held")}</h2>
      <ul>
        ${this.held.map((held) => this.row(held))}
      </ul>
    </section>`;
  }

  private row(held: Held): TemplateResult {
    const { id, satellite_id, started_at, until, may_keep, kind } = held;
    const name = this.connection.nameOf(satellite_id) ?? "";
    const label = { recording: `${this.texts.time(started_at)}, ${name}` };
    const playing = this.player.id === id && this.player.state !== "paused";
    return html`<li data-id=${id}>
      <button
        class="icon-button"
        aria-label=${this.t(playing ? "recordings.pause" : "recordings.play", label)}
        @click=${() => void this.player.toggle(id)}
      >
        ${icon(playing ? icons.pause : icons.play)}
      </button>
      <span
        ><bdi>${label.recording}</bdi>
        <div dir="auto">${this.said[id]?.transcript}</div>
        <small
          >${this.t("level.held_until", { time: this.texts.time(until) })}${
            kind === "false_wake" ? html` · ${this.t("recordings.nothing_said")}` : nothing
          }</small
        ></span
      >
      ${
        may_keep
          ? html`<button class="button keep" @click=${() => void this.keep(held)}>${this.t("level.keep")}</button>`
          : nothing
      }
      ${
        this.state.may.delete_selected.includes(satellite_id)
          ? html`<button
              class="icon-button delete"
              aria-label=${this.t("recordings.delete", label)}
              @click=${() => void this.delete(held)}
            >
              ${icon(icons.deleted)}
            </button>`
          : nothing
      }
    </li>`;
  }
}

define("voice-privacy-held", HeldRecordings);
