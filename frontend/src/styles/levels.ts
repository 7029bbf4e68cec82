import { css } from "lit";

export const levelsStyles = css`
  :host {
    margin-top: 16px;
  }
  .toggle {
    align-items: center;
  }
  .toggle .field {
    max-width: 100%;
  }
  ul {
    list-style: none;
    margin: 0;
    padding: 0;
  }
  li {
    display: flex;
    align-items: center;
    justify-content: space-between;
    gap: 8px;
    border-bottom: 1px solid var(--vp-line);
    overflow-wrap: anywhere;
  }
  form {
    display: grid;
    grid-template-columns: repeat(auto-fit, minmax(min(150px, 100%), 1fr));
    gap: 12px;
    align-items: end;
    margin-top: 12px;
  }
  form .field {
    display: block;
    width: 100%;
    box-sizing: border-box;
    margin-top: 4px;
  }
`;
