"""The engine scores as the openwakeword library does, which needs glibc and so is not our engine."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final
import wave

import numpy as np
from numpy.typing import NDArray
import pytest

from custom_components.voice_privacy.wake.engine import QUIET_CHUNKS, WakeEngine

from .conftest import ROOT, WAKE_WORDS, Samples, Speak, chunks_of, scores_of, with_noise_around

pytestmark = [pytest.mark.oracle, pytest.mark.timeout(180)]

RECORDINGS: Final = ROOT.parent / "shared" / "audio"
"""Real recordings, where the checkout has them beside it."""

TOLERANCE: Final = 1e-4
PHRASES: Final = ("Alexa", "Hey Jarvis", "Hey Mycroft", "Hey Rhasspy", "Turn on the kitchen light")
VOICES: Final = ("slt", "rms", "awb", "kal16")
SIGNAL_TO_NOISE: Final = (30.0, 10.0, 0.0)
"""dB."""


class Oracle:
    """openwakeword's Model, started from the same embeddings of noise as our streams."""

    def __init__(self, models: Path, model_paths: Mapping[str, Path], start: NDArray[np.float32]) -> None:
        try:
            from openwakeword.model import Model  # noqa: PLC0415  # may be missing
        except ImportError as error:
            pytest.skip(f"openwakeword cannot be imported: {error}")
        self._model: Any = Model(
            [str(path) for path in model_paths.values()],
            inference_framework="onnx",
            melspec_model_path=str(models / "melspectrogram.onnx"),
            embedding_model_path=str(models / "embedding_model.onnx"),
        )
        self._names = [path.stem for path in model_paths.values()]
        self._start = start

    def scores_of(self, samples: Samples) -> NDArray[np.float32]:
        """Return the scores of a whole stream, [chunks, wake words]."""
        self._model.reset()
        self._model.preprocessor.feature_buffer = self._start.copy()
        rows = [self._model.predict(chunk) for chunk in chunks_of(samples)]
        return np.array([[row[name] for name in self._names] for row in rows], np.float32)


@pytest.fixture(scope="module")
def engine(models: Path, model_paths: Mapping[str, Path]) -> WakeEngine:
    return WakeEngine.load(model_paths, models / "melspectrogram.onnx", models / "embedding_model.onnx")


@pytest.fixture(scope="module")
def oracle(models: Path, model_paths: Mapping[str, Path], engine: WakeEngine) -> Oracle:
    stream = engine.open_stream()
    start = engine.embeddings(stream)
    engine.close_stream(stream)
    return Oracle(models, model_paths, start)


def mixed(speech: Samples, snr: float, seed: int) -> Samples:
    """Return speech in white noise, with some of the noise before and after."""
    random = np.random.default_rng(seed)
    silence = np.zeros(8_000)
    whole = np.concatenate((silence, silence, speech.astype(np.float64), silence))
    power = float(np.mean(np.square(speech.astype(np.float64))))
    noise = random.normal(0, np.sqrt(power / 10 ** (snr / 10)), len(whole))
    return np.asarray((whole + noise).clip(-32_768, 32_767), np.int16)


def recordings(kind: str) -> Iterator[Samples]:
    """Yield the recordings of a folder."""
    for path in sorted((RECORDINGS / kind).glob("*.wav")):
        with wave.open(str(path)) as reader:
            assert (reader.getframerate(), reader.getnchannels(), reader.getsampwidth()) == (16_000, 1, 2)
            yield np.frombuffer(reader.readframes(reader.getnframes()), "<i2").astype(np.int16)


def test_synthetic_speech_in_noise(engine: WakeEngine, oracle: Oracle, speak: Speak) -> None:
    clips = [
        mixed(speak(phrase, voice), snr, seed)
        for seed, snr in enumerate(SIGNAL_TO_NOISE)
        for phrase in PHRASES
        for voice in VOICES
    ]
    assert len(clips) == 60
    worst = np.zeros(len(WAKE_WORDS), np.float32)
    best = np.zeros(len(WAKE_WORDS), np.float32)
    for clip in clips:
        ours = scores_of(engine, clip)
        worst = np.maximum(worst, np.abs(ours - oracle.scores_of(clip))[QUIET_CHUNKS:].max(axis=0))
        best = np.maximum(best, ours.max(axis=0))
    # Without high scores a comparison would prove little.
    assert best[:2].min() > 0.9
    assert worst.max() <= TOLERANCE, f"the scores differ by {worst}"


@pytest.mark.skipif(not RECORDINGS.exists(), reason="there are no recordings beside the checkout")
@pytest.mark.parametrize(("kind", "at_least", "at_most"), [("alexa", 58, 60), ("other", 0, 0)])
def test_real_recordings(engine: WakeEngine, oracle: Oracle, kind: str, at_least: int, at_most: int) -> None:
    detected = 0
    worst = 0.0
    clips = list(recordings(kind))
    assert len(clips) == (60 if kind == "alexa" else 40)
    for seed, clip in enumerate(clips):
        samples = with_noise_around(clip, seed=seed)
        ours = scores_of(engine, samples)
        worst = max(worst, float(np.abs(ours - oracle.scores_of(samples))[QUIET_CHUNKS:].max()))
        detected += bool(ours[:, 0].max() >= 0.5)
    assert at_least <= detected <= at_most
    assert worst <= TOLERANCE
