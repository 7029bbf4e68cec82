"""A new user's first minutes: the page leads from nothing to the first recording, with few clicks."""

from collections.abc import AsyncGenerator
from typing import Any

from playwright.async_api import expect
import pytest_asyncio

from dev.rig.browser import AXE, DESKTOP, Browser, Tab
from dev.rig.furnish import DOMAIN, add_integration, add_wyoming, remove_entry, subentries
from dev.rig.ha_client import HomeAssistantClient
from dev.rig.house import HomeAssistantProcess
from dev.rig.layout import misfits, resize
from dev.rig.satellite import Mode, Satellite
from dev.rig.voices import synthesize, with_room_noise

MOST_CLICKS = 5
"""From the first look at the page to the end of the first run, in a house that already has a satellite."""

SAID = "turn on the kitchen light"

_COUNT_CLICKS = """
window.clicks = 0;
addEventListener("click", (event) => { if (event.isTrusted) window.clicks += 1; }, true);
"""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def satellite(house: HomeAssistantProcess) -> AsyncGenerator[Satellite]:
    """A satellite of the Wyoming integration, and Voice Privacy that has just been added."""
    client = house.client
    before = await pipeline(client)
    async with Satellite("Hall", mode=Mode.LOCAL_WAKE, wake_word="hey_hall") as satellite:
        wyoming = await add_wyoming(client, satellite.port)
        await satellite.wait_until_connected()
        entry_id = await add_integration(client)
        yield satellite
        await remove_entry(client, entry_id)
        assert await pipeline(client) == before
        await remove_entry(client, wyoming)
    assert not house.problems()


@pytest_asyncio.fixture(loop_scope="session")
async def tab(house: HomeAssistantProcess, satellite: Satellite) -> AsyncGenerator[Tab]:
    """The owner's tab, which counts clicks; at the end, the browser has had nothing to complain about."""
    async with Browser.launch(house.url) as browser:
        tab = await browser.sign_in(house.token)
        await tab.page.add_init_script(_COUNT_CLICKS)
        yield tab
        assert tab.complaints == []


async def pipeline(client: HomeAssistantClient) -> dict[str, Any]:
    """Return the preferred pipeline."""
    listed = await client.command("assist_pipeline/pipeline/list")
    return next(dict(item) for item in listed["pipelines"] if item["id"] == listed["preferred_pipeline"])


async def added(client: HomeAssistantClient) -> list[dict[str, Any]]:
    """Return the satellites of Voice Privacy."""
    (entry,) = await client.command("config_entries/get", domain=DOMAIN)
    return await subentries(client, entry["entry_id"])


async def test_a_new_user_gets_to_the_first_recording_with_few_clicks(
    house: HomeAssistantProcess, satellite: Satellite, tab: Tab
) -> None:
    await tab.open("/voice-privacy")
    first = tab.find("voice-privacy-first-run")
    await expect(first.locator("[data-protect]")).to_be_visible()
    await expect(first.locator("ol > li")).to_have_count(3)
    await expect(first.locator("ol > li.done")).to_have_count(0)
    if AXE.exists():
        assert await tab.violations() == []

    await first.locator("[data-protect]").click()
    # Nobody has agreed to anything by asking for protection.
    assert await added(house.client) == []
    assert await misfits(tab) == {}
    await resize(tab, **DESKTOP)
    await first.locator("[data-keep=recordings]").click()
    await expect(first.locator("ol > li.done")).to_have_count(2)
    await expect(first.locator(".microphone")).to_contain_text("Listening", timeout=30_000)

    assert await satellite.wake()
    await satellite.say(with_room_noise((await synthesize(SAID)).pcm))
    await expect(first.locator(".heard")).to_contain_text(SAID, timeout=30_000)
    await expect(first.locator("ol > li.done")).to_have_count(3)
    await expect(tab.find(".row .said")).to_have_text([SAID])
    if AXE.exists():
        assert await tab.violations() == []
    await first.locator("#first-done").click()
    await expect(first.locator("section")).to_have_count(0)
    assert await tab.page.evaluate("window.clicks") <= MOST_CLICKS

    # It does not come back, not even when nothing is kept.
    await house.client.command("voice_privacy/recordings/delete", scope="all")
    await tab.open("/voice-privacy")
    await expect(tab.find(".empty h2")).to_have_text("No recordings yet")
    await expect(first.locator("section")).to_have_count(0)
