import { css } from "lit";

export const heldStyles = css`
  /* Nothing to leave a gap for where there is none. */
  :host {
    display: contents;
  }
  .card {
    padding: 16px 16px 8px;
  }
  h2 {
    font-size: 17px;
    font-weight: 500;
  }
  ul {
    list-style: none;
    margin: 0;
    padding: 0;
  }
  li {
    display: flex;
    align-items: center;
    gap: 8px;
    min-height: 56px;
  }
  li > span {
    flex: 1;
    min-width: 0;
    overflow-wrap: anywhere;
  }
  small {
    display: block;
    color: var(--secondary-text-color);
  }
`;
