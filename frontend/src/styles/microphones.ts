import { css } from "lit";

export const microphonesStyles = css`
  .top {
    display: flex;
    flex-wrap: wrap;
    gap: 12px;
    align-items: center;
    justify-content: space-between;
    margin-bottom: 16px;
  }
  .grid {
    display: grid;
    grid-template-columns: repeat(auto-fill, minmax(min(340px, 100%), 1fr));
    gap: 16px;
  }
  .card {
    padding: 20px;
    display: flex;
    flex-direction: column;
    gap: 16px;
  }
  .head {
    display: flex;
    flex-wrap: wrap;
    gap: 8px 14px;
    align-items: center;
  }
  .head .state {
    flex-wrap: wrap;
    white-space: normal;
  }
  .head .badge {
    width: 48px;
    height: 48px;
  }
  .head .badge .icon {
    width: 26px;
    height: 26px;
  }
  .head h2 {
    font-size: 17px;
    font-weight: 500;
  }
  .head div {
    flex: 1 1 110px;
    min-width: 0;
    overflow-wrap: break-word;
  }
  .mic {
    margin-inline-start: auto;
    display: grid;
    justify-items: center;
    gap: 2px;
    font-size: 12px;
    color: var(--secondary-text-color);
  }
  dl {
    margin: 0;
    display: grid;
    grid-template-columns: auto 1fr;
    gap: 8px 16px;
  }
  dt {
    color: var(--secondary-text-color);
  }
  dd {
    margin: 0;
    text-align: end;
    font-weight: 500;
  }
  .size {
    white-space: nowrap;
  }
  .score {
    display: inline-block;
    width: 72px;
    height: 6px;
    margin-inline-end: 8px;
    vertical-align: middle;
    border-radius: 3px;
    position: relative;
    background: color-mix(in srgb, var(--primary-text-color) 14%, transparent);
  }
  .score i {
    position: absolute;
    inset-block: 0;
    inset-inline-start: 0;
    border-radius: 3px;
    background: var(--vp-accent);
  }
  .score b {
    position: absolute;
    inset-block: -3px;
    width: 2px;
    background: var(--primary-text-color);
  }
  .threshold {
    display: grid;
    grid-template-columns: 1fr auto;
    gap: 4px 16px;
    align-items: center;
  }
  .threshold label {
    color: var(--secondary-text-color);
  }
  .threshold bdi {
    font-weight: 500;
  }
  .threshold input,
  .threshold small {
    grid-column: 1 / -1;
  }
  .talk {
    margin-top: auto;
  }
`;
