"""How near the ordinary talk of a house comes to a taught word, so that its threshold can be tightened.

Only distances are kept, in memory: the nearest of each two seconds with sound. This module does not need numpy.
"""

from collections.abc import Hashable
import math
from typing import Final

BLOCK_CHUNKS: Final = 25
"""Chunks (80 ms each) of which the nearest distance counts: 2 s."""

ENOUGH_BLOCKS: Final = 360
"""Blocks after which the threshold is tightened: 12 minutes of sound."""

NEAREST_SHARE: Final = 0.01
"""Share of the blocks that are at least as near as the one that decides."""

FACTOR: Final = 0.82
"""Threshold as a multiple of that block's distance."""


class RoomBackground:
    """Distances of a house's sound to a taught word. Not thread-safe.

    Blocks with a wake do not count: they are calls, or false wakes, which somebody may mark.
    """

    def __init__(self, threshold: float, lowest: float) -> None:
        """Start without sound.

        Args:
            threshold: Distance at which the word wakes now.
            lowest: Distance that the threshold never falls below, so that its own examples still wake.
        """
        self.threshold = threshold
        """Distance at which the word wakes; it only falls."""

        self._lowest = lowest
        self._open: dict[Hashable, tuple[int, float]] = {}
        """Chunks and nearest distance of the unfinished block of each stream."""

        self._nearest: list[float] = []

    @property
    def blocks(self) -> int:
        """Number of finished blocks since the threshold was last looked at."""
        return len(self._nearest)

    def heard(self, stream: Hashable, distance: float) -> float | None:
        """Take the distance of a stream's next chunk with sound; return a threshold if it is tightened now."""
        count, nearest = self._open.get(stream, (0, math.inf))
        count, nearest = count + 1, min(nearest, distance)
        if count < BLOCK_CHUNKS:
            self._open[stream] = count, nearest
            return None
        del self._open[stream]
        if nearest > self.threshold:
            self._nearest.append(nearest)
        if len(self._nearest) < ENOUGH_BLOCKS:
            return None
        decisive = sorted(self._nearest)[int(NEAREST_SHARE * ENOUGH_BLOCKS)]
        self._nearest.clear()
        tightened = max(FACTOR * decisive, self._lowest)
        if tightened >= self.threshold:
            return None
        self.threshold = tightened
        return tightened

    def forget(self, stream: Hashable) -> None:
        """Forget the unfinished block of a stream that was closed or restarted."""
        self._open.pop(stream, None)
