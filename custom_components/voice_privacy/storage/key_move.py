"""Move of the key file to another folder: keys are copied, read back, then overwritten in the old folder.

A crash leaves the keys in the old folder, in both, or in the new folder, and the next opening resumes the
move. The new folder is used once both of its mirrors are complete and no older than their source.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from ..core.errors import StoreError
from ..core.regular_file import FileTooLarge, NotARegularFile
from .disk import Disk, clear_way, lock_file, make_own_folder, read_file
from .key_file import KeyFile
from .key_file_format import HEADER_BYTES, MAX_MIRROR_BYTES, MIRRORS, header_of


@dataclass(frozen=True, slots=True)
class _Found:
    """Key file mirrors found in a folder."""

    mirrors: tuple[bytes, ...]
    """Bytes of each mirror, empty for a missing mirror."""

    exists: bool
    """True if there is any mirror file. The overwrite of such a file may not be durable yet."""

    @property
    def store_ids(self) -> set[str]:
        """Store ids of the valid headers; more than one only after manual changes."""
        return {header.store_id for raw in self.mirrors if (header := header_of(raw)) is not None}

    @property
    def epoch(self) -> int:
        """Highest epoch, or -1 without a valid header."""
        return max(
            (header.epoch for raw in self.mirrors if (header := header_of(raw)) is not None), default=-1
        )

    @property
    def whole(self) -> bool:
        """True if both mirrors are present, valid and identical."""
        return len(set(self.mirrors)) == 1 and header_of(self.mirrors[0]) is not None


def move_keys(disk: Disk, sources: Iterable[Path], target: Path, expected_store: str | None) -> None:
    """Move the keys of a store from any source folder to the target folder.

    Keys of other stores in the source folders are left alone. If an error is raised, the keys are still in
    the source folder.

    Args:
        disk: Disk operations.
        sources: Folders that may hold the keys.
        target: Folder that the keys shall move to.
        expected_store: Id of the store whose keys move; None if there is no store yet, which moves nothing.

    Raises:
        StoreError: The target holds another store's keys.
        StoreInUse: Another process holds the keys.
        OSError: The disk failed.
    """
    if expected_store is None:
        return
    for source in sources:
        if source == target or not (found := _look(disk, source)).exists:
            continue
        if found.store_ids - {expected_store}:
            continue
        there = _look(disk, target)
        if there.store_ids - {expected_store}:
            raise StoreError("the key folder holds another store's keys")
        if found.store_ids and not (there.whole and there.epoch >= found.epoch):
            _copy(disk, source, target, expected_store)
            there = _look(disk, target)
        if there.whole:
            erase_keys(disk, source)


def erase_keys(disk: Disk, folder: Path) -> None:
    """Overwrite and remove the key file in a folder, if it exists."""
    if _look(disk, folder).exists:
        KeyFile(disk, folder).erase()


def _look(disk: Disk, folder: Path) -> _Found:
    """Read both mirrors in a folder."""
    mirrors: list[bytes] = []
    missing = 0
    for name in MIRRORS:
        try:
            mirrors.append(read_file(disk, folder / name, MAX_MIRROR_BYTES))
        except FileTooLarge:
            mirrors.append(b"")
        except FileNotFoundError, NotADirectoryError, NotARegularFile:
            mirrors.append(b"")
            missing += 1
    return _Found(tuple(mirrors), exists=missing < len(MIRRORS))


def _copy(disk: Disk, source: Path, target: Path, expected_store: str) -> None:
    """Write the repaired keys to both mirrors of the target, each header last."""
    keys = KeyFile(disk, source)
    # Locks both mirrors and makes them equal.
    keys.open(expected_store=expected_store, may_create=False)
    try:
        raw = _look(disk, source).mirrors[0]
        make_own_folder(disk, target)
        for name in MIRRORS:
            clear_way(disk, target / name)
            handle = disk.open(target / name, create=True)
            try:
                lock_file(disk, handle)
                size = max(len(raw), disk.size(handle))
                # Make the name durable first: a key in a file whose name is lost in a crash is never zeroed.
                disk.sync_folder(target)
                disk.write(
                    handle, bytes(HEADER_BYTES) + raw[HEADER_BYTES:].ljust(size - HEADER_BYTES, b"\0"), 0
                )
                disk.sync(handle)
                disk.write(handle, raw[:HEADER_BYTES], 0)
                disk.sync(handle)
                if disk.read_back(handle, len(raw), 0) != raw:
                    raise StoreError("moved keys do not read back")
            finally:
                disk.close(handle)
    finally:
        keys.close()
