"""Near misses: sounds that almost woke a satellite, and how many of them may be kept."""

from collections import deque
from typing import Final

from .score_history import ScorePeak

CLOSE: Final = 0.6
"""Part of the threshold that a score must reach to count as close to a wake."""

AFTER_SECONDS: Final = 1.0
"""Audio after the highest score that belongs to a near miss; a wake within it makes it none."""

MAX_PER_MINUTE: Final = 4
"""Near misses of a satellite that are kept within a minute: a television must not fill the store."""

_MINUTE: Final = 60.0


def is_near_miss(peak: ScorePeak) -> bool:
    """Return whether a sound that woke nothing came close to it.

    Its score reached most of the threshold; or all of it, but the second stage rejected it, or it did not last
    as long as the trigger level asks for.
    """
    return not peak.woke and (peak.rejected or peak.score >= CLOSE * peak.threshold)


class NearMissLimit:
    """What limits the near misses of one satellite: their number, and deletions."""

    def __init__(self) -> None:
        """Start without near misses."""
        self._times: deque[float] = deque(maxlen=MAX_PER_MINUTE)
        self.deletions = 0
        """Number of deletions that cover what it has just heard, of which a near miss may be reported later."""

    def admits(self, now: float) -> bool:
        """Return whether another one may be kept now, and count it if so; now is monotonic, in seconds."""
        if len(self._times) == MAX_PER_MINUTE and now - self._times[0] < _MINUTE:
            return False
        self._times.append(now)
        return True
