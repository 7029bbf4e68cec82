"""Capture of a pipeline satellite, whose audio passes through a speech-to-text proxy."""

from collections.abc import Callable
from typing import override

from homeassistant.components.assist_pipeline import PipelineEvent, PipelineEventType
from homeassistant.core import callback

from ..core.capture import Wake
from ..core.cleaning import REPLY_KEYS, dig
from .live_capture import LiveCapture
from .pipeline_runs import RunIdentity


class ProxiedCapture(LiveCapture):
    """A live capture that a proxy feeds. No method may raise, as speech-to-text must continue."""

    def __init__(
        self,
        satellite_id: str,
        wake: Wake,
        *,
        ignores_made_up_text: bool,
        pre_roll: bytes,
        identity: RunIdentity,
        language: str,
        on_close: Callable[[], None],
        on_end: Callable[[ProxiedCapture], None],
    ) -> None:
        """Open a capture; it begins with the wake word if the built-in engine detected it.

        Args:
            satellite_id: Id of the satellite.
            wake: Wake that started the utterance.
            ignores_made_up_text: True if a transcript that was made up on silence is no command.
            pre_roll: Audio of the wake word: 16 kHz, 16-bit, mono PCM.
            identity: Source, conversation and run of the audio.
            language: Language of speech-to-text.
            on_close: Called when the capture takes no more audio.
            on_end: Called once, when the utterance is to be stored or discarded.
        """
        super().__init__(satellite_id, wake, ignores_made_up_text=ignores_made_up_text, pre_roll=pre_roll)
        self.capture.language = language
        self.capture.conversation_id = identity.conversation_id
        self._on_close = on_close
        self._on_end = on_end
        self._unfollow = identity.follow(self._on_event)
        if self._unfollow is not None:
            self.capture.run.began(*identity.ids)
        self._over = False

    @callback
    def heard(self, text: str | None) -> None:
        """Set the transcript: None if the engine failed, empty if it recognized nothing."""
        self.capture.transcript = text or None
        self.transcribed = text is not None
        self.failed()

    @callback
    def failed(self) -> None:
        """End the audio after the engine answered, raised an error or was cancelled."""
        self.close()
        if self._unfollow is None:
            self.end()

    @callback
    @override
    def close(self) -> None:
        """Stop taking audio."""
        super().close()
        self._on_close()

    @callback
    def end(self) -> None:
        """Hand the utterance over to be stored or discarded; later calls have no effect."""
        if not self._over:
            self._over = True
            if self._unfollow is not None:
                self._unfollow()
            super().close()
            self._on_end(self)

    @callback
    def _on_event(self, event: PipelineEvent) -> None:
        """Take the reply from a pipeline event, or end the utterance with the run."""
        self.capture.run.heard(event.type, event.data)
        if event.type is PipelineEventType.INTENT_END:
            self.capture.reply = dig(event.data, *REPLY_KEYS)
        elif event.type is PipelineEventType.RUN_END:
            self.end()
