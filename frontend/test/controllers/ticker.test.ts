import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { TICK, Ticker } from "../../src/controllers/ticker";
import { Host } from "../helpers/host";
import { FakeConnection, satellite, stateOf } from "../helpers/house";

class Page extends Host {
  readonly house = new FakeConnection();
  readonly connection = this.house.real;
}

describe("the timer of a microphone", () => {
  let page: Page;

  beforeEach(() => {
    vi.useFakeTimers();
    page = new Page();
    new Ticker(page);
    page.connect();
  });

  afterEach(() => {
    vi.useRealTimers();
  });

  it("runs while some microphone records", () => {
    vi.advanceTimersByTime(3 * TICK);
    expect(page.updates).toBe(0);
    page.house.state = stateOf([satellite(), satellite({ id: "bath", state: "recording" })]);
    vi.advanceTimersByTime(3 * TICK);
    expect(page.updates).toBe(3);
  });

  it("ends with its element", () => {
    page.house.state = stateOf([satellite({ state: "recording" })]);
    page.disconnect();
    vi.advanceTimersByTime(3 * TICK);
    expect(page.updates).toBe(0);
  });
});
