"""Capture of an utterance, in memory only."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Self
from uuid import uuid4

from .audio import CHUNK_BYTES, CHUNK_SECONDS, SAMPLE_WIDTH, SILENCE_DBFS, bytes_of, level_dbfs, mean_dbfs
from .cleaning import MAX_LANGUAGE, MAX_REPLY, MAX_TRANSCRIPT, clean_text
from .models import Detection, DiscardReason, RecordingKind, StartedBy, Utterance
from .run_outcome import RunWatch
from .score_history import ScorePeak
from .segmenter import WAIT_SECONDS, RoomLevels, Segmenter
from .wake_trace import WakeTrace

MAX_SECONDS: Final = 30.0
"""Maximum length of an utterance."""

PRE_ROLL_SECONDS: Final = 1.5
"""Maximum audio from before the detection in an utterance: the wake word itself, which `core/word_start.py` finds."""

_OPENED_WITH_TONE: Final = (StartedBy.BUTTON, StartedBy.CONVERSATION)
"""Starts without a wake word, at which the room may hear a tone or the end of a question."""

_FRAME_BYTES: Final = CHUNK_BYTES // 2
_FRAME_SECONDS: Final = CHUNK_SECONDS / 2
"""Length of the frames whose level tells when the utterance ends."""


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

    wait_seconds: float = WAIT_SECONDS
    """Time to begin to speak: ANSWER_SECONDS for the answer to a question."""

    trace: WakeTrace | None = field(default=None, compare=False, repr=False)

    @classmethod
    def heard(cls, found: Detection | ScorePeak, phrase: str) -> Self:
        """Return the wake of a wake word, or of what came close to one, that the built-in engine heard."""
        return cls(
            started_by=StartedBy.WAKE_WORD,
            wake_word=found.wake_word,
            phrase=phrase,
            score=found.score,
            threshold=found.threshold,
            trace=found.trace,
        )


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
        before: bytes = b"",
    ) -> None:
        """Start a capture.

        Args:
            satellite_id: Id of the satellite.
            wake: Trigger of the capture.
            pre_roll: Audio of the wake word (PCM); only the last PRE_ROLL_SECONDS are used.
            started_at: Time of the first sample, aware.
            started_monotonic: Time of the first sample on the monotonic clock, seconds.
            before: Audio from before the wake word (PCM), of which only the level is used.
        """
        self.utterance_id = uuid4().hex
        self.near_miss = False
        """True for a sound that almost woke the satellite; nobody has said anything to it."""

        self.satellite_id = satellite_id
        self.wake = wake
        self.started_at = started_at
        self.started_monotonic = started_monotonic
        self.language: str | None = None
        self.conversation_id: str | None = None
        """Id under which Assist keeps its own traces of the conversation."""

        self.forbidden: DiscardReason | None = None
        """First reason found not to store it. Consent given later does not reset it."""

        self.memory_only = False
        """True if the level of its room allowed to keep it in memory only, at any time since it began."""

        self.closed = False
        """True if no more audio is accepted."""

        self.on_transcript: Callable[[CaptureSession], None] | None = None
        """Called when the transcript is known; must not raise."""

        self.run = RunWatch()
        """What becomes of its Assist run."""

        self._transcript: str | None = None
        self._reply: str | None = None
        self._max_bytes = bytes_of(MAX_SECONDS)
        self._length = 0
        self._audio = bytearray()
        self._unmeasured = bytearray()
        self._peak = SILENCE_DBFS
        self._first_half: float | None = None
        """Level of the first half of a chunk whose second half is still to come."""

        self._first_end: int | None = None
        """Size of the audio when the utterance seemed over for the first time."""

        self._end: int | None = None
        """Size of the audio from which on the utterance seems over; None while somebody speaks."""

        pre_roll = pre_roll[-bytes_of(PRE_ROLL_SECONDS) :]
        self._take(pre_roll)
        self.segmenter = Segmenter(room=RoomLevels.measured(_levels_of(before), self._levels()))
        """What tells by level when the utterance ends."""

        self.segmenter.wait_seconds = wake.wait_seconds
        self.segmenter.may_begin_with_chime = wake.started_by in _OPENED_WITH_TONE

    @property
    def transcript(self) -> str | None:
        """Transcript; empty if nothing was said, None if unknown."""
        return self._transcript

    @transcript.setter
    def transcript(self, text: object) -> None:
        """Set the cleaned transcript of an engine."""
        self._transcript = None if text is None else clean_text(text, MAX_TRANSCRIPT)
        if self.on_transcript is not None:
            self.on_transcript(self)

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
        return self.segmenter.heard_speech

    @property
    def fell_silent(self) -> bool:
        """True after silence following speech, or after too long without speech, judged by level alone."""
        return self.segmenter.ended

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
        judged = self._length - len(self._unmeasured) - len(levels) * _FRAME_BYTES
        for level in levels:
            judged += _FRAME_BYTES
            if not self.segmenter.process(level, _FRAME_SECONDS):
                self._end = None
            elif self._end is None:
                self._end = judged
                self._first_end = self._first_end or judged

    def close(self) -> None:
        """Stop accepting audio."""
        self.closed = True

    def drop_after_end(self) -> None:
        """Drop the audio after the silence, or the wait for speech, that ended the utterance."""
        if self._end is not None:
            del self._audio[self._end :]

    def forbid(self, reason: DiscardReason) -> None:
        """Prevent this utterance from ever being stored, and drop its audio at once.

        Levels are still tracked, since the command may still be carried out.
        """
        if self.forbidden is None:
            self.forbidden = reason
        self._audio.clear()

    def finish(self, kind: RecordingKind) -> Utterance:
        """Close the capture and return its utterance; a false wake has nothing of the room after its end."""
        self.closed = True
        if kind is RecordingKind.FALSE_WAKE and self._first_end is not None:
            del self._audio[self._first_end :]
        return Utterance(
            utterance_id=self.utterance_id,
            satellite_id=self.satellite_id,
            started_at=self.started_at,
            started_monotonic=self.started_monotonic,
            started_by=self.wake.started_by,
            audio=bytes(self._audio[: len(self._audio) // SAMPLE_WIDTH * SAMPLE_WIDTH]),
            peak_dbfs=self._peak,
            kind=kind,
            near_miss=self.near_miss,
            wake_word=self.wake.wake_word,
            score=self.wake.score,
            threshold=self.wake.threshold,
            transcript=self.transcript,
            reply=self.reply,
            language=clean_text(self.language, MAX_LANGUAGE) or None,
            trace=self.wake.trace,
            run=self.run.outcome,
        )

    def _take(self, pcm: bytes) -> None:
        """Append audio to the level buffer and, unless forbidden, to the utterance."""
        self._length += len(pcm)
        self._unmeasured += pcm
        if self.forbidden is None:
            self._audio += pcm

    def _levels(self) -> list[float]:
        """Return the levels of the complete frames received since the last call."""
        whole = len(self._unmeasured) // _FRAME_BYTES * _FRAME_BYTES
        levels = _levels_of(bytes(self._unmeasured[:whole]))
        del self._unmeasured[:whole]
        for level in levels:
            if self._first_half is None:
                self._first_half = level
            else:
                self._peak = max(self._peak, mean_dbfs(self._first_half, level))
                self._first_half = None
        return levels


def _levels_of(pcm: bytes) -> list[float]:
    """Return the levels of the complete frames of audio."""
    whole = len(pcm) // _FRAME_BYTES * _FRAME_BYTES
    return [level_dbfs(pcm[at : at + _FRAME_BYTES]) for at in range(0, whole, _FRAME_BYTES)]
