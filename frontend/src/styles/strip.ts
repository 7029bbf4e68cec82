import { css } from "lit";

export const stripStyles = css`
  :host {
    container-type: inline-size;
    margin-bottom: 20px;
  }
  section {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 12px 24px;
  }
  .line {
    display: flex;
    align-items: center;
    gap: 12px;
    flex: 1 1 320px;
    min-width: 0;
    font-size: 15px;
    font-weight: 500;
    text-wrap: pretty;
  }
  .line .icon {
    width: 28px;
    height: 28px;
    color: var(--vp-good-text);
  }
  .line.warn .icon {
    color: var(--vp-warn-text);
  }
  .buttons {
    display: flex;
    gap: 8px;
  }
  button {
    min-height: 56px;
    min-width: 132px;
    padding: 6px 18px 6px 14px;
    padding-inline: 14px 18px;
    justify-content: flex-start;
    gap: 12px;
    text-align: start;
    border-radius: 16px;
    font-weight: 500;
    border: 1px solid var(--vp-line);
    background: var(--vp-card);
    transition: background 120ms;
  }
  button:hover {
    background: color-mix(in srgb, var(--primary-text-color) 6%, var(--vp-card));
  }
  button .icon {
    width: 24px;
    height: 24px;
    color: var(--secondary-text-color);
  }
  button small {
    display: block;
    font-size: 12px;
    font-weight: 400;
    line-height: 1.2;
    color: var(--secondary-text-color);
  }
  button[aria-checked="true"] {
    border: 2px solid var(--vp-accent);
    background: color-mix(in srgb, var(--vp-accent) 16%, var(--vp-card));
  }
  button[aria-checked="true"] .icon,
  button[aria-checked="true"] small {
    color: var(--primary-text-color);
  }
  @container (max-width: 640px) {
    .line {
      flex-basis: 100%;
    }
    .buttons {
      flex: 1;
      flex-wrap: wrap;
    }
    button {
      flex: 1 1 132px;
    }
  }
`;
