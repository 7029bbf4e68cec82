"""Measurements of a page that is shown: what leaves its edge, and what a finger cannot reach.

Each is a JavaScript function of the element to look through, shadow roots included.
"""

from collections.abc import Sequence
from typing import Any, Final

from .browser import PAGE, Tab

WIDTHS: Final = (320, 390, 600, 900, 1024, 1280, 2560)
"""Widths that the page is held to, in CSS pixels: from a small phone to a large screen."""

_LAID_OUT: Final = """(host, text) => {
  const elements = (root) => [...root.querySelectorAll("*")].flatMap(
    (one) => [one, ...(one.shadowRoot ? elements(one.shadowRoot) : [])]);
  const edge = host.getBoundingClientRect();
  const parent = (one) => one.parentElement ?? one.getRootNode().host;
  const cut = (one) => {
    // What scrolls or is clipped inside of something does not widen the page.
    for (let above = parent(one); above && above !== host; above = parent(above)) {
      const style = getComputedStyle(above);
      if (style.overflowX !== "visible" || style.clipPath !== "none") return true;
    }
    return false;
  };
  const all = elements(host.shadowRoot);
  const outside = all.filter((one) => {
    const box = one.getBoundingClientRect();
    return !one.matches("dialog") && box.width && box.height && (box.right > edge.right + 1 || box.left < edge.left - 1) && !cut(one);
  });
  // A dialog lies above the page: it has edges of its own, and is no wider than the window.
  const dialogs = all.filter((one) => one.matches("dialog[open]")).flatMap((dialog) => {
    const { left, right, top, bottom } = dialog.getBoundingClientRect();
    const off = left < -1 || right > innerWidth + 1 || top < -1 || bottom > innerHeight + 1;
    return [dialog, ...elements(dialog)].filter((one) => (one === dialog && off)
      || (one.scrollWidth > one.clientWidth + 1 && getComputedStyle(one).overflowX === "auto"));
  });
  const widths = text ? all.filter((one) => one.matches(text)).map((one) => one.getBoundingClientRect().width) : [];
  const name = (one) => `${one.localName}#${one.id}.${one.className}`;
  return {
    outside: [...outside, ...dialogs].map(name),
    scrolls: document.documentElement.scrollWidth - innerWidth,
    narrowest: Math.min(...widths.filter(Boolean), 10_000),
    found: widths.length,
  };
}"""

_SMALL_TARGETS: Final = """(host, least) => {
  const elements = (root) => [...root.querySelectorAll("*")].flatMap(
    (one) => [one, ...(one.shadowRoot ? elements(one.shadowRoot) : [])]);
  const parent = (one) => one.assignedSlot ?? one.parentElement ?? one.getRootNode().host;
  const within = (one, target) => {
    for (let above = one; above; above = parent(above)) if (above === target) return true;
    return false;
  };
  const under = (x, y) => {
    let found = document.elementFromPoint(x, y);
    while (found?.shadowRoot) {
      const inner = found.shadowRoot.elementFromPoint(x, y);
      if (!inner || inner === found) break;
      found = inner;
    }
    return found;
  };
  const all = elements(host.shadowRoot);
  // While a dialog is open, nothing else can be touched.
  const dialog = all.findLast((one) => one.matches("dialog[open]"));
  const targets = all.filter((one) =>
    one.matches("button, a[href], input, select, textarea, summary, [role=button], [role=switch], [role=tab]")
    && !one.disabled && one.checkVisibility({ visibilityProperty: true, opacityProperty: true })
    && getComputedStyle(one).clipPath === "none" && !one.matches(".skip")
    // Words inside of a sentence are as high as the sentence.
    && getComputedStyle(one).display !== "inline"
    && (!dialog || within(one, dialog)));
  const found = [];
  for (const one of targets) {
    one.scrollIntoView({ block: "center", inline: "center", behavior: "instant" });
    const box = one.getBoundingClientRect();
    const [x, y] = [box.left + box.width / 2, box.top + box.height / 2];
    const hit = (left, top) => {
      const there = under(left, top);
      // A label is touched like the control that it belongs to.
      return there !== null && [one, ...(one.labels ?? [])].some((each) => within(there, each) || within(each, there) && there.localName === "label");
    };
    // How far the target reaches from its middle, each way.
    const reach = (dx, dy) => {
      let far = 0;
      while (far < least && hit(x + dx * (far + 1), y + dy * (far + 1))) far += 1;
      return far;
    };
    if (!hit(x, y)) { found.push([one, "covered"]); continue; }
    const width = reach(-1, 0) + reach(1, 0) + 1;
    const height = reach(0, -1) + reach(0, 1) + 1;
    if (width < least || height < least) found.push([one, `${width}x${height}`]);
  }
  return {
    looked_at: targets.length,
    small: found.map(([one, size]) =>
      `${size} ${one.localName}#${one.id}.${one.className} ${(one.ariaLabel ?? one.textContent).trim().slice(0, 40)}`),
  };
}"""


async def resize(tab: Tab, width: int, height: int = 860) -> None:
    """Set the size of the window and wait two frames: container queries and the header's height are then applied."""
    await tab.page.set_viewport_size({"width": width, "height": height})
    await tab.page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")


async def misfits(
    tab: Tab,
    widths: Sequence[int] = WIDTHS,
    *,
    height: int = 860,
    text: str | None = None,
    least: int = 0,
) -> dict[int, Any]:
    """Return what does not fit into the window, by its width.

    Args:
        tab: Tab with our page.
        widths: Widths to look at, one after the other.
        height: Height of the window.
        text: Selector of columns of text, which have to be there.
        least: Width that those have at least.
    """
    faults: dict[int, Any] = {}
    for width in widths:
        await resize(tab, width, height)
        laid_out = await tab.page.locator(PAGE).evaluate(_LAID_OUT, text)
        if laid_out["outside"] or laid_out["scrolls"] > 0 or laid_out["narrowest"] < least:
            faults[width] = laid_out
        assert text is None or laid_out["found"]
    return faults


async def small_targets(tab: Tab, least: int = 48) -> list[str]:
    """Return what a finger can use on our page, and reaches on fewer pixels than these in a direction."""
    found = await tab.page.locator(PAGE).evaluate(_SMALL_TARGETS, least)
    assert found["looked_at"]
    return list(found["small"])
