import { css } from "lit";

export const wakeWordTestStyles = css`
  :host {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    gap: 12px;
  }
  /* Nothing is told yet. */
  :host(voice-privacy-microphone-test:not([open])[brief]) {
    gap: 0;
  }
  .start {
    display: flex;
    flex-wrap: wrap;
    gap: 8px 12px;
    align-items: flex-end;
  }
  .start label {
    display: grid;
    gap: 4px;
    flex: 0 1 280px;
    min-width: 0;
    font-size: 13px;
    color: var(--secondary-text-color);
  }
  .start .field {
    width: 100%;
    font-size: 14px;
    color: var(--primary-text-color);
    text-overflow: ellipsis;
  }
  dl {
    margin: 0;
    display: grid;
    grid-template-columns: auto minmax(0, 1fr);
    gap: 10px 16px;
    align-items: center;
  }
  dt {
    color: var(--secondary-text-color);
  }
  dd {
    margin: 0;
    display: flex;
    flex-wrap: wrap;
    gap: 4px 12px;
    align-items: center;
    font-weight: 500;
  }
  .words {
    min-width: 5ch;
    font-variant-numeric: tabular-nums;
  }
  .meter {
    position: relative;
    flex: 1 1 120px;
    max-width: 480px;
    height: 10px;
    border-radius: 5px;
    background: color-mix(in srgb, var(--primary-text-color) 14%, transparent);
  }
  .meter i {
    position: absolute;
    inset-block: 0;
    inset-inline-start: 0;
    border-radius: 5px;
    background: var(--vp-accent);
    transition: width 200ms linear;
  }
  .meter.over i {
    background: var(--vp-good-text);
  }
  .meter b {
    position: absolute;
    inset-block: -4px;
    width: 3px;
    margin-inline-start: -1px;
    border-radius: 2px;
    background: var(--primary-text-color);
  }
  :host > .button {
    justify-self: start;
    height: auto;
    min-height: 48px;
    border-radius: 24px;
  }
  .said {
    display: flex;
    flex-wrap: wrap;
    gap: 4px 16px;
    align-items: center;
  }
  .now {
    font-size: 18px;
    font-weight: 500;
  }
  .note.done .icon {
    color: var(--vp-good-text);
  }
  .heard {
    display: inline-flex;
    gap: 6px;
    align-items: center;
    color: var(--vp-good-text);
  }
  @media (pointer: coarse) {
    .button,
    .field {
      min-height: 48px;
    }
    .button {
      border-radius: 24px;
    }
  }
`;
