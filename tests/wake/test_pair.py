"""A word that both engines hear: one score, as if both always listened, and either ear may fail."""

from collections.abc import Callable, Sequence
import math
from pathlib import Path
from typing import Any

from hypothesis import given, strategies as st
import numpy as np
from numpy.typing import NDArray
import pytest

from custom_components.voice_privacy.core.errors import ModelFileInvalid, ModelFileMissing
from custom_components.voice_privacy.wake.engine import WakeEngine
from custom_components.voice_privacy.wake.engines import WakeEngines, load_engines
from custom_components.voice_privacy.wake.pair import (
    DOUBT,
    HOLD_CHUNKS,
    LEAST,
    MAX_CATCH_UP,
    SecondEar,
    pair_score,
)
from tests.wake import micro_writer as mw, onnx_writer as ow
from tests.wake.conftest import Speak, chunks_of, quiet_noise, with_noise_around

CHUNK = 1_280
CONTEXT = 26
"""Chunks after which an engine that has heard nothing before scores like one that has."""


def expected_score(first: float, second: float) -> float:
    """Return the score of the pair, in plain numbers."""

    def log_odds(score: float) -> float:
        score = min(max(0.0 if math.isnan(score) else score, LEAST), 1 - LEAST)
        return math.log(score / (1 - score))

    return 1 / (1 + math.exp(-((log_odds(first) + log_odds(second)) / 2 + 1.5)))


def expected_scores(first: Sequence[float], second: Sequence[float]) -> list[float]:
    """Return the scores of a pair of which both always listen."""
    found = []
    for at in range(len(first)):
        since = max(0, at - HOLD_CHUNKS)
        highest = max(first[since : at + 1])
        heard = max(second[since : at + 1]) if highest >= np.float32(DOUBT) else 0.0
        found.append(expected_score(highest, heard))
    return found


class Ears:
    """An engine of openWakeWord whose score is the loudest sample of the chunk CONTEXT - 1 chunks ago, in thousandths.

    So a score is right only if that much was heard.
    """

    history_frames = 16

    def __init__(self, words: Sequence[str] = ("word",)) -> None:
        self.wake_words = tuple(words)
        self.streams: dict[int, list[float]] = {}
        self.calls: list[int] = []
        self.fails: Callable[[NDArray[np.int16]], bool] = lambda chunk: False

    def open_stream(self) -> int:
        stream = next(number for number in range(1_000) if number not in self.streams)
        self.streams[stream] = []
        return stream

    def close_stream(self, stream: int) -> None:
        del self.streams[stream]

    def process(self, streams: Sequence[int], chunks: NDArray[np.int16]) -> NDArray[np.float32]:
        assert chunks.shape == (len(streams), CHUNK)
        if any(self.fails(chunk) for chunk in chunks):
            raise MemoryError
        self.calls.append(len(streams))
        scores = np.zeros((len(streams), len(self.wake_words)), np.float32)
        for row, (stream, chunk) in enumerate(zip(streams, chunks, strict=True)):
            heard = self.streams[stream]
            heard.append(float(np.abs(chunk).max()) / 1_000)
            scores[row] = heard[-CONTEXT] if len(heard) >= CONTEXT else 0.0
        return scores

    def embeddings(self, stream: int) -> NDArray[np.float32]:
        heard = self.streams[stream][-CONTEXT:]
        return np.array([0.0] * (CONTEXT - len(heard)) + heard, np.float32)

    def scores_from(self, wake_word: str, pcm: bytes, starts: Sequence[int]) -> list[float]:
        return [len(pcm) + start / 1e6 for start in starts]


def ear(engine: Ears) -> SecondEar:
    return SecondEar(engine)  # type: ignore[arg-type]


def chunk(level: float) -> NDArray[np.int16]:
    """Return a chunk for which Ears will score as much."""
    return np.full(CHUNK, round(level * 1_000), np.int16)


SCORES = st.floats(0, 1, width=32)


@given(first=SCORES, second=SCORES)
def test_the_score_is_what_the_rule_says(first: float, second: float) -> None:
    assert pair_score(first, second) == pytest.approx(expected_score(first, second), abs=1e-5)


@given(first=st.floats(allow_nan=False), second=st.floats(allow_nan=False))
def test_the_score_is_never_outside(first: float, second: float) -> None:
    assert 0 <= pair_score(first, second) <= 1


@given(first=SCORES, second=SCORES, more=SCORES)
def test_the_score_grows_with_each_ear(first: float, second: float, more: float) -> None:
    assert pair_score(max(first, more), second) >= pair_score(first, second)
    assert pair_score(first, max(second, more)) >= pair_score(first, second)


def test_neither_ear_decides_alone_unless_it_is_very_sure() -> None:
    assert pair_score(0.9, 0.0) < 0.5 > pair_score(0.0, 0.9)
    assert pair_score(0.3, 0.3) > 0.5
    assert pair_score(0.5, 0.06) > 0.5
    assert pair_score(0.1, 0.1) < 0.5


@given(
    heard=st.lists(
        st.tuples(
            st.sampled_from([0.0, 0.005, 0.2, 0.9]), st.sampled_from([0.0, 0.004, 0.02, 0.1, 0.6, 1.0])
        ),
        max_size=80,
    ),
    quiet=st.integers(0, 60),
)
def test_a_lazy_ear_scores_like_one_that_always_listens(heard: list[tuple[float, float]], quiet: int) -> None:
    engine = Ears()
    second = ear(engine)
    second.open_stream(7)
    sounds = [(0.3, 0.0)] * quiet + heard
    levels = [level for level, _ in sounds]
    first = [score for _, score in sounds]
    found = [
        float(second.process([7], chunk(level)[np.newaxis], np.array([[score]], np.float32))[0, 0])
        for level, score in sounds
    ]
    always = [0.0] * (CONTEXT - 1) + levels
    assert found == pytest.approx(expected_scores(first, always[: len(levels)]), abs=1e-5)


def test_nothing_is_heard_without_doubt() -> None:
    engine = Ears()
    second = ear(engine)
    second.open_stream(0)
    for _ in range(100):
        scores = second.process([0], chunk(1)[np.newaxis], np.array([[DOUBT * 0.9]], np.float32))
        assert 0 <= scores[0, 0] < 0.1
    assert engine.calls == []
    assert engine.streams == {}


def test_a_moment_of_doubt_costs_two_seconds_and_is_over_soon() -> None:
    engine = Ears()
    second = ear(engine)
    second.open_stream(0)
    for at in range(200):
        first = 0.5 if at == 100 else 0.0
        second.process([0], chunk(1)[np.newaxis], np.array([[first]], np.float32))
    assert second.chunks_heard == CONTEXT + HOLD_CHUNKS + HOLD_CHUNKS
    assert engine.streams == {}


def test_a_burst_of_doubt_stalls_nobody() -> None:
    engine = Ears()
    second = ear(engine)
    streams = list(range(16))
    for stream in streams:
        second.open_stream(stream)
    chunks = np.stack([chunk(1)] * 16)
    for _ in range(50):
        second.process(streams, chunks, np.zeros((16, 1), np.float32))
    doubt = np.full((16, 1), 0.6, np.float32)
    awake, before = 0, 0
    for turn in range(1, 5):
        scores = second.process(streams, chunks, doubt)[:, 0]
        cost = second.chunks_heard - before
        assert cost <= MAX_CATCH_UP * (CONTEXT + HOLD_CHUNKS) + awake
        before, awake = second.chunks_heard, turn * MAX_CATCH_UP
        # Who waits has no score yet; all others are sure.
        assert (scores > 0.5).sum() == awake
        assert (scores[scores < 0.5] < 0.1).all()


def test_a_failing_ear_costs_only_itself(caplog: pytest.LogCaptureFixture) -> None:
    engine = Ears()
    second = ear(engine)
    engine.fails = lambda chunk: bool(chunk[0] == 13)
    for stream in (0, 1):
        second.open_stream(stream)
    damaged = np.full(CHUNK, 13, np.int16)
    doubt = np.full((2, 1), 0.3, np.float32)
    for at in range(40):
        chunks = np.stack([chunk(1), damaged if at >= 30 else chunk(1)])
        scores = second.process([0, 1], chunks, doubt)
        if at >= 30:
            # The first ear's score alone; the other stream is heard by both.
            assert scores[1, 0] == np.float32(0.3)
            assert scores[0, 0] > 0.9
    assert len([record for record in caplog.records if record.levelname == "ERROR"]) == 1
    with pytest.raises(LookupError):
        second.embeddings(1)
    assert second.embeddings(0)[-1] == 1
    # It listens again when what it failed on is over.
    for _ in range(200):
        scores = second.process([0, 1], np.stack([chunk(1)] * 2), doubt)
    assert scores[1, 0] > 0.9
    assert len(engine.streams) == 2


def test_nan_of_either_ear_is_no_detection() -> None:
    engine = Ears()
    second = ear(engine)
    second.open_stream(0)
    engine.process = lambda streams, chunks: np.full((len(streams), 1), np.nan, np.float32)  # type: ignore[method-assign]
    for first in (np.nan, 0.4):
        for _ in range(40):
            (score,) = second.process([0], chunk(1)[np.newaxis], np.array([[first]], np.float32))[0].tolist()
            assert 0 <= score < 0.5


def test_embeddings_are_heard_when_somebody_asks() -> None:
    engine = Ears()
    second = ear(engine)
    second.open_stream(0)
    for at in range(60):
        second.process([0], chunk(at / 100)[np.newaxis], np.zeros((1, 1), np.float32))
    newest = np.arange(34, 60, dtype=np.float32) / 100
    assert second.embeddings(0) == pytest.approx(newest)
    heard = second.chunks_heard
    second.process([0], chunk(0.6)[np.newaxis], np.zeros((1, 1), np.float32))
    assert second.embeddings(0)[-1] == pytest.approx(0.6)
    assert second.chunks_heard == heard + 1


def test_a_restart_forgets_the_past() -> None:
    engine = Ears()
    second = ear(engine)
    second.open_stream(0)
    doubt = np.array([[0.5]], np.float32)
    for _ in range(40):
        second.process([0], chunk(1)[np.newaxis], doubt)
    second.restart_stream(0)
    assert engine.streams == {}
    fresh = second.process([0], chunk(1)[np.newaxis], doubt)
    assert fresh[0, 0] == pytest.approx(expected_score(0.5, 0), abs=1e-6)
    second.close_stream(0)
    assert engine.streams == {}


def test_where_a_word_starts_is_asked_of_the_ear_that_can_tell() -> None:
    engine = Ears()
    second = ear(engine)
    # Ears scores what it heard CONTEXT - 1 chunks ago: the peak is in the third chunk before the end.
    levels = [0.1] * 4 + [0.9, 0.2, 0.2] + [0.0] * (CONTEXT - 1)
    pcm = b"".join(chunk(level).tobytes() for level in levels)
    end = len(pcm) - 2 * CHUNK * 2
    found = second.scores_from("word", pcm, [0, end // 2 - 1, end // 2])
    assert found == [pytest.approx(end), pytest.approx(end + 1, abs=1), 0.0]
    assert engine.streams == {}


# --- with engines --------------------------------------------------------------------------------


def put(folder: Path, head: bytes | None, micro: bytes | None) -> dict[str, Path]:
    """Write the models of a word; return where they are."""
    paths = {"head": folder / "word.onnx", "micro": folder / "word.micro.tflite"}
    if head is not None:
        paths["head"].write_bytes(head)
    if micro is not None:
        paths["micro"].write_bytes(micro)
        paths["micro"].with_suffix(".json").write_bytes(mw.manifest())
    return paths


def base(models: Path) -> tuple[Path, Path]:
    return models / "melspectrogram.onnx", models / "embedding_model.onnx"


def both(models: Path, folder: Path) -> WakeEngines:
    paths = put(folder, ow.linear_head(), mw.streaming_model())
    return load_engines({"word": paths["head"]}, base(models), {"word": paths["micro"]})


def heard_by(engine: Any, sounds: NDArray[np.int16]) -> list[float]:
    stream = engine.open_stream()
    return [float(engine.process([stream], sound[np.newaxis])[0, 0]) for sound in sounds]


def test_both_models_make_one_word(models: Path, tmp_path: Path) -> None:
    engine = both(models, tmp_path)
    assert (engine.wake_words, engine.unusable, engine.has_embeddings) == (("word",), {}, True)
    sounds = chunks_of(with_noise_around(quiet_noise(4, 3) * 40, 3, 2))
    paths = put(tmp_path, None, None)
    first = heard_by(load_engines({"word": paths["micro"]}, base(models)), sounds)
    second = heard_by(load_engines({"word": paths["head"]}, base(models)), sounds)
    assert max(first) > DOUBT
    assert heard_by(engine, sounds) == pytest.approx(expected_scores(first, second), abs=1e-4)


def test_one_ear_is_enough(models: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    sounds = chunks_of(quiet_noise(3, 4) * 40)
    paths = put(tmp_path, ow.linear_head(), mw.streaming_model())
    alone = {
        name: heard_by(load_engines({"word": path}, base(models)), sounds) for name, path in paths.items()
    }
    # The second model is damaged.
    paths["micro"].write_bytes(b"\x00" * 4 + b"TFL3" + b"\x00" * 90)
    engine = load_engines({"word": paths["head"]}, base(models), {"word": paths["micro"]})
    assert (engine.wake_words, engine.unusable) == (("word",), {})
    assert heard_by(engine, sounds) == alone["head"]
    assert "word is heard by one engine only" in caplog.text
    # The head is, or the files that it needs are missing.
    paths["micro"].write_bytes(mw.streaming_model())
    missing = load_engines({"word": paths["head"]}, ModelFileMissing("no base"), {"word": paths["micro"]})
    paths["head"].write_bytes(b"no model")
    damaged = load_engines({"word": paths["head"]}, base(models), {"word": paths["micro"]})
    for engine in (missing, damaged):
        assert (engine.wake_words, engine.unusable, engine.has_embeddings) == (("word",), {}, False)
        assert heard_by(engine, sounds) == alone["micro"]
    # Both are.
    paths["micro"].write_bytes(b"no model")
    engine = load_engines({"word": paths["head"]}, base(models), {"word": paths["micro"]})
    assert engine.wake_words == ()
    assert isinstance(engine.unusable["word"], ModelFileInvalid)


def test_without_a_second_ear_everything_is_as_before(models: Path, tmp_path: Path) -> None:
    paths = put(tmp_path, ow.linear_head(), mw.streaming_model())
    engine = load_engines({"word": paths["head"]}, base(models), {})
    assert engine.second is None
    assert isinstance(engine.openwakeword, WakeEngine)
    sounds = chunks_of(quiet_noise(2, 5) * 40)
    assert heard_by(engine, sounds) == heard_by(engine.openwakeword, sounds)


def test_a_real_ear_that_wakes_up_equals_one_that_never_slept(
    models: Path, load_engine: Callable[..., WakeEngine], speak: Speak
) -> None:
    sounds = chunks_of(with_noise_around(speak("Alexa, what time is it? Alexa!"), 4, 2))
    always = load_engine("alexa")
    expected = heard_by(always, sounds)
    assert max(expected) > 0.9
    doubt = np.zeros(len(sounds))
    doubt[[len(sounds) // 2, len(sounds) // 2 + 25]] = 0.5
    second = SecondEar(load_engine("alexa"))
    second.open_stream(0)
    found = [
        float(second.process([0], sound[np.newaxis], np.array([[first]], np.float32))[0, 0])
        for sound, first in zip(sounds, doubt, strict=True)
    ]
    assert 0 < second.chunks_heard < 2 * len(sounds)
    assert found == pytest.approx(expected_scores(doubt.tolist(), expected), abs=1e-4)


def test_chunks_without_a_score_are_heard_later() -> None:
    """A gate that lets chunks wait in a quiet room changes no score after it."""
    engines = Ears(), Ears()
    waits, listens = ear(engines[0]), ear(engines[1])
    waits.open_stream(0)
    listens.open_stream(0)
    random = np.random.default_rng(0)
    for at in range(120):
        sound = chunk(float(random.uniform(0, 1)))[np.newaxis]
        quiet = at % 50 < 30
        doubt = np.array([[0.0 if quiet else 0.4]], np.float32)
        expected = listens.process([0], sound, doubt)
        if quiet:
            waits.wait([0], sound)
            assert engines[0].streams == {}
        else:
            assert waits.process([0], sound, doubt) == pytest.approx(expected, abs=1e-6)


def test_engines_that_rest_let_the_second_ear_catch_up(models: Path, tmp_path: Path) -> None:
    rests = both(models, tmp_path)
    listens = both(models, tmp_path)
    sounds = chunks_of(np.concatenate((quiet_noise(6, 1), quiet_noise(3, 3) * 40)))
    handle, other = rests.open_stream(), listens.open_stream()
    for at, sound in enumerate(sounds):
        expected = listens.process([other], sound[np.newaxis])
        if at < 70:
            rests.wait([handle], sound[np.newaxis])
            continue
        found = rests.process([handle], sound[np.newaxis])
        if at > 70 + HOLD_CHUNKS:
            assert found == pytest.approx(expected, abs=1e-4)
