import { css } from "lit";

export const thresholdStyles = css`
  .threshold {
    display: grid;
    grid-template-columns: 1fr auto;
    gap: 4px 16px;
    align-items: center;
  }
  bdi {
    font-weight: 500;
  }
  input,
  p,
  .row {
    grid-column: 1 / -1;
  }
  .slider {
    height: 48px;
  }
  .row {
    display: flex;
    flex-wrap: wrap;
    gap: 8px;
    margin-top: 8px;
  }
`;
