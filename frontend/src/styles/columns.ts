// Cards side by side where there is space.
import { css } from "lit";

export const columns = css`
  :host {
    display: grid;
    gap: 16px;
    grid-template-columns: repeat(auto-fit, minmax(min(380px, 100%), 1fr));
    align-items: start;
  }
  .card {
    padding: 20px;
  }
`;
