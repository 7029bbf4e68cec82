"""From Home Assistant's *Add integration* to the first recording, as a person goes, and how many clicks that takes.

Every press of the mouse button is counted, wherever it goes; typing is no click. A person
begins on Home Assistant's overview. Two clicks lead from there to *Devices & services* and are Home Assistant's own;
the ceilings count from the click on *Add integration*, that one included.
"""

from collections.abc import AsyncGenerator
import contextlib
import re
from typing import Any, Final

from playwright.async_api import Locator, expect
import pytest
import pytest_asyncio

from dev.rig.announced import announced
from dev.rig.browser import AXE, Browser, Tab
from dev.rig.esphome_satellite import EsphomeSatellite
from dev.rig.furnish import DOMAIN, add_esphome, add_wyoming, remove_entry, subentries, use_speech_servers
from dev.rig.house import HomeAssistantProcess
from dev.rig.satellite import Mode, Satellite
from dev.rig.speech_servers import SttServer, TtsServer
from dev.rig.voices import command, synthesize, with_room_noise

ON_THE_WAY: Final = 2
"""*Settings*, and *Devices & services*."""

MOST_CLICKS: Final = 5
"""*Add integration*, its name, *Submit*, the link to our page, and the answer whether recordings are kept."""

MOST_CLICKS_NEW: Final = 6
"""The same, and the wake word, which a satellite that streams always cannot do without."""

SAID: Final = "turn on the kitchen light"

# It outlives a page that is loaded anew.
_COUNT_CLICKS = """
addEventListener("pointerdown", (event) => {
  if (event.isTrusted) sessionStorage.clicks = Number(sessionStorage.clicks ?? 0) + 1;
}, true);
"""

_BRANDS: Final = "/api/brands/"
"""Pictures of other integrations, which Home Assistant fetches from the internet."""


class Newcomer:
    """Somebody who has just installed the integration, in front of Home Assistant's overview."""

    def __init__(self, house: HomeAssistantProcess, tab: Tab) -> None:
        self.client = house.client
        self.tab = tab
        self.page = tab.page
        self._before = 0

    @property
    def first(self) -> Locator:
        """The steps of the first run."""
        return self.tab.find("voice-privacy-first-run")

    async def clicks(self) -> int:
        """Return how many clicks there were since *Add integration*."""
        return int(await self.page.evaluate("Number(sessionStorage.clicks ?? 0)")) - self._before

    async def set_up(self, *wake_words: str) -> None:
        """Add the integration in Home Assistant's own forms, and go to our page."""
        await self.tab.open("/")
        await self.page.get_by_role("link", name=re.compile("^Settings")).click()
        await self.page.locator("a[href='/config/integrations']").click()
        self._before = await self.clicks()
        assert self._before == ON_THE_WAY
        await self.page.get_by_role("button", name="Add integration").click()
        search = self.page.locator("dialog-add-integration").get_by_role("textbox")
        await search.fill("Voice Privacy")
        await self.page.locator("ha-integration-list-item", has_text="Voice Privacy").click()
        dialog = self.page.locator("dialog-data-entry-flow")
        for wake_word in wake_words:
            await dialog.get_by_text(wake_word, exact=True).click()
        await dialog.get_by_role("button", name="Submit").click()
        await dialog.get_by_role("link", name="Open Voice Privacy").click()
        await expect(self.first.locator("ol > li")).to_have_count(3)
        assert await added(self) == []

    async def hears(self, said: str = SAID) -> None:
        """Wait until the first recording is there."""
        await expect(self.first.locator(".heard")).to_contain_text(said, timeout=30_000)
        await expect(self.first.locator("ol > li.done")).to_have_count(3)


async def added(newcomer: Newcomer) -> list[dict[str, Any]]:
    """Return the satellites of Voice Privacy."""
    (entry,) = await newcomer.client.command("config_entries/get", domain=DOMAIN)
    return await subentries(newcomer.client, entry["entry_id"])


@contextlib.asynccontextmanager
async def newcomer_in(house: HomeAssistantProcess) -> AsyncGenerator[Newcomer]:
    """Let somebody new use a house; afterwards, the integration is gone again."""
    try:
        async with Browser.launch(house.url) as browser:
            tab = await browser.sign_in(house.token)
            await tab.page.add_init_script(_COUNT_CLICKS)
            yield Newcomer(house, tab)
            assert [one for one in tab.complaints if _BRANDS not in one] == []
    finally:
        # Not while the page is open: Home Assistant's frontend complains of a panel that is gone.
        for entry in await house.client.command("config_entries/get", domain=DOMAIN):
            await remove_entry(house.client, entry["entry_id"])
    assert not house.problems()


@pytest_asyncio.fixture(loop_scope="session")
async def newcomer(house: HomeAssistantProcess) -> AsyncGenerator[Newcomer]:
    """Somebody new in the house that all tests share."""
    async with newcomer_in(house) as newcomer:
        yield newcomer


async def test_a_satellite_that_the_house_has(newcomer: Newcomer) -> None:
    async with EsphomeSatellite("Porch") as satellite:
        theirs = await add_esphome(newcomer.client, satellite.port)
        await satellite.wait_until_connected()
        await newcomer.set_up()
        # Nobody has answered anything yet: two buttons, both alike.
        keep = newcomer.first.locator("[data-keep]")
        await expect(keep).to_have_text(["Keep nothing", "Keep recordings"])
        await keep.last.click()
        await expect(newcomer.first.locator(".microphone")).to_contain_text("Listening", timeout=30_000)
        await satellite.wake()
        await satellite.say(with_room_noise((await synthesize(SAID)).pcm))
        await newcomer.hears()
        assert await newcomer.clicks() <= MOST_CLICKS
        await remove_entry(newcomer.client, theirs)


async def test_a_new_satellite_by_its_address(newcomer: Newcomer) -> None:
    async with Satellite("Shed") as satellite:
        await newcomer.set_up("Alexa")
        first = newcomer.first
        # There is nothing else to choose, so that the form is open.
        await first.locator("#new-name").fill("Shed")
        await first.locator("#new-address").fill(f"127.0.0.1:{satellite.port}")
        await expect(first.locator("#new-wake_word")).to_have_value("alexa")
        if AXE.exists():
            assert await newcomer.tab.violations() == []
        await first.locator("[data-keep=recordings]").click()
        await expect(first.locator(".microphone")).to_contain_text("Listening", timeout=30_000)
        await satellite.say(with_room_noise((await synthesize(command(SAID))).pcm))
        await newcomer.hears()
        assert await newcomer.clicks() <= MOST_CLICKS_NEW


async def test_what_is_wrong_with_an_address_is_said_in_place(newcomer: Newcomer, stt: SttServer) -> None:
    async with Satellite("Shed") as satellite:
        await newcomer.set_up()
        first = newcomer.first
        name, address = first.locator("#new-name"), first.locator("#new-address")
        keep = first.locator("[data-keep=nothing]")
        await keep.click()
        await expect(first.get_by_role("alert")).to_have_text(["Fill in this field."] * 2)
        await expect(name).to_be_focused()
        await name.fill("Shed")
        for typed, expected in (
            ("http://shed.local", "Enter a host name or an IP address"),
            ("127.0.0.1:1", "Failed to connect"),
            (f"127.0.0.1:{stt.port}", "is not a Wyoming satellite|already uses this"),
        ):
            await address.fill(typed)
            await keep.click()
            await expect(first.get_by_role("alert")).to_have_text(re.compile(expected))
            await expect(address).to_have_value(typed)
        # Enter answers nothing.
        await address.fill(f"127.0.0.1:{satellite.port}")
        await address.press("Enter")
        assert await added(newcomer) == []
        await keep.click()
        await expect(first.locator("#first-done")).to_be_visible()
        await expect(first.locator("ol > li.done")).to_have_count(2, timeout=30_000)
        assert [one["title"] for one in await added(newcomer)] == ["Shed"]


async def test_a_satellite_is_taken_over_from_the_wyoming_integration(newcomer: Newcomer) -> None:
    async with Satellite("Loft", mode=Mode.LOCAL_WAKE, wake_word="hey_loft") as satellite:
        theirs = await add_wyoming(newcomer.client, satellite.port)
        await satellite.wait_until_connected()
        await newcomer.set_up()
        first = newcomer.first
        await first.locator("[data-take-over]").click()
        await expect(first.locator(".why")).to_contain_text("can be given back")
        assert await added(newcomer) == []
        await first.locator("[data-keep=nothing]").click()
        await expect(first.locator("ol > li.done")).to_have_count(2, timeout=30_000)
        await expect(first.locator(".microphone")).to_contain_text("Listening", timeout=30_000)
        entries = await newcomer.client.command("config_entries/get", domain="wyoming")
        assert [one["disabled_by"] for one in entries if one["entry_id"] == theirs] == ["user"]
        await remove_entry(newcomer.client, theirs)


# --- found on the network ----------------------------------------------------------------------------


async def test_a_new_satellite_that_is_found(
    stt: SttServer, tts: TtsServer, tmp_path_factory: pytest.TempPathFactory
) -> None:
    async with Satellite("Attic") as satellite, announced("Attic", satellite.port) as address:
        if address is None:
            pytest.skip("this machine has no network that carries announcements")
        house = HomeAssistantProcess(tmp_path_factory.mktemp("found"), integrations=["zeroconf"])
        await house.start()
        try:
            await use_speech_servers(house.client, stt_port=stt.port, tts_port=tts.port)
            async with newcomer_in(house) as newcomer:
                await newcomer.set_up("Alexa")
                first = newcomer.first
                row = first.locator("voice-privacy-new-satellite section li", has_text=address)
                await expect(row).to_contain_text("Attic")
                await row.locator("[data-keep=recordings]").click()
                await expect(first.locator(".microphone")).to_contain_text("Listening", timeout=30_000)
                await satellite.say(with_room_noise((await synthesize(command(SAID))).pcm))
                await newcomer.hears()
                assert await newcomer.clicks() <= MOST_CLICKS_NEW
                await expect(row).to_have_count(0)
        finally:
            await house.stop()
