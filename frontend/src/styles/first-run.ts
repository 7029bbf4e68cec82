import { css } from "lit";

export const firstRunStyles = css`
  :host {
    display: block;
  }
  section {
    margin-bottom: 20px;
    padding: 8px 20px 20px;
  }
  header {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    justify-content: space-between;
    gap: 4px 16px;
    min-height: 56px;
  }
  h2 {
    font-size: 20px;
    font-weight: 500;
  }
  h3 {
    font-size: 16px;
    font-weight: 500;
    min-height: 32px;
    display: flex;
    align-items: center;
  }
  ol,
  ul {
    list-style: none;
    margin: 0;
    padding: 0;
  }
  ol > li {
    display: grid;
    grid-template-columns: 32px minmax(0, 1fr);
    gap: 0 14px;
    padding: 10px 0;
  }
  .number {
    display: grid;
    place-items: center;
    width: 32px;
    height: 32px;
    border-radius: 50%;
    font-weight: 500;
    border: 2px solid var(--vp-accent);
  }
  .done > .number {
    border-color: transparent;
    background: color-mix(in srgb, var(--vp-good-text) 16%, transparent);
    color: var(--vp-good-text);
  }
  voice-privacy-unprotected {
    margin: 8px 0 12px;
  }
  .button {
    min-height: 48px;
    border-radius: 24px;
  }
  .mend {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 8px 16px;
    padding: 8px 0 12px;
  }
  .mend span {
    flex: 1 1 260px;
  }
  .mend .button {
    height: auto;
    overflow-wrap: anywhere;
  }
  ul li {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 4px 16px;
    min-height: 48px;
  }
  ul label {
    flex: 1;
    font-weight: 500;
    cursor: pointer;
  }
  .note {
    flex-wrap: wrap;
    align-items: center;
    margin: 8px 0 12px;
  }
  .note span {
    flex: 1 1 220px;
  }
  .microphone {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 8px 14px;
    padding: 8px 0;
  }
  .microphone > span:not(.badge) {
    flex: 1 1 200px;
    min-width: 0;
    overflow-wrap: anywhere;
  }
  voice-privacy-microphone-test[open] {
    flex: 1 1 100%;
  }
  .level {
    flex: 1 1 160px;
    max-width: 320px;
    height: 12px;
    border-radius: 6px;
    overflow: hidden;
    background: color-mix(in srgb, var(--primary-text-color) 14%, transparent);
  }
  .level i {
    display: block;
    height: 100%;
    border-radius: 6px;
    background: var(--vp-accent);
    transition: width 200ms;
  }
  b {
    font-weight: 500;
  }
  small {
    display: block;
    font-size: 14px;
    color: var(--secondary-text-color);
  }
  .heard {
    display: flex;
    gap: 12px;
    overflow-wrap: anywhere;
  }
  .heard .icon {
    color: var(--vp-good-text);
  }
`;
