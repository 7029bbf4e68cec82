import { css } from "lit";

export const cardStyles = css`
  .box {
    height: 100%;
    padding: 16px;
    display: flex;
    flex-direction: column;
    gap: 12px;
  }
  .head {
    display: flex;
    align-items: center;
    gap: 8px;
  }
  .head h2 {
    flex: 1;
    font-size: 16px;
    font-weight: 500;
  }
  .line {
    display: flex;
    align-items: center;
    gap: 12px;
    min-height: 44px;
  }
  .line > span:not(.badge, .shape) {
    flex: 1;
    min-width: 0;
  }
  .line b,
  .line small {
    display: block;
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  .line b {
    font-weight: 500;
  }
  .line small {
    font-size: 12px;
    color: var(--secondary-text-color);
  }
  label.line small {
    white-space: normal;
  }
  .rows {
    border-top: 1px solid var(--vp-line);
    padding-top: 8px;
  }
  .rows .wave {
    height: 24px;
  }
  .rows .shape {
    width: 90px;
    flex: none;
  }
  .play {
    width: 40px;
    height: 40px;
  }
  .foot {
    display: flex;
    flex-wrap: wrap;
    gap: 8px;
    margin-top: auto;
  }
  .foot .button {
    flex: 1 0 auto;
    min-height: 38px;
    padding: 0 12px;
  }
  a {
    color: inherit;
    text-decoration: none;
  }
  .wall .line {
    min-height: 72px;
    gap: 18px;
    font-size: 18px;
  }
  .wall .line small {
    font-size: 15px;
    white-space: normal;
  }
  .wall .badge {
    width: 56px;
    height: 56px;
  }
  .wall .badge .icon {
    width: 32px;
    height: 32px;
  }
  .wall input[role="switch"] {
    zoom: 1.35;
  }
  @media (pointer: coarse) {
    .line,
    .foot .button,
    .head .button {
      min-height: 48px;
    }
    .play {
      width: 48px;
      height: 48px;
    }
  }
`;
