// What is selected in the list, and whether the list offers boxes to select with.
import type { ReactiveController, ReactiveControllerHost } from "lit";
import { toggled } from "../timeline";

export class Selection implements ReactiveController {
  ids: ReadonlySet<string> = new Set();
  // The owner has asked for boxes before anything is selected.
  offered = false;

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

  clear(): void {
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
