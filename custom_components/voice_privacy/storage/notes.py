"""Sealed notes about recordings, each encrypted with a key derived from its recording's key.

Destroying a recording's key therefore makes its note unreadable too, even after a crash and in every copy.
"""

from collections.abc import Callable, Collection, Set as AbstractSet
import contextlib
import errno
import os
from pathlib import Path
import re
from typing import Final

from ..core.errors import RecordingNotFound
from .cipher import Cipher, NotAuthentic, derived_key
from .disk import Disk, list_folder, make_own_folder, read_file, remove_if_there, rename_over, write_new_file

_MAGIC: Final = b"VPNOTE\r\n"
_NAME: Final = re.compile(r"([0-9a-f]{32})\.note(\.tmp)?")
_NONCE_BYTES: Final = 12
_UNFINISHED: Final = ".tmp"
_MOST_BYTES: Final = 65_536


class SealedNotes:
    """Notes of a store, at most one per recording. Not thread-safe; methods block on the disk.

    Every method may raise OSError. Methods that seal or open may also raise EncryptionUnavailable.
    """

    def __init__(self, disk: Disk, folder: Path, key_of: Callable[[str], bytes | None]) -> None:
        """Prepare access to the notes in a folder.

        Args:
            disk: Disk operations.
            folder: Folder of the notes.
            key_of: Returns the key of a recording id, or None if it has no key.
        """
        self._disk = disk
        self._folder = folder
        self._key_of = key_of
        self._there: set[str] = set()

    def reconcile(self, is_living: Callable[[str], bool]) -> None:
        """List the notes on disk, and remove those of recordings that are not living."""
        self._there.clear()
        try:
            names = self._names()
        except OSError:
            # An unreadable folder makes notes unavailable, but must not affect recordings.
            return
        for name, is_file in names.items():
            if (match := _NAME.fullmatch(name)) is None:
                continue
            if match[2] or not is_living(match[1]):
                # Without its key a note is unreadable; the next opening retries failed removals.
                with contextlib.suppress(OSError):
                    remove_if_there(self._disk, self._folder / name)
            elif is_file:
                self._there.add(match[1])

    @property
    def there(self) -> AbstractSet[str]:
        """Live view of the ids of the recordings that have a note."""
        return self._there

    @property
    def ids(self) -> frozenset[str]:
        """Ids of the recordings that have a note."""
        return frozenset(self._there)

    def write(self, recording_id: str, note: bytes) -> None:
        """Seal a note, replacing an earlier note.

        Raises:
            RecordingNotFound: The recording has no key.
            OSError: The note is too long to be read again, or the disk failed.
        """
        if len(note) > _MOST_BYTES // 2:
            raise OSError(errno.EFBIG, "note too long")
        if (cipher := self._cipher(recording_id)) is None:
            raise RecordingNotFound
        make_own_folder(self._disk, self._folder)
        nonce = os.urandom(_NONCE_BYTES)
        path = self._path(recording_id)
        unfinished = path.with_name(path.name + _UNFINISHED)
        remove_if_there(self._disk, unfinished)
        sealed = cipher.encrypt(nonce, note, _MAGIC + bytes.fromhex(recording_id))
        write_new_file(self._disk, unfinished, _MAGIC + nonce + sealed)
        rename_over(self._disk, unfinished, path)
        self._disk.sync_folder(self._folder)
        self._there.add(recording_id)

    def read_all(self) -> dict[str, bytes]:
        """Return all notes by recording id, without those that cannot be opened."""
        notes: dict[str, bytes] = {}
        for recording_id in sorted(self._there):
            if (note := self.read(recording_id)) is not None:
                notes[recording_id] = note
        return notes

    def _opened(self, cipher: Cipher, recording_id: str) -> bytes | None:
        try:
            raw = read_file(self._disk, self._path(recording_id), _MOST_BYTES)
        except OSError:
            # An unreadable or missing file affects only this note.
            return None
        head = len(_MAGIC) + _NONCE_BYTES
        if not raw.startswith(_MAGIC):
            return None
        try:
            return cipher.decrypt(raw[len(_MAGIC) : head], raw[head:], _MAGIC + bytes.fromhex(recording_id))
        except NotAuthentic:
            return None

    def read(self, recording_id: str) -> bytes | None:
        """Return a recording's note, or None if it has no note that can be opened."""
        if recording_id not in self._there or (cipher := self._cipher(recording_id)) is None:
            return None
        return self._opened(cipher, recording_id)

    def remove(self, recording_ids: Collection[str]) -> int:
        """Remove notes durably; return the number of them that are still on disk."""
        asked = frozenset(recording_ids)
        gone = self._there & asked
        for recording_id in gone:
            with contextlib.suppress(OSError):
                remove_if_there(self._disk, self._path(recording_id))
        if gone:
            self._disk.sync_folder(self._folder)
        left = {
            match[1]
            for name, is_file in self._names().items()
            if is_file and (match := _NAME.fullmatch(name)) is not None
        }
        self._there -= gone - left
        return len(left & asked)

    def remove_all(self) -> None:
        """Remove every note."""
        for name in self._names():
            remove_if_there(self._disk, self._folder / name)
        self._there.clear()

    def _names(self) -> dict[str, bool]:
        return list_folder(self._disk, self._folder, _NAME)

    def _path(self, recording_id: str) -> Path:
        return self._folder / f"{recording_id}.note"

    def _cipher(self, recording_id: str) -> Cipher | None:
        if (key := self._key_of(recording_id)) is None:
            return None
        return Cipher(derived_key(key, b"voice_privacy note"))
