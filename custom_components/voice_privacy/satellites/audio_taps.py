"""Taps on the audio of a satellite, for those who look at it without keeping it."""

from collections.abc import Callable
import time
from typing import Protocol

from homeassistant.core import CALLBACK_TYPE, callback


class AudioTap(Protocol):
    """Receiver of a satellite's audio. No method may raise or block."""

    @callback
    def heard(self, pcm: bytes) -> None:
        """Take the next audio: 16 kHz, 16-bit, mono PCM."""

    @callback
    def interrupted(self) -> None:
        """Drop all audio: the microphone was muted, or the connection was lost."""


class AudioTaps:
    """The taps of one satellite."""

    def __init__(self) -> None:
        """Start without taps."""
        self._taps: list[AudioTap] = []
        self._held_until = 0.0

    @property
    def holds_wakes(self) -> bool:
        """True while somebody says something that must not wake the satellite, such as a word that is being taught."""
        return time.monotonic() < self._held_until

    @callback
    def hold_wakes(self, seconds: float) -> None:
        """Let nothing wake the satellite for so many seconds from now, instead of what was said before."""
        self._held_until = time.monotonic() + seconds

    @callback
    def add(self, tap: AudioTap) -> CALLBACK_TYPE:
        """Give a tap all audio from now on; return a function that ends this, which may be called again."""
        self._taps.append(tap)

        @callback
        def remove() -> None:
            if tap in self._taps:
                self._taps.remove(tap)

        return remove

    @callback
    def heard(self, pcm: bytes) -> None:
        """Pass audio to all taps."""
        self._tell(lambda tap: tap.heard(pcm))

    @callback
    def interrupted(self) -> None:
        """Tell all taps that the audio ends, or goes on after a gap."""
        self._tell(lambda tap: tap.interrupted())

    def _tell(self, what: Callable[[AudioTap], None]) -> None:
        for tap in tuple(self._taps):
            what(tap)
