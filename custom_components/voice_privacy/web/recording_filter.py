"""Filter of recordings by day, satellite and kind, as the list, the search and the archive offer it."""

from dataclasses import dataclass
from datetime import date

from ..core.models import ListedKind, RecordingInfo


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingFilter:
    """Conditions that a recording must meet; None accepts every recording."""

    first_day: date | None = None
    last_day: date | None = None
    """Last day, included."""

    satellite_id: str | None = None
    kind: ListedKind | None = None

    def matches(self, info: RecordingInfo) -> bool:
        """Return whether a recording meets every condition."""
        return (
            (self.first_day is None or info.local_date >= self.first_day)
            and (self.last_day is None or info.local_date <= self.last_day)
            and (self.satellite_id is None or info.satellite_id == self.satellite_id)
            and (self.kind is None or info.listed_kind is self.kind)
        )
