"""When an utterance ends: what speech-to-text is given, and what is recorded, in real time and in bursts."""

from dataclasses import replace
from unittest.mock import PropertyMock, patch

from homeassistant.components.assist_pipeline import PipelineEventType
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
import pytest
from wyoming.audio import AudioChunk, AudioStart, AudioStop
from wyoming.pipeline import PipelineStage, RunPipeline

from custom_components.voice_privacy.core.audio import seconds_of
from custom_components.voice_privacy.core.models import RecordingKind
from custom_components.voice_privacy.satellites.wyoming_events import encode
from dev.rig.voices import room_noise, synthesize

from .helpers.house import House
from .helpers.pipeline_home import PipelineHome
from .helpers.speech import Transcriber
from .helpers.talker import loud, silence, speech

_CHUNK_SECONDS = 0.1
"""More than a satellite's chunk: what was said counts as said when its last chunk has left."""


async def sounds(text: str) -> bytes:
    """Return a spoken sentence without the silence around it."""
    said = await synthesize(text)
    return said.pcm[int(said.phrases[0].start * 16_000) * 2 : int(said.end * 16_000) * 2]


async def seconds_after(house: House, pcm: bytes) -> float:
    """Say something at the speed of sound; return how much speech-to-text is given after its last sound.

    Measured in audio: a machine that is busy is no reason to fail.
    """
    count = len(house.transcriber.heard)
    await house.kitchen.say(pcm)
    said = len(house.kitchen.sent_audio())
    await house.until_found(lambda: len(house.transcriber.heard) > count)
    heard = house.transcriber.heard[-1]
    start = house.kitchen.heard_by_server(heard)
    assert start >= 0
    return (start + len(heard) - said) / 32_000


@pytest.mark.parametrize("gap", [0.0, 0.2, 0.4])
@pytest.mark.parametrize("command", ["stop", "light"])
async def test_a_short_command_right_after_the_wake_word_ends_soon(
    house: House, gap: float, command: str
) -> None:
    house.transcriber.text = "what time is it"
    said = silence(2.0) + await sounds("Alexa") + silence(gap) + await sounds(command)
    assert 0.7 < await seconds_after(house, said) < 1.5
    await house.until_told("kept")
    ((info, _),) = await house.read_all(house.ids())
    assert info.kind is RecordingKind.COMMAND
    assert info.duration < 1.5 + gap + 0.6 + 1.5
    types = [item.event.type for item in house.kitchen.log.items]
    assert types.index("voice-started") < types.index("voice-stopped") < types.index("transcript")


async def test_a_bare_wake_word_ends_after_five_seconds(house: House) -> None:
    house.transcriber.text = ""
    await house.kitchen.say(silence(2.0) + await sounds("Alexa"))
    await house.until_told("kept")
    assert seconds_of(house.transcriber.heard[0]) == pytest.approx(5.0, abs=0.3)
    ((info, content),) = await house.read_all(house.ids())
    assert info.kind is RecordingKind.FALSE_WAKE
    assert seconds_of(content.audio) <= 1.5 + 5.3
    await house.until_listening()


async def test_after_press_to_talk_silence_ends_too(house: House) -> None:
    house.transcriber.text = ""
    await house.press_to_talk()
    await house.until_told("discarded", "silent")
    assert seconds_of(house.transcriber.heard[0]) == pytest.approx(5.0, abs=0.3)


async def test_pauses_do_not_cut_a_command(house: House) -> None:
    words = [await sounds(text) for text in ("turn on", "the kitchen light", "and the radio")]
    said = silence(2.0) + await sounds("Alexa") + silence(0.6) + silence(0.6).join(words)
    assert 0.5 < await seconds_after(house, said) < 1.5
    await house.until_told("kept")
    whole = sum(seconds_of(pcm) for pcm in words) + 3 * 0.6
    assert whole + 0.7 - 2 * _CHUNK_SECONDS < seconds_of(house.transcriber.heard[0]) < whole + 1.5


@pytest.mark.parametrize("key", ["pipeline", "vad_sensitivity"])
@pytest.mark.parametrize("state", ["unavailable", "unknown"])
async def test_a_command_is_heard_while_a_select_is_not_there(
    hass: HomeAssistant, house: House, key: str, state: str
) -> None:
    """As while the entry is being set up: the satellite may be connected before its selects are."""
    hass.states.async_set(house.entity_id("select", key), state)
    await house.kitchen.ask()
    await house.until_told("kept")
    assert len(house.transcriber.heard) == 1


async def test_the_chosen_silence_is_kept(hass: HomeAssistant, house: House) -> None:
    select = er.async_get(hass).async_get_entity_id("select", "voice_privacy", "kitchen-vad_sensitivity")
    assert select is not None
    took = {}
    for option in ("aggressive", "default", "relaxed"):
        await hass.services.async_call(
            "select", "select_option", {"entity_id": select, "option": option}, blocking=True
        )
        said = silence(1.5) + await sounds("Alexa") + silence(0.3) + await sounds("what time is it")
        took[option] = await seconds_after(house, said)
        await house.until_state("assist_satellite", "assist_satellite", "idle")
    assert took["aggressive"] > 0.25
    assert took["default"] - took["aggressive"] == pytest.approx(0.7 - 0.25, abs=0.25)
    assert took["relaxed"] - took["default"] == pytest.approx(1.25 - 0.7, abs=0.25)


async def _send_burst(house: House, pcm: bytes, chunk: float) -> None:
    """Send an utterance at once, as a satellite that finds the end of speech itself."""
    run = RunPipeline(start_stage=PipelineStage.ASR, end_stage=PipelineStage.TTS, restart_on_end=False)
    step = int(chunk * 16_000) * 2
    events = [
        run.event(),
        AudioStart(rate=16_000, width=2, channels=1).event(),
        *(
            AudioChunk(rate=16_000, width=2, channels=1, audio=pcm[at : at + step]).event()
            for at in range(0, len(pcm), step)
        ),
        AudioStop().event(),
    ]
    await house.kitchen.send_raw(b"".join(encode(event) for event in events))


@pytest.mark.parametrize("chunk", [0.05, 1.0, 20.0])
@pytest.mark.parametrize("pause", [0.3, 1.5, 6.0])
async def test_speech_to_text_gets_a_burst_whole(house: House, chunk: float, pause: float) -> None:
    """Whatever the pauses in it: the satellite decided where it ends."""
    house.kitchen.is_streaming = False
    pcm = (silence(pause) + loud(1.0)) * 20
    pcm = pcm[: 20 * 32_000]
    await _send_burst(house, pcm, chunk)
    await house.until_told("kept")
    assert house.transcriber.heard == [pcm]
    ((info, content),) = await house.read_all(house.ids())
    assert (info.kind, content.audio) == (RecordingKind.COMMAND, pcm)


async def test_a_wake_word_in_a_burst_does_not_end_its_command(house: House) -> None:
    """The engine finds it after the burst has arrived, while the command is being transcribed."""
    house.kitchen.is_streaming = False
    house.transcriber.may_answer.clear()
    pcm = loud(1.0) + silence(1.0) + await sounds("Alexa") + silence(1.0) + loud(1.0) * 6
    pcm = pcm[: len(pcm) // 320 * 320]
    await _send_burst(house, pcm, chunk=1.0)
    await house.until_found(lambda: house.transcriber.heard)
    await house.hass.async_add_executor_job(house.hub.listening.worker.wait_until_idle, 10)
    await house.hass.async_block_till_done()
    house.transcriber.may_answer.set()
    await house.until_told("kept")
    assert house.transcriber.heard == [pcm]
    assert len(house.ids()) == 1
    # Nor does it make deaf to the next one.
    house.kitchen.is_streaming = True
    await house.until_listening()
    await house.kitchen.ask()
    await house.until_told("kept", count=2)


async def test_of_a_burst_that_fills_the_utterance_the_room_is_not_kept(house: House) -> None:
    house.kitchen.is_streaming = False
    room = room_noise(16_000 * 30, level_dbfs=-60.0).tobytes()
    command = room[:32_000] + loud(1.0)
    await _send_burst(house, command + room[: 29 * 32_000], chunk=31.0)
    await house.until_told("kept")
    ((info, content),) = await house.read_all(house.ids())
    assert info.kind is RecordingKind.COMMAND
    assert content.audio.startswith(command)
    assert seconds_of(content.audio) < 4.0


async def test_an_utterance_whose_audio_stops_is_ended(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("custom_components.voice_privacy.core.arrival._STALL_SECONDS", 0.2)
    await house.kitchen.wake_up()
    house.kitchen.is_streaming = False
    satellite = house.hub.satellites.wyoming["kitchen"]

    def ended() -> bool:
        satellite.check()
        return bool(house.transcriber.heard)

    await house.until_found(ended)
    await house.until_told("kept")


async def test_where_speech_to_text_finds_the_end_it_decides(house: House) -> None:
    processing = replace(house.transcriber.audio_processing, requires_external_vad=False)
    with patch.object(Transcriber, "audio_processing", PropertyMock(return_value=processing)):
        await house.kitchen.wake_up()
        await house.kitchen.blurt(await speech("what time is it"), silence(4.0))
        await house.kitchen.wait_for_frames(10)
        assert house.state("sensor", "microphone_state") == "recording"
        house.kitchen.vanish()
        await house.until_told("kept")


async def test_without_assists_bookkeeping_its_own_detector_works_on(house: House) -> None:
    with patch(
        "custom_components.voice_privacy.satellites.pipeline_runs._run_of", side_effect=AttributeError
    ):
        assert await house.keep()
    stopped = [item for item in house.kitchen.log.items if item.event.type == "voice-stopped"]
    assert len(stopped) <= 1


async def test_of_another_satellites_false_wake_the_room_is_not_kept(home: PipelineHome) -> None:
    home.transcriber.text = ""
    await home.kitchen.say(room_noise(16 * 16_000, level_dbfs=-45.0).tobytes())
    await home.settle()
    assert seconds_of(home.transcriber.heard[0]) > 14
    assert home.kitchen.seen(PipelineEventType.STT_VAD_END)
    (recording_id,) = home.ids("kitchen")
    info, _ = await home.hub.async_read(recording_id)
    assert info.kind is RecordingKind.FALSE_WAKE
    assert info.duration == pytest.approx(5.0, abs=0.3)
