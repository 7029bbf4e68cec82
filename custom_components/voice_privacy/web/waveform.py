"""Waveform of a recording, computed on request and never stored."""

from array import array
import itertools
import math
import sys
from typing import Final

PEAKS: Final = 96
"""Number of bars of a waveform."""

_STEP: Final = 4
"""Sampling step: audible peaks are longer than four samples, and this takes a quarter of the time."""

_FULL_SCALE: Final = 32_768


def peaks_of(pcm: bytes) -> bytes:
    """Return the peak of each of 96 equal parts of PCM audio (16-bit, little-endian), one byte each.

    Each byte is the square root of the peak amplitude, 255 for full scale, since most of speech is quiet.
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
