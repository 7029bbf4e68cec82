"""Our wake engine as one of Home Assistant's, for satellites that stream."""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterable
from contextvars import ContextVar
import itertools
from pathlib import Path
from typing import Any

from homeassistant.auth.const import GROUP_ID_ADMIN
from homeassistant.components import wake_word
from homeassistant.components.assist_pipeline import (
    PipelineEventType,
    PipelineStage,
    async_get_pipeline,
    async_update_pipeline,
)
from homeassistant.components.wake_word import WakeWordDetectionEntity
from homeassistant.core import HomeAssistant
import numpy as np
import pytest

from custom_components.voice_privacy.const import CONF_CHECK_LEVEL, CONF_OFFER_WAKE_WORD
from custom_components.voice_privacy.core.audio import seconds_of
from custom_components.voice_privacy.core.models import RecordingKind, StartedBy
from custom_components.voice_privacy.satellites.pipeline_runs import RunIdentity

from .helpers.foreign import sound
from .helpers.people import Desk
from .helpers.pipeline_home import ENTRY_ID, PipelineHome, pipeline_home, until
from .helpers.talker import silence, speech, spoken_part

ENGINE = "wake_word.voice_privacy_wake_word"


@pytest.fixture
async def bare_home(
    recorder_mock: Any, hass: HomeAssistant, enable_custom_integrations: None, models: Path
) -> AsyncGenerator[PipelineHome]:
    """A home with wake word models."""
    async with pipeline_home(hass) as home:
        yield home


@pytest.fixture
async def home(bare_home: PipelineHome) -> PipelineHome:
    """A home whose pipeline listens for its wake word with our engine."""
    options = {**bare_home.entry.options, CONF_OFFER_WAKE_WORD: True}
    bare_home.hass.config_entries.async_update_entry(bare_home.entry, options=options)
    await bare_home.set_up()
    await async_update_pipeline(
        bare_home.hass, async_get_pipeline(bare_home.hass), wake_word_entity=ENGINE, wake_word_id="alexa"
    )
    return bare_home


def _engine(home: PipelineHome) -> WakeWordDetectionEntity:
    """Return the engine."""
    engine = wake_word.async_get_wake_word_detection_entity(home.hass, ENGINE)
    assert engine is not None
    return engine


async def _chunks(home: PipelineHome, pcm: bytes) -> AsyncIterable[tuple[bytes, int]]:
    """Yield audio as Assist does, no faster than the worker takes it."""
    for number, start in enumerate(range(0, len(pcm), 320)):
        yield pcm[start : start + 320], number * 10
        await _let_the_worker_hear(home)


async def _let_the_worker_hear(home: PipelineHome) -> None:
    """Wait until the worker has scored what it has been given."""
    await home.hass.async_add_executor_job(home.hub.listening.worker.wait_until_idle, 1.0)


async def test_it_is_only_there_where_it_was_offered(bare_home: PipelineHome) -> None:
    await bare_home.set_up()
    assert bare_home.hass.states.get(ENGINE) is None
    assert wake_word.async_default_entity(bare_home.hass) is None


async def test_it_tells_which_wake_words_it_hears(home: PipelineHome) -> None:
    (alexa,) = await _engine(home).get_supported_wake_words()
    assert (alexa.id, alexa.phrase) == ("alexa", "Alexa")


async def test_a_wake_word_is_heard_and_no_audio_after_it_is_lost(home: PipelineHome) -> None:
    pcm = silence(0.5) + await speech("Alexa, what time is it")
    read = bytearray()

    async def counted() -> AsyncIterable[tuple[bytes, int]]:
        async for chunk, timestamp in _chunks(home, pcm):
            read.extend(chunk)
            yield chunk, timestamp

    result = await _engine(home).async_process_audio_stream(counted(), "alexa")

    assert result is not None
    assert (result.wake_word_id, result.wake_word_phrase) == ("alexa", "Alexa")
    assert result.queued_audio is not None
    after = b"".join(chunk for chunk, _ in result.queued_audio)
    # What is handed back is the end of what was read: the next chunk of the stream goes on from there.
    assert bytes(read).endswith(after)
    assert seconds_of(bytes(read)) < 2.0
    assert seconds_of(after) < 0.5


async def test_other_speech_is_no_wake_word(home: PipelineHome) -> None:
    pcm = await speech("turn off the kitchen light")
    assert await _engine(home).async_process_audio_stream(_chunks(home, pcm), "alexa") is None
    assert home.hub.listening._streams == {}


async def _as_steady_as_a_fan(text: str) -> bytes:
    """Return a text over and over without a pause or a louder syllable, as an engine may take noise for it."""
    spoken = np.frombuffer(await speech(text), "<i2").astype(np.float64)
    first, *_, last = np.flatnonzero(np.abs(spoken) > 300)
    endless = np.tile(spoken[first:last], 8)
    loudness = np.sqrt(np.convolve(endless**2, np.ones(800) / 800, "same")) + 1
    return bytes((2_000 * endless / loudness).clip(-32_767, 32_767).astype("<i2").tobytes())


async def test_what_is_no_louder_than_the_room_wakes_nobody_unless_the_owner_wants_it(
    home: PipelineHome,
) -> None:
    steady = await _as_steady_as_a_fan("Alexa")
    assert await _engine(home).async_process_audio_stream(_chunks(home, steady), "alexa") is None

    flow = await home.hass.config_entries.options.async_init(ENTRY_ID)
    await home.hass.config_entries.options.async_configure(
        flow["flow_id"], {"pipelines": [], CONF_OFFER_WAKE_WORD: True, CONF_CHECK_LEVEL: False}
    )
    await home.hass.async_block_till_done()
    assert await _engine(home).async_process_audio_stream(_chunks(home, steady), "alexa") is not None


async def _stream(home: PipelineHome, *parts: bytes) -> AsyncIterable[bytes]:
    """Yield audio as a streaming satellite does."""
    async for chunk, _ in _chunks(home, b"".join(parts)):
        yield chunk


async def test_wake_and_command_are_kept_with_the_wake_word_itself(home: PipelineHome) -> None:
    audio = _stream(home, silence(0.5), await speech("Alexa"), silence(0.2), sound(1.0), silence(1.5))
    await home.kitchen.async_accept_pipeline_from_satellite(
        audio, start_stage=PipelineStage.WAKE_WORD, end_stage=PipelineStage.INTENT
    )
    await home.settle()
    assert home.kitchen.errors == []
    assert home.kitchen.seen(PipelineEventType.WAKE_WORD_END)
    (recording_id,) = home.ids("kitchen")
    info, content = await home.hub.async_read(recording_id)
    assert info.kind is RecordingKind.COMMAND
    assert content.started_by is StartedBy.WAKE_WORD
    assert content.wake_word == "alexa"
    assert content.score is not None
    assert content.score > 0.5
    # The wake word comes first, and what speech-to-text was given follows without a gap.
    (heard,) = home.transcriber.heard
    assert content.audio.endswith(heard)
    assert 0.5 < seconds_of(content.audio) - seconds_of(heard) <= 1.5


async def test_what_runs_into_the_wake_word_is_not_kept(home: PipelineHome) -> None:
    secret = spoken_part(await speech("nobody knows that I lost my job last week"))
    word = spoken_part(await speech("Alexa"))
    pcm = silence(1.0) + secret + word + silence(0.3) + sound(1.0) + silence(1.5)
    await home.kitchen.async_accept_pipeline_from_satellite(
        _stream(home, pcm), start_stage=PipelineStage.WAKE_WORD, end_stage=PipelineStage.INTENT
    )
    await home.settle()
    (recording_id,) = home.ids("kitchen")
    _, content = await home.hub.async_read(recording_id)
    start = pcm.find(content.audio)
    begins = len(silence(1.0) + secret)
    assert start >= 0
    assert begins - len(silence(0.2)) <= start <= begins
    (heard,) = home.transcriber.heard
    assert content.audio.endswith(heard)


async def test_a_wake_without_a_command_is_a_false_wake(home: PipelineHome) -> None:
    home.transcriber.text = ""
    audio = _stream(home, silence(0.5), await speech("Alexa"), silence(2.0))
    await home.kitchen.async_accept_pipeline_from_satellite(
        audio, start_stage=PipelineStage.WAKE_WORD, end_stage=PipelineStage.INTENT
    )
    await home.settle()
    (recording_id,) = home.ids("kitchen")
    info, content = await home.hub.async_read(recording_id)
    assert (info.kind, content.started_by) == (RecordingKind.FALSE_WAKE, StartedBy.WAKE_WORD)


async def test_a_muted_satellite_has_no_wake_word(home: PipelineHome) -> None:
    await home.switch("microphone", on=False, owner="bedroom")
    audio = _stream(home, silence(0.5), await speech("Alexa"), silence(1.0))
    await home.bedroom.async_accept_pipeline_from_satellite(
        audio, start_stage=PipelineStage.WAKE_WORD, end_stage=PipelineStage.INTENT
    )
    assert home.transcriber.heard == []
    assert home.ids("bedroom") == []


async def _begin_run(home: PipelineHome, *sounds: bytes) -> tuple[asyncio.Event, asyncio.Task[None]]:
    """Have the engine hear the bedroom; return what lets these sounds follow, and the run."""
    began, go_on = asyncio.Event(), asyncio.Event()

    async def audio() -> AsyncIterable[bytes]:
        yield silence(0.1)
        began.set()
        await go_on.wait()
        async for chunk in _stream(home, *sounds):
            yield chunk

    run = asyncio.create_task(
        home.bedroom.async_accept_pipeline_from_satellite(
            audio(), start_stage=PipelineStage.WAKE_WORD, end_stage=PipelineStage.INTENT
        )
    )
    await began.wait()
    return go_on, run


async def test_a_model_is_tested_with_what_the_engine_hears_of_a_satellite(home: PipelineHome) -> None:
    admin = await home.hass.auth.async_create_user("Admin", group_ids=[GROUP_ID_ADMIN])
    desk = Desk(home.hass, admin, None)
    fields = {"satellite_id": "bedroom", "file": "alexa_v0.1.onnx"}
    # Nothing of it is heard here, so that it finds its wake word itself as far as anybody knows.
    assert await desk.code_of("wake_words/test", **fields) == "wakes_itself"

    go_on, run = await _begin_run(home, silence(1.0), await speech("Computer"), silence(1.0))
    assert await desk.code_of("wake_words/test", **fields) is None
    go_on.set()
    await desk.until_told(lambda: len(desk.events("heard")) >= 5)
    await home.switch("microphone", on=False, owner="bedroom")
    await desk.until_told(lambda: bool(desk.events("ended")))
    assert desk.events("ended") == [{"type": "ended", "code": "muted_while_tested"}]
    await run
    assert await desk.code_of("wake_words/test", **fields) == "muted_while_tested"


async def test_a_satellite_is_heard_live_while_the_engine_hears_it(home: PipelineHome) -> None:
    admin = await home.hass.auth.async_create_user("Admin", group_ids=[GROUP_ID_ADMIN])
    desk = Desk(home.hass, admin, None)
    assert await desk.code_of("microphones/test", satellite_id="bedroom") == "heard_only_in_commands"
    go_on, run = await _begin_run(home, silence(1.0), await speech("Computer"), silence(1.0))
    assert await desk.code_of("microphones/test", satellite_id="bedroom") is None
    go_on.set()
    await desk.until_told(lambda: len(desk.events("heard")) >= 5)
    assert {event["threshold"] for event in desk.events("heard")} == {0.5}
    await home.switch("microphone", on=False, owner="bedroom")
    await desk.until_told(lambda: bool(desk.events("ended")))
    assert desk.events("ended") == [{"type": "ended", "code": "muted_while_heard", "verdict": None}]
    await run
    assert await desk.code_of("microphones/test", satellite_id="bedroom") == "muted_while_heard"


async def test_nobody_can_begin_more_streams_than_the_engine_hears(
    home: PipelineHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    sources = [f"user:{number // 4}" for number in range(20)] + ["satellite:kitchen"] * 3
    heard: list[str] = []
    ended = asyncio.Event()

    async def endless(source: str) -> AsyncIterable[tuple[bytes, int]]:
        heard.append(source)
        yield silence(0.01), 0
        await ended.wait()

    async def run(source: str) -> None:
        # Each task has a copy of its own of what is known of the run.
        whose.set(source)
        await _engine(home).async_process_audio_stream(endless(source), "alexa")

    whose: ContextVar[str] = ContextVar("whose")
    monkeypatch.setattr(
        "custom_components.voice_privacy.wake_word.identify_run",
        lambda _hass: RunIdentity(source=whose.get()),
    )
    tasks = [asyncio.create_task(run(source)) for source in sources]
    await until(lambda: sum(not task.done() for task in tasks) == len(heard))
    assert Counter(heard) == {"satellite:kitchen": 2} | {f"user:{number}": 2 for number in range(4)}
    ended.set()
    await asyncio.gather(*tasks)
    # All who have ended make room.
    heard.clear()
    await run("user:4")
    assert heard == ["user:4"]


async def test_it_goes_with_the_entry(home: PipelineHome) -> None:
    assert await home.hass.config_entries.async_unload(ENTRY_ID)
    assert wake_word.async_get_wake_word_detection_entity(home.hass, ENGINE) is None


async def test_a_word_is_taught_while_the_engine_hears_a_satellite(home: PipelineHome) -> None:
    admin = await home.hass.auth.async_create_user("Admin", group_ids=[GROUP_ID_ADMIN])
    desk = Desk(home.hass, admin, None)
    fields = {"name": "Hey Lighthouse", "satellite_id": "bedroom", "consent": True}
    assert (await desk.ask("voice_privacy/taught/begin", **fields))["error"]["code"] == "wakes_itself"
    go_on, run = await _begin_run(home, silence(0.5), await speech("hey lighthouse"), silence(1.5))
    assert (await desk.ask("voice_privacy/taught/begin", **fields))["success"]
    (session,) = (event["session"] for event in desk.events("session"))
    answer = await desk.ask("voice_privacy/taught/clip", session=session, kind="word")
    assert answer["success"], answer
    go_on.set()
    await desk.until_told(lambda: bool(desk.events("clip")))
    assert desk.events("clip")[0]["verdict"] == "good"
    await home.switch("microphone", on=False, owner="bedroom")
    await desk.until_told(lambda: desk.events("end")[-1]["code"] == "muted_while_tested")
    await run


async def test_a_stream_ends_with_its_hub(home: PipelineHome) -> None:
    engine, old = _engine(home), home.hub
    sending, go_on = asyncio.Event(), asyncio.Event()

    async def stream() -> AsyncGenerator[tuple[bytes, int]]:
        yield bytes(2_560), 0
        sending.set()
        await go_on.wait()
        # Whoever streams without end asks again when a stream has ended.
        for number in itertools.count(1):
            yield bytes(2_560), number * 80

    listening = asyncio.create_task(engine.async_process_audio_stream(stream(), None))
    await sending.wait()
    assert await home.hass.config_entries.async_reload(ENTRY_ID)
    go_on.set()
    assert await listening is None
    assert old is not home.hub
    assert old.listening._streams == {}
    assert (await _engine(home).get_supported_wake_words())[0].id == "alexa"
