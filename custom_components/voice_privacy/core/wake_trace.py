"""Why a satellite woke: the engine that heard the wake word, and its scores of the last two seconds.

Scores tell of a person's voice: they are sealed with the recording and are nowhere else.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
import math
from typing import Any, Final, Self

from .cleaning import clean_name

STEP_SECONDS: Final = 0.08
"""Time between two scores."""

_MOST_SCORES: Final = 250
"""Maximum number of scores read from a file: 20 s; this version writes 25."""

_DIGITS: Final = 1_000


class HeardBy(StrEnum):
    """Engine that heard a wake word."""

    BOTH = "both"
    """openWakeWord and microWakeWord together."""

    MICROWAKEWORD = "microwakeword"
    OPENWAKEWORD = "openwakeword"
    OTHER = "other"
    """Another wake word engine of Home Assistant, which reports no scores."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WakeTrace:
    """How a wake word, or what came close to one, was heard."""

    heard_by: HeardBy | None = None
    """None if unknown."""

    engine_name: str | None = None
    """Name of another engine."""

    scores: tuple[float, ...] = field(default=(), repr=False)
    """Score of each chunk (80 ms), 0 to 1, oldest first.

    The last one is the detection; around a near miss, the highest one is the near miss.
    """

    filter_score: float | None = field(default=None, repr=False)
    """Score of the learned filter, 0 to 1, if there is one."""

    def as_stored(self) -> dict[str, Any]:
        """Return what is sealed, without fields that are unknown."""
        stored: dict[str, Any] = {
            "heard_by": self.heard_by,
            "engine_name": self.engine_name,
            "scores": list(self.scores),
            "filter_score": self.filter_score,
        }
        return {name: value for name, value in stored.items() if value not in (None, [])}

    @classmethod
    def from_stored(cls, stored: object) -> Self | None:
        """Return what was sealed by this or another version; what cannot be read is left out."""
        if not isinstance(stored, dict):
            return None
        try:
            heard_by = HeardBy(stored["heard_by"])
        except KeyError, ValueError:
            heard_by = None
        return cls(
            heard_by=heard_by,
            engine_name=clean_name(stored.get("engine_name")),
            scores=_read_scores(stored.get("scores")),
            filter_score=_read_score(stored.get("filter_score")),
        )


def rounded_scores(scores: Iterable[float]) -> tuple[float, ...]:
    """Return scores between 0 and 1, rounded down to thousandths, so that none seems to reach a threshold."""
    return tuple(_rounded(score) for score in scores)


def _rounded(score: float) -> float:
    # Engines report 32-bit floats, whose 0.9 is a little less.
    if math.isnan(score):
        return 0.0
    return math.floor(min(1.0, max(0.0, score)) * _DIGITS + 1e-4) / _DIGITS


def _read_scores(stored: object) -> tuple[float, ...]:
    """Return scores, or none at all if one of them cannot be read: a gap would shift the others."""
    if not isinstance(stored, list) or len(stored) > _MOST_SCORES:
        return ()
    scores = [score for value in stored if (score := _read_score(value)) is not None]
    return tuple(scores) if len(scores) == len(stored) else ()


def _read_score(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        return None
    return float(value)
