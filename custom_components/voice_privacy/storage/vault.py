"""Sealed store on disk: keys and sealed files, the authoritative record of what is stored.

A recording is stored once its sealed file and then its key are durable; it is deleted once its key is zero
on disk. Any state that a crash leaves in between is resolved from the keys at the next opening.
"""

from collections.abc import Collection, Mapping
import contextlib
from dataclasses import replace
from datetime import date
from pathlib import Path
import secrets
from typing import Final

from ..core.errors import (
    AudioFolderMissing,
    EncryptionUnavailable,
    KeyFileLost,
    RecordingNotFound,
    RecordingUnreadable,
    StoreError,
)
from ..core.feedback import Feedback
from ..core.models import RecordingContent, RecordingInfo, Utterance
from ..core.regular_file import FileTooLarge, NotARegularFile
from .audio_folder import (
    MARKER,
    RENEWED,
    SEALED_NAME,
    UNFINISHED,
    may_hold_recordings,
    name_of,
    names_in,
    only_marker_is_damaged,
    read_marker,
    remove_all_in,
    write_marker,
)
from .cipher import encryption_fault
from .contents import info_from
from .disk import (
    Disk,
    RealDisk,
    read_beginning,
    read_file,
    remove_if_there,
    rename_over,
    store_errors,
    write_new_file,
)
from .folder_check import FolderCheck
from .intentions import read_intentions, remove_intentions, write_intentions
from .key_file import KeyFile
from .key_file_format import KEY_BYTES
from .key_move import erase_keys, move_keys
from .notes import SealedNotes
from .reconciled import FolderState, Reconciled
from .remains import Evidence, file_remains, key_remains
from .removal_queue import RemovalQueue
from .row_mark import is_marked, marked
from .sealed_file import HEAD_READ_BYTES, MAX_SEALED_BYTES, SealedFile, seal

__all__ = ["ASIDE_FOLDER", "AUDIO_FOLDER", "MARKER", "NOTES_FOLDER", "Reconciled", "Vault"]

AUDIO_FOLDER: Final = "audio"
ASIDE_FOLDER: Final = "not-restored"
"""Quarantine folder for sealed files whose keys were never in this key file."""

NOTES_FOLDER: Final = "notes"
"""Folder for sealed notes about recordings."""


class Vault:
    """Keys and sealed files of one store. Not thread-safe; every method blocks on the disk."""

    def __init__(
        self,
        folder: Path,
        key_folder: Path | None = None,
        disk: Disk | None = None,
        key_folders_before: Collection[Path] = (),
    ) -> None:
        """Prepare a store in a folder.

        Args:
            folder: Folder of the store.
            key_folder: Folder of the key file, None for the store's folder.
            disk: Disk operations, None for the machine's disk.
            key_folders_before: Former key folders, from which open() moves the keys to key_folder.
        """
        self._disk: Disk = disk or RealDisk()
        self._folder = folder
        self._audio = folder / AUDIO_FOLDER
        self._aside = folder / ASIDE_FOLDER
        self._key_folder = key_folder or folder
        self._key_folders_before = [
            path for path in (folder, *key_folders_before) if path != self._key_folder
        ]
        self._keys = KeyFile(self._disk, self._key_folder)
        self._notes = SealedNotes(self._disk, folder / NOTES_FOLDER, self._keys.key_of)
        self._audio_available = False
        self._judged = False
        """True if the files in the folder have been checked against the keys since the opening."""

        self._encryption_fault: EncryptionUnavailable | None = None

        self._damaged_files: dict[str, Path] = {}
        self._pending_removal = RemovalQueue(self._disk, self._audio)

    @property
    def store_id(self) -> str:
        """Random id of this store, 32 hexadecimal digits."""
        return self._keys.store_id

    @property
    def ever_kept(self) -> bool:
        """True if anything was ever stored, even if it has been deleted since."""
        return self._keys.issued > 0

    @property
    def audio_available(self) -> bool:
        """True if the audio folder was present and belonged to this store at the last check."""
        return self._audio_available

    @property
    def encryption_fault(self) -> EncryptionUnavailable | None:
        """Error that has prevented sealing and opening since the last opening, or None."""
        return self._encryption_fault

    def must_be_opened_again(self) -> bool:
        """Return whether another opening would find the audio folder, or may create a new one.

        This is the case if a folder that was missing at the opening is back, or if no key is left that
        could open a file in the missing folder.
        """
        with store_errors():
            marker = read_marker(self._disk, self._audio)
            return (not self._judged and marker == self.store_id) or (
                marker is None and self._may_write_marker()
            )

    def _may_write_marker(self) -> bool:
        """Return whether a folder without a readable marker may be marked as this store's."""
        if not self._keys.sequences() and not self._keys.damaged:
            return True
        return only_marker_is_damaged(self._disk, self._audio, self.store_id, self._keys.sequences())

    def _check_audio(self) -> None:
        """Check that the audio folder is present; its disk may be detached at any time.

        A folder without the marker is only a mount point, and files written to it would be hidden once the
        disk is mounted. Raises AudioFolderMissing.
        """
        self._audio_available = self._judged and read_marker(self._disk, self._audio) == self.store_id
        if not self._audio_available:
            raise AudioFolderMissing

    # --- opening ---------------------------------------------------------------------------------

    def open(self) -> None:
        """Open the key file, or create a new store if there is none.

        Raises StoreInUse, KeyFileLost or StoreError.
        """
        with store_errors():
            self._disk.make_folder(self._folder)
            marker = read_marker(self._disk, self._audio)
            if self._key_folder != self._folder:
                self._check_key_folder()
            move_keys(self._disk, self._key_folders_before, self._key_folder, marker)
            self._keys.open(
                expected_store=marker,
                may_create=marker is None and not may_hold_recordings(self._disk, self._audio),
            )
            if marker is None and self._may_write_marker():
                write_marker(self._disk, self._audio, self.store_id)
                marker = self.store_id
            self._audio_available = self._judged = marker == self.store_id
        self._encryption_fault = encryption_fault()

    def close(self) -> None:
        """Close the key file and release its lock."""
        self._keys.close()

    def _check_key_folder(self) -> None:
        """Raise KeyFileLost if the configured key folder is missing.

        Its disk is not mounted, and no new key file may be created in its place.
        """
        try:
            self._disk.list(self._key_folder, SEALED_NAME)
        except FileNotFoundError, NotADirectoryError:
            raise KeyFileLost from None

    def reconcile(self, rows: Mapping[str, RecordingInfo] | None) -> Reconciled:
        """Compare keys, files and rows; queue the files of destroyed keys for sweep().

        Files whose keys were never in this key file are quarantined and counted, not deleted. Without the
        audio folder no file is classified.

        Args:
            rows: Rows of the recorder table by recording id, None if it cannot be read. The info part of a
                file is opened if its row is missing or has an invalid mark.

        Raises:
            StoreError: The disk failed.
        """
        with store_errors():
            folder = self._look_into_folder()
            self._damaged_files = folder.damaged
            self._notes.reconcile(self._keys.has_slot)
            if self._audio_available:
                self._keys.destroy(
                    [damaged_id for damaged_id in self._keys.damaged if damaged_id not in folder.damaged]
                )
            known = rows or {}
            keys = self._keys.keys()
            recordings: list[RecordingInfo] = []
            missing_rows: list[RecordingInfo] = []
            unreadable = set(self._keys.damaged)
            false_rows = 0
            for recording_id, sequence in sorted(self._keys.sequences().items(), key=lambda item: item[1]):
                info = None if recording_id in folder.renewed else known.get(recording_id)
                if info is not None and not self._is_true(info, sequence, keys[recording_id]):
                    info = None
                    false_rows += 1
                if info is None:
                    info = self._info_of(recording_id, sequence) if recording_id in folder.present else None
                    if info is not None:
                        missing_rows.append(info)
                if info is not None:
                    recordings.append(info)
                if info is None or recording_id not in folder.present:
                    unreadable.add(recording_id)
        without_key = [info for info in known.values() if self._keys.sequence_of(info.recording_id) is None]
        ahead = {info.recording_id for info in without_key if info.sequence > self._keys.issued}
        return Reconciled(
            recordings=recordings,
            unreadable=frozenset(unreadable),
            files_set_aside=folder.set_aside,
            ahead_rows=sorted(ahead),
            false_rows=false_rows,
            missing_rows=missing_rows,
            dead_rows=[
                info.recording_id
                for info in without_key
                if info.recording_id not in ahead and info.recording_id not in self._keys.damaged
            ],
        )

    def _is_true(self, info: RecordingInfo, sequence: int, key: bytes) -> bool:
        """Return whether a row matches the sealed file, without opening the file."""
        if info.sequence != sequence:
            return False
        if len(key) == KEY_BYTES and is_marked(info, key):
            return True
        # The first mirror may have been damaged since the opening.
        other = self._keys.key_of(info.recording_id)
        return other is not None and other != key and is_marked(info, other)

    def _marked(self, info: RecordingInfo) -> RecordingInfo:
        """Return a recording's info with the mark for its row; without a mark if there is no key."""
        key = self._keys.key_of(info.recording_id)
        return info if key is None else marked(info, key)

    def _look_into_folder(self) -> FolderState:
        """Classify the files; if the folder cannot be used, classify none and store nothing in it."""
        if self._audio_available:
            try:
                check = FolderCheck(self._disk, self._audio, self._aside, self._keys, self._pending_removal)
                return check.run(self._settle_renewed if self._encryption_fault is None else None)
            except OSError:
                self._audio_available = self._judged = False
        return FolderState()

    def _info_of(self, recording_id: str, sequence: int) -> RecordingInfo | None:
        """Open the info part of a sealed file; return None if it is unreadable."""
        if self._encryption_fault is not None:
            return None
        path = self._path_of(recording_id, sequence)
        try:
            raw = read_beginning(self._disk, path, HEAD_READ_BYTES)
            sealed = self._sealed(raw, recording_id, sequence)
            if sealed.info_end > HEAD_READ_BYTES:
                raw = read_file(self._disk, path, MAX_SEALED_BYTES)
                sealed = self._sealed(raw, recording_id, sequence)
            return self._marked(sealed.info())
        except OSError, RecordingUnreadable:
            return None

    # --- keeping and reading ---------------------------------------------------------------------

    def keep(self, utterance: Utterance, local_date: date) -> RecordingInfo:
        """Seal an utterance and return once file and key are durable. Idempotent.

        Raises StoreFull, AudioFolderMissing, EncryptionUnavailable or StoreError; nothing is stored then.
        """
        with store_errors():
            self._check_audio()
        if self._encryption_fault is not None:
            # Even if encryption works again: recordings that could not be listed must be found first.
            raise EncryptionUnavailable(*self._encryption_fault.args)
        recording_id = utterance.utterance_id
        if recording_id in self._keys.damaged:
            raise RecordingUnreadable
        if (sequence := self._keys.sequence_of(recording_id)) is not None:
            if (info := self._info_of(recording_id, sequence)) is None:
                raise RecordingUnreadable
            return info
        sequence = self._keys.next_sequence()
        key = secrets.token_bytes(KEY_BYTES)
        info = info_from(utterance, sequence, local_date)
        sealed = seal(key, self.store_id, info, utterance.content())
        path = self._path_of(recording_id, sequence)
        unfinished = path.with_name(path.name + UNFINISHED)
        with store_errors():
            write_new_file(self._disk, unfinished, sealed)
            try:
                self._keys.add(recording_id, sequence, key)
                rename_over(self._disk, unfinished, path)
                self._disk.sync_folder(self._audio)
            except OSError, StoreError:
                self._undo_keep(recording_id, path, unfinished)
                raise
        return marked(replace(info, size=len(sealed)), key)

    def _undo_keep(self, recording_id: str, path: Path, unfinished: Path) -> None:
        """Destroy a key that may be on disk, then remove its file; on failure the next opening does both."""
        with contextlib.suppress(OSError, StoreError):
            self._keys.destroy([recording_id])
            remove_if_there(self._disk, unfinished)
            remove_if_there(self._disk, path)

    def read(self, recording_id: str) -> tuple[RecordingInfo, RecordingContent]:
        """Decrypt a recording. Raises RecordingNotFound, RecordingUnreadable or EncryptionUnavailable."""
        if (sequence := self._keys.sequence_of(recording_id)) is None:
            raise RecordingUnreadable if recording_id in self._keys.damaged else RecordingNotFound
        try:
            return self._read(recording_id, sequence)
        except RecordingUnreadable:
            with contextlib.suppress(OSError, StoreError):
                if self._settle_renewed(recording_id, sequence):
                    return self._read(recording_id, sequence)
            raise

    def _read(self, recording_id: str, sequence: int) -> tuple[RecordingInfo, RecordingContent]:
        try:
            raw = read_file(self._disk, self._path_of(recording_id, sequence), MAX_SEALED_BYTES)
        except OSError as err:
            raise RecordingUnreadable from err
        sealed = self._sealed(raw, recording_id, sequence)
        if sealed.size != len(raw):
            raise RecordingUnreadable
        with store_errors():
            return self._marked(sealed.info()), sealed.content()

    # --- evidence for the self-test --------------------------------------------------------------

    def evidence(self, recording_id: str) -> Evidence:
        """Return how a recording is stored, to search for its remains later.

        Raises RecordingNotFound or StoreError.
        """
        with store_errors():
            sequence, key = self._keys.sequence_of(recording_id), self._keys.key_of(recording_id)
            if sequence is None or key is None:
                raise RecordingNotFound
            path = self._path_of(recording_id, sequence)
            return Evidence(
                recording_id=recording_id,
                key=key,
                file=path,
                written=path.stat().st_mtime,
                folder=self._folder,
                key_folders=(self._key_folder, *self._key_folders_before),
            )

    def key_remains(self, evidence: Evidence) -> bool:
        """Return whether the key of a recording is left. Safe in any thread. Raises OSError."""
        in_memory = self._keys.sequence_of(evidence.recording_id) is not None
        return key_remains(self._disk, evidence) or in_memory

    def file_remains(self, evidence: Evidence, texts: tuple[str, ...]) -> bool | None:
        """Return whether a file is left of a recording, or waits to be removed; see remains.file_remains."""
        return evidence.recording_id in self._pending_removal or file_remains(self._disk, evidence, texts)

    # --- changing what is sealed -----------------------------------------------------------------

    def forget_text(self, recording_id: str) -> RecordingInfo:
        """Reseal a recording under a new key without transcript and reply, and destroy the old key.

        The audio stays identical, byte for byte, and the recording's note is preserved. When this returns,
        the old key is overwritten on disk in both mirrors. A crash leaves either the old or the new state.
        Raises RecordingNotFound, RecordingUnreadable, StoreFull or StoreError.
        """
        info, content = self.read(recording_id)
        info = replace(info, has_text=False)
        if not content.has_text:
            with store_errors():
                return self._marked(info)
        return self._reseal(info, content.without_text())

    def write_feedback(self, recording_id: str, feedback: Feedback) -> RecordingInfo:
        """Reseal a recording under a new key with what somebody says was wrong with it.

        Its other content, audio included, stays identical. A crash leaves either the old or the new state.
        Raises the same as forget_text.
        """
        info, content = self.read(recording_id)
        if content.feedback == feedback:
            return info
        content = replace(content, feedback=feedback)
        return self._reseal(replace(info, has_text=info.has_text or content.has_text), content)

    def _reseal(self, info: RecordingInfo, content: RecordingContent) -> RecordingInfo:
        """Replace a recording's sealed file and its key, because a key seals one file once; keep its note."""
        recording_id = info.recording_id
        note = self._notes.read(recording_id)
        key = secrets.token_bytes(KEY_BYTES)
        sealed = seal(key, self.store_id, info, content)
        path = self._path_of(recording_id, info.sequence)
        renewed = path.with_name(path.name + RENEWED)
        with store_errors():
            # Nothing opens the new file until the key is replaced: the next opening discards a torn file.
            remove_if_there(self._disk, renewed)
            write_new_file(self._disk, renewed, sealed)
            try:
                self._keys.replace(recording_id, key)
            except OSError, StoreError:
                # The key on disk is unknown: keep the file that it opens, and seal the note for it.
                with contextlib.suppress(OSError, StoreError):
                    self._settle_renewed(recording_id, info.sequence)
                    self._keep_note(recording_id, note)
                raise
            try:
                self._settle_renewed(recording_id, info.sequence)
            finally:
                self._keep_note(recording_id, note)
        return marked(replace(info, size=len(sealed)), key)

    def _keep_note(self, recording_id: str, note: bytes | None) -> None:
        """Seal the note of a resealed recording, if it has one, for its key of now."""
        if note is not None:
            self._notes.write(recording_id, note)

    def _settle_renewed(self, recording_id: str, sequence: int) -> bool:
        """Replace the old file with the resealed file if the key opens it, otherwise remove the latter.

        Returns True if the old file was replaced.
        """
        path = self._path_of(recording_id, sequence)
        renewed = path.with_name(path.name + RENEWED)
        # The decision needs a key that is known to be on disk.
        self._keys.recover()
        try:
            raw = read_file(self._disk, renewed, MAX_SEALED_BYTES)
            self._sealed(raw, recording_id, sequence).info()
        except FileNotFoundError:
            return False
        except FileTooLarge, NotARegularFile, RecordingUnreadable:
            remove_if_there(self._disk, renewed)
            return False
        rename_over(self._disk, renewed, path)
        self._disk.sync_folder(self._audio)
        return True

    def _sealed(self, raw: bytes, recording_id: str, sequence: int) -> SealedFile:
        with store_errors():
            key = self._keys.key_of(recording_id)
        if key is None:
            raise RecordingUnreadable
        return SealedFile(raw, key, self.store_id, recording_id, sequence)

    def _path_of(self, recording_id: str, sequence: int) -> Path:
        return self._audio / name_of(recording_id, sequence)

    # --- notes -----------------------------------------------------------------------------------

    def write_note(self, recording_id: str, note: bytes) -> None:
        """Seal a recording's note, replacing an earlier note. Raises RecordingNotFound or StoreError."""
        with store_errors():
            self._notes.write(recording_id, note)

    def read_notes(self) -> dict[str, bytes]:
        """Return all notes that can be opened, by recording id. Raises StoreError."""
        with store_errors():
            return self._notes.read_all()

    def note_ids(self) -> frozenset[str]:
        """Return the ids of recordings that have a note, including notes that cannot be opened."""
        return self._notes.ids

    def remove_notes(self, recording_ids: Collection[str]) -> int:
        """Remove notes; return the number of them still on disk. Raises StoreError."""
        with store_errors():
            return self._notes.remove(recording_ids)

    # --- deleting --------------------------------------------------------------------------------

    def write_intentions(self, intended: Mapping[str, str | None]) -> None:
        """Write which recordings are to be deleted, with the users who asked. Raises StoreError."""
        with store_errors():
            write_intentions(self._disk, self._folder, intended)

    def read_intentions(self) -> dict[str, str | None]:
        """Return which recordings were to be deleted, with the users who asked."""
        return read_intentions(self._disk, self._folder)

    def destroy(self, recording_ids: Collection[str]) -> list[str]:
        """Destroy keys and queue their files for sweep(); return the ids whose keys existed.

        When this returns, the keys have been read back as zeros from both mirrors. Raises StoreError.
        """
        with store_errors():
            destroyed = self._keys.destroy(recording_ids)
        if not self._notes.there.isdisjoint(destroyed):
            with contextlib.suppress(OSError):
                # Without keys the notes are unreadable already; the next opening retries failed removals.
                self._notes.remove(destroyed)
        for recording_id in self._damaged_files.keys() & destroyed.keys():
            # A damaged slot does not tell the sequence; its file was found by its id.
            self._pending_removal.append(self._damaged_files.pop(recording_id).name)
        self._pending_removal.extend(destroyed)
        return list(destroyed)

    @property
    def pending_removal(self) -> int:
        """Number of files of destroyed keys that wait to be swept. Safe to read from any thread."""
        return len(self._pending_removal)

    def sweep(self, limit: int) -> int:
        """Remove up to `limit` files of destroyed keys; return the number left to try.

        A file that cannot be removed does not block the others.

        Raises:
            AudioFolderMissing: The files stay queued until the folder is back.
            StoreError: All files were tried and some could not be removed; those stay queued.
        """
        with store_errors():
            if self._pending_removal.to_try:
                self._check_audio()
            return self._pending_removal.sweep(limit)

    def remove_set_aside(self) -> None:
        """Remove the quarantined files, whose keys were never in this key file."""
        with store_errors():
            for name in names_in(self._disk, self._aside):
                remove_if_there(self._disk, self._aside / name)

    def remove(self) -> None:
        """Destroy all keys, then remove everything that this store has created. Also works when closed."""
        with store_errors():
            self._keys.erase()
            for folder in self._key_folders_before:
                erase_keys(self._disk, folder)
            self._notes.remove_all()
            remove_intentions(self._disk, self._folder)
            for folder in (self._aside, self._audio):
                remove_all_in(self._disk, folder)
            for folder in (
                self._folder / NOTES_FOLDER,
                self._aside,
                self._audio,
                self._folder,
                self._key_folder,
            ):
                # A folder that holds unrelated files stays.
                with contextlib.suppress(OSError):
                    self._disk.remove_folder(folder)
        self._pending_removal.clear()
        self._audio_available = False
