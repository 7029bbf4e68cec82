"""The ledger on disk: appended, synchronized and read back; repaired when the last write was torn."""

from collections.abc import Sequence
import contextlib
import hashlib
import hmac
from pathlib import Path
import re
import secrets
from typing import Final

from ..core.ledger import BrokenLedger, Head, LedgerEntry, LedgerEvent, expired, extend, parse_line, verify
from ..core.regular_file import FileTooLarge, NotARegularFile
from .disk import Disk, RealDisk, list_folder, read_file, remove_if_there, rename_over, write_new_file

LEDGER: Final = "ledger"
KEY: Final = "ledger.key"
_DAMAGED: Final = "ledger.damaged"
_UNFINISHED: Final = ".tmp"
_KEY_NAME: Final = re.compile(re.escape(KEY))
_KEY_BYTES: Final = 32
_SUBJECT_BYTES: Final = 8
_MOST_BYTES: Final = 16 * 1024 * 1024
_MAX_SEQUENCE: Final = 10**14
"""Higher sequences are forged: some more entries, and the number would be too long for its format."""

_NOTHING: Final = Head(sequence=0, hash="")
"""End of a chain that was never read or written."""


class LedgerFile:
    """One ledger and the key of its subjects. Not thread-safe; every method blocks and may raise OSError."""

    def __init__(self, folder: Path, disk: Disk | None = None) -> None:
        """Prepare a ledger in a folder; nothing is read or written yet."""
        self._disk: Disk = disk or RealDisk()
        self._folder = folder
        self._path = folder / LEDGER
        self._lines: list[str] = []
        self._head = _NOTHING
        self._size = -1
        """Size of the file, or -1 if it must be read first."""

        self._key = b""
        self._made_key = False
        """True if the key was made since the file was prepared or removed."""

    def append(self, entries: Sequence[LedgerEntry], hour: str) -> None:
        """Append entries durably and read them back; on failure the file is as before.

        Args:
            entries: Entries to append.
            hour: Current hour, for entries about the ledger itself.
        """
        self._ensure_open(hour)
        lines, _ = extend(self._head, entries)
        self._write(lines)

    def subject_of(self, kind: str, identifier: str) -> str:
        """Return what stands for an id in the ledger: nobody without the key can tell which it is."""
        self._ensure_key()
        mac = hmac.digest(self._key, f"{kind} {identifier}".encode(), hashlib.sha256)
        return mac[:_SUBJECT_BYTES].hex()

    def expire(self, before: str, most: int, hour: str) -> None:
        """Remove entries from before an hour, and those above a number; the anchor keeps the last hash."""
        self._ensure_open(hour)
        if (gone := expired(self._lines, before, most)) == 0:
            return
        anchor = verify(self._lines[: gone + 1])[-1]
        self._replace([anchor.anchor(), *self._lines[gone + 1 :]])

    def export(self, hour: str) -> str:
        """Return the ledger with its last hash in a footer, for scripts/verify_ledger."""
        self._ensure_open(hour)
        return "\n".join([*self._lines, self._head.footer(), ""])

    @property
    def entries(self) -> int:
        """Number of entries, as far as the file was read."""
        return max(0, len(self._lines) - 1)

    def remove(self) -> None:
        """Remove the ledger and its key."""
        self._size, self._lines, self._key = -1, [], b""
        self._head, self._made_key = _NOTHING, False
        # The key first: a ledger that is missing beside its key was removed by somebody else.
        for name in (KEY, KEY + _UNFINISHED, LEDGER, LEDGER + _UNFINISHED, _DAMAGED):
            remove_if_there(self._disk, self._folder / name)

    # --- reading ---------------------------------------------------------------------------------

    def _ensure_open(self, hour: str) -> None:
        """Read the file, unless it is as we have left it; repair or set aside what is broken."""
        if self._size >= 0 and self._size == self._size_on_disk():
            return
        self._disk.make_folder(self._folder)
        remove_if_there(self._disk, self._path.with_name(LEDGER + _UNFINISHED))
        sound, note = self._read()
        if note is LedgerEvent.DAMAGED:
            self._set_aside()
        if not sound:
            self._head = _NOTHING
            sound = [Head(sequence=0, hash=secrets.token_hex(32)).anchor()]
        elif note is None:
            self._took(sound)
            return
        if note is not None:
            lines, _ = extend(verify(sound)[-1], [LedgerEntry(hour=hour, event=note)])
            sound = [*sound, *lines]
        self._replace(sound)

    def _read(self) -> tuple[list[str], LedgerEvent | None]:
        """Return the lines on disk that can be continued, if any, and what is to be noted about the file."""
        try:
            lines = read_file(self._disk, self._path, _MOST_BYTES).decode("ascii", "replace").split("\n")
            sound = _sound_part(lines)
        except FileNotFoundError:
            # Its key is removed before it, so that a ledger which is missing beside its key was taken away.
            had_key = list_folder(self._disk, self._folder, _KEY_NAME) and not self._made_key
            return [], LedgerEvent.DAMAGED if self._head.hash or had_key else None
        except BrokenLedger, FileTooLarge, NotARegularFile:
            return [], LedgerEvent.DAMAGED
        heads = verify(sound)
        if self._head.hash and self._head not in heads:
            # It was cut off at a whole line, or is an older copy: what we have written is no longer in it.
            return [], LedgerEvent.DAMAGED
        if heads[-1].sequence > _MAX_SEQUENCE:
            return [], LedgerEvent.DAMAGED
        rest = lines[len(sound) :]
        if any(parse_line(line) for line in rest):
            # What does not fit contains entries, which may be evidence.
            return sound, LedgerEvent.DAMAGED
        return sound, LedgerEvent.REPAIRED if rest != [""] else None

    def _set_aside(self) -> None:
        """Keep what cannot be continued under another name."""
        aside = self._folder / _DAMAGED
        with contextlib.suppress(FileNotFoundError):
            if self._disk.is_obstacle(self._path):
                # A folder cannot be renamed over a file.
                remove_if_there(self._disk, aside)
            rename_over(self._disk, self._path, aside)

    def _ensure_key(self) -> None:
        """Read the key, or make one; without it, subjects of the past cannot be linked any more."""
        if self._key:
            return
        self._disk.make_folder(self._folder)
        path = self._folder / KEY
        with contextlib.suppress(FileNotFoundError, FileTooLarge, NotARegularFile):
            key = read_file(self._disk, path, _KEY_BYTES)
            if len(key) == _KEY_BYTES:
                self._key = key
                return
        key = secrets.token_bytes(_KEY_BYTES)
        self._write_over(path, key)
        self._key, self._made_key = key, True

    def _size_on_disk(self) -> int:
        try:
            handle = self._disk.open(self._path)
        except FileNotFoundError, NotARegularFile:
            return -1
        try:
            return self._disk.size(handle)
        finally:
            self._disk.close(handle)

    # --- writing ---------------------------------------------------------------------------------

    def _took(self, lines: list[str]) -> None:
        self._lines = lines
        self._head = verify(lines)[-1]
        self._size = sum(len(line) + 1 for line in lines)

    def _replace(self, lines: list[str]) -> None:
        """Write the whole file anew; a crash leaves the old or the new one."""
        self._size = -1
        self._write_over(self._path, "".join(f"{line}\n" for line in lines).encode("ascii"))
        self._took(lines)

    def _write_over(self, path: Path, data: bytes) -> None:
        unfinished = path.with_name(path.name + _UNFINISHED)
        remove_if_there(self._disk, unfinished)
        write_new_file(self._disk, unfinished, data)
        rename_over(self._disk, unfinished, path)
        self._disk.sync_folder(self._folder)

    def _check(self, handle: int, data: bytes, offset: int) -> None:
        if self._disk.read_back(handle, len(data), offset) != data:
            raise OSError("the ledger does not read back")

    def _write(self, lines: list[str]) -> None:
        """Append lines in one write, and read them back."""
        data = "".join(f"{line}\n" for line in lines).encode("ascii")
        size, self._size = self._size, -1
        handle = self._disk.open(self._path)
        try:
            try:
                self._disk.write(handle, data, size)
                self._disk.sync(handle)
                self._check(handle, data, size)
            except OSError:
                with contextlib.suppress(OSError):
                    self._disk.truncate(handle, size)
                    self._size = size
                raise
        finally:
            self._disk.close(handle)
        self._lines += lines
        self._head = verify([self._head.anchor(), *lines])[-1]
        self._size = size + len(data)


def _sound_part(lines: Sequence[str]) -> list[str]:
    """Return the lines before a torn write at the end. Raises BrokenLedger if anything else is broken.

    Args:
        lines: What is between line feeds: the last one is empty, unless the last write was torn.
    """
    whole = list(lines[:-1])
    try:
        verify(whole)
    except BrokenLedger as err:
        # A write that a power cut has torn leaves zeros, or nothing that is a line of its own.
        rest = lines[err.line - 1 :]
        torn = any("\0" in line for line in rest) or not any(parse_line(line) for line in rest)
        if err.line == 1 or not torn:
            raise
        return whole[: err.line - 1]
    return whole


def remove_ledger(folder: Path) -> None:
    """Remove a ledger and its key. Raises OSError."""
    LedgerFile(folder).remove()
