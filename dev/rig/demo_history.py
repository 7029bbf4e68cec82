"""Made-up recordings and wakes of the last days, so that the demo's house opens with something to look at."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta, tzinfo
from pathlib import Path
from typing import Final

from .ha_client import HomeAssistantClient
from .past import fill, utterance
from .past_wakes import Wakes, until_yesterday
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

BEFORE: Final[Mapping[str, Wakes]] = {
    "Kitchen": ((3, 5, 2, 4, 6, 3, 2, 4, 3), (0, 1, 0, 0, 2, 0, 0, 1, 0)),
    "Living room": ((1, 2, 0, 3, 2, 1, 1, 2, 1), (0, 0, 0, 1, 0, 0, 0, 0, 0)),
}
"""Wakes, and false wakes among them, of the days before the first recording, from 13 days ago on."""


async def settle_in(client: HomeAssistantClient) -> None:
    """Set what the history and the suggested sentences need: deletion by voice, and false wakes that stay."""
    await client.command("voice_privacy/settings/set", toggle="deletion_by_voice", on=True)
    await client.command("voice_privacy/retention/set", setting="keep_false_wakes", value="as_others")


def wakes_of(name: str) -> Wakes:
    """Return a satellite's wakes of the 13 days before today."""
    recordings = ((days_ago, said is None) for days_ago, _, of, said, *_ in HISTORY if of == name)
    return until_yesterday(BEFORE[name], recordings)


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
