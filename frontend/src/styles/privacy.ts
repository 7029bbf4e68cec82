import { css } from "lit";

export const privacyStyles = css`
  :host {
    display: grid;
    gap: 24px;
  }
  #log,
  #review,
  #options {
    scroll-margin-top: calc(var(--vp-header-height, 112px) + 16px);
  }
  #log h2 {
    font-size: 20px;
    font-weight: 500;
    margin-bottom: 4px;
  }
  #log .muted-text {
    margin-bottom: 4px;
  }
  voice-privacy-log {
    margin-top: 12px;
  }
  summary {
    display: flex;
    align-items: center;
    gap: 16px;
    min-height: 64px;
    padding: 12px 20px;
    cursor: pointer;
    list-style: none;
    border-radius: var(--vp-radius);
  }
  summary::-webkit-details-marker {
    display: none;
  }
  summary::after {
    content: "";
    width: 8px;
    height: 8px;
    margin-inline-start: auto;
    flex: none;
    border: solid var(--secondary-text-color);
    border-width: 0 2px 2px 0;
    transform: rotate(45deg);
  }
  details[open] > summary::after {
    transform: rotate(-135deg);
  }
  summary > .icon {
    width: 24px;
    height: 24px;
    color: var(--secondary-text-color);
  }
  summary h2 {
    font-size: 17px;
    font-weight: 500;
  }
  summary small {
    font-size: 13px;
    color: var(--secondary-text-color);
  }
  details > :not(summary) {
    margin: 0 20px 20px;
  }
`;
