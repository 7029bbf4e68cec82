"""What is answered "done" is on disk; where the disk fails, the more private side holds and people are told."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta
import errno
import json
from pathlib import Path
from typing import Any

from homeassistant.const import EVENT_HOMEASSISTANT_FINAL_WRITE
from homeassistant.core import CoreState, HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.storage import Store
from homeassistant.util import dt as dt_util
from homeassistant.util.file import WriteError
import pytest
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from custom_components.voice_privacy.const import DOMAIN
from custom_components.voice_privacy.core.house_settings import (
    HouseSettings,
    HouseToggle,
    SatelliteToggle,
    settings_to_stored,
)
from custom_components.voice_privacy.core.models import AuditAction
from custom_components.voice_privacy.hub.settings import SettingsStore
from custom_components.voice_privacy.recordings.durable_store import DurableStore
from tests.storage import mounts

from .helpers.house import BEDROOM, ENTRY_ID, KITCHEN, House
from .helpers.talker import Talker

_SETTINGS = f"{DOMAIN}.settings"

TOGGLES = [
    # Entity, whose, and its more private side.
    ("microphone", KITCHEN, False),
    ("save_recordings", KITCHEN, False),
    ("save_near_misses", KITCHEN, False),
    ("save_transcripts", KITCHEN, False),
    ("help_improve", KITCHEN, False),
    ("help_improve", ENTRY_ID, False),
    ("deletion_by_voice", ENTRY_ID, False),
    ("guest_mode", ENTRY_ID, True),
]


_REAL: dict[str, Any] = {
    # Before the test plugin replaces them by a dictionary.
    name: vars(Store)[name]
    for name in ("_async_load", "_async_write_data", "async_remove")
}


class Disk:
    """A real disk below .storage that fails on request, in one of the ways in which disks do."""

    def __init__(self, folder: Path) -> None:
        self.failure: str | None = None
        self._folder = folder

    async def write(self, store: DurableStore, data: dict[str, Any]) -> None:
        """Write a file of ours, or fail."""
        match self.failure:
            case "error":
                raise WriteError(OSError(errno.ENOSPC, "full"))
            case "oserror":
                raise OSError(errno.EIO, "broken")
            case "torn":
                await store.hass.async_add_executor_job(Path(store.path).write_text, '{"version": 1, "da')
            case "stale":
                pass
            case _:
                await _REAL["_async_write_data"](store, data)

    def put(self, text: str | None) -> None:
        """Leave a settings file, or something else that has its name."""
        path = self._folder / _SETTINGS
        path.parent.mkdir(exist_ok=True)
        if text is None:
            path.mkdir()
        else:
            path.write_text(text)

    def content(self, name: str = "settings") -> Any:
        """Return what a file of ours holds."""
        return json.loads((self._folder / f"{DOMAIN}.{name}").read_bytes())["data"]


@pytest.fixture
def disk(hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch) -> Disk:
    """The disk below .storage, for our files only."""
    disk = Disk(Path(hass.config.path(".storage")))

    async def write(store: DurableStore, data: dict[str, Any]) -> None:
        await disk.write(store, data)

    for name, method in (_REAL | {"_async_write_data": write}).items():
        monkeypatch.setattr(DurableStore, name, method, raising=False)
    return disk


async def _wait_for_retry(house: House) -> None:
    async_fire_time_changed(house.hass, dt_util.utcnow() + timedelta(minutes=10))
    await house.hass.async_block_till_done()


@pytest.mark.parametrize("failure", ["error", "oserror", "stale", "torn"])
async def test_a_disk_that_fails_is_told_and_the_private_side_holds(
    house: House, disk: Disk, failure: str
) -> None:
    for key, owner, private in TOGGLES:
        for on in (not private, private):
            # Start from the other side, saved.
            disk.failure = None
            await house.switch(key, on=not on, owner=owner)
            assert house.state("switch", key, owner) == ("off" if on else "on")
            disk.failure = failure
            with pytest.raises(HomeAssistantError) as raised:
                await house.switch(key, on=on, owner=owner)
            assert raised.value.translation_key == "not_saved", (key, on)
            assert house.state("switch", key, owner) == ("on" if private else "off"), (key, on)
            assert house.issue("not_saved") == "not_saved"
            # What no disk has is not forgotten by a reload either.
            settings = SettingsStore(house.hass)
            await settings.async_load(expected=True)
            await settings.file.async_stop()
            assert settings._settings == house.hub.settings._settings


async def test_a_removed_satellite_that_comes_back_is_as_mute_as_it_was(
    house: House, bedroom: Talker, hass_storage: dict[str, Any]
) -> None:
    for key in ("save_recordings", "save_transcripts", "microphone"):
        await house.switch(key, on=False, owner=BEDROOM)
    for key in ("help_improve", "save_near_misses"):
        await house.switch(key, on=True, owner=BEDROOM)
    subentry = house.entry.subentries[BEDROOM]
    house.hass.config_entries.async_remove_subentry(house.entry, BEDROOM)
    await house.hass.async_block_till_done()
    assert BEDROOM not in hass_storage[_SETTINGS]["data"]["satellites"]

    # A crash before Home Assistant wrote its entries, or a backup.
    assert await house.hass.config_entries.async_unload(ENTRY_ID)
    house.hass.config_entries.async_add_subentry(house.entry, subentry)
    assert await house.hass.config_entries.async_setup(ENTRY_ID)
    await house.hass.async_block_till_done()
    settings = house.hub.settings
    assert {toggle.value: settings.satellite(BEDROOM, toggle) for toggle in SatelliteToggle} == {
        "help_improve": False,
        "muted": True,
        "save_near_misses": False,
        "save_recordings": False,
        "save_transcripts": False,
    }
    # It is remembered no longer than needed.
    assert hass_storage[_SETTINGS]["data"]["removed"] == {}


async def test_a_change_that_was_not_saved_outlives_a_reload_and_is_saved_later(
    house: House, disk: Disk
) -> None:
    disk.failure = "error"
    with pytest.raises(HomeAssistantError):
        await house.switch("microphone", on=False)
    await house.reload()
    await house.until_state("sensor", "microphone_state", "muted")
    assert house.issue("not_saved") == "not_saved"
    disk.failure = None
    await _wait_for_retry(house)
    await house.until(lambda: house.issue("not_saved") is None, "it is saved after all")
    assert disk.content()["satellites"][KITCHEN]["muted"] is True


async def test_a_retention_that_is_not_saved_is_not_used(house: House, disk: Disk) -> None:
    target = {"entity_id": house.entity_id("select", "keep_recordings", ENTRY_ID), "option": "hour"}
    limit = {"entity_id": house.entity_id("number", "storage_limit", ENTRY_ID), "value": 1}
    before = house.hub.settings.retention
    disk.failure = "error"
    with pytest.raises(HomeAssistantError):
        await house.hass.services.async_call("select", "select_option", target, blocking=True)
    with pytest.raises(HomeAssistantError):
        await house.hass.services.async_call("number", "set_value", limit, blocking=True)
    assert house.hub.settings.retention == before
    disk.failure = None
    await _wait_for_retry(house)
    assert disk.content()["retention"]["house"] == before.house.value


async def test_a_switch_is_on_disk_although_home_assistant_stops(
    hass: HomeAssistant, house: House, disk: Disk
) -> None:
    """Home Assistant puts its own writes off to the very end, which a power cut takes away."""
    hass.set_state(CoreState.stopping)
    await house.switch("microphone", on=False)
    assert disk.content()["satellites"][KITCHEN]["muted"] is True
    hass.bus.async_fire(EVENT_HOMEASSISTANT_FINAL_WRITE)
    await hass.async_block_till_done()
    hass.set_state(CoreState.running)


async def test_a_reload_waits_for_what_is_on_its_way_to_the_disk(
    house: House, disk: Disk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A card that stalls must not let the reloaded house believe what the file said before."""
    writing, may_go_on = asyncio.Event(), asyncio.Event()

    async def stall(store: DurableStore, data: dict[str, Any]) -> None:
        if store.key.endswith("settings"):
            writing.set()
            await may_go_on.wait()
        await _REAL["_async_write_data"](store, data)

    monkeypatch.setattr(DurableStore, "_async_write_data", stall, raising=False)
    changes = [
        house.hass.async_create_task(house.switch("microphone", on=False)),
        house.hass.async_create_task(house.switch("guest_mode", on=True, owner=ENTRY_ID)),
    ]
    await writing.wait()
    reload = house.hass.async_create_task(house.hass.config_entries.async_reload(ENTRY_ID))
    house.hass.loop.call_later(0.2, may_go_on.set)
    assert await reload
    await asyncio.gather(*changes, return_exceptions=True)
    assert house.hub.settings.satellite(KITCHEN, SatelliteToggle.MUTED)
    assert house.hub.settings.house(HouseToggle.GUEST_MODE)
    assert disk.content()["satellites"][KITCHEN]["muted"] is True
    assert disk.content()["house"]["guest_mode"] is True


async def test_muting_wins_over_an_unmute_that_is_still_on_its_way(house: House, disk: Disk) -> None:
    await house.switch("microphone", on=False)
    unmute = house.hass.async_create_task(house.switch("microphone", on=True))
    mute = house.hass.async_create_task(house.switch("microphone", on=False))
    await unmute
    await mute
    assert house.state("switch", "microphone") == "off"
    assert disk.content()["satellites"][KITCHEN]["muted"] is True


async def test_an_access_log_that_cannot_be_written_is_told_and_written_later(
    house: House, disk: Disk
) -> None:
    disk.failure = "error"
    await house.act("delete_last")
    await _wait_for_retry(house)
    await house.until(lambda: house.issue("not_saved") == "not_saved", "it is told")
    await house.reload()
    assert house.hub.access_log.entries[-1].action is AuditAction.DELETED
    disk.failure = None
    await _wait_for_retry(house)
    assert disk.content("access_log")["entries"][-1]["deed"] == "deleted"
    assert house.issue("not_saved") is None


# --- files that make no sense -----------------------------------------------------------------------

OPEN = {"muted": False, "save_recordings": True, "save_transcripts": True, "help_improve": True}
"""What the first version wrote."""

WHOLE: dict[str, Any] = {
    "house": {toggle.value: False for toggle in HouseToggle},
    "satellites": {KITCHEN: OPEN},
    "retention": {
        "house": "month",
        "satellites": {},
        "false_wakes": "day",
        "transcripts": "as_others",
        "limit_mb": 0,
    },
    "reviewers": [],
    "changes": {},
}
"""A settings file as it is written, with everything open."""

DAMAGED: list[Any] = [
    {"retention": WHOLE["retention"] | {"house": "2_weeks"}},
    {"retention": WHOLE["retention"] | {"limit_mb": "much"}},
    {"retention": WHOLE["retention"] | {"limit_mb": -1}},
    {"retention": WHOLE["retention"] | {"limit_mb": True}},
    {"retention": []},
    {"retention": WHOLE["retention"] | {"satellites": {KITCHEN: None}}},
    {"house": []},
    {"house": WHOLE["house"] | {"guest_mode": "off"}},
    {"house": WHOLE["house"] | {"household_may_listen": 1}},
    {"reviewers": 7},
    {"reviewers": [7]},
    {"changes": []},
    {"satellites": {KITCHEN: OPEN | {"save_recordings": "false"}}},
    {"satellites": {KITCHEN: OPEN, "other": None}},
    {"removed": {"other": None}},
    {"removed": {"other": OPEN | {"muted": "no"}}},
]
"""What makes no sense in such a file."""

MISSING: list[tuple[str, ...]] = [
    ("house",),
    *(("house", toggle) for toggle in HouseToggle),
    ("satellites",),
    *(("satellites", KITCHEN, toggle) for toggle in OPEN),
    ("retention",),
    *(("retention", key) for key in WHOLE["retention"]),
    ("reviewers",),
]
"""What is always in such a file."""


async def test_a_whole_file_is_believed(
    quiet_house: House, models: None, hass_storage: dict[str, Any]
) -> None:
    hass_storage[_SETTINGS] = {"version": 1, "minor_version": 1, "key": _SETTINGS, "data": WHOLE}
    assert await quiet_house.hass.config_entries.async_setup(quiet_house.entry.entry_id)
    settings = quiet_house.hub.settings
    assert not settings.lost
    assert settings.satellite(KITCHEN, SatelliteToggle.SAVE_RECORDINGS)
    assert not settings.satellite(KITCHEN, SatelliteToggle.MUTED)
    # A toggle that is newer than the file has its more private value.
    assert not settings.satellite(KITCHEN, SatelliteToggle.SAVE_NEAR_MISSES)
    assert settings.retention.house.value == "month"


@pytest.mark.parametrize("muted", [False, True])
@pytest.mark.parametrize("private", [False, True])
async def test_a_file_of_a_later_version(
    quiet_house: House, models: None, hass_storage: dict[str, Any], muted: bool, private: bool
) -> None:
    """After a downgrade: unknown consent is not given, and an unknown restriction is not ignored."""
    data = settings_to_stored(HouseSettings()) | {
        "satellites": {KITCHEN: dict.fromkeys(SatelliteToggle, False)}
    }
    data = json.loads(json.dumps(data))
    data["toggles"]["satellites"]["of_later"] = private
    data["satellites"][KITCHEN] |= {"of_later": True, "muted": muted}
    hass_storage[_SETTINGS] = {"version": 1, "minor_version": 1, "key": _SETTINGS, "data": data}
    if private:
        await _fails_closed(quiet_house, muted=muted)
        return
    assert await quiet_house.hass.config_entries.async_setup(quiet_house.entry.entry_id)
    settings = quiet_house.hub.settings
    assert not settings.lost
    assert settings.satellite(KITCHEN, SatelliteToggle.MUTED) is muted
    assert not settings.house(HouseToggle.GUEST_MODE)


@pytest.mark.parametrize("path", MISSING, ids="/".join)
async def test_settings_of_which_a_part_is_missing_fail_closed(
    quiet_house: House, models: None, hass_storage: dict[str, Any], path: tuple[str, ...]
) -> None:
    data = json.loads(json.dumps(WHOLE))
    part = data
    for key in path[:-1]:
        part = part[key]
    del part[path[-1]]
    hass_storage[_SETTINGS] = {"version": 1, "minor_version": 1, "key": _SETTINGS, "data": data}
    # A microphone stays open only where the file clearly says so.
    await _fails_closed(quiet_house, muted=path in {("satellites",), ("satellites", KITCHEN, "muted")})


@pytest.mark.parametrize("data", DAMAGED)
@pytest.mark.parametrize("muted", [False, True])
async def test_settings_that_make_no_sense_fail_closed(
    quiet_house: House, models: None, hass_storage: dict[str, Any], data: dict[str, Any], muted: bool
) -> None:
    data = json.loads(json.dumps(WHOLE | data))
    data["satellites"][KITCHEN]["muted"] = muted
    hass_storage[_SETTINGS] = {"version": 1, "minor_version": 1, "key": _SETTINGS, "data": data}
    await _fails_closed(quiet_house, muted=muted)


@pytest.mark.parametrize("data", [[], [1], 7, "x", None, {"satellites": []}, {"satellites": {KITCHEN: [1]}}])
async def test_settings_without_anything_known_mute(
    quiet_house: House, models: None, hass_storage: dict[str, Any], data: Any
) -> None:
    hass_storage[_SETTINGS] = {"version": 1, "minor_version": 1, "key": _SETTINGS, "data": data}
    house = quiet_house
    house.hass.config_entries.async_update_entry(
        house.entry, data={**house.entry.data, "settings_saved": True}
    )
    await _fails_closed(house, muted=True)


@pytest.mark.parametrize(
    "text", ["", "{", "[1]", "null", "7", '{"version": 2, "data": {}}', '{"version": 1}', "\x00" * 64, None]
)
async def test_a_settings_file_that_cannot_be_read_mutes(
    quiet_house: House, models: None, disk: Disk, text: str | None
) -> None:
    house = quiet_house
    disk.put(text)
    house.hass.config_entries.async_update_entry(
        house.entry, data={**house.entry.data, "settings_saved": True}
    )
    await _fails_closed(house, muted=True)


async def _fails_closed(house: House, *, muted: bool) -> None:
    assert await house.hass.config_entries.async_setup(ENTRY_ID)
    await house.until_state("sensor", "microphone_state", "muted" if muted else "listening")
    assert house.state("switch", "guest_mode", ENTRY_ID) == "on"
    assert house.state("switch", "deletion_by_voice", ENTRY_ID) == "off"
    assert house.state("switch", "save_recordings") == "off"
    assert house.state("switch", "help_improve") == "off"
    assert house.issue("settings_lost") == "settings_lost"
    assert not house.hub.settings.reviewers


OTHERS = [
    ("access_log", [1]),
    ("access_log", {"entries": 7}),
    ("access_log", {"entries": [None, 7, {"when": "x"}, {"when": "2026-01-01T00:00:00"}]}),
    ("access_log", {"entries": [{"when": "2026-01-01T00:00:00+00:00", "count": "x", "deed": "listed"}]}),
    ("access_log", {"entries": [], "last_export": 7}),
    ("clock", [1]),
    ("clock", {"trusted": 7}),
    ("clock", {"trusted": {"now": "2026-01-01T00:00:00+00:00", "monotonic": "x"}}),
    ("clock", {"steady": 1e300}),
    ("clock", {"steady": "long"}),
]


@pytest.mark.parametrize(("name", "data"), OTHERS)
async def test_another_file_that_makes_no_sense_costs_nothing_else(
    quiet_house: House, models: None, hass_storage: dict[str, Any], name: str, data: Any
) -> None:
    key = f"{DOMAIN}.{name}"
    hass_storage[key] = {"version": 1, "minor_version": 1, "key": key, "data": data}
    assert await quiet_house.hass.config_entries.async_setup(ENTRY_ID)
    await quiet_house.until_listening()
    assert await quiet_house.keep()


# --- a real disk ------------------------------------------------------------------------------------


@pytest.fixture
def small_disk(hass: HomeAssistant) -> Iterator[Path]:
    """A disk of 1 MB where Home Assistant's .storage is."""
    with mounts.small_tmpfs(Path(hass.config.path(".storage")), megabytes=1) as folder:
        yield folder


async def test_a_full_disk_loses_no_mute(
    quiet_house: House, models: None, small_disk: Path, disk: Disk
) -> None:
    house = quiet_house
    assert await house.hass.config_entries.async_setup(ENTRY_ID)
    await house.until_listening()
    filler = small_disk / "filler"
    with pytest.raises(OSError, match="space"):
        filler.write_bytes(bytes(2 << 20))
    with pytest.raises(HomeAssistantError):
        await house.switch("microphone", on=False)
    assert house.state("switch", "microphone") == "off"
    filler.unlink()
    await _wait_for_retry(house)
    stored = json.loads((small_disk / _SETTINGS).read_bytes())
    assert stored["data"]["satellites"][KITCHEN]["muted"] is True


async def test_a_read_only_disk_loses_no_guest_mode(
    quiet_house: House, models: None, small_disk: Path, disk: Disk
) -> None:
    house = quiet_house
    assert await house.hass.config_entries.async_setup(ENTRY_ID)
    await house.until_listening()
    mounts.make_read_only(small_disk, on=True)
    with pytest.raises(HomeAssistantError):
        await house.switch("guest_mode", on=True, owner=ENTRY_ID)
    assert house.state("switch", "guest_mode", ENTRY_ID) == "on"
    mounts.make_read_only(small_disk, on=False)
    await _wait_for_retry(house)
    assert json.loads((small_disk / _SETTINGS).read_bytes())["data"]["house"]["guest_mode"] is True
