"""Assist satellite entities: run each utterance through a pipeline and play its reply."""

import asyncio
from collections.abc import AsyncIterable
import contextlib
from dataclasses import dataclass, field, replace
import logging
from typing import Any, Final, override

from homeassistant.components import tts
from homeassistant.components.assist_pipeline import (
    Pipeline,
    PipelineEvent,
    PipelineEventType,
    PipelineNotFound,
    PipelineStage,
    async_get_pipeline,
)
from homeassistant.components.assist_satellite import (
    AssistSatelliteAnnouncement,
    AssistSatelliteAnswer,
    AssistSatelliteConfiguration,
    AssistSatelliteEntity,
    AssistSatelliteEntityDescription,
    AssistSatelliteEntityFeature,
)
from homeassistant.components.assist_satellite.entity import AssistSatelliteState
from homeassistant.const import STATE_UNAVAILABLE, STATE_UNKNOWN
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from wyoming.asr import Transcribe, Transcript
from wyoming.error import Error
from wyoming.pipeline import PipelineStage as WyomingStage
from wyoming.tts import Synthesize, SynthesizeVoice
from wyoming.vad import VoiceStarted, VoiceStopped

from .const import DOMAIN
from .coordinator import VoicePrivacyConfigEntry, VoicePrivacyCoordinator, runtime_of
from .core.audio import CHANNELS, SAMPLE_WIDTH
from .core.capture import CaptureSession
from .core.cleaning import MAX_NAME, MAX_REPLY, REPLY_KEYS, clean_text, dig
from .core.error_place import type_and_place
from .core.errors import NotLoaded
from .core.models import Requester
from .core.stream_health import SatelliteState
from .entity import SatelliteEntity
from .hub.permissions import SATELLITE_ACTIONS, right_of
from .hub.requests import log_microphone_opened, translated_errors
from .satellites.announcement_audio import PLAYED_RATE
from .satellites.announcer import Announcer
from .satellites.end_of_speech import EndOfSpeech
from .satellites.microphone_settings import enhanced
from .satellites.pipeline_feed import PipelineResult
from .satellites.pipeline_runs import run_id_of
from .satellites.wyoming import WyomingSatellite
from .satellites.wyoming_timers import register_timers

_LOGGER = logging.getLogger(__name__)

PARALLEL_UPDATES = 0

_REPLY_PATIENCE: Final = 30.0
"""Seconds that an announcement waits for the end of a reply."""

_LAST_STAGES: Final = {
    WyomingStage.ASR: PipelineStage.STT,
    WyomingStage.HANDLE: PipelineStage.INTENT,
}
"""Last stage of a run for satellites that do not want all of it, as without a loudspeaker."""

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


@dataclass(slots=True)
class _Run:
    """A pipeline run with its reply, which is over later than the run."""

    capture: CaptureSession
    speech: EndOfSpeech
    result: PipelineResult = field(default_factory=PipelineResult)
    active: bool = True
    begun: PipelineEvent | None = None
    """Event of its start, by which Home Assistant's own record of the run is found."""

    reply_token: str | None = None
    reply: asyncio.Task[None] | None = None

    @property
    def over(self) -> bool:
        """True once both the pipeline and the reply have ended."""
        return not self.active and (self.reply is None or self.reply.done())


class VoicePrivacyAssistSatellite(SatelliteEntity, AssistSatelliteEntity):
    """Assist satellite entity of a Wyoming satellite."""

    entity_description: AssistSatelliteEntityDescription
    satellite: WyomingSatellite
    _attr_name = None
    _attr_supported_features = (
        AssistSatelliteEntityFeature.ANNOUNCE | AssistSatelliteEntityFeature.START_CONVERSATION
    )
    _attr_tts_options = {  # noqa: RUF012
        tts.ATTR_PREFERRED_FORMAT: "wav",
        tts.ATTR_PREFERRED_SAMPLE_RATE: PLAYED_RATE,
        tts.ATTR_PREFERRED_SAMPLE_CHANNELS: CHANNELS,
        tts.ATTR_PREFERRED_SAMPLE_BYTES: SAMPLE_WIDTH,
    }

    def __init__(self, coordinator: VoicePrivacyCoordinator, satellite: WyomingSatellite) -> None:
        """Prepare to run pipelines."""
        super().__init__(coordinator, satellite, _DESCRIPTION)
        self._run: _Run | None = None
        """The current run, or the last one until its reply has been played."""

        self._announcer = Announcer(coordinator.hass, satellite)
        self._asks = Requester()
        """Who asks the current question."""

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
        state = self.hass.states.get(entity_id) if entity_id else None
        # Assist fails if the select has no option, as while the entry is being set up.
        return None if state is None or state.state in (STATE_UNAVAILABLE, STATE_UNKNOWN) else entity_id

    @override
    async def async_added_to_hass(self) -> None:
        """Register as the pipeline runner of the satellite, and for its timers."""
        await super().async_added_to_hass()
        self.satellite.runner = self
        if self.device_entry is not None:
            self.async_on_remove(register_timers(self.hass, self.device_entry.id, self.satellite.send))

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
        self, audio: AsyncIterable[bytes], capture: CaptureSession
    ) -> PipelineResult:
        """Run the chosen pipeline from speech-to-text to its last stage and return its result.

        Without a pipeline or a speech-to-text engine, nothing is run. A run that is cancelled ends at once and
        returns what is known by then.
        """
        try:
            pipeline = async_get_pipeline(self.hass, self._resolve_pipeline())
        except PipelineNotFound:
            pipeline = None
        if pipeline is None or pipeline.stt_engine is None:
            capture.run.not_run()
            return PipelineResult()
        if self._run is not None and self._run.reply is not None:
            # A new command interrupts the reply to the previous one.
            self._run.reply.cancel()
        speech = EndOfSpeech(self.hass, capture, silence_seconds=self._resolve_vad_sensitivity())
        run = self._run = _Run(capture, speech)
        try:
            # The same for an announcement. A question goes on until its answer, which this may be.
            await self._announcer.async_interrupt(wait=self._ask_question_future is None)
            await self.async_accept_pipeline_from_satellite(
                speech.announced(enhanced(audio, self.satellite.microphone)),
                start_stage=PipelineStage.STT,
                end_stage=self._last_stage(pipeline),
                wake_word_phrase=capture.wake.phrase,
            )
        except asyncio.CancelledError:
            # The utterance was ended by a mute, a lost connection or its time limit, and this task with it.
            _LOGGER.debug("The pipeline of %s was cancelled", self.entity_id)
        except Exception as err:  # noqa: BLE001
            # The message may contain what was said; its type does not.
            _LOGGER.error("The pipeline of %s failed: %s", self.entity_id, type_and_place(err))
        finally:
            capture.run.named(run_id_of(self.hass, run.begun))
            # Reset the state also after a run that was cancelled or has no spoken reply.
            run.active = False
            self._rest(run)
        return run.result

    def _last_stage(self, pipeline: Pipeline) -> PipelineStage:
        """Return the last stage that the satellite wants and the pipeline has."""
        last = PipelineStage.TTS if pipeline.tts_engine else PipelineStage.INTENT
        return _LAST_STAGES.get(self.satellite.link.end_stage, last)

    # --- announcements and questions --------------------------------------------------------------

    @override
    async def async_internal_announce(self, *args: Any, **kwargs: Any) -> None:
        """Make an announcement once the reply that is being played is over."""
        with translated_errors(), self._announcer.action():
            await self._async_let_reply_end()
            await super().async_internal_announce(*args, **kwargs)

    @override
    async def async_internal_start_conversation(self, *args: Any, **kwargs: Any) -> None:
        """Play something and open the microphone. Refused on a satellite that is muted or cannot listen."""
        by = await self._async_check_may_ask("start_conversation")
        with translated_errors(), self._announcer.action():
            self._announcer.check_can_answer()
            await self._async_let_reply_end()
            self._forget_our_question()
            await super().async_internal_start_conversation(*args, **kwargs)
            try:
                await self._async_listen(by)
            except Exception:
                self._conversation_id = self._extra_system_prompt = None
                raise

    @override
    async def async_internal_ask_question(self, *args: Any, **kwargs: Any) -> AssistSatelliteAnswer | None:
        """Ask a question and return the answer. Refused on a satellite that is muted or cannot listen."""
        by = await self._async_check_may_ask("ask_question")
        with translated_errors(), self._announcer.action():
            self._announcer.check_can_answer()
            self._asks = by
            await self._async_let_reply_end()
            self._forget_our_question()
            return await super().async_internal_ask_question(*args, **kwargs)

    @override
    async def async_announce(self, announcement: AssistSatelliteAnnouncement) -> None:
        """Play an announcement and wait for its end."""
        await self._announcer.async_play(announcement)

    @override
    async def async_start_conversation(self, start_announcement: AssistSatelliteAnnouncement) -> None:
        """Play what starts a conversation; only a question waits here for what follows."""
        # The pipeline of somebody who spoke first waits for the end of this action, so it is not the answer.
        self._announcer.check_not_interrupted()
        await self._announcer.async_play(start_announcement, opens_microphone=True)
        if self._ask_question_future is not None and not self._ask_question_future.done():
            await self._async_listen(self._asks)

    @callback
    def _forget_our_question(self) -> None:
        """Close the question whether to delete something: a yes answers what is asked now."""
        with contextlib.suppress(NotLoaded):
            # Whatever was asked is forgotten with what is unloaded.
            runtime = runtime_of(self.coordinator.config_entry)
            runtime.spoken_requests.forget_question(self.satellite.satellite_id)

    async def _async_check_may_ask(self, action: str) -> Requester:
        """Return who wants to open the microphone. Raises Unauthorized, or a translated NotLoaded."""
        right = right_of(SATELLITE_ACTIONS[action], {})
        with translated_errors():
            permissions = runtime_of(self.coordinator.config_entry).permissions
            return await permissions.async_check_context(self._context, right, {self.satellite.satellite_id})

    async def _async_listen(self, by: Requester) -> None:
        """Open the microphone for an answer. Raises VoicePrivacyError."""
        # Speaking takes time, in which the right may have been withdrawn.
        await by.async_check()
        if self._announcer.listen(self._answer_over):
            log_microphone_opened(self.coordinator.hub, self.satellite, by)

    @callback
    def _answer_over(self) -> None:
        """End the wait for an answer, also if its pipeline was cancelled or did not run."""
        if self._ask_question_future is not None and not self._ask_question_future.done():
            self._ask_question_future.set_result(None)

    async def _async_let_reply_end(self) -> None:
        """Let the reply to the last command be heard, unless it takes very long."""
        if self._run is not None and (reply := self._run.reply) is not None:
            await asyncio.wait({reply}, timeout=_REPLY_PATIENCE)
            reply.cancel()

    # --- events of the pipeline -------------------------------------------------------------------

    @callback
    @override
    def on_pipeline_event(self, event: PipelineEvent) -> None:
        """Forward pipeline events to the satellite, and take transcript and reply into the capture."""
        if (run := self._run) is not None:
            data: dict[str, Any] = event.data or {}
            run.capture.run.heard(event.type, data)
            if event.type is PipelineEventType.RUN_START:
                run.begun = event
            self._on_speech_event(run, event.type, data)
            self._on_reply_event(run, event.type, data)

    @callback
    def _on_speech_event(self, run: _Run, event_type: PipelineEventType, data: dict[str, Any]) -> None:
        """Handle the events of speech-to-text, and errors of the run."""
        capture = run.capture
        match event_type:
            case PipelineEventType.STT_START:
                capture.language = data["metadata"]["language"]
                run.speech.on_stt_start(data)
                self.satellite.send(Transcribe(language=capture.language).event())
            case PipelineEventType.STT_VAD_START:
                self.satellite.send(VoiceStarted(timestamp=data.get("timestamp")).event())
            case PipelineEventType.STT_VAD_END:
                self.satellite.end_of_speech(capture)
                self.satellite.send(VoiceStopped(timestamp=data.get("timestamp")).event())
            case PipelineEventType.STT_END:
                self._transcribed(run, data["stt_output"]["text"])
            case PipelineEventType.ERROR:
                self._failed(run, data.get("code", "unknown"), data.get("message", ""))

    @callback
    def _on_reply_event(self, run: _Run, event_type: PipelineEventType, data: dict[str, Any]) -> None:
        """Handle the start of a run and the events of its reply."""
        match event_type:
            case PipelineEventType.RUN_START:
                run.capture.conversation_id = data.get("conversation_id")
                run.reply_token = data.get("tts_output", {}).get("token")
            case PipelineEventType.INTENT_PROGRESS:
                if data.get("tts_start_streaming"):
                    self._reply(run)
            case PipelineEventType.INTENT_END:
                run.capture.reply = dig(data, *REPLY_KEYS)
            case PipelineEventType.TTS_START:
                voice = SynthesizeVoice(name=data.get("voice"), language=data.get("language"))
                text = clean_text(data.get("tts_input"), MAX_REPLY, lines=True)
                self.satellite.send(Synthesize(text=text, voice=voice).event())
            case PipelineEventType.TTS_END:
                run.reply_token = data.get("tts_output", {}).get("token", run.reply_token)
                self._reply(run)

    @callback
    def _transcribed(self, run: _Run, text: str) -> None:
        """Store the transcript in the capture and send it to the satellite."""
        run.capture.transcript = text
        run.result = replace(run.result, transcribed=True, answered=True)
        self.satellite.end_of_speech(run.capture)
        self.satellite.send(Transcript(text=run.capture.transcript or "").event())

    @callback
    def _failed(self, run: _Run, code: str, message: str) -> None:
        """Note why the pipeline failed; send its message to the satellite only, never to the log."""
        run.result = PipelineResult(
            transcribed=run.result.transcribed or code == _NO_TEXT,
            duplicate=run.result.duplicate or code == _DUPLICATE,
            answered=True,
        )
        self.satellite.send(
            Error(text=clean_text(message, MAX_REPLY), code=clean_text(code, MAX_NAME)).event()
        )

    @callback
    def _reply(self, run: _Run) -> None:
        """Start playing the reply, once per run."""
        if run.reply is not None or not run.reply_token:
            return
        if (stream := tts.async_get_stream(self.hass, run.reply_token)) is None:
            return
        run.reply = self.coordinator.config_entry.async_create_background_task(
            self.hass, self._async_reply(stream), f"{self.entity_id}_reply", eager_start=False
        )
        run.reply.add_done_callback(lambda _: self._rest(run))

    async def _async_reply(self, stream: tts.ResultStream) -> None:
        """Play the reply at the satellite."""
        try:
            await self.satellite.async_play(stream.async_stream_result())
        except Exception as err:  # noqa: BLE001
            # Engines raise arbitrary errors. The text may contain the reply, so only the type is logged.
            _LOGGER.error("Failed to play the reply at %s: %s", self.entity_id, type_and_place(err))

    @callback
    def _rest(self, run: _Run) -> None:
        """Become idle and drop the current run once it is over."""
        if self._run is not run or not run.over:
            return
        self._run = None
        if self.hass and self.state != AssistSatelliteState.IDLE and not self._is_announcing:
            self.tts_response_finished()
