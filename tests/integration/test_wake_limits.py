"""However often something says that a satellite woke: one wake is one utterance, and no more than two are alive."""

import json
import time

from homeassistant.exceptions import HomeAssistantError
import pytest
from wyoming.audio import AudioStop
from wyoming.error import Error
from wyoming.event import Event
from wyoming.pipeline import PipelineStage, RunPipeline
from wyoming.snd import Played
from wyoming.wake import Detection

from custom_components.voice_privacy.core.capture import CaptureSession
from tests.fuzz.measure import resident_bytes

from .helpers.house import BEDROOM, KITCHEN, House
from .helpers.talker import Talker, silence, speech

_WAKE = Detection(name="alexa").event()
_RUN = RunPipeline(start_stage=PipelineStage.ASR, end_stage=PipelineStage.TTS).event()
_STREAM = RunPipeline(start_stage=PipelineStage.WAKE, end_stage=PipelineStage.TTS).event()
_STOP = AudioStop().event()


def woken(house: House, owner: str = KITCHEN) -> int:
    """Return how often a satellite woke."""
    return house.activity(owner).count(("woke", None))


def alive(house: House, owner: str = KITCHEN) -> list[CaptureSession]:
    """Return the utterances of a satellite that are not finished."""
    return house.hub.in_flight(owner)


@pytest.fixture
def slow_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nothing be late because the machine is busy."""
    monkeypatch.setattr("custom_components.voice_privacy.core.wake_gate.REFRACTORY_SECONDS", 30.0)
    monkeypatch.setattr("custom_components.voice_privacy.core.stream_health.NO_AUDIO_SECONDS", 30.0)


def hush(house: House) -> None:
    """Let the kitchen send nothing but what a test sends."""
    house.kitchen.is_streaming = False


async def test_two_thousand_wakes_cost_nobody_anything(house: House, bedroom: Talker) -> None:
    before = house.hub.listening.statistics(BEDROOM)
    memory = resident_bytes()
    pair = b"".join(json.dumps({"type": kind}).encode() + b"\n" for kind in ("detection", "audio-stop"))
    await house.kitchen.send_raw(pair * 2_000)
    await house.until_told("woke")
    await house.until(lambda: not alive(house), "nothing of it is left")
    # More than one a second there never are.
    assert woken(house) <= 10
    assert resident_bytes() - memory < 30 << 20
    after = house.hub.listening.statistics(BEDROOM)
    assert after.chunks_dropped == before.chunks_dropped
    assert house.state("binary_sensor", "connected", BEDROOM) == "on"
    assert await house.keep(owner=BEDROOM)


@pytest.mark.parametrize("second", [_WAKE, _RUN], ids=["detection", "run"])
@pytest.mark.parametrize("first", [_WAKE, _RUN], ids=["detection", "run"])
async def test_a_second_wake_right_after_the_first_is_none(
    slow_clock: None, house: House, first: Event, second: Event
) -> None:
    hush(house)
    for event in (first, _STOP):
        await house.kitchen.emit(event)
    await house.until_told("discarded")
    since = time.monotonic()
    for event in (second, _STOP, second):
        await house.kitchen.emit(event)
    # Whoever believes to be listened to is told otherwise.
    error = await house.kitchen.wait_for_event("error", since=since)
    assert Error.from_event(error).code == "no-command"
    assert woken(house) == 1


async def test_a_button_right_after_a_wake_is_none(slow_clock: None, house: House) -> None:
    hush(house)
    for event in (_WAKE, _STOP, _STREAM):
        await house.kitchen.emit(event)
    await house.until_told("discarded")
    with pytest.raises(HomeAssistantError, match="cannot listen"):
        await house.press_to_talk()
    assert woken(house) == 1


async def test_a_wake_right_after_a_button_is_none(slow_clock: None, house: House) -> None:
    hush(house)
    await house.press_to_talk()
    await house.switch("microphone", on=False)
    await house.until_told("discarded", "muted")
    await house.switch("microphone", on=True)
    hush(house)
    for event in (_WAKE, _RUN):
        await house.kitchen.emit(event)
    await house.kitchen.wait_for_event("error", since=time.monotonic())
    assert house.activity().count(("woke", None)) == 1


async def test_a_wake_after_a_while_counts(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    hush(house)
    for count in (1, 2):
        await house.kitchen.emit(_WAKE)
        await house.until_told("woke", count=count)
        await house.kitchen.emit(_STOP)
        await house.until_told("discarded", count=count)
        monkeypatch.setattr("custom_components.voice_privacy.core.wake_gate.REFRACTORY_SECONDS", 0.0)


async def test_no_more_than_two_utterances_are_alive(house: House) -> None:
    async with house.hub._lock:
        # Nothing can be kept meanwhile.
        for count in (1, 2):
            await house.kitchen.ask()
            await house.until_state("assist_satellite", "assist_satellite", "idle")
            await house.until_listening()
            assert len(alive(house)) == count
        await house.kitchen.blurt(silence(0.5), await speech("Alexa"), silence(1.0))
        await house.kitchen.wait_for_frames(10)
        assert (woken(house), len(alive(house))) == (2, 2)
    await house.until_told("kept", count=2)
    assert await house.keep()
    contents = [content for _, content in await house.read_all(house.ids())]
    assert len([content.transcript for content in contents if content.transcript]) == 3


async def test_the_tone_of_an_opened_microphone_is_no_utterance(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def silent() -> None:
        """Do not say that the tone has been played: it is waited for."""

    # Nothing can be kept meanwhile.
    async with house.hub._lock:
        with monkeypatch.context() as speaking:
            speaking.setattr(house.kitchen._speaker, "_on_played", silent)
            speaking.setattr(
                "custom_components.voice_privacy.satellites.wyoming_speaker._PLAYED_GRACE_SECONDS", 60.0
            )
            await house.press_to_talk()
            await house.kitchen.finish()
            await house.until_listening()
            assert len(alive(house)) == 1
            await house.kitchen.wake_up()
            await house.until_told("woke", count=2)
            assert len(alive(house)) == 2
        await house.kitchen.emit(Played().event())
        await house.kitchen.finish()
