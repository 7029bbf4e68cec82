"""Measure how much of its time the worker's thread is busy, and how far it lags behind."""

from collections import deque
from collections.abc import Callable
from time import monotonic
from typing import Final

WINDOW_SECONDS: Final = 60
"""Seconds over which the load is averaged."""


class LoadMeter:
    """Share of the last minute in which work was done. Used by one thread; others may read."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        """Start idle."""
        self._clock = clock
        self._began = clock()
        self._seconds: deque[tuple[int, float]] = deque(maxlen=WINDOW_SECONDS)
        """Busy time by second, oldest first; seconds without work are left out."""

    def add(self, busy: float) -> None:
        """Add seconds of work that have just ended."""
        second = int(self._clock())
        if self._seconds and self._seconds[-1][0] == second:
            self._seconds[-1] = (second, self._seconds[-1][1] + busy)
        else:
            self._seconds.append((second, busy))

    @property
    def share(self) -> float:
        """Share of the last minute, or of the time since the start if that is shorter; 0 to 1."""
        now = self._clock()
        busy = sum(seconds for second, seconds in tuple(self._seconds) if now - second <= WINDOW_SECONDS)
        return min(1.0, busy / max(1.0, min(WINDOW_SECONDS, now - self._began)))


class PeakMeter:
    """Largest value of the last minute. Used by one thread; others may read."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        """Start without values."""
        self._clock = clock
        self._seconds: deque[tuple[int, float]] = deque(maxlen=WINDOW_SECONDS)
        """Largest value by second, oldest first; seconds without values are left out."""

    def add(self, value: float) -> None:
        """Add a value of now."""
        second = int(self._clock())
        if self._seconds and self._seconds[-1][0] == second:
            self._seconds[-1] = (second, max(self._seconds[-1][1], value))
        else:
            self._seconds.append((second, value))

    @property
    def highest(self) -> float:
        """Largest value of the last minute; 0 if there was none."""
        now = self._clock()
        values = (value for second, value in tuple(self._seconds) if now - second <= WINDOW_SECONDS)
        return max(values, default=0.0)
