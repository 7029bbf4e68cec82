// The details of one recording: beside the list where there is space, from below on a phone.
import { css } from "lit";

export const detailStyles = css`
  @media (min-width: 601px) {
    dialog {
      width: min(560px, calc(100vw - 32px));
    }
  }
  .head {
    display: flex;
    align-items: center;
    margin: -8px -8px -8px 0;
    margin-inline: 0 -8px;
  }
  .head p {
    flex: 1;
    min-width: 0;
  }
  .head .icon-button {
    width: 48px;
    height: 48px;
  }
  .dialog h2 {
    font-size: 22px;
    overflow-wrap: anywhere;
  }
  h2.none {
    font-style: italic;
    color: var(--secondary-text-color);
  }
  h3 {
    font-size: 14px;
    font-weight: 500;
    margin-bottom: 4px;
  }
  .reply {
    display: flex;
    gap: 8px;
    color: var(--secondary-text-color);
    overflow-wrap: anywhere;
  }
  .reply .icon {
    transform: scaleX(-1);
  }
  .sound {
    display: grid;
    grid-template-columns: 48px minmax(0, 1fr);
    gap: 4px 16px;
    align-items: center;
    padding: 12px 16px;
    border-radius: 16px;
    background: color-mix(in srgb, var(--primary-text-color) 5%, transparent);
  }
  .sound .play {
    width: 48px;
    height: 48px;
  }
  .shape {
    position: relative;
    height: 88px;
  }
  .shape input {
    position: absolute;
    inset: 0;
    width: 100%;
    height: 100%;
    margin: 0;
    opacity: 0;
    cursor: pointer;
  }
  .shape:focus-within {
    outline: 2px solid var(--vp-accent);
    outline-offset: 2px;
    border-radius: 4px;
  }
  .sound .note {
    grid-column: 1 / -1;
  }
  .elapsed {
    grid-column: 2;
    font-size: 13px;
    font-variant-numeric: tabular-nums;
    color: var(--secondary-text-color);
  }
  .score {
    position: relative;
    height: 12px;
    margin-top: 8px;
    border-radius: 6px;
    background: color-mix(in srgb, var(--primary-text-color) 12%, transparent);
  }
  .score i {
    display: block;
    height: 100%;
    border-radius: 6px;
    background: var(--vp-accent);
  }
  .score u {
    position: absolute;
    top: -4px;
    bottom: -4px;
    width: 2px;
    background: var(--primary-text-color);
  }
  .curve {
    display: grid;
    grid-template-columns: minmax(0, 1fr) auto;
    gap: 0 8px;
    margin: 12px 0 0;
    font-size: 12px;
    font-variant-numeric: tabular-nums;
    color: var(--secondary-text-color);
  }
  .curve svg {
    display: block;
    width: 100%;
    height: 72px;
    overflow: visible;
    border-bottom: 1px solid var(--divider-color);
  }
  .curve path {
    fill: none;
    vector-effect: non-scaling-stroke;
  }
  .curve .area {
    fill: color-mix(in srgb, var(--vp-accent) 16%, transparent);
  }
  .curve .line {
    stroke: var(--vp-accent);
    stroke-width: 2;
    stroke-linejoin: round;
  }
  .curve .limit {
    stroke: var(--primary-text-color);
    stroke-dasharray: 4 4;
  }
  .curve figcaption {
    display: flex;
    padding-top: 4px;
    justify-content: space-between;
  }
  .curve .at {
    position: relative;
    min-width: 4ch;
  }
  .curve .at bdi {
    position: absolute;
    line-height: 0;
  }
  .receipt .message,
  .receipt .code,
  .receipt a {
    display: block;
    font-weight: 400;
    overflow-wrap: anywhere;
  }
  .receipt a {
    padding: 4px 0;
    color: inherit;
  }
  .receipt .code {
    font-family: var(--code-font-family, monospace);
    font-size: 12px;
    color: var(--secondary-text-color);
  }
  .labels {
    display: flex;
    flex-wrap: wrap;
    gap: 8px;
    margin: 4px 0 8px;
  }
  .labels .button {
    min-height: 48px;
    border-radius: 24px;
  }
  .labels .button[aria-pressed="true"] {
    background: var(--vp-tint);
    border-color: var(--vp-accent);
  }
  .correction {
    display: grid;
    grid-template-columns: minmax(0, 1fr) auto;
    gap: 4px 8px;
    margin-bottom: 8px;
  }
  .correction label {
    grid-column: 1 / -1;
    font-size: 13px;
    color: var(--secondary-text-color);
  }
`;
