import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { ListAnswer, Recording } from "../../src/contract";
import { SEARCH_DELAY } from "../../src/controllers/search";
import { RecordingRow } from "../../src/elements/recording-row";
import { Recordings } from "../../src/elements/recordings";
import { FakeConnection, recording, satellite, stateOf } from "../helpers/house";
import { mount, type Mounted } from "../helpers/mount";

const YESTERDAY = { day: "2026-11-23", started_at: "2026-11-23T10:00:00Z" };
const KEPT = [recording(5), recording(4, { kind: "false_wake", transcript: null }), recording(3, YESTERDAY)];

function answer(recordings: Recording[], change: Partial<ListAnswer> = {}): ListAnswer {
  return {
    recordings,
    more: false,
    days: { "2026-11-24": { count: 2, size: 200 }, "2026-11-23": { count: 1, size: 100 } },
    counts: { all: 3, command: 2, false_wake: 1 },
    ...change,
  };
}

describe("the list of recordings", () => {
  let house: FakeConnection;
  let page: Mounted<Recordings>;

  const words = (): string[] => page.text(".said");

  beforeEach(async () => {
    house = new FakeConnection();
    house.answers["recordings/list"] = () => answer(KEPT);
    house.answers["recordings/get"] = ({ recording_id }) => recording(Number(String(recording_id).slice(1)));
    page = await mount(new Recordings(), house);
  });

  it("is drawn newest first, by day, with its figures", () => {
    expect(words()).toEqual(["words 5", "No speech recognized", "words 3"]);
    expect(page.text("section[aria-label] h3")).toEqual([
      "Today · Tuesday, November 24",
      "Yesterday · Monday, November 23",
    ]);
    expect(page.text(".when span")[0]).toContain("2 recordings · 200 bytes");
    expect(page.text(".kind .count")).toEqual(["3", "2", "1"]);
    expect(page.all(".last")).toHaveLength(1);
  });

  it("says how near a miss was, and offers the kind only where there are any", async () => {
    expect(page.text(".kind").join()).not.toContain("Near misses");
    const near = { kind: "near_miss", transcript: null, wake_word: "Alexa", threshold: 0.5 } as const;
    house.answers["recordings/list"] = () =>
      answer([recording(7, { ...near, score: 0.4996 }), recording(6, { ...near, score: 0.62 })], {
        counts: { all: 2, command: 0, false_wake: 0, near_miss: 2 },
      });
    page.element.recordingsReset();
    await page.settled();
    expect(words()).toEqual([
      "Near miss: score 49%, threshold 50%",
      "Near miss: score 62% reached the threshold 50%, but was rejected",
    ]);
    expect(page.text(".kind").at(-1)).toContain("Near misses");
    page.element.recordingsDeleted(["r7"]);
    await page.settled();
    expect(page.text(".kind .count")).toEqual(["1", "0", "0", "1"]);
  });

  it("names each row for who cannot see it", () => {
    expect(page.all("[role=listitem]").map((row) => row.getAttribute("aria-label"))).toEqual(
      KEPT.map(() => "10:00, Kitchen"),
    );
  });

  it("follows what is added and deleted", async () => {
    page.element.recordingsAdded([recording(6)]);
    await page.settled();
    expect(words()[0]).toBe("words 6");
    expect(page.all(".row.fresh")).toHaveLength(1);
    page.element.recordingsDeleted(["r6", "r5"]);
    await page.settled();
    expect(words()).toEqual(["No speech recognized", "words 3"]);
    expect(page.text(".kind .count")).toEqual(["2", "1", "1"]);
  });

  it("is read anew when what happened meanwhile is unknown", async () => {
    page.element.recordingsReset();
    await page.settled();
    expect(house.fieldsOf("recordings/list")).toHaveLength(2);
  });

  it("draws a row again only when something of it changes", async () => {
    const drawn = vi.spyOn(RecordingRow.prototype as unknown as { render(): unknown }, "render");
    house.change(({ satellites }) => (satellites[0]!.wakes_today += 1));
    await page.settled();
    expect(drawn).not.toHaveBeenCalled();
    await page.click(".row .pick");
    expect(drawn).toHaveBeenCalledOnce();
    drawn.mockRestore();
  });

  it("asks before it deletes a row, a day, or what is selected", async () => {
    await page.click(".ends .icon-button:last-child");
    await page.click(".day .icon-button", 1);
    await page.click(".day .pick");
    expect(page.text(".selection [role=status]")).toEqual(["2 recordings selected"]);
    await page.click("#delete-selected");
    expect(page.details("vp-delete")).toEqual([
      {
        title: "Delete this recording?",
        request: { scope: "ids", recording_ids: ["r5"] },
        quotes: [{ text: "words 5", about: "10:00, Kitchen" }],
        undoable: "r5",
      },
      { title: "Delete everything from Monday, November 23?", request: { scope: "day", day: "2026-11-23" } },
      {
        title: expect.stringContaining("2 recordings"),
        request: { scope: "ids", recording_ids: ["r5", "r4"] },
        quotes: [
          { text: "words 5", about: "10:00, Kitchen" },
          { text: null, about: "10:00, Kitchen" },
        ],
      },
    ]);
    expect(words()).toHaveLength(3);
    await page.click(".selection .button");
    expect(page.all(".selection")).toEqual([]);
  });

  it("forgets of the selection what is gone", async () => {
    await page.click(".day .pick");
    page.element.recordingsDeleted(["r5"]);
    await page.settled();
    expect(page.text(".selection [role=status]")).toEqual(["1 recording selected"]);
  });

  it("is narrowed by a filter, which is told with each page", async () => {
    await page.click(".kind", 2);
    await page.click(".tools .icon-button");
    await page.enter(".filters select", "kitchen", "change");
    expect(house.fieldsOf("recordings/list").slice(1)).toEqual([
      { kind: "false_wake", before: null, limit: 50 },
      { kind: "false_wake", satellite_id: "kitchen", before: null, limit: 50 },
    ]);
    await page.click(".filters .button");
    expect(house.fieldsOf("recordings/list").at(-1)).toMatchObject({ kind: "false_wake", satellite_id: null });
  });

  it("says whether nothing is kept, or nothing is let through", async () => {
    house.answers["recordings/list"] = () => answer([]);
    await page.element.reload();
    await page.settled();
    expect(page.text(".empty h2")).toEqual(["No recordings match"]);
    house.change((state) => (state.house.recordings = 0));
    await page.settled();
    expect(page.text(".empty h2")).toEqual(["No recordings yet"]);
  });

  it("tells a failure, and tries again when asked to", async () => {
    house.refuse = "store_failed";
    await page.element.reload();
    await page.settled();
    expect(page.all(".failed")).toHaveLength(1);
    house.refuse = undefined;
    await page.click(".failed .button");
    expect(words()).toHaveLength(3);
  });

  it("says what does not work of the store above everything", async () => {
    expect(page.all("[role=alert]")).toEqual([]);
    house.change((state) => (state.house.store_error = "store_full"));
    await page.settled();
    expect(page.all("[role=alert]")).toHaveLength(1);
  });

  it("notifies of a download that fails", async () => {
    house.files["recordings/r5/audio?download"] = new Response("sound");
    const saved = vi.spyOn(HTMLAnchorElement.prototype, "click").mockImplementation(function (this: HTMLAnchorElement) {
      expect(this.download).toBe("voice-privacy-2026-11-24T10-00-00.wav");
    });
    await page.click(".ends .icon-button:first-child");
    expect(saved).toHaveBeenCalledOnce();
    saved.mockRestore();
    await page.click(".ends .icon-button:first-child", 1);
    expect(page.details("vp-notify")).toHaveLength(1);
  });

  it("goes from row to row by arrow keys", async () => {
    const plays = page.all(".row .play");
    expect(plays.map((play) => play.tabIndex)).toEqual([0, -1, -1]);
    plays[0]!.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowDown", bubbles: true, composed: true }));
    await page.settled();
    expect(page.all(".row .play").map((play) => play.tabIndex)).toEqual([-1, 0, -1]);
  });
});

describe("a search", () => {
  let house: FakeConnection;
  let page: Mounted<Recordings>;

  beforeEach(async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    house = new FakeConnection();
    house.answers["recordings/list"] = () => answer(KEPT);
    page = await mount(new Recordings(), house);
  });

  afterEach(() => {
    vi.useRealTimers();
  });

  async function type(text: string): Promise<void> {
    await page.enter("input[type=search]", text, "input");
    vi.advanceTimersByTime(SEARCH_DELAY);
    await page.settled();
  }

  async function tell(event: object): Promise<void> {
    house.followed.at(-1)!.tell(event as never);
    await page.settled();
  }

  it("takes the place of the list, without figures of the whole", async () => {
    await type("light");
    expect(page.all(".row")).toEqual([]);
    expect(page.all(".kind .count")).toEqual([]);
    expect(page.text(".progress [role=status]")).toEqual(["Searching 0 of 0…"]);
    await tell({ type: "progress", done: 5, total: 10, recordings: [recording(4)] });
    expect(page.text(".said")).toEqual(["words 4"]);
    await tell({ type: "finished", total: 1 });
    expect(page.text(".progress [role=status]")).toEqual(["1 recording found"]);
    expect(page.all(".last")).toEqual([]);
  });

  it("takes nothing that is added meanwhile", async () => {
    await type("light");
    page.element.recordingsAdded([recording(9)]);
    await page.settled();
    expect(house.fieldsOf("recordings/get")).toEqual([]);
  });

  it("gives the list back", async () => {
    await type("light");
    await type("");
    expect(page.all(".row")).toHaveLength(3);
    expect(house.followed[0]!.ended).toBe(true);
  });

  it("goes on within another filter", async () => {
    await type("light");
    await page.click(".kind", 1);
    expect(house.fieldsOf("recordings/search")).toEqual([{ text: "light" }, { text: "light", kind: "command" }]);
  });

  it("that finds nothing says so", async () => {
    await type("light");
    expect(page.all(".ghosts")).toHaveLength(1);
    await tell({ type: "finished", total: 0 });
    expect(page.text(".empty h2")).toEqual(["No recordings match"]);
  });
});

describe("somebody who is no administrator", () => {
  async function member(change: (house: FakeConnection) => void): Promise<Mounted<Recordings>> {
    const house = new FakeConnection();
    house.state = stateOf([satellite(), satellite({ id: "bath", name: "Bath" })]);
    house.state.permissions = { admin: false, listen: true, review: false, control: ["kitchen"] };
    house.state.may.delete_selected = ["kitchen"];
    house.answers["recordings/list"] = () => answer([recording(5), recording(4, { satellite_id: "bath" })]);
    change(house);
    return await mount(new Recordings(), house);
  }

  it("deletes only where that is allowed, no whole days, and downloads nothing", async () => {
    const page = await member(() => undefined);
    expect(page.all(".row").map((row) => page.all(".ends button", row).length)).toEqual([1, 0]);
    expect(page.all(".row .pick")).toHaveLength(1);
    expect(page.all(".day .icon-button")).toEqual([]);
  });

  it("who may not listen is shown no list, and asks for none", async () => {
    const page = await member(({ state }) => (state.permissions.listen = false));
    expect(page.text(".empty h2")).toEqual(["Only administrators can listen"]);
    page.element.recordingsAdded([recording(6)]);
    await page.settled();
    expect(page.house.asked).toEqual([]);
  });

  it("sees the list as soon as listening is allowed, and as long as it is", async () => {
    const page = await member(({ state }) => (state.permissions.listen = false));
    page.house.change(({ permissions }) => (permissions.listen = true));
    await page.settled();
    expect(page.all(".row")).toHaveLength(2);
    page.house.change(({ permissions }) => (permissions.listen = false));
    await page.settled();
    expect(page.all(".row")).toEqual([]);
    expect(page.element.timeline.recordings).toEqual([]);
  });
});
