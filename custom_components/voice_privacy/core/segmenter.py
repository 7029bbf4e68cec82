"""Where does an utterance end? Speech against the room's own level, for want of a speech-to-text engine."""

from dataclasses import dataclass
from typing import Final

from .audio import SILENCE_DBFS

_FLOOR_FALL: Final = 0.5
"""Share of the gap by which the noise floor follows a quieter chunk."""

_FLOOR_RISE_DB_PER_SECOND: Final = 3.0
"""How fast the noise floor creeps up under steady sound, so that a fan switched on does not count as speech."""

_ROUNDING: Final = 1e-6
"""Seconds that adding up chunk lengths may be off."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmenterSettings:
    """When speech begins and ends."""

    margin_db: float = 10.0
    """A chunk this much above the noise floor counts as speech."""

    quietest_speech_dbfs: float = -55.0
    """Nothing below this level counts as speech, however quiet the room."""

    silence_seconds: float = 0.8
    """Seconds of silence after speech that end the utterance."""

    speech_seconds: float = 0.2
    """Seconds of speech that make an utterance."""

    timeout_seconds: float = 5.0
    """Seconds to wait for speech to begin."""


class Segmenter:
    """Follow the level of an utterance, chunk by chunk. Not thread-safe."""

    def __init__(self, settings: SegmenterSettings | None = None, *, noise_dbfs: float | None = None) -> None:
        """Start listening; noise_dbfs is the room's level if something is known of it."""
        self._settings = settings or SegmenterSettings()
        self._floor = noise_dbfs
        self._waited = 0.0
        self._speech = 0.0
        self._silence = 0.0
        self.heard_speech = False
        """Whether there has been enough speech to call it something said."""

    def process(self, level_dbfs: float, seconds: float) -> bool:
        """Take the level of the next chunk and its length; return True once the utterance has ended."""
        settings = self._settings
        if self._is_speech(level_dbfs, seconds):
            self._speech += seconds
            self._silence = 0.0
            if self._speech >= settings.speech_seconds:
                self.heard_speech = True
            return False
        self._silence += seconds
        if self.heard_speech:
            return self._silence >= settings.silence_seconds - _ROUNDING
        if self._silence >= settings.silence_seconds - _ROUNDING:
            # A click is not speech: it has to come in one piece.
            self._speech = 0.0
        self._waited += seconds
        return self._waited >= settings.timeout_seconds - _ROUNDING

    def _is_speech(self, level_dbfs: float, seconds: float) -> bool:
        """Compare with the noise floor, then let the floor follow."""
        if self._floor is None:
            self._floor = max(level_dbfs, SILENCE_DBFS)
        floor = self._floor
        if level_dbfs < floor:
            self._floor = floor + (level_dbfs - floor) * _FLOOR_FALL
        else:
            self._floor = min(level_dbfs, floor + _FLOOR_RISE_DB_PER_SECOND * seconds)
        return level_dbfs >= max(floor + self._settings.margin_db, self._settings.quietest_speech_dbfs)
