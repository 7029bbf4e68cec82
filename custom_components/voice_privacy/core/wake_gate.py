"""How often a satellite may wake, whoever says that it did."""

from typing import Final

from .budget import TokenBucket

REFRACTORY_SECONDS: Final = 1.0
"""A second wake within this time of the first one is the same one, or none."""

_UTTERANCE_SECONDS: Final = 0.25
"""Audio between two wakes from which on something was said: a stalled network delivers whole minutes at once."""

_WAKES_PER_SECOND: Final = 0.5
_BURST: Final = 20


class WakeGate:
    """One refractory time and one budget for all wakes of a satellite: its own, an engine's, a button's."""

    def __init__(self, now: float) -> None:
        """Begin on the monotonic clock."""
        self._budget = TokenBucket(rate=_WAKES_PER_SECOND, burst=_BURST, now=now)
        self._woke_at: float | None = None
        self._heard = 0.0

    def heard(self, seconds: float) -> None:
        """Note that so many seconds of audio were listened to."""
        self._heard += seconds

    def admits(self, now: float) -> bool:
        """Return whether a wake counts; one that does not changes nothing."""
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
