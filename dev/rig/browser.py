"""A real browser on the page, signed in as somebody; whatever it complains about is remembered."""

import asyncio
from collections.abc import AsyncGenerator
import contextlib
from dataclasses import dataclass, field
import json
from pathlib import Path
import re
import shutil
from typing import Any, Final

from playwright.async_api import (
    Browser as Chromium,
    BrowserContext,
    ConsoleMessage,
    Error,
    Locator,
    Page,
    async_playwright,
    expect,
)

from . import played
from .house import REPOSITORY
from .voices import BYTES_PER_SECOND, wav, with_room_noise

AXE: Final = REPOSITORY / "frontend/node_modules/axe-core/axe.min.js"
PAGE: Final = "voice-privacy-page"
CARD: Final = "voice-privacy-card"

_GO: Final = """async (paths) => {
  const all = (root) => [...root.querySelectorAll("*")].flatMap(
    (one) => [one, ...(one.shadowRoot ? all(one.shadowRoot) : [])]);
  for (const one of all(document)) if (one.matches("dialog[open]")) one.close();
  for (const path of paths) {
    history.pushState(null, "", path);
    window.dispatchEvent(new CustomEvent("location-changed", { detail: { replace: false } }));
    await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  }
  scrollTo(0, 0);
}"""

DESKTOP: Final = {"width": 1280, "height": 860}
PHONE: Final = {"width": 390, "height": 844}


@dataclass
class Tab:
    """One tab."""

    page: Page
    url: str
    complaints: list[str] = field(default_factory=list)
    """Errors of the console and of scripts."""

    stays: bool = False
    """True if our page is left and entered again without loading Home Assistant again, which takes seconds."""

    async def open(self, path: str = "/voice-privacy/recordings") -> None:
        """Go somewhere and wait until our part of it is there."""
        if self.stays and await self.page.locator(PAGE).count():
            # By way of another tab: each tab is built again.
            away = "/voice-privacy/" + ("privacy" if path.endswith(("rooms", "microphones")) else "rooms")
            await self.page.evaluate(_GO, [away, path])
        else:
            await self.page.goto(f"{self.url}{path}")
            # It covers the page for a moment longer than the page needs to be there.
            await self.page.locator("#ha-launch-screen").wait_for(state="detached")

    def find(self, selector: str) -> Locator:
        """Find inside our page, through its shadow roots."""
        return self.page.locator(f"{PAGE} {selector}")

    async def played_samples(self) -> list[int]:
        """Return what was played last, decoded by the browser to 16-bit samples at 16 kHz."""
        await self.page.wait_for_function("window.played.length > 0")
        samples: list[int] = await self.page.evaluate(played.SAMPLES)
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
        return [f"{violation['id']}: {node}" for violation in found for node in violation["nodes"]]


class AssistDialog:
    """Home Assistant's own dialog, in which one talks to Assist through the browser's microphone."""

    def __init__(self, page: Page, microphone: Path) -> None:
        """Know the file that the browser takes for its microphone."""
        self._microphone = microphone
        self._listen = page.locator("ha-assist-chat").get_by_role("button", name="Start listening")
        self._answers = page.locator("ha-assist-chat .message.hass ha-markdown-element")
        self._page = page

    async def say(self, pcm: bytes) -> str:
        """Open the dialog, say something (mono, 16-bit, 16 kHz), and return the answer that is shown.

        It is closed again: the browser hears the file from its beginning only when it is opened anew.
        """
        quiet = bytes(BYTES_PER_SECOND // 2)
        heard = wav(with_room_noise(quiet + pcm + 4 * quiet))
        await asyncio.to_thread(self._microphone.write_bytes, heard)
        await self._page.get_by_role("button", name="Assist (A)").wait_for()
        await self._page.keyboard.press("a")
        await expect(self._answers).to_have_count(1)
        await self._listen.click()
        answer = self._answers.nth(1)
        await expect(answer).to_have_text(re.compile(r"\w"), timeout=20_000)
        text = await answer.inner_text()
        await self._page.keyboard.press("Escape")
        await expect(self._answers).to_have_count(0)
        return text


class Browser:
    """Chromium, with one context for each person and look."""

    def __init__(self, chromium: Chromium, url: str, microphone: Path | None = None) -> None:
        """Wrap a running browser for one house."""
        self._chromium = chromium
        self._url = url
        self._microphone = microphone

    @classmethod
    @contextlib.asynccontextmanager
    async def launch(cls, url: str, *, microphone: Path | None = None) -> AsyncGenerator[Browser]:
        """Run the system's Chromium without a window.

        microphone: a WAV file that every use of the microphone hears once, from its beginning; it may be
        another one each time.
        """
        hears = (
            "--use-fake-ui-for-media-stream",
            "--use-fake-device-for-media-stream",
            f"--use-file-for-fake-audio-capture={microphone}%noloop",
        )
        executable = shutil.which("chromium") or shutil.which("chromium-browser")
        async with async_playwright() as playwright:
            chromium = await playwright.chromium.launch(
                executable_path=executable,
                args=[
                    "--no-sandbox",
                    "--autoplay-policy=no-user-gesture-required",
                    "--force-color-profile=srgb",
                    *(hears if microphone else ()),
                ],
            )
            try:
                yield cls(chromium, url, microphone)
            finally:
                await chromium.close()

    async def assist_dialog(self, token: str) -> AssistDialog:
        """Return somebody's Assist dialog."""
        assert self._microphone is not None
        tab = await self.sign_in(token)
        await tab.open("/")
        return AssistDialog(tab.page, self._microphone)

    async def sign_in(
        self,
        token: str,
        *,
        size: dict[str, int] | None = None,
        dark: bool = False,
        language: str = "en",
        phone: bool = False,
        zoom: int = 1,
        scale: float | None = None,
    ) -> Tab:
        """Open a tab of somebody's, with a long-lived token of theirs.

        Zoomed, as browsers do it, everything is so many times as large, and the window holds so much less.
        """
        window = size or (PHONE if phone else DESKTOP)
        context: BrowserContext = await self._chromium.new_context(
            viewport={side: pixels // zoom for side, pixels in window.items()},  # type: ignore[arg-type]
            color_scheme="dark" if dark else "light",
            device_scale_factor=scale or (2 if phone else zoom),
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
            + played.CAPTURE
        )
        page = await context.new_page()
        tab = Tab(page, self._url)

        def on_console(message: ConsoleMessage) -> None:
            if message.type == "error":
                tab.complaints.append(f"{message.text} {message.location.get('url', '')}")

        page.on("console", on_console)

        def on_error(error: Error) -> None:
            # Home Assistant's virtual lists reject a promise like this if they are closed before they are drawn.
            if str(error) != "disconnected":
                tab.complaints.append(str(error))

        page.on("pageerror", on_error)
        return tab


async def screenshot(tab: Tab, path: Path) -> None:
    """Save what the tab shows, without moving parts."""
    await tab.page.screenshot(path=path, animations="disabled")
