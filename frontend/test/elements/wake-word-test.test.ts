import { beforeEach, describe, expect, it, vi } from "vitest";
import { Failure } from "../../src/connection";
import { WakeWords } from "../../src/elements/wake-words";
import { type FakeConnection, satellite, stateOf } from "../helpers/house";
import { mount, type Mounted } from "../helpers/mount";
import { wakeWords } from "../helpers/wake-words";

describe("wake words that are tested", () => {
  let house: FakeConnection;
  let page: Mounted<WakeWords>;

  beforeEach(() => {
    ({ house } = wakeWords());
  });

  const heard = { type: "heard", level: -35, score: 0.4, threshold: 0.5, woke: false } as const;
  const tell = async (event: object): Promise<void> => {
    house.followed.at(-1)!.tell(event as never);
    await page.settled();
  };

  async function begin(): Promise<void> {
    page = await mount(new WakeWords(), house);
    await page.click("#test", 1);
    await page.click("#start");
  }

  it("are heard at a satellite that listens, with meters and the threshold", async () => {
    await begin();
    expect(house.fieldsOf("wake_words/test")).toEqual([{ satellite_id: "kitchen", file: "community/alexa_v2.onnx" }]);
    await tell(heard);
    expect(page.text(".now")).toEqual(["Say “Alexa” now"]);
    expect(
      page.all(".meter").map((meter) => meter.getAttribute("aria-valuetext")!.replace(/[\u2068\u2069]/g, "")),
    ).toEqual(["-35 dB", "40%, threshold 50%"]);
    expect(page.all(".meter").map((meter) => meter.getAttribute("aria-valuenow"))).toEqual(["50", "40"]);
    expect(page.one<HTMLElement>(".meter b").getAttribute("style")).toContain("50%");
    expect(page.all(".heard")).toEqual([]);
    await tell({ ...heard, score: 0.9, woke: true });
    await tell({ ...heard, score: 0.1 });
    expect(page.text(".heard")).toEqual(["Heard: 1"]);
    expect(page.text("#best")).toEqual(["90%"]);
  });

  it("end with the connection, and say why", async () => {
    await begin();
    await tell(heard);
    house.followed[0]!.lose!(new Failure("failed"));
    await page.settled();
    expect(page.all("#start")).toHaveLength(1);
    expect(page.text(".said")).toEqual(["The request failed. Check that Home Assistant is still running."]);
  });

  it("count what is said once as one wake", async () => {
    await begin();
    const clock = vi.spyOn(Date, "now");
    for (const [now, woke] of [
      [10_000, true],
      [10_240, true],
      [11_500, true],
      [11_740, false],
      [12_900, true],
      [15_000, true],
    ] as const) {
      clock.mockReturnValue(now);
      await tell({ ...heard, woke });
    }
    clock.mockRestore();
    expect(page.text(".heard")).toEqual(["Heard: 2"]);
  });

  it("end by themselves", async () => {
    await begin();
    await tell(heard);
    await tell({ type: "ended", code: null });
    expect(page.text(".said")).toEqual(["The test has ended."]);
    expect(house.followed[0]!.ended).toBe(true);
    await page.click("#start");
    expect(house.followed).toHaveLength(2);
    await tell({ type: "ended", code: "muted_while_tested" });
    expect(page.text(".said")).toEqual(["Kitchen is muted. Turn its microphone on to test a wake word."]);
  });

  it("end when the panel is closed, another is opened, or the page is left", async () => {
    await begin();
    await page.click(".panel > .row .button");
    expect(house.followed[0]!.ended).toBe(true);
    await page.click("#test", 0);
    await page.click("#start");
    await page.click("#choose", 0);
    expect(house.followed[1]!.ended).toBe(true);
    await page.click("#test", 0);
    await page.click("#start");
    page.element.remove();
    expect(house.followed[2]!.ended).toBe(true);
  });

  it("say why they were refused", async () => {
    page = await mount(new WakeWords(), house);
    await page.click("#test", 1);
    house.refuse = "cannot_listen";
    await page.click("#start");
    expect(page.text(".said")[0]).toContain("cannot listen right now");
    expect(page.all("#start")).toHaveLength(1);
  });

  it("are tested nowhere where no satellite can be: each says why", async () => {
    house.state = stateOf([satellite({ state: "muted" }), satellite({ id: "bath", name: "Bath" })]);
    await begin();
    expect(page.text("option")).toEqual(["Kitchen (Muted)", "Bath (On the device)"]);
    expect(page.one<HTMLButtonElement>("#start").disabled).toBe(true);
    expect(house.followed).toEqual([]);
    expect(page.text(".note")[0]).toContain("No satellite can be tested now");
  });
});
