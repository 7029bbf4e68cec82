// What the timeline does: what it loads and follows, plays, selects, and asks to delete.
import { state } from "lit/decorators.js";
import type { Filter, Recording } from "../contract";
import { DayCounts } from "../controllers/day-counts";
import { ListLoader } from "../controllers/list-loader";
import { ListWindow } from "../controllers/list-window";
import { RovingFocus } from "../controllers/roving-focus";
import { SearchController, type SearchHost } from "../controllers/search";
import { Selection } from "../controllers/selection";
import { Shortcuts } from "../controllers/shortcuts";
import { Ticker } from "../controllers/ticker";
import { saveRecording, saveRecordings } from "../download";
import { Player } from "../player";
import type { Timeline } from "../timeline";
import type { DeletionDialog, DeletionPrompt } from "./deletion";
import { promptOfDay, promptOfOne, promptOfSelection } from "./deletion-prompts";
import type { DetailDialog } from "./detail";
import { MOST_DOWNLOADED } from "./list-parts";
import { Part } from "./part";
import type { RecordingsFilter } from "./recordings-filter";
import type { ShortcutHelp } from "./shortcut-help";
import { isOnRow, type KeyTarget, timelineKeys } from "./timeline-keys";

export abstract class TimelineActions extends Part implements SearchHost, KeyTarget {
  @state() filter: Filter = {};
  protected player!: Player;
  protected readonly loader = new ListLoader(this);
  protected readonly searching = new SearchController(this, this.loader);
  readonly selection = new Selection(this);
  protected readonly focused = new RovingFocus(this, () => this.timeline.recordings.map((recording) => recording.id));
  protected readonly window = new ListWindow(this, () => void this.loader.loadMore());
  protected readonly days = new DayCounts(this);
  protected listened = false;

  constructor() {
    super();
    new Ticker(this);
    new Shortcuts(this, timelineKeys(this));
  }

  get timeline(): Timeline {
    return this.loader.timeline;
  }

  connectedCallback(): void {
    super.connectedCallback();
    this.player = new Player(
      this.connection,
      () => {
        this.requestUpdate();
        this.detail?.requestUpdate();
      },
      (failure) => this.notify(this.texts.error(failure.code)),
    );
    this.listened = this.mayListen;
    void this.reload();
  }

  disconnectedCallback(): void {
    super.disconnectedCallback();
    this.player.stop();
  }

  stateChanged(): void {
    const { mayListen } = this;
    if (mayListen && !this.listened) void this.reload();
    if (!mayListen && this.listened) {
      this.player.stop();
      this.searching.stop();
      this.begin();
    }
    this.listened = mayListen;
    this.requestUpdate();
  }

  recordingsAdded(recordings: Recording[]): void {
    if (!this.mayListen) return;
    for (const recording of recordings) void this.loader.add(recording);
    this.days.soon();
  }

  recordingsDeleted(ids: string[]): void {
    if (this.player.id && ids.includes(this.player.id)) {
      this.player.stop();
      this.notify(this.t("recordings.deleted_while_playing"));
    }
    if (ids.includes(this.detail?.shown ?? "")) this.detail!.close();
    this.loader.remove(ids);
    this.selection.set(ids, false);
    this.days.soon();
  }

  recordingsReset(): void {
    this.player.stop();
    void this.reload();
  }

  protected get mayListen(): boolean {
    return this.connection.state?.permissions.listen ?? false;
  }

  protected begin(searched = false): void {
    this.loader.begin(this.filter, searched);
    this.window.clear();
    this.selection.clear();
  }

  async reload(): Promise<void> {
    this.searching.stop();
    this.begin();
    if (!this.mayListen) return;
    if (this.searching.text) this.searching.start();
    else await this.loader.loadMore();
    await this.days.load();
  }

  protected setFilter({ detail }: CustomEvent<Filter>): void {
    this.filter = { ...this.filter, ...detail };
    void this.reload();
  }

  searchStarted(): void {
    this.begin(true);
  }

  searchCleared(): void {
    void this.reload();
  }

  play(recording: Recording): void {
    // What was said of an earlier attempt is over.
    this.notify("");
    void this.player.toggle(recording.id);
  }

  seek(recording: Recording, fraction: number): void {
    void this.player.seek(recording.id, fraction);
  }

  select(recording: Recording, on: boolean, range: boolean): void {
    this.selection.pick(recording.id, on, this.selectable, range);
  }

  open(recording: Recording): void {
    void this.detail?.open(recording);
  }

  // Feedback was given on a recording.
  protected changed(recording: Recording): void {
    this.timeline.replace(recording);
    this.requestUpdate();
  }

  delete(recording: Recording): void {
    this.ask(promptOfOne(this.texts, this.connection, recording));
  }

  protected get detail(): DetailDialog | null {
    return this.renderRoot.querySelector<DetailDialog>("voice-privacy-detail");
  }

  // Ids of what is shown and may be deleted.
  protected get selectable(): string[] {
    return this.timeline.recordings.filter((recording) => this.mayDelete(recording)).map(({ id }) => id);
  }

  protected nameOf(recording: Recording): string {
    return this.connection.nameOf(recording.satellite_id) ?? this.t("common.removed_satellite");
  }

  get reached(): Recording | undefined {
    return this.timeline.recordings.find(({ id }) => id === this.focused.active);
  }

  move(step: 1 | -1): boolean {
    return this.focused.move(step) !== undefined;
  }

  enter(): void {
    this.focused.enter();
  }

  search(): void {
    this.renderRoot.querySelector<RecordingsFilter>("voice-privacy-filter")?.focusSearch();
  }

  help(): void {
    void this.renderRoot.querySelector<ShortcutHelp>("voice-privacy-keys")?.open();
  }

  // From the details of one recording to those of its neighbor.
  protected step(by: 1 | -1): void {
    const { recordings } = this.timeline;
    const index = recordings.findIndex(({ id }) => id === this.detail?.shown);
    const next = index < 0 ? undefined : recordings[index + by];
    if (!next) return;
    this.focused.reach(next.id);
    void this.detail?.open(next);
  }

  undo(): boolean {
    const root = this.getRootNode() as ParentNode;
    return root.querySelector<DeletionDialog>("voice-privacy-deletion")?.undo() ?? false;
  }

  protected clicked(event: MouseEvent, recording: Recording): void {
    if (!isOnRow(event)) return;
    if (this.selection.shown && this.mayDelete(recording)) {
      this.select(recording, !this.selection.has(recording.id), event.shiftKey);
    } else this.open(recording);
  }

  protected async downloadSelected(): Promise<void> {
    const ids = [...this.selection.ids];
    if (ids.length > MOST_DOWNLOADED) return;
    const [one] = this.timeline.recordings.filter(({ id }) => id === ids[0]);
    if (ids.length === 1 && one) await this.download(one);
    else await this.attempt(() => saveRecordings(this.connection, ids, this.house.today));
  }

  async download(recording: Recording): Promise<void> {
    await this.attempt(() => saveRecording(this.connection, recording));
  }

  protected ask(prompt: DeletionPrompt): void {
    this.emit("vp-delete", prompt);
  }

  deleteSelected(): void {
    this.ask(promptOfSelection(this.texts, this.connection, this.selection.ids, this.timeline.recordings));
  }

  // Focus goes to the list when the row that had it is gone.
  focusList(): void {
    this.focused.focus("#list-title");
  }

  mayDelete(recording: Recording): boolean {
    return this.admin || this.state.may.delete_selected.includes(recording.satellite_id);
  }

  protected deleteDay(day: string): void {
    this.ask(promptOfDay(this.texts, this.connection, day));
  }
}
