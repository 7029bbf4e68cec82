// The part of a long list that has elements: rows far from the screen keep their height, but are not drawn.
import type { ReactiveController, ReactiveControllerHost } from "lit";

export const CHUNK = 25;

interface WindowHost extends ReactiveControllerHost {
  readonly renderRoot: ParentNode;
}

export class ListWindow implements ReactiveController {
  private readonly heights = new Map<string, number>();
  private readonly near = new Set<string>();
  private chunks?: IntersectionObserver;
  private end?: IntersectionObserver;

  constructor(
    private readonly host: WindowHost,
    private readonly endReached: () => void,
  ) {
    host.addController(this);
  }

  hostConnected(): void {
    this.chunks = new IntersectionObserver((entries) => this.moved(entries), { rootMargin: "1200px 0px" });
    this.end = new IntersectionObserver(
      (entries) => {
        if (entries.some((entry) => entry.isIntersecting)) this.endReached();
      },
      { rootMargin: "800px 0px" },
    );
  }

  hostDisconnected(): void {
    this.chunks?.disconnect();
    this.end?.disconnect();
  }

  hostUpdated(): void {
    for (const chunk of this.host.renderRoot.querySelectorAll("[data-chunk]")) this.chunks?.observe(chunk);
    // An observer reports changes only. Observed again, an end that is still on the screen is reported again.
    this.end?.disconnect();
    const end = this.host.renderRoot.querySelector("[data-end]");
    if (end) this.end?.observe(end);
  }

  clear(): void {
    this.heights.clear();
    this.near.clear();
  }

  // Pieces of a list that are drawn or left out as a whole. The first item names its piece.
  split<T extends { id: string }>(items: T[]): { key: string; items: T[] }[] {
    return Array.from({ length: Math.ceil(items.length / CHUNK) }, (_, index) => {
      const piece = items.slice(index * CHUNK, (index + 1) * CHUNK);
      return { key: piece[0]!.id, items: piece };
    });
  }

  // The height of a piece that is left out; undefined for one that is drawn.
  heightOf(key: string): number | undefined {
    return this.near.has(key) ? undefined : this.heights.get(key);
  }

  private moved(entries: IntersectionObserverEntry[]): void {
    for (const { target, isIntersecting, boundingClientRect } of entries) {
      const key = (target as HTMLElement).dataset.chunk!;
      if (isIntersecting) this.near.add(key);
      else if (this.near.delete(key)) this.heights.set(key, boundingClientRect.height);
    }
    this.host.requestUpdate();
  }
}
