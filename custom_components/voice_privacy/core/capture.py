"""Capture of an utterance, in memory only."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import uuid4

from .audio import CHUNK_BYTES, CHUNK_SECONDS, SAMPLE_WIDTH, SILENCE_DBFS, bytes_of, level_dbfs
from .cleaning import MAX_LANGUAGE, MAX_REPLY, MAX_TRANSCRIPT, clean_text
from .models import DiscardReason, RecordingKind, StartedBy, Utterance
from .segmenter import Segmenter

MAX_SECONDS: Final = 30.0
"""Maximum length of an utterance."""

PRE_ROLL_SECONDS: Final = 1.5
"""Maximum audio from before the detection in an utterance: the wake word itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wake:
    """Trigger of a capture."""

    started_by: StartedBy
    wake_word: str | None = None
    phrase: str | None = None
    """Spoken form of the wake word, for the Assist pipeline."""

    score: float | None = None
    """Wake word score, 0 to 1."""

    threshold: float | None = None
    """Wake word threshold, 0 to 1."""


class CaptureSession:
    """Capture of one utterance, with the fence that prevents it from being stored. Not thread-safe."""

    def __init__(
        self,
        satellite_id: str,
        wake: Wake,
        *,
        pre_roll: bytes,
        started_at: datetime,
        started_monotonic: float,
    ) -> None:
        """Start a capture.

        Args:
            satellite_id: Id of the satellite.
            wake: Trigger of the capture.
            pre_roll: Audio up to the detection (PCM); only the last PRE_ROLL_SECONDS are used.
            started_at: Time of the first sample, aware.
            started_monotonic: Time of the first sample on the monotonic clock, seconds.
        """
        self.utterance_id = uuid4().hex
        self.satellite_id = satellite_id
        self.wake = wake
        self.started_at = started_at
        self.started_monotonic = started_monotonic
        self.language: str | None = None
        self.conversation_id: str | None = None
        """Id under which Assist keeps its own traces of the conversation."""

        self.forbidden: DiscardReason | None = None
        """First reason found not to store it. Consent given later does not reset it."""

        self.closed = False
        """True if no more audio is accepted."""

        self.fell_silent = False
        """True after silence following speech, or after too long without speech, judged by level alone."""

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
        # The quietest chunk around the wake word is the best estimate of the room's noise level.
        self._segmenter = Segmenter(noise_dbfs=min(levels, default=None))
        self._levels_without_noise: list[float] | None = None if levels else []
        """Levels so far, if the noise level was not known before: then the first one may be speech already."""

    @property
    def transcript(self) -> str | None:
        """Transcript; empty if nothing was said, None if unknown."""
        return self._transcript

    @transcript.setter
    def transcript(self, text: object) -> None:
        """Set the cleaned transcript of an engine."""
        self._transcript = None if text is None else clean_text(text, MAX_TRANSCRIPT)

    @property
    def reply(self) -> str | None:
        """Reply, or None if there was none."""
        return self._reply

    @reply.setter
    def reply(self, text: object) -> None:
        """Set the cleaned reply of an agent or a model."""
        self._reply = None if text is None else clean_text(text, MAX_REPLY, lines=True)

    @property
    def heard_speech(self) -> bool:
        """True if there was speech after the wake word, judged by level."""
        return self._segmenter.heard_speech or self._heard_in_hindsight()

    @property
    def full(self) -> bool:
        """True if the maximum length is reached."""
        return self._length >= self._max_bytes

    def add(self, pcm: bytes) -> None:
        """Append audio, unless the capture is closed or full."""
        if self.closed:
            return
        self._take(pcm[: self._max_bytes - self._length])
        levels = self._levels()
        if self._levels_without_noise is not None:
            self._levels_without_noise += levels
        for level in levels:
            self.fell_silent = self._segmenter.process(level, CHUNK_SECONDS) or self.fell_silent

    def close(self) -> None:
        """Stop accepting audio."""
        self.closed = True

    def forbid(self, reason: DiscardReason) -> None:
        """Prevent this utterance from ever being stored, and drop its audio at once.

        Levels are still tracked, since the command may still be carried out.
        """
        if self.forbidden is None:
            self.forbidden = reason
        self._audio.clear()

    def finish(self, kind: RecordingKind) -> Utterance:
        """Close the capture and return its utterance."""
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
        """Append audio to the level buffer and, unless forbidden, to the utterance."""
        self._length += len(pcm)
        self._unmeasured += pcm
        if self.forbidden is None:
            self._audio += pcm

    def _heard_in_hindsight(self) -> bool:
        """Return whether there was speech above the quietest tenth, if the noise level was not known before."""
        if not (levels := self._levels_without_noise):
            return False
        segmenter = Segmenter(noise_dbfs=sorted(levels)[len(levels) // 10])
        for level in levels:
            segmenter.process(level, CHUNK_SECONDS)
        return segmenter.heard_speech

    def _levels(self) -> list[float]:
        """Return the levels of the complete chunks received since the last call."""
        levels = []
        while len(self._unmeasured) >= CHUNK_BYTES:
            levels.append(level_dbfs(bytes(self._unmeasured[:CHUNK_BYTES])))
            del self._unmeasured[:CHUNK_BYTES]
        self._peak = max(self._peak, *levels, SILENCE_DBFS)
        return levels
