"""End-of-utterance detection by level relative to room noise, when there is no speech-to-text engine."""

from dataclasses import dataclass
from typing import Final

from .audio import SILENCE_DBFS

_FLOOR_FALL: Final = 0.5
"""Fraction of the difference by which the noise floor follows a quieter chunk."""

_FLOOR_RISE_DB_PER_SECOND: Final = 3.0
"""Rise rate of the noise floor under steady sound, so that a fan switched on does not count as speech."""

_ROUNDING: Final = 1e-6
"""Tolerance in seconds for the sum of chunk lengths."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmenterSettings:
    """Thresholds for the start and end of speech."""

    margin_db: float = 10.0
    """Minimum level of speech above the noise floor, dB."""

    quietest_speech_dbfs: float = -55.0
    """Minimum level of speech regardless of the noise floor, dBFS."""

    silence_seconds: float = 0.8
    """Silence after speech that ends the utterance, seconds."""

    speech_seconds: float = 0.2
    """Minimum speech in an utterance, seconds."""

    timeout_seconds: float = 5.0
    """Maximum wait for speech to begin, seconds."""


class Segmenter:
    """End-of-utterance detector, fed with one level per chunk. Not thread-safe."""

    def __init__(self, settings: SegmenterSettings | None = None, *, noise_dbfs: float | None = None) -> None:
        """Start an utterance; `noise_dbfs` is the room's noise level if known."""
        self._settings = settings or SegmenterSettings()
        self._floor = noise_dbfs
        self._waited = 0.0
        self._speech = 0.0
        self._silence = 0.0
        self.heard_speech = False
        """True once there has been enough speech for an utterance."""

    def process(self, level_dbfs: float, seconds: float) -> bool:
        """Process the level and length of the next chunk; return whether the utterance has ended."""
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
            # Speech must be contiguous, so that separate clicks do not add up.
            self._speech = 0.0
        self._waited += seconds
        return self._waited >= settings.timeout_seconds - _ROUNDING

    def _is_speech(self, level_dbfs: float, seconds: float) -> bool:
        """Return whether a chunk is speech, and update the noise floor."""
        if self._floor is None:
            self._floor = max(level_dbfs, SILENCE_DBFS)
        floor = self._floor
        if level_dbfs < floor:
            self._floor = floor + (level_dbfs - floor) * _FLOOR_FALL
        else:
            self._floor = min(level_dbfs, floor + _FLOOR_RISE_DB_PER_SECOND * seconds)
        return level_dbfs >= max(floor + self._settings.margin_db, self._settings.quietest_speech_dbfs)
