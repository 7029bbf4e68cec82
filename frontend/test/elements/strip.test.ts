import { describe, expect, it } from "vitest";
import { Strip } from "../../src/elements/strip";
import { FakeConnection, satellite, stateOf } from "../helpers/house";
import { mount, type Mounted } from "../helpers/mount";

const on = { on: true, changed: null };

describe("the strip", () => {
  async function strip(house: FakeConnection): Promise<Mounted<Strip>> {
    return await mount(new Strip(), house);
  }

  it("turns on guest mode and mutes what its user may mute, and nothing else", async () => {
    const house = new FakeConnection();
    house.state = stateOf([satellite(), satellite({ id: "hall" }), satellite({ id: "study" })]);
    house.state.permissions.control = ["kitchen", "hall"];
    const page = await strip(house);
    await page.click("#guest-mode");
    await page.click("#mute-all");
    expect(house.fieldsOf("settings/set")).toEqual([
      { toggle: "guest_mode", on: true },
      { toggle: "muted", on: true, satellite_ids: ["kitchen", "hall"] },
    ]);
  });

  it("is a switch of what is, also where a room that is not its user's is not muted", async () => {
    const house = new FakeConnection();
    const muted = satellite({ state: "muted", toggles: { ...satellite().toggles, muted: on } });
    house.state = stateOf([muted, satellite({ id: "hall" })]);
    house.state.permissions.control = ["kitchen"];
    const page = await strip(house);
    expect(page.all("[role=switch]").map((one) => one.getAttribute("aria-checked"))).toEqual(["false", "true"]);
    await page.click("#mute-all");
    expect(house.fieldsOf("settings/set")).toEqual([{ toggle: "muted", on: false, satellite_ids: ["kitchen"] }]);
    house.change((state) => (state.house.toggles.guest_mode = on));
    await page.settled();
    expect(page.one("#guest-mode").getAttribute("aria-checked")).toBe("true");
  });

  it("offers nothing that is not its user's, and still says what the house does", async () => {
    const house = new FakeConnection();
    house.state.permissions = { admin: false, listen: false, review: false, control: [] };
    house.state.may.guest_mode = false;
    const page = await strip(house);
    expect(page.all("button")).toEqual([]);
    expect(page.text("#house-line")[0]).toContain("1 microphone listening");
  });

  it("stands out while something is not protected", async () => {
    const house = new FakeConnection();
    const page = await strip(house);
    expect(page.all(".line.warn")).toEqual([]);
    house.change((state) => (state.unprotected = [{ source: "x", name: "Speaker", wyoming: false }]));
    await page.settled();
    expect(page.all(".line.warn")).toHaveLength(1);
  });

  it("says what was refused", async () => {
    const house = new FakeConnection();
    const page = await strip(house);
    house.refuse = "not_saved";
    await page.click("#guest-mode");
    expect(page.details("vp-notify")).toHaveLength(1);
  });
});
