"""The second look at a wake: asked only when a score crosses, before anybody else hears of it."""

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
"""Chunks (80 ms each) of which the level is looked at: 2 s, the word and the room before it."""

WORD_CHUNKS: Final = 13
"""Chunks in which the word must be: the last second."""

STANDS_OUT_DB: Final = 4.0
"""How much louder than the room the loudest chunk of a word is at least; steady noise stays below 2.5."""

QUIETEST_WORD_DBFS: Final = -72.0
"""Nothing below this level was said to anybody: 8 units of 16 bits."""

_FEW_CHUNKS: Final = 8
"""With less to compare with, nothing is known about the room."""

_END_CHUNKS: Final = 6
"""Chunks below NEAR_MISS_FROM after which what sounded like a wake word is over."""


def stands_out(chunks: Sequence[bytes]) -> bool:
    """Return whether something in the last second was louder than the room; chunks of PCM, oldest first.

    Whatever is steady is not a word: a fan, a hum, noise. At the start of a stream the answer is yes.
    """
    if len(chunks) < _FEW_CHUNKS:
        return True
    levels = [level_dbfs(chunk) for chunk in chunks[-LOOK_BACK_CHUNKS:]]
    room = max(SILENCE_DBFS, sorted(levels)[1])
    return max(levels[-WORD_CHUNKS:]) >= max(room + STANDS_OUT_DB, QUIETEST_WORD_DBFS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Opinion:
    """What the second stage says about the score of one chunk."""

    threshold: float
    """Score that had to be reached, 0 to 1."""

    rejected: bool
    """It was reached, and this was no wake word all the same."""


class SecondStage:
    """The verifiers and the look at the level. The worker's thread asks; any thread may give other verifiers."""

    def __init__(self) -> None:
        """Have no verifier."""
        self._verifiers: Mapping[tuple[str | None, str], Verifier] = {}
        self._failed = False

    def set_verifiers(self, verifiers: Mapping[tuple[str | None, str], Verifier]) -> None:
        """Ask these from now on, by satellite (None for the house) and wake word."""
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
        """Return an opinion; window and heard are called only when the score crosses and they are needed."""
        verifiers = self._verifiers
        verifier = verifiers.get((satellite_id, wake_word)) or verifiers.get((None, wake_word))
        rejected = False
        if score >= threshold:
            try:
                rejected = (verifier is not None and verifier.score(window()) < ACCEPT_SCORE) or (
                    check_level and not stands_out(heard())
                )
            except Exception as error:  # noqa: BLE001  # a second stage that fails must not make anybody deaf
                if not self._failed:
                    _LOGGER.error(
                        "The second look at a wake failed (%s): the first one counts", type(error).__name__
                    )
                self._failed = True
        return Opinion(threshold=threshold, rejected=rejected)


class PeakTracker:
    """Turn the scores of one wake word in one stream into peaks. Not threadsafe."""

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
        """Wait for a score that is worth remembering."""
        self._wake_word = wake_word
        self.reset()

    def reset(self) -> None:
        """Forget the scores so far."""
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
        """Take the score of the chunk that ends at a sample and what came of it; return a peak that is over."""
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
