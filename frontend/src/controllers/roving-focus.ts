// Of a long list, the tab key reaches one row only; the arrow keys go from row to row.
import type { ReactiveController, ReactiveControllerHost } from "lit";

interface FocusHost extends ReactiveControllerHost {
  readonly renderRoot: ParentNode;
}

export class RovingFocus implements ReactiveController {
  // The row that the tab key reaches.
  active?: string;

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

  focus(selector: string): void {
    void this.host.updateComplete.then(() => this.host.renderRoot.querySelector<HTMLElement>(selector)?.focus());
  }
}
