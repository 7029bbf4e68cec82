"""Energy gate: whether a chunk may belong to a word, by its level above that of the room."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

ABOVE_FLOOR_DB: Final = 6.0
"""Distance to the floor above which a chunk counts as sound."""

QUIETEST_SOUND_DB: Final = 18.0
"""Level above which a chunk can be sound, dB above one unit of 16-bit samples: about -72 dBFS."""

HOLD_CHUNKS: Final = 13
"""Chunks (80 ms each) for which a gate stays open after sound: 1 s."""

_FALL: Final = 0.1
"""Part of the distance to a lower level by which a floor falls per chunk."""

_RISE_DB: Final = 0.5 * 0.08
"""Most by which a floor rises per chunk: 0.5 dB a second."""

_LOWEST_FLOOR_DB: Final = QUIETEST_SOUND_DB - ABOVE_FLOOR_DB


@dataclass(frozen=True, slots=True)
class Gate:
    """State of one stream's gate.

    It knows several levels of the same sound, for example the plain one and one without rumble. Each has its own floor,
    and the gate is open if any of them is above. A new gate knows no room: it is open at first, and its floors begin so
    low that every sound opens it until they have risen to the room's level.
    """

    remaining: int
    """Number of chunks for which the gate is still open, the last one included."""

    floors: tuple[float, ...] = ()
    """Floor of each level, dB above one unit of 16-bit samples; none before the first chunk."""

    @property
    def is_open(self) -> bool:
        """True if the last chunk may belong to a word."""
        return self.remaining > 0

    def after(self, levels: Sequence[float], hold: int = HOLD_CHUNKS, *, keep: bool = False) -> Gate:
        """Return the state after the next chunk.

        Args:
            levels: Levels of the chunk, dB above one unit of 16-bit samples.
            hold: Chunks for which the gate stays open after sound.
            keep: True if the chunk counts as sound whatever its levels, because a word may be under way.
        """
        floors = self.floors or (_LOWEST_FLOOR_DB,) * len(levels)
        pairs = tuple(zip(levels, floors, strict=True))
        sound = keep or any(level > max(floor + ABOVE_FLOOR_DB, QUIETEST_SOUND_DB) for level, floor in pairs)
        return Gate(
            hold + 1 if sound else max(0, self.remaining - 1),
            tuple(_moved(floor, level) for level, floor in pairs),
        )


def new_gate(hold: int = HOLD_CHUNKS) -> Gate:
    """Return the gate of a stream that begins: it is open for its first chunks."""
    return Gate(hold + 1)


def _moved(floor: float, level: float) -> float:
    """Return a floor after a chunk: it falls fast and rises slowly."""
    if level < floor:
        return max(floor - _FALL * (floor - level), _LOWEST_FLOOR_DB)
    return min(floor + _RISE_DB, level)
