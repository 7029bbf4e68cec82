import { css } from "lit";

// The same columns for the head of the table and for each row.
export const roomColumns = css`
  grid-template-columns: minmax(150px, 2fr) minmax(80px, 1fr) 64px 88px 88px 142px minmax(90px, 1fr) 80px 48px;
  gap: 12px;
  align-items: center;
`;

export const roomStyles = css`
  :host {
    display: block;
    container-type: inline-size;
  }
  .head {
    display: grid;
    grid-template-columns: 1fr auto 48px;
    gap: 12px;
    align-items: center;
    padding: 12px 8px 12px 16px;
    padding-inline: 16px 8px;
  }
  .who {
    display: flex;
    align-items: center;
    gap: 14px;
    min-width: 0;
  }
  .who > div {
    min-width: 0;
    overflow-wrap: anywhere;
  }
  .badge {
    width: 44px;
    height: 44px;
  }
  .badge .icon {
    width: 24px;
    height: 24px;
  }
  h2 {
    font-size: 16px;
    font-weight: 500;
    margin: 0;
  }
  .state {
    flex-wrap: wrap;
    white-space: normal;
    font-weight: 400;
    color: var(--secondary-text-color);
  }
  .level {
    display: block;
    color: var(--secondary-text-color);
    font-size: 12px;
  }
  .cells {
    grid-column: 1 / -1;
    grid-row: 2;
    display: grid;
    grid-template-columns: repeat(auto-fill, minmax(120px, 1fr));
    gap: 12px 16px;
    padding-inline-end: 8px;
  }
  .cell {
    min-width: 0;
    overflow-wrap: anywhere;
  }
  .label {
    display: block;
    font-size: 12px;
    color: var(--secondary-text-color);
  }
  .yes {
    display: inline-flex;
    align-items: center;
    gap: 4px;
    color: var(--secondary-text-color);
  }
  .yes.on {
    color: var(--primary-text-color);
  }
  .yes.on .icon {
    color: var(--vp-good-text);
  }
  .yes .icon {
    width: 18px;
    height: 18px;
  }
  .chart {
    display: flex;
    align-items: center;
    gap: 10px;
    font-weight: 500;
    line-height: 1.15;
  }
  .chart small {
    display: block;
    font-size: 12px;
    font-weight: 400;
    white-space: nowrap;
    color: var(--secondary-text-color);
  }
  .spark {
    width: 72px;
    height: 28px;
    flex: none;
    border-bottom: 1px solid var(--vp-line);
  }
  .spark:dir(rtl) {
    transform: scaleX(-1);
  }
  .spark .woke {
    fill: var(--vp-accent);
  }
  .spark .false {
    fill: var(--vp-warn-text);
  }
  .spark .none {
    fill: var(--secondary-text-color);
    opacity: 0.5;
  }
  .mic {
    display: grid;
    justify-items: center;
    align-content: center;
    gap: 2px;
    min-width: 48px;
    min-height: 48px;
    font-size: 12px;
    color: var(--secondary-text-color);
    cursor: pointer;
  }
  .more {
    width: 48px;
    height: 48px;
  }
  .more .icon {
    width: 24px;
    height: 24px;
    transition: transform 150ms;
  }
  .more[aria-expanded="true"] .icon {
    transform: rotate(180deg);
  }
  .detail {
    display: grid;
    grid-template-columns: repeat(auto-fit, minmax(min(320px, 100%), 1fr));
    gap: 8px 40px;
    padding: 4px 20px 20px;
    border-top: 1px solid var(--vp-line);
    background: color-mix(in srgb, var(--primary-text-color) 3%, transparent);
  }
  .about {
    padding-top: 14px;
  }
  dl {
    margin: 16px 0;
    display: grid;
    grid-template-columns: auto 1fr;
    gap: 8px 16px;
  }
  dt {
    color: var(--secondary-text-color);
  }
  dd {
    margin: 0;
    text-align: end;
    font-weight: 500;
  }
  .size {
    display: block;
    white-space: nowrap;
  }
  .score {
    display: inline-block;
    width: 72px;
    height: 6px;
    margin-inline-end: 8px;
    vertical-align: middle;
    border-radius: 3px;
    position: relative;
    background: color-mix(in srgb, var(--primary-text-color) 14%, transparent);
  }
  .score i {
    position: absolute;
    inset-block: 0;
    inset-inline-start: 0;
    border-radius: 3px;
    background: var(--vp-accent);
  }
  .score b {
    position: absolute;
    inset-block: -3px;
    width: 2px;
    background: var(--primary-text-color);
  }
  .talk,
  #choose-pipeline {
    min-height: 48px;
    margin-top: 16px;
    height: auto;
    overflow-wrap: anywhere;
  }
  voice-privacy-microphone-test {
    margin-top: 16px;
  }
  @container (min-width: 940px) {
    .head {
      ${roomColumns}
      padding: 8px 12px 8px 16px;
      padding-inline: 16px 12px;
    }
    .cells {
      display: contents;
    }
    .cell .label,
    .mic span:not(.sr) {
      /* The head of the table says it; screen readers are told in each row. */
      position: absolute;
      width: 1px;
      height: 1px;
      overflow: hidden;
      clip-path: inset(50%);
      white-space: nowrap;
    }
  }
`;
