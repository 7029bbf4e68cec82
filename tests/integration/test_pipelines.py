"""Satellites of other integrations, heard through their pipelines, in Home Assistant's own components."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterable
from datetime import timedelta
import io
import logging
import threading
import time
from typing import Any, NoReturn
from unittest.mock import Mock
import wave

from homeassistant.components.assist_pipeline import (
    PipelineEvent,
    PipelineEventType,
    async_get_pipeline,
    async_update_pipeline,
)
from homeassistant.components.stt import (
    AudioBitRates,
    AudioChannels,
    AudioCodecs,
    AudioFormats,
    AudioSampleRates,
    Provider,
    SpeechMetadata,
    SpeechResult,
    SpeechResultState,
    async_get_speech_to_text_entity,
)
from homeassistant.config_entries import ConfigEntryDisabler, ConfigEntryState
from homeassistant.helpers import device_registry as dr, entity_registry as er, issue_registry as ir
from homeassistant.helpers.discovery import async_load_platform
from homeassistant.helpers.event import async_track_state_change_event
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import (
    MockModule,
    async_fire_time_changed,
    mock_integration,
    mock_platform,
)
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.voice_privacy.const import CONF_ENGINES_BEFORE, CONF_PIPELINES, DOMAIN
from custom_components.voice_privacy.core.audio import seconds_of
from custom_components.voice_privacy.core.errors import StoreError
from custom_components.voice_privacy.core.models import RecordingKind
from custom_components.voice_privacy.hub.access_log import AccessLog
from custom_components.voice_privacy.hub.hub import VoicePrivacyHub
from custom_components.voice_privacy.satellites.pipeline_runs import SOURCE_API, RunIdentity, identify_run
from custom_components.voice_privacy.satellites.proxied_capture import ProxiedCapture

from .helpers.foreign import add_late, interrupted, sound, stream_of
from .helpers.pipeline_home import ENTRY_ID, METADATA, PipelineHome, until
from .helpers.speech import Transcriber
from .helpers.talker import speech

# --- engines in and out -----------------------------------------------------------------------------


async def test_the_chosen_pipeline_goes_through_a_proxy_and_gets_its_engine_back(home: PipelineHome) -> None:
    proxy = home.engine
    assert proxy is not None
    assert proxy != home.engine_id
    assert er.async_get(home.hass).async_get(proxy).platform == DOMAIN  # type: ignore[union-attr]
    assert home.entry.data[CONF_ENGINES_BEFORE] == {async_get_pipeline(home.hass).id: home.engine_id}

    assert await home.hass.config_entries.async_unload(ENTRY_ID)
    assert home.engine == home.engine_id


async def test_removal_gives_the_engine_back(home: PipelineHome) -> None:
    await home.hass.config_entries.async_remove(ENTRY_ID)
    assert home.engine == home.engine_id


async def test_a_pipeline_that_was_not_chosen_is_left_alone(bare_home: PipelineHome) -> None:
    bare_home.hass.config_entries.async_update_entry(bare_home.entry, options={})
    await bare_home.set_up()
    assert bare_home.engine == bare_home.engine_id


async def test_a_pipeline_that_was_changed_meanwhile_is_left_alone(home: PipelineHome) -> None:
    await async_update_pipeline(home.hass, async_get_pipeline(home.hass), stt_engine=None)
    assert await home.hass.config_entries.async_unload(ENTRY_ID)
    assert home.engine is None


async def test_after_a_crash_a_set_up_that_fails_leaves_the_engine(
    bare_home: PipelineHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    await bare_home.set_up()
    assert await bare_home.hass.config_entries.async_unload(ENTRY_ID)
    # As after kill -9: the proxy is still in the pipeline, and nobody is there.
    proxy = er.async_get(bare_home.hass).async_get_entity_id(
        "stt", DOMAIN, next(entity.unique_id for entity in _proxies(bare_home))
    )
    await async_update_pipeline(bare_home.hass, async_get_pipeline(bare_home.hass), stt_engine=proxy)

    async def fail(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(VoicePrivacyHub, "async_start", fail)
    assert not await bare_home.hass.config_entries.async_setup(ENTRY_ID)
    assert bare_home.engine == bare_home.engine_id
    await bare_home.kitchen.say()
    assert bare_home.kitchen.errors == []


@pytest.mark.parametrize(
    "step", ["async_setup_voice_commands", "async_setup_suggestions", "async_setup_panel"]
)
async def test_a_set_up_that_fails_late_leaves_the_engine(
    bare_home: PipelineHome, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(f"custom_components.voice_privacy.{step}", fail)
    assert not await bare_home.hass.config_entries.async_setup(ENTRY_ID)
    await bare_home.hass.async_block_till_done()
    assert bare_home.engine == bare_home.engine_id
    await bare_home.kitchen.say()
    assert bare_home.kitchen.errors == []
    # Nothing of the attempt is in the way of the next one.
    monkeypatch.undo()
    await bare_home.hass.config_entries.async_reload(ENTRY_ID)
    assert bare_home.entry.state is ConfigEntryState.LOADED


async def test_disabled_the_pipeline_is_as_it_was(bare_home: PipelineHome) -> None:
    before = async_get_pipeline(bare_home.hass).to_json()
    await bare_home.set_up()
    assert async_get_pipeline(bare_home.hass).to_json() != before
    await bare_home.hass.config_entries.async_set_disabled_by(ENTRY_ID, ConfigEntryDisabler.USER)
    await bare_home.hass.async_block_till_done()
    assert async_get_pipeline(bare_home.hass).to_json() == before
    await bare_home.kitchen.say()
    assert bare_home.kitchen.errors == []


async def test_removed_while_somebody_speaks_the_command_is_answered_and_the_pipeline_as_it_was(
    bare_home: PipelineHome,
) -> None:
    before = async_get_pipeline(bare_home.hass).to_json()
    await bare_home.set_up()
    bare_home.transcriber.may_answer.clear()
    run = asyncio.create_task(bare_home.kitchen.say())
    await until(lambda: bare_home.transcriber.heard)
    await bare_home.hass.config_entries.async_remove(ENTRY_ID)
    bare_home.transcriber.may_answer.set()
    await run
    assert len(bare_home.kitchen.replies) == 1
    assert async_get_pipeline(bare_home.hass).to_json() == before


class LegacyEngine(Provider):
    """An engine of a platform in YAML: no entity."""

    supported_languages = ["en"]  # noqa: RUF012
    supported_formats = [AudioFormats.WAV]  # noqa: RUF012
    supported_codecs = [AudioCodecs.PCM]  # noqa: RUF012
    supported_bit_rates = [AudioBitRates.BITRATE_16]  # noqa: RUF012
    supported_sample_rates = [AudioSampleRates.SAMPLERATE_16000]  # noqa: RUF012
    supported_channels = [AudioChannels.CHANNEL_MONO]  # noqa: RUF012

    async def async_process_audio_stream(
        self, metadata: SpeechMetadata, stream: AsyncIterable[bytes]
    ) -> SpeechResult:
        async for _ in stream:
            pass
        return SpeechResult("what time is it", SpeechResultState.SUCCESS)


async def test_an_engine_that_is_no_entity_has_a_proxy_too(bare_home: PipelineHome) -> None:
    hass = bare_home.hass

    async def engine(*_: object) -> LegacyEngine:
        return LegacyEngine()

    mock_integration(hass, MockModule("legacy"))
    mock_platform(hass, "legacy.stt", Mock(spec=["async_get_engine"], async_get_engine=engine))
    await async_load_platform(hass, "stt", "legacy", {}, {"stt": {}})
    await hass.async_block_till_done()
    await async_update_pipeline(hass, async_get_pipeline(hass), stt_engine="legacy")

    await bare_home.set_up()
    assert bare_home.engine not in (None, "legacy")
    await bare_home.kitchen.say()
    await bare_home.settle()
    assert bare_home.kitchen.errors == []
    assert len(bare_home.ids("kitchen")) == 1

    await hass.config_entries.async_reload(ENTRY_ID)
    await hass.async_block_till_done()
    assert bare_home.engine not in (None, "legacy")
    assert await hass.config_entries.async_unload(ENTRY_ID)
    assert bare_home.engine == "legacy"


async def test_partial_results_are_passed_on_unchanged(
    home: PipelineHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts = [object(), object(), SpeechResult("what time", SpeechResultState.SUCCESS)]

    async def with_progress(
        _engine: Transcriber, _metadata: SpeechMetadata, stream: AsyncIterable[bytes]
    ) -> AsyncGenerator[object]:
        async for _ in stream:
            pass
        for part in parts:
            yield part

    # As newer versions of Home Assistant than these tests run in have it.
    monkeypatch.setattr(
        Transcriber, "internal_async_process_audio_stream_with_progress", with_progress, raising=False
    )
    proxy: Any = async_get_speech_to_text_entity(home.hass, str(home.engine))
    passed = [
        part async for part in proxy.async_process_audio_stream_with_progress(METADATA, stream_of(sound()))
    ]
    assert passed == parts


async def test_others_have_their_turn_in_a_burst(home: PipelineHome, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its many small pieces are all there at once, and an engine writes each to a socket without waiting."""
    turns: list[int] = [0]

    async def busy(engine: Transcriber, **given: Any) -> SpeechResult:
        engine.heard.append(b"".join([piece async for piece in writing(given["stream"])]))
        return SpeechResult("what time", SpeechResultState.SUCCESS)

    async def writing(stream: AsyncIterable[bytes]) -> AsyncGenerator[bytes]:
        async for piece in stream:
            # So long may a write wait for Python's lock.
            time.sleep(0.003)  # noqa: ASYNC251
            turns[-1] += 1
            yield piece

    async def burst(pcm: bytes) -> AsyncGenerator[bytes]:
        for start in range(0, len(pcm), 320):
            yield pcm[start : start + 320]

    async def others() -> None:
        while True:
            await asyncio.sleep(0)
            turns.append(0)

    monkeypatch.setattr(Transcriber, "async_process_audio_stream", busy)
    proxy: Any = async_get_speech_to_text_entity(home.hass, str(home.engine))
    task = asyncio.create_task(others())
    try:
        result = await proxy.async_process_audio_stream(METADATA, burst(sound(1.0)))
    finally:
        task.cancel()
    assert result.text == "what time"
    assert home.transcriber.heard == [sound(1.0)]
    # Of 100 pieces, two last longer than a turn; the first of the others' turns comes after two of them.
    assert max(turns) <= 4


def _proxies(home: PipelineHome) -> list[er.RegistryEntry]:
    """Return the registry entries of our engines."""
    return [
        entity
        for entity in er.async_entries_for_config_entry(er.async_get(home.hass), ENTRY_ID)
        if entity.domain == "stt"
    ]


async def test_an_engine_that_comes_later_is_covered_then(bare_home: PipelineHome) -> None:
    hass = bare_home.hass
    await async_update_pipeline(hass, async_get_pipeline(hass), stt_engine="stt.late")
    await bare_home.set_up()
    assert bare_home.engine == "stt.late"

    late = Transcriber()
    late._attr_name = late._attr_unique_id = "late"
    await add_late(hass, "stt", [late])

    assert bare_home.engine not in (None, "stt.late")
    await bare_home.kitchen.say()
    await bare_home.settle()
    assert len(late.heard) == len(bare_home.ids("kitchen")) == 1


async def test_the_proxy_is_what_its_engine_is(home: PipelineHome) -> None:
    proxy = async_get_speech_to_text_entity(home.hass, str(home.engine))
    assert proxy is not None
    for name in ("languages", "formats", "codecs", "bit_rates", "sample_rates", "channels"):
        assert getattr(proxy, f"supported_{name}") == getattr(home.transcriber, f"supported_{name}")
    assert proxy.audio_processing == home.transcriber.audio_processing
    assert len(_proxies(home)) == 1


async def test_a_proxy_goes_with_its_engine(home: PipelineHome) -> None:
    er.async_get(home.hass).async_remove(home.engine_id)
    await home.hass.async_block_till_done()
    assert _proxies(home) == []


async def test_an_engine_that_is_renamed_is_still_found(home: PipelineHome) -> None:
    er.async_get(home.hass).async_update_entity(home.engine_id, new_entity_id="stt.ears")
    await home.hass.async_block_till_done()
    await home.kitchen.say()
    assert home.kitchen.errors == []
    assert await home.hass.config_entries.async_unload(ENTRY_ID)
    assert home.engine == "stt.ears"


# --- what is kept -----------------------------------------------------------------------------------


async def test_a_command_is_kept_with_its_satellite_transcript_and_reply(home: PipelineHome) -> None:
    audio = sound(1.5)
    home.transcriber.text = "what is the meaning of life"
    await home.kitchen.say(audio)
    await home.settle()

    (recording_id,) = home.ids("kitchen")
    info, content = await home.hub.async_read(recording_id)
    assert info.kind is RecordingKind.COMMAND
    assert content.transcript == "what is the meaning of life"
    assert content.reply == home.kitchen.replies[-1]
    assert content.audio == b"".join(home.transcriber.heard) != b""
    assert content.language == "en"
    assert home.state("sensor", "recordings") == "1"
    assert home.state("sensor", "wake_words_today") == "1"


async def test_a_wake_without_a_command_is_a_false_wake(home: PipelineHome) -> None:
    home.transcriber.text = ""
    await home.kitchen.say()
    await home.settle()
    assert home.kitchen.errors == ["stt-no-text-recognized"]
    (recording_id,) = home.ids("kitchen")
    info, _ = await home.hub.async_read(recording_id)
    assert info.kind is RecordingKind.FALSE_WAKE


@pytest.mark.parametrize("spoken", [False, True])
@pytest.mark.parametrize("text", ["Thank you.", "[BLANK_AUDIO]"])
async def test_text_that_was_made_up_is_a_false_wake_unless_it_was_spoken(
    home: PipelineHome, text: str, spoken: bool
) -> None:
    home.transcriber.text = text
    await home.kitchen.say(sound() + await speech("thank you") + sound() if spoken else sound())
    await home.settle()
    (recording_id,) = home.ids("kitchen")
    info, _ = await home.hub.async_read(recording_id)
    command = spoken and text == "Thank you."
    assert info.kind is (RecordingKind.COMMAND if command else RecordingKind.FALSE_WAKE)


async def test_three_at_once_stay_apart(home: PipelineHome) -> None:
    home.transcriber.may_answer.clear()
    audio = {name: sound(seed=number) for number, name in enumerate(home.satellites, start=10)}
    runs = [asyncio.create_task(satellite.say(audio[name])) for name, satellite in home.satellites.items()]
    await until(lambda: len(home.transcriber.heard) == 3)
    assert [home.state("sensor", "microphone_state", name) for name in home.satellites] == ["recording"] * 3
    home.transcriber.may_answer.set()
    await asyncio.gather(*runs)
    await home.settle()

    kept = {}
    for name in home.satellites:
        (recording_id,) = home.ids(name)
        kept[name] = (await home.hub.async_read(recording_id))[1].audio
    assert set(kept.values()) == set(home.transcriber.heard)
    assert len(set(kept.values())) == 3
    for name, heard in kept.items():
        assert heard[: len(audio[name])] == audio[name][: len(heard)]


async def test_a_browser_belongs_to_its_user_and_can_delete_there(home: PipelineHome) -> None:
    await home.browser("what time is it")
    await home.kitchen.say()
    await home.settle()
    (recording_id,) = home.ids("paula")
    assert (await home.hub.async_read(recording_id))[1].transcript == "what time is it"

    await home.hass.services.async_call(
        "switch", "turn_on", {"entity_id": "switch.voice_privacy_deletion_by_voice"}, blocking=True
    )
    events = await home.browser("delete what I just said")
    reply = next(event.data for event in events if event.type is PipelineEventType.INTENT_END)
    assert reply is not None
    assert "I deleted what you just said" in str(reply)
    assert home.ids("paula") == []
    assert len(home.ids("kitchen")) == 1


async def test_what_nobody_has_added_is_not_kept(home: PipelineHome) -> None:
    stranger = await home.hass.auth.async_create_user("Stranger")
    home.user_id = stranger.id
    await home.browser("what time is it")
    assert len(home.hub.recordings) == 0
    assert len(home.transcriber.heard) == 1


async def test_deleting_by_voice_reaches_only_that_satellite(home: PipelineHome) -> None:
    await home.kitchen.say()
    await home.bedroom.say()
    await home.settle()
    await home.hass.services.async_call(
        "switch", "turn_on", {"entity_id": "switch.voice_privacy_deletion_by_voice"}, blocking=True
    )
    home.transcriber.text = "delete what I just said"
    await home.bedroom.say()
    await home.settle()
    assert home.bedroom.replies[-1].startswith("Done. I deleted what you just said")
    assert home.ids("bedroom") == []
    assert len(home.ids("kitchen")) == 1


async def test_a_run_that_nobody_ends_is_not_what_somebody_said_last(home: PipelineHome) -> None:
    """Home Assistant's Wyoming integration may begin one with the rest of the last utterance, and forget it."""
    await home.hass.services.async_call(
        "switch", "turn_on", {"entity_id": "switch.voice_privacy_deletion_by_voice"}, blocking=True
    )
    for _ in range(2):
        await home.kitchen.say()
    await home.settle()
    kept = home.ids("kitchen")
    sending, go_on = asyncio.Event(), asyncio.Event()
    forgotten = asyncio.create_task(home.kitchen.say(interrupted(sending, go_on)))
    await sending.wait()
    home.kitchen._pipeline_task = None
    home.transcriber.text = "delete what I just said"
    await home.kitchen.say()
    assert home.kitchen.replies[-1].startswith("Done. I deleted what you just said")
    assert home.ids("kitchen") == kept[:1]
    # What it heard goes as well.
    home.transcriber.text = "what time is it"
    go_on.set()
    await forgotten
    await home.settle()
    assert home.ids("kitchen") == kept[:1]


# --- mute and consent -------------------------------------------------------------------------------


async def test_the_satellites_own_mute_switch_is_used(home: PipelineHome) -> None:
    await home.switch("microphone", on=False)
    assert home.hass.states.get("switch.kitchen_mute").state == "on"  # type: ignore[union-attr]
    assert home.state("sensor", "microphone_state") == "muted"
    assert home.state("binary_sensor", "mute_confirmed") == "on"
    await home.switch("microphone", on=True)
    assert home.hass.states.get("switch.kitchen_mute").state == "off"  # type: ignore[union-attr]
    assert home.state("sensor", "microphone_state") == "listening"


async def test_somebody_who_turns_the_satellites_own_switch_is_followed(home: PipelineHome) -> None:
    for service, shown in (("turn_on", "off"), ("turn_off", "on")):
        await home.hass.services.async_call(
            "switch", service, {"entity_id": "switch.kitchen_mute"}, blocking=True
        )
        await home.hass.async_block_till_done()
        assert home.state("switch", "microphone") == shown


async def test_without_a_switch_of_its_own_the_mute_holds_here_and_says_so(home: PipelineHome) -> None:
    await home.switch("microphone", on=False, owner="bedroom")
    assert home.state("sensor", "microphone_state", "bedroom") == "muted"
    assert home.state("binary_sensor", "mute_confirmed", "bedroom") == "off"

    await home.bedroom.say()
    await home.settle()

    assert home.transcriber.heard == []
    assert home.bedroom.errors == ["stt-stream-failed"]
    assert home.ids("bedroom") == []


async def test_muted_while_somebody_speaks_nothing_is_understood_or_kept(home: PipelineHome) -> None:
    sending = asyncio.Event()
    go_on = asyncio.Event()

    run = asyncio.create_task(home.bedroom.say(interrupted(sending, go_on)))
    await sending.wait()
    await home.switch("microphone", on=False, owner="bedroom")
    go_on.set()
    await run
    await home.settle()
    assert home.bedroom.replies == []
    assert home.ids("bedroom") == []
    # The engine was given what had been said before, and nothing more.
    assert [round(seconds_of(heard), 1) for heard in home.transcriber.heard] == [1.0]


async def test_by_voice_the_answer_comes_before_the_mute(home: PipelineHome) -> None:
    answered_by_then: list[int] = []
    async_track_state_change_event(
        home.hass, ["switch.kitchen_mute"], lambda _event: answered_by_then.append(len(home.kitchen.replies))
    )
    home.transcriber.text = "stop listening"
    await home.kitchen.say()
    await home.settle()
    assert answered_by_then == [1]
    assert "stopped listening" in home.kitchen.replies[-1]
    assert home.hass.states.get("switch.kitchen_mute").state == "on"  # type: ignore[union-attr]
    assert home.state("switch", "microphone") == "off"


async def test_guest_mode_and_saving_off_keep_nothing_and_change_nothing(home: PipelineHome) -> None:
    await home.switch("save_recordings", on=False)
    await home.hass.services.async_call(
        "switch", "turn_on", {"entity_id": "switch.voice_privacy_guest_mode"}, blocking=True
    )
    await home.kitchen.say()
    await home.bedroom.say()
    await home.settle()
    assert len(home.kitchen.replies) == len(home.bedroom.replies) == 1
    assert len(home.hub.recordings) == 0


# --- whatever fails in us, speech-to-text goes on ---------------------------------------------------


@pytest.mark.parametrize(
    "broken",
    [
        "custom_components.voice_privacy.stt.identify_run",
        "custom_components.voice_privacy.satellites.proxied_capture.ProxiedCapture.add",
        "custom_components.voice_privacy.satellites.proxied_capture.ProxiedCapture.heard",
        "custom_components.voice_privacy.satellites.base.CaptureSession",
        "custom_components.voice_privacy.hub.hub.VoicePrivacyHub.capture_started",
        "custom_components.voice_privacy.hub.hub.VoicePrivacyHub.async_capture_finished",
        "custom_components.voice_privacy.hub.hub.decide",
    ],
)
async def test_a_part_that_breaks_costs_the_recording_never_the_command(
    home: PipelineHome, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("broken on purpose")

    monkeypatch.setattr(broken, fail)
    await home.kitchen.say()
    await home.hass.async_block_till_done()
    assert home.kitchen.errors == []
    assert len(home.kitchen.replies) == 1
    assert len(home.transcriber.heard[0]) > 0


async def test_what_breaks_in_mid_stream_costs_the_recording_never_the_command(
    home: PipelineHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The engine hears every byte, those after the failure too, and the next command is kept again."""
    await home.kitchen.say()
    await home.settle()
    (kept,) = home.ids("kitchen")
    whole = bytes(home.transcriber.heard[0])
    added = ProxiedCapture.add
    chunks = 0

    def fail(hearing: ProxiedCapture, pcm: bytes) -> None:
        nonlocal chunks
        chunks += 1
        if chunks == 3:
            raise RuntimeError("broken on purpose")
        added(hearing, pcm)

    with monkeypatch.context() as patch:
        patch.setattr(ProxiedCapture, "add", fail)
        await home.kitchen.say()
        await home.settle()
    assert chunks == 3
    assert home.kitchen.errors == []
    assert len(home.kitchen.replies) == 2
    assert bytes(home.transcriber.heard[1]) == whole
    await home.kitchen.say()
    await home.settle()
    assert len(home.kitchen.replies) == 3
    assert home.ids("kitchen")[0] == kept
    last = await home.hub.async_read(home.ids("kitchen")[-1])
    assert last[1].audio == (await home.hub.async_read(kept))[1].audio


async def test_a_store_that_fails_costs_only_the_recording(
    home: PipelineHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object) -> None:
        raise StoreError

    monkeypatch.setattr(home.hub.kept.store, "async_keep", fail)
    await home.kitchen.say()
    await home.settle()
    assert len(home.kitchen.replies) == 1
    assert home.ids("kitchen") == []


async def test_unloaded_while_somebody_speaks_the_command_is_answered(home: PipelineHome) -> None:
    home.transcriber.may_answer.clear()
    run = asyncio.create_task(home.kitchen.say())
    await until(lambda: home.transcriber.heard)
    assert await home.hass.config_entries.async_unload(ENTRY_ID)
    home.transcriber.may_answer.set()
    await run
    assert len(home.kitchen.replies) == 1


async def test_the_engines_error_and_failure_are_passed_on(home: PipelineHome) -> None:
    home.transcriber.text = None
    await home.kitchen.say()
    home.transcriber.text, home.transcriber.failure = "never", RuntimeError("engine")
    await home.kitchen.say()
    await home.settle()
    assert home.kitchen.errors == ["stt-stream-failed", "stt-stream-failed"]
    assert not any(home.hub.in_flight(satellite_id) for satellite_id in home.hub.satellites)


async def test_a_satellite_whose_own_integration_fails_is_not_listened_to_for_ever(
    home: PipelineHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(event: PipelineEvent) -> None:
        if event.type in (PipelineEventType.STT_END, PipelineEventType.RUN_END):
            raise ConnectionError

    # As ESPHome's does when its device has dropped in mid-word.
    monkeypatch.setattr(home.kitchen, "on_pipeline_event", fail)
    await asyncio.gather(home.kitchen.say(), return_exceptions=True)
    await home.settle()
    assert home.state("sensor", "microphone_state") == "listening"

    monkeypatch.undo()
    await home.kitchen.say()
    await home.settle()
    assert home.kitchen.errors == []


async def test_a_run_that_is_cancelled_leaves_nothing_behind(home: PipelineHome) -> None:
    closed = asyncio.Event()

    async def endless() -> AsyncIterable[bytes]:
        try:
            while True:
                yield sound(0.01)
                await asyncio.sleep(0.001)
        finally:
            closed.set()

    run = asyncio.create_task(home.kitchen.say(endless()))
    await until(lambda: home.hub.in_flight("kitchen"))
    run.cancel()
    with pytest.raises(asyncio.CancelledError):
        await run
    await home.settle()
    assert home.hub.in_flight("kitchen") == []
    assert home.state("sensor", "microphone_state") == "listening"


async def test_a_talker_without_end_is_held_for_thirty_seconds_only(home: PipelineHome) -> None:
    home.transcriber.text = "on and on"
    identity = RunIdentity(source=f"satellite:{home.kitchen.registry_id}")
    satellite = home.hub.satellites.of_source(identity.source)
    assert satellite is not None
    hearing = satellite.hear(identity, "en")
    for _ in range(40):
        hearing.add(sound())
    assert len(hearing.capture._audio) == 30 * 32_000
    hearing.heard("on and on")
    await home.settle()
    assert len(home.ids("kitchen")) == 1


# --- who is speaking --------------------------------------------------------------------------------


async def test_the_api_is_nobody_in_particular(home: PipelineHome) -> None:
    sources: list[str] = []
    original = identify_run

    proxy = async_get_speech_to_text_entity(home.hass, str(home.engine))
    assert proxy is not None
    sources.append(original(home.hass).source)
    result = await proxy.internal_async_process_audio_stream(METADATA, stream_of(sound()))
    assert result == SpeechResult(home.transcriber.text, SpeechResultState.SUCCESS)
    assert sources == [SOURCE_API]
    assert len(home.hub.recordings) == 0


def _wav(pcm: bytes, rate: int = 16_000, channels: int = 1) -> bytes:
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as writer:
        writer.setnchannels(channels)
        writer.setsampwidth(2)
        writer.setframerate(rate)
        writer.writeframes(pcm)
    return buffer.getvalue()


_SOUND = sound()
_STEREO = b"".join(_SOUND[at : at + 2] * 2 for at in range(0, len(_SOUND), 2))


@pytest.mark.parametrize(
    ("posted", "kept"),
    [
        (_SOUND, True),
        (_wav(_SOUND), True),
        (_wav(_SOUND) + b"LIST\x04\0\0\0tail", True),
        (_wav(_STEREO, channels=2), True),
        (_wav(_SOUND, rate=48_000), False),
    ],
    ids=["raw", "wav", "wav with a tail", "stereo", "another rate"],
)
async def test_of_a_posted_wav_file_only_the_sound_is_kept(
    home: PipelineHome,
    hass_client: ClientSessionGenerator,
    caplog: pytest.LogCaptureFixture,
    posted: bytes,
    kept: bool,
) -> None:
    form = {"source": "api", "name": "Post", "child_safe": False}
    subentries = home.hass.config_entries.subentries
    flow = await subentries.async_init((ENTRY_ID, "assist_satellite"), context={"source": "user"})
    await subentries.async_configure(flow["flow_id"], form)
    await subentries.async_configure(flow["flow_id"], {"next_step_id": "keep_recordings"})
    await home.hass.async_block_till_done()
    client = await hass_client()
    content = "format=wav; codec=pcm; sample_rate=16000; bit_rate=16; channel=1; language=en"
    answer = await client.post(f"/api/stt/{home.engine}", data=posted, headers={"X-Speech-Content": content})
    assert (await answer.json())["text"] == home.transcriber.text
    # The engine gets what was posted.
    assert home.transcriber.heard == [posted]
    await home.settle()
    contents = [(await home.hub.async_read(recording_id))[1] for recording_id in home.hub.recordings]
    assert [stored.audio for stored in contents] == ([_SOUND] if kept else [])
    assert ("is not 16-bit PCM" in caplog.text) is not kept


async def test_without_assists_bookkeeping_the_tasks_name_tells(
    home: PipelineHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise AttributeError

    monkeypatch.setattr("custom_components.voice_privacy.satellites.pipeline_runs._run_of", fail)
    await home.kitchen.say()
    await home.settle()
    assert len(home.ids("kitchen")) == 1


async def test_a_satellite_of_ours_stands_beside_the_other_integrations_device(home: PipelineHome) -> None:
    devices = dr.async_get(home.hass)
    device = devices.async_get_device_by_identifier((DOMAIN, "kitchen"), ENTRY_ID)
    source = devices.async_get_device_by_identifier(("other", "kitchen"), "other")
    assert device is not None
    assert source is not None
    assert device.via_device_id == source.id


async def test_when_its_integration_is_gone_it_is_not_connected(home: PipelineHome) -> None:
    assert home.state("binary_sensor", "connected") == "on"
    assert await home.hass.config_entries.async_unload("other")
    await home.hass.async_block_till_done()
    assert home.state("binary_sensor", "connected") == "off"
    assert home.state("switch", "microphone") == "unknown"


# --- choosing -------------------------------------------------------------------------------------


async def test_the_owner_chooses_pipelines_in_the_options(bare_home: PipelineHome) -> None:
    hass, entry = bare_home.hass, bare_home.entry
    hass.config_entries.async_update_entry(entry, options={})
    await bare_home.set_up()
    pipeline_id = async_get_pipeline(hass).id

    for chosen, covered in (([pipeline_id], True), ([], False)):
        flow = await hass.config_entries.options.async_init(ENTRY_ID)
        await hass.config_entries.options.async_configure(flow["flow_id"], {CONF_PIPELINES: chosen})
        await hass.async_block_till_done()
        assert (bare_home.engine != bare_home.engine_id) is covered


async def test_a_satellite_of_another_integration_is_added_once(bare_home: PipelineHome) -> None:
    hass, entry = bare_home.hass, bare_home.entry
    await bare_home.set_up()
    for subentry_id in list(entry.subentries):
        hass.config_entries.async_remove_subentry(entry, subentry_id)
    await hass.async_block_till_done()

    source = f"satellite:{bare_home.kitchen.registry_id}"
    flow = await hass.config_entries.subentries.async_init(
        (ENTRY_ID, "assist_satellite"), context={"source": "user"}
    )
    await hass.config_entries.subentries.async_configure(flow["flow_id"], {"source": source})
    result = await hass.config_entries.subentries.async_configure(
        flow["flow_id"], {"next_step_id": "keep_recordings"}
    )
    assert result["type"] == "create_entry"
    await hass.async_block_till_done()
    assert [subentry.title for subentry in entry.subentries.values()] == ["Kitchen"]
    await bare_home.kitchen.say()
    await bare_home.settle()
    assert len(bare_home.hub.recordings) == 1

    again = await hass.config_entries.subentries.async_init(
        (ENTRY_ID, "assist_satellite"), context={"source": "user"}
    )
    assert again["data_schema"] is not None
    options = again["data_schema"].schema["source"].config["options"]
    assert source not in {option["value"] for option in options}
    assert f"user:{bare_home.user_id}" in {option["value"] for option in options}


@pytest.mark.parametrize(
    ("language", "labels"),
    [
        ("en", ["Paula (app, browser)", "Speech-to-text API"]),
        ("de", ["Paula (App, Browser)", "Sprache-zu-Text-Schnittstelle (API)"]),
    ],
)
async def test_who_may_be_added_is_named_in_the_houses_language(
    bare_home: PipelineHome, language: str, labels: list[str]
) -> None:
    hass, entry = bare_home.hass, bare_home.entry
    hass.config.language = language
    await bare_home.set_up()
    hass.config_entries.async_remove_subentry(entry, "paula")
    await hass.async_block_till_done()
    flow = await hass.config_entries.subentries.async_init(
        (ENTRY_ID, "assist_satellite"), context={"source": "user"}
    )
    assert flow["data_schema"] is not None
    options = flow["data_schema"].schema["source"].config["options"]
    assert [option["label"] for option in options][-2:] == labels


@pytest.mark.parametrize(
    "step", ["VoicePrivacyHub.async_open_store", "VoicePrivacyHub.async_load_models", "SatelliteRegistry.add"]
)
async def test_a_hub_that_fails_to_start_leaves_nothing_behind(
    bare_home: PipelineHome, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """The pipeline answers, no thread is left, and the next attempt finds the store unlocked."""
    hass = bare_home.hass

    def fail(*_: object, **__: object) -> NoReturn:
        raise RuntimeError("broken on purpose")

    with monkeypatch.context() as patch:
        patch.setattr(f"custom_components.voice_privacy.hub.hub.{step}", fail)
        assert not await hass.config_entries.async_setup(ENTRY_ID)
    await hass.async_block_till_done()
    assert not [thread.name for thread in threading.enumerate() if "voice_privacy" in thread.name]
    await bare_home.kitchen.say()
    assert len(bare_home.kitchen.replies) == 1
    assert await hass.config_entries.async_reload(ENTRY_ID)
    await hass.async_block_till_done()
    assert bare_home.hub.kept.error is None


@pytest.mark.parametrize(("part", "step"), [(AccessLog, "async_load"), (VoicePrivacyHub, "async_open_store")])
async def test_a_satellite_that_is_removed_during_set_up_holds_up_nothing(
    bare_home: PipelineHome,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    part: type,
    step: str,
) -> None:
    hass, entry = bare_home.hass, bare_home.entry
    original = getattr(part, step)

    async def remove_meanwhile(itself: object) -> None:
        if "bedroom" in entry.subentries:
            hass.config_entries.async_remove_subentry(entry, "bedroom")
        await original(itself)

    monkeypatch.setattr(part, step, remove_meanwhile)
    # It reloads at once, whatever this says.
    await hass.config_entries.async_setup(ENTRY_ID)
    await hass.async_block_till_done()

    assert entry.state is ConfigEntryState.LOADED
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR] == []
    assert set(bare_home.hub.satellites) == {"kitchen", "study", "paula"}
    await bare_home.kitchen.say()
    await bare_home.settle()
    assert len(bare_home.ids("kitchen")) == 1


async def test_satellites_that_nobody_has_added_are_offered(home: PipelineHome) -> None:
    hass, entry = home.hass, home.entry
    issues = ir.async_get(hass)
    issue_id = f"satellite_found_{home.bedroom.registry_id}"
    assert issues.async_get_issue(DOMAIN, issue_id) is None

    hass.config_entries.async_remove_subentry(entry, "bedroom")
    await hass.async_block_till_done()
    issue = issues.async_get_issue(DOMAIN, issue_id)
    assert issue is not None
    assert (issue.translation_key, issue.translation_placeholders) == ("satellite_found", {"name": "Bedroom"})
    assert issues.async_get_issue(DOMAIN, f"satellite_found_{home.kitchen.registry_id}") is None

    er.async_get(hass).async_remove(home.bedroom.entity_id)
    await hass.async_block_till_done()
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(seconds=2))
    await hass.async_block_till_done()
    assert issues.async_get_issue(DOMAIN, issue_id) is None
