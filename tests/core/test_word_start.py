"""Where a wake word begins, judged by level; and what is taken of the audio before it."""

import math
import struct

from hypothesis import given, strategies as st
import pytest

from custom_components.voice_privacy.core.audio import SAMPLE_RATE, SAMPLE_WIDTH, seconds_of
from custom_components.voice_privacy.core.capture import PRE_ROLL_SECONDS
from custom_components.voice_privacy.core.ring_buffer import RingBuffer
from custom_components.voice_privacy.core.word_start import (
    LOOK_BACK_SECONDS,
    hop_levels,
    likeliest_start,
    start_by_level,
    word_audio,
)

LEVELS = st.lists(st.floats(-100, 0), max_size=220)


def sound(seconds: float, amplitude: int) -> bytes:
    count = int(seconds * SAMPLE_RATE)
    return struct.pack(f"<{count}h", *(round(amplitude * math.sin(at / 3)) for at in range(count)))


@given(LEVELS, st.floats(-500, 500), st.floats(0.5, 20), st.lists(st.floats(0, 60), max_size=220))
def test_the_start_is_always_within_the_audio(
    levels: list[float], expected: float, spread: float, changes: list[float]
) -> None:
    assert 0 <= likeliest_start(levels, expected, spread, changes) <= len(levels)


@given(st.lists(st.floats(-60, -10), min_size=120, max_size=160), st.integers(60, 90), st.integers(1, 60))
def test_what_was_long_before_does_not_matter(levels: list[float], expected: int, more: int) -> None:
    quiet = [-60.0] * more + levels
    # The quietest and the loudest hop set the range: both stay the same.
    levels, quiet = [*levels, -60.0, -10.0], [*quiet, -60.0, -10.0]
    reach = [-60.0] * 60
    assert likeliest_start(reach + quiet, expected + more + 60, 6.0) == more + likeliest_start(
        reach + levels, expected + 60, 6.0
    )


@given(st.integers(30, 120), st.floats(-3, 3))
def test_a_rise_decides_between_places_nearby(start: int, off: float) -> None:
    levels = [-65.0] * start + [-25.0] * 60
    assert start - 20 <= likeliest_start(levels, start + off, 6.0) <= start


@pytest.mark.parametrize("gap", [1, 2, 4, 8])
def test_a_short_gap_decides_too(gap: int) -> None:
    levels = [-25.0] * 80 + [-50.0] * gap + [-25.0] * 60
    start = 80 + gap
    assert start - 20 <= likeliest_start(levels, start + 4.0, 6.0) <= start


def test_a_change_of_the_sound_decides_where_the_level_does_not() -> None:
    levels, changes = [-25.0] * 160, [1.0] * 160
    changes[94] = 15.0
    assert 94 - 20 <= likeliest_start(levels, 100.0, 6.0, changes) <= 94


@pytest.mark.parametrize(
    ("phrase", "seconds"), [("Hey", 0.6), ("Alexa", 0.6), ("okay nabu", 0.8), ("hey jarvis", 0.9)]
)
def test_without_a_model_the_length_of_the_phrase_is_a_guide(phrase: str, seconds: float) -> None:
    pcm = sound(0.8, 3_000) + sound(0.3, 30) + sound(seconds, 3_000)
    start = len(pcm) // SAMPLE_WIDTH - int(seconds * SAMPLE_RATE)
    assert start - 0.2 * SAMPLE_RATE <= start_by_level(pcm, phrase) <= start


@given(st.integers(0, 3), st.text(max_size=40))
def test_any_phrase_of_any_stream_has_a_start(tenths: int, phrase: str) -> None:
    pcm = sound(tenths / 10, 500)
    assert 0 <= start_by_level(pcm, phrase) <= len(pcm) // SAMPLE_WIDTH


def test_levels_of_less_than_a_hop() -> None:
    assert hop_levels(b"") == []
    assert len(hop_levels(bytes(2 * 399))) == 2


@given(st.integers(0, 90_000), st.integers(0, 90_000), st.none() | st.integers(-50, 100_000))
def test_never_more_than_a_second_and_a_half_and_never_beyond_the_detection(
    heard: int, end: int, start: int | None
) -> None:
    buffer = RingBuffer(LOOK_BACK_SECONDS + 3.0)
    buffer.append(b"".join(at.to_bytes(2, "little") for at in (at % 65_536 for at in range(heard))))
    end = min(end, heard)
    word = word_audio(end, start, buffer.between, "Alexa")
    assert seconds_of(word) <= PRE_ROLL_SECONDS
    assert buffer.between(0, end).endswith(word)
    if start is not None and start >= max(end - PRE_ROLL_SECONDS * SAMPLE_RATE, buffer.start_sample, 0):
        assert len(word) // SAMPLE_WIDTH == max(0, end - start)
