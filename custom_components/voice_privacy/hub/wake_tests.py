"""Live tests of wake word models on the audio of a satellite. Nothing of the audio is kept."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, override

from homeassistant.core import HomeAssistant

from ..const import DEFAULT_THRESHOLD
from ..core.audio import CHUNK_SAMPLES, level_dbfs
from ..core.errors import Busy
from ..core.models import AuditAction, Requester
from ..satellites.base import Satellite
from ..wake_listening.model_library import async_load_for_test
from .access_log import AccessLog
from .live_test import LiveTest

if TYPE_CHECKING:
    from ..wake.engines import WakeEngines

MAX_TESTS: Final = 2
"""Maximum tests at the same time in the house: each loads a model of its own."""

_MAX_SECONDS: Final = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """Result for a few chunks."""

    level: float
    """Level in dBFS."""

    score: float
    threshold: float

    @property
    def woke(self) -> bool:
        """True if the wake word would have been detected."""
        return self.score >= self.threshold


class WakeTests:
    """The tests of a house. It belongs to the event loop."""

    def __init__(self, hass: HomeAssistant, access_log: AccessLog) -> None:
        """Start without tests."""
        self._hass = hass
        self._access_log = access_log
        self._running: set[WakeTest] = set()
        self._starting = 0

    async def async_start(
        self,
        satellite: Satellite,
        file: str,
        by: Requester,
        *,
        on_heard: Callable[[Heard], None],
        on_end: Callable[[str | None], None],
    ) -> WakeTest:
        """Load a model and test it with what a satellite hears; return the test, which has not begun yet.

        Args:
            satellite: The satellite.
            file: Path of the model relative to the model folder, as it is listed.
            by: Who tests; asked again while the test runs.
            on_heard: Called about four times a second.
            on_end: Called once when the test ends by itself, with the code of an error or None.

        Raises:
            Busy: As many tests as allowed are running.
            MutedWhileTested, NoAudioToTest, WakesItself: The satellite sends no audio that can be tested.
            WakeModelError: The model cannot be used.
            Refused: The right was withdrawn while the model was loaded.
        """
        _require_audio(satellite)
        if len(self._running) + self._starting >= MAX_TESTS:
            raise Busy
        self._starting += 1
        try:
            engine = await async_load_for_test(self._hass, file)
            await by.async_check()
            _require_audio(satellite)
            test = WakeTest(self._hass, satellite, engine, by, on_heard=on_heard, on_end=on_end)
            self._running.add(test)
        finally:
            self._starting -= 1
        test.on_over = lambda: self._running.discard(test)
        self._access_log.add(by, AuditAction.WAKE_WORD_TESTED, count=1, subject=satellite.satellite_id)
        return test

    async def async_stop(self) -> None:
        """End all tests."""
        tests = tuple(self._running)
        for test in tests:
            test.end(None)
        await asyncio.gather(*(test.async_wait() for test in tests))


def _require_audio(satellite: Satellite) -> None:
    if (obstacle := satellite.test_obstacle) is not None:
        raise obstacle


class WakeTest(LiveTest[Heard]):
    """One model that hears one satellite for a minute."""

    def __init__(
        self,
        hass: HomeAssistant,
        satellite: Satellite,
        engine: WakeEngines,
        by: Requester,
        *,
        on_heard: Callable[[Heard], None],
        on_end: Callable[[str | None], None],
    ) -> None:
        """Prepare; start takes audio."""
        super().__init__(hass, satellite, by, seconds=_MAX_SECONDS, on_heard=on_heard, on_end=on_end)
        self._engine = engine
        self._stream = engine.open_stream()

    @override
    async def _async_process(self, pcm: bytes) -> Heard:
        return await self._hass.async_add_executor_job(self._process, pcm)

    def _process(self, pcm: bytes) -> Heard:
        """Return what the model makes of some chunks; blocks."""
        scores = scores_of(self._engine, self._stream, pcm)
        return Heard(level=level_dbfs(pcm), score=max(scores), threshold=threshold_of(self._satellite))


def scores_of(engine: WakeEngines, stream: int, pcm: bytes) -> list[float]:
    """Return the scores of the only wake word of an engine for whole chunks of a stream; blocks."""
    import numpy as np  # noqa: PLC0415  # numpy is available, since there is an engine

    samples = np.frombuffer(pcm, "<i2").reshape(-1, 1, CHUNK_SAMPLES)
    return [float(engine.process([stream], chunk)[0, 0]) for chunk in samples]


def threshold_of(satellite: Satellite) -> float:
    """Return the threshold of a satellite's wake words, 0 to 1."""
    words = satellite.config.wake_words
    return words[0].threshold if words else DEFAULT_THRESHOLD
