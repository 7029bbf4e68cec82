"""A gate opens for whatever stands out from the room, whatever the room is like, and closes when it is quiet."""

from collections.abc import Iterable, Sequence

from hypothesis import given, strategies as st
import pytest

from custom_components.voice_privacy.wake.gate import (
    ABOVE_FLOOR_DB,
    HOLD_CHUNKS,
    QUIETEST_SOUND_DB,
    Gate,
    new_gate,
)

CHUNKS_PER_SECOND = 12.5
levels = st.floats(0, 96)


def run(gate: Gate, sounds: Iterable[float]) -> tuple[Gate, list[bool]]:
    """Return the gate after some chunks, and whether it was open for each."""
    opened = []
    for level in sounds:
        gate = gate.after([level])
        opened.append(gate.is_open)
    return gate, opened


def in_a_room(level: float) -> Gate:
    """Return a gate that has known a steady room for so long that it is closed."""
    gate, opened = run(new_gate(), [level] * round((96 / 0.5 + 5) * CHUNKS_PER_SECOND))
    assert not opened[-1]
    return gate


def test_the_start_of_a_stream_is_heard() -> None:
    _, opened = run(new_gate(), [0.0] * 30)
    assert opened == [True] * HOLD_CHUNKS + [False] * (30 - HOLD_CHUNKS)


@given(levels)
def test_every_steady_room_closes_the_gate(level: float) -> None:
    gate, opened = run(new_gate(), [level] * round((96 / 0.5 + 5) * CHUNKS_PER_SECOND))
    closed = opened.index(False)
    # At half a decibel a second, the floor rises from the lowest one to six below the room.
    rise = max(0.0, level - QUIETEST_SOUND_DB) / 0.5 * CHUNKS_PER_SECOND
    assert rise - 2 <= closed <= rise + HOLD_CHUNKS + 2
    assert not any(opened[closed:])
    assert not gate.is_open


@given(st.lists(levels, max_size=40), st.floats(0.01, 40))
def test_what_is_louder_than_all_before_opens_the_gate(before: Sequence[float], more: float) -> None:
    gate, _ = run(new_gate(), before)
    level = max([QUIETEST_SOUND_DB, *(level + ABOVE_FLOOR_DB for level in before)]) + more
    assert gate.after([level]).remaining == HOLD_CHUNKS + 1


@given(st.lists(st.floats(0, QUIETEST_SOUND_DB), min_size=HOLD_CHUNKS + 1, max_size=60))
def test_what_is_as_quiet_as_the_converter_never_opens_it(sounds: Sequence[float]) -> None:
    _, opened = run(new_gate(), sounds)
    assert not any(opened[HOLD_CHUNKS:])


@given(st.lists(levels, min_size=1, max_size=60))
def test_it_stays_open_for_a_second_and_no_longer(sounds: Sequence[float]) -> None:
    gate, _ = run(new_gate(), sounds)
    _, opened = run(gate.after([96.0], keep=True), [0.0] * 20)
    assert opened == [True] * HOLD_CHUNKS + [False] * (20 - HOLD_CHUNKS)


@pytest.mark.parametrize("hold", [0, 1, 31])
def test_another_hold(hold: int) -> None:
    gate = in_a_room(30.0)
    opened = []
    for level in [50.0] + [30.0] * 40:
        gate = gate.after([level], hold)
        opened.append(gate.is_open)
    assert sum(opened) == hold + 1


def test_a_word_opens_it_in_every_room() -> None:
    for room in (0.0, 10.0, 26.0, 50.0, 70.0, 85.0):
        gate = in_a_room(room)
        assert not gate.after([room + 5.5]).is_open
        assert gate.after([max(room, QUIETEST_SOUND_DB - ABOVE_FLOOR_DB) + 6.5]).is_open


def test_a_fan_that_starts_opens_it_until_the_floor_has_risen() -> None:
    _, opened = run(in_a_room(30.0), [50.0] * 1_000)
    closed = opened.index(False)
    assert (20 - ABOVE_FLOOR_DB) / 0.5 <= closed / CHUNKS_PER_SECOND <= (20 - ABOVE_FLOOR_DB) / 0.5 + 1.2
    assert not any(opened[closed:])


def test_a_fan_that_stops_is_forgotten_at_once() -> None:
    """The floor falls by a tenth of the distance a chunk: after two seconds a tenth of it is left."""
    gate, opened = run(in_a_room(60.0), [30.0] * 25)
    assert not any(opened)
    assert gate.after([40.0]).is_open
    assert not in_a_room(60.0).after([40.0]).is_open


@pytest.mark.parametrize(("decibels_a_second", "opens"), [(0.4, False), (3.0, True), (20.0, True)])
def test_speech_that_fades_in(decibels_a_second: float, opens: bool) -> None:
    rise = [30 + decibels_a_second * chunk / CHUNKS_PER_SECOND for chunk in range(round(12 * 12.5))]
    _, opened = run(in_a_room(30.0), rise)
    assert any(opened) == opens


def test_a_muted_satellite_that_sends_zeros() -> None:
    """The gate closes within a second of the mute, and the first sound after it is heard."""
    gate, opened = run(in_a_room(40.0), [0.0] * 200)
    assert not any(opened)
    assert gate.after([40.0]).is_open


def test_what_is_kept_open() -> None:
    gate = in_a_room(30.0)
    for _ in range(50):
        gate = gate.after([30.0], keep=True)
        assert gate.is_open
    _, opened = run(gate, [30.0] * 20)
    assert sum(opened) == HOLD_CHUNKS


@given(st.lists(st.tuples(levels, levels), min_size=1, max_size=60))
def test_either_of_two_levels_is_enough(sounds: Sequence[tuple[float, float]]) -> None:
    both, first, second = new_gate(), new_gate(), new_gate()
    for one, other in sounds:
        both, first, second = both.after([one, other]), first.after([one]), second.after([other])
        assert both.is_open == (first.is_open or second.is_open)
        assert both.floors == first.floors + second.floors
