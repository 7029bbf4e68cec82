"""Selection of the recordings that a deletion request covers.

Deleting too little breaks a promise, deleting too much loses data. If the clock is ambiguous, more of the
requested day is deleted, but never anything of another day.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

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


def select(
    request: DeletionRequest, recordings: Iterable[RecordingInfo], clock: HouseClock
) -> list[RecordingInfo]:
    """Return the stored recordings that a request covers, in the order of their sequences.

    LAST covers the last recording of each satellite in the request, or the last recording of the house.
    """
    candidates = sorted(
        (
            recording
            for recording in recordings
            if request.satellite_ids is None or recording.satellite_id in request.satellite_ids
        ),
        key=lambda recording: recording.sequence,
    )
    match request.scope:
        case DeletionScope.ALL:
            return candidates
        case DeletionScope.LAST:
            if request.satellite_ids is None:
                return candidates[-1:]
            last_of_each = {recording.satellite_id: recording for recording in candidates}
            return sorted(last_of_each.values(), key=lambda recording: recording.sequence)
        case DeletionScope.TODAY:
            return [recording for recording in candidates if started_today(recording, clock)]
        case DeletionScope.DAY:
            return [recording for recording in candidates if recording.local_date == request.day]
        case DeletionScope.RANGE:
            start, end = request.start, request.end
            return [
                recording
                for recording in candidates
                if (start is None or recording.started_at >= start)
                and (end is None or recording.started_at < end)
            ]
        case DeletionScope.FALSE_WAKES:
            return [recording for recording in candidates if recording.kind is RecordingKind.FALSE_WAKE]
        case DeletionScope.IDS:
            return [recording for recording in candidates if recording.recording_id in request.recording_ids]


def select_in_flight(
    request: DeletionRequest, utterances: Iterable[InFlight], clock: HouseClock
) -> list[InFlight]:
    """Return the utterances in memory that a request covers; they must never be stored."""
    candidates = sorted(
        (
            utterance
            for utterance in utterances
            if request.satellite_ids is None or utterance.satellite_id in request.satellite_ids
        ),
        key=lambda utterance: utterance.started_monotonic,
    )
    match request.scope:
        case DeletionScope.ALL | DeletionScope.TODAY:
            return candidates
        case DeletionScope.LAST:
            if request.satellite_ids is None:
                return candidates[-1:]
            return list({utterance.satellite_id: utterance for utterance in candidates}.values())
        case DeletionScope.DAY:
            return [utterance for utterance in candidates if _day_of(utterance, clock) == request.day]
        case DeletionScope.RANGE:
            return [
                utterance
                for utterance in candidates
                if (request.start is None or _start_of(utterance, clock) >= request.start)
                and (request.end is None or _start_of(utterance, clock) < request.end)
            ]
        case DeletionScope.IDS:
            return [utterance for utterance in candidates if utterance.utterance_id in request.recording_ids]
        case DeletionScope.FALSE_WAKES:
            # It is not known yet whether a command will follow.
            return []


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
