"""The folder of the sealed files: what its names say, and the marker that tells whose it is."""

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
"""File in the audio folder: without it the folder is not there, only its mount point is."""

UNFINISHED: Final = ".tmp"
RENEWED: Final = ".new"
"""A recording sealed anew without its text, until its key has been replaced and it takes the old one's name."""

SEALED_NAME: Final = re.compile(r"([0-9a-f]{16})-([0-9a-f]{32})\.sealed(\.tmp|\.new)?")
"""Sequence, recording id, and what an unfinished or renewed one ends with."""

_MARKER_NAME: Final = re.compile(rf"{MARKER}(\{UNFINISHED})?")
_MARKER_BYTES: Final = 64
_STORE_ID: Final = re.compile(r"[0-9a-f]{32}")
_FILES_TRIED: Final = 16
"""Sealed files that are looked into to find out whose folder it is."""


def name_of(recording_id: str, sequence: int) -> str:
    """Return the name of a recording's sealed file."""
    return f"{sequence:016x}-{recording_id}.sealed"


def names_in(disk: Disk, folder: Path) -> dict[str, bool]:
    """Return the names of sealed files in a folder, and whether each is a regular file."""
    return list_folder(disk, folder, SEALED_NAME)


def files_in(disk: Disk, folder: Path) -> list[re.Match[str]]:
    """Return what the names of the regular files in a folder say."""
    return [
        match
        for name, is_file in names_in(disk, folder).items()
        if is_file and (match := SEALED_NAME.fullmatch(name)) is not None
    ]


def may_hold_recordings(disk: Disk, folder: Path) -> bool:
    """Return whether there may be sealed files in a folder, for which no new key file may be made."""
    try:
        return any(names_in(disk, folder).values())
    except OSError:
        return True


def remove_all_in(disk: Disk, folder: Path) -> None:
    """Remove whatever has a name of ours; a folder that is not empty stays."""
    for name in (*list_folder(disk, folder, _MARKER_NAME), *names_in(disk, folder)):
        remove_if_there(disk, folder / name)


def read_marker(disk: Disk, folder: Path) -> str | None:
    """Return the id of the store whose folder it is, None where no file tells one."""
    try:
        marker = read_file(disk, folder / MARKER, _MARKER_BYTES)
    except OSError:
        return None
    store_id = marker.decode("ascii", "replace").strip()
    return store_id if _STORE_ID.fullmatch(store_id) else None


def write_marker(disk: Disk, folder: Path, store_id: str) -> None:
    """Mark a folder as a store's, and make it if it is not there."""
    make_own_folder(disk, folder)
    unfinished = folder / f"{MARKER}{UNFINISHED}"
    remove_if_there(disk, unfinished)
    clear_way(disk, unfinished)
    write_new_file(disk, unfinished, f"{store_id}\n".encode())
    rename_over(disk, unfinished, folder / MARKER)
    disk.sync_folder(folder)


def only_marker_is_damaged(disk: Disk, folder: Path, store_id: str, sequences: Mapping[str, int]) -> bool:
    """Return whether a folder without a marker that can be read is a store's all the same.

    It then has something with the marker's name, and a sealed file of this store; a mere mount point has not.

    Args:
        disk: The disk.
        folder: The folder of the sealed files.
        store_id: The store's id.
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
