"""Privacy levels in a real house and a real browser: chosen on the page, and in memory only until somebody keeps it."""

from playwright.async_api import expect
import pytest

from dev.rig.browser import Browser
from dev.rig.ha_client import HomeAssistantClient
from dev.rig.household import Household
from dev.rig.leak_search import LeakSearch


@pytest.mark.timeout(900)
async def test_in_memory_only_until_somebody_keeps_it(home: Household, client: HomeAssistantClient) -> None:
    rooms = (await client.command("voice_privacy/levels/get"))["rooms"]
    area_id = next(room["id"] for room in rooms if room["name"] == "Kitchen")
    before = {recording["id"] for recording in await home.kitchen.recordings()}
    async with Browser.launch(home.house.url) as browser:
        tab = await browser.sign_in(home.house.token)
        await tab.open("/voice-privacy/rooms")
        await tab.find(f"#level-{area_id}").select_option("memory_only")
        kitchen = tab.find("voice-privacy-room").filter(has_text="Kitchen")
        await expect(kitchen.locator(".level")).to_contain_text("Memory only")
        await home.kitchen.is_heard()

        await tab.open("/voice-privacy/timeline")
        held = tab.find("voice-privacy-held li")
        await expect(held).to_have_count(1)
        assert await tab.violations() == []
        recording_id = await held.get_attribute("data-id")
        assert recording_id is not None
        # Neither a file, nor a row, nor an event knows of it.
        ids = LeakSearch(audio=b"", texts=[recording_id])
        assert ids.run(home.house.config) == []
        assert {recording["id"] for recording in await home.kitchen.recordings()} == before

        await held.locator(".keep").click()
        await expect(held).to_have_count(0)
        await expect(tab.find(f".row[data-id='{recording_id}']")).to_have_count(1)
        kept = {recording["id"] for recording in await home.kitchen.recordings()}
        assert kept == before | {recording_id}
        # The search finds what is there.
        path = home.house.config / "control"
        path.write_text(recording_id)
        assert ids.run(path.parent)
        path.unlink()

        await tab.open("/voice-privacy/rooms")
        await tab.find(f"#level-{area_id}").select_option("no_limit")
        await expect(kitchen.locator(".level")).to_have_count(0)
        assert tab.complaints == []
