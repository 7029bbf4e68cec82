import { css } from "lit";

export const unprotectedStyles = css`
  section.card {
    border: 2px solid color-mix(in srgb, var(--vp-warn-text) 55%, transparent);
  }
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
    border-color: var(--vp-warn-text);
    color: var(--vp-warn-text);
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
  a {
    color: inherit;
  }
`;
