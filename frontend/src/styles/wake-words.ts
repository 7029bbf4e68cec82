import { css } from "lit";

export const wakeWordsStyles = css`
  :host {
    margin-top: 16px;
  }
  .card {
    padding: 20px;
  }
  .card > * + *:not(.progress),
  .progress > * {
    margin-top: 12px;
  }
  .card.over {
    outline: 2px dashed var(--vp-accent);
    outline-offset: -6px;
  }
  .head {
    display: flex;
    flex-wrap: wrap;
    gap: 12px 16px;
    align-items: flex-start;
    justify-content: space-between;
  }
  .head div {
    flex: 1 1 240px;
    min-width: 0;
  }
  h2 {
    font-size: 17px;
    font-weight: 500;
    outline-offset: 4px;
  }
  .drop {
    display: none;
    gap: 10px;
    align-items: center;
    padding: 10px 14px;
    border: 1px dashed color-mix(in srgb, var(--primary-text-color) 30%, transparent);
    border-radius: 10px;
    color: var(--secondary-text-color);
  }
  /* Files are dragged with a mouse. */
  @media (hover: hover) and (pointer: fine) {
    .drop {
      display: flex;
    }
  }
  .over .drop {
    border-color: var(--vp-accent);
    color: var(--primary-text-color);
    background: var(--vp-tint);
  }
  .progress .note,
  .fault {
    overflow-wrap: anywhere;
  }
  .note.done {
    background: color-mix(in srgb, var(--vp-good-text) 12%, transparent);
  }
  .note.done .icon {
    color: var(--vp-good-text);
  }
  .bar {
    height: 6px;
    border-radius: 3px;
    overflow: hidden;
    background: color-mix(in srgb, var(--primary-text-color) 12%, transparent);
  }
  .bar i {
    display: block;
    width: 35%;
    height: 100%;
    border-radius: 3px;
    background: var(--vp-accent);
    animation: travel 1.1s ease-in-out infinite alternate;
  }
  @keyframes travel {
    to {
      margin-inline-start: 65%;
    }
  }
  ul {
    list-style: none;
    margin-bottom: 0;
    padding: 0;
  }
  details {
    border-top: 1px solid var(--vp-line);
  }
  summary {
    padding: 14px 0;
    color: var(--secondary-text-color);
    cursor: pointer;
  }
  li + li {
    border-top: 1px solid var(--vp-line);
  }
  .empty {
    padding: 32px 16px;
  }
  .empty h3 {
    font-size: 16px;
    font-weight: 500;
    color: var(--primary-text-color);
  }
  .foot {
    font-size: 13px;
    overflow-wrap: anywhere;
  }
  .failed {
    flex-wrap: wrap;
    align-items: center;
  }
  .note a {
    color: inherit;
    font-weight: 500;
  }
  @media (pointer: coarse) {
    .button {
      min-height: 48px;
      border-radius: 24px;
    }
  }
`;
