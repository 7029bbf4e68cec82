// Badges, waveforms, notes and empty states.
import { css } from "lit";

export const blocks = css`
  .state {
    display: inline-flex;
    align-items: center;
    gap: 6px;
    font-weight: 500;
    white-space: nowrap;
  }
  .badge {
    display: grid;
    place-items: center;
    flex: none;
    width: 36px;
    height: 36px;
    border-radius: 50%;
    border: 2px solid transparent;
  }
  .badge.listening {
    background: color-mix(in srgb, var(--vp-good-text) 14%, transparent);
    color: var(--vp-good-text);
  }
  .badge.recording {
    background: var(--vp-danger);
    color: var(--vp-on-danger);
    border-radius: 10px;
    animation: breathe 1.6s ease-in-out infinite;
  }
  .badge.muted {
    background: color-mix(in srgb, var(--primary-text-color) 10%, transparent);
    color: var(--primary-text-color);
  }
  .badge.disconnected,
  .badge.not_listening {
    border: 2px dashed var(--secondary-text-color);
    color: var(--secondary-text-color);
  }
  @keyframes breathe {
    50% {
      box-shadow: 0 0 0 6px color-mix(in srgb, var(--vp-danger) 22%, transparent);
    }
  }
  .wave {
    display: block;
    width: 100%;
    height: 100%;
    overflow: visible;
  }
  .wave path {
    fill: none;
    stroke-width: 2px;
    stroke-linecap: round;
    vector-effect: non-scaling-stroke;
  }
  .wave .rest {
    stroke: color-mix(in srgb, var(--primary-text-color) 32%, transparent);
  }
  .wave .played {
    visibility: var(--played, hidden);
    stroke: var(--vp-accent);
    clip-path: inset(-4px calc(100% - var(--progress, 0%)) -4px -4px);
  }
  .play {
    width: 44px;
    height: 44px;
    flex: none;
    border-radius: 50%;
    background: var(--vp-tint);
    color: var(--primary-text-color);
    transition:
      background 120ms,
      transform 120ms;
  }
  @media (pointer: coarse) {
    .play {
      width: 48px;
      height: 48px;
    }
  }
  .play .icon {
    width: 24px;
    height: 24px;
  }
  .play:hover:not(:disabled) {
    background: color-mix(in srgb, var(--vp-accent) 24%, transparent);
  }
  .play:active {
    transform: scale(0.94);
  }
  .play.active {
    background: var(--vp-accent);
    color: var(--text-primary-color, #fff);
  }
  .note {
    display: flex;
    gap: 10px;
    align-items: flex-start;
    padding: 12px 14px;
    border-radius: 10px;
    background: color-mix(in srgb, var(--primary-text-color) 5%, transparent);
  }
  .note.warn {
    background: color-mix(in srgb, var(--vp-warn-text) 12%, transparent);
  }
  .note.warn .icon {
    color: var(--vp-warn-text);
  }
  .empty {
    display: grid;
    justify-items: center;
    gap: 10px;
    text-align: center;
    padding: 56px 24px;
    color: var(--secondary-text-color);
  }
  .empty h2 {
    color: var(--primary-text-color);
    font-size: 18px;
    font-weight: 500;
  }
  .empty p {
    max-width: 46ch;
  }
  .empty .hero {
    width: 72px;
    height: 72px;
    display: grid;
    place-items: center;
    border-radius: 24px;
    color: #fff;
    background: linear-gradient(135deg, #0d8a80, #1a4fa0);
    margin-bottom: 6px;
  }
  .empty .hero .icon {
    width: 36px;
    height: 36px;
  }
  @media (prefers-reduced-motion: reduce) {
    *,
    *::after {
      animation: none !important;
      transition: none !important;
    }
  }
`;
