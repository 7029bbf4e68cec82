"""End of an utterance by level: relative to the room before it, to the wake word and to the loudest speech."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from .audio import SILENCE_DBFS

DEFAULT_SILENCE_SECONDS: Final = 0.7
"""Silence that ends a command where nobody chose another, the same as in Home Assistant."""

WAIT_SECONDS: Final = 5.0
"""Time to begin a command after the wake word."""

ANSWER_SECONDS: Final = 15.0
"""Time to begin an answer to a question that was asked, the same as in Home Assistant."""

_TAIL_SECONDS: Final = 0.3
"""Added to the silence: speech fades below the level of the room before its last sound ends."""

_SHORT_SPEECH_SECONDS: Final = 0.4
"""Speech that may be a cough, a chime or the first syllable of a command."""

_SHORT_EXTRA_SECONDS: Final = 0.2
"""Added to the silence after so little speech, at most up to _SHORT_SILENCE_SECONDS."""

_SHORT_SILENCE_SECONDS: Final = 1.2

_CHIME_WITHIN_SECONDS: Final = 1.0
"""Time in which the tone for an opened microphone may be heard."""

_CHIME_SILENCE_SECONDS: Final = 2.5
"""Silence that ends an utterance of which no more than what may be that tone was heard."""

_LONG_SECONDS: Final = 8.0
"""Time after which what the room sounds like counts more than how loud the wake word was."""

_MUTED_DBFS: Final = -90.0
"""Quieter than any room: a microphone that is muted, for example while the satellite plays a sound."""

_QUIETEST_FLOOR_DBFS: Final = -80.0
"""Lowest noise floor that is assumed."""

_FLOOR_FALL: Final = 0.2
"""Fraction of the difference by which the noise floor follows a quieter frame."""

_FLOOR_RISE_DB_PER_SECOND: Final = 3.0
"""Rise rate of the noise floor under steady sound, so that a fan switched on does not count as speech."""

_MIN_ROOM_FRAMES: Final = 10
"""Frames of a room from which its levels can be told."""

_LIVELY_DB: Final = 10.0
"""Range of levels in a room from which on somebody may be talking there."""

_REPLAY_DB: Final = 3.0
"""Lower noise floor than assumed, from which on the utterance is judged again, if the floor was not known."""

_CLICK_SECONDS: Final = 0.3
"""Silence between two sounds that do not add up to speech, before there was any."""

_ROUNDING: Final = 1e-6
"""Tolerance in seconds for the sum of frame lengths."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomLevels:
    """Levels before an utterance, dBFS. None means unknown."""

    noise: float | None = None
    """Noise floor: the quietest moments."""

    sound: float | None = None
    """How loud it gets without a command: a television, other people."""

    wake_word: float | None = None
    """Loudest moment of the wake word."""

    @property
    def is_lively(self) -> bool:
        """True if what was heard may have been the speaker; False for a steady sound such as a fan."""
        return self.noise is None or self.sound is None or self.sound - self.noise >= _LIVELY_DB

    @classmethod
    def measured(cls, before: Sequence[float], wake_word: Sequence[float]) -> RoomLevels:
        """Return the levels of a room from those of frames before and within the wake word."""
        before = [level for level in before if level > _MUTED_DBFS]
        wake_word = [level for level in wake_word if level > _MUTED_DBFS] or wake_word
        loudest = max(wake_word, default=None)
        if len(before) < _MIN_ROOM_FRAMES:
            # The quietest moment around the wake word is the best estimate that there is.
            return cls(noise=min(wake_word, default=None), wake_word=loudest)
        quiet = sorted(before)
        return cls(noise=quiet[len(quiet) // 10], sound=quiet[len(quiet) * 9 // 10], wake_word=loudest)


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmenterSettings:
    """Thresholds for the start and end of speech."""

    margin_db: float = 8.0
    """Minimum level of speech above the noise floor, dB."""

    above_room_db: float = 5.0
    """Minimum level of speech above what was heard in the room before, dB."""

    below_wake_word_db: float = 8.0
    """Level below the wake word that is always speech, dB: people may have talked right before it."""

    below_loudest_db: float = 16.0
    """Level below the loudest speech that is never speech, dB."""

    below_loudest_in_unknown_room_db: float = 12.0
    """The same if nothing is known of the room."""

    below_loudest_later_db: float = 8.0
    """The same after _LONG_SECONDS."""

    quietest_speech_dbfs: float = -58.0
    """Minimum level of speech regardless of the noise floor, dBFS."""

    speech_seconds: float = 0.12
    """Minimum speech in an utterance, seconds."""


class Segmenter:
    """End-of-utterance detector, fed with one level per frame. Not thread-safe."""

    def __init__(self, settings: SegmenterSettings | None = None, *, room: RoomLevels | None = None) -> None:
        """Start an utterance in a room, whose levels may be unknown."""
        self.silence_seconds = DEFAULT_SILENCE_SECONDS
        """Silence after speech that ends the utterance; a little is added for the end of the last word."""

        self.wait_seconds = WAIT_SECONDS
        """Maximum wait for speech to begin, seconds."""

        self.engine_decides = False
        """True if speech-to-text finds the end of speech; then only a wait for speech ends the utterance here."""

        self.may_begin_with_chime = False
        """True if the room hears a tone at the start."""

        self._settings = settings or SegmenterSettings()
        self._room = room or RoomLevels()
        self._unjudged: list[tuple[float, float]] | None = [] if self._room.noise is None else None
        """Frames so far, if the noise floor was not known before: then the first ones may be speech already."""

        self._floor = 0.0
        self._restart(self._room.noise)

    def _restart(self, floor: float | None) -> None:
        """Forget all frames and assume a noise floor."""
        self._floor = SILENCE_DBFS if floor is None else max(floor, _QUIETEST_FLOOR_DBFS)
        self._assumed_floor = None if floor is None else self._floor
        self._length = 0.0
        self._speech = 0.0
        self._silence = 0.0
        self._loudest = SILENCE_DBFS
        self.heard_speech = False
        """True once there has been enough speech for an utterance."""

    @property
    def quiet_seconds(self) -> float:
        """Seconds since the last speech, or since the start if there was none."""
        return self._silence if self.heard_speech else self._length

    @property
    def ended(self) -> bool:
        """True while the silence after speech, or the wait for speech, has lasted long enough."""
        if not self.heard_speech:
            # A sound right now may be the first of a command.
            return self._length >= self.wait_seconds - _ROUNDING and not self._speech
        return not self.engine_decides and self._silence >= self._needed_silence - _ROUNDING

    @property
    def _needed_silence(self) -> float:
        """Silence that ends the utterance, seconds; longer after so little that more is likely to follow."""
        needed = self.silence_seconds + _TAIL_SECONDS
        if self._speech >= _SHORT_SPEECH_SECONDS:
            return needed
        if self.may_begin_with_chime and self._length - self._silence <= _CHIME_WITHIN_SECONDS:
            return max(needed, _CHIME_SILENCE_SECONDS)
        return max(needed, min(needed + _SHORT_EXTRA_SECONDS, _SHORT_SILENCE_SECONDS))

    def process(self, level_dbfs: float, seconds: float) -> bool:
        """Process the level and length of the next frame; return whether the utterance has ended."""
        if self._unjudged is not None:
            self._unjudged.append((level_dbfs, seconds))
            floor = max(level_dbfs, _QUIETEST_FLOOR_DBFS)
            assumed = self._assumed_floor
            if level_dbfs > _MUTED_DBFS and (assumed is None or floor <= assumed - _REPLAY_DB):
                self._restart(floor)
                for level, length in self._unjudged:
                    self._judge(level, length)
                return self.ended
        self._judge(level_dbfs, seconds)
        return self.ended

    def _judge(self, level: float, seconds: float) -> None:
        """Count a frame as speech or silence, and update the noise floor."""
        self._length += seconds
        if level >= self._threshold():
            self._speech += seconds
            self._silence = 0.0
            self._loudest = max(self._loudest, level)
            if self._speech >= self._settings.speech_seconds - _ROUNDING:
                self.heard_speech = True
        else:
            self._silence += seconds
            if not self.heard_speech and self._silence >= _CLICK_SECONDS - _ROUNDING:
                # Speech must be contiguous, so that separate clicks do not add up.
                self._speech, self._loudest = 0.0, SILENCE_DBFS
        if level <= _MUTED_DBFS:
            return
        if level < self._floor:
            self._floor = max(self._floor + (level - self._floor) * _FLOOR_FALL, _QUIETEST_FLOOR_DBFS)
        else:
            self._floor = min(level, self._floor + _FLOOR_RISE_DB_PER_SECOND * seconds)

    def _threshold(self) -> float:
        """Return the level from which on the next frame is speech, dBFS."""
        settings, room = self._settings, self._room
        long = self._length >= _LONG_SECONDS
        threshold = max(self._floor + settings.margin_db, settings.quietest_speech_dbfs)
        if room.sound is not None:
            threshold = max(threshold, room.sound + settings.above_room_db)
        if room.wake_word is not None and room.is_lively and not long:
            threshold = min(threshold, room.wake_word - settings.below_wake_word_db)
        below = settings.below_loudest_db
        if long:
            below = settings.below_loudest_later_db
        elif room.sound is None:
            below = settings.below_loudest_in_unknown_room_db
        return max(threshold, self._loudest - below)
