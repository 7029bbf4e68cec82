"""End of a clip in which somebody says one word: some time after the speech, or after a few seconds."""

from typing import Final

MAX_SECONDS: Final = 5.0
"""Maximum length of a clip."""

_QUIET_SECONDS: Final = 0.8
"""Quiet after speech that ends a clip."""

_LEAST_SPEECH_SECONDS: Final = 0.16
"""Loud sound that counts as speech: two chunks, which a click does not fill."""

_ABOVE_ROOM_DB: Final = 9.0
_LEAST_DBFS: Final = -60.0
"""Level below which nothing is speech, however quiet the room is."""

_SURELY_DBFS: Final = -25.0
"""Level above which sound is speech, even if the clip began in the middle of it."""


class SpokenClip:
    """Decides when a clip ends, from the levels of its chunks."""

    def __init__(self) -> None:
        """Begin a clip."""
        self.seconds = 0.0
        self._room: float | None = None
        """Level of the quietest chunk so far, dBFS."""

        self._loud = 0.0
        """Seconds of speech so far."""

        self._quiet = 0.0
        """Seconds since the last speech."""

    @property
    def heard(self) -> bool:
        """True if there was speech."""
        return self._loud >= _LEAST_SPEECH_SECONDS

    @property
    def ended(self) -> bool:
        """True if the clip is complete."""
        return self.seconds >= MAX_SECONDS or (self.heard and self._quiet >= _QUIET_SECONDS)

    def add(self, level: float, seconds: float) -> None:
        """Take the next chunk, given its level in dBFS and its length."""
        self.seconds += seconds
        self._room = level if self._room is None else min(self._room, level)
        above = max(self._room + _ABOVE_ROOM_DB, _LEAST_DBFS)
        if level >= min(above, _SURELY_DBFS):
            self._loud += seconds
            self._quiet = 0.0
        else:
            self._quiet += seconds
