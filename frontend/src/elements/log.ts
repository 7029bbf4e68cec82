// The access log: who did what with recordings, and when.
import { html, type TemplateResult } from "lit";
import { state } from "lit/decorators.js";
import { AUDIT_ACTIONS, type AuditAction, type LogEntry } from "../contract";
import { define, Part } from "./part";
import { type Failure, failureOf, type Connection } from "../connection";
import { icon, icons } from "../icons";
import { base } from "../styles/base";
import { logStyles } from "../styles/log";
import type { Texts } from "../texts";

const REFRESH_MILLISECONDS = 10_000;
const deedIcons: Record<AuditAction, string> = {
  changed: icons.toggle,
  deleted: icons.deleted,
  exported: icons.archive,
  kept: icons.check,
  listed: icons.listed,
  listened: icons.listened,
  microphone_opened: icons.microphone,
  microphone_tested: icons.microphone,
  reviewed: icons.reviewed,
  taken_out: icons.takenOut,
  wake_word_tested: icons.microphone,
};

export class AccessLog extends Part {
  static styles = [base, logStyles];
  @state() private entries?: LogEntry[];
  @state() private more = false;
  @state() private deed: AuditAction | null = null;
  @state() private failure?: Failure;
  // Whether the whole log is shown, or that of some rooms.
  private whole = false;
  private polling?: ReturnType<typeof setInterval>;

  connectedCallback(): void {
    super.connectedCallback();
    void this.load(0);
    this.polling = setInterval(() => void this.refresh(), REFRESH_MILLISECONDS);
  }

  disconnectedCallback(): void {
    super.disconnectedCallback();
    clearInterval(this.polling);
  }

  stateChanged(): void {
    super.stateChanged();
    // What an administrator read is not left on the screen of somebody who is none any more.
    if (this.admin !== this.whole) this.entries = undefined;
    void this.refresh();
  }

  private async refresh(): Promise<void> {
    // Whoever has scrolled on reads; he is not moved.
    if (!document.hidden && (this.entries?.length ?? 0) <= 100) await this.load(0);
  }

  private async load(offset: number): Promise<void> {
    const deed = this.deed;
    this.whole = this.admin;
    const command = this.whole ? "access_log" : "access_log/rooms";
    if (!this.readable) return;
    try {
      const answer = await this.connection.call<{ entries: LogEntry[]; more: boolean }>(command, { offset, deed });
      if (deed !== this.deed) return;
      this.entries = [...(offset ? (this.entries ?? []) : []), ...answer.entries];
      this.more = answer.more;
      this.failure = undefined;
    } catch (error) {
      this.failure = failureOf(error);
    }
  }

  // Members read what concerns the rooms that they may control.
  private get readable(): boolean {
    return this.admin || this.state.permissions.control.length > 0;
  }

  private choose(deed: AuditAction | null): void {
    this.deed = deed;
    this.entries = undefined;
    void this.load(0);
  }

  protected render(): TemplateResult {
    if (!this.readable) {
      return html`<div class="card empty">
        <span class="hero">${icon(icons.lock)}</span>
        <h2>${this.t("log.owner_only")}</h2>
        <p>${this.t("log.owner_only_detail")}</p>
      </div>`;
    }
    return html`<div class="filters" role="group" aria-label=${this.t("log.filter")}>
        ${[null, ...AUDIT_ACTIONS].map(
          (deed) =>
            html`<button class="button" aria-pressed=${this.deed === deed} @click=${() => this.choose(deed)}>
              ${deed ? icon(deedIcons[deed]) : ""}${this.t(deed ? `log.filter_${deed}` : "log.filter_all")}
            </button>`,
        )}
      </div>
      ${this.failure ? html`<p class="note warn" role="alert">${icon(icons.alert)}${this.texts.error(this.failure.code)}</p>` : ""}
      ${
        this.entries && !this.entries.length
          ? html`<div class="card empty">
              <span class="hero">${icon(icons.history)}</span>
              <h2>${this.t("log.empty")}</h2>
            </div>`
          : this.days().map(
              ([day, entries]) =>
                html`<h2>${this.texts.day(day, this.house.today)}</h2>
                  <ul class="card">
                    ${entries.map((entry) => this.entry(entry))}
                  </ul>`,
            )
      }
      ${
        this.more
          ? html`<div class="more">
              <button class="button" @click=${() => void this.load(this.entries!.length)}>${this.t("log.more")}</button>
            </div>`
          : ""
      }`;
  }

  private days(): [string, LogEntry[]][] {
    const days = new Map<string, LogEntry[]>();
    for (const entry of this.entries ?? []) {
      const day = this.texts.isoDay(entry.until);
      const entries = days.get(day);
      if (entries) entries.push(entry);
      else days.set(day, [entry]);
    }
    return [...days];
  }

  private entry(entry: LogEntry): TemplateResult {
    const room = entry.by === "voice" && entry.satellite_id ? this.satellite(entry.satellite_id) : "";
    const who = entry.user ?? this.t(room ? "who.voice_in" : `who.${entry.by}`, { room });
    const [first, last] = [this.texts.time(entry.when), this.texts.time(entry.until)];
    return html`<li>
      <span class="disc ${entry.deed}">${icon(deedIcons[entry.deed])}</span>
      <span
        ><span class="who"><bdi>${who}</bdi></span>
        <span>${this.what(entry)}</span>
        ${entry.times > 1 ? html`<span class="muted-text">· <bdi>× ${this.texts.number(entry.times)}</bdi></span>` : ""}</span
      >
      <time class="muted-text" datetime=${entry.until}>${first === last ? last : html`${first} – ${last}`}</time>
    </li>`;
  }

  private satellite(id: string): string {
    return this.connection.nameOf(id) ?? this.t("common.removed_satellite");
  }

  private what(entry: LogEntry): string {
    const recordings = this.texts.count("recordings", entry.count);
    if (entry.deed === "changed") return changeText(this.texts, this.connection, entry);
    if (["microphone_opened", "microphone_tested", "wake_word_tested"].includes(entry.deed)) {
      return this.t(`log.${entry.deed}`, { satellite: this.satellite(entry.subject ?? "") });
    }
    if (entry.deed === "listed" && entry.subject === "search") return this.t("log.searched", { recordings });
    if (entry.deed === "reviewed" && entry.subject === "feedback") return this.t("log.feedback", { recordings });
    if (entry.deed === "deleted" && entry.subject === "transcripts") return this.t("log.forgot", { recordings });
    // What goes by itself was chosen by nobody.
    if (entry.deed === "deleted" && entry.subject && entry.by !== "retention") {
      return this.t("log.deleted", { recordings, scope: this.t(`scope.${entry.subject}`) });
    }
    return this.t(entry.deed === "deleted" ? "log.went" : `log.${entry.deed}`, { recordings });
  }
}

// What somebody changed: a switch is turned on or off, as the page shows it; anything else is set to a value.
export function changeText(
  texts: Texts,
  connection: Connection,
  { subject, value }: Pick<LogEntry, "subject" | "value">,
): string {
  const [first, second] = (subject ?? "").split(".");
  const setting = second ?? first!;
  const name = texts.get(`toggle.${setting}`) || (subject ?? "");
  const satellite = second ? (connection.nameOf(first!) ?? texts.get("common.removed_satellite")) : "";
  const toggle = satellite ? `${name} (${satellite})` : name;
  if (value === "on" || value === "off") {
    if (setting === "muted") return texts.get(value === "on" ? "log.muted" : "log.unmuted", { satellite });
    return texts.get(value === "on" ? "log.turned_on" : "log.turned_off", { toggle });
  }
  if (setting === "elsewhere") return texts.get("log.emptied_elsewhere", { place: texts.get(`proof.place_${value}`) });
  if (setting === "storage_limit" && value === "0") return texts.get("log.no_storage_limit");
  const chosen =
    setting === "threshold"
      ? texts.percent(Number(value))
      : (setting.endsWith("_level") && texts.get(`state.level_${value}`)) ||
        texts.get(value === "as_others" && !second ? "retention.as_recordings" : `retention.${value}`) ||
        (value ?? "");
  return texts.get("log.changed", { toggle, value: chosen });
}

define("voice-privacy-log", AccessLog);
