import { css } from "lit";

export const consentStyles = css`
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
    margin-bottom: 4px;
  }
  .toggle {
    display: flex;
    flex-wrap: wrap;
    gap: 8px 16px;
    align-items: flex-start;
    padding: 14px 0;
  }
  .toggle + .toggle {
    border-top: 1px solid var(--vp-line);
  }
  .toggle label {
    flex: 1 1 170px;
    min-width: 0;
    cursor: pointer;
  }
  .toggle strong {
    display: block;
    font-weight: 500;
    font-size: 15px;
  }
  .toggle small {
    display: block;
    margin-top: 4px;
    font-size: 12px;
    color: var(--secondary-text-color);
  }
  .figures {
    display: flex;
    flex-wrap: wrap;
    gap: 8px 32px;
    margin: 12px 0 16px;
  }
  .figures b {
    display: block;
    font-size: 26px;
    font-weight: 400;
    line-height: 1.2;
  }
  .toggle .field {
    flex: none;
    max-width: min(100%, 180px);
  }
  .limit {
    width: 110px;
    text-align: end;
  }
  .wide {
    grid-column: 1 / -1;
  }
  .row {
    display: flex;
    flex-wrap: wrap;
    gap: 8px;
    margin-top: 16px;
  }
`;
