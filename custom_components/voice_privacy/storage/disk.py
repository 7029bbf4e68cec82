"""Disk operations used by the sealed store.

They are defined as a protocol so that tests can simulate a disk that loses unsynchronized data on a power
cut.
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

from ..core.errors import StoreError, StoreFull, StoreInUse, StoreNoLocks, StoreNotPermitted, StoreReadOnly
from ..core.regular_file import FileTooLarge, is_obstacle, open_regular, remove_entry

_FILE_MODE = 0o600
_FOLDER_MODE = 0o700
_CAUSES: Final = {
    errno.ENOSPC: StoreFull,
    errno.EDQUOT: StoreFull,
    errno.EACCES: StoreNotPermitted,
    errno.EPERM: StoreNotPermitted,
    errno.EROFS: StoreReadOnly,
}
_NO_LOCKS: Final = frozenset({errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP, errno.ENOTSUP, errno.EINVAL})
_NOT_A_FOLDER = frozenset({errno.ENOENT, errno.ENOTDIR, errno.ELOOP})

OBSTACLE: Final = ".set-aside"
"""Suffix for entries that occupy the name of one of the store's files or folders and are renamed."""


class Disk(Protocol):
    """Files and folders. Nothing is durable until it is synchronized; errors are OSError."""

    def open(self, path: Path, *, create: bool = False) -> int:
        """Open a regular file for reading and writing and return its handle; `create` makes a missing file.

        Raises NotARegularFile for a link, a folder, a FIFO and the like, without following or blocking.
        """
        ...

    def close(self, handle: int) -> None:
        """Close a file, and with it its lock."""
        ...

    def lock(self, handle: int) -> None:
        """Lock a file exclusively. Raises BlockingIOError if it is already locked."""
        ...

    def size(self, handle: int) -> int:
        """Return the length of a file in bytes."""
        ...

    def read(self, handle: int, size: int, offset: int) -> bytes:
        """Return up to `size` bytes from `offset`, fewer only at the end of the file."""
        ...

    def read_back(self, handle: int, size: int, offset: int) -> bytes:
        """Read like `read`, bypassing the page cache where the operating system allows it."""
        ...

    def write(self, handle: int, data: bytes, offset: int) -> None:
        """Write all bytes in place at `offset`."""
        ...

    def truncate(self, handle: int, size: int) -> None:
        """Truncate a file to `size` bytes."""
        ...

    def sync(self, handle: int) -> None:
        """Make a file's content and length durable; its name needs sync_folder()."""
        ...

    def rename(self, source: Path, target: Path) -> None:
        """Rename a file, replacing the target if it exists."""
        ...

    def remove(self, path: Path) -> bool:
        """Remove an entry of any kind; return False for a folder that is not empty, which stays."""
        ...

    def list(self, folder: Path, names: re.Pattern[str]) -> dict[str, bool]:
        """Return the names in a folder that match in full, and whether each is a regular file.

        Raises FileNotFoundError if the folder does not exist.
        """
        ...

    def is_obstacle(self, path: Path) -> bool:
        """Return whether the path exists and is not a regular file."""
        ...

    def make_folder(self, folder: Path) -> None:
        """Create a folder and its parents durably, unless it exists."""
        ...

    def remove_folder(self, folder: Path) -> None:
        """Remove an empty folder."""
        ...

    def sync_folder(self, folder: Path) -> None:
        """Make the names in a folder durable."""
        ...


class RealDisk:
    """Disk of the machine."""

    def open(self, path: Path, *, create: bool = False) -> int:
        """Open a file with permissions for its owner only."""
        try:
            return open_regular(path, os.O_RDWR | (os.O_CREAT if create else 0), _FILE_MODE)
        except OSError as err:
            if create or err.errno not in (errno.EROFS, errno.EACCES, errno.EPERM):
                raise
            # A file that is no longer writable can still be read.
            return open_regular(path, os.O_RDONLY)

    def close(self, handle: int) -> None:
        """Close a file, and with it its lock."""
        os.close(handle)

    def lock(self, handle: int) -> None:
        """Lock a file with flock, which the kernel releases when the process ends."""
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def size(self, handle: int) -> int:
        """Return the length of a file in bytes."""
        return os.fstat(handle).st_size

    def read(self, handle: int, size: int, offset: int) -> bytes:
        """Return up to `size` bytes from `offset`, fewer only at the end of the file."""
        parts: list[bytes] = []
        while size > 0 and (part := os.pread(handle, size, offset)):
            parts.append(part)
            offset += len(part)
            size -= len(part)
        return b"".join(parts)

    def read_back(self, handle: int, size: int, offset: int) -> bytes:
        """Read after advising the kernel to drop its cached pages of the range."""
        if hasattr(os, "posix_fadvise"):
            os.posix_fadvise(handle, offset, size, os.POSIX_FADV_DONTNEED)
        return self.read(handle, size, offset)

    def write(self, handle: int, data: bytes, offset: int) -> None:
        """Write all bytes in place at `offset`."""
        view = memoryview(data)
        while view:
            written = os.pwrite(handle, view, offset)
            view = view[written:]
            offset += written

    def truncate(self, handle: int, size: int) -> None:
        """Truncate a file to `size` bytes."""
        os.ftruncate(handle, size)

    def sync(self, handle: int) -> None:
        """Make a file's content and length durable."""
        getattr(os, "fdatasync", os.fsync)(handle)

    def rename(self, source: Path, target: Path) -> None:
        """Rename a file, replacing the target if it exists."""
        source.replace(target)

    def remove(self, path: Path) -> bool:
        """Remove an entry of any kind; return False for a folder that is not empty."""
        return remove_entry(path)

    def list(self, folder: Path, names: re.Pattern[str]) -> dict[str, bool]:
        """Return the matching names in a folder; others are not held in memory, however many there are."""
        with os.scandir(folder) as entries:
            return {entry.name: _is_file(entry) for entry in entries if names.fullmatch(entry.name)}

    def is_obstacle(self, path: Path) -> bool:
        """Return whether the path exists and is not a regular file."""
        return is_obstacle(path)

    def make_folder(self, folder: Path) -> None:
        """Create a folder and its parents durably, unless it exists."""
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
    """Return whether an entry is a regular file; on some file systems this needs a stat that can fail."""
    try:
        return entry.is_file(follow_symlinks=False)
    except OSError:
        return False


def read_file(disk: Disk, path: Path, most: int) -> bytes:
    """Return the content of a regular file. Raises FileTooLarge if it has more than `most` bytes."""
    handle = disk.open(path)
    try:
        if (size := disk.size(handle)) > most:
            raise FileTooLarge
        return disk.read(handle, size, 0)
    finally:
        disk.close(handle)


def read_beginning(disk: Disk, path: Path, size: int) -> bytes:
    """Return up to `size` bytes from the start of a regular file."""
    handle = disk.open(path)
    try:
        return disk.read(handle, size, 0)
    finally:
        disk.close(handle)


def list_folder(disk: Disk, folder: Path, names: re.Pattern[str]) -> dict[str, bool]:
    """Return the matching names in a folder and whether each is a regular file.

    Returns an empty dict if the path is not a folder.
    """
    try:
        return disk.list(folder, names)
    except OSError as err:
        if err.errno not in _NOT_A_FOLDER:
            raise
        return {}


def write_new_file(disk: Disk, path: Path, data: bytes) -> None:
    """Write a new file and make it and its name durable; remove it on failure."""
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
    """Remove an entry of any kind if it exists; return whether it is gone.

    A folder that is not empty stays, because the store did not create its content.
    """
    with contextlib.suppress(FileNotFoundError):
        return disk.remove(path)
    return True


def rename_over(disk: Disk, source: Path, target: Path) -> None:
    """Rename a file over another file; a target that is not a regular file is set aside."""
    clear_way(disk, target)
    disk.rename(source, target)


def clear_way(disk: Disk, path: Path) -> None:
    """Set aside an entry that has the name of one of the store's files but is not a regular file.

    The entry is renamed: it is neither deleted nor followed.
    """
    if disk.is_obstacle(path):
        set_obstacle_aside(disk, path)


def set_obstacle_aside(disk: Disk, path: Path) -> None:
    """Rename an entry whose name is needed."""
    disk.rename(path, path.with_name(f"{path.name}.{secrets.token_hex(8)}{OBSTACLE}"))
    disk.sync_folder(path.parent)


def make_own_folder(disk: Disk, folder: Path) -> None:
    """Create a folder; a file or dangling link with its name is set aside."""
    try:
        disk.make_folder(folder)
    except FileExistsError, NotADirectoryError:
        set_obstacle_aside(disk, folder)
        disk.make_folder(folder)


@contextlib.contextmanager
def store_errors() -> Iterator[None]:
    """Convert OSError into the StoreError that names its cause, without the path that it contains."""
    try:
        yield
    except OSError as err:
        number = err.errno or 0
        name = errno.errorcode.get(number, "unknown")
        raise _CAUSES.get(number, StoreError)(name) from err


def lock_file(disk: Disk, handle: int) -> None:
    """Lock a file. Raises StoreInUse if another process holds the lock, StoreNoLocks if there are none."""
    try:
        disk.lock(handle)
    except BlockingIOError as err:
        raise StoreInUse from err
    except OSError as err:
        if err.errno in _NO_LOCKS:
            raise StoreNoLocks(errno.errorcode.get(err.errno, "unknown")) from err
        raise
