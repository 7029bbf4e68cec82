"""An utterance between its wake and its storage, the same for every kind of satellite."""

from datetime import timedelta
import time

from homeassistant.util import dt as dt_util

from ..core.audio import seconds_of
from ..core.capture import CaptureSession, Wake
from ..core.made_up_text import is_made_up
from ..core.models import RecordingKind


class LiveCapture:
    """A capture that may still take audio, and what speech-to-text said about it."""

    def __init__(
        self,
        satellite_id: str,
        wake: Wake,
        *,
        ignores_made_up_text: bool,
        pre_roll: bytes = b"",
        post_roll: bytes = b"",
        before: bytes = b"",
    ) -> None:
        """Open a capture that starts with buffered audio.

        Args:
            satellite_id: Id of the satellite.
            wake: Wake that started the utterance.
            ignores_made_up_text: True if a transcript that was made up on silence is no command.
            pre_roll: Audio of the wake word: 16 kHz, 16-bit, mono PCM.
            post_roll: Audio after the wake word in the same format.
            before: Audio from before the wake word in the same format, of which only the level is used.
        """
        ago = seconds_of(pre_roll + post_roll)
        self.capture = CaptureSession(
            satellite_id,
            wake,
            pre_roll=pre_roll,
            started_at=dt_util.utcnow() - timedelta(seconds=ago),
            started_monotonic=time.monotonic() - ago,
            before=before,
        )
        self.transcribed = False
        """True if a speech-to-text engine accepted the audio and answered, even with an empty transcript."""

        self._ignores_made_up_text = ignores_made_up_text
        if post_roll:
            self.add(post_roll)

    @property
    def listening(self) -> bool:
        """True while audio may still arrive."""
        return not self.capture.closed

    @property
    def kind(self) -> RecordingKind:
        """Command or false wake; without an answer of speech-to-text, only the level can tell."""
        said = self.capture.heard_speech
        if self.transcribed:
            text = self.capture.transcript or ""
            said = bool(text) and not (self._ignores_made_up_text and is_made_up(text, heard_speech=said))
        return RecordingKind.after(said=said)

    def add(self, pcm: bytes) -> None:
        """Append 16 kHz, 16-bit, mono PCM; audio beyond the maximum length is dropped."""
        self.capture.add(pcm)

    def close(self) -> None:
        """Stop taking audio."""
        self.capture.close()
