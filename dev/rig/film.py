"""A moving picture of a tab: screenshots with a pointer and a caption, packed into one animated WebP."""

import asyncio
from collections.abc import AsyncGenerator
import contextlib
from dataclasses import dataclass
import io
from pathlib import Path
from typing import Final

from PIL import Image, ImageDraw, ImageFont
from playwright.async_api import Locator

from .browser import Tab

_STEP: Final = 0.2
"""Seconds between pictures of what moves by itself."""

_GLIDE: Final = 4
"""Pictures of the pointer on its way."""

_GLIDE_STEP: Final = 0.06
"""Seconds of each of them."""

_CAPTION_HEIGHT: Final = 52
_CAPTION_SIZE: Final = 20
_CAPTION_COLOR: Final = "#12303b"
_ARROW: Final = ((0, 0), (0, 17), (4, 13), (7, 20), (10, 19), (7, 12), (12, 12))
"""Outline of the pointer, from its tip."""

_ARROW_SIZE: Final = (16, 24)

_SMOOTH: Final = 4
"""The pointer is drawn so much larger, and then reduced."""

_QUALITY: Final = 80


@dataclass(slots=True)
class Frame:
    """One picture, and how long it is shown."""

    picture: Image.Image
    seconds: float


class Film:
    """A tab that is filmed."""

    def __init__(self, tab: Tab, scale: float) -> None:
        """Begin in the middle of the tab.

        Args:
            tab: The tab.
            scale: Pixels of the picture for one of the tab's own.
        """
        self.frames: list[Frame] = []
        self._tab = tab
        size = tab.page.viewport_size
        assert size is not None
        self._scale = scale
        self._pointer = (size["width"] / 2, size["height"] / 2)
        self._caption = ""

    @property
    def seconds(self) -> float:
        """Length so far."""
        return sum(frame.seconds for frame in self.frames)

    def say(self, caption: str) -> None:
        """Put other words below the pictures that follow."""
        self._caption = caption

    async def show(self, seconds: float) -> None:
        """Show the tab as it is."""
        self._add(await self._shot(), seconds)

    @contextlib.asynccontextmanager
    async def running(self, *, most: float) -> AsyncGenerator[None]:
        """Film while something happens, and show at most so many seconds of it."""
        done = asyncio.Event()
        filming = asyncio.create_task(self._run(done, most))
        try:
            yield
        finally:
            done.set()
            await filming

    async def watch(self, seconds: float) -> None:
        """Film what moves by itself, in real time."""
        async with self.running(most=seconds):
            await asyncio.sleep(seconds)

    async def click(self, target: Locator, *, pause: float = 0.5) -> None:
        """Move the pointer to something, wait a moment, and click."""
        await target.scroll_into_view_if_needed()
        box = await target.bounding_box()
        assert box is not None
        await self._glide(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        await target.hover()
        await self.show(pause)
        await target.click()

    async def _glide(self, x: float, y: float) -> None:
        still = await self._shot()
        (from_x, from_y) = self._pointer
        for step in range(1, _GLIDE + 1):
            part = step / _GLIDE
            self._pointer = (from_x + (x - from_x) * part, from_y + (y - from_y) * part)
            self._add(still, _GLIDE_STEP)

    async def _run(self, done: asyncio.Event, most: float) -> None:
        loop = asyncio.get_running_loop()
        left = most
        while not done.is_set() and left > 0:
            began = loop.time()
            shot = await self._shot()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(done.wait(), max(0.0, _STEP - (loop.time() - began)))
            seconds = min(left, loop.time() - began)
            self._add(shot, seconds)
            left -= seconds

    async def _shot(self) -> Image.Image:
        png = await self._tab.page.screenshot(scale="device")
        return Image.open(io.BytesIO(png)).convert("RGB")

    def _add(self, shot: Image.Image, seconds: float) -> None:
        """Add a picture; the one before stays longer if they are the same."""
        width, height = shot.size
        bar = round(_CAPTION_HEIGHT * self._scale)
        picture = Image.new("RGB", (width, height + bar), _CAPTION_COLOR)
        picture.paste(shot)
        font = ImageFont.load_default(_CAPTION_SIZE * self._scale)
        place = (width / 2, height + bar / 2)
        ImageDraw.Draw(picture).text(place, self._caption, font=font, fill="white", anchor="mm")
        self._draw_pointer(picture)
        if self.frames and self.frames[-1].picture.tobytes() == picture.tobytes():
            self.frames[-1].seconds += seconds
        else:
            self.frames.append(Frame(picture, seconds))

    def _draw_pointer(self, picture: Image.Image) -> None:
        drawn = self._scale * _SMOOTH
        width, height = _ARROW_SIZE
        arrow = Image.new("RGBA", (round(width * drawn), round(height * drawn)))
        outline = [((x + 1) * drawn, (y + 1) * drawn) for x, y in _ARROW]
        ImageDraw.Draw(arrow).polygon(outline, fill="black", outline="white", width=round(drawn))
        arrow = arrow.reduce(_SMOOTH)
        x, y = (round((place - 1) * self._scale) for place in self._pointer)
        picture.paste(arrow, (x, y), arrow)

    def save(self, path: Path) -> None:
        """Write the moving picture, which repeats."""
        first, *others = (frame.picture for frame in self.frames)
        first.save(
            path,
            "WEBP",
            save_all=True,
            append_images=others,
            duration=[round(1000 * frame.seconds) for frame in self.frames],
            loop=0,
            quality=_QUALITY,
            method=4,
            minimize_size=True,
            allow_mixed=True,
        )
