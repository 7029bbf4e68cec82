// Icons as paths, so that no request is made for them.
import {
  mdiAccountGroup,
  mdiAccountOutline,
  mdiAlertCircleOutline,
  mdiCheck,
  mdiCheckCircleOutline,
  mdiChevronDown,
  mdiChevronUp,
  mdiCommentCheckOutline,
  mdiClockOutline,
  mdiClose,
  mdiCog,
  mdiDeleteOutline,
  mdiDownload,
  mdiEarHearing,
  mdiFilterVariant,
  mdiFormatListBulleted,
  mdiFormatListChecks,
  mdiHelp,
  mdiHistory,
  mdiLockOutline,
  mdiMagnify,
  mdiMenu,
  mdiMicrophone,
  mdiMicrophoneOff,
  mdiMicrophoneQuestion,
  mdiPause,
  mdiPlay,
  mdiRecord,
  mdiReplyOutline,
  mdiTrayRemove,
  mdiRobotOutline,
  mdiShieldLockOutline,
  mdiToggleSwitchOutline,
  mdiUploadOutline,
  mdiWifiOff,
} from "@mdi/js";
import { html, type TemplateResult } from "lit";
import type { SatelliteState } from "./contract";

export const icons = {
  account: mdiAccountOutline,
  alert: mdiAlertCircleOutline,
  archive: mdiDownload,
  check: mdiCheck,
  clock: mdiClockOutline,
  close: mdiClose,
  cog: mdiCog,
  deleted: mdiDeleteOutline,
  done: mdiCheckCircleOutline,
  down: mdiChevronDown,
  filter: mdiFilterVariant,
  guests: mdiAccountGroup,
  help: mdiHelp,
  history: mdiHistory,
  listed: mdiFormatListBulleted,
  listened: mdiEarHearing,
  lock: mdiLockOutline,
  menu: mdiMenu,
  microphone: mdiMicrophone,
  offline: mdiWifiOff,
  pause: mdiPause,
  play: mdiPlay,
  reply: mdiReplyOutline,
  reviewed: mdiCommentCheckOutline,
  robot: mdiRobotOutline,
  search: mdiMagnify,
  select: mdiFormatListChecks,
  shield: mdiShieldLockOutline,
  takenOut: mdiTrayRemove,
  toggle: mdiToggleSwitchOutline,
  upload: mdiUploadOutline,
  up: mdiChevronUp,
};

export const stateIcons: Record<SatelliteState, string> = {
  disconnected: mdiHelp,
  listening: mdiEarHearing,
  muted: mdiMicrophoneOff,
  not_listening: mdiMicrophoneQuestion,
  recording: mdiRecord,
};

export function icon(path: string): TemplateResult {
  return html`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
    <path fill="currentColor" d=${path}></path>
  </svg>`;
}
