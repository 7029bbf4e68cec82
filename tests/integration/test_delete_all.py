"""Deleting by range, by kind and everything: who may, what is meant, and that nothing is forgotten."""

from datetime import timedelta
from pathlib import Path
import shutil
from typing import Any

from homeassistant.const import EVENT_HOMEASSISTANT_STOP
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import ServiceValidationError, Unauthorized
from homeassistant.helpers.recorder import DATA_INSTANCE, session_scope
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockUser
from sqlalchemy import text

from custom_components.voice_privacy.core.models import RecordingKind
from custom_components.voice_privacy.storage.schema import TABLE_NAME

from .helpers.house import ENTRY_ID, KITCHEN, House
from .helpers.recordings import begin, record
from .test_repairs import Browser


@pytest.fixture
def browser(hass: HomeAssistant, hass_client: Any) -> Browser:
    """An administrator's browser."""
    return Browser(hass, hass_client)


async def unload(house: House) -> None:
    """Unload the entry, so that its files can be touched."""
    assert await house.hass.config_entries.async_unload(ENTRY_ID)
    await house.hass.async_block_till_done()


async def set_up(house: House) -> None:
    """Set the entry up again."""
    assert await house.hass.config_entries.async_setup(ENTRY_ID)
    await house.hass.async_block_till_done()


async def test_everything_needs_a_yes(house: House) -> None:
    await record(house)
    for data in ({}, {"confirm": False}):
        with pytest.raises(ServiceValidationError, match="takes: confirm"):
            await house.act("delete_all", data)
    assert len(house.ids()) == 1
    receipt = await house.act("delete_all", {"confirm": True})
    assert receipt == {
        "asked": 1,
        "deleted": 1,
        "already_gone": 0,
        "pending": 1,
        "verified": True,
        "not_reachable": [],
    }
    assert house.ids() == []


async def test_what_deletes_much_is_for_administrators_and_automations(
    hass: HomeAssistant, house: House
) -> None:
    user = MockUser(id="user").add_to_hass(hass)
    admin = MockUser(id="admin", is_owner=True).add_to_hass(hass)
    user.mock_policy({"entities": True})
    span = {"start": "2020-01-01 00:00:00", "end": "2100-01-01 00:00:00"}
    await record(house)
    for action, data in (("delete_all", {"confirm": True}), ("delete_range", span)):
        with pytest.raises(Unauthorized):
            await house.act(action, data, Context(user_id=user.id))
    assert len(house.ids()) == 1
    assert (await house.act("delete_range", span, Context(user_id=admin.id)))["deleted"] == 1
    await record(house)
    assert (await house.act("delete_range", span))["deleted"] == 1
    # What a user may do all the same.
    await record(house, kind=RecordingKind.FALSE_WAKE)
    assert (await house.act("delete_false_wakes", {}, Context(user_id=user.id)))["deleted"] == 1


async def test_a_range_is_half_open_and_in_the_time_of_the_house(house: House) -> None:
    noon = dt_util.now().replace(hour=12, minute=0, second=0, microsecond=0) - timedelta(days=2)
    moments = [noon - timedelta(seconds=1), noon, noon + timedelta(minutes=59), noon + timedelta(hours=1)]
    kept = [await record(house, started_at=dt_util.as_utc(moment)) for moment in moments]
    naive = {
        name: moment.strftime("%Y-%m-%d %H:%M:%S") for name, moment in (("start", noon), ("end", moments[3]))
    }
    assert (await house.act("delete_range", naive))["deleted"] == 2
    assert house.ids() == [kept[0], kept[3]]
    with pytest.raises(ServiceValidationError) as refusal:
        await house.act("delete_range", {"start": naive["end"], "end": naive["start"]})
    assert refusal.value.translation_key == "range_is_empty"


async def test_false_wakes_go_and_commands_stay(house: House) -> None:
    await record(house, kind=RecordingKind.FALSE_WAKE)
    command = await record(house)
    assert (await house.act("delete_false_wakes"))["deleted"] == 1
    assert house.ids() == [command]


async def test_everything_includes_what_cannot_even_be_listed(house: House) -> None:
    bad, good = await record(house), await record(house)
    await house.hub.kept.store.async_flush()
    await unload(house)
    (file,) = (path for path in house.sealed_files() if bad in path.name)
    file.write_bytes(b"\0" * file.stat().st_size)

    def forget_rows() -> None:
        with session_scope(session=instance.get_session()) as session:
            session.execute(text(f"DELETE FROM {TABLE_NAME}"))

    instance = house.hass.data[DATA_INSTANCE]
    await instance.async_add_executor_job(forget_rows)
    await set_up(house)
    assert house.ids() == [good]
    assert house.hub.kept.store.unreadable_ids == {bad}

    receipt = await house.act("delete_all", {"confirm": True})
    assert (receipt["asked"], receipt["deleted"], receipt["verified"]) == (2, 2, True)
    await house.hub.kept.store.async_flush()
    assert house.sealed_files() == []
    await house.reload()
    assert (house.ids(), house.hub.kept.store.unreadable) == ([], 0)


async def test_recordings_that_were_not_restored_are_told_of_and_removed(
    house: House, browser: Browser
) -> None:
    kept = await record(house)
    assert house.issue("not_restored") is None
    await unload(house)
    (file,) = house.sealed_files()
    shutil.copy(file, file.with_name(f"{999:016x}-{7:032x}.sealed"))
    await set_up(house)
    assert house.issue("not_restored") == "not_restored"
    assert house.ids() == [kept]
    await house.act("delete_all", {"confirm": True})
    assert house.issue("not_restored") == "not_restored"

    flow = await browser.begin("not_restored")
    assert flow["description_placeholders"]["count"] == "1"
    assert (await browser.submit(flow["flow_id"]))["type"] == "create_entry"
    assert house.issue("not_restored") is None
    await house.hub.kept.store.async_flush()
    assert house.sealed_files() == []


async def test_a_folder_that_is_not_there_is_told_of_and_deleting_works(
    house: House, browser: Browser
) -> None:
    first, second = await record(house), await record(house)
    await unload(house)
    folder = Path(house.hass.config.cache_path("voice_privacy")) / "audio"
    folder.rename(folder.with_name("elsewhere"))
    await set_up(house)
    assert house.issue("store") == "audio_folder_missing"
    receipt = await house.act("delete_last")
    assert (receipt["deleted"], receipt["verified"]) == (1, True)

    flow = await browser.begin("store")
    assert (await browser.submit(flow["flow_id"]))["errors"] == {"base": "still_failing"}
    shutil.rmtree(folder, ignore_errors=True)
    folder.with_name("elsewhere").rename(folder)
    assert (await browser.submit(flow["flow_id"]))["type"] == "create_entry"
    assert house.issue("store") is None
    assert house.ids() == [first]
    await house.read(first)
    await house.hub.kept.store.async_flush()
    assert [path.name[17:49] for path in house.sealed_files()] == [first]
    assert await record(house)
    assert second not in house.ids()


@pytest.mark.parametrize("mount_point", [False, True])
async def test_a_folder_that_vanishes_meanwhile_keeps_nothing_until_it_is_back(
    house: House, mount_point: bool
) -> None:
    kept = await record(house)
    folder = Path(house.hass.config.cache_path("voice_privacy")) / "audio"
    folder.rename(folder.with_name("elsewhere"))
    if mount_point:
        folder.mkdir()

    capture = begin(house, "what time is it", owner=KITCHEN)
    await house.hub.async_capture_finished(house.hub.satellites[KITCHEN], capture, RecordingKind.COMMAND)
    assert house.ids() == [kept]
    assert house.activity()[-1] == ("discarded", "store_failed")
    assert house.issue("store") == "audio_folder_missing"
    assert not folder.exists() or list(folder.iterdir()) == []

    if mount_point:
        folder.rmdir()
    folder.with_name("elsewhere").rename(folder)
    assert await record(house) in house.ids()
    assert house.issue("store") is None
    await house.read(kept)


async def test_everything_is_written_and_closed_when_home_assistant_stops(
    house: House, hass_storage: dict[str, Any]
) -> None:
    await record(house)
    await house.act("delete_last")
    house.hass.bus.async_fire(EVENT_HOMEASSISTANT_STOP)
    await house.hass.async_block_till_done()
    assert not house.hub.kept.store.is_open
    assert hass_storage["voice_privacy.access_log"]["data"]["entries"][-1]["deed"] == "deleted"
    assert hass_storage["voice_privacy.clock"]["data"]["trusted"]
    # Another process could open it now.
    await house.hub.kept.store.async_open()
    await house.hub.kept.store.async_close()
