// Colors and type, on Home Assistant's own variables.
import { css } from "lit";

export const theme = css`
  :host {
    --vp-accent: var(--primary-color);
    --vp-danger: var(--ha-color-fill-danger-loud-resting, #c5303f);
    --vp-on-danger: var(--ha-color-on-danger-loud, #fff);
    --vp-danger-text: var(--ha-color-on-danger-quiet, #b3202f);
    --vp-good-text: var(--ha-color-on-success-quiet, #00743a);
    --vp-warn-text: var(--ha-color-on-warning-quiet, #a34200);
    --vp-card: var(--ha-card-background, var(--card-background-color, #fff));
    --vp-line: var(--divider-color, rgba(0, 0, 0, 0.12));
    --vp-tint: color-mix(in srgb, var(--vp-accent) 10%, transparent);
    --vp-radius: var(--ha-card-border-radius, 12px);
    display: block;
    color: var(--primary-text-color);
    font-family: var(--ha-font-family-body, Roboto, sans-serif);
    font-size: 14px;
    line-height: 1.45;
    -webkit-font-smoothing: antialiased;
  }
  * {
    box-sizing: border-box;
  }
  h1,
  h2,
  h3,
  p {
    margin: 0;
  }
  .sr {
    position: absolute;
    width: 1px;
    height: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
  .icon {
    width: 20px;
    height: 20px;
    flex: none;
    display: block;
  }
  .muted-text {
    color: var(--secondary-text-color);
  }
  .card {
    background: var(--vp-card);
    border: 1px solid var(--vp-line);
    border-radius: var(--vp-radius);
  }
`;
