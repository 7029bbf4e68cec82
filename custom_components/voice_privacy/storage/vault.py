"""The sealed store on disk: keys and sealed files, which are the truth about what is kept.

A recording is kept when its sealed file and its key are durable, in that order; it is deleted when its
key is zero on disk. Whatever a crash leaves between the two is decided at the next opening by the keys.
"""

from collections import deque
from collections.abc import Collection, Mapping
import contextlib
from dataclasses import dataclass, field, replace
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
from ..core.models import RecordingContent, RecordingInfo, Utterance
from ..core.regular_file import FileTooLarge, NotARegularFile
from .audio_folder import (
    MARKER,
    RENEWED,
    SEALED_NAME,
    UNFINISHED,
    files_in,
    may_hold_recordings,
    name_of,
    names_in,
    only_marker_is_damaged,
    read_marker,
    remove_all_in,
    write_marker,
)
from .cipher import encryption_fault
from .contents import content_from, info_from
from .disk import (
    Disk,
    RealDisk,
    make_own_folder,
    read_beginning,
    read_file,
    remove_if_there,
    rename_over,
    store_errors,
    write_new_file,
)
from .key_file import KEY_BYTES, KeyFile
from .key_move import erase_keys, move_keys
from .notes import SealedNotes
from .row_mark import is_marked, marked
from .sealed_file import HEAD_READ_BYTES, HEADER_BYTES, MAX_SEALED_BYTES, SealedFile, seal, store_of

__all__ = ["ASIDE_FOLDER", "AUDIO_FOLDER", "MARKER", "NOTES_FOLDER", "Reconciled", "Vault"]

AUDIO_FOLDER: Final = "audio"
ASIDE_FOLDER: Final = "not-restored"
"""Folder for sealed files whose keys this key file never had."""

NOTES_FOLDER: Final = "notes"
"""Folder for sealed notes about recordings."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciled:
    """What an opening found, and what is left to do to the rows."""

    recordings: list[RecordingInfo]
    """What is kept, by sequence."""

    unreadable: frozenset[str]
    """Ids of what has a key, or the rest of one, but no file that opens."""

    files_set_aside: int
    """Files whose keys this key file never had."""

    ahead_rows: list[str]
    """Ids of this store's rows whose keys this key file never had: it is older than they are."""

    false_rows: int
    """Rows that tell something else than the sealed files; they are among the missing ones."""

    missing_rows: list[RecordingInfo]
    dead_rows: list[str]
    """Ids of rows of deleted recordings."""


@dataclass(slots=True)
class _FolderState:
    """What the names in the audio folder mean."""

    present: set[str] = field(default_factory=set)
    damaged: dict[str, Path] = field(default_factory=dict)
    renewed: set[str] = field(default_factory=set)
    """Recordings whose rows may still tell of their old files."""

    set_aside: int = 0


class Vault:
    """Keys and sealed files of one store. Not threadsafe; every method blocks on the disk."""

    def __init__(
        self,
        folder: Path,
        key_folder: Path | None = None,
        disk: Disk | None = None,
        key_folders_before: Collection[Path] = (),
    ) -> None:
        """Prepare a store in a folder; its keys may live in another one, to which they move when opening."""
        self._disk: Disk = disk or RealDisk()
        self._folder = folder
        self._audio = folder / AUDIO_FOLDER
        self._aside = folder / ASIDE_FOLDER
        self._key_folder = key_folder or folder
        self._key_folders_before = [one for one in (folder, *key_folders_before) if one != self._key_folder]
        self._keys = KeyFile(self._disk, self._key_folder)
        self._notes = SealedNotes(self._disk, folder / NOTES_FOLDER, self._keys.key_of)
        self._audio_available = False
        self._judged = False
        """Whether the files in the folder have been judged by the keys since the opening."""

        self._encryption_fault: EncryptionUnavailable | None = None

        self._damaged_files: dict[str, Path] = {}
        self._pending_removal: deque[str | tuple[str, int]] = deque()
        """Names in the audio folder, or recording ids and sequences, of which they are made."""

        self._stuck: list[str | tuple[str, int]] = []
        """What the sweep under way could not remove."""

    @property
    def store_id(self) -> str:
        """Random id of this store, 32 hexadecimal digits."""
        return self._keys.store_id

    @property
    def audio_available(self) -> bool:
        """Whether the folder of the sealed files was there and belonged to this store, when last looked at."""
        return self._audio_available

    @property
    def encryption_fault(self) -> EncryptionUnavailable | None:
        """Return the error because of which nothing is sealed or opened since the last opening, or None."""
        return self._encryption_fault

    def must_be_opened_again(self) -> bool:
        """Return whether another opening would find the folder of the sealed files, or may make a new one.

        That is so when it is back, which the opening had not found; or when no key is left that could
        open anything in the one that is gone.
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
        """Look for the folder, which a disk takes with it when it goes, also while this runs.

        A folder without the marker is only the place where the disk should be, and what was written now
        would lie below it. Raises AudioFolderMissing.
        """
        self._audio_available = self._judged and read_marker(self._disk, self._audio) == self.store_id
        if not self._audio_available:
            raise AudioFolderMissing

    # --- opening ---------------------------------------------------------------------------------

    def open(self) -> None:
        """Open the key file, or make a new store where there is none.

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
        """Give up the key file and its lock."""
        self._keys.close()

    def _check_key_folder(self) -> None:
        """Raise KeyFileLost where a chosen folder is missing: its disk is not there, and nothing is made in its place."""
        try:
            self._disk.list(self._key_folder, SEALED_NAME)
        except FileNotFoundError, NotADirectoryError:
            raise KeyFileLost from None

    def reconcile(self, rows: Mapping[str, RecordingInfo] | None) -> Reconciled:
        """Tell what is kept, and leave to sweep() what belongs to destroyed keys.

        Nothing is purged whose key was not once in this key file; it is set aside and counted.

        `rows` is what the recorder table says, None when it cannot be asked: then every file's
        beginning is opened instead, as it is where a row's mark does not fit. Without the audio folder no
        file is judged.
        """
        with store_errors():
            folder = self._look_into_folder()
            self._damaged_files = folder.damaged
            self._notes.reconcile(self._keys.sequences().keys() | self._keys.damaged.keys())
            if self._audio_available:
                self._keys.destroy([one for one in self._keys.damaged if one not in folder.damaged])
            known = rows or {}
            recordings: list[RecordingInfo] = []
            missing_rows: list[RecordingInfo] = []
            unreadable = set(self._keys.damaged)
            false_rows = 0
            for recording_id, sequence in sorted(self._keys.sequences().items(), key=lambda item: item[1]):
                info = None if recording_id in folder.renewed else known.get(recording_id)
                if info is not None and not self._is_true(info, sequence):
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

    def _is_true(self, info: RecordingInfo, sequence: int) -> bool:
        """Return whether a row tells what the sealed file does, without opening the file."""
        key = self._keys.key_of(info.recording_id)
        return key is not None and info.sequence == sequence and is_marked(info, key)

    def _marked(self, info: RecordingInfo) -> RecordingInfo:
        """Return what is known of a recording with the mark for its row; none without a key."""
        key = self._keys.key_of(info.recording_id)
        return info if key is None else marked(info, key)

    def _look_into_folder(self) -> _FolderState:
        """Judge the files, or none where the folder cannot be used; then nothing is kept in it either."""
        if self._audio_available:
            try:
                return self._sweep_folder()
            except OSError:
                self._audio_available = self._judged = False
        return _FolderState()

    def _sweep_folder(self) -> _FolderState:
        """Finish and set aside files as the keys demand, and doom those of destroyed keys.

        A name of ours that belongs to a link, a folder or the like is no recording: one with a key is
        unreadable, and its name goes when it is deleted; any other is left alone.
        """
        state = _FolderState()
        self._pending_removal.clear()
        for match in files_in(self._disk, self._aside):
            # A newer key file may have come back meanwhile.
            if self._keys.sequence_of(match[2]) == int(match[1], 16):
                rename_over(self._disk, self._aside / match[0], self._audio / match[0])
            elif match[3] is None:
                state.set_aside += 1
        renewed: list[tuple[str, int]] = []
        # Finished ones first: they are better than an unfinished one of the same recording.
        for match in sorted(files_in(self._disk, self._audio), key=lambda match: match[3] is not None):
            if match[3] == RENEWED and self._keys.sequence_of(match[2]) == int(match[1], 16):
                renewed.append((match[2], int(match[1], 16)))
            else:
                self._classify_file(state, self._audio / match[0], int(match[1], 16), match[2], match[3])
        for recording_id, sequence in renewed:
            # Where nothing opens, both files wait for an opening that can tell which one to keep.
            with contextlib.suppress(OSError):
                if self._encryption_fault is None and self._settle_renewed(recording_id, sequence):
                    state.present.add(recording_id)
                    state.renewed.add(recording_id)
        self._disk.sync_folder(self._audio)
        return state

    def _classify_file(
        self, state: _FolderState, path: Path, sequence: int, recording_id: str, suffix: str | None
    ) -> None:
        """Decide about one file by the keys."""
        unfinished = suffix == UNFINISHED
        if self._keys.sequence_of(recording_id) == sequence:
            if unfinished and recording_id in state.present:
                self._pending_removal.append(path.name)
            elif unfinished:
                rename_over(self._disk, path, self._path_of(recording_id, sequence))
            state.present.add(recording_id)
            return
        if recording_id in self._keys.damaged and not unfinished:
            if suffix is None:
                state.damaged[recording_id] = path
            return
        has_key = self._keys.sequence_of(recording_id) is not None
        try:
            keep = has_key or sequence > self._keys.issued or self._is_foreign(path)
        except OSError:
            # Nobody can tell whose it is; the next opening tries again.
            return
        if keep and not unfinished:
            # Out of the folder, so that later sequences cannot make it look like a deleted one.
            make_own_folder(self._disk, self._aside)
            rename_over(self._disk, path, self._aside / path.name)
            self._disk.sync_folder(self._aside)
            state.set_aside += suffix is None
        else:
            # Its key was destroyed; or it is unfinished, and its key never became durable.
            self._pending_removal.append(path.name)

    def _is_foreign(self, path: Path) -> bool:
        """Return whether another store wrote a sealed file, in whatever version."""
        return store_of(read_beginning(self._disk, path, HEADER_BYTES)) not in {None, self.store_id}

    def _info_of(self, recording_id: str, sequence: int) -> RecordingInfo | None:
        """Open the beginning of a sealed file, None when it is unreadable."""
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
        """Seal an utterance and return once file and key are durable; a second time changes nothing.

        Raises StoreFull, AudioFolderMissing, EncryptionUnavailable or StoreError, and then nothing is kept.
        """
        with store_errors():
            self._check_audio()
        if self._encryption_fault is not None:
            # Even if it works by now: recordings that this opening could not list must be found first.
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
        sealed = seal(key, self.store_id, info, content_from(utterance))
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
        """Take back a key that may be on disk, then its file; else the next opening will."""
        with contextlib.suppress(OSError, StoreError):
            self._keys.destroy([recording_id])
            remove_if_there(self._disk, unfinished)
            remove_if_there(self._disk, path)

    def read(self, recording_id: str) -> tuple[RecordingInfo, RecordingContent]:
        """Open a recording. Raises RecordingNotFound, RecordingUnreadable or EncryptionUnavailable."""
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

    # --- forgetting what was said ----------------------------------------------------------------

    def forget_text(self, recording_id: str) -> RecordingInfo:
        """Seal a recording anew without transcript and reply, and destroy the key that opened them.

        The audio stays, byte for byte; a note about the recording stays too. When this returns, the old
        key is overwritten on disk in both mirrors. A crash leaves the recording as it was or as it shall
        be. Raises RecordingNotFound, RecordingUnreadable, StoreFull or StoreError.
        """
        info, content = self.read(recording_id)
        if content.transcript is None and content.reply is None:
            with store_errors():
                return self._marked(replace(info, has_text=False))
        note = self._notes.read(recording_id)
        key = secrets.token_bytes(KEY_BYTES)
        info = replace(info, has_text=False)
        sealed = seal(key, self.store_id, info, replace(content, transcript=None, reply=None))
        path = self._path_of(recording_id, info.sequence)
        renewed = path.with_name(path.name + RENEWED)
        with store_errors():
            # Until the key is replaced nothing opens it: a torn one is thrown away at the next opening.
            remove_if_there(self._disk, renewed)
            write_new_file(self._disk, renewed, sealed)
            try:
                self._keys.replace(recording_id, key)
            except OSError, StoreError:
                # Nobody knows how far it came: whichever file opens stays.
                with contextlib.suppress(OSError, StoreError):
                    self._settle_renewed(recording_id, info.sequence)
                raise
            self._settle_renewed(recording_id, info.sequence)
            if note is not None:
                self._notes.write(recording_id, note)
        return marked(replace(info, size=len(sealed)), key)

    def _settle_renewed(self, recording_id: str, sequence: int) -> bool:
        """Let what was sealed anew take the old file's place if the key opens it, else remove it.

        Returns whether it did.
        """
        path = self._path_of(recording_id, sequence)
        renewed = path.with_name(path.name + RENEWED)
        # Only a key that is certain may decide.
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
        """Seal a note about a recording in place of an earlier one. Raises RecordingNotFound or StoreError."""
        with store_errors():
            self._notes.write(recording_id, note)

    def read_notes(self) -> dict[str, bytes]:
        """Open all notes, by recording id. Raises StoreError."""
        with store_errors():
            return self._notes.read_all()

    def note_ids(self) -> frozenset[str]:
        """Return the ids of recordings that have a note, whether it opens or not."""
        return self._notes.ids

    def remove_notes(self, recording_ids: Collection[str]) -> int:
        """Remove notes; return how many of them are still on disk. Raises StoreError."""
        with store_errors():
            return self._notes.remove(recording_ids)

    # --- deleting --------------------------------------------------------------------------------

    def destroy(self, recording_ids: Collection[str]) -> list[str]:
        """Destroy keys and return whose were there; their files wait for sweep().

        When this returns, the keys are zero on disk in both mirrors and were read back.
        """
        with store_errors():
            destroyed = self._keys.destroy(recording_ids)
        with contextlib.suppress(OSError):
            # Without their keys they are noise already; what fails waits for the next opening.
            self._notes.remove(destroyed)
        # Their names are made when they are swept: nobody waits for that.
        self._pending_removal.extend(
            self._damaged_files.pop(one).name if sequence is None else (one, sequence)
            for one, sequence in destroyed.items()
            if sequence is not None or one in self._damaged_files
        )
        return list(destroyed)

    @property
    def pending_removal(self) -> int:
        """How many files of destroyed keys wait to be swept; may be asked by any thread."""
        return len(self._pending_removal) + len(self._stuck)

    def sweep(self, limit: int) -> int:
        """Remove up to `limit` files of destroyed keys; return how many are left to try.

        What cannot be removed does not stop the others. Raises AudioFolderMissing, and then they wait for
        the folder, or StoreError after the last of them for those that are left.
        """
        failure: OSError | None = None
        with store_errors():
            if self._pending_removal:
                self._check_audio()
            for _ in range(min(limit, len(self._pending_removal))):
                pending_removal = self._pending_removal[0]
                name = pending_removal if isinstance(pending_removal, str) else name_of(*pending_removal)
                try:
                    remove_if_there(self._disk, self._audio / name)
                except OSError as err:
                    failure = err
                    self._stuck.append(pending_removal)
                self._pending_removal.popleft()
            if self._stuck and not self._pending_removal:
                self._pending_removal.extend(self._stuck)
                self._stuck.clear()
                raise failure or OSError
        return len(self._pending_removal)

    def remove_set_aside(self) -> None:
        """Remove the files whose keys this key file never had."""
        with store_errors():
            for name in names_in(self._disk, self._aside):
                remove_if_there(self._disk, self._aside / name)

    def remove(self) -> None:
        """Destroy all keys, then remove everything that this store has made; it may be closed."""
        with store_errors():
            self._keys.erase()
            for folder in self._key_folders_before:
                erase_keys(self._disk, folder)
            self._notes.remove_all()
            for folder in (self._aside, self._audio):
                remove_all_in(self._disk, folder)
            for folder in (
                self._folder / NOTES_FOLDER,
                self._aside,
                self._audio,
                self._folder,
                self._key_folder,
            ):
                # A folder that holds other people's files stays.
                with contextlib.suppress(OSError):
                    self._disk.remove_folder(folder)
        self._pending_removal.clear()
        self._audio_available = False
