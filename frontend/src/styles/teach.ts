import { css } from "lit";

export const teachStyles = css`
  dialog {
    overflow-wrap: anywhere;
  }
  @media (min-width: 601px) {
    dialog {
      width: min(560px, calc(100vw - 32px));
    }
  }
  .actions .button {
    overflow-wrap: normal;
  }
  #title {
    outline-offset: 4px;
  }
  .step,
  .hint {
    font-size: 13px;
  }
  .kept {
    display: grid;
    gap: 6px;
  }
  .leaving > div {
    flex: 1;
  }
  .start .button {
    min-height: 56px;
    padding: 0 24px;
    border-radius: 28px;
    font-size: 16px;
  }
  .start label {
    flex: 0 1 160px;
  }
  .count {
    align-self: center;
    font-variant-numeric: tabular-nums;
  }
  .bar {
    height: 10px;
    border-radius: 5px;
    overflow: hidden;
    background: color-mix(in srgb, var(--primary-text-color) 12%, transparent);
  }
  .bar i {
    display: block;
    height: 100%;
    background: var(--vp-good-text);
    transition: width 200ms;
  }
  .said:not(:empty) {
    min-height: 27px;
  }
  .clips {
    list-style: none;
    margin: 0;
    padding: 0;
    counter-reset: clip;
  }
  .clips li {
    counter-increment: clip;
    display: flex;
    gap: 8px;
    align-items: center;
    min-height: 48px;
    border-top: 1px solid var(--vp-line);
  }
  .clips li::before {
    content: counter(clip);
    min-width: 2ch;
    text-align: end;
    color: var(--secondary-text-color);
    font-variant-numeric: tabular-nums;
  }
  .clips .words {
    flex: 1;
    min-width: 0;
  }
  .good > .icon {
    color: var(--vp-good-text);
  }
  .bad > .icon {
    color: var(--vp-warn-text);
  }
  .test {
    display: grid;
    gap: 8px;
    justify-items: start;
  }
  .test + .test {
    padding-top: 12px;
    border-top: 1px solid var(--vp-line);
  }
  .test dl {
    width: 100%;
  }
  .test h3 {
    font-size: 16px;
    font-weight: 500;
  }
  .note.done {
    background: color-mix(in srgb, var(--vp-good-text) 12%, transparent);
  }
  [aria-disabled="true"] {
    opacity: 0.5;
  }
`;
