import { css } from "lit";

export const wakeWordStyles = css`
  article {
    display: flex;
    flex-wrap: wrap;
    gap: 12px 20px;
    align-items: flex-start;
    padding: 16px 0;
  }
  .what {
    flex: 1 1 320px;
    min-width: 0;
    display: grid;
    gap: 4px;
  }
  .title {
    display: flex;
    flex-wrap: wrap;
    gap: 2px 12px;
    align-items: center;
  }
  h3 {
    font-size: 16px;
    font-weight: 500;
    overflow-wrap: anywhere;
  }
  .state .icon {
    width: 18px;
    height: 18px;
  }
  .state.ready,
  .state.together {
    color: var(--vp-good-text);
  }
  .state.refused {
    color: var(--vp-danger-text);
  }
  .state.hidden {
    color: var(--secondary-text-color);
  }
  .facts {
    display: flex;
    flex-wrap: wrap;
    gap: 0 16px;
  }
  .file,
  .hidden-by {
    font-size: 13px;
    overflow-wrap: anywhere;
  }
  .reason:not(.muted-text) {
    color: var(--vp-danger-text);
  }
  .deeds,
  .row {
    display: flex;
    flex-wrap: wrap;
    gap: 8px;
  }
  @media (max-width: 480px) {
    .deeds .icon {
      display: none;
    }
  }
  .button[aria-expanded="true"] {
    background: var(--vp-tint);
    border-color: var(--vp-accent);
  }
  /* Red words are not readable on a tint in every theme. */
  .button.danger-quiet[aria-expanded],
  .button.danger-quiet[aria-expanded]:hover:not(:disabled) {
    background: var(--vp-card);
  }
  .button.danger-quiet[aria-expanded="true"],
  .button.danger-quiet[aria-expanded]:hover:not(:disabled) {
    border-color: currentColor;
  }
  .panel {
    flex: 1 0 100%;
    min-width: 0;
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    gap: 12px;
    padding: 16px;
    border-radius: 10px;
    background: color-mix(in srgb, var(--primary-text-color) 4%, transparent);
    overflow-wrap: anywhere;
  }
  fieldset {
    border: 0;
    margin: 0;
    padding: 0;
    min-width: 0;
  }
  legend {
    padding: 0;
    margin-bottom: 4px;
    font-weight: 500;
  }
  .box-row {
    display: flex;
    gap: 12px;
    align-items: center;
    min-height: 40px;
    cursor: pointer;
  }
  @media (pointer: coarse) {
    .button,
    .box-row {
      min-height: 48px;
    }
    .button {
      border-radius: 24px;
    }
  }
`;
