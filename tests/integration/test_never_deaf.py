"""Whatever happens, the next wake word is heard, and until then the state says that nobody listens."""

import time

import pytest
from wyoming.satellite import RunSatellite

from custom_components.voice_privacy.core.models import RecordingKind

from .helpers.house import House
from .helpers.talker import Talker, silence, speech

_STREAM_HEALTH = "custom_components.voice_privacy.core.stream_health."


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the satellite be missed sooner than after several seconds."""
    monkeypatch.setattr(_STREAM_HEALTH + "NO_AUDIO_SECONDS", 0.6)
    monkeypatch.setattr(_STREAM_HEALTH + "RUN_AGAIN_SECONDS", 0.5)
    monkeypatch.setattr(_STREAM_HEALTH + "RECONNECT_SECONDS", 3.5)


async def test_after_a_wake_without_a_command(house: House) -> None:
    house.transcriber.text = ""
    for count in (1, 2):
        await house.kitchen.wake_up()
        # Nobody says anything: the pipeline gives up after 15 s.
        await house.kitchen.blurt(silence(15.0))
        await house.until_told("kept", count=count)
        await house.until_listening()
    assert [info.kind for info in house.hub.recordings.values()] == [RecordingKind.FALSE_WAKE] * 2
    house.transcriber.text = "what time is it"
    assert await house.keep()


async def test_after_twenty_pairs_of_mute_and_unmute(house: House) -> None:
    for _ in range(20):
        await house.switch("microphone", on=False)
        await house.switch("microphone", on=True)
    await house.until_listening()
    assert await house.keep()
    assert house.state("switch", "microphone") == "on"
    # The last order is the one that holds.
    orders = [event.type for event in house.kitchen.log.received("run-satellite", "pause-satellite")]
    assert orders == ["run-satellite", *["pause-satellite", "run-satellite"] * 20]


async def test_a_satellite_that_stops_streaming_is_told_to_go_on(impatient: None, house: House) -> None:
    since = time.monotonic()
    house.kitchen.is_streaming = False
    await house.until_state("sensor", "microphone_state", "not_listening")
    assert house.state("assist_satellite", "assist_satellite") == "unavailable"
    assert house.state("binary_sensor", "connected") == "on"
    await house.kitchen.wait_for_event("run-satellite", since=since)
    await house.until_listening()
    assert house.state("assist_satellite", "assist_satellite") == "idle"
    assert await house.keep()


async def test_a_satellite_that_heeds_no_order_gets_a_new_connection(
    impatient: None, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An order that is lost must not be the last word."""
    kitchen = house.kitchen
    original = Talker._control_always_streaming
    connections: list[object] = []

    async def deaf_until_reconnected(self: Talker, event: object) -> None:
        if self._server in (None, connections[0]):
            return
        await original(self, event)  # type: ignore[arg-type]

    connections.append(kitchen._server)
    monkeypatch.setattr(Talker, "_control_always_streaming", deaf_until_reconnected)
    kitchen.is_streaming = False
    await house.until_state("sensor", "microphone_state", "not_listening")
    await house.until_state("binary_sensor", "connected", "off")
    await house.until_state("binary_sensor", "connected", "on")
    await house.until_listening()
    assert len([event for event in kitchen.log.items if RunSatellite.is_type(event.event.type)]) > 2
    assert await house.keep()


async def test_after_the_satellite_was_away(house: House) -> None:
    await house.kitchen.refuse_connections()
    house.kitchen.vanish()
    await house.until_state("binary_sensor", "connected", "off")
    await house.kitchen.accept_connections()
    await house.until_listening()
    assert await house.keep()


async def test_a_satellite_that_falls_silent_within_an_utterance(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("custom_components.voice_privacy.core.arrival._STALL_SECONDS", 0.5)
    monkeypatch.setattr("custom_components.voice_privacy.satellites.pipeline_feed._FIRST_AUDIO_SECONDS", 0.5)
    await house.kitchen.wake_up()
    await house.until_told("kept")
    await house.until_listening()
    assert await house.keep()


@pytest.mark.parametrize("kitchen_options", [{"wake_words": []}])
async def test_a_satellite_for_which_nobody_listens_says_so(house: House) -> None:
    """It streams everything and finds no wake word itself, and none was chosen for it."""
    await house.until_state("sensor", "microphone_state", "not_listening")
    await house.kitchen.blurt(silence(0.5), await speech("Alexa"), silence(0.5))
    assert house.activity() == []
    # A button is all that such a satellite needs.
    await house.press_to_talk()
    tone = await house.kitchen.wait_for_reply()
    await house.kitchen.finish()
    await house.until_told("kept")
    await house.kitchen.wait_for_reply(since=tone.ended)


async def test_noise_and_other_words_wake_nobody(house: House) -> None:
    await house.kitchen.blurt(silence(0.5), await speech("what time is it"), silence(0.5))
    await house.kitchen.blurt(await speech("turn on the kitchen light"), silence(0.5))
    assert await house.keep()
    assert house.activity() == [("woke", None), ("kept", None)]
