"""Another wake word engine of the house, for a satellite whose words are not heard on this machine.

What the satellite hears goes to that engine, before any wake word too: the owner is told so when choosing it.
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

_LOGGER = logging.getLogger(__name__)

_MAX_SECONDS: Final = 5.0
"""Audio that waits for a slow engine; the oldest makes room."""

_RETRY_SECONDS: Final = (5.0, 15.0, 60.0)
"""Pauses after the engine was missing, failed, or gave up; the last one repeats."""

_WORKS_AFTER: Final = 2.0
"""An engine that has listened for so long without giving up works."""

_BROKEN_AFTER: Final = 60.0
"""Seconds after which a person is asked to look at an engine that does not work."""

_SUPPORTED_TIMEOUT: Final = 5.0
_SAMPLES_PER_MS: Final = SAMPLE_RATE // 1000
_NEVER: Final = 2**62
"""A sample that no stream reaches."""


@callback
def engine_reference(hass: HomeAssistant, entity_id: str) -> str:
    """Return what an engine is remembered by: renaming its entity changes nothing."""
    entity = er.async_get(hass).async_get(entity_id)
    return entity.id if entity else entity_id


@callback
def engine_entity_id(hass: HomeAssistant, reference: str) -> str:
    """Return the entity id of an engine, by whatever name it goes now."""
    entity = er.async_get(hass).entities.get_entry(reference)
    return entity.entity_id if entity else reference


@callback
def is_other_engine(hass: HomeAssistant, entity_id: str) -> bool:
    """Return whether an entity is a wake word engine and not our own."""
    entity = er.async_get(hass).async_get(entity_id)
    if entity is not None and entity.platform == DOMAIN:
        return False
    return async_get_wake_word_detection_entity(hass, entity_id) is not None


class _Waiting(AsyncIterator[tuple[bytes, int]]):
    """Audio on its way to the engine, with the timestamp of each chunk in milliseconds of the stream."""

    def __init__(self) -> None:
        self._chunks: deque[tuple[bytes, int]] = deque()
        self._seconds = 0.0
        self._added = asyncio.Event()

    def add(self, pcm: bytes, timestamp: int) -> None:
        """Add a chunk; forget the oldest when too much waits."""
        self._chunks.append((pcm, timestamp))
        self._seconds += seconds_of(pcm)
        while self._seconds > _MAX_SECONDS:
            self._seconds -= seconds_of(self._chunks.popleft()[0])
        self._added.set()

    def clear(self) -> None:
        """Forget what waits."""
        self._chunks.clear()
        self._seconds = 0.0
        self._added.clear()

    async def __anext__(self) -> tuple[bytes, int]:
        """Return the next chunk. Canceling it loses nothing."""
        while not self._chunks:
            self._added.clear()
            await self._added.wait()
        chunk = self._chunks.popleft()
        self._seconds -= seconds_of(chunk[0])
        return chunk


class RemoteEngine:
    """One satellite's stream to another engine. It belongs to the event loop."""

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
        """Prepare a stream to an engine, as of engine_reference.

        on_wake is given the wake word's id, its phrase, and the samples of the stream up to its end.
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
        """Whether the engine listens, as far as is known."""
        return self._broken_since is None

    @property
    def broken(self) -> bool:
        """Whether it has not worked for so long that somebody should look."""
        return self._broken_since is not None and time.monotonic() - self._broken_since >= _BROKEN_AFTER

    @callback
    def feed(self, pcm: bytes, end_sample: int) -> None:
        """Send the next audio; end_sample counts the stream's samples up to its end."""
        self._waiting.add(pcm, (end_sample - len(pcm) // 2) // _SAMPLES_PER_MS)
        if self._task is None or self._task.done():
            self._task = self._hass.async_create_background_task(
                self._async_run(), f"{DOMAIN}_remote_engine_{self._name}"
            )

    @callback
    def restart(self) -> None:
        """Send nothing more of what was heard; the next audio begins a new stream."""
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
        """Listen, and go on listening after a wake word or a failure."""
        failures = 0
        while True:
            if (result := await self._async_listen()) is None:
                # An engine that had worked is tried again soon.
                failures = 0 if self.works else failures
                self._set_works(False)
                await asyncio.sleep(_RETRY_SECONDS[min(failures, len(_RETRY_SECONDS) - 1)])
                failures += 1
                # What was said meanwhile is over.
                self._waiting.clear()
                continue
            self._set_works(True)
            self._on_wake(result.wake_word_id, result.wake_word_phrase, _end_of(result))

    async def _async_listen(self) -> DetectionResult | None:
        """Let the engine listen until it hears a wake word; None when it cannot, or has given up."""
        entity_id = engine_entity_id(self._hass, self._reference)
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
            _LOGGER.warning("A wake word engine failed: %s", type(err).__name__)
            return None
        finally:
            works.cancel()

    async def _async_wake_word_id(self, entity: WakeWordDetectionEntity) -> str | None:
        """Return the first wake word of the satellite that the engine knows, None for its own choice."""
        async with asyncio.timeout(_SUPPORTED_TIMEOUT):
            supported = {wake_word.id for wake_word in await entity.get_supported_wake_words()}
        return next((wake_word for wake_word in self._wake_words if wake_word in supported), None)

    @callback
    def _set_works(self, works: bool) -> None:
        """Remember since when it does not work."""
        if works is not self.works:
            self._broken_since = None if works else time.monotonic()
            self._on_change()


def _end_of(result: DetectionResult) -> int:
    """Return the sample where the wake word ended; a large number where the engine does not say."""
    milliseconds = result.timestamp
    if milliseconds is None and result.queued_audio:
        milliseconds = result.queued_audio[0][1]
    known = whole_number(milliseconds, 0, _NEVER // _SAMPLES_PER_MS)
    return _NEVER if known is None else known * _SAMPLES_PER_MS
