// Of a long list, the tab key reaches one row only; the arrow keys go from row to row.
import type { ReactiveController, ReactiveControllerHost } from "lit";

interface FocusHost extends ReactiveControllerHost {
  readonly renderRoot: ParentNode;
}

export class RovingFocus implements ReactiveController {
  // The row that the tab key reaches.
  active?: string;
  // Whether somebody has been there.
  private entered = false;

  constructor(
    private readonly host: FocusHost,
    private readonly ids: () => string[],
  ) {
    host.addController(this);
  }

  // Before anybody chooses another row, the first one is reached.
  hostUpdate(): void {
    this.active ??= this.ids()[0];
  }

  reach(id: string): void {
    this.entered = true;
    if (this.active === id) return;
    this.active = id;
    this.host.requestUpdate();
  }

  onKey = (event: KeyboardEvent): void => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const origin = event.composedPath()[0] as HTMLElement;
    if (!step || origin.matches("input[type=range]")) return;
    const ids = this.ids();
    const next = ids[ids.indexOf(this.active ?? "") + step];
    if (!next) return;
    event.preventDefault();
    this.reach(next);
    this.focus(`[data-id="${next}"] .play`);
  };

  // By a key that works wherever the focus is: a list that does not have it yet is entered first.
  move(step: 1 | -1): string | undefined {
    const ids = this.ids();
    const root = this.host.renderRoot as Partial<DocumentOrShadowRoot>;
    const inside = root.activeElement?.closest<HTMLElement>("[data-id]")?.dataset.id === this.active;
    const next = inside
      ? ids[ids.indexOf(this.active ?? "") + step]
      : this.entered && ids.includes(this.active ?? "")
        ? this.active
        : ids[0];
    if (!next) return undefined;
    this.reach(next);
    this.focus(`[data-id="${next}"] .play`);
    return next;
  }

  enter(): void {
    if (!this.active) return;
    this.reach(this.active);
    this.focus(`[data-id="${this.active}"] .play`);
  }

  focus(selector: string): void {
    void this.host.updateComplete.then(() => this.host.renderRoot.querySelector<HTMLElement>(selector)?.focus());
  }
}
