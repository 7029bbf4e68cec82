"""Taught wake words on disk: a key file of their own beside that of the recordings, and a sealed file for each word.

A word is stored once its sealed file and then its key are durable; it is deleted once its key is zero on disk. The key
file is the same as that of recordings, in a folder of its own, so that a fault in one harms nothing in the other.
Without any taught word there are neither folder nor files.
"""

from collections.abc import Collection
import contextlib
from dataclasses import dataclass
from pathlib import Path
import re
import secrets
from typing import Final

from ..core.errors import (
    EncryptionUnavailable,
    KeyFileLost,
    RecordingNotFound,
    RecordingUnreadable,
    StoreError,
)
from ..core.regular_file import NotARegularFile
from ..core.taught_words import SavedWord, StoredWord
from .disk import (
    Disk,
    RealDisk,
    list_folder,
    read_beginning,
    read_file,
    remove_if_there,
    rename_over,
    store_errors,
    write_new_file,
)
from .key_file import KeyFile
from .key_file_format import KEY_BYTES, MIRRORS
from .key_move import erase_keys, move_keys
from .taught_file import HEADER_BYTES, MAX_BYTES, TaughtHeader, open_word, seal_word

TAUGHT_FOLDER: Final = "taught"
"""Folder below that of the recordings for the words, and below the key folder for their keys."""

_SUFFIX: Final = ".word"
_UNFINISHED: Final = ".tmp"
_NAME: Final = re.compile(r"([0-9a-f]{32})\.word(\.tmp)?")
_MIRROR: Final = re.compile("|".join(re.escape(name) for name in MIRRORS))


@dataclass(frozen=True, slots=True)
class Destroyed:
    """What a deletion has done, as read back from disk."""

    destroyed: int
    """Number of keys that were read back as zeros."""

    files_left: int


class TaughtVault:
    """Keys and sealed files of taught words. Not thread-safe; every method blocks on the disk."""

    def __init__(
        self,
        folder: Path,
        key_folder: Path | None = None,
        disk: Disk | None = None,
        key_folders_before: Collection[Path] = (),
    ) -> None:
        """Prepare access.

        Args:
            folder: Folder of the recordings' store.
            key_folder: Folder of the recordings' keys, None for the store's folder.
            disk: Disk operations, None for the machine's disk.
            key_folders_before: Former key folders, from which open() moves the keys.
        """
        self._disk: Disk = disk or RealDisk()
        self._parent = key_folder if key_folder not in (None, folder) else None
        """Chosen key folder, which is never created: its disk may not be mounted."""

        self._folder = folder / TAUGHT_FOLDER
        self._key_folder = (key_folder or folder) / TAUGHT_FOLDER
        self._key_folders_before = [
            before
            for before in (self._folder, *(path / TAUGHT_FOLDER for path in key_folders_before))
            if before != self._key_folder
        ]
        self._keys = KeyFile(self._disk, self._key_folder)
        self._is_open = False

    # --- opening ---------------------------------------------------------------------------------

    def open(self) -> list[StoredWord]:
        """Open the key file, if there is one, and return the words, oldest first; remove files of destroyed keys.

        Raises StoreInUse, KeyFileLost or StoreError.
        """
        with store_errors():
            if not self._is_open and not self._open_keys(create=False):
                return []
            self._sweep()
            return self._stored()

    def _open_keys(self, *, create: bool) -> bool:
        """Open the key file; return False if there is nothing at all, and `create` is off."""
        if self._parent is not None:
            self._require(self._parent)
        store_id = self._store_on_disk()
        move_keys(self._disk, self._key_folders_before, self._key_folder, store_id)
        nothing = store_id is None and not list_folder(self._disk, self._key_folder, _MIRROR)
        if nothing and not create:
            return False
        self._disk.make_folder(self._folder)
        self._keys.open(expected_store=store_id, may_create=store_id is None)
        self._is_open = True
        return True

    def _require(self, folder: Path) -> None:
        """Raise KeyFileLost if a folder is missing."""
        try:
            self._disk.list(folder, _MIRROR)
        except FileNotFoundError, NotADirectoryError:
            raise KeyFileLost from None

    def _store_on_disk(self) -> str | None:
        """Return the id of the store that wrote the files, or None if there is no file of any."""
        for name, is_file in sorted(self._names().items()):
            if is_file and (header := self._header(name)) is not None:
                return header.store_id
        return None

    def _header(self, name: str) -> TaughtHeader | None:
        """Return the header of a file, or None if it has none."""
        try:
            return TaughtHeader.unpacked(read_beginning(self._disk, self._folder / name, HEADER_BYTES))
        except FileNotFoundError, NotARegularFile:
            return None

    def _sweep(self) -> None:
        """Remove unfinished files, and those whose keys this key file has destroyed; try again at the next opening."""
        live = self._keys.sequences().keys() | self._keys.damaged.keys()
        for name in self._names():
            match = _NAME.fullmatch(name)
            if match is None or (match[1] in live and not match[2]):
                continue
            header = self._header(name)
            if match[2] or header is None or header.store_id == self._keys.store_id:
                with contextlib.suppress(OSError):
                    remove_if_there(self._disk, self._folder / name)

    def _stored(self) -> list[StoredWord]:
        in_order = sorted(self._keys.sequences().items(), key=lambda item: item[1])
        words = [StoredWord(key_id, self._read(key_id)) for key_id, _ in in_order]
        return words + [StoredWord(key_id, None) for key_id in sorted(self._keys.damaged)]

    def close(self) -> None:
        """Close the key file and release its lock."""
        self._is_open = False
        self._keys.close()

    # --- words -----------------------------------------------------------------------------------

    def _read(self, key_id: str) -> SavedWord | None:
        """Return a word, or None if it cannot be opened."""
        try:
            return self._opened(key_id)
        except OSError, EncryptionUnavailable, RecordingUnreadable:
            return None

    def _opened(self, key_id: str) -> SavedWord:
        if (key := self._keys.key_of(key_id)) is None:
            raise RecordingUnreadable
        raw = read_file(self._disk, self._path(key_id), MAX_BYTES)
        return open_word(key, TaughtHeader(self._keys.store_id, key_id), raw)

    def keep(self, word: SavedWord) -> str:
        """Seal a new word, read it back, and return the id of its key.

        Raises StoreError; nothing is stored then.
        """
        with store_errors():
            if not self._is_open:
                self._open_keys(create=True)
            key_id, key = secrets.token_hex(16), secrets.token_bytes(KEY_BYTES)
            path = self._path(key_id)
            sealed = seal_word(key, TaughtHeader(self._keys.store_id, key_id), word)
            try:
                write_new_file(self._disk, path, sealed)
                self._keys.add(key_id, self._keys.next_sequence(), key)
                self._check(key_id, word)
            except OSError, StoreError:
                # Each by itself: without its key or without its file, nobody can open it.
                with contextlib.suppress(OSError, StoreError):
                    self._keys.destroy([key_id])
                with contextlib.suppress(OSError):
                    remove_if_there(self._disk, path)
                raise
            return key_id

    def replace(self, key_id: str, word: SavedWord) -> None:
        """Seal a word again under the same key; a crash leaves the old or the new one.

        Raises RecordingNotFound or StoreError.
        """
        with store_errors():
            if not self._is_open or (key := self._keys.key_of(key_id)) is None:
                raise RecordingNotFound
            path = self._path(key_id)
            unfinished = path.with_name(path.name + _UNFINISHED)
            remove_if_there(self._disk, unfinished)
            sealed = seal_word(key, TaughtHeader(self._keys.store_id, key_id), word)
            write_new_file(self._disk, unfinished, sealed)
            rename_over(self._disk, unfinished, path)
            self._disk.sync_folder(self._folder)
            self._check(key_id, word)

    def _check(self, key_id: str, word: SavedWord) -> None:
        """Raise StoreError if a word does not read back."""
        try:
            read_back = self._opened(key_id)
        except RecordingUnreadable:
            read_back = None
        if read_back != word:
            raise StoreError("a taught wake word does not read back")

    def delete(self, key_ids: Collection[str]) -> Destroyed:
        """Destroy keys, read them back as zeros, and remove their files. Raises StoreError.

        A file that cannot be removed cannot be opened any more either; the next opening tries again.
        """
        with store_errors():
            try:
                if not self._is_open and not self._open_keys(create=False):
                    return Destroyed(0, 0)
            except KeyFileLost:
                return self._delete_unreadable(key_ids)
            destroyed = self._keys.destroy(key_ids)
            return Destroyed(len(destroyed), self._remove_files(key_ids))

    def _delete_unreadable(self, key_ids: Collection[str]) -> Destroyed:
        """Remove files whose keys are lost, and with the last of them what is left of the key file."""
        if self._parent is not None:
            self._require(self._parent)
        left = self._remove_files(key_ids)
        if self._names():
            return Destroyed(0, left)
        self.remove()
        return Destroyed(len(key_ids), 0)

    def _remove_files(self, key_ids: Collection[str]) -> int:
        """Remove the files of words; return how many are left."""
        asked = frozenset(key_ids)
        for name in self._of(asked):
            with contextlib.suppress(OSError):
                remove_if_there(self._disk, self._folder / name)
        self._disk.sync_folder(self._folder)
        return len(self._of(asked))

    def _of(self, key_ids: Collection[str]) -> list[str]:
        return [name for name in self._names() if (match := _NAME.fullmatch(name)) and match[1] in key_ids]

    def file_ids(self) -> list[str]:
        """Return the ids of the words that have a file, whether their keys can be read or not. Raises StoreError."""
        with store_errors():
            matches = [_NAME.fullmatch(name) for name in self._names()]
            return sorted(match[1] for match in matches if match is not None and not match[2])

    def remove(self) -> int:
        """Destroy all keys and remove everything that was created here; return how many words there were.

        Also works when closed, and when the keys are lost. Raises StoreError.
        """
        with store_errors():
            if not self._is_open:
                with contextlib.suppress(KeyFileLost):
                    self._is_open = self._open_keys(create=False)
            words = len(self._keys.sequences()) + len(self._keys.damaged)
            if list_folder(self._disk, self._key_folder, _MIRROR):
                self._keys.erase()
            self._is_open = False
            for before in self._key_folders_before:
                erase_keys(self._disk, before)
            for name in self._names():
                remove_if_there(self._disk, self._folder / name)
            for folder in (self._folder, self._key_folder):
                # A folder that holds unrelated files stays.
                with contextlib.suppress(OSError):
                    self._disk.remove_folder(folder)
            return words

    def _names(self) -> dict[str, bool]:
        return list_folder(self._disk, self._folder, _NAME)

    def _path(self, key_id: str) -> Path:
        return self._folder / f"{key_id}{_SUFFIX}"
