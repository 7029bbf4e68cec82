"""The access log that members read: what concerns the rooms that they may control, and nothing else."""

from typing import Any

from homeassistant.core import HomeAssistant
import pytest

from custom_components.voice_privacy.core.models import (
    AuditAction,
    DeletionRequest,
    DeletionScope,
    RecordingKind,
    Requester,
    RequesterKind,
)
from custom_components.voice_privacy.hub.access_log import AccessLog, of_rooms
from tests.integration.helpers.house import BEDROOM, KITCHEN, House
from tests.integration.helpers.people import ADMIN, KITCHEN_MEMBER, LAMP, READER, Desk, people_of
from tests.integration.helpers.recordings import record
from tests.integration.helpers.talker import Talker


async def read(desk: Desk, **fields: Any) -> list[tuple[str, int, str | None]]:
    """Return action, count and subject of what somebody reads, oldest first."""
    answer = await desk.ask("voice_privacy/access_log/rooms", **fields)
    assert answer["success"], answer
    return [(entry["deed"], entry["count"], entry["subject"]) for entry in answer["result"]["entries"]][::-1]


@pytest.fixture
async def desks(hass: HomeAssistant, house: House, bedroom: Talker) -> dict[str, Desk]:
    """Everybody's connection."""
    people = await people_of(house)
    return {name: people[name].desk for name in (ADMIN, KITCHEN_MEMBER, READER, LAMP)}


async def test_a_member_reads_what_concerns_the_member_s_rooms(
    hass: HomeAssistant, house: House, desks: dict[str, Desk]
) -> None:
    kitchen = [await record(house, "turn on the light") for _ in range(2)]
    bedroom = [await record(house, None, kind=RecordingKind.FALSE_WAKE, owner=BEDROOM)]
    owner = desks[ADMIN]
    await owner.ask("voice_privacy/recordings/list")
    await owner.ask("voice_privacy/recordings/get", recording_id=bedroom[0])
    for room in (KITCHEN, BEDROOM):
        await owner.ask("voice_privacy/microphones/set_threshold", satellite_id=room, threshold=0.7)
    await owner.ask("voice_privacy/settings/set", toggle="household_may_listen", on=True)
    await owner.ask("voice_privacy/recordings/delete", scope="ids", recording_ids=[kitchen[0], *bedroom])
    expected = [
        ("listed", 2, None),
        ("changed", 0, f"{KITCHEN}.threshold"),
        ("changed", 0, "household_may_listen"),
        ("deleted", 1, "ids"),
    ]
    assert await read(desks[KITCHEN_MEMBER]) == expected
    answer = await desks[KITCHEN_MEMBER].ask("voice_privacy/access_log/rooms", deed="listed")
    (listed,) = answer["result"]["entries"]
    # How often the owner looked, and therefore that a bedroom was looked at, is not told.
    assert (listed["times"], "rooms" in listed) == (1, False)
    assert len(await read(desks[ADMIN])) == 5
    assert await read(desks[KITCHEN_MEMBER], limit=1, offset=1) == expected[-2:-1]


@pytest.mark.parametrize("who", [READER, LAMP])
async def test_who_controls_no_room_reads_no_log(desks: dict[str, Desk], who: str) -> None:
    answer = await desks[who].ask("voice_privacy/access_log/rooms")
    assert answer["error"]["code"] == "unauthorized"


async def test_only_administrators_read_the_whole_log(desks: dict[str, Desk]) -> None:
    answer = await desks[KITCHEN_MEMBER].ask("voice_privacy/access_log")
    assert answer["error"]["code"] == "unauthorized"


async def test_rooms_survive_a_restart_and_are_unknown_in_older_entries(hass: HomeAssistant) -> None:
    by = Requester(kind=RequesterKind.USER, user_id="anna")
    log = AccessLog(hass)
    log.add(by, AuditAction.LISTENED, count=1, rooms=[KITCHEN])
    log.add(by, AuditAction.LISTENED, count=1, rooms=[BEDROOM])
    log.add(by, AuditAction.LISTENED, count=1, rooms=[KITCHEN])
    log.add(by, AuditAction.EXPORTED, count=4)
    await log.async_stop()
    again = AccessLog(hass)
    await again.async_load()
    assert [dict(entry.rooms) for entry in again.entries] == [{KITCHEN: 2, BEDROOM: 1}, {}]
    listened, exported = again.entries
    told = of_rooms(listened, {KITCHEN})
    assert told is not None
    assert (told.count, told.times, told.rooms) == (2, 1, {})
    assert of_rooms(exported, {KITCHEN, BEDROOM}) is None
    assert of_rooms(listened, {"attic"}) is None


async def test_a_deletion_names_the_rooms_of_what_it_deleted(house: House, bedroom: Talker) -> None:
    await record(house, "turn on the light")
    await record(house, "turn on the light", owner=BEDROOM)
    by = Requester(kind=RequesterKind.USER, user_id="anna")
    await house.hub.deletion.async_delete(DeletionRequest(scope=DeletionScope.ALL), by)
    entry = house.hub.access_log.entries[-1]
    assert (entry.action, dict(entry.rooms)) == (AuditAction.DELETED, {KITCHEN: 1, BEDROOM: 1})
