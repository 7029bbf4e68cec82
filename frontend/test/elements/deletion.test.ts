import { beforeEach, describe, expect, it } from "vitest";
import type { DeletionEvent, DeletionPreview, Receipt } from "../../src/contract";
import { Failure } from "../../src/connection";
import { DeletionDialog, type DeletionPrompt } from "../../src/elements/deletion";
import { FakeConnection } from "../helpers/house";
import { mount, type Mounted } from "../helpers/mount";

const PREVIEW: DeletionPreview = {
  count: 2,
  size: 3000,
  satellites: { kitchen: 1, gone: 1 },
  first: "2026-11-23T10:00:00Z",
  last: "2026-11-24T10:00:00Z",
  not_reachable: ["cloud_agent"],
};
const RECEIPT: Receipt = {
  asked: 2,
  deleted: 2,
  already_gone: 0,
  pending: 2,
  verified: true,
  not_reachable: [],
  size: 3000,
  left: 0,
};
const TODAY: DeletionPrompt = { title: "Delete today?", request: { scope: "today" } };

describe("the dialog that deletes", () => {
  let house: FakeConnection;
  let dialog: Mounted<DeletionDialog>;

  beforeEach(async () => {
    house = new FakeConnection();
    house.answers["recordings/preview"] = () => PREVIEW;
    dialog = await mount(new DeletionDialog(), house);
  });

  async function ask(prompt = TODAY): Promise<void> {
    await dialog.element.ask(prompt);
    await dialog.settled();
  }

  async function tell(...events: DeletionEvent[]): Promise<void> {
    for (const event of events) house.followed.at(-1)!.tell(event as never);
    await dialog.settled();
  }

  const confirm = (): HTMLButtonElement => dialog.one("#confirm");
  const said = (): string => dialog.text("dialog").join(" ");

  it("says what would go and what it cannot reach before it deletes anything", async () => {
    await ask();
    expect(dialog.text("h2")).toEqual(["Delete today?"]);
    expect(said()).toContain("2 recordings · 3 kB");
    expect(said()).toContain("Kitchen");
    expect(said()).toContain("Removed satellite");
    expect(house.asked).toEqual([["recordings/preview", { scope: "today" }]]);
    expect(confirm().disabled).toBe(false);
  });

  it("deletes nothing when there is nothing", async () => {
    house.answers["recordings/preview"] = () => ({ ...PREVIEW, count: 0, satellites: {}, first: null, last: null });
    await ask();
    expect(confirm().disabled).toBe(true);
  });

  it("has a word typed where much goes at once", async () => {
    await ask({ title: "Delete everything?", request: { scope: "all" }, typed: true });
    expect(confirm().disabled).toBe(true);
    await dialog.enter(".typed input", "delet", "input");
    expect(confirm().disabled).toBe(true);
    await dialog.enter(".typed input", " delete ", "input");
    expect(confirm().disabled).toBe(false);
    await ask({ title: "Delete everything?", request: { scope: "all" }, typed: true });
    expect(confirm().disabled).toBe(true);
  });

  it("follows the deletion to its receipt, and what nobody can open any more to its end", async () => {
    await ask();
    await dialog.click("#confirm");
    expect(house.fieldsOf("recordings/delete")).toEqual([{ scope: "today", follow: true }]);
    await tell({ type: "destroying", total: 2 });
    expect(said()).toContain("2 recordings");
    await tell({ type: "receipt", receipt: RECEIPT });
    expect(dialog.text("[data-receipt]")[0]).toMatch(/^2 recordings deleted at /);
    expect(dialog.text("dl")[0]).toContain("destroyed and verified");
    expect(dialog.all(".bar")).toHaveLength(1);
    await tell({ type: "removing", left: 1 }, { type: "counted", rows: 0 });
    expect(dialog.all("[data-counted]")).toHaveLength(1);
    expect(dialog.all(".bar")).toEqual([]);
  });

  it.each([{ verified: false }, { left: 1 }])("promises nothing that is not so: %o", async (change) => {
    await ask();
    await dialog.click("#confirm");
    await tell({ type: "receipt", receipt: { ...RECEIPT, ...change } });
    expect(dialog.all(".seal.warn")).toHaveLength(1);
    expect(dialog.all(".actions .danger")).toHaveLength("left" in change ? 1 : 0);
  });

  it("tells a failure, and tries again", async () => {
    await ask();
    await dialog.click("#confirm");
    await tell({ type: "failed", code: "store_failed" });
    expect(dialog.all("[role=alert]")).toHaveLength(1);
    await dialog.click(".actions .danger");
    expect(house.fieldsOf("recordings/delete")).toHaveLength(2);
    house.refuse = "unauthorized";
    await tell({ type: "failed", code: "store_failed" });
    await dialog.click(".actions .danger");
    expect(dialog.all("[role=alert]")).toHaveLength(1);
  });

  it("says that it may not be done when the connection is lost, and does not wait forever", async () => {
    await ask();
    await dialog.click("#confirm");
    house.followed.at(-1)!.lose!(new Failure("failed"));
    await dialog.settled();
    expect(dialog.text("[role=alert]")).toEqual(["The request failed. Check that Home Assistant is still running."]);
    await dialog.click(".actions .danger");
    await tell({ type: "receipt", receipt: RECEIPT });
    // What was lost earlier changes nothing of a receipt.
    house.followed[0]!.lose!(new Failure("failed"));
    await dialog.settled();
    expect(dialog.all("[data-receipt]")).toHaveLength(1);
  });

  it("asks again, word and all, before it deletes what it could not show", async () => {
    house.refuse = "store_not_ready";
    await ask({ ...TODAY, typed: true });
    house.refuse = undefined;
    await dialog.click(".actions .danger");
    expect(house.fieldsOf("recordings/delete")).toEqual([]);
    expect(said()).toContain("2 recordings");
    expect(confirm().disabled).toBe(true);
  });

  it("tells that it cannot even look", async () => {
    house.refuse = "store_not_ready";
    await ask();
    expect(dialog.all("[role=alert]")).toHaveLength(1);
  });

  it("hands its receipt over when it is closed, and nothing where there is none", async () => {
    await ask();
    await dialog.click("[data-first]");
    await ask();
    await dialog.click("#confirm");
    await tell({ type: "receipt", receipt: RECEIPT });
    await dialog.click("[data-first]");
    expect(dialog.details("vp-closed")).toEqual([null, RECEIPT]);
    expect(dialog.all("h2")).toEqual([]);
  });

  describe("everything", () => {
    const ALL: DeletionPrompt = { title: "Delete everything?", request: { scope: "all" }, typed: true };
    const word = { id: "hey_house", name: "Hey House" };

    async function tick(): Promise<void> {
      const box = dialog.one<HTMLInputElement>("#taught-words");
      expect(box.checked).toBe(false);
      box.checked = true;
      box.dispatchEvent(new Event("change", { bubbles: true }));
      await dialog.settled();
      await dialog.enter(".typed input", "DELETE", "input");
    }

    beforeEach(() => {
      house.answers["taught/list"] = () => ({ words: [word] });
    });

    it("asks whether taught wake words go as well", async () => {
      await ask(ALL);
      expect(dialog.text(".box-row")).toEqual(["Also delete the wake words that were taught: Hey House"]);
      await dialog.enter(".typed input", "DELETE", "input");
      await dialog.click("#confirm");
      expect(house.fieldsOf("recordings/delete")).toEqual([{ scope: "all", follow: true }]);
    });

    it("tells of taught wake words that went as well", async () => {
      await ask(ALL);
      await tick();
      await dialog.click("#confirm");
      expect(house.fieldsOf("recordings/delete")).toEqual([{ scope: "all", follow: true, taught_words: true }]);
      await tell({ type: "receipt", receipt: { ...RECEIPT, taught_words: 1 } });
      expect(dialog.text(".receipt").join(" ")).toContain("Wake words deleted 1");
    });

    it("may be taught wake words alone", async () => {
      house.answers["recordings/preview"] = () => ({ ...PREVIEW, count: 0 });
      await ask(ALL);
      expect(confirm().disabled).toBe(true);
      await tick();
      expect(confirm().disabled).toBe(false);
      expect(dialog.text("#confirm")).toEqual(["Delete"]);
    });

    it("of a day asks nothing of the kind", async () => {
      await ask();
      expect(dialog.all("#taught-words")).toEqual([]);
      expect(house.fieldsOf("taught/list")).toEqual([]);
    });
  });
});
