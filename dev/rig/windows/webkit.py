"""WebKitGTK's MiniBrowser on a display of its own, through WebDriver. Its engine is the one of Safari."""

import asyncio
import base64
from collections.abc import AsyncGenerator
import contextlib
import os
from pathlib import Path
import shutil
import time
from typing import Any, Final, override

import aiohttp

from dev.rig.house import HOST, free_port

from .keys import key_actions, pointer_actions
from .loudspeaker import Loudspeaker
from .program import running
from .window import HEIGHT, WIDTH, Window

_TITLE_BAR: Final = 200
"""Pixels of the display beside the page; the window is made larger until the page has its size."""

_START_SECONDS: Final = 30.0

_VIEWPORT: Final = "async () => [innerWidth, innerHeight]"


def _browser() -> str | None:
    """Return MiniBrowser, which Debian keeps beside the library."""
    found = sorted(Path("/usr/lib").glob("*/webkit2gtk-4.*/MiniBrowser"))
    return str(found[-1]) if found else None


def why_not() -> str | None:
    """Return what is missing."""
    if not shutil.which("WebKitWebDriver") or not _browser():
        return "WebKit is not installed (Debian package webkit2gtk-driver)"
    return None if shutil.which("Xvfb") else "WebKit has no display (Debian package xvfb)"


class _WebKit(Window):
    def __init__(self, session: aiohttp.ClientSession, downloads: Path, loudspeaker: Loudspeaker) -> None:
        self._session = session
        self._path = ""
        self.downloads = downloads
        self.loudspeaker = loudspeaker

    async def begin(self) -> None:
        """Open a session with one window of the right size."""
        await self._wait_until_reachable()
        options = {
            "binary": _browser(),
            # As strict as Safari on a phone: no sound before a tap.
            "args": ["--automation", "--autoplay-policy=deny", "--media-playback-requires-user-gesture=true"],
        }
        opened = await self._send(
            "POST", "/session", capabilities={"alwaysMatch": {"webkitgtk:browserOptions": options}}
        )
        self._path = f"/session/{opened['sessionId']}"
        await self._send("POST", "/timeouts", script=60_000, pageLoad=60_000)
        await self._send("POST", "/window/rect", x=0, y=0, width=WIDTH, height=HEIGHT)
        width, height = await self.evaluate(_VIEWPORT)
        await self._send("POST", "/window/rect", width=2 * WIDTH - width, height=2 * HEIGHT - height)

    async def _wait_until_reachable(self) -> None:
        """Wait for the driver, which does not say when it listens. Raises ClientConnectorError."""
        end = time.monotonic() + _START_SECONDS
        while True:
            try:
                await self._send("GET", "/status")
            except aiohttp.ClientConnectorError:
                if time.monotonic() > end:
                    raise
                await asyncio.sleep(0.05)
            else:
                return

    async def end(self) -> None:
        """Close the window."""
        await self._send("DELETE", "")

    async def _send(self, method: str, path: str, **fields: object) -> Any:
        body = None if method != "POST" else fields
        async with self._session.request(method, f"{self._path}{path}", json=body) as response:
            value = (await response.json())["value"]
            if response.status != 200:
                raise RuntimeError(f"{path}: {value['error']}: {value['message']}")
            return value

    @override
    async def goto(self, url: str) -> None:
        await self._send("POST", "/url", url=url)

    @override
    async def evaluate(self, function: str) -> Any:
        # What a script throws reaches a promise's handler, and the driver's callback takes one value.
        script = (
            f"const done = arguments[0]; ({function})().then("
            "(value) => done({ value: value ?? null }), (error) => done({ error: String(error) }));"
        )
        answer = await self._send("POST", "/execute/async", script=script, args=[])
        if "error" in answer:
            raise RuntimeError(answer["error"])
        return answer["value"]

    @override
    async def click_at(self, x: float, y: float) -> None:
        await self._send("POST", "/actions", actions=[pointer_actions(x, y)])

    @override
    async def press(self, key: str) -> None:
        await self._send("POST", "/actions", actions=[key_actions(key)])

    @override
    async def picture(self) -> bytes:
        return base64.b64decode(await self._send("GET", "/screenshot"))


@contextlib.asynccontextmanager
async def launch(folder: Path, loudspeaker: Loudspeaker) -> AsyncGenerator[Window]:
    """Run it on a display of its own, with a home folder that is made for it."""
    environment = {
        **{
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("DBUS_", "WAYLAND_", "XDG_"))
        },
        **loudspeaker.environment,
        "HOME": str(folder),
        "XDG_RUNTIME_DIR": str(folder),
        "GDK_BACKEND": "x11",
        "GTK_A11Y": "none",
        "NO_AT_BRIDGE": "1",
        "LANG": "C.UTF-8",
        "TZ": "UTC",
    }
    screen = f"{WIDTH + _TITLE_BAR}x{HEIGHT + _TITLE_BAR}x24"
    port = free_port()
    async with (
        running(
            *("Xvfb", "-displayfd", "1", "-screen", "0", screen, "-nolisten", "tcp"),
            environment=environment,
            ready=r"^(\d+)$",
        ) as display,
        running(
            *("WebKitWebDriver", f"--port={port}"),
            environment=environment | {"DISPLAY": f":{display}"},
        ),
        aiohttp.ClientSession(f"http://{HOST}:{port}") as session,
    ):
        window = _WebKit(session, folder, loudspeaker)
        await window.begin()
        yield window
        await window.end()
