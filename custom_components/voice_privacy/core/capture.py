"""One utterance while it is being captured, in memory only."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import uuid4

from .audio import CHUNK_BYTES, CHUNK_SECONDS, SAMPLE_WIDTH, SILENCE_DBFS, bytes_of, level_dbfs
from .cleaning import MAX_LANGUAGE, MAX_REPLY, MAX_TRANSCRIPT, clean_text
from .models import DiscardReason, RecordingKind, StartedBy, Utterance
from .segmenter import Segmenter

MAX_SECONDS: Final = 30.0
"""Longest utterance that is captured."""

PRE_ROLL_SECONDS: Final = 1.5
"""The wake word itself: the most that an utterance holds from before its detection."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wake:
    """What started a capture."""

    started_by: StartedBy
    wake_word: str | None = None
    phrase: str | None = None
    """The wake word as it is spoken, for the Assist pipeline."""

    score: float | None = None
    """0 to 1."""

    threshold: float | None = None
    """0 to 1."""


class CaptureSession:
    """Gather the audio of one utterance, with the fence that keeps it from being stored. Not thread-safe."""

    def __init__(
        self,
        satellite_id: str,
        wake: Wake,
        *,
        pre_roll: bytes,
        started_at: datetime,
        started_monotonic: float,
    ) -> None:
        """Begin with the wake word's audio; started_at (aware) is the instant of its first sample."""
        self.utterance_id = uuid4().hex
        self.satellite_id = satellite_id
        self.wake = wake
        self.started_at = started_at
        self.started_monotonic = started_monotonic
        self.language: str | None = None
        self.conversation_id: str | None = None
        """Under which Assist keeps traces of its own of what was said."""

        self.forbidden: DiscardReason | None = None
        """The first reason found not to keep it; no later permission undoes it."""

        self.closed = False
        """No more audio is taken."""

        self.fell_silent = False
        """Silence after speech, or no speech at all for too long, by the level alone."""

        self._transcript: str | None = None
        self._reply: str | None = None
        self._max_bytes = bytes_of(MAX_SECONDS)
        self._length = 0
        self._audio = bytearray()
        self._unmeasured = bytearray()
        self._peak = SILENCE_DBFS
        self._segmenter = Segmenter()
        pre_roll = pre_roll[-bytes_of(PRE_ROLL_SECONDS) :]
        self._take(pre_roll)
        levels = list(self._levels())
        # The quietest moment around the wake word is the best guess at the room's own level.
        self._segmenter = Segmenter(noise_dbfs=min(levels, default=None))

    @property
    def transcript(self) -> str | None:
        """What was understood: empty when nothing was said, None when nobody knows."""
        return self._transcript

    @transcript.setter
    def transcript(self, text: object) -> None:
        """Take what an engine understood, cleaned."""
        self._transcript = None if text is None else clean_text(text, MAX_TRANSCRIPT)

    @property
    def reply(self) -> str | None:
        """What was answered, None when nothing was."""
        return self._reply

    @reply.setter
    def reply(self, text: object) -> None:
        """Take what an agent or a model answered, cleaned."""
        self._reply = None if text is None else clean_text(text, MAX_REPLY, lines=True)

    @property
    def heard_speech(self) -> bool:
        """Whether something was said after the wake word, by its level."""
        return self._segmenter.heard_speech

    @property
    def full(self) -> bool:
        """Whether the length cap is reached."""
        return self._length >= self._max_bytes

    def add(self, pcm: bytes) -> None:
        """Take the next audio, unless the utterance is closed or full."""
        if self.closed:
            return
        self._take(pcm[: self._max_bytes - self._length])
        for level in self._levels():
            self.fell_silent = self._segmenter.process(level, CHUNK_SECONDS) or self.fell_silent

    def close(self) -> None:
        """Take no more audio."""
        self.closed = True

    def forbid(self, reason: DiscardReason) -> None:
        """Make sure that this utterance is never kept; what was gathered is forgotten at once.

        Levels are still followed, since what is said may still be acted upon.
        """
        if self.forbidden is None:
            self.forbidden = reason
        self._audio.clear()

    def finish(self, kind: RecordingKind) -> Utterance:
        """Return the utterance as it now stands."""
        self.closed = True
        return Utterance(
            utterance_id=self.utterance_id,
            satellite_id=self.satellite_id,
            started_at=self.started_at,
            started_monotonic=self.started_monotonic,
            started_by=self.wake.started_by,
            audio=bytes(self._audio[: len(self._audio) // SAMPLE_WIDTH * SAMPLE_WIDTH]),
            peak_dbfs=self._peak,
            kind=kind,
            wake_word=self.wake.wake_word,
            score=self.wake.score,
            threshold=self.wake.threshold,
            transcript=self.transcript,
            reply=self.reply,
            language=clean_text(self.language, MAX_LANGUAGE) or None,
        )

    def _take(self, pcm: bytes) -> None:
        """Add audio to what is kept and to what is measured."""
        self._length += len(pcm)
        self._unmeasured += pcm
        if self.forbidden is None:
            self._audio += pcm

    def _levels(self) -> list[float]:
        """Return the levels of the whole chunks that came in since the last call."""
        levels = []
        while len(self._unmeasured) >= CHUNK_BYTES:
            levels.append(level_dbfs(bytes(self._unmeasured[:CHUNK_BYTES])))
            del self._unmeasured[:CHUNK_BYTES]
        self._peak = max(self._peak, *levels, SILENCE_DBFS)
        return levels
