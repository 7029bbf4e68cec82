"""In-memory index of stored recordings, with running totals that are cheap to read in the event loop."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from ..core.models import RecordingInfo, RecordingKind, StoreSummary


@dataclass(slots=True)
class _Group:
    """Recordings of one satellite, or of the house, in the order of their sequences."""

    recordings: dict[str, RecordingInfo] = field(default_factory=dict)
    false_wakes: int = 0
    near_misses: int = 0
    size: int = 0

    def add(self, info: RecordingInfo) -> None:
        self.recordings[info.recording_id] = info
        self.size += info.size
        self._count(info, 1)

    def remove(self, info: RecordingInfo) -> None:
        del self.recordings[info.recording_id]
        self.size -= info.size
        self._count(info, -1)

    def _count(self, info: RecordingInfo, by: int) -> None:
        if info.near_miss:
            self.near_misses += by
        elif info.kind is RecordingKind.FALSE_WAKE:
            self.false_wakes += by

    def summary(self) -> StoreSummary:
        last = next(reversed(self.recordings.values()), None)
        return StoreSummary(
            recordings=len(self.recordings),
            false_wakes=self.false_wakes,
            near_misses=self.near_misses,
            size=self.size,
            last_started_at=None if last is None else last.started_at,
        )


class RecordingIndex:
    """Index of the recordings of a store. Not thread-safe: use it in the event loop only."""

    def __init__(self, recordings: Iterable[RecordingInfo] = ()) -> None:
        """Index recordings, which must be in the order of their sequences."""
        self._house = _Group()
        self._satellites: dict[str, _Group] = {}
        for info in recordings:
            self.add(info)

    @property
    def recordings(self) -> Mapping[str, RecordingInfo]:
        """Live view of the recordings by id, in the order of their sequences."""
        return MappingProxyType(self._house.recordings)

    @property
    def satellite_ids(self) -> Collection[str]:
        """Ids of satellites with stored recordings, including removed satellites."""
        return self._satellites.keys()

    def add(self, info: RecordingInfo) -> None:
        """Add a recording, whose sequence must be higher than all others."""
        self.discard(info.recording_id)
        self._house.add(info)
        if (group := self._satellites.get(info.satellite_id)) is None:
            group = self._satellites[info.satellite_id] = _Group()
        group.add(info)

    def update(self, info: RecordingInfo) -> None:
        """Replace the info of an indexed recording, keeping its position."""
        if (old := self._house.recordings.get(info.recording_id)) is None:
            return
        for group in (self._house, self._satellites[old.satellite_id]):
            group.recordings[info.recording_id] = info
            group.size += info.size - old.size

    def discard(self, recording_id: str) -> None:
        """Remove a recording if it is indexed."""
        if (info := self._house.recordings.get(recording_id)) is None:
            return
        self._house.remove(info)
        group = self._satellites[info.satellite_id]
        group.remove(info)
        if not group.recordings:
            del self._satellites[info.satellite_id]

    def clear(self) -> None:
        """Remove all recordings."""
        self._house = _Group()
        self._satellites = {}

    def without(self, recording_ids: Collection[str]) -> RecordingIndex:
        """Return an index without these recordings; faster than discarding many recordings one by one."""
        gone = frozenset(recording_ids)
        if gone >= self._house.recordings.keys():
            return RecordingIndex()
        return RecordingIndex(
            info for recording_id, info in self._house.recordings.items() if recording_id not in gone
        )

    def of(self, satellite_id: str | None) -> Mapping[str, RecordingInfo]:
        """Return a live view of the recordings of a satellite, or of the house, in the order of their sequences."""
        group = self._house if satellite_id is None else self._satellites.get(satellite_id, _Group())
        return MappingProxyType(group.recordings)

    def summary(self, satellite_id: str | None = None) -> StoreSummary:
        """Return the totals of a satellite, or of the house."""
        if satellite_id is None:
            return self._house.summary()
        return self._satellites.get(satellite_id, _Group()).summary()
