import { beforeEach, describe, expect, it, vi } from "vitest";
import { VoicePrivacyPage } from "../../src/elements/page";
import { FakeHass } from "../helpers/hass";
import { FakeConnection, stateOf } from "../helpers/house";
import { Mounted } from "../helpers/mount";

describe("the page", () => {
  let home: FakeHass;
  let page: Mounted<VoicePrivacyPage>;

  beforeEach(async () => {
    home = new FakeHass();
    const element = new VoicePrivacyPage();
    element.hass = home.object();
    page = new Mounted(element, new FakeConnection());
    document.body.append(element);
    await page.settled();
  });

  async function ready(change: (state: ReturnType<typeof stateOf>) => void = () => undefined): Promise<void> {
    const state = stateOf();
    change(state);
    home.state(state);
    await page.settled();
  }

  const tabs = (): string[] => page.all("[role=tab]").map(({ id }) => id.replace("tab-", ""));
  const shown = (): string => {
    const parts = [...page.one("#main").children].map(({ localName }) => localName.replace("voice-privacy-", ""));
    return parts.find((part) => part !== "strip" && part !== "first-run")!;
  };

  it("waits until it knows the house", async () => {
    expect(page.text(".empty h2")).toEqual(["Loading…"]);
    expect(page.all("#manage")).toEqual([]);
    await ready();
    expect(shown()).toBe("recordings");
    expect(page.all("#manage")).toHaveLength(1);
  });

  it("says that the integration is not set up", async () => {
    home.refuse = "unknown_command";
    const other = new VoicePrivacyPage();
    other.hass = home.object();
    document.body.append(other);
    const mounted = await new Mounted(other, new FakeConnection()).settled();
    expect(mounted.all(".empty p")).toHaveLength(1);
    other.remove();
  });

  it("has no part for what is not for this user, not even by its address", async () => {
    await ready();
    expect(tabs()).toEqual(["timeline", "rooms", "privacy"]);
    page.element.route = { path: "/review" };
    await page.settled();
    expect(page.all("voice-privacy-review")).toHaveLength(1);
    await ready((state) => (state.permissions.review = false));
    expect(page.all("voice-privacy-review")).toEqual([]);
    expect(shown()).toBe("privacy");
  });

  it.each([
    ["/timeline", "timeline", "recordings"],
    ["/rooms", "rooms", "microphones"],
    ["/privacy", "privacy", "privacy"],
    ["/recordings", "timeline", "recordings"],
    ["/microphones", "rooms", "microphones"],
    ["/consent", "privacy", "privacy"],
    ["/review", "privacy", "privacy"],
    ["/log", "privacy", "privacy"],
    ["/nowhere", "timeline", "recordings"],
    ["", "timeline", "recordings"],
  ])("opens at %s", async (path, tab, element) => {
    await ready();
    page.element.route = { path };
    await page.settled();
    expect(shown()).toBe(element);
    expect(page.all("[role=tab][aria-selected=true]").map(({ id }) => id)).toEqual([`tab-${tab}`]);
  });

  it("opens and scrolls to the place that an address names", async () => {
    const scrolled: string[] = [];
    const scroll = vi.spyOn(Element.prototype, "scrollIntoView").mockImplementation(function (this: Element) {
      scrolled.push(this.id);
    });
    await ready();
    for (const path of ["/log", "/privacy", "/review"]) {
      page.element.route = { path };
      await page.settled();
    }
    expect(scrolled).toEqual(["log", "review"]);
    expect(page.one<HTMLDetailsElement>("#review").open).toBe(true);
    scroll.mockRestore();
  });

  it("lists no clips, which the log would note, before somebody opens them", async () => {
    await ready();
    const listed = (): number => home.asked.filter(({ type }) => type === "voice_privacy/review/pool").length;
    await page.click("#tab-privacy");
    expect([listed(), page.all("voice-privacy-review").length]).toEqual([0, 0]);
    const review = page.one<HTMLDetailsElement>("#review");
    review.open = true;
    review.dispatchEvent(new Event("toggle"));
    await page.settled();
    expect(listed()).toBe(1);
  });

  it("offers to manage recordings on the timeline alone, and to nobody who could do nothing with them", async () => {
    await ready();
    expect(page.all("#manage")).toHaveLength(1);
    await page.click("#tab-rooms");
    expect(page.all("#manage")).toEqual([]);
    await page.click("#tab-timeline");
    await ready((state) => (state.permissions = { admin: false, listen: true, review: false, control: [] }));
    expect(page.all("#manage")).toEqual([]);
  });

  it("goes from tab to tab by click and by arrow keys, around the ends", async () => {
    await ready();
    const tell = vi.fn();
    window.addEventListener("location-changed", tell);
    await page.click("#tab-rooms");
    expect([shown(), tell.mock.calls.length]).toEqual(["microphones", 1]);
    await page.click("#tab-timeline");
    const nav = page.one("nav");
    nav.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowLeft" }));
    await page.settled();
    expect(shown()).toBe("privacy");
    nav.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowRight" }));
    await page.settled();
    expect(shown()).toBe("recordings");
    nav.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter" }));
    expect(shown()).toBe("recordings");
    window.removeEventListener("location-changed", tell);
  });

  it("says on every tab that guests are there, and that it is offline", async () => {
    await ready((state) => (state.house.toggles.guest_mode = { on: true, changed: null }));
    expect(page.all(".banner.guests")).toHaveLength(1);
    page.element.hass = home.object({ connected: false });
    await page.settled();
    expect(page.all(".banner.offline")).toHaveLength(1);
    page.element.hass = home.object();
    await page.settled();
    expect(page.all(".banner.offline")).toEqual([]);
  });

  it("shows what a tab tells for a while", async () => {
    await ready();
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    page.one("#main").lastElementChild!.dispatchEvent(new CustomEvent("vp-notify", { detail: "Done", bubbles: true }));
    await page.settled();
    expect(page.text(".toast")).toEqual(["Done"]);
    vi.advanceTimersByTime(10_000);
    await page.settled();
    expect(page.text(".toast")).toEqual([""]);
    vi.useRealTimers();
  });

  it("asks in its dialog before anything is deleted", async () => {
    await ready();
    const prompt = { title: "Delete today?", request: { scope: "today" } };
    page.one("#main").lastElementChild!.dispatchEvent(new CustomEvent("vp-delete", { detail: prompt, bubbles: true }));
    await page.settled();
    expect(page.text("dialog h2")).toEqual(["Delete today?"]);
    expect(home.asked.at(-1)).toEqual({ type: "voice_privacy/recordings/preview", scope: "today" });
  });

  it("follows the language and the color scheme of its user", async () => {
    await ready();
    const german = { language: "de", locale: { language: "de", time_format: "24", time_zone: "server" } };
    page.element.hass = home.object({ ...german, themes: { darkMode: true } });
    await page.settled();
    expect(page.text("#tab-rooms .long")).toEqual(["Räume"]);
    expect([page.element.lang, page.element.style.colorScheme]).toEqual(["de", "dark"]);
  });

  it("leaves no subscription behind, and comes back", async () => {
    await ready();
    page.element.remove();
    expect(home.ended).toBe(1);
    document.body.append(page.element);
    await page.settled();
    expect(home.asked.filter(({ type }) => type === "voice_privacy/subscribe")).toHaveLength(2);
  });
});
