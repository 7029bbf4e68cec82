"""Real models hear real voices; streams do not disturb each other."""

from collections.abc import Callable, Mapping
import ctypes
from pathlib import Path
import tracemalloc

import numpy as np
from numpy.typing import NDArray
import pytest

from custom_components.voice_privacy.core.errors import ModelFileInvalid, ModelFileMissing, UnsupportedModel
from custom_components.voice_privacy.wake import engine as engine_module
from custom_components.voice_privacy.wake.engine import WakeEngine

from . import onnx_writer as ow
from .conftest import (
    MODELS,
    WAKE_WORDS,
    Samples,
    Speak,
    chunks_of,
    model_path,
    quiet_noise,
    scores_of,
    with_noise_around,
)

type Load = Callable[..., WakeEngine]


@pytest.mark.parametrize("voice", ["slt", "rms", "awb"])
def test_alexa_is_heard(load_engine: Load, speak: Speak, voice: str) -> None:
    scores = scores_of(load_engine("alexa"), with_noise_around(speak("Alexa", voice)))
    assert scores.max() > 0.9


def test_hey_jarvis_is_heard_and_the_others_are_not(load_engine: Load, speak: Speak) -> None:
    scores = scores_of(load_engine(*WAKE_WORDS), with_noise_around(speak("Hey Jarvis")))
    assert scores.max(axis=0)[1] > 0.9
    assert scores.max(axis=0)[[0, 2, 3]].max() < 0.3


def test_other_speech_is_not_heard(load_engine: Load, speak: Speak) -> None:
    engine = load_engine(*WAKE_WORDS)
    for text in ("Turn on the kitchen light please", "The weather is fine today"):
        assert scores_of(engine, with_noise_around(speak(text, "rms"))).max() < 0.3


def pink(samples: int, seed: int) -> NDArray[np.float64]:
    """Return pink noise with a standard deviation of 1."""
    spectrum = np.fft.rfft(np.random.default_rng(seed).normal(0, 1, samples))
    noise = np.fft.irfft(spectrum / np.sqrt(np.maximum(1, np.arange(len(spectrum)))))
    return np.asarray(noise / noise.std())


def test_no_noise_fires_at_the_start_of_a_stream(load_engine: Load) -> None:
    """Embeddings of zeros would make alexa and hey_mycroft fire within the first ten chunks."""
    engine = load_engine(*WAKE_WORDS)
    samples = 20 * 1_280
    noises = [
        kind * level
        for level in (0, 1, 5, 20, 100, 300, 1_000, 3_000, 10_000)
        for seed in range(3)
        for kind in (np.random.default_rng(seed).normal(0, 1, samples), pink(samples, seed))
    ]
    batch = np.array(noises).clip(-32_768, 32_767).astype(np.int16).reshape(len(noises), 20, 1_280)
    handles = [engine.open_stream() for _ in noises]
    scores = np.stack([engine.process(handles, batch[:, at]) for at in range(20)])
    # hey_jarvis has a second opinion from 0.5 on, so that loud noise gets it just below that.
    assert scores[..., [0, 2, 3]].max() < 0.2
    assert scores[..., 1].max() < 0.5


def test_the_first_chunks_score_zero(load_engine: Load, speak: Speak) -> None:
    assert not scores_of(load_engine("alexa"), speak("Alexa"))[:10].any()


@pytest.mark.parametrize("voice", ["slt", "rms", "awb"])
@pytest.mark.parametrize("before", [0.0, 0.1, 0.3, 0.5, 0.8])
def test_a_word_right_after_the_start_is_heard(
    load_engine: Load, speak: Speak, voice: str, before: float
) -> None:
    scores = scores_of(load_engine("alexa"), with_noise_around(speak("Alexa", voice), before=before))
    assert scores.max() > 0.9


def test_a_batch_equals_single_runs(load_engine: Load, speak: Speak) -> None:
    """Streams that begin at different times, with loud and quiet audio, one chunk each a call."""
    engine = load_engine(*WAKE_WORDS)
    loud = with_noise_around(speak("Alexa", "rms"), seed=1)
    streams: list[Samples] = [
        loud,
        (with_noise_around(speak("Hey Jarvis"), seed=2) // 64).astype(np.int16),
        np.zeros_like(loud),
        with_noise_around(speak("Alexa", "awb"), before=1.0, seed=3),
        quiet_noise(4.0, seed=4),
    ]
    alone = [scores_of(engine, samples) for samples in streams]
    handles = [engine.open_stream() for _ in streams]
    chunks = [chunks_of(samples) for samples in streams]
    together: list[list[object]] = [[] for _ in streams]
    for tick in range(max(map(len, chunks)) + len(streams)):
        # Stream n begins at tick n, so that the batch has every size and first chunks among later ones.
        now = [at for at in range(len(streams)) if 0 <= tick - at < len(chunks[at])]
        if now:
            batch = np.stack([chunks[at][tick - at] for at in now])
            for at, row in zip(now, engine.process([handles[at] for at in now], batch), strict=True):
                together[at].append(row)
    for single, batched in zip(alone, together, strict=True):
        assert np.abs(single - np.array(batched)).max() < 1e-5
    assert alone[0].max() > 0.9
    assert alone[3].max() > 0.9


def test_many_streams(load_engine: Load, speak: Speak) -> None:
    """More than there is room for at first; one of them hears the word."""
    engine = load_engine("alexa")
    chunks = chunks_of(with_noise_around(speak("Alexa")))
    handles = [engine.open_stream() for _ in range(33)]
    assert len(set(handles)) == 33
    batch = np.zeros((33, 1_280), np.int16)
    best = np.zeros(33)
    for chunk in chunks:
        batch[17] = chunk
        best = np.maximum(best, engine.process(handles, batch)[:, 0])
    assert best[17] > 0.9
    assert np.delete(best, 17).max() < 0.1


def test_a_restarted_stream_is_a_new_one(load_engine: Load, speak: Speak) -> None:
    engine = load_engine(*WAKE_WORDS)
    samples = with_noise_around(speak("Alexa"))
    stream = engine.open_stream()
    fresh = engine.embeddings(stream)
    first = [engine.process([stream], chunk[np.newaxis]) for chunk in chunks_of(samples)]
    assert np.abs(engine.embeddings(stream) - fresh).max() > 1
    engine.restart_stream(stream)
    assert np.array_equal(engine.embeddings(stream), fresh)
    second = [engine.process([stream], chunk[np.newaxis]) for chunk in chunks_of(samples)]
    assert np.array_equal(first, second)
    engine.close_stream(stream)
    assert np.array_equal(engine.embeddings(engine.open_stream()), fresh)


def test_embeddings_are_the_newest_and_a_copy(load_engine: Load) -> None:
    engine = load_engine("timer", "alexa")
    stream = engine.open_stream()
    before = engine.embeddings(stream)
    assert before.shape == (16, 96)
    chunk = quiet_noise(0.08)[np.newaxis]
    engine.process([stream], chunk)
    after = engine.embeddings(stream)
    assert np.array_equal(after[:-1], before[1:])
    assert not np.array_equal(after[-1], before[-1])
    after[...] = 0
    assert engine.embeddings(stream).any()


def test_start_up_is_the_same_on_every_run(load_engine: Load) -> None:
    engines = [load_engine("alexa"), load_engine("alexa")]
    first, second = (engine.embeddings(engine.open_stream()) for engine in engines)
    assert np.array_equal(first, second)
    assert first.std() > 1


def test_heads_of_other_lengths(load_engine: Load, speak: Speak) -> None:
    """The timer has 34 frames and 7 classes, the weather 22 frames."""
    engine = load_engine("timer", "weather")
    timer = scores_of(engine, with_noise_around(speak("Set a ten minute timer"), before=3.0))
    weather = scores_of(engine, with_noise_around(speak("What is the weather today"), before=3.0))
    assert timer[:, 0].max() > 0.5
    assert weather[:, 1].max() > 0.5
    assert weather[:, 0].max() < 0.5


def test_wrong_chunks_change_nothing(load_engine: Load) -> None:
    engine = load_engine("alexa")
    stream = engine.open_stream()
    before = engine.embeddings(stream)
    for samples in (1_279, 1_281):
        with pytest.raises(ValueError, match="1,280"):
            engine.process([stream], np.zeros((1, samples), np.int16))
    with pytest.raises(ValueError, match="1,280"):
        engine.process([stream, stream], np.zeros((1, 1_280), np.int16))
    assert np.array_equal(engine.embeddings(stream), before)


def test_a_failure_changes_nothing(load_engine: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = load_engine("alexa", "hey_jarvis")
    streams = [engine.open_stream(), engine.open_stream()]
    engine.process(streams, np.ones((2, 1_280), np.int16))
    before = [engine.embeddings(stream) for stream in streams]

    def fail(_: object) -> None:
        raise RuntimeError

    with monkeypatch.context() as patch:
        patch.setattr(engine._heads[1], "scores", fail)
        with pytest.raises(RuntimeError):
            engine.process(streams, np.full((2, 1_280), 99, np.int16))
    for stream, embeddings in zip(streams, before, strict=True):
        assert np.array_equal(engine.embeddings(stream), embeddings)


def test_without_wake_words(load_engine: Load) -> None:
    engine = load_engine()
    assert engine.wake_words == ()
    assert engine.process([engine.open_stream()], np.zeros((1, 1_280), np.int16)).shape == (1, 0)


def test_loading_refuses(models: Path, model_paths: Mapping[str, Path], tmp_path: Path) -> None:
    mel, embedding = models / "melspectrogram.onnx", models / "embedding_model.onnx"
    with pytest.raises(ModelFileMissing):
        WakeEngine.load({"alexa": tmp_path / "alexa.onnx"}, mel, embedding)
    with pytest.raises(UnsupportedModel):
        WakeEngine.load(model_paths, embedding, mel)
    with pytest.raises(UnsupportedModel):
        WakeEngine.load(model_paths, mel, model_path("alexa"))
    with pytest.raises(UnsupportedModel):
        WakeEngine.load({"embedding": embedding}, mel, embedding)
    truncated = tmp_path / "truncated.onnx"
    truncated.write_bytes(model_path("alexa").read_bytes()[:-1_000])
    with pytest.raises(ModelFileInvalid):
        WakeEngine.load({"alexa": truncated}, mel, embedding)


def test_one_bad_file_does_not_silence_the_others(
    models: Path, model_paths: Mapping[str, Path], tmp_path: Path
) -> None:
    unknown = tmp_path / "lstm.onnx"
    unknown.write_bytes(ow.head([ow.node("LSTM", ["x"], ["y"])]))
    engine = WakeEngine.load(
        {"bad": unknown, "alexa": model_paths["alexa"]},
        models / "melspectrogram.onnx",
        models / "embedding_model.onnx",
        skip_unusable=True,
    )
    assert engine.wake_words == ("alexa",)
    assert isinstance(engine.unusable["bad"], UnsupportedModel)


def test_base_models_of_another_kind_are_refused(models: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.onnx"
    other.write_bytes(ow.linear_head())
    with pytest.raises(UnsupportedModel):
        WakeEngine.load({}, other, models / "embedding_model.onnx")
    with pytest.raises(UnsupportedModel, match="Flatten"):
        WakeEngine.load({}, models / "melspectrogram.onnx", other)


def test_without_openblas_nothing_happens(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(np, "__file__", str(tmp_path / "numpy" / "__init__.py"))
    engine_module.limit_blas_threads()


def test_openblas_has_one_thread() -> None:
    if not MODELS.exists() or not list(
        (Path(np.__file__).parent.parent / "numpy.libs").glob("*openblas64_*")
    ):
        pytest.skip("numpy brings no OpenBLAS along")
    engine_module._openblas_set_num_threads()(2)
    engine_module.limit_blas_threads()
    library = next((Path(np.__file__).parent.parent / "numpy.libs").glob("libscipy_openblas64_*"))
    assert ctypes.CDLL(str(library)).scipy_openblas_get_num_threads64_() == 1


def test_one_more_stream_costs_less_than_a_megabyte(load_engine: Load) -> None:
    engine = load_engine("alexa")

    def process(count: int) -> None:
        handles = [engine.open_stream() for _ in range(count)]
        engine.process(handles, np.zeros((count, 1_280), np.int16))

    for count in range(1, 5):
        process(count)
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        for count in range(5, 33):
            process(count)
        grown = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    assert grown / sum(range(5, 33)) < 1_048_576 / 10


def test_streams_that_are_computed_in_batches_score_as_alone(load_engine: Load, speak: Speak) -> None:
    chunks = chunks_of(with_noise_around(speak("Alexa")))
    engine, alone = load_engine("alexa"), load_engine("alexa")
    handles, own = [engine.open_stream() for _ in range(11)], alone.open_stream()
    for chunk in chunks:
        together = engine.process(handles, np.tile(chunk, (len(handles), 1)))
        assert np.abs(together - alone.process([own], chunk[np.newaxis])).max() < 1e-5
