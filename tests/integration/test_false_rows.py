"""Rows that somebody has changed in the recorder's database: what is sealed is believed, never the row."""

from dataclasses import replace
from typing import Any

from homeassistant.components.recorder import get_instance
from homeassistant.core import HomeAssistant
import pytest
from sqlalchemy import text

from custom_components.voice_privacy.core.house_settings import HouseToggle, RetentionSetting
from custom_components.voice_privacy.core.models import RecordingInfo, RecordingKind, Requester
from custom_components.voice_privacy.storage.schema import TABLE_NAME

from .helpers.house import BEDROOM, ENTRY_ID, KITCHEN, House
from .helpers.people import KITCHEN_MEMBER, people_of
from .helpers.recordings import record
from .helpers.talker import Talker

CHANGES = {
    "old": "started_ts = 1000000000.0, local_date = '2001-09-09'",
    "a moment older": "started_ts = started_ts - 0.5",
    "future": "started_ts = 4000000000.0",
    "other day": "local_date = '2020-01-01'",
    "moved": f"satellite_id = '{KITCHEN}'",
    "unknown satellite": "satellite_id = 'attic'",
    "huge": "size = 2000000000",
    "negative": "size = -2000000000",
    "false wake": "kind = 'false_wake'",
    "long": "duration = 3600.0",
    "no text": "has_text = 0",
    "no mark": "mark = ''",
    "another's mark": f"mark = (SELECT max(mark) FROM {TABLE_NAME} WHERE satellite_id = '{KITCHEN}')",
    "odd mark": "mark = 'é'",
}


def known(house: House) -> list[RecordingInfo]:
    """Return what is known of all recordings, but for the clock that a restart forgets."""
    return [replace(info, started_monotonic=None) for info in house.hub.recordings.values()]


async def table(hass: HomeAssistant, statement: str | None = None) -> list[tuple[Any, ...]]:
    """Return all rows, perhaps after changing some."""

    def work() -> list[tuple[Any, ...]]:
        engine = get_instance(hass).engine
        assert engine is not None
        with engine.begin() as connection:
            if statement is not None:
                assert connection.execute(text(statement)).rowcount
            return [tuple(row) for row in connection.execute(text(f"SELECT * FROM {TABLE_NAME}"))]

    return sorted(await get_instance(hass).async_add_executor_job(work))


async def change(house: House, what: str) -> None:
    """Stop, change the rows of the bedroom, and start again."""
    await house.hub.kept.store.async_flush()
    assert await house.hass.config_entries.async_unload(ENTRY_ID)
    await table(house.hass, f"UPDATE {TABLE_NAME} SET {what} WHERE satellite_id = '{BEDROOM}'")
    assert await house.hass.config_entries.async_setup(ENTRY_ID)
    await house.hass.async_block_till_done()


@pytest.mark.parametrize("what", CHANGES)
async def test_what_is_sealed_is_believed_and_the_row_written_again(
    hass: HomeAssistant, house: House, bedroom: Talker, what: str, caplog: pytest.LogCaptureFixture
) -> None:
    await record(house, "in the kitchen")
    secret = await record(house, "a secret of the bedroom", owner=BEDROOM)
    await record(house, "not for us", owner=BEDROOM, kind=RecordingKind.FALSE_WAKE)
    for setting, value in (
        (RetentionSetting.KEEP_RECORDINGS, "month"),
        (RetentionSetting.KEEP_TRANSCRIPTS, "week"),
        (RetentionSetting.STORAGE_LIMIT, 9),
    ):
        await house.hub.settings.async_set_retention(setting, value, Requester())
    await house.hub.async_set_house(HouseToggle.HOUSEHOLD_MAY_LISTEN, Requester(), on=True)
    await house.hub.kept.store.async_flush()
    before, rows = known(house), await table(hass)
    member = (await people_of(house, (KITCHEN_MEMBER,)))[KITCHEN_MEMBER]

    await change(house, CHANGES[what])

    assert known(house) == before
    assert "did not tell what the sealed recordings do" in caplog.text
    await house.hub.retention.async_run()
    assert known(house) == before
    assert await member.desk.code_of("recordings/get", recording_id=secret) == "recording_not_found"
    await house.hub.kept.store.async_flush()
    assert await table(hass) == rows
    # The next start has nothing to complain about.
    caplog.clear()
    await house.reload()
    assert known(house) == before
    assert "did not tell" not in caplog.text


async def test_a_true_row_is_believed_without_its_file(
    hass: HomeAssistant, house: House, bedroom: Talker, caplog: pytest.LogCaptureFixture
) -> None:
    recording_id = await record(house, "one", owner=BEDROOM)
    await house.hub.kept.store.async_forget_text(recording_id)
    before = known(house)
    await house.reload()
    assert known(house) == before
    assert "did not tell" not in caplog.text
