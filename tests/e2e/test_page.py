"""The page in a real browser: what is said appears, is heard, found and erased."""

from array import array
import asyncio
from collections.abc import AsyncGenerator
import io
import json
import re
import zipfile

from playwright.async_api import expect
import pytest
import pytest_asyncio

from dev.rig.browser import AXE, CARD, Browser, Tab
from dev.rig.furnish import add_integration, remove_entry
from dev.rig.ha_client import CommandFailed, HomeAssistantClient
from dev.rig.house import HomeAssistantProcess
from dev.rig.household import Member
from dev.rig.onboarding import User, create_user
from dev.rig.satellite import Satellite

CHILD = User(name="child", password="child")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def browser(house: HomeAssistantProcess) -> AsyncGenerator[Browser]:
    """A browser."""
    async with Browser.launch(house.url) as browser:
        yield browser


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def kitchen(house: HomeAssistantProcess) -> AsyncGenerator[Member]:
    """Our integration with a satellite in the kitchen."""
    async with Satellite("Kitchen") as satellite:
        entry_id = await add_integration(house.client)
        yield await Member.create(house, satellite, entry_id, area="Kitchen")
        await remove_entry(house.client, entry_id)
        assert not house.problems()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def child_token(house: HomeAssistantProcess) -> str:
    """The token of somebody who lives here and is no administrator."""
    return await create_user(house.client, CHILD)


@pytest_asyncio.fixture(loop_scope="session")
async def nothing_kept(house: HomeAssistantProcess, kitchen: Member) -> None:
    """Nothing is kept yet."""
    await house.client.command("voice_privacy/recordings/delete", scope="all")
    await kitchen.wait_for("microphone_state", "listening", timeout=30)


@pytest_asyncio.fixture(loop_scope="session")
async def tab(house: HomeAssistantProcess, browser: Browser, nothing_kept: None) -> AsyncGenerator[Tab]:
    """The owner's tab; at the end, the browser has had nothing to complain about."""
    tab = await browser.sign_in(house.token)
    await tab.open()
    await tab.find(".toolbar").wait_for()
    yield tab
    assert tab.complaints == []
    await tab.page.context.close()


async def say(kitchen: Member, text: str) -> None:
    """Say something and wait until it is kept."""
    await kitchen.say_until_kept(text)


async def test_what_is_said_appears_is_heard_found_and_deleted(
    house: HomeAssistantProcess, kitchen: Member, tab: Tab, browser: Browser
) -> None:
    other = await browser.sign_in(house.token)
    await other.open()
    await expect(other.find(".empty h2")).to_have_text("No recordings yet")

    # It appears in both tabs without a reload.
    await say(kitchen, "turn on the kitchen light")
    await say(kitchen, "what time is it")
    for page in (tab, other):
        await expect(page.find(".row")).to_have_count(2)
        await expect(page.find(".row .said").nth(0)).to_have_text("what time is it")
        await expect(page.find(".row .said").nth(1)).to_have_text("turn on the kitchen light")

    # It is heard: what the browser decodes is, sample for sample, what was captured.
    row = tab.find(".row").nth(1)
    recording_id = await row.get_attribute("data-id")
    await row.locator(".play").click()
    await expect(row).to_have_class("row current fresh")
    samples = await tab.played_samples()
    _, archive = await house.client.rest("GET", "/api/voice_privacy/archive")
    wav = zipfile.ZipFile(io.BytesIO(archive)).read(f"recordings/{recording_id}.wav")
    assert samples == list(array("h", wav[44:]))
    assert wav[44:] in kitchen.satellite.sent_audio()

    # It is found.
    await tab.find("input[type=search]").fill("KITCHEN")
    await expect(tab.find(".progress [role=status]")).to_have_text("1 recording found")
    await expect(tab.find(".row")).to_have_count(1)
    await tab.find("input[type=search]").fill("")
    await expect(tab.find(".row")).to_have_count(2)

    # It is deleted: asked once, with what goes in words, and gone from the other tab while it plays there.
    await other.find(".row").nth(1).locator(".play").click()
    await tab.find(".row").nth(1).hover()
    await tab.find(".row").nth(1).locator(".ends button").last.click()
    await expect(tab.find("dialog[open] h2")).to_have_text("Delete this recording?")
    await expect(tab.find("dialog[open] [data-first]")).to_be_focused()
    await expect(tab.find("dialog[open] .quotes")).to_contain_text("turn on the kitchen light")
    await tab.find("#confirm").click()
    for page in (tab, other):
        await expect(page.find(".row")).to_have_count(1)
    await expect(other.find(".row.current")).to_have_count(0)
    status, _ = await house.client.rest("GET", f"/api/voice_privacy/recordings/{recording_id}/audio")
    assert status == 404

    # It comes back where somebody undoes it, in both tabs.
    await expect(tab.find(".undo-line .words")).to_contain_text("turn on the kitchen light")
    if AXE.exists():
        assert await tab.violations() == []
    await tab.find(".undo").click()
    for page in (tab, other):
        await expect(page.find(".row")).to_have_count(2)
    await expect(tab.find(".undo-line")).to_have_count(0)

    # Deleted again, its time runs out: a line tells of the receipt, which is opened from there.
    await tab.find(".row").nth(1).hover()
    await tab.find(".row").nth(1).locator(".ends button").last.click()
    await tab.find("#confirm").click()
    await expect(tab.find(".undo-line[data-stage=done] .words")).to_contain_text(
        "1 recording deleted at", timeout=20_000
    )
    await tab.find("[data-details]").click()
    await expect(tab.find("dl.receipt")).to_contain_text("destroyed and verified")
    await tab.find("dialog[open] [data-first]").click()
    for page in (tab, other):
        await expect(page.find(".row")).to_have_count(1)
    status, _ = await house.client.rest("GET", f"/api/voice_privacy/recordings/{recording_id}/audio")
    assert status == 404

    # And all of it is in the log.
    await tab.open("/voice-privacy/log")
    # What was done before within five minutes is in the same entry.
    for words in (
        "deleted 1 recording (selected)",
        re.compile(r"listened to \d+ recording"),
        re.compile(r"searched \d+ recordings"),
    ):
        await expect(tab.find("voice-privacy-log li").filter(has_text=words).first).to_be_visible()
    assert other.complaints == []
    await other.page.context.close()


async def test_selection_and_everything(house: HomeAssistantProcess, kitchen: Member, tab: Tab) -> None:
    for text in ("turn on the kitchen light", "what time is it", "turn off the kitchen light"):
        await say(kitchen, text)
    await expect(tab.find(".row")).to_have_count(3)

    await tab.find(".tools button").last.click()
    await tab.find(".row .pick").nth(0).check()
    await expect(tab.find(".selection [role=status]")).to_have_text("1 recording selected")
    await tab.find("#delete-selected").click()
    await tab.find("#confirm").click()
    await tab.find("[data-receipt]").wait_for()
    await tab.find("dialog[open] [data-first]").click()
    await expect(tab.find(".row")).to_have_count(2)

    await tab.find("#manage").click()
    await tab.find("#manage-all").click()
    await expect(tab.find("#confirm")).to_be_disabled()
    await tab.find(".typed input").fill("delete")
    await tab.find("#confirm").click()
    await expect(tab.find("[data-receipt]")).to_contain_text("2 recordings deleted")
    await tab.find("dialog[open] [data-first]").click()
    await expect(tab.find(".empty h2")).to_have_text("No recordings yet")
    assert kitchen.count("recordings") == 0


async def test_export_is_what_was_kept(house: HomeAssistantProcess, kitchen: Member, tab: Tab) -> None:
    await say(kitchen, "what time is it")
    await tab.find("#manage").click()
    await tab.find("#manage-export").click()
    async with tab.page.expect_download() as download:
        await tab.find("#export").click()
    path = await (await download.value).path()

    archive = zipfile.ZipFile(path)
    (recording_id,) = json.loads(archive.read("index.json"))["recordings"]
    described = json.loads(archive.read(f"recordings/{recording_id}.json"))
    assert (described["transcript"], described["satellite"]) == ("what time is it", "Kitchen")
    assert archive.read(f"recordings/{recording_id}.wav")[44:] in kitchen.satellite.sent_audio()


async def test_microphones_are_muted_from_the_page(kitchen: Member, tab: Tab) -> None:
    await tab.open("/voice-privacy/microphones")
    switch = tab.find("voice-privacy-microphones .switch")
    await expect(tab.find("[data-state]")).to_have_attribute("data-state", "listening")

    await switch.focus()
    await tab.page.keyboard.press("Space")
    await expect(tab.find("[data-state]")).to_have_attribute("data-state", "muted")
    await kitchen.wait_for("microphone_state", "muted")
    await kitchen.switch("microphone", on=True)
    await expect(tab.find("[data-state]")).to_have_attribute("data-state", "listening")
    await expect(switch).to_be_checked()


async def test_the_keyboard_is_enough_to_listen_and_delete(kitchen: Member, tab: Tab) -> None:
    await say(kitchen, "what time is it")
    await say(kitchen, "turn on the kitchen light")
    await expect(tab.find(".row")).to_have_count(2)
    press = tab.page.keyboard.press

    await tab.find(".row .play").first.focus()
    await press("ArrowDown")
    await expect(tab.find(".row .play").nth(1)).to_be_focused()
    await press("Enter")
    await expect(tab.find(".row.current")).to_have_count(1)
    for _ in range(3):
        await press("Tab")
    await press("Enter")
    await expect(tab.find("dialog[open] [data-first]")).to_be_focused()
    await expect(tab.find("#confirm")).to_be_enabled()
    await press("Tab")
    await expect(tab.find("#confirm")).to_be_focused()
    await press("Enter")
    await expect(tab.find(".row")).to_have_count(1)
    await expect(tab.find("#list-title")).to_be_focused()
    await press("Control+z")
    await expect(tab.find(".row")).to_have_count(2)


async def test_keys_act_on_the_list_and_not_on_home_assistant(kitchen: Member, tab: Tab) -> None:
    for text in ("what time is it", "turn on the kitchen light"):
        await say(kitchen, text)
    await expect(tab.find(".row")).to_have_count(2)
    press = tab.page.keyboard.press

    await press("j")
    await expect(tab.find(".row .play").first).to_be_focused()
    await press("j")
    await expect(tab.find(".row .play").nth(1)).to_be_focused()
    await press("o")
    detail = tab.find("voice-privacy-detail dialog[open]")
    await expect(detail).to_contain_text("what time is it")
    await expect(detail).to_contain_text("Alexa")
    await expect(detail.locator("#title")).to_have_text("what time is it")
    if AXE.exists():
        assert await tab.violations() == []
    await press("k")
    await expect(detail.locator("#title")).to_have_text("turn on the kitchen light")
    await press("Escape")
    await expect(tab.find(".row .play").first).to_be_focused()
    await press("/")
    await expect(tab.find("input[type=search]")).to_be_focused()
    await press("Tab")
    await press("?")
    await expect(tab.find("voice-privacy-keys dialog[open]")).to_be_visible()
    await press("Escape")
    await press("x")
    await expect(tab.find(".selection [role=status]")).to_have_text("1 recording selected")
    await press("Escape")
    await expect(tab.find(".selection")).to_have_count(0)

    # Typed into the question, a "d" opens no search of devices.
    await tab.find("#manage").click()
    await tab.find("#manage-all").click()
    await expect(tab.find(".typed input")).to_be_focused()
    await press("d")
    await expect(tab.find(".typed input")).to_have_value("d")
    await expect(tab.page.locator("ha-quick-bar")).to_have_count(0)
    await press("Escape")


async def test_a_closed_page_leaves_nothing_to_undo(
    house: HomeAssistantProcess, kitchen: Member, tab: Tab, browser: Browser
) -> None:
    await say(kitchen, "what time is it")
    other = await browser.sign_in(house.token)
    await other.open()
    await other.find(".row").first.hover()
    await other.find(".row .ends button").last.click()
    await other.find("#confirm").click()
    await other.find(".undo").wait_for()
    async with asyncio.timeout(9), kitchen.activity() as activity:
        await other.page.context.close()
        await activity.next("deleted")
    await expect(tab.find(".empty h2")).to_have_text("No recordings yet")


async def test_the_household_sees_only_what_it_may(
    house: HomeAssistantProcess, kitchen: Member, child_token: str, browser: Browser, nothing_kept: None
) -> None:
    await say(kitchen, "what time is it")
    tab = await browser.sign_in(child_token)
    await tab.open()
    await expect(tab.find(".empty h2")).to_have_text("Only administrators can listen")
    await tab.find("#manage").click()
    await expect(tab.find(".choice")).to_have_count(3)
    async with HomeAssistantClient(house.url, child_token) as child:
        for command, fields in (
            ("recordings/list", {}),
            ("recordings/delete", {"scope": "all"}),
            ("settings/set", {"toggle": "household_may_listen", "on": True}),
            ("access_log", {}),
        ):
            with pytest.raises(CommandFailed, match="unauthorized"):
                await child.command(f"voice_privacy/{command}", **fields)
        recording_id = (await house.client.command("voice_privacy/recordings/list"))["recordings"][0]["id"]
        status, _ = await child.rest("GET", f"/api/voice_privacy/recordings/{recording_id}/audio")
        assert status == 403

    await tab.find("#manage-last").click()
    await tab.find("#confirm").click()
    await tab.find("[data-receipt]").wait_for()
    await kitchen.wait_for("recordings", "0")

    await say(kitchen, "turn on the kitchen light")
    await house.client.command("voice_privacy/settings/set", toggle="household_may_listen", on=True)
    await tab.find("dialog[open] [data-first]").click()
    await expect(tab.find(".row")).to_have_count(1)
    # Who may listen to a recording and control its satellite may delete it, and not download it.
    await expect(tab.find(".row .ends button")).to_have_count(1)
    await expect(tab.find(".row .ends button")).to_have_attribute("aria-label", re.compile("^Delete"))
    await house.client.command("voice_privacy/settings/set", toggle="household_may_listen", on=False)
    await expect(tab.find(".row")).to_have_count(0)
    assert tab.complaints == []
    await tab.page.context.close()


async def test_the_card_on_a_dashboard(
    house: HomeAssistantProcess, kitchen: Member, browser: Browser, nothing_kept: None
) -> None:
    await say(kitchen, "what time is it")
    config = {"views": [{"cards": [{"type": f"custom:{CARD}", "rows": 3}]}]}
    client = house.client
    await client.command(
        "lovelace/dashboards/create",
        url_path="privacy-card",
        title="Card",
        mode="storage",
        show_in_sidebar=False,
    )
    await client.command("lovelace/config/save", url_path="privacy-card", config=config)
    tab = await browser.sign_in(house.token)
    await tab.open("/privacy-card/0")
    card = tab.page.locator(CARD)
    await expect(card.locator(".rows .line")).to_have_count(1)
    # A tablet on the wall shows no words unless its owner says so.
    await expect(card).not_to_contain_text("what time is it")
    if AXE.exists():
        assert await tab.violations(CARD) == []
    await card.locator(".foot .button").first.click()
    await card.locator("#confirm").click()
    await card.locator("[data-receipt]").wait_for()
    await kitchen.wait_for("recordings", "0")
    assert tab.complaints == []
    await tab.page.context.close()
