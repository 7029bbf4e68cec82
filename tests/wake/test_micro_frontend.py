"""The features of microWakeWord equal those of TensorFlow's micro front end bit by bit."""

import hashlib

import numpy as np
from numpy.typing import NDArray
import pytest

from custom_components.voice_privacy.wake.micro.frontend import BANDS, TAIL_SAMPLES, Frontend

CHUNK = 1_280
CHUNKS = 30

RECORDED = {
    "quiet": "e73afdd71a1636a5cda85887ea08a6f99d486e9200e21b957cf1e848cb8db538",
    "speech": "9bb71967d54ebda3519c42a376ccf7ca7e9eadae5d82b76c33e803c96136943b",
    "loud": "4ccd0e431b9c6ae8163e5b8b135b87bf9b2287098dd3f20500f2538e039ab73c",
    "edges": "7216c3f5cea486238d42c0b7dc5a40cdad2f255251ce0e9b65e2545fcf9ded94",
    "silence": "1e65d7aa4ac090e4667c7427892629dd44c0d684e592e33389684ed5c525bc4b",
}
"""SHA-256 of all features as 16-bit numbers, recorded with pymicro-features 2.0.2."""

RECORDED_FRAME = [0, 0, 0, 248, 0, 0, 0, 0, 258, 0, 0, 0, 0, 0, 0, 236, 0, 0, 133, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]  # fmt: skip
"""Features of frame 100 of "speech"."""


def sounds() -> dict[str, NDArray[np.int16]]:
    at = np.arange(CHUNK * CHUNKS)
    noise = np.random.default_rng(11).normal(0, 1, len(at))
    glide = (at * (200 + at // 200) // 7 % 4_001 - 2_000) * np.abs(at % 6_000 - 3_000) // 1_500
    return {
        "quiet": np.rint(3 * noise).astype(np.int16),
        "speech": (glide + np.rint(200 * noise)).astype(np.int16),
        "loud": np.clip(np.rint(20_000 * noise), -32_768, 32_767).astype(np.int16),
        "edges": np.where(at // 137 % 2, 32_767, -32_768).astype(np.int16),
        "silence": np.zeros(len(at), np.int16),
    }


def heard(frontend: Frontend, streams: NDArray[np.int16]) -> NDArray[np.int64]:
    """Return the features of streams, [streams, frames, 40], chunk by chunk."""
    tail = np.zeros((len(streams), TAIL_SAMPLES), np.int16)
    estimate = np.zeros((len(streams), BANDS), np.int64)
    found = []
    for start in range(0, streams.shape[1], CHUNK):
        samples = np.concatenate((tail, streams[:, start : start + CHUNK]), axis=1)
        found.append(frontend.features(samples, estimate, first=start == 0))
        tail = samples[:, -TAIL_SAMPLES:]
    return np.concatenate(found, axis=1)


@pytest.mark.parametrize("name", RECORDED)
def test_recorded_features(name: str) -> None:
    found = heard(Frontend(10), sounds()[name][np.newaxis])[0]
    assert found.shape == (CHUNKS * 8 - 2, BANDS)
    if name == "speech":
        assert found[100].tolist() == RECORDED_FRAME
    assert hashlib.sha256(found.astype("<u2").tobytes()).hexdigest() == RECORDED[name]


@pytest.mark.parametrize("step", [10, 20])
def test_streams_do_not_mix(step: int) -> None:
    frontend = Frontend(step)
    every = list(sounds().values())
    together = heard(frontend, np.stack(every))
    for one, expected in zip(every, together, strict=True):
        assert np.array_equal(heard(frontend, one[np.newaxis])[0], expected)


def test_frames_every_20_ms_are_those_of_their_samples() -> None:
    frontend = Frontend(20)
    sound = sounds()["speech"]
    found = heard(frontend, sound[np.newaxis])
    assert found.shape == (1, CHUNKS * 4 - 1, BANDS)
    # A frame of its own: without noise before it, only its own samples count.
    first = heard(frontend, sound[np.newaxis, :CHUNK])
    assert np.array_equal(found[:, :3], first)
