// Keys that act on the list, wherever on the page the focus is, except where text is typed or a dialog is open.
import type { ReactiveController, ReactiveControllerHost } from "lit";

// False where the key was not needed.
export type Act = (event: KeyboardEvent) => boolean;

const TYPED = "input:not([type=checkbox], [type=range], [type=radio]), textarea, select, [contenteditable]";
// What the space bar and the enter key act upon themselves.
const ACTIVATED = "button, a, summary, input, [role=button], [role=tab]";

export class Shortcuts implements ReactiveController {
  constructor(
    private readonly host: ReactiveControllerHost & HTMLElement,
    // By key, as the browser names it.
    private readonly acts: Record<string, Act | undefined>,
  ) {
    host.addController(this);
  }

  // Home Assistant listens on the window, too: it must not act on a key that was used here.
  hostConnected(): void {
    window.addEventListener("keydown", this.onKey, true);
  }

  hostDisconnected(): void {
    window.removeEventListener("keydown", this.onKey, true);
  }

  private readonly onKey = (event: KeyboardEvent): void => {
    const path = event.composedPath();
    const target = path[0];
    if (event.defaultPrevented || event.isComposing || event.altKey || !this.concerns(path)) return;
    const undo = (event.ctrlKey || event.metaKey) && !event.shiftKey && event.key.toLowerCase() === "z";
    if ((event.ctrlKey || event.metaKey) && !undo) return;
    const element = target instanceof HTMLElement ? target : undefined;
    if (element?.matches(TYPED) && event.key !== "Escape") return;
    if ((event.key === " " || event.key === "Enter") && element?.matches(ACTIVATED)) return;
    const act = this.acts[undo ? "undo" : event.key];
    if (!act?.(event)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  };

  // The focus is nowhere, or on our page, and not in a dialog.
  private concerns(path: EventTarget[]): boolean {
    if (path.some((node) => node instanceof HTMLElement && node.matches("dialog, ha-dialog, [role=dialog]")))
      return false;
    const root = this.host.getRootNode();
    const page = root instanceof ShadowRoot ? root.host : document.body;
    return path[0] === document.body || path[0] === document || path.includes(page);
  }
}
