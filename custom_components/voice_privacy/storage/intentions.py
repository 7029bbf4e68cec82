"""File of deletions that somebody has asked for and that are not done yet, for the case of a crash.

It lies beside the keys and not below .storage: a backup that contained it could delete, when it is restored,
what somebody has decided to keep meanwhile.
"""

from collections.abc import Mapping
from pathlib import Path
import re
from typing import Final

from .disk import Disk, read_file, remove_if_there, rename_over, write_new_file

_NAME: Final = "to-delete"
_UNFINISHED: Final = ".tmp"
_MOST_BYTES: Final = 1_048_576
_LINE: Final = re.compile(r"([0-9a-f]{32}) ([0-9a-f]{32}|-)")


def write_intentions(disk: Disk, folder: Path, intended: Mapping[str, str | None]) -> None:
    """Write the ids of recordings to delete, each with the id of the user who asked; none removes the file.

    Raises OSError.
    """
    path = folder / _NAME
    if not intended:
        remove_if_there(disk, path)
        disk.sync_folder(folder)
        return
    lines = (f"{recording_id} {user_id or '-'}\n" for recording_id, user_id in sorted(intended.items()))
    unfinished = path.with_name(_NAME + _UNFINISHED)
    remove_if_there(disk, unfinished)
    write_new_file(disk, unfinished, "".join(lines).encode("ascii"))
    rename_over(disk, unfinished, path)
    disk.sync_folder(folder)


def read_intentions(disk: Disk, folder: Path) -> dict[str, str | None]:
    """Return what was to be deleted when the file was written last; lines that make no sense are left out."""
    try:
        text = read_file(disk, folder / _NAME, _MOST_BYTES).decode("ascii", errors="replace")
    except OSError:
        return {}
    found = (_LINE.fullmatch(line) for line in text.splitlines())
    return {match[1]: None if match[2] == "-" else match[2] for match in found if match is not None}


def remove_intentions(disk: Disk, folder: Path) -> None:
    """Remove the file. Raises OSError."""
    for name in (_NAME, _NAME + _UNFINISHED):
        remove_if_there(disk, folder / name)
