"""One window of each browser that the page supports, all driven in the same way."""

from collections.abc import AsyncGenerator
import contextlib
from pathlib import Path
from typing import Final

from . import chromium, firefox, webkit
from .loudspeaker import loudspeaker, why_not as why_no_loudspeaker
from .window import Window

_BROWSERS: Final = {"chromium": chromium, "firefox": firefox, "webkit": webkit}

NAMES: Final = tuple(_BROWSERS)


def why_not(name: str) -> str | None:
    """Return why a browser cannot run on this machine; None if it can."""
    return _BROWSERS[name].why_not() or why_no_loudspeaker()


@contextlib.asynccontextmanager
async def launch(name: str, folder: Path) -> AsyncGenerator[Window]:
    """Run a browser for the time of a block, with nothing but what is in a folder that is made for it."""
    async with loudspeaker(folder / "loudspeaker") as sound, _BROWSERS[name].launch(folder, sound) as window:
        yield window
