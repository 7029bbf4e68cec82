"""State of a satellite's microphone, derived from audio arrival times and the commands sent to the satellite.

All times are seconds on the same monotonic clock.
"""

from dataclasses import dataclass
from enum import Enum, StrEnum, auto
from typing import Final

NO_AUDIO_SECONDS: Final = 3.0
"""Time without audio after which a streaming satellite counts as not listening."""

RUN_AGAIN_SECONDS: Final = 5.0
"""Interval at which a satellite that should stream but does not is told to stream."""

RECONNECT_SECONDS: Final = 20.0
"""Time without audio after which the connection of a satellite that did stream is renewed."""

MUTE_GRACE_SECONDS: Final = 2.0
"""Time after muting in which audio that was already in transit does not count as a violation."""


class SatelliteState(StrEnum):
    """State of a satellite's microphone."""

    DISCONNECTED = "disconnected"
    LISTENING = "listening"
    MUTED = "muted"
    NOT_LISTENING = "not_listening"
    RECORDING = "recording"


class Remedy(Enum):
    """Action to take for a satellite that should stream but does not."""

    NONE = auto()
    RECONNECT = auto()
    RUN = auto()
    """Tell the satellite to stream."""


@dataclass(slots=True)
class StreamHealth:
    """Times of a satellite's last audio, commands and mute."""

    last_audio: float = 0.0
    muted_since: float = 0.0
    has_streamed: bool = False
    """True if audio has been given to a wake engine on the current connection."""

    has_sent: bool = False
    """True if audio has arrived on the current connection."""

    _last_order: float = 0.0
    _violated_at: float | None = None
    """Time of the last audio that arrived although the satellite had been told to pause."""

    def connected(self, now: float) -> None:
        """Reset the state for a new connection."""
        self.last_audio = self.muted_since = self._last_order = now
        self.has_streamed = self.has_sent = False

    def disconnected(self) -> None:
        """Clear a violation, because no more audio can arrive."""
        self._violated_at = None

    def mute_ordered(self, now: float, *, muted: bool) -> None:
        """Record that the satellite was told to pause or to stream."""
        if muted:
            self.muted_since = now
        self._violated_at = None

    def audio_while_muted(self, now: float) -> bool:
        """Record audio of a muted satellite; return whether it violates the mute."""
        if now - self.muted_since <= MUTE_GRACE_SECONDS:
            return False
        self._violated_at = now
        return True

    def audio(self, now: float) -> bool:
        """Record audio; return whether the satellite had been silent."""
        was_silent = not self.streams(now)
        self.last_audio = now
        self.has_sent = True
        return was_silent

    def is_silent(self, now: float) -> bool:
        """Return whether no audio has arrived for NO_AUDIO_SECONDS."""
        return now - self.last_audio >= NO_AUDIO_SECONDS

    def streams(self, now: float) -> bool:
        """Return whether audio has arrived on the current connection and goes on arriving."""
        return self.has_sent and not self.is_silent(now)

    @property
    def mute_violated(self) -> bool:
        """True if audio keeps arriving although the satellite was told to pause."""
        return self._violated_at is not None

    def mute_confirmed(self, now: float, *, muted: bool) -> bool:
        """Return whether a muted satellite has stopped sending."""
        return muted and now - self.muted_since >= MUTE_GRACE_SECONDS and not self.mute_violated

    def forgive(self, now: float) -> None:
        """Clear a violation that has not recurred for RUN_AGAIN_SECONDS."""
        if self._violated_at is not None and now - self._violated_at > RUN_AGAIN_SECONDS:
            self._violated_at = None

    def remedy(self, now: float) -> Remedy:
        """Return the action for a silent satellite; RUN is returned once per interval."""
        if self.has_streamed and now - self.last_audio > RECONNECT_SECONDS:
            return Remedy.RECONNECT
        if now - self._last_order > RUN_AGAIN_SECONDS:
            self._last_order = now
            return Remedy.RUN
        return Remedy.NONE


def state_of(*, connected: bool, muted: bool, recording: bool, hears_wake_words: bool) -> SatelliteState:
    """Return the state of a microphone. The state that matters most to users takes precedence."""
    if not connected:
        return SatelliteState.DISCONNECTED
    if muted:
        return SatelliteState.MUTED
    if recording:
        return SatelliteState.RECORDING
    return SatelliteState.LISTENING if hears_wake_words else SatelliteState.NOT_LISTENING
