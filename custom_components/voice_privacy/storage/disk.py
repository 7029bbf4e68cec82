"""The few operations on a disk that the sealed store is built from.

They are a protocol of their own so that tests can put a disk under the store that loses whatever was
not synchronized before a power cut.
"""

from collections.abc import Iterator
import contextlib
import errno
import fcntl
import os
from pathlib import Path
import re
import secrets
from typing import Final, Protocol

from ..core.errors import StoreError, StoreFull
from ..core.regular_file import FileTooLarge, is_obstacle, open_regular, remove_entry

_FILE_MODE = 0o600
_FOLDER_MODE = 0o700
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
_NOT_A_FOLDER = frozenset({errno.ENOENT, errno.ENOTDIR, errno.ELOOP})

OBSTACLE: Final = ".set-aside"
"""End of the name that something in the way of our own files or folders gets."""


class Disk(Protocol):
    """Files and folders, with nothing durable before it is synchronized. Errors are OSError."""

    def open(self, path: Path, *, create: bool = False) -> int:
        """Open a regular file for reading and writing and return its handle; `create` makes a missing one.

        Raises NotARegularFile for a link, a folder, a FIFO and the like, without following or waiting.
        """
        ...

    def close(self, handle: int) -> None:
        """Close a file, and with it its lock."""
        ...

    def lock(self, handle: int) -> None:
        """Lock a file against every other opener; BlockingIOError when it is locked."""
        ...

    def size(self, handle: int) -> int:
        """Return the length of a file in bytes."""
        ...

    def read(self, handle: int, size: int, offset: int) -> bytes:
        """Return up to `size` bytes, fewer only at the end of the file."""
        ...

    def read_back(self, handle: int, size: int, offset: int) -> bytes:
        """Read like `read`, from the medium where the system allows to pass by its cache."""
        ...

    def write(self, handle: int, data: bytes, offset: int) -> None:
        """Write all bytes in place."""
        ...

    def truncate(self, handle: int, size: int) -> None:
        """Shorten a file."""
        ...

    def sync(self, handle: int) -> None:
        """Make a file's content and length durable; its name needs sync_folder."""
        ...

    def rename(self, source: Path, target: Path) -> None:
        """Rename a file over whatever has the target's name."""
        ...

    def remove(self, path: Path) -> bool:
        """Remove a name of any kind; return False for a folder that is not empty, which stays."""
        ...

    def list(self, folder: Path, names: re.Pattern[str]) -> dict[str, bool]:
        """Return the names in a folder that match as a whole, and whether each is a regular file.

        FileNotFoundError when there is no such folder.
        """
        ...

    def is_obstacle(self, path: Path) -> bool:
        """Return whether something other than a regular file has this name."""
        ...

    def make_folder(self, folder: Path) -> None:
        """Make a folder and its parents, durably, unless it is there."""
        ...

    def remove_folder(self, folder: Path) -> None:
        """Remove an empty folder."""
        ...

    def sync_folder(self, folder: Path) -> None:
        """Make the names in a folder durable."""
        ...


class RealDisk:
    """The machine's own disk."""

    def open(self, path: Path, *, create: bool = False) -> int:
        """Open a file that nobody but its owner may read."""
        try:
            return open_regular(path, os.O_RDWR | (os.O_CREAT if create else 0), _FILE_MODE)
        except OSError as err:
            if create or err.errno not in (errno.EROFS, errno.EACCES, errno.EPERM):
                raise
            # What can no longer be written is read all the same.
            return open_regular(path, os.O_RDONLY)

    def close(self, handle: int) -> None:
        """Close a file, and with it its lock."""
        os.close(handle)

    def lock(self, handle: int) -> None:
        """Lock a file with flock, which ends with the process whatever happens to it."""
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def size(self, handle: int) -> int:
        """Return the length of a file in bytes."""
        return os.fstat(handle).st_size

    def read(self, handle: int, size: int, offset: int) -> bytes:
        """Return up to `size` bytes, fewer only at the end of the file."""
        parts: list[bytes] = []
        while size > 0 and (part := os.pread(handle, size, offset)):
            parts.append(part)
            offset += len(part)
            size -= len(part)
        return b"".join(parts)

    def read_back(self, handle: int, size: int, offset: int) -> bytes:
        """Read after telling the system to forget the synchronized pages that it caches."""
        if hasattr(os, "posix_fadvise"):
            os.posix_fadvise(handle, offset, size, os.POSIX_FADV_DONTNEED)
        return self.read(handle, size, offset)

    def write(self, handle: int, data: bytes, offset: int) -> None:
        """Write all bytes in place."""
        view = memoryview(data)
        while view:
            written = os.pwrite(handle, view, offset)
            view = view[written:]
            offset += written

    def truncate(self, handle: int, size: int) -> None:
        """Shorten a file."""
        os.ftruncate(handle, size)

    def sync(self, handle: int) -> None:
        """Make a file's content and length durable."""
        getattr(os, "fdatasync", os.fsync)(handle)

    def rename(self, source: Path, target: Path) -> None:
        """Rename a file over whatever has the target's name."""
        source.replace(target)

    def remove(self, path: Path) -> bool:
        """Remove a name of any kind; return False for a folder that is not empty."""
        return remove_entry(path)

    def list(self, folder: Path, names: re.Pattern[str]) -> dict[str, bool]:
        """Return the names in a folder that match; others are not kept, however many there are."""
        with os.scandir(folder) as entries:
            return {entry.name: _is_file(entry) for entry in entries if names.fullmatch(entry.name)}

    def is_obstacle(self, path: Path) -> bool:
        """Return whether something other than a regular file has this name."""
        return is_obstacle(path)

    def make_folder(self, folder: Path) -> None:
        """Make a folder and its parents, durably, unless it is there."""
        if folder.is_dir():
            return
        self.make_folder(folder.parent)
        folder.mkdir(_FOLDER_MODE, exist_ok=True)
        self.sync_folder(folder.parent)

    def remove_folder(self, folder: Path) -> None:
        """Remove an empty folder."""
        folder.rmdir()

    def sync_folder(self, folder: Path) -> None:
        """Make the names in a folder durable."""
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _is_file(entry: os.DirEntry[str]) -> bool:
    """Return whether an entry is a regular file; on some file systems this needs a look that can fail."""
    try:
        return entry.is_file(follow_symlinks=False)
    except OSError:
        return False


def read_file(disk: Disk, path: Path, most: int) -> bytes:
    """Return a regular file's content. Raises FileTooLarge where it has more than `most` bytes."""
    handle = disk.open(path)
    try:
        if (size := disk.size(handle)) > most:
            raise FileTooLarge
        return disk.read(handle, size, 0)
    finally:
        disk.close(handle)


def read_beginning(disk: Disk, path: Path, size: int) -> bytes:
    """Return the first bytes of a regular file, all if it has no more than `size`."""
    handle = disk.open(path)
    try:
        return disk.read(handle, size, 0)
    finally:
        disk.close(handle)


def list_folder(disk: Disk, folder: Path, names: re.Pattern[str]) -> dict[str, bool]:
    """Return the names in a folder that match, and whether each is a regular file; none if it is no folder."""
    try:
        return disk.list(folder, names)
    except OSError as err:
        if err.errno not in _NOT_A_FOLDER:
            raise
        return {}


def write_new_file(disk: Disk, path: Path, data: bytes) -> None:
    """Write a new file and make it durable under its name; leave nothing when that fails."""
    handle = disk.open(path, create=True)
    try:
        try:
            disk.write(handle, data, 0)
            disk.sync(handle)
        finally:
            disk.close(handle)
        disk.sync_folder(path.parent)
    except OSError:
        remove_if_there(disk, path)
        raise


def remove_if_there(disk: Disk, path: Path) -> bool:
    """Remove a name of any kind unless it is gone already; return whether it is gone.

    A folder that is not empty stays: what it holds is not ours.
    """
    with contextlib.suppress(FileNotFoundError):
        return disk.remove(path)
    return True


def rename_over(disk: Disk, source: Path, target: Path) -> None:
    """Rename a file over another one; something else that has the name is set aside."""
    clear_way(disk, target)
    disk.rename(source, target)


def clear_way(disk: Disk, path: Path) -> None:
    """Rename whatever has the name of a file of ours and is none; nothing of it is lost or followed."""
    if disk.is_obstacle(path):
        set_obstacle_aside(disk, path)


def set_obstacle_aside(disk: Disk, path: Path) -> None:
    """Rename what has a name that we need."""
    disk.rename(path, path.with_name(f"{path.name}.{secrets.token_hex(8)}{OBSTACLE}"))
    disk.sync_folder(path.parent)


def make_own_folder(disk: Disk, folder: Path) -> None:
    """Make a folder; a file or a link to nowhere that has its name is set aside."""
    try:
        disk.make_folder(folder)
    except FileExistsError, NotADirectoryError:
        set_obstacle_aside(disk, folder)
        disk.make_folder(folder)


@contextlib.contextmanager
def store_errors() -> Iterator[None]:
    """Turn an OSError into StoreFull or StoreError, without the path that it names."""
    try:
        yield
    except OSError as err:
        number = err.errno or 0
        name = errno.errorcode.get(number, "unknown")
        if number in _FULL:
            raise StoreFull(name) from err
        raise StoreError(name) from err
