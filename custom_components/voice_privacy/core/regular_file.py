"""Safe access to paths that may have been replaced: only regular files, without following links or blocking.

Opening a FIFO blocks until its other end is opened, opening a device may start it, and a symbolic link may
lead to an unrelated file. The entry is therefore checked before it is opened and, because it can be replaced
in between, again afterwards.
"""

import errno
import os
from pathlib import Path
import stat
from typing import Final

_FLAGS: Final = os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY


class NotARegularFile(OSError):
    """The path is a link, a folder, a FIFO, a socket or a device."""

    def __init__(self) -> None:
        """Set an errno, like every OSError, but no path."""
        super().__init__(errno.EINVAL, "not a regular file")


class FileTooLarge(OSError):
    """The file is larger than the integration would have written it."""

    def __init__(self) -> None:
        """Set an errno, like every OSError, but no path."""
        super().__init__(errno.EFBIG, "file too large")


def is_obstacle(path: Path, *, follow: bool = False) -> bool:
    """Return whether a path exists and is not a regular file; blocks.

    Raises OSError, but not for a missing entry, which is not an obstacle.
    """
    try:
        return not stat.S_ISREG(path.stat(follow_symlinks=follow).st_mode)
    except FileNotFoundError:
        return False


def open_regular(path: Path, flags: int, mode: int = 0o600, *, follow: bool = False) -> int:
    """Open a regular file and return its descriptor; blocks only on the disk.

    Args:
        path: Path of the file. Links among its parents are always followed.
        flags: os.O_RDONLY, os.O_RDWR, os.O_CREAT and so on.
        mode: Permissions of a created file.
        follow: Whether the path itself may be a link to a file; only for files that are read, never written.

    Raises:
        NotARegularFile: The path is not a regular file.
        OSError: The file cannot be opened.
    """
    if is_obstacle(path, follow=follow):
        raise NotARegularFile
    try:
        descriptor = os.open(path, flags | _FLAGS | (0 if follow else os.O_NOFOLLOW), mode)
    except OSError as err:
        if err.errno in (errno.ELOOP, errno.EISDIR, errno.ENXIO):
            raise NotARegularFile from err
        raise
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise NotARegularFile
    return descriptor


def read_regular(path: Path, limit: int, *, follow: bool = False) -> bytes:
    """Return the content of a regular file or, with `follow`, of a link's target; blocks.

    Raises:
        NotARegularFile: The path is not a regular file.
        FileTooLarge: The file has more than `limit` bytes.
        OSError: The file cannot be read.
    """
    with os.fdopen(open_regular(path, os.O_RDONLY, follow=follow), "rb") as file:
        if os.fstat(file.fileno()).st_size > limit:
            raise FileTooLarge
        # A file can grow in the meantime, and some special file systems report no sizes.
        content = file.read(limit + 1)
    if len(content) > limit:
        raise FileTooLarge
    return content


def remove_entry(path: Path) -> bool:
    """Remove an entry of any kind; return whether it is gone. Blocks.

    Links are removed, not followed. A folder is removed only if it is empty.

    Raises:
        OSError: The entry could not be removed, for another reason than a folder's content.
    """
    try:
        if stat.S_ISDIR(path.lstat().st_mode):
            path.rmdir()
        else:
            path.unlink()
    except FileNotFoundError:
        return True
    except OSError as err:
        if err.errno in (errno.ENOTEMPTY, errno.EEXIST, errno.EBUSY):
            return False
        raise
    return True
