"""Where a wake word begins, from the wake word model: how much audio can be replaced by quiet before its score drops.

However the word is led up to, the score stays high as long as the replaced audio ends before the word, and drops
within its first sound. Few places are tried, all of a round in one call of the engine.
"""

from collections.abc import Sequence
import time
from typing import TYPE_CHECKING, Final

from ..core.audio import SAMPLE_RATE, SAMPLE_WIDTH
from ..core.word_start import HOP_SAMPLES, hop_levels, likeliest_start

if TYPE_CHECKING:
    from .engines import ScoringEngine

_ROUNDS: Final = ((1.0, 0.8, 0.6, 0.4), (1.8, 1.6, 1.4, 1.2))
"""Seconds before the detection up to which audio is replaced, in two rounds; the second one only for long words."""

_STEP: Final = 0.2
_FINE_STEPS: Final = 5
"""Parts into which the step with the drop is divided in the last round."""

_FIRST_ROUNDS_BUDGET: Final = 0.25
"""CPU seconds after which the last round is left out, on a very slow machine."""

_DROPPED: Final = 0.3
"""Score, relative to the highest one, below which the word counts as damaged."""

_LEAST_SHARE: Final = 0.5
"""Share of the detection's score that some start must reach."""

_DROP_HOPS: Final = 13.2
"""Hops from the start of a word to the drop of its score."""

_SPREAD_HOPS: Final = 6.0


def find_start(engine: ScoringEngine, wake_word: str, score: float, pcm: bytes) -> int | None:
    """Return the sample at which a wake word begins in the audio before its detection; blocks for about 30 ms.

    Args:
        engine: Engine that detected it, in the engine's thread.
        wake_word: Id of the wake word.
        score: Score of the detection.
        pcm: Audio up to the end of the chunk with the detection.

    Returns:
        A sample of the audio; None if the model does not tell.
    """
    drop = find_drop(engine, wake_word, score, pcm)
    if drop is None:
        return None
    levels = hop_levels(pcm)
    at = likeliest_start(levels, drop / HOP_SAMPLES - _DROP_HOPS, _SPREAD_HOPS, engine.changes(pcm))
    return at * HOP_SAMPLES


def find_drop(engine: ScoringEngine, wake_word: str, score: float, pcm: bytes) -> float | None:
    """Return the sample up to which audio can be replaced by quiet before the score of its end drops.

    None if it is low from the beginning: then the model needs more than the word.
    """
    scores: dict[int, float] = {}
    count = len(pcm) // SAMPLE_WIDTH

    def limit() -> float:
        return _DROPPED * max(_LEAST_SHARE * score, *scores.values())

    def last_undamaged() -> int | None:
        return max((start for start, found in scores.items() if found >= limit()), default=None)

    def listen(seconds: Sequence[float]) -> None:
        wanted = {max(0, count - round(at * SAMPLE_RATE)) for at in seconds}
        starts = sorted(start for start in wanted - scores.keys() if start < count)
        if starts:
            scores.update(zip(starts, engine.scores_from(wake_word, pcm, starts), strict=True))

    began = time.thread_time()
    listen(_ROUNDS[0])
    if (last := last_undamaged()) is None or last == min(scores):
        listen(_ROUNDS[1])
    if (last := last_undamaged()) is None:
        return None
    before = (count - last) / SAMPLE_RATE
    if time.thread_time() - began < _FIRST_ROUNDS_BUDGET:
        listen([before - _STEP * part / _FINE_STEPS for part in range(1, _FINE_STEPS)])
        last = max(last, last_undamaged() or 0)
    end = min((start for start in scores if start > last), default=count)
    high, low = scores[last], scores.get(end, 0.0)
    return last + (end - last) * (high - limit()) / max(high - low, 1e-6)
