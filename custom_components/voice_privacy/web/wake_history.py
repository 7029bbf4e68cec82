"""Wakes and false wakes of the last days, from the statistics that the recorder keeps of the counters."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Final

from homeassistant.components.recorder import get_instance
from homeassistant.components.recorder.statistics import statistics_during_period
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.util import dt as dt_util

from ..const import DOMAIN

DAYS: Final = 14
"""Days of the history, today included."""

COUNTERS: Final = {"wakes": "wake_words_today", "false_wakes": "false_wakes_today"}
"""Key of the counter's sensor, by name in the history."""

type History = dict[str, dict[str, list[int | None]]]
"""Counts by satellite and name, oldest day first; None for a day without statistics."""


def history_days() -> list[date]:
    """Return the days of the history, oldest first."""
    today = dt_util.now().date()
    return [today - timedelta(days=ago) for ago in reversed(range(DAYS))]


async def async_wake_history(hass: HomeAssistant, satellite_ids: list[str]) -> History:
    """Return the counts of each day before today; today's are None, since statistics lag behind."""
    days = history_days()
    entities = er.async_get(hass)
    found: dict[str, tuple[str, str]] = {}
    for satellite_id in satellite_ids:
        for name, key in COUNTERS.items():
            entity_id = entities.async_get_entity_id(Platform.SENSOR, DOMAIN, f"{satellite_id}-{key}")
            if entity_id is not None:
                found[entity_id] = (satellite_id, name)
    history: History = {
        satellite_id: {name: [None] * DAYS for name in COUNTERS} for satellite_id in satellite_ids
    }
    if not found or "recorder" not in hass.config.components:
        return history
    rows = await get_instance(hass).async_add_executor_job(_rows, hass, days[0], set(found))
    place = {day: index for index, day in enumerate(days[:-1])}
    for entity_id, (satellite_id, name) in found.items():
        for day, count in rows.get(entity_id, {}).items():
            if (index := place.get(day)) is not None:
                history[satellite_id][name][index] = count
    return history


def _rows(hass: HomeAssistant, first: date, statistic_ids: set[str]) -> Mapping[str, dict[date, int]]:
    """Return the change of each counter by day. Runs in the recorder's executor."""
    begin = datetime.combine(first, datetime.min.time(), dt_util.get_default_time_zone())
    rows = statistics_during_period(hass, begin, None, statistic_ids, "day", None, {"change"})
    return {
        statistic_id: {
            dt_util.as_local(dt_util.utc_from_timestamp(row["start"])).date(): max(0, round(change))
            for row in found
            if (change := row.get("change")) is not None
        }
        for statistic_id, found in rows.items()
    }
