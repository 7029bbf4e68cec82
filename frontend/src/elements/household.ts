// For everybody but administrators: what is recorded where, for how long, who may hear it, and how to say it.
import { html, nothing, type TemplateResult } from "lit";
import type { Satellite } from "../contract";
import { isProtected, seesAll, seesNothing } from "../house-line";
import { icon, icons } from "../icons";
import { keepingOf } from "../keeping";
import { periodKey } from "../level";
import { badge } from "../microphone-row";
import { base } from "../styles/base";
import { householdStyles } from "../styles/household";
import { noRooms } from "./list-parts";
import { define, Part } from "./part";

// Why nothing that is said to a satellite is kept.
const NOT_KEPT = {
  guest_mode: "household.guest_mode",
  saving_off: "household.saving_off",
  level: "state.keeps_level",
  memory: "state.keeps_memory",
  unprotected: "household.unprotected",
};

export class Household extends Part {
  static styles = [base, householdStyles];

  protected render(): TemplateResult {
    const { satellites, house } = this.state;
    if (seesNothing(this.state)) return noRooms(this.texts);
    const hears = house.toggles.household_may_listen.on;
    return html`<section class="card" aria-labelledby="kept-title">
        <h2 id="kept-title">${this.t(seesAll(this.state) ? "household.kept" : "household.kept_yours")}</h2>
        <ul>
          ${satellites.map((satellite) => {
            const keeping = isProtected(satellite) ? keepingOf(house.toggles, satellite) : "unprotected";
            return html`<li data-id=${satellite.id}>
              ${badge(satellite)}
              <span
                ><b><bdi>${satellite.name}</bdi></b
                ><small>${keeping === "recordings" ? this.period(satellite) : this.t(NOT_KEPT[keeping])}</small></span
              >
              <span class="count">${this.texts.count("recordings", satellite.recordings)}</span>
            </li>`;
          })}
        </ul>
        <p class="note">
          ${icon(hears ? icons.listened : icons.lock)}<span
            >${this.t(hears ? "household.all_listen" : "household.owners_listen")}
            ${this.state.permissions.control.length ? this.t("household.log_below") : nothing}</span
          >
        </p>
      </section>
      <section class="card" aria-labelledby="say-title">
        <h2 id="say-title">${this.t("household.say")}</h2>
        ${
          house.toggles.deletion_by_voice.on
            ? html`<ul class="said">
                <li>${this.t("household.say_last")}</li>
                <li>${this.t("household.say_today")}</li>
                <li>${this.t("household.say_mute")}</li>
                <li>${this.t("household.say_guests")}</li>
                ${
                  satellites.some((one) => keepingOf(house.toggles, one) === "memory")
                    ? html`<li>${this.t("household.say_keep")}</li>`
                    : nothing
                }
              </ul>`
            : html`<ul class="said">
                  <li>${this.t("household.say_mute")}</li>
                  <li>${this.t("household.say_guests")}</li>
                </ul>
                <p class="muted-text">${this.t("household.say_off")}</p>`
        }
      </section>`;
  }

  private period(satellite: Satellite): string {
    const period = periodKey(this.house, satellite);
    return period === "retention.until_deleted"
      ? this.t("household.until_deleted")
      : this.t("household.kept_for", { period: this.t(period) });
  }
}

define("voice-privacy-household", Household);
