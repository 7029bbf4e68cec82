"""The ledger of a running house: what enters it, when it is off, and a disk that is full."""

from datetime import timedelta
import errno
from pathlib import Path
from typing import Any
from unittest.mock import patch

from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from custom_components.voice_privacy.const import DOMAIN
from custom_components.voice_privacy.core.ledger import verify
from custom_components.voice_privacy.core.levels import PrivacyLevel
from custom_components.voice_privacy.recordings import ledger_store, retention_job
from custom_components.voice_privacy.storage.disk import RealDisk
from custom_components.voice_privacy.storage.ledger_file import LedgerFile

from .helpers.house import ENTRY_ID, KITCHEN, House
from .helpers.people import ADMIN, KITCHEN_MEMBER, Desk, Person, fetch, people_of
from .helpers.recordings import record
from .test_levels import place


@pytest.fixture
async def people(house: House) -> dict[str, Person]:
    """Everybody."""
    return await people_of(house)


@pytest.fixture
def desk(people: dict[str, Person]) -> Desk:
    """The administrator's connection."""
    return people[ADMIN].desk


async def entries(desk: Desk) -> list[list[str]]:
    """Return the entries of the ledger, which is valid, without their hashes: sequence, hour, event, subject."""
    answer = await desk.ask(f"{DOMAIN}/ledger/export")
    assert answer["success"], answer
    lines = answer["result"]["ledger"].split("\n")
    assert lines[-1] == ""
    assert verify(lines[:-2])[-1].footer() == lines[-2]
    return [line.split(" ")[:4] for line in lines[1:-2]]


async def events(desk: Desk) -> list[str]:
    """Return the events of the ledger."""
    return [entry[2] for entry in await entries(desk)]


def file_of(house: House) -> Path:
    """Return the file of the ledger."""
    return Path(house.hass.config.cache_path(DOMAIN), "ledger")


async def test_what_happens_to_a_recording_can_be_followed(
    hass: HomeAssistant, house: House, people: dict[str, Person], desk: Desk, hass_client_no_auth: Any
) -> None:
    first, second = await record(house), await record(house)
    client = await hass_client_no_auth()
    for _ in range(2):
        assert await fetch(client, people[ADMIN], f"recordings/{first}/audio") == 200
    await desk.ask(f"{DOMAIN}/recordings/delete", scope="ids", recording_ids=[first])
    await house.act("delete_today")

    found = await entries(desk)
    assert [event for _, _, event, _ in found if event in ("kept", "deleted")] == ["kept"] * 2 + [
        "deleted"
    ] * 2
    assert "played" in [event for _, _, event, _ in found]
    subjects = [subject for _, _, event, subject in found if event in ("kept", "deleted")]
    assert subjects[:2] == subjects[2:]
    assert len(set(subjects)) == 2
    assert {subject for _, _, event, subject in found if event == "played"} == {subjects[0]}
    assert [int(sequence) for sequence, *_ in found] == list(range(1, len(found) + 1))
    text = file_of(house).read_text()
    assert not any(word in text for word in (first, second, "kitchen", "what time", people[ADMIN].user.id))


async def test_consent_and_mute_are_in_it(house: House, desk: Desk) -> None:
    await house.switch("microphone", on=False)
    await house.switch("microphone", on=True)
    await house.switch("save_recordings", on=False)
    await house.switch("guest_mode", on=True, owner="house")
    found = await entries(desk)
    assert [event for _, _, event, _ in found] == [
        "muted_on",
        "muted_off",
        "save_recordings_off",
        "guest_mode_on",
    ]
    assert found[3][3] == "-"
    assert len({subject for *_, subject in found[:3]}) == 1


async def test_privacy_levels_that_are_chosen_are_in_it(house: House, desk: Desk) -> None:
    """A level can mute a room, and open its microphone again."""
    room = place(house, KITCHEN, "Kitchen")
    await house.hass.async_block_till_done()
    for wanted in (PrivacyLevel.OFF, PrivacyLevel.DAY):
        assert (await desk.ask(f"{DOMAIN}/levels/set", area_id=room, level=wanted))["success"]
    assert (await desk.ask(f"{DOMAIN}/levels/set", area_id=None, level="memory_only"))["success"]
    assert (await desk.ask(f"{DOMAIN}/levels/set_overrides", overrides=[]))["success"]
    found = await entries(desk)
    assert [event for _, _, event, _ in found] == [
        "privacy_level_off",
        "privacy_level_day",
        "new_rooms_level_memory_only",
        "level_overrides",
    ]
    subjects = [subject for *_, subject in found]
    assert subjects[0] == subjects[1]
    assert subjects[2:] == ["-", "-"]
    assert "-" not in subjects[:2]


async def test_many_at_once_are_counted(house: House, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger_store, "_MAX_IDS", 2)
    for _ in range(3):
        await record(house)
    await house.act("delete_today")
    assert (await entries(desk))[-1][2:] == ["deleted", "*3"]


async def test_it_survives_a_restart_and_a_torn_write(house: House, desk: Desk) -> None:
    await record(house)
    assert await events(desk) == ["kept"]
    await house.reload()
    assert await events(desk) == ["kept"]
    await house.hub.ledger.async_stop()
    with file_of(house).open("ab") as file:
        file.write(b"2 2026-11-29T03Z del")
    await house.reload()
    assert await events(desk) == ["kept", "repaired"]


async def test_it_expires(hass: HomeAssistant, house: House, desk: Desk, freezer: Any) -> None:
    await record(house)
    await house.act("delete_today")
    before = (await desk.ask(f"{DOMAIN}/ledger/export"))["result"]["ledger"].split("\n")[-2]
    freezer.move_to(dt_util.utcnow() + timedelta(days=181))
    await house.hub.ledger._async_expire()
    after = (await desk.ask(f"{DOMAIN}/ledger/export"))["result"]["ledger"].split("\n")
    assert after[1] == before
    assert len(after) == 3


async def test_a_clock_that_jumps_ahead_removes_nothing(
    hass: HomeAssistant, house: House, desk: Desk, freezer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A machine that was off for so long looks the same; its start already opens the ledger."""
    await record(house)
    await house.hub.retention.async_run()
    await hass.config_entries.async_unload(ENTRY_ID)
    monkeypatch.setattr(retention_job, "_RUN", "the next boot")
    freezer.move_to(dt_util.utcnow() + timedelta(days=400))
    await hass.config_entries.async_setup(ENTRY_ID)
    assert (await events(desk))[0] == "kept"
    await house.hub.retention.async_run()
    await house.hub.ledger._async_expire()
    assert (await events(desk))[0] == "kept"


async def test_turning_it_off_is_in_the_access_log(house: House, desk: Desk) -> None:
    for on in (False, True):
        assert (await desk.ask(f"{DOMAIN}/ledger/set", on=on))["success"]
    entries_of_log = (await desk.ask(f"{DOMAIN}/access_log"))["result"]["entries"]
    changes = [entry["value"] for entry in entries_of_log if entry["subject"] == "ledger"]
    assert sorted(changes) == ["off", "on"]


async def test_off_removes_it_and_writes_nothing(house: House, desk: Desk) -> None:
    await record(house)
    assert (await desk.ask(f"{DOMAIN}/ledger/set", on=False))["success"]
    await record(house)
    assert not [name for name in house.files() if "ledger" in name]
    assert await desk.code_of("ledger/export") == "not_saved"
    await house.reload()
    assert (await desk.ask(f"{DOMAIN}/ledger/get"))["result"] == {"on": False, "entries": 0, "waiting": 0}
    assert (await desk.ask(f"{DOMAIN}/ledger/set", on=True))["success"]
    await record(house)
    assert await events(desk) == ["kept"]


async def test_a_full_disk_loses_nothing(
    hass: HomeAssistant, house: House, desk: Desk, freezer: Any, caplog: pytest.LogCaptureFixture
) -> None:
    await house.hub.ledger.async_export()
    write = RealDisk.write

    def full(self: RealDisk, handle: int, data: bytes, offset: int) -> None:
        if b" kept " in data:
            write(self, handle, data[:20], offset)
            raise OSError(errno.ENOSPC, "No space left on device")
        write(self, handle, data, offset)

    with patch.object(RealDisk, "write", full):
        await record(house)
        await house.switch("microphone", on=False)
        assert await desk.code_of("ledger/export") == "not_saved"
        assert (await desk.ask(f"{DOMAIN}/ledger/get"))["result"] == {"on": True, "entries": 0, "waiting": 2}
    freezer.tick(timedelta(seconds=61))
    async_fire_time_changed(hass, dt_util.utcnow())
    assert await events(desk) == ["kept", "muted_on"]
    assert "The ledger cannot be written" in caplog.text


async def test_what_does_not_fit_into_memory_is_counted(
    house: House, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger_store, "_MAX_WAITING", 1)
    with patch.object(LedgerFile, "append", side_effect=OSError):
        for _ in range(3):
            await record(house)
        assert await desk.code_of("ledger/export") == "not_saved"
    assert [entry[2:] for entry in await entries(desk)][1:] == [["lost", "*2"]]


async def test_only_administrators_read_or_change_it(people: dict[str, Person]) -> None:
    desk = people[KITCHEN_MEMBER].desk
    assert await desk.code_of("ledger/get") == "unauthorized"
    assert await desk.code_of("ledger/set", on=False) == "unauthorized"
    assert await desk.code_of("ledger/export") == "unauthorized"


async def test_removing_the_integration_removes_it(hass: HomeAssistant, house: House) -> None:
    await record(house)
    assert await hass.config_entries.async_remove("house")
    await hass.async_block_till_done()
    assert house.files() == []
