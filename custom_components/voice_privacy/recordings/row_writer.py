"""Row work in the recorder's thread: queued and retried, so that deletions never wait for it."""

import asyncio
from collections.abc import Callable, Collection
import contextlib
from dataclasses import dataclass, field
from itertools import batched
import logging
from typing import Any, Final, override

from homeassistant.components.recorder import Recorder
from homeassistant.components.recorder.tasks import RecorderTask
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.recorder import DATA_INSTANCE
from sqlalchemy import Engine
from sqlalchemy.exc import DatabaseError

from ..core.errors import StoreError
from ..core.models import RecordingInfo
from ..storage.row_backlog import RowBacklog
from ..storage.rows import RowBatch, RowsFound, apply_batch, count_rows, read_rows

_LOGGER = logging.getLogger(__name__)

_CLOSE_TIMEOUT: Final = 5.0
"""Seconds that closing waits for the current work; the rest is done after the next opening."""

_READ_ROWS_TIMEOUT: Final = 10.0
"""Seconds that opening waits for the rows; after that the sealed files are read instead."""

RECORDER_TIMEOUT: Final = 30.0
"""Seconds that a caller waits for work in the recorder's thread, which a backup may block."""

_RETRY_SECONDS: Final = (1.0, 5.0, 30.0, 60.0)
"""Delays in seconds after failed row work; the last one repeats."""

_COUNT_AT_ONCE: Final = 500
"""Maximum number of ids per query, within the limits of every database engine."""


@dataclass(slots=True)
class RecorderWork(RecorderTask):
    """Work in the recorder's thread; core's pending events are committed first, so none are lost."""

    work: Callable[[Recorder], Any] = field(repr=False)
    on_done: Callable[[Any, Exception | None], None] = field(repr=False)

    @override
    def run(self, instance: Recorder) -> None:
        """Do the work and pass its result to the event loop."""
        result: Any = None
        error: Exception | None = None
        try:
            result = self.work(instance)
        except Exception as err:  # noqa: BLE001
            # Any exception belongs to the event loop that waits, not to the recorder.
            error = err
        with contextlib.suppress(RuntimeError):
            # The event loop may already be closed.
            instance.hass.loop.call_soon_threadsafe(self.on_done, result, error)
        if isinstance(error, DatabaseError) and _is_corruption(error):
            # The recorder replaces a corrupt database only if the exception reaches it.
            raise error


def _engine_of(instance: Recorder) -> Engine:
    """Return the recorder's current engine, which may be replaced later. Raises StoreError."""
    if instance.engine is None:
        raise StoreError("the recorder is not connected")
    return instance.engine


def _is_corruption(error: DatabaseError) -> bool:
    """Return whether this error makes the recorder replace the database."""
    cause = str(error.__cause__)
    return "malformed" in cause or "not a database" in cause


class RowQueue:
    """Queue of row work for the recorder, one task at a time. It belongs to the event loop."""

    def __init__(
        self,
        hass: HomeAssistant,
        store_id: str,
        everything: Callable[[], Collection[RecordingInfo]],
        on_done: Callable[[], None],
    ) -> None:
        """Set up the queue.

        Args:
            hass: Home Assistant.
            store_id: Id of the store, which its rows carry.
            everything: Returns all recordings, to fill a database that was replaced.
            on_done: Called after each finished task.
        """
        self._on_done = on_done
        self.backlog = RowBacklog()
        self._hass = hass
        self._store_id = store_id
        self._everything = everything
        self._running = False
        self._closed = False
        self._failures = 0
        self._retry: asyncio.TimerHandle | None = None
        self._changed = asyncio.Event()

    @property
    def recorder(self) -> Recorder | None:
        """The recorder; None if there is none or its thread has ended."""
        instance = self._hass.data.get(DATA_INSTANCE)
        return instance if instance is not None and instance.is_alive() else None

    async def async_read(self) -> RowsFound | None:
        """Return the rows of the table; None if they cannot be read."""
        if (instance := self.recorder) is None:
            return None
        try:
            async with asyncio.timeout(_READ_ROWS_TIMEOUT):
                if not await asyncio.shield(instance.async_db_ready):
                    return None
                return await instance.async_add_executor_job(self._read, instance)
        except Exception as err:  # noqa: BLE001
            # A broken recorder database must not block access to recordings.
            _LOGGER.warning(
                "The recorder's rows cannot be read (%s); reading the sealed files", type(err).__name__
            )
            return None

    def _read(self, instance: Recorder) -> RowsFound | None:
        return None if instance.engine is None else read_rows(instance.engine, self._store_id)

    async def async_count(self, recording_ids: Collection[str]) -> int | None:
        """Return how many of these rows exist; None if they cannot be counted."""
        if (instance := self.recorder) is None:
            return None
        try:
            async with asyncio.timeout(RECORDER_TIMEOUT):
                return await instance.async_add_executor_job(self._count, instance, recording_ids)
        except Exception as err:  # noqa: BLE001
            # The keys of these recordings are destroyed, whatever the state of the database.
            _LOGGER.warning("The recorder's rows cannot be counted (%s)", type(err).__name__)
            return None

    def _count(self, instance: Recorder, recording_ids: Collection[str]) -> int | None:
        if (engine := instance.engine) is None:
            return None
        return sum(
            count_rows(engine, self._store_id, batch)
            for batch in batched(recording_ids, _COUNT_AT_ONCE, strict=False)
        )

    @callback
    def schedule(self, *, even_if_empty: bool = False) -> None:
        """Start pending work; an empty task checks that the table exists."""
        if self._running or self._closed or self._retry is not None:
            return
        if not even_if_empty and not self.backlog:
            self._changed.set()
            return
        if (instance := self.recorder) is None:
            self._changed.set()
            return
        batch = self.backlog.next_batch()
        self._running = True
        instance.queue_task(
            RecorderWork(
                lambda recorder: apply_batch(_engine_of(recorder), self._store_id, batch),
                lambda made_table, error: self._done(batch, made_table, error),
            )
        )

    @callback
    def _done(self, batch: RowBatch, made_table: bool | None, error: Exception | None) -> None:
        """Continue after a finished or failed task."""
        self._running = False
        if error is not None:
            if self._failures == 0:
                _LOGGER.warning("Recorder rows have to wait (%s)", type(error).__name__)
            if not self._closed:
                pause = _RETRY_SECONDS[min(self._failures, len(_RETRY_SECONDS) - 1)]
                self._retry = self._hass.loop.call_later(pause, self._try_again)
            self._failures += 1
            self._changed.set()
            return
        self._failures = 0
        self.backlog.done(batch)
        if made_table:
            self.backlog.write(self._everything())
        self._changed.set()
        self._on_done()
        self.schedule()

    @callback
    def _try_again(self) -> None:
        self._retry = None
        self.schedule(even_if_empty=True)

    async def async_flush(self, timeout: float | None = None) -> None:
        """Wait until no row work or no recorder is left. Raises StoreError after `timeout` seconds."""
        try:
            async with asyncio.timeout(timeout):
                while (self.backlog or self._running) and self.recorder is not None:
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError as err:
            raise StoreError("the recorder is busy") from err

    async def async_close(self) -> None:
        """Wait briefly for the current work and start no more."""
        if self._failures == 0:
            with contextlib.suppress(StoreError):
                await self.async_flush(_CLOSE_TIMEOUT)
        self._closed = True
        if self._retry is not None:
            self._retry.cancel()
            self._retry = None

    async def async_run(self, work: Callable[[Engine], None]) -> None:
        """Run a function once in the recorder's thread. Raises StoreError if that is not possible now."""
        if (instance := self.recorder) is None:
            raise StoreError("there is no recorder")
        future: asyncio.Future[None] = self._hass.loop.create_future()

        @callback
        def on_done(_result: Any, error: Exception | None) -> None:
            if future.done():
                return
            if error is None:
                future.set_result(None)
            else:
                future.set_exception(StoreError(type(error).__name__))

        instance.queue_task(RecorderWork(lambda recorder: work(_engine_of(recorder)), on_done))
        try:
            async with asyncio.timeout(RECORDER_TIMEOUT):
                await future
        except TimeoutError as err:
            raise StoreError("the recorder is busy") from err
