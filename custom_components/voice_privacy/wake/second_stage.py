"""Second stage of wake word detection: checks a score that crossed its threshold before it is reported."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
import logging
from typing import TYPE_CHECKING, Final

from ..core.audio import SILENCE_DBFS, level_dbfs
from ..core.score_history import NEAR_MISS_FROM, ScorePeak
from .evaluation import ACCEPT_SCORE

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from .verifier import Verifier

_LOGGER = logging.getLogger(__name__)

LOOK_BACK_CHUNKS: Final = 25
"""Chunks (80 ms each) in the level check: 2 s, the word and the room before it."""

WORD_CHUNKS: Final = 13
"""Chunks that must contain the word: the last second."""

STANDS_OUT_DB: Final = 4.0
"""Minimum level of a word's loudest chunk above the room, dB; steady noise stays below 2.5 dB."""

QUIETEST_WORD_DBFS: Final = -72.0
"""Minimum level of a word: 8 units of 16-bit samples."""

_FEW_CHUNKS: Final = 8
"""Minimum number of chunks for an estimate of the room's level."""

_END_CHUNKS: Final = 6
"""Chunks below NEAR_MISS_FROM after which a possible wake word is over."""


def stands_out(chunks: Sequence[bytes]) -> bool:
    """Return whether the last second contains sound that is louder than the room.

    Steady sounds such as a fan, a hum or noise are not words. Returns True at the start of a stream.

    Args:
        chunks: Chunks of PCM, oldest first.
    """
    if len(chunks) < _FEW_CHUNKS:
        return True
    levels = [level_dbfs(chunk) for chunk in chunks[-LOOK_BACK_CHUNKS:]]
    room = max(SILENCE_DBFS, sorted(levels)[1])
    return max(levels[-WORD_CHUNKS:]) >= max(room + STANDS_OUT_DB, QUIETEST_WORD_DBFS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Opinion:
    """Verdict of the second stage on the score of a chunk."""

    threshold: float
    """Required score, 0 to 1."""

    rejected: bool
    """True if the score was reached but the second stage rejected it as a wake word."""

    filter_score: float | None = None
    """Score of the verifier, 0 to 1, if it was asked."""


class SecondStage:
    """Verifiers and level check. The worker's thread calls judge(); any thread may set verifiers."""

    def __init__(self) -> None:
        """Start without verifiers."""
        self._verifiers: Mapping[tuple[str | None, str], Verifier] = {}
        self._failed = False

    def set_verifiers(self, verifiers: Mapping[tuple[str | None, str], Verifier]) -> None:
        """Use these verifiers from now on, by satellite (None for the house) and wake word."""
        self._verifiers = dict(verifiers)

    def judge(
        self,
        satellite_id: str,
        wake_word: str,
        score: float,
        *,
        threshold: float,
        check_level: bool,
        window: Callable[[], NDArray[np.float32]],
        heard: Callable[[], Sequence[bytes]],
    ) -> Opinion:
        """Return the verdict on a score.

        Args:
            satellite_id: Id of the satellite.
            wake_word: Id of the wake word.
            score: Score of the newest chunk, 0 to 1.
            threshold: Required score, 0 to 1.
            check_level: Whether the word must also be louder than the room.
            window: Returns the newest embeddings, [16, 96], or raises LookupError if the engine has none. Only
                called if needed and the score crosses.
            heard: Returns the last chunks, oldest first. Only called if needed and the score crosses.
        """
        verifiers = self._verifiers
        verifier = verifiers.get((satellite_id, wake_word)) or verifiers.get((None, wake_word))
        rejected = False
        filter_score: float | None = None
        if score >= threshold:
            try:
                if verifier is not None:
                    filter_score = _filter_score(verifier, window)
                rejected = (filter_score is not None and filter_score < ACCEPT_SCORE) or (
                    check_level and not stands_out(heard())
                )
            except Exception as error:  # noqa: BLE001  # a failing second stage must not block wakes
                if not self._failed:
                    _LOGGER.error(
                        "The second look at a wake failed (%s): the first score counts", type(error).__name__
                    )
                self._failed = True
        return Opinion(threshold=threshold, rejected=rejected, filter_score=filter_score)


def _filter_score(verifier: Verifier, window: Callable[[], NDArray[np.float32]]) -> float | None:
    """Return the score of a verifier; None without embeddings: the engine's score alone counts."""
    try:
        return float(verifier.score(window()))
    except LookupError:
        return None


class PeakTracker:
    """Peak detector for the scores of a wake word in a stream. Not thread-safe."""

    __slots__ = (
        "_below",
        "_end_sample",
        "_generation",
        "_peak",
        "_rejected",
        "_threshold",
        "_wake_word",
        "_woke",
    )

    def __init__(self, wake_word: str) -> None:
        """Start without scores."""
        self._wake_word = wake_word
        self.reset()

    def reset(self) -> None:
        """Drop the scores so far."""
        self._peak = 0.0
        self._below = self._end_sample = self._generation = 0
        self._threshold = 0.0
        self._woke = self._rejected = False

    def process(
        self,
        score: float,
        end_sample: int,
        generation: int,
        *,
        threshold: float,
        woke: bool,
        rejected: bool,
    ) -> ScorePeak | None:
        """Process the score and verdict of the chunk that ends at a sample.

        Returns the peak if this chunk ends it, otherwise None.
        """
        if score >= NEAR_MISS_FROM or woke or rejected:
            self._below = 0
            self._woke |= woke
            self._rejected |= rejected
            if score > self._peak:
                self._peak, self._end_sample, self._generation = score, end_sample, generation
                self._threshold = threshold
            return None
        if self._peak <= 0:
            return None
        self._below += 1
        if self._below < _END_CHUNKS:
            return None
        peak = ScorePeak(
            wake_word=self._wake_word,
            score=self._peak,
            threshold=self._threshold,
            end_sample=self._end_sample,
            generation=self._generation,
            woke=self._woke,
            rejected=self._rejected and not self._woke,
        )
        self.reset()
        return peak
