"""State of the sealed store: open, read-only or failed, with the error."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
import logging

from ..core.errors import RecordingNotFound, StoreError, StoreNotReady
from ..core.hidden import Visible
from ..core.models import ListedKind, RecordingContent, RecordingInfo, StoreSummary
from ..core.self_test import SELF_TEST
from ..core.store_lock import StoreLock
from ..recordings.store import RecordingStore

_LOGGER = logging.getLogger(__name__)


class OpenedStore:
    """Opens and closes the store and remembers its error. It belongs to the event loop."""

    def __init__(self, store: RecordingStore, lock: StoreLock) -> None:
        """Wrap a store that is not open yet."""
        self.store = store
        self.error: StoreError | None = None
        """Error that prevents storing recordings, or None."""

        self.ready = False
        """True if recordings can be listed; some may be unreadable, and the store may be read-only."""

        self.hidden: set[str] = set()
        """Ids of recordings whose deletion may still be undone; nobody sees them, and nobody can open them."""

        self.synthetic: set[str] = set()
        """Ids of recordings of the self-test, which exist for nobody else: they are neither listed nor counted,
        no request deletes them, and retention passes them over."""

        self._lock = lock

    async def async_open(self) -> None:
        """Open the store; a failure is remembered and shown, but stops nothing else."""
        try:
            async with self._lock:
                await self.store.async_open()
                await self._async_clear_synthetic()
        except StoreError as err:
            _LOGGER.error("The sealed store cannot be opened (%s); nothing will be kept", err.code)
            self.error = err
            # A store that lost its keys is open for reading what remains; one without its files or
            # without encryption is open for deleting. In any other case it is closed.
            self.ready = self.store.read_only or self.store.is_open
        else:
            self.error = None
            self.ready = True

    async def _async_clear_synthetic(self) -> None:
        """Delete what a self-test has left that was interrupted by a crash. Raises StoreError."""
        self.synthetic.update(self.store.recordings_of(SELF_TEST))
        if self.synthetic:
            await self.store.async_delete(self.synthetic)
            self.synthetic.clear()

    async def async_close(self) -> None:
        """Close the store if it is open."""
        async with self._lock:
            if self.ready:
                self.ready = False
                await self.store.async_close()

    @property
    def writable(self) -> bool:
        """True if recordings can be stored."""
        return self.ready and not self.store.read_only

    @property
    def recordings(self) -> Mapping[str, RecordingInfo]:
        """Stored recordings by recording id, in the order of their sequence numbers, without hidden ones."""
        return Visible(self.with_hidden, self.hidden) if self.hidden else self.with_hidden

    @property
    def with_hidden(self) -> Mapping[str, RecordingInfo]:
        """Stored recordings including hidden ones, for deletion."""
        if not self.ready:
            return {}
        everything = self.store.recordings
        return Visible(everything, self.synthetic) if self.synthetic else everything

    @property
    def ever_kept(self) -> bool:
        """True if anything was ever stored, even if it has been deleted since; also while that is unknown."""
        return not self.ready or self.store.ever_kept

    @property
    def satellite_ids(self) -> Collection[str]:
        """Satellites with stored recordings, including removed satellites."""
        satellite_ids = self.store.satellite_ids if self.ready else ()
        return [known for known in satellite_ids if known != SELF_TEST]

    @property
    def not_restored(self) -> int:
        """Number of recordings from a restored backup whose keys are missing here."""
        return self.store.not_restored if self.ready else 0

    def summary(self, satellite_id: str | None = None) -> StoreSummary:
        """Return store figures for one satellite, or for the house, without hidden recordings."""
        if not self.ready:
            return StoreSummary()
        summary, stored = self.store.summary(satellite_id), self.store.recordings
        unseen = self.hidden | self.synthetic
        hidden = [
            stored[recording_id]
            for recording_id in unseen & stored.keys()
            if satellite_id in (None, stored[recording_id].satellite_id)
        ]
        if not hidden:
            return summary
        last_started_at = summary.last_started_at
        if last_started_at in {info.started_at for info in hidden}:
            # Of this satellite only: the house may have a hundred thousand, and this is asked at every change.
            newest_first: Iterator[RecordingInfo] = reversed(
                self.store.recordings_of(satellite_id).values()  # type: ignore[call-overload]
            )
            last_started_at = next(
                (info.started_at for info in newest_first if info.recording_id not in unseen), None
            )
        kinds = Counter(info.listed_kind for info in hidden)
        return replace(
            summary,
            recordings=summary.recordings - len(hidden),
            false_wakes=summary.false_wakes - kinds[ListedKind.FALSE_WAKE],
            near_misses=summary.near_misses - kinds[ListedKind.NEAR_MISS],
            size=summary.size - sum(info.size for info in hidden),
            last_started_at=last_started_at,
        )

    async def async_read(self, recording_id: str) -> tuple[RecordingInfo, RecordingContent]:
        """Read one recording. Raises RecordingNotFound, RecordingUnreadable or StoreNotReady.

        A caller that shows or plays it to a person must also add an access log entry.
        """
        if not self.ready:
            raise StoreNotReady
        if recording_id in self.hidden | self.synthetic:
            raise RecordingNotFound
        opened = await self.store.async_read(recording_id)
        if recording_id in self.hidden:
            # It was hidden while it was being opened.
            raise RecordingNotFound
        return opened

    async def async_remove_not_restored(self) -> None:
        """Remove restored recordings whose keys are missing. Raises StoreError."""
        async with self._lock:
            await self.store.async_remove_not_restored()

    def failed(self, err: StoreError) -> None:
        """Remember the error that prevents storing recordings."""
        if self.error is None or self.error.code != err.code:
            _LOGGER.error("A recording could not be stored (%s)", err.code)
        self.error = err
