import { beforeEach, describe, expect, it } from "vitest";
import { MicrophoneTest } from "../../src/elements/microphone-test";
import { FakeConnection, satellite } from "../helpers/house";
import { mount, type Mounted } from "../helpers/mount";
import { FakeContext, useFakeSound } from "../helpers/sound";

// A quarter of a second.
const SOUND = btoa("\0\x40".repeat(4000));
const heard = {
  type: "heard",
  audio: SOUND,
  level: -35,
  peak: -20,
  clips: 0,
  floor: null,
  score: 0.4,
  threshold: 0.5,
} as const;

describe("the microphone test", () => {
  let house: FakeConnection;
  let page: Mounted<MicrophoneTest>;

  const tell = async (event: object): Promise<void> => {
    house.followed.at(-1)!.tell(event as never);
    await page.settled();
  };
  const context = (): FakeContext => FakeContext.made.at(-1)!;
  const figures = (): string[] => page.text("dd > .words");

  beforeEach(async () => {
    useFakeSound();
    house = new FakeConnection();
    page = await mount(new MicrophoneTest(), house, { satellite: satellite() });
  });

  it("plays what a satellite hears, piece after piece, and shows what it is like", async () => {
    expect(page.text(".muted-text")[0]).toContain("you hear Kitchen live in this browser for ten seconds");
    expect(house.followed).toEqual([]);
    // It begins once the tone has been played.
    const follow = house.follow.bind(house);
    let played = (): void => undefined;
    house.follow = async (...what) => {
      await new Promise<void>((done) => (played = done));
      return await follow(...what);
    };
    await page.click("#hear");
    expect(page.text(".now")).toEqual(["A tone is being played in the room…"]);
    played();
    await page.settled();
    expect(house.fieldsOf("microphones/test")).toEqual([{ satellite_id: "kitchen" }]);
    expect(page.text(".now")).toEqual(["You are hearing Kitchen now."]);
    expect(figures()).toEqual([]);
    await tell(heard);
    expect(page.text("#end span")).toEqual(["· 10s"]);
    expect(figures()).toEqual(["-35 dB", "–", "0", "40%, threshold 50%", "40%, threshold 50%"]);
    await tell({ ...heard, level: -20, floor: -61.4, clips: 2, score: 0.9 });
    await tell({ ...heard, score: 0.1 });
    expect(figures()).toEqual(["-35 dB", "–", "0", "10%, threshold 50%", "90%, threshold 50%"]);
    // Without gaps, and a little behind.
    const [first, second, third] = context().sources;
    expect(first!.at).toBeGreaterThan(0);
    expect(second!.at! - first!.at!).toBeCloseTo(0.25);
    expect(third!.at! - second!.at!).toBeCloseTo(0.25);
    expect([...first!.samples!.slice(0, 2)]).toEqual([0.5, 0.5]);
    expect(context().options).toEqual({ sampleRate: 16_000 });
  });

  it("has no score where nothing is scored", async () => {
    await page.click("#hear");
    await tell({ ...heard, floor: -61.4, score: null, threshold: null });
    expect(figures()).toEqual(["-35 dB", "-61 dB", "0"]);
  });

  it("says at the end what it means", async () => {
    await page.click("#hear");
    await tell(heard);
    await tell({ type: "ended", code: null, verdict: "quiet" });
    expect(page.text(".note.warn")[0]).toMatch(/^Too quiet: /);
    expect([house.followed[0]!.ended, context().state]).toEqual([true, "closed"]);
    // What is left to be read is of all that was heard.
    expect(figures()).toEqual(["–", "0", "40%, threshold 50%"]);
    await page.click("#hear");
    expect(figures()).toHaveLength(0);
    await tell({ type: "ended", code: null, verdict: "good" });
    expect(page.text(".note.done")[0]).toMatch(/^Good: /);
  });

  it("ends when somebody stops it, leaves the page or loses the connection", async () => {
    await page.click("#hear");
    await page.click("#end");
    expect([house.followed[0]!.ended, context().state]).toEqual([true, "closed"]);
    await page.click("#hear");
    house.status = "offline";
    house.change(() => undefined);
    await page.settled();
    expect([house.followed[1]!.ended, page.text(".note")[0]]).toEqual([true, "The test was stopped."]);
    house.status = "ready";
    await page.click("#hear");
    page.element.remove();
    expect([house.followed[2]!.ended, context().state]).toEqual([true, "closed"]);
    // What is still on its way is not played.
    house.followed[2]!.tell(heard as never);
    expect(context().sources).toEqual([]);
  });

  it("says why it was refused, and why it has ended", async () => {
    house.refuse = "heard_only_in_commands";
    await page.click("#hear");
    expect(page.text(".note")[0]).toContain("Kitchen detects its wake word itself");
    house.refuse = undefined;
    await page.click("#hear");
    await tell({ type: "ended", code: "muted_while_heard", verdict: null });
    expect(page.text(".note")[0]).toContain("Kitchen is muted");
    expect(FakeContext.made.map(({ state }) => state)).toEqual(["closed", "closed"]);
  });

  it("shows figures where a browser plays nothing, and says so", async () => {
    FakeContext.allowed = () => false;
    await page.click("#hear");
    await tell(heard);
    expect(page.text(".muted-text")[1]).toContain("does not play sound");
    expect([context().sources.length, figures().length]).toEqual([0, 5]);
  });
});
