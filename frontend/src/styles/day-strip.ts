import { css } from "lit";

export const dayStripStyles = css`
  .days {
    display: flex;
    flex-direction: row-reverse;
    align-items: stretch;
    gap: 2px;
    overflow-x: auto;
    scrollbar-width: thin;
    padding: 2px;
  }
  .day-column {
    flex: 1 0 22px;
    min-width: 22px;
    height: 56px;
    padding: 2px;
    flex-direction: column;
    justify-content: flex-end;
    gap: 2px;
    border-radius: 8px;
    background: none;
  }
  .day-column i {
    flex: 0 1 auto;
    width: 70%;
    max-width: 22px;
    min-height: 2px;
    border-radius: 3px;
    background: color-mix(in srgb, var(--vp-accent) 70%, transparent);
  }
  .day-column:disabled {
    opacity: 1;
  }
  .day-column:disabled i {
    background: color-mix(in srgb, var(--primary-text-color) 16%, transparent);
  }
  .day-column small {
    flex: none;
    font-size: 11px;
    line-height: 14px;
    color: var(--secondary-text-color);
    font-variant-numeric: tabular-nums;
  }
  .day-column:hover:not(:disabled) {
    background: color-mix(in srgb, var(--primary-text-color) 6%, transparent);
  }
  .day-column[aria-pressed="true"] {
    background: var(--vp-tint);
    box-shadow: inset 0 0 0 1px var(--vp-accent);
  }
  @media (pointer: coarse) {
    .day-column {
      flex-basis: 48px;
    }
  }
`;
