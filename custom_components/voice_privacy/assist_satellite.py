"""Assist satellite entities: run each utterance through a pipeline and play its reply."""

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
"""Samples per second of spoken replies, the same as core's Wyoming integration requests."""

_NO_TEXT: Final = "stt-no-text-recognized"
_DUPLICATE: Final = "duplicate_wake_up_detected"

_DESCRIPTION: Final = AssistSatelliteEntityDescription(
    key="assist_satellite", translation_key="assist_satellite"
)


async def async_setup_entry(
    hass: HomeAssistant, entry: VoicePrivacyConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add an Assist satellite entity for each Wyoming satellite."""
    coordinator = entry.runtime_data.coordinator
    for satellite_id, satellite in coordinator.hub.satellites.wyoming.items():
        async_add_entities(
            [VoicePrivacyAssistSatellite(coordinator, satellite)], config_subentry_id=satellite_id
        )


class VoicePrivacyAssistSatellite(SatelliteEntity, AssistSatelliteEntity):
    """Assist satellite entity of a Wyoming satellite."""

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
        """True if the satellite is connected and, unless it is muted, listening."""
        return super().available and self.snapshot.state not in (
            SatelliteState.DISCONNECTED,
            SatelliteState.NOT_LISTENING,
        )

    @property
    @override
    def pipeline_entity_id(self) -> str | None:
        """Entity id of the select for the pipeline."""
        return self._select_entity_id("pipeline")

    @property
    @override
    def vad_sensitivity_entity_id(self) -> str | None:
        """Entity id of the select for how much silence ends a command."""
        return self._select_entity_id("vad_sensitivity")

    def _select_entity_id(self, key: str) -> str | None:
        """Return the id of a select entity of this satellite; None lets Assist use its default."""
        entity_id = er.async_get(self.hass).async_get_entity_id(
            "select", DOMAIN, f"{self.satellite.satellite_id}-{key}"
        )
        return entity_id if entity_id and self.hass.states.get(entity_id) else None

    @override
    async def async_added_to_hass(self) -> None:
        """Register as the pipeline runner of the satellite."""
        await super().async_added_to_hass()
        self.satellite.runner = self

    @override
    async def async_will_remove_from_hass(self) -> None:
        """Unregister as the pipeline runner of the satellite."""
        self.satellite.runner = None
        await super().async_will_remove_from_hass()

    @callback
    @override
    def async_get_configuration(self) -> AssistSatelliteConfiguration:
        """Raise NotImplementedError: wake words are set in the satellite's subentry."""
        raise NotImplementedError

    @override
    async def async_set_configuration(self, config: AssistSatelliteConfiguration) -> None:
        """Raise NotImplementedError: wake words are set in the satellite's subentry."""
        raise NotImplementedError

    async def async_run_pipeline(
        self, audio: AsyncIterable[bytes], capture: CaptureSession, outcome: PipelineOutcome
    ) -> None:
        """Run the chosen pipeline from speech-to-text to its last stage.

        Without a pipeline or a speech-to-text engine, nothing is run.
        """
        try:
            pipeline = async_get_pipeline(self.hass, self._resolve_pipeline())
        except PipelineNotFound:
            return
        if pipeline.stt_engine is None:
            return
        if self._reply_task is not None:
            # A new command interrupts the reply to the previous one.
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
            # Reset the state also after a run that was cancelled or has no spoken reply.
            if self._capture is capture:
                self._running = False
                self._rest()

    @callback
    @override
    def on_pipeline_event(self, event: PipelineEvent) -> None:
        """Forward pipeline events to the satellite, and take transcript and reply into the capture."""
        if (capture := self._capture) is not None:
            data: dict[str, Any] = event.data or {}
            self._on_speech_event(capture, event.type, data)
            self._on_reply_event(capture, event.type, data)

    @callback
    def _on_speech_event(
        self, capture: CaptureSession, event_type: PipelineEventType, data: dict[str, Any]
    ) -> None:
        """Handle the events of speech-to-text, and errors of the run."""
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
        """Handle the start of a run and the events of its reply."""
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
        """Store the transcript in the capture and send it to the satellite."""
        capture.transcript = text
        self._outcome.heard = True
        self._outcome.answered = True
        self.satellite.end_of_speech(capture)
        self.satellite.send(Transcript(text=capture.transcript or "").event())

    @callback
    def _failed(self, code: str, message: str) -> None:
        """Note why the pipeline failed; send its message to the satellite only, never to the log."""
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
        """Start playing the reply, once per run."""
        if self._reply_task is not None or not self._reply_token:
            return
        if (stream := tts.async_get_stream(self.hass, self._reply_token)) is None:
            return
        self._reply_task = self.coordinator.config_entry.async_create_background_task(
            self.hass, self._async_reply(stream), f"{self.entity_id}_reply", eager_start=False
        )
        self._reply_task.add_done_callback(self._replied)

    async def _async_reply(self, stream: tts.ResultStream) -> None:
        """Play the reply at the satellite."""
        try:
            await self.satellite.async_play(stream.async_stream_result())
        except Exception as err:  # noqa: BLE001
            # Engines raise arbitrary errors. The text may contain the reply, so only the type is logged.
            _LOGGER.error("Failed to play the reply at %s: %s", self.entity_id, type(err).__name__)

    @callback
    def _replied(self, task: asyncio.Task[None]) -> None:
        """Finish the run when its reply has been played."""
        if self._reply_task is task:
            self._rest()

    @callback
    def _rest(self) -> None:
        """Become idle and drop the capture once both the run and its reply have ended."""
        if self._running or (self._reply_task is not None and not self._reply_task.done()):
            return
        self._capture = self._reply_task = None
        if self.hass and self.state != AssistSatelliteState.IDLE:
            self.tts_response_finished()
