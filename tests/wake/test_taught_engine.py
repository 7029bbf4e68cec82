"""Taught words in the wake engine: beside trained words, in several streams, and in rooms where it rests."""

from collections.abc import Callable
from pathlib import Path

from hypothesis import HealthCheck, given, settings, strategies as st
import numpy as np
from numpy.typing import NDArray
import pytest

from custom_components.voice_privacy.core.errors import ModelFileMissing
from custom_components.voice_privacy.core.wake_trace import HeardBy
from custom_components.voice_privacy.wake.engines import WakeEngines, load_engines
from custom_components.voice_privacy.wake.enrolment import Enroller
from custom_components.voice_privacy.wake.gated import GatedEngines
from custom_components.voice_privacy.wake.room_background import BLOCK_CHUNKS, ENOUGH_BLOCKS
from custom_components.voice_privacy.wake.taught import TaughtScorer, TaughtWord
from custom_components.voice_privacy.wake.word_start import find_start

from .conftest import Samples, chunks_of, model_path, with_noise_around
from .rooms import CHUNK, heard_by_both, noise
from .voiced import RATE, recorded, spoken

ROUNDING = 1e-5
"""Most by which two rows of the same product may differ: which sums a processor adds first depends on the row."""


@pytest.fixture(scope="module")
def base(models: Path) -> tuple[Path, Path]:
    return models / "melspectrogram.onnx", models / "embedding_model.onnx"


@pytest.fixture(scope="module")
def words(base: tuple[Path, Path]) -> dict[str, TaughtWord]:
    """Return two taught words; one of them has something that must not wake it."""
    enroller = Enroller.load(base)

    def clips(word: int, count: int) -> list[Samples]:
        return [recorded(spoken(word, 0.8 + 0.05 * take, pitch=110 + 5 * take)) for take in range(count)]

    def teach(name: str, word: int, anti: int | None = None) -> TaughtWord:
        others = [] if anti is None else [enroller.clip(clip.tobytes()) for clip in clips(anti, 2)]
        return enroller.teach(name, [enroller.clip(clip.tobytes()) for clip in clips(word, 4)], others)

    return {"first": teach("first", 1, anti=4), "second": teach("second", 2)}


@pytest.fixture(scope="module")
def load(base: tuple[Path, Path], words: dict[str, TaughtWord]) -> Callable[..., WakeEngines]:
    """Return a function that loads an engine with the taught words, and perhaps "alexa"."""

    def load(*, alexa: bool = False) -> WakeEngines:
        return load_engines({"alexa": model_path("alexa")} if alexa else {}, base, taught=words)

    return load


def all_scores(engine: WakeEngines, samples: Samples) -> NDArray[np.float32]:
    stream = engine.open_stream()
    try:
        return np.concatenate([engine.process([stream], chunk[np.newaxis]) for chunk in chunks_of(samples)])
    finally:
        engine.close_stream(stream)


# --- scores ----------------------------------------------------------------------------------------


def test_taught_words_follow_the_trained_ones(
    load: Callable[..., WakeEngines], base: tuple[Path, Path]
) -> None:
    engine = load(alexa=True)
    assert engine.wake_words == engine.learnable == ("alexa", "first", "second")
    assert set(engine.heard_by.values()) == {HeardBy.OPENWAKEWORD}
    assert [word.wake_word for word in engine.taught] == ["first", "second"]
    heard = with_noise_around(np.concatenate((spoken(1), np.zeros(RATE, np.int16), spoken(2))))
    found = all_scores(engine, heard)
    assert (found.max(axis=0)[1:] >= 0.5).all()
    # Each at its own time, and the trained word as without them.
    assert found[:, 1].argmax() < found[:, 2].argmax()
    alone = all_scores(load_engines({"alexa": model_path("alexa")}, base), heard)
    assert np.abs(found[:, :1] - alone).max() < 1e-6
    assert np.abs(found[:, 1:] - all_scores(load(), heard)).max() < 1e-5


def test_many_streams_are_as_good_as_one(load: Callable[..., WakeEngines]) -> None:
    engine = load()
    sounds = [
        with_noise_around(spoken(number % 3 + 1, pitch=110 + 3 * number), before=1 + 0.13 * number)
        for number in range(9)
    ]
    count = min(len(sound) for sound in sounds) // CHUNK
    streams = [engine.open_stream() for _ in sounds]
    together = np.stack(
        [
            engine.process(streams, np.stack([sound[at * CHUNK : (at + 1) * CHUNK] for sound in sounds]))
            for at in range(count)
        ]
    )
    for number, sound in enumerate(sounds):
        alone = all_scores(engine, sound[: count * CHUNK])
        assert np.abs(together[:, number] - alone).max() < 1e-4


def test_streaming_equals_all_at_once(load: Callable[..., WakeEngines], words: dict[str, TaughtWord]) -> None:
    engine = load()
    assert engine.openwakeword is not None
    sound = with_noise_around(spoken(1), before=2.5)
    embeddings = engine.openwakeword.embed(sound)
    scorer = TaughtScorer(list(words.values()))
    state = np.empty((1, scorer.state_size), np.float32)
    scorer.begin(state)
    distances = []
    for embedding in embeddings[10:]:
        scorer.step(state, embedding[np.newaxis])
        distances.append(scorer.distances(state)[0])
    stream, found = engine.open_stream(), []
    for chunk in chunks_of(sound):
        engine.process([stream], chunk[np.newaxis])
        found.append(list(engine.distances(stream).values()))
    # From the moment on when the beginning of the stream is forgotten.
    assert np.abs(np.array(found)[10 + scorer.frames :] - np.array(distances)[scorer.frames :]).max() < 1e-4


def test_a_restart_forgets(load: Callable[..., WakeEngines]) -> None:
    engine = load()
    stream = engine.open_stream()
    sound = chunks_of(with_noise_around(spoken(1), after=0.2))
    for chunk in sound:
        engine.process([stream], chunk[np.newaxis])
    engine.restart_stream(stream)
    quiet = noise(20, 3, 40)
    fresh = engine.open_stream()
    for chunk in quiet:
        both = engine.process([stream, fresh], np.stack((chunk, chunk)))
        assert both[0] == pytest.approx(both[1], abs=ROUNDING)
    assert engine.distances(stream) == pytest.approx(engine.distances(fresh), abs=ROUNDING)


# --- rest ------------------------------------------------------------------------------------------

bursts = st.lists(
    st.tuples(
        st.integers(1, 90),
        st.sampled_from([0, 3, 10, 60, 3_000]),
        st.sampled_from(["go on", "go on", "go on", "restart", "reopen"]),
    ),
    min_size=3,
    max_size=6,
)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rooms=st.lists(bursts, min_size=1, max_size=3), seed=st.integers(0, 1_000), alexa=st.booleans())
def test_distances_after_a_rest_are_those_without(
    load: Callable[..., WakeEngines], rooms: list[list[tuple[int, float, str]]], seed: int, alexa: bool
) -> None:
    ours, reference = load(alexa=alexa), load(alexa=alexa)
    gated = GatedEngines(ours)
    for tick in heard_by_both(gated, reference, rooms, seed):
        if tick.stream not in gated.resting:
            found, expected = ours.distances(tick.stream), reference.distances(tick.other)
            assert found == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize("rest_seconds", [3.0, 8.0, 40.0])
def test_a_word_after_a_rest_scores_as_without(load: Callable[..., WakeEngines], rest_seconds: float) -> None:
    sound = with_noise_around(spoken(1), before=30 + rest_seconds)
    gated, reference = GatedEngines(load()), load()
    stream, other = gated.open_stream(), reference.open_stream()
    rested = heard = False
    for chunk in chunks_of(sound):
        found = gated.process([stream], chunk[np.newaxis])
        expected = reference.process([other], chunk[np.newaxis])
        rested |= stream in gated.resting
        heard |= bool(found[0, 0] >= 0.5)
        assert stream in gated.resting or np.abs(found - expected).max() < 1e-4
    assert rested
    assert heard


def test_numbers_made_from_voices_are_not_shown(words: dict[str, TaughtWord]) -> None:
    assert "0." not in repr(words["first"]).replace(repr(words["first"].threshold), "")


# --- what else an engine tells -----------------------------------------------------------------------


def test_the_start_of_a_taught_word(load: Callable[..., WakeEngines]) -> None:
    engine = load()
    sound = with_noise_around(spoken(1), before=2.0, after=0.3)
    pcm = sound[len(sound) % CHUNK :].tobytes()
    found = find_start(engine, "first", 0.9, pcm)
    assert found is not None
    assert found == pytest.approx(2.0 * RATE - len(sound) % CHUNK, abs=0.2 * RATE)


def test_scores_fall_when_the_word_is_cut(load: Callable[..., WakeEngines]) -> None:
    engine = load(alexa=True)
    sound = with_noise_around(spoken(1), before=1.0, after=0.3)
    pcm = sound[len(sound) % CHUNK :].tobytes()
    whole, cut = engine.scores_from("first", pcm, [0, round(1.6 * RATE)])
    assert whole >= 0.5 > cut


def test_embeddings_of_an_engine_with_taught_words_only(load: Callable[..., WakeEngines]) -> None:
    engine = load()
    stream = engine.open_stream()
    assert engine.has_embeddings
    assert engine.embeddings(stream).shape == (16, 96)


def test_without_the_base_files_taught_words_cannot_be_used(words: dict[str, TaughtWord]) -> None:
    with pytest.raises(ModelFileMissing):
        load_engines({}, ModelFileMissing("no base files"), taught=words)


def test_no_taught_words_change_nothing(base: tuple[Path, Path]) -> None:
    engine = load_engines({"alexa": model_path("alexa")}, base, taught={})
    assert engine.wake_words == ("alexa",)
    assert engine.taught == ()
    assert engine.distances(engine.open_stream()) == {}


def test_the_id_is_the_one_that_it_is_loaded_with(
    base: tuple[Path, Path], words: dict[str, TaughtWord]
) -> None:
    engine = load_engines({}, base, taught={"another_id": words["first"]})
    assert engine.wake_words == ("another_id",)
    assert engine.distances(engine.open_stream()).keys() == {"another_id"}


# --- the room --------------------------------------------------------------------------------------


class Talk:
    """Engines that have heard something at a distance."""

    def __init__(self, word: TaughtWord) -> None:
        self.wake_words = (word.wake_word,)
        self.taught = (word,)
        self.lag_chunks = 0
        self.distance = 1.0
        self.tightened: list[tuple[str, float]] = []

    def open_stream(self) -> int:
        return 0

    def process(self, streams: list[int], chunks: NDArray[np.int16]) -> NDArray[np.float32]:
        return np.zeros((len(streams), 1), np.float32)

    def wait(self, streams: list[int], chunks: NDArray[np.int16]) -> None:
        """Keep nothing."""

    def distances(self, stream: int) -> dict[str, float]:
        return {self.wake_words[0]: self.distance}

    def tighten(self, wake_word: str, threshold: float) -> None:
        self.tightened.append((wake_word, threshold))


def test_talk_tightens_the_threshold_in_the_engine_and_is_told(words: dict[str, TaughtWord]) -> None:
    word = words["second"]
    talk, said = Talk(word), list[tuple[str, float]]()
    gated = GatedEngines(talk, lambda wake_word, threshold: said.append((wake_word, threshold)))  # type: ignore[arg-type]
    stream = gated.open_stream()
    talk.distance = word.threshold * 1.05
    levels = [noise(level, 0, 1) for level in (3_000, 300, 300, 300)]
    for at in range(BLOCK_CHUNKS * ENOUGH_BLOCKS):
        assert said == []
        gated.process([stream], levels[at % 4])
    assert len(said) == 1
    assert said == talk.tightened
    assert said[0][0] == "second"
    assert said[0][1] == pytest.approx(0.82 * talk.distance)


def test_a_quiet_room_is_no_talk(words: dict[str, TaughtWord]) -> None:
    talk = Talk(words["second"])
    talk.distance = words["second"].threshold * 1.05
    gated = GatedEngines(talk)  # type: ignore[arg-type]
    stream = gated.open_stream()
    for chunk in np.tile(noise(3, 0, 25), (BLOCK_CHUNKS * ENOUGH_BLOCKS // 25 + 10, 1)):
        gated.process([stream], chunk[np.newaxis])
    assert talk.tightened == []


def test_a_threshold_that_was_tightened_is_in_force(load: Callable[..., WakeEngines]) -> None:
    engine = load()
    sound = with_noise_around(spoken(1))
    before = all_scores(engine, sound)
    engine.tighten("first", engine.taught[0].threshold / 2)
    after = all_scores(engine, sound)
    assert after[:, 0].max() < before[:, 0].max() or before[:, 0].max() == 1
    assert (after[:, 0] <= before[:, 0] + 1e-6).all()
    assert np.abs(after[:, 1] - before[:, 1]).max() < 1e-6
    engine.tighten("first", 2.0)
    assert np.array_equal(all_scores(engine, sound), after)
