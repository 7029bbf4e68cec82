// The list, the rail beside it, and the bar of what is selected.
import { css } from "lit";

export const recordingsStyles = css`
  :host {
    container: recordings / inline-size;
  }
  .columns {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    gap: 24px;
    align-items: start;
  }
  .main {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    gap: 14px;
    min-width: 0;
    container: list / inline-size;
  }
  aside {
    display: none;
    gap: 16px;
    position: sticky;
    top: calc(var(--vp-header-height, 112px) + 16px);
  }
  .rail {
    padding: 18px;
  }
  .rail h2 {
    font-size: 13px;
    font-weight: 500;
    color: var(--secondary-text-color);
    margin-bottom: 10px;
  }
  .rail .big {
    font-size: 28px;
    line-height: 1.2;
  }
  .small {
    font-size: 12px;
    margin-top: 10px;
  }
  .mic-row {
    display: flex;
    align-items: center;
    gap: 12px;
    padding: 6px 0;
  }
  .mic-row b {
    font-weight: 500;
    display: block;
  }
  small {
    font-size: 12px;
    color: var(--secondary-text-color);
    display: block;
  }
  .strip {
    list-style: none;
    display: flex;
    gap: 8px;
    margin: 0;
    padding: 0;
    overflow-x: auto;
    scrollbar-width: thin;
  }
  .chip {
    display: flex;
    align-items: center;
    gap: 10px;
    flex: none;
    padding: 6px 16px 6px 6px;
    padding-inline: 6px 16px;
    border-radius: 26px;
    background: var(--vp-card);
    border: 1px solid var(--vp-line);
    line-height: 1.25;
  }
  .progress {
    display: grid;
    gap: 8px;
    padding: 0 4px;
  }
  .bar {
    height: 4px;
    border-radius: 2px;
    overflow: hidden;
    background: color-mix(in srgb, var(--primary-text-color) 12%, transparent);
  }
  .bar i {
    display: block;
    height: 100%;
    background: var(--vp-accent);
    transition: width 120ms;
  }
  .day {
    position: sticky;
    top: var(--vp-header-height, 112px);
    z-index: 1;
    display: flex;
    align-items: center;
    gap: 12px;
    min-height: 48px;
    padding: 4px 8px 4px 4px;
    padding-inline: 4px 8px;
    background: var(--primary-background-color);
  }
  .day h3 {
    font-size: 15px;
    font-weight: 500;
  }
  .when {
    flex: 1;
    display: flex;
    flex-wrap: wrap;
    align-items: baseline;
    gap: 0 12px;
  }
  .when span {
    font-size: 13px;
  }
  section + section {
    margin-top: 10px;
  }
  .rows {
    overflow: clip;
  }
  .day input.box.pick {
    margin-inline: 13px 4px;
  }
  @media (pointer: coarse) {
    .day input.box.pick {
      margin-inline: -3px -12px;
    }
  }
  .failed {
    align-items: center;
  }
  .failed span {
    flex: 1;
  }
  .last {
    text-align: center;
    padding: 20px;
    font-size: 13px;
  }
  .ghosts {
    display: grid;
    gap: 10px;
    margin-top: 10px;
  }
  .ghost {
    display: flex;
    gap: 16px;
    padding: 16px;
    opacity: 0.7;
  }
  .ghost i {
    width: 44px;
    height: 44px;
    border-radius: 50%;
  }
  .ghost span {
    flex: 1;
    display: grid;
    gap: 8px;
    align-content: center;
  }
  .ghost b {
    height: 14px;
    width: 55%;
    border-radius: 7px;
  }
  .ghost u {
    height: 10px;
    width: 30%;
    border-radius: 5px;
  }
  .ghost :is(i, b, u) {
    display: block;
    background: color-mix(in srgb, var(--primary-text-color) 10%, transparent);
    animation: wait 1.2s ease-in-out infinite alternate;
  }
  @keyframes wait {
    to {
      opacity: 0.4;
    }
  }
  .selection {
    position: sticky;
    bottom: 16px;
    z-index: 2;
    grid-column: 1;
    display: flex;
    align-items: center;
    gap: 8px;
    padding: 10px 12px 10px 20px;
    padding-inline: 20px 12px;
    border-radius: 30px;
    background: var(--vp-card);
    border: 1px solid var(--vp-line);
    box-shadow: 0 8px 28px rgba(0, 0, 0, 0.28);
  }
  .selection span {
    flex: 1;
    font-weight: 500;
  }
  .selection .button {
    white-space: nowrap;
  }
  @container recordings (max-width: 999px) {
    .selection {
      bottom: calc(12px + env(safe-area-inset-bottom));
      flex-wrap: wrap;
      border-radius: 20px;
      padding: 12px 16px;
    }
    .selection span {
      flex: 1 0 100%;
    }
    .selection .button {
      flex: 1;
    }
  }
  @container recordings (max-width: 559px) {
    /* Two by two: a column of four would cover half of a phone. */
    .selection {
      display: grid;
      grid-template-columns: 1fr 1fr;
    }
    .selection span {
      grid-column: 1 / -1;
    }
    .selection .button {
      padding-inline: 8px;
      white-space: normal;
    }
  }
  @container recordings (min-width: 800px) {
    .columns {
      grid-template-columns: minmax(0, 1fr) 280px;
    }
    aside {
      display: grid;
    }
    .strip {
      display: none;
    }
  }
`;
