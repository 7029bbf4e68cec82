"""Silence in a room, and silence within a burst."""

import pytest

from custom_components.voice_privacy.core.arrival import Arrival


@pytest.mark.parametrize("piece", [0.01, 0.064, 0.08, 0.5])
def test_at_the_speed_of_sound_silence_counts_at_once(piece: float) -> None:
    arrival = Arrival()
    now, silence = 100.0, 0.0
    for spoken in (True, True, *[False] * 100):
        now += piece
        silence = 0.0 if spoken else silence + piece
        arrival.add(silence, piece, now)
        if silence >= 0.7:
            assert arrival.is_real_silence(now)


@pytest.mark.parametrize("piece", [0.01, 0.25, 1.0, 5.0])
def test_within_a_burst_silence_does_not_count_until_time_has_passed(piece: float) -> None:
    arrival = Arrival()
    silence = 0.0
    arrival.add(0.0, piece, 100.0)
    for _ in range(8):
        silence += piece
        arrival.add(silence, piece, 100.0)
        assert not arrival.is_real_silence(100.0)
    assert arrival.is_real_silence(102)


def test_silence_counts_anew_after_speech() -> None:
    arrival = Arrival()
    arrival.add(2.0, 2.0, 100.0)
    arrival.add(0.0, 0.1, 101.0)
    arrival.add(0.9, 0.9, 101.01)
    assert not arrival.is_real_silence(101.01)


def test_audio_that_stops_is_noticed_but_not_that_it_never_came() -> None:
    arrival = Arrival()
    assert not arrival.has_stalled(1_000.0)
    arrival.add(0.0, 4.0, 1_000.0)
    assert not arrival.has_stalled(1_008.0)
    assert arrival.has_stalled(1_009.0)
    arrival.add(0.0, 0.1, 1_009.0)
    assert not arrival.has_stalled(1_009.0)
