"""Audio folder: names of its sealed files, and the marker file that identifies its store."""

from collections.abc import Mapping
import contextlib
from pathlib import Path
import re
from typing import Final

from .disk import (
    Disk,
    clear_way,
    list_folder,
    make_own_folder,
    read_beginning,
    read_file,
    remove_if_there,
    rename_over,
    write_new_file,
)
from .sealed_file import HEADER_BYTES, store_of

MARKER: Final = "store-id"
"""Marker file in the audio folder. A folder without it is treated as an empty mount point."""

UNFINISHED: Final = ".tmp"
RENEWED: Final = ".new"
"""Suffix of a recording resealed without text, until its key is replaced and it replaces the old file."""

SEALED_NAME: Final = re.compile(r"([0-9a-f]{16})-([0-9a-f]{32})\.sealed(\.tmp|\.new)?")
"""Name of a sealed file: sequence, recording id, and the suffix of an unfinished or resealed file."""

_MARKER_NAME: Final = re.compile(rf"{MARKER}(\{UNFINISHED})?")
_MARKER_BYTES: Final = 64
_STORE_ID: Final = re.compile(r"[0-9a-f]{32}")
_FILES_TRIED: Final = 16
"""Maximum number of sealed files that are read to determine the folder's store."""


def name_of(recording_id: str, sequence: int) -> str:
    """Return the name of a recording's sealed file."""
    return f"{sequence:016x}-{recording_id}.sealed"


def names_in(disk: Disk, folder: Path) -> dict[str, bool]:
    """Return the names of sealed files in a folder, and whether each is a regular file."""
    return list_folder(disk, folder, SEALED_NAME)


def files_in(disk: Disk, folder: Path) -> list[re.Match[str]]:
    """Return the name matches (sequence, recording id, suffix) of the regular files in a folder."""
    return [
        match
        for name, is_file in names_in(disk, folder).items()
        if is_file and (match := SEALED_NAME.fullmatch(name)) is not None
    ]


def may_hold_recordings(disk: Disk, folder: Path) -> bool:
    """Return whether a folder may contain sealed files, in which case no new key file may be created."""
    try:
        return any(names_in(disk, folder).values())
    except OSError:
        return True


def remove_all_in(disk: Disk, folder: Path) -> None:
    """Remove all entries with names of the marker or of sealed files, except folders that are not empty."""
    for name in (*list_folder(disk, folder, _MARKER_NAME), *names_in(disk, folder)):
        remove_if_there(disk, folder / name)


def read_marker(disk: Disk, folder: Path) -> str | None:
    """Return the store id in a folder's marker, or None if there is no valid marker."""
    try:
        marker = read_file(disk, folder / MARKER, _MARKER_BYTES)
    except OSError:
        return None
    store_id = marker.decode("ascii", "replace").strip()
    return store_id if _STORE_ID.fullmatch(store_id) else None


def write_marker(disk: Disk, folder: Path, store_id: str) -> None:
    """Write a store's marker to a folder, which is created if missing."""
    make_own_folder(disk, folder)
    unfinished = folder / f"{MARKER}{UNFINISHED}"
    remove_if_there(disk, unfinished)
    clear_way(disk, unfinished)
    write_new_file(disk, unfinished, f"{store_id}\n".encode())
    rename_over(disk, unfinished, folder / MARKER)
    disk.sync_folder(folder)


def only_marker_is_damaged(disk: Disk, folder: Path, store_id: str, sequences: Mapping[str, int]) -> bool:
    """Return whether a folder belongs to a store although its marker is unreadable.

    It does if it has an entry with the marker's name and a sealed file of this store. A mount point has
    neither.

    Args:
        disk: Disk operations.
        folder: Audio folder.
        store_id: Id of the store.
        sequences: Sequence of each recording that has a key, by recording id.
    """
    if MARKER not in list_folder(disk, folder, _MARKER_NAME):
        return False
    candidates = [match for match in files_in(disk, folder) if sequences.get(match[2]) == int(match[1], 16)]
    for match in candidates[:_FILES_TRIED]:
        with contextlib.suppress(OSError):
            if store_of(read_beginning(disk, folder / match[0], HEADER_BYTES)) == store_id:
                return True
    return False
