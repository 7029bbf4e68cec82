// The recordings of the list: loaded page by page, and kept in step with what is added and deleted.
import type { ReactiveController, ReactiveControllerHost } from "lit";
import { type Connection, type Failure, failureOf } from "../connection";
import { type Filter, type ListAnswer, PAGE_SIZE, type Recording } from "../contract";
import { Timeline, toggled } from "../timeline";

const REMEMBERED = 200;

interface LoaderHost extends ReactiveControllerHost {
  readonly connection: Connection;
}

export class ListLoader implements ReactiveController {
  timeline = new Timeline();
  failure?: Failure;
  // What arrived while the list was open.
  fresh: ReadonlySet<string> = new Set();
  // Rows that were taken out and may come back, where a deletion is undone.
  private readonly removed = new Map<string, Recording>();
  // A list that a search fills takes nothing else.
  private searched = false;
  private loading = false;
  private loaded = false;

  constructor(private readonly host: LoaderHost) {
    host.addController(this);
  }

  hostDisconnected(): void {
    this.begin(this.timeline.filter);
  }

  // Whether rows may come without anybody asking.
  get waiting(): boolean {
    return this.loading || !this.loaded;
  }

  // Empty the list. An answer that is still on its way belongs to the timeline that asked, and is dropped.
  begin(filter: Filter, searched = false): void {
    this.removed.clear();
    this.timeline = new Timeline(filter);
    this.timeline.more = !searched;
    this.searched = searched;
    this.loading = this.loaded = false;
    this.failure = undefined;
    this.host.requestUpdate();
  }

  async loadMore(): Promise<void> {
    const { timeline } = this;
    if (this.loading || this.failure || !timeline.more) return;
    this.loading = true;
    this.host.requestUpdate();
    try {
      const answer = await this.list(timeline, { before: timeline.cursor, limit: PAGE_SIZE });
      if (timeline !== this.timeline) return;
      timeline.append(answer);
    } catch (error) {
      if (timeline !== this.timeline) return;
      this.failure = failureOf(error);
    }
    this.loading = false;
    this.loaded = true;
    this.host.requestUpdate();
  }

  found(recordings: Recording[]): void {
    this.timeline.found(recordings);
    this.host.requestUpdate();
  }

  fail(failure: Failure): void {
    this.failure = failure;
    this.host.requestUpdate();
  }

  async add(recording: Recording): Promise<void> {
    const { timeline } = this;
    timeline.back(recording.id);
    const before = this.removed.get(recording.id);
    if (before) {
      this.removed.delete(recording.id);
      timeline.add(before);
      this.host.requestUpdate();
      return;
    }
    if (this.searched || !timeline.matches(recording)) return;
    try {
      const row = await this.host.connection.call<Recording>("recordings/get", { recording_id: recording.id });
      if (timeline !== this.timeline || !timeline.add(row)) return;
      this.fresh = toggled(this.fresh, [recording.id], true);
      this.host.requestUpdate();
    } catch {
      // It has been deleted meanwhile.
    }
  }

  remove(ids: string[]): void {
    const known = this.timeline.knowsAll(ids);
    for (const row of this.timeline.recordings) if (ids.includes(row.id)) this.remember(row);
    this.timeline.remove(ids);
    if (!known && !this.searched) void this.recount();
    this.host.requestUpdate();
  }

  private remember(row: Recording): void {
    this.removed.set(row.id, row);
    if (this.removed.size > REMEMBERED) this.removed.delete(this.removed.keys().next().value!);
  }

  private async recount(): Promise<void> {
    const { timeline } = this;
    try {
      timeline.recount(await this.list(timeline, { limit: 1, content: false }));
      this.host.requestUpdate();
    } catch {
      // The next page tells what is wrong.
    }
  }

  private list({ filter }: Timeline, fields: object): Promise<ListAnswer> {
    return this.host.connection.call<ListAnswer>("recordings/list", { ...filter, ...fields });
  }
}
