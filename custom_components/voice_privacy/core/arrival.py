"""Tell silence in a room from silence within a burst, by when the audio arrived."""

from typing import Final

_MIN_SHARE: Final = 0.5
"""Share of a silence that must also have passed on the clock; the network may deliver audio late."""

_ENOUGH_SECONDS: Final = 2.0
"""Time on the clock after which any silence counts: no burst takes so long to arrive."""

_STALL_SECONDS: Final = 5.0
"""Time without audio, beyond what the last piece took to be said, that ends an utterance."""


class Arrival:
    """When the audio of an utterance arrived. All times are seconds on the same monotonic clock."""

    def __init__(self) -> None:
        """Start an utterance of which nothing has arrived."""
        self._silent_since = 0.0
        self._silence = 0.0
        self._overdue: float | None = None

    def add(self, silence: float, seconds: float, now: float) -> None:
        """Record audio.

        Args:
            silence: Length of the silence at its end, as long as all of it if nothing was said.
            seconds: Length of the audio.
            now: Current time.
        """
        if self._overdue is None or silence == 0 or silence < self._silence:
            self._silent_since = now
        self._silence = silence
        self._overdue = now + seconds + _STALL_SECONDS

    def is_real_silence(self, now: float) -> bool:
        """Return whether the silence has also passed on the clock, rather than arrived at once."""
        return now - self._silent_since >= min(self._silence * _MIN_SHARE, _ENOUGH_SECONDS)

    def has_stalled(self, now: float) -> bool:
        """Return whether audio has arrived and stopped."""
        return self._overdue is not None and now >= self._overdue
