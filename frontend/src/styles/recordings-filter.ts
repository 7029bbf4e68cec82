// Kinds, search and filter.
import { css } from "lit";

export const filterStyles = css`
  :host {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    gap: 14px;
    container: filter / inline-size;
  }
  .toolbar {
    display: flex;
    flex-wrap: wrap;
    gap: 10px;
    align-items: center;
  }
  .kinds {
    display: flex;
    gap: 4px;
    padding: 4px;
    border-radius: 22px;
    background: color-mix(in srgb, var(--primary-text-color) 7%, transparent);
  }
  .kind {
    min-height: 34px;
    padding: 0 14px;
    border-radius: 17px;
    font-weight: 500;
    white-space: nowrap;
  }
  .kind[aria-pressed="true"] {
    background: var(--vp-card);
    box-shadow:
      inset 0 0 0 1px var(--vp-line),
      0 1px 3px rgba(0, 0, 0, 0.22);
  }
  .count {
    font-weight: 400;
    color: var(--secondary-text-color);
  }
  .find {
    flex: 1 1 240px;
    min-width: 0;
    display: flex;
    gap: 10px;
    align-items: center;
  }
  .search {
    flex: 1;
    min-width: 0;
    display: flex;
    align-items: center;
    gap: 8px;
    border-radius: 20px;
    min-height: 42px;
  }
  .search:focus-within {
    outline: 2px solid var(--vp-accent);
  }
  .search input {
    flex: 1;
    min-width: 0;
    border: 0;
    outline: 0;
    background: none;
    height: 38px;
  }
  .search input::placeholder {
    color: var(--secondary-text-color);
    opacity: 1;
  }
  .rooms {
    display: flex;
    gap: 8px;
    overflow-x: auto;
    scrollbar-width: thin;
    padding: 2px;
  }
  .room {
    flex: none;
    min-height: 36px;
    padding: 0 14px;
    border-radius: 18px;
    border: 1px solid var(--vp-line);
    background: var(--vp-card);
    white-space: nowrap;
  }
  .room[aria-pressed="true"] {
    background: var(--vp-tint);
    border-color: var(--vp-accent);
    font-weight: 500;
  }
  @media (pointer: coarse) {
    .room,
    .kind {
      min-width: 48px;
      min-height: 48px;
      border-radius: 24px;
    }
    .search,
    .search input {
      min-height: 48px;
    }
    .icon-button {
      width: 48px;
      height: 48px;
    }
  }
  .tools {
    display: flex;
  }
  .icon-button.on {
    background: var(--vp-tint);
    color: var(--primary-text-color);
  }
  .filters {
    display: grid;
    grid-template-columns: repeat(auto-fit, minmax(150px, 1fr));
    gap: 12px;
    padding: 16px;
    align-items: end;
  }
  .filters label {
    display: grid;
    gap: 4px;
    font-size: 13px;
    color: var(--secondary-text-color);
  }
  .filters .field {
    width: 100%;
    font-size: 14px;
    color: var(--primary-text-color);
  }
  @container filter (max-width: 639px) {
    .kinds {
      order: 3;
      flex: 1 1 100%;
      flex-wrap: wrap;
    }
    .kind {
      flex: 1 0 auto;
      padding: 0 10px;
    }
  }
`;
