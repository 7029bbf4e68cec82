// How many recordings each of the last days has, in step with the list.
import type { ReactiveController, ReactiveControllerHost } from "lit";
import type { Connection } from "../connection";
import type { DaysAnswer, Filter } from "../contract";

export const DAYS = 28;
export const SOON = 1000;

interface CountsHost extends ReactiveControllerHost {
  readonly connection: Connection;
  readonly filter: Filter;
}

export class DayCounts implements ReactiveController {
  counts: Readonly<Record<string, number>> = {};
  private timer?: ReturnType<typeof setTimeout>;

  constructor(private readonly host: CountsHost) {
    host.addController(this);
  }

  hostDisconnected(): void {
    clearTimeout(this.timer);
  }

  // Several changes within a moment are asked for once.
  soon(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.load(), SOON);
  }

  async load(): Promise<void> {
    clearTimeout(this.timer);
    const { satellite_id = null, kind = null } = this.host.filter;
    try {
      const { days } = await this.host.connection.call<Partial<DaysAnswer>>("recordings/days", { satellite_id, kind });
      this.counts = days ?? {};
      this.host.requestUpdate();
    } catch {
      // The list tells what is wrong.
    }
  }
}
