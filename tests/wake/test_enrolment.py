"""Recorded examples: where the word is, what is wrong with a clip, and what a word is made of."""

from collections.abc import Callable
from pathlib import Path

from hypothesis import given, settings, strategies as st
import numpy as np
import pytest

from custom_components.voice_privacy.core.errors import InvalidRequest, TaughtClipsTooFew
from custom_components.voice_privacy.wake.clip_sound import HOP_SAMPLES, ClipVerdict, judge_sound
from custom_components.voice_privacy.wake.engines import load_engines
from custom_components.voice_privacy.wake.enrolment import EnrolledClip, Enroller, trained_that_hear
from custom_components.voice_privacy.wake.taught import TaughtWord, lowest_threshold
from custom_components.voice_privacy.wake.taught_format import MOST_ANTI_EXAMPLES, MOST_TEMPLATES

from .conftest import Samples, chunks_of, quiet_noise, with_noise_around
from .voiced import RATE, recorded, spoken

# --- what is wrong with a clip -------------------------------------------------------------------


def verdict(samples: Samples) -> ClipVerdict:
    return judge_sound(samples.astype("<i2").tobytes()).verdict


@pytest.mark.parametrize("seconds", [0.5, 0.7, 1.2, 1.9])
@pytest.mark.parametrize("peak", [800, 8_000, 32_000])
def test_a_good_clip(seconds: float, peak: float) -> None:
    sound = judge_sound(recorded(spoken(1, seconds, peak=peak)).tobytes())
    assert sound.verdict is ClipVerdict.GOOD
    assert sound.start == pytest.approx(0.6 * RATE, abs=0.08 * RATE)
    assert sound.end == pytest.approx((0.6 + seconds) * RATE, abs=0.08 * RATE)
    assert sound.seconds == pytest.approx(seconds, abs=0.12)
    assert sound.peak_dbfs == pytest.approx(20 * np.log10(peak / 32_768), abs=0.3)


def test_a_phrase_with_a_pause_is_one_word() -> None:
    phrase = np.concatenate((spoken(1, 0.4), quiet_noise(0.2), spoken(2, 0.5)))
    sound = judge_sound(recorded(phrase).tobytes())
    assert (sound.verdict, round(sound.seconds, 1)) == (ClipVerdict.GOOD, 1.1)


def test_a_click_before_it_does_not_count() -> None:
    clip = recorded(spoken(1, 0.8), before=1.2)
    clip[RATE // 4 : RATE // 4 + 80] = 12_000
    sound = judge_sound(clip.tobytes())
    assert sound.verdict is ClipVerdict.GOOD
    assert sound.start == pytest.approx(1.2 * RATE, abs=0.08 * RATE)


@pytest.mark.parametrize("samples", [np.zeros(2 * RATE, np.int16), quiet_noise(3), np.zeros(0, np.int16)])
def test_a_silent_clip(samples: Samples) -> None:
    assert verdict(samples) is ClipVerdict.SILENT


@pytest.mark.parametrize("peak", [150, 250])
def test_a_quiet_clip(peak: float) -> None:
    assert verdict(recorded(spoken(1, peak=peak))) is ClipVerdict.TOO_QUIET


def test_a_word_that_is_lost_in_noise_is_too_quiet() -> None:
    random = np.random.default_rng(0)
    clip = recorded(spoken(1, peak=8_000)).astype(np.float64)
    clip += random.normal(0, 1_500, len(clip))
    assert verdict(clip.clip(-32_768, 32_767).astype(np.int16)) is ClipVerdict.TOO_QUIET


def test_a_clipped_clip() -> None:
    loud = (spoken(1, peak=32_000).astype(np.int32) * 4).clip(-32_768, 32_767).astype(np.int16)
    assert verdict(recorded(loud)) is ClipVerdict.CLIPPED


def test_one_loud_sample_is_not_clipped() -> None:
    clip = recorded(spoken(1, peak=30_000))
    clip[RATE] = 32_767
    assert verdict(clip) is ClipVerdict.GOOD


@pytest.mark.parametrize("seconds", [0.15, 0.3, 0.4])
def test_a_short_word(seconds: float) -> None:
    assert verdict(recorded(spoken(1, seconds))) is ClipVerdict.TOO_SHORT


def test_a_long_word() -> None:
    assert verdict(recorded(spoken(1, 2.6))) is ClipVerdict.TOO_LONG


@pytest.mark.parametrize("edges", [(0.0, 1.0), (1.0, 0.0), (0.0, 0.0)])
def test_a_word_that_is_cut_off(edges: tuple[float, float]) -> None:
    before, after = edges
    # Three syllables.
    said = spoken(1, 1.0) * (0.55 + 0.45 * np.cos(np.linspace(0, 6 * np.pi, RATE)))
    whole = recorded(said.astype(np.int16), before=before, after=after)
    first, last = (0 if before else 0.2), (0 if after else 0.2)
    clip = whole[round(first * RATE) : len(whole) - round(last * RATE)]
    assert verdict(clip) is ClipVerdict.CUT_OFF


@given(
    pcm=st.binary(max_size=4_000),
    level=st.integers(1, 32_767),
    seconds=st.floats(0, 3),
    seed=st.integers(0, 99),
)
@settings(max_examples=60, deadline=None)
def test_any_sound_has_a_verdict(pcm: bytes, level: int, seconds: float, seed: int) -> None:
    random = np.random.default_rng(seed)
    noise = (random.uniform(-1, 1, round(seconds * RATE)) * level).astype("<i2").tobytes()
    for clip in (pcm, noise, noise + pcm, pcm + noise + b"\x01"):
        sound = judge_sound(clip)
        assert 0 <= sound.start <= sound.end <= len(clip) // 2
        assert (sound.end > sound.start) or sound.verdict in (ClipVerdict.SILENT, ClipVerdict.TOO_QUIET)
        assert sound.start % HOP_SAMPLES == 0


# --- examples ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def base(models: Path) -> tuple[Path, Path]:
    return models / "melspectrogram.onnx", models / "embedding_model.onnx"


@pytest.fixture(scope="module")
def enroller(base: tuple[Path, Path]) -> Enroller:
    return Enroller.load(base)


@pytest.fixture(scope="module")
def say(enroller: Enroller) -> Callable[..., EnrolledClip]:
    """Return a function that enrolls a made-up word, said a little differently each time."""

    def clip(word: int, take: int = 0, seconds: float = 0.9) -> EnrolledClip:
        random = np.random.default_rng([word, take])
        said = spoken(word, seconds * random.uniform(0.92, 1.08), pitch=120 * random.uniform(0.94, 1.06))
        return enroller.clip(recorded(said, before=random.uniform(0.4, 0.9), seed=take).tobytes())

    return clip


def scores_of(base: tuple[Path, Path], word: TaughtWord, samples: Samples) -> list[float]:
    engine = load_engines({}, base, taught={word.wake_word: word})
    stream = engine.open_stream()
    return [float(engine.process([stream], chunk[np.newaxis])[0, 0]) for chunk in chunks_of(samples)]


def test_a_word_that_is_taught_is_heard_and_another_one_is_not(
    base: tuple[Path, Path], enroller: Enroller, say: Callable[..., EnrolledClip]
) -> None:
    clips = [say(1, take) for take in range(8)]
    assert [clip.verdict for clip in clips] == [ClipVerdict.GOOD] * 8
    word = enroller.teach("made_up", clips)
    assert not word.is_short
    assert word.seconds == pytest.approx(0.9, abs=0.15)
    for take in range(20, 25):
        random = np.random.default_rng(take)
        said = spoken(1, 0.9 * random.uniform(0.95, 1.05), pitch=120 * random.uniform(0.95, 1.05))
        assert max(scores_of(base, word, with_noise_around(said, seed=take))) >= 0.5
    for other in (2, 3, 4):
        assert max(scores_of(base, word, with_noise_around(spoken(other)))) < 0.5


def test_nothing_of_a_clip_is_its_audio(say: Callable[..., EnrolledClip]) -> None:
    clip = say(1)
    assert clip.template is not None
    for part in (clip.template, *clip.decoys):
        assert part.dtype == np.float32
        assert part.shape[1] == 96
    assert np.abs(np.linalg.norm(clip.template, axis=1) - 1).max() < 1e-2


def test_the_place_of_a_word_in_its_clip_does_not_matter(enroller: Enroller) -> None:
    said = spoken(5)
    clips = [enroller.clip(recorded(said, before=before).tobytes()) for before in (0.4, 0.43, 0.5, 1.1)]
    word = enroller.teach("made_up", clips)
    assert lowest_threshold(word) < word.threshold / 2


def test_a_wrong_clip(enroller: Enroller, say: Callable[..., EnrolledClip]) -> None:
    right = [say(1, take) for take in range(4)]
    for at in range(5):
        clips = [*right[:at], say(2), *right[at:]]
        wanted = [ClipVerdict.GOOD] * 5
        wanted[at] = ClipVerdict.ANOTHER_WORD
        assert enroller.judge(clips) == wanted
    assert enroller.judge([*right[:2], say(2)])[2] is ClipVerdict.ANOTHER_WORD
    # Two clips cannot say which of them is the wrong one.
    assert enroller.judge([right[0], say(2)]) == [ClipVerdict.GOOD] * 2


def test_a_wrong_clip_and_bad_ones_are_left_out(enroller: Enroller, say: Callable[..., EnrolledClip]) -> None:
    silent = enroller.clip(quiet_noise(2).tobytes())
    short = say(1, 9, seconds=0.35)
    assert (silent.verdict, silent.template) == (ClipVerdict.SILENT, None)
    assert short.verdict is ClipVerdict.TOO_SHORT
    right = [say(1, take) for take in range(4)]
    word = enroller.teach("made_up", [silent, short, *right, say(2)])
    alone = enroller.teach("made_up", right)
    assert word.to_bytes() == alone.to_bytes()


def test_too_few_clips_are_refused(enroller: Enroller, say: Callable[..., EnrolledClip]) -> None:
    silent = enroller.clip(quiet_noise(2).tobytes())
    for clips in ([], [say(1, 0), say(1, 1)], [say(1, 0), say(1, 1), silent, silent]):
        with pytest.raises(TaughtClipsTooFew):
            enroller.teach("made_up", clips)


def test_too_many_clips_are_refused(enroller: Enroller, say: Callable[..., EnrolledClip]) -> None:
    clips = [say(1, take) for take in range(3)]
    with pytest.raises(InvalidRequest):
        enroller.teach("made_up", clips * (MOST_TEMPLATES // 3 + 1))
    with pytest.raises(InvalidRequest):
        enroller.teach("made_up", clips, [say(2)] * (MOST_ANTI_EXAMPLES + 1))


def test_a_short_word_is_told(enroller: Enroller, say: Callable[..., EnrolledClip]) -> None:
    clips = [say(1, take, seconds=0.53) for take in range(3)]
    assert [(clip.verdict, clip.is_short) for clip in clips] == [(ClipVerdict.GOOD, True)] * 3
    assert enroller.teach("made_up", clips).is_short
    assert not say(1).is_short


def test_what_must_not_wake_it(
    base: tuple[Path, Path], enroller: Enroller, say: Callable[..., EnrolledClip]
) -> None:
    clips = [say(1, take) for take in range(5)]
    said = spoken(1, 0.9)
    # Most of the word, and then the end of another one.
    similar = np.concatenate((said[: len(said) * 4 // 5], spoken(2, 0.9)[len(said) * 4 // 5 :]))
    others = [enroller.clip(recorded(similar, seed=seed).tobytes()) for seed in range(2)]
    loose = enroller.teach("made_up", clips)
    word = enroller.teach("made_up", clips, others)
    heard = with_noise_around(similar, seed=5)
    assert max(scores_of(base, loose, heard)) >= 0.5
    assert max(scores_of(base, word, heard)) < 0.5
    assert max(scores_of(base, word, with_noise_around(said, seed=6))) >= 0.5
    assert lowest_threshold(loose) <= word.threshold <= loose.threshold


def test_a_false_wake_is_learned_and_never_loosens(
    enroller: Enroller, say: Callable[..., EnrolledClip]
) -> None:
    word = enroller.teach("made_up", [say(1, take) for take in range(4)])
    learned = word
    for take in range(MOST_ANTI_EXAMPLES + 2):
        before = learned
        learned = enroller.with_anti_example(learned, say(2 + take % 3, take % 2))
        assert learned.threshold <= before.threshold
    assert len(learned.anti_examples) == MOST_ANTI_EXAMPLES
    assert [one.tolist() for one in learned.templates] == [one.tolist() for one in word.templates]
    with pytest.raises(InvalidRequest):
        enroller.with_anti_example(word, enroller.clip(quiet_noise(2).tobytes()))


def test_similar_words_are_told(enroller: Enroller, say: Callable[..., EnrolledClip]) -> None:
    words = {
        f"word_{number}": enroller.teach(f"word_{number}", [say(number, take) for take in range(3)])
        for number in (1, 2, 4)
    }
    again = enroller.teach("again", [say(1, take) for take in range(5, 8)])
    found = enroller.similar(again, words)
    assert found.keys() == {"word_1"}
    assert found["word_1"] >= 0.5
    assert enroller.similar(words["word_2"], {"word_4": words["word_4"]}) == {}
    assert enroller.similar(again, {}) == {}


def test_trained_words_that_hear_it(
    base: tuple[Path, Path], models: Path, speak: Callable[..., Samples]
) -> None:
    engine = load_engines({"alexa": models / "alexa_v0.1.onnx"}, base)
    heard = trained_that_hear(engine, [speak("Alexa").tobytes(), spoken(1).tobytes()])
    assert heard.keys() == {"alexa"}
    assert heard["alexa"] > 0.5
    assert trained_that_hear(engine, [spoken(1).tobytes()]) == {}
    assert trained_that_hear(engine, []) == {}
