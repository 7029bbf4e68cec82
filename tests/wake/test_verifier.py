"""A second opinion on wake words: trained in the house, kept as numbers, judged on clips it never saw."""

from collections.abc import Callable
from dataclasses import replace
import hashlib
import itertools
import json
from pathlib import Path
from typing import Final

from hypothesis import given, strategies as st
import numpy as np
from numpy.typing import NDArray
import pytest

from custom_components.voice_privacy.core.errors import ModelFileInvalid
from custom_components.voice_privacy.wake import verifier_training as learning
from custom_components.voice_privacy.wake.augmentation import (
    BASE_SCORE,
    NOISE_DB,
    ClipWindows,
    Windows,
    babble,
    background_windows,
    pink_noise,
    windows_of,
)
from custom_components.voice_privacy.wake.engine import WakeEngine
from custom_components.voice_privacy.wake.verifier import INVERSE_PENALTY, Verifier, train
from custom_components.voice_privacy.wake.verifier_training import Evaluation, LabeledClip, evaluate, learn

from .conftest import Speak, quiet_noise, scores_of, with_noise_around

SHAPE: Final = (16, 96)


def windows(count: int, *, seed: int, shift: float = 0.0) -> Windows:
    """Return windows of a made-up word: noise, with a direction of its own by `shift`."""
    random = np.random.default_rng(seed)
    direction = np.random.default_rng(99).normal(size=SHAPE)
    return (random.normal(size=(count, *SHAPE)) + shift * direction).astype(np.float16)


def clip(seed: int, *, meant: bool, shift: float, copies: int = 3) -> LabeledClip:
    scores = np.full(2, 0.8, np.float32)
    return LabeledClip(
        meant=meant,
        windows=ClipWindows(
            copies=tuple(windows(2, seed=seed * 100 + at, shift=shift) for at in range(copies)),
            scores=(scores,) * copies,
            rest=windows(2, seed=seed * 100 + 50),
        ),
    )


BACKGROUND: Final = windows(20, seed=7)
VERIFIER: Final = train("alexa", windows(10, seed=1, shift=0.3), windows(12, seed=2))


def test_it_tells_words_apart_that_it_has_not_heard() -> None:
    assert VERIFIER.scores(windows(50, seed=3, shift=0.3)).min() > 0.5
    assert VERIFIER.scores(windows(50, seed=4)).max() < 0.5


def test_one_score_is_that_of_many() -> None:
    many = windows(5, seed=5, shift=0.1)
    assert [VERIFIER.score(window) for window in many] == pytest.approx(VERIFIER.scores(many))
    assert VERIFIER.score(many[0].astype(np.float32)) == pytest.approx(VERIFIER.score(many[0]))
    with pytest.raises(ValueError, match="reshape"):
        VERIFIER.score(many[0][:8])


@pytest.mark.parametrize(("positives", "negatives"), [(8, 9), (900, 800)])
def test_training_finds_the_minimum(positives: int, negatives: int) -> None:
    """At the minimum of the penalized loss its gradient is zero; with fewer examples than numbers and with more."""
    examples = np.concatenate((windows(positives, seed=1, shift=0.05), windows(negatives, seed=2)))
    verifier = train("alexa", examples[:positives], examples[positives:])
    flat = examples.reshape(len(examples), -1).astype(np.float64)
    mean, scale = flat.mean(axis=0), flat.std(axis=0)
    standard = (flat - mean) / scale
    weights = verifier.weights * scale
    labels = np.arange(len(examples)) < positives
    chance = 1 / (1 + np.exp(-(standard @ weights + verifier.bias + verifier.weights @ mean)))
    importance = INVERSE_PENALTY * len(labels) / (2 * np.where(labels, positives, negatives))
    slope = standard.T @ (importance * (chance - labels)) + weights
    assert np.abs(slope).max() < 1e-6
    assert abs(importance @ (chance - labels)) < 1e-6


def test_training_is_repeatable_and_wants_both_kinds() -> None:
    again = train("alexa", windows(10, seed=1, shift=0.3), windows(12, seed=2))
    assert again.to_bytes() == VERIFIER.to_bytes()
    with pytest.raises(ValueError, match="both kinds"):
        train("alexa", windows(3, seed=1), windows(0, seed=1))


@pytest.mark.oracle
def test_it_is_scikit_learns_logistic_regression() -> None:
    linear_model = pytest.importorskip("sklearn.linear_model")
    preprocessing = pytest.importorskip("sklearn.preprocessing")
    positives, negatives = windows(40, seed=1, shift=0.05), windows(60, seed=2)
    flat = np.concatenate((positives, negatives)).reshape(100, -1).astype(np.float64)
    labels = np.arange(100) < 40
    scaler = preprocessing.StandardScaler().fit(flat)
    model = linear_model.LogisticRegression(
        C=INVERSE_PENALTY, class_weight="balanced", tol=1e-10, max_iter=10_000
    )
    model.fit(scaler.transform(flat), labels)
    tried = windows(30, seed=3, shift=0.03)
    theirs = model.predict_proba(scaler.transform(tried.reshape(30, -1).astype(np.float64)))[:, 1]
    assert train("alexa", positives, negatives).scores(tried) == pytest.approx(theirs, abs=1e-5)


# --- on disk -------------------------------------------------------------------------------------


def test_it_is_written_and_read_back(tmp_path: Path) -> None:
    path = tmp_path / "verifiers" / "house"
    VERIFIER.save(path)
    VERIFIER.save(path)
    read = Verifier.load(path)
    window = windows(1, seed=6, shift=0.2)[0]
    assert read.wake_word == "alexa"
    assert read.score(window) == pytest.approx(VERIFIER.score(window), abs=1e-6)
    assert [file.name for file in path.parent.iterdir()] == ["house"]
    assert path.stat().st_mode & 0o077 == 0
    header, _, numbers = path.read_bytes().partition(b"\n")
    assert json.loads(header)["shape"] == [16, 96]
    assert len(numbers) == 4 * 1_537


def test_a_failed_write_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "house").mkdir()
    with pytest.raises(OSError, match="house"):
        VERIFIER.save(tmp_path / "house")
    assert [file.name for file in tmp_path.iterdir()] == ["house"]


@given(st.integers(0, 10_000), st.integers(1, 255))
def test_one_changed_byte_is_noticed(at: int, by: int) -> None:
    content = bytearray(VERIFIER.to_bytes())
    at %= len(content)
    content[at] ^= by
    try:
        read = Verifier.from_bytes(bytes(content))
    except ModelFileInvalid:
        return
    # JSON does not care for some blanks and escapes: what is read must be the same then.
    assert read.to_bytes() == VERIFIER.to_bytes()


@given(st.one_of(st.binary(max_size=200), st.integers(0, 6_100).map(lambda size: VERIFIER.to_bytes()[:size])))
def test_anything_else_is_refused(content: bytes) -> None:
    with pytest.raises(ModelFileInvalid):
        Verifier.from_bytes(content)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_numbers_that_are_none_are_refused(value: float) -> None:
    weights = VERIFIER.weights.copy()
    weights[0] = value
    with pytest.raises(ModelFileInvalid):
        Verifier.from_bytes(replace(VERIFIER, weights=weights).to_bytes())


@pytest.mark.parametrize(
    "change",
    [
        {"version": 2},
        {"format": "x"},
        {"shape": [8, 96]},
        {"wake_word": 5},
        {"wake_word": "\ud800"},
        {"sha256": ""},
    ],
)
def test_a_strange_header_is_refused(change: dict[str, object]) -> None:
    line, _, numbers = VERIFIER.to_bytes().partition(b"\n")
    header = json.dumps(json.loads(line) | change).encode()
    with pytest.raises(ModelFileInvalid):
        Verifier.from_bytes(header + b"\n" + numbers)
    nested = b"[" * 20_000
    with pytest.raises(ModelFileInvalid):
        Verifier.from_bytes(nested)


# --- learning ------------------------------------------------------------------------------------

WAKES: Final = [clip(seed, meant=True, shift=0.3) for seed in range(8)]
FALSE_WAKES: Final = [clip(100 + seed, meant=False, shift=0.0) for seed in range(5)]


def test_a_house_with_clear_false_wakes_is_better_off() -> None:
    verdict = evaluate("alexa", [*WAKES, *FALSE_WAKES], BACKGROUND, threshold_before=0.5, threshold_after=0.5)
    assert verdict == Evaluation(
        wakes=8,
        wakes_before=8,
        wakes_after=8,
        noisy_wakes=16,
        noisy_before=16,
        noisy_after=16,
        false_wakes=5,
        false_before=5,
        false_after=0,
    )
    assert verdict.better


def test_false_wakes_that_sound_like_the_word_make_nothing_better() -> None:
    alike = [clip(200 + seed, meant=False, shift=0.3) for seed in range(5)]
    verdict = evaluate("alexa", [*WAKES, *alike], BACKGROUND, threshold_before=0.5, threshold_after=0.5)
    assert verdict.wakes_after < verdict.wakes or verdict.false_after == verdict.false_before
    assert not verdict.better


def test_below_the_threshold_nobody_is_asked() -> None:
    verdict = evaluate("alexa", [*WAKES, *FALSE_WAKES], BACKGROUND, threshold_before=0.9, threshold_after=0.5)
    assert (verdict.wakes_before, verdict.wakes_after) == (0, 8)
    assert (verdict.false_before, verdict.false_after) == (0, 0)
    assert not verdict.better


def test_too_few_clips_change_nothing() -> None:
    few = WAKES[:4]
    with pytest.raises(ValueError, match="too few"):
        learn("alexa", few, BACKGROUND)
    verdict = evaluate("alexa", [*few, *FALSE_WAKES], BACKGROUND, threshold_before=0.5, threshold_after=0.1)
    assert verdict.false_after == verdict.false_before == 5
    assert not verdict.enough
    assert not verdict.better
    many = replace(verdict, wakes=8, wakes_before=8, wakes_after=8, false_after=1)
    assert many.better
    assert not replace(many, wakes_after=7).better
    assert not replace(many, false_wakes=2).better
    assert not replace(many, noisy_after=0).better


@given(st.integers(0, 12), st.integers(0, 12), st.integers(0, 3))
def test_no_clip_is_on_both_sides(wakes: int, false_wakes: int, seed: int) -> None:
    clips = [*WAKES * 2][:wakes] + [*FALSE_WAKES * 3][:false_wakes]
    clips = [replace(sample) for sample in clips]
    folds = learning._folds(clips, 5, seed)
    tried = [id(sample) for _, held_out in folds for sample in held_out]
    assert sorted(tried) == sorted(map(id, clips))
    for trained, held_out in folds:
        assert not {id(sample) for sample in trained} & {id(sample) for sample in held_out}
        assert len(trained) + len(held_out) == len(clips)


def test_learning_forgets_a_clip_that_is_left_out() -> None:
    """Retraining without a clip is the same as never having had it."""
    without = learn("alexa", [*WAKES[1:], *FALSE_WAKES], BACKGROUND)
    assert without.to_bytes() != learn("alexa", [*WAKES, *FALSE_WAKES], BACKGROUND).to_bytes()
    assert without.to_bytes() == learn("alexa", [*WAKES[1:], *FALSE_WAKES], BACKGROUND).to_bytes()


# --- with the real engine ------------------------------------------------------------------------


def test_windows_are_those_of_the_engine_around_the_word(
    load_engine: Callable[..., WakeEngine], speak: Speak
) -> None:
    engine = load_engine("hey_jarvis", "alexa")
    spoken = with_noise_around(speak("Alexa", "slt"), before=0.2, after=1.5)
    found = windows_of(engine, "alexa", spoken.tobytes(), seed=1)
    again = windows_of(engine, "alexa", spoken.tobytes(), seed=1)
    assert len(found.copies) == len(found.scores) == 1 + 2 * len(NOISE_DB)
    assert 1 <= len(found.copies[0]) <= 4
    assert found.scores[0].max() > 0.9
    for copy, scores, same in zip(found.copies, found.scores, again.copies, strict=True):
        assert copy.shape == (len(scores), *SHAPE)
        assert (scores >= BASE_SCORE).all()
        assert np.array_equal(copy, same)
    assert len(found.rest)
    assert not any(np.array_equal(window, other) for window in found.rest for other in found.windows)
    handle = engine.open_stream()
    assert handle in range(16)


def test_a_clip_that_is_silent_or_empty_has_no_word_in_it(load_engine: Callable[..., WakeEngine]) -> None:
    engine = load_engine("alexa")
    for pcm in (b"", b"\0", quiet_noise(1.0).tobytes(), bytes(32_000)):
        found = windows_of(engine, "alexa", pcm, seed=0)
        assert [len(copy) for copy in found.copies] == [0] * 5
        assert len(found.windows) == 0
    with pytest.raises(ValueError, match="tuple"):
        windows_of(engine, "open_sesame", b"", seed=0)


def test_a_repeated_phrase_stops_waking_and_the_word_does_not(
    load_engine: Callable[..., WakeEngine], speak: Speak
) -> None:
    engine = load_engine("alexa")

    def heard(text: str, voice: str, seed: int, *, meant: bool) -> LabeledClip:
        pcm = with_noise_around(speak(text, voice), before=0.1, after=0.3, seed=seed).tobytes()
        return LabeledClip(meant=meant, windows=windows_of(engine, "alexa", pcm, seed=seed))

    wakes = [
        heard("Alexa", voice, seed, meant=True)
        for seed, voice in enumerate(("slt", "rms", "awb", "kal16") * 2)
    ]
    phrases = [
        heard("a lexus", voice, 20 + seed, meant=False) for seed, voice in enumerate(("slt", "rms", "awb"))
    ]
    verifier = learn("alexa", [*wakes, *phrases], background_windows(engine))
    for voice, text, accepted in (("slt", "Alexa", True), ("rms", "Alexa", True), ("slt", "a lexus", False)):
        samples = with_noise_around(speak(text, voice), before=3.0, seed=77)
        at = int(np.argmax(scores_of(engine, samples)[:, 0]))
        stream = engine.open_stream()
        for chunk in samples[: (at + 1) * 1_280].reshape(-1, 1_280):
            scores = engine.process([stream], chunk[np.newaxis])
        assert scores[0, 0] >= 0.5
        assert (verifier.score(engine.embeddings(stream)) >= 0.5) is accepted, (voice, text)
        engine.close_stream(stream)


def octave_powers(noise: NDArray[np.float64]) -> list[float]:
    spectrum = np.abs(np.fft.rfft(noise)) ** 2
    edges = [
        round(frequency * len(noise) / 16_000) for frequency in (125, 250, 500, 1_000, 2_000, 4_000, 8_000)
    ]
    return [float(spectrum[low:high].sum()) for low, high in itertools.pairwise(edges)]


def test_noise_is_what_it_says() -> None:
    pink = pink_noise(160_000, np.random.default_rng(1))
    powers = octave_powers(pink)
    assert max(powers) < 1.3 * min(powers)
    voices = babble(160_000, np.random.default_rng(1))
    powers = octave_powers(voices)
    assert powers[-1] < 0.2 * max(powers)
    for noise in (pink, voices):
        assert np.sqrt(np.mean(noise**2)) == pytest.approx(1)
    assert (
        hashlib.sha256(pink.tobytes()).digest()
        == hashlib.sha256(pink_noise(160_000, np.random.default_rng(1)).tobytes()).digest()
    )
