import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Receipt, UndoEvent } from "../../src/contract";
import { SHOWN_MILLISECONDS } from "../../src/controllers/pending-deletions";
import { DeletionDialog, type DeletionPrompt } from "../../src/elements/deletion";
import { FakeConnection } from "../helpers/house";
import { mount, type Mounted } from "../helpers/mount";

const RECEIPT: Receipt = {
  asked: 1,
  deleted: 1,
  already_gone: 0,
  pending: 1,
  verified: true,
  not_reachable: ["tts_cache"],
  size: 3000,
  left: 0,
};

function prompt(id: string, text: string | null = "turn on the light"): DeletionPrompt {
  return {
    title: "Delete this recording?",
    request: { scope: "ids", recording_ids: [id] },
    quotes: [{ text, about: "10:11, Kitchen" }],
    undoable: id,
  };
}

describe("a deletion that can be undone", () => {
  let house: FakeConnection;
  let dialog: Mounted<DeletionDialog>;

  beforeEach(async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "Date"] });
    house = new FakeConnection();
    house.answers["recordings/preview"] = () => ({
      count: 1,
      size: 3000,
      satellites: { kitchen: 1 },
      first: "2026-11-24T10:11:00Z",
      last: "2026-11-24T10:11:00Z",
      not_reachable: ["tts_cache"],
    });
    dialog = await mount(new DeletionDialog(), house);
  });

  afterEach(() => {
    vi.useRealTimers();
  });

  async function remove(id: string): Promise<void> {
    await dialog.element.ask(prompt(id));
    await dialog.settled();
    await dialog.click("#confirm");
    await tell({ type: "hidden", seconds: 10 });
  }

  async function tell(event: UndoEvent, which = -1): Promise<void> {
    house.followed.at(which)!.tell(event as never);
    await dialog.settled();
  }

  async function pass(milliseconds: number): Promise<void> {
    vi.advanceTimersByTime(milliseconds);
    await dialog.settled();
  }

  const stages = (): (string | undefined)[] => dialog.all(".undo-line").map((line) => line.dataset.stage);

  it("quotes what goes, and says how long it can be undone", async () => {
    await dialog.element.ask(prompt("r1"));
    await dialog.settled();
    expect(dialog.text(".quotes li")).toEqual(["turn on the light10:11, Kitchen"]);
    expect(dialog.text("dialog > .dialog > p")[0]).toContain("10 seconds");
    expect(dialog.text("details")[0]).toContain("Spoken replies");
    expect(dialog.text("dialog").join(" ")).not.toContain("There is no undo");
  });

  it("hides at once, counts, and tells of its end in a line", async () => {
    await remove("r1");
    expect(house.fieldsOf("recordings/delete_later")).toEqual([{ recording_id: "r1" }]);
    expect(dialog.all("dialog .dialog")).toEqual([]);
    expect(dialog.details("vp-closed")).toEqual([true]);
    expect(dialog.text(".undo-line .words")).toEqual(["Deleted: turn on the light10:11, Kitchen"]);
    expect(dialog.text(".seconds")).toEqual(["10"]);
    await pass(3000);
    expect(dialog.text(".seconds")).toEqual(["7"]);
    await pass(8000);
    expect(stages()).toEqual(["deleting"]);
    expect(dialog.all(".undo")).toEqual([]);
    await tell({ type: "receipt", receipt: RECEIPT });
    expect(dialog.text(".undo-line .words")[0]).toMatch(/^1 recording deleted at /);
    await dialog.click("[data-details]");
    expect(dialog.text("dialog dl")[0]).toContain("destroyed and verified");
    // The dialog says it; the line does not wait behind it.
    expect(stages()).toEqual([]);
    await dialog.click("dialog [data-first]");
    await pass(SHOWN_MILLISECONDS);
    expect(stages()).toEqual([]);
    expect(house.followed[0]!.ended).toBe(true);
  });

  it("undoes the one that is meant, and the last by key", async () => {
    await remove("r1");
    await remove("r2");
    await remove("r3");
    await dialog.click(".undo", 0);
    expect(house.fieldsOf("recordings/undo")).toEqual([{ recording_id: "r1" }]);
    await tell({ type: "undone" }, 0);
    expect(stages()).toEqual(["waiting", "waiting"]);
    expect(dialog.element.undo()).toBe(true);
    expect(house.fieldsOf("recordings/undo").at(-1)).toEqual({ recording_id: "r3" });
    await tell({ type: "undone" }, 2);
    expect(dialog.text("[role=status].sr")).toEqual(["Undone. The recording is kept."]);
    await tell({ type: "undone" }, 1);
    expect(dialog.element.undo()).toBe(false);
  });

  it("that comes too late lets the end tell what has become of it", async () => {
    await remove("r1");
    house.refuse = "recording_not_found";
    await dialog.click(".undo");
    expect(stages()).toEqual(["deleting"]);
    await tell({ type: "receipt", receipt: RECEIPT });
    expect(stages()).toEqual(["done"]);
  });

  it("that fails is told as not deleted", async () => {
    await remove("r1");
    await tell({ type: "failed", code: "store_failed" });
    expect(dialog.text(".undo-line.warn .words")[0]).toContain("Not deleted:");
  });

  it("that is refused says so in the dialog, and can be tried again", async () => {
    await dialog.element.ask(prompt("r1"));
    await dialog.settled();
    house.refuse = "unauthorized";
    await dialog.click("#confirm");
    expect(dialog.all("[role=alert]")).toHaveLength(1);
    expect(dialog.text(".quotes li")).toHaveLength(1);
    house.refuse = undefined;
    await dialog.click(".actions .danger");
    expect(stages()).toEqual(["waiting"]);
  });

  it("goes with the page, and is forgotten with the connection", async () => {
    await remove("r1");
    house.status = "offline";
    house.change(() => undefined);
    await dialog.settled();
    expect(stages()).toEqual([]);
    await remove("r2");
    dialog.element.remove();
    expect(house.followed.map(({ ended }) => ended)).toEqual([true, true]);
  });
});
