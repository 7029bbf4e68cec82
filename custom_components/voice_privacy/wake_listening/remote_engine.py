"""Streaming to another wake word engine of Home Assistant, for satellites not heard by the built-in one.

That engine receives all audio of the satellite, including audio before any wake word; the owner is told so
when choosing it.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
import logging
import time
from typing import Final

from homeassistant.components.wake_word import (
    DetectionResult,
    WakeWordDetectionEntity,
    async_get_wake_word_detection_entity,
)
from homeassistant.const import STATE_UNAVAILABLE
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers import entity_registry as er

from ..const import DOMAIN
from ..core.audio import SAMPLE_RATE, seconds_of
from ..core.cleaning import whole_number
from .entity_references import entity_id_of

_LOGGER = logging.getLogger(__name__)

_MAX_SECONDS: Final = 5.0
"""Seconds of audio queued for a slow engine; the oldest is dropped."""

_RETRY_SECONDS: Final = (5.0, 15.0, 60.0)
"""Delays in seconds after the engine was missing, failed or ended; the last one repeats."""

_WORKS_AFTER: Final = 2.0
"""Seconds after which an engine that still listens is considered working."""

_BROKEN_AFTER: Final = 60.0
"""Seconds of failure after which a repair issue asks the user to check the engine."""

_SUPPORTED_TIMEOUT: Final = 5.0
_SAMPLES_PER_MS: Final = SAMPLE_RATE // 1000
_NEVER: Final = 2**62
"""Sample position beyond the end of any stream."""


@callback
def is_other_engine(hass: HomeAssistant, entity_id: str) -> bool:
    """Return whether an entity is a wake word engine of another integration."""
    entity = er.async_get(hass).async_get(entity_id)
    if entity is not None and entity.platform == DOMAIN:
        return False
    return async_get_wake_word_detection_entity(hass, entity_id) is not None


class _Waiting(AsyncIterator[tuple[bytes, int]]):
    """Audio queue to the engine; each chunk has a timestamp in milliseconds of the stream."""

    def __init__(self) -> None:
        self._chunks: deque[tuple[bytes, int]] = deque()
        self._seconds = 0.0
        self._added = asyncio.Event()

    def add(self, pcm: bytes, timestamp: int) -> None:
        """Add a chunk; drop the oldest if the queue is too long."""
        self._chunks.append((pcm, timestamp))
        self._seconds += seconds_of(pcm)
        while self._seconds > _MAX_SECONDS:
            self._seconds -= seconds_of(self._chunks.popleft()[0])
        self._added.set()

    def clear(self) -> None:
        """Discard queued audio."""
        self._chunks.clear()
        self._seconds = 0.0
        self._added.clear()

    async def __anext__(self) -> tuple[bytes, int]:
        """Return the next chunk. Cancelling this call loses no audio."""
        while not self._chunks:
            self._added.clear()
            await self._added.wait()
        chunk = self._chunks.popleft()
        self._seconds -= seconds_of(chunk[0])
        return chunk


class RemoteEngine:
    """Stream of one satellite to another engine. It belongs to the event loop."""

    def __init__(
        self,
        hass: HomeAssistant,
        reference: str,
        wake_words: tuple[str, ...],
        *,
        name: str,
        on_wake: Callable[[str, str, int], None],
        on_change: CALLBACK_TYPE,
    ) -> None:
        """Set up a stream to an engine.

        Args:
            hass: Home Assistant.
            reference: Result of `reference_of`.
            wake_words: Ids of the satellite's wake words.
            name: Name of the stream, for its task.
            on_wake: Called with the wake word's id, its phrase, and its end as a sample of the stream.
            on_change: Called when `works` changes.
        """
        self._hass = hass
        self._reference = reference
        self._wake_words = wake_words
        self._name = name
        self._on_wake = on_wake
        self._on_change = on_change
        self._waiting = _Waiting()
        self._task: asyncio.Task[None] | None = None
        self._broken_since: float | None = None

    @property
    def works(self) -> bool:
        """True if the engine listens, as far as is known."""
        return self._broken_since is None

    @property
    def broken(self) -> bool:
        """True if the engine has failed for so long that the user should check it."""
        return self._broken_since is not None and time.monotonic() - self._broken_since >= _BROKEN_AFTER

    @property
    def engine_name(self) -> str | None:
        """Name of the engine, or None if it is missing."""
        state = self._hass.states.get(entity_id_of(self._hass, self._reference))
        return None if state is None else state.name

    @callback
    def feed(self, pcm: bytes, end_sample: int) -> None:
        """Send the next audio: 16 kHz, 16-bit, mono PCM; end_sample is its end within the stream."""
        self._waiting.add(pcm, (end_sample - len(pcm) // 2) // _SAMPLES_PER_MS)
        if self._task is None or self._task.done():
            self._task = self._hass.async_create_background_task(
                self._async_run(), f"{DOMAIN}_remote_engine_{self._name}"
            )

    @callback
    def restart(self) -> None:
        """Discard queued audio; the next audio starts a new stream."""
        self._waiting.clear()
        if self._task is not None:
            self._task.cancel()
            self._task = None

    async def async_stop(self) -> None:
        """End the stream."""
        task = self._task
        self.restart()
        if task is not None:
            await asyncio.gather(task, return_exceptions=True)

    async def _async_run(self) -> None:
        """Listen, and restart after each wake word or failure."""
        failures = 0
        while True:
            if (result := await self._async_listen()) is None:
                # An engine that worked before is retried quickly.
                failures = 0 if self.works else failures
                self._set_works(False)
                await asyncio.sleep(_RETRY_SECONDS[min(failures, len(_RETRY_SECONDS) - 1)])
                failures += 1
                # Audio received during the pause is outdated.
                self._waiting.clear()
                continue
            self._set_works(True)
            self._on_wake(result.wake_word_id, result.wake_word_phrase, _end_of(result))

    async def _async_listen(self) -> DetectionResult | None:
        """Wait for a wake word; None if the engine is unavailable, fails or ends."""
        entity_id = entity_id_of(self._hass, self._reference)
        entity = async_get_wake_word_detection_entity(self._hass, entity_id)
        state = self._hass.states.get(entity_id)
        if entity is None or state is None or state.state == STATE_UNAVAILABLE:
            return None
        works = self._hass.loop.call_later(_WORKS_AFTER, self._set_works, True)
        try:
            return await entity.async_process_audio_stream(
                self._waiting, await self._async_wake_word_id(entity)
            )
        except Exception as err:  # noqa: BLE001
            _LOGGER.warning("Another integration's wake word engine failed: %s", type(err).__name__)
            return None
        finally:
            works.cancel()

    async def _async_wake_word_id(self, entity: WakeWordDetectionEntity) -> str | None:
        """Return the satellite's first wake word that the engine supports; None for the engine's default."""
        async with asyncio.timeout(_SUPPORTED_TIMEOUT):
            supported = {wake_word.id for wake_word in await entity.get_supported_wake_words()}
        return next((wake_word for wake_word in self._wake_words if wake_word in supported), None)

    @callback
    def _set_works(self, works: bool) -> None:
        """Update since when the engine has been failing."""
        if works is not self.works:
            self._broken_since = None if works else time.monotonic()
            self._on_change()


def _end_of(result: DetectionResult) -> int:
    """Return the sample at which the wake word ended; _NEVER if the engine does not report it."""
    milliseconds = result.timestamp
    if milliseconds is None and result.queued_audio:
        milliseconds = result.queued_audio[0][1]
    known = whole_number(milliseconds, 0, _NEVER // _SAMPLES_PER_MS)
    return _NEVER if known is None else known * _SAMPLES_PER_MS
