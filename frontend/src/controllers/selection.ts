// What is selected in the list, and whether the list offers boxes to select with.
import type { ReactiveController, ReactiveControllerHost } from "lit";
import { toggled } from "../timeline";

export class Selection implements ReactiveController {
  ids: ReadonlySet<string> = new Set();
  // The owner has asked for boxes before anything is selected.
  offered = false;

  // Where a range begins that is selected with the shift key.
  private origin?: string;

  constructor(private readonly host: ReactiveControllerHost) {
    host.addController(this);
  }

  hostDisconnected(): void {
    this.clear();
  }

  get size(): number {
    return this.ids.size;
  }

  // Boxes are shown while something is selected, too.
  get shown(): boolean {
    return this.offered || this.size > 0;
  }

  has(id: string): boolean {
    return this.ids.has(id);
  }

  hasAll(ids: string[]): boolean {
    return ids.every((id) => this.ids.has(id));
  }

  set(ids: string[], on: boolean): void {
    this.ids = toggled(this.ids, ids, on);
    this.host.requestUpdate();
  }

  // One, or everything from the last one to this one; `order` holds what may be selected, as it is shown.
  pick(id: string, on: boolean, order: string[], range: boolean): void {
    const from = range && this.origin ? order.indexOf(this.origin) : -1;
    const to = order.indexOf(id);
    const ids = from < 0 || to < 0 ? [id] : order.slice(Math.min(from, to), Math.max(from, to) + 1);
    this.origin = id;
    this.set(ids, on);
  }

  // Leave off selecting.
  leave(): void {
    this.offered = false;
    this.clear();
  }

  clear(): void {
    this.origin = undefined;
    this.ids = new Set();
    this.host.requestUpdate();
  }

  // Boxes that are taken away leave nothing selected.
  toggleOffered(): void {
    this.offered = !this.offered;
    if (this.offered) this.host.requestUpdate();
    else this.clear();
  }
}
