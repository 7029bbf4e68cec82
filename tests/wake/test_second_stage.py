"""The second look at a wake: what it drops never becomes a detection, and its faults make nobody deaf."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

import numpy as np
import pytest

from custom_components.voice_privacy.core.score_history import ScorePeak
from custom_components.voice_privacy.wake.engine import WakeEngine
from custom_components.voice_privacy.wake.second_stage import PeakTracker, stands_out
from custom_components.voice_privacy.wake.verifier import Verifier
from custom_components.voice_privacy.wake.worker import DetectionWorker, WakeWordSettings

from .conftest import Samples, Speak, quiet_noise, with_noise_around
from .test_worker import ALEXA, FakeEngine, Heard, chunk, feed_in_pieces, idle

BELIEVES: Final = Verifier(wake_word="alexa", weights=np.zeros(1_536, np.float32), bias=5.0)
DOUBTS: Final = Verifier(wake_word="alexa", weights=np.zeros(1_536, np.float32), bias=-5.0)


class EmbeddingEngine(FakeEngine):
    """The fake engine, with embeddings that count how often they were asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = 0

    def embeddings(self, stream: int) -> np.ndarray[Any, np.dtype[np.float32]]:
        assert stream in self.open
        self.asked += 1
        return np.ones((16, 96), np.float32)


class Peaks:
    """What a worker has told of."""

    def __init__(self) -> None:
        self.told: list[tuple[str, ScorePeak]] = []

    def __call__(self, stream_id: str, peak: ScorePeak) -> None:
        self.told.append((stream_id, peak))


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def peaks() -> Peaks:
    return Peaks()


@pytest.fixture
def worker(heard: Heard, peaks: Peaks) -> Iterator[DetectionWorker]:
    worker = DetectionWorker(heard, peaks)
    worker.start()
    yield worker
    worker.stop()


@pytest.fixture
def engine(worker: DetectionWorker) -> EmbeddingEngine:
    engine = EmbeddingEngine()
    worker.set_engine(engine.as_engine())
    return engine


def say(worker: DetectionWorker, stream_id: str, *scores: float) -> None:
    worker.feed(stream_id, b"".join(map(chunk, scores)))
    idle(worker)


def test_what_the_verifier_doubts_is_no_detection(
    worker: DetectionWorker, heard: Heard, engine: EmbeddingEngine, peaks: Peaks
) -> None:
    worker.open_stream("kitchen", [ALEXA])
    worker.set_verifiers({(None, "alexa"): DOUBTS})
    say(worker, "kitchen", 0.1, 0.4)
    assert engine.asked == 0
    say(worker, "kitchen", 0.9, 0.7, *[0.0] * 10)
    assert engine.asked == 2
    assert heard.detections == []
    assert worker.statistics("kitchen").rejected == 1
    worker.set_verifiers({})
    say(worker, "kitchen", 0.9)
    assert heard.ends == [15]
    assert engine.asked == 2
    (told,) = peaks.told
    assert told[1].score == pytest.approx(0.9)
    assert (told[1].woke, told[1].rejected) == (False, True)


def test_a_later_chunk_may_convince_the_verifier(
    worker: DetectionWorker, heard: Heard, engine: EmbeddingEngine, peaks: Peaks
) -> None:
    """The word may not be over when its score crosses: it is asked again with every chunk above."""
    worker.open_stream("kitchen", [ALEXA])
    worker.set_verifiers({(None, "alexa"): DOUBTS})
    say(worker, "kitchen", 0.6)
    worker.set_verifiers({(None, "alexa"): BELIEVES})
    say(worker, "kitchen", 0.8, *[0.0] * 10)
    assert heard.ends == [2]
    assert heard.detections[0][1].score == pytest.approx(0.8)
    assert worker.statistics("kitchen").rejected == 0
    assert [(peak.woke, peak.rejected) for _, peak in peaks.told] == [(True, False)]


def test_a_satellite_has_its_own_verifier_before_that_of_the_house(
    worker: DetectionWorker, heard: Heard, engine: EmbeddingEngine
) -> None:
    worker.set_verifiers(
        {(None, "alexa"): DOUBTS, ("kitchen", "alexa"): BELIEVES, ("hall", "hey_jarvis"): BELIEVES}
    )
    for room in ("kitchen", "hall"):
        worker.open_stream(room, [ALEXA])
        say(worker, room, 0.9)
    assert [room for room, _ in heard.detections] == ["kitchen"]


def test_a_verifier_that_fails_makes_nobody_deaf(
    worker: DetectionWorker, heard: Heard, engine: EmbeddingEngine, caplog: pytest.LogCaptureFixture
) -> None:
    broken = Verifier(wake_word="alexa", weights=np.zeros(7, np.float32), bias=0.0)
    worker.open_stream("kitchen", [WakeWordSettings(wake_word="alexa", refractory_seconds=0)])
    worker.set_verifiers({(None, "alexa"): broken})
    say(worker, "kitchen", 0.9, 0.0, 0.9)
    assert heard.ends == [1, 3]
    assert len([record for record in caplog.records if "second look" in record.message]) == 1


def test_a_near_miss_is_told_once_and_nothing_below(
    worker: DetectionWorker, heard: Heard, engine: EmbeddingEngine, peaks: Peaks
) -> None:
    worker.open_stream("kitchen", [ALEXA])
    say(worker, "kitchen", 0.1, 0.19, *[0.0] * 8, 0.3, 0.1, 0.42, 0.25, *[0.0] * 5)
    assert peaks.told == []
    say(worker, "kitchen", 0.0)
    ((room, peak),) = peaks.told
    assert room == "kitchen"
    assert peak == ScorePeak(
        wake_word="alexa",
        score=peak.score,
        threshold=0.5,
        end_sample=13 * 1_280,
        generation=peak.generation,
        woke=False,
        rejected=False,
    )
    assert peak.score == pytest.approx(0.42)


def test_a_restart_forgets_a_peak_that_is_not_over(
    worker: DetectionWorker, engine: EmbeddingEngine, peaks: Peaks
) -> None:
    worker.open_stream("kitchen", [ALEXA])
    say(worker, "kitchen", 0.4)
    worker.restart_stream("kitchen")
    say(worker, "kitchen", *[0.0] * 10)
    assert peaks.told == []


def test_a_failing_receiver_of_peaks_does_not_end_the_thread(
    engine: EmbeddingEngine, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(stream_id: str, peak: ScorePeak) -> None:
        raise RuntimeError("secret")

    heard = Heard()
    worker = DetectionWorker(heard, fail)
    worker.set_engine(EmbeddingEngine().as_engine())
    worker.open_stream("kitchen", [ALEXA])
    worker.start()
    say(worker, "kitchen", 0.4, *[0.0] * 8, 0.9)
    worker.stop()
    assert heard.ends == [10]
    assert "secret" not in caplog.text


def tracked(scores: Sequence[float]) -> list[ScorePeak]:
    tracker = PeakTracker("alexa")
    found = [
        tracker.process(score, at, 1, threshold=0.5, woke=score >= 0.5, rejected=False)
        for at, score in enumerate(scores)
    ]
    return [peak for peak in found if peak is not None]


def test_peaks_are_told_apart_by_a_pause() -> None:
    assert [peak.score for peak in tracked([0.3, 0, 0, 0.6, *[0] * 6, 0.4, *[0] * 6])] == [0.6, 0.4]
    assert tracked([float("nan"), *[0.0] * 10]) == []


# --- the level -----------------------------------------------------------------------------------


def split(samples: Samples) -> list[bytes]:
    return [samples[at : at + 1_280].astype("<i2").tobytes() for at in range(0, len(samples) - 1_279, 1_280)]


def test_a_word_stands_out_and_a_fan_does_not(speak: Speak) -> None:
    spoken = with_noise_around(speak("Alexa", "slt"), before=2.0, after=0.1)
    assert stands_out(split(spoken))
    fan = np.random.default_rng(1).normal(0, 3_000, 40_000).astype(np.int16)
    assert not stands_out(split(fan))
    assert not stands_out(split(quiet_noise(3.0)))
    assert not stands_out(split(np.zeros(40_000, np.int16)))


def test_a_word_of_long_ago_does_not_count(speak: Speak) -> None:
    spoken = with_noise_around(speak("Alexa", "slt"), before=0.5, after=1.5)
    assert not stands_out(split(spoken)[:-1])


def test_at_the_start_of_a_stream_nothing_is_known() -> None:
    assert stands_out([bytes(2_560)] * 7)


def test_steady_noise_that_scores_wakes_nobody(
    worker: DetectionWorker, heard: Heard, engine: EmbeddingEngine
) -> None:
    worker.open_stream("kitchen", [WakeWordSettings(wake_word="alexa", check_level=True)])
    say(worker, "kitchen", *[0.6] * 20)
    assert heard.ends == [1], "at the start of the stream, of which nothing is known"
    worker.open_stream("hall", [WakeWordSettings(wake_word="alexa", check_level=True)])
    say(worker, "hall", *[0.4] * 10, *[0.6] * 10)
    assert [room for room, _ in heard.detections] == ["kitchen"]
    say(worker, "hall", *[0.01] * 10, 0.9)
    assert [room for room, _ in heard.detections] == ["kitchen", "hall"]


def test_a_restart_forgets_the_room(worker: DetectionWorker, heard: Heard, engine: EmbeddingEngine) -> None:
    worker.open_stream("kitchen", [WakeWordSettings(wake_word="alexa", check_level=True)])
    say(worker, "kitchen", *[0.4] * 10, 0.6)
    assert heard.detections == []
    worker.restart_stream("kitchen")
    say(worker, "kitchen", 0.6)
    assert heard.ends == [1]


def test_a_real_word_passes_the_look_at_its_level(
    worker: DetectionWorker, heard: Heard, load_engine: Callable[..., WakeEngine], speak: Speak
) -> None:
    worker.set_engine(load_engine("alexa"))
    worker.open_stream("kitchen", [WakeWordSettings(wake_word="alexa", check_level=True)])
    feed_in_pieces(worker, "kitchen", with_noise_around(speak("Alexa", "slt")), 1_280)
    assert [found.wake_word for _, found in heard.detections] == ["alexa"]


def test_a_wake_and_a_near_miss_carry_the_scores_around_them(
    worker: DetectionWorker, heard: Heard, engine: EmbeddingEngine, peaks: Peaks
) -> None:
    worker.open_stream("kitchen", [ALEXA])
    say(worker, "kitchen", *[0.0] * 30, 0.1, 0.3, 0.7)
    ((_, detection),) = heard.detections
    assert detection.trace is not None
    assert detection.trace.scores == (*[0.0] * 22, 0.1, 0.3, 0.7)
    assert detection.trace.filter_score is None
    # Of its own past only, not of what was before a restart.
    worker.restart_stream("kitchen")
    say(worker, "kitchen", 0.2, 0.45, 0.25, *[0.05] * 6)
    ((_, peak),) = peaks.told
    assert peak.trace is not None
    assert peak.trace.scores == (0.2, 0.45, 0.25, *[0.05] * 6)
    assert "0.45" not in repr(peak).replace("score=0.45", "")


def test_scores_are_of_one_piece_of_sound(
    worker: DetectionWorker, heard: Heard, engine: EmbeddingEngine
) -> None:
    """What came before a chunk that was dropped is left out: the steps of the line are 80 ms."""
    worker.open_stream("kitchen", [ALEXA])
    say(worker, "kitchen", 0.1, 0.2)
    engine.fail_at = {333}
    say(worker, "kitchen", 0.333)
    engine.fail_at = set()
    say(worker, "kitchen", 0.4, 0.9)
    ((_, detection),) = heard.detections
    assert detection.trace is not None
    assert detection.trace.scores == (0.4, 0.9)


def test_the_score_of_the_verifier_is_told_with_the_others(
    worker: DetectionWorker, heard: Heard, engine: EmbeddingEngine, peaks: Peaks
) -> None:
    worker.open_stream("kitchen", [ALEXA])
    worker.set_verifiers({(None, "alexa"): DOUBTS})
    say(worker, "kitchen", 0.6, *[0.0] * 8)
    worker.set_verifiers({(None, "alexa"): BELIEVES})
    say(worker, "kitchen", 0.8, *[0.0] * 8)
    worker.set_verifiers({})
    say(worker, "kitchen", 0.3, *[0.0] * 8)
    told = [peak.trace.filter_score for _, peak in peaks.told if peak.trace is not None]
    assert len(told) == 3
    assert told[0] is not None
    assert told[1] is not None
    assert told[0] < 0.5 < told[1]
    assert told[2] is None
    ((_, detection),) = heard.detections
    assert detection.trace is not None
    assert detection.trace.filter_score == told[1]
