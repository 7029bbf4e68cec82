"""The sealed store on Home Assistant's threads: disk work in a thread of its own, rows through the recorder.

Keys and sealed files are the truth; the rows in the recorder's database are a list of them that can be
rebuilt. So nothing here waits for the recorder: row work is queued, repeated until it succeeds, and
decided anew at the next opening.
"""

import asyncio
from collections.abc import Callable, Collection, Coroutine, Mapping
from concurrent.futures import ThreadPoolExecutor
import contextlib
from dataclasses import dataclass, field, replace
from datetime import date
import logging
from pathlib import Path
from typing import Any, Final, override

from homeassistant.components.recorder import Recorder
from homeassistant.components.recorder.tasks import RecorderTask
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.recorder import DATA_INSTANCE
from sqlalchemy import Engine
from sqlalchemy.exc import DatabaseError

from .core.errors import AudioFolderMissing, KeyFileLost, RecordingUnreadable, StoreError
from .core.models import DeletionReceipt, RecordingContent, RecordingInfo, StoreSummary, Utterance
from .storage.backlog import RowBacklog
from .storage.index import RecordingIndex
from .storage.rows import RowBatch, RowsFound, apply_batch, delete_foreign_rows, drop_table, read_rows
from .storage.vault import Reconciled, Vault

_LOGGER = logging.getLogger(__name__)

_CLOSE_TIMEOUT: Final = 5.0
"""Seconds that closing waits for work under way; what is left is done after the next opening."""

_READ_ROWS_TIMEOUT: Final = 10.0
"""Seconds that opening waits for the rows; without them it reads the sealed files."""

_RECORDER_TIMEOUT: Final = 30.0
"""Seconds that a caller waits for work in the recorder's thread, which a backup may hold up."""

_RETRY_SECONDS: Final = (1.0, 5.0, 30.0, 60.0)
"""Pauses after row work failed; the last one repeats."""

_FORGET_AT_ONCE: Final = 1_000
"""Recordings taken out of the list one by one; of more, a list of the rest is made in the thread."""

_SWEEP_BATCH: Final = 50
"""Files removed at once, so that keeping never waits long behind a large deletion."""


@dataclass(slots=True)
class _RowTask(RecorderTask):
    """Row work in the recorder's thread; it commits core's own events first, so as never to lose any."""

    work: Callable[[Engine], Any] = field(repr=False)
    on_done: Callable[[Any, Exception | None], None] = field(repr=False)

    @override
    def run(self, instance: Recorder) -> None:
        """Do the work and report to the event loop."""
        result: Any = None
        error: Exception | None = None
        try:
            result = self.work(_engine_of(instance))
        except Exception as err:  # noqa: BLE001
            # Whatever it is belongs to the waiting event loop, not to the recorder.
            error = err
        with contextlib.suppress(RuntimeError):
            # The event loop may be closed by now.
            instance.hass.loop.call_soon_threadsafe(self.on_done, result, error)
        if isinstance(error, DatabaseError) and _is_corruption(error):
            # The recorder replaces a corrupt database, but only when it hears of it.
            raise error


def _engine_of(instance: Recorder) -> Engine:
    """Return the recorder's engine of this moment; it may have another one a moment later."""
    if instance.engine is None:
        raise StoreError("the recorder is not connected")
    return instance.engine


def _is_corruption(error: DatabaseError) -> bool:
    """Return whether the recorder will replace the database on account of this error."""
    cause = str(error.__cause__)
    return "malformed" in cause or "not a database" in cause


class _RowQueue:
    """Row work that waits for the recorder, one task at a time. It belongs to the event loop."""

    def __init__(
        self, hass: HomeAssistant, store_id: str, everything: Callable[[], Collection[RecordingInfo]]
    ) -> None:
        """Prepare the queue; `everything` returns all recordings, for a database that was replaced."""
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
        """The recorder, None where there is none or its thread has ended."""
        instance = self._hass.data.get(DATA_INSTANCE)
        return instance if instance is not None and instance.is_alive() else None

    async def async_read(self) -> RowsFound | None:
        """Return what the table holds, None when it cannot be asked."""
        if (instance := self.recorder) is None:
            return None
        try:
            async with asyncio.timeout(_READ_ROWS_TIMEOUT):
                if not await asyncio.shield(instance.async_db_ready):
                    return None
                return await instance.async_add_executor_job(self._read, instance)
        except Exception as err:  # noqa: BLE001
            # A database in whatever state keeps nobody from his recordings.
            _LOGGER.warning(
                "The recorder's rows cannot be read (%s); reading the sealed files", type(err).__name__
            )
            return None

    def _read(self, instance: Recorder) -> RowsFound | None:
        return None if instance.engine is None else read_rows(instance.engine, self._store_id)

    @callback
    def schedule(self, *, even_if_empty: bool = False) -> None:
        """Have waiting work done; an empty task makes sure of the table."""
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
            _RowTask(
                lambda engine: apply_batch(engine, self._store_id, batch),
                lambda made_table, error: self._done(batch, made_table, error),
            )
        )

    @callback
    def _done(self, batch: RowBatch, made_table: bool | None, error: Exception | None) -> None:
        """Go on after one task."""
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
        self.schedule()

    @callback
    def _try_again(self) -> None:
        self._retry = None
        self.schedule(even_if_empty=True)

    async def async_flush(self, timeout: float | None = None) -> None:
        """Wait until no row work is left, or no recorder is there to do it. Raises StoreError after `timeout`."""
        try:
            async with asyncio.timeout(timeout):
                while (self.backlog or self._running) and self.recorder is not None:
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError as err:
            raise StoreError("the recorder is busy") from err

    async def async_close(self) -> None:
        """Wait a little for work under way and start no more."""
        if self._failures == 0:
            with contextlib.suppress(StoreError):
                await self.async_flush(_CLOSE_TIMEOUT)
        self._closed = True
        if self._retry is not None:
            self._retry.cancel()
            self._retry = None

    async def async_run(self, work: Callable[[Engine], None]) -> None:
        """Do something once in the recorder's thread. Raises StoreError when it cannot be done now."""
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

        instance.queue_task(_RowTask(work, on_done))
        try:
            async with asyncio.timeout(_RECORDER_TIMEOUT):
                await future
        except TimeoutError as err:
            raise StoreError("the recorder is busy") from err


class RecordingStore:
    """Everything that is kept. It belongs to the event loop and never blocks it."""

    def __init__(self, hass: HomeAssistant, folder: Path, key_folder: Path | None = None) -> None:
        """Prepare a store in a folder; its keys may live in another one."""
        self._hass = hass
        self._vault = Vault(folder, key_folder)
        self._executor: ThreadPoolExecutor | None = None
        self._index = RecordingIndex()
        self._rows: _RowQueue | None = None
        self._unreadable: set[str] = set()
        self._foreign_rows = 0
        self._files_set_aside = 0
        self._read_only = False
        self._ready = False
        self._started_monotonic: dict[str, float] = {}
        self._tasks: set[asyncio.Task[Any]] = set()
        self._lock = asyncio.Lock()
        self._sweeping: asyncio.Task[None] | None = None

    # --- opening and closing ---------------------------------------------------------------------

    async def async_open(self) -> None:
        """Open keys, files and rows, and purge what belongs to deleted recordings.

        Raises StoreInUse or StoreError; KeyFileLost leaves the store read-only: nothing is kept and
        nothing is purged. AudioFolderMissing leaves it open for deleting, until another opening finds it.
        """
        if self._ready:
            if self._vault.audio_available:
                return
            await self.async_close()
        self._read_only = False
        self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="voice_privacy_store")
        try:
            await self._async_open()
        except BaseException as err:
            self._read_only = isinstance(err, KeyFileLost)
            await self._async_shut_down()
            raise
        if not self._vault.audio_available:
            raise AudioFolderMissing

    async def _async_open(self) -> None:
        await self._async_job(self._vault.open)
        rows = _RowQueue(self._hass, self._vault.store_id, self._everything)
        found = await rows.async_read()
        state: Reconciled = await self._async_job(
            self._vault.reconcile, None if found is None else found.recordings
        )
        # A hundred thousand recordings take long enough to hold the event loop up.
        self._index = await self._async_job(
            lambda: RecordingIndex(self._with_monotonic(info) for info in state.recordings)
        )
        self._unreadable = set(state.unreadable)
        self._foreign_rows = len(state.ahead_rows) + (0 if found is None else found.foreign)
        self._files_set_aside = state.files_set_aside
        rows.backlog.delete(state.dead_rows)
        rows.backlog.set_aside(state.ahead_rows)
        rows.backlog.write(state.missing_rows)
        self._rows = rows
        self._ready = True
        rows.schedule(even_if_empty=True)
        self._start_sweep()

    def _everything(self) -> Collection[RecordingInfo]:
        return self._index.recordings.values()

    def _with_monotonic(self, info: RecordingInfo) -> RecordingInfo:
        started = self._started_monotonic.get(info.recording_id)
        return info if started is None else replace(info, started_monotonic=started)

    async def async_close(self) -> None:
        """Finish what is under way, give up the key file and end the thread."""
        self._ready = False
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=_CLOSE_TIMEOUT)
        if self._rows is not None:
            await self._rows.async_close()
            self._rows = None
        if self._sweeping is not None:
            await asyncio.wait([self._sweeping])
        self._index = RecordingIndex()
        await self._async_shut_down()

    async def _async_shut_down(self) -> None:
        if self._executor is None:
            return
        executor, self._executor = self._executor, None
        executor.submit(self._vault.close)
        await self._hass.async_add_executor_job(executor.shutdown)

    async def async_remove(self) -> None:
        """Uninstall: destroy the keys, then remove rows and files. The store may be closed.

        Raises StoreInUse or StoreError.
        """
        rows = self._rows or _RowQueue(self._hass, "", tuple)
        if self._rows is not None:
            await self._rows.async_close()
        if self._executor is None:
            self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="voice_privacy_store")
        try:
            await self._async_job(self._vault.remove)
            if rows.recorder is not None:
                await rows.async_run(drop_table)
        finally:
            await self.async_close()

    # --- what is kept ----------------------------------------------------------------------------

    @property
    def is_open(self) -> bool:
        """Whether recordings can be deleted."""
        return self._ready

    @property
    def read_only(self) -> bool:
        """Whether the key file is lost, so that nothing is kept and nothing is purged."""
        return self._read_only

    @property
    def recordings(self) -> Mapping[str, RecordingInfo]:
        """A live view by recording id, in the order of sequences."""
        return self._index.recordings

    @property
    def unreadable(self) -> int:
        """How many recordings have a key but no file that opens; they can be deleted."""
        return len(self._unreadable)

    @property
    def unreadable_ids(self) -> frozenset[str]:
        """Ids of recordings that do not open; some of them cannot even be listed."""
        return frozenset(self._unreadable)

    @property
    def not_restored(self) -> int:
        """How many rows or files of recordings are left whose keys this store never had."""
        return max(self._foreign_rows, self._files_set_aside)

    @property
    def pending_rows(self) -> int:
        """How many rows wait to be written or deleted."""
        return 0 if self._rows is None else len(self._rows.backlog)

    def summary(self, satellite_id: str | None = None) -> StoreSummary:
        """Return the figures of one satellite or of the house."""
        return self._index.summary(satellite_id)

    async def async_read(self, recording_id: str) -> tuple[RecordingInfo, RecordingContent]:
        """Open a recording. Raises RecordingNotFound, RecordingUnreadable or StoreError."""
        self._check_open()
        try:
            info, content = await self._async_job(self._vault.read, recording_id)
        except RecordingUnreadable:
            self._unreadable.add(recording_id)
            raise
        return self._index.recordings.get(recording_id, info), content

    # --- notes about recordings, sealed with keys made from theirs --------------------------------

    async def async_write_note(self, recording_id: str, note: bytes) -> None:
        """Seal a note in place of an earlier one. Raises RecordingNotFound or StoreError."""
        self._check_open()
        await self._async_job(self._vault.write_note, recording_id, note)

    async def async_read_notes(self) -> dict[str, bytes]:
        """Open all notes, by recording id. Raises StoreError."""
        self._check_open()
        return await self._async_job(self._vault.read_notes)

    async def async_remove_notes(self, recording_ids: Collection[str]) -> int:
        """Remove notes; return how many of them are still on disk. Raises StoreError."""
        self._check_open()
        return await self._async_job(self._vault.remove_notes, recording_ids)

    # --- keeping and deleting --------------------------------------------------------------------

    async def async_keep(self, utterance: Utterance, local_date: date) -> RecordingInfo:
        """Keep an utterance and return once sealed file and key are durable; its row follows.

        Keeping the same utterance again changes nothing. Raises StoreFull, KeyFileLost or StoreError,
        and then nothing is kept. A caller that is canceled does not undo it.
        """
        self._check_open()
        return await self._async_uninterrupted(self._async_keep(utterance, local_date))

    async def _async_keep(self, utterance: Utterance, local_date: date) -> RecordingInfo:
        info: RecordingInfo = await self._async_job(self._vault.keep, utterance, local_date)
        self._started_monotonic[info.recording_id] = utterance.started_monotonic
        info = self._with_monotonic(info)
        if info.recording_id not in self._index.recordings:
            self._index.add(info)
        if self._rows is not None:
            self._rows.backlog.write([info])
            self._rows.schedule()
        return info

    async def async_delete(self, recording_ids: Collection[str]) -> DeletionReceipt:
        """Destroy the keys of recordings; return once they are zero on disk and were read back.

        Rows and files follow, after a crash too. Works with a full disk, a locked database and without
        the files. Raises KeyFileLost or StoreError. A caller that is canceled does not stop it.
        """
        self._check_open()
        return await self._async_uninterrupted(self._async_delete(frozenset(recording_ids)))

    async def _async_delete(self, recording_ids: frozenset[str]) -> DeletionReceipt:
        destroyed: list[str] = await self._async_job(self._vault.destroy, recording_ids)
        gone = frozenset(destroyed)
        if len(gone) > _FORGET_AT_ONCE:
            # In the thread, where the old list is also freed: the event loop only changes over to the rest.
            before, self._index = self._index, await self._async_job(self._index.without, gone)
            self._let_go(before)
            del before
        else:
            for recording_id in gone:
                self._index.discard(recording_id)
        for recording_id in self._started_monotonic.keys() & gone:
            del self._started_monotonic[recording_id]
        self._unreadable -= gone
        if self._rows is not None:
            self._rows.backlog.delete(gone)
            self._rows.schedule()
        if destroyed:
            self._start_sweep()
        return DeletionReceipt(
            asked=len(recording_ids),
            deleted=len(destroyed),
            already_gone=len(recording_ids) - len(destroyed),
            pending_row_work=len(destroyed),
        )

    def _let_go(self, index: RecordingIndex) -> None:
        """Free an index in the thread, which a hundred thousand recordings keep busy for a while."""
        if self._executor is not None:
            self._executor.submit(index.clear)

    @callback
    def _start_sweep(self) -> None:
        if self._sweeping is None:
            # Not eager: a sweep that is done at once would end before it is noted here, and be the last.
            self._sweeping = self._hass.async_create_background_task(
                self._async_sweep(), "voice_privacy sweep", eager_start=False
            )

    async def _async_sweep(self) -> None:
        """Remove the files of destroyed keys, a few at a time; what fails waits for the next opening."""
        try:
            while await self._async_job(self._vault.sweep, _SWEEP_BATCH) and self._ready:
                pass
        except StoreError as err:
            _LOGGER.warning("Sealed files of deleted recordings have to wait (%s)", err)
        finally:
            self._sweeping = None

    async def async_remove_not_restored(self) -> None:
        """Remove rows and files whose keys this store never had. Raises StoreError."""
        self._check_open()
        if self._rows is not None and self._foreign_rows:
            store_id = self._vault.store_id
            await self._rows.async_flush(_RECORDER_TIMEOUT)
            await self._rows.async_run(lambda engine: delete_foreign_rows(engine, store_id))
            self._foreign_rows = 0
        await self._async_job(self._vault.remove_set_aside)
        self._files_set_aside = 0

    async def async_flush(self) -> None:
        """Wait until files are swept and rows are written and deleted."""
        if self._sweeping is not None:
            await asyncio.wait([self._sweeping])
        if self._rows is not None:
            await self._rows.async_flush()

    # --- threads ---------------------------------------------------------------------------------

    def _check_open(self) -> None:
        if self._read_only:
            raise KeyFileLost
        if not self._ready:
            raise StoreError("the store is closed")

    async def _async_job[**P, R](self, work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Do blocking work in the store's own thread, one thing after the other."""
        if self._executor is None:
            raise StoreError("the store is closed")
        return await self._hass.loop.run_in_executor(self._executor, lambda: work(*args, **kwargs))

    async def _async_uninterrupted[R](self, work: Coroutine[Any, Any, R]) -> R:
        """Await work that goes on when its caller is canceled: disk and memory must agree."""
        task = self._hass.async_create_task(
            self._async_in_turn(work), "voice_privacy store", eager_start=True
        )
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return await asyncio.shield(task)

    async def _async_in_turn[R](self, work: Coroutine[Any, Any, R]) -> R:
        """One change at a time: a quick job's result can overtake that of the one before it."""
        async with self._lock:
            return await work
