"""The access log under a flood: nobody pushes out another's entries, or hides what they did themselves."""

from datetime import timedelta

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator, WebSocketGenerator

from custom_components.voice_privacy.const import DOMAIN
from custom_components.voice_privacy.core.models import AuditAction, Requester, RequesterKind
from custom_components.voice_privacy.hub import access_log
from custom_components.voice_privacy.hub.access_log import AccessLog

from .helpers.house import House

FLOODS = {
    "a user": [Requester(kind=RequesterKind.USER, user_id="mallory")],
    "a user in words to many satellites": [
        Requester(kind=RequesterKind.VOICE, user_id="mallory", satellite_id=f"room {number}")
        for number in range(100)
    ],
    "a user in every role": [
        Requester(kind=kind, user_id="mallory", satellite_id=room)
        for kind in RequesterKind
        for room in (None, "kitchen", "bedroom")
    ],
    "somebody in a room": [Requester(kind=RequesterKind.VOICE, satellite_id="kitchen")],
    "somebody somewhere": [Requester(kind=RequesterKind.VOICE)],
    "an automation": [Requester(automation="automation.every_second")],
    "nobody in particular": [Requester()],
    "retention": [Requester(kind=RequesterKind.RETENTION)],
}

OTHERS = [
    Requester(kind=RequesterKind.USER, user_id="owner"),
    Requester(kind=RequesterKind.USER, user_id="member"),
    Requester(kind=RequesterKind.VOICE, satellite_id="attic"),
    Requester(automation="automation.every_night"),
]


@pytest.mark.parametrize("flood", FLOODS)
async def test_a_flood_pushes_out_nothing_but_itself(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, flood: str
) -> None:
    log = AccessLog(hass)
    for by in OTHERS:
        for number in range(200):
            log.add(by, AuditAction.CHANGED, subject="muted", value=f"{number}")
    # What the flood is to hide.
    log.add(FLOODS[flood][0], AuditAction.LISTENED, count=1)
    log.add(FLOODS[flood][0], AuditAction.EXPORTED, count=7)
    before = log.entries
    for number in range(2_000):
        if number % 250 == 0:
            freezer.tick(timedelta(minutes=6))
        by = FLOODS[flood][number % len(FLOODS[flood])]
        log.add(
            by,
            AuditAction.CHANGED if number % 3 else AuditAction.LISTED,
            subject=f"toggle {number}",
            value="on",
        )
    assert log.entries[: len(before)] == before
    assert len(log.entries) <= len(before) + 1_000
    # The newest of the flood are there.
    assert log.entries[-1].subject == "toggle 1999"
    await log.async_stop()
    await log.async_remove()


async def test_a_full_log_takes_from_whoever_has_most(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(access_log, "_MAX_ENTRIES", 500)
    log = AccessLog(hass)
    for number in range(10):
        for times in range(100):
            by = Requester(kind=RequesterKind.USER, user_id=f"user {number}")
            log.add(by, AuditAction.CHANGED, subject=f"{times}")
    log.add(Requester(user_id="quiet"), AuditAction.EXPORTED)
    assert len(log.entries) == 500
    assert log.entries[-1].by.user_id == "quiet"
    held = [sum(entry.by.user_id == f"user {number}" for entry in log.entries) for number in range(10)]
    assert max(held) - min(held) <= 1
    await log.async_stop()
    await log.async_remove()


ADA = Requester(kind=RequesterKind.USER, user_id="ada")


async def test_what_is_seen_again_is_counted_once(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    log = AccessLog(hass)
    page = [f"recording {number}" for number in range(50)]
    for _ in range(5):
        freezer.tick(timedelta(minutes=1))
        log.add(ADA, AuditAction.LISTED, recording_ids=page)
    log.add(ADA, AuditAction.LISTED, recording_ids=["another"])
    (entry,) = log.entries
    assert (entry.count, entry.times) == (51, 6)
    assert entry.until - entry.when == timedelta(minutes=4)
    freezer.tick(timedelta(minutes=6))
    log.add(ADA, AuditAction.LISTED, recording_ids=page[:3])
    assert [entry.count for entry in log.entries] == [51, 3]
    await log.async_stop()
    await log.async_remove()


async def test_after_a_restart_nothing_is_counted_twice(hass: HomeAssistant) -> None:
    log = AccessLog(hass)
    log.add(ADA, AuditAction.LISTENED, recording_ids=["one", "two"])
    await log.async_stop()
    again = AccessLog(hass)
    await again.async_load()
    again.add(ADA, AuditAction.LISTENED, recording_ids=["one", "two"])
    assert [(entry.count, entry.times) for entry in again.entries] == [(2, 1), (2, 1)]
    await again.async_stop()
    await again.async_remove()


async def test_the_parts_of_a_sound_are_one_time(hass: HomeAssistant) -> None:
    log = AccessLog(hass)
    for start, recording_id in ((False, "one"), (True, "one"), (True, "one"), (True, "two"), (False, "two")):
        log.add(ADA, AuditAction.LISTENED, recording_ids=[recording_id], continues=start)
    (entry,) = log.entries
    # Whoever asks for the end only has heard it, too.
    assert (entry.count, entry.times) == (2, 3)
    await log.async_stop()
    await log.async_remove()


async def test_an_empty_page_is_no_look(house: House, hass_ws_client: WebSocketGenerator) -> None:
    client = await hass_ws_client(house.hass)
    for command in ("recordings/list", "review/pool"):
        await client.send_json_auto_id({"type": f"{DOMAIN}/{command}"})
        assert (await client.receive_json())["success"]
    assert len(house.hub.access_log.entries) == 0
    await house.keep(2)
    for _ in range(3):
        await client.send_json_auto_id({"type": f"{DOMAIN}/recordings/list"})
        assert (await client.receive_json())["success"]
    assert [(entry.count, entry.times) for entry in house.hub.access_log.entries] == [(2, 3)]


async def test_playing_again_and_in_parts_is_counted_once(
    house: House, hass_client: ClientSessionGenerator
) -> None:
    (recording_id,) = await house.keep(1)
    client = await hass_client()
    ranges: list[dict[str, str]] = [
        {},
        {"Range": "bytes=0-1"},
        {"Range": "bytes=2-99"},
        {"Range": "bytes=100-"},
    ]
    for headers in ranges:
        answer = await client.get(f"/api/{DOMAIN}/recordings/{recording_id}/audio", headers=headers)
        assert answer.status in (200, 206)
        await answer.read()
    entries = [(entry.action, entry.count, entry.times) for entry in house.hub.access_log.entries]
    assert entries == [(AuditAction.LISTENED, 1, 2)]
