"""Trust in the system clock: a clock that jumps ahead must not cause early deletion of recordings."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

MAX_JUMP: Final = timedelta(days=1)
"""Maximum advance of the system clock over the monotonic clock that is still trusted."""


STEADY_FOR: Final = timedelta(days=1)
"""Time that a clock must run steadily after a jump before it is trusted again."""


_DRIFT: Final = timedelta(hours=1)
"""Maximum difference between both clocks' advances between two readings that counts as steady."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """Simultaneous reading of both clocks."""

    now: datetime
    """System time, aware."""

    monotonic: float | None
    """Seconds; None for a reading of an earlier run, whose monotonic clock is no longer comparable."""

    def passed_until(self, later: Reading) -> timedelta | None:
        """Return the time elapsed on the monotonic clock, or None if the readings are not comparable."""
        if self.monotonic is None or later.monotonic is None:
            return None
        return timedelta(seconds=later.monotonic - self.monotonic)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockRecord:
    """Trust state of the system clock."""

    trusted: Reading | None = None
    """Latest reading that was trusted."""

    doubted: Reading | None = None
    """Last reading that was not trusted; None while the clock is trusted."""

    steady: timedelta = timedelta()
    """Time over which the doubted readings have been consistent."""

    @property
    def is_trusted(self) -> bool:
        """True if the ages of recordings of earlier runs may be computed from the system time."""
        return self.trusted is not None and self.doubted is None


def look(record: ClockRecord, reading: Reading) -> ClockRecord:
    """Return the trust state after another reading of the clocks.

    A machine that was off for more than a day is indistinguishable from a clock that has jumped. In both
    cases deletion by age waits until the clock has run steadily for a day.
    """
    trusted = record.trusted
    if trusted is not None:
        passed = trusted.passed_until(reading) or timedelta()
        if reading.now - trusted.now <= passed + MAX_JUMP:
            # A clock that went back only makes recordings younger, which is harmless.
            return ClockRecord(trusted=reading if reading.now >= trusted.now else trusted)
    if record.doubted is None or (more := _steady_between(record.doubted, reading)) is None:
        return ClockRecord(trusted=trusted, doubted=reading)
    if record.steady + more >= STEADY_FOR:
        return ClockRecord(trusted=reading)
    return replace(record, doubted=reading, steady=record.steady + more)


def _steady_between(earlier: Reading, later: Reading) -> timedelta | None:
    """Return the time that the clock ran steadily between two readings, or None if it did not."""
    advance = later.now - earlier.now
    passed = earlier.passed_until(later)
    if passed is None:
        # Across a restart only the system time is available.
        return advance if timedelta() <= advance <= MAX_JUMP else None
    return min(advance, passed) if abs(advance - passed) <= _DRIFT else None
