import { beforeEach, describe, expect, it } from "vitest";
import { RovingFocus } from "../../src/controllers/roving-focus";
import { Host } from "../helpers/host";

describe("the arrow keys", () => {
  let host: Host;
  let focus: RovingFocus;
  let ids: string[];

  beforeEach(() => {
    document.body.replaceChildren();
    host = new Host();
    ids = ["a", "b", "c"];
    focus = new RovingFocus(host, () => ids);
    host.renderRoot.innerHTML = ids
      .map((id) => `<p data-id="${id}"><button class="play"></button><input type="range"></p>`)
      .join("");
    host.renderRoot.addEventListener("keydown", focus.onKey);
    document.body.append(host.renderRoot);
    host.update();
  });

  function press(key: string, selector = ".play"): Event {
    const event = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, composed: true });
    host.renderRoot.querySelector(selector)!.dispatchEvent(event);
    return event;
  }

  function focused(): string | undefined {
    return document.activeElement?.closest<HTMLElement>("[data-id]")?.dataset.id;
  }

  it("begin at the first row, and stay where somebody was", () => {
    expect(focus.active).toBe("a");
    focus.reach("b");
    host.update();
    expect(focus.active).toBe("b");
  });

  it("wait for rows", () => {
    ids = [];
    const empty = new RovingFocus(host, () => ids);
    host.update();
    expect(empty.active).toBeUndefined();
    ids = ["x"];
    host.update();
    expect(empty.active).toBe("x");
  });

  it("go to the row below and above, and no farther", async () => {
    expect(press("ArrowDown").defaultPrevented).toBe(true);
    await host.updateComplete;
    expect([focus.active, focused()]).toEqual(["b", "b"]);
    press("ArrowUp");
    await host.updateComplete;
    expect([focus.active, focused()]).toEqual(["a", "a"]);
    expect(press("ArrowUp").defaultPrevented).toBe(false);
    expect(focus.active).toBe("a");
  });

  it("leave other keys, and the arrows of a slider, alone", () => {
    for (const key of ["Enter", "ArrowLeft", "a"]) expect(press(key).defaultPrevented).toBe(false);
    expect(press("ArrowDown", "input").defaultPrevented).toBe(false);
    expect(focus.active).toBe("a");
  });

  it("draw again only when another row is reached", () => {
    focus.reach("a");
    expect(host.updates).toBe(0);
    focus.reach("c");
    expect(host.updates).toBe(1);
  });
});
