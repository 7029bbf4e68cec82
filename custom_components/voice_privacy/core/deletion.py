"""Selection of the recordings that a deletion request covers.

Deleting too little breaks a promise, deleting too much loses data. If the clock is ambiguous, more of the
requested day is deleted, but never anything of another day.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import chain
import math
from typing import Final

from .models import DeletionRequest, DeletionScope, RecordingInfo, RecordingKind


@dataclass(frozen=True, slots=True, kw_only=True)
class HouseClock:
    """Current time in the house."""

    now: datetime
    """UTC: Python's arithmetic within a local zone uses wall time, which is an hour off twice a year."""

    monotonic: float
    """Seconds on the monotonic clock."""

    today: date
    """Calendar day in the house's time zone."""

    start_of_today: datetime
    """Start of the day, UTC; not always midnight, nor 24 hours before tomorrow."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InFlight:
    """Utterance that is still being captured or waits to be stored."""

    utterance_id: str
    satellite_id: str
    started_monotonic: float
    """Start on the monotonic clock, seconds."""

    near_miss: bool = False


def said_at(recording: RecordingInfo) -> tuple[float, int]:
    """Return a key that sorts recordings by when they were said, whatever became of the system time.

    Those of an earlier start of Home Assistant have no time on the monotonic clock, and come first.
    """
    started = recording.started_monotonic
    return (-math.inf if started is None else started, recording.sequence)


def started_today(recording: RecordingInfo, clock: HouseClock) -> bool:
    """Return whether a recording was made today according to any clock.

    A machine without a clock battery boots in the past and sets its time later. For recordings of this boot
    the monotonic clock gives the real start. Recordings with a start in the future count.
    """
    if recording.local_date == clock.today or recording.started_at >= clock.start_of_today:
        return True
    if recording.started_monotonic is None:
        return False
    ago = timedelta(seconds=clock.monotonic - recording.started_monotonic)
    return clock.now - ago >= clock.start_of_today


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kind[Item]:
    """How to read from one kind of item what a deletion request asks about."""

    id_of: Callable[[Item], str]
    satellite_of: Callable[[Item], str]
    order_of: Callable[[Item], float]
    """Key that sorts items from oldest to newest; clocks that were set back do not change it."""

    start_of: Callable[[Item, HouseClock], datetime]
    day_of: Callable[[Item, HouseClock], date]
    is_of_today: Callable[[Item, HouseClock], bool]
    is_false_wake: Callable[[Item], bool]
    is_near_miss: Callable[[Item], bool]


def _select[Item](
    kind: _Kind[Item], request: DeletionRequest, items: Iterable[Item], clock: HouseClock
) -> list[Item]:
    """Return the items that a request covers, oldest first.

    LAST covers the last item of each satellite in the request, or the last item of the house, and the near
    misses since: nobody knows of those, so nobody can mean anything else by "the last".
    """
    wanted, start, end = request.satellite_ids, request.start, request.end
    candidates = sorted(
        (item for item in items if wanted is None or kind.satellite_of(item) in wanted), key=kind.order_of
    )
    match request.scope:
        case DeletionScope.ALL:
            return candidates
        case DeletionScope.LAST:
            last: dict[str, list[Item]] = {}
            for item in candidates:
                satellite_id = "" if wanted is None else kind.satellite_of(item)
                if not kind.is_near_miss(item):
                    last.pop(satellite_id, None)
                last.setdefault(satellite_id, []).append(item)
            return sorted((item for items in last.values() for item in items), key=kind.order_of)
        case DeletionScope.TODAY:
            return [item for item in candidates if kind.is_of_today(item, clock)]
        case DeletionScope.DAY:
            return [item for item in candidates if kind.day_of(item, clock) == request.day]
        case DeletionScope.RANGE:
            return [
                item
                for item in candidates
                if (start is None or kind.start_of(item, clock) >= start)
                and (end is None or kind.start_of(item, clock) < end)
            ]
        case DeletionScope.FALSE_WAKES:
            return [item for item in candidates if kind.is_false_wake(item)]
        case DeletionScope.IDS:
            return [item for item in candidates if kind.id_of(item) in request.recording_ids]


def select(
    request: DeletionRequest,
    recordings: Iterable[RecordingInfo],
    clock: HouseClock,
    in_memory: Mapping[str, RecordingInfo] | None = None,
) -> list[RecordingInfo]:
    """Return the recordings that a request covers, stored ones and those in memory, oldest first.

    Args:
        request: What to delete.
        recordings: Stored recordings.
        clock: Current time in the house.
        in_memory: Recordings that are in memory only, by id, oldest first; each has the sequence of the stored
            recording that it follows.
    """
    if not in_memory:
        return _select(_STORED, request, recordings, clock)
    after = {
        recording_id: info.sequence + (number + 1) / (len(in_memory) + 1)
        for number, (recording_id, info) in enumerate(in_memory.items())
    }
    kind = replace(_STORED, order_of=lambda info: after.get(info.recording_id, info.sequence))
    return _select(kind, request, chain(recordings, in_memory.values()), clock)


def select_in_flight(
    request: DeletionRequest, utterances: Iterable[InFlight], clock: HouseClock
) -> list[InFlight]:
    """Return the utterances in memory that a request covers; they must never be stored."""
    return _select(_IN_FLIGHT, request, utterances, clock)


def _start_of(utterance: InFlight, clock: HouseClock) -> datetime:
    """Return the start of an utterance of this boot, based on the current system time."""
    return clock.now - timedelta(seconds=clock.monotonic - utterance.started_monotonic)


def _day_of(utterance: InFlight, clock: HouseClock) -> date:
    """Return the calendar day on which an utterance began; no utterance is longer than a day."""
    return (
        clock.today
        if _start_of(utterance, clock) >= clock.start_of_today
        else clock.today - timedelta(days=1)
    )


_STORED: Final = _Kind[RecordingInfo](
    id_of=lambda recording: recording.recording_id,
    satellite_of=lambda recording: recording.satellite_id,
    order_of=lambda recording: recording.sequence,
    start_of=lambda recording, _: recording.started_at,
    day_of=lambda recording, _: recording.local_date,
    is_of_today=started_today,
    is_false_wake=lambda recording: recording.kind is RecordingKind.FALSE_WAKE,
    is_near_miss=lambda recording: recording.near_miss,
)

_IN_FLIGHT: Final = _Kind[InFlight](
    id_of=lambda utterance: utterance.utterance_id,
    satellite_of=lambda utterance: utterance.satellite_id,
    order_of=lambda utterance: utterance.started_monotonic,
    start_of=_start_of,
    day_of=_day_of,
    is_of_today=lambda _, __: True,
    # Of any other it is not known yet whether a command will follow.
    is_false_wake=lambda utterance: utterance.near_miss,
    is_near_miss=lambda utterance: utterance.near_miss,
)
