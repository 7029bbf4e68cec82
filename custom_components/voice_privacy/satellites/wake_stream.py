"""Wake word detection in the audio of a Wyoming satellite, with the seconds of audio that a wake needs."""

from collections.abc import Callable
from dataclasses import replace
from typing import Final, Protocol

from homeassistant.core import HomeAssistant, callback

from ..core.audio import SAMPLE_RATE
from ..core.capture import PRE_ROLL_SECONDS, Wake
from ..core.cleaning import clean_name
from ..core.models import Detection, StartedBy
from ..core.ring_buffer import RingBuffer
from ..core.wake_trace import HeardBy, WakeTrace
from ..core.word_start import word_audio
from ..wake.worker import WakeWordSettings
from ..wake_listening.listener import WakeListener
from ..wake_listening.remote_engine import RemoteEngine
from .near_misses import NearMissKeeper, NearMissWatch

_BUFFER_SECONDS: Final = PRE_ROLL_SECONDS + 3.0
"""Buffer for the wake word and the room before it, and for speech until the worker reports the detection."""


class OnWake(Protocol):
    """Callback for a detected wake word."""

    def __call__(self, wake: Wake, *, pre_roll: bytes, post_roll: bytes) -> None:
        """Handle a wake, given the audio of its wake word and the audio after it: 16 kHz, 16-bit, mono PCM."""


class WakeStream:
    """Buffered audio of one satellite and the wake engine that hears it. It belongs to the event loop."""

    def __init__(
        self,
        hass: HomeAssistant,
        satellite_id: str,
        wake_words: tuple[WakeWordSettings, ...],
        other_engine: str | None,
        *,
        listener: WakeListener,
        phrase_of: Callable[[str], str],
        on_wake: OnWake,
        on_change: Callable[[], None],
        keeper: NearMissKeeper,
    ) -> None:
        """Prepare; open starts the detection.

        Args:
            hass: Home Assistant.
            satellite_id: Id of the satellite.
            wake_words: Wake words to detect; none for a satellite that is only woken by itself.
            other_engine: Reference of another engine, from `reference_of`; None for the built-in one.
            listener: The built-in engine.
            phrase_of: Returns the spoken form of a wake word.
            on_wake: Called for each detection.
            on_change: Called when another engine starts or stops working.
            keeper: Keeps near misses of the built-in engine.
        """
        self.wake_words = wake_words
        self.engine_fault: str | None = None
        """Silence reason while the built-in engine can detect none of the wake words, else None."""

        self._satellite_id = satellite_id
        self._listener = listener
        self._phrase_of = phrase_of
        self._on_wake = on_wake
        self._remote: RemoteEngine | None = None
        if other_engine is not None:
            self._remote = RemoteEngine(
                hass,
                other_engine,
                tuple(word.wake_word for word in wake_words),
                name=satellite_id,
                on_wake=self._on_remote_wake,
                on_change=on_change,
            )
        self._buffer = RingBuffer(_BUFFER_SECONDS)
        self._near_misses = NearMissWatch(keeper, self._buffer.between)
        self._claimed = 0
        """Sample up to which the audio belongs to utterances."""

        self._opened = False

    @property
    def listens(self) -> bool:
        """True if a wake engine of this house listens for its wake words."""
        return bool(self.wake_words) or self._remote is not None

    @property
    def is_scored(self) -> bool:
        """True if the built-in engine scores its audio."""
        return bool(self.wake_words) and self._remote is None

    @property
    def silence_reason(self) -> str | None:
        """Reason why audio that arrives wakes nothing, or None."""
        if self._remote is not None:
            return None if self._remote.works else "no_engine"
        return self.engine_fault if self.wake_words else "no_wake_word"

    @property
    def engine_broken(self) -> bool:
        """True if another engine has been failing for a long time."""
        return self._remote is not None and self._remote.broken

    def open(self) -> None:
        """Start detecting."""
        self._opened = True
        if self._remote is None:
            self._open_stream()

    def _open_stream(self) -> None:
        self._listener.open_stream(
            self._satellite_id, self.wake_words, self._on_detection, self._near_misses.peaked
        )

    async def async_close(self) -> None:
        """Stop detecting."""
        if self._remote is not None:
            await self._remote.async_stop()
        self._near_misses.restart()
        self._listener.close_stream(self._satellite_id)

    def restart(self) -> None:
        """Clear all buffered audio and restart the detection."""
        self._clear_buffer()
        if self._remote is not None:
            self._remote.restart()
        self._listener.restart_stream(self._satellite_id)

    def _clear_buffer(self) -> None:
        self._buffer.clear()
        self._claimed = 0
        self._near_misses.restart()

    def set_threshold(self, threshold: float) -> None:
        """Set the threshold of all wake words, a score from 0 to 1."""
        self.wake_words = tuple(replace(word, threshold=threshold) for word in self.wake_words)
        if self._opened and self._remote is None:
            # The stream restarts and its samples count from zero, so the buffer must, too.
            self._clear_buffer()
            self._open_stream()

    def feed(self, pcm: bytes) -> None:
        """Process 16 kHz, 16-bit, mono PCM."""
        self._buffer.append(pcm)
        if self._remote is not None:
            self._remote.feed(pcm, self._buffer.end_sample)
        else:
            self._listener.feed_stream(self._satellite_id, pcm)
            self._near_misses.heard(self._buffer.end_sample)

    def claim(self) -> None:
        """Give the audio so far to an utterance: a wake word in it wakes nothing, even if it is found afterwards."""
        self._claimed = self._buffer.end_sample

    def audio_before(self, seconds: float) -> bytes:
        """Return the buffered PCM audio up to this number of seconds ago."""
        end = self._buffer.end_sample - int(seconds * SAMPLE_RATE)
        return self._buffer.between(self._buffer.start_sample, end)

    @callback
    def _on_detection(self, detection: Detection) -> None:
        """Handle a detection of the built-in engine."""
        if detection.end_sample > self._buffer.end_sample:
            # The stream has restarted since, so its audio is gone.
            return
        wake = Wake.heard(detection, self._phrase_of(detection.wake_word))
        self._woke(wake, detection.end_sample, detection.start_sample)

    @callback
    def _on_remote_wake(self, wake_word: str, phrase: str, end: int) -> None:
        """Handle a detection of another engine, which reports no score."""
        wake = Wake(
            started_by=StartedBy.WAKE_WORD,
            wake_word=clean_name(wake_word),
            phrase=clean_name(phrase),
            trace=WakeTrace(
                heard_by=HeardBy.OTHER,
                engine_name=clean_name(self._remote.engine_name if self._remote else None),
            ),
        )
        self._woke(wake, min(end, self._buffer.end_sample), None)

    def _woke(self, wake: Wake, end: int, start: int | None) -> None:
        """Report a wake word that was detected at a sample of the stream, and starts at another if known."""
        self._near_misses.woke(end)
        if end <= self._claimed:
            return
        self._on_wake(
            wake,
            pre_roll=word_audio(end, start, self._buffer.between, wake.phrase or ""),
            post_roll=self._buffer.between(end, self._buffer.end_sample),
        )
