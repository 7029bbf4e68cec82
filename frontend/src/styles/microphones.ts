import { css } from "lit";
import { roomColumns } from "./room";

export const microphonesStyles = css`
  :host {
    container-type: inline-size;
    display: grid;
    gap: 16px;
  }
  .columns {
    display: none;
    color: var(--secondary-text-color);
    font-size: 13px;
  }
  ul {
    list-style: none;
    margin: 0;
    padding: 0;
  }
  li + li {
    border-top: 1px solid var(--vp-line);
  }
  .foot {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    justify-content: space-between;
    gap: 12px;
  }
  @container (min-width: 940px) {
    .columns {
      display: grid;
      padding: 0 13px 0 17px;
      margin-bottom: -8px;
      ${roomColumns}
    }
    .columns div {
      display: contents;
    }
    .columns span {
      min-width: 0;
      align-self: end;
    }
  }
`;
