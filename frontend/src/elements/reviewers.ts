// Who may review, for the owner to choose.
import { html, type TemplateResult } from "lit";
import type { Reviewer } from "../contract";
import type { Texts } from "../texts";

export function reviewers(
  texts: Texts,
  users: Reviewer[],
  turn: (user: Reviewer, event: Event) => void,
): TemplateResult {
  return html`<section class="card">
    <h2>${texts.get("review.reviewers")}</h2>
    <p class="muted-text">${texts.get("review.reviewers_detail")}</p>
    ${
      users.length
        ? html`<ul>
            ${users.map(
              (user) =>
                html`<li class="row">
                  <label class="grow" for="user-${user.user_id}"><bdi>${user.name}</bdi></label>
                  <input
                    type="checkbox"
                    role="switch"
                    class="switch"
                    id="user-${user.user_id}"
                    .checked=${user.on}
                    @change=${(event: Event) => turn(user, event)}
                  />
                </li>`,
            )}
          </ul>`
        : html`<p class="note">${texts.get("review.no_users")}</p>`
    }
  </section>`;
}
