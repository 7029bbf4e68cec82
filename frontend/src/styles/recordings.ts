import { css } from "lit";

export const recordingStyles = css`
  :host {
    container: recordings / inline-size;
  }
  .columns {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    gap: 24px;
    align-items: start;
  }
  .main {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    gap: 14px;
    min-width: 0;
    container: list / inline-size;
  }
  aside {
    display: none;
    gap: 16px;
    position: sticky;
    top: calc(var(--vp-header-height, 112px) + 16px);
  }
  .rail {
    padding: 18px;
  }
  .rail h2 {
    font-size: 13px;
    font-weight: 500;
    color: var(--secondary-text-color);
    margin-bottom: 10px;
  }
  .rail .big {
    font-size: 28px;
    line-height: 1.2;
  }
  .small {
    font-size: 12px;
    margin-top: 10px;
  }
  .mic-row {
    display: flex;
    align-items: center;
    gap: 12px;
    padding: 6px 0;
  }
  .mic-row b {
    font-weight: 500;
    display: block;
  }
  small {
    font-size: 12px;
    color: var(--secondary-text-color);
    display: block;
  }
  .strip {
    list-style: none;
    display: flex;
    gap: 8px;
    margin: 0;
    padding: 0;
    overflow-x: auto;
    scrollbar-width: thin;
  }
  .chip {
    display: flex;
    align-items: center;
    gap: 10px;
    flex: none;
    padding: 6px 16px 6px 6px;
    padding-inline: 6px 16px;
    border-radius: 26px;
    background: var(--vp-card);
    border: 1px solid var(--vp-line);
    line-height: 1.25;
  }
  .toolbar {
    display: flex;
    flex-wrap: wrap;
    gap: 10px;
    align-items: center;
  }
  .kinds {
    display: flex;
    gap: 4px;
    padding: 4px;
    border-radius: 22px;
    background: color-mix(in srgb, var(--primary-text-color) 7%, transparent);
  }
  .kind {
    min-height: 34px;
    padding: 0 14px;
    border-radius: 17px;
    font-weight: 500;
    white-space: nowrap;
  }
  .kind[aria-pressed="true"] {
    background: var(--vp-card);
    box-shadow:
      inset 0 0 0 1px var(--vp-line),
      0 1px 3px rgba(0, 0, 0, 0.22);
  }
  .count {
    font-weight: 400;
    color: var(--secondary-text-color);
  }
  .search {
    flex: 1 1 150px;
    min-width: 0;
    display: flex;
    align-items: center;
    gap: 8px;
    border-radius: 20px;
    min-height: 42px;
  }
  .search:focus-within {
    outline: 2px solid var(--vp-accent);
  }
  .search input {
    flex: 1;
    min-width: 0;
    border: 0;
    outline: 0;
    background: none;
    height: 38px;
  }
  .search input::placeholder {
    color: var(--secondary-text-color);
    opacity: 1;
  }
  .tools {
    display: flex;
  }
  .icon-button.on {
    background: var(--vp-tint);
    color: var(--primary-text-color);
  }
  .filters {
    display: grid;
    grid-template-columns: repeat(auto-fit, minmax(150px, 1fr));
    gap: 12px;
    padding: 16px;
    align-items: end;
  }
  .filters label {
    display: grid;
    gap: 4px;
    font-size: 13px;
    color: var(--secondary-text-color);
  }
  .filters .field {
    width: 100%;
    font-size: 14px;
    color: var(--primary-text-color);
  }
  .progress {
    display: grid;
    gap: 8px;
    padding: 0 4px;
  }
  .bar {
    height: 4px;
    border-radius: 2px;
    overflow: hidden;
    background: color-mix(in srgb, var(--primary-text-color) 12%, transparent);
  }
  .bar i {
    display: block;
    height: 100%;
    background: var(--vp-accent);
    transition: width 120ms;
  }
  .day {
    position: sticky;
    top: var(--vp-header-height, 112px);
    z-index: 1;
    display: flex;
    align-items: center;
    gap: 12px;
    min-height: 48px;
    padding: 4px 8px 4px 4px;
    padding-inline: 4px 8px;
    background: var(--primary-background-color);
  }
  .day h3 {
    font-size: 15px;
    font-weight: 500;
  }
  .when {
    flex: 1;
    display: flex;
    flex-wrap: wrap;
    align-items: baseline;
    gap: 0 12px;
  }
  .when span {
    font-size: 13px;
  }
  section + section {
    margin-top: 10px;
  }
  .row {
    position: relative;
    display: grid;
    grid-template-columns: 44px minmax(0, 1fr) auto;
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
    grid-template-columns: 18px 44px minmax(0, 1fr) auto;
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
  .rows {
    overflow: clip;
  }
  .pick {
    grid-area: pick;
    display: none;
  }
  .selecting .pick {
    display: block;
  }
  .day .pick {
    margin-inline: 13px 4px;
  }
  .play {
    grid-area: play;
  }
  .what {
    grid-area: what;
    min-width: 0;
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
  .false {
    color: var(--vp-warn-text);
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
  .failed {
    align-items: center;
  }
  .failed span {
    flex: 1;
  }
  .last {
    text-align: center;
    padding: 20px;
    font-size: 13px;
  }
  .ghosts {
    display: grid;
    gap: 10px;
    margin-top: 10px;
  }
  .ghost {
    display: flex;
    gap: 16px;
    padding: 16px;
    opacity: 0.7;
  }
  .ghost i {
    width: 44px;
    height: 44px;
    border-radius: 50%;
  }
  .ghost span {
    flex: 1;
    display: grid;
    gap: 8px;
    align-content: center;
  }
  .ghost b {
    height: 14px;
    width: 55%;
    border-radius: 7px;
  }
  .ghost u {
    height: 10px;
    width: 30%;
    border-radius: 5px;
  }
  .ghost :is(i, b, u) {
    display: block;
    background: color-mix(in srgb, var(--primary-text-color) 10%, transparent);
    animation: wait 1.2s ease-in-out infinite alternate;
  }
  @keyframes wait {
    to {
      opacity: 0.4;
    }
  }
  .selection {
    position: sticky;
    bottom: 16px;
    z-index: 2;
    grid-column: 1;
    display: flex;
    align-items: center;
    gap: 8px;
    padding: 10px 12px 10px 20px;
    padding-inline: 20px 12px;
    border-radius: 30px;
    background: var(--vp-card);
    border: 1px solid var(--vp-line);
    box-shadow: 0 8px 28px rgba(0, 0, 0, 0.28);
  }
  .selection span {
    flex: 1;
    font-weight: 500;
  }
  .row .play,
  .row .pick {
    align-self: start;
  }
  .row .pick {
    margin-top: 13px;
  }
  .row .what,
  .row .sound {
    padding-inline-end: 8px;
  }
  @container list (max-width: 639px) {
    .kinds {
      order: 3;
      flex: 1 1 100%;
      flex-wrap: wrap;
    }
    .kind {
      flex: 1 0 auto;
      padding: 0 10px;
    }
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
      grid-template-columns: 44px minmax(0, 1fr) minmax(140px, 24%) auto;
      grid-template-areas:
        "play what sound ends"
        "play meta sound ends";
      row-gap: 2px;
      padding-inline: 16px 8px;
    }
    .selecting .row {
      grid-template-columns: 18px 44px minmax(0, 1fr) minmax(140px, 24%) auto;
      grid-template-areas:
        "pick play what sound ends"
        "pick play meta sound ends";
    }
  }
  @container recordings (max-width: 559px) {
    .selection {
      bottom: calc(12px + env(safe-area-inset-bottom));
      flex-wrap: wrap;
      border-radius: 20px;
      padding: 12px 16px;
    }
    .selection span {
      flex: 1 0 100%;
    }
    .selection .button {
      flex: 1;
    }
  }
  @container recordings (min-width: 800px) {
    .columns {
      grid-template-columns: minmax(0, 1fr) 280px;
    }
    aside {
      display: grid;
    }
    .strip {
      display: none;
    }
  }
`;
