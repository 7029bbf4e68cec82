"""The sealed store as the house sees it: open or not, and why not."""

from collections.abc import Collection, Mapping
import logging

from ..core.errors import StoreError, StoreNotReady
from ..core.models import RecordingContent, RecordingInfo, StoreSummary
from ..core.store_lock import StoreLock
from ..recordings.store import RecordingStore

_LOGGER = logging.getLogger(__name__)


class OpenedStore:
    """Opens and closes the store, and remembers what is wrong with it. It belongs to the event loop."""

    def __init__(self, store: RecordingStore, lock: StoreLock) -> None:
        """Prepare a store that is not open yet."""
        self.store = store
        self.error: StoreError | None = None
        """Why nothing can be kept right now."""

        self.ready = False
        """Whether recordings can be listed; some may not open, and nothing may be kept."""

        self._lock = lock

    async def async_open(self) -> None:
        """Open the store; a failure is remembered and shown, and stops nothing else."""
        try:
            async with self._lock:
                await self.store.async_open()
        except StoreError as err:
            _LOGGER.error("The sealed store cannot be opened (%s); nothing will be kept", err.code)
            self.error = err
            # A store that lost its keys is open for reading what is left, one without its files or without
            # encryption for deleting; any other is closed.
            self.ready = self.store.read_only or self.store.is_open
        else:
            self.error = None
            self.ready = True

    async def async_close(self) -> None:
        """Close the store, where it is open."""
        async with self._lock:
            if self.ready:
                self.ready = False
                await self.store.async_close()

    @property
    def writable(self) -> bool:
        """Whether a recording can be kept."""
        return self.ready and not self.store.read_only

    @property
    def recordings(self) -> Mapping[str, RecordingInfo]:
        """What is kept, by recording id, in the order of sequences."""
        return self.store.recordings if self.ready else {}

    @property
    def satellite_ids(self) -> Collection[str]:
        """Satellites of which something is kept, removed ones included."""
        return self.store.satellite_ids if self.ready else ()

    @property
    def not_restored(self) -> int:
        """How many recordings a restored backup tells of whose keys are not here."""
        return self.store.not_restored if self.ready else 0

    def summary(self, satellite_id: str | None = None) -> StoreSummary:
        """Return figures for one satellite or for the house."""
        return self.store.summary(satellite_id) if self.ready else StoreSummary()

    async def async_read(self, recording_id: str) -> tuple[RecordingInfo, RecordingContent]:
        """Open one recording. Raises RecordingNotFound, RecordingUnreadable or StoreNotReady.

        Whoever shows or plays it to somebody also writes that into the access log.
        """
        if not self.ready:
            raise StoreNotReady
        return await self.store.async_read(recording_id)

    async def async_remove_not_restored(self) -> None:
        """Remove what nobody can open here. Raises StoreError."""
        async with self._lock:
            await self.store.async_remove_not_restored()

    def failed(self, err: StoreError) -> None:
        """Remember why nothing can be kept."""
        if self.error is None or self.error.code != err.code:
            _LOGGER.error("A recording could not be kept (%s)", err.code)
        self.error = err
