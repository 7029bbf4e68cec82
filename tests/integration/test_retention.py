"""Retention: what is too old goes by itself, before anybody sees it, and nothing goes early."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
import random
import time
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockUser, async_fire_time_changed

from custom_components.voice_privacy.const import DOMAIN
from custom_components.voice_privacy.core.deletion import HouseClock
from custom_components.voice_privacy.core.house_settings import HouseToggle, RetentionSetting, SatelliteToggle
from custom_components.voice_privacy.core.models import AuditAction, RecordingKind, Requester, RequesterKind
from custom_components.voice_privacy.core.retention_policy import KeepFor, RetentionPolicy
from custom_components.voice_privacy.hub.settings import SettingsStore
from custom_components.voice_privacy.recordings import retention_job
from custom_components.voice_privacy.recordings.house_clock import house_clock
from custom_components.voice_privacy.recordings.retention_job import CHANGE_GRACE, Retention

from .helpers.house import BEDROOM, ENTRY_ID, KITCHEN, House
from .helpers.recordings import record
from .helpers.talker import Talker

RETENTION = Requester(kind=RequesterKind.RETENTION)

_HOUSE_CLOCK = "custom_components.voice_privacy.recordings.retention_job.house_clock"


def ago(**span: float) -> datetime:
    """Return an instant in the past."""
    return dt_util.utcnow() - timedelta(**span)


async def choose(house: House, key: str, option: str, owner: str = ENTRY_ID) -> None:
    """Choose how long something is kept."""
    await house.hass.services.async_call(
        "select",
        "select_option",
        {"entity_id": house.entity_id("select", key, owner), "option": option},
        blocking=True,
    )


async def choose_limit(house: House, megabytes: int) -> None:
    """Choose how much may be kept."""
    await house.hass.services.async_call(
        "number",
        "set_value",
        {"entity_id": house.entity_id("number", "storage_limit", ENTRY_ID), "value": megabytes},
        blocking=True,
    )


def next_hourly_run() -> datetime:
    """Return when a run is due that no short timer asks for."""
    return dt_util.utcnow().replace(minute=retention_job._MINUTE, second=0, microsecond=0) + timedelta(
        hours=1
    )


async def let_pass(house: House, seconds: float) -> None:
    """Let the timers of the next seconds ring; the clocks stay as they are."""
    async_fire_time_changed(house.hass, dt_util.utcnow() + timedelta(seconds=seconds))
    await house.hass.async_block_till_done()


def at(span: timedelta, monotonic: timedelta | None = None) -> HouseClock:
    """Return clocks that have gone on by a span, the monotonic one perhaps by another."""
    now = dt_util.now() + span
    return HouseClock(
        now=now,
        monotonic=time.monotonic() + (span if monotonic is None else monotonic).total_seconds(),
        today=now.date(),
        start_of_today=dt_util.start_of_local_day(now.date()),
    )


async def test_what_is_too_old_at_the_start_is_never_shown(house: House) -> None:
    old, young = await record(house, started_at=ago(days=93)), await record(house, started_at=ago(days=91))
    assert house.ids() == [old, young]
    shown = len(house.states_of("sensor", "recordings"))

    await house.reload()
    assert house.ids() == [young]
    after = house.states_of("sensor", "recordings")[shown:]
    assert after[-1] == "1"
    assert "2" not in after
    action = house.hub.access_log.entries[-1]
    assert (action.by, action.action, action.count) == (RETENTION, AuditAction.DELETED, 1)


async def test_it_runs_every_hour(house: House) -> None:
    await record(house, started_at=ago(days=93))
    young = await record(house)
    async_fire_time_changed(house.hass, next_hourly_run())
    await house.until(lambda: house.ids() == [young], "the old one is gone")


async def test_a_choice_takes_effect_after_a_minute_to_take_it_back(house: House, bedroom: Talker) -> None:
    kitchen, other = await record(house, started_at=ago(days=2)), await record(house, owner=BEDROOM)
    old_other = await record(house, owner=BEDROOM, started_at=ago(days=2))
    assert house.state("select", "keep_recordings", ENTRY_ID) == "three_months"
    assert house.state("select", "keep_recordings", BEDROOM) == "as_others"

    await choose(house, "keep_recordings", "day", BEDROOM)
    assert house.state("select", "keep_recordings", BEDROOM) == "day"
    policy = house.hub.settings.retention
    assert [info.recording_id for info in await house.hub.retention.async_preview(policy)] == [old_other]
    await let_pass(house, CHANGE_GRACE / 2)
    assert len(house.ids()) == 3
    await choose(house, "keep_recordings", "as_others", BEDROOM)
    await let_pass(house, CHANGE_GRACE + 1)
    assert len(house.ids()) == 3

    await choose(house, "keep_recordings", "day", BEDROOM)
    await let_pass(house, CHANGE_GRACE + 1)
    assert house.ids() == [kitchen, other]
    assert house.activity(BEDROOM)[-1] == ("deleted", 1)
    changes = [entry for entry in house.hub.access_log.entries if entry.action is AuditAction.CHANGED]
    assert (changes[-1].subject, changes[-1].value) == (f"{BEDROOM}.keep_recordings", "day")

    # The house's choice reaches those that follow it, and the override stays over a restart.
    await choose(house, "keep_recordings", "day", BEDROOM)
    await choose(house, "keep_recordings", "eighteen_months")
    await house.reload()
    assert house.state("select", "keep_recordings", BEDROOM) == "day"
    assert house.state("select", "keep_recordings", ENTRY_ID) == "eighteen_months"


async def test_false_wakes_may_go_sooner(house: House) -> None:
    await record(house, kind=RecordingKind.FALSE_WAKE, started_at=ago(hours=2))
    fresh = await record(house, kind=RecordingKind.FALSE_WAKE)
    command = await record(house, started_at=ago(hours=2))
    await choose(house, "keep_false_wakes", "hour")
    await let_pass(house, CHANGE_GRACE + 1)
    assert house.ids() == [fresh, command]


async def test_a_false_wake_lives_for_a_minute(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """It gets a timer of its own, over a restart as well; a command stays."""
    assert house.state("select", "keep_false_wakes", ENTRY_ID) == "minute"
    command = await record(house)
    false = await record(house, kind=RecordingKind.FALSE_WAKE)
    await let_pass(house, 62)
    assert house.ids() == [command, false], "the clocks have not gone on"

    monkeypatch.setattr(_HOUSE_CLOCK, lambda: at(timedelta(seconds=59)))
    await house.hub.retention.async_run()
    assert house.ids() == [command, false]
    monkeypatch.setattr(_HOUSE_CLOCK, lambda: at(timedelta(seconds=61)))
    await let_pass(house, 62)
    await house.until(lambda: house.ids() == [command], "the false wake is gone")

    monkeypatch.setattr(_HOUSE_CLOCK, house_clock)
    await record(house, kind=RecordingKind.FALSE_WAKE)
    await house.reload()
    assert len(house.ids()) == 2
    monkeypatch.setattr(_HOUSE_CLOCK, lambda: at(timedelta(seconds=61)))
    await let_pass(house, 62)
    await house.until(lambda: house.ids() == [command], "the false wake is gone after a restart")


async def test_false_wakes_wait_for_a_label_where_somebody_helps(house: House, bedroom: Talker) -> None:
    """Both switches have to be on; off, they go with the next look."""
    kitchen = await record(house, kind=RecordingKind.FALSE_WAKE, started_at=ago(days=6))
    await record(house, owner=BEDROOM, kind=RecordingKind.FALSE_WAKE, started_at=ago(minutes=2))
    old = await record(house, kind=RecordingKind.FALSE_WAKE, started_at=ago(days=8))
    by = Requester()
    await house.hub.async_set_satellite(KITCHEN, SatelliteToggle.HELP_IMPROVE, by, on=True)
    assert len(await house.hub.retention.async_preview()) == 3
    await house.hub.async_set_house(HouseToggle.HELP_IMPROVE, by, on=True)
    assert old in {info.recording_id for info in await house.hub.retention.async_preview()}
    await house.hub.retention.async_run()
    assert house.ids() == [kitchen]
    await house.hub.async_set_satellite(KITCHEN, SatelliteToggle.HELP_IMPROVE, by, on=False)
    await house.hub.retention.async_run()
    assert house.ids() == []


async def test_above_the_limit_the_oldest_make_room(house: House) -> None:
    await choose_limit(house, 1)
    assert house.state("number", "storage_limit", ENTRY_ID) == "1"
    noise = random.Random(7)
    # By the clock the first is the youngest; the order is the sequence's.
    kept = [
        await record(house, started_at=ago(hours=hours), pcm=noise.randbytes(400_000)) for hours in range(3)
    ]
    await house.until(lambda: len(house.ids()) < 3, "room is made")
    assert house.ids() == kept[1:]
    assert house.hub.kept.summary().size <= 1_000_000


async def test_a_clock_that_jumps_deletes_nothing(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = [await record(house)]
    await house.reload()
    kept.append(await record(house))
    clock = at(timedelta())
    monkeypatch.setattr(_HOUSE_CLOCK, lambda: clock)

    # Ten years, although only an hour has passed.
    years = timedelta(days=3_650)
    clock = at(years, timedelta(hours=1))
    assert await house.hub.retention.async_run() == 0
    # It stays so, over a restart that loses the monotonic clock, until a day has passed.
    clock = at(years + timedelta(hours=12), timedelta(hours=13))
    assert await house.hub.retention.async_run() == 0
    assert house.ids() == kept
    clock = at(years + timedelta(hours=25), timedelta(hours=26))
    # By then the time may be right, but what this run has heard is a day old all the same.
    assert [info.recording_id for info in await house.hub.retention.async_preview()] == kept[:1]
    assert await house.hub.retention.async_run() == 1
    assert house.ids() == kept[1:]


async def test_the_doubt_survives_a_restart(
    house: House, monkeypatch: pytest.MonkeyPatch, hass_storage: dict[str, Any]
) -> None:
    kept = await record(house)
    await house.reload()
    await house.hub.retention.async_stop()
    # As after a restart with a record that is years old.
    stored = hass_storage[f"{DOMAIN}.clock"]["data"]
    stored["run"] = "an earlier one"
    # Its monotonic reading means nothing now, even where it would fit.
    stored["trusted"] = {
        "now": ago(days=400).isoformat(),
        "monotonic": time.monotonic() - timedelta(days=402).total_seconds(),
    }
    hub = house.hub
    await hub.retention.async_load()
    await hub.settings.async_set_retention(RetentionSetting.KEEP_RECORDINGS, "day", RETENTION)
    clock = at(timedelta(days=2), timedelta())
    monkeypatch.setattr(_HOUSE_CLOCK, lambda: clock)
    assert await hub.retention.async_run() == 0
    assert house.ids() == [kept]
    clock = at(timedelta(days=3, minutes=1), timedelta(days=1, minutes=1))
    assert await hub.retention.async_run() == 1


@pytest.mark.parametrize("content", [None, {"house": 1}, {"retention": {"house": "for ever and ever"}}])
async def test_lost_settings_delete_nothing(
    hass: HomeAssistant, hass_storage: dict[str, Any], content: dict[str, Any] | None
) -> None:
    if content is not None:
        hass_storage[f"{DOMAIN}.settings"] = {"version": 1, "key": f"{DOMAIN}.settings", "data": content}
    settings = SettingsStore(hass)
    await settings.async_load(expected=True)
    assert settings.lost
    assert settings.retention == RetentionPolicy(house=KeepFor.UNTIL_DELETED, false_wakes=KeepFor.AS_OTHERS)


async def test_a_satellite_that_is_gone_takes_its_choice_along(
    hass: HomeAssistant, hass_storage: dict[str, Any]
) -> None:
    settings = SettingsStore(hass)
    await settings.async_load(expected=False)
    await settings.async_add_satellite(KITCHEN, save_recordings=True)
    by = Requester(kind=RequesterKind.USER, user_id=MockUser().id)

    await settings.async_set_retention(RetentionSetting.KEEP_RECORDINGS, "day", by, KITCHEN)
    assert settings.retention.of_satellite(KITCHEN) is KeepFor.DAY
    change = settings.last_change(RetentionSetting.KEEP_RECORDINGS, KITCHEN)
    assert change is not None
    assert change.by == by
    with pytest.raises(ValueError, match=r"^$"):
        await settings.async_set_retention(RetentionSetting.KEEP_RECORDINGS, "hour", by)
    await settings.async_forget_satellites(set())
    assert settings.retention.of_satellite(KITCHEN) is KeepFor.AS_OTHERS
    # It governs what is left of its recordings, and comes back with it.
    assert settings.retention_of_removed == {KITCHEN: KeepFor.DAY}
    await settings.async_add_satellite(KITCHEN, save_recordings=True)
    assert settings.retention.of_satellite(KITCHEN) is KeepFor.DAY
    assert settings.retention_of_removed == {}


async def test_what_was_said_may_go_before_the_audio(house: House) -> None:
    """For good, of old recordings only, and nothing else of them."""
    old, young = await record(house, "open the safe", started_at=ago(hours=30)), await record(house, "hello")
    audio = (await house.hub.async_read(old))[1].audio
    assert house.state("select", "keep_transcripts", ENTRY_ID) == "as_others"
    await choose(house, "keep_transcripts", "day")
    await let_pass(house, CHANGE_GRACE + 1)
    await house.until(lambda: not house.hub.recordings[old].has_text, "it is forgotten")

    info, content = await house.hub.async_read(old)
    assert (content.transcript, content.reply, content.audio) == (None, None, audio)
    assert (await house.hub.async_read(young))[1].transcript == "hello"
    assert house.ids() == [old, young]
    assert house.hub.kept.summary().size == sum(recording.size for recording in house.hub.recordings.values())
    action = house.hub.access_log.entries[-1]
    assert (action.by, action.action, action.count, action.subject) == (
        RETENTION,
        AuditAction.DELETED,
        1,
        "transcripts",
    )

    await house.reload()
    assert house.state("select", "keep_transcripts", ENTRY_ID) == "day"
    assert house.hub.recordings[old].has_text is False
    assert (await house.hub.async_read(old)) == (replace(info, started_monotonic=None), content)
    assert await house.hub.retention.async_preview_texts(house.hub.settings.retention) == []


@pytest.mark.parametrize("keep", [KeepFor.UNTIL_DELETED, KeepFor.DAY])
async def test_a_removed_satellites_recordings_are_kept_as_long_as_it_was_chosen(
    house: House, bedroom: Talker, keep: KeepFor
) -> None:
    by = Requester(kind=RequesterKind.USER, user_id=MockUser().id)
    await house.hub.settings.async_set_retention(RetentionSetting.KEEP_RECORDINGS, keep.value, by, BEDROOM)
    then = dt_util.utcnow() - timedelta(days=200 if keep is KeepFor.UNTIL_DELETED else 30)
    old, new = [await record(house, owner=BEDROOM, started_at=when) for when in (then, None)]
    house.hass.config_entries.async_remove_subentry(house.entry, BEDROOM)
    await house.hass.async_block_till_done()
    await house.hub.retention.async_run()
    assert house.ids() == ([old, new] if keep is KeepFor.UNTIL_DELETED else [new])


async def test_what_was_forbidden_goes_after_a_restart_too(
    house: House, hass_storage: dict[str, Any]
) -> None:
    kept = await record(house)
    forbidden = await record(house)
    house.hub.retention.must_go(forbidden)
    await house.hub.retention.file.async_write()
    # A run while the store is closed forgets nothing.
    house.hub.kept.ready = False
    await house.hub.retention.async_run()
    house.hub.kept.ready = True
    await house.reload()
    await house.hub.retention.async_run()
    assert house.ids() == [kept]


async def test_a_run_that_is_asked_for_during_another_follows_it(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The one in progress may have begun before a setting was changed."""
    started, go_on = asyncio.Event(), asyncio.Event()

    async def run(_: Retention) -> int:
        started.set()
        await go_on.wait()
        return 1

    monkeypatch.setattr(Retention, "_async_run", run)
    retention = house.hub.retention
    first = house.hass.async_create_task(retention.async_run())
    await started.wait()
    assert await retention.async_run() == 0
    go_on.set()
    assert await first == 2
    assert await retention.async_run() == 1
