"""Real models and real voices for the wake engine's tests."""

from collections.abc import Callable, Mapping
import functools
from pathlib import Path
import shutil
import subprocess
import tempfile
import wave

import numpy as np
from numpy.typing import NDArray
import pytest

from custom_components.voice_privacy.wake.engine import WakeEngine

type Samples = NDArray[np.int16]
type Speak = Callable[..., Samples]

ROOT = Path(__file__).parents[2]
MODELS = ROOT / ".tools" / "models"
WAKE_WORDS = ("alexa", "hey_jarvis", "hey_mycroft", "hey_rhasspy")


def model_path(wake_word: str) -> Path:
    """Return where a published wake word's model lies."""
    return MODELS / f"{wake_word}_v0.1.onnx"


@pytest.fixture(scope="session")
def models() -> Path:
    """Return the folder with openWakeWord's models."""
    if not (MODELS / "embedding_model.onnx").exists():
        pytest.skip("openWakeWord's models are not in .tools/models (scripts/setup fetches them)")
    return MODELS


@pytest.fixture(scope="session")
def model_paths(models: Path) -> Mapping[str, Path]:
    """Return the published wake words' models by id."""
    return {wake_word: model_path(wake_word) for wake_word in WAKE_WORDS}


@pytest.fixture(scope="session")
def load_engine(models: Path) -> Callable[..., WakeEngine]:
    """Return a function that loads an engine for published wake words."""

    def load(*wake_words: str) -> WakeEngine:
        return WakeEngine.load(
            {wake_word: model_path(wake_word) for wake_word in wake_words},
            models / "melspectrogram.onnx",
            models / "embedding_model.onnx",
        )

    return load


@pytest.fixture(scope="session")
def speak() -> Speak:
    """Return a function that speaks a text with one of flite's voices, 16 kHz."""
    if shutil.which("flite") is None:
        pytest.skip("flite is not installed")

    @functools.cache
    def synthesize(text: str, voice: str = "slt") -> Samples:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "speech.wav"
            subprocess.run(["flite", "-voice", voice, "-t", text, "-o", str(path)], check=True, timeout=30)
            with wave.open(str(path)) as reader:
                assert (reader.getframerate(), reader.getnchannels()) == (16_000, 1)
                speech = np.frombuffer(reader.readframes(reader.getnframes()), "<i2").astype(np.int16)
        speech.setflags(write=False)
        return speech

    return synthesize


def quiet_noise(seconds: float, seed: int = 0) -> Samples:
    """Return the noise of a quiet room."""
    random = np.random.default_rng(seed)
    return random.normal(0, 20, int(seconds * 16_000)).astype(np.int16)


def with_noise_around(speech: Samples, before: float = 2.0, after: float = 1.5, seed: int = 0) -> Samples:
    """Return speech as a satellite would hear it: in a quiet room, with some time before and after."""
    noise = quiet_noise(before + after, seed)
    at = int(before * 16_000)
    return np.concatenate((noise[:at], speech, noise[at:]))


def chunks_of(samples: Samples) -> NDArray[np.int16]:
    """Return the whole chunks of a stream, [chunks, 1280]."""
    return samples[: len(samples) // 1280 * 1280].reshape(-1, 1280)


def scores_of(engine: WakeEngine, samples: Samples) -> NDArray[np.float32]:
    """Return the scores of a whole stream, [chunks, wake words]."""
    stream = engine.open_stream()
    try:
        return np.concatenate([engine.process([stream], chunk[np.newaxis]) for chunk in chunks_of(samples)])
    finally:
        engine.close_stream(stream)
