"""What lies on the disk of a house: sealed files, keys and rows, read without our integration."""

import contextlib
from dataclasses import dataclass
from pathlib import Path
import sqlite3

from custom_components.voice_privacy.storage.key_file_format import (
    HEADER_BYTES,
    KEY_BYTES,
    MIRRORS,
    SLOT_BYTES,
)

DATABASE = "home-assistant_v2.db"
_CACHE = ".cache/voice_privacy"
_ID_BYTES = 16


@dataclass(frozen=True, slots=True)
class Sealed:
    """The configuration folder of a house."""

    config: Path

    def files(self) -> list[str]:
        """Return the names in the folder of sealed files, without the one that marks it."""
        folder = self.config / _CACHE / "audio"
        return sorted(path.name for path in folder.iterdir() if path.name != "store-id")

    def ids(self) -> list[str]:
        """Return the ids of the recordings whose files are there."""
        return sorted(name[17:49] for name in self.files())

    def keys(self, mirror: str) -> dict[str, bytes]:
        """Return the keys in one of both key files, by recording id."""
        slots = (self.config / _CACHE / mirror).read_bytes()[HEADER_BYTES:]
        found = (slots[start : start + SLOT_BYTES] for start in range(0, len(slots), SLOT_BYTES))
        return {
            slot[:_ID_BYTES].hex(): slot[_ID_BYTES + 8 :][:KEY_BYTES]
            for slot in found
            if slot != bytes(SLOT_BYTES)
        }

    def keys_of_both(self) -> list[dict[str, bytes]]:
        """Return the keys in each of both key files."""
        return [self.keys(mirror) for mirror in MIRRORS]

    def rows(self) -> list[str]:
        """Return the ids in the recorder's table."""
        return rows(self.config / DATABASE)


def rows(database: Path) -> list[str]:
    """Return the ids in a database's table of recordings, none where there is no table."""
    with contextlib.closing(sqlite3.connect(database)) as connection:
        query = "SELECT 1 FROM sqlite_master WHERE name = 'voice_privacy_recordings'"
        if not connection.execute(query).fetchall():
            return []
        return sorted(
            row[0] for row in connection.execute("SELECT recording_id FROM voice_privacy_recordings")
        )
