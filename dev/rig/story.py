"""The story that the README's moving picture tells, played in a real house."""

import asyncio
from typing import Final

from playwright.async_api import expect

from .browser import Browser, Tab
from .film import Film
from .household import Member

SIZE: Final = {"width": 1080, "height": 700}

_SCALE: Final = 1.5
"""Enough for screens with small pixels, on which a README is about as wide as this."""

_ROW: Final = "voice-privacy-recording"


async def tell(browser: Browser, token: str, kitchen: Member, bedroom: Member) -> Film:
    """Film what becomes of a command: it is recorded, heard again, and deleted; then a microphone is muted."""
    tab = await browser.sign_in(token, size=SIZE, scale=_SCALE)
    await tab.page.add_init_script("localStorage.setItem('dockedSidebar', '\"always_hidden\"');")
    await tab.open("/voice-privacy/timeline")
    await tab.find(_ROW).first.wait_for()
    await tab.page.wait_for_load_state("networkidle")
    film = Film(tab, _SCALE)
    await _speak(film, tab, kitchen)
    await _listen(film, tab)
    await _delete(film, tab)
    await _mute(film, tab, bedroom)
    await tab.page.context.close()
    return film


async def _speak(film: Film, tab: Tab, kitchen: Member) -> None:
    rows = tab.find(_ROW)
    before = await rows.count()
    film.say("Say in the kitchen: “Alexa, turn on the kitchen light”")
    await film.show(1.2)
    async with kitchen.activity() as activity, asyncio.TaskGroup() as group:
        group.create_task(kitchen.say("turn on the kitchen light"))
        await kitchen.wait_for("microphone_state", "recording")
        await expect(tab.find("#house-line")).to_contain_text("recording now")
        await film.show(1.2)
        await activity.next("kept")
    await expect(rows).to_have_count(before + 1)
    film.say("The light turns on, and the recording is on your own machine, encrypted")
    await film.show(1.6)


async def _listen(film: Film, tab: Tab) -> None:
    await film.click(tab.find(f"{_ROW} .said").first)
    play = tab.find("voice-privacy-detail .play")
    await play.wait_for()
    film.say("See why it was recorded, and listen to it")
    await film.show(0.9)
    await film.click(play, pause=0.1)
    await film.watch(1.6)


async def _delete(film: Film, tab: Tab) -> None:
    film.say("Delete it: you can undo that for 10 seconds")
    await film.click(tab.find("#detail-delete"), pause=0.4)
    confirm = tab.find("#confirm")
    await expect(confirm).to_be_enabled()
    await film.show(0.4)
    await film.click(confirm, pause=0.2)
    await tab.find(".undo-line[data-stage=waiting]").wait_for()
    await film.watch(1.4)
    await tab.find(".undo-line[data-stage=done]").wait_for(timeout=20_000)
    film.say("After that its key is destroyed, and nothing can bring it back")
    await film.show(1.3)
    await expect(tab.find(".undo-line")).to_have_count(0, timeout=20_000)


async def _mute(film: Film, tab: Tab, bedroom: Member) -> None:
    film.say("Each room shows what its microphone does: mute it here")
    await film.click(tab.page.get_by_role("tab", name="Rooms"), pause=0.2)
    room = tab.find("voice-privacy-room").filter(has_text="Bedroom")
    await room.wait_for()
    await tab.page.wait_for_load_state("networkidle")
    await film.show(0.6)
    await film.click(room.locator("label.mic input"), pause=0.3)
    await bedroom.wait_for("microphone_state", "muted")
    await expect(room.locator(".state")).to_have_text("Muted")
    await film.show(1.8)
