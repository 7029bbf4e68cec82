"""Where a wake word begins: the most likely of all places, judged by level and by changes of the sound.

Somebody expects the start at some place, more or less exactly: `wake/word_start.py` knows it from the wake word model,
`start_by_level` here only from the length of the phrase. The sound decides between the places nearby.
Places are counted in hops of 10 ms.
"""

from collections.abc import Callable, Sequence
from itertools import accumulate
import math
from typing import Final

from .audio import SAMPLE_RATE, SAMPLE_WIDTH, SILENCE_DBFS, level_dbfs
from .capture import PRE_ROLL_SECONDS

HOP_SAMPLES: Final = 160
HOP_BYTES: Final = HOP_SAMPLES * SAMPLE_WIDTH

LOOK_BACK_SECONDS: Final = 2.0
"""Audio before a detection in which its wake word is searched."""

_REACH: Final = 4.0
"""Distance from the expected place, in spreads, up to which the sound is examined."""

_EXPECTED_WEIGHT: Final = 2.6
_CHANGE_WEIGHT: Final = 0.2
_DIP_WEIGHT: Final = 0.05
_RISE_WEIGHT: Final = 0.11
"""Weights per dB. Fitted to words spoken by synthetic voices after other speech, which none of the tests uses."""

_MOST_CHANGE_DB: Final = 15.0
_DEEPEST_DIP_DB: Final = 25.0
_LEAST_RISE_DB: Final = -10.0
_MOST_RISE_DB: Final = 30.0
_DYNAMIC_RANGE_DB: Final = 50.0
"""Range below the loudest hop outside of which levels do not differ."""

_ABOVE_ROOM_DB: Final = 3.0
"""Minimum level above the quietest hops at which levels differ."""

_AROUND_HOPS: Final = 12
"""Hops before and after a place in which sound is compared with that place."""

_EARLY_HOPS: Final = 1
"""Hops by which a start is rather placed too early, so that no sound is cut."""

_KEPT_HOPS: Final = 18
"""Hops before the word that may be kept."""

_CUT_COST: Final = 2.0
"""How much worse it is to cut a word than to keep too much, as a factor."""

_INDIFFERENT: Final = 0.02
"""Difference in cost that does not count: of two places, the later is used."""

_SHORTEST_WORD: Final = 0.45
_SECONDS_PER_LETTER: Final = 0.045
_LONGEST_WORD: Final = 1.3
"""Expected seconds from the start of a phrase to its detection: a part for any word, one for each letter, and the limit."""

_LENGTH_SPREAD_HOPS: Final = 12.0


def hop_levels(pcm: bytes) -> list[float]:
    """Return the level of each complete hop, dBFS."""
    return [level_dbfs(pcm[at : at + HOP_BYTES]) for at in range(0, len(pcm) - HOP_BYTES + 1, HOP_BYTES)]


def likeliest_start(
    levels: Sequence[float], expected: float, spread: float, changes: Sequence[float] = ()
) -> int:
    """Return the hop at which to begin, so that the word is complete and little remains from before it.

    Args:
        levels: Level of each hop up to the detection, dBFS.
        expected: Hop at which the word is expected to begin.
        spread: Typical difference from it, in hops.
        changes: How different the sound after the beginning of each hop is from the sound before it, dB; empty if unknown.

    Returns:
        A hop of `levels`, or its length if there is none.
    """
    if not levels:
        return 0
    first = min(max(math.floor(expected - _REACH * spread), 0), len(levels) - 1)
    last = min(max(math.ceil(expected + _REACH * spread), first), len(levels) - 1)
    shaped = _in_range(levels)
    likely = [
        _EXPECTED_WEIGHT * -math.log1p(((at - expected) / spread) ** 2 / 4)
        + _CHANGE_WEIGHT * min(changes[at] if at < len(changes) else 0.0, _MOST_CHANGE_DB)
        + _evidence(shaped, at)
        for at in range(first, last + 1)
    ]
    return max(0, first + _cheapest(likely))


def start_by_level(pcm: bytes, phrase: str) -> int:
    """Return the sample at which a phrase at the end of some audio probably begins; without a model, from the level only."""
    levels = hop_levels(pcm)
    seconds = _SHORTEST_WORD + _SECONDS_PER_LETTER * sum(letter.isalnum() for letter in phrase)
    expected = len(levels) - min(seconds, _LONGEST_WORD) * SAMPLE_RATE / HOP_SAMPLES
    return likeliest_start(levels, expected, _LENGTH_SPREAD_HOPS) * HOP_SAMPLES


def word_audio(end: int, start: int | None, between: Callable[[int, int], bytes], phrase: str) -> bytes:
    """Return the audio from the start of a wake word to its detection.

    Args:
        end: Sample of the stream at which the wake word was detected.
        start: Sample at which the engine found its start; None to find it by level.
        between: Returns the buffered audio between two samples of the stream.
        phrase: Spoken form of the wake word.
    """
    if start is None:
        before = between(max(0, end - int(LOOK_BACK_SECONDS * SAMPLE_RATE)), end)
        start = end - len(before) // SAMPLE_WIDTH + start_by_level(before, phrase)
    start = max(start, end - int(PRE_ROLL_SECONDS * SAMPLE_RATE), 0)
    return between(start, end) if start < end else b""


def _in_range(levels: Sequence[float]) -> list[float]:
    """Return levels with a floor, so that differences between very quiet hops do not count."""
    quietest = sorted(levels)[len(levels) // 20]
    floor = max(quietest + _ABOVE_ROOM_DB, max(levels) - _DYNAMIC_RANGE_DB, SILENCE_DBFS)
    return [max(level, floor) for level in levels]


def _evidence(levels: Sequence[float], at: int) -> float:
    """Return what the level says for a word that begins at a hop: a gap before it, and louder sound after it."""
    after = max(levels[at : at + _AROUND_HOPS])
    before = max(levels[max(0, at - _AROUND_HOPS) : at], default=after)
    gap = min(levels[max(0, at - 2) : at + 2])
    just_before = max(levels[max(0, at - 4) : at], default=after)
    rise = min(max(after - just_before, _LEAST_RISE_DB), _MOST_RISE_DB)
    return _DIP_WEIGHT * min(min(before, after) - gap, _DEEPEST_DIP_DB) + _RISE_WEIGHT * rise


def _cheapest(likely: Sequence[float]) -> int:
    """Return where to begin, relative to the first place, given the logarithm of each place's likelihood."""
    best = max(likely)
    mass = [math.exp(value - best) for value in likely]
    total = list(accumulate(mass, initial=0.0))

    def until(place: int) -> float:
        return total[min(max(place, 0), len(mass))] / total[-1]

    places = range(-_KEPT_HOPS, len(likely))
    costs = [_CUT_COST * until(at + _EARLY_HOPS) + 1.0 - until(at + _KEPT_HOPS + 1) for at in places]
    least = min(costs) + _INDIFFERENT
    return max(at for at, cost in zip(places, costs, strict=True) if cost <= least)
