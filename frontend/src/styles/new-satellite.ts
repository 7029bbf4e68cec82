import { css } from "lit";
import { rowsToAdd } from "./unprotected";

export const newSatelliteStyles = [
  rowsToAdd,
  css`
    :host {
      display: block;
    }
    section {
      margin-bottom: 12px;
    }
    .badge {
      border-color: var(--vp-accent);
    }
    form {
      display: grid;
      grid-template-columns: repeat(auto-fit, minmax(min(300px, 100%), 1fr));
      gap: 12px 20px;
      padding: 16px 20px;
    }
    form > :not(.entry) {
      grid-column: 1 / -1;
    }
    form > .question {
      margin-top: 0;
    }
    .entry {
      display: grid;
      align-content: start;
      gap: 4px;
      min-width: 0;
    }
    label {
      font-weight: 500;
    }
    .field {
      width: 100%;
      min-height: 48px;
      box-sizing: border-box;
    }
    .field[aria-invalid="true"] {
      border-color: var(--vp-danger-text);
    }
    form p:empty {
      display: none;
    }
  `,
];
