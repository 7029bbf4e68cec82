"""Queue of row work for the recorder, in batches; the newest work on a row wins."""

from collections.abc import Iterable
from itertools import islice

from ..core.models import RecordingInfo
from .rows import BATCH, RowBatch


class RowBacklog:
    """Rows that are still to be written, deleted or set aside. Not thread-safe."""

    def __init__(self) -> None:
        """Start with an empty queue."""
        self._writes: dict[str, RecordingInfo] = {}
        self._deletes: dict[str, None] = {}
        self._set_aside: dict[str, None] = {}

    def __len__(self) -> int:
        """Return the number of pending rows."""
        return len(self._writes) + len(self._deletes) + len(self._set_aside)

    def write(self, recordings: Iterable[RecordingInfo]) -> None:
        """Queue rows to be written."""
        self._writes.update((info.recording_id, info) for info in recordings)

    def delete(self, recording_ids: Iterable[str]) -> None:
        """Queue rows to be deleted, including rows in a write batch that has not finished."""
        deletes = dict.fromkeys(recording_ids)
        for recording_id in self._writes.keys() & deletes.keys():
            del self._writes[recording_id]
        self._deletes.update(deletes)

    def set_aside(self, recording_ids: Iterable[str]) -> None:
        """Queue rows to be set aside, which makes them count as another store's rows."""
        self._set_aside.update(dict.fromkeys(recording_ids))

    @property
    def deletes(self) -> int:
        """Number of rows that wait to be deleted."""
        return len(self._deletes)

    def next_batch(self) -> RowBatch:
        """Return work for one transaction, deletions first. It stays pending until done()."""
        deletes = tuple(islice(self._deletes, BATCH))
        set_aside = tuple(islice(self._set_aside, BATCH - len(deletes)))
        writes = tuple(islice(self._writes.values(), BATCH - len(deletes) - len(set_aside)))
        return RowBatch(writes=writes, deletes=deletes, set_aside=set_aside)

    def done(self, batch: RowBatch) -> None:
        """Drop work that has been committed, unless newer work was queued for the row in the meantime."""
        for info in batch.writes:
            if self._writes.get(info.recording_id) is info:
                del self._writes[info.recording_id]
        for recording_id in batch.deletes:
            self._deletes.pop(recording_id, None)
        for recording_id in batch.set_aside:
            self._set_aside.pop(recording_id, None)
