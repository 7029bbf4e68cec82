import { css } from "lit";

export const householdStyles = css`
  :host {
    display: grid;
    gap: 16px;
    grid-template-columns: repeat(auto-fit, minmax(min(380px, 100%), 1fr));
    align-items: start;
  }
  .card {
    padding: 20px;
  }
  h2 {
    font-size: 17px;
    font-weight: 500;
    margin-bottom: 8px;
  }
  ul {
    list-style: none;
    margin: 0 0 12px;
    padding: 0;
  }
  li {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 6px 14px;
    min-height: 56px;
    padding: 8px 0;
  }
  li + li {
    border-top: 1px solid var(--vp-line);
  }
  li > span:not(.badge, .count) {
    flex: 1 1 140px;
    min-width: 0;
    overflow-wrap: anywhere;
  }
  b {
    display: block;
    font-weight: 500;
  }
  small {
    color: var(--secondary-text-color);
    font-size: 13px;
  }
  .said li {
    min-height: 44px;
    font-size: 15px;
  }
  .said li::before {
    content: "";
    width: 8px;
    height: 8px;
    border-radius: 50%;
    background: var(--vp-accent);
  }
`;
