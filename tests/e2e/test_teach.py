"""A wake word is taught in a real browser: eight clips, what must not wake it, calls, and its deletion."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
import os
from pathlib import Path
import re

import numpy as np
from playwright.async_api import Locator, expect
import pytest
import pytest_asyncio

from custom_components.voice_privacy.storage.key_file_format import (
    HEADER_BYTES as KEY_FILE_HEADER_BYTES,
    KEY_BYTES,
    MIRRORS,
)
from custom_components.voice_privacy.storage.taught_file import TaughtHeader, open_word
from dev.rig.browser import AXE, Browser, Tab, screenshot
from dev.rig.furnish import add_integration, remove_entry
from dev.rig.house import HomeAssistantProcess
from dev.rig.household import Activity, Member
from dev.rig.leak_search import LeakSearch
from dev.rig.satellite import Satellite
from dev.rig.voices import SAMPLE_RATE, Voice, synthesize, with_room_noise

ROOMS = "/voice-privacy/microphones"
DIALOG = "voice-privacy-teach"
WORD = "Computer friend"
CONFUSABLES = ("Commuter rent", "Compare the friend", "Committee friend")
VOICES = (Voice.RMS, Voice.SLT)
PICTURES = os.environ.get("TEACH_PICTURES")
"""Folder for pictures of each step, for whoever wants to look at them."""


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


@pytest_asyncio.fixture(loop_scope="session")
async def tab(house: HomeAssistantProcess, kitchen: Member, browser: Browser) -> AsyncGenerator[Tab]:
    """The owner's tab with the rooms; at the end, the browser has had nothing to complain about."""
    await kitchen.wait_for("microphone_state", "listening", timeout=30)
    tab = await browser.sign_in(house.token)
    await tab.open(ROOMS)
    yield tab
    assert tab.complaints == []
    await tab.page.context.close()


async def picture(tab: Tab, name: str) -> None:
    """Take a picture if somebody wants to look, and check the page with axe."""
    if AXE.exists():
        assert await tab.violations() == [], name
    if PICTURES:
        await screenshot(tab, Path(PICTURES) / f"{name}.png")


async def spoken(text: str, voice: Voice, *, seed: int = 1, gain: float = 1.0) -> bytes:
    """Return a phrase as a microphone hears it, louder or quieter, each time in another noise of the room."""
    samples = np.frombuffer((await synthesize(text, voice=voice)).pcm, "<i2").astype(np.float64) * gain
    loud = np.clip(np.rint(samples), -32_768, 32_767).astype("<i2").tobytes()
    return with_room_noise(loud, seed=seed)


async def begin(tab: Tab, word: str) -> Locator:
    """Open the dialog and answer its questions; return it."""
    await tab.find("#teach").click()
    dialog = tab.find(f"{DIALOG} dialog")
    await expect(dialog.locator("#word")).to_be_focused()
    await expect(dialog.locator("#agree")).not_to_be_checked()
    await dialog.locator("#word").fill(word)
    await dialog.locator("#agree").press("Space")
    await dialog.locator("#begin").press("Enter")
    await expect(dialog.locator("#title")).to_be_focused()
    return dialog


async def record(kitchen: Member, dialog: Locator, pcm: bytes) -> str:
    """Record a clip as one does: press the button, wait for the tone, speak; return the verdict."""
    clips = dialog.locator(".clips li")
    await dialog.locator("#record").press("Enter")
    # It names what is to be said once the tone is over.
    await expect(dialog.locator(".now[data-open]")).to_be_visible(timeout=20_000)
    await kitchen.satellite.say(pcm)
    await expect(dialog.locator(".now")).to_have_count(0, timeout=15_000)
    verdict = await clips.last.get_attribute("data-verdict")
    assert verdict is not None
    return verdict


async def woken(kitchen: Member, activity: Activity, pcm: bytes) -> bool:
    """Say something; return whether it wakes the satellite, once that is over."""
    before = len(activity.so_far())
    await kitchen.satellite.say(pcm)
    # A wake word is found within a second of its end.
    await kitchen.satellite.wait_for_frames(2 * SAMPLE_RATE // 1024)
    woke = any(kind == "woke" for kind, _ in activity.so_far()[before:])
    if woke:
        await kitchen.wait_for("microphone_state", "listening", timeout=30)
    return woke


@dataclass(frozen=True, kw_only=True)
class Stored:
    """What is on the disk of the one word that was taught."""

    file: Path
    sealed: bytes
    key: bytes
    model: bytes
    """What is sealed: numbers that were made from voices."""

    @classmethod
    def of(cls, config: Path) -> Stored:
        """Read the word's file, and open it with the word's key."""
        folder = config / ".cache/voice_privacy"
        (file,) = folder.rglob("*.word")
        sealed = file.read_bytes()
        header = TaughtHeader.unpacked(sealed)
        assert header is not None
        (keys,) = {path.parent for path in folder.rglob(MIRRORS[0]) if path.parent.name == "taught"}
        raw = (keys / MIRRORS[0]).read_bytes()
        # Behind the id and the sequence.
        at = raw.index(bytes.fromhex(header.key_id), KEY_FILE_HEADER_BYTES) + 24
        key = raw[at : at + KEY_BYTES]
        return cls(file=file, sealed=sealed, key=key, model=open_word(key, header, sealed).model)


def holding(folder: Path, content: bytes) -> list[str]:
    """Return the names of files in which some bytes are."""
    return sorted(path.name for path in folder.rglob("*") if path.is_file() and content in path.read_bytes())


@pytest.mark.timeout(1500)
async def test_a_word_is_taught_called_and_deleted(
    house: HomeAssistantProcess, kitchen: Member, tab: Tab
) -> None:
    dialog = await begin(tab, WORD)
    await picture(tab, "2-word")
    for count in range(8):
        pcm = await spoken(WORD, VOICES[count % 2], seed=count + 2)
        await dialog.locator("#person").select_option(str(count % 2 + 1))
        assert await record(kitchen, dialog, pcm) == "good", await dialog.locator(".clips").inner_text()
    await expect(dialog.locator(".count")).to_have_text("8 of 8")
    await picture(tab, "3-eight-clips")

    await dialog.locator("#next").press("Enter")
    # Each phrase twice.
    for text in CONFUSABLES:
        for voice in VOICES:
            await record(kitchen, dialog, await spoken(text, voice, seed=20))
    await picture(tab, "4-others")
    await dialog.locator("#next").press("Enter")
    await expect(dialog.locator("#save")).to_be_visible(timeout=30_000)

    await dialog.locator("#calls").press("Enter")
    await expect(dialog.locator(".now")).to_have_text(re.compile("^Say"), timeout=15_000)
    for count in range(5):
        await kitchen.satellite.say(await spoken(WORD, VOICES[count % 2], seed=count + 30))
        await expect(dialog.locator(".said").first).to_contain_text(f"Heard: {count + 1} of 5")
    await expect(dialog.locator(".note.done")).to_have_text("Heard: 5 of 5.", timeout=15_000)
    await dialog.locator("#talk").press("Enter")
    await expect(dialog.locator(".now")).to_have_text(re.compile("^Talk"), timeout=15_000)
    await kitchen.satellite.say(await spoken("what time is it", Voice.SLT))
    await picture(tab, "5-test")
    await dialog.locator("#talk").press("Enter")
    await expect(dialog.locator(".note.done").last).to_have_text("Woken by mistake: 0.")

    await dialog.locator("#save").press("Enter")
    row = tab.find("voice-privacy-wake-word").filter(has=tab.page.locator("h3", has_text=WORD))
    box = row.get_by_role("checkbox", name="Kitchen")
    await expect(box).to_be_focused(timeout=15_000)
    await box.press("Space")
    await expect(row.locator(".used")).to_have_text("Satellites: \u2068Kitchen\u2069", timeout=30_000)
    await picture(tab, "6-chosen")
    await kitchen.refresh("listening")

    async with kitchen.activity() as activity:
        calls = [
            await woken(
                kitchen,
                activity,
                await spoken(
                    f"{WORD}, what time is it", VOICES[one % 2], seed=one + 50, gain=0.7 + one % 4 / 5
                ),
            )
            for one in range(10)
        ]
        assert calls == [True] * 10
        others = [
            await woken(
                kitchen, activity, await spoken(text, VOICES[one % 2], seed=one + 70, gain=1 - one / 5)
            )
            for text in CONFUSABLES
            for one in range(3)
        ]
        assert others == [False] * 9

    # The numbers are nowhere in plain, and what is looked for can be found.
    config = house.config
    stored = Stored.of(config)
    plain, sealed = (LeakSearch(audio=audio, texts=[WORD]) for audio in (stored.model, stored.sealed))
    planted = config / "planted.raw"
    planted.write_bytes(b"xyz" + stored.model[len(stored.model) // 2 :])
    assert {find.file for find in plain.run(config / ".cache")} == set()
    assert {find.file for find in plain.run(config) if find.what == "audio"} == {planted}
    planted.unlink()
    assert {find.file for find in sealed.run(config) if find.what == "audio"} == {stored.file}
    assert holding(config, stored.key) == sorted(MIRRORS)

    await row.locator("#remove").click()
    await expect(row.locator(".panel")).to_contain_text("still chosen for: \u2068Kitchen\u2069")
    await row.locator("#choose").click()
    await box.click()
    await expect(row.locator(".used")).to_have_text("Not chosen for any satellite", timeout=30_000)
    await row.locator("#remove").click()
    await expect(row.locator(".panel")).to_contain_text("The numbers made from your voices")
    await picture(tab, "7-delete")
    await row.locator("#confirm-remove").click()
    receipt = tab.find("voice-privacy-wake-words .progress .note.done")
    await expect(receipt).to_contain_text("The encryption key is destroyed and verified")
    await expect(row).to_have_count(0)
    await picture(tab, "8-receipt")

    for search in (plain, sealed):
        assert [find for find in search.run(config) if find.what == "audio"] == []
    assert holding(config, stored.key) == []
    assert not stored.file.exists()
    async with kitchen.activity() as activity:
        assert not await woken(kitchen, activity, await spoken(WORD, Voice.SLT, seed=90))


@pytest.mark.timeout(1200)
async def test_each_clip_is_judged(kitchen: Member, tab: Tab) -> None:
    dialog = await begin(tab, WORD)
    for seed in range(3):
        assert await record(kitchen, dialog, await spoken(WORD, Voice.RMS, seed=seed)) == "good"
    for verdict, text, pcm in (
        ("another_word", "Sounds different", await spoken("refrigerator", Voice.RMS)),
        ("silent", "Nothing was heard", b""),
        ("too_quiet", "Come closer or speak up", await spoken(WORD, Voice.RMS, gain=0.02)),
        ("clipped", "Step back or speak more softly", await spoken(WORD, Voice.RMS, gain=40.0)),
        ("too_short", "choose a longer one", await spoken("hey", Voice.SLT)),
        ("too_long", "Say only the word", await spoken(f"{WORD} {WORD} {WORD}", Voice.RMS)),
    ):
        told = await record(kitchen, dialog, pcm)
        line = dialog.locator(".clips li").last
        assert told == verdict
        await expect(dialog.locator(".said").first).to_contain_text(text)
        await expect(line).to_contain_text(text)
        await expect(dialog.locator(".count")).to_have_text("3 of 8")
        if verdict in ("silent", "clipped"):
            await picture(tab, f"9-{verdict}")
    # Escape alone drops nothing.
    await tab.page.keyboard.press("Escape")
    await expect(dialog.locator("#stay")).to_be_focused()
    await tab.page.keyboard.press("Escape")
    await expect(dialog.locator("#leave")).to_be_focused()
    await dialog.locator("#leave").click()
    await picture(tab, "9-leave")
    await dialog.locator("#drop").click()
    await expect(dialog).to_be_hidden()


@pytest.mark.parametrize(
    ("width", "language", "dark"), [(320, "de", True), (390, "ar", False), (320, "en", False)]
)
async def test_teaching_fits_on_a_phone(
    house: HomeAssistantProcess, kitchen: Member, browser: Browser, width: int, language: str, dark: bool
) -> None:
    await kitchen.wait_for("microphone_state", "listening", timeout=30)
    tab = await browser.sign_in(
        house.token, phone=True, size={"width": width, "height": 720}, language=language, dark=dark
    )
    await tab.open(ROOMS)
    await tab.find("#teach").click()
    dialog = tab.find(f"{DIALOG} dialog")
    await picture(tab, f"{language}-{width}-1")
    await dialog.locator("#word").fill(WORD)
    await dialog.locator("#agree").click()
    await dialog.locator("#begin").click()
    await expect(dialog.locator("#title")).to_be_focused()
    for seed in range(3):
        await record(kitchen, dialog, await spoken(WORD, Voice.RMS, seed=seed, gain=0.02 if seed == 2 else 1))
    await picture(tab, f"{language}-{width}-2")
    for control in await dialog.locator("button, select, label.box-row").all():
        box = await control.bounding_box()
        assert box is not None
        assert box["height"] >= 48, await control.inner_text()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
    assert tab.complaints == []
    await tab.page.context.close()
