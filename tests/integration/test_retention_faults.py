"""Retention when something fails: labels, files, the store, or the deletion itself."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
import json
from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from custom_components.voice_privacy.core.errors import StoreError
from custom_components.voice_privacy.core.house_settings import HouseToggle, SatelliteToggle
from custom_components.voice_privacy.core.models import RecordingKind, Requester
from custom_components.voice_privacy.core.review import Label
from custom_components.voice_privacy.hub.opened_store import OpenedStore
from custom_components.voice_privacy.recordings import change_grace, durable_store
from custom_components.voice_privacy.recordings.durable_store import DurableStore
from custom_components.voice_privacy.recordings.retention_job import CHANGE_GRACE, Retention
from custom_components.voice_privacy.recordings.store import RecordingStore
from custom_components.voice_privacy.review.pool import ReviewPool

from .helpers.house import BEDROOM, ENTRY_ID, KITCHEN, House
from .helpers.recordings import record
from .helpers.talker import Talker
from .test_change_grace import moved, restart, settled
from .test_levels import choose as choose_level
from .test_retention import _HOUSE_CLOCK, ago, at, choose, let_pass, next_hourly_run
from .test_review_pool import consent, waiting

_CLOCK = "voice_privacy.clock"


async def set_up_with(house: House, change: Callable[[], None]) -> None:
    """Set up again as after a restart, with other files."""
    assert await house.hass.config_entries.async_unload(ENTRY_ID)
    change_grace.forget_changes(house.hass)
    change()
    assert await house.hass.config_entries.async_setup(ENTRY_ID)
    await house.hass.async_block_till_done()


# --- labels --------------------------------------------------------------------------------------


async def labeled(house: House) -> str:
    """Have a false wake that stays only because it is labeled."""
    await consent(house)
    one = await record(house, None, kind=RecordingKind.FALSE_WAKE, started_at=ago(days=8))
    await house.hub.review.pool.async_label(waiting(house)[one].review_id, Label.FALSE_WAKE, None)
    await settled(house)
    assert house.ids() == [one]
    return one


@pytest.mark.parametrize("reload", [False, True])
async def test_no_run_comes_while_labels_are_read(
    house: House, monkeypatch: pytest.MonkeyPatch, reload: bool
) -> None:
    """Neither of a new hub, nor when a repair opens an open store again."""
    one = await labeled(house)
    await choose(house, "keep_transcripts", "week")
    reading, go_on = asyncio.Event(), asyncio.Event()
    read = RecordingStore.async_read_notes

    async def read_late(self: RecordingStore) -> Any:
        reading.set()
        await go_on.wait()
        return await read(self)

    monkeypatch.setattr(RecordingStore, "async_read_notes", read_late)
    open_again = house.reload() if reload else house.hub.async_open_store()
    opening = house.hass.async_create_task(open_again)
    await reading.wait()
    async_fire_time_changed(house.hass, at(timedelta(seconds=CHANGE_GRACE + 1)).now)
    await asyncio.sleep(0)
    go_on.set()
    await opening
    await house.hub.retention.async_catch_up()
    assert house.ids() == [one]


async def test_notes_that_cannot_be_read_may_be_labels(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    one = await labeled(house)

    async def fail(_self: RecordingStore) -> None:
        raise StoreError

    with monkeypatch.context() as patch:
        patch.setattr(RecordingStore, "async_read_notes", fail)
        await house.reload()
        assert house.ids() == [one]
    await house.hub.async_open_store()
    assert waiting(house)[one].label is Label.FALSE_WAKE


# --- the clock file ------------------------------------------------------------------------------


async def test_the_first_policy_is_written_before_any_change(
    house: House, hass_storage: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that a change protects although its own write fails, and power is lost then."""
    kept = [await record(house), await record(house, started_at=ago(days=2))]
    await house.until_found(lambda: hass_storage[_CLOCK]["data"]["policies"])
    attempt = DurableStore._async_try

    async def fail(self: DurableStore, wanted: Any) -> bool:
        return False if self.key == _CLOCK else await attempt(self, wanted)

    with monkeypatch.context() as patch:
        patch.setattr(DurableStore, "_async_try", fail)
        await choose(house, "keep_recordings", "day")
        assert await house.hass.config_entries.async_unload(ENTRY_ID)
    change_grace.forget_changes(house.hass)
    house.hass.data.get(durable_store._UNSAVED, {}).clear()
    assert await house.hass.config_entries.async_setup(ENTRY_ID)
    await house.hass.async_block_till_done()
    assert house.ids() == kept


async def test_any_number_of_changes_outlasts_a_restart(house: House) -> None:
    kept = [await record(house), await record(house, started_at=ago(days=2))]
    await choose(house, "keep_recordings", "day")
    for false_wakes in ("hour", "day", "week", "as_others"):
        await choose(house, "keep_false_wakes", false_wakes)
        for texts in ("hour", "day", "week", "month", "three_months"):
            await choose(house, "keep_transcripts", texts)
    await restart(house)
    assert house.ids() == kept
    await let_pass(house, CHANGE_GRACE + 1)
    await house.until(lambda: house.ids() == kept[:1], "their minute is over")


@pytest.mark.parametrize(
    "damaged",
    [
        "for ever",
        {},
        7,
        [None],
        [{}],
        [{"house": "for ever"}],
        [{"limit_mb": 1.0}],
        [{"longest": {"kitchen": 1e300}}],
        [{"satellites": []}],
        [{}] * 200,
    ],
)
async def test_a_policy_that_cannot_be_read_may_have_kept_anything(
    house: House, hass_storage: dict[str, Any], caplog: pytest.LogCaptureFixture, damaged: Any
) -> None:
    """For a minute; what is wrong may be a choice of a later version."""
    kept = [await record(house), await record(house, started_at=ago(days=2))]
    await choose(house, "keep_recordings", "day")

    def damage() -> None:
        stored = hass_storage[_CLOCK] = json.loads(json.dumps(hass_storage[_CLOCK]))
        sound = stored["data"]["policies"]
        stored["data"]["policies"] = (
            [sound[0], *({**sound[0], **one} if one else one for one in damaged)]
            if isinstance(damaged, list)
            else damaged
        )

    await set_up_with(house, damage)
    assert not [entry for entry in caplog.records if entry.levelname == "ERROR"]
    assert house.ids() == kept
    await let_pass(house, CHANGE_GRACE + 1)
    await house.until(lambda: house.ids() == kept[:1], "the minute is over")


# --- the store -----------------------------------------------------------------------------------


async def test_a_closed_store_is_no_new_one(
    house: House, hass_storage: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a clock record nothing goes by age for a day, also if the hourly run saw no recordings."""
    old = await record(house, started_at=ago(days=93))
    open_store, fails = OpenedStore.async_open, True

    async def fail(self: OpenedStore) -> None:
        if fails:
            self.error = StoreError()
        else:
            await open_store(self)

    monkeypatch.setattr(OpenedStore, "async_open", fail)
    await set_up_with(house, lambda: hass_storage.pop(_CLOCK))
    async_fire_time_changed(house.hass, next_hourly_run())
    await house.hass.async_block_till_done()
    await settled(house)
    fails = False
    await house.hub.async_open_store()
    assert house.ids() == [old]


async def test_a_store_that_opens_again_shows_nothing_that_is_due(house: House, bedroom: Talker) -> None:
    """While it is closed, nobody knows whose recordings there are, and what limits those of removed satellites."""
    await moved(house, "Kitchen")
    await choose_level(house, None, "day")
    await house.hass.async_block_till_done()
    young, due = [await record(house, owner=BEDROOM, started_at=when) for when in (None, ago(days=2))]
    house.hass.config_entries.async_remove_subentry(house.entry, BEDROOM)
    await house.hass.async_block_till_done()
    assert due in house.ids(), "its minute is not over"
    await house.hub.kept.async_close()
    await settled(house)
    house.hub.retention.settings_changed()
    await let_pass(house, CHANGE_GRACE + 1)
    await house.hub.async_open_store()
    assert house.ids() == [young]


# --- the deletion --------------------------------------------------------------------------------


def fail_first(monkeypatch: pytest.MonkeyPatch, of: type[Any], name: str) -> list[int]:
    """Have the first call of a method fail; the list grows with each call."""
    calls: list[int] = []
    real = getattr(of, name)

    async def fail(self: Any, *args: Any) -> Any:
        calls.append(1)
        if len(calls) == 1:
            raise StoreError
        return await real(self, *args)

    monkeypatch.setattr(of, name, fail)
    return calls


async def tried_again(house: House, calls: list[int]) -> None:
    """Wait for the first call, which fails, and let the minute pass that follows."""
    await house.until_found(lambda: calls)
    await house.hub.retention._idle.wait()
    await let_pass(house, 62)


async def test_a_run_that_fails_is_tried_again_after_a_minute(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    young = await record(house)
    await record(house, started_at=ago(days=2))
    await choose(house, "keep_recordings", "day")
    calls = fail_first(monkeypatch, Retention, "_async_delete")
    await let_pass(house, CHANGE_GRACE + 1)
    await tried_again(house, calls)
    await house.until(lambda: house.ids() == [young], "it is tried again")


async def test_the_run_at_the_start_is_tried_again(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    command = await record(house)
    await record(house, kind=RecordingKind.FALSE_WAKE, started_at=ago(minutes=2))
    fail_first(monkeypatch, Retention, "_async_delete")
    await house.reload()
    assert len(house.ids()) == 2
    await let_pass(house, 62)
    await house.until(lambda: house.ids() == [command], "it is tried again")


async def test_a_transcript_that_fails_is_tried_again(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    old = await record(house, started_at=ago(days=2))
    await choose(house, "keep_transcripts", "day")
    calls = fail_first(monkeypatch, RecordingStore, "async_forget_text")
    await let_pass(house, CHANGE_GRACE + 1)
    await tried_again(house, calls)
    await house.until(lambda: not house.hub.recordings[old].has_text, "it is tried again")


async def test_retries_become_rarer(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    await record(house, started_at=ago(days=93))
    await record(house)

    async def fail(_self: Retention, _ids: object) -> int:
        raise StoreError

    monkeypatch.setattr(Retention, "_async_delete", fail)
    for minutes in (1, 2, 4, 8, 16, 32, 60, 60):
        assert await house.hub.retention.async_run_settled() == 0
        left = timedelta(seconds=house.hub.retention._soon_at - at(timedelta()).monotonic)
        assert abs(left - timedelta(minutes=minutes)) < timedelta(seconds=30)
        # The next run comes when that timer rings.
        monkeypatch.setattr(house.hub.retention, "_soon_at", float("inf"))


async def test_a_false_wake_that_fails_to_go_is_tried_again(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    command = await record(house)
    await record(house, kind=RecordingKind.FALSE_WAKE)
    calls = fail_first(monkeypatch, Retention, "_async_delete")
    monkeypatch.setattr(_HOUSE_CLOCK, lambda: at(timedelta(seconds=61)))
    await let_pass(house, 62)
    await tried_again(house, calls)
    await house.until(lambda: house.ids() == [command], "it is tried again")


async def test_what_waited_for_a_label_goes_although_the_pool_fails(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    by = Requester()
    await house.hub.async_set_satellite(KITCHEN, SatelliteToggle.HELP_IMPROVE, by, on=True)
    await house.hub.async_set_house(HouseToggle.HELP_IMPROVE, by, on=True)
    await record(house, kind=RecordingKind.FALSE_WAKE, started_at=ago(days=2))
    await settled(house)

    async def fail(_self: ReviewPool, _satellite_id: str | None) -> None:
        raise StoreError

    monkeypatch.setattr(ReviewPool, "async_empty", fail)
    with pytest.raises(StoreError):
        await house.hub.async_set_satellite(KITCHEN, SatelliteToggle.HELP_IMPROVE, by, on=False)
    await let_pass(house, CHANGE_GRACE + 1)
    await house.until(lambda: house.ids() == [], "its minute is over")
