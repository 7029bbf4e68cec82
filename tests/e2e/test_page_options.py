"""What is set and said on the page: each option of the house, and what was wrong with a recording."""

from collections.abc import AsyncGenerator
from pathlib import Path
import re
from typing import Any

from playwright.async_api import Locator, expect
import pytest_asyncio

from dev.rig.browser import AXE, Browser, Tab
from dev.rig.furnish import DOMAIN, add_integration, entity_ids, remove_entry
from dev.rig.ha_client import HomeAssistantClient
from dev.rig.house import HomeAssistantProcess
from dev.rig.household import Member
from dev.rig.satellite import Satellite

FLAGS = ("offer_wake_word", "check_level", "ignore_made_up_text", "members_may_open_microphone")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def kitchen(house: HomeAssistantProcess) -> AsyncGenerator[Member]:
    """Our integration with a satellite in the kitchen."""
    async with Satellite("Kitchen") as satellite:
        entry_id = await add_integration(house.client)
        yield await Member.create(house, satellite, entry_id, area="Kitchen")
        await remove_entry(house.client, entry_id)
        assert not house.problems()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def tab(house: HomeAssistantProcess, kitchen: Member) -> AsyncGenerator[Tab]:
    """The owner's tab; at the end, the browser has had nothing to complain about."""
    async with Browser.launch(house.url) as browser:
        tab = await browser.sign_in(house.token)
        yield tab
        assert tab.complaints == []


async def say(kitchen: Member, text: str) -> str:
    """Say something and wait until it is kept; return its id."""
    async with kitchen.activity() as activity:
        await kitchen.say(text)
        await activity.next("kept")
    await kitchen.wait_for("microphone_state", "listening")
    return str((await kitchen.recordings())[0]["id"])


async def options(client: HomeAssistantClient) -> dict[str, Any]:
    """Return the options that hold."""
    return dict((await client.command("voice_privacy/options/get"))["options"])


async def open_options(tab: Tab) -> Locator:
    """Open the page where the options are; return the field of the key folder."""
    await tab.open("/voice-privacy/options")
    folder = tab.find("#option-key_dir")
    await folder.wait_for()
    await expect(tab.find(".unsaved")).to_have_count(0)
    return folder


async def save(tab: Tab, kitchen: Member) -> None:
    """Press Save; the integration has been loaded again when this returns."""
    await tab.find("#save-options").click()
    await expect(tab.find(".toast")).to_have_text("Saved")
    await expect(tab.find(".unsaved")).to_have_count(0)
    await expect(tab.find(".banner.offline")).to_have_count(0, timeout=30_000)
    await kitchen.refresh()


async def pipelines_through_us(client: HomeAssistantClient) -> set[str]:
    """Return the pipelines whose speech-to-text is our proxy."""
    ours = set((await entity_ids(client, platform=DOMAIN)).values())
    listed = await client.command("assist_pipeline/pipeline/list")
    return {item["id"] for item in listed["pipelines"] if item["stt_engine"] in ours}


async def test_every_option_is_saved_read_back_and_survives_a_reload(
    house: HomeAssistantProcess, kitchen: Member, tab: Tab
) -> None:
    client = house.client
    before = await options(client)
    await open_options(tab)
    boxes = tab.find("[data-pipeline]")
    (pipeline_id,) = [await box.get_attribute("data-pipeline") for box in await boxes.all()]
    assert await pipelines_through_us(client) == set()

    # Changed and changed back is nothing to save; cancelled, everything is as it was.
    await tab.find("#option-check_level").click()
    await expect(tab.find(".unsaved [role=status]")).to_have_text("Not saved yet")
    await tab.find("#option-check_level").click()
    await expect(tab.find(".unsaved")).to_have_count(0)
    await boxes.first.check()
    await tab.find(".unsaved .button").first.click()
    await expect(boxes.first).not_to_be_checked()
    assert await options(client) == before

    await boxes.first.check()
    for name in FLAGS:
        await tab.find(f"#option-{name}").click()
    await save(tab, kitchen)
    wanted = before | {name: not before[name] for name in FLAGS} | {"pipelines": [pipeline_id]}
    assert await options(client) == wanted

    # They hold: what is said to the pipeline goes through us, and the engine is offered.
    assert await pipelines_through_us(client) == {pipeline_id}
    entities = (await entity_ids(client, platform=DOMAIN)).values()
    assert any(entity_id.startswith("wake_word.") for entity_id in entities)

    await open_options(tab)
    await expect(boxes.first).to_be_checked()
    for name in FLAGS:
        await expect(tab.find(f"#option-{name}")).to_be_checked(checked=wanted[name])
    await boxes.first.uncheck()
    for name in FLAGS:
        await tab.find(f"#option-{name}").click()
    await save(tab, kitchen)
    assert await options(client) == before
    assert await pipelines_through_us(client) == set()


async def test_a_key_folder_is_refused_in_its_place_or_used(
    house: HomeAssistantProcess, kitchen: Member, tab: Tab, tmp_path: Path
) -> None:
    client = house.client
    recording_id = await say(kitchen, "what time is it")
    before = await options(client)
    folder = await open_options(tab)
    await tab.find("#option-check_level").click()
    for typed, reason in (
        ("keys", "This is not an absolute path."),
        (f"{house.config}/keys", "This folder is below the configuration folder"),
        ("/dev/shm/keys", "This folder is in memory."),
    ):
        await folder.fill(typed)
        await tab.find("#save-options").click()
        await expect(tab.find("#option-key_dir-error")).to_contain_text(reason)
        # The error is where the folder is typed, in sight, and told to who cannot see it.
        await expect(folder).to_be_focused()
        await expect(folder).to_be_in_viewport(ratio=1)
        await expect(tab.find("#option-key_dir-error")).to_be_in_viewport(ratio=1)
        await expect(folder).to_have_attribute("aria-invalid", "true")
        await expect(folder).to_have_accessible_description(re.compile(re.escape(reason)))
        # All or nothing, and nothing of what was typed is lost.
        await expect(folder).to_have_value(typed)
        assert await options(client) == before
    if AXE.exists():
        assert await tab.violations() == []

    keys = tmp_path / "keys"
    await folder.fill(f"  {keys}  ")
    await save(tab, kitchen)
    await expect(tab.find("[role=alert]")).to_have_count(0)
    assert await options(client) == before | {"key_dir": str(keys), "check_level": not before["check_level"]}
    assert any(path.is_file() for path in keys.rglob("*"))
    audio = f"/api/voice_privacy/recordings/{recording_id}/audio"
    assert (await client.rest("GET", audio))[0] == 200

    folder = await open_options(tab)
    await expect(folder).to_have_value(str(keys))
    await folder.fill("")
    await tab.find("#option-check_level").click()
    await save(tab, kitchen)
    assert await options(client) == before
    assert not any(path.is_file() for path in keys.rglob("*.key*"))
    assert (await client.rest("GET", audio))[0] == 200


async def test_what_was_wrong_with_a_recording_is_said_in_its_details(
    house: HomeAssistantProcess, kitchen: Member, tab: Tab
) -> None:
    client = house.client
    consent: dict[str, Any] = {"toggle": "help_improve", "on": True}
    await client.command("voice_privacy/settings/set", **consent)
    await client.command("voice_privacy/settings/set", **consent, satellite_ids=[kitchen.subentry_id])
    recording_id = await say(kitchen, "turn on the kitchen light")

    async def said() -> tuple[str | None, str | None]:
        recording = await client.command("voice_privacy/recordings/get", recording_id=recording_id)
        return recording["clip"]["label"], recording["transcript"]

    await tab.open("/voice-privacy/timeline")
    row = tab.find(f'.row[data-id="{recording_id}"]')
    await row.locator(".what").click()
    detail = tab.find("voice-privacy-detail dialog[open]")
    await detail.locator("[data-label=false_wake]").click()
    await expect(detail.locator("[data-label=false_wake]")).to_have_attribute("aria-pressed", "true")
    assert (await said())[0] == "false_wake"

    # A wrong text is corrected there; until the correction is given, what was said before holds.
    await detail.locator("[data-label=wrong_transcript]").click()
    await expect(detail.locator("#correction")).to_have_value("turn on the kitchen light")
    assert (await said())[0] == "false_wake"
    await detail.locator("#correction").fill("turn on the chicken light")
    await tab.page.keyboard.press("Enter")
    await expect(detail.locator("[data-label=wrong_transcript]")).to_have_attribute("aria-pressed", "true")
    assert await said() == ("wrong_transcript", "turn on the kitchen light")
    if AXE.exists():
        assert await tab.violations() == []

    await tab.open("/voice-privacy/timeline")
    await row.locator(".what").click()
    await expect(detail.locator("[data-label=wrong_transcript]")).to_have_attribute("aria-pressed", "true")
    await expect(detail.locator("[aria-pressed=true]")).to_have_count(1)
    await client.command("voice_privacy/settings/set", toggle="help_improve", on=False)
