// The list of recordings as the page holds it: newest first, by day, in step with the house.
import type { DayFigures, Filter, RecordingKind, ListAnswer, Recording } from "./contract";

export interface Day {
  day: string;
  figures: DayFigures;
  recordings: Recording[];
}

export type Counts = Record<"all" | RecordingKind, number>;

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
    const known = new Set(this.recordings.map((one) => one.id));
    for (const one of answer.recordings) {
      // A deletion may overtake the page that still contains its recording.
      if (!known.has(one.id) && !this.gone.has(one.id)) this.recordings.push(one);
    }
    for (const [day, figures] of Object.entries(answer.days)) this.days.set(day, { ...figures });
    if (answer.counts) this.counts = { ...answer.counts };
    this.more = answer.more;
  }

  matches(one: Recording): boolean {
    const { first_day, last_day, satellite_id, kind } = this.filter;
    return (
      !this.gone.has(one.id) &&
      (!first_day || one.day >= first_day) &&
      (!last_day || one.day <= last_day) &&
      (!satellite_id || one.satellite_id === satellite_id) &&
      (!kind || one.kind === kind)
    );
  }

  add(one: Recording): boolean {
    if (!this.matches(one) || this.recordings.some((other) => other.id === one.id)) return false;
    const index = this.recordings.findIndex((other) => other.sequence < one.sequence);
    this.recordings.splice(index < 0 ? this.recordings.length : index, 0, one);
    this.count(one, 1);
    return true;
  }

  replace(one: Recording): void {
    const index = this.recordings.findIndex((other) => other.id === one.id);
    if (index >= 0) this.recordings[index] = one;
  }

  remove(ids: Iterable<string>): void {
    const doomed = new Set(ids);
    for (const id of doomed) this.gone.add(id);
    for (const one of this.recordings) if (doomed.has(one.id)) this.count(one, -1);
    this.recordings = this.recordings.filter((one) => !doomed.has(one.id));
  }

  // What was deleted without having been shown leaves figures that only the house knows.
  knowsAll(ids: string[]): boolean {
    const known = new Set(this.recordings.map((one) => one.id));
    return ids.every((id) => known.has(id));
  }

  // Figures as the house counts them, after something unseen was deleted.
  recount(answer: ListAnswer): void {
    if (answer.counts) this.counts = { ...answer.counts };
    for (const [day, figures] of Object.entries(answer.days)) this.days.set(day, { ...figures });
  }

  // What a search finds comes newest first.
  found(recordings: Recording[]): void {
    this.recordings.push(...recordings.filter((one) => !this.gone.has(one.id)));
  }

  grouped(): Day[] {
    const groups: Day[] = [];
    for (const one of this.recordings) {
      const last = groups.at(-1);
      if (last?.day === one.day) last.recordings.push(one);
      else {
        const figures = this.days.get(one.day) ?? { count: 0, size: null };
        groups.push({ day: one.day, figures, recordings: [one] });
      }
    }
    return groups;
  }

  private count(one: Recording, by: 1 | -1): void {
    this.counts = { ...this.counts, all: this.counts.all + by, [one.kind]: this.counts[one.kind] + by };
    const figures = this.days.get(one.day) ?? { count: 0, size: one.size === null ? null : 0 };
    const size = figures.size === null || one.size === null ? null : figures.size + by * one.size;
    this.days.set(one.day, { count: figures.count + by, size });
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
