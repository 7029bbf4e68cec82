import { beforeEach, describe, expect, it } from "vitest";
import { Proof } from "../../src/elements/proof";
import type { SelfTestResult } from "../../src/contract.proof";
import { FakeConnection } from "../helpers/house";
import { mount, type Mounted } from "../helpers/mount";

const PASSED: SelfTestResult = {
  when: "2026-11-29T03:12:00Z",
  passed: true,
  checks: { key: "passed", file: "passed", index: "passed", row: "passed", recorder: "passed", backup: "not_checked" },
};

describe("the self-test", () => {
  let house: FakeConnection;
  let page: Mounted<Proof>;

  beforeEach(() => {
    house = new FakeConnection();
    house.answers["self_test/get"] = () => ({ result: null });
    house.answers["data_flow/get"] = () => ({ pipelines: [] });
    house.answers["self_test/run"] = () => ({ result: PASSED });
    house.answers["ledger/get"] = () => ({ on: true, entries: 1234, waiting: 0 });
  });

  it("was not run yet, and is run on request", async () => {
    page = await mount(new Proof(), house);
    expect(page.text("small")[0]).toBe("Not run yet");
    expect(page.text("li")).toEqual([]);
    await page.click("#self-test button");
    expect(page.text("small")[0]).toMatch(/^Last run .*: passed$/);
    expect(page.text("li")[0]).toBe("Key: nothing found");
    expect(page.text("li")[5]).toBe("Newest backup: could not be checked");
    expect(page.one<HTMLButtonElement>("#self-test button").disabled).toBe(false);
  });

  it.each([
    [false, "failed"],
    [null, "incomplete"],
  ])("passed: %s is told as %s", async (passed, told) => {
    house.answers["self_test/get"] = () => ({ result: { ...PASSED, passed, checks: { row: "failed" } } });
    page = await mount(new Proof(), house);
    expect(page.text("small")[0]).toMatch(new RegExp(`: ${told}$`));
    expect(page.text("li")).toEqual(["Our table in the database: remains found"]);
  });
});

describe("the ledger", () => {
  let house: FakeConnection;
  let page: Mounted<Proof>;

  beforeEach(() => {
    house = new FakeConnection();
    house.answers["self_test/get"] = () => ({ result: null });
    house.answers["data_flow/get"] = () => ({ pipelines: [] });
  });

  it("says how long it is, and what is not on disk yet", async () => {
    house.answers["ledger/get"] = () => ({ on: true, entries: 1234, waiting: 2 });
    page = await mount(new Proof(), house);
    expect(page.text("#ledger small")).toEqual(["Not on disk yet: 2"]);
    expect(page.text("#ledger .row")[0]).toContain("Entries: 1,234");
  });

  it("is turned off, and cannot be downloaded then", async () => {
    let on = true;
    house.answers["ledger/get"] = () => ({ on, entries: on ? 3 : 0, waiting: 0 });
    house.answers["ledger/set"] = (fields) => ((on = fields.on as boolean), { on });
    page = await mount(new Proof(), house);
    await page.click("#ledger input");
    expect(house.fieldsOf("ledger/set")).toEqual([{ on: false }]);
    expect(page.text("#ledger small")).toEqual(["Off"]);
    expect(page.one<HTMLButtonElement>("#ledger button").disabled).toBe(true);
  });
});

describe("what is elsewhere", () => {
  it("is searched on request, and one place is emptied", async () => {
    const house = new FakeConnection();
    house.answers["self_test/get"] = () => ({ result: null });
    house.answers["data_flow/get"] = () => ({ pipelines: [] });
    house.answers["ledger/get"] = () => ({ on: true, entries: 0, waiting: 0 });
    const found = (place: string, count: number | null, names: string[] = []) => ({
      place,
      count,
      names,
      removable: count !== 0 && place !== "cloud_engines",
    });
    house.answers["elsewhere/search"] = () => ({
      findings: [found("cloud_engines", 1, ["Home"]), found("events", null), found("traces", 2)],
    });
    house.answers["elsewhere/remove"] = () => ({ findings: [found("traces", 0)] });
    const page = await mount(new Proof(), house);
    expect(page.text("#elsewhere li")).toEqual([]);
    await page.click("#search");
    const told = page.text("#elsewhere li");
    expect(told[0]).toContain("Assist pipelines with an engine in the cloud: 1");
    expect(told[0]).toContain("Home");
    expect(told[0]).not.toContain("Remove");
    expect(told[1]).toContain("could not be searched");
    await page.click("#elsewhere li button", 1);
    expect(house.fieldsOf("elsewhere/remove")).toEqual([{ place: "traces" }]);
    expect(page.text("#elsewhere li")[2]).toBe("Traces of automations that a sentence started: 0");
    expect(page.text("#elsewhere li")[0]).toBe(told[0]);
  });
});

describe("where sound and text go", () => {
  it("begins with how the sound of each satellite arrives", async () => {
    const house = new FakeConnection();
    house.answers["self_test/get"] = () => ({ result: null });
    house.answers["ledger/get"] = () => ({ on: true, entries: 0, waiting: 0 });
    house.answers["data_flow/get"] = () => ({
      pipelines: [],
      satellites: [
        { name: "Kitchen", link: "not_encrypted" },
        { name: "Hall", link: "encrypted" },
        { name: "Phone", link: "unknown" },
      ],
    });
    const page = await mount(new Proof(), house);
    expect(page.text("#data-flow li")).toEqual([
      "Kitchen: not encrypted: whoever can listen on your network hears it",
      "Hall: encrypted",
      "Phone: not known whether encrypted",
    ]);
  });

  it("is said of each stage, and what reaches farther than before", async () => {
    const house = new FakeConnection();
    house.answers["self_test/get"] = () => ({ result: null });
    house.answers["ledger/get"] = () => ({ on: true, entries: 0, waiting: 0 });
    house.answers["data_flow/get"] = () => ({
      pipelines: [
        { name: "Home", stages: { speech_to_text: "this_machine", conversation: "cloud" }, wider: ["conversation"] },
      ],
    });
    const page = await mount(new Proof(), house);
    expect(page.text("#data-flow li li")).toEqual(["Speech-to-text: this machine", "Conversation: cloud"]);
    expect(page.all("#data-flow li li .icon")).toHaveLength(1);
  });
});
