// The list of recordings as the page holds it: newest first, by day, in step with the house.
import type { DayFigures, Filter, RecordingKind, ListAnswer, Recording } from "./contract";

export interface Day {
  day: string;
  figures: DayFigures;
  recordings: Recording[];
}

export type Counts = Record<"all" | Exclude<RecordingKind, "near_miss">, number> & { near_miss?: number };

export class Timeline {
  recordings: Recording[] = [];
  more = true;
  counts: Counts = { all: 0, command: 0, false_wake: 0 };
  private days = new Map<string, DayFigures>();
  private gone = new Set<string>();

  constructor(readonly filter: Filter = {}) {}

  // Where the next page begins.
  get cursor(): number | null {
    return this.recordings.at(-1)?.sequence ?? null;
  }

  append(answer: ListAnswer): void {
    const known = new Set(this.recordings.map((recording) => recording.id));
    for (const recording of answer.recordings) {
      // A deletion may overtake the page that still contains its recording.
      if (!known.has(recording.id) && !this.gone.has(recording.id)) this.recordings.push(recording);
    }
    for (const [day, figures] of Object.entries(answer.days)) this.days.set(day, { ...figures });
    if (answer.counts) this.counts = { ...answer.counts };
    this.more = answer.more;
  }

  matches(recording: Recording): boolean {
    const { first_day, last_day, satellite_id, kind } = this.filter;
    return (
      !this.gone.has(recording.id) &&
      (!first_day || recording.day >= first_day) &&
      (!last_day || recording.day <= last_day) &&
      (!satellite_id || recording.satellite_id === satellite_id) &&
      (!kind || recording.kind === kind)
    );
  }

  // A deletion was undone.
  back(id: string): void {
    this.gone.delete(id);
  }

  add(recording: Recording): boolean {
    if (!this.matches(recording) || this.recordings.some((other) => other.id === recording.id)) return false;
    // What belongs to a page that is not loaded yet comes with it.
    const { cursor } = this;
    if (this.more && cursor !== null && recording.sequence < cursor) {
      this.count(recording, 1);
      return true;
    }
    const index = this.recordings.findIndex((other) => other.sequence < recording.sequence);
    this.recordings.splice(index < 0 ? this.recordings.length : index, 0, recording);
    this.count(recording, 1);
    return true;
  }

  replace(recording: Recording): void {
    const index = this.recordings.findIndex((other) => other.id === recording.id);
    if (index >= 0) this.recordings[index] = recording;
  }

  remove(ids: Iterable<string>): void {
    const doomed = new Set(ids);
    for (const id of doomed) this.gone.add(id);
    for (const recording of this.recordings) if (doomed.has(recording.id)) this.count(recording, -1);
    this.recordings = this.recordings.filter((recording) => !doomed.has(recording.id));
  }

  // What was deleted without having been shown leaves figures that only the house knows.
  knowsAll(ids: string[]): boolean {
    const known = new Set(this.recordings.map((recording) => recording.id));
    return ids.every((id) => known.has(id));
  }

  // Figures as the house counts them, after something unseen was deleted.
  recount(answer: ListAnswer): void {
    if (answer.counts) this.counts = { ...answer.counts };
    for (const [day, figures] of Object.entries(answer.days)) this.days.set(day, { ...figures });
  }

  // What a search finds comes newest first.
  found(recordings: Recording[]): void {
    this.recordings.push(...recordings.filter((recording) => !this.gone.has(recording.id)));
  }

  grouped(): Day[] {
    const groups: Day[] = [];
    for (const recording of this.recordings) {
      const last = groups.at(-1);
      if (last?.day === recording.day) last.recordings.push(recording);
      else {
        const figures = this.days.get(recording.day) ?? { count: 0, size: null };
        groups.push({ day: recording.day, figures, recordings: [recording] });
      }
    }
    return groups;
  }

  private count(recording: Recording, by: 1 | -1): void {
    this.counts = {
      ...this.counts,
      all: this.counts.all + by,
      [recording.kind]: (this.counts[recording.kind] ?? 0) + by,
    };
    const figures = this.days.get(recording.day) ?? { count: 0, size: recording.size === null ? null : 0 };
    const size = figures.size === null || recording.size === null ? null : figures.size + by * recording.size;
    this.days.set(recording.day, { count: figures.count + by, size });
  }
}

export function toggled(selection: ReadonlySet<string>, ids: string[], on: boolean): Set<string> {
  const next = new Set(selection);
  for (const id of ids) {
    if (on) next.add(id);
    else next.delete(id);
  }
  return next;
}
