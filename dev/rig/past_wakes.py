"""Wakes of other days, put into a running house by Home Assistant's own import of statistics."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, time, timedelta, tzinfo
from itertools import accumulate
from typing import Final

from .furnish import DOMAIN, entity_ids
from .ha_client import HomeAssistantClient

type Wakes = tuple[Sequence[int], Sequence[int]]
"""Wakes, and false wakes among them, of each day up to yesterday, oldest first."""

COUNTERS: Final = ("wake_words_today", "false_wakes_today")
"""Keys of the counters whose statistics the page shows, in the order of Wakes."""


def until_yesterday(before: Wakes, recordings: Iterable[tuple[int, bool]]) -> Wakes:
    """Return the wakes of some days, and then as many as there are recordings.

    Args:
        before: Wakes of the days before the first recording.
        recordings: Of each recording, days ago and whether it is a false wake.
    """
    known = list(recordings)
    kept = Counter(days_ago for days_ago, _ in known)
    false = Counter(days_ago for days_ago, is_false in known if is_false)
    days = range(13 - len(before[0]), 0, -1)
    return [*before[0], *(kept[day] for day in days)], [*before[1], *(false[day] for day in days)]


async def import_wakes(client: HomeAssistantClient, wakes: Mapping[str, Wakes], zone: tzinfo) -> None:
    """Give the counters of satellites the statistics of the last days.

    Args:
        client: The owner's connection.
        wakes: Wakes by id of the satellite.
        zone: Time zone of the house.
    """
    entities = await entity_ids(client, platform=DOMAIN)
    for satellite_id, counted in wakes.items():
        for key, counts in zip(COUNTERS, counted, strict=True):
            await client.command(
                "recorder/import_statistics",
                metadata={
                    "has_sum": True,
                    "mean_type": 0,
                    "name": None,
                    "source": "recorder",
                    "statistic_id": entities[f"{satellite_id}-{key}"],
                    "unit_class": "unitless",
                    "unit_of_measurement": None,
                },
                stats=_statistics(counts, zone),
            )


def _statistics(counts: Sequence[int], zone: tzinfo) -> list[dict[str, object]]:
    """Return a row for noon of each day, after one that they are counted from.

    Sums end at zero, from where Home Assistant goes on for a counter whose first hour it sees.
    """
    today = datetime.now(zone).date()
    total = sum(counts)
    return [
        {
            "start": datetime.combine(
                today - timedelta(days=len(counts) - index), time(12), zone
            ).isoformat(),
            "state": 0 if index < 0 else counts[index],
            "sum": reached - total,
        }
        for index, reached in enumerate(accumulate(counts, initial=0), start=-1)
    ]
