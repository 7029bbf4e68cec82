"""A real browser on the page, signed in as somebody; whatever it complains about is remembered."""

from collections.abc import AsyncGenerator
import contextlib
from dataclasses import dataclass, field
import json
from pathlib import Path
import shutil
from typing import Any, Final

from playwright.async_api import (
    Browser as Chromium,
    BrowserContext,
    ConsoleMessage,
    Locator,
    Page,
    async_playwright,
)

from .house import REPOSITORY

AXE: Final = REPOSITORY / "frontend/node_modules/axe-core/axe.min.js"
PAGE: Final = "voice-privacy-page"
CARD: Final = "voice-privacy-card"

DESKTOP: Final = {"width": 1280, "height": 860}
PHONE: Final = {"width": 390, "height": 844}

_CAPTURE_AUDIO: Final = """
window.played = [];
const create = URL.createObjectURL;
URL.createObjectURL = (blob) => { window.played.push(blob); return create.call(URL, blob); };
"""

_SAMPLES: Final = """async () => {
  const buffer = await window.played.at(-1).arrayBuffer();
  const decoded = await new OfflineAudioContext(1, 1, 16000).decodeAudioData(buffer);
  return Array.from(decoded.getChannelData(0), (one) => Math.round(one * 32768));
}"""


@dataclass
class Tab:
    """One tab."""

    page: Page
    url: str
    complaints: list[str] = field(default_factory=list)
    """Errors of the console and of scripts."""

    async def open(self, path: str = "/voice-privacy/recordings") -> None:
        """Go somewhere and wait until our part of it is there."""
        await self.page.goto(f"{self.url}{path}")

    def find(self, selector: str) -> Locator:
        """Find inside our page, through its shadow roots."""
        return self.page.locator(f"{PAGE} {selector}")

    async def played_samples(self) -> list[int]:
        """Return what was played last, decoded by the browser to 16-bit samples at 16 kHz."""
        await self.page.wait_for_function("window.played.length > 0")
        samples: list[int] = await self.page.evaluate(_SAMPLES)
        return samples

    async def violations(self, element: str = PAGE) -> list[str]:
        """Return what axe finds wrong with our element: rule, and what it is about."""
        await self.page.evaluate(AXE.read_text("utf-8"))
        found: list[dict[str, Any]] = await self.page.evaluate(
            """async (name) => {
              const find = (root) => {
                for (const one of root.querySelectorAll("*")) {
                  if (one.localName === name) return one;
                  const inner = one.shadowRoot && find(one.shadowRoot);
                  if (inner) return inner;
                }
                return null;
              };
              const result = await axe.run(find(document), { runOnly: {
                type: "tag",
                values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
              }});
              return result.violations.map((one) => ({ id: one.id, nodes: one.nodes.map((n) => n.html + " " + n.failureSummary) }));
            }""",
            element,
        )
        return [f"{one['id']}: {node}" for one in found for node in one["nodes"]]


class Browser:
    """Chromium, with one context for each person and look."""

    def __init__(self, chromium: Chromium, url: str) -> None:
        """Wrap a running browser for one house."""
        self._chromium = chromium
        self._url = url

    @classmethod
    @contextlib.asynccontextmanager
    async def launch(cls, url: str) -> AsyncGenerator[Browser]:
        """Run the system's Chromium without a window."""
        executable = shutil.which("chromium") or shutil.which("chromium-browser")
        async with async_playwright() as playwright:
            chromium = await playwright.chromium.launch(
                executable_path=executable,
                args=[
                    "--no-sandbox",
                    "--autoplay-policy=no-user-gesture-required",
                    "--force-color-profile=srgb",
                ],
            )
            try:
                yield cls(chromium, url)
            finally:
                await chromium.close()

    async def sign_in(
        self,
        token: str,
        *,
        size: dict[str, int] | None = None,
        dark: bool = False,
        language: str = "en",
        phone: bool = False,
    ) -> Tab:
        """Open a tab of somebody's, with a long-lived token of theirs."""
        context: BrowserContext = await self._chromium.new_context(
            viewport=size or (PHONE if phone else DESKTOP),  # type: ignore[arg-type]
            color_scheme="dark" if dark else "light",
            device_scale_factor=2 if phone else 1,
            has_touch=phone,
            is_mobile=phone,
            locale=language,
            timezone_id="UTC",
            bypass_csp=True,
            service_workers="block",
            accept_downloads=True,
        )
        tokens = {
            "hassUrl": self._url,
            "clientId": f"{self._url}/",
            "access_token": token,
            "refresh_token": "",
            "expires_in": 10**9,
            "expires": 10**15,
            "token_type": "Bearer",
        }
        await context.add_init_script(
            f"localStorage.setItem('hassTokens', {json.dumps(json.dumps(tokens))});"
            f"localStorage.setItem('selectedLanguage', {json.dumps(json.dumps(language))});"
            f"localStorage.setItem('selectedTheme', {json.dumps(json.dumps({'dark': dark}))});"
            + _CAPTURE_AUDIO
        )
        page = await context.new_page()
        tab = Tab(page, self._url)

        def on_console(message: ConsoleMessage) -> None:
            if message.type == "error":
                tab.complaints.append(f"{message.text} {message.location.get('url', '')}")

        page.on("console", on_console)
        page.on("pageerror", lambda error: tab.complaints.append(str(error)))
        return tab


async def screenshot(tab: Tab, path: Path) -> None:
    """Save what the tab shows, without moving parts."""
    await tab.page.screenshot(path=path, animations="disabled")
