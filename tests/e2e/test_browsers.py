"""The page in Chromium, Firefox and WebKit, behind a reverse proxy with a strict Content-Security-Policy.

Each browser is as strict with sound as on a phone, and has a loudspeaker that is listened to.
"""

from array import array
import asyncio
from collections.abc import AsyncGenerator
import io
import json
from pathlib import Path
import time
import wave

import pytest
import pytest_asyncio

from dev.rig import played
from dev.rig.house import COMPONENTS
from dev.rig.past_house import DASHBOARD, PastHouse, past_house
from dev.rig.strict_proxy import StrictProxy
from dev.rig.windows import NAMES, launch, why_not
from dev.rig.windows.window import NeverHappened, Window

LONG = "turn on the kitchen light and turn off the kitchen light and turn on the kitchen light again"
"""Takes some seconds to say, so that there is time to pause."""

SAID = (
    *((5 - index, 9, f"what time is it {name}", None) for index, name in enumerate(NAMES)),
    (2, 9, LONG, "Turned on the light"),
    (2, 10, None, None),
    (1, 9, "turn off the kitchen light", "Turned off the light"),
    (1, 10, LONG, "Turned on the light"),
)
"""First a day for each browser, which it deletes; then what stays."""

STAYS = 4
SILENCE = 300
"""Samples up to here are room noise."""

TABS = {
    "timeline": ".row",
    "rooms": "[data-state=listening]",
    "privacy": "li .disc",
}

ERRORS = json.loads((COMPONENTS / "voice_privacy/translations/en.json").read_text("utf-8"))["config_panel"][
    "errors"
]

PROGRESS = "parseFloat(one('.row.current .shape')?.style.getPropertyValue('--progress') ?? -1)"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def home(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[PastHouse]:
    """A house with recordings of some days."""
    async with past_house(tmp_path_factory.mktemp("browsers"), "Hall", SAID) as home:
        yield home


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def proxy(home: PastHouse) -> AsyncGenerator[StrictProxy]:
    """The house's address for browsers."""
    async with StrictProxy(home.house.url, home.house.token).run() as proxy:
        yield proxy


@pytest_asyncio.fixture(scope="module", loop_scope="session", params=NAMES)
async def window(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncGenerator[Window]:
    """A window of each browser, one after the other."""
    if reason := why_not(request.param):
        pytest.skip(reason)
    async with launch(request.param, tmp_path_factory.mktemp(request.param)) as window:
        yield window


@pytest_asyncio.fixture(loop_scope="session", autouse=True)
async def list_of_recordings(home: PastHouse, proxy: StrictProxy, window: Window) -> AsyncGenerator[None]:
    """The window shows the recordings; at the end, the browser has had nothing to complain about."""
    proxy.complaints.clear()
    count = len(await home.kept())
    await window.goto(f"{proxy.url}/voice-privacy/recordings")
    await window.until("all('.row').length === args[0]", count)
    yield
    assert proxy.complaints == []


@pytest.fixture
def name(request: pytest.FixtureRequest) -> str:
    """The browser's name."""
    return str(request.node.callspec.params["window"])


async def listens(home: PastHouse) -> int:
    """Return how often a recording has been listened to, as the access log counts."""
    log = await home.house.client.command("voice_privacy/access_log")
    return sum(entry["times"] for entry in log["entries"] if entry["deed"] == "listened")


def loudest(pcm: bytes | bytearray) -> int:
    """Return the largest sample."""
    return max(map(abs, array("h", bytes(pcm[: len(pcm) // 2 * 2]))), default=0)


async def test_what_the_browser_refuses_is_said_and_the_next_tap_plays(window: Window) -> None:
    # The first test of a browser: no sound while nobody has done anything in it.
    assert not await window.run("return navigator.userActivation.hasBeenActive")
    await window.run("one('.row .play').click()")
    await window.until("texts('.toast')[0] === args[0]", ERRORS["playback_refused"])
    assert await window.run("return all('.row.current').length") == 0

    await window.click(".row .play", 0)
    await window.until(f"{PROGRESS} > 0")
    assert await window.run("return texts('.toast')") == [""]


async def test_recordings_are_listed_and_found(home: PastHouse, window: Window) -> None:
    await window.type("input[type=search]", "clock")
    await window.until("texts('.empty h2').length")
    for _ in "clock":
        await window.press("Backspace")
    await window.type("input[type=search]", "OFF")
    await window.until("texts('.progress [role=status]')[0] === '3 recordings found'")
    assert len(await window.run("return texts('.row .said')")) == 3


async def test_what_is_played_is_heard_and_logged_once(home: PastHouse, window: Window) -> None:
    before = await listens(home)
    async with window.loudspeaker.listening() as heard:
        await window.click(".row .play", 1)
        recording_id = await window.until("one('.row.current')?.dataset.id")
        at = await window.until(f"{PROGRESS} > 0 && {PROGRESS}")
        await window.until(f"{PROGRESS} > args[0]", at)
        # It ends by itself.
        await window.until("!one('.row.current')")
    samples = await window.evaluate(played.SAMPLES)
    wanted = array("h", home.audio[recording_id])
    # Browsers do not agree on whether the loudest sample is 1 or a little less.
    assert max(abs(one - other) for one, other in zip(samples, wanted, strict=True)) <= 1
    assert loudest(heard) > SILENCE
    assert await listens(home) == before + 1
    assert await window.run("return texts('.toast')") == [""]


async def test_playing_is_paused_moved_and_changed(home: PastHouse, window: Window) -> None:
    before = await listens(home)
    await window.click(".row .play", 0)
    await window.until(f"{PROGRESS} > 1")
    await window.click(".row .play", 0)
    await window.until("one('.row .play').ariaLabel.startsWith('Play')")
    assert await window.run(
        f"const at = {PROGRESS}; await new Promise((done) => setTimeout(done, 300)); return {PROGRESS} === at;"
    )
    paused = await window.run(f"return {PROGRESS}")
    await window.click(".row .play", 0)
    await window.until(f"{PROGRESS} > args[0]", paused)
    await window.click(".row .sound input", 0, at=0.6)
    await window.until(f"{PROGRESS} > 50")
    assert await listens(home) == before + 1

    other = await window.run("return all('.row')[1].dataset.id")
    await window.click(".row .play", 1)
    await window.until("all('.row.current').map((row) => row.dataset.id).join() === args[0]", other)
    await window.until(f"{PROGRESS} > 0")
    assert await listens(home) == before + 2


async def test_after_a_failure_it_is_played_again(proxy: StrictProxy, window: Window) -> None:
    proxy.failing["/audio"] = 503
    await window.click(".row .play", 0)
    await window.until("texts('.toast')[0] === args[0]", ERRORS["store_not_ready"])
    del proxy.failing["/audio"]

    await window.click(".row .play", 0)
    await window.until(f"{PROGRESS} > 0")
    assert await window.run("return texts('.toast')") == [""]


async def test_a_recording_is_downloaded(home: PastHouse, window: Window) -> None:
    recording_id = await window.run("return one('.row').dataset.id")
    await window.click(".row .ends button", 0)

    path = window.downloads / f"voice-privacy-{home.day(1)}T10-00-00.wav"
    content = await asyncio.to_thread(wait_for_wav, path, len(home.audio[recording_id]))
    assert content == home.audio[recording_id]


def wait_for_wav(path: Path, size: int) -> bytes:
    """Wait until a browser has written all of a file; return its samples."""
    end = time.monotonic() + 20
    while not path.exists() or path.stat().st_size < size + 44:
        if time.monotonic() > end:
            raise NeverHappened(str(path))
        time.sleep(0.05)
    with wave.open(io.BytesIO(path.read_bytes())) as file:
        return bytes(file.readframes(file.getnframes()))


async def test_the_keyboard_is_enough(window: Window) -> None:
    await window.run("one('.row .play').focus()")
    await window.press("ArrowDown")
    second = "all('.row')[1]"
    await window.until(
        f"focused() === {second}.querySelector('.play') && focused().matches(':focus-visible')"
    )
    assert await window.run("return getComputedStyle(focused()).outlineStyle") == "solid"
    await window.press("Enter")
    await window.until(f"{second}.classList.contains('current')")
    for _ in range(3):
        await window.press("Tab")
    await window.press("Enter")
    await window.until("focused().matches('dialog[open] [data-first]')")
    await window.press("Escape")
    await window.until("!one('dialog[open]')")


async def test_keys_move_play_open_select_and_ask(home: PastHouse, window: Window) -> None:
    kept = await home.kept()
    await window.press("j")
    await window.press("j")
    second = "all('.row')[1]"
    await window.until(f"focused() === {second}.querySelector('.play')")
    await window.press("Space")
    await window.until(f"{second}.classList.contains('current')")
    await window.press("k")
    await window.press("o")
    await window.until("one('dialog[open] #detail-delete')")
    await window.press("Escape")
    await window.until("!one('dialog[open]') && focused() === one('.row .play')")
    await window.press("?")
    await window.until("one('dialog[open] kbd')")
    await window.press("Escape")
    await window.until("!one('dialog[open]')")
    await window.press("/")
    await window.until("focused().matches('input[type=search]')")
    await window.press("Tab")

    # Of those that are selected, all are asked about, and a no leaves them there.
    await window.press("j")
    await window.press("x")
    await window.press("j")
    await window.press("x")
    await window.until("texts('.selection [role=status]')[0] === '2 recordings selected'")
    await window.press("Delete")
    await window.until("texts('#confirm')[0] === 'Delete 2 recordings'")
    await window.press("Escape")
    await window.until("!one('dialog[open]')")
    await window.press("Escape")
    await window.until("!one('.selection')")
    assert await home.kept() == kept


async def test_a_deletion_is_undone(home: PastHouse, window: Window, name: str) -> None:
    kept = await home.kept()
    # Each browser takes another row: how often the same deletion can be undone is limited.
    row = 1 + NAMES.index(name)
    for undo in ("button", "keys"):
        recording_id = await window.run("return all('.row')[args[0]].dataset.id", row)
        # Each row ends with a button to download it, and then one to delete it.
        await window.click(".row .ends button", 2 * row + 1)
        await window.click("#confirm")
        await window.until("!all('.row').some((row) => row.dataset.id === args[0])", recording_id)
        await window.until("one('.undo-line .seconds')")
        if undo == "button":
            await window.click(".undo")
        else:
            await window.press("Control+z")
        await window.until("all('.row')[args[0]].dataset.id === args[1]", row, recording_id)
        await window.until("!one('.undo-line')")
        assert await home.kept() == kept


async def test_a_microphone_is_muted(home: PastHouse, proxy: StrictProxy, window: Window) -> None:
    await window.goto(f"{proxy.url}/voice-privacy/microphones")
    await window.until("one('[data-state=listening]')")
    await window.click(".switch")
    await window.until("one('[data-state=muted]')")
    await home.hall.wait_for("microphone_state", "muted")
    await window.press("Space")
    await window.until("one('[data-state=listening]')")
    await home.hall.wait_for("microphone_state", "listening")


async def test_a_card_shows_and_plays(home: PastHouse, proxy: StrictProxy, window: Window) -> None:
    before = await listens(home)
    await window.goto(f"{proxy.url}/{DASHBOARD}/0")
    await window.until("all('.rows .line').length === 3")
    async with window.loudspeaker.listening() as heard:
        await window.click(".rows .play", 0)
        await window.until("parseFloat(one('.rows .shape').style.getPropertyValue('--progress')) > 20")
    assert loudest(heard) > SILENCE
    assert await listens(home) == before + 1


async def test_every_tab_is_drawn(proxy: StrictProxy, window: Window, tmp_path: Path) -> None:
    for tab, shown in TABS.items():
        await window.click(f"#tab-{tab}")
        await window.until("one(args[0])", shown)
        width = await window.run("return document.documentElement.scrollWidth - innerWidth")
        assert width <= 0, tab
        await window.until("document.fonts.status === 'loaded'")
        (tmp_path / f"{tab}.png").write_bytes(await window.picture())


async def test_days_are_deleted_with_a_typed_word(home: PastHouse, window: Window, name: str) -> None:
    days_ago = 5 - NAMES.index(name)
    kept = await home.kept()
    year, month, day = home.day(days_ago).split("-")
    await window.click("#manage")
    await window.click("#manage-range")
    for index in (0, 1):
        await window.click("dialog[open] input[type=date]", index, at=0.1)
        for part in (month, day, year):
            for digit in part:
                await window.press(digit)
            if name == "webkit":
                # It does not go on by itself to what comes next.
                await window.press("ArrowRight")
    dates = await window.run("return all('dialog[open] input[type=date]').map((one) => one.value)")
    assert dates == [home.day(days_ago)] * 2
    await window.click("dialog[open] .button.danger")
    await window.until("one('#confirm')?.disabled")
    await window.type(".typed input", "delete")
    await window.click("#confirm")
    await window.until("texts('[data-receipt]')[0]?.includes('1 recording deleted')")
    await window.click("dialog[open] [data-first]")
    await window.until("all('.row').length === args[0]", len(kept) - 1)
    assert await home.kept() == kept - home.ids(days_ago)


async def test_the_policy_is_in_force(proxy: StrictProxy, window: Window) -> None:
    """Show, as a control, that a media element with blob: would be refused and reported."""
    await window.run("new Audio(URL.createObjectURL(new Blob(['x'], { type: 'audio/wav' }))).load()")
    for kind in ("policy: media-src", "report: media-src"):
        await proxy.complained(kind)
    assert all("media-src" in complaint for complaint in proxy.complaints)
    proxy.complaints.clear()
