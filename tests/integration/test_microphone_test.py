"""Microphone tests: ten seconds of a satellite heard live by an administrator, and nothing of it kept."""

import asyncio
from base64 import b64decode
from collections.abc import AsyncIterator
import logging
from pathlib import Path
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.helpers.translation import async_get_translations
import pytest

from custom_components.voice_privacy.const import DOMAIN
from custom_components.voice_privacy.core.house_settings import HouseToggle
from custom_components.voice_privacy.core.models import AuditAction, Requester
from custom_components.voice_privacy.hub import microphone_tests
from custom_components.voice_privacy.hub.access_log import AccessLogEntry
from dev.rig.leak_search import LeakSearch

from .helpers.house import BEDROOM, KITCHEN, House
from .helpers.people import ADMIN, KITCHEN_MEMBER, LAMP, PEOPLE, Desk, Person, people_of
from .helpers.self_waking import set_up_with_self_waking_satellite
from .helpers.talker import loud, silence, speech

COMMAND = f"{DOMAIN}/microphones/test"
FIGURES = {"type", "audio", "level", "peak", "clips", "floor", "score", "threshold"}


@pytest.fixture
async def admin(house: House) -> Person:
    """Somebody who may."""
    person = (await people_of(house, (ADMIN,)))[ADMIN]
    await house.until_listening()
    return person


@pytest.fixture
def seconds(monkeypatch: pytest.MonkeyPatch) -> float:
    """The length of a test, which is shorter here."""
    monkeypatch.setattr(microphone_tests, "_SECONDS", 3.0)
    return 3.0


def heard(desk: Desk) -> bytes:
    """Return the sound that was told."""
    return b"".join(b64decode(event["audio"]) for event in desk.events("heard"))


def ended(desk: Desk) -> list[Any]:
    """Return the codes with which tests have ended."""
    return [event["code"] for event in desk.events("ended")]


def noted(house: House) -> list[AccessLogEntry]:
    """Return the entries of the access log about tests."""
    return [entry for entry in house.hub.access_log.entries if entry.action is AuditAction.MICROPHONE_TESTED]


async def begin(desk: Desk, satellite_id: str = KITCHEN) -> int:
    """Start a test and wait for its first sound; return its number."""
    told = len(desk.events("heard"))
    number = desk.send(COMMAND, satellite_id=satellite_id)
    await desk.until_told(lambda: len(desk.events("heard")) > told)
    return number


async def over(house: House, desk: Desk) -> None:
    """Check that nothing more is told, and that nothing is left behind."""
    told = len(desk.told)
    await house.kitchen.wait_for_frames(10)
    assert [message for message in desk.told[told:] if message["type"] == "event"] == []
    assert (house.hub.microphone_tests._running, house.hub.microphone_tests._tested) == (set(), set())
    assert house.hub.satellites[KITCHEN].taps._taps == []


# --- what is heard -------------------------------------------------------------------------------


async def test_the_room_hears_a_tone_and_then_the_owner_the_room(
    house: House, models: Path, admin: Person, seconds: float
) -> None:
    desk = admin.desk
    desk.send(COMMAND, satellite_id=KITCHEN)
    tone = await house.kitchen.wait_for_reply()
    assert 0.1 < tone.seconds < 0.5
    await desk.until_told(lambda: bool(desk.events("heard")))
    await house.kitchen.say(await speech("what a nice day it is"))
    await desk.until_told(lambda: bool(desk.events("ended")))

    sound = heard(desk)
    # All of it, in one piece, and nothing from before.
    assert seconds - 0.5 <= len(sound) / 32_000 <= seconds + 0.25
    assert house.kitchen.heard_by_server(sound) > 0
    for event in desk.events("heard"):
        assert event.keys() == FIGURES
        assert -100 <= event["level"] <= event["peak"] <= 0
        assert (event["threshold"], event["clips"]) == (0.5, 0)
        assert 0 <= event["score"] <= 1
    assert desk.events("heard")[-1]["floor"] < -40
    assert desk.events("ended") == [{"type": "ended", "code": None, "verdict": "good"}]
    (entry,) = noted(house)
    assert (entry.by.user_id, entry.subject, entry.times) == (admin.user.id, KITCHEN, 1)
    await over(house, desk)


async def test_a_wake_word_wakes_as_always(house: House, models: Path, admin: Person) -> None:
    desk = admin.desk
    await begin(desk)
    await house.kitchen.ask()
    await house.until_told("kept")
    assert len(house.ids()) == 1
    assert max(event["score"] for event in desk.events("heard")) >= 0.5
    assert ended(desk) == []


@pytest.mark.parametrize(
    ("room", "verdict"), [(silence(3.0), "unspoken"), (b"\xff\x7f\x00\x80" * 24_000, "clipping")]
)
async def test_it_says_what_is_wrong(
    house: House, models: Path, admin: Person, seconds: float, room: bytes, verdict: str
) -> None:
    await begin(admin.desk)
    await house.kitchen.blurt(room)
    await admin.desk.until_told(lambda: bool(admin.desk.events("ended")))
    assert admin.desk.events("ended")[0]["verdict"] == verdict


async def test_nothing_of_it_is_kept(
    house: House, models: Path, admin: Person, seconds: float, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, logger="custom_components.voice_privacy")
    await house.switch("save_near_misses", on=True)
    changes, activity = len(house.changes), house.activity()
    await begin(admin.desk)
    await house.kitchen.blurt(loud(1.5))
    await admin.desk.until_told(lambda: bool(admin.desk.events("ended")))
    sound = heard(admin.desk)
    assert len(sound) > 2 * 32_000
    assert house.ids() == []
    assert house.activity() == activity
    assert not house.hub.in_flight(None)
    assert house.hub.scores._history.entries(KITCHEN) == ()
    # Written by now, or never.
    await house.reload()
    assert noted(house)
    search = LeakSearch(audio=sound, texts=[])
    folder = Path(house.hass.config.config_dir)
    found = await house.hass.async_add_executor_job(search.run, folder)
    assert found == []
    (folder / "kept.raw").write_bytes(sound[:2_000])
    assert await house.hass.async_add_executor_job(search.run, folder)
    told = str(house.changes[changes:]) + caplog.text
    for event in admin.desk.events("heard"):
        assert event["audio"][:40] not in told


# --- its end -------------------------------------------------------------------------------------


async def test_mute_ends_it_at_once(house: House, admin: Person) -> None:
    await begin(admin.desk)
    await house.switch("microphone", on=False)
    told = len(admin.desk.events("heard"))
    await admin.desk.until_told(lambda: bool(ended(admin.desk)))
    assert admin.desk.events("ended") == [{"type": "ended", "code": "muted_while_heard", "verdict": None}]
    assert len(admin.desk.events("heard")) == told
    # Nor does it go on when the microphone is on again.
    await house.switch("microphone", on=True)
    await over(house, admin.desk)


async def test_guest_mode_ends_it_at_once(house: House, admin: Person) -> None:
    await begin(admin.desk)
    (guest_mode,) = (
        state.entity_id for state in house.hass.states.async_all("switch") if "guest" in state.entity_id
    )
    await house.hass.services.async_call("switch", "turn_on", {"entity_id": guest_mode}, blocking=True)
    told = len(admin.desk.events("heard"))
    await admin.desk.until_told(lambda: bool(ended(admin.desk)))
    assert (ended(admin.desk), len(admin.desk.events("heard"))) == (["guest_mode_on"], told)
    assert await admin.desk.code_of("microphones/test", satellite_id=KITCHEN) == "guest_mode_on"
    await over(house, admin.desk)


@pytest.mark.parametrize("way", ["unsubscribes", "disconnects"])
async def test_it_ends_with_whoever_listens(house: House, admin: Person, way: str) -> None:
    number = await begin(admin.desk)
    if way == "unsubscribes":
        admin.desk.connection.subscriptions.pop(number)()
    else:
        admin.desk.connection.async_handle_close()
    await over(house, admin.desk)
    assert ended(admin.desk) == []


async def test_whoever_leaves_during_the_tone_hears_nothing(house: House, admin: Person) -> None:
    admin.desk.send(COMMAND, satellite_id=KITCHEN)
    await house.until_found(lambda: house.hub.microphone_tests._tested)
    admin.desk.connection.async_handle_close()
    await house.until_found(lambda: not house.hub.microphone_tests._tested)
    await over(house, admin.desk)
    assert admin.desk.events() == []


async def test_a_mute_during_the_tone_is_heeded(house: House, admin: Person) -> None:
    number = admin.desk.send(COMMAND, satellite_id=KITCHEN)
    await house.until_found(lambda: house.hub.microphone_tests._tested)
    await house.switch("microphone", on=False)
    await admin.desk.until_told(lambda: admin.desk.answer_to(number) is not None)
    answer = admin.desk.answer_to(number)
    assert answer is not None
    assert answer["error"]["code"] in ("muted_while_heard", "cannot_listen")
    assert (noted(house), admin.desk.events()) == ([], [])
    await house.switch("microphone", on=True)
    await over(house, admin.desk)


async def test_it_ends_with_the_right_the_satellite_and_the_entry(house: House, admin: Person) -> None:
    desk = admin.desk
    await begin(desk)
    await house.reload()
    assert ended(desk) == ["not_loaded"]
    await house.until_listening()
    await begin(desk)
    await house.hass.auth.async_update_user(admin.user, is_active=False)
    await desk.until_told(lambda: len(ended(desk)) == 2)
    assert ended(desk)[1] == "unauthorized"
    # That has revoked the token.
    await house.hass.auth.async_update_user(admin.user, is_active=True)
    desk = Desk(house.hass, admin.user, None)
    await begin(desk)
    await house.kitchen.stop()
    await desk.until_told(lambda: bool(ended(desk)))
    assert ended(desk) == ["no_audio_to_test"]


# --- what it is refused for ----------------------------------------------------------------------


@pytest.mark.usefixtures("bedroom")
async def test_one_at_a_time_in_each_room(house: House, admin: Person) -> None:
    await begin(admin.desk)
    other = Desk(house.hass, admin.user, admin.token)
    assert await other.code_of("microphones/test", satellite_id=KITCHEN) == "busy"
    assert other.events() == []
    await house.until_listening(BEDROOM)
    await begin(other, BEDROOM)
    assert await other.code_of("microphones/test", satellite_id="garage") == "invalid_request"
    assert await other.code_of("microphones/test") == "invalid_request"


async def test_nobody_listens_all_the_time(
    house: House, admin: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = admin.desk
    monkeypatch.setattr(microphone_tests, "_AT_ONCE", 2)
    for _ in range(2):
        number = await begin(desk)
        desk.connection.subscriptions.pop(number)()
    replies = len(house.kitchen.replies)
    answer = await desk.ask(COMMAND, satellite_id=KITCHEN)
    assert answer["error"]["code"] == "tested_too_often"
    assert "Kitchen" in answer["error"]["message"]
    assert (len(house.kitchen.replies), noted(house)[0].times) == (replies, 2)
    await over(house, desk)


async def test_a_reload_lets_nobody_listen_again(
    house: House, admin: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else whoever reloads after each test would hear more than a tenth of what is said."""
    desk = admin.desk
    monkeypatch.setattr(microphone_tests, "_AT_ONCE", 1)
    number = await begin(desk)
    desk.connection.subscriptions.pop(number)()
    await house.reload()
    await house.until_listening()
    assert await desk.code_of("microphones/test", satellite_id=KITCHEN) == "tested_too_often"


async def test_what_is_said_in_a_moment_of_guest_mode_is_not_heard(house: House, admin: Person) -> None:
    """Also if guest mode ends before the test looks again."""
    await begin(admin.desk)
    taps = house.hub.satellites[KITCHEN].taps
    await house.hub.async_set_house(HouseToggle.GUEST_MODE, Requester(), on=True)
    taps.heard(loud(0.08))
    await house.hub.async_set_house(HouseToggle.GUEST_MODE, Requester(), on=False)
    told = len(admin.desk.events("heard"))
    assert ended(admin.desk) == ["guest_mode_on"]
    taps.heard(loud(1.0))
    await over(house, admin.desk)
    assert len(admin.desk.events("heard")) == told


async def test_no_sound_is_sent_through_a_log(house: House, admin: Person) -> None:
    """Home Assistant writes every websocket message to its log at this level."""
    logger = logging.getLogger("homeassistant.components.websocket_api.http.connection")
    logger.setLevel(logging.DEBUG)
    try:
        assert await admin.desk.code_of("microphones/test", satellite_id=KITCHEN) == "sound_would_be_logged"
        assert (noted(house), house.kitchen.replies) == ([], [])
    finally:
        logger.setLevel(logging.NOTSET)
    await begin(admin.desk)
    logger.setLevel(logging.DEBUG)
    try:
        await admin.desk.until_told(lambda: bool(ended(admin.desk)))
    finally:
        logger.setLevel(logging.NOTSET)
    assert ended(admin.desk) == ["sound_would_be_logged"]


async def test_no_room_is_heard_before_it_has_heard_the_tone(house: House, admin: Person) -> None:
    speaking, may_end = asyncio.Event(), asyncio.Event()

    async def reply() -> AsyncIterator[bytes]:
        speaking.set()
        await may_end.wait()
        yield b""

    satellite: Any = house.hub.satellites[KITCHEN]
    playing = asyncio.ensure_future(satellite.async_play(reply()))
    await speaking.wait()
    assert await admin.desk.code_of("microphones/test", satellite_id=KITCHEN) == "cannot_listen"
    may_end.set()
    await house.until_found(lambda: satellite._speaker.on_played() or playing.done())
    # Nor in the middle of a command.
    await house.press_to_talk()
    assert await admin.desk.code_of("microphones/test", satellite_id=KITCHEN) == "cannot_listen"
    assert (noted(house), admin.desk.events()) == ([], [])
    await house.switch("microphone", on=False)
    assert await admin.desk.code_of("microphones/test", satellite_id=KITCHEN) == "muted_while_heard"


async def test_only_administrators(house: House) -> None:
    people = await people_of(house)
    await house.until_listening()
    for name in PEOPLE:
        if name != ADMIN and name in people:
            code = await people[name].desk.code_of("microphones/test", satellite_id=KITCHEN)
            assert code == "unauthorized", name
    assert (noted(house), house.kitchen.replies) == ([], [])
    # Whoever may control the room learns of it.
    await begin(people[ADMIN].desk)
    log = (await people[KITCHEN_MEMBER].desk.ask(f"{DOMAIN}/access_log/rooms"))["result"]["entries"]
    assert [(entry["deed"], entry["user"], entry["subject"]) for entry in log] == [
        ("microphone_tested", ADMIN, KITCHEN)
    ]


@pytest.mark.parametrize("kitchen_options", [{"wake_words": []}])
async def test_a_satellite_that_finds_its_wake_word_itself_says_why_not(
    quiet_house: House, models: Path, socket_enabled: None
) -> None:
    house = quiet_house
    async with set_up_with_self_waking_satellite(house):
        desk = (await people_of(house, (ADMIN,)))[ADMIN].desk
        answer = await desk.ask(COMMAND, satellite_id=KITCHEN)
        assert answer["error"]["code"] == "heard_only_in_commands"
        assert "only while it listens to a command" in answer["error"]["message"]
        assert noted(house) == []
        assert await house.hass.config_entries.async_unload(house.entry.entry_id)


@pytest.mark.parametrize("kitchen_options", [{"wake_words": []}])
async def test_without_a_wake_word_there_is_sound_and_no_score(house: House) -> None:
    desk = (await people_of(house, (ADMIN,)))[ADMIN].desk
    await house.kitchen.wait_for_frames(5)
    await begin(desk)
    assert {(event["score"], event["threshold"]) for event in desk.events("heard")} == {(None, None)}


async def test_every_refusal_has_a_sentence(hass: HomeAssistant, house: House) -> None:
    codes = (
        "guest_mode_on",
        "muted_while_heard",
        "sound_would_be_logged",
        "tested_too_often",
        "heard_only_in_commands",
    )
    texts = await async_get_translations(hass, "de", "exceptions", [DOMAIN])
    assert all(f"component.{DOMAIN}.exceptions.{code}.message" in texts for code in codes)


# --- the first run -------------------------------------------------------------------------------


async def test_the_house_remembers_that_something_was_kept(house: House, models: Path, admin: Person) -> None:
    """Whoever has deleted everything is not new here, in any browser."""

    async def ever_kept() -> bool:
        desk = Desk(house.hass, admin.user, admin.token)
        desk.send(f"{DOMAIN}/subscribe")
        await desk.until_told(lambda: bool(desk.events("state")))
        return bool(desk.events("state")[-1]["house"]["ever_kept"])

    assert await ever_kept() is False
    await house.keep()
    assert await ever_kept() is True
    await house.act("delete_all", {"confirm": True})
    assert (house.ids(), await ever_kept()) == ([], True)
    await house.reload()
    assert (house.ids(), await ever_kept()) == ([], True)


async def test_who_sees_a_part_does_not_learn_what_the_house_has_ever_kept(house: House) -> None:
    people = await people_of(house, (KITCHEN_MEMBER, LAMP))
    for desk in [person.desk for person in people.values()]:
        await desk.ask(f"{DOMAIN}/subscribe")
        assert "ever_kept" not in desk.events("state")[-1]["house"]
