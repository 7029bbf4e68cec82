"""Level, clipping and noise floor of a microphone, and what they mean."""

from array import array
import itertools
import math

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.voice_privacy.core.audio import SAMPLE_RATE, SILENCE_DBFS, level_dbfs
from custom_components.voice_privacy.core.sound_figures import (
    SoundFigures,
    SoundMeter,
    SoundVerdict,
    figures_of_recording,
)

PIECE = 3_840
SOUNDS = st.lists(
    st.one_of(
        st.integers(-32_768, 32_767),
        st.sampled_from([-32_768, -32_760, -32_759, 32_759, 32_760, 32_767]),
    ),
    max_size=400,
).map(lambda samples: array("h", samples * 40).tobytes())


def tone(seconds: float, dbfs: float, hertz: float = 440.0) -> bytes:
    """Return a tone of a level; louder than full scale, it is cut off."""
    peak = 32_768 * math.sqrt(2) * 10 ** (dbfs / 20)
    return array(
        "h",
        (
            max(-32_768, min(32_767, round(peak * math.sin(2 * math.pi * hertz * n / SAMPLE_RATE))))
            for n in range(int(seconds * SAMPLE_RATE))
        ),
    ).tobytes()


def heard(*sounds: bytes) -> tuple[SoundMeter, SoundFigures]:
    """Return a meter that has heard sounds, and its last figures."""
    meter = SoundMeter()
    figures = meter.add(b"")
    for sound in sounds:
        for start in range(0, len(sound), PIECE):
            figures = meter.add(sound[start : start + PIECE])
    return meter, figures


@settings(max_examples=60, deadline=None)
@given(sound=SOUNDS, cuts=st.lists(st.integers(0, 16_000), max_size=5))
def test_it_does_not_matter_how_sound_arrives(sound: bytes, cuts: list[int]) -> None:
    whole = SoundMeter()
    at_once = whole.add(sound)
    pieces = SoundMeter()
    bounds = [0, *sorted(min(len(sound), 2 * cut) for cut in cuts), len(sound)]
    for start, end in itertools.pairwise(bounds):
        told = pieces.add(sound[start:end])
        assert SILENCE_DBFS <= told.level <= 0
        # No mean is above the largest.
        assert told.level <= told.peak + 1e-9
    assert (pieces.seconds, pieces.floor, pieces.verdict) == (whole.seconds, whole.floor, whole.verdict)
    assert told.clips == at_once.clips


@settings(max_examples=60, deadline=None)
@given(sound=SOUNDS)
def test_a_clip_is_a_run_of_samples_at_full_scale(sound: bytes) -> None:
    flags = "".join("x" if abs(sample) >= 32_760 else " " for sample in array("h", sound))
    assert SoundMeter().add(sound).clips == sum(len(run) >= 3 for run in flags.split())


def test_levels_are_those_of_tones() -> None:
    _, figures = heard(tone(2, -20))
    assert figures.level == pytest.approx(-20, abs=0.1)
    assert figures.peak == pytest.approx(-17, abs=0.1)
    assert figures.floor == pytest.approx(-20, abs=0.1)
    assert SoundMeter().add(b"") == SoundFigures(level=SILENCE_DBFS, peak=SILENCE_DBFS, clips=0, floor=None)


def test_the_floor_is_what_is_left_between_words() -> None:
    room, word = tone(0.8, -60), tone(0.8, -25)
    meter, figures = heard(room, word, room, word, room)
    assert figures.floor == pytest.approx(-60, abs=0.5)
    # Nothing of the sound itself stays.
    held = b"".join(value for value in vars(meter).values() if isinstance(value, bytes | bytearray))
    assert len(held) < 2_560


@pytest.mark.parametrize(
    ("room", "word", "verdict"),
    [
        (-60, -25, SoundVerdict.GOOD),
        (-45, -20, SoundVerdict.GOOD),
        (-70, -50, SoundVerdict.QUIET),
        (-60, -46, SoundVerdict.QUIET),
        (-40, -26, SoundVerdict.NOISY),
        (-50, -50, SoundVerdict.UNSPOKEN),
        (-30, -25, SoundVerdict.UNSPOKEN),
        (-60, 6, SoundVerdict.CLIPPING),
        (-100, -100, SoundVerdict.SILENT),
        (-100, -30, SoundVerdict.GOOD),
    ],
)
def test_what_figures_mean(room: float, word: float, verdict: SoundVerdict) -> None:
    meter, _ = heard(tone(3, room), tone(0.6, word), tone(3, room))
    assert meter.verdict is verdict


def test_one_knock_is_no_distortion_and_a_moment_no_verdict() -> None:
    knock = array("h", [32_767] * 40).tobytes()
    meter, figures = heard(tone(2, -60), tone(0.6, -25), knock, tone(2, -60))
    assert (figures.clips, meter.verdict) == (1, SoundVerdict.GOOD)
    short, _ = heard(tone(1.5, -25))
    assert (short.verdict, short.floor is None) == (SoundVerdict.UNSPOKEN, False)
    assert SoundMeter().verdict is SoundVerdict.UNSPOKEN
    assert level_dbfs(knock) > -1


# --- whole recordings ----------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(sound=SOUNDS, odd=st.binary(max_size=1))
def test_figures_of_a_recording_are_those_of_its_samples(sound: bytes, odd: bytes) -> None:
    samples = array("h", sound)
    figures = figures_of_recording(sound + odd)
    cut_off = sum(abs(sample) >= 32_760 for sample in samples)
    largest = max((abs(sample) for sample in samples), default=0)
    assert figures.clipped == pytest.approx(cut_off / len(samples) if samples else 0.0)
    assert figures.peak == pytest.approx(
        max(SILENCE_DBFS, 20 * math.log10(largest / 32_768)) if largest else SILENCE_DBFS
    )
    assert SILENCE_DBFS <= figures.level <= figures.peak + 1e-9


@pytest.mark.parametrize(
    ("sounds", "problem"),
    [
        ([tone(1.0, -60.0), tone(1.0, -20.0)], None),
        # Nothing but speech is no noise.
        ([tone(2.0, -20.0)], None),
        ([tone(0.3, -20.0)], None),
        ([tone(1.0, -60.0), tone(1.0, 6.0)], SoundVerdict.CLIPPING),
        # Far too loud, it hardly leaves full scale.
        ([array("h", ([32_767] * 80 + [-32_768] * 80) * 100).tobytes()], SoundVerdict.CLIPPING),
        ([tone(1.0, -60.0), tone(0.5, -50.0)], SoundVerdict.QUIET),
        ([bytes(64_000)], SoundVerdict.SILENT),
        ([b""], SoundVerdict.SILENT),
        # A knock is loud for a moment.
        ([tone(1.0, -20.0), b"\xff\x7f" * 5, tone(1.0, -20.0)], None),
    ],
)
def test_what_is_wrong_with_a_recording(sounds: list[bytes], problem: SoundVerdict | None) -> None:
    assert figures_of_recording(b"".join(sounds)).problem is problem
