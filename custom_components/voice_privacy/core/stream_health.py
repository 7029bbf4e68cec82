"""The state of a satellite's microphone, derived from when audio arrived and what the satellite was told.

All times are seconds of one monotonic clock.
"""

from dataclasses import dataclass
from enum import Enum, StrEnum, auto
from typing import Final

NO_AUDIO_SECONDS: Final = 3.0
"""A streaming satellite that has sent nothing for this long is not listening."""

RUN_AGAIN_SECONDS: Final = 5.0
"""Interval at which a satellite that should stream but does not is told to."""

RECONNECT_SECONDS: Final = 20.0
"""A satellite that did stream and has sent nothing for this long gets a new connection."""

MUTE_GRACE_SECONDS: Final = 2.0
"""Audio that was on its way when the microphone was muted is no violation."""


class SatelliteState(StrEnum):
    """What a satellite's microphone does right now."""

    DISCONNECTED = "disconnected"
    LISTENING = "listening"
    MUTED = "muted"
    NOT_LISTENING = "not_listening"
    RECORDING = "recording"


class Remedy(Enum):
    """What is to be done about a satellite that should stream and does not."""

    NONE = auto()
    RECONNECT = auto()
    RUN = auto()
    """Tell it to stream."""


@dataclass(slots=True)
class StreamHealth:
    """When a satellite was heard, told and muted."""

    last_audio: float = 0.0
    muted_since: float = 0.0
    has_streamed: bool = False
    """Audio has arrived since the connection was made."""

    _last_order: float = 0.0
    _violated_at: float | None = None
    """When audio last arrived although the satellite had been told to pause."""

    def connected(self, now: float) -> None:
        """Start over: a new connection has no past."""
        self.last_audio = self.muted_since = self._last_order = now
        self.has_streamed = False

    def disconnected(self) -> None:
        """Forget a violation: nothing can arrive any more."""
        self._violated_at = None

    def mute_ordered(self, now: float, *, muted: bool) -> None:
        """Note that the satellite was told to pause or to stream."""
        if muted:
            self.muted_since = now
        self._violated_at = None

    def audio_while_muted(self, now: float) -> bool:
        """Note audio of a muted satellite; return whether it violates the mute."""
        if now - self.muted_since <= MUTE_GRACE_SECONDS:
            return False
        self._violated_at = now
        return True

    def audio(self, now: float) -> bool:
        """Note audio; return whether the satellite had been silent."""
        was_silent = self.is_silent(now)
        self.last_audio = now
        return was_silent

    def is_silent(self, now: float) -> bool:
        """Return whether no audio has arrived for too long."""
        return now - self.last_audio >= NO_AUDIO_SECONDS

    @property
    def mute_violated(self) -> bool:
        """Whether audio keeps coming although the satellite was told to pause."""
        return self._violated_at is not None

    def mute_confirmed(self, now: float, *, muted: bool) -> bool:
        """Return whether a muted satellite has stopped sending."""
        return muted and now - self.muted_since >= MUTE_GRACE_SECONDS and not self.mute_violated

    def forgive(self, now: float) -> None:
        """Forget a violation that has not been repeated for a while."""
        if self._violated_at is not None and now - self._violated_at > RUN_AGAIN_SECONDS:
            self._violated_at = None

    def remedy(self, now: float) -> Remedy:
        """Return what is to be done about a silent satellite; RUN is returned once an interval."""
        if self.has_streamed and now - self.last_audio > RECONNECT_SECONDS:
            return Remedy.RECONNECT
        if now - self._last_order > RUN_AGAIN_SECONDS:
            self._last_order = now
            return Remedy.RUN
        return Remedy.NONE


def state_of(*, connected: bool, muted: bool, recording: bool, hears_wake_words: bool) -> SatelliteState:
    """Return the state of a microphone; what people must know first comes first."""
    if not connected:
        return SatelliteState.DISCONNECTED
    if muted:
        return SatelliteState.MUTED
    if recording:
        return SatelliteState.RECORDING
    return SatelliteState.LISTENING if hears_wake_words else SatelliteState.NOT_LISTENING
