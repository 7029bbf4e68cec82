"""Which recordings have been kept for long enough, and whether the clock may be believed.

Deleting too late is put right an hour later, deleting too early never: where readings of the time
disagree, the one that makes a recording younger decides.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Final

from .deletion import HouseClock
from .models import RecordingInfo, RecordingKind

MEGABYTE: Final = 1_000_000
"""Bytes."""


class KeepFor(StrEnum):
    """How long recordings are kept; the names of what can be chosen."""

    AS_OTHERS = "as_others"
    """A satellite: as the house. False wakes: as the recordings of their satellite."""

    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    THREE_MONTHS = "three_months"
    EIGHTEEN_MONTHS = "eighteen_months"
    UNTIL_DELETED = "until_deleted"


PERIODS: Final[Mapping[KeepFor, timedelta]] = {
    # A month is the longest one: nothing goes a day too early.
    KeepFor.MINUTE: timedelta(minutes=1),
    KeepFor.HOUR: timedelta(hours=1),
    KeepFor.DAY: timedelta(days=1),
    KeepFor.WEEK: timedelta(weeks=1),
    KeepFor.MONTH: timedelta(days=31),
    KeepFor.THREE_MONTHS: timedelta(days=92),
    KeepFor.EIGHTEEN_MONTHS: timedelta(days=549),
}

CHOICES_HOUSE: Final = (
    KeepFor.DAY,
    KeepFor.WEEK,
    KeepFor.MONTH,
    KeepFor.THREE_MONTHS,
    KeepFor.EIGHTEEN_MONTHS,
    KeepFor.UNTIL_DELETED,
)
CHOICES_SATELLITE: Final = (KeepFor.AS_OTHERS, *CHOICES_HOUSE)
CHOICES_FALSE_WAKES: Final = (
    KeepFor.AS_OTHERS,
    KeepFor.MINUTE,
    KeepFor.HOUR,
    KeepFor.DAY,
    KeepFor.WEEK,
)

CHOICES_TRANSCRIPTS: Final = (
    KeepFor.AS_OTHERS,
    KeepFor.HOUR,
    KeepFor.DAY,
    KeepFor.WEEK,
    KeepFor.MONTH,
    KeepFor.THREE_MONTHS,
)

TRAINING: Final = timedelta(weeks=1)
"""How long false wakes wait for a label where somebody has agreed to help improve."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionPolicy:
    """What the owner has decided."""

    house: KeepFor = KeepFor.THREE_MONTHS
    """Finite unless somebody decides otherwise; one of CHOICES_HOUSE."""

    satellites: Mapping[str, KeepFor] = field(default_factory=dict)
    """By satellite id, where it differs from the house; any of CHOICES_SATELLITE."""

    false_wakes: KeepFor = KeepFor.MINUTE
    """One of CHOICES_FALSE_WAKES; never longer than the other recordings of the same satellite."""

    training: frozenset[str] = frozenset()
    """Satellites whose false wakes are kept for as long as TRAINING, when they would go sooner."""

    labeled: frozenset[str] = frozenset()
    """Ids of recordings that the house has learned from: false wakes among them are kept as others are."""

    transcripts: KeepFor = KeepFor.AS_OTHERS
    """One of CHOICES_TRANSCRIPTS: how long what was said and answered is kept, never longer than the audio."""

    limit_mb: int = 0
    """What all recordings together may take, megabytes of sealed files; 0 for no limit."""

    @property
    def limit_bytes(self) -> int:
        """What all recordings together may take, bytes; 0 for no limit."""
        return self.limit_mb * MEGABYTE

    def of_satellite(self, satellite_id: str) -> KeepFor:
        """Return what was chosen for a satellite."""
        return self.satellites.get(satellite_id, KeepFor.AS_OTHERS)

    def period_of(self, recording: RecordingInfo) -> timedelta | None:
        """Return how long a recording is kept, None for until it is deleted."""
        chosen = self.of_satellite(recording.satellite_id)
        period = PERIODS.get(self.house if chosen is KeepFor.AS_OTHERS else chosen)
        if recording.recording_id in self.labeled:
            return period
        if recording.kind is RecordingKind.FALSE_WAKE and (shorter := PERIODS.get(self.false_wakes)):
            if recording.satellite_id in self.training:
                shorter = max(shorter, TRAINING)
            return shorter if period is None else min(period, shorter)
        return period

    def text_period_of(self, recording: RecordingInfo) -> timedelta | None:
        """Return how long transcript and reply are kept, None for as long as the recording."""
        return PERIODS.get(self.transcripts) if recording.has_text else None


def whole_megabytes(size: int) -> int:
    """Return bytes as megabytes, rounded up: none only where there is nothing."""
    return -(-size // MEGABYTE)


def age_of(recording: RecordingInfo, clock: HouseClock, *, clock_trusted: bool) -> timedelta | None:
    """Return the least age that any believable clock tells, None when none is believable.

    Negative for what is stamped in the future.
    """
    by_monotonic = (
        None
        if recording.started_monotonic is None
        else timedelta(seconds=clock.monotonic - recording.started_monotonic)
    )
    by_time = clock.now - recording.started_at
    if by_monotonic is None:
        return by_time if clock_trusted else None
    return min(by_time, by_monotonic)


def due(
    policy: RetentionPolicy, recordings: Iterable[RecordingInfo], clock: HouseClock, *, clock_trusted: bool
) -> list[RecordingInfo]:
    """Return what is to be deleted now, by sequence: what is too old, then the oldest above the limit.

    No clock has a say in the limit.
    """
    gone: list[RecordingInfo] = []
    left: list[RecordingInfo] = []
    for recording in sorted(recordings, key=lambda recording: recording.sequence):
        period = policy.period_of(recording)
        age = None if period is None else age_of(recording, clock, clock_trusted=clock_trusted)
        (gone if period is not None and age is not None and age >= period else left).append(recording)
    if policy.limit_bytes > 0:
        excess = sum(recording.size for recording in left) - policy.limit_bytes
        for recording in left:
            if excess <= 0:
                break
            gone.append(recording)
            excess -= recording.size
    return sorted(gone, key=lambda recording: recording.sequence)


def due_within(
    policy: RetentionPolicy,
    recordings: Iterable[RecordingInfo],
    clock: HouseClock,
    span: timedelta,
    *,
    clock_trusted: bool,
) -> timedelta | None:
    """Return how long until the next recording or text is too old, None when longer than the span.

    Not negative: what is due already is due now.
    """
    waits = [
        period - age
        for recording in recordings
        for period in (policy.period_of(recording), policy.text_period_of(recording))
        if period is not None and (age := age_of(recording, clock, clock_trusted=clock_trusted)) is not None
    ]
    soonest = min(waits, default=None)
    return None if soonest is None or soonest > span else max(soonest, timedelta())


def due_texts(
    policy: RetentionPolicy, recordings: Iterable[RecordingInfo], clock: HouseClock, *, clock_trusted: bool
) -> list[RecordingInfo]:
    """Return the recordings whose transcript and reply are to be forgotten now, by sequence."""
    return [
        recording
        for recording in sorted(recordings, key=lambda recording: recording.sequence)
        if (period := policy.text_period_of(recording)) is not None
        and (age := age_of(recording, clock, clock_trusted=clock_trusted)) is not None
        and age >= period
    ]
