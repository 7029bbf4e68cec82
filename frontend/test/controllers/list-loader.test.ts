import { beforeEach, describe, expect, it } from "vitest";
import type { ListAnswer, Recording } from "../../src/contract";
import { Failure } from "../../src/connection";
import { ListLoader } from "../../src/controllers/list-loader";
import { Host } from "../helpers/host";
import { FakeConnection, recording } from "../helpers/house";

function answer(recordings: Recording[], change: Partial<ListAnswer> = {}): ListAnswer {
  return {
    recordings,
    more: false,
    days: { "2026-11-24": { count: recordings.length, size: 100 * recordings.length } },
    counts: { all: recordings.length, command: recordings.length, false_wake: 0 },
    ...change,
  };
}

class Page extends Host {
  readonly house = new FakeConnection();
  readonly connection = this.house.real;
}

describe("the list", () => {
  let page: Page;
  let loader: ListLoader;
  const shown = (): string[] => loader.timeline.recordings.map(({ id }) => id);

  beforeEach(() => {
    page = new Page();
    loader = new ListLoader(page);
    page.house.answers["recordings/list"] = () => answer([recording(5), recording(4)], { more: true });
    page.house.answers["recordings/get"] = ({ recording_id }) => recording(Number(String(recording_id).slice(1)));
  });

  it("comes page by page, each after the last row", async () => {
    expect(loader.waiting).toBe(true);
    await loader.loadMore();
    expect([shown(), loader.waiting]).toEqual([["r5", "r4"], false]);
    page.house.answers["recordings/list"] = () => answer([recording(3)]);
    await loader.loadMore();
    expect(shown()).toEqual(["r5", "r4", "r3"]);
    await loader.loadMore();
    expect(page.house.asked.map(([, { before }]) => before)).toEqual([null, 4]);
  });

  it("is asked for once at a time, within its filter", async () => {
    loader.begin({ kind: "command" });
    await Promise.all([loader.loadMore(), loader.loadMore()]);
    expect(page.house.asked).toEqual([["recordings/list", { kind: "command", before: null, limit: 50 }]]);
  });

  it("drops the answer to a list that has been emptied meanwhile", async () => {
    const late = loader.loadMore();
    loader.begin({ satellite_id: "bedroom" });
    await late;
    expect([shown(), loader.waiting]).toEqual([[], true]);
  });

  it("stops at a failure until it begins again", async () => {
    page.house.refuse = "store_failed";
    await loader.loadMore();
    page.house.refuse = undefined;
    await loader.loadMore();
    expect(loader.failure).toEqual(new Failure("store_failed"));
    expect(page.house.asked).toHaveLength(1);
    loader.begin({});
    await loader.loadMore();
    expect(shown()).toEqual(["r5", "r4"]);
  });

  it("drops the failure of a list that has been emptied meanwhile", async () => {
    page.house.refuse = "store_failed";
    const late = loader.loadMore();
    loader.begin({});
    await late;
    expect(loader.failure).toBeUndefined();
  });

  it("takes what is new with all its words, and marks it", async () => {
    await loader.loadMore();
    await loader.add(recording(6, { transcript: undefined }));
    expect(shown()).toEqual(["r6", "r5", "r4"]);
    expect(loader.timeline.recordings[0]!.transcript).toBe("words 6");
    expect([...loader.fresh]).toEqual(["r6"]);
  });

  it("takes nothing new that its filter does not let through, or that is gone already", async () => {
    loader.begin({ satellite_id: "bedroom" });
    await loader.add(recording(6));
    expect(page.house.asked).toEqual([]);
    loader.begin({});
    page.house.refuse = "recording_not_found";
    await loader.add(recording(6));
    expect(shown()).toEqual([]);
  });

  it("has the figures counted again when something unseen was deleted", async () => {
    await loader.loadMore();
    page.house.answers["recordings/list"] = () => answer([], { counts: { all: 1, command: 1, false_wake: 0 } });
    loader.remove(["r5"]);
    expect(page.house.asked).toHaveLength(1);
    loader.remove(["r1"]);
    await Promise.resolve();
    expect(page.house.asked.at(-1)).toEqual(["recordings/list", { limit: 1, content: false }]);
    expect(shown()).toEqual(["r4"]);
  });

  it("is left to a search: no pages, nothing new, no counting", async () => {
    loader.begin({}, true);
    await loader.loadMore();
    await loader.add(recording(6));
    loader.remove(["r1"]);
    expect(page.house.asked).toEqual([]);
    loader.found([recording(9)]);
    expect(shown()).toEqual(["r9"]);
  });
});
