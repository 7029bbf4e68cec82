// Draws again while a microphone records, so that its timer runs.
import type { ReactiveController, ReactiveControllerHost } from "lit";
import type { Connection } from "../connection";

export const TICK = 500;

interface TickerHost extends ReactiveControllerHost {
  readonly connection: Connection;
}

export class Ticker implements ReactiveController {
  private timer?: ReturnType<typeof setInterval>;

  constructor(private readonly host: TickerHost) {
    host.addController(this);
  }

  hostConnected(): void {
    this.timer = setInterval(() => {
      const satellites = this.host.connection.state?.satellites ?? [];
      if (satellites.some((satellite) => satellite.state === "recording")) this.host.requestUpdate();
    }, TICK);
  }

  hostDisconnected(): void {
    clearInterval(this.timer);
  }
}
