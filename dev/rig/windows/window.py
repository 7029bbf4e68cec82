"""A browser's window as somebody uses it: found elements are clicked with a real pointer, keys are really pressed.

Elements are found through all shadow roots. What only the engines' own protocols can do is left to a driver for each.
"""

from abc import ABC, abstractmethod
import asyncio
import json
from pathlib import Path
import time
from typing import Any, Final

from .loudspeaker import Loudspeaker

WIDTH: Final = 1280
HEIGHT: Final = 860

_TIMEOUT: Final = 20.0
_PAUSE: Final = 0.05

_LIBRARY: Final = """
const all = (selector, root = document) => [
  ...root.querySelectorAll(selector),
  ...[...root.querySelectorAll("*")].flatMap((one) => (one.shadowRoot ? all(selector, one.shadowRoot) : [])),
];
const one = (selector, index = 0) => all(selector).at(index);
const texts = (selector) => all(selector).map((one) => one.innerText.trim());
const focused = () => {
  let found = document.activeElement;
  while (found?.shadowRoot?.activeElement) found = found.shadowRoot.activeElement;
  return found;
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
"""

# The middle of an element once it is on screen, can be used, and nothing lies above it.
_TARGET: Final = """
const target = one(args[0], args[1]);
if (!target || target.disabled) return null;
target.scrollIntoView({ block: "center", behavior: "instant" });
const box = target.getBoundingClientRect();
const [x, y] = [box.left + box.width * args[2], box.top + box.height / 2];
let hit = under(x, y);
while (hit && hit !== target) hit = hit.assignedSlot ?? hit.parentNode ?? hit.host;
return hit ? [x, y] : null;
"""


class NeverHappened(AssertionError):
    """What a window was to show did not come."""


class Window(ABC):
    """One window. Times are waited for, never slept."""

    downloads: Path
    """Folder that downloads are saved to."""

    loudspeaker: Loudspeaker
    """What it plays comes out here."""

    # --- what each browser does in its own way -------------------------------------------------------

    @abstractmethod
    async def goto(self, url: str) -> None:
        """Load a page."""

    @abstractmethod
    async def evaluate(self, function: str) -> Any:
        """Call an async JavaScript function without arguments; return what its promise gives.

        It does not count as something that the user has done.
        """

    @abstractmethod
    async def click_at(self, x: float, y: float) -> None:
        """Press and release the primary button at a place of the viewport, in CSS pixels."""

    @abstractmethod
    async def press(self, key: str) -> None:
        """Press and release a key: a character, or the name that browsers have for it; or several, as "Control+z"."""

    @abstractmethod
    async def picture(self) -> bytes:
        """Return what the window shows, as PNG."""

    # --- what follows from it ------------------------------------------------------------------------

    async def run(self, script: str, *args: object) -> Any:
        """Return what a script returns, as JSON. It finds its arguments in `args`, and elements with `all` and `one`."""
        return await self.evaluate(f"async () => {{ const args = {json.dumps(args)};{_LIBRARY}{script} }}")

    async def until(self, expression: str, *args: object, timeout: float = _TIMEOUT) -> Any:
        """Wait until an expression is true; return its value.

        Raises NeverHappened.
        """
        return await self._until(
            f"const value = {expression}; return value instanceof Node || value;",
            *args,
            about=f"{expression} {args}",
            timeout=timeout,
        )

    async def _until(self, script: str, *args: object, about: str, timeout: float = _TIMEOUT) -> Any:
        end = time.monotonic() + timeout
        while not (value := await self.run(script, *args)):
            if time.monotonic() > end:
                raise NeverHappened(f"{about} (last: {value!r})")
            await asyncio.sleep(_PAUSE)
        return value

    async def click(self, selector: str, index: int = 0, *, at: float = 0.5) -> None:
        """Click an element as soon as it can be clicked.

        Args:
            selector: CSS, within one shadow root.
            index: which one; from the end if negative.
            at: how far from its left edge, as a fraction of its width.
        """
        x, y = await self._until(_TARGET, selector, index, at, about=f"click {selector} {index}")
        await self.click_at(x, y)

    async def type(self, selector: str, text: str) -> None:
        """Click a field and type."""
        await self.click(selector)
        for character in text:
            await self.press(character)
