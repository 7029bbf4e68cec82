"""Whether the clock may be believed: recordings must not go early because it jumped."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

MAX_JUMP: Final = timedelta(days=1)
"""How much further than the monotonic clock the time may have come and still be believed."""


STEADY_FOR: Final = timedelta(days=1)
"""How long a clock that has jumped must run steadily before it is believed."""


_DRIFT: Final = timedelta(hours=1)
"""How far the two clocks may part between two looks and still count as steady."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """Both clocks at one moment."""

    now: datetime
    """Aware."""

    monotonic: float | None
    """Seconds; None when it was read in an earlier run, whose monotonic clock means nothing now."""

    def passed_until(self, later: Reading) -> timedelta | None:
        """Return how much time the monotonic clock knows to have passed, None when it does not know."""
        if self.monotonic is None or later.monotonic is None:
            return None
        return timedelta(seconds=later.monotonic - self.monotonic)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockRecord:
    """What is known of the clock's honesty."""

    trusted: Reading | None = None
    """Furthest reading that was believed."""

    doubted: Reading | None = None
    """Last reading that was not; None while the clock is believed."""

    steady: timedelta = timedelta()
    """How long the doubted readings have agreed with each other."""

    @property
    def is_trusted(self) -> bool:
        """Whether recordings of earlier runs may be judged by the time."""
        return self.trusted is not None and self.doubted is None


def look(record: ClockRecord, reading: Reading) -> ClockRecord:
    """Return what is known after another look at the clocks.

    A machine that was off for more than a day looks like one whose clock has jumped: either way
    deletion by age waits until the clock has run steadily for a day.
    """
    trusted = record.trusted
    if trusted is not None:
        passed = trusted.passed_until(reading) or timedelta()
        if reading.now - trusted.now <= passed + MAX_JUMP:
            # A clock that went back makes everything younger, which harms nobody.
            return ClockRecord(trusted=reading if reading.now >= trusted.now else trusted)
    if record.doubted is None or (more := _steady_between(record.doubted, reading)) is None:
        return ClockRecord(trusted=trusted, doubted=reading)
    if record.steady + more >= STEADY_FOR:
        return ClockRecord(trusted=reading)
    return replace(record, doubted=reading, steady=record.steady + more)


def _steady_between(earlier: Reading, later: Reading) -> timedelta | None:
    """Return how long the clock ran steadily between two readings, None when it did not."""
    advance = later.now - earlier.now
    passed = earlier.passed_until(later)
    if passed is None:
        # Over a restart only the time itself tells how long it took.
        return advance if timedelta() <= advance <= MAX_JUMP else None
    return min(advance, passed) if abs(advance - passed) <= _DRIFT else None
