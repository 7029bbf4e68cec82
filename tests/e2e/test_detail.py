"""The details of a recording in a real house and browser: why it woke, what became of it, and feedback."""

from collections.abc import AsyncGenerator
import re

from playwright.async_api import expect
import pytest_asyncio

from dev.rig.browser import AXE, Browser, Tab
from dev.rig.furnish import add_integration, remove_entry
from dev.rig.house import HomeAssistantProcess
from dev.rig.household import Member
from dev.rig.leak_search import LeakSearch
from dev.rig.satellite import Satellite

SAID = "turn on the kitchen light"
CORRECTION = "turn off that wonderful light beside the kitchen window"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def kitchen(house: HomeAssistantProcess) -> AsyncGenerator[Member]:
    """Our integration with a satellite in the kitchen."""
    async with Satellite("Kitchen") as satellite:
        entry_id = await add_integration(house.client)
        member = await Member.create(house, satellite, entry_id, area="Kitchen")
        await member.wait_for("microphone_state", "listening", timeout=30)
        yield member
        await remove_entry(house.client, entry_id)
        assert not house.problems()


@pytest_asyncio.fixture(loop_scope="session")
async def tab(house: HomeAssistantProcess, kitchen: Member) -> AsyncGenerator[Tab]:
    """The owner's tab; at the end, the browser has had nothing to complain about."""
    async with Browser.launch(house.url) as browser:
        tab = await browser.sign_in(house.token)
        await tab.open()
        await tab.find(".toolbar").wait_for()
        yield tab
        assert tab.complaints == []


async def runs(house: HomeAssistantProcess, pipeline_id: str) -> set[str]:
    """Return the runs of a pipeline that Home Assistant remembers."""
    listed = await house.client.command("assist_pipeline/pipeline_debug/list", pipeline_id=pipeline_id)
    return {run["pipeline_run_id"] for run in listed["pipeline_runs"]}


async def test_a_wake_is_explained_takes_feedback_and_goes_without_a_trace(
    house: HomeAssistantProcess, kitchen: Member, tab: Tab
) -> None:
    preferred = (await house.client.command("assist_pipeline/pipeline/list"))["preferred_pipeline"]
    earlier = await runs(house, preferred)
    async with kitchen.activity() as activity:
        await kitchen.say(SAID)
        await activity.next("kept")
    await expect(tab.find(".row .said")).to_have_text([SAID])
    await tab.find(".row .what").click()
    detail = tab.find("voice-privacy-detail dialog[open]")

    # Why it woke: the score over time against the threshold, drawn and said, and the engine.
    curve = detail.locator("svg[role=img]")
    await expect(curve).to_have_accessible_name(
        re.compile(r"^Certainty over [\d.]+s: from \d+% to at most \d+%\. The threshold is 50%\.$")
    )
    box = await curve.bounding_box()
    assert box is not None
    assert box["width"] > 200
    assert box["height"] > 40
    await expect(detail.locator("dl")).to_contain_text(re.compile(r"Heard by\s*openWakeWord"))

    # How loud it is, and how much of it is cut off: nothing of a voice that was synthesized for this.
    await expect(detail.locator("#figures")).to_have_text(
        re.compile(r"Volume \S+ dB\S? · peak \S+ dB\S? · clipped 0%")
    )

    # What became of it, and Home Assistant's own record of the run.
    await expect(detail.locator("dl")).to_contain_text(re.compile(r"Result\s*Done"))
    debug = await detail.locator("#debug").get_attribute("href")
    assert debug == f"/config/voice-assistants/debug/{preferred}"
    if AXE.exists():
        assert await tab.violations() == []

    # Feedback, without any consent to review; it is there again after a reload.
    await expect(detail).to_contain_text("Not in review: Help improve is off for the house.")
    await detail.locator("[data-label=wrong_transcript]").click()
    house.typed.append(CORRECTION)
    await detail.locator("#correction").fill(CORRECTION)
    await detail.locator(".correction button").click()
    await expect(detail).to_contain_text("Stored encrypted with this recording")
    await expect(tab.find(".row .mark")).to_have_text("Wrong transcript")
    await tab.open()
    await expect(tab.find(".row .mark")).to_have_text("Wrong transcript")
    await tab.find(".row .what").click()
    await expect(detail.locator("[data-label=wrong_transcript]")).to_have_attribute("aria-pressed", "true")
    await expect(detail).to_contain_text(CORRECTION)
    if AXE.exists():
        assert await tab.violations() == []

    # The link is followed: Home Assistant shows that run.
    await detail.locator("#debug").click()
    await expect(tab.page.locator("assist-pipeline-debug")).to_contain_text(SAID)
    await tab.open()

    search = LeakSearch(audio=b"", texts=[SAID, CORRECTION])
    folder = house.config / ".cache" / "voice_privacy"
    assert search.run(folder) == []
    deleted = await house.client.command("voice_privacy/recordings/delete", scope="all")
    assert (deleted["deleted"], deleted["verified"]) == (1, True)
    await expect(tab.find(".row")).to_have_count(0)
    assert list(folder.glob("audio/*.sealed*")) == []
    assert [find for find in search.run(house.config) if CORRECTION in find.what] == []
    # And Home Assistant has forgotten the run.
    assert await runs(house, preferred) <= earlier
