"""Take the pictures of docs/images in a real house: python -m scripts.pictures [FOLDER] [--moving]."""

import argparse
import asyncio
import contextlib
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
import tempfile
from typing import Any, Final

from PIL import Image
from playwright.async_api import FloatRect, Locator, expect

from dev.rig.browser import CARD, DESKTOP, PHONE, Browser, Tab, screenshot
from dev.rig.furnish import add_integration, place_kitchen_light, use_speech_servers
from dev.rig.house import REPOSITORY, HomeAssistantProcess
from dev.rig.household import Member
from dev.rig.past import fill, utterance
from dev.rig.past_wakes import import_wakes, until_yesterday
from dev.rig.satellite import Satellite
from dev.rig.speech_servers import SttServer, TtsServer
from dev.rig.story import tell
from dev.rig.voices import synthesize, with_room_noise

ROOMS: Final = ("Kitchen", "Bedroom", "Study")
SAID: Final = (
    (2, 7, 5, 0, "turn on the kitchen light", "Turned on the light"),
    (2, 12, 31, 2, "what time is it", "It is half past twelve"),
    (2, 19, 44, 0, None, None),
    (2, 22, 10, 1, "turn off the kitchen light", "Turned off the light"),
    (1, 6, 58, 1, "what time is it", "It is two minutes to seven"),
    (1, 7, 12, 0, "turn on the kitchen light", "Turned on the light"),
    (1, 13, 20, 2, None, None),
    (1, 18, 3, 0, "what time is it", "It is three minutes past six"),
    (1, 21, 47, 0, "turn off the kitchen light", "Turned off the light"),
)
"""Days ago, hour, minute, room, what was understood, what was answered; oldest first."""

_WAKES_BEFORE: Final = (
    ((3, 5, 2, 4, 6, 3, 2, 4, 3, 5, 4), (0, 1, 0, 0, 2, 0, 0, 1, 0, 0, 1)),
    ((1, 2, 0, 3, 2, 1, 1, 2, 1, 0, 2), (0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0)),
    ((0, 1, 2, 1, 0, 0, 3, 1, 2, 1, 1), (0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0)),
)
"""Wakes and false wakes of each room on the days before the first recording."""

_TELEVISION: Final = """\
media_player:
  - platform: universal
    name: Television
    unique_id: television
    state_template: "off"
"""

MOVING: Final = "page.webp"

_TABS: Final = {
    "timeline": "voice-privacy-recordings",
    "rooms": "voice-privacy-microphones",
    "privacy": "voice-privacy-privacy",
}
"""Each tab, and its element."""

_MARGIN: Final = 12
"""Pixels around a part of the page."""

_COLORS: Final = 128
"""Of a palette: enough for a page, and a third of the bytes."""


async def _fill(house: HomeAssistantProcess, members: list[Member]) -> None:
    today = datetime.now(UTC).date()
    utterances = []
    for days_ago, hour, minute, room, transcript, reply in SAID:
        speech = with_room_noise((await synthesize(transcript or "alexa")).pcm)
        moment = datetime.combine(today - timedelta(days=days_ago), time(hour, minute), UTC)
        utterances.append(utterance(members[room].subentry_id, moment, speech, transcript, reply=reply))
    fill(house.config, utterances)


async def _prepare(
    house: HomeAssistantProcess, satellites: list[Satellite], stt: SttServer, tts: TtsServer
) -> list[Member]:
    """Furnish the house and give it a past."""
    await house.start()
    client = house.client
    await use_speech_servers(client, stt_port=stt.port, tts_port=tts.port)
    await place_kitchen_light(client)
    entry_id = await add_integration(client)
    members = [
        await Member.create(house, satellite, entry_id, area=satellite.name) for satellite in satellites
    ]
    for setting, value in (("keep_recordings", "month"), ("keep_false_wakes", "week")):
        await client.command("voice_privacy/retention/set", setting=setting, value=value)
    await client.command("voice_privacy/settings/set", toggle="deletion_by_voice", on=True)
    card: dict[str, Any] = {
        "type": f"custom:{CARD}",
        "rows": 3,
        "show_transcripts": True,
        "show_play": True,
    }
    await client.command(
        "lovelace/dashboards/create", url_path="a-card", title="Home", mode="storage", show_in_sidebar=True
    )
    await client.command("lovelace/config/save", url_path="a-card", config={"views": [{"cards": [card]}]})
    wakes = {
        member.subentry_id: until_yesterday(
            _WAKES_BEFORE[room], ((ago, said is None) for ago, _, _, of, said, _ in SAID if of == room)
        )
        for room, member in enumerate(members)
    }
    await import_wakes(client, wakes, UTC)
    await house.stop()
    await _fill(house, members)
    await house.start()
    for member in members:
        await member.refresh()
    return members


async def _live(members: list[Member]) -> None:
    """Say something, and put each microphone into another state."""
    async with members[0].activity() as activity:
        await members[0].say("turn on the kitchen light")
        await activity.next("kept")
    await members[0].wait_for("microphone_state", "listening")
    await members[1].switch("microphone", on=False)
    await members[2].satellite.stop()
    await members[2].wait_for("microphone_state", "unavailable", timeout=30)


async def _is_shown(tab: Tab, name: str) -> None:
    await tab.open(f"/voice-privacy/{name}")
    await tab.find(f"{_TABS[name]} h2, {_TABS[name]} h3").first.wait_for()
    if name == "timeline":
        await expect(tab.find(".row")).to_have_count(len(SAID) + 1)
    await tab.page.wait_for_load_state("networkidle")


async def _take_device(browser: Browser, house: HomeAssistantProcess, folder: Path) -> None:
    """Take the page that Home Assistant has for a satellite's device."""
    devices = await house.client.command("config/device_registry/list")
    device_id = next(device["id"] for device in devices if device["name"] == ROOMS[0])
    tab = await browser.sign_in(house.token, size={"width": 1280, "height": 1400})
    await tab.open(f"/config/devices/device/{device_id}")
    await tab.page.get_by_text("Microphone state").first.wait_for()
    await tab.page.wait_for_load_state("networkidle")
    await screenshot(tab, folder / "device.png")
    await tab.page.context.close()


async def _take(browser: Browser, token: str, folder: Path) -> None:
    for phone in (False, True):
        for dark in (False, True):
            look = f"{'phone' if phone else 'desktop'}{'-dark' if dark else ''}"
            tab = await browser.sign_in(token, phone=phone, dark=dark)
            for name in _TABS:
                await _is_shown(tab, name)
                await screenshot(tab, folder / f"page-{name}-{look}.png")
            await tab.open("/a-card/0")
            await expect(tab.page.locator(f"{CARD} .rows .line")).to_have_count(3)
            await tab.page.wait_for_load_state("networkidle")
            await tab.page.locator(CARD).screenshot(path=folder / f"card-{look}.png", animations="disabled")
            await tab.page.context.close()
    tab = await browser.sign_in(token)
    await _is_shown(tab, "timeline")
    await tab.find("header.day .icon-button").first.click()
    await expect(tab.find("#confirm")).to_be_enabled()
    await screenshot(tab, folder / "page-delete-desktop.png")
    await tab.page.context.close()
    tab = await browser.sign_in(token, language="ar")
    await _is_shown(tab, "timeline")
    await screenshot(tab, folder / "page-timeline-arabic.png")
    await tab.page.context.close()


def _tall(*, phone: bool) -> dict[str, int]:
    """Return a window in which nothing has to be scrolled, so that the header covers nothing."""
    return (PHONE if phone else DESKTOP) | {"height": 5000}


async def _take_part(tab: Tab, part: Locator, path: Path) -> None:
    """Take a part of the page with a margin."""
    box = await part.bounding_box()
    assert box is not None
    clip: FloatRect = {
        "x": box["x"] - _MARGIN,
        "y": box["y"] - _MARGIN,
        "width": box["width"] + 2 * _MARGIN,
        "height": box["height"] + 2 * _MARGIN,
    }
    await tab.page.screenshot(path=path, clip=clip, animations="disabled")


async def _take_levels(browser: Browser, house: HomeAssistantProcess, folder: Path) -> None:
    """Take the privacy levels of the rooms, with a rule."""
    client = house.client
    rooms = {room["name"]: room["id"] for room in (await client.command("voice_privacy/levels/get"))["rooms"]}
    for name, level in (("Bedroom", "memory_only"), ("Kitchen", "thirty_days")):
        await client.command("voice_privacy/levels/set", area_id=rooms[name], level=level)
    rule = {
        "entity_id": "media_player.television",
        "states": ["playing"],
        "level": "listen_only",
        "area_id": rooms["Kitchen"],
    }
    await client.command("voice_privacy/levels/set_overrides", overrides=[rule])
    for phone in (False, True):
        tab = await browser.sign_in(house.token, phone=phone, size=_tall(phone=phone))
        await _is_shown(tab, "rooms")
        levels = tab.find("voice-privacy-levels")
        await levels.locator("li").first.wait_for()
        # What is below it may no longer move it.
        await tab.find("voice-privacy-wake-words h2").first.wait_for()
        look = "phone" if phone else "desktop"
        await _take_part(tab, levels, folder / f"page-levels-{look}.png")
        await tab.page.context.close()


async def _take_proofs(browser: Browser, house: HomeAssistantProcess, folder: Path) -> None:
    """Take what the page proves, after the self-test and the search for other copies."""
    await house.client.command("voice_privacy/self_test/run", timeout=120)
    for phone in (False, True):
        tab = await browser.sign_in(house.token, phone=phone, size=_tall(phone=phone))
        await _is_shown(tab, "privacy")
        proofs = tab.find("voice-privacy-proof")
        for summary in await proofs.locator("summary").all():
            await summary.click()
        await proofs.locator("#search").click()
        await proofs.locator("#elsewhere li").first.wait_for(timeout=60_000)
        look = "phone" if phone else "desktop"
        await _take_part(tab, proofs, folder / f"page-proofs-{look}.png")
        await tab.page.context.close()


def _pack(folder: Path) -> None:
    """Store every picture with a palette, which is all that a page needs."""
    for path in folder.glob("*.png"):
        with Image.open(path) as picture:
            packed = picture.convert("RGB").quantize(_COLORS, dither=Image.Dither.NONE)
        packed.save(path, optimize=True)


async def take(folder: Path, *, only_moving: bool = False) -> None:
    """Take all pictures, or only the moving one."""
    stt, tts = SttServer(), TtsServer()
    await stt.start()
    await tts.start()
    with tempfile.TemporaryDirectory() as config:
        house = HomeAssistantProcess(Path(config), configuration=_TELEVISION)
        try:
            async with contextlib.AsyncExitStack() as stack:
                satellites = [await stack.enter_async_context(Satellite(room)) for room in ROOMS]
                members = await _prepare(house, satellites, stt, tts)
                async with Browser.launch(house.url) as browser:
                    film = await tell(browser, house.token, *members[:2])
                    await asyncio.to_thread(film.save, folder / MOVING)
                    if only_moving:
                        return
                    await _live(members)
                    await _take_device(browser, house, folder)
                    await _take(browser, house.token, folder)
                    await _take_levels(browser, house, folder)
                    await _take_proofs(browser, house, folder)
        finally:
            await house.stop()
            await stt.stop()
            await tts.stop()
    _pack(folder)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m scripts.pictures", description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=REPOSITORY / "docs/images")
    parser.add_argument("--moving", action="store_true", help="take only the moving picture of the README")
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    asyncio.run(take(arguments.folder, only_moving=arguments.moving))
