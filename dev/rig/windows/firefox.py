"""Firefox, through the WebDriver BiDi that is built into it."""

import asyncio
import base64
from collections.abc import AsyncGenerator
import contextlib
import itertools
import json
import os
from pathlib import Path
import shutil
from typing import Any, Final, override

import aiohttp

from .keys import key_actions, pointer_actions
from .loudspeaker import Loudspeaker
from .program import running
from .window import HEIGHT, WIDTH, Window

_READY: Final = r"WebDriver BiDi listening on (ws://\S+)"

_PREFERENCES: Final[dict[str, object]] = {
    "app.normandy.enabled": False,
    "app.update.disabledForTesting": True,
    "browser.aboutwelcome.enabled": False,
    # Its panel would take the focus.
    "browser.download.alwaysOpenPanel": False,
    "browser.download.folderList": 2,
    "browser.shell.checkDefaultBrowser": False,
    "browser.startup.homepage_override.mstone": "ignore",
    "datareporting.policy.dataSubmissionEnabled": False,
    "intl.accept_languages": "en",
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "services.settings.server": "data:,#remote-settings-dummy/v1",
    "toolkit.telemetry.enabled": False,
    "toolkit.telemetry.server": "",
}


def _program() -> str | None:
    return shutil.which("firefox-esr") or shutil.which("firefox")


def why_not() -> str | None:
    """Return what is missing."""
    return None if _program() else "Firefox is not installed (Debian package firefox-esr)"


class _Firefox(Window):
    def __init__(
        self, socket: aiohttp.ClientWebSocketResponse, downloads: Path, loudspeaker: Loudspeaker
    ) -> None:
        self._socket = socket
        self._context = ""
        self._numbers = itertools.count(1)
        self.downloads = downloads
        self.loudspeaker = loudspeaker

    async def begin(self) -> None:
        """Open a session with one window."""
        await self._send("session.new", capabilities={})
        # The first tab never gets the focus.
        self._context = (await self._send("browsingContext.create", type="tab"))["context"]
        await self._send("browsingContext.activate", context=self._context)
        await self._send(
            "browsingContext.setViewport", context=self._context, viewport={"width": WIDTH, "height": HEIGHT}
        )

    async def _send(self, method: str, **parameters: object) -> Any:
        number = next(self._numbers)
        await self._socket.send_json({"id": number, "method": method, "params": parameters})
        async for message in self._socket:
            answer = json.loads(message.data)
            if answer.get("id") == number:
                if answer["type"] == "error":
                    raise RuntimeError(f"{method}: {answer['error']}: {answer['message']}")
                return answer["result"]
        raise RuntimeError(f"{method}: Firefox has gone away")

    @override
    async def goto(self, url: str) -> None:
        await self._send("browsingContext.navigate", context=self._context, url=url, wait="complete")

    @override
    async def evaluate(self, function: str) -> Any:
        answer = await self._send(
            "script.callFunction",
            functionDeclaration=f"async () => JSON.stringify(await ({function})()) ?? null",
            awaitPromise=True,
            target={"context": self._context},
        )
        if answer["type"] == "exception":
            raise RuntimeError(answer["exceptionDetails"]["text"])
        value = answer["result"].get("value")
        return None if value is None else json.loads(value)

    @override
    async def click_at(self, x: float, y: float) -> None:
        await self._send("input.performActions", context=self._context, actions=[pointer_actions(x, y)])

    @override
    async def press(self, key: str) -> None:
        await self._send("input.performActions", context=self._context, actions=[key_actions(key)])

    @override
    async def picture(self) -> bytes:
        answer = await self._send("browsingContext.captureScreenshot", context=self._context)
        return base64.b64decode(answer["data"])


@contextlib.asynccontextmanager
async def launch(folder: Path, loudspeaker: Loudspeaker) -> AsyncGenerator[Window]:
    """Run it without a display, with a profile that is made for it."""
    downloads, profile = folder / "Downloads", folder / "profile"
    for made in (downloads, profile):
        made.mkdir(parents=True)
    preferences = _PREFERENCES | {"browser.download.dir": str(downloads)}
    lines = (f"user_pref({json.dumps(name)}, {json.dumps(value)});\n" for name, value in preferences.items())
    (profile / "user.js").write_text("".join(lines), "utf-8")
    program = _program()
    assert program is not None
    arguments = (
        "--headless",
        "--no-remote",
        "--remote-debugging-port=0",
        "--profile",
        str(profile),
        "about:blank",
    )
    async with (
        # As root it insists on a home folder of root's.
        running(
            program,
            *arguments,
            environment={**os.environ, **loudspeaker.environment, "HOME": str(folder), "TZ": "UTC"},
            ready=_READY,
        ) as address,
        aiohttp.ClientSession() as session,
        session.ws_connect(f"{address}/session", max_msg_size=0) as socket,
    ):
        window = _Firefox(socket, downloads, loudspeaker)
        await window.begin()
        yield window
        with contextlib.suppress(RuntimeError, TimeoutError):
            async with asyncio.timeout(5):
                await window._send("browser.close")
