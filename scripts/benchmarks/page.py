"""The page with 100,000 recordings against one with 100: first page, scrolling, memory, in a real browser."""

import asyncio
from collections.abc import AsyncGenerator, Iterator
import contextlib
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
import random
import statistics
import tempfile
import time
from typing import Any, Final

from playwright.async_api import CDPSession, WebSocket

from custom_components.voice_privacy.core.models import Utterance
from dev.rig.browser import Browser, Tab
from dev.rig.flows import run_subentry_flow
from dev.rig.furnish import add_integration, subentries
from dev.rig.house import HomeAssistantProcess
from dev.rig.past import fill, utterance
from scripts.benchmarks import argument_parser, machine, print_json, print_machine

FEW: Final = 100
A_DAY: Final = 500
SCREEN: Final = 50
"""Recordings that the page asks for at once."""

EARLY: Final = 5
"""Screens after which memory is looked at for the first time: by then everything has been drawn once."""

_AUDIO_BYTES: Final = 4_000
_SAID: Final = ("turn on the kitchen light", "what time is it", "what is the weather like tomorrow", None)

# The state of the list, read where it lives; nothing of it is drawn for the measurement.
_LIST: Final = """() => {
  const find = (root) => {
    for (const one of root.querySelectorAll("*")) {
      if (one.localName === "voice-privacy-recordings") return one;
      const inner = one.shadowRoot && find(one.shadowRoot);
      if (inner) return inner;
    }
  };
  const list = find(document.querySelector("home-assistant").shadowRoot);
  return list ? list.timeline.recordings.length : 0;
}"""
_SCROLL: Final = "() => window.scrollTo(0, document.documentElement.scrollHeight)"


@dataclass(kw_only=True)
class FilledHome:
    """A house with so many recordings, and the browser that looks at it."""

    count: int
    house: HomeAssistantProcess
    tab: Tab
    session: CDPSession
    first_page: list[float] = field(default_factory=list)
    """Milliseconds from a reload until the first row is there, Home Assistant's own start included."""

    again: list[float] = field(default_factory=list)
    """Milliseconds from a click on the tab until the first row is there: ours alone."""

    listing: list[float] = field(default_factory=list)
    """Milliseconds until Home Assistant has answered with the first page."""

    received: list[int] = field(default_factory=list)
    """Bytes that came through the websocket in one load."""

    def resident(self) -> int:
        """Return what Home Assistant holds in memory, in kilobytes."""
        status = Path(f"/proc/{self.house.pid}/status").read_text()
        return int(status.partition("VmRSS:")[2].split()[0])

    async def memory(self) -> dict[str, float]:
        """Return what the browser and Home Assistant hold once all garbage is gone."""
        await self.session.send("HeapProfiler.collectGarbage")
        found = await self.session.send("Performance.getMetrics")
        metrics = {metric["name"]: metric["value"] for metric in found["metrics"]}
        return {
            "heap_kb": metrics["JSHeapUsedSize"] / 1_000,
            "nodes": metrics["Nodes"],
            "listeners": metrics["JSEventListeners"],
            "rss_kb": self.resident(),
        }


def _utterances(count: int, satellite_id: str) -> Iterator[Utterance]:
    """Yield noise, a day's worth on each day, the last from a minute ago."""
    source = random.Random(1)  # noqa: S311 - noise to keep, not a key
    last = datetime.now(UTC) - timedelta(minutes=1)
    for number in range(1, count + 1):
        yield utterance(
            satellite_id,
            last - (count - number) * timedelta(days=1) / A_DAY,
            source.randbytes(_AUDIO_BYTES),
            _SAID[number % len(_SAID)],
        )


@contextlib.asynccontextmanager
async def _home(folder: Path, count: int) -> AsyncGenerator[FilledHome]:
    """A house that has kept so many."""
    house = HomeAssistantProcess(folder)
    try:
        await house.start()
        entry_id = await add_integration(house.client)
        await run_subentry_flow(
            house.client, entry_id, "assist_satellite", {"source": "api", "keep_recordings": True}
        )
        await house.client.wait_for_state("sensor.speech_to_text_api_recordings", "0", timeout=30)
        for setting, value in (("keep_recordings", "until_deleted"), ("keep_false_wakes", "as_others")):
            await house.client.command("voice_privacy/retention/set", setting=setting, value=value)
        (satellite,) = await subentries(house.client, entry_id)
        await house.stop()
        await asyncio.to_thread(fill, house.config, _utterances(count, satellite["subentry_id"]))
        await house.start(timeout=600)
        await house.client.wait_for_state("sensor.speech_to_text_api_recordings", str(count), timeout=300)
        async with Browser.launch(house.url) as browser:
            tab = await browser.sign_in(house.token)
            session = await tab.page.context.new_cdp_session(tab.page)
            await session.send("Performance.enable")
            yield FilledHome(count=count, house=house, tab=tab, session=session)
            if tab.complaints:
                raise RuntimeError(f"the browser complains: {tab.complaints}")
    finally:
        await house.stop()


async def _load(home: FilledHome) -> None:
    """Reload the page, and then only its list."""
    received = 0

    def on_frame(payload: str | bytes) -> None:
        nonlocal received
        received += len(payload)

    def on_websocket(websocket: WebSocket) -> None:
        websocket.on("framereceived", on_frame)

    page, row = home.tab.page, home.tab.find(".row").first
    page.on("websocket", on_websocket)
    begin = time.perf_counter()
    await home.tab.open()
    await row.wait_for()
    home.first_page.append((time.perf_counter() - begin) * 1_000)
    page.remove_listener("websocket", on_websocket)
    home.received.append(received)
    await home.tab.find("#tab-privacy").click()
    await home.tab.find("voice-privacy-consent h2").first.wait_for()
    begin = time.perf_counter()
    await home.tab.find("#tab-timeline").click()
    await row.wait_for()
    home.again.append((time.perf_counter() - begin) * 1_000)
    begin = time.perf_counter()
    await home.house.client.command("voice_privacy/recordings/list")
    home.listing.append((time.perf_counter() - begin) * 1_000)


async def _scroll(home: FilledHome, screens: int) -> None:
    """Scroll until so many screens, or all there are, have been shown."""
    wanted = min(home.count, screens * SCREEN)
    while (shown := await home.tab.page.evaluate(_LIST)) < wanted:
        await home.tab.page.evaluate(_SCROLL)
        await home.tab.page.wait_for_function(f"({_LIST})() > {shown}")


async def _follow(home: FilledHome, screens: int) -> dict[str, dict[str, float]]:
    """Return memory early and late on the way down."""
    await home.tab.open()
    await home.tab.find(".row").first.wait_for()
    await _scroll(home, EARLY)
    early = await home.memory()
    await _scroll(home, screens)
    return {f"after {EARLY} pages": early, f"after {screens} pages": await home.memory()}


async def _measure(count: int, loads: int, screens: int) -> dict[str, Any]:
    """Measure both houses in turns."""
    with tempfile.TemporaryDirectory() as folder:
        async with _home(Path(folder) / "few", FEW) as few, _home(Path(folder) / "many", count) as many:
            for _ in range(loads + 1):
                for home in (few, many):
                    await _load(home)
            scrolling = {str(home.count): await _follow(home, screens) for home in (few, many)}
    figures: dict[str, Any] = {"recordings": count, "loads": loads, "scrolling": scrolling}
    for name in ("first_page", "again", "listing", "received"):
        # The first of each fills caches.
        sides = [statistics.median(getattr(home, name)[1:]) for home in (few, many)]
        figures[name] = {"few": sides[0], "many": sides[1], "ratio": sides[1] / sides[0]}
    return figures


def main() -> None:
    """Measure and print."""
    parser = argument_parser(__doc__)
    parser.add_argument("--recordings", type=int, default=100_000)
    parser.add_argument("--loads", type=int, default=9)
    parser.add_argument("--pages", type=int, default=40, help="to scroll, of 50 recordings")
    arguments = parser.parse_args()
    figures = asyncio.run(_measure(arguments.recordings, arguments.loads, arguments.pages))
    about = machine()
    if arguments.json:
        print_json({"machine": about, **figures})
        return
    print_machine(about)
    print(f"{figures['recordings']} recordings against {FEW}; medians of {figures['loads']} turns")
    for name, what in (
        ("first_page", "ms from a reload to the first row"),
        ("again", "ms from the tab to the first row"),
        ("listing", "ms until the first page is answered"),
        ("received", "websocket bytes of a load"),
    ):
        sides = figures[name]
        print(f"{what:38} few {sides['few']:10.1f}  many {sides['many']:10.1f}  ratio {sides['ratio']:.2f}")
    for side, moments in figures["scrolling"].items():
        for moment, values in moments.items():
            shown = "  ".join(f"{name} {value:10.0f}" for name, value in values.items())
            print(f"{side:>7} recordings, {moment:15} {shown}")


if __name__ == "__main__":
    main()
