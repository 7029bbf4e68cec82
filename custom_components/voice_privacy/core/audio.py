"""PCM audio format used throughout the integration, with level measurement and WAV conversion."""

from array import array
import io
import math
import sys
from typing import Final
import wave

SAMPLE_RATE: Final = 16_000
"""Samples per second."""

SAMPLE_WIDTH: Final = 2
"""Bytes per sample, signed little-endian."""

CHANNELS: Final = 1

CHUNK_SAMPLES: Final = 1_280
"""Samples per audio chunk of the wake engine: 80 ms."""

CHUNK_BYTES: Final = CHUNK_SAMPLES * SAMPLE_WIDTH
CHUNK_SECONDS: Final = CHUNK_SAMPLES / SAMPLE_RATE

SILENCE_DBFS: Final = -100.0
"""Level reported for digital silence, whose logarithm is undefined."""

_FULL_SCALE: Final = 32_768.0


def seconds_of(pcm: bytes) -> float:
    """Return the length of PCM audio in seconds."""
    return len(pcm) / (SAMPLE_RATE * SAMPLE_WIDTH)


def bytes_of(seconds: float) -> int:
    """Return the size of this many seconds of PCM audio in bytes, rounded down to whole samples."""
    return int(seconds * SAMPLE_RATE) * SAMPLE_WIDTH


def level_dbfs(pcm: bytes) -> float:
    """Return the root mean square level of PCM audio in dB relative to full scale.

    Digital silence and an empty chunk return SILENCE_DBFS.
    """
    samples = array("h", pcm[: len(pcm) // SAMPLE_WIDTH * SAMPLE_WIDTH])
    if not samples:
        return SILENCE_DBFS
    if sys.byteorder == "big":
        samples.byteswap()
    power = math.sumprod(samples, samples) / len(samples)
    if power <= 0:
        return SILENCE_DBFS
    return max(SILENCE_DBFS, 10 * math.log10(power / _FULL_SCALE**2))


def mean_dbfs(first: float, second: float) -> float:
    """Return the level of two stretches of the same length together, dBFS."""
    return 10 * math.log10((10 ** (first / 10) + 10 ** (second / 10)) / 2)


def amplified(pcm: bytes, factor: float) -> bytes:
    """Return PCM audio with each sample multiplied by a factor; what exceeds full scale is clipped."""
    if factor == 1.0:
        return pcm
    samples = array("h", pcm[: len(pcm) // SAMPLE_WIDTH * SAMPLE_WIDTH])
    if sys.byteorder == "big":
        samples.byteswap()
    louder = array("h", (max(-32_768, min(32_767, int(sample * factor))) for sample in samples))
    if sys.byteorder == "big":
        louder.byteswap()
    return louder.tobytes()


def wav_from_pcm(pcm: bytes) -> bytes:
    """Return PCM audio as a WAV file."""
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as writer:
        writer.setnchannels(CHANNELS)
        writer.setsampwidth(SAMPLE_WIDTH)
        writer.setframerate(SAMPLE_RATE)
        writer.writeframes(pcm)
    return buffer.getvalue()
