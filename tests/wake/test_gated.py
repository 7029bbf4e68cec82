"""An engine that rests while it is quiet hears what one hears that never rests."""

from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path
import threading

from hypothesis import HealthCheck, given, settings, strategies as st
import numpy as np
from numpy.typing import NDArray
import pytest

from custom_components.voice_privacy.core.errors import ModelFileMissing
from custom_components.voice_privacy.core.models import Detection
from custom_components.voice_privacy.wake.augmentation import babble, pink_noise
from custom_components.voice_privacy.wake.engine import WakeEngine
from custom_components.voice_privacy.wake.engines import WakeEngines, load_engines
from custom_components.voice_privacy.wake.gate import HOLD_CHUNKS
from custom_components.voice_privacy.wake.gated import MAX_OPENINGS, GatedEngines, levels_of
from custom_components.voice_privacy.wake.micro.engine import MicroEngine
from custom_components.voice_privacy.wake.worker import QUEUE_CHUNKS, DetectionWorker, WakeWordSettings

from .conftest import Samples, Speak, chunks_of, model_path, with_noise_around
from .rooms import CHUNK, heard_by_both, noise
from .test_micro_engine import load, put

TOLERANCE = 1e-4
QUIET, LOUD = 10, 3_000
MISSING = ModelFileMissing("no base files")
PATIENCE = 120.0

type Engine = WakeEngine | MicroEngine


def settled(level: float, seconds: float = 30.0, seed: int = 0) -> Samples:
    """Return a room in which a gate closes."""
    return noise(level, seed, round(seconds * 12.5)).reshape(-1)


# --- chunks that wait ------------------------------------------------------------------------------


def assert_resumes(
    resting: Engine, never: Engine, pattern: list[tuple[int, float]], seed: int, equal: float
) -> None:
    """Let chunks of a stream wait in turns with chunks that are heard: [(chunks, level), ...], the first one is heard."""
    stream, other = resting.open_stream(), never.open_stream()
    compared = 0
    try:
        for number, (count, level) in enumerate(pattern):
            for chunk in noise(level, seed + number, count):
                expected = never.process([other], chunk[np.newaxis])
                if number % 2:
                    resting.wait([stream], chunk[np.newaxis])
                    continue
                assert np.abs(resting.process([stream], chunk[np.newaxis]) - expected).max() <= equal
                compared += 1
    finally:
        resting.close_stream(stream)
        never.close_stream(other)
    assert compared == sum(count for count, _ in pattern[::2])


patterns = st.lists(
    st.tuples(
        st.one_of(st.integers(1, 40), st.sampled_from([24, 25, 26, 99, 100, 101, 102, 130])),
        st.sampled_from([0, QUIET, 100, LOUD]),
    ),
    min_size=3,
    max_size=7,
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(pattern=patterns, seed=st.integers(0, 1_000))
def test_openwakeword_resumes_as_if_it_had_never_rested(
    load_engine: Callable[..., WakeEngine], pattern: list[tuple[int, float]], seed: int
) -> None:
    engine = load_engine("alexa", "hey_jarvis")
    assert_resumes(engine, engine, pattern, seed, TOLERANCE)


@pytest.mark.parametrize("rest", [1, 24, 25, 26, 27, 42, 43, 44, 45, 80])
def test_heads_of_other_lengths_resume_too(load_engine: Callable[..., WakeEngine], rest: int) -> None:
    """The timer has 34 frames, so that 43 chunks count, not 25."""
    engine = load_engine("timer", "alexa")
    assert engine.remembered_chunks == 43
    assert_resumes(engine, engine, [(20, LOUD), (rest, LOUD), (5, LOUD)], rest, TOLERANCE)


def test_a_word_that_partly_waited_scores_the_same(
    load_engine: Callable[..., WakeEngine], speak: Speak
) -> None:
    engine = load_engine("alexa")
    chunks = chunks_of(with_noise_around(speak("Alexa")))
    other = engine.open_stream()
    expected = [float(engine.process([other], chunk[np.newaxis])[0, 0]) for chunk in chunks]
    assert max(expected) > 0.9
    for first in range(0, len(chunks), 3):
        stream = engine.open_stream()
        for at, chunk in enumerate(chunks):
            if at < first:
                engine.wait([stream], chunk[np.newaxis])
            else:
                score = float(engine.process([stream], chunk[np.newaxis])[0, 0])
                assert score == pytest.approx(expected[at], abs=TOLERANCE)
        engine.close_stream(stream)


@pytest.mark.parametrize("rest", [1, 10, 24, 25, 26, 60])
def test_embeddings_of_a_stream_that_rests(load_engine: Callable[..., WakeEngine], rest: int) -> None:
    engine = load_engine("alexa")
    stream, other = engine.open_stream(), engine.open_stream()
    for at, chunk in enumerate(noise(LOUD, 3, 20 + rest)):
        engine.process([other], chunk[np.newaxis])
        (engine.process if at < 20 else engine.wait)([stream], chunk[np.newaxis])
    for _ in range(2):
        assert np.abs(engine.embeddings(stream) - engine.embeddings(other)).max() < 1e-3
    chunk = noise(LOUD, 4)
    assert np.abs(engine.process([stream], chunk) - engine.process([other], chunk)).max() <= TOLERANCE


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    pattern=patterns,
    seed=st.integers(0, 1_000),
    step=st.sampled_from([10, 20]),
    window=st.sampled_from([1, 5, 10]),
)
def test_microwakeword_resumes_as_if_it_had_never_rested(
    tmp_path: Path, pattern: list[tuple[int, float]], seed: int, step: int, window: int
) -> None:
    changes = {"sliding_window_size": window, "feature_step_size": step}
    models = {name: load(put(tmp_path, name, number, **changes)) for number, name in enumerate("ab", 1)}
    assert_resumes(MicroEngine(models), MicroEngine(models), pattern, seed, 0.0)


@pytest.mark.parametrize("step", [10, 20])
def test_the_noise_estimate_is_the_same_after_a_long_rest(tmp_path: Path, step: int) -> None:
    """It is what microWakeWord remembers for longest: a loud fan has stopped, long before the oldest chunk that waits."""
    engine = MicroEngine({"word": load(put(tmp_path, "word", feature_step_size=step))})
    stream, other = engine.open_stream(), engine.open_stream()
    for chunk in noise(LOUD, 1, 100):
        assert np.array_equal(
            engine.process([stream], chunk[np.newaxis]), engine.process([other], chunk[np.newaxis])
        )
    for chunk in noise(20, 2, engine.remembered_chunks + 100):
        engine.process([other], chunk[np.newaxis])
        engine.wait([stream], chunk[np.newaxis])
    assert len(engine._waiting[stream].chunks) == engine.remembered_chunks + 1
    for chunk in noise(20, 3, 5):
        engine.process([other], chunk[np.newaxis])
        engine.process([stream], chunk[np.newaxis])
    # Units of an amplitude's 1,024th, in a noise of about 100,000.
    assert np.abs(engine._streams[stream].estimate - engine._streams[other].estimate).max() <= 2


def test_streams_that_wait_are_closed_and_restarted(
    load_engine: Callable[..., WakeEngine], tmp_path: Path
) -> None:
    engines: list[Engine] = [load_engine("alexa"), MicroEngine({"word": load(put(tmp_path, "word"))})]
    for engine in engines:
        fresh = engine.open_stream()
        sound = noise(LOUD, 5, 30)
        expected = [engine.process([fresh], chunk[np.newaxis]) for chunk in sound]
        stream = engine.open_stream()
        engine.wait([stream], noise(LOUD, 6))
        engine.restart_stream(stream)
        assert np.array_equal(expected, [engine.process([stream], chunk[np.newaxis]) for chunk in sound])
        engine.wait([stream], noise(LOUD, 6))
        engine.close_stream(stream)
        again = engine.open_stream()
        assert np.array_equal(expected, [engine.process([again], chunk[np.newaxis]) for chunk in sound])


def test_a_failure_leaves_what_waits(
    load_engine: Callable[..., WakeEngine], monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = load_engine("alexa")
    stream, other = engine.open_stream(), engine.open_stream()
    for chunk in noise(LOUD, 1, 40):
        engine.wait([stream], chunk[np.newaxis])
        engine.process([other], chunk[np.newaxis])

    def fail(_: object) -> None:
        raise RuntimeError

    last = noise(LOUD, 2)
    with monkeypatch.context() as patch:
        patch.setattr(engine._heads[0], "scores", fail)
        with pytest.raises(RuntimeError):
            engine.process([stream], last)
    assert np.abs(engine.process([stream], last) - engine.process([other], last)).max() <= TOLERANCE


def test_a_model_that_remembers_for_longer_than_may_wait(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = load(put(tmp_path, "word"))
    monkeypatch.setattr(model.network, "remembered_steps", 10_000)
    engine = MicroEngine({"word": model})
    assert_resumes(engine, engine, [(5, LOUD), (40, QUIET), (5, LOUD)], 1, 0.0)
    stream = engine.open_stream()
    engine.wait([stream], noise(LOUD, 1))
    assert not engine._waiting


def test_what_waits_is_bounded(load_engine: Callable[..., WakeEngine], tmp_path: Path) -> None:
    engines: list[Engine] = [load_engine("alexa"), MicroEngine({"word": load(put(tmp_path, "word"))})]
    for engine, most in zip(engines, (26, 101), strict=True):
        stream = engine.open_stream()
        silence = np.zeros((1, CHUNK), np.int16)
        for _ in range(300):
            engine.wait([stream], silence)
        waiting = engine._waiting[stream]
        chunks = waiting if isinstance(waiting, deque) else waiting.chunks
        assert len(chunks) == most


# --- levels ----------------------------------------------------------------------------------------


def test_levels() -> None:
    ramp = np.arange(CHUNK) % 2 * 200
    chunks = np.array(
        [
            np.zeros(CHUNK),
            np.full(CHUNK, -32_768),
            np.full(CHUNK, 12_345),
            ramp,
            ramp + 20_000,
            np.where(ramp, 32_767, -32_768),
        ]
    ).astype(np.int16)
    found = np.array(levels_of(chunks))
    assert np.abs(found[:3]).max() < 1e-6
    assert found[3:, 0] == pytest.approx([40, 40, 90.3], abs=0.1)
    assert found[3:, 1] == pytest.approx([46, 46, 96.3], abs=0.1)


def test_a_voice_stands_out_from_rumble_that_is_louder() -> None:
    time = np.arange(CHUNK) / 16_000
    rumble = 8_000 * np.sin(2 * np.pi * 60 * time)
    voice = 1_000 * np.sin(2 * np.pi * 1_500 * time)
    without, together = levels_of(np.stack([rumble, rumble + voice]).astype(np.int16))
    assert together[0] - without[0] < 1
    assert together[1] - without[1] > 6


# --- gates before the engines ----------------------------------------------------------------------


class Counting:
    """A part that counts what it is asked; a chunk's score is its loudest sample in thousandths."""

    wake_words = ("word",)
    lag_chunks = 0

    def __init__(self) -> None:
        self.heard: list[list[int]] = []
        self.waited: list[list[int]] = []
        self.restarted: list[int] = []
        self.opened = 0
        self.fails_to_wait = False
        self.score: float | None = None

    def open_stream(self) -> int:
        self.opened += 1
        return self.opened - 1

    def close_stream(self, stream: int) -> None:
        pass

    def restart_stream(self, stream: int) -> None:
        self.restarted.append(stream)

    def process(self, streams: list[int], chunks: NDArray[np.int16]) -> NDArray[np.float32]:
        self.heard.append(list(streams))
        if self.score is not None:
            return np.full((len(streams), 1), self.score, np.float32)
        return np.asarray(chunks.max(axis=1, keepdims=True) / 40_000, np.float32)

    def wait(self, streams: list[int], chunks: NDArray[np.int16]) -> None:
        if self.fails_to_wait:
            raise MemoryError
        self.waited.append(list(streams))


def counting(count: int) -> tuple[Counting, GatedEngines, list[int]]:
    """Return gated streams in a room that is quiet for so long that all rest."""
    part = Counting()
    gated = GatedEngines(WakeEngines(None, [part]))  # type: ignore[list-item]
    streams = [gated.open_stream() for _ in range(count)]
    for at in range(40):
        gated.process(streams, np.tile(noise(3, at), (count, 1)))
    assert part.waited[-1] == streams
    return part, gated, streams


def test_only_the_room_with_sound_is_heard() -> None:
    part, gated, streams = counting(3)
    part.heard.clear()
    chunks = np.concatenate([noise(3, 1), noise(LOUD, 2), noise(3, 3)])
    scores = gated.process(streams, chunks)
    assert part.heard == [[1]]
    assert part.waited[-1] == [0, 2]
    assert scores[:, 0].tolist() == pytest.approx([0, chunks[1].max() / 40_000, 0])


def test_many_rooms_with_sound_at_once_are_heard_a_few_a_call() -> None:
    """Also a sound that is over before its turn comes; none is forgotten."""
    count = 70
    part, gated, streams = counting(count)
    part.heard.clear()
    gated.process(streams, np.tile(noise(LOUD, 1), (count, 1)))
    quiet = np.tile(noise(3, 1), (count, 1))
    for _ in range(count // MAX_OPENINGS + 1):
        gated.process(streams, quiet)
    assert [len(heard) for heard in part.heard[:4]] == [4, 8, 12, 16]
    assert {stream for heard in part.heard for stream in heard} == set(streams)
    for _ in range(HOLD_CHUNKS + 1):
        gated.process(streams, quiet)
    assert part.waited[-1] == streams


def test_a_gate_stays_open_while_a_score_is_active() -> None:
    part, gated, streams = counting(1)
    part.score = 0.06
    gated.process(streams, noise(LOUD, 1))
    waited = len(part.waited)
    for at in range(60):
        assert gated.process(streams, noise(3, at)).max() > 0.05
    assert len(part.waited) == waited
    part.score = 0.04
    for at in range(60):
        gated.process(streams, noise(3, at))
    assert len(part.waited) == waited + 60 - HOLD_CHUNKS - 1


def test_restarted_and_reopened_streams_are_heard_from_their_start() -> None:
    part, gated, streams = counting(2)
    gated.restart_stream(streams[1])
    part.heard.clear()
    quiet = np.tile(noise(3, 1), (2, 1))
    gated.process(streams, quiet)
    assert part.heard == [[1]]
    gated.close_stream(streams[0])
    assert gated.open_stream() == streams[0]
    gated.process(streams, quiet)
    assert part.heard[-1] == [2, 1]


def test_a_failure_to_wait_restarts_all_that_were_asked() -> None:
    part, gated, streams = counting(3)
    part.fails_to_wait = True
    part.restarted.clear()
    with pytest.raises(MemoryError):
        gated.process(streams, np.concatenate([noise(3, 1), noise(LOUD, 2), noise(3, 3)]))
    assert part.restarted == streams
    part.fails_to_wait = False
    part.heard.clear()
    gated.process(streams, np.tile(noise(3, 1), (3, 1)))
    assert part.heard == [streams]


def test_a_failure_to_hear_changes_no_gate(monkeypatch: pytest.MonkeyPatch) -> None:
    part, gated, streams = counting(2)
    with pytest.raises(ValueError, match="1,280"):
        gated.process(streams, np.zeros((2, 1_279), np.int16))
    gates = dict(gated._gates)

    def fail(*_: object) -> None:
        raise RuntimeError

    waited = len(part.waited)
    with monkeypatch.context() as patch:
        patch.setattr(part, "process", fail)
        with pytest.raises(RuntimeError):
            gated.process(streams, np.concatenate([noise(3, 1), noise(LOUD, 2)]))
    assert gated._gates == gates
    assert len(part.waited) == waited
    assert gated.process(streams, np.concatenate([noise(3, 1), noise(LOUD, 2)]))[1, 0] > 0


def pairs(
    folder: Path, models: Path | None, seed: int = 1, **changes: object
) -> Iterator[tuple[WakeEngines, WakeEngines]]:
    """Yield pairs of engines of both kinds, or of microWakeWord alone without openWakeWord's files."""
    paths = {"word": put(folder, "word", seed, **changes), "old": put(folder, "old", 2, feature_step_size=20)}
    base: tuple[Path, Path] | ModelFileMissing = MISSING
    if models is not None:
        base = models / "melspectrogram.onnx", models / "embedding_model.onnx"
        paths["alexa"] = model_path("alexa")
    yield load_engines(paths, base), load_engines(paths, base)


bursts = st.lists(
    st.tuples(
        st.integers(1, 40),
        st.sampled_from([0, 3, QUIET, 60, LOUD, 20_000]),
        st.sampled_from(["go on", "go on", "go on", "restart", "reopen"]),
    ),
    min_size=3,
    max_size=7,
)


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rooms=st.lists(bursts, min_size=2, max_size=3), seed=st.integers(0, 1_000))
def test_bursts_in_several_rooms(
    models: Path, tmp_path: Path, rooms: list[list[tuple[int, float, str]]], seed: int
) -> None:
    """Scores equal those without a gate, or the stream rests."""
    for ours, reference in pairs(tmp_path, models):
        gated = GatedEngines(ours)
        for tick in heard_by_both(gated, reference, rooms, seed):
            if tick.stream in gated.resting:
                assert not tick.scores.any()
            else:
                assert np.abs(tick.scores - tick.expected).max() <= TOLERANCE


# --- words -----------------------------------------------------------------------------------------


@pytest.fixture
def both(models: Path) -> tuple[GatedEngines, WakeEngines]:
    """Return an engine for "Alexa" with gates and one without."""
    base = models / "melspectrogram.onnx", models / "embedding_model.onnx"
    ours, reference = (load_engines({"alexa": model_path("alexa")}, base) for _ in range(2))
    return GatedEngines(ours), reference


def at_level(sound: NDArray[np.float64], level: float) -> NDArray[np.float64]:
    return np.asarray(sound * (level / np.sqrt(np.mean(np.square(sound)))))


def rooms(seconds: float) -> dict[str, NDArray[np.float64]]:
    """Return what may be heard in a room, at level 1."""
    count = int(seconds * 16_000)
    random = np.random.default_rng(7)
    time = np.arange(count) / 16_000
    hum = np.sin(2 * np.pi * 50 * time) + 0.5 * np.sin(2 * np.pi * 100 * time)
    beat = sum(
        np.sin(2 * np.pi * frequency * time) * (1 + np.sin(2 * np.pi * rate * time))
        for frequency, rate in ((220, 0.5), (277, 1.1), (330, 2.3), (440, 3.1))
    )
    return {
        "fan": pink_noise(count, random),
        "hum": at_level(hum + 0.05 * random.normal(0, 1, count), 1),
        "babble": babble(count, random),
        "music": at_level(np.asarray(beat), 1),
    }


def heard(engine: GatedEngines | WakeEngines, samples: Samples) -> tuple[list[int], NDArray[np.float32]]:
    """Return the chunks of detections, and the scores."""
    stream = engine.open_stream()
    scores = np.concatenate(
        [engine.process([stream], chunk[np.newaxis])[:, :1] for chunk in chunks_of(samples)]
    )
    engine.close_stream(stream)
    return crossings(scores[:, 0]), scores[:, 0]


def crossings(scores: NDArray[np.float32]) -> list[int]:
    """Return the chunks in which the scores of a stream reach 0.5."""
    return [int(at) for at in np.flatnonzero((scores[1:] >= 0.5) & (scores[:-1] < 0.5))]


def settle(gated: GatedEngines, stream: int, room: Samples) -> None:
    """Let a stream's gate know a room for four minutes, without the engine."""
    levels = levels_of(chunks_of(room))
    for at in range(3_000):
        gated._gates[stream] = gated._gates[stream].after(levels[at % len(levels)])


def test_no_word_is_lost_in_rooms_with_noise(both: tuple[GatedEngines, WakeEngines], speak: Speak) -> None:
    words = [speak("Alexa", voice).astype(np.float64) for voice in ("slt", "rms", "awb")]
    pause = np.zeros(16_000 * 3)
    speech = np.concatenate([pause, *(part for word in words for part in (word, pause))])
    speech = speech[: len(speech) // CHUNK * CHUNK]
    active = np.sqrt(np.mean(np.square(np.concatenate(words))))
    ratios, noises = (20.0, 10.0, 5.0), rooms(len(speech) / 16_000)
    mixed, alone = [], []
    for ratio in ratios:
        for noise_at_one in noises.values():
            bed = noise_at_one * active / 10 ** (ratio / 20)
            alone.append(bed.clip(-32_768, 32_767).astype(np.int16))
            mixed.append((speech + bed).clip(-32_768, 32_767).astype(np.int16))
    gated, reference = both
    streams = [(gated.open_stream(), reference.open_stream()) for _ in mixed]
    for (stream, _), bed in zip(streams, alone, strict=True):
        settle(gated, stream, bed)
    ours, theirs, rested = [], [], np.zeros(len(mixed), np.int64)
    for chunks in np.stack([chunks_of(one) for one in mixed], axis=1):
        ours.append(gated.process([stream for stream, _ in streams], chunks)[:, 0])
        theirs.append(reference.process([stream for _, stream in streams], chunks)[:, 0])
        rested += [stream in gated.resting for stream, _ in streams]
    # Where the room is steady, the gate was closed in between; elsewhere it may stay open.
    assert rested.reshape(len(ratios), -1)[:, :2].min() > 20
    for found, expected in zip(np.transpose(ours), np.transpose(theirs), strict=True):
        assert crossings(found) == crossings(expected)
        high = expected >= 0.1
        assert np.abs(found[high] - expected[high]).max(initial=0) <= TOLERANCE
    assert all(len(crossings(scores)) >= len(words) for scores in np.transpose(ours)[: len(noises)])


@pytest.mark.parametrize(
    "before", ["silence", "offset", "noise", "loud noise", "a fan that stopped", "nothing", "half a second"]
)
@pytest.mark.parametrize("fade", [0.0, 0.5])
def test_a_word_after(both: tuple[GatedEngines, WakeEngines], speak: Speak, before: str, fade: float) -> None:
    rest = {
        "silence": np.zeros(16_000 * 20, np.int16),
        "offset": np.full(16_000 * 20, 2_000, np.int16),
        "noise": settled(20),
        "loud noise": settled(400, 60),
        "a fan that stopped": np.concatenate((settled(1_500, 90), settled(10, 3))),
        "nothing": np.zeros(0, np.int16),
        "half a second": settled(10, 0.5),
    }[before]
    word = speak("Alexa", "slt").astype(np.float64)
    ramp = np.minimum(1, np.arange(len(word)) / max(1, fade * len(word)))
    room = rest[-1_280:].std() if len(rest) else 0.0
    offset = int(rest[-1]) if before == "offset" else 0
    after = np.random.default_rng(2).normal(0, room, len(word) + 24_000)
    after[: len(word)] += word * ramp
    samples = np.concatenate((rest, (after + offset).clip(-32_768, 32_767).astype(np.int16)))
    (ours, scores), (expected, reference) = (heard(engine, samples) for engine in both)
    assert ours == expected
    assert len(ours) == 1
    assert np.abs(scores[reference >= 0.1] - reference[reference >= 0.1]).max() <= TOLERANCE


def detections(
    engine: GatedEngines | WakeEngines, sounds: list[Samples], settings: WakeWordSettings
) -> list[tuple[str, Detection]]:
    """Feed several satellites in turn; return what the worker reports. No chunk may be dropped."""
    found: list[tuple[str, Detection]] = []
    lock = threading.Lock()

    def note(stream: str, detection: Detection) -> None:
        with lock:
            found.append((stream, detection))

    worker = DetectionWorker(note)
    worker.start()
    try:
        worker.set_engine(engine)
        for number in range(len(sounds)):
            worker.open_stream(str(number), [settings])
        for start in range(0, max(map(len, sounds)), CHUNK * QUEUE_CHUNKS // 2):
            for number, sound in enumerate(sounds):
                worker.feed(str(number), sound[start : start + CHUNK * QUEUE_CHUNKS // 2].tobytes())
            assert worker.wait_until_idle(PATIENCE)
        statistics = [worker.statistics(str(number)) for number in range(len(sounds))]
    finally:
        worker.stop()
    assert all(one.chunks_dropped == one.pending == 0 for one in statistics)
    assert [one.chunks_processed for one in statistics] == [len(sound) // CHUNK for sound in sounds]
    return sorted(found, key=lambda one: (int(one[0]), one[1].end_sample))


@pytest.mark.parametrize("trigger_level", [1, 3])
def test_sixteen_rooms_hear_a_word_at_once(
    both: tuple[GatedEngines, WakeEngines], speak: Speak, trigger_level: int
) -> None:
    """After a quiet time, so that all gates open in the same call."""
    sounds = [
        np.concatenate((settled(20, 25, seed), with_noise_around(speak("Alexa"), seed=seed)))
        for seed in range(16)
    ]
    settings = WakeWordSettings(wake_word="alexa", trigger_level=trigger_level)
    ours, reference = (detections(engine, sounds, settings) for engine in both)
    assert len(ours) == 16
    assert [(stream, one.end_sample, one.start_sample) for stream, one in ours] == [
        (stream, one.end_sample, one.start_sample) for stream, one in reference
    ]
    assert [one.score for _, one in ours] == pytest.approx([one.score for _, one in reference], abs=TOLERANCE)


def test_a_micro_word_after_a_long_rest_wakes(tmp_path: Path) -> None:
    """Its model is made so that it fires on loud noise."""
    sound = np.concatenate((settled(10, 20), noise(LOUD, 1, 20).reshape(-1), settled(10, 10)))
    raw = load_engines({"word": put(tmp_path, "word", sliding_window_size=5)}, MISSING)
    stream = raw.open_stream()
    scores = [float(raw.process([stream], chunk[np.newaxis])[0, 0]) for chunk in chunks_of(sound)]
    loud = scores[250:275]
    assert max(loud) > max(scores[15:250])
    threshold = max(loud) - 1e-6
    settings = WakeWordSettings(wake_word="word", threshold=threshold)
    ours = detections(GatedEngines(raw), [sound], settings)
    again = load_engines({"word": tmp_path / "word.tflite"}, MISSING)
    assert ours
    assert [one.end_sample for _, one in ours] == [
        one.end_sample for _, one in detections(again, [sound], settings)
    ]
