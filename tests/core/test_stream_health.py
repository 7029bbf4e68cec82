"""States of a microphone, without Home Assistant and without a clock that runs."""

from hypothesis import given, strategies as st
import pytest

from custom_components.voice_privacy.core.stream_health import (
    MUTE_GRACE_SECONDS,
    NO_AUDIO_SECONDS,
    RECONNECT_SECONDS,
    RUN_AGAIN_SECONDS,
    Remedy,
    SatelliteState,
    StreamHealth,
    state_of,
)

_SECONDS = st.floats(0.0, 100.0)


@given(connected=st.booleans(), muted=st.booleans(), recording=st.booleans(), hears=st.booleans())
def test_the_state_never_claims_more_than_is_known(
    connected: bool, muted: bool, recording: bool, hears: bool
) -> None:
    state = state_of(connected=connected, muted=muted, recording=recording, hears_wake_words=hears)
    assert (state is SatelliteState.DISCONNECTED) is not connected
    assert (state is SatelliteState.MUTED) is (connected and muted)
    assert (state is SatelliteState.RECORDING) is (connected and not muted and recording)
    if state is SatelliteState.LISTENING:
        assert hears


def test_a_satellite_is_silent_after_three_seconds_without_audio() -> None:
    health = StreamHealth()
    health.connected(100.0)
    assert not health.is_silent(100.0 + NO_AUDIO_SECONDS - 0.1)
    assert health.is_silent(100.0 + NO_AUDIO_SECONDS)
    assert health.audio(104.0)
    assert not health.audio(104.1)


def test_audio_after_a_mute_is_a_violation_only_after_the_grace_time() -> None:
    health = StreamHealth()
    health.connected(100.0)
    health.mute_ordered(110.0, muted=True)
    assert not health.audio_while_muted(110.0 + MUTE_GRACE_SECONDS)
    assert health.mute_confirmed(110.0 + MUTE_GRACE_SECONDS, muted=True)

    assert health.audio_while_muted(113.0)
    assert health.mute_violated
    assert not health.mute_confirmed(120.0, muted=True)
    health.forgive(113.0 + RUN_AGAIN_SECONDS)
    assert health.mute_violated
    health.forgive(113.1 + RUN_AGAIN_SECONDS)
    assert health.mute_confirmed(120.0, muted=True)


@given(at=_SECONDS, now=_SECONDS)
def test_an_open_microphone_never_counts_as_a_confirmed_mute(at: float, now: float) -> None:
    health = StreamHealth()
    health.mute_ordered(at, muted=False)
    assert not health.mute_confirmed(now, muted=False)


@pytest.mark.parametrize("end", ["unmute", "disconnect"])
def test_a_violation_ends_with_the_mute_and_with_the_connection(end: str) -> None:
    health = StreamHealth()
    health.mute_ordered(0.0, muted=True)
    health.audio_while_muted(10.0)
    if end == "unmute":
        health.mute_ordered(11.0, muted=False)
    else:
        health.disconnected()
    assert not health.mute_violated


def test_a_silent_satellite_is_told_to_stream_every_five_seconds_and_reconnected_if_it_ever_did() -> None:
    health = StreamHealth()
    health.connected(100.0)
    remedies = {second: health.remedy(100.0 + second) for second in range(1, 31)}
    told = [second for second, remedy in remedies.items() if remedy is Remedy.RUN]
    assert told == [6, 12, 18, 24, 30]
    assert Remedy.RECONNECT not in remedies.values()

    health.has_streamed = True
    assert health.remedy(100.0 + RECONNECT_SECONDS) is not Remedy.RECONNECT
    assert health.remedy(100.1 + RECONNECT_SECONDS) is Remedy.RECONNECT
    health.connected(130.0)
    assert health.remedy(130.1 + RECONNECT_SECONDS) is Remedy.RUN
