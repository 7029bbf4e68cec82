"""Open files that may have been replaced by anything: only regular ones, without following links or waiting.

Opening a FIFO waits for its other end, opening a device may start it, and a symbolic link may lead to a file
of somebody else's. So the entry is looked at before it is opened and, because it can be replaced in between,
once more afterwards.
"""

import errno
import os
from pathlib import Path
import stat
from typing import Final

_FLAGS: Final = os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY


class NotARegularFile(OSError):
    """The name belongs to a link, a folder, a FIFO, a socket or a device."""

    def __init__(self) -> None:
        """Carry a number like every OSError, and no path."""
        super().__init__(errno.EINVAL, "not a regular file")


class FileTooLarge(OSError):
    """The file is larger than it can be if it is ours."""

    def __init__(self) -> None:
        """Carry a number like every OSError, and no path."""
        super().__init__(errno.EFBIG, "file too large")


def is_obstacle(path: Path, *, follow: bool = False) -> bool:
    """Return whether a name belongs to something other than a regular file; blocks.

    Raises OSError, but not for a missing name, which is no obstacle.
    """
    try:
        return not stat.S_ISREG(path.stat(follow_symlinks=follow).st_mode)
    except FileNotFoundError:
        return False


def open_regular(path: Path, flags: int, mode: int = 0o600, *, follow: bool = False) -> int:
    """Open a regular file and return its descriptor; blocks on the disk only.

    Args:
        path: The file. Links among its parents are always followed.
        flags: os.O_RDONLY, os.O_RDWR, os.O_CREAT and so on.
        mode: Permissions of a file that is created.
        follow: Whether the name itself may be a link to a file, as only what is read and never written may.

    Raises:
        NotARegularFile: The name belongs to something else.
        OSError: It cannot be opened.
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
    """Return the content of a regular file, or of what a link leads to with `follow`; blocks.

    Raises:
        NotARegularFile: The name belongs to something else.
        FileTooLarge: The file has more than `limit` bytes.
        OSError: It cannot be read.
    """
    with os.fdopen(open_regular(path, os.O_RDONLY, follow=follow), "rb") as file:
        if os.fstat(file.fileno()).st_size > limit:
            raise FileTooLarge
        # A file can grow meanwhile, and some special file systems tell no sizes.
        content = file.read(limit + 1)
    if len(content) > limit:
        raise FileTooLarge
    return content


def remove_entry(path: Path) -> bool:
    """Remove a name of any kind; return whether it is gone. Blocks.

    Links are removed, not followed. A folder is removed only when it is empty.

    Raises:
        OSError: The name is still there for another reason than a folder's content.
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
