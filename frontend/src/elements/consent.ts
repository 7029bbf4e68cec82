// Consent of the house: what each toggle changes, who turned it last, every room at a glance, and what is kept for how long.
import { html, type TemplateResult } from "lit";
import { KEEP_FALSE_WAKES, KEEP_HOUSE, KEEP_SATELLITE, KEEP_TRANSCRIPTS, type Satellite } from "../contract";
import { define } from "./part";
import { ConsentPart, mayMiss } from "./consent-part";
import { icon, icons } from "../icons";
import { quota, storage } from "../quota";
import { base } from "../styles/base";
import { consentStyles } from "../styles/consent";

// The columns of the table of rooms.
const ROOM_TOGGLES = ["save_recordings", "save_transcripts", "save_near_misses", "help_improve"] as const;
type RoomToggle = (typeof ROOM_TOGGLES)[number];

function isOn({ toggles }: Satellite, name: RoomToggle): boolean {
  return toggles[name]?.on ?? false;
}

export class Consent extends ConsentPart {
  static styles = [base, consentStyles];

  protected render(): TemplateResult {
    const { house, satellites, permissions, may } = this.state;
    return html`
      ${
        house.settings_lost
          ? html`<div class="note warn wide" role="alert">
              ${icon(icons.alert)}<span>${this.t("consent.settings_lost")}</span>
            </div>`
          : ""
      }
      <section class="card">
        <h2>${this.t("consent.house")}</h2>
        ${this.toggle("guest_mode", house.toggles.guest_mode, may.guest_mode)}
        ${this.toggle("deletion_by_voice", house.toggles.deletion_by_voice, permissions.admin)}
        ${this.toggle("household_may_listen", house.toggles.household_may_listen, permissions.admin)}
        ${this.toggle("help_improve", house.toggles.help_improve, permissions.admin)}
        ${permissions.admin ? "" : html`<p class="note">${icon(icons.lock)}<span>${this.t("consent.owner_only")}</span></p>`}
      </section>
      <div class="stack">${this.retention()} ${this.kept()}</div>
      ${satellites.length ? this.rooms(satellites) : ""}
    `;
  }

  private kept(): TemplateResult {
    const { house, permissions } = this.state;
    return html`<section class="card">
      <h2>${this.t("consent.kept")}</h2>
      <div class="figures">
        <span><b>${this.texts.number(house.recordings)}</b>${this.texts.noun("recordings", house.recordings)}</span>
        <span
          ><b><bdi>${storage(this.texts, this.state)}</bdi></b
          >${this.t("consent.on_disk")}</span
        >
        <span><b>${this.texts.number(house.false_wakes)}</b>${this.texts.noun("false_wakes", house.false_wakes)}</span>
      </div>
      ${quota(this.texts, this.state)}
      <p class="muted-text">${this.t("consent.sealed")}</p>
      ${
        permissions.admin && house.recordings
          ? html`<div class="row">
              <button class="button danger-quiet" id="delete-everything" @click=${this.everything}>
                ${icon(icons.deleted)}${this.t("manage.all")}
              </button>
            </div>`
          : ""
      }
    </section>`;
  }

  private everything(): void {
    this.emit("vp-delete", { title: this.t("delete.title_all"), request: { scope: "all" }, typed: true });
  }

  // What each toggle means is said once, not for every room.
  private rooms(satellites: Satellite[]): TemplateResult {
    return html`<section class="card wide rooms">
      <h2 id="rooms-title">${this.t("consent.rooms")}</h2>
      <dl class="muted-text">
        ${ROOM_TOGGLES.map(
          (name) =>
            html`<dt>${this.t(`consent.${name}`)}</dt>
              <dd id="${name}-about">
                ${this.t(`consent.${name}_${name === "help_improve" ? "one_detail" : "detail"}`)}
              </dd>`,
        )}
        <dt>${this.t("retention.keep_recordings")}</dt>
        <dd id="keep_recordings-about">${this.t("retention.keep_recordings_detail")}</dd>
      </dl>
      <table aria-labelledby="rooms-title">
        <thead>
          <tr>
            <td></td>
            ${ROOM_TOGGLES.map((name) => html`<th scope="col" id="column-${name}">${this.t(`consent.${name}`)}</th>`)}
            <th scope="col" id="column-keep">${this.t("retention.keep_recordings")}</th>
          </tr>
        </thead>
        <tbody>
          ${satellites.length > 1 ? this.everyRoom(satellites) : ""}
          ${satellites.map((satellite) => this.room(satellite))}
        </tbody>
      </table>
    </section>`;
  }

  private everyRoom(satellites: Satellite[]): TemplateResult {
    return html`<tr class="all">
      <th scope="row" id="all-rooms">${this.t("consent.all_rooms")}</th>
      ${ROOM_TOGGLES.map((name) => {
        const able = satellites.filter((satellite) => name !== "save_near_misses" || mayMiss(satellite));
        const ids = able.map(({ id }) => id);
        const on = able.filter((satellite) => isOn(satellite, name)).length;
        const some = this.t("review.of", { count: this.texts.number(on), all: this.texts.number(ids.length) });
        return html`<td>
          <span class="label" aria-hidden="true">${this.t(`consent.${name}`)}</span>
          <span class="pair"
            >${this.switch(name, on > 0 && on === ids.length, this.admin && on + ids.length > 0, "all", ids, `all-rooms column-${name}`)}<small
              >${some}</small
            ></span
          >
        </td>`;
      })}
      <td></td>
    </tr>`;
  }

  private room(satellite: Satellite): TemplateResult {
    const { id, name, keep_recordings } = satellite;
    const key = `keep_recordings-${id}`;
    return html`<tr>
        <th scope="row" id="room-${id}"><bdi>${name}</bdi></th>
        ${ROOM_TOGGLES.map(
          (toggle) =>
            html`<td>
              <span class="label" aria-hidden="true">${this.t(`consent.${toggle}`)}</span>
              ${
                toggle === "save_near_misses" && !mayMiss(satellite)
                  ? html`<span id="${toggle}-${id}-about"
                      ><span aria-hidden="true">–</span
                      ><span class="sr">${this.t("consent.save_near_misses_unavailable")}</span></span
                    >`
                  : this.switch(toggle, isOn(satellite, toggle), this.admin, id, [id], `room-${id} column-${toggle}`)
              }
            </td>`,
        )}
        <td>
          <span class="label" aria-hidden="true">${this.t("retention.keep_recordings")}</span>
          ${this.periods("keep_recordings", KEEP_SATELLITE, keep_recordings, satellite, `room-${id} column-keep`)}
        </td>
      </tr>
      ${
        this.pending?.key === key
          ? html`<tr>
              <td colspan="6">${this.questionOf(key)}</td>
            </tr>`
          : ""
      }`;
  }

  private retention(): TemplateResult {
    const { retention } = this.house;
    const { keep_recordings, keep_false_wakes, keep_transcripts, storage_limit, changed } = retention;
    return html`<section class="card">
      <h2>${this.t("retention.title")}</h2>
      ${this.keep("keep_recordings", KEEP_HOUSE, keep_recordings, changed.keep_recordings)}
      ${this.keep("keep_false_wakes", KEEP_FALSE_WAKES, keep_false_wakes, changed.keep_false_wakes)}
      ${this.keep("keep_transcripts", KEEP_TRANSCRIPTS, keep_transcripts, changed.keep_transcripts)}
      ${this.setting(
        "storage_limit",
        this.t("retention.storage_limit"),
        this.t("retention.storage_limit_detail"),
        changed.storage_limit,
        html`<input
          class="field limit"
          id="storage_limit"
          aria-labelledby="storage_limit-name"
          aria-describedby="storage_limit-about"
          type="number"
          min="0"
          max="1000000"
          ?disabled=${!this.admin}
          .value=${String((this.pending?.key === "storage_limit" ? this.pending.value : storage_limit) || "")}
          @change=${(event: Event) => {
            const control = event.target as HTMLInputElement;
            const limit = Math.max(0, Math.round(Number(control.value)));
            void this.chosen(control, storage_limit, this.choose("storage_limit", limit));
          }}
        />`,
      )}
      ${this.questionOf("storage_limit")}
      <p class="note">${icon(icons.clock)}<span>${this.t("retention.how")}</span></p>
    </section>`;
  }
}

define("voice-privacy-consent", Consent);
