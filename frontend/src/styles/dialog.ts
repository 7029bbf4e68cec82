import { css } from "lit";

export const dialogStyles = css`
  dialog {
    color: var(--primary-text-color);
    background: var(--vp-card);
    border: 0;
    padding: 0;
    border-radius: 24px;
    width: min(480px, calc(100vw - 32px));
    max-height: calc(100dvh - 48px);
    box-shadow: 0 24px 64px rgba(0, 0, 0, 0.35);
  }
  dialog::backdrop {
    background: rgba(0, 0, 0, 0.5);
  }
  .dialog {
    display: grid;
    gap: 16px;
    padding: 24px;
  }
  .dialog h2 {
    font-size: 20px;
    font-weight: 500;
    line-height: 1.3;
  }
  .dialog ul {
    margin: 0;
    padding-inline-start: 20px;
    display: grid;
    gap: 4px;
  }
  .actions {
    display: flex;
    flex-wrap: wrap;
    justify-content: flex-end;
    gap: 8px;
    margin-top: 4px;
  }
  .choice {
    width: 100%;
    justify-content: flex-start;
    text-align: start;
    gap: 14px;
    padding: 12px 14px;
    border-radius: 14px;
    border: 1px solid var(--vp-line);
  }
  .choice:hover {
    background: color-mix(in srgb, var(--primary-text-color) 5%, transparent);
  }
  .choice small {
    display: block;
    font-size: 13px;
    color: var(--secondary-text-color);
  }
  .choice strong {
    font-weight: 500;
  }
  .fields {
    display: grid;
    /* A date is as wide as its digits: on a small phone, each has its own line. */
    grid-template-columns: repeat(auto-fit, minmax(min(100%, 150px), 1fr));
    gap: 12px;
  }
  .fields .wide {
    grid-column: 1 / -1;
  }
  .presets {
    display: flex;
    flex-wrap: wrap;
    gap: 8px;
  }
  .presets .button[aria-pressed="true"] {
    background: var(--vp-tint);
    border-color: var(--vp-accent);
  }
  @media (pointer: coarse) {
    .dialog .button,
    .dialog .field {
      min-height: 48px;
      border-radius: 24px;
    }
  }
  .fields label,
  .typed {
    display: grid;
    gap: 4px;
    font-size: 13px;
    color: var(--secondary-text-color);
  }
  .fields .field,
  .typed .field {
    font-size: 14px;
    width: 100%;
    color: var(--primary-text-color);
  }
  .fields .box-row,
  .box-row {
    display: flex;
    gap: 12px;
    align-items: center;
    min-height: 48px;
    font-size: 14px;
    color: var(--primary-text-color);
    cursor: pointer;
  }
  .box-row input {
    flex: none;
  }
  .bar {
    height: 6px;
    border-radius: 3px;
    overflow: hidden;
    background: color-mix(in srgb, var(--primary-text-color) 12%, transparent);
  }
  .bar i {
    display: block;
    height: 100%;
    border-radius: 3px;
    background: var(--vp-accent);
    transition: width 120ms;
  }
  .bar i.endless {
    width: 35%;
    animation: travel 1.1s ease-in-out infinite alternate;
  }
  @keyframes travel {
    to {
      margin-inline-start: 65%;
    }
  }
  .quota {
    display: grid;
    gap: 6px;
    margin: 8px 0;
    font-size: 12px;
  }
  .receipt {
    display: grid;
    gap: 0;
    margin: 0;
  }
  .receipt div {
    display: flex;
    justify-content: space-between;
    gap: 16px;
    padding: 8px 0;
    border-bottom: 1px solid var(--vp-line);
  }
  .receipt dt {
    color: var(--secondary-text-color);
  }
  .receipt dd {
    margin: 0;
    font-weight: 500;
    text-align: end;
  }
  .details summary {
    cursor: pointer;
    min-height: 40px;
    align-content: center;
    color: var(--secondary-text-color);
  }
  @media (pointer: coarse) {
    .details summary {
      min-height: 48px;
    }
  }
  .details[open] {
    display: grid;
    gap: 12px;
  }
  .dialog .quotes {
    list-style: none;
    padding: 10px 14px;
    border-radius: 12px;
    background: color-mix(in srgb, var(--primary-text-color) 6%, transparent);
    overflow-wrap: anywhere;
  }
  q {
    display: -webkit-box;
    -webkit-box-orient: vertical;
    -webkit-line-clamp: 3;
    overflow: hidden;
  }
  q + bdi {
    display: block;
    font-size: 13px;
    opacity: 0.8;
  }
  .seal {
    width: 44px;
    height: 44px;
    border-radius: 14px;
    display: grid;
    place-items: center;
    color: var(--vp-good-text);
    background: color-mix(in srgb, var(--vp-good-text) 14%, transparent);
  }
  .seal.warn {
    color: var(--vp-warn-text);
    background: color-mix(in srgb, var(--vp-warn-text) 14%, transparent);
  }
  @media (max-width: 600px) {
    dialog {
      width: 100vw;
      max-width: 100vw;
      margin: auto 0 0;
      border-radius: 24px 24px 0 0;
      padding-bottom: env(safe-area-inset-bottom);
    }
    .actions .button {
      flex: 1;
    }
  }
`;
