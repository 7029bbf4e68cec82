import { css } from "lit";
import { columns } from "./columns";

export const consentStyles = css`
  ${columns}
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
    overflow-wrap: anywhere;
    hyphens: auto;
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
  fieldset {
    margin: 0;
    border: none;
    min-width: 0;
  }
  fieldset.toggle {
    display: block;
    padding: 8px 0 14px;
  }
  fieldset + .toggle {
    border-top: 1px solid var(--vp-line);
  }
  legend {
    padding: 0;
  }
  .toggle .choice {
    display: flex;
    align-items: center;
    gap: 12px;
    min-height: 48px;
    overflow-wrap: anywhere;
  }
  .toggle .folder {
    flex: 0 1 260px;
    max-width: 100%;
    min-height: 48px;
  }
  .note.wide {
    flex-basis: 100%;
  }
  .limit {
    width: 110px;
    text-align: end;
  }
  .wide {
    grid-column: 1 / -1;
  }
  .rooms {
    container-type: inline-size;
  }
  .stack {
    display: grid;
    gap: 16px;
  }
  .rooms dl {
    columns: 320px 2;
    column-gap: 32px;
    margin: 8px 0 16px;
  }
  .rooms dt {
    font-weight: 500;
    color: var(--primary-text-color);
  }
  .rooms dt {
    break-after: avoid;
  }
  .rooms dd {
    margin: 0 0 8px;
    break-inside: avoid;
  }
  table {
    width: 100%;
    border-collapse: collapse;
  }
  th {
    font-weight: 500;
    text-align: start;
  }
  thead th {
    font-size: 13px;
    color: var(--secondary-text-color);
    padding: 8px 16px 8px 0;
  }
  tbody tr {
    border-top: 1px solid var(--vp-line);
  }
  tbody th,
  tbody td {
    padding: 10px 0;
    padding-inline-end: 16px;
    overflow-wrap: anywhere;
  }
  td .label {
    position: absolute;
    width: 1px;
    height: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
  .pair {
    display: inline-flex;
    align-items: center;
    gap: 8px;
  }
  td input {
    display: block;
  }
  @container (max-width: 720px) {
    table,
    tbody,
    tr,
    th[scope="row"],
    tbody td {
      display: block;
    }
    thead {
      display: none;
    }
    tbody tr {
      padding: 12px 0;
    }
    tbody th {
      padding: 4px 0;
      font-size: 15px;
    }
    tbody td {
      display: flex;
      flex-wrap: wrap;
      align-items: center;
      justify-content: space-between;
      gap: 4px 16px;
      min-height: 48px;
      padding: 4px 0;
    }
    tbody td:empty {
      display: none;
    }
    td .label {
      position: static;
      width: auto;
      height: auto;
      clip-path: none;
      white-space: normal;
    }
  }
  .row {
    display: flex;
    flex-wrap: wrap;
    gap: 8px;
    margin-top: 16px;
  }
  /* In sight wherever the change was made: everything else on this tab is saved at once. */
  .unsaved {
    position: sticky;
    bottom: 0;
    align-items: center;
    padding: 12px 0 calc(12px + env(safe-area-inset-bottom));
    border-top: 1px solid var(--vp-line);
    background: var(--vp-card);
  }
  .unsaved strong {
    flex: 1;
  }
`;
