// What was just deleted, above everything but dialogs.
import { css } from "lit";

export const undoStyles = css`
  /* It sticks to the bottom of the page, not of the window, a part of which Home Assistant's sidebar takes. */
  :host {
    position: sticky;
    z-index: 5;
    bottom: 0;
    pointer-events: none;
  }
  dialog {
    pointer-events: auto;
  }
  /* Above the bar of a selection, and above short notices. */
  .undo-lines:not([hidden]) {
    display: grid;
    justify-items: center;
    gap: 8px;
    padding: 16px 16px calc(80px + env(safe-area-inset-bottom));
  }
  .undo-line {
    display: flex;
    align-items: center;
    gap: 12px;
    width: min(560px, 100%);
    min-height: 56px;
    padding: 4px 8px 4px 20px;
    padding-inline: 20px 8px;
    border-radius: 28px;
    background: var(--primary-text-color);
    color: var(--primary-background-color);
    box-shadow: 0 8px 24px rgba(0, 0, 0, 0.3);
    pointer-events: auto;
  }
  .undo-line .words {
    flex: 1;
    min-width: 0;
    padding: 6px 0;
    overflow-wrap: anywhere;
  }
  .undo-line q {
    -webkit-line-clamp: 1;
  }
  .undo-line .button,
  .undo-line .button:hover:not(:disabled) {
    min-height: 48px;
    border-radius: 24px;
    background: none;
    color: inherit;
    border-color: color-mix(in srgb, currentColor 45%, transparent);
  }
  .undo-line .button:hover:not(:disabled) {
    background: color-mix(in srgb, currentColor 14%, transparent);
  }
  .undo-line .icon-button {
    width: 48px;
    height: 48px;
    color: inherit;
  }
  .undo-line :focus-visible {
    outline-color: currentColor;
    outline-offset: -4px;
  }
  .seconds {
    min-width: 3ch;
    text-align: end;
    font-variant-numeric: tabular-nums;
  }
`;
