"""The minute in which a change of what is kept can be undone: no door and no run is ahead of it, and it ends."""

import asyncio
from collections.abc import Callable, Set as AbstractSet
from datetime import timedelta
import random
from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from custom_components.voice_privacy.core.errors import StoreError
from custom_components.voice_privacy.core.house_settings import HouseToggle, SatelliteToggle
from custom_components.voice_privacy.core.models import RecordingKind, Requester
from custom_components.voice_privacy.hub.settings import SettingsStore
from custom_components.voice_privacy.recordings import change_grace, retention_job
from custom_components.voice_privacy.recordings.durable_store import DurableStore
from custom_components.voice_privacy.recordings.retention_job import CHANGE_GRACE, Retention
from custom_components.voice_privacy.review.pool import ReviewPool

from .helpers.house import BEDROOM, KITCHEN, House
from .helpers.recordings import record
from .helpers.talker import Talker
from .test_levels import choose as choose_level, place
from .test_retention import _HOUSE_CLOCK, ago, at, choose, choose_limit, let_pass, next_hourly_run


async def settled(house: House) -> None:
    """Let an automatic run come now."""
    await house.hub.retention.async_run_settled()


async def moved(house: House, area: str | None) -> str:
    """Put the kitchen's satellite into an area."""
    area_id = place(house, KITCHEN, area)
    await house.hass.async_block_till_done()
    return area_id or ""


def hold_first_look(monkeypatch: pytest.MonkeyPatch) -> tuple[asyncio.Event, asyncio.Event]:
    """Hold the next run when it has found what is due; return events of when it has, and for it to go on."""
    found, go_on = asyncio.Event(), asyncio.Event()
    find = Retention._async_find

    async def hold(self: Retention, *args: Any, **kwargs: Any) -> Any:
        result = await find(self, *args, **kwargs)
        if not found.is_set():
            found.set()
            await go_on.wait()
        return result

    monkeypatch.setattr(Retention, "_async_find", hold)
    return found, go_on


async def test_no_run_is_ahead_of_the_minute(
    house: House, bedroom: Talker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither the hourly run nor that for a false wake: both delete what was due before the choice."""
    monkeypatch.setattr(retention_job, "CHANGE_GRACE", 3 * 3_600.0)
    await house.reload()
    young, old = await record(house), await record(house, started_at=ago(days=2))
    await record(house, started_at=ago(days=93))
    await choose(house, "keep_recordings", "day")
    async_fire_time_changed(house.hass, next_hourly_run())
    await house.until(lambda: house.ids() == [young, old], "what was due before is gone")

    false = await record(house, kind=RecordingKind.FALSE_WAKE)
    await let_pass(house, 62)
    assert house.ids() == [young, old, false], "the clocks have not gone on"
    monkeypatch.setattr(_HOUSE_CLOCK, lambda: at(timedelta(seconds=61)))
    await let_pass(house, 62)
    await house.until(lambda: house.ids() == [young, old], "the false wake is gone")


async def test_a_recording_that_ends_while_a_choice_is_written_costs_nothing(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The choice holds in memory by then, and the minute has begun all the same."""
    kept = [await record(house, started_at=ago(days=2))]
    set_retention = SettingsStore.async_set_retention

    async def set_and_record(self: SettingsStore, *args: Any) -> None:
        await set_retention(self, *args)
        kept.append(await record(house))
        assert await house.hub.retention.async_run_settled() == 0

    monkeypatch.setattr(SettingsStore, "async_set_retention", set_and_record)
    await choose(house, "keep_recordings", "day")
    assert await house.hub.retention.async_run_settled() == 0
    assert house.ids() == kept
    await let_pass(house, CHANGE_GRACE + 1)
    await house.until(lambda: house.ids() == kept[1:], "the old one is gone")


async def test_a_limit_takes_effect_after_a_minute_on_what_was_there(house: House) -> None:
    """Nor does a new recording push out what was there; but above a limit that fitted, it does so at once."""
    noise = random.Random(7)
    kept = [await record(house, pcm=noise.randbytes(400_000)) for _ in range(3)]
    await choose_limit(house, 1)
    kept.append(await record(house))
    assert await house.hub.retention.async_run_settled() == 0
    assert house.ids() == kept
    await let_pass(house, CHANGE_GRACE + 1)
    await house.until(lambda: house.ids() == kept[1:], "the first is gone")


async def test_changes_of_others_put_off_nothing(house: House) -> None:
    """An automation may set something again and again: each setting has its own minute."""
    young, _old = await record(house), await record(house, started_at=ago(days=2))
    await choose(house, "keep_recordings", "day")
    for megabytes in range(500, 520):
        await choose_limit(house, megabytes)
        await choose(house, "keep_transcripts", "week" if megabytes % 2 else "month")
    assert await house.hub.retention.async_run_settled() == 0
    await let_pass(house, CHANGE_GRACE + 1)
    await house.until(lambda: house.ids() == [young], "it was not put off")


async def test_the_minute_outlasts_a_reload(house: House) -> None:
    """The page saves options, which reload the hub, together with how long is kept."""
    young, old = await record(house), await record(house, started_at=ago(days=2))
    await choose(house, "keep_recordings", "day")
    for _ in range(2):
        await house.reload()
        assert house.ids() == [young, old]
    await let_pass(house, CHANGE_GRACE + 1)
    await house.until(lambda: house.ids() == [young], "the old one is gone")


async def test_a_choice_to_keep_stops_a_run(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """There may be hundreds of batches: those that are left stay."""
    monkeypatch.setattr(retention_job, "_BATCH", 1)
    kept = [await record(house, started_at=ago(days=days)) for days in (93, 94, 95)]
    delete = Retention._async_delete

    async def delete_and_choose(self: Retention, recording_ids: AbstractSet[str]) -> int:
        count = await delete(self, recording_ids)
        await choose(house, "keep_recordings", "until_deleted")
        return count

    monkeypatch.setattr(Retention, "_async_delete", delete_and_choose)
    assert await house.hub.retention.async_run() == 1
    assert house.ids() == kept[1:]


# --- stops and starts ----------------------------------------------------------------------------


@pytest.mark.parametrize("what", ["keep_recordings", "keep_transcripts"])
async def test_a_reload_during_a_run_ends_it(
    house: House, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    """On a card that takes its time to write the file of the hub that stops."""
    monkeypatch.setattr(retention_job, "_BATCH", 1)
    monkeypatch.setattr(retention_job, "_TEXT_BATCH", 1)
    old = [await record(house, started_at=ago(days=2)) for _ in range(3)]
    await record(house, started_at=ago(days=93))
    await choose(house, what, "day")
    first, (found, go_on) = house.hub.retention, hold_first_look(monkeypatch)
    write = DurableStore.async_write

    async def write_late(self: DurableStore, *args: Any) -> None:
        if self is first.file:
            go_on.set()
            await run
        await write(self, *args)

    monkeypatch.setattr(DurableStore, "async_write", write_late)
    run = house.hass.async_create_task(first.async_run_settled())
    await found.wait()
    await house.reload()
    assert house.ids() == old
    assert all(house.hub.recordings[one].has_text for one in old)


async def test_the_minute_outlasts_a_restart_of_home_assistant(house: House) -> None:
    """From its file; it begins again then, and the next restart finds nothing of it."""
    young, old = await record(house), await record(house, started_at=ago(days=2))
    await choose(house, "keep_recordings", "day")
    await restart(house)
    assert house.ids() == [young, old]
    await let_pass(house, CHANGE_GRACE + 1)
    await house.until(lambda: house.ids() == [young], "the old one is gone")
    old = await record(house, started_at=ago(days=2))
    await restart(house)
    assert house.ids() == [young]


async def restart(house: House) -> None:
    """Set up again as after a restart: what a reload hands on in memory is gone."""
    assert await house.hass.config_entries.async_unload(house.entry.entry_id)
    change_grace.forget_changes(house.hass)
    assert await house.hass.config_entries.async_setup(house.entry.entry_id)
    await house.hass.async_block_till_done()


async def test_a_choice_on_its_way_to_the_disk_outlasts_a_reload(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """*Off* to *1 day* is looser, and deletes what a day is too long for."""
    area = await moved(house, "Kitchen")
    old = await record(house, started_at=ago(days=2))
    await choose_level(house, area, "off")
    await house.hass.async_block_till_done()
    go_on, first = asyncio.Event(), house.hub
    set_levels, stop = SettingsStore.async_set_levels, Retention.async_stop

    async def set_late(self: SettingsStore, key: str, *args: Any, **kwargs: Any) -> None:
        if self is first.settings and key.startswith("area."):
            async with self._turn:
                await go_on.wait()
        await set_levels(self, key, *args, **kwargs)

    async def stop_and_go_on(self: Retention) -> None:
        await stop(self)
        go_on.set()

    monkeypatch.setattr(SettingsStore, "async_set_levels", set_late)
    monkeypatch.setattr(Retention, "async_stop", stop_and_go_on)
    choice = house.hass.async_create_task(choose_level(house, area, "day"), eager_start=True)
    await house.reload()
    await choice
    assert house.ids() == [old]
    await let_pass(house, CHANGE_GRACE + 1)
    await house.until(lambda: house.ids() == [], "its minute is over")


async def test_a_device_that_is_moved_while_nothing_is_loaded_has_its_minute(house: House) -> None:
    await choose_level(house, await moved(house, "Strict"), "day")
    await moved(house, "Kitchen")
    await house.hub.retention.async_run()
    old = await record(house, started_at=ago(days=2))
    assert await house.hass.config_entries.async_unload(house.entry.entry_id)
    place(house, KITCHEN, "Strict")
    assert await house.hass.config_entries.async_setup(house.entry.entry_id)
    await house.hass.async_block_till_done()
    assert house.ids() == [old]
    await let_pass(house, CHANGE_GRACE + 1)
    await house.until(lambda: house.ids() == [], "its minute is over")


async def test_a_pause_longer_than_the_minute_leaves_nothing_of_it(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    await record(house, started_at=ago(days=2))
    await choose(house, "keep_recordings", "day")
    assert await house.hass.config_entries.async_unload(house.entry.entry_id)
    monkeypatch.setattr(change_grace, "house_clock", lambda: at(timedelta(seconds=61)))
    assert await house.hass.config_entries.async_setup(house.entry.entry_id)
    await house.hass.async_block_till_done()
    assert house.ids() == []


async def test_a_limit_that_is_chosen_while_the_store_is_closed_has_its_minute(house: House) -> None:
    """What is stored is not known then."""
    noise = random.Random(7)
    kept = [await record(house, pcm=noise.randbytes(400_000)) for _ in range(4)]
    await house.hub.kept.async_close()
    await choose_limit(house, 1)
    await house.hub.async_open_store()
    assert house.ids() == kept
    await let_pass(house, CHANGE_GRACE + 1)
    await house.until(lambda: house.ids() == kept[2:], "two fit")


async def test_the_end_of_the_minute_is_not_lost_in_a_run_that_fails(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    young = await record(house)
    await record(house, started_at=ago(days=2))
    await choose(house, "keep_recordings", "day")
    found, go_on = hold_first_look(monkeypatch)
    look, failed = Retention._async_look_ahead, False

    async def fail_once(self: Retention, *args: Any) -> None:
        nonlocal failed
        if not failed:
            failed = True
            raise StoreError
        await look(self, *args)

    monkeypatch.setattr(Retention, "_async_look_ahead", fail_once)
    run = house.hass.async_create_task(house.hub.retention.async_run_settled())
    await found.wait()
    async_fire_time_changed(house.hass, at(timedelta(seconds=CHANGE_GRACE + 1)).now)
    await asyncio.sleep(0)
    go_on.set()
    await run
    assert failed
    await let_pass(house, 62)
    await house.until(lambda: house.ids() == [young], "it is made up for")


# --- changes that nobody announces ---------------------------------------------------------------


async def test_recordings_of_a_removed_satellite_have_their_minute(house: House, bedroom: Talker) -> None:
    """The level for new rooms reaches nobody else."""
    await moved(house, "Kitchen")
    await choose_level(house, None, "three_months")
    await house.hass.async_block_till_done()
    old, new = [await record(house, owner=BEDROOM, started_at=when) for when in (ago(days=2), None)]
    house.hass.config_entries.async_remove_subentry(house.entry, BEDROOM)
    await house.hass.async_block_till_done()
    await let_pass(house, CHANGE_GRACE + 1)
    assert house.ids() == [old, new]
    await choose_level(house, None, "day")
    await settled(house)
    assert house.ids() == [old, new]
    await let_pass(house, CHANGE_GRACE + 1)
    await house.until(lambda: house.ids() == [new], "its minute is over")


def looking(house: House) -> Callable[[], None]:
    """Look at the settings in every turn of the loop, as any run does; return a function that ends it."""
    on = True

    def look() -> None:
        if on:
            house.hub.retention.settings_will_change()
            house.hass.loop.call_soon(look)

    def end() -> None:
        nonlocal on
        on = False

    look()
    return end


@pytest.mark.parametrize("first", ["off", "memory_only"])
async def test_a_period_that_is_looser_than_the_level_has_its_minute(house: House, first: str) -> None:
    """It holds as soon as it is on disk, and a run may come before anybody is told."""
    area = await moved(house, "Kitchen")
    old = await record(house, started_at=ago(days=2))
    await choose_level(house, area, first)
    await house.hass.async_block_till_done()
    end = looking(house)
    await choose_level(house, area, "day")
    end()
    await settled(house)
    assert house.ids() == [old]


async def test_a_device_that_is_taken_out_of_its_area_has_its_minute(house: House) -> None:
    await moved(house, "Kitchen")
    await choose_level(house, None, "day")
    await house.hub.retention.async_run()
    old = await record(house, started_at=ago(days=2))
    end = looking(house)
    place(house, KITCHEN, None)
    await asyncio.sleep(0)
    await settled(house)
    end()
    assert house.ids() == [old]


@pytest.mark.parametrize("removed", [False, True])
async def test_false_wakes_of_those_who_no_longer_help_have_their_minute(
    house: House, monkeypatch: pytest.MonkeyPatch, removed: bool
) -> None:
    """Also if a recording ends while the pool is emptied, and if the satellite is removed."""
    by = Requester()
    await house.hub.async_set_satellite(KITCHEN, SatelliteToggle.HELP_IMPROVE, by, on=True)
    await house.hub.async_set_house(HouseToggle.HELP_IMPROVE, by, on=True)
    old = await record(house, kind=RecordingKind.FALSE_WAKE, started_at=ago(days=2))
    await settled(house)
    empty = ReviewPool.async_empty

    async def record_and_empty(self: ReviewPool, satellite_id: str | None) -> Any:
        await record(house)
        return await empty(self, satellite_id)

    monkeypatch.setattr(ReviewPool, "async_empty", record_and_empty)
    if removed:
        house.hass.config_entries.async_remove_subentry(house.entry, KITCHEN)
        await house.hass.async_block_till_done()
    else:
        await house.hub.async_set_satellite(KITCHEN, SatelliteToggle.HELP_IMPROVE, by, on=False)
        await settled(house)
    assert old in house.ids()
    await let_pass(house, CHANGE_GRACE + 1)
    await house.until(lambda: old not in house.ids(), "its minute is over")


# --- several changes -----------------------------------------------------------------------------


async def test_a_setting_that_was_chosen_for_a_while_keeps_for_a_minute(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A day, until deleted, a day: what became older than a day in between stays for a minute."""
    await choose(house, "keep_recordings", "day")
    await let_pass(house, CHANGE_GRACE + 1)
    old = await record(house, started_at=ago(hours=23, minutes=59, seconds=50))
    await choose(house, "keep_recordings", "until_deleted")
    for module in (change_grace, retention_job):
        monkeypatch.setattr(module, "house_clock", lambda: at(timedelta(seconds=40)))
    await settled(house)
    await choose(house, "keep_recordings", "day")
    await settled(house)
    assert house.ids() == [old]
    await let_pass(house, CHANGE_GRACE + 41)
    await house.until(lambda: house.ids() == [], "the minute is over")


async def test_what_a_change_keeps_pushes_nothing_out(
    house: House, bedroom: Talker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Below a limit, the bedroom's day would make room; it was just chosen that it stays."""
    noise = random.Random(7)
    await choose_limit(house, 1)
    await choose(house, "keep_recordings", "until_deleted")
    await choose(house, "keep_recordings", "day", BEDROOM)
    await let_pass(house, CHANGE_GRACE + 1)
    almost = ago(hours=23, minutes=59, seconds=50)
    kept = [
        await record(house, pcm=noise.randbytes(400_000), started_at=ago(days=300)),
        await record(house, owner=BEDROOM, pcm=noise.randbytes(400_000), started_at=almost),
    ]
    await choose(house, "keep_recordings", "as_others", BEDROOM)
    for module in (change_grace, retention_job):
        monkeypatch.setattr(module, "house_clock", lambda: at(timedelta(seconds=20)))
    kept.append(await record(house, pcm=noise.randbytes(400_000)))
    await settled(house)
    assert house.ids() == kept


async def test_a_choice_to_keep_stops_a_run_over_transcripts(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention_job, "_TEXT_BATCH", 1)
    kept = [await record(house, started_at=ago(hours=5 - hours)) for hours in range(3)]
    await choose(house, "keep_transcripts", "hour")
    store = type(house.hub.kept.store)
    forget = store.async_forget_text

    async def forget_and_choose(self: Any, *args: Any) -> Any:
        await forget(self, *args)
        await choose(house, "keep_transcripts", "as_others")

    monkeypatch.setattr(store, "async_forget_text", forget_and_choose)
    await house.hub.retention.async_run()
    assert [house.hub.recordings[one].has_text for one in kept] == [False, True, True]


async def test_labels_that_change_with_each_batch_end_no_run_for_good(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention_job, "_BATCH", 1)
    for _ in range(4):
        await record(house, started_at=ago(days=93))
    monkeypatch.setattr(ReviewPool, "labeled", property(lambda self: frozenset(house.hub.recordings)))
    assert await house.hub.retention.async_run() == 4


async def test_what_must_go_waits_for_no_minute(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention_job, "CHANGE_GRACE", 3 * 3_600.0)
    await house.reload()
    old, forbidden = await record(house, started_at=ago(days=2)), await record(house)
    await choose(house, "keep_recordings", "day")
    house.hub.retention.must_go(forbidden)
    await let_pass(house, 62)
    await house.until(lambda: house.ids() == [old], "it is gone")
