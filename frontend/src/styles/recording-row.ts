// A row of the list. Rows are drawn in the light tree, so that these styles belong to the list.
import { css } from "lit";

export const rowStyles = css`
  .row {
    --pick: 18px;
    --play: 44px;
    position: relative;
    display: grid;
    grid-template-columns: var(--play) minmax(0, 1fr) auto;
    grid-template-areas:
      "play what what"
      "sound sound sound"
      "meta meta ends";
    column-gap: 16px;
    row-gap: 6px;
    align-items: center;
    padding: 12px 4px 12px 12px;
    padding-inline: 12px 4px;
    transition: background 120ms;
  }
  .selecting .row {
    grid-template-columns: var(--pick) var(--play) minmax(0, 1fr) auto;
    grid-template-areas:
      "pick play what what"
      "sound sound sound sound"
      "meta meta meta ends";
  }
  .row:hover {
    background: color-mix(in srgb, var(--primary-text-color) 3%, transparent);
  }
  .row.current {
    background: var(--vp-tint);
  }
  .rows > div > .row + .row,
  .rows > div + div > .row:first-child {
    border-top: 1px solid var(--vp-line);
  }
  .pick {
    grid-area: pick;
    display: none;
  }
  .selecting .pick {
    display: block;
  }
  .play {
    grid-area: play;
  }
  .row {
    cursor: pointer;
  }
  .what {
    grid-area: what;
    min-width: 0;
  }
  .said,
  .reply span {
    display: -webkit-box;
    -webkit-box-orient: vertical;
    -webkit-line-clamp: 2;
    overflow: hidden;
  }
  .reply span {
    -webkit-line-clamp: 1;
  }
  mark {
    color: inherit;
    background: color-mix(in srgb, var(--vp-accent) 30%, transparent);
    border-radius: 3px;
  }
  @media (pointer: coarse) {
    .row .icon-button {
      width: 48px;
      height: 48px;
    }
    .row {
      --pick: 24px;
      --play: 48px;
    }
    .what {
      min-height: 48px;
    }
  }
  .said {
    text-align: -webkit-match-parent;
    text-align: match-parent;
    font-size: 16px;
    line-height: 1.35;
    overflow-wrap: anywhere;
  }
  .said.none {
    font-style: italic;
    font-size: 15px;
    color: var(--secondary-text-color);
  }
  .reply {
    display: flex;
    gap: 6px;
    color: var(--secondary-text-color);
    overflow-wrap: anywhere;
  }
  .reply .icon {
    width: 16px;
    height: 16px;
    margin-top: 2px;
    transform: scaleX(-1);
  }
  .sound {
    grid-area: sound;
    display: flex;
    align-items: center;
    gap: 12px;
  }
  .shape {
    position: relative;
    flex: 1;
    height: 36px;
  }
  .shape input {
    position: absolute;
    inset: 0;
    width: 100%;
    height: 100%;
    margin: 0;
    opacity: 0;
    cursor: pointer;
  }
  .shape:focus-within {
    outline: 2px solid var(--vp-accent);
    outline-offset: 4px;
    border-radius: 4px;
  }
  .length {
    font-size: 12px;
    color: var(--secondary-text-color);
    min-width: 34px;
    text-align: end;
    font-variant-numeric: tabular-nums;
  }
  .meta {
    grid-area: meta;
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    overflow: clip;
    font-size: 13px;
    color: var(--secondary-text-color);
  }
  /* Each part begins with its separator; the one that begins a line is clipped. */
  .meta > * {
    position: relative;
    inset-inline-start: -16px;
  }
  .meta > *::before {
    content: "·";
    display: inline-block;
    width: 16px;
    text-align: center;
    font-weight: 400;
    color: var(--secondary-text-color);
  }
  .mark .icon {
    display: inline-block;
    width: 14px;
    height: 14px;
    margin-inline-end: 4px;
    vertical-align: -2px;
  }
  .false {
    color: color-mix(in srgb, var(--vp-warn-text) 85%, var(--primary-text-color));
    font-weight: 500;
  }
  .ends {
    grid-area: ends;
    display: flex;
    opacity: 0.75;
  }
  .row:hover .ends,
  .row:focus-within .ends {
    opacity: 1;
  }
  .fresh {
    animation: arrive 1.8s ease-out;
  }
  @keyframes arrive {
    0% {
      background: color-mix(in srgb, var(--vp-accent) 30%, transparent);
    }
  }
  .row .play,
  .row .pick {
    align-self: start;
  }
  .row input.box.pick {
    margin-top: 13px;
  }
  /* A finger needs more than the box: it is drawn here, in the middle of what can be touched. */
  @media (pointer: coarse) {
    .selecting input.box.pick {
      appearance: none;
      position: relative;
      display: grid;
      place-items: center;
      flex: none;
      width: 48px;
      height: 48px;
    }
    .row input.box.pick {
      margin: 0 -12px;
    }
    .pick::before {
      content: "";
      width: 16px;
      height: 16px;
      border: 2px solid var(--secondary-text-color);
      border-radius: 3px;
    }
    .pick:checked::before {
      border-color: var(--vp-accent);
      background: var(--vp-accent);
    }
    .pick:checked::after {
      content: "";
      position: absolute;
      width: 5px;
      height: 10px;
      margin-top: -3px;
      border: solid #fff;
      border-width: 0 2px 2px 0;
      transform: rotate(45deg);
    }
  }
  .row .what,
  .row .sound {
    padding-inline-end: 8px;
  }
  @container list (min-width: 420px) {
    .row {
      grid-template-areas:
        "play what what"
        "play sound ends"
        "play meta ends";
    }
    .selecting .row {
      grid-template-areas:
        "pick play what what"
        "pick play sound ends"
        "pick play meta ends";
    }
  }
  @container list (min-width: 640px) {
    .row {
      grid-template-columns: var(--play) minmax(0, 1fr) minmax(140px, 24%) auto;
      grid-template-areas:
        "play what sound ends"
        "play meta sound ends";
      row-gap: 2px;
      padding-inline: 16px 8px;
    }
    .selecting .row {
      grid-template-columns: var(--pick) var(--play) minmax(0, 1fr) minmax(140px, 24%) auto;
      grid-template-areas:
        "pick play what sound ends"
        "pick play meta sound ends";
    }
  }
`;
