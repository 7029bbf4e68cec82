// One look for page and card, on Home Assistant's own colors.
import { css } from "lit";

export const base = css`
  :host {
    --vp-accent: var(--primary-color);
    --vp-danger: var(--ha-color-fill-danger-loud-resting, #c5303f);
    --vp-on-danger: var(--ha-color-on-danger-loud, #fff);
    --vp-danger-text: var(--ha-color-on-danger-quiet, #b3202f);
    --vp-good-text: var(--ha-color-on-success-quiet, #00743a);
    --vp-warn-text: var(--ha-color-on-warning-quiet, #a34200);
    --vp-card: var(--ha-card-background, var(--card-background-color, #fff));
    --vp-line: var(--divider-color, rgba(0, 0, 0, 0.12));
    --vp-tint: color-mix(in srgb, var(--vp-accent) 10%, transparent);
    --vp-radius: var(--ha-card-border-radius, 12px);
    display: block;
    color: var(--primary-text-color);
    font-family: var(--ha-font-family-body, Roboto, sans-serif);
    font-size: 14px;
    line-height: 1.45;
    -webkit-font-smoothing: antialiased;
  }
  * {
    box-sizing: border-box;
  }
  h1,
  h2,
  h3,
  p {
    margin: 0;
  }
  .sr {
    position: absolute;
    width: 1px;
    height: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
  .icon {
    width: 20px;
    height: 20px;
    flex: none;
    display: block;
  }
  .muted-text {
    color: var(--secondary-text-color);
  }
  .card {
    background: var(--vp-card);
    border: 1px solid var(--vp-line);
    border-radius: var(--vp-radius);
  }
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
  input[type="checkbox"].box {
    width: 18px;
    height: 18px;
    margin: 0;
    accent-color: var(--vp-accent);
  }
  .switch {
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
  .switch::after {
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
  .switch:checked {
    background: var(--vp-accent);
    border-color: var(--vp-accent);
  }
  .switch:checked::after {
    inset-block-start: 2px;
    inset-inline-start: 22px;
    width: 18px;
    height: 18px;
    background: #fff;
  }
  .switch:disabled {
    cursor: default;
    opacity: 0.5;
  }
  .state {
    display: inline-flex;
    align-items: center;
    gap: 6px;
    font-weight: 500;
    white-space: nowrap;
  }
  .badge {
    display: grid;
    place-items: center;
    flex: none;
    width: 36px;
    height: 36px;
    border-radius: 50%;
    border: 2px solid transparent;
  }
  .badge.listening {
    background: color-mix(in srgb, var(--vp-good-text) 14%, transparent);
    color: var(--vp-good-text);
  }
  .badge.recording {
    background: var(--vp-danger);
    color: var(--vp-on-danger);
    border-radius: 10px;
    animation: breathe 1.6s ease-in-out infinite;
  }
  .badge.muted {
    background: color-mix(in srgb, var(--primary-text-color) 10%, transparent);
    color: var(--primary-text-color);
  }
  .badge.disconnected,
  .badge.not_listening {
    border: 2px dashed var(--secondary-text-color);
    color: var(--secondary-text-color);
  }
  @keyframes breathe {
    50% {
      box-shadow: 0 0 0 6px color-mix(in srgb, var(--vp-danger) 22%, transparent);
    }
  }
  .wave {
    display: block;
    width: 100%;
    height: 100%;
    overflow: visible;
  }
  .wave path {
    fill: none;
    stroke-width: 2px;
    stroke-linecap: round;
    vector-effect: non-scaling-stroke;
  }
  .wave .rest {
    stroke: color-mix(in srgb, var(--primary-text-color) 32%, transparent);
  }
  .wave .played {
    visibility: var(--played, hidden);
    stroke: var(--vp-accent);
    clip-path: inset(-4px calc(100% - var(--progress, 0%)) -4px -4px);
  }
  .play {
    width: 44px;
    height: 44px;
    flex: none;
    border-radius: 50%;
    background: var(--vp-tint);
    color: var(--primary-text-color);
    transition:
      background 120ms,
      transform 120ms;
  }
  .play .icon {
    width: 24px;
    height: 24px;
  }
  .play:hover:not(:disabled) {
    background: color-mix(in srgb, var(--vp-accent) 24%, transparent);
  }
  .play:active {
    transform: scale(0.94);
  }
  .play.active {
    background: var(--vp-accent);
    color: var(--text-primary-color, #fff);
  }
  .note {
    display: flex;
    gap: 10px;
    align-items: flex-start;
    padding: 12px 14px;
    border-radius: 10px;
    background: color-mix(in srgb, var(--primary-text-color) 5%, transparent);
  }
  .note.warn {
    background: color-mix(in srgb, var(--vp-warn-text) 12%, transparent);
  }
  .note.warn .icon {
    color: var(--vp-warn-text);
  }
  .empty {
    display: grid;
    justify-items: center;
    gap: 10px;
    text-align: center;
    padding: 56px 24px;
    color: var(--secondary-text-color);
  }
  .empty h2 {
    color: var(--primary-text-color);
    font-size: 18px;
    font-weight: 500;
  }
  .empty p {
    max-width: 46ch;
  }
  .empty .hero {
    width: 72px;
    height: 72px;
    display: grid;
    place-items: center;
    border-radius: 24px;
    color: #fff;
    background: linear-gradient(135deg, #0d8a80, #1a4fa0);
    margin-bottom: 6px;
  }
  .empty .hero .icon {
    width: 36px;
    height: 36px;
  }
  @media (prefers-reduced-motion: reduce) {
    *,
    *::after {
      animation: none !important;
      transition: none !important;
    }
  }
`;

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
    grid-template-columns: 1fr 1fr;
    gap: 12px;
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
