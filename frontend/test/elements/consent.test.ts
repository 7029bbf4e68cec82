import { beforeEach, describe, expect, it } from "vitest";
import { Consent } from "../../src/elements/consent";
import { FakeConnection, satellite } from "../helpers/house";
import { mount, type Mounted } from "../helpers/mount";

const CHANGED = { when: "2026-11-24T10:00:00Z", by: "automation", user: null, satellite_id: null } as const;
const OFF = { on: false, changed: null };
const WOULD_GO = { count: 3, size: 4000, satellites: {}, first: null, last: null };

describe("consent", () => {
  let house: FakeConnection;
  let page: Mounted<Consent>;

  beforeEach(async () => {
    house = new FakeConnection();
    house.answers["settings/set"] = () => ({ taken_out: 2, left: 0, unlearned: false });
    house.answers["retention/preview"] = () => ({ ...WOULD_GO, count: 0 });
    page = await mount(new Consent(), house);
  });

  const switched = (id: string): HTMLInputElement => page.one<HTMLInputElement>(`#${id}`);

  it("sets a toggle of the house, and of one satellite", async () => {
    await page.click("#guest_mode-house");
    await page.click("#save_transcripts-kitchen");
    expect(house.fieldsOf("settings/set")).toEqual([
      { toggle: "guest_mode", on: true },
      { toggle: "save_transcripts", on: false, satellite_ids: ["kitchen"] },
    ]);
    expect(page.details("vp-notify")).toEqual([]);
  });

  it("offers near misses only where scores are known, and always lets consent be withdrawn", async () => {
    await page.click("#save_near_misses-kitchen");
    expect(house.fieldsOf("settings/set")).toEqual([
      { toggle: "save_near_misses", on: true, satellite_ids: ["kitchen"] },
    ]);
    house.change(({ satellites }) => (satellites[0]!.is_scored = false));
    await page.settled();
    expect(page.all("#save_near_misses-kitchen")).toEqual([]);
    expect(page.text("#save_near_misses-kitchen-about")[0]).toContain("detects its wake word itself");
    house.change(({ satellites }) => (satellites[0]!.toggles.save_near_misses = { on: true, changed: null }));
    await page.settled();
    expect(switched("save_near_misses-kitchen").checked).toBe(true);
  });

  it("tells what goes from the pool when helping ends, and only then", async () => {
    house.change((state) => (state.house.toggles.help_improve = { on: true, changed: null }));
    await page.settled();
    await page.click("#help_improve-house");
    expect(page.details("vp-notify")).toEqual([expect.stringContaining("2")]);
    await page.click("#help_improve-kitchen");
    expect(page.details("vp-notify")).toHaveLength(1);
  });

  it("shows a refused toggle as it is", async () => {
    house.refuse = "unauthorized";
    await page.click("#guest_mode-house");
    expect(page.details("vp-notify")).toHaveLength(1);
    expect(switched("guest_mode-house").checked).toBe(false);
  });

  it("says who changed a toggle, or that nobody did", async () => {
    expect(page.text("#guest_mode-house-about small")).toEqual(["Default"]);
    house.change((state) => (state.house.toggles.guest_mode = { on: true, changed: { ...CHANGED, user: "Anna" } }));
    await page.settled();
    expect(page.text("#guest_mode-house-about small")[0]).toContain("Anna");
    house.change((state) => (state.house.toggles.guest_mode = { on: true, changed: CHANGED }));
    await page.settled();
    expect(page.text("#guest_mode-house-about small")[0]).toMatch(/automation/i);
  });

  it("applies at once what deletes nothing", async () => {
    await page.enter("#keep_recordings-house", "until_deleted", "change");
    expect(house.fieldsOf("retention/set")).toEqual([{ setting: "keep_recordings", value: "until_deleted" }]);
    expect(page.all("[role=alert]")).toEqual([]);
  });

  it("asks first where something would go, and leaves it when told to", async () => {
    house.answers["retention/preview"] = () => WOULD_GO;
    await page.enter("#keep_recordings-house", "day", "change");
    expect(page.text("[role=alert] p")[0]).toContain("3 recordings");
    expect(house.fieldsOf("retention/set")).toEqual([]);
    await page.click("[role=alert] .button");
    expect(page.all("[role=alert]")).toEqual([]);
    expect(switched("keep_recordings-house").value).toBe("month");
    await page.enter("#keep_recordings-house", "day", "change");
    await page.click("#apply-retention");
    expect(house.fieldsOf("retention/set")).toEqual([{ setting: "keep_recordings", value: "day" }]);
    expect(page.all("[role=alert]")).toEqual([]);
  });

  it("asks beside the setting that was changed", async () => {
    house.answers["retention/preview"] = () => WOULD_GO;
    await page.enter("#keep_recordings-kitchen", "day", "change");
    expect(house.fieldsOf("retention/preview")).toEqual([
      { setting: "keep_recordings", value: "day", satellite_id: "kitchen" },
    ]);
    expect(page.all(".card").map((card) => page.all("[role=alert]", card).length)).toEqual([0, 0, 0, 1]);
  });

  it.each([
    ["12.4", 12],
    ["-3", 0],
    ["", 0],
  ])("takes %s as a limit of %s megabytes", async (typed, value) => {
    await page.enter("#storage_limit", typed, "change");
    expect(house.fieldsOf("retention/set")).toEqual([{ setting: "storage_limit", value }]);
  });

  it("leaves the limit empty where there is none, as its description says", async () => {
    house.change((state) => (state.house.retention.storage_limit = 0));
    await page.settled();
    expect(switched("storage_limit").value).toBe("");
  });

  it("changes nothing when it cannot look", async () => {
    house.refuse = "store_not_ready";
    await page.enter("#storage_limit", "5", "change");
    await page.enter("#keep_recordings-house", "day", "change");
    expect(house.fieldsOf("retention/set")).toEqual([]);
    expect(page.details("vp-notify")).toHaveLength(2);
    expect([switched("storage_limit").value, switched("keep_recordings-house").value]).toEqual(["1000", "month"]);
  });

  it("asks for a typed word before everything goes", async () => {
    await page.click("#delete-everything");
    expect(page.details("vp-delete")).toMatchObject([{ request: { scope: "all" }, typed: true }]);
    house.change((state) => (state.house.recordings = 0));
    await page.settled();
    expect(page.all("#delete-everything")).toEqual([]);
  });

  it("lets others change guest mode alone", async () => {
    house.change((state) => (state.permissions.admin = false));
    await page.settled();
    const open = page.all<HTMLInputElement>("input, select").filter((control) => !control.disabled);
    expect(open.map(({ id }) => id)).toEqual(["guest_mode-house"]);
    expect(page.all("#delete-everything")).toEqual([]);
    house.change((state) => (state.may.guest_mode = false));
    await page.settled();
    expect(switched("guest_mode-house").disabled).toBe(true);
  });

  it("turns on or off for every satellite at once", async () => {
    house.change((state) => {
      state.satellites.push(
        satellite({ id: "bath", toggles: { ...state.satellites[0]!.toggles, save_recordings: OFF } }),
      );
    });
    await page.settled();
    expect(switched("save_recordings-all").checked).toBe(false);
    expect(page.text(".all small")).toEqual(["1 of 2", "2 of 2", "0 of 2", "0 of 2"]);
    await page.click("#save_recordings-all");
    await page.click("#help_improve-all");
    const satellite_ids = ["kitchen", "bath"];
    expect(house.fieldsOf("settings/set")).toEqual([
      { toggle: "save_recordings", on: true, satellite_ids },
      { toggle: "help_improve", on: true, satellite_ids },
    ]);
  });

  it("says once what a toggle of a satellite means, however many there are", async () => {
    house.change((state) => {
      for (const id of ["bath", "hall", "attic"]) state.satellites.push(satellite({ id, name: id }));
    });
    await page.settled();
    expect(page.all("#save_transcripts-about")).toHaveLength(1);
    expect(page.all("[id^=save_transcripts-][role=switch]")).toHaveLength(5);
  });

  it("says that settings were lost", async () => {
    expect(page.all("[role=alert]")).toEqual([]);
    house.change((state) => (state.house.settings_lost = true));
    await page.settled();
    expect(page.all("[role=alert]")).toHaveLength(1);
  });
});
