"""What goes on after the hub has stopped: mutes, the access log, and Home Assistant that ends."""

import asyncio
from collections.abc import AsyncGenerator
from datetime import timedelta
from typing import Any
from unittest.mock import patch

from freezegun.api import FrozenDateTimeFactory
from homeassistant.const import EVENT_HOMEASSISTANT_STOP
from homeassistant.core import CoreState, HomeAssistant
from homeassistant.util import dt as dt_util
import pytest

from custom_components.voice_privacy.const import DOMAIN
from custom_components.voice_privacy.core.models import AuditAction, Requester
from custom_components.voice_privacy.hub.hub import VoicePrivacyHub

from .helpers.house import ENTRY_ID, House
from .helpers.people import ADMIN
from .helpers.pipeline_home import PipelineHome
from .test_doors import Walk, walk
from .test_http import Client, connect, owner
from .test_unloaded_meanwhile import cut_off_archive

__all__ = ["connect", "owner", "walk"]

SECOND = b"\x01\x00" * 16_000


def seconds_of(audio: bytes) -> float:
    """Return how long some audio is."""
    return round(len(audio) / len(SECOND), 1)


@pytest.mark.parametrize("muted_when", ["after", "before"])
async def test_a_mute_after_a_reload_in_mid_sentence_stops_the_audio(
    home: PipelineHome, muted_when: str
) -> None:
    sending, go_on = asyncio.Event(), asyncio.Event()

    async def spoken() -> AsyncGenerator[bytes]:
        yield SECOND
        sending.set()
        await go_on.wait()
        yield SECOND

    run = asyncio.create_task(home.bedroom.say(spoken()))
    await sending.wait()
    if muted_when == "before":
        await home.switch("microphone", on=False, owner="bedroom")
    assert await home.hass.config_entries.async_reload(ENTRY_ID)
    if muted_when == "after":
        await home.switch("microphone", on=False, owner="bedroom")
    go_on.set()
    await run
    assert [seconds_of(heard) for heard in home.transcriber.heard] == [1.0]


async def test_an_unmute_after_a_reload_is_heard_of_as_well(home: PipelineHome) -> None:
    await home.switch("microphone", on=False, owner="bedroom")
    assert await home.hass.config_entries.async_reload(ENTRY_ID)
    await home.switch("microphone", on=True, owner="bedroom")

    async def spoken() -> AsyncGenerator[bytes]:
        yield SECOND

    await home.bedroom.say(spoken())
    assert [seconds_of(heard) for heard in home.transcriber.heard] == [1.0]


async def test_an_archive_that_the_end_of_home_assistant_cuts_off_is_in_the_access_log(
    hass: HomeAssistant,
    house: House,
    owner: Client,
    monkeypatch: pytest.MonkeyPatch,
    hass_storage: dict[str, Any],
) -> None:
    async def stop() -> None:
        hass.bus.async_fire(EVENT_HOMEASSISTANT_STOP)
        await hass.async_block_till_done()

    await cut_off_archive(house, owner, monkeypatch, stop)
    await hass.async_block_till_done()
    entries = hass_storage[f"{DOMAIN}.access_log"]["data"]["entries"]
    exports = [entry for entry in entries if entry["deed"] == AuditAction.EXPORTED.value]
    assert [(entry["count"], sum(entry["rooms"].values())) for entry in exports] == [(2, 2)]
    assert hass_storage[f"{DOMAIN}.access_log"]["data"]["last_export"]


async def test_a_late_action_has_its_own_time(
    hass: HomeAssistant, house: House, freezer: FrozenDateTimeFactory
) -> None:
    old, by = house.hub, Requester(user_id="somebody")
    assert await hass.config_entries.async_unload(ENTRY_ID)
    happened = dt_util.utcnow()
    old.access_log.add(by, AuditAction.EXPORTED, recording_ids=["a"], satellites={"a": "kitchen"})
    await hass.async_block_till_done()
    freezer.tick(timedelta(days=7))
    assert await hass.config_entries.async_setup(ENTRY_ID)
    (entry,) = [one for one in house.hub.access_log.entries if one.action is AuditAction.EXPORTED]
    assert (entry.when, dict(entry.rooms)) == (happened, {"kitchen": 1})
    # From now on the new log has it.
    old.access_log.add(by, AuditAction.LISTENED, recording_ids=["b"], satellites={"b": "kitchen"})
    entry = house.hub.access_log.entries[-1]
    assert (entry.action, dict(entry.rooms)) == (AuditAction.LISTENED, {"kitchen": 1})
    assert entry.when == dt_util.utcnow()


async def test_what_ends_after_a_removal_is_nowhere(
    hass: HomeAssistant, house: House, hass_storage: dict[str, Any]
) -> None:
    old = house.hub
    await hass.config_entries.async_remove(ENTRY_ID)
    old.access_log.add(Requester(user_id="somebody"), AuditAction.EXPORTED, count=1)
    await hass.async_block_till_done()
    assert [name for name in hass_storage if name.startswith(DOMAIN)] == []


async def test_home_assistant_that_stops_during_a_reload_leaves_no_hub_behind(
    hass: HomeAssistant, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    started, go_on = asyncio.Event(), asyncio.Event()
    start = VoicePrivacyHub.async_start

    async def start_slowly(hub: VoicePrivacyHub, *args: Any) -> None:
        started.set()
        await go_on.wait()
        await start(hub, *args)

    monkeypatch.setattr(VoicePrivacyHub, "async_start", start_slowly)
    reload = hass.async_create_task(hass.config_entries.async_reload(ENTRY_ID))
    await started.wait()
    hass.set_state(CoreState.stopping)
    hass.bus.async_fire(EVENT_HOMEASSISTANT_STOP)
    go_on.set()
    assert await reload
    assert house.hub.stopped
    hass.set_state(CoreState.running)


@pytest.mark.parametrize("part", ["RivalWatch", "async_follow_announcements", "VoicePrivacyCoordinator"])
async def test_a_set_up_that_fails_late_stops_its_hub(hass: HomeAssistant, house: House, part: str) -> None:
    assert await hass.config_entries.async_unload(ENTRY_ID)
    started: list[VoicePrivacyHub] = []
    start = VoicePrivacyHub.async_start

    async def start_noted(hub: VoicePrivacyHub, *args: Any) -> None:
        started.append(hub)
        await start(hub, *args)

    with (
        patch.object(VoicePrivacyHub, "async_start", start_noted),
        patch(f"custom_components.{DOMAIN}.{part}", side_effect=RuntimeError),
    ):
        assert not await hass.config_entries.async_setup(ENTRY_ID)
    (hub,) = started
    assert hub.stopped
    # The store is free for the next attempt.
    assert await hass.config_entries.async_reload(ENTRY_ID)
    assert house.hub.kept.error is None


async def test_a_stopped_hub_answers_nothing(hass: HomeAssistant, walk: Walk) -> None:
    await walk.furnish()
    hass.bus.async_fire(EVENT_HOMEASSISTANT_STOP)
    await hass.async_block_till_done()
    desk = walk.people[ADMIN].desk
    for name, fields in (
        ("recordings/list", {}),
        ("recordings/preview", {"scope": "all"}),
        ("recordings/delete", {"scope": "all"}),
        ("settings/set", {"toggle": "guest_mode", "on": True}),
    ):
        assert await desk.code_of(name, **fields) == "not_loaded", name
