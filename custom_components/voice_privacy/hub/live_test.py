"""A live test: for a while, somebody follows what a satellite hears. Nothing of the audio is kept."""

from abc import ABC, abstractmethod
import asyncio
from collections import deque
from collections.abc import Callable
import logging
import time
from typing import Final

from homeassistant.core import HomeAssistant, callback

from ..core.audio import CHUNK_BYTES
from ..core.error_place import type_and_place
from ..core.errors import MutedWhileTested, NoAudioToTest, Refused, VoicePrivacyError
from ..core.models import Requester
from ..core.stream_health import SatelliteState
from ..satellites.base import Satellite

_LOGGER = logging.getLogger(__name__)

CHUNKS_PER_EVENT: Final = 3
"""Chunks (80 ms each) between two events."""

_MAX_SILENCE: Final = 5.0
"""Seconds without audio after which a test ends, unless the satellite sends none of a quiet room."""

_MAX_WAITING: Final = 50
"""Chunks that wait; if the machine is too slow, the oldest are dropped."""

_POLL: Final = 1.0
"""Seconds between two looks at a satellite that sends nothing."""


class LiveTest[Heard](ABC):
    """Test that hears one satellite for a while. It belongs to the event loop."""

    def __init__(
        self,
        hass: HomeAssistant,
        satellite: Satellite,
        by: Requester,
        *,
        seconds: float,
        on_heard: Callable[[Heard], None],
        on_end: Callable[[str | None], None],
    ) -> None:
        """Prepare; start takes audio.

        Args:
            hass: Home Assistant.
            satellite: The satellite.
            by: Who tests; asked again while the test runs.
            seconds: Seconds after which the test ends.
            on_heard: Called about four times a second.
            on_end: Called once when the test ends by itself, with the code of an error or None.
        """
        self.on_over: Callable[[], object] = lambda: None
        self._hass = hass
        self._satellite = satellite
        self._by = by
        self._seconds = seconds
        self._on_heard = on_heard
        self._on_end: Callable[[str | None], None] | None = on_end
        self._partial = bytearray()
        self._chunks: deque[bytes] = deque(maxlen=_MAX_WAITING)
        self._arrived = asyncio.Event()
        self._last_audio = time.monotonic()
        self._task: asyncio.Task[None] | None = None
        self._leave: Callable[[], None] = lambda: None

    @abstractmethod
    async def _async_process(self, pcm: bytes) -> Heard:
        """Return the result for CHUNKS_PER_EVENT chunks."""

    @property
    def _is_complete(self) -> bool:
        """True if the test has heard enough before its time is over."""
        return False

    @callback
    def start(self) -> None:
        """Take audio until the test ends."""
        self._leave = self._satellite.taps.add(self)
        self._task = self._hass.async_create_background_task(self._async_run(), "voice_privacy_live_test")

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
        if len(self._chunks) >= CHUNKS_PER_EVENT:
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
            async with asyncio.timeout(self._seconds):
                code = await self._async_hear()
        except TimeoutError:
            code = None
        except Refused as err:
            code = err.code
        except Exception as err:  # noqa: BLE001
            # Only the type: the message may contain numbers of the audio.
            _LOGGER.error("A live test failed: %s", type_and_place(err))
        self.end(code)

    async def _async_hear(self) -> str | None:
        """Process audio until there is a reason to end; return its code, or None if it has heard enough."""
        while (obstacle := self._obstacle()) is None:
            self._arrived.clear()
            if len(self._chunks) < CHUNKS_PER_EVENT:
                try:
                    async with asyncio.timeout(_POLL):
                        await self._arrived.wait()
                except TimeoutError:
                    pass
                continue
            pcm = b"".join(self._chunks.popleft() for _ in range(CHUNKS_PER_EVENT))
            heard = await self._async_process(pcm)
            await self._by.async_check()
            if self._obstacle() is None:
                self._on_heard(heard)
                if self._is_complete:
                    return None
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
