"""Where a wake word begins in running speech: none of it is cut, and little remains from before it."""

from collections.abc import Callable, Iterator
import itertools
import threading
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
import pytest

from custom_components.voice_privacy.core.models import Detection
from custom_components.voice_privacy.wake.engine import WakeEngine
from custom_components.voice_privacy.wake.word_start import find_drop, find_start
from custom_components.voice_privacy.wake.worker import DetectionWorker, WakeWordSettings

from .conftest import Samples, Speak, chunks_of, quiet_noise, scores_of

PHRASES = {"alexa": "Alexa", "hey_jarvis": "Hey Jarvis", "hey_rhasspy": "Hey Rhasspy"}
SPOKEN = [
    ("alexa", "slt"), ("alexa", "awb"), ("alexa", "rms"), ("hey_jarvis", "slt"), ("hey_jarvis", "rms"),
    ("hey_rhasspy", "slt"), ("hey_rhasspy", "awb"),
]  # fmt: skip
SENTENCES = (
    "nobody knows that I lost my job last week",
    "I have to pay the rent today",
    "the doctor said that he should come back on Thursday",
)
MOST_KEPT = 0.2
"""Seconds of what was said before that may remain."""

LEVEL = 3_000.0


def spoken(speak: Speak, text: str, voice: str) -> Samples:
    """Return a sentence from its first to its last sound, at a level that all have."""
    samples = speak(text, voice).astype(np.float64)
    frames = samples[: len(samples) // 160 * 160].reshape(-1, 160)
    power = np.mean(frames**2, axis=1)
    loud = np.flatnonzero(power >= power.max() / 2_000)
    part = samples[loud[0] * 160 : (loud[-1] + 1) * 160]
    found: Samples = (part * LEVEL / np.sqrt(np.mean(power[power > power.max() / 100]))).astype(np.int16)
    return found


def mixed(*parts: NDArray[Any], room: float = 20.0) -> Samples:
    """Return sounds one after the other, in a room."""
    whole = np.concatenate(parts).astype(np.float64)
    whole += np.random.default_rng(1).normal(0, room, len(whole))
    heard: Samples = whole.round().clip(-32_768, 32_767).astype(np.int16)
    return heard


@pytest.fixture
def detect(load_engine: Callable[..., WakeEngine]) -> Iterator[Callable[..., Detection | None]]:
    """Return a function that returns the first detection in a stream, as the worker reports it."""
    found: list[Detection] = []
    worker = DetectionWorker(lambda _, detection: found.append(detection))
    worker.start()

    def detection(samples: Samples, settings: WakeWordSettings) -> Detection | None:
        found.clear()
        worker.set_engine(load_engine(settings.wake_word))
        worker.open_stream("kitchen", [settings])
        for part in itertools.batched(chunks_of(samples), 20, strict=False):
            worker.feed("kitchen", np.concatenate(part).astype("<i2").tobytes())
            assert worker.wait_until_idle(60)
        return found[0] if found else None

    yield detection
    worker.stop()


@pytest.mark.parametrize("sentence", SENTENCES)
@pytest.mark.parametrize(("wake_word", "voice"), SPOKEN)
def test_running_speech_before_a_wake_word_is_left_out(
    detect: Callable[..., Detection | None], speak: Speak, wake_word: str, voice: str, sentence: str
) -> None:
    before = mixed(quiet_noise(1.5), spoken(speak, sentence, "rms" if voice == "slt" else "slt"))
    samples = mixed(before, spoken(speak, PHRASES[wake_word], voice), quiet_noise(1.0))
    found = detect(samples, WakeWordSettings(wake_word=wake_word, threshold=0.1))
    assert found is not None
    assert found.start_sample is not None
    kept = (len(before) - found.start_sample) / 16_000
    assert -0.005 <= kept <= MOST_KEPT


@pytest.mark.parametrize("threshold", [0.2, 0.95])
@pytest.mark.parametrize("trigger_level", [1, 3])
@pytest.mark.parametrize("pause", [0.0, 0.1, 0.5, 1.5])
def test_whenever_it_is_detected_and_however_long_the_pause(
    detect: Callable[..., Detection | None], speak: Speak, threshold: float, trigger_level: int, pause: float
) -> None:
    before = mixed(quiet_noise(1.5), spoken(speak, SENTENCES[0], "rms"), quiet_noise(pause))
    samples = mixed(before, spoken(speak, "Alexa", "slt"), quiet_noise(1.0))
    settings = WakeWordSettings(wake_word="alexa", threshold=threshold, trigger_level=trigger_level)
    found = detect(samples, settings)
    assert found is not None
    assert found.start_sample is not None
    assert -0.005 <= (len(before) - found.start_sample) / 16_000 <= MOST_KEPT


@pytest.mark.parametrize("level", [0.1, 4.0])
@pytest.mark.parametrize("room", [2.0, 60.0])
def test_at_any_level(
    detect: Callable[..., Detection | None], speak: Speak, level: float, room: float
) -> None:
    speech = spoken(speak, SENTENCES[1], "rms") * level
    word = spoken(speak, "Alexa", "slt") * level
    before = np.concatenate((np.zeros(24_000), speech))
    samples = mixed(before, word, np.zeros(16_000), room=room * min(level, 1))
    found = detect(samples, WakeWordSettings(wake_word="alexa"))
    assert found is not None
    assert found.start_sample is not None
    assert -0.005 <= (len(before) - found.start_sample) / 16_000 <= MOST_KEPT


def test_a_stream_that_has_just_begun(detect: Callable[..., Detection | None], speak: Speak) -> None:
    before = quiet_noise(0.4)
    samples = mixed(before, spoken(speak, "Alexa", "slt"), quiet_noise(1.0))
    found = detect(samples, WakeWordSettings(wake_word="alexa"))
    assert found is not None
    assert found.start_sample is not None
    assert -0.005 <= (len(before) - found.start_sample) / 16_000 <= MOST_KEPT


def test_looking_for_a_start_does_not_disturb_the_streams(
    load_engine: Callable[..., WakeEngine], speak: Speak
) -> None:
    engine = load_engine("alexa", "hey_jarvis")
    samples = mixed(quiet_noise(2.0), spoken(speak, "Alexa", "slt"), quiet_noise(0.8))
    undisturbed = scores_of(engine, samples)
    stream = engine.open_stream()
    heard = []
    for at, chunk in enumerate(chunks_of(samples)):
        heard.append(engine.process([stream], chunk[np.newaxis]))
        if at % 7 == 6:
            pcm = chunks_of(samples)[max(0, at - 24) : at + 1].astype("<i2").tobytes()
            find_start(engine, "alexa", 0.9, pcm)
    np.testing.assert_array_equal(np.concatenate(heard), undisturbed)


def test_the_same_audio_has_always_the_same_start(
    load_engine: Callable[..., WakeEngine], speak: Speak
) -> None:
    samples = mixed(quiet_noise(1.0), spoken(speak, SENTENCES[2], "awb"), spoken(speak, "Alexa", "slt"))
    pcm = chunks_of(samples[-25 * 1_280 :]).astype("<i2").tobytes()
    starts = {find_start(load_engine("alexa"), "alexa", 0.9, pcm) for _ in range(2)}
    engine = load_engine("hey_jarvis", "alexa")
    engine.process([engine.open_stream()], np.full((1, 1_280), 9_000, np.int16))
    starts.add(find_start(engine, "alexa", 0.9, pcm))
    assert len(starts) == 1


class OneScore:
    """An engine for which all audio has the same score, or which fails."""

    wake_words = ("alexa",)

    def __init__(self, score: float, error: Exception | None = None) -> None:
        self.asked = 0
        self._score = score
        self._error = error

    def scores_from(self, wake_word: str, pcm: bytes, starts: list[int]) -> list[float]:
        self.asked += len(starts)
        assert all(0 <= start < len(pcm) // 2 for start in starts)
        if self._error is not None:
            raise self._error
        return [self._score for _ in starts]

    def changes(self, pcm: bytes) -> list[float]:
        return [0.0] * (len(pcm) // 320)

    def open_stream(self) -> int:
        return 1

    def close_stream(self, stream: int) -> None:
        pass

    def process(self, streams: list[int], chunks: Any) -> Any:
        return np.full((len(streams), 1), self._score if chunks.any() else 0.0, np.float32)


@pytest.mark.parametrize("score", [0.0, 0.2, 1.0])
@pytest.mark.parametrize("count", [1, 4, 25])
def test_a_model_that_does_not_depend_on_the_word_ends_in_bounded_time(score: float, count: int) -> None:
    engine = OneScore(score)
    pcm = bytes(2_560 * count)
    drop = find_drop(cast(WakeEngine, engine), "alexa", 0.5, pcm)
    assert engine.asked <= 12
    assert (drop is None) == (score == 0.0)
    assert drop is None or 0 <= drop <= len(pcm) // 2


@pytest.mark.parametrize("engine", [OneScore(0.9), OneScore(0.9, RuntimeError("secret"))])
def test_a_detection_is_reported_whatever_becomes_of_its_start(
    engine: OneScore, caplog: pytest.LogCaptureFixture
) -> None:
    found: list[Detection] = []
    threads: set[str] = set()

    def heard(_: str, detection: Detection) -> None:
        found.append(detection)
        threads.add(threading.current_thread().name)

    worker = DetectionWorker(heard)
    worker.set_engine(cast(WakeEngine, engine))
    worker.start()
    try:
        worker.open_stream("kitchen", [WakeWordSettings(wake_word="alexa")])
        worker.feed("kitchen", bytes(2_560 * 12) + b"\x40\x1f" * 1_280)
        assert worker.wait_until_idle(30)
    finally:
        worker.stop()
    (detection,) = found
    assert detection.start_sample is not None
    assert 0 <= detection.start_sample <= detection.end_sample == 13 * 1_280
    assert "secret" not in caplog.text
