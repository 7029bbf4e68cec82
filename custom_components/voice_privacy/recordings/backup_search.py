"""Search of the newest local backup: whether it contains anything of our folder, which none may."""

from collections.abc import Iterator
import contextlib
import logging
import os
from pathlib import Path, PurePosixPath
import re
import stat
import tarfile
import time
from typing import Any, Final

from homeassistant.core import HomeAssistant, callback

from ..const import DOMAIN
from ..core.regular_file import open_regular

_LOGGER = logging.getLogger(__name__)

_FOLDER: Final = (".cache", DOMAIN)
_INNER: Final = re.compile(r".*\.(tar(\.[a-z0-9]+)?|tgz|tbz2?|txz)", re.IGNORECASE | re.DOTALL)
_IDLE: Final = "idle"
_MOST_SECONDS: Final = 120.0
"""Time to read the names in one backup, which means to unpack it."""


class _TooLong(Exception):
    """Reading the names takes too long."""


class BackupSearch:
    """Reads the names in backups; each backup once, since it does not change. It belongs to the event loop."""

    def __init__(self, hass: HomeAssistant) -> None:
        """Search the folder in which Home Assistant keeps its backups."""
        self._hass = hass
        self._known: tuple[tuple[Path, int, int], str | None, bool | None] | None = None
        """The newest backup at the last look, the password with which it was read, and what was found."""

    @property
    def under_way(self) -> bool:
        """True while a backup is made or restored."""
        return getattr(self._manager, "state", _IDLE) != _IDLE

    async def async_contains_us(self) -> bool | None:
        """Return whether the newest backup contains anything of our folder.

        None if there is none on this machine, or its names cannot be read: backups may be encrypted with a
        password that is no longer set, or belong to Supervisor.
        """
        folder = Path(self._hass.config.path("backups"))
        newest = await self._hass.async_add_executor_job(_newest, folder)
        if newest is None:
            return None
        password = self._password()
        if self._known is None or self._known[:2] != (newest, password):
            found = await self._hass.async_add_executor_job(_contains_us, newest[0], password)
            self._known = (newest, password, found)
        return self._known[2]

    @callback
    def _password(self) -> str | None:
        """Return the password with which Home Assistant encrypts its backups, or None."""
        try:
            password: str | None = self._manager.config.data.create_backup.password
        except AttributeError:
            return None
        return password

    @property
    def _manager(self) -> Any:
        """Home Assistant's backup manager, whose integration may be missing."""
        return self._hass.data.get("backup")


def _newest(folder: Path) -> tuple[Path, int, int] | None:
    """Return path, modification time and size of the newest backup, or None if there is none."""
    files = []
    try:
        for path in folder.glob("*.tar"):
            # A link that leads nowhere, or a file that was just removed, hides no other.
            with contextlib.suppress(FileNotFoundError):
                status = path.stat()
                # Opening a pipe would wait for its other end.
                if stat.S_ISREG(status.st_mode):
                    files.append((path, status.st_mtime_ns, status.st_size))
    except OSError:
        return None
    return max(files, key=lambda file: file[1], default=None)


def _contains_us(path: Path, password: str | None) -> bool | None:
    """Return whether a backup contains anything below our folder; None if it cannot be read."""
    deadline = time.monotonic() + _MOST_SECONDS
    try:
        for name in _names(path, password, deadline):
            parts = PurePosixPath(name).parts
            if any(parts[at : at + 2] == _FOLDER and len(parts) > at + 2 for at in range(len(parts))):
                return True
    except Exception as err:  # noqa: BLE001
        # A damaged or foreign file, an unknown encryption, or a disk that fails: nobody can look.
        _LOGGER.info("The names in the newest backup cannot be read (%s)", type(err).__name__)
        return None
    return False


def _names(path: Path, password: str | None, deadline: float) -> Iterator[str]:
    """Yield the names in a backup and in the archives that it contains."""
    with (
        os.fdopen(open_regular(path, os.O_RDONLY, follow=True), "rb") as file,
        tarfile.open(fileobj=file, mode="r:") as outer,
    ):
        for member in outer:
            if time.monotonic() > deadline:
                raise _TooLong
            yield member.name
            if not member.isfile() or not _INNER.fullmatch(member.name):
                continue
            inner = outer.extractfile(member)
            assert inner is not None
            try:
                yield from _inner_names(inner, deadline)
            except tarfile.ReadError:
                if password is None:
                    raise
                yield from _decrypted_names(path, member.name, password, deadline)
        # Without a block of zeros at its end, the archive is cut off there, and nobody knows what was in the rest.
        file.seek(outer.offset)
        if file.read(tarfile.BLOCKSIZE) != bytes(tarfile.BLOCKSIZE):
            raise tarfile.ReadError


def _inner_names(archive: Any, deadline: float) -> Iterator[str]:
    with tarfile.open(fileobj=archive, mode="r|*") as inner:
        for member in inner:
            if time.monotonic() > deadline:
                raise _TooLong
            yield member.name


def _decrypted_names(path: Path, name: str, password: str, deadline: float) -> Iterator[str]:
    """Yield the names in an encrypted archive of a backup."""
    # Part of every Home Assistant, but only needed for encrypted backups.
    from securetar import SecureTarArchive  # noqa: PLC0415

    with (
        SecureTarArchive(path, "r", password=password) as outer,
        outer.extract_tar(outer.tar.getmember(name)) as decrypted,
    ):
        yield from _inner_names(decrypted, deadline)
