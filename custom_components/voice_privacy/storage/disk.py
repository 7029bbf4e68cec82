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
from typing import Protocol

from ..core.errors import StoreError, StoreFull

_FILE_MODE = 0o600
_FOLDER_MODE = 0o700
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})


class Disk(Protocol):
    """Files and folders, with nothing durable before it is synchronized. Errors are OSError."""

    def open(self, path: Path, *, create: bool = False) -> int:
        """Open a file for reading and writing and return its handle; `create` makes a missing one."""
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

    def sync(self, handle: int) -> None:
        """Make a file's content and length durable; its name needs sync_folder."""
        ...

    def rename(self, source: Path, target: Path) -> None:
        """Rename a file over whatever has the target's name."""
        ...

    def remove(self, path: Path) -> None:
        """Remove a file's name."""
        ...

    def list(self, folder: Path) -> list[str]:
        """Return the names in a folder; FileNotFoundError when there is no such folder."""
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
        flags = os.O_RDWR | os.O_CLOEXEC | (os.O_CREAT if create else 0)
        try:
            return os.open(path, flags, _FILE_MODE)
        except OSError as err:
            if create or err.errno != errno.EROFS:
                raise
            # What lies on a disk that can no longer be written is read all the same.
            return os.open(path, os.O_RDONLY | os.O_CLOEXEC)

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

    def sync(self, handle: int) -> None:
        """Make a file's content and length durable."""
        getattr(os, "fdatasync", os.fsync)(handle)

    def rename(self, source: Path, target: Path) -> None:
        """Rename a file over whatever has the target's name."""
        source.replace(target)

    def remove(self, path: Path) -> None:
        """Remove a file's name."""
        path.unlink()

    def list(self, folder: Path) -> list[str]:
        """Return the names in a folder."""
        return os.listdir(folder)  # noqa: PTH208 - names of 100,000 files, not that many Path objects

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


def read_file(disk: Disk, path: Path, limit: int | None = None) -> bytes:
    """Return a file's content, or its first `limit` bytes."""
    handle = disk.open(path)
    try:
        return disk.read(handle, disk.size(handle) if limit is None else limit, 0)
    finally:
        disk.close(handle)


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


def remove_if_there(disk: Disk, path: Path) -> None:
    """Remove a file's name unless it is gone already."""
    with contextlib.suppress(FileNotFoundError):
        disk.remove(path)


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
