"""A recording's shape for the eye: made when it is looked at, kept nowhere."""

from array import array
import itertools
import math
import sys
from typing import Final

PEAKS: Final = 96
"""Bars of a waveform."""

_STEP: Final = 4
"""One of so many samples is looked at: a peak that can be heard lasts longer, and it takes a quarter of the time."""

_FULL_SCALE: Final = 32_768


def peaks_of(pcm: bytes) -> bytes:
    """Return the loudest sample of each of 96 equal parts of PCM audio (16-bit, little-endian), one byte each.

    The scale is the square root of the amplitude, 255 for full scale: speech is quiet most of the time.
    """
    samples = array("h", pcm[: len(pcm) // 2 * 2])
    if not samples:
        return bytes(PEAKS)
    if sys.byteorder == "big":
        samples.byteswap()
    starts = [part * len(samples) // PEAKS for part in range(PEAKS + 1)]
    peaks = bytearray()
    for start, end in itertools.pairwise(starts):
        part = samples[start : max(end, start + 1) : _STEP].tolist()
        peaks.append(int(255 * math.sqrt(max(abs(min(part)), abs(max(part))) / _FULL_SCALE)))
    return bytes(peaks)
