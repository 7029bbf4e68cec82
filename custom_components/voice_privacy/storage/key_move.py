"""Keys that move to another folder: copied, read back, then overwritten where they were.

A crash leaves them in the old folder, in both, or in the new one. Whichever it is, the next opening goes on:
the new folder counts once both of its mirrors are whole and no older than the ones they came from.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from ..core.errors import StoreError
from ..core.regular_file import FileTooLarge, NotARegularFile
from .disk import Disk, clear_way, make_own_folder, read_file
from .key_file import HEADER_BYTES, MAX_MIRROR_BYTES, MIRRORS, KeyFile, header_of


@dataclass(frozen=True, slots=True)
class _Found:
    """What lies in a folder."""

    mirrors: tuple[bytes, ...]
    """Their bytes; a missing one is empty."""

    exists: bool
    """Whether there is any file. One that was only just overwritten may not be durable yet."""

    @property
    def store_ids(self) -> set[str]:
        """The stores whose headers are there; at most one unless somebody has meddled."""
        return {header.store_id for raw in self.mirrors if (header := header_of(raw)) is not None}

    @property
    def epoch(self) -> int:
        """The highest epoch, -1 without a header."""
        return max(
            (header.epoch for raw in self.mirrors if (header := header_of(raw)) is not None), default=-1
        )

    @property
    def whole(self) -> bool:
        """Whether both mirrors are there and say the same."""
        return len(set(self.mirrors)) == 1 and header_of(self.mirrors[0]) is not None


def move_keys(disk: Disk, sources: Iterable[Path], target: Path, expected_store: str | None) -> None:
    """Bring the keys of a store into the folder where they shall be, wherever they were before.

    Only keys of `expected_store` move; None says that there is no store yet, and nothing does. Another
    store's keys are left alone where they are. Raises StoreError when the target holds another store's
    keys, StoreInUse or OSError; the keys are then still where they were.
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
    """Overwrite and remove the key file in a folder, if there is one."""
    if _look(disk, folder).exists:
        KeyFile(disk, folder).erase()


def _look(disk: Disk, folder: Path) -> _Found:
    """Read both mirrors."""
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
    """Write the healed keys into both mirrors of the target, each header last."""
    keys = KeyFile(disk, source)
    # Locks them, and makes both mirrors equal.
    keys.open(expected_store=expected_store, may_create=False)
    try:
        raw = _look(disk, source).mirrors[0]
        make_own_folder(disk, target)
        for name in MIRRORS:
            clear_way(disk, target / name)
            handle = disk.open(target / name, create=True)
            try:
                disk.lock(handle)
                size = max(len(raw), disk.size(handle))
                # No key without a name that a crash keeps: nobody would overwrite it later.
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
