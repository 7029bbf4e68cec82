"""Rate limit for the wakes of a satellite, regardless of their source."""

from typing import Final

from .budget import TokenBucket

REFRACTORY_SECONDS: Final = 1.0
"""Time after a wake in which another wake is ignored as a duplicate."""

_UTTERANCE_SECONDS: Final = 0.25
"""Audio after a wake that ends its refractory time: a stalled network delivers minutes of audio at once."""

_WAKES_PER_SECOND: Final = 0.5
_BURST: Final = 20


class WakeGate:
    """Shared refractory time and budget for wakes by the satellite, the wake engine and the button."""

    def __init__(self, now: float) -> None:
        """Create a gate; `now` is on the monotonic clock, seconds."""
        self._budget = TokenBucket(rate=_WAKES_PER_SECOND, burst=_BURST, now=now)
        self._woke_at: float | None = None
        self._heard = 0.0

    def heard(self, seconds: float) -> None:
        """Record that this many seconds of audio were processed."""
        self._heard += seconds

    def admits(self, now: float) -> bool:
        """Return whether a wake is admitted; a refused wake does not change the state."""
        if (
            self._woke_at is not None
            and now - self._woke_at < REFRACTORY_SECONDS
            and self._heard < _UTTERANCE_SECONDS
        ):
            return False
        if not self._budget.spend(1, now):
            return False
        self._woke_at, self._heard = now, 0.0
        return True
