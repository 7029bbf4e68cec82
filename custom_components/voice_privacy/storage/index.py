"""What is kept, in memory: lists and sums that cost the event loop nothing."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from ..core.models import RecordingInfo, RecordingKind, StoreSummary


@dataclass(slots=True)
class _Group:
    """The recordings of one satellite, or of the house, in the order of their sequences."""

    recordings: dict[str, RecordingInfo] = field(default_factory=dict)
    false_wakes: int = 0
    size: int = 0

    def add(self, info: RecordingInfo) -> None:
        self.recordings[info.recording_id] = info
        self.false_wakes += info.kind is RecordingKind.FALSE_WAKE
        self.size += info.size

    def remove(self, info: RecordingInfo) -> None:
        del self.recordings[info.recording_id]
        self.false_wakes -= info.kind is RecordingKind.FALSE_WAKE
        self.size -= info.size

    def summary(self) -> StoreSummary:
        last = next(reversed(self.recordings.values()), None)
        return StoreSummary(
            recordings=len(self.recordings),
            false_wakes=self.false_wakes,
            size=self.size,
            last_started_at=None if last is None else last.started_at,
        )


class RecordingIndex:
    """The recordings of a store. Not threadsafe: it belongs to the event loop."""

    def __init__(self, recordings: Iterable[RecordingInfo] = ()) -> None:
        """Take recordings in the order of their sequences."""
        self._house = _Group()
        self._satellites: dict[str, _Group] = {}
        for info in recordings:
            self.add(info)

    @property
    def recordings(self) -> Mapping[str, RecordingInfo]:
        """A live view by recording id, in the order of sequences."""
        return MappingProxyType(self._house.recordings)

    @property
    def satellite_ids(self) -> Collection[str]:
        """Satellites of which something is kept, removed ones included."""
        return self._satellites.keys()

    def add(self, info: RecordingInfo) -> None:
        """Add a recording with a higher sequence than all others."""
        self.discard(info.recording_id)
        self._house.add(info)
        self._satellites.setdefault(info.satellite_id, _Group()).add(info)

    def update(self, info: RecordingInfo) -> None:
        """Take what is newly known of a recording that is there; its place stays."""
        if (old := self._house.recordings.get(info.recording_id)) is None:
            return
        for group in (self._house, self._satellites[old.satellite_id]):
            group.recordings[info.recording_id] = info
            group.size += info.size - old.size

    def discard(self, recording_id: str) -> None:
        """Remove a recording if it is there."""
        if (info := self._house.recordings.get(recording_id)) is None:
            return
        self._house.remove(info)
        group = self._satellites[info.satellite_id]
        group.remove(info)
        if not group.recordings:
            del self._satellites[info.satellite_id]

    def clear(self) -> None:
        """Free what is in it."""
        self._house = _Group()
        self._satellites = {}

    def without(self, recording_ids: Collection[str]) -> RecordingIndex:
        """Return an index of the rest, for so many that discarding each would take too long."""
        gone = frozenset(recording_ids)
        if gone >= self._house.recordings.keys():
            return RecordingIndex()
        return RecordingIndex(info for one, info in self._house.recordings.items() if one not in gone)

    def summary(self, satellite_id: str | None = None) -> StoreSummary:
        """Return the figures of one satellite or of the house."""
        if satellite_id is None:
            return self._house.summary()
        return self._satellites.get(satellite_id, _Group()).summary()
