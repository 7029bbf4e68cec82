// A search of what was said: it follows the search field a moment later, and finds more while it runs.
import type { ReactiveController, ReactiveControllerHost } from "lit";
import { type Connection, type Failure, failureOf } from "../connection";
import type { Filter, Recording, SearchEvent } from "../contract";

export const SEARCH_DELAY = 350;

export interface SearchProgress {
  done: number;
  total: number;
  running: boolean;
}

export interface SearchHost extends ReactiveControllerHost {
  readonly connection: Connection;
  readonly filter: Filter;
  // A search begins with an empty list.
  searchStarted(): void;
  // The field was emptied while a search was shown.
  searchCleared(): void;
}

// The list that a search fills.
export interface SearchList {
  found(recordings: Recording[]): void;
  fail(failure: Failure): void;
}

export class SearchController implements ReactiveController {
  // What the field says.
  text = "";
  // Of the search that is shown; none while the list shows everything.
  progress?: SearchProgress;
  private timer?: ReturnType<typeof setTimeout>;
  private end?: () => void;

  constructor(
    private readonly host: SearchHost,
    private readonly list: SearchList,
  ) {
    host.addController(this);
  }

  hostDisconnected(): void {
    this.stop();
  }

  get running(): boolean {
    return this.progress?.running ?? false;
  }

  type(text: string): void {
    this.text = text.trim();
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      if (this.text) this.start();
      else if (this.progress) this.host.searchCleared();
    }, SEARCH_DELAY);
  }

  start(): void {
    this.stop();
    const progress = { done: 0, total: 0, running: true };
    this.progress = progress;
    this.host.searchStarted();
    void this.follow(progress);
  }

  stop(): void {
    clearTimeout(this.timer);
    this.end?.();
    this.end = this.progress = undefined;
    this.host.requestUpdate();
  }

  // Each search has a progress of its own: what still arrives for an earlier search is not shown.
  private async follow(progress: SearchProgress): Promise<void> {
    const { connection, filter } = this.host;
    try {
      const end = await connection.follow<SearchEvent>(
        "recordings/search",
        { text: this.text, ...filter },
        (event) => {
          if (progress === this.progress) this.receive(progress, event);
        },
        (failure) => progress === this.progress && progress.running && this.fail(progress, failure),
      );
      if (progress === this.progress) this.end = end;
      else end();
    } catch (error) {
      if (progress === this.progress) this.fail(progress, failureOf(error));
    }
  }

  private receive(progress: SearchProgress, event: SearchEvent): void {
    switch (event.type) {
      case "progress":
        progress.done = event.done;
        progress.total = event.total;
        this.list.found(event.recordings);
        break;
      case "finished":
        progress.running = false;
        break;
      case "failed":
        this.fail(progress, failureOf(event));
    }
    this.host.requestUpdate();
  }

  private fail(progress: SearchProgress, failure: Failure): void {
    progress.running = false;
    this.list.fail(failure);
    this.host.requestUpdate();
  }
}
