import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { NewSatellite } from "../../src/elements/new-satellite";
import { UnprotectedSatellites } from "../../src/elements/unprotected";
import { FakeConnection, satellite, stateOf } from "../helpers/house";
import { mount, type Mounted } from "../helpers/mount";

const ATTIC = { name: "Attic", address: "192.168.1.5:10700", detects_wake_word: false };
const LOFT = { name: "Loft", address: "[fd00::5]:10700", detects_wake_word: true };
const CHOICES = {
  wake_words: [
    { id: "alexa", phrase: "Alexa" },
    { id: "okay_nabu", phrase: "Okay Nabu" },
  ],
  wake_word: "okay_nabu",
  areas: [{ id: "library", name: "Library" }],
};

describe("a new satellite", () => {
  let house: FakeConnection;
  let page: Mounted<NewSatellite>;
  let found: (typeof ATTIC)[];
  let errors: Record<string, string>;

  beforeEach(() => {
    found = [];
    errors = {};
    house = new FakeConnection();
    house.state = stateOf([]);
    house.answers["satellites/choices"] = () => CHOICES;
    house.answers["satellites/search"] = () => ({ satellites: found });
    house.answers["satellites/connect"] = () => ({ errors });
  });

  afterEach(() => {
    vi.useRealTimers();
  });

  const show = async (properties: object = {}): Promise<void> => {
    page = await mount(new NewSatellite(), house, properties);
  };
  const sent = (): object[] => house.fieldsOf("satellites/connect");

  it("that was found is added with two clicks, by the wake word that is there", async () => {
    found = [ATTIC, LOFT];
    await show();
    expect(page.text("h2")).toEqual(["Attic", "Loft"]);
    expect(page.all("[data-keep]")).toEqual([]);
    await page.click("[data-add]");
    expect(sent()).toEqual([]);
    await page.click("[data-keep=nothing]");
    expect(sent()).toEqual([
      { name: "Attic", address: ATTIC.address, wake_words: ["okay_nabu"], area: null, save_recordings: false },
    ]);
    expect(page.details("vp-notify")).toEqual(["Attic is protected now."]);
    expect(page.text("h2")).toEqual(["Loft"]);
    // One that finds its wake word itself needs none of ours.
    await page.click("[data-add]");
    await page.click("[data-keep=recordings]");
    expect(sent()[1]).toMatchObject({ name: "Loft", wake_words: [], save_recordings: true });
  });

  it("is filled in where it is, and nothing is preselected but the wake word", async () => {
    await show();
    await page.click("[data-another]");
    await page.click("[data-keep=recordings]");
    expect(page.text("[role=alert]")).toEqual(["Fill in this field.", "Fill in this field."]);
    expect(sent()).toEqual([]);
    await page.enter("#new-name", "Study", "input");
    await page.enter("#new-address", "kitchen.local", "input");
    await page.enter("#new-area", "library", "change");
    await page.click("[data-keep=recordings]");
    expect(sent()).toEqual([
      { name: "Study", address: "kitchen.local", wake_words: ["okay_nabu"], area: "library", save_recordings: true },
    ]);
    expect(page.all("form")).toEqual([]);
  });

  it.each([
    [{ host: "host_invalid" }, "Enter a host name or an IP address, for example kitchen.local or 192.168.1.5:10700."],
    [{ name: "name_invalid" }, "The name must have 1 to 100 visible characters."],
    [{ base: "cannot_connect" }, "Failed to connect to this host and port."],
    [{ base: "not_a_satellite" }, "The device at this host and port is not a Wyoming satellite."],
    [{ base: "already_configured" }, "This satellite has already been added."],
    [{ base: "something new" }, "The request failed. Check that Home Assistant is still running."],
  ])("that is refused says so in place, and nothing that was typed is lost: %o", async (refused, sentence) => {
    errors = refused;
    await show();
    await page.click("[data-another]");
    await page.enter("#new-name", "Study", "input");
    await page.enter("#new-address", "somewhere", "input");
    await page.click("[data-keep=nothing]");
    expect(page.text("[role=alert]")).toEqual([sentence]);
    expect(page.one<HTMLInputElement>("#new-address").value).toBe("somewhere");
    expect(page.details("vp-notify")).toEqual([]);
    errors = {};
    await page.click("[data-keep=nothing]");
    expect(page.details("vp-notify")).toEqual(["Study is protected now."]);
  });

  it("that was found can be changed first", async () => {
    found = [LOFT];
    await show();
    await page.click("[data-change]");
    const value = (field: string): string => page.one<HTMLInputElement>(`#new-${field}`).value;
    expect(["name", "address"].map(value)).toEqual(["Loft", LOFT.address]);
    await page.enter("#new-wake_word", "alexa", "change");
    await page.click("[data-keep=nothing]");
    expect(sent()).toMatchObject([{ address: LOFT.address, wake_words: ["alexa"] }]);
    await page.click("[data-another]");
    await page.click("[data-cancel]");
    expect(page.all("form")).toEqual([]);
  });

  it("leads whoever comes from the set-up, without answering anything", async () => {
    await show({ lead: true });
    expect(page.all("form")).toHaveLength(1);
    found = [ATTIC];
    await show({ lead: true });
    expect([page.all("form").length, page.all("[data-keep]").length]).toEqual([0, 2]);
    await page.click("[data-cancel]");
    expect(page.all("[data-keep]")).toEqual([]);
    // What the house has already comes first.
    house.state.unprotected = [{ source: "satellite:x", name: "Speaker", wyoming: false }];
    await show({ lead: true });
    expect(page.all("[data-keep]")).toEqual([]);
    expect(sent()).toEqual([]);
  });

  it("is looked for as long as the page is open", async () => {
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
    await show();
    expect(page.all("h2")).toEqual([]);
    found = [ATTIC];
    await vi.advanceTimersByTimeAsync(3000);
    await page.settled();
    expect(page.text("h2")).toEqual(["Attic"]);
    page.element.remove();
    const asked = house.fieldsOf("satellites/search").length;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(house.fieldsOf("satellites/search")).toHaveLength(asked);
  });

  it("is for administrators", async () => {
    house.state.permissions.admin = false;
    await show();
    expect(house.asked).toEqual([]);
    expect(page.all("button")).toEqual([]);
  });
});

describe("a satellite of the Wyoming integration", () => {
  let house: FakeConnection;
  let page: Mounted<UnprotectedSatellites>;
  let errors: Record<string, string>;

  beforeEach(async () => {
    errors = {};
    house = new FakeConnection();
    house.state = stateOf([satellite()]);
    house.state.unprotected = [
      { source: "satellite:x", name: "Speaker", wyoming: false },
      { source: "satellite:y", name: "Hall", wyoming: true },
    ];
    house.answers["satellites/take_over"] = () => ({ errors });
    page = await mount(new UnprotectedSatellites(), house);
  });

  it("is taken over with one sentence and one confirmation", async () => {
    expect(page.all("[data-take-over]")).toHaveLength(1);
    await page.click("[data-take-over]");
    expect(page.text(".why")[0]).toContain("can be given back");
    expect(page.text(".question p")).toEqual(["Take over Hall: keep what is said to it after the wake word?"]);
    expect(house.asked).toEqual([]);
    await page.click("[data-keep=recordings]");
    expect(house.asked).toEqual([["satellites/take_over", { source: "satellite:y", save_recordings: true }]]);
    expect(page.details("vp-notify")).toEqual(["Hall is protected now."]);
    expect(page.all("[data-keep]")).toEqual([]);
  });

  it("stays where it is if that fails, or somebody thinks better of it", async () => {
    errors = { base: "cannot_connect" };
    await page.click("[data-take-over]");
    await page.click("[data-keep=nothing]");
    expect(page.text("[role=alert]")[0]).toContain("It has been given back, and nothing has been changed.");
    expect(page.all("[data-keep]")).toHaveLength(2);
    await page.click("[data-cancel]");
    expect([page.all("[data-keep]"), page.all("[role=alert]")]).toEqual([[], []]);
  });

  it("is protected without being taken over, too", async () => {
    house.answers["satellites/add"] = () => ({ pipeline: "Home" });
    await page.click("[data-take-over]");
    await page.click("[data-protect]", 1);
    await page.click("[data-keep=nothing]");
    expect(house.asked).toEqual([["satellites/add", { source: "satellite:y", save_recordings: false }]]);
  });

  it("has its question open for whoever comes from the set-up", async () => {
    page = await mount(new UnprotectedSatellites(), house, { lead: true });
    expect(page.text(".question p")).toEqual(["Keep what is said to Speaker after the wake word?"]);
    await page.click("[data-cancel]");
    expect(page.all("[data-keep]")).toEqual([]);
  });
});
