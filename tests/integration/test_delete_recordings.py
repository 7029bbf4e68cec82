"""Action that deletes selected recordings: by id, day and kind."""

from datetime import timedelta
from typing import Any

from homeassistant.auth.const import GROUP_ID_USER
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import ServiceValidationError, Unauthorized
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockUser

from custom_components.voice_privacy.core.house_settings import HouseToggle
from custom_components.voice_privacy.core.models import AuditAction, RecordingKind, Requester

from .helpers.house import BEDROOM, KITCHEN, House
from .helpers.recordings import record
from .helpers.talker import Talker

UNKNOWN = "0" * 32


async def test_by_id(hass: HomeAssistant, house: House, bedroom: Talker) -> None:
    first, second = await record(house), await record(house)
    other = await record(house, owner=BEDROOM)
    receipt = await house.act("delete_recordings", {"recording_ids": [first, UNKNOWN]})
    assert (receipt["deleted"], receipt["already_gone"], receipt["verified"]) == (1, 1, True)
    assert set(house.ids()) == {second, other}
    # A target narrows the selection.
    kitchen = {"entity_id": house.entity_id("switch", "microphone")}
    receipt = await house.act("delete_recordings", kitchen | {"recording_ids": [second, other]})
    assert receipt["deleted"] == 1
    assert house.ids() == [other]
    assert (await house.act("delete_recordings", {"recording_ids": other}))["deleted"] == 1


async def test_by_day_and_kind(hass: HomeAssistant, house: House) -> None:
    noon = dt_util.now().replace(hour=12, minute=0, second=0, microsecond=0)
    yesterday, before = noon - timedelta(days=1), noon - timedelta(days=2)
    kept = {
        (name, kind): await record(house, kind=kind, started_at=dt_util.as_utc(day))
        for name, day in (("yesterday", yesterday), ("before", before))
        for kind in (RecordingKind.COMMAND, RecordingKind.FALSE_WAKE)
    }
    day = yesterday.date().isoformat()
    receipt = await house.act("delete_recordings", {"day": day, "kinds": ["false_wake"]})
    assert receipt["deleted"] == 1
    assert kept["yesterday", RecordingKind.FALSE_WAKE] not in house.ids()
    # All fields have to match.
    ids = [kept["before", RecordingKind.COMMAND], kept["yesterday", RecordingKind.COMMAND]]
    assert (await house.act("delete_recordings", {"day": day, "recording_ids": ids}))["deleted"] == 1
    assert set(house.ids()) == {kept["before", kind] for kind in RecordingKind}
    assert (await house.act("delete_recordings", {"kinds": ["near_miss"]}))["deleted"] == 0
    assert (await house.act("delete_recordings", {"kinds": "command"}))["deleted"] == 1
    assert (await house.act("delete_recordings", {"day": before.date()}))["deleted"] == 1
    assert house.ids() == []
    deleted = [entry for entry in house.hub.access_log.entries if entry.action is AuditAction.DELETED]
    assert [(entry.subject, entry.count) for entry in deleted] == [("all", 1), ("day", 3)]


async def test_what_is_hidden_goes_as_well(house: House, hass_admin_user: Any) -> None:
    recording_id = await record(house)
    by = Requester(user_id=hass_admin_user.id)
    waiting = house.hub.delayed_deletion.hide(recording_id, by, lambda _outcome: None)
    await house.hub.delayed_deletion.async_confirm(waiting)
    assert (await house.act("delete_recordings", {"kinds": ["command"]}))["deleted"] == 1


@pytest.mark.parametrize(
    "data",
    [
        {"recording_ids": []},
        {"recording_ids": ["../../etc/passwd"]},
        {"recording_ids": [UNKNOWN.upper() + "F"]},
        {"recording_ids": [UNKNOWN + "\n"]},
        {"recording_ids": [None]},
        {"kinds": []},
        {"kinds": ["whisper"]},
        {"day": "tomorrow"},
        {"day": ""},
        {"scope": "all"},
    ],
)
async def test_bad_input_is_refused_and_deletes_nothing(house: House, data: dict[str, Any]) -> None:
    await record(house)
    with pytest.raises(ServiceValidationError) as refusal:
        await house.act("delete_recordings", data)
    assert refusal.value.translation_key == "invalid_action_data"
    assert len(house.ids()) == 1


async def test_nothing_selected_does_not_mean_everything(house: House) -> None:
    await record(house)
    for target in ({}, {"entity_id": house.entity_id("switch", "microphone")}):
        with pytest.raises(ServiceValidationError, match="a day or kinds") as refusal:
            await house.act("delete_recordings", target)
        assert refusal.value.translation_key == "nothing_selected"
    assert len(house.ids()) == 1


async def test_members_delete_single_recordings_where_they_may_listen(
    hass: HomeAssistant, house: House
) -> None:
    member = MockUser(id="member", groups=[await group(hass)]).add_to_hass(hass)
    context = Context(user_id=member.id)
    recording_id = await record(house)
    by_id = {"recording_ids": [recording_id]}
    for data in (by_id, {"day": dt_util.now().date()}, {"kinds": ["command"]}):
        with pytest.raises(Unauthorized):
            await house.act("delete_recordings", data, context)
    await house.hub.async_set_house(HouseToggle.HOUSEHOLD_MAY_LISTEN, Requester(), on=True)
    for data in ({"day": dt_util.now().date()}, {"kinds": ["command"]}):
        with pytest.raises(Unauthorized):
            await house.act("delete_recordings", data, context)
    assert (await house.act("delete_recordings", by_id, context))["deleted"] == 1


@pytest.mark.parametrize(
    ("data", "covered"),
    [
        ({"kinds": ["near_miss"]}, True),
        ({"kinds": ["near_miss", "command"], "day": "today"}, True),
        ({"kinds": ["near_miss"], "day": "2026-01-01"}, False),
        ({"kinds": ["near_miss"], "recording_ids": ["0" * 32]}, False),
        ({"kinds": ["command", "false_wake"]}, False),
    ],
)
async def test_near_misses_that_are_not_reported_yet_go_as_well(
    house: House, data: dict[str, Any], covered: bool
) -> None:
    """The engine reports a sound seconds later; it has no id until then."""
    near_misses = house.hub.satellites[KITCHEN].near_misses
    before = near_misses.deletions
    if data.get("day") == "today":
        data = data | {"day": dt_util.now().date()}
    await house.act("delete_recordings", data)
    assert (near_misses.deletions > before) is covered


async def group(hass: HomeAssistant) -> Any:
    """Return the group of those who are no administrators."""
    found = await hass.auth.async_get_group(GROUP_ID_USER)
    assert found is not None
    return found
