"""The end of an utterance by its level."""

from hypothesis import given, strategies as st
import pytest

from custom_components.voice_privacy.core.segmenter import Segmenter

_STEP = 0.08


def run(segmenter: Segmenter, levels: list[float]) -> int | None:
    """Return after how many chunks it ended."""
    for number, level in enumerate(levels, start=1):
        if segmenter.process(level, _STEP):
            return number
    return None


@pytest.mark.parametrize("room", [-70.0, -50.0, -40.0])
def test_ends_after_silence_that_follows_speech(room: float) -> None:
    segmenter = Segmenter(noise_dbfs=room)
    speech = [room + 20] * 12
    assert run(segmenter, [room] * 5 + speech + [room] * 30) == 5 + 12 + 10
    assert segmenter.heard_speech


def test_a_pause_within_a_command_does_not_end_it() -> None:
    segmenter = Segmenter(noise_dbfs=-60)
    assert run(segmenter, [-30.0] * 5 + [-60.0] * 8 + [-30.0] * 5) is None


def test_nobody_speaks() -> None:
    segmenter = Segmenter(noise_dbfs=-60)
    ended = run(segmenter, [-60.0] * 200)
    assert ended == 63
    assert ended * _STEP == pytest.approx(5, abs=0.1)
    assert not segmenter.heard_speech


def test_a_click_is_not_speech() -> None:
    segmenter = Segmenter(noise_dbfs=-60)
    assert run(segmenter, ([-20.0] + [-60.0] * 11) * 20) is not None
    assert not segmenter.heard_speech


def test_steady_noise_that_begins_does_not_last_for_ever() -> None:
    """A vacuum cleaner is switched on: it counts as speech at first, and then as the room."""
    segmenter = Segmenter(noise_dbfs=-60)
    assert run(segmenter, [-35.0] * 400) is not None


@given(st.lists(st.floats(-100, 0), max_size=200), st.none() | st.floats(-100, -10))
def test_never_ends_before_silence_has_lasted(levels: list[float], noise: float | None) -> None:
    segmenter = Segmenter(noise_dbfs=noise)
    ended = run(segmenter, levels)
    if ended is not None:
        assert ended * _STEP >= 0.8
