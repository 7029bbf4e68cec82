"""Privacy levels and memory only against carelessness and bad moments: the stricter side holds, nothing is left behind."""

import asyncio
from datetime import timedelta
import errno
from types import SimpleNamespace
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import area_registry as ar
from homeassistant.helpers.storage import Store
from homeassistant.util import dt as dt_util
from homeassistant.util.file import WriteError
import pytest
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from custom_components.voice_privacy.core.errors import StoreNotReady
from custom_components.voice_privacy.core.models import DeletionRequest, DeletionScope, Requester
from custom_components.voice_privacy.core.stream_health import SatelliteState
from custom_components.voice_privacy.hub.house_events import does_not_listen
from custom_components.voice_privacy.recordings.durable_store import DurableStore

from .helpers.house import BEDROOM, ENTRY_ID, KITCHEN, House
from .helpers.recordings import begin, record
from .helpers.talker import Talker
from .test_levels import Page, choose, level, page, place, rule
from .test_memory_only import TEXT, held, room as memory_room, say
from .test_voice_commands import Speaker, traces_of

__all__ = ["memory_room", "page"]

_TV = "media_player.tv"


@pytest.fixture
async def room(house: House) -> str:
    """The area of the kitchen's satellite."""
    area_id = place(house, KITCHEN, "Kitchen")
    await house.hass.async_block_till_done()
    assert area_id is not None
    return area_id


# --- rooms ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("reload", [False, True])
async def test_the_level_of_a_deleted_room_holds_until_the_satellite_is_in_another(
    hass: HomeAssistant, house: House, room: str, reload: bool
) -> None:
    await choose(house, room, "day")
    await choose(house, room, "off")
    await house.until_state("sensor", "microphone_state", "muted")
    resumed = len(house.kitchen.log.received("run-satellite"))
    ar.async_get(hass).async_delete(room)
    await hass.async_block_till_done()
    if reload:
        await house.reload()
        await house.until_state("sensor", "microphone_state", "muted")
    assert house.state("switch", "microphone") == "off"
    assert house.hub.retention_policy.longest == {KITCHEN: timedelta(days=1)}
    # Not even for a moment was it told to go on.
    assert len(house.kitchen.log.received("run-satellite")) == resumed or reload
    # The level for satellites without an area holds on top of that.
    place(house, KITCHEN, "Attic")
    await hass.async_block_till_done()
    await house.until_listening()
    assert house.state("switch", "microphone") == "on"
    assert house.hub.retention_policy.longest == {}


async def test_the_level_of_a_deleted_room_does_not_replace_that_of_new_rooms(
    hass: HomeAssistant, house: House, room: str
) -> None:
    await choose(house, None, "listen_only")
    await choose(house, room, "memory_only")
    ar.async_get(hass).async_delete(room)
    await hass.async_block_till_done()
    await house.press_to_talk()
    await house.until_told("discarded", "privacy_level")
    assert held(house) == []


async def test_a_satellite_that_is_taken_out_of_its_room_has_the_level_for_new_rooms(
    hass: HomeAssistant, house: House, room: str
) -> None:
    await choose(house, room, "listen_only")
    place(house, KITCHEN, None)
    await hass.async_block_till_done()
    assert await house.keep()
    ar.async_get(hass).async_delete(room)
    await hass.async_block_till_done()
    assert await house.keep()


async def test_the_level_for_new_rooms_deletes_nothing_of_satellites_that_are_gone(
    hass: HomeAssistant, house: House, bedroom: Talker
) -> None:
    place(house, BEDROOM, "Bedroom")
    place(house, KITCHEN, "Kitchen")
    old = await record(house, owner=BEDROOM, started_at=dt_util.utcnow() - timedelta(days=2))
    assert hass.config_entries.async_remove_subentry(house.entry, BEDROOM)
    await hass.async_block_till_done()
    await choose(house, None, "day")
    assert house.hub.retention_policy.longest == {}
    await house.reload()
    assert house.ids() == [old]


async def test_a_removed_satellite_that_had_no_room_is_still_limited(
    hass: HomeAssistant, house: House
) -> None:
    await choose(house, None, "day")
    await record(house)
    assert hass.config_entries.async_remove_subentry(house.entry, KITCHEN)
    await hass.async_block_till_done()
    assert house.hub.retention_policy.longest == {KITCHEN: timedelta(days=1)}
    await house.reload()
    assert house.hub.retention_policy.longest == {KITCHEN: timedelta(days=1)}


async def test_a_removed_satellites_room_is_known_when_the_level_for_new_rooms_changes(
    hass: HomeAssistant, house: House, room: str, bedroom: Talker
) -> None:
    # Something is restricted, so that rooms are remembered.
    place(house, BEDROOM, "Bedroom")
    await choose(house, room, "three_months")
    await record(house, owner=BEDROOM)
    assert hass.config_entries.async_remove_subentry(house.entry, BEDROOM)
    await hass.async_block_till_done()
    await choose(house, None, "day")
    assert house.hub.retention_policy.longest == {KITCHEN: timedelta(days=92)}


async def test_a_room_with_a_very_long_name_has_a_level_after_a_restart(house: House) -> None:
    """Its id is as long; a file with it must not count as damaged."""
    area_id = place(house, KITCHEN, "Kitchen " + "x" * 300)
    await house.hass.async_block_till_done()
    await choose(house, area_id, "listen_only")
    await house.reload()
    assert house.issue("settings_lost") is None
    assert level(house, area_id) == "listen_only"


async def test_a_satellite_that_its_level_keeps_off_does_not_count_as_deaf(house: House, room: str) -> None:
    satellite: Any = SimpleNamespace(satellite_id=KITCHEN, state=SatelliteState.DISCONNECTED)
    assert does_not_listen(house.hub, satellite)
    await choose(house, room, "off")
    assert not does_not_listen(house.hub, satellite)


async def test_a_room_that_is_renamed_twice_at_once_has_its_select(
    hass: HomeAssistant, house: House, room: str, caplog: pytest.LogCaptureFixture
) -> None:
    areas = ar.async_get(hass)
    areas.async_update(room, name="One")
    areas.async_update(room, name="Two")
    await hass.async_block_till_done()
    assert level(house, room) == "no_limit"
    assert "does not generate unique IDs" not in caplog.text
    await choose(house, room, "listen_only")
    assert level(house, room) == "listen_only"


# --- rules ---------------------------------------------------------------------------------------


async def test_a_rule_is_followed_while_it_is_being_written(
    house: House, room: str, page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.hass.states.async_set(_TV, "idle")
    writes, may_write = asyncio.Event(), asyncio.Event()
    write = DurableStore.async_write

    async def slow(self: DurableStore, *args: Any, **kwargs: Any) -> None:
        writes.set()
        await may_write.wait()
        await write(self, *args, **kwargs)

    house.transcriber.may_answer.clear()
    await house.press_to_talk()
    await house.until(lambda: house.hub.in_flight(KITCHEN), "an utterance")
    with monkeypatch.context() as patch:
        patch.setattr(DurableStore, "async_write", slow)
        setting = asyncio.create_task(page.ask("levels/set_overrides", overrides=[rule()]))
        await writes.wait()
        house.hass.states.async_set(_TV, "playing")
        house.hass.states.async_set(_TV, "idle")
        may_write.set()
        assert (await setting)["success"]
    house.transcriber.may_answer.set()
    await house.until_told("discarded", "privacy_level")
    assert house.ids() == []


async def test_a_rule_that_is_made_stricter_holds_though_the_disk_is_full(
    house: House, room: str, page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.hass.states.async_set(_TV, "playing")
    assert (await page.ask("levels/set_overrides", overrides=[rule("memory_only")]))["success"]

    async def full(*_args: object) -> None:
        raise WriteError(OSError(errno.ENOSPC, "full"))

    with monkeypatch.context() as patch:
        patch.setattr(Store, "_async_write_data", full)
        answer = await page.ask("levels/set_overrides", overrides=[rule("off")])
        assert answer["error"]["code"] == "not_saved"
        assert (await page.why())[0] == "off"
        # Neither is a rule that was not removed on disk.
        answer = await page.ask("levels/set_overrides", overrides=[])
        assert answer["error"]["code"] == "not_saved"
        assert (await page.why())[0] == "off"
    await house.until_state("sensor", "microphone_state", "muted")
    assert (await page.ask("levels/set_overrides", overrides=[rule("listen_only")]))["success"]
    assert (await page.why())[0] == "listen_only"
    await house.until_listening()


@pytest.mark.parametrize("chosen", ["memory_only", "listen_only", "off"])
async def test_a_stricter_level_holds_though_the_disk_is_full(
    house: House, room: str, monkeypatch: pytest.MonkeyPatch, chosen: str
) -> None:
    async def full(*_args: object) -> None:
        raise WriteError(OSError(errno.ENOSPC, "full"))

    with monkeypatch.context() as patch:
        patch.setattr(Store, "_async_write_data", full)
        with pytest.raises(HomeAssistantError) as caught:
            await choose(house, room, chosen)
        assert caught.value.translation_key == "not_saved"
        # A looser one does not hold before it is written.
        with pytest.raises(HomeAssistantError):
            await choose(house, room, "day")
        await house.reload()
        assert level(house, room) == chosen


# --- memory only ---------------------------------------------------------------------------------


async def test_no_text_is_kept_once_consent_to_it_is_withdrawn(
    house: House, memory_room: str, page: Page
) -> None:
    recording_id = await say(house)
    assert house.hub.memory.read(recording_id)[1].transcript == TEXT
    await house.switch("save_transcripts", on=False)
    assert (await page.ask("recordings/keep", recording_id=recording_id))["success"]
    info, content = await house.read(recording_id)
    assert (info.has_text, content.transcript, content.reply) == (False, None, None)
    assert content.audio


async def test_whoever_asks_twice_keeps_nothing_older(house: House, memory_room: str) -> None:
    speaker = Speaker(house)
    first, second = await say(house), await say(house, "and another")
    assert await speaker.say("Keep that.") == "OK, I have kept it."
    assert await speaker.say("Keep that.") == "There is nothing in memory to keep."
    assert (house.ids(), held(house)) == ([second], [first])
    third = await say(house, "a third")
    assert await speaker.say("Keep that.") == "OK, I have kept it."
    assert (set(house.ids()), held(house)) == ({second, third}, [first])


async def test_a_later_recording_is_kept_by_voice_though_an_earlier_one_was_moved_since(
    house: House, memory_room: str, page: Page
) -> None:
    first, second = await say(house), await say(house, "and another")
    assert (await page.ask("recordings/keep", recording_id=first))["success"]
    assert await Speaker(house).say("Keep that.") == "OK, I have kept it."
    assert (set(house.ids()), held(house)) == ({first, second}, [])


@pytest.mark.parametrize(
    "data",
    [{"kinds": ["command"]}, {"kinds": ["command"], "day": "today"}, {"day": "today", "recording_ids": "it"}],
)
async def test_an_action_that_deletes_by_kind_or_day_reaches_memory(
    hass: HomeAssistant, house: House, memory_room: str, data: dict[str, Any]
) -> None:
    recording_id = await say(house)
    if "day" in data:
        data = {**data, "day": dt_util.now().date().isoformat()}
    if "recording_ids" in data:
        data = {**data, "recording_ids": [recording_id]}
    nothing = await house.act("delete_recordings", {"kinds": ["false_wake"]})
    assert (nothing["deleted"], held(house)) == (0, [recording_id])
    receipt = await house.act("delete_recordings", data)
    assert (receipt["deleted"], receipt["verified"]) == (1, True)
    assert held(house) == []


async def test_assist_forgets_it_when_voice_privacy_stops(
    hass: HomeAssistant, house: House, memory_room: str
) -> None:
    await say(house)
    assert traces_of(hass, TEXT)
    await house.reload()
    assert traces_of(hass, TEXT) == []


async def test_assist_forgets_it_though_the_store_fails(
    hass: HomeAssistant, house: House, memory_room: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await say(house)
    with monkeypatch.context() as patch:
        patch.setattr(house.hub.kept, "ready", False)
        with pytest.raises(StoreNotReady):
            await house.hub.deletion.async_delete(DeletionRequest(scope=DeletionScope.ALL), Requester())
    assert (held(house), traces_of(hass, TEXT)) == ([], [])


async def test_fewer_minutes_hold_for_what_is_in_memory_already(
    hass: HomeAssistant, house: House, memory_room: str
) -> None:
    await say(house)

    async def set_minutes(minutes: int) -> None:
        await hass.services.async_call(
            "number",
            "set_value",
            {"entity_id": house.entity_id("number", "memory_minutes", ENTRY_ID), "value": minutes},
            blocking=True,
        )

    # More minutes keep nothing longer than it was told.
    await set_minutes(60)
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(minutes=9))
    await hass.async_block_till_done()
    assert len(held(house)) == 1
    await set_minutes(2)
    (end,) = house.hub.memory.held.ends.values()
    assert end - dt_util.utcnow() <= timedelta(minutes=2)
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(minutes=2, seconds=5))
    await hass.async_block_till_done()
    assert held(house) == []


async def test_a_level_that_tightens_during_the_write_stops_it_and_it_can_be_kept_later(
    house: House, memory_room: str, page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    recording_id = await say(house)
    keep = house.hub.kept.store.async_keep

    async def tighten(*args: Any) -> Any:
        info = await keep(*args)
        await choose(house, memory_room, "listen_only")
        return info

    with monkeypatch.context() as patch:
        patch.setattr(house.hub.kept.store, "async_keep", tighten)
        answer = await page.ask("recordings/keep", recording_id=recording_id)
    assert answer["error"]["code"] == "not_kept_now"
    assert (house.ids(), held(house)) == ([], [recording_id])
    await choose(house, memory_room, "memory_only")
    assert (await page.ask("recordings/keep", recording_id=recording_id))["success"]
    assert (house.ids(), held(house)) == ([recording_id], [])
    await house.reload()
    assert house.ids() == [recording_id]


async def test_an_utterance_that_began_in_another_room_is_as_strict_as_both(
    hass: HomeAssistant, house: House, room: str
) -> None:
    """A satellite is moved while it hears something: the strictest of both rooms holds for that."""
    await choose(house, room, "listen_only")
    capture = begin(house, TEXT, owner=KITCHEN)
    place(house, KITCHEN, "Attic")
    await hass.async_block_till_done()
    house.transcriber.may_answer.clear()
    await house.press_to_talk()
    await house.until(lambda: len(house.hub.in_flight(KITCHEN)) == 2, "an utterance")
    place(house, KITCHEN, "Kitchen")
    place(house, KITCHEN, "Attic")
    await hass.async_block_till_done()
    house.transcriber.may_answer.set()
    await house.until_told("discarded", "privacy_level")
    assert house.ids() == []
    assert capture.forbidden is not None
