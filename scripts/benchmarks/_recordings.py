"""Read WAV files of any rate, width and number of channels as 16 kHz mono."""

from pathlib import Path
import shutil
import subprocess
from typing import Any, Final
import wave

import numpy as np
from numpy.typing import NDArray

_RATE: Final = 16_000
_FFMPEG_TIMEOUT: Final = 60
"""Seconds."""


def read_wav(path: Path) -> NDArray[np.int16] | None:
    """Return a recording; None when nothing here can read it."""
    try:
        with wave.open(str(path)) as reader:
            rate, width, channels = reader.getframerate(), reader.getsampwidth(), reader.getnchannels()
            content = reader.readframes(reader.getnframes())
    except OSError, EOFError, wave.Error:
        return _read_with_ffmpeg(path)
    samples = _samples(content, width)
    mono = samples[: len(samples) // channels * channels].reshape(-1, channels).mean(axis=1)
    return _resampled(mono, rate).round().clip(-32_768, 32_767).astype(np.int16)


def _samples(content: bytes, width: int) -> NDArray[Any]:
    """Return PCM samples scaled to 16 bits."""
    content = content[: len(content) // width * width]
    if width == 1:
        return (np.frombuffer(content, "u1").astype(np.float64) - 128) * 256
    if width == 2:
        return np.frombuffer(content, "<i2").astype(np.float64)
    if width == 3:
        padded = np.zeros((len(content) // 3, 4), np.uint8)
        padded[:, 1:] = np.frombuffer(content, np.uint8).reshape(-1, 3)
        return padded.view("<i4")[:, 0] / 65_536
    return np.frombuffer(content, "<i4") / 65_536


def _resampled(samples: NDArray[Any], rate: int) -> NDArray[Any]:
    """Return samples at 16 kHz: the same spectrum, cut or filled up with zeros."""
    if rate == _RATE or not len(samples):
        return samples
    wanted = round(len(samples) * _RATE / rate)
    spectrum = np.fft.rfft(samples)
    bins = np.zeros(wanted // 2 + 1, np.complex128)
    kept = min(len(spectrum), len(bins))
    bins[:kept] = spectrum[:kept]
    return np.asarray(np.fft.irfft(bins, wanted) * (wanted / len(samples)))


def _read_with_ffmpeg(path: Path) -> NDArray[np.int16] | None:
    """Return what Python's wave module cannot read: floats, compressed audio."""
    if shutil.which("ffmpeg") is None:
        return None
    command = [
        "ffmpeg",
        "-nostdin",
        "-loglevel",
        "error",
        "-i",
        str(path),
        "-f",
        "s16le",
        "-ac",
        "1",
        "-ar",
        str(_RATE),
        "-",
    ]
    try:
        done = subprocess.run(command, capture_output=True, timeout=_FFMPEG_TIMEOUT, check=True)
    except OSError, subprocess.SubprocessError:
        return None
    return np.frombuffer(done.stdout[: len(done.stdout) // 2 * 2], "<i2").astype(np.int16)
