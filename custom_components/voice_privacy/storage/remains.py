"""Search of our folders for what may be left of a deleted recording."""

from collections.abc import Collection, Iterator
import contextlib
from dataclasses import dataclass, field
import os
from pathlib import Path
import stat
from typing import Final

from .disk import Disk
from .key_file_format import MAX_MIRROR_BYTES, MIRRORS

_MARGIN_SECONDS: Final = 60.0
"""How much older than the recording a file may be and is searched all the same."""

_PART_BYTES: Final = 1024 * 1024

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


def file_remains(disk: Disk, evidence: Evidence, texts: tuple[str, ...]) -> bool | None:
    """Return whether a file in our folders is, names or contains the recording, or a copy of its key.

    Args:
        disk: Disk operations.
        evidence: The recording.
        texts: Texts that were said in it.

    Returns None if too much has changed meanwhile to read it all. Raises OSError if a file cannot be read.
    """
    if os.path.lexists(evidence.file):
        return True
    recording_id = evidence.recording_id
    # The header of a sealed file contains its id.
    wanted = [evidence.key, bytes.fromhex(recording_id)]
    wanted += [form for text in (*texts, recording_id, evidence.key.hex()) for form in _forms(text)]
    left = _MOST_BYTES
    for path in _files_of(evidence):
        if recording_id in path.name:
            return True
        try:
            found = path.lstat()
        except FileNotFoundError:
            continue
        if found.st_mtime < evidence.written - _MARGIN_SECONDS or not stat.S_ISREG(found.st_mode):
            continue
        if (left := left - found.st_size) < 0:
            return None
        try:
            if _contains(disk, path, found.st_size, wanted):
                return True
        except FileNotFoundError:
            # Another recording was deleted meanwhile.
            continue
    return False


def _contains(disk: Disk, path: Path, size: int, wanted: Collection[bytes]) -> bool:
    """Return whether a file of this size contains any of these; it is read in parts. Raises OSError."""
    overlap = max(len(needle) for needle in wanted) - 1
    handle = disk.open(path)
    try:
        offset, before = 0, b""
        while offset < size and (part := disk.read(handle, _PART_BYTES, offset)):
            content = before + part
            if any(needle in content for needle in wanted):
                return True
            offset, before = offset + len(part), content[-overlap:]
    finally:
        disk.close(handle)
    return False


def _files_of(evidence: Evidence) -> Iterator[Path]:
    """Yield every file of our folders but the mirrors, which are searched as a whole. Raises OSError."""
    mirrors = {folder / name for folder in evidence.key_folders for name in MIRRORS}
    roots = [evidence.folder]
    if (audio := evidence.file.parent).is_symlink():
        # On another disk.
        roots.append(audio)
    for root in roots:
        yield from (path for path in _files_below(root) if path not in mirrors)
    for folder in {*evidence.key_folders} - {evidence.folder}:
        yield from _copies_of_mirrors(folder, mirrors)


def _copies_of_mirrors(folder: Path, mirrors: Collection[Path]) -> Iterator[Path]:
    """Yield the files in a folder of keys that may be copies of a mirror; others in it are not ours to read."""
    sizes: dict[Path, int] = {}
    try:
        for entry in os.scandir(folder):
            with contextlib.suppress(FileNotFoundError):
                sizes[folder / entry.name] = entry.stat(follow_symlinks=False).st_size
    except FileNotFoundError, NotADirectoryError:
        return
    longest = max((sizes.get(mirror, 0) for mirror in mirrors), default=0)
    yield from (path for path, size in sizes.items() if size <= longest and path not in mirrors)


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
