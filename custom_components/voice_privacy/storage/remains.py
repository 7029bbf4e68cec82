"""Search of our folders for what may be left of a deleted recording."""

from collections.abc import Iterator
from dataclasses import dataclass, field
import os
from pathlib import Path
from typing import Final

from .disk import Disk, read_file
from .key_file_format import MAX_MIRROR_BYTES, MIRRORS
from .sealed_file import MAX_SEALED_BYTES

_MARGIN_SECONDS: Final = 60.0
"""How much older than the recording a file may be and is searched all the same."""

_MOST_BYTES: Final = 128 * 1024 * 1024
"""Bytes read of files that changed since the recording was made; the names of all files are compared."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """A stored recording, as it must not be found after its deletion."""

    recording_id: str
    key: bytes = field(repr=False)
    file: Path
    written: float
    """Modification time of the sealed file, on the clock of its file system."""

    folder: Path
    """Folder of the store."""

    key_folders: tuple[Path, ...]
    """Folders that may contain the key file, now or formerly."""


def key_remains(disk: Disk, evidence: Evidence) -> bool:
    """Return whether any mirror of the key file contains the key or the id of the recording.

    Raises OSError if a mirror cannot be read.
    """
    wanted = (evidence.key, bytes.fromhex(evidence.recording_id))
    for path in (folder / name for folder in evidence.key_folders for name in MIRRORS):
        try:
            handle = disk.open(path)
        except FileNotFoundError, NotADirectoryError:
            continue
        try:
            content = disk.read_back(handle, min(disk.size(handle), MAX_MIRROR_BYTES), 0)
        finally:
            disk.close(handle)
        if any(needle in content for needle in wanted):
            return True
    return False


def file_remains(disk: Disk, evidence: Evidence, texts: tuple[str, ...]) -> bool:
    """Return whether a file in the store's folder is, names or contains the recording.

    Args:
        disk: Disk operations.
        evidence: The recording.
        texts: Texts that were said in it.

    Raises OSError if a file cannot be read.
    """
    if os.path.lexists(evidence.file):
        return True
    wanted = [evidence.key, *(form for text in texts for form in _forms(text))]
    left = _MOST_BYTES
    for path in _files_below(evidence.folder):
        if evidence.recording_id in path.name:
            return True
        if path.name in MIRRORS:
            continue
        try:
            found = path.lstat()
        except FileNotFoundError:
            continue
        if found.st_mtime < evidence.written - _MARGIN_SECONDS or found.st_size > MAX_SEALED_BYTES:
            continue
        if (left := left - found.st_size) < 0 or not path.is_file() or path.is_symlink():
            continue
        try:
            content = read_file(disk, path, MAX_SEALED_BYTES)
        except FileNotFoundError:
            # Another recording was deleted meanwhile.
            continue
        if any(needle in content for needle in wanted):
            return True
    return False


def _forms(text: str) -> Iterator[bytes]:
    """Yield a text as files may contain it."""
    yield text.encode()
    yield text.encode("utf-16-le")
    yield text.encode().hex().encode()


def _files_below(folder: Path) -> Iterator[Path]:
    """Yield every file below a folder, without following links. Raises OSError for a folder that cannot be read."""

    def fail(err: OSError) -> None:
        if not isinstance(err, FileNotFoundError):
            raise err

    for name, _, files in os.walk(folder, onerror=fail):
        for file in files:
            yield Path(name, file)
