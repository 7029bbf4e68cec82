"""Row work that waits for the recorder: what is newest about a row wins, in batches."""

from collections.abc import Iterable
from itertools import islice

from ..core.models import RecordingInfo
from .rows import BATCH, RowBatch


class RowBacklog:
    """Rows that are still to be written, deleted or set aside. Not threadsafe."""

    def __init__(self) -> None:
        """Start with nothing to do."""
        self._writes: dict[str, RecordingInfo] = {}
        self._deletes: dict[str, None] = {}
        self._set_aside: dict[str, None] = {}

    def __len__(self) -> int:
        """Return how many rows wait."""
        return len(self._writes) + len(self._deletes) + len(self._set_aside)

    def write(self, recordings: Iterable[RecordingInfo]) -> None:
        """Have rows written."""
        self._writes.update((info.recording_id, info) for info in recordings)

    def delete(self, recording_ids: Iterable[str]) -> None:
        """Have rows deleted, also those that are being written right now."""
        deletes = dict.fromkeys(recording_ids)
        for recording_id in self._writes.keys() & deletes.keys():
            del self._writes[recording_id]
        self._deletes.update(deletes)

    def set_aside(self, recording_ids: Iterable[str]) -> None:
        """Have rows counted as another store's."""
        self._set_aside.update(dict.fromkeys(recording_ids))

    @property
    def deletes(self) -> int:
        """How many rows wait to be deleted."""
        return len(self._deletes)

    def next_batch(self) -> RowBatch:
        """Return work for one transaction, deletions first; it stays pending until done()."""
        deletes = tuple(islice(self._deletes, BATCH))
        set_aside = tuple(islice(self._set_aside, BATCH - len(deletes)))
        writes = tuple(islice(self._writes.values(), BATCH - len(deletes) - len(set_aside)))
        return RowBatch(writes=writes, deletes=deletes, set_aside=set_aside)

    def done(self, batch: RowBatch) -> None:
        """Forget work that is in the table, unless something newer was asked meanwhile."""
        for info in batch.writes:
            if self._writes.get(info.recording_id) is info:
                del self._writes[info.recording_id]
        for recording_id in batch.deletes:
            self._deletes.pop(recording_id, None)
        for recording_id in batch.set_aside:
            self._set_aside.pop(recording_id, None)
