"""Live tests of wake word models on the audio of a satellite. Nothing of the audio is kept."""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
import logging
import time
from typing import TYPE_CHECKING, Final

from homeassistant.core import HomeAssistant, callback

from ..const import DEFAULT_THRESHOLD
from ..core.audio import CHUNK_BYTES, CHUNK_SAMPLES, level_dbfs
from ..core.errors import Busy, MutedWhileTested, NoAudioToTest, Refused, VoicePrivacyError
from ..core.models import AuditAction, Requester
from ..core.stream_health import SatelliteState
from ..satellites.base import Satellite
from ..wake_listening.model_library import async_load_for_test
from .access_log import AccessLog

if TYPE_CHECKING:
    from ..wake.engines import WakeEngines

_LOGGER = logging.getLogger(__name__)

MAX_TESTS: Final = 2
"""Maximum tests at the same time in the house: each loads a model of its own."""

_MAX_SECONDS: Final = 60.0
_MAX_SILENCE: Final = 5.0
"""Seconds without audio after which a test ends, unless the satellite sends none of a quiet room."""

_CHUNKS_PER_EVENT: Final = 3
"""Chunks (80 ms each) between two events."""

_MAX_WAITING: Final = 50
"""Chunks that wait; if the machine is too slow, the oldest are dropped."""

_POLL: Final = 1.0
"""Seconds between two looks at a satellite that sends nothing."""


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


class WakeTest:
    """One model that hears one satellite for a minute. It belongs to the event loop."""

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
        self.on_over: Callable[[], object] = lambda: None
        self._hass = hass
        self._satellite = satellite
        self._engine = engine
        self._by = by
        self._on_heard = on_heard
        self._on_end: Callable[[str | None], None] | None = on_end
        self._stream = engine.open_stream()
        self._partial = bytearray()
        self._chunks: deque[bytes] = deque(maxlen=_MAX_WAITING)
        self._arrived = asyncio.Event()
        self._last_audio = time.monotonic()
        self._task: asyncio.Task[None] | None = None
        self._leave: Callable[[], None] = lambda: None

    @callback
    def start(self) -> None:
        """Take audio until the test ends."""
        self._leave = self._satellite.taps.add(self)
        self._task = self._hass.async_create_background_task(self._async_run(), "voice_privacy_wake_test")

    @callback
    def cancel(self) -> None:
        """End the test without telling anybody: nobody follows it any more."""
        self._on_end = None
        self.end(None)

    @callback
    def end(self, code: str | None) -> None:
        """End the test and drop its audio; later calls have no effect."""
        self._leave()
        self._drop()
        self.on_over()
        if self._task is not None and self._task is not asyncio.current_task():
            self._task.cancel()
        on_end, self._on_end = self._on_end, None
        if on_end is not None:
            on_end(code)

    async def async_wait(self) -> None:
        """Wait until no audio is being processed."""
        if self._task is not None:
            await asyncio.gather(self._task, return_exceptions=True)

    @callback
    def heard(self, pcm: bytes) -> None:
        """Take the next audio of the satellite."""
        self._last_audio = time.monotonic()
        self._partial += pcm
        whole = len(self._partial) // CHUNK_BYTES * CHUNK_BYTES
        for start in range(0, whole, CHUNK_BYTES):
            self._chunks.append(bytes(self._partial[start : start + CHUNK_BYTES]))
        del self._partial[:whole]
        if len(self._chunks) >= _CHUNKS_PER_EVENT:
            self._arrived.set()

    @callback
    def interrupted(self) -> None:
        """Drop the audio, and look at once why no more comes."""
        self._drop()
        self._arrived.set()

    def _drop(self) -> None:
        self._partial.clear()
        self._chunks.clear()

    async def _async_run(self) -> None:
        code: str | None = VoicePrivacyError.code
        try:
            async with asyncio.timeout(_MAX_SECONDS):
                code = await self._async_hear()
        except TimeoutError:
            code = None
        except Refused as err:
            code = err.code
        except Exception as err:  # noqa: BLE001
            # Only the type: the message may contain numbers of the audio.
            _LOGGER.error("The test of a wake word failed: %s", type(err).__name__)
        self.end(code)

    async def _async_hear(self) -> str:
        """Process audio until there is a reason to end; return its code."""
        while (obstacle := self._obstacle()) is None:
            self._arrived.clear()
            if len(self._chunks) < _CHUNKS_PER_EVENT:
                try:
                    async with asyncio.timeout(_POLL):
                        await self._arrived.wait()
                except TimeoutError:
                    pass
                continue
            pcm = b"".join(self._chunks.popleft() for _ in range(_CHUNKS_PER_EVENT))
            heard = await self._hass.async_add_executor_job(self._process, pcm)
            await self._by.async_check()
            if self._obstacle() is None:
                self._on_heard(heard)
        return obstacle.code

    def _obstacle(self) -> VoicePrivacyError | None:
        """Return why the test cannot go on, or None."""
        satellite, name = self._satellite, self._satellite.config.name
        obstacle = satellite.test_obstacle
        if isinstance(obstacle, MutedWhileTested) or satellite.state is SatelliteState.DISCONNECTED:
            return obstacle or NoAudioToTest(name=name)
        if obstacle is not None and time.monotonic() - self._last_audio > _MAX_SILENCE:
            return obstacle
        return None

    def _process(self, pcm: bytes) -> Heard:
        """Return what the model makes of some chunks; blocks."""
        import numpy as np  # noqa: PLC0415  # numpy is available, since there is an engine

        samples = np.frombuffer(pcm, "<i2").reshape(-1, 1, CHUNK_SAMPLES)
        scores = [float(self._engine.process([self._stream], chunk)[0, 0]) for chunk in samples]
        return Heard(level=level_dbfs(pcm), score=max(scores), threshold=self._threshold)

    @property
    def _threshold(self) -> float:
        """Threshold of the satellite's wake words, 0 to 1."""
        words = self._satellite.config.wake_words
        return words[0].threshold if words else DEFAULT_THRESHOLD
