"""Clips as reviewers hear them: in lengths of which each is that of many clips.

The history of a satellite's microphone tells to a hundredth of a second how long each utterance took. A clip
of just that length would be found in it.
"""

from array import array
from typing import Final

_STEP: Final = 4 * 16_000
"""Samples; every clip is some of these long."""

_TAIL: Final = 4_000
"""Samples of what is heard at the end, mostly the quiet room, that the rest is made of."""


def lengthened(audio: bytes) -> bytes:
    """Return mono PCM, 16-bit at 16 kHz, made longer by its own end, to and fro, up to a full step."""
    samples = array("h", audio[: len(audio) // 2 * 2])
    missing = -len(samples) % _STEP or (0 if samples else _STEP)
    if not samples:
        return bytes(2 * missing)
    tail = samples[-_TAIL:]
    to_and_fro = tail[::-1] + tail
    samples.extend((to_and_fro * (missing // len(to_and_fro) + 1))[:missing])
    return samples.tobytes()
