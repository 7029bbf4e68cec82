"""One thread hears every satellite: nothing is lost, doubled, late after a restart, or left running."""

from collections.abc import Callable, Iterator, Sequence
import threading
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
import pytest

from custom_components.voice_privacy.core.models import Detection
from custom_components.voice_privacy.wake.engine import WakeEngine
from custom_components.voice_privacy.wake.worker import (
    QUEUE_CHUNKS,
    THREAD_NAME,
    DetectionWorker,
    WakeWordSettings,
)

from .conftest import Samples, Speak, quiet_noise, scores_of, with_noise_around

ALEXA = WakeWordSettings(wake_word="alexa")
PATIENCE = 30.0


class FakeEngine:
    """An engine whose score of a chunk is its first sample in thousandths; it can be held and can fail."""

    def __init__(self, *wake_words: str) -> None:
        self.wake_words = wake_words or ("alexa",)
        self.open: set[int] = set()
        self.opened = 0
        self.restarted = 0
        self.batches: list[int] = []
        self.fail_at: set[int] = set()
        self.resting: set[int] = set()
        self.entered = threading.Event()
        self.may_go_on = threading.Event()
        self.may_go_on.set()

    def open_stream(self) -> int:
        self.opened += 1
        self.open.add(self.opened)
        return self.opened

    def close_stream(self, stream: int) -> None:
        self.open.remove(stream)

    def restart_stream(self, stream: int) -> None:
        assert stream in self.open
        self.restarted += 1

    def process(self, streams: Sequence[int], chunks: NDArray[np.int16]) -> NDArray[np.float32]:
        self.entered.set()
        assert self.may_go_on.wait(PATIENCE)
        assert set(streams) <= self.open
        assert chunks.shape == (len(streams), 1_280)
        first = chunks[:, 0]
        if self.fail_at.intersection(first.tolist()):
            raise RuntimeError("secret")
        self.batches.append(len(streams))
        return np.repeat(first[:, np.newaxis] / np.float32(1_000), len(self.wake_words), axis=1)

    def as_engine(self) -> WakeEngine:
        return cast(WakeEngine, self)


class Heard:
    """What a worker has reported."""

    def __init__(self) -> None:
        self.detections: list[tuple[str, Detection]] = []
        self.threads: set[str] = set()

    def __call__(self, stream_id: str, detection: Detection) -> None:
        self.detections.append((stream_id, detection))
        self.threads.add(threading.current_thread().name)

    @property
    def ends(self) -> list[int]:
        """Return where detections ended, in chunks."""
        return [detection.end_sample // 1_280 for _, detection in self.detections]


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def worker(heard: Heard) -> Iterator[DetectionWorker]:
    worker = DetectionWorker(heard)
    worker.start()
    yield worker
    worker.stop()
    assert THREAD_NAME not in {thread.name for thread in threading.enumerate()}


@pytest.fixture
def fake(worker: DetectionWorker) -> FakeEngine:
    engine = FakeEngine()
    worker.set_engine(engine.as_engine())
    return engine


def chunk(score: float) -> bytes:
    """Return a chunk to which the fake engine gives this score."""
    return np.full(1_280, round(score * 1_000), "<i2").tobytes()


def idle(worker: DetectionWorker) -> None:
    assert worker.wait_until_idle(PATIENCE)


def feed_in_pieces(worker: DetectionWorker, stream_id: str, samples: Samples, piece: int) -> None:
    """Feed a stream so that nothing is dropped, `piece` samples at a time."""
    waiting = 0
    for start in range(0, len(samples), piece):
        worker.feed(stream_id, samples[start : start + piece].astype("<i2").tobytes())
        waiting += piece
        if waiting >= 32_000:
            idle(worker)
            waiting = 0
    idle(worker)


@pytest.mark.parametrize("piece", [160, 333, 1_024, 1_280, 16_000])
def test_pieces_of_any_size_give_the_same_detections(
    worker: DetectionWorker, heard: Heard, load_engine: Callable[..., WakeEngine], speak: Speak, piece: int
) -> None:
    engine = load_engine("alexa", "hey_jarvis")
    samples = np.concatenate(
        [
            with_noise_around(speak("Alexa", "slt")),
            with_noise_around(speak("Alexa", "rms")),
            with_noise_around(speak("Hey Jarvis", "slt")),
        ]
    )
    scores = scores_of(engine, samples)
    first = int(np.argmax(scores[:, 0] >= 0.5))
    worker.set_engine(engine)
    worker.open_stream("kitchen", [ALEXA, WakeWordSettings(wake_word="hey_jarvis", threshold=0.6)])
    feed_in_pieces(worker, "kitchen", samples, piece)
    assert [(at, found.wake_word) for at, found in heard.detections] == [
        ("kitchen", "alexa"),
        ("kitchen", "alexa"),
        ("kitchen", "hey_jarvis"),
    ]
    assert heard.detections[0][1].end_sample == (first + 1) * 1_280
    assert heard.detections[0][1].score == pytest.approx(scores[first, 0])
    assert heard.detections[2][1].threshold == 0.6
    assert heard.threads == {THREAD_NAME}
    assert worker.statistics("kitchen").chunks_dropped == 0


def test_four_satellites_at_once_hear_what_each_hears_alone(
    worker: DetectionWorker, heard: Heard, load_engine: Callable[..., WakeEngine], speak: Speak
) -> None:
    engine = load_engine("alexa")
    worker.set_engine(engine)
    streams = {
        "a": with_noise_around(speak("Alexa", "slt"), before=2.0),
        "b": with_noise_around(speak("Alexa", "rms"), before=2.5),
        "c": quiet_noise(4.0),
        "d": with_noise_around(speak("Alexa", "awb"), before=1.0),
    }
    expected = {
        name: (int(np.argmax(scores_of(engine, samples)[:, 0] >= 0.5)) + 1) * 1_280
        for name, samples in streams.items()
        if name != "c"
    }
    for name in streams:
        worker.open_stream(name, [ALEXA])
    for start in range(0, 5 * 16_000, 16_000):
        for name, samples in streams.items():
            worker.feed(name, samples[start : start + 16_000].astype("<i2").tobytes())
        idle(worker)
    assert {name: found.end_sample for name, found in heard.detections} == expected
    assert len(heard.detections) == 3


def test_pending_chunks_of_all_streams_go_into_one_call(
    worker: DetectionWorker, heard: Heard, fake: FakeEngine
) -> None:
    fake.may_go_on.clear()
    names = [f"room {number}" for number in range(5)]
    for name in names:
        worker.open_stream(name, [ALEXA])
    worker.feed(names[0], chunk(0.1))
    assert fake.entered.wait(PATIENCE)
    for name in names:
        worker.feed(name, chunk(0.1) + chunk(0.9))
    fake.may_go_on.set()
    idle(worker)
    assert fake.batches == [1, 5, 5]
    assert {name: found.end_sample // 1_280 for name, found in heard.detections} == {
        name: 3 if name == names[0] else 2 for name in names
    }


def test_a_full_queue_loses_its_oldest_and_keeps_its_place(
    worker: DetectionWorker, heard: Heard, fake: FakeEngine
) -> None:
    worker.open_stream("kitchen", [ALEXA])
    fake.may_go_on.clear()
    worker.feed("kitchen", chunk(0.0))
    assert fake.entered.wait(PATIENCE)
    worker.feed("kitchen", chunk(0.9) + chunk(0.0) * (QUEUE_CHUNKS - 1))
    assert worker.statistics("kitchen").pending == QUEUE_CHUNKS
    worker.feed("kitchen", chunk(0.0) * 2 + chunk(0.8))
    statistics = worker.statistics("kitchen")
    assert (statistics.pending, statistics.chunks_dropped) == (QUEUE_CHUNKS, 3)
    fake.may_go_on.set()
    idle(worker)
    assert heard.ends == [1 + QUEUE_CHUNKS + 3]
    assert worker.statistics("kitchen").chunks_processed == 1 + QUEUE_CHUNKS


def test_lag_is_that_of_the_last_minute(worker: DetectionWorker, fake: FakeEngine) -> None:
    worker.open_stream("kitchen", [ALEXA])
    worker.open_stream("bedroom", [ALEXA])
    assert worker.statistics("kitchen").lag == 0.0
    fake.may_go_on.clear()
    worker.feed("kitchen", chunk(0.0))
    assert fake.entered.wait(PATIENCE)
    worker.feed("kitchen", chunk(0.0) * 30)
    fake.may_go_on.set()
    idle(worker)
    worker.feed("bedroom", chunk(0.0))
    idle(worker)
    assert worker.statistics("kitchen").lag >= 30 * 0.08
    assert 0.0 < worker.statistics("bedroom").lag < worker.statistics("kitchen").lag


def test_load_is_counted_for_the_streams_that_were_heard(worker: DetectionWorker, fake: FakeEngine) -> None:
    """A room that is quiet costs nothing, so the work is not its."""
    quiet, loud = "kitchen", "bedroom"
    for name in (quiet, loud):
        worker.open_stream(name, [ALEXA])
        worker.feed(name, chunk(0.0))
        idle(worker)
    before = worker.statistics(quiet).load
    assert before > 0.0
    fake.resting = {1}
    for _ in range(3):
        worker.feed(quiet, chunk(0.0))
        idle(worker)
        worker.feed(loud, chunk(0.0))
        idle(worker)
    assert worker.statistics(loud).load > 0.0
    whole = worker.statistics(quiet).load + worker.statistics(loud).load
    assert whole == pytest.approx(worker.load.share, rel=0.2)


def test_without_an_engine_audio_is_counted_and_forgotten(worker: DetectionWorker, heard: Heard) -> None:
    worker.open_stream("kitchen", [ALEXA])
    worker.feed("kitchen", chunk(0.9) * 100)
    statistics = worker.statistics("kitchen")
    assert (statistics.chunks_processed, statistics.chunks_dropped, statistics.pending) == (0, 100, 0)
    assert statistics.unknown_wake_words == ("alexa",)
    assert not worker.wake_words_available
    engine = FakeEngine()
    worker.set_engine(engine.as_engine())
    worker.feed("kitchen", chunk(0.9))
    idle(worker)
    assert heard.ends == [101]
    assert worker.wake_words_available == ("alexa",)
    assert worker.statistics("kitchen").unknown_wake_words == ()


def test_engines_are_swapped_while_they_run(worker: DetectionWorker, heard: Heard, fake: FakeEngine) -> None:
    worker.open_stream("kitchen", [ALEXA, WakeWordSettings(wake_word="hey_jarvis")])
    worker.feed("kitchen", chunk(0.9))
    idle(worker)
    other = FakeEngine("hey_jarvis")
    worker.set_engine(other.as_engine())
    worker.feed("kitchen", chunk(0.9))
    idle(worker)
    assert [found.wake_word for _, found in heard.detections] == ["alexa", "hey_jarvis"]
    assert heard.ends == [1, 2]
    assert not fake.open
    worker.set_engine(None)
    worker.feed("kitchen", chunk(0.9))
    idle(worker)
    assert not other.open
    assert worker.statistics("kitchen").chunks_dropped == 1
    worker.set_engine(fake.as_engine())
    worker.feed("kitchen", chunk(0.0))
    idle(worker)
    assert len(fake.open) == 1


def test_a_restart_forgets_everything(worker: DetectionWorker, heard: Heard, fake: FakeEngine) -> None:
    worker.open_stream("kitchen", [ALEXA])
    worker.feed("kitchen", chunk(0.7))
    idle(worker)
    (old,) = [found for _, found in heard.detections]
    assert worker.is_current("kitchen", old)
    worker.feed("kitchen", chunk(0.9)[:1_000])
    worker.restart_stream("kitchen")
    assert not worker.is_current("kitchen", old)
    assert worker.statistics("kitchen").scores == {"alexa": 0.0}
    worker.feed("kitchen", chunk(0.6))
    idle(worker)
    assert heard.ends == [1, 1]
    assert heard.detections[1][1].score == pytest.approx(0.6)
    assert worker.is_current("kitchen", heard.detections[1][1])
    assert fake.restarted == 1


def test_the_engine_forgets_at_once_when_a_stream_restarts(worker: DetectionWorker, fake: FakeEngine) -> None:
    for stream in ("kitchen", "hall"):
        worker.open_stream(stream, [ALEXA])
        worker.feed(stream, chunk(0.1))
    idle(worker)
    worker.restart_stream("kitchen")
    idle(worker)
    # No audio has come since.
    assert fake.restarted == 1
    worker.feed("kitchen", chunk(0.1))
    idle(worker)
    assert fake.restarted == 1


@pytest.mark.parametrize("action", ["restart_stream", "close_stream", "reopen"])
def test_what_is_under_way_during_a_restart_is_never_reported(
    worker: DetectionWorker, heard: Heard, fake: FakeEngine, action: str
) -> None:
    worker.open_stream("kitchen", [ALEXA])
    fake.may_go_on.clear()
    worker.feed("kitchen", chunk(0.9) * 3)
    assert fake.entered.wait(PATIENCE)
    if action == "reopen":
        worker.open_stream("kitchen", [ALEXA])
    else:
        getattr(worker, action)("kitchen")
    fake.may_go_on.set()
    idle(worker)
    assert heard.detections == []
    if action != "close_stream":
        worker.feed("kitchen", chunk(0.8))
        idle(worker)
        assert heard.ends == [1]


def test_closing_frees_the_engine_and_unknown_streams_are_ignored(
    worker: DetectionWorker, fake: FakeEngine
) -> None:
    worker.open_stream("kitchen", [ALEXA])
    worker.feed("kitchen", chunk(0.0))
    idle(worker)
    assert len(fake.open) == 1
    worker.close_stream("kitchen")
    worker.close_stream("kitchen")
    worker.restart_stream("kitchen")
    worker.feed("kitchen", chunk(0.9))
    worker.open_stream("hall", [ALEXA])
    worker.feed("hall", chunk(0.0))
    idle(worker)
    assert len(fake.open) == 1
    with pytest.raises(KeyError):
        worker.statistics("kitchen")


def test_unknown_wake_words_are_reported_and_ignored(
    worker: DetectionWorker, heard: Heard, fake: FakeEngine
) -> None:
    worker.open_stream("kitchen", [WakeWordSettings(wake_word="open_sesame"), ALEXA])
    worker.feed("kitchen", chunk(0.9))
    idle(worker)
    assert [found.wake_word for _, found in heard.detections] == ["alexa"]
    assert worker.statistics("kitchen").unknown_wake_words == ("open_sesame",)
    assert fake.batches == [1]


def test_scores_are_those_of_the_last_two_seconds(worker: DetectionWorker, fake: FakeEngine) -> None:
    worker.open_stream("kitchen", [ALEXA])
    worker.feed("kitchen", chunk(0.4) + chunk(0.1) * 24)
    idle(worker)
    assert worker.statistics("kitchen").scores == {"alexa": pytest.approx(0.4)}
    worker.feed("kitchen", chunk(0.1))
    idle(worker)
    assert worker.statistics("kitchen").scores == {"alexa": pytest.approx(0.1)}
    assert fake.batches == [1] * 26


def test_a_failing_stream_costs_only_itself(
    worker: DetectionWorker, heard: Heard, fake: FakeEngine, caplog: pytest.LogCaptureFixture
) -> None:
    fake.fail_at = {666}
    fake.may_go_on.clear()
    worker.open_stream("bad", [ALEXA])
    worker.open_stream("good", [ALEXA])
    worker.feed("bad", chunk(0.0))
    assert fake.entered.wait(PATIENCE)
    worker.feed("bad", chunk(0.666) * 3 + chunk(0.9))
    worker.feed("good", chunk(0.0) * 3 + chunk(0.9))
    fake.may_go_on.set()
    idle(worker)
    assert sorted((name, found.end_sample // 1_280) for name, found in heard.detections) == [
        ("bad", 5),
        ("good", 4),
    ]
    assert worker.statistics("bad").chunks_dropped == 3
    good = worker.statistics("good")
    assert (good.chunks_processed, good.chunks_dropped) == (4, 0)
    assert len(fake.open) == 2
    assert len([record for record in caplog.records if "wake engine failed" in record.message]) == 1
    assert "secret" not in caplog.text


def test_a_failing_receiver_does_not_end_the_thread(
    fake: FakeEngine, caplog: pytest.LogCaptureFixture
) -> None:
    calls: list[Any] = []

    def fail(stream_id: str, detection: Detection) -> None:
        calls.append(detection)
        raise RuntimeError("secret")

    worker = DetectionWorker(fail)
    worker.set_engine(fake.as_engine())
    worker.open_stream("kitchen", [WakeWordSettings(wake_word="alexa", refractory_seconds=0)])
    worker.start()
    worker.feed("kitchen", chunk(0.9) + chunk(0.0) + chunk(0.9))
    idle(worker)
    worker.stop()
    assert len(calls) == 2
    assert "secret" not in caplog.text


def test_stop_joins_and_may_be_repeated(heard: Heard) -> None:
    worker = DetectionWorker(heard)
    worker.stop()
    worker.start()
    worker.start()
    assert [thread.name for thread in threading.enumerate()].count(THREAD_NAME) == 1
    worker.stop()
    assert THREAD_NAME not in {thread.name for thread in threading.enumerate()}
    worker.stop()
    engine = FakeEngine()
    worker.set_engine(engine.as_engine())
    worker.open_stream("kitchen", [ALEXA])
    worker.feed("kitchen", chunk(0.9))
    worker.start()
    idle(worker)
    assert heard.ends == [1]
    worker.stop()
    assert not engine.open


def test_stop_leaves_pending_audio_unheard(heard: Heard) -> None:
    worker = DetectionWorker(heard)
    engine = FakeEngine()
    worker.set_engine(engine.as_engine())
    worker.open_stream("kitchen", [ALEXA])
    worker.start()
    engine.may_go_on.clear()
    worker.feed("kitchen", chunk(0.0) * 40 + chunk(0.9))
    assert engine.entered.wait(PATIENCE)
    stopper = threading.Thread(target=worker.stop)
    stopper.start()
    while not worker._stopping:
        pass
    engine.may_go_on.set()
    stopper.join(PATIENCE)
    assert not stopper.is_alive()
    assert engine.batches == [1]
    assert heard.detections == []


def test_feeding_does_not_wait_for_the_engine(worker: DetectionWorker, fake: FakeEngine) -> None:
    """The engine is held; everything that the event loop calls returns all the same."""
    worker.open_stream("kitchen", [ALEXA])
    fake.may_go_on.clear()
    worker.feed("kitchen", chunk(0.0))
    assert fake.entered.wait(PATIENCE)
    worker.feed("kitchen", chunk(0.0) * 10)
    worker.restart_stream("kitchen")
    worker.open_stream("hall", [ALEXA])
    worker.close_stream("hall")
    worker.set_engine(fake.as_engine())
    assert worker.statistics("kitchen").pending == 0
    fake.may_go_on.set()
    idle(worker)
