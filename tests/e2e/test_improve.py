"""Help improve, from consent to what is left of it: a real house, a real browser, real weights on a real disk."""

import asyncio
from collections.abc import AsyncGenerator, Iterator
import contextlib
from datetime import timedelta
import json
import os
from pathlib import Path
import re
from typing import Any

import numpy as np
from playwright.async_api import WebSocket, expect
import pytest
import pytest_asyncio

from custom_components.voice_privacy.review.learner import WAKES_NEEDED
from custom_components.voice_privacy.wake.augmentation import windows_of
from custom_components.voice_privacy.wake.engine import WakeEngine
from custom_components.voice_privacy.wake.verifier import Verifier
from custom_components.voice_privacy.wake.verifier_training import MIN_FALSE_WAKES
from dev.rig.browser import AXE, Browser, Tab
from dev.rig.furnish import add_integration, remove_entry
from dev.rig.house import HomeAssistantProcess
from dev.rig.household import Member
from dev.rig.leak_search import LeakSearch
from dev.rig.onboarding import User, create_user
from dev.rig.past import let_clips_wait
from dev.rig.satellite import Satellite
from dev.rig.voices import Voice, synthesize, with_room_noise

FRIEND = User(name="friend", password="friend")
WAKES = [
    (text, voice)
    for text in ("what time is it", "turn on the kitchen light", "turn off the kitchen light")
    for voice in Voice
][:WAKES_NEEDED]
CONFUSED = [("alexus", Voice.AWB), ("a lexus", Voice.RMS), ("a lexus", Voice.SLT)]
"""What wakes wherever the chunks of sound begin: scores of at least 0.95, where 0.5 wakes."""

assert len(CONFUSED) == MIN_FALSE_WAKES


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def browser(house: HomeAssistantProcess) -> AsyncGenerator[Browser]:
    """A browser."""
    async with Browser.launch(house.url) as browser:
        yield browser


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def attic(house: HomeAssistantProcess) -> AsyncGenerator[Member]:
    """Our integration with a satellite in the attic."""
    async with Satellite("Attic") as satellite:
        entry_id = await add_integration(house.client)
        yield await Member.create(house, satellite, entry_id, area="Attic")
        await remove_entry(house.client, entry_id)
        assert not house.problems()


@pytest_asyncio.fixture(loop_scope="session")
async def tab(house: HomeAssistantProcess, browser: Browser, attic: Member) -> AsyncGenerator[Tab]:
    """The owner's tab."""
    tab = await browser.sign_in(house.token)
    yield tab
    assert tab.complaints == []
    await tab.page.context.close()


async def say(attic: Member, text: str, voice: Voice) -> None:
    """Say something after the wake word, and wait until it is kept."""
    async with attic.activity() as activity:
        await attic.say(text, voice=voice)
        await activity.next("kept")
    await attic.wait_for("microphone_state", "listening")


async def be_mistaken_for_it(attic: Member, text: str, voice: Voice) -> None:
    """Say something that sounds like the wake word, and nothing else."""
    async with attic.activity() as activity:
        speech = await synthesize(text, voice=voice)
        await attic.satellite.say(with_room_noise(speech.pcm))
        # Speech-to-text waits for 15 s for somebody who says nothing.
        await activity.next("kept", timeout=30)
    await attic.wait_for("microphone_state", "listening")


async def half_a_day_passes(house: HomeAssistantProcess, attic: Member, tab: Tab) -> None:
    """Stop the house, and start it again after clips have been released."""
    await tab.page.goto("about:blank")
    await house.stop()
    clips = await asyncio.to_thread(let_clips_wait, house.config, timedelta(hours=13))
    assert clips == len(WAKES) + len(CONFUSED)
    await house.start()
    await attic.refresh()
    await attic.wait_for("microphone_state", "listening")
    # An empty page has no storage, which Home Assistant's frontend complains of.
    tab.complaints.clear()
    await tab.open("/voice-privacy/review")


def finds(house: HomeAssistantProcess, content: bytes) -> set[str]:
    """Return the files of the house in which any 128 bytes of this are, as they are or in base64."""
    found = LeakSearch(audio=content, texts=[]).run(house.config)
    return {str(find.file.relative_to(house.config)) for find in found}


def names(folder: Path) -> list[str]:
    """Return the names in a folder, none when there is no folder."""
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


@contextlib.contextmanager
def planted(house: HomeAssistantProcess, content: bytes) -> Iterator[None]:
    """Leave a file for a search to find."""
    path = house.config / "planted"
    path.write_bytes(content)
    try:
        yield
    finally:
        path.unlink()


async def features(house: HomeAssistantProcess, attic: Member) -> bytes:
    """Return what the weights are trained with: windows of every recording, computed once more."""
    models = house.config / "openwakeword"
    engine = WakeEngine.load(
        {"alexa": models / "alexa_v0.1.onnx"},
        models / "melspectrogram.onnx",
        models / "embedding_model.onnx",
    )
    found = b""
    for recording in await attic.recordings():
        path = f"/api/voice_privacy/recordings/{recording['id']}/audio"
        _, body = await house.client.rest("GET", path)
        windows = windows_of(engine, "alexa", body[44:], seed=int(recording["id"][:8], 16))
        found += np.concatenate([*windows.copies, windows.rest]).tobytes()
    return found


class Frames:
    """What a browser gets in answer to commands of the review tab."""

    def __init__(self, tab: Tab) -> None:
        """Follow every connection that the tab opens from now on."""
        self.asked: dict[int, str] = {}
        self.got: list[str] = []
        tab.page.on("websocket", self._follow)

    def _follow(self, connection: WebSocket) -> None:
        connection.on("framesent", lambda frame: self._sent(str(frame)))
        connection.on("framereceived", lambda frame: self._received(str(frame)))

    def _sent(self, frame: str) -> None:
        for message in _messages(frame):
            if (name := str(message.get("type", ""))).startswith("voice_privacy/review"):
                self.asked[message["id"]] = name

    def _received(self, frame: str) -> None:
        for message in _messages(frame):
            if message.get("type") == "result" and message.get("id") in self.asked:
                self.got.append(json.dumps(message))


def _messages(frame: str) -> list[dict[str, Any]]:
    found = json.loads(frame)
    return found if isinstance(found, list) else [found]


async def looks_good(house: HomeAssistantProcess, browser: Browser) -> None:
    """Let axe look at the tab; a folder named in SCREENSHOTS gets pictures of it."""
    folder = os.environ.get("SCREENSHOTS")
    for look in ({}, {"dark": True}, {"phone": True}, {"language": "ar"}, {"language": "de"}):
        tab = await browser.sign_in(house.token, **look)
        await tab.open("/voice-privacy/review")
        await tab.find("voice-privacy-review table").wait_for()
        if AXE.exists():
            assert await tab.violations() == []
        if folder:
            name = "-".join(str(value) for value in look.values()) or "light"
            await tab.page.set_viewport_size({"width": 390 if "phone" in look else 1280, "height": 2800})
            await tab.page.screenshot(path=f"{folder}/{'-'.join(look)}-{name}.png")
        assert tab.complaints == []
        await tab.page.context.close()


@pytest.mark.timeout(1500)
async def test_from_consent_to_learning_and_back(
    house: HomeAssistantProcess, attic: Member, tab: Tab, browser: Browser
) -> None:
    # Off: what is said is nobody's to review.
    await say(attic, "what time is it", Voice.SLT)
    await tab.open("/voice-privacy/review")
    await expect(tab.find("voice-privacy-review .empty h2")).to_have_text("Review is off")
    notes = house.config / ".cache/voice_privacy/notes"
    assert names(notes) == []

    # On, in both places, on the page.
    await tab.open("/voice-privacy/consent")
    for owner in ("house", attic.subentry_id):
        await tab.find(f"[id='help_improve-{owner}']").click()
        await expect(tab.find(f"[id='help_improve-{owner}']")).to_be_checked()
    await tab.open("/voice-privacy/review")
    await expect(tab.find("voice-privacy-review .empty h2")).to_have_text("No clips to review")
    for text, voice in WAKES:
        await say(attic, text, voice)
    for text, voice in CONFUSED:
        await be_mistaken_for_it(attic, text, voice)
    clips = tab.find("voice-privacy-review li[data-id]")
    await expect(clips).to_have_count(len(WAKES) + len(CONFUSED))
    assert len(names(notes)) == len(WAKES) + len(CONFUSED)

    # A friend reviews what has been understood, and learns nothing else.
    token = await create_user(house.client, FRIEND)
    await tab.open("/voice-privacy/review")
    await tab.find("voice-privacy-review li.row").filter(has_text="Friend").locator(".switch").click()
    friend = await browser.sign_in(token)
    # Until the next release there is nothing to be told of.
    await friend.open("/voice-privacy/review")
    await expect(friend.find("voice-privacy-review .empty p")).to_contain_text("at 6:00 and 18:00")
    assert friend.complaints == []
    await friend.page.context.close()
    await half_a_day_passes(house, attic, tab)
    friend = await browser.sign_in(token)
    frames = Frames(friend)
    await friend.open("/voice-privacy/review")
    theirs = friend.find("voice-privacy-review li[data-id]")
    await expect(theirs).to_have_count(len(WAKES))
    await theirs.first.get_by_role("button", name=re.compile("Play clip")).click()
    await friend.played_samples()
    await theirs.first.locator("[data-label=wrong_transcript]").click()
    house.typed.append("what time it is, please")
    await friend.find("#correction").fill(house.typed[-1])
    await friend.find("#save-correction").click()
    for number in range(1, len(WAKES)):
        await theirs.nth(number).locator("[data-label=meant_for_us]").click()
        await expect(theirs.nth(number).locator("[data-label=meant_for_us]")).to_have_attribute(
            "aria-pressed", "true"
        )
    assert len(frames.got) >= 2 * len(WAKES)
    everything = "".join(frames.got).lower()
    recordings = await attic.recordings()
    secret = ["attic", attic.subentry_id, "demo", *(recording["id"] for recording in recordings)]
    secret += [recording["started_at"][:16] for recording in recordings]
    assert [word for word in secret if word.lower() in everything] == []
    assert friend.complaints == []
    await friend.page.context.close()

    # The owner says what the rest was, and it is learned.
    await expect(tab.find("voice-privacy-review li [data-label][aria-pressed=true]")).to_have_count(
        len(WAKES)
    )
    for clip in await clips.all():
        if await clip.locator("[aria-pressed=true]").count() == 0:
            await clip.locator("[data-label=false_wake]").click()
            await expect(clip.locator("[data-label=false_wake]")).to_have_attribute("aria-pressed", "true")
    table = tab.find("voice-privacy-review table")
    await expect(table).to_be_visible(timeout=180_000)
    await expect(table).to_contain_text(f"of {len(WAKES)}")
    weights = ".cache/voice_privacy/learned/alexa.verifier"
    verifier = Verifier.load(house.config / weights)
    learned = verifier.to_bytes()
    await looks_good(house, browser)
    # The search finds what is there, and what it was trained with is in no file of its own.
    assert finds(house, learned) == {weights}
    trained_with = await features(house, attic)
    assert finds(house, trained_with) == set()
    with planted(house, b"-" + trained_with[50_000:50_200] + b"-"):
        assert finds(house, trained_with) == {"planted"}

    # Off: nothing is left but the recordings.
    kept = len(recordings)
    await tab.open("/voice-privacy/consent")
    await tab.find("[id='help_improve-house']").click()
    left = f"Removed from review: {len(WAKES) + len(CONFUSED)}."
    await expect(tab.find(".toast")).to_contain_text(left)
    assert finds(house, learned + trained_with) == set()
    assert names(notes) == []
    await tab.open("/voice-privacy/review")
    await expect(tab.find("voice-privacy-review .empty h2")).to_have_text("Review is off")
    await expect(table).to_have_count(0)
    assert len(await attic.recordings()) == kept

    await tab.open("/voice-privacy/log")
    for words in (
        f"removed {len(WAKES) + len(CONFUSED)} recordings from review",
        re.compile(r"labeled \d+ recording"),
        re.compile(r"listened to \d+ recording"),
    ):
        await expect(tab.find("voice-privacy-log li").filter(has_text=words).first).to_be_visible()
