import { css } from "lit";

export const pageStyles = css`
  :host {
    position: relative;
    min-height: 100vh;
    background: var(--primary-background-color);
    --vp-header-height: calc(112px + env(safe-area-inset-top));
  }
  header.top {
    position: sticky;
    top: 0;
    z-index: 4;
    background: var(--primary-background-color);
    border-bottom: 1px solid var(--vp-line);
    padding-top: env(safe-area-inset-top);
    container-type: inline-size;
  }
  .short {
    display: none;
  }
  .title {
    display: flex;
    align-items: center;
    gap: 4px;
    height: 60px;
    padding: 0 8px;
  }
  .title h1 {
    font-size: 20px;
    font-weight: 500;
    flex: 1;
    min-width: 0;
    padding-inline-start: 8px;
    white-space: nowrap;
    overflow: hidden;
    text-overflow: ellipsis;
  }
  .quiet {
    min-height: 48px;
    min-width: 48px;
    padding: 0 12px;
    border-radius: 24px;
    color: var(--secondary-text-color);
  }
  .quiet:hover {
    background: color-mix(in srgb, var(--primary-text-color) 6%, transparent);
    color: var(--primary-text-color);
  }
  ha-menu-button {
    flex: none;
    --ha-icon-button-size: 48px;
  }
  nav {
    display: flex;
    flex-wrap: wrap;
    padding: 0 max(12px, calc((100% - 1200px) / 2 + 12px));
  }
  nav button {
    position: relative;
    min-height: 51px;
    padding: 0 16px;
    font-weight: 500;
    white-space: nowrap;
    color: var(--secondary-text-color);
  }
  nav button[aria-selected="true"] {
    color: var(--primary-text-color);
  }
  nav button[aria-selected="true"]::after {
    content: "";
    position: absolute;
    inset-inline: 12px;
    bottom: 0;
    height: 3px;
    border-radius: 3px 3px 0 0;
    background: var(--vp-accent);
  }
  nav button:focus-visible {
    outline-offset: -4px;
    border-radius: 8px;
  }
  .main {
    display: block;
    max-width: 1200px;
    margin: 0 auto;
    padding: 20px 24px calc(40px + env(safe-area-inset-bottom));
    outline: none;
  }
  @container (max-width: 719px) {
    .long {
      display: none;
    }
    .short {
      display: inline;
    }
    nav {
      padding: 0 4px;
    }
    nav button {
      padding: 0 10px;
      flex: 1 0 auto;
    }
  }
  @container (max-width: 479px) {
    nav button {
      min-height: 48px;
      padding: 0 6px;
      font-size: 13px;
    }
  }
  @media (max-width: 600px) {
    .banner {
      padding: 10px 16px;
    }
    .main {
      padding: 14px 16px calc(40px + env(safe-area-inset-bottom));
    }
  }
  .banner {
    display: flex;
    align-items: center;
    gap: 10px;
    padding: 10px max(24px, calc((100% - 1200px) / 2 + 24px));
  }
  .offline {
    background: color-mix(in srgb, var(--vp-warn-text) 14%, var(--primary-background-color));
  }
  .guests {
    background: color-mix(in srgb, var(--vp-accent) 14%, var(--primary-background-color));
  }
  .toast {
    position: fixed;
    z-index: 5;
    inset-inline: 0;
    bottom: calc(24px + env(safe-area-inset-bottom));
    display: flex;
    justify-content: center;
    pointer-events: none;
  }
  .toast span {
    max-width: min(560px, calc(100vw - 32px));
    padding: 12px 20px;
    border-radius: 24px;
    background: var(--primary-text-color);
    color: var(--primary-background-color);
    box-shadow: 0 8px 24px rgba(0, 0, 0, 0.3);
  }
  .toast:empty {
    display: none;
  }
  .skip {
    position: absolute;
    inset-inline-start: 8px;
    top: -60px;
    z-index: 6;
    background: var(--vp-card);
    padding: 12px;
    border-radius: 8px;
  }
  .skip:focus {
    top: 8px;
  }
`;
