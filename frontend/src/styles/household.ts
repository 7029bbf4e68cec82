import { css } from "lit";
import { columns } from "./columns";

export const householdStyles = css`
  ${columns}
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
