"""Satellites as Assist satellites: what is said after the wake word runs through a pipeline."""

import asyncio
from collections.abc import AsyncIterable
import logging
from typing import Any, Final, override

from homeassistant.components import tts
from homeassistant.components.assist_pipeline import (
    PipelineEvent,
    PipelineEventType,
    PipelineNotFound,
    PipelineStage,
    async_get_pipeline,
)
from homeassistant.components.assist_satellite import (
    AssistSatelliteConfiguration,
    AssistSatelliteEntity,
    AssistSatelliteEntityDescription,
)
from homeassistant.components.assist_satellite.entity import AssistSatelliteState
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from wyoming.asr import Transcribe, Transcript
from wyoming.error import Error
from wyoming.tts import Synthesize, SynthesizeVoice
from wyoming.vad import VoiceStarted, VoiceStopped

from .const import DOMAIN
from .coordinator import VoicePrivacyConfigEntry, VoicePrivacyCoordinator
from .core.audio import CHANNELS, SAMPLE_WIDTH
from .core.capture import CaptureSession
from .core.cleaning import MAX_NAME, MAX_REPLY, REPLY_KEYS, clean_text, dig
from .core.stream_health import SatelliteState
from .entity import SatelliteEntity
from .satellites.utterance import PipelineOutcome
from .satellites.wyoming import WyomingSatellite

_LOGGER = logging.getLogger(__name__)

PARALLEL_UPDATES = 0

_REPLY_RATE: Final = 22_050
"""Samples a second of spoken replies, as core's Wyoming integration asks for."""

_NO_TEXT: Final = "stt-no-text-recognized"
_DUPLICATE: Final = "duplicate_wake_up_detected"

_DESCRIPTION: Final = AssistSatelliteEntityDescription(
    key="assist_satellite", translation_key="assist_satellite"
)


async def async_setup_entry(
    hass: HomeAssistant, entry: VoicePrivacyConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add one Assist satellite for each satellite."""
    coordinator = entry.runtime_data.coordinator
    for satellite_id, satellite in coordinator.hub.satellites.wyoming.items():
        async_add_entities(
            [VoicePrivacyAssistSatellite(coordinator, satellite)], config_subentry_id=satellite_id
        )


class VoicePrivacyAssistSatellite(SatelliteEntity, AssistSatelliteEntity):
    """A satellite of ours in the eyes of Assist."""

    entity_description: AssistSatelliteEntityDescription
    satellite: WyomingSatellite
    _attr_name = None
    _attr_tts_options = {  # noqa: RUF012
        tts.ATTR_PREFERRED_FORMAT: "wav",
        tts.ATTR_PREFERRED_SAMPLE_RATE: _REPLY_RATE,
        tts.ATTR_PREFERRED_SAMPLE_CHANNELS: CHANNELS,
        tts.ATTR_PREFERRED_SAMPLE_BYTES: SAMPLE_WIDTH,
    }

    def __init__(self, coordinator: VoicePrivacyCoordinator, satellite: WyomingSatellite) -> None:
        """Prepare to run pipelines."""
        super().__init__(coordinator, satellite, _DESCRIPTION)
        self._capture: CaptureSession | None = None
        self._outcome = PipelineOutcome()
        self._reply_token: str | None = None
        self._running = False
        self._reply_task: asyncio.Task[None] | None = None

    @property
    @override
    def available(self) -> bool:
        """Whether the satellite answers and, unless it is muted, hears."""
        return super().available and self.snapshot.state not in (
            SatelliteState.DISCONNECTED,
            SatelliteState.NOT_LISTENING,
        )

    @property
    @override
    def pipeline_entity_id(self) -> str | None:
        """The select entity that names the pipeline."""
        return self._select_entity_id("pipeline")

    @property
    @override
    def vad_sensitivity_entity_id(self) -> str | None:
        """The select entity that says how much silence ends a command."""
        return self._select_entity_id("vad_sensitivity")

    def _select_entity_id(self, key: str) -> str | None:
        """Find a select entity of this satellite; None lets Assist use its default."""
        entity_id = er.async_get(self.hass).async_get_entity_id(
            "select", DOMAIN, f"{self.satellite.satellite_id}-{key}"
        )
        return entity_id if entity_id and self.hass.states.get(entity_id) else None

    @override
    async def async_added_to_hass(self) -> None:
        """Offer to run pipelines for the satellite."""
        await super().async_added_to_hass()
        self.satellite.runner = self

    @override
    async def async_will_remove_from_hass(self) -> None:
        """Run no more pipelines."""
        self.satellite.runner = None
        await super().async_will_remove_from_hass()

    @callback
    @override
    def async_get_configuration(self) -> AssistSatelliteConfiguration:
        """Wake words are set in the satellite's own configuration."""
        raise NotImplementedError

    @override
    async def async_set_configuration(self, config: AssistSatelliteConfiguration) -> None:
        """Wake words are set in the satellite's own configuration."""
        raise NotImplementedError

    async def async_run_pipeline(
        self, audio: AsyncIterable[bytes], capture: CaptureSession, outcome: PipelineOutcome
    ) -> None:
        """Run from speech-to-text on, as far as the chosen pipeline goes."""
        try:
            pipeline = async_get_pipeline(self.hass, self._resolve_pipeline())
        except PipelineNotFound:
            return
        if pipeline.stt_engine is None:
            return
        if self._reply_task is not None:
            # Who speaks again does not want to hear the rest.
            self._reply_task.cancel()
        self._capture, self._outcome = capture, outcome
        self._running, self._reply_token, self._reply_task = True, None, None
        try:
            await self.async_accept_pipeline_from_satellite(
                audio,
                start_stage=PipelineStage.STT,
                end_stage=PipelineStage.TTS if pipeline.tts_engine else PipelineStage.INTENT,
                wake_word_phrase=capture.wake.phrase,
            )
        finally:
            # A run that was cancelled, or whose reply nobody speaks, leaves no state behind.
            if self._capture is capture:
                self._running = False
                self._rest()

    @callback
    @override
    def on_pipeline_event(self, event: PipelineEvent) -> None:
        """Pass on to the satellite what it needs to know, and remember what was said."""
        if (capture := self._capture) is not None:
            data: dict[str, Any] = event.data or {}
            self._on_speech_event(capture, event.type, data)
            self._on_reply_event(capture, event.type, data)

    @callback
    def _on_speech_event(
        self, capture: CaptureSession, event_type: PipelineEventType, data: dict[str, Any]
    ) -> None:
        """Follow a run from its start to its transcript, or to its failure."""
        match event_type:
            case PipelineEventType.STT_START:
                capture.language = data["metadata"]["language"]
                self.satellite.send(Transcribe(language=capture.language).event())
            case PipelineEventType.STT_VAD_START:
                self.satellite.send(VoiceStarted(timestamp=data.get("timestamp")).event())
            case PipelineEventType.STT_VAD_END:
                self.satellite.end_of_speech(capture)
                self.satellite.send(VoiceStopped(timestamp=data.get("timestamp")).event())
            case PipelineEventType.STT_END:
                self._transcribed(capture, data["stt_output"]["text"])
            case PipelineEventType.ERROR:
                self._failed(data.get("code", "unknown"), data.get("message", ""))

    @callback
    def _on_reply_event(
        self, capture: CaptureSession, event_type: PipelineEventType, data: dict[str, Any]
    ) -> None:
        """Follow a run from its transcript to its spoken reply."""
        match event_type:
            case PipelineEventType.RUN_START:
                capture.conversation_id = data.get("conversation_id")
                self._reply_token = data.get("tts_output", {}).get("token")
            case PipelineEventType.INTENT_PROGRESS:
                if data.get("tts_start_streaming"):
                    self._reply()
            case PipelineEventType.INTENT_END:
                capture.reply = dig(data, *REPLY_KEYS)
            case PipelineEventType.TTS_START:
                voice = SynthesizeVoice(name=data.get("voice"), language=data.get("language"))
                text = clean_text(data.get("tts_input"), MAX_REPLY, lines=True)
                self.satellite.send(Synthesize(text=text, voice=voice).event())
            case PipelineEventType.TTS_END:
                self._reply_token = data.get("tts_output", {}).get("token", self._reply_token)
                self._reply()

    @callback
    def _transcribed(self, capture: CaptureSession, text: str) -> None:
        """Take the transcript."""
        capture.transcript = text
        self._outcome.heard = True
        self._outcome.answered = True
        self.satellite.end_of_speech(capture)
        self.satellite.send(Transcript(text=capture.transcript or "").event())

    @callback
    def _failed(self, code: str, message: str) -> None:
        """Learn why the pipeline gave up; its message goes to the satellite only."""
        if code == _NO_TEXT:
            self._outcome.heard = True
        elif code == _DUPLICATE:
            self._outcome.duplicate = True
        self._outcome.answered = True
        self.satellite.send(
            Error(text=clean_text(message, MAX_REPLY), code=clean_text(code, MAX_NAME)).event()
        )

    @callback
    def _reply(self) -> None:
        """Begin to speak the reply, once."""
        if self._reply_task is not None or not self._reply_token:
            return
        if (stream := tts.async_get_stream(self.hass, self._reply_token)) is None:
            return
        self._reply_task = self.coordinator.config_entry.async_create_background_task(
            self.hass, self._async_reply(stream), f"{self.entity_id}_reply", eager_start=False
        )
        self._reply_task.add_done_callback(self._replied)

    async def _async_reply(self, stream: tts.ResultStream) -> None:
        """Speak the reply."""
        try:
            await self.satellite.async_play(stream.async_stream_result())
        except Exception as err:  # noqa: BLE001
            # Engines raise what they like; the message may hold the reply, its kind does not.
            _LOGGER.error("The reply of %s could not be spoken: %s", self.entity_id, type(err).__name__)

    @callback
    def _replied(self, task: asyncio.Task[None]) -> None:
        """Notice that a reply is over."""
        if self._reply_task is task:
            self._rest()

    @callback
    def _rest(self) -> None:
        """Once run and reply are both over, be idle again and forget what was said."""
        if self._running or (self._reply_task is not None and not self._reply_task.done()):
            return
        self._capture = self._reply_task = None
        if self.hass and self.state != AssistSatelliteState.IDLE:
            self.tts_response_finished()
