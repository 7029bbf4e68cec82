"""The microphone test on the page: a room is heard live in a real browser, and nothing of it stays."""

from array import array
from collections.abc import AsyncGenerator
import re
import time

from playwright.async_api import Locator, expect
import pytest
import pytest_asyncio

from dev.rig.browser import AXE, Browser, Tab
from dev.rig.furnish import add_integration, remove_entry
from dev.rig.house import HomeAssistantProcess
from dev.rig.household import Member
from dev.rig.leak_search import LeakSearch
from dev.rig.satellite import Satellite
from dev.rig.strict_proxy import StrictProxy
from dev.rig.voices import synthesize, with_room_noise
from dev.rig.windows import NAMES, launch, why_not

ELEMENT = "voice-privacy-microphone-test"
ROOMS = "/voice-privacy/microphones"
LOUD = 3_000
"""Samples up to here are room noise, or the test's own silence."""

LOOKS = ((320, "en", True), (320, "de", False), (390, "ar", True), (1280, "ar", False))
"""Width, language, and whether it is dark."""

HEARD_LIVE = """
window.heardLive = [];
{
  const start = AudioBufferSourceNode.prototype.start;
  AudioBufferSourceNode.prototype.start = function (...when) {
    window.heardLive.push(...Array.from(this.buffer.getChannelData(0), (one) => Math.round(one * 32768)));
    return start.apply(this, when);
  };
}
"""
"""Keeps in the page what it plays."""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def browser(house: HomeAssistantProcess) -> AsyncGenerator[Browser]:
    """A browser."""
    async with Browser.launch(house.url) as browser:
        yield browser


@pytest_asyncio.fixture(loop_scope="session")
async def kitchen(house: HomeAssistantProcess) -> AsyncGenerator[Member]:
    """Our integration with a satellite in the kitchen, which has not been tested before."""
    async with Satellite("Kitchen") as satellite:
        entry_id = await add_integration(house.client)
        yield await Member.create(house, satellite, entry_id, area="Kitchen")
        await remove_entry(house.client, entry_id)
        assert not house.problems()


@pytest_asyncio.fixture(loop_scope="session")
async def tab(house: HomeAssistantProcess, kitchen: Member, browser: Browser) -> AsyncGenerator[Tab]:
    """The owner's tab with the rooms; at the end, the browser has had nothing to complain about."""
    await kitchen.wait_for("microphone_state", "listening", timeout=30)
    tab = await browser.sign_in(house.token)
    await tab.page.add_init_script(HEARD_LIVE)
    await tab.open(ROOMS)
    yield tab
    assert tab.complaints == []
    await tab.page.context.close()


async def speak(kitchen: Member, text: str) -> None:
    """Say something in the room."""
    await kitchen.satellite.say(with_room_noise((await synthesize(text)).pcm))


def row(test: Locator, label: str) -> Locator:
    """Return the value beside a label."""
    return test.locator(f"dt:text-is('{label}') + dd")


async def test_a_room_is_heard_live_and_nothing_of_it_stays(
    house: HomeAssistantProcess, kitchen: Member, tab: Tab
) -> None:
    test = tab.find(ELEMENT)
    since = time.monotonic()
    await test.locator("#hear").press("Enter")
    # The room hears it first.
    await kitchen.satellite.wait_for_reply(since=since)
    await expect(test.locator(".now")).to_have_text("You are hearing Kitchen now.")
    if AXE.exists():
        assert await tab.violations() == []
    await speak(kitchen, "turn on the kitchen light")
    await expect(row(test, "Volume").locator("[role=meter]")).to_have_attribute(
        "aria-valuetext", re.compile("dB")
    )
    await expect(row(test, "Noise floor")).to_have_text(re.compile(r"-\d\d dB"))
    await expect(row(test, "Clipping")).to_have_text("0")
    await expect(row(test, "Score").locator("[role=meter]")).to_have_attribute(
        "aria-valuetext", re.compile("threshold")
    )
    await expect(test.locator(".note")).to_contain_text("Good: speech is loud enough", timeout=20_000)

    # In one piece, just as the satellite has sent it.
    heard = array("h", await tab.page.evaluate("window.heardLive")).tobytes()
    assert 9 < len(heard) / 32_000 < 11
    assert heard in kitchen.satellite.sent_audio()
    assert kitchen.count("recordings") == 0
    await tab.open("/voice-privacy/log")
    await expect(
        tab.find("voice-privacy-log li").filter(has_text="listened to a microphone test of Kitchen")
    ).to_have_count(1)
    assert LeakSearch(audio=heard, texts=[]).run(house.config) == []


async def test_a_wake_word_shows_its_score_and_wakes(
    house: HomeAssistantProcess, kitchen: Member, tab: Tab
) -> None:
    test = tab.find(ELEMENT)
    await test.locator("#hear").press("Enter")
    await expect(test.locator("dl")).to_be_visible(timeout=15_000)
    async with kitchen.activity() as activity:
        since = await kitchen.say("what time is it")
        await activity.next("woke")
    # What the page has been told may be a moment behind the event.
    await expect(row(test, "Best score")).to_have_text(re.compile(r"(^|\D)([5-9]\d|100)\s?%"))
    # Closing the row ends it.
    await tab.find("voice-privacy-room .more").click()
    await expect(test).to_have_count(0)
    # A satellite that still speaks refuses a test.
    await kitchen.satellite.wait_for_reply(since=since)
    await kitchen.wait_for("assist_satellite", "idle", timeout=30)
    await kitchen.wait_for("microphone_state", "listening", timeout=30)
    played = await tab.page.evaluate("window.heardLive.length")
    await tab.find("voice-privacy-room .more").click()
    await test.locator("#hear").press("Enter")
    await expect(test.locator("dl")).to_be_visible(timeout=15_000)
    await kitchen.switch("microphone", on=False)
    await expect(test.locator(".note")).to_contain_text(
        "Kitchen\u2069 is muted. Turn its microphone on to test it"
    )
    assert await tab.page.evaluate("window.heardLive.length") > played
    await kitchen.switch("microphone", on=True)
    await house.client.command("voice_privacy/recordings/delete", scope="all")


@pytest.mark.parametrize("name", NAMES)
async def test_each_browser_plays_it(
    house: HomeAssistantProcess, kitchen: Member, name: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Behind a reverse proxy with a strict policy, and with browsers that let no sound begin by itself."""
    if reason := why_not(name):
        pytest.skip(reason)
    await kitchen.wait_for("microphone_state", "listening", timeout=30)
    async with (
        StrictProxy(house.url, house.token).run() as proxy,
        launch(name, tmp_path_factory.mktemp(f"microphone_{name}")) as window,
    ):
        await window.goto(f"{proxy.url}{ROOMS}")
        # What is drawn later moves the button.
        await window.until("all('voice-privacy-wake-word').length && all('.foot p').length")
        async with window.loudspeaker.listening() as heard:
            await window.click("#hear")
            await window.until("texts('.now')[0] === 'You are hearing Kitchen now.'")
            await speak(kitchen, "turn on the kitchen light")
            await window.until("texts('.note span')[0]?.startsWith('Good')", timeout=30.0)
        samples = array("h", bytes(heard[: len(heard) // 2 * 2]))
        assert max(map(abs, samples)) > LOUD
        assert proxy.complaints == []


async def test_it_fits(house: HomeAssistantProcess, kitchen: Member, browser: Browser) -> None:
    for width, language, dark in LOOKS:
        await kitchen.wait_for("microphone_state", "listening", timeout=30)
        tab = await browser.sign_in(
            house.token, size={"width": width, "height": 900}, language=language, dark=dark, phone=width < 600
        )
        await tab.open(ROOMS)
        test = tab.find(ELEMENT)
        await test.locator("#hear").click()
        await expect(test.locator("dl")).to_be_visible(timeout=15_000)
        for button in await test.locator("button").all():
            box = await button.bounding_box()
            assert box is not None
            assert box["height"] >= 48
        await test.locator("#end").click()
        await expect(test.locator(".note")).to_be_visible()
        if AXE.exists():
            assert await tab.violations() == []
        assert await tab.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert tab.complaints == []
        await tab.page.context.close()
    # Nobody listens all the time.
    tab = await browser.sign_in(house.token)
    await tab.open(ROOMS)
    test = tab.find(ELEMENT)
    for _ in range(7 - len(LOOKS)):
        await test.locator("#hear").click()
        await expect(test.locator("dl, .note")).to_be_visible(timeout=15_000)
        if await test.locator("#end").count():
            await test.locator("#end").click()
    await expect(test.locator(".note")).to_contain_text("has been tested many times in a row")
    assert tab.complaints == []
    await tab.page.context.close()
