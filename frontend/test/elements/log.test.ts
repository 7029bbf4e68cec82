import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { LogEntry } from "../../src/contract";
import { AccessLog } from "../../src/elements/log";
import { FakeConnection } from "../helpers/house";
import { mount, type Mounted } from "../helpers/mount";

function entry(change: Partial<LogEntry> = {}): LogEntry {
  return {
    when: "2026-11-24T10:00:00Z",
    until: "2026-11-24T10:00:00Z",
    times: 1,
    by: "user",
    user: "Anna",
    satellite_id: null,
    deed: "listened",
    count: 2,
    subject: null,
    value: null,
    ...change,
  };
}

describe("the access log", () => {
  let house: FakeConnection;
  let entries: LogEntry[];
  let more: boolean;
  let log: Mounted<AccessLog>;

  beforeEach(async () => {
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
    house = new FakeConnection();
    entries = [entry(), entry({ until: "2026-11-23T22:05:00Z", when: "2026-11-23T22:00:00Z", times: 3, user: null })];
    more = false;
    house.answers.access_log = () => ({ entries, more });
    log = await mount(new AccessLog(), house);
  });

  afterEach(() => {
    log.element.remove();
    vi.useRealTimers();
  });

  const asked = (): object[] => house.fieldsOf("access_log");

  it("tells who did what and when, by day", () => {
    expect(log.text("h2")).toEqual(["Today · Tuesday, November 24", "Yesterday · Monday, November 23"]);
    expect(log.text("time")).toEqual(["10:00", "22:00 – 22:05"]);
    expect(log.text("li")[0]).toContain("Anna listened to 2 recordings");
    expect(log.text("li")[1]).toContain("× 3");
    expect(log.text(".who")[1]).not.toBe("");
  });

  it("shows one kind of entry when asked to", async () => {
    entries = [];
    await log.click(".filters .button", 2);
    expect(asked().at(-1)).toEqual({ offset: 0, deed: "deleted" });
    expect(log.all(".empty")).toHaveLength(1);
  });

  it("drops the answer to a filter that was changed meanwhile", async () => {
    let late: (answer: object) => void = () => undefined;
    house.answers.access_log = () => new Promise<object>((done) => (late = done));
    await log.click(".filters .button", 2);
    house.answers.access_log = () => ({ entries: [entry({ user: "Ben" })], more: false });
    await log.click(".filters .button", 0);
    late({ entries: [entry({ user: "Late" })], more: false });
    await log.settled();
    expect(log.text(".who")).toEqual(["Ben"]);
  });

  it("goes on where it ended", async () => {
    more = true;
    house.change(() => undefined);
    await log.settled();
    more = false;
    entries = [entry({ user: "Ben" })];
    await log.click(".more .button");
    expect(asked().at(-1)).toEqual({ offset: 2, deed: null });
    expect(log.all("li")).toHaveLength(3);
    expect(log.all(".more")).toEqual([]);
  });

  it("follows the house while it is looked at, unless somebody has read on", async () => {
    const before = asked().length;
    vi.advanceTimersByTime(10_000);
    await log.settled();
    expect(asked()).toHaveLength(before + 1);
    entries = Array.from({ length: 101 }, () => entry());
    vi.advanceTimersByTime(10_000);
    await log.settled();
    vi.advanceTimersByTime(10_000);
    await log.settled();
    expect(asked()).toHaveLength(before + 2);
  });

  it("tells a failure until it is over", async () => {
    house.refuse = "store_failed";
    vi.advanceTimersByTime(10_000);
    await log.settled();
    expect(log.all("[role=alert]")).toHaveLength(1);
    expect(log.all("li")).toHaveLength(2);
    house.refuse = undefined;
    vi.advanceTimersByTime(10_000);
    await log.settled();
    expect(log.all("[role=alert]")).toEqual([]);
  });

  it("is for administrators", async () => {
    const before = asked().length;
    house.answers["access_log/rooms"] = () => ({ entries: [entry()], more: false });
    house.change(({ permissions }) => (permissions.admin = false));
    await log.settled();
    expect(log.all("li")).toHaveLength(1);
    expect(asked()).toHaveLength(before);
    house.change(({ permissions }) => (permissions.control = []));
    await log.settled();
    expect(log.all("li")).toEqual([]);
  });
});
