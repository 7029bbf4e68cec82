// Buttons, fields, switches and sliders.
import { css } from "lit";

export const controls = css`
  button,
  input,
  select {
    font: inherit;
    color: inherit;
  }
  button {
    cursor: pointer;
    border: 0;
    background: none;
    display: inline-flex;
    align-items: center;
    justify-content: center;
    gap: 8px;
  }
  /* Out of the flow, it would leave a gap in Chromium, before the white space after it. */
  button > .sr {
    position: static;
    margin-inline-start: -9px;
  }
  button:disabled {
    cursor: default;
    opacity: 0.5;
  }
  :focus-visible {
    outline: 2px solid var(--vp-accent);
    outline-offset: 2px;
  }
  .button {
    min-height: 40px;
    padding: 0 16px;
    border-radius: 20px;
    font-weight: 500;
    border: 1px solid var(--vp-line);
    background: var(--vp-card);
    transition: background 120ms;
  }
  a.button {
    display: inline-flex;
    align-items: center;
    text-decoration: none;
    color: inherit;
  }
  .slider {
    appearance: none;
    width: 100%;
    height: 24px;
    margin: 0;
    background: none;
    cursor: pointer;
  }
  .slider::-webkit-slider-runnable-track {
    height: 6px;
    border-radius: 3px;
    background: color-mix(in srgb, var(--primary-text-color) 18%, transparent);
  }
  .slider::-moz-range-track {
    height: 6px;
    border-radius: 3px;
    background: color-mix(in srgb, var(--primary-text-color) 18%, transparent);
  }
  .slider::-webkit-slider-thumb {
    appearance: none;
    width: 20px;
    height: 20px;
    margin-top: -7px;
    border-radius: 50%;
    background: var(--vp-accent);
  }
  .slider::-moz-range-thumb {
    width: 20px;
    height: 20px;
    border: none;
    border-radius: 50%;
    background: var(--vp-accent);
  }
  .slider:disabled {
    opacity: 0.5;
    cursor: default;
  }
  .button:hover:not(:disabled) {
    background: color-mix(in srgb, var(--primary-text-color) 6%, var(--vp-card));
  }
  .button.primary {
    border: 2px solid var(--vp-accent);
    background: color-mix(in srgb, var(--vp-accent) 16%, var(--vp-card));
  }
  .button.primary:hover:not(:disabled) {
    background: color-mix(in srgb, var(--vp-accent) 26%, var(--vp-card));
  }
  .button.danger {
    border-color: transparent;
    background: var(--vp-danger);
    color: var(--vp-on-danger);
  }
  .button.danger:hover:not(:disabled) {
    background: color-mix(in srgb, #000 12%, var(--vp-danger));
  }
  .button.danger-quiet {
    color: var(--vp-danger-text);
  }
  .icon-button {
    width: 40px;
    height: 40px;
    border-radius: 50%;
    color: var(--secondary-text-color);
    transition: background 120ms;
  }
  .icon-button:hover:not(:disabled) {
    background: color-mix(in srgb, var(--primary-text-color) 8%, transparent);
    color: var(--primary-text-color);
  }
  .field {
    min-height: 40px;
    border-radius: 10px;
    border: 1px solid color-mix(in srgb, var(--primary-text-color) 24%, transparent);
    background: var(--vp-card);
    padding: 0 12px;
  }
  /* Browsers draw their own frame around a list: WebKit a grey button with a shade. */
  select.field {
    appearance: none;
    padding-inline-end: 34px;
    background-image:
      linear-gradient(45deg, transparent 50%, currentColor 50%),
      linear-gradient(-45deg, transparent 50%, currentColor 50%);
    background-position:
      right 18px center,
      right 13px center;
    background-size: 5px 5px;
    background-repeat: no-repeat;
  }
  select.field:dir(rtl) {
    background-position:
      left 13px center,
      left 18px center;
  }
  input[type="checkbox"].box {
    width: 18px;
    height: 18px;
    margin: 0;
    accent-color: var(--vp-accent);
  }
  input[role="switch"] {
    appearance: none;
    position: relative;
    flex: none;
    width: 46px;
    height: 26px;
    margin: 0;
    border-radius: 13px;
    cursor: pointer;
    background: var(--vp-card);
    border: 2px solid var(--secondary-text-color);
    transition: background 150ms;
  }
  input[role="switch"]::after {
    content: "";
    position: absolute;
    inset-block-start: 4px;
    inset-inline-start: 4px;
    width: 14px;
    height: 14px;
    border-radius: 50%;
    background: var(--secondary-text-color);
    transition: inset-inline-start 150ms;
  }
  input[role="switch"]:checked {
    background: var(--vp-accent);
    border-color: var(--vp-accent);
  }
  input[role="switch"]:checked::after {
    inset-block-start: 2px;
    inset-inline-start: 22px;
    width: 18px;
    height: 18px;
    background: #fff;
  }
  input[role="switch"]:disabled {
    cursor: default;
    opacity: 0.5;
  }
  /* A finger reaches a switch above and below it, too. */
  input[role="switch"]::before {
    content: "";
    position: absolute;
    inset: -13px -3px;
  }
  @media (pointer: coarse) {
    .button,
    .field {
      min-height: 48px;
    }
    .icon-button {
      width: 48px;
      height: 48px;
    }
  }
`;
