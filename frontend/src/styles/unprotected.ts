import { css } from "lit";

// Rows of satellites that can be added, with their question.
export const rowsToAdd = css`
  ul {
    list-style: none;
    margin: 0;
    padding: 0;
  }
  li {
    padding: 14px 20px;
  }
  li + li {
    border-top: 1px solid var(--vp-line);
  }
  .line {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 12px 14px;
  }
  .grow {
    flex: 1 1 180px;
    min-width: 0;
    overflow-wrap: anywhere;
  }
  h2 {
    font-size: 16px;
    font-weight: 500;
  }
  .badge {
    width: 44px;
    height: 44px;
  }
  .button {
    min-height: 48px;
    border-radius: 24px;
  }
  .question {
    margin-top: 12px;
    padding-top: 12px;
    border-top: 1px solid var(--vp-line);
  }
  .question .grow {
    font-weight: 500;
  }
  .plain {
    border-color: transparent;
    background: none;
  }
  .why {
    margin-top: 12px;
  }
  .wrong {
    display: flex;
    gap: 8px;
    margin-top: 8px;
    color: var(--vp-danger-text);
  }
`;

export const unprotectedStyles = [
  rowsToAdd,
  css`
    section.card {
      border: 2px solid color-mix(in srgb, var(--vp-warn-text) 55%, transparent);
    }
    .badge {
      border-color: var(--vp-warn-text);
      color: var(--vp-warn-text);
    }
  `,
];
