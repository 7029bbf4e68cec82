"""End of speech in an Assist pipeline, decided by the capture instead of Assist.

Assist's voice activity detector knows nothing of the audio before a command: it misses short commands, takes a
television for speech, and gives up after 15 s. It is turned off in the run, which Assist offers no parameter for.
If that fails, it works beside the capture, and the first to find the end decides.
"""

from collections.abc import AsyncIterable, Mapping
from dataclasses import replace
import logging
from typing import Any

from homeassistant.components.assist_pipeline import PipelineEvent, PipelineEventType
from homeassistant.core import HomeAssistant, callback

from ..core.audio import seconds_of
from ..core.capture import CaptureSession
from .pipeline_runs import identify_run

_LOGGER = logging.getLogger(__name__)


class EndOfSpeech:
    """The end of speech of one pipeline run."""

    def __init__(self, hass: HomeAssistant, capture: CaptureSession, *, silence_seconds: float) -> None:
        """Let a capture end after so much silence."""
        self._hass = hass
        self._capture = capture
        self._run: Any = None
        capture.segmenter.silence_seconds = silence_seconds

    @callback
    def on_stt_start(self, data: Mapping[str, Any]) -> None:
        """Turn off Assist's detector, unless speech-to-text finds the end of speech itself.

        Called in the task of the run with the data of its event, before Assist creates its detector.
        """
        processing = data.get("audio_processing") or {}
        if not processing.get("requires_external_vad", True):
            self._capture.segmenter.engine_decides = True
            return
        run = identify_run(self._hass).run
        try:
            run.audio_settings = replace(run.audio_settings, is_vad_enabled=False)
        except (AttributeError, TypeError) as err:
            # This changes Assist's internals, which may change with any release.
            _LOGGER.warning("Assist decides when speech ends: %s", type(err).__name__)
            return
        self._run = run

    async def announced(self, audio: AsyncIterable[bytes]) -> AsyncIterable[bytes]:
        """Yield audio, and announce the start and the end of speech in the run as Assist's detector does."""
        seconds = 0.0
        started = False
        async for pcm in audio:
            yield pcm
            seconds += seconds_of(pcm)
            if not started and (started := self._capture.heard_speech):
                self._announce(PipelineEventType.STT_VAD_START, seconds)
        if self._capture.fell_silent:
            self._announce(PipelineEventType.STT_VAD_END, seconds)

    @callback
    def _announce(self, event_type: PipelineEventType, seconds: float) -> None:
        """Report an event at a position of the audio."""
        if self._run is not None:
            self._run.process_event(PipelineEvent(event_type, {"timestamp": round(seconds * 1_000)}))
