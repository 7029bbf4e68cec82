"""The end of an utterance by its level."""

from hypothesis import given, strategies as st
import pytest

from custom_components.voice_privacy.core.segmenter import (
    ANSWER_SECONDS,
    DEFAULT_SILENCE_SECONDS,
    RoomLevels,
    Segmenter,
)

_STEP = 0.04
_QUIET = RoomLevels(noise=-65, sound=-63, wake_word=-25)
_TELEVISION = [-48.0, -40.0, -36.0, -44.0, -55.0, -38.0] * 200
"""A programme that goes on before, during and after the command."""


def run(segmenter: Segmenter, levels: list[float]) -> float | None:
    """Return after how many seconds it first ended."""
    for number, level in enumerate(levels, start=1):
        if segmenter.process(level, _STEP):
            return number * _STEP
    return None


def frames(seconds: float, level: float) -> list[float]:
    return [level] * round(seconds / _STEP)


@pytest.mark.parametrize("room", [-70.0, -50.0, -40.0])
@pytest.mark.parametrize("silence", [0.25, 0.7, 1.25])
def test_ends_after_the_chosen_silence(room: float, silence: float) -> None:
    segmenter = Segmenter(room=RoomLevels(noise=room, sound=room + 2, wake_word=room + 25))
    segmenter.silence_seconds = silence
    ended = run(segmenter, frames(0.4, room) + frames(1, room + 20) + frames(3, room))
    assert ended is not None
    assert silence <= ended - 1.4 <= silence + 0.35
    assert segmenter.heard_speech


@pytest.mark.parametrize("gap", [0.0, 0.2, 0.4, 1.5, 4.0])
@pytest.mark.parametrize("length", [0.12, 0.2, 0.36, 0.6])
def test_a_short_command_after_the_wake_word_ends_soon(gap: float, length: float) -> None:
    segmenter = Segmenter(room=_QUIET)
    ended = run(segmenter, frames(gap, -65) + frames(length, -30) + frames(20, -65))
    assert ended is not None
    assert ended - gap - length < 1.3


@pytest.mark.parametrize("pause", [0.3, 0.6, 0.8])
def test_pauses_within_a_command_do_not_end_it(pause: float) -> None:
    segmenter = Segmenter(room=_QUIET)
    assert run(segmenter, (frames(0.8, -30) + frames(pause, -65)) * 8) is None


def test_after_a_first_syllable_there_is_more_time() -> None:
    segmenter = Segmenter(room=_QUIET)
    assert run(segmenter, frames(0.2, -30) + frames(1.1, -65) + frames(1, -30)) is None


@pytest.mark.parametrize(
    "room",
    [
        _QUIET,
        RoomLevels(noise=-65),
        RoomLevels(),
        RoomLevels(noise=-40, sound=-38, wake_word=-25),
        RoomLevels(noise=-100, sound=-100, wake_word=-30),
    ],
)
def test_nobody_speaks(room: RoomLevels) -> None:
    segmenter = Segmenter(room=room)
    assert run(segmenter, frames(20, room.noise or -65)) == pytest.approx(5, abs=0.1)
    assert not segmenter.heard_speech


def test_whoever_was_asked_has_longer_to_answer() -> None:
    segmenter = Segmenter(room=_QUIET)
    segmenter.wait_seconds = ANSWER_SECONDS
    ended = run(segmenter, frames(14, -65) + frames(1, -30) + frames(3, -65))
    assert ended == pytest.approx(16.0, abs=0.2)


def test_a_command_that_begins_in_the_last_moment_is_heard() -> None:
    segmenter = Segmenter(room=_QUIET)
    assert run(segmenter, frames(4.96, -65) + frames(1, -30) + frames(0.4, -65)) is None


@pytest.mark.parametrize(
    "room", [RoomLevels(), RoomLevels(noise=-52), RoomLevels.measured(frames(3, -50), [-20])]
)
@pytest.mark.parametrize("noise", [-75.0, -50.0])
def test_a_microphone_that_is_muted_for_a_chime_tells_nothing_of_the_room(
    room: RoomLevels, noise: float
) -> None:
    muted = frames(1.2, -100)
    assert run(Segmenter(room=room), muted + frames(9, noise)) == pytest.approx(5, abs=0.1)
    ended = run(Segmenter(room=room), muted + frames(0.4, noise) + frames(1, -25) + frames(3, noise))
    assert ended is not None
    assert 0.7 <= ended - 2.6 < 1.3


def test_a_room_whose_microphone_was_muted_is_not_known() -> None:
    assert RoomLevels.measured(frames(3, -100), [-30, -20]) == RoomLevels(noise=-30, wake_word=-20)
    assert RoomLevels.measured(frames(3, -100), []) == RoomLevels()


def test_clicks_are_not_speech() -> None:
    segmenter = Segmenter(room=_QUIET)
    assert run(segmenter, (frames(0.08, -20) + frames(0.9, -65)) * 20) == pytest.approx(5, abs=0.4)
    assert not segmenter.heard_speech


def test_the_tone_for_an_opened_microphone_leaves_time_to_speak() -> None:
    tone_and_command = frames(0.2, -65) + frames(0.24, -30) + frames(2, -65) + frames(1, -30) + frames(3, -65)
    segmenter = Segmenter(room=RoomLevels(noise=-65, sound=-63))
    segmenter.may_begin_with_chime = True
    assert run(segmenter, tone_and_command) == pytest.approx(4.44, abs=0.1)


@pytest.mark.parametrize("gap", [0.0, 0.4, 1.0])
def test_a_television_neither_cuts_a_command_nor_makes_it_endless(gap: float) -> None:
    room = RoomLevels.measured(_TELEVISION[:75], frames(0.6, -25))
    pause, spoken = round(gap / _STEP), frames(1, -27)
    levels = _TELEVISION[:pause] + spoken + _TELEVISION
    ended = run(Segmenter(room=room), levels)
    assert ended is not None
    assert 0.7 <= ended - gap - 1 < 1.5
    assert run(Segmenter(room=room), _TELEVISION) == pytest.approx(5, abs=0.3)


def test_whoever_talked_right_before_the_wake_word_is_still_heard() -> None:
    """Then the room was as loud as the command will be."""
    talk = [-30.0, -25.0, -45.0, -28.0, -60.0, -33.0]
    room = RoomLevels.measured(talk * 12, frames(0.6, -25))
    segmenter = Segmenter(room=room)
    ended = run(segmenter, talk * 12 + frames(3, -65))
    assert ended is not None
    assert 0.7 <= ended - len(talk) * 12 * _STEP < 1.5
    assert segmenter.heard_speech


def test_speech_from_the_first_frame_on_is_heard_once_the_room_is_known() -> None:
    segmenter = Segmenter()
    ended = run(segmenter, frames(0.4, -28) + frames(3, -60))
    assert ended is not None
    assert ended - 0.4 < 1.3
    assert segmenter.heard_speech


def test_steady_noise_that_begins_does_not_last_for_ever() -> None:
    """A vacuum cleaner is switched on: it counts as speech at first, and then as the room."""
    segmenter = Segmenter(room=_QUIET)
    ended = run(segmenter, frames(30, -35))
    assert ended is not None
    assert ended < 15


def test_where_speech_to_text_finds_the_end_only_the_wait_is_limited() -> None:
    segmenter = Segmenter(room=_QUIET)
    segmenter.engine_decides = True
    assert run(segmenter, frames(1, -30) + frames(9, -65)) is None
    segmenter = Segmenter(room=_QUIET)
    segmenter.engine_decides = True
    assert run(segmenter, frames(9, -65)) == pytest.approx(5, abs=0.1)


def test_speech_after_the_end_makes_it_no_end() -> None:
    """In a burst, all of it is there before anybody asks."""
    segmenter = Segmenter(room=_QUIET)
    run(segmenter, frames(1, -30) + frames(2, -65))
    assert segmenter.ended
    run(segmenter, frames(0.2, -30))
    assert not segmenter.ended


@given(st.lists(st.floats(-100, 0), max_size=300), st.none() | st.floats(-100, -10))
def test_never_ends_before_silence_has_lasted(levels: list[float], noise: float | None) -> None:
    ended = run(Segmenter(room=RoomLevels(noise=noise)), levels)
    assert ended is None or ended >= DEFAULT_SILENCE_SECONDS


def syllables(seconds: float, room: float, above: float) -> list[float]:
    """Return speech: no voice has the same level all the time."""
    count = max(1, round(seconds / _STEP / 5))
    return [room + 1.0, *[room + above - below for below in (4, 0, 8, 2)]] * count


_SPOKEN = st.tuples(st.floats(0.2, 3), st.floats(0.04, 0.6))
"""Seconds of speech, and of the pause after it."""


@given(
    st.lists(_SPOKEN, min_size=1, max_size=6),
    st.floats(-70, -40),
    st.floats(18, 35),
    st.floats(0, 4.5),
    st.sampled_from([0.25, 0.7, 1.25]),
)
def test_ends_soon_after_the_last_speech_and_never_within(
    parts: list[tuple[float, float]], room: float, above: float, wait: float, silence: float
) -> None:
    segmenter = Segmenter(room=RoomLevels(noise=room, sound=room + 3, wake_word=room + above))
    segmenter.silence_seconds = silence
    levels = frames(wait, room)
    for number, (spoken, pause) in enumerate(parts):
        # A pause shorter than the chosen silence is no end.
        levels += frames(min(pause, silence), room) * (number > 0)
        levels += syllables(spoken, room, above)
    last = len(levels) * _STEP
    ended = run(segmenter, levels + frames(20, room))
    assert ended is not None
    assert last + silence - _STEP <= ended <= last + max(silence + 0.35, 1.25)


@given(st.lists(st.floats(-5, 4), min_size=20, max_size=75), st.floats(-70, -35))
def test_a_bare_wake_word_ends_after_five_seconds(room: list[float], level: float) -> None:
    """Whatever the room sounds like, as long as it goes on like that."""
    levels = [level + one for one in room]
    segmenter = Segmenter(room=RoomLevels.measured(levels, frames(0.6, level + 20)))
    assert run(segmenter, levels * 20) == pytest.approx(5, abs=0.3)
