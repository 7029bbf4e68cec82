"""What a satellite and its entities do from the wake word to the spoken reply."""

import asyncio
import gc
import time

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
import pytest
from wyoming.asr import Transcribe, Transcript
from wyoming.audio import AudioChunk, AudioStart, AudioStop
from wyoming.error import Error
from wyoming.event import Event
from wyoming.pipeline import PipelineStage, RunPipeline
from wyoming.tts import Synthesize
from wyoming.wake import Detection

from custom_components.voice_privacy.core.capture import CaptureSession
from custom_components.voice_privacy.core.models import RecordingKind, StartedBy
from custom_components.voice_privacy.satellites.wyoming_events import encode
from dev.rig.satellite import Mode

from .helpers.house import BEDROOM, KITCHEN, House
from .helpers.self_waking import set_up_with_self_waking_satellite
from .helpers.speech import async_choose_engines
from .helpers.talker import QUESTION, Talker, loud, silence, speech, talker

STATES = ["listening", "processing", "responding", "idle"]


async def test_a_question_is_answered_and_kept(house: House) -> None:
    await house.kitchen.ask()
    await house.until_told("kept")
    await house.until_state("assist_satellite", "assist_satellite", "idle")
    reply = await house.kitchen.wait_for_reply()

    # Whether detection goes on before or after the reply begins is chance.
    assert len(house.kitchen.log.received("detect")) == 2
    assert [item.event.type for item in house.kitchen.log.items if item.event.type != "detect"] == [
        "run-satellite",
        "detection",
        "transcribe",
        "voice-started",
        "voice-stopped",
        "transcript",
        "synthesize",
        "audio-start",
        "audio-stop",
    ]
    assert [item.event.type for item in house.kitchen.log.items][:3] == [
        "run-satellite",
        "detect",
        "detection",
    ]
    events = {item.event.type: item.event for item in house.kitchen.log.items}
    assert Detection.from_event(events["detection"]).name == "alexa"
    assert Transcribe.from_event(events["transcribe"]).language == "en"
    assert Transcript.from_event(events["transcript"]).text == QUESTION
    # The reply came in the format that every Wyoming satellite plays.
    assert (reply.rate, reply.width, reply.channels) == (22_050, 2, 1)
    assert reply.seconds == pytest.approx(house.announcer.seconds, abs=0.02)

    assert house.states_of("assist_satellite", "assist_satellite")[-4:] == STATES
    assert house.activity() == [("woke", None), ("kept", None)]
    assert house.state("sensor", "recordings") == "1"
    assert house.state("sensor", "recordings", house.entry.entry_id) == "1"
    assert house.state("sensor", "wake_words_today") == "1"
    assert house.states_of("binary_sensor", "recording")[-2:] == ["on", "off"]

    ((info, content),) = await house.read_all(house.ids(KITCHEN))
    assert info.kind is RecordingKind.COMMAND
    assert house.state("sensor", "last_recording") == info.started_at.isoformat(timespec="seconds")
    assert (content.started_by, content.wake_word, content.threshold) == (StartedBy.WAKE_WORD, "alexa", 0.5)
    assert content.score is not None
    assert 0.5 <= content.score <= 1
    assert content.transcript == QUESTION
    assert content.reply == Synthesize.from_event(events["synthesize"]).text
    assert content.language == "en"


async def test_with_transcripts_off_only_the_sound_is_kept(house: House) -> None:
    await house.switch("save_transcripts", on=False)
    ((_, content),) = await house.read_all(await house.keep())

    assert (content.transcript, content.reply) == (None, None)
    assert content.audio


async def test_without_speech_to_text_the_utterance_ends_by_its_level(
    hass: HomeAssistant, house: House
) -> None:
    await async_choose_engines(hass, stt=None, tts=None)
    await house.kitchen.ask()
    await house.until_told("kept")

    ((info, content),) = await house.read_all(house.ids())
    assert (info.kind, content.transcript) == (RecordingKind.COMMAND, None)
    # The wake word, the question, and no more than the silence that ends it.
    spoken = len(await speech(QUESTION)) / 32_000
    assert spoken < info.duration < 1.5 + 0.5 + spoken + 1.5
    assert house.kitchen.log.received("error")


async def test_without_text_to_speech_the_command_still_counts(hass: HomeAssistant, house: House) -> None:
    await async_choose_engines(hass, stt=house.transcriber.entity_id, tts=None)
    await house.kitchen.ask()
    await house.until_told("kept")
    await house.until_state("assist_satellite", "assist_satellite", "idle")

    ((_, content),) = await house.read_all(house.ids())
    assert content.transcript == QUESTION
    assert content.reply
    assert house.states_of("assist_satellite", "assist_satellite")[-3:] == ["listening", "processing", "idle"]
    assert not house.kitchen.log.received("synthesize", "audio-start")


@pytest.mark.parametrize(
    ("last", "told"),
    [
        (PipelineStage.HANDLE, ["transcribe", "voice-started", "voice-stopped", "transcript"]),
        (PipelineStage.ASR, ["transcribe", "voice-started", "voice-stopped", "transcript"]),
        (PipelineStage.TTS, ["transcribe", "voice-started", "voice-stopped", "transcript", "synthesize"]),
    ],
)
async def test_a_satellite_without_a_loudspeaker_gets_no_reply(
    house: House, last: PipelineStage, told: list[str]
) -> None:
    await house.kitchen.emit(RunPipeline(start_stage=PipelineStage.WAKE, end_stage=last).event())
    (recording_id,) = await house.keep()
    wanted = ["transcribe", "voice-started", "voice-stopped", "transcript", "synthesize"]
    assert [event.type for event in house.kitchen.log.received(*wanted)] == told
    _, content = await house.read(recording_id)
    assert (content.reply is None) is (last is PipelineStage.ASR)


async def test_when_speech_to_text_fails_the_sound_is_kept(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    house.transcriber.failure = RuntimeError("what was said")
    await house.kitchen.ask()
    await house.until_told("kept")

    ((info, content),) = await house.read_all(house.ids())
    assert (info.kind, content.transcript) == (RecordingKind.COMMAND, None)
    assert house.kitchen.log.received("error")
    house.transcriber.failure = None
    assert await house.keep()


async def test_a_wake_without_a_command_is_kept_as_a_false_wake(house: House) -> None:
    house.transcriber.text = ""
    await house.kitchen.ask()
    await house.until_told("kept")

    ((info, content),) = await house.read_all(house.ids())
    assert info.kind is RecordingKind.FALSE_WAKE
    assert house.state("sensor", "false_wakes_today") == "1"
    assert not content.transcript
    (error,) = house.kitchen.log.received("error")
    assert Error.from_event(error).code == "stt-no-text-recognized"


@pytest.mark.parametrize("text", ["[BLANK_AUDIO]", ".", "Thank you.", "Okay.", "Vielen Dank.", "♪♪♪"])
async def test_text_that_was_made_up_on_silence_is_a_false_wake(house: House, text: str) -> None:
    house.transcriber.text = text
    await house.kitchen.wake_up()
    await house.kitchen.blurt(silence(16.0))
    await house.until_told("kept")
    ((info, content),) = await house.read_all(house.ids())
    assert (info.kind, content.transcript) == (RecordingKind.FALSE_WAKE, text)
    assert house.state("sensor", "false_wakes_today") == "1"
    # The run goes on as it would without us.
    assert Transcript.from_event(await house.kitchen.wait_for_event("transcript")).text == text


async def test_a_spoken_thank_you_is_a_command(house: House) -> None:
    house.transcriber.text = "Thank you."
    await house.kitchen.ask("thank you")
    await house.until_told("kept")
    ((info, _),) = await house.read_all(house.ids())
    assert info.kind is RecordingKind.COMMAND


async def test_the_owner_may_keep_text_that_was_made_up(house: House) -> None:
    options = house.hass.config_entries.options
    flow = await options.async_init(house.entry.entry_id)
    await options.async_configure(flow["flow_id"], {"pipelines": [], "ignore_made_up_text": False})
    await house.hass.async_block_till_done()
    await house.until_listening()
    house.transcriber.text = "Thank you."
    await house.kitchen.wake_up()
    await house.kitchen.blurt(silence(16.0))
    await house.until_told("kept")
    ((info, _),) = await house.read_all(house.ids())
    assert info.kind is RecordingKind.COMMAND


async def test_the_first_of_two_satellites_answers(
    house: House, bedroom: Talker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("homeassistant.components.assist_pipeline.run.WAKE_WORD_COOLDOWN", 60)
    await house.kitchen.ask()
    await house.until_told("kept")
    await house.bedroom.ask()
    await house.until_told("discarded", "duplicate_wake", BEDROOM)

    assert house.ids() == house.ids(KITCHEN)
    assert house.state("assist_satellite", "assist_satellite", BEDROOM) == "idle"


@pytest.mark.parametrize("way", ["button", "action"])
async def test_press_to_talk_needs_no_wake_word(hass: HomeAssistant, house: House, way: str) -> None:
    if way == "button":
        await house.enable(("button", "press_to_talk"))
        await house.until_listening()
        await house.press("press_to_talk")
    else:
        await house.press_to_talk()
    await house.kitchen.finish()
    await house.until_told("kept")

    ((_, content),) = await house.read_all(house.ids())
    assert (content.started_by, content.wake_word, content.score) == (StartedBy.BUTTON, None, None)
    assert content.transcript == QUESTION
    # Nothing from before the button: the recording begins with what was sent after it.
    assert house.kitchen.heard_by_server(content.audio) > 0
    assert content.audio.startswith(house.transcriber.heard[0][:3_200])
    assert house.state("sensor", "wake_words_today") == "0"


async def test_press_to_talk_is_refused_when_nobody_would_listen(hass: HomeAssistant, house: House) -> None:
    await house.switch("microphone", on=False)
    with pytest.raises(HomeAssistantError, match="Kitchen cannot listen right now"):
        await house.press_to_talk()
    with pytest.raises(HomeAssistantError, match="Select the satellite"):
        await hass.services.async_call("voice_privacy", "press_to_talk", {}, blocking=True)
    assert ("woke", None) not in house.activity()


async def test_a_new_wake_word_interrupts_the_reply(house: House) -> None:
    house.announcer.seconds = 1.5
    await house.kitchen.ask()
    await house.until_state("assist_satellite", "assist_satellite", "responding")
    await house.kitchen.wait_for_event("audio-start")
    house.announcer.seconds = 0.3
    house.transcriber.text = "what is the date today"
    await house.kitchen.ask()
    await house.until_told("kept", count=2)
    await house.until_state("assist_satellite", "assist_satellite", "idle")

    contents = [content for _, content in await house.read_all(house.ids())]
    assert [content.transcript for content in contents] == [QUESTION, "what is the date today"]
    assert all(content.reply for content in contents)
    # Two replies never run into each other: each begins and ends before the next one.
    await house.kitchen.log.wait_for(lambda: len(house.kitchen.replies) > 1 or None, "no second", timeout=15)
    events = [event.type for event in house.kitchen.log.received("audio-start", "audio-stop")]
    assert events == ["audio-start", "audio-stop"] * 2
    assert house.kitchen.replies[1].seconds == pytest.approx(0.3, abs=0.01)


async def test_a_reply_that_hangs_is_given_up_for_the_next(house: House) -> None:
    # As much as it takes to get through Home Assistant's converter.
    house.announcer.seconds = 8.0
    house.announcer.may_go_on.clear()
    await house.kitchen.ask()
    await house.kitchen.wait_for_event("audio-start")
    await house.until_listening()
    house.announcer.seconds = 0.2
    house.announcer.may_go_on = asyncio.Event()
    house.announcer.may_go_on.set()
    house.transcriber.text = "what is the date today"
    await house.kitchen.ask()
    await house.kitchen.log.wait_for(
        lambda: len(house.kitchen.log.received("audio-start")) > 1 or None, "no second reply", timeout=10
    )
    events = [event.type for event in house.kitchen.log.received("audio-start", "audio-stop")]
    assert events[:3] == ["audio-start", "audio-stop", "audio-start"]


async def test_a_reply_that_fails_midway_is_ended(house: House, caplog: pytest.LogCaptureFixture) -> None:
    house.announcer.failure = RuntimeError("the reply itself")
    # As much as it takes to get through Home Assistant's converter.
    house.announcer.seconds = 8.0
    house.announcer.may_go_on.clear()
    await house.kitchen.ask()
    await house.kitchen.wait_for_event("audio-start")
    house.announcer.may_go_on.set()
    await house.kitchen.wait_for_event("audio-stop")
    await house.until_told("kept")
    await house.until_state("assist_satellite", "assist_satellite", "idle")

    house.announcer.failure = None
    house.announcer.seconds = 0.1
    assert await house.keep()


async def test_nothing_of_what_was_said_stays_in_memory(house: House) -> None:
    await house.keep(2)
    await house.kitchen.wait_for_reply()
    await house.act("delete_today")
    house.transcriber.heard.clear()
    gc.collect()
    sessions = [thing for thing in gc.get_objects() if isinstance(thing, CaptureSession)]
    assert [len(gc.get_referrers(session)) for session in sessions] == []


@pytest.mark.parametrize("kitchen_options", [{"wake_words": []}])
async def test_a_satellite_that_finds_its_wake_word_itself(
    quiet_house: House, models: None, socket_enabled: None
) -> None:
    house = quiet_house
    async with set_up_with_self_waking_satellite(house) as satellite:
        with pytest.raises(HomeAssistantError, match="cannot listen"):
            await house.press_to_talk()

        await satellite.wait_for_event("run-satellite")
        assert await satellite.wake()
        await satellite.blurt(silence(0.2), await speech(QUESTION), silence(1.5))
        await house.until_told("kept")
        await satellite.wait_for_reply()

        ((_, content),) = await house.read_all(house.ids())
        assert (content.started_by, content.wake_word) == (StartedBy.SATELLITE, "alexa")
        assert content.transcript == QUESTION
        # It was told that its utterance is over.
        assert not satellite.is_streaming

        await async_choose_engines(house.hass, stt=None, tts=None)
        assert await satellite.wake()
        await satellite.blurt(silence(0.5), await speech(QUESTION))
        await satellite.emit(AudioStop().event())
        await house.until_told("kept", count=2)
        assert await house.hass.config_entries.async_unload(house.entry.entry_id)


_ASR = RunPipeline(start_stage=PipelineStage.ASR, end_stage=PipelineStage.TTS)
OWN_WAKES = {
    "detection": [Detection(name="okay_nabu").event()],
    "without a name": [Detection().event()],
    "a run": [_ASR.event()],
    "both": [Detection(name="okay_nabu").event(), _ASR.event()],
}


@pytest.mark.parametrize("own", OWN_WAKES.values(), ids=OWN_WAKES.keys())
async def test_a_streaming_satellite_that_once_wakes_itself_is_woken_afterwards(
    house: House, own: list[Event]
) -> None:
    for event in own:
        await house.kitchen.emit(event)
    await house.until_state("sensor", "microphone_state", "recording")
    await house.kitchen.finish("what is the date today")
    await house.until_told("kept")

    await house.until_listening()
    await house.kitchen.ask()
    await house.until_told("kept", count=2)
    contents = [content for _, content in await house.read_all(house.ids())]
    assert [content.started_by for content in contents] == [StartedBy.SATELLITE, StartedBy.WAKE_WORD]
    await house.until_listening()


async def test_a_wake_of_its_own_while_muted_or_recording_does_not_make_it_deaf(house: House) -> None:
    await house.switch("microphone", on=False)
    await house.kitchen.emit(Detection(name="alexa").event())
    await house.until_found(lambda: house.hub.satellites.wyoming[KITCHEN]._wakes_itself)
    await house.switch("microphone", on=True)
    await house.until_listening()
    await house.kitchen.wake_up()
    # It repeats what it was told.
    await house.kitchen.emit(Detection(name="alexa").event())
    await house.kitchen.finish()
    await house.until_told("kept")
    await house.until_listening()
    assert await house.keep()
    assert [content.started_by for _, content in await house.read_all(house.ids())] == [
        StartedBy.WAKE_WORD,
        StartedBy.WAKE_WORD,
    ]


async def test_a_satellite_that_streamed_and_stops_after_a_wake_of_its_own_is_told_to_stream(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is not taken for one that listens by itself."""
    monkeypatch.setattr("custom_components.voice_privacy.satellites.wyoming._STREAM_SECONDS", 0.2)
    await house.kitchen.wait_for_frames(10)
    await house.kitchen.emit(Detection(name="okay_nabu").event())
    await house.kitchen.finish()
    await house.until_told("kept")
    house.kitchen.is_streaming = False
    await house.until_state("sensor", "microphone_state", "not_listening")
    await house.kitchen.wait_for_event("run-satellite", since=time.monotonic())
    await house.until_listening()
    assert await house.keep()


async def test_a_satellite_that_does_not_say_that_it_wakes_itself_is_believed_once_it_does(
    quiet_house: House, models: None, socket_enabled: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("custom_components.voice_privacy.core.stream_health.NO_AUDIO_SECONDS", 0.0)
    house = quiet_house
    async with talker(KITCHEN, Mode.LOCAL_WAKE) as satellite, talker("other") as streaming:
        monkeypatch.setattr(satellite, "_info", streaming._info)
        house.satellites[KITCHEN] = satellite
        (subentry,) = house.entry.subentries.values()
        house.hass.config_entries.async_update_subentry(
            house.entry, subentry, data={**subentry.data, "port": satellite.port}
        )
        assert await house.hass.config_entries.async_setup(house.entry.entry_id)
        await satellite.wait_for_event("run-satellite")
        await house.until_state("sensor", "microphone_state", "not_listening")
        for count in (1, 2):
            assert await satellite.wake()
            await satellite.blurt(silence(0.2), await speech(QUESTION), silence(1.5))
            await house.until_told("kept", count=count)
            await satellite.wait_for_reply()
            assert not satellite.is_streaming
            house.hub.satellites[KITCHEN].check()
            await house.hass.async_block_till_done()
            assert house.state("sensor", "microphone_state") == "listening"
            with pytest.raises(HomeAssistantError, match="cannot listen"):
                await house.press_to_talk()
        assert await house.hass.config_entries.async_unload(house.entry.entry_id)


def _as_format(pcm: bytes, rate: int, width: int, channels: int) -> bytes:
    """Return 16 kHz, 16-bit, mono PCM in another format; only multiples of its rate and width."""
    frames = (pcm[at : at + 2] for at in range(0, len(pcm), 2))
    return b"".join((bytes(width - 2) + frame) * channels * (rate // 16_000) for frame in frames)


BURSTS = [
    (6.0, 6.0, (16_000, 2, 1)),
    (5.1, 5.1, (16_000, 2, 1)),
    (29.9, 29.9, (16_000, 2, 1)),
    (14.0, 1.0, (16_000, 2, 1)),
    (12.0, 5.0, (16_000, 2, 2)),
    (8.0, 2.0, (48_000, 2, 1)),
    (8.0, 1.0, (48_000, 4, 2)),
    (32.0, 32.0, (16_000, 2, 1)),
    (6.0, 6.0, (48_000, 2, 2)),
    (14.0, 14.0, (48_000, 2, 1)),
    (29.0, 29.0, (48_000, 4, 1)),
]


@pytest.mark.parametrize("streams", [False, True])
@pytest.mark.parametrize(("seconds", "chunk", "form"), BURSTS)
async def test_an_utterance_in_one_burst_is_heard_whole(
    house: House,
    monkeypatch: pytest.MonkeyPatch,
    seconds: float,
    chunk: float,
    form: tuple[int, int, int],
    streams: bool,
) -> None:
    """A satellite that decides for itself when one has finished sends everything at once."""
    monkeypatch.setattr(
        "custom_components.voice_privacy.satellites.wyoming_connection._FLOW_BURST_SECONDS", 5.0
    )
    house.kitchen.vanish()
    await house.until_state("binary_sensor", "connected", "off")
    await house.until_listening()
    if not streams:
        house.kitchen.is_streaming = False
    pcm = (loud(0.5) + bytes(8_000)) * 80
    pcm = pcm[: int(seconds * 16_000) * 2]
    step = int(chunk * 16_000) * 2
    # In one go: nothing of the room comes in between.
    rate, width, channels = form
    events = [_ASR.event(), AudioStart(rate=rate, width=width, channels=channels).event()]
    for at in range(0, len(pcm), step):
        audio = _as_format(pcm[at : at + step], *form)
        events.append(AudioChunk(rate=rate, width=width, channels=channels, audio=audio).event())
    events.append(AudioStop().event())
    await house.kitchen.send_raw(b"".join(encode(event) for event in events))
    await house.until_told("kept")
    ((info, content),) = await house.read_all(house.ids())
    assert info.kind is RecordingKind.COMMAND
    assert info.duration == pytest.approx(min(seconds, 30.0), abs=0.1)
    if form[0] == 16_000:
        assert content.audio == pcm[: 30 * 32_000]
    # It is woken as before by what is said at the speed of sound.
    if streams:
        await house.until_listening()
        since = time.monotonic()
        await house.kitchen.say(silence(0.3) + await speech("Alexa") + silence(0.3))
        await house.kitchen.wait_for_event("detection", since=since)
        await house.kitchen.finish()
        await house.until_told("kept", count=2)


async def test_a_satellite_that_vanishes_is_kept_as_far_as_it_was_heard(house: House) -> None:
    await house.kitchen.wake_up()
    await house.until_state("sensor", "microphone_state", "recording")
    await house.kitchen.blurt(await speech(QUESTION))
    house.kitchen.vanish()
    await house.until_told("kept")
    await house.until_state("binary_sensor", "connected", "off")

    ((_, content),) = await house.read_all(house.ids())
    assert house.kitchen.heard_by_server(content.audio) >= 0
    assert house.state("switch", "microphone") == "unknown"
    assert house.state("sensor", "microphone_state") == "unavailable"
    assert house.state("assist_satellite", "assist_satellite") == "unavailable"
    await house.until_listening()
    assert await house.keep()


async def test_an_utterance_lasts_no_longer_than_its_cap(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("custom_components.voice_privacy.core.capture.MAX_SECONDS", 2.5)
    await house.kitchen.wake_up()
    await house.kitchen.blurt(await speech("one two three four five six seven eight nine ten eleven twelve"))
    await house.until_told("kept")

    ((info, _),) = await house.read_all(house.ids())
    assert info.duration == 2.5


async def test_a_pipeline_that_hangs_does_not_make_it_deaf(house: House) -> None:
    house.transcriber.may_answer.clear()
    await house.kitchen.ask()
    await house.kitchen.wait_for_event("voice-stopped")
    await house.until_listening()
    house.transcriber.may_answer.set()
    await house.until_told("kept")
    assert house.state("sensor", "recordings") == "1"
