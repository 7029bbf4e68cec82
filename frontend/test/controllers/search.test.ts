import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Failure } from "../../src/connection";
import type { Filter, Recording, SearchEvent } from "../../src/contract";
import { SEARCH_DELAY, SearchController, type SearchHost } from "../../src/controllers/search";
import { Host } from "../helpers/host";
import { FakeConnection, recording } from "../helpers/house";

class Page extends Host implements SearchHost {
  readonly house = new FakeConnection();
  readonly connection = this.house.real;
  filter: Filter = { satellite_id: "kitchen" };
  started = 0;
  cleared = 0;
  found: string[] = [];
  failures: string[] = [];
  readonly search: SearchController;

  constructor() {
    super();
    this.search = new SearchController(this, {
      found: (recordings: Recording[]) => this.found.push(...recordings.map(({ id }) => id)),
      fail: (failure: Failure) => this.failures.push(failure.code),
    });
  }

  searchStarted(): void {
    this.started += 1;
    this.found = [];
  }

  searchCleared(): void {
    this.cleared += 1;
  }

  async type(text: string): Promise<void> {
    this.search.type(text);
    await vi.advanceTimersByTimeAsync(SEARCH_DELAY);
  }

  tell(event: SearchEvent, which = -1): void {
    this.house.followed.at(which)!.tell(event as never);
  }
}

describe("search", () => {
  let page: Page;

  beforeEach(() => {
    vi.useFakeTimers();
    page = new Page();
  });

  afterEach(() => {
    vi.useRealTimers();
  });

  it("asks once for what was typed in a row, within the filter", async () => {
    for (const text of ["k", "ki", " kitchen "]) page.search.type(text);
    expect(page.house.asked).toEqual([]);
    await vi.advanceTimersByTimeAsync(SEARCH_DELAY);
    expect(page.house.asked).toEqual([["recordings/search", { text: "kitchen", satellite_id: "kitchen" }]]);
    expect(page.started).toBe(1);
  });

  it("fails with the connection, unless it was over by then", async () => {
    await page.type("light");
    page.house.followed[0]!.lose!(new Failure("failed"));
    expect(page.failures).toEqual(["failed"]);
    expect(page.search.running).toBe(false);
    await page.type("kitchen");
    page.tell({ type: "finished" } as SearchEvent);
    page.house.followed[1]!.lose!(new Failure("failed"));
    expect(page.failures).toEqual(["failed"]);
  });

  it("shows how far it has come, and what it finds as it finds it", async () => {
    await page.type("light");
    expect(page.search.progress).toEqual({ done: 0, total: 0, running: true });
    page.tell({ type: "progress", done: 10, total: 30, recordings: [recording(7)] });
    page.tell({ type: "progress", done: 30, total: 30, recordings: [recording(3)] });
    expect(page.found).toEqual(["r7", "r3"]);
    expect(page.search.running).toBe(true);
    page.tell({ type: "finished", total: 2 });
    expect(page.search.progress).toEqual({ done: 30, total: 30, running: false });
  });

  it("ends the search before, and takes nothing of it any more", async () => {
    await page.type("light");
    await page.type("lamp");
    expect(page.house.followed.map(({ ended }) => ended)).toEqual([true, false]);
    page.tell({ type: "progress", done: 1, total: 2, recordings: [recording(1)] }, 0);
    page.tell({ type: "failed", code: "store_failed" }, 0);
    expect([page.found, page.failures]).toEqual([[], []]);
    expect(page.search.progress).toEqual({ done: 0, total: 0, running: true });
  });

  it("ends a search whose beginning is confirmed only after it was stopped", async () => {
    page.search.type("light");
    vi.advanceTimersByTime(SEARCH_DELAY);
    page.search.stop();
    await vi.advanceTimersByTimeAsync(0);
    expect(page.house.followed.map(({ ended }) => ended)).toEqual([true]);
  });

  it("tells why it fails, at the beginning and on the way", async () => {
    await page.type("light");
    page.tell({ type: "failed", code: "store_failed" });
    page.house.refuse = "unauthorized";
    await page.type("lamp");
    expect(page.failures).toEqual(["store_failed", "unauthorized"]);
    expect(page.search.running).toBe(false);
  });

  it("gives the whole list back when the field is emptied", async () => {
    await page.type("   ");
    expect(page.cleared).toBe(0);
    await page.type("light");
    await page.type("");
    expect(page.cleared).toBe(1);
  });

  it("leaves nothing behind with its element", async () => {
    await page.type("light");
    page.search.type("lamp");
    page.disconnect();
    await vi.advanceTimersByTimeAsync(SEARCH_DELAY);
    expect(page.house.followed.map(({ ended }) => ended)).toEqual([true]);
    expect(page.search.progress).toBeUndefined();
  });
});
