import { css } from "lit";

export const logStyles = css`
  :host {
    container-type: inline-size;
  }
  .filters {
    display: flex;
    flex-wrap: wrap;
    gap: 8px;
    margin-bottom: 16px;
  }
  @media (pointer: fine) {
    .filters .button {
      min-height: 36px;
    }
  }
  .filters .button[aria-pressed="true"] {
    background: var(--vp-tint);
    border-color: var(--vp-accent);
  }
  h2 {
    font-size: 15px;
    font-weight: 500;
    padding: 16px 4px 8px;
  }
  ul {
    list-style: none;
    margin: 0;
    padding: 4px 0;
  }
  li {
    display: grid;
    grid-template-columns: 40px minmax(0, 1fr) auto;
    gap: 0 14px;
    align-items: center;
    padding: 10px 16px;
    overflow-wrap: anywhere;
  }
  @container (max-width: 519px) {
    li {
      grid-template-columns: 40px minmax(0, 1fr);
    }
    .disc {
      grid-row: span 2;
    }
    time {
      font-size: 13px;
    }
  }
  li + li {
    border-top: 1px solid var(--vp-line);
  }
  .disc {
    width: 40px;
    height: 40px;
    border-radius: 12px;
    display: grid;
    place-items: center;
    background: color-mix(in srgb, var(--primary-text-color) 7%, transparent);
  }
  .disc.deleted {
    color: var(--vp-danger-text);
  }
  .disc.changed {
    color: var(--vp-warn-text);
  }
  .who {
    font-weight: 500;
  }
  .more {
    display: flex;
    justify-content: center;
    padding: 16px;
  }
`;
