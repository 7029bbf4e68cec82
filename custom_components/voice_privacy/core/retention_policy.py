"""Retention periods and selection of the recordings that are due for deletion.

Late deletion is fixed an hour later; early deletion is irreversible. If clocks disagree, the smallest age is
used.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Final

from .deletion import HouseClock
from .models import RecordingInfo, RecordingKind

MEGABYTE: Final = 1_000_000
"""Bytes."""


class KeepFor(StrEnum):
    """Choices of the retention period."""

    AS_OTHERS = "as_others"
    """For a satellite: same as the house. For false wakes: same as other recordings of their satellite."""

    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    THREE_MONTHS = "three_months"
    EIGHTEEN_MONTHS = "eighteen_months"
    UNTIL_DELETED = "until_deleted"


PERIODS: Final[Mapping[KeepFor, timedelta]] = {
    # Months count as their longest variant, so that nothing is deleted a day too early.
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

NEAR_MISSES: Final = PERIODS[KeepFor.MINUTE]
"""Period of near misses, whatever is chosen for other recordings."""

TRAINING: Final = timedelta(weeks=1)
"""Time that false wakes wait for a label on satellites with consent to help improve."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionPolicy:
    """Retention settings chosen by the owner."""

    house: KeepFor = KeepFor.THREE_MONTHS
    """Retention period of the house, finite by default; one of CHOICES_HOUSE."""

    satellites: Mapping[str, KeepFor] = field(default_factory=dict)
    """Periods that differ from the house, by satellite id; any of CHOICES_SATELLITE."""

    false_wakes: KeepFor = KeepFor.MINUTE
    """Period of false wakes, one of CHOICES_FALSE_WAKES; at most that of the satellite's other recordings."""

    training: frozenset[str] = frozenset()
    """Ids of satellites whose false wakes are kept at least as long as TRAINING."""

    labeled: frozenset[str] = frozenset()
    """Ids of recordings used for training: false wakes among them are kept as long as other recordings."""

    transcripts: KeepFor = KeepFor.AS_OTHERS
    """Period of transcripts and replies, never longer than of the audio; one of CHOICES_TRANSCRIPTS."""

    longest: Mapping[str, timedelta] = field(default_factory=dict)
    """Longest period that the privacy level of its room allows, by satellite id."""

    limit_mb: int = 0
    """Maximum total size of all sealed files in megabytes; 0 for no limit."""

    @property
    def limit_bytes(self) -> int:
        """Maximum total size of all sealed files in bytes; 0 for no limit."""
        return self.limit_mb * MEGABYTE

    def of_satellite(self, satellite_id: str) -> KeepFor:
        """Return the retention choice for a satellite."""
        return self.satellites.get(satellite_id, KeepFor.AS_OTHERS)

    def period_of(self, recording: RecordingInfo) -> timedelta | None:
        """Return the retention period of a recording; None if it is kept until deleted."""
        if recording.near_miss:
            return NEAR_MISSES
        period = self._chosen_period_of(recording)
        if (longest := self.longest.get(recording.satellite_id)) is None:
            return period
        return longest if period is None else min(period, longest)

    def _chosen_period_of(self, recording: RecordingInfo) -> timedelta | None:
        """Return the period that was chosen for a recording, whatever the level of its room."""
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
        """Return the retention period of transcript and reply; None if it is that of the recording."""
        return PERIODS.get(self.transcripts) if recording.has_text else None


KEEP_EVERYTHING: Final = RetentionPolicy(house=KeepFor.UNTIL_DELETED, false_wakes=KeepFor.AS_OTHERS)
"""Keeps everything but near misses, where settings are lost: the default would delete what was to be kept."""


def whole_megabytes(size: int) -> int:
    """Convert bytes to megabytes, rounded up, so that only 0 bytes give 0."""
    return -(-size // MEGABYTE)


def age_of(recording: RecordingInfo, clock: HouseClock, *, clock_trusted: bool) -> timedelta | None:
    """Return the smallest age according to the trusted clocks, or None if no clock is trusted.

    The age is negative for a start in the future. A near miss never waits for a trusted clock: its age is that
    on the monotonic clock, and after a restart it is older than its period.
    """
    by_monotonic = (
        None
        if recording.started_monotonic is None
        else timedelta(seconds=clock.monotonic - recording.started_monotonic)
    )
    if recording.near_miss:
        return NEAR_MISSES if by_monotonic is None else by_monotonic
    by_time = clock.now - recording.started_at
    if by_monotonic is None:
        return by_time if clock_trusted else None
    return min(by_time, by_monotonic)


def due(
    policy: RetentionPolicy, recordings: Iterable[RecordingInfo], clock: HouseClock, *, clock_trusted: bool
) -> list[RecordingInfo]:
    """Return the recordings to delete now, by sequence.

    These are recordings past their period, then near misses and the oldest ones that exceed the size limit, which
    does not depend on any clock.
    """
    gone: list[RecordingInfo] = []
    left: list[RecordingInfo] = []
    for recording in sorted(recordings, key=lambda recording: recording.sequence):
        period = policy.period_of(recording)
        age = None if period is None else age_of(recording, clock, clock_trusted=clock_trusted)
        (gone if period is not None and age is not None and age >= period else left).append(recording)
    if policy.limit_bytes > 0:
        excess = sum(recording.size for recording in left) - policy.limit_bytes
        # Near misses make room first: what nobody said must not cost what somebody did.
        for recording in sorted(left, key=lambda recording: not recording.near_miss):
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
    """Return the time until the next recording or text is due, or None if that is later than the span.

    The result is 0 if something is already due.
    """
    return due_within_all([policy], recordings, clock, span, clock_trusted=clock_trusted)


def due_texts(
    policy: RetentionPolicy, recordings: Iterable[RecordingInfo], clock: HouseClock, *, clock_trusted: bool
) -> list[RecordingInfo]:
    """Return the recordings whose transcript and reply are due for deletion now, by sequence."""
    return [
        recording
        for recording in sorted(recordings, key=lambda recording: recording.sequence)
        if (period := policy.text_period_of(recording)) is not None
        and (age := age_of(recording, clock, clock_trusted=clock_trusted)) is not None
        and age >= period
    ]


def due_all(
    policies: Sequence[RetentionPolicy],
    recordings: Collection[RecordingInfo],
    clock: HouseClock,
    *,
    clock_trusted: bool,
) -> list[RecordingInfo]:
    """Return the recordings that each of some policies deletes now, by sequence."""
    gone = due(policies[0], recordings, clock, clock_trusted=clock_trusted)
    for policy in policies[1:]:
        # Only for a size limit it matters what else there is.
        candidates = recordings if policy.limit_bytes else gone
        ids = {info.recording_id for info in due(policy, candidates, clock, clock_trusted=clock_trusted)}
        gone = [info for info in gone if info.recording_id in ids]
    return gone


def due_texts_all(
    policies: Sequence[RetentionPolicy],
    recordings: Collection[RecordingInfo],
    clock: HouseClock,
    *,
    clock_trusted: bool,
) -> list[RecordingInfo]:
    """Return the recordings whose text each of some policies deletes now, by sequence."""
    gone = list(recordings)
    for policy in policies:
        gone = due_texts(policy, gone, clock, clock_trusted=clock_trusted)
    return gone


def due_within_all(
    policies: Sequence[RetentionPolicy],
    recordings: Iterable[RecordingInfo],
    clock: HouseClock,
    span: timedelta,
    *,
    clock_trusted: bool,
) -> timedelta | None:
    """Return the time until the next recording or text is due by age for each of some policies, as due_within does."""
    waits = [
        period - age
        for recording in recordings
        for period in (
            _longest([policy.period_of(recording) for policy in policies]),
            _longest([policy.text_period_of(recording) for policy in policies]),
        )
        if period is not None and (age := age_of(recording, clock, clock_trusted=clock_trusted)) is not None
    ]
    soonest = min(waits, default=None)
    return None if soonest is None or soonest > span else max(soonest, timedelta())


def _longest(periods: Sequence[timedelta | None]) -> timedelta | None:
    """Return the longest of some periods; None is longer than any."""
    known = [period for period in periods if period is not None]
    return max(known) if len(known) == len(periods) else None
