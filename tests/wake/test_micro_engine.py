"""microWakeWord models hear many streams, and both engines are one to their caller."""

from pathlib import Path
import time

import numpy as np
from numpy.typing import NDArray
import pytest

from custom_components.voice_privacy.core.errors import ModelFileInvalid, ModelFileMissing, UnsupportedModel
from custom_components.voice_privacy.core.models import Detection
from custom_components.voice_privacy.wake.engines import WakeEngines, load_engines, load_model
from custom_components.voice_privacy.wake.micro.engine import MicroEngine, MicroModel, calibrated
from custom_components.voice_privacy.wake.micro.frontend import BANDS, TAIL_SAMPLES, Frontend
from custom_components.voice_privacy.wake.micro.manifest import Manifest, parse_manifest
from custom_components.voice_privacy.wake.worker import DetectionWorker, WakeWordSettings
from tests.wake import micro_writer as mw

CHUNK = 1_280
MISSING = ModelFileMissing("no base files")


def put(folder: Path, name: str, seed: int = 1, **changes: object) -> Path:
    """Write a model and its manifest; return the model's path."""
    path = folder / f"{name}.tflite"
    path.write_bytes(mw.streaming_model(seed))
    path.with_suffix(".json").write_bytes(mw.manifest(**changes))
    return path


def speech(chunks: int, seed: int) -> NDArray[np.int16]:
    """Return noise whose level changes, [chunks, 1280]."""
    random = np.random.default_rng(seed)
    level = np.repeat(random.choice([5, 100, 2_000], chunks), CHUNK)
    sound: NDArray[np.int16] = np.rint(random.normal(0, 1, len(level)) * level).astype(np.int16)
    return sound.reshape(chunks, CHUNK)


def expected(chunks: NDArray[np.int16], seed: int, window: int, step: int = 10) -> list[float]:
    """Return the highest mean probability in each chunk, computed frame by frame."""
    frontend = Frontend(step)
    samples = chunks.reshape(-1)
    estimate = np.zeros((1, BANDS), np.int64)
    tail = np.zeros((1, TAIL_SAMPLES), np.int16)
    model, rows, outputs, found = mw.StepByStep(seed), [], [], []
    for start in range(0, len(samples), CHUNK):
        buffer = np.concatenate((tail, samples[np.newaxis, start : start + CHUNK]), axis=1)
        tail = buffer[:, -TAIL_SAMPLES:]
        best = 0.0
        for row in frontend.features(buffer, estimate, first=start == 0)[0].tolist():
            rows.append(row)
            if len(rows) == mw.ROWS:
                outputs.append(model.step(rows) / 256)
                rows = []
                if len(outputs) >= window:
                    best = max(best, sum(outputs[-window:]) / window)
        found.append(best)
    return found


def load(path: Path) -> MicroModel:
    model = load_model(path)
    assert isinstance(model, MicroModel)
    return model


@pytest.mark.parametrize("step", [10, 20])
@pytest.mark.parametrize("window", [1, 5, 10])
def test_streams_that_start_at_different_times(tmp_path: Path, window: int, step: int) -> None:
    model = load(put(tmp_path, "word", sliding_window_size=window, feature_step_size=step))
    engine = MicroEngine({"word": model})
    sounds = [speech(12, seed) for seed in range(9)]
    streams: dict[int, int] = {}
    found: dict[int, list[float]] = {number: [] for number in range(len(sounds))}
    for tick in range(11 + len(sounds)):
        if tick < len(sounds):
            streams[tick] = engine.open_stream()
        now = [number for number in streams if 0 <= tick - number < 12]
        chunks = np.stack([sounds[number][tick - number] for number in now])
        scores = engine.probabilities([streams[number] for number in now], chunks)
        for number, score in zip(now, scores[:, 0].tolist(), strict=True):
            found[number].append(score)
    for number, sound in enumerate(sounds):
        assert found[number] == pytest.approx(expected(sound, 1, window, step), abs=1e-6)


def test_a_restarted_stream_is_like_a_new_one(tmp_path: Path) -> None:
    engine = MicroEngine({"word": load(put(tmp_path, "word"))})
    stream, other = engine.open_stream(), engine.open_stream()
    sound = speech(6, 1)

    def heard(stream: int) -> list[float]:
        return [float(engine.process([stream], chunk[np.newaxis])[0, 0]) for chunk in sound]

    first = heard(stream)
    assert len(set(first)) > 2
    engine.restart_stream(stream)
    assert heard(stream) == first
    engine.close_stream(stream)
    assert heard(engine.open_stream()) == first == heard(other)


def test_refused_chunks_change_nothing(tmp_path: Path) -> None:
    engine = MicroEngine({"word": load(put(tmp_path, "word"))})
    stream, other = engine.open_stream(), engine.open_stream()
    for chunk in speech(5, 2):
        with pytest.raises(ValueError, match=r"1,280"):
            engine.process([stream], np.zeros((1, 1_000), np.int16))
        one = engine.process([stream], chunk[np.newaxis])
        assert np.array_equal(one, engine.process([other], chunk[np.newaxis]))


@pytest.mark.parametrize("cutoff", [0.05, 0.5, 0.85, 0.97])
def test_half_is_what_the_manifest_demands(cutoff: float) -> None:
    steps = np.linspace(0, 1, 1_281, dtype=np.float32)
    scores = calibrated(steps, cutoff)
    assert ((scores >= 0.5) == (steps > np.float32(cutoff))).all()
    assert (np.diff(scores) >= 0).all()
    assert (scores[0], scores[-1]) == (0, 1)


@pytest.mark.parametrize(
    ("raw", "found"),
    [
        (mw.manifest(), Manifest(cutoff=0.6, window=2)),
        (mw.manifest(feature_step_size=20), Manifest(cutoff=0.6, window=2, step=20)),
        (
            b'{"version": 1, "micro": {"probability_cutoff": 0.66, "sliding_window_average_size": 10}}',
            Manifest(cutoff=0.66, window=10, step=20),
        ),
        (b'{"micro": {}}', Manifest()),
        (b"\xef\xbb\xbf" + mw.manifest(probability_cutoff=0.5), Manifest(cutoff=0.5, window=2)),
    ],
)
def test_manifests(raw: bytes, found: Manifest) -> None:
    assert parse_manifest(raw) == found


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"<html>",
        b"[]",
        b"{}",
        b'{"micro": 1}',
        b'{"micro": {"probability_cutoff": NaN}}',
        b"[" * 100_000,
        b'{"micro": {}}' + b" " * 100_000,
        *(mw.manifest(probability_cutoff=value) for value in (0, 1, -1, 2, True, "0.5", None)),
        *(mw.manifest(sliding_window_size=value) for value in (0, -1, 101, 10**30, 2.5, True, "5", None)),
    ],
)
def test_damaged_manifests(raw: bytes) -> None:
    with pytest.raises(ModelFileInvalid):
        parse_manifest(raw)


def test_features_in_other_steps_are_refused() -> None:
    for step in (0, 15, -10, None, "10", [10]):
        with pytest.raises(UnsupportedModel):
            parse_manifest(mw.manifest(feature_step_size=step))


def test_a_model_without_manifest(tmp_path: Path) -> None:
    path = put(tmp_path, "word")
    path.with_suffix(".json").unlink()
    assert load(path).manifest == Manifest()


def test_an_unusable_model_costs_its_word_only(tmp_path: Path) -> None:
    good, old = put(tmp_path, "good"), put(tmp_path, "old", feature_step_size=20)
    damaged = put(tmp_path, "damaged")
    damaged.with_suffix(".json").write_bytes(b"{")
    page = tmp_path / "page.tflite"
    page.write_bytes(b"<!DOCTYPE html>")
    paths = {"good": good, "old": old, "damaged": damaged, "page": page, "gone": tmp_path / "gone.tflite"}
    engines = load_engines(paths, MISSING)
    assert engines.wake_words == ("good", "old")
    assert set(engines.unusable) == {"damaged", "page", "gone"}
    assert not engines.has_embeddings


def test_both_steps_in_one_engine(tmp_path: Path) -> None:
    engines = load_engines(
        {"fast": put(tmp_path, "fast"), "slow": put(tmp_path, "slow", feature_step_size=20)}, MISSING
    )
    stream = engines.open_stream()
    sound = speech(10, 3)
    scores = np.concatenate([engines.process([stream], chunk[np.newaxis]) for chunk in sound])
    for column, step in enumerate((10, 20)):
        raw = np.array(expected(sound, 1, 2, step), np.float32)
        assert scores[:, column] == pytest.approx(calibrated(raw, 0.6), abs=1e-6)
    with pytest.raises(LookupError):
        engines.embeddings(stream)


class Failing:
    """A part that fails at its second chunk."""

    wake_words = ("failing",)

    def __init__(self) -> None:
        """Start without streams."""
        self.restarted: list[int] = []
        self.calls = 0

    def open_stream(self) -> int:
        """Return a handle."""
        return 7

    def close_stream(self, stream: int) -> None:
        """Forget nothing."""

    def restart_stream(self, stream: int) -> None:
        """Note it."""
        self.restarted.append(stream)

    def process(self, streams: list[int], chunks: NDArray[np.int16]) -> NDArray[np.float32]:
        """Fail at the second call."""
        self.calls += 1
        if self.calls == 2:
            raise RuntimeError
        return np.zeros((len(streams), 1), np.float32)


def test_a_part_that_fails_leaves_no_stream_half_heard(tmp_path: Path) -> None:
    engine = MicroEngine({"word": load(put(tmp_path, "word"))})
    failing = Failing()
    engines = WakeEngines(None, [engine, failing])  # type: ignore[list-item]
    stream = engines.open_stream()
    sound = speech(5, 4)
    first = engines.process([stream], sound[:1])
    with pytest.raises(RuntimeError):
        engines.process([stream], sound[1:2])
    assert failing.restarted == [7]
    assert np.array_equal(engines.process([stream], sound[:1]), first)


def test_a_micro_word_wakes_like_any_other(tmp_path: Path) -> None:
    engines = load_engines({"word": put(tmp_path, "word", sliding_window_size=1)}, MISSING)
    sound = speech(40, 5)
    raw = np.array(expected(sound, 1, 1), np.float32)
    cutoff = float(np.unique(raw)[-3])
    engines = load_engines(
        {"word": put(tmp_path, "word", sliding_window_size=1, probability_cutoff=cutoff)}, MISSING
    )
    detections: list[Detection] = []
    worker = DetectionWorker(lambda _, detection: detections.append(detection))
    worker.start()
    try:
        worker.set_engine(engines)
        worker.open_stream("kitchen", [WakeWordSettings(wake_word="word", refractory_seconds=0.0)])
        worker.feed("kitchen", sound.tobytes() + bytes(2 * CHUNK * 8))
        assert worker.wait_until_idle(60)
        statistics = worker.statistics("kitchen")
    finally:
        worker.stop()
    crossing = [at for at, value in enumerate(raw) if value > np.float32(cutoff)]
    assert crossing
    assert detections
    assert detections[0].end_sample == (crossing[0] + 1) * CHUNK
    assert all(detection.score >= 0.5 == detection.threshold for detection in detections)
    # The level tells where the word began.
    assert all(detection.start_sample is not None for detection in detections)
    assert statistics.unknown_wake_words == ()


def test_costs_of_many_streams(tmp_path: Path) -> None:
    """Together, streams must not cost more than one by one."""
    engine = MicroEngine({"word": load(put(tmp_path, "word"))})
    streams = [engine.open_stream() for _ in range(16)]
    chunks = np.stack([speech(1, seed)[0] for seed in range(16)])

    def cost(together: bool) -> float:
        start = time.thread_time()
        for _ in range(10):
            if together:
                engine.process(streams, chunks)
            else:
                for at, stream in enumerate(streams):
                    engine.process([stream], chunks[at : at + 1])
        return time.thread_time() - start

    cost(together=True)
    assert min(cost(together=True) for _ in range(3)) < min(cost(together=False) for _ in range(3))
