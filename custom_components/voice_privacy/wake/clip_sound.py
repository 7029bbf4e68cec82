"""Where a word is in a recorded clip, and whether the clip is good enough for an example. Judged by its level only."""

from array import array
from dataclasses import dataclass
from enum import StrEnum
import math
import sys
from typing import Final

from ..core.audio import SAMPLE_RATE, SAMPLE_WIDTH, SILENCE_DBFS, level_dbfs

HOP_SAMPLES: Final = SAMPLE_RATE // 100
"""Samples of the stretches whose level is looked at: 10 ms."""

USABLE_SECONDS: Final = 0.45
"""Length of the shortest word that can be told from others."""

LONGEST_SECONDS: Final = 2.0

_SILENT_BELOW: Final = -80.0
"""Level in dBFS below which there is no sound: a microphone that is off, or gaps of a codec."""

_QUIET_BELOW: Final = -45.0
"""Level of the loudest tenth of a second in dBFS below which a word is too quiet."""

_STANDS_OUT_DB: Final = 14.0
"""Level of a word above the room, below which it is lost in it."""

_STEADY_DB: Final = 4.0
"""Range of level within which the softer half of a sound is a room or a machine, but nobody who speaks."""

_ABOVE_ROOM_DB: Final = 9.0
"""Level above the room from which on a stretch may belong to a word ..."""

_LEAST_BELOW_PEAK_DB: Final = 12.0
_MOST_BELOW_PEAK_DB: Final = 28.0
"""... and how far below the loudest one it has to be allowed to be, and may be."""

_LOUD_HOPS: Final = 5
"""Loudest stretches that do not count as the peak: a click is not a word."""

_GAP_HOPS: Final = 25
"""Longest gap within a word: between two words of a phrase, and before a consonant such as t or k."""

_FEW_HOPS: Final = 10
"""Stretches outside of a word that say how loud the room is."""

_EDGE_HOPS: Final = 3
"""Distance from the clip's start or end within which a word is cut off."""

_CLIPPED: Final = 32_700
_CLIPPED_RUN: Final = 3
_CLIPS: Final = 3
"""Samples in a row at full scale, and how many such runs there must be, so that the sound is distorted."""


class ClipVerdict(StrEnum):
    """What is wrong with a recorded example."""

    GOOD = "good"
    SILENT = "silent"
    TOO_QUIET = "too_quiet"
    CLIPPED = "clipped"
    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    CUT_OFF = "cut_off"
    """The word touches the start or the end of the clip."""

    ANOTHER_WORD = "another_word"
    """It sounds unlike the other examples."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipSound:
    """Word in a clip."""

    verdict: ClipVerdict
    start: int = 0
    """First sample of the word."""

    end: int = 0
    """Sample after the word."""

    peak_dbfs: float = SILENCE_DBFS
    """Largest sample of the clip, dB relative to full scale."""

    @property
    def seconds(self) -> float:
        """Length of the word."""
        return (self.end - self.start) / SAMPLE_RATE


def judge_sound(pcm: bytes) -> ClipSound:
    """Return where the word is in a clip, and what is wrong with it.

    Args:
        pcm: Mono PCM, 16-bit little-endian, 16 kHz, of any length.
    """
    samples = array("h", pcm[: len(pcm) // SAMPLE_WIDTH * SAMPLE_WIDTH])
    if sys.byteorder == "big":
        samples.byteswap()
    peak = max(max(samples, default=0), -min(samples, default=0))
    peak_dbfs = max(SILENCE_DBFS, 20 * math.log10(peak / 32_768)) if peak else SILENCE_DBFS
    levels = _smooth_levels(pcm)
    audible = sorted(level for level in levels if level > _SILENT_BELOW)
    if len(audible) <= _LOUD_HOPS:
        return ClipSound(verdict=ClipVerdict.SILENT, peak_dbfs=peak_dbfs)
    loudest = audible[-_LOUD_HOPS]
    room = _room_level(levels, _word(levels, loudest - _LEAST_BELOW_PEAK_DB))
    if loudest - room < _STANDS_OUT_DB:
        silent = loudest - room < _STEADY_DB and loudest < _QUIET_BELOW
        return ClipSound(verdict=ClipVerdict.SILENT if silent else ClipVerdict.TOO_QUIET, peak_dbfs=peak_dbfs)
    limit = min(max(room + _ABOVE_ROOM_DB, loudest - _MOST_BELOW_PEAK_DB), loudest - _LEAST_BELOW_PEAK_DB)
    first, last = _word(levels, limit)
    seconds = (last + 1 - first) * HOP_SAMPLES / SAMPLE_RATE
    if loudest < _QUIET_BELOW:
        verdict = ClipVerdict.TOO_QUIET
    elif _clips(samples) >= _CLIPS:
        verdict = ClipVerdict.CLIPPED
    elif first < _EDGE_HOPS or last >= len(levels) - _EDGE_HOPS:
        verdict = ClipVerdict.CUT_OFF
    elif seconds > LONGEST_SECONDS:
        verdict = ClipVerdict.TOO_LONG
    else:
        verdict = ClipVerdict.TOO_SHORT if seconds < USABLE_SECONDS else ClipVerdict.GOOD
    return ClipSound(
        verdict=verdict, start=first * HOP_SAMPLES, end=(last + 1) * HOP_SAMPLES, peak_dbfs=peak_dbfs
    )


def _smooth_levels(pcm: bytes) -> list[float]:
    """Return the level of each complete stretch of 10 ms, averaged with its neighbors, dBFS."""
    size = HOP_SAMPLES * SAMPLE_WIDTH
    levels = [level_dbfs(pcm[at : at + size]) for at in range(0, len(pcm) - size + 1, size)]
    padded = [*levels[:1], *levels, *levels[-1:]]
    return [sum(padded[at : at + 3]) / 3 for at in range(len(levels))]


def _room_level(levels: list[float], word: tuple[int, int]) -> float:
    """Return the level around the loud part of a word, of what a microphone did not swallow."""
    first, last = word
    outside = sorted(level for level in levels[:first] + levels[last + 1 :] if level > _SILENT_BELOW)
    if len(outside) >= _FEW_HOPS:
        return outside[len(outside) // 2]
    audible = sorted(level for level in levels if level > _SILENT_BELOW)
    middle, soft = audible[len(audible) // 2], audible[len(audible) // 8]
    # Speech from end to end has soft sounds, too, and says nothing of the room.
    return middle if middle - soft < _STEADY_DB else _SILENT_BELOW


def _word(levels: list[float], limit: float) -> tuple[int, int]:
    """Return the first and the last stretch of the strongest sound above a level; some stretch must be."""
    runs: list[list[int]] = []
    for at, level in enumerate(levels):
        if level < limit:
            continue
        if runs and at - runs[-1][1] <= _GAP_HOPS:
            runs[-1][1] = at
        else:
            runs.append([at, at])
    first, last = max(runs, key=lambda run: sum(10 ** (level / 10) for level in levels[run[0] : run[1] + 1]))
    return first, last


def _clips(samples: array[int]) -> int:
    """Return how many runs of samples are at full scale."""
    runs = run = 0
    for sample in samples:
        run = run + 1 if abs(sample) >= _CLIPPED else 0
        runs += run == _CLIPPED_RUN
    return runs
