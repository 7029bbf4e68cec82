import { beforeEach, describe, expect, it } from "vitest";
import type { PoolClip } from "../../src/contract";
import { Review } from "../../src/elements/review";
import { nearest } from "../../src/elements/review-scores";
import { FakeConnection } from "../helpers/house";
import { mount, type Mounted } from "../helpers/mount";

const CLIP: PoolClip = {
  review_id: "0123456789",
  label: null,
  recording_id: "r1",
  satellite_id: "kitchen",
  started_at: "2026-11-24T10:00:00Z",
  expires_at: "2026-12-24T10:00:00Z",
};
const LEARNED = { learning: false, wakes: 3, false_wakes: 4, wakes_needed: 10, false_wakes_needed: 20 };
const WORD = {
  phrase: "Okay Nabu",
  better: true,
  used: true,
  wakes: 10,
  wakes_before: 9,
  wakes_after: 10,
  noisy_wakes: 5,
  noisy_before: 3,
  noisy_after: 4,
  false_wakes: 8,
  false_before: 7,
  false_after: 1,
};

describe("the review tab", () => {
  let house: FakeConnection;
  let page: Mounted<Review>;
  let clips: PoolClip[];

  beforeEach(() => {
    house = new FakeConnection();
    clips = [CLIP];
    house.answers["review/pool"] = () => ({ clips });
    house.answers["review/list"] = () => ({ clips: clips.map(({ review_id, label }) => ({ review_id, label })) });
    house.answers["review/scores"] = () => ({
      thresholds: [0.2, 0.5, 0.8],
      satellites: { kitchen: { avoided: [0, 1, 2], missed: [3, 4, 5], unknown: [6, 7, 8] } },
    });
    house.answers["review/learned"] = () => ({ ...LEARNED, learned: [WORD] });
    house.answers["review/reviewers"] = () => ({ users: [{ user_id: "u", name: "Friend", on: false }] });
    house.answers["review/transcript"] = () => ({ transcript: "turn on the lamp" });
  });

  async function open(admin = true): Promise<void> {
    house.state.permissions.admin = admin;
    page = await mount(new Review(), house);
    house.asked.length = 0;
  }

  it("asks for all it shows an administrator at the same time", async () => {
    const commands = ["review/learned", "review/pool", "review/reviewers", "review/scores"] as const;
    let waiting = 0;
    let most = 0;
    for (const command of commands) {
      const answer = house.answers[command]!;
      house.answers[command] = async (fields) => {
        most = Math.max(most, ++waiting);
        await new Promise((done) => setImmediate(done));
        waiting -= 1;
        return answer(fields);
      };
    }
    await open();
    expect(most).toBe(commands.length);
    expect(page.all("#learned, #scores, .id")).toHaveLength(3);
  });

  it("tells a reviewer nothing but the clip", async () => {
    await open(false);
    expect(page.text(".grow")).toEqual(["012345"]);
    expect(page.all("#learned, #scores, .switch")).toEqual([]);
  });

  it("shows what there is although a part is refused", async () => {
    house.answers["review/learned"] = () => Promise.reject({ code: "store_failed" });
    await open();
    expect(page.all("#scores, .id")).toHaveLength(2);
    expect(page.all("#learned")).toEqual([]);
    expect(page.details("vp-notify")).toHaveLength(1);
  });

  it("labels a clip, and then shows what is so", async () => {
    await open();
    clips = [{ ...CLIP, label: "cut_off" }];
    await page.click("[data-label=cut_off]");
    expect(house.asked[0]).toEqual(["review/label", { review_id: "0123456789", label: "cut_off", correction: null }]);
    expect(page.one("[data-label=cut_off]").getAttribute("aria-pressed")).toBe("true");
    expect(page.all("#correction")).toEqual([]);
  });

  it("labels a clip by the keys 1 to 4, but not while something is typed", async () => {
    await open();
    const press = (selector: string, key: string): void => {
      const event = new KeyboardEvent("keydown", { key, bubbles: true, composed: true, cancelable: true });
      page.one(selector).dispatchEvent(event);
    };
    press("[data-label=cut_off]", "2");
    press("[data-label=cut_off]", "7");
    await page.settled();
    expect(house.fieldsOf("review/label").map(({ label }) => label)).toEqual(["false_wake"]);
    await page.click("[data-label=wrong_transcript]");
    press("#correction", "1");
    await page.settled();
    expect(house.fieldsOf("review/label").map(({ label }) => label)).toEqual(["false_wake", "wrong_transcript"]);
  });

  it("asks for the right words where they were misunderstood", async () => {
    await open();
    await page.click("[data-label=wrong_transcript]");
    expect(page.text(".note")[0]).toContain("turn on the lamp");
    await page.enter("#correction", "turn on the light", "input");
    await page.click("#save-correction");
    expect(house.fieldsOf("review/label").map(({ correction }) => correction)).toEqual([null, "turn on the light"]);
    expect(page.all("#correction")).toEqual([]);
    // Another time begins with an empty field.
    await page.click("[data-label=wrong_transcript]");
    expect(page.one<HTMLInputElement>("#correction").value).toBe("");
  });

  it("takes a clip out", async () => {
    await open();
    clips = [];
    await page.click("li .row .button", 1);
    expect(house.fieldsOf("review/take_out")).toEqual([{ review_ids: ["0123456789"] }]);
    expect(page.all("li[data-id]")).toEqual([]);
    expect(page.details("vp-notify")).toHaveLength(1);
  });

  it("lets a clip in which something was found be released", async () => {
    clips = [{ ...CLIP, findings: ["phone", "unchecked"], barred: true, allowed: false }];
    await open();
    await page.click("[data-allow]");
    expect(house.fieldsOf("review/allow")).toEqual([{ review_id: "0123456789", allowed: true }]);
  });

  it("chooses reviewers, and whether what was learned is used", async () => {
    await open();
    await page.click("#user-u");
    await page.click("#verifier");
    expect(house.fieldsOf("review/set_reviewer")).toEqual([{ user_id: "u", on: true }]);
    expect(house.fieldsOf("settings/set")).toEqual([{ toggle: "verifier", on: true }]);
  });

  it("says that something was refused", async () => {
    await open();
    house.refuse = "not_listened";
    await page.click("[data-label=cut_off]");
    expect(page.details("vp-notify")).toHaveLength(1);
    expect(house.fieldsOf("review/pool")).toEqual([]);
  });

  it("is read anew when the pool changes, and only then", async () => {
    await open();
    house.change((state) => (state.house.recordings += 1));
    await page.settled();
    expect(house.asked).toEqual([]);
    house.change((state) => (state.house.review = [1, 1, false]));
    await page.settled();
    expect(house.fieldsOf("review/pool")).toHaveLength(1);
    house.change((state) => (state.house.toggles.verifier = { on: true, changed: null }));
    await page.settled();
    expect(house.fieldsOf("review/pool")).toHaveLength(2);
  });

  it("says for which wake words no filter can be learned", async () => {
    await open();
    expect(page.all("#not-learnable")).toEqual([]);
    house.answers["review/learned"] = () => ({ ...LEARNED, not_learnable: ["Okay Nabu", "Hey Jarvis"], learned: [] });
    await open();
    expect(page.text("#not-learnable")[0]).toContain("No filter can be learned for Okay Nabu, Hey Jarvis");
  });

  it("shows what was learned, of how many", async () => {
    await open();
    expect(page.text("#learned td").filter(Boolean)).toEqual([
      "9 of 10",
      "10 of 10",
      "3 of 5",
      "4 of 5",
      "7 of 8",
      "1 of 8",
    ]);
  });

  it("tells what a threshold would have done while it is moved", async () => {
    await open();
    expect(page.text("#scores [role=status]")[0]).toContain("At 50%: false wakes avoided: 1; commands missed: 4");
    await page.enter("#score-kitchen", "0.77", "input");
    expect(page.text("#scores [role=status]")[0]).toContain("At 80%: false wakes avoided: 2; commands missed: 5");
    expect(house.asked).toEqual([]);
  });

  it("says why there is nothing", async () => {
    clips = [];
    await open();
    expect(page.text(".empty h2")).toEqual(["Review is off"]);
    house.change(({ house: { toggles }, satellites }) => {
      toggles.help_improve = satellites[0]!.toggles.help_improve = { on: true, changed: null };
    });
    await page.settled();
    expect(page.text(".empty h2")).toEqual(["No clips to review"]);
  });
});

describe("the nearest threshold", () => {
  it.each([
    [0, 0],
    [0.34, 0],
    [0.36, 1],
    [0.9, 2],
  ])("to %s is number %s", (wanted, at) => {
    expect(nearest([0.2, 0.5, 0.8], wanted)).toBe(at);
  });
});
