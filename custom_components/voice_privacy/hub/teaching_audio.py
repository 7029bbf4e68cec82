"""What a satellite hears while a wake word is taught: one clip after the other, and tests of the word. Nothing is kept."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, override

from homeassistant.core import HomeAssistant, callback

from ..core.audio import CHUNK_BYTES, CHUNK_SAMPLES, CHUNK_SECONDS, SAMPLE_RATE, level_dbfs
from ..core.errors import VoicePrivacyError
from ..core.models import Requester
from ..core.spoken_clip import MAX_SECONDS, SpokenClip
from ..satellites.base import Satellite
from ..wake.detector import WakeWordDetector
from .live_test import LiveTest
from .wake_tests import scores_of, threshold_of

if TYPE_CHECKING:
    from ..wake.engines import WakeEngines

_REFRACTORY_SAMPLES: Final = 2 * SAMPLE_RATE
"""Samples after a wake in which there is no other one, as at a satellite."""

type Obstacle = Callable[[], VoicePrivacyError | None]
"""Returns why no satellite of the house may be heard now, or None."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipLevel:
    """State of a clip that is being recorded."""

    level: float
    """Level in dBFS."""

    seconds: float
    """Length of the clip so far."""


class _Heard[T](LiveTest[T]):
    """Live test that ends when no satellite of the house may be heard any more."""

    obstacle_of_house: Obstacle

    @callback
    @override
    def heard(self, pcm: bytes) -> None:
        """Take the next audio, unless no satellite may be heard at this moment."""
        if (obstacle := self.obstacle_of_house()) is not None:
            self.end(obstacle.code)
            return
        super().heard(pcm)

    @override
    def _obstacle(self) -> VoicePrivacyError | None:
        return self.obstacle_of_house() or super()._obstacle()


class ClipRecording(_Heard[ClipLevel]):
    """Clip in which somebody says one word; its audio is in memory until somebody takes it."""

    def __init__(
        self,
        hass: HomeAssistant,
        satellite: Satellite,
        by: Requester,
        *,
        obstacle: Obstacle,
        on_heard: Callable[[ClipLevel], None],
        on_end: Callable[[str | None], None],
    ) -> None:
        """Prepare; start takes audio. A satellite that sends no audio of a quiet room ends it by time."""
        super().__init__(hass, satellite, by, seconds=MAX_SECONDS + 1.0, on_heard=on_heard, on_end=on_end)
        self.obstacle_of_house = obstacle
        self._clip = SpokenClip()
        self._pcm = bytearray()

    def take(self) -> bytes:
        """Return the audio, 16 kHz, 16-bit, mono PCM, and forget it here."""
        pcm = bytes(self._pcm)
        self._pcm.clear()
        return pcm

    @callback
    @override
    def end(self, code: str | None) -> None:
        """End the clip and forget its audio, which nobody takes any more afterwards."""
        super().end(code)
        self._pcm.clear()

    @override
    async def _async_process(self, pcm: bytes) -> ClipLevel:
        self._pcm += pcm
        for start in range(0, len(pcm), CHUNK_BYTES):
            if not self._clip.ended:
                self._clip.add(level_dbfs(pcm[start : start + CHUNK_BYTES]), CHUNK_SECONDS)
        return ClipLevel(level=level_dbfs(pcm), seconds=self._clip.seconds)

    @property
    @override
    def _is_complete(self) -> bool:
        return self._clip.ended


@dataclass(frozen=True, slots=True, kw_only=True)
class WordHeard:
    """Result for a few chunks of a test."""

    level: float
    """Level in dBFS."""

    score: float
    threshold: float
    heard: int
    """Number of wakes since the test began."""

    seconds: float
    """Seconds of audio since the test began."""


class WordTest(_Heard[WordHeard]):
    """A taught word that hears one satellite."""

    def __init__(
        self,
        hass: HomeAssistant,
        satellite: Satellite,
        engine: WakeEngines,
        by: Requester,
        *,
        seconds: float,
        obstacle: Obstacle,
        on_heard: Callable[[WordHeard], None],
        on_end: Callable[[str | None], None],
    ) -> None:
        """Prepare; start takes audio."""
        super().__init__(hass, satellite, by, seconds=seconds, on_heard=on_heard, on_end=on_end)
        self.obstacle_of_house = obstacle
        self._threshold = threshold_of(satellite)
        self._detector = WakeWordDetector(
            threshold=self._threshold, trigger_level=1, refractory_samples=_REFRACTORY_SAMPLES
        )
        self._engine = engine
        self._stream = engine.open_stream()
        self._samples = 0
        self._wakes = 0

    @override
    async def _async_process(self, pcm: bytes) -> WordHeard:
        return await self._hass.async_add_executor_job(self._process, pcm)

    def _process(self, pcm: bytes) -> WordHeard:
        """Return what the word makes of some chunks; blocks."""
        scores = scores_of(self._engine, self._stream, pcm)
        for score in scores:
            self._samples += CHUNK_SAMPLES
            self._wakes += self._detector.process(score, self._samples)
        return WordHeard(
            level=level_dbfs(pcm),
            score=max(scores),
            threshold=self._threshold,
            heard=self._wakes,
            seconds=self._samples / SAMPLE_RATE,
        )
