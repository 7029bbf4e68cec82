"""The sealed store on Home Assistant's threads: disk work in a separate thread, rows through the recorder.

Keys and sealed files are authoritative; the rows in the recorder's database are an index that can be
rebuilt. Therefore nothing waits for the recorder: row work is queued, retried until it succeeds, and
determined again at the next opening.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Coroutine, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
import contextlib
from dataclasses import replace
from datetime import date
import gc
import logging
from pathlib import Path
from typing import Any, Final, Literal

from homeassistant.core import HomeAssistant, callback

from ..const import DOMAIN
from ..core.cleaning import MAX_LANGUAGE, MAX_REPLY, MAX_TRANSCRIPT, clean_name, clean_text
from ..core.errors import (
    AudioFolderMissing,
    EncryptionUnavailable,
    KeyFileLost,
    RecordingUnreadable,
    StoreError,
)
from ..core.feedback import Feedback
from ..core.models import DeletionReceipt, RecordingContent, RecordingInfo, StoreSummary, Utterance
from ..storage.index import RecordingIndex
from ..storage.reconciled import Reconciled
from ..storage.remains import Evidence
from ..storage.rows import delete_foreign_rows, drop_table
from ..storage.vault import Vault
from .key_folders import KeyFolders
from .row_writer import RECORDER_TIMEOUT, RowQueue

_LOGGER = logging.getLogger(__name__)

_CLOSE_TIMEOUT: Final = 5.0
"""Seconds that closing waits for current work; the rest is done after the next opening."""

_FORGET_AT_ONCE: Final = 1_000
"""Maximum number of recordings removed from the index in place; for more, a thread builds a new index."""

_SWEEP_BATCH: Final = 50
"""Number of files removed at once, so that storing does not wait long behind a large deletion."""


class RecordingStore:
    """All stored recordings. It belongs to the event loop and never blocks it."""

    def __init__(
        self,
        hass: HomeAssistant,
        folder: Path,
        key_folder: Path | None = None,
        key_folders_before: Collection[Path] = (),
    ) -> None:
        """Set up a store in a folder, with an optional separate key folder.

        Keys found in key_folders_before are moved to the key folder when the store is opened.
        """
        self._hass = hass
        self._vault = Vault(folder, key_folder, key_folders_before=key_folders_before)
        self._executor: ThreadPoolExecutor | None = None
        self._index = RecordingIndex()
        self._rows: RowQueue | None = None
        self._unreadable: set[str] = set()
        self._foreign_rows = 0
        self._files_set_aside = 0
        self._read_only = False
        self._ready = False
        self._started_monotonic: dict[str, float] = {}
        self._tasks: set[asyncio.Task[Any]] = set()
        self._lock = asyncio.Lock()
        self._reading = asyncio.Lock()
        self._sweeping: asyncio.Task[None] | None = None
        self._on_removed: set[Callable[[], None]] = set()

    # --- opening and closing ---------------------------------------------------------------------

    async def async_open(self) -> None:
        """Open keys, files and rows, and purge the leftovers of deleted recordings.

        Raises StoreInUse or StoreError. KeyFileLost leaves the store read-only: nothing is stored and nothing
        is purged. AudioFolderMissing and EncryptionUnavailable leave it open for deletions until it is opened
        again and the missing part is found.
        """
        if self._ready:
            if self._vault.audio_available and self._vault.encryption_fault is None:
                return
            await self.async_close()
        self._read_only = False
        self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="voice_privacy_store")
        try:
            with _objects_spared() as spare:
                await self._async_open(spare)
        except BaseException as err:
            self._read_only = isinstance(err, KeyFileLost)
            await self._async_shut_down()
            raise
        if not self._vault.audio_available:
            raise AudioFolderMissing
        if (fault := self._vault.encryption_fault) is not None:
            _LOGGER.warning("Encryption is unavailable, recordings cannot be sealed or opened (%s)", fault)
            raise EncryptionUnavailable(*fault.args)

    async def _async_open(self, spare: Callable[[], None]) -> None:
        await self._async_job(self._vault.open)
        spare()
        rows = RowQueue(self._hass, self._vault.store_id, self._everything, self._removed)
        found = await rows.async_read()
        spare()
        state: Reconciled = await self._async_job(
            self._vault.reconcile, None if found is None else found.recordings
        )
        # Building an index of a hundred thousand recordings would block the event loop.
        infos = map(self._with_monotonic, state.recordings) if self._started_monotonic else state.recordings
        self._index = await self._async_job(RecordingIndex, infos)
        if state.false_rows:
            _LOGGER.warning(
                "%s rows of the recorder's database did not tell what the sealed recordings do, and were "
                "written again: somebody, or a fault, has changed the database",
                state.false_rows,
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
        """Finish current work, release the key file and end the thread."""
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
        """Destroy the keys, then remove rows and files, for uninstallation. The store may be closed.

        Raises StoreInUse or StoreError.
        """
        rows = self._rows or RowQueue(self._hass, "", tuple, self._removed)
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

    # --- stored recordings -----------------------------------------------------------------------

    @property
    def is_open(self) -> bool:
        """True if recordings can be deleted."""
        return self._ready

    @property
    def read_only(self) -> bool:
        """True if the key file is lost, so that nothing is stored and nothing is purged."""
        return self._read_only

    @property
    def recordings(self) -> Mapping[str, RecordingInfo]:
        """Live view by recording id, in the order of sequence numbers."""
        return self._index.recordings

    @property
    def unreadable(self) -> int:
        """Number of recordings with a key but no readable file; they can be deleted."""
        return len(self._unreadable)

    @property
    def unreadable_ids(self) -> frozenset[str]:
        """Ids of unreadable recordings; some of them cannot be listed."""
        return frozenset(self._unreadable)

    @property
    def not_restored(self) -> int:
        """Number of rows or files of recordings whose keys were never in this key file."""
        return max(self._foreign_rows, self._files_set_aside)

    @property
    def pending_rows(self) -> int:
        """Number of rows waiting to be written or deleted."""
        return 0 if self._rows is None else len(self._rows.backlog)

    def summary(self, satellite_id: str | None = None) -> StoreSummary:
        """Return store figures for one satellite, or for the house."""
        return self._index.summary(satellite_id)

    def recordings_of(self, satellite_id: str | None) -> Mapping[str, RecordingInfo]:
        """Return the stored recordings of a satellite, or of the house, in the order of their sequences."""
        return self._index.of(satellite_id)

    @property
    def ever_kept(self) -> bool:
        """True if anything was ever stored, even if it has been deleted since."""
        return self._vault.ever_kept

    @property
    def satellite_ids(self) -> Collection[str]:
        """Satellites with stored recordings, including removed satellites."""
        return self._index.satellite_ids

    async def async_read(self, recording_id: str) -> tuple[RecordingInfo, RecordingContent]:
        """Read a recording.

        Raises RecordingNotFound, RecordingUnreadable, EncryptionUnavailable or StoreError.
        """
        self._check_open()
        try:
            # One read at a time, so that writes and deletions wait for at most one.
            async with self._reading:
                info, content = await self._async_job(self._vault.read, recording_id)
        except RecordingUnreadable:
            self._unreadable.add(recording_id)
            raise
        # The file may be readable again, e.g. after its disk is back.
        self._unreadable.discard(recording_id)
        return self._index.recordings.get(recording_id, info), _cleaned(content)

    # --- notes about recordings, sealed with keys derived from theirs -----------------------------

    async def async_write_note(self, recording_id: str, note: bytes) -> None:
        """Seal a note, replacing an earlier one. Raises RecordingNotFound or StoreError."""
        self._check_open()
        await self._async_job(self._vault.write_note, recording_id, note)

    async def async_read_notes(self) -> dict[str, bytes]:
        """Return all notes by recording id. Raises StoreError."""
        self._check_open()
        return await self._async_job(self._vault.read_notes)

    async def async_note_ids(self) -> frozenset[str]:
        """Return the ids of recordings with a note, readable or not. Raises StoreError."""
        self._check_open()
        return await self._async_job(self._vault.note_ids)

    async def async_remove_notes(self, recording_ids: Collection[str]) -> int:
        """Remove notes; return the number of notes still on disk. Raises StoreError."""
        self._check_open()
        return await self._async_job(self._vault.remove_notes, recording_ids)

    # --- deletions that are not done yet ----------------------------------------------------------

    async def async_write_intentions(self, intended: Mapping[str, str | None]) -> None:
        """Write which recordings are to be deleted, with the users who asked. Raises StoreError."""
        self._check_open()
        await self._async_job(self._vault.write_intentions, dict(intended))

    async def async_read_intentions(self) -> dict[str, str | None]:
        """Return which recordings were to be deleted, with the users who asked. Raises StoreError."""
        self._check_open()
        return await self._async_job(self._vault.read_intentions)

    # --- storing and deleting --------------------------------------------------------------------

    async def async_keep(self, utterance: Utterance, local_date: date) -> RecordingInfo:
        """Store an utterance; return once sealed file and key are durable. Its row follows later.

        Storing the same utterance again changes nothing. Raises StoreFull, KeyFileLost or StoreError; then
        nothing is stored. Cancelling the caller does not undo it.
        """
        self._check_open()
        try:
            return await self._async_uninterrupted(self._async_keep(utterance, local_date))
        except AudioFolderMissing:
            if not await self._async_job(self._vault.must_be_opened_again):
                raise
        await self.async_close()
        await self.async_open()
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
        if self._vault.pending_removal:
            # The folder is available; files of deleted recordings may have waited for it.
            self._start_sweep()
        return info

    async def async_forget_text(self, recording_id: str) -> None:
        """Delete the transcript and reply of a recording permanently; its audio is kept.

        Raises RecordingNotFound, RecordingUnreadable, StoreFull, KeyFileLost or StoreError. Cancelling the
        caller does not stop it.
        """
        self._check_open()
        await self._async_uninterrupted(self._async_forget_text(recording_id))

    async def async_write_feedback(self, recording_id: str, feedback: Feedback) -> None:
        """Seal what somebody says was wrong with a recording together with it, replacing earlier feedback.

        Raises the same as async_forget_text. Cancelling the caller does not stop it.
        """
        self._check_open()
        await self._async_uninterrupted(self._async_write_feedback(recording_id, feedback))

    async def _async_write_feedback(self, recording_id: str, feedback: Feedback) -> None:
        await self._async_reseal(
            recording_id, self._async_job(self._vault.write_feedback, recording_id, feedback)
        )

    async def _async_forget_text(self, recording_id: str) -> None:
        await self._async_reseal(recording_id, self._async_job(self._vault.forget_text, recording_id))

    async def _async_reseal(self, recording_id: str, work: Awaitable[RecordingInfo]) -> None:
        """Reseal a recording, and list what it says of itself, whether or not that succeeds. Raises StoreError."""
        try:
            self._resealed(await work)
        except StoreError:
            # The disk may have failed after the new file had taken the place of the old one: text that was added
            # has to go when transcripts go.
            with contextlib.suppress(StoreError):
                info, _ = await self._async_job(self._vault.read, recording_id)
                self._resealed(info)
            raise

    @callback
    def _resealed(self, info: RecordingInfo) -> None:
        """Take over what a resealed recording says of itself, and have its row written again."""
        info = self._with_monotonic(info)
        self._index.update(info)
        if self._rows is not None:
            self._rows.backlog.write([info])
            self._rows.schedule()

    async def async_delete(self, recording_ids: Collection[str]) -> DeletionReceipt:
        """Destroy the keys of recordings; return once they are zeroed on disk and were read back.

        Rows and files are removed later, even after a crash. Works with a full disk, with a locked database
        and without the files. Raises KeyFileLost or StoreError. Cancelling the caller does not stop it.
        """
        self._check_open()
        return await self._async_uninterrupted(self._async_delete(frozenset(recording_ids)))

    async def _async_delete(self, recording_ids: frozenset[str]) -> DeletionReceipt:
        destroyed: list[str] = await self._async_job(self._vault.destroy, recording_ids)
        gone = frozenset(destroyed)
        if len(gone) > _FORGET_AT_ONCE:
            # Built and later freed in the thread; the event loop only switches to the new index.
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
            recording_ids=gone,
        )

    async def async_count_rows(
        self, recording_ids: Collection[str], on_left: Callable[[int], None]
    ) -> int | None:
        """Wait until rows and files of deleted recordings are gone; return the number of remaining rows.

        on_left is called with the number of pending deletions whenever it decreases. Returns None if there is
        no recorder to ask. After a crash, the next opening removes the rest.
        """

        @callback
        def tell() -> None:
            on_left(self.pending_deletions)

        self._on_removed.add(tell)
        try:
            await self.async_flush()
        finally:
            self._on_removed.discard(tell)
        return None if self._rows is None else await self._rows.async_count(recording_ids)

    @property
    def pending_deletions(self) -> int:
        """Number of deleted recordings whose row or file still has to be removed."""
        rows = 0 if self._rows is None else self._rows.backlog.deletes
        return max(rows, self._vault.pending_removal)

    @callback
    def _removed(self) -> None:
        for on_removed in list(self._on_removed):
            on_removed()

    def _let_go(self, index: RecordingIndex) -> None:
        """Free an index in the thread, since freeing a hundred thousand recordings takes time."""
        if self._executor is not None:
            self._executor.submit(index.clear)

    @callback
    def _start_sweep(self) -> None:
        if self._sweeping is None:
            # Not eager: a sweep that finished immediately would be recorded as still running.
            self._sweeping = self._hass.async_create_background_task(
                self._async_sweep(), "voice_privacy sweep", eager_start=False
            )

    async def _async_sweep(self) -> None:
        """Remove the files of destroyed keys in batches; failures are retried at the next opening."""
        try:
            while await self._async_job(self._vault.sweep, _SWEEP_BATCH) and self._ready:
                self._removed()
            self._removed()
        except StoreError as err:
            _LOGGER.warning("Sealed files of deleted recordings could not be removed yet (%s)", err)
        finally:
            self._sweeping = None

    async def async_remove_not_restored(self) -> None:
        """Remove rows and files whose keys were never in this key file. Raises StoreError."""
        self._check_open()
        if self._rows is not None and self._foreign_rows:
            store_id = self._vault.store_id
            await self._rows.async_flush(RECORDER_TIMEOUT)
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

    # --- evidence for the self-test --------------------------------------------------------------

    async def async_evidence(self, recording_id: str) -> Evidence:
        """Return how a recording is stored, to search for its remains later.

        Raises RecordingNotFound or StoreError.
        """
        self._check_open()
        return await self._async_job(self._vault.evidence, recording_id)

    async def async_settle(self) -> None:
        """Wait until files are swept and rows are written and committed. Raises StoreError after some time."""
        try:
            async with asyncio.timeout(RECORDER_TIMEOUT):
                await self.async_flush()
        except TimeoutError as err:
            raise StoreError("the recorder is busy") from err
        if self._rows is not None:
            # Home Assistant's own rows as well, whichever came before.
            await self._rows.async_run(lambda _engine: None)

    async def async_key_remains(self, evidence: Evidence) -> bool:
        """Return whether the key of a recording is left; true if nobody can tell."""
        return await self._hass.async_add_executor_job(_or_unreadable, self._vault.key_remains, evidence)

    async def async_file_remains(self, evidence: Evidence, texts: tuple[str, ...]) -> bool | None:
        """Return whether a file is left of a recording, or contains its texts.

        True if a file cannot be read, None if there is too much to read.
        """
        return await self._hass.async_add_executor_job(
            _or_unreadable, self._vault.file_remains, evidence, texts
        )

    # --- threads ---------------------------------------------------------------------------------

    def _check_open(self) -> None:
        if self._read_only:
            raise KeyFileLost
        if not self._ready:
            raise StoreError("the store is closed")

    async def _async_job[**P, R](self, work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Run blocking work in the store's thread, which does one job at a time."""
        if self._executor is None:
            raise StoreError("the store is closed")
        return await self._hass.loop.run_in_executor(self._executor, lambda: work(*args, **kwargs))

    async def _async_uninterrupted[R](self, work: Coroutine[Any, Any, R]) -> R:
        """Await work that continues if the caller is cancelled: disk and memory must not diverge."""
        task = self._hass.async_create_task(
            self._async_in_turn(work), "voice_privacy store", eager_start=True
        )
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return await asyncio.shield(task)

    async def _async_in_turn[R](self, work: Coroutine[Any, Any, R]) -> R:
        """Run one change at a time: results of two jobs could otherwise be applied in the wrong order."""
        async with self._lock:
            return await work


@contextlib.contextmanager
def _objects_spared() -> Iterator[Callable[[], None]]:
    """Keep the garbage collector from the objects that exist already, while very many are made.

    A hundred thousand recordings make it examine all objects of Home Assistant at once, and every thread waits
    for that: it was the longest stall of the event loop. It then examines only what is new since the last call
    of the function that this returns. Afterwards it examines everything again. If somebody else keeps objects from it,
    nothing changes: to end the one would end the other.
    """
    if gc.get_freeze_count():
        yield lambda: None
        return
    gc.freeze()
    try:
        yield gc.freeze
    finally:
        gc.unfreeze()


def _or_unreadable[**P, R: bool | None](
    search: Callable[P, R], *args: P.args, **kwargs: P.kwargs
) -> R | Literal[True]:
    """Return what a search finds; what cannot be read counts as found."""
    try:
        return search(*args, **kwargs)
    except OSError as err:
        _LOGGER.warning("The self-test cannot read one of our files: %s", type(err).__name__)
        return True


def _cleaned(content: RecordingContent) -> RecordingContent:
    """Return sealed content cleaned for display: earlier versions sealed text without cleaning it."""

    def text(value: object, max_length: int) -> str | None:
        return None if value is None else clean_text(value, max_length, lines=True)

    return replace(
        content,
        wake_word=clean_name(content.wake_word),
        transcript=text(content.transcript, MAX_TRANSCRIPT),
        reply=text(content.reply, MAX_REPLY),
        language=text(content.language, MAX_LANGUAGE),
    )


def create_store(hass: HomeAssistant, keys: KeyFolders) -> RecordingStore:
    """Return the sealed store of this house, not opened yet.

    The cache folder is the only one below the configuration folder that backups never contain, so a
    restored backup cannot bring back deleted recordings.
    """
    return RecordingStore(hass, Path(hass.config.cache_path(DOMAIN)), keys.chosen, keys.before)
