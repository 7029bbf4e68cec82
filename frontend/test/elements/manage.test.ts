import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ManageDialog } from "../../src/elements/manage";
import { textsIn } from "../helpers/english";
import { FakeConnection, satellite, stateOf } from "../helpers/house";
import { mount, type Mounted } from "../helpers/mount";

const ARCHIVE = "archive?first_day=2026-11-24&last_day=2026-11-24";

describe("the dialog for much at once", () => {
  let house: FakeConnection;
  let dialog: Mounted<ManageDialog>;

  beforeEach(() => {
    house = new FakeConnection();
    house.state = stateOf([satellite(), satellite({ id: "bath", name: "Bath" })]);
  });

  async function open(): Promise<void> {
    dialog = await mount(new ManageDialog(), house);
    await dialog.element.open();
    await dialog.settled();
  }

  function member(...control: string[]): void {
    house.state.permissions = { admin: false, listen: true, review: false, control };
  }

  const choices = (): string[] => dialog.all(".choice").map((choice) => choice.id.replace("manage-", ""));

  it("offers an administrator everything", async () => {
    await open();
    expect(choices()).toEqual(["last", "today", "false_wakes", "range", "all", "export"]);
    for (const choice of ["last", "today", "false_wakes"]) {
      await dialog.click(`#manage-${choice}`);
      await dialog.element.open();
      await dialog.settled();
    }
    expect(dialog.details("vp-delete")).toMatchObject([
      { request: { scope: "last" } },
      { request: { scope: "today" } },
      { request: { scope: "false_wakes" } },
    ]);
  });

  it("limits others to the satellites that they may control", async () => {
    member("bath");
    await open();
    expect(choices()).toEqual(["last", "today", "false_wakes"]);
    await dialog.click("#manage-today");
    expect(dialog.details("vp-delete")).toMatchObject([{ request: { scope: "today", satellite_ids: ["bath"] } }]);
  });

  it("offers nothing to somebody who may control none", async () => {
    member();
    await open();
    expect(choices()).toEqual([]);
  });

  it("has a word typed before everything goes", async () => {
    await open();
    await dialog.click("#manage-all");
    expect(dialog.details("vp-delete")).toMatchObject([{ request: { scope: "all" }, typed: true }]);
  });

  it("names a single day once", async () => {
    await open();
    await dialog.click("#manage-range");
    await dialog.click(".actions .danger");
    expect(dialog.details("vp-delete")).toMatchObject([
      { title: "Delete everything from Tuesday, November 24?", request: { scope: "range" } },
    ]);
  });

  it("asks for a range by the days of the house, from the first to the end of the last", async () => {
    await open();
    await dialog.click("#manage-range");
    const [first, last] = dialog.all<HTMLInputElement>("input[type=date]");
    expect([first!.value, last!.value]).toEqual(["2026-11-24", "2026-11-24"]);
    first!.value = "2026-11-25";
    first!.dispatchEvent(new Event("change"));
    await dialog.settled();
    expect(dialog.one<HTMLButtonElement>(".actions .danger").disabled).toBe(true);
    expect(dialog.text("[role=alert]")).toEqual(["The first day is after the last day."]);
    first!.value = "2026-11-20";
    first!.dispatchEvent(new Event("change"));
    await dialog.settled();
    await dialog.click(".actions .danger");
    const texts = textsIn("en", "UTC");
    expect(dialog.details("vp-delete")).toMatchObject([
      {
        typed: true,
        request: { scope: "range", start: texts.startOfDay("2026-11-20"), end: texts.startOfDay("2026-11-24", 1) },
      },
    ]);
  });

  describe("exports", () => {
    const click = vi.spyOn(HTMLAnchorElement.prototype, "click");

    beforeEach(async () => {
      click.mockReset();
      await open();
      await dialog.click("#manage-export");
      await dialog.click(".presets .button");
    });

    afterEach(() => {
      expect(dialog.all(".bar")).toEqual([]);
    });

    it("an archive of some days, under their names", async () => {
      house.files[ARCHIVE] = new Response("x".repeat(2000), { headers: { "X-Expected-Size": "4000" } });
      await dialog.click("#export");
      expect(click).toHaveBeenCalledOnce();
      expect((click.mock.contexts[0] as HTMLAnchorElement).download).toBe("voice-privacy-2026-11-24-2026-11-24.zip");
      expect(dialog.text("p[role=status]")[0]).toContain("2 kB");
    });

    it("or says why not", async () => {
      house.refuse = "unauthorized";
      await dialog.click("#export");
      expect(click).not.toHaveBeenCalled();
      expect(dialog.all("p[role=status]")).toHaveLength(1);
    });

    it("everything, unless days or a satellite are chosen", async () => {
      await dialog.click(".presets .button", 4);
      await dialog.click("#export");
      await dialog.click(".presets .button", 2);
      await dialog.click("#export");
      const paths = house.asked.map(([asked]) => asked).filter((asked) => asked.startsWith("archive"));
      expect(paths).toEqual(["archive?", "archive?first_day=2026-11-18&last_day=2026-11-24"]);
    });

    it("nothing once somebody has left", async () => {
      let more: ReadableStreamDefaultController<Uint8Array>;
      const body = new ReadableStream<Uint8Array>({ start: (controller) => void (more = controller) });
      house.files[ARCHIVE] = new Response(body);
      await dialog.click("#export");
      more!.enqueue(new Uint8Array(10));
      await dialog.settled();
      expect(dialog.all(".bar")).toHaveLength(1);
      await dialog.click(".actions .button");
      expect(click).not.toHaveBeenCalled();
    });
  });
});
