"""The access log under a flood: nobody pushes out another's entries, or hides what they did themselves."""

from datetime import timedelta

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
import pytest

from custom_components.voice_privacy.core.models import AuditAction, Requester, RequesterKind
from custom_components.voice_privacy.hub import access_log
from custom_components.voice_privacy.hub.access_log import AccessLog

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
