"""Home Assistant behind a reverse proxy that adds a strict Content-Security-Policy, as careful owners run it.

The pages also get a script that signs in and reports what the browser complains about, so that every browser
is watched in the same way, from its first line of script on.
"""

import asyncio
import base64
from collections.abc import AsyncGenerator
import contextlib
import hashlib
import json
import re
from typing import Any, Final

import aiohttp
from aiohttp import web
from yarl import URL

from . import played
from .house import HOST, free_port

_WATCH: Final = "/watch.js"
_COMPLAINTS: Final = "/complaints"
_REPORTS: Final = "/violations"

_POLICY: Final = (
    ("default-src", "'self'"),
    ("script-src", "'self' {scripts}"),
    # Home Assistant's own elements carry styles in their templates.
    ("style-src", "'self' 'unsafe-inline'"),
    ("img-src", "'self' data:"),
    ("media-src", "'self'"),
    ("connect-src", "'self' {socket}"),
    ("object-src", "'none'"),
    ("base-uri", "'none'"),
    ("form-action", "'self'"),
    ("frame-ancestors", "'none'"),
    ("report-uri", _REPORTS),
)

# Of one connection only, by the standard; and what the proxy sets itself.
_HOP_BY_HOP: Final = frozenset(
    {"connection", "content-length", "host", "keep-alive", "transfer-encoding", "upgrade"}
)

_INLINE_SCRIPT: Final = re.compile(r"<script(?![^>]*\bsrc=)[^>]*>(.*?)</script>", re.DOTALL)

_WATCH_SCRIPT: Final = """
for (const [key, value] of Object.entries(%(storage)s)) localStorage[key] = JSON.stringify(value);
{
  const report = (kind, text) => navigator.sendBeacon("%(complaints)s", `${kind}: ${text}`);
  const error = console.error;
  console.error = (...what) => { report("console", what.map((one) => one?.stack ?? one).join(" ")); error(...what); };
  addEventListener("error", (event) => report("error", event.message));
  addEventListener("unhandledrejection", ({ reason }) => report("rejection", reason?.stack ?? reason?.message ?? JSON.stringify(reason)));
  document.addEventListener("securitypolicyviolation", (event) => report("policy", `${event.violatedDirective} ${event.blockedURI}`));
  // A worker would answer from its cache instead of us.
  if (navigator.serviceWorker) navigator.serviceWorker.register = () => new Promise(() => undefined);
}
"""


class StrictProxy:
    """The proxy, and what the browsers behind it have reported."""

    def __init__(self, house_url: str, token: str) -> None:
        """Prepare; run serves.

        Args:
            house_url: Home Assistant's address.
            token: long-lived token of whoever is signed in in every browser.
        """
        self.complaints: list[str] = []
        """Errors of consoles and scripts, and what the policy has refused."""

        self.failing: dict[str, int] = {}
        """Status codes that requests are answered with instead, by what their path contains."""

        self._news = asyncio.Condition()
        self._house = URL(house_url)
        port = free_port()
        self._port = port
        self.url = f"http://{HOST}:{port}"
        tokens = {
            "hassUrl": self.url,
            "clientId": f"{self.url}/",
            "access_token": token,
            "refresh_token": "",
            "expires_in": 10**9,
            "expires": 10**15,
            "token_type": "Bearer",
        }
        storage = {"hassTokens": tokens, "selectedLanguage": "en"}
        self._watch = (
            _WATCH_SCRIPT % {"storage": json.dumps(storage), "complaints": _COMPLAINTS} + played.CAPTURE
        )

    @contextlib.asynccontextmanager
    async def run(self) -> AsyncGenerator[StrictProxy]:
        """Serve until the block ends."""
        app = web.Application()
        app.router.add_get(_WATCH, self._serve_watch)
        app.router.add_post(_COMPLAINTS, self._note_complaint)
        app.router.add_post(_REPORTS, self._note_report)
        app.router.add_route("*", "/{path:.*}", self._forward)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        await runner.setup()
        async with aiohttp.ClientSession(auto_decompress=False) as self._session:
            await web.TCPSite(runner, HOST, self._port).start()
            try:
                yield self
            finally:
                await runner.cleanup()

    async def _serve_watch(self, _: web.Request) -> web.Response:
        return web.Response(text=self._watch, content_type="text/javascript")

    async def complained(self, about: str) -> None:
        """Wait until a browser has complained about something."""
        async with self._news:
            await self._news.wait_for(lambda: any(about in complaint for complaint in self.complaints))

    async def _note(self, complaint: str) -> None:
        async with self._news:
            self.complaints.append(complaint)
            self._news.notify_all()

    async def _note_complaint(self, request: web.Request) -> web.Response:
        await self._note(await request.text())
        return web.Response(status=204)

    async def _note_report(self, request: web.Request) -> web.Response:
        report: dict[str, Any] = json.loads(await request.read()).get("csp-report", {})
        named = (report.get(name, "") for name in ("violated-directive", "blocked-uri", "source-file"))
        await self._note(f"report: {' '.join(map(str, named))}")
        return web.Response(status=204)

    async def _forward(self, request: web.Request) -> web.StreamResponse:
        if request.headers.get("Upgrade", "").lower() == "websocket":
            return await self._forward_socket(request)
        for part, status in self.failing.items():
            if part in request.path:
                return web.Response(status=status)
        headers = {name: value for name, value in request.headers.items() if name.lower() not in _HOP_BY_HOP}
        if "text/html" in request.headers.get("Accept", ""):
            headers["Accept-Encoding"] = "identity"
        async with self._session.request(
            request.method,
            self._house.join(request.rel_url),
            headers=headers,
            data=await request.read(),
            allow_redirects=False,
        ) as answer:
            body = await answer.read()
            kept = {name: value for name, value in answer.headers.items() if name.lower() not in _HOP_BY_HOP}
            if answer.content_type == "text/html":
                page = body.decode()
                kept["Content-Security-Policy"] = self._policy(page)
                body = page.replace("<head>", f'<head><script src="{_WATCH}"></script>', 1).encode()
            return web.Response(status=answer.status, body=body, headers=kept)

    def _policy(self, page: str) -> str:
        """Return the strictest policy under which Home Assistant's own page works."""
        digests = (hashlib.sha256(script.encode()).digest() for script in _INLINE_SCRIPT.findall(page))
        scripts = " ".join(f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests)
        socket = f"ws://{HOST}:{self._port}"
        return "; ".join(
            f"{directive} {sources.format(scripts=scripts, socket=socket)}" for directive, sources in _POLICY
        )

    async def _forward_socket(self, request: web.Request) -> web.WebSocketResponse:
        browser = web.WebSocketResponse(max_msg_size=0)
        await browser.prepare(request)
        async with self._session.ws_connect(self._house.join(request.rel_url), max_msg_size=0) as house:

            async def pump(
                source: web.WebSocketResponse | aiohttp.ClientWebSocketResponse,
                sink: web.WebSocketResponse | aiohttp.ClientWebSocketResponse,
            ) -> None:
                async for message in source:
                    if message.type is aiohttp.WSMsgType.TEXT:
                        await sink.send_str(message.data)
                    elif message.type is aiohttp.WSMsgType.BINARY:
                        await sink.send_bytes(message.data)

            ways = [asyncio.ensure_future(pump(browser, house)), asyncio.ensure_future(pump(house, browser))]
            try:
                await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for way in ways:
                    way.cancel()
                await asyncio.gather(*ways, return_exceptions=True)
                await browser.close()
        return browser
