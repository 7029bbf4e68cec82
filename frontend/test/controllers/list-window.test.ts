import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { CHUNK, ListWindow } from "../../src/controllers/list-window";
import { Host } from "../helpers/host";

type Seen = Pick<IntersectionObserverEntry, "target" | "isIntersecting" | "boundingClientRect">;

class Observer {
  readonly observed = new Set<Element>();
  disconnected = 0;

  constructor(readonly tell: (seen: Seen[]) => void) {
    observers.push(this);
  }

  observe(element: Element): void {
    this.observed.add(element);
  }

  disconnect(): void {
    this.observed.clear();
    this.disconnected += 1;
  }
}

let observers: Observer[] = [];

describe("the window of a list", () => {
  let host: Host;
  let window: ListWindow;
  const reached = vi.fn();
  const chunks = (): Observer => observers[0]!;
  const end = (): Observer => observers[1]!;

  function seen(key: string, isIntersecting: boolean, height = 1800): void {
    const target = host.renderRoot.querySelector(`[data-chunk=${key}]`)!;
    chunks().tell([{ target, isIntersecting, boundingClientRect: { height } as DOMRectReadOnly }]);
  }

  beforeEach(() => {
    observers = [];
    reached.mockReset();
    vi.stubGlobal("IntersectionObserver", Observer);
    host = new Host();
    window = new ListWindow(host, reached);
    host.connect();
    host.renderRoot.innerHTML = "<p data-chunk='a'></p><p data-chunk='b'></p><p data-end></p>";
    host.update();
  });

  afterEach(() => {
    vi.unstubAllGlobals();
  });

  it("cuts a list into pieces that are named by their first items", () => {
    const items = Array.from({ length: 2 * CHUNK + 1 }, (_, index) => ({ id: `r${index}` }));
    const pieces = window.split(items);
    expect(pieces.map(({ key, items: { length } }) => [key, length])).toEqual([
      ["r0", CHUNK],
      [`r${CHUNK}`, CHUNK],
      [`r${2 * CHUNK}`, 1],
    ]);
    expect(window.split([])).toEqual([]);
  });

  it("watches every piece and the end", () => {
    expect([...chunks().observed].map((element) => (element as HTMLElement).dataset.chunk)).toEqual(["a", "b"]);
    expect(end().observed.size).toBe(1);
  });

  it("draws what it has never measured", () => {
    expect(window.heightOf("a")).toBeUndefined();
    seen("a", false);
    expect(window.heightOf("a")).toBeUndefined();
  });

  it("keeps the height of a piece that goes away, and draws it when it comes back", () => {
    seen("a", true);
    expect(window.heightOf("a")).toBeUndefined();
    seen("a", false, 1234);
    expect(window.heightOf("a")).toBe(1234);
    // Left out, it is as high as it was; it is not measured again.
    seen("a", false, 7);
    expect(window.heightOf("a")).toBe(1234);
    seen("a", true);
    expect(window.heightOf("a")).toBeUndefined();
    expect(host.updates).toBe(4);
  });

  it("forgets heights with the list they belong to", () => {
    seen("a", true);
    seen("a", false);
    window.clear();
    expect(window.heightOf("a")).toBeUndefined();
  });

  it("asks for more at the end, as often as the end is still there after drawing", () => {
    end().tell([{ target: host.renderRoot, isIntersecting: false, boundingClientRect: {} as DOMRectReadOnly }]);
    expect(reached).not.toHaveBeenCalled();
    end().tell([{ target: host.renderRoot, isIntersecting: true, boundingClientRect: {} as DOMRectReadOnly }]);
    expect(reached).toHaveBeenCalledOnce();
    const before = end().disconnected;
    host.update();
    expect([end().disconnected, end().observed.size]).toEqual([before + 1, 1]);
  });

  it("watches nothing once its element is gone", () => {
    host.disconnect();
    expect([chunks().observed.size, end().observed.size]).toEqual([0, 0]);
  });
});
