// Delete or export much at once: today, false wakes, a range, everything; an archive of some days.
import { html, nothing, type TemplateResult } from "lit";
import { state } from "lit/decorators.js";
import type { DeletionPrompt } from "./deletion-dialog";
import { define, Part } from "./part";
import { failureOf } from "../connection";
import { saveAs } from "../download";
import { icon, icons } from "../icons";
import { base } from "../styles/base";
import { dialogStyles } from "../styles/dialog";

type Mode = "menu" | "range" | "export";

export class ManageDialog extends Part {
  static styles = [base, dialogStyles];
  @state() private mode?: Mode;
  @state() private first = "";
  @state() private last = "";
  @state() private satellite = "";
  @state() private progress?: number;
  @state() private message?: string;
  private abort?: AbortController;

  async open(): Promise<void> {
    this.mode = "menu";
    this.satellite = "";
    this.progress = this.message = undefined;
    await this.updateComplete;
    this.dialog.showModal();
  }

  private get dialog(): HTMLDialogElement {
    return this.renderRoot.querySelector("dialog")!;
  }

  private ask(prompt: DeletionPrompt): void {
    this.dialog.close();
    this.emit("vp-delete", prompt);
  }

  private range(): void {
    // Days begin where the house is, which this browser may not be: ask day by day boundaries as instants.
    const start = this.texts.startOfDay(this.first);
    const end = this.texts.startOfDay(this.last, 1);
    const today = this.house.today;
    const [first, last] = [this.texts.dayName(this.first, today), this.texts.dayName(this.last, today)];
    const title =
      this.first === this.last
        ? this.t("delete.title_day", { day: first })
        : this.t("delete.title_range", { first, last });
    const limited = this.satellite ? { satellite_ids: [this.satellite] } : {};
    this.ask({ title, request: { scope: "range", start, end, ...limited }, typed: true });
  }

  // A deletion begins with today only, an export with everything.
  private begin(mode: "range" | "export"): void {
    this.mode = mode;
    this.first = this.last = mode === "range" ? this.house.today : "";
  }

  private daysAgo(days: number): string {
    const [year, month, date] = this.house.today.split("-").map(Number);
    return new Date(Date.UTC(year!, month! - 1, date! - days)).toISOString().slice(0, 10);
  }

  private presets(mode: "range" | "export"): TemplateResult {
    const { today } = this.house;
    const yesterday = this.daysAgo(1);
    const presets: [string, string, string][] = [
      ["only_today", today, today],
      ["yesterday", yesterday, yesterday],
      ["week", this.daysAgo(6), today],
      ["month", this.daysAgo(29), today],
      // Deleting everything has a question of its own.
      ...(mode === "export" ? [["everything", "", ""] as [string, string, string]] : []),
    ];
    return html`<div class="presets" role="group" aria-label=${this.t("manage.days")}>
      ${presets.map(
        ([key, first, last]) =>
          html`<button
            class="button"
            aria-pressed=${this.first === first && this.last === last}
            @click=${() => {
              this.first = first;
              this.last = last;
            }}
          >
            ${this.t(`manage.${key}`)}
          </button>`,
      )}
    </div>`;
  }

  private rooms(): TemplateResult | typeof nothing {
    const { satellites } = this.state;
    if (satellites.length < 2) return nothing;
    return html`<label class="wide"
      >${this.t("recordings.satellite")}<select
        class="field"
        @change=${(event: Event) => (this.satellite = (event.target as HTMLSelectElement).value)}
      >
        <option value="">${this.t("recordings.all_satellites")}</option>
        ${satellites.map(({ id, name }) => html`<option value=${id} ?selected=${id === this.satellite}>${name}</option>`)}
      </select></label
    >`;
  }

  private async export(): Promise<void> {
    this.progress = 0;
    this.message = undefined;
    this.abort = new AbortController();
    try {
      const query = new URLSearchParams();
      if (this.first) query.set("first_day", this.first);
      if (this.last) query.set("last_day", this.last);
      if (this.satellite) query.set("satellite_id", this.satellite);
      const response = await this.connection.fetch(`archive?${query}`);
      const expected = Number(response.headers.get("X-Expected-Size")) || 1;
      const pieces: Uint8Array<ArrayBuffer>[] = [];
      const reader = response.body!.getReader();
      this.abort.signal.addEventListener("abort", () => void reader.cancel());
      let received = 0;
      for (;;) {
        const { done, value } = await reader.read();
        if (done) break;
        pieces.push(value);
        received += value.length;
        this.progress = Math.min(0.99, received / expected);
      }
      if (this.abort.signal.aborted) return;
      saveAs(
        new Blob(pieces, { type: "application/zip" }),
        `voice-privacy-${[this.first, this.last].filter(Boolean).join("-") || this.house.today}.zip`,
      );
      this.message = this.t("export.done", { size: this.texts.size(received) });
    } catch (error) {
      this.message = this.texts.error(failureOf(error).code);
    } finally {
      this.progress = undefined;
    }
  }

  private closed(): void {
    this.abort?.abort();
    this.mode = undefined;
  }

  protected render(): TemplateResult {
    return html`<dialog
      aria-labelledby="title"
      @close=${this.closed}
      @keydown=${(event: Event) => event.stopPropagation()}
    >
      ${this.mode ? html`<div class="dialog">${this.mode === "menu" ? this.menu() : this.form(this.mode)}</div>` : ""}
    </dialog>`;
  }

  private menu(): TemplateResult {
    const { permissions, satellites } = this.state;
    const ids = satellites.map((satellite) => satellite.id);
    const mine = permissions.admin ? undefined : ids.filter((id) => permissions.control.includes(id));
    const limited = mine ? { satellite_ids: mine } : {};
    const may = permissions.admin || !!mine?.length;
    const choice = (key: string, path: string, act: () => void): TemplateResult =>
      html`<button class="choice" id="manage-${key}" @click=${act}>
        ${icon(path)}<span
          ><strong>${this.t(`manage.${key}`)}</strong><small>${this.t(`manage.${key}_detail`)}</small></span
        >
      </button>`;
    return html`<h2 id="title">${this.t("manage.title")}</h2>
      ${
        may
          ? html`${choice("last", icons.deleted, () =>
              this.ask({ title: this.t("delete.title_last"), request: { scope: "last", ...limited } }),
            )}
            ${choice("today", icons.deleted, () =>
              this.ask({ title: this.t("delete.title_today"), request: { scope: "today", ...limited } }),
            )}
            ${choice("false_wakes", icons.deleted, () =>
              this.ask({ title: this.t("delete.title_false_wakes"), request: { scope: "false_wakes", ...limited } }),
            )}`
          : html`<p>${this.t("manage.nothing_allowed")}</p>`
      }
      ${
        permissions.admin
          ? html`${choice("range", icons.deleted, () => this.begin("range"))}
            ${choice("all", icons.alert, () =>
              this.ask({ title: this.t("delete.title_all"), request: { scope: "all" }, typed: true }),
            )}
            ${choice("export", icons.archive, () => this.begin("export"))}`
          : html`<p class="note">${icon(icons.lock)}<span>${this.t("manage.owner_only")}</span></p>`
      }
      <div class="actions">
        <button class="button" @click=${() => this.dialog.close()}>${this.t("common.cancel")}</button>
      </div>`;
  }

  private form(mode: "range" | "export"): TemplateResult {
    const { first, last } = this;
    const reversed = !!first && !!last && first > last;
    const valid = !reversed && (mode === "export" || (first && last));
    return html`<h2 id="title">${this.t(`manage.${mode}`)}</h2>
      <p class="muted-text">${this.t(mode === "range" ? "manage.range_about" : "export.about")}</p>
      ${this.presets(mode)}
      <div class="fields">
        <label
          >${this.t("recordings.from")}<input
            class="field"
            type="date"
            .value=${this.first}
            @change=${(event: Event) => (this.first = (event.target as HTMLInputElement).value)}
        /></label>
        <label
          >${this.t("recordings.to")}<input
            class="field"
            type="date"
            .value=${this.last}
            @change=${(event: Event) => (this.last = (event.target as HTMLInputElement).value)}
        /></label>
        ${this.rooms()}
      </div>
      ${reversed ? html`<p class="note warn" role="alert">${icon(icons.alert)}<span>${this.t("manage.reversed")}</span></p>` : nothing}
      ${
        this.progress === undefined
          ? ""
          : html`<div
              class="bar"
              role="progressbar"
              aria-label=${this.t("export.working")}
              aria-valuenow=${Math.round(this.progress * 100)}
            >
              <i style="width:${this.progress * 100}%"></i>
            </div>`
      }
      ${this.message ? html`<p role="status">${this.message}</p>` : ""}
      <div class="actions">
        <button class="button" @click=${() => this.dialog.close()}>
          ${this.t(this.message ? "common.close" : "common.cancel")}
        </button>
        ${
          mode === "range"
            ? html`<button class="button danger" ?disabled=${!valid} @click=${this.range}>
                ${this.t("common.next")}
              </button>`
            : html`<button
                class="button"
                id="export"
                ?disabled=${!valid || this.progress !== undefined}
                @click=${() => void this.export()}
              >
                ${icon(icons.archive)}${this.t("export.button")}
              </button>`
        }
      </div>`;
  }
}

define("voice-privacy-manage", ManageDialog);
