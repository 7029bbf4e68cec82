import { css } from "lit";

export const reviewStyles = css`
  :host {
    display: grid;
    gap: 16px;
  }
  .card {
    padding: 20px;
  }
  .card.empty {
    padding: 48px 20px;
  }
  h2 {
    font-size: 17px;
    font-weight: 500;
    margin-bottom: 4px;
  }
  ul {
    list-style: none;
    margin: 12px 0 0;
    padding: 0;
  }
  li {
    padding: 14px 0;
    border-top: 1px solid var(--vp-line);
  }
  .row {
    display: flex;
    flex-wrap: wrap;
    gap: 8px;
    align-items: center;
  }
  li .row + .row {
    margin-top: 10px;
  }
  .row .grow {
    flex: 1;
    min-width: 150px;
  }
  .button[aria-pressed="true"] {
    background: var(--vp-tint);
    border-color: var(--vp-accent);
  }
  .id {
    font-family: var(--ha-font-family-code, monospace);
  }
  .note {
    margin: 10px 0 0;
  }
  input[type="range"] {
    display: block;
    width: 100%;
    max-width: 420px;
    min-height: 32px;
    accent-color: var(--vp-accent);
  }
  .verifier {
    margin-top: 16px;
  }
  table {
    margin-top: 16px;
    border-collapse: collapse;
  }
  caption {
    text-align: start;
    font-weight: 500;
  }
  th {
    font-weight: 400;
    text-align: start;
    color: var(--secondary-text-color);
  }
  th,
  td {
    padding: 6px 0;
    padding-inline-end: 24px;
  }
`;
