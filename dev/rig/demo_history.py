"""Made-up recordings and wakes of the last days, so that the demo's house opens with something to look at."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime, time, timedelta, tzinfo
from itertools import accumulate
from pathlib import Path
from typing import Final

from .furnish import entity_ids
from .ha_client import HomeAssistantClient
from .past import fill, utterance
from .voices import Voice, command, synthesize

type Line = tuple[int, str, str, str | None, str | None, Voice]
"""Days ago, time of day, satellite, what was understood, what was answered, and who speaks."""

HISTORY: Final[tuple[Line, ...]] = (
    (4, "07:12", "Kitchen", "what time is it", "7:12 AM", Voice.SLT),
    (4, "18:40", "Living room", "turn on the kitchen light", "Turned on the light", Voice.RMS),
    (3, "06:58", "Kitchen", "turn on the kitchen light", "Turned on the light", Voice.SLT),
    (3, "12:31", "Kitchen", None, None, Voice.RMS),
    (3, "22:05", "Living room", "turn off the kitchen light", "Turned off the light", Voice.RMS),
    (2, "08:20", "Kitchen", "what time is it", "8:20 AM", Voice.AWB),
    (2, "19:15", "Kitchen", "turn on the kitchen light", "Turned on the light", Voice.SLT),
    (1, "07:45", "Living room", "what time is it", "7:45 AM", Voice.RMS),
    (1, "16:02", "Living room", None, None, Voice.AWB),
    (1, "21:30", "Kitchen", "turn off the kitchen light", "Turned off the light", Voice.SLT),
)

BEFORE: Final[Mapping[str, tuple[tuple[int, ...], tuple[int, ...]]]] = {
    "Kitchen": ((3, 5, 2, 4, 6, 3, 2, 4, 3), (0, 1, 0, 0, 2, 0, 0, 1, 0)),
    "Living room": ((1, 2, 0, 3, 2, 1, 1, 2, 1), (0, 0, 0, 1, 0, 0, 0, 0, 0)),
}
"""Wakes, and false wakes among them, of the days before the first recording, from 13 days ago on."""

COUNTERS: Final = ("wake_words_today", "false_wakes_today")
"""Keys of the counters whose statistics the page shows, in the order of wakes_of."""


async def settle_in(client: HomeAssistantClient) -> None:
    """Set what the history and the suggested sentences need: deletion by voice, and false wakes that stay."""
    await client.command("voice_privacy/settings/set", toggle="deletion_by_voice", on=True)
    await client.command("voice_privacy/retention/set", setting="keep_false_wakes", value="as_others")


def wakes_of(name: str) -> tuple[list[int], list[int]]:
    """Return a satellite's wakes and false wakes of each day from 13 days ago to yesterday.

    On the days of the recordings they are as many as there are recordings.
    """
    wakes, false_wakes = (list(counts) for counts in BEFORE[name])
    kept = Counter(days_ago for days_ago, _, of, *_ in HISTORY if of == name)
    unanswered = Counter(days_ago for days_ago, _, of, said, *_ in HISTORY if of == name and said is None)
    for days_ago in range(4, 0, -1):
        wakes.append(kept[days_ago])
        false_wakes.append(unanswered[days_ago])
    return wakes, false_wakes


async def import_wakes(client: HomeAssistantClient, satellite_ids: Mapping[str, str], zone: tzinfo) -> None:
    """Give the counters of a running house the statistics of the last days.

    Args:
        client: The owner's connection.
        satellite_ids: Ids of the satellites by name.
        zone: Time zone of the house.
    """
    entities = await entity_ids(client, platform="voice_privacy")
    for name, satellite_id in satellite_ids.items():
        for key, counts in zip(COUNTERS, wakes_of(name), strict=True):
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


def _statistics(counts: list[int], zone: tzinfo) -> list[dict[str, object]]:
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


async def write_history(config: Path, satellite_ids: Mapping[str, str], zone: tzinfo) -> int:
    """Put the recordings into a house that does not run; return how many there are.

    Args:
        config: Configuration folder of the house.
        satellite_ids: Ids of the satellites by name.
        zone: Time zone of the house.
    """
    today = datetime.now(zone).date()
    spoken = []
    for days_ago, clock, name, transcript, reply, voice in HISTORY:
        speech = await synthesize(command(transcript) if transcript else "alexa", voice=voice)
        moment = datetime.combine(today - timedelta(days=days_ago), time.fromisoformat(clock), zone)
        spoken.append(utterance(satellite_ids[name], moment, speech.pcm, transcript, reply=reply))
    fill(config, spoken)
    return len(spoken)
