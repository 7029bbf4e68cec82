"""Made-up words: a buzzing voice whose two resonances move, each word along ways of its own."""

import numpy as np
from numpy.typing import NDArray

from .conftest import Samples, quiet_noise

RATE = 16_000


def spoken(word: int, seconds: float = 0.9, *, pitch: float = 120, peak: float = 8_000) -> Samples:
    """Return a made-up word.

    Args:
        word: Number of the word.
        seconds: Length.
        pitch: Pitch of the voice, Hz.
        peak: Largest sample.
    """
    random = np.random.default_rng(word)
    count = round(seconds * RATE)
    part = np.linspace(0, 1, count)
    knots = np.linspace(0, 1, 5)
    resonances = [
        np.interp(part, knots, random.uniform(low, high, 5)) for low, high in ((250, 900), (900, 2_600))
    ]
    phase = 2 * np.pi * np.cumsum(pitch * (1 + 0.05 * np.sin(2 * np.pi * 3 * part))) / RATE
    sound = np.zeros(count)
    for harmonic in range(1, 30):
        near = sum(np.exp(-(((harmonic * pitch - at) / 160) ** 2)) for at in resonances)
        sound += near * np.sin(harmonic * phase)
    loudness = np.interp(part, knots, random.uniform(0.5, 1, 5)) * np.clip(
        20 * np.minimum(part, 1 - part), 0, 1
    )
    sound *= loudness
    return np.asarray((sound / np.abs(sound).max() * peak).round().astype(np.int16))


def recorded(word: NDArray[np.int16], *, before: float = 0.6, after: float = 0.9, seed: int = 0) -> Samples:
    """Return a word as a satellite records it in a quiet room."""
    noise = quiet_noise(before + after, seed)
    at = int(before * RATE)
    return np.concatenate((noise[:at], word, noise[at:]))
