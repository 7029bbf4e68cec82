"""Recordings as they sound in a room: quiet, or with music, babble or a fan at a signal-to-noise ratio."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from custom_components.voice_privacy.core.audio import SAMPLE_RATE

type Samples = NDArray[np.int16]

QUIET_LEVEL: Final = 20
"""Standard deviation of the noise of a quiet room, 16-bit units: about -64 dBFS."""

SECONDS_BEFORE: Final = 2.0
SECONDS_AFTER: Final = 1.5

BABBLE_VOICES: Final = 8

_FRAME: Final = SAMPLE_RATE // 50
_ACTIVE_DB: Final = 25.0
"""Frames of 20 ms that are at most this far below the loudest count as speech."""

_NOISE_POWER: Final = 1e6


def quiet(seconds: float, seed: int) -> Samples:
    """Return the noise of a quiet room."""
    random = np.random.default_rng(seed)
    return random.normal(0, QUIET_LEVEL, round(seconds * SAMPLE_RATE)).astype(np.int16)


def alone(recording: Samples, seed: int) -> Samples:
    """Return a recording in a quiet room, with time before and after it."""
    random = np.random.default_rng(seed)
    before, after = (
        random.normal(0, QUIET_LEVEL, round(seconds * SAMPLE_RATE)).astype(np.int16)
        for seconds in (SECONDS_BEFORE, SECONDS_AFTER)
    )
    return np.concatenate((before, recording, after))


def speech_power(recording: Samples) -> float:
    """Return the mean power of the frames of a recording in which somebody speaks."""
    whole = recording[: len(recording) // _FRAME * _FRAME].astype(np.float64).reshape(-1, _FRAME)
    if not len(whole):
        return float(np.mean(np.square(recording, dtype=np.float64))) if len(recording) else 0.0
    powers = np.mean(np.square(whole), axis=1)
    return float(powers[powers >= powers.max() / 10 ** (_ACTIVE_DB / 10)].mean())


def mixed(recording: Samples, noise: Samples, decibels: float, seed: int) -> Samples:
    """Return a recording in a quiet room, with a noise that is as much softer than its speech all the time.

    Args:
        recording: What is spoken.
        noise: Noise to take a random piece of; a shorter noise is repeated.
        decibels: Ratio of the speech to the piece of noise.
        seed: Seed of the piece.
    """
    scene = alone(recording, seed).astype(np.float64)
    start = int(np.random.default_rng([seed, 1]).integers(len(noise)))
    piece = np.take(noise, np.arange(start, start + len(scene)), mode="wrap").astype(np.float64)
    power = float(np.mean(np.square(piece)))
    if power > 0:
        scene += piece * np.sqrt(speech_power(recording) / 10 ** (decibels / 10) / power)
    # Loud together, they would be distorted: make both softer.
    scene *= min(1.0, 32_767 / max(1.0, float(np.abs(scene).max())))
    return scene.round().astype(np.int16)


def babble(utterances: Sequence[Samples], seconds: float, seed: int) -> Samples:
    """Return several people speaking at the same time, all equally loud."""
    random = np.random.default_rng(seed)
    length = round(seconds * SAMPLE_RATE)
    voices = np.zeros(length)
    spoken = [utterance for utterance in utterances if speech_power(utterance) > 0]
    for _ in range(BABBLE_VOICES if spoken else 0):
        at = 0
        while at < length:
            utterance = spoken[int(random.integers(len(spoken)))]
            piece = utterance[: length - at] / np.sqrt(speech_power(utterance) / _NOISE_POWER)
            voices[at : at + len(piece)] += piece
            at += len(piece)
    return _as_samples(voices)


def fan(seconds: float, seed: int) -> Samples:
    """Return the noise of a fan: falling by 6 dB an octave from 100 Hz on, with the hum of its blades."""
    random = np.random.default_rng(seed)
    length = round(seconds * SAMPLE_RATE)
    frequencies = np.fft.rfftfreq(length, 1 / SAMPLE_RATE)
    shape = 1 / np.maximum(frequencies, 100)
    noise = np.fft.irfft(np.fft.rfft(random.normal(0, 1, length)) * shape, length)
    noise /= noise.std()
    time = np.arange(length) / SAMPLE_RATE
    for harmonic in (1, 2, 3):
        noise += 0.3 / harmonic * np.sin(2 * np.pi * 93 * harmonic * time)
    return _as_samples(noise * np.sqrt(_NOISE_POWER))


def _as_samples(noise: NDArray[np.float64]) -> Samples:
    """Return a noise that is as loud as 16 bits allow without distortion, at most."""
    loudest = float(np.abs(noise).max(initial=0))
    return (noise * min(1.0, 32_767 / max(1.0, loudest))).round().astype(np.int16)
