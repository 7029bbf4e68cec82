"""Padding of review clips to a small set of lengths, so that many clips share each length.

The history of a satellite's microphone state gives the length of each utterance to a hundredth of a
second. A clip with its exact length could be matched to an entry.
"""

from array import array
from typing import Final

_STEP: Final = 4 * 16_000
"""Samples of which every clip length is a multiple."""

_TAIL: Final = 4_000
"""Samples at the end of a clip, mostly room noise, that the padding is made of."""


def lengthened(audio: bytes) -> bytes:
    """Return audio padded to a full step with its own end, played backwards and forwards in turn.

    Args:
        audio: Mono PCM, 16-bit, 16 kHz.
    """
    samples = array("h", audio[: len(audio) // 2 * 2])
    missing = -len(samples) % _STEP or (0 if samples else _STEP)
    if not samples:
        return bytes(2 * missing)
    tail = samples[-_TAIL:]
    to_and_fro = tail[::-1] + tail
    samples.extend((to_and_fro * (missing // len(to_and_fro) + 1))[:missing])
    return samples.tobytes()
