"""Results of opening a store: what is stored, and what a crash or an older key file left behind."""

from dataclasses import dataclass, field
from pathlib import Path

from ..core.models import RecordingInfo


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciled:
    """Result of an opening: stored recordings and the row work that remains."""

    recordings: list[RecordingInfo]
    """Stored recordings, by sequence."""

    unreadable: frozenset[str]
    """Ids of recordings with a key, or a damaged slot, but without a file that can be opened."""

    files_set_aside: int
    """Number of files whose keys were never in this key file."""

    ahead_rows: list[str]
    """Ids of this store's rows whose keys were never in this key file, because it is older than the rows."""

    false_rows: int
    """Number of rows that contradict the sealed files; they are also in missing_rows."""

    missing_rows: list[RecordingInfo]
    """Recordings without a valid row, to be written."""

    dead_rows: list[str]
    """Ids of rows of deleted recordings."""


@dataclass(slots=True)
class FolderState:
    """Classification of the files in the audio folder."""

    present: set[str] = field(default_factory=set)
    damaged: dict[str, Path] = field(default_factory=dict)
    renewed: set[str] = field(default_factory=set)
    """Recordings whose rows may still describe their old files."""

    set_aside: int = 0
