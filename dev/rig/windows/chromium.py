"""Chromium, through Playwright."""

from collections.abc import AsyncGenerator
import contextlib
import os
from pathlib import Path
import shutil
from typing import Any, override

from playwright.async_api import CDPSession, Download, Page, async_playwright

from .loudspeaker import Loudspeaker
from .window import HEIGHT, WIDTH, Window


def _program() -> str | None:
    return shutil.which("chromium") or shutil.which("chromium-browser")


def why_not() -> str | None:
    """Return what is missing."""
    return None if _program() else "chromium is not installed (Debian package chromium)"


class _Chromium(Window):
    def __init__(self, page: Page, protocol: CDPSession, downloads: Path, loudspeaker: Loudspeaker) -> None:
        self._page = page
        self._protocol = protocol
        self.downloads = downloads
        self.loudspeaker = loudspeaker

    @override
    async def goto(self, url: str) -> None:
        await self._page.goto(url)

    @override
    async def evaluate(self, function: str) -> Any:
        # Playwright's own evaluate would pass for something that the user has done.
        answer = await self._protocol.send(
            "Runtime.evaluate",
            {"expression": f"({function})()", "awaitPromise": True, "returnByValue": True},
        )
        if details := answer.get("exceptionDetails"):
            raise RuntimeError(details)
        return answer["result"].get("value")

    @override
    async def click_at(self, x: float, y: float) -> None:
        await self._page.mouse.click(x, y)

    @override
    async def press(self, key: str) -> None:
        await self._page.keyboard.press(key)

    @override
    async def picture(self) -> bytes:
        return await self._page.screenshot()


@contextlib.asynccontextmanager
async def launch(folder: Path, loudspeaker: Loudspeaker) -> AsyncGenerator[Window]:
    """Run it without a display, as strict with sound as it is for everybody."""
    downloads = folder / "Downloads"
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(
            executable_path=_program(),
            env={**os.environ, **loudspeaker.environment},
            ignore_default_args=["--mute-audio"],
            args=[
                "--no-sandbox",
                "--autoplay-policy=document-user-activation-required",
                "--force-color-profile=srgb",
            ],
        )
        try:
            context = await chromium.new_context(
                viewport={"width": WIDTH, "height": HEIGHT}, locale="en", timezone_id="UTC"
            )
            page = await context.new_page()

            async def save(download: Download) -> None:
                await download.save_as(downloads / download.suggested_filename)

            page.on("download", save)
            yield _Chromium(page, await context.new_cdp_session(page), downloads, loudspeaker)
        finally:
            await chromium.close()
