"""Check of the files in the audio folder against the keys, at the opening of a store."""

from collections.abc import Callable
import contextlib
from pathlib import Path
import re

from .audio_folder import RENEWED, SEALED_NAME, UNFINISHED, files_in, name_of, names_in
from .disk import Disk, make_own_folder, read_beginning, rename_over
from .key_file import KeyFile
from .reconciled import FolderState
from .removal_queue import RemovalQueue
from .sealed_file import HEADER_BYTES, store_of


class FolderCheck:
    """Classification of the sealed files of one store."""

    def __init__(
        self, disk: Disk, audio: Path, aside: Path, keys: KeyFile, pending_removal: RemovalQueue
    ) -> None:
        """Prepare the check.

        Args:
            disk: Disk operations.
            audio: Audio folder.
            aside: Quarantine folder.
            keys: Open key file.
            pending_removal: Queue for the files whose keys were destroyed.
        """
        self._disk = disk
        self._audio = audio
        self._aside = aside
        self._keys = keys
        self._pending_removal = pending_removal

    def run(self, settle_renewed: Callable[[str, int], bool] | None) -> FolderState:
        """Complete or quarantine files according to the keys, and queue files of destroyed keys for removal.

        A link, folder or the like with the name of a sealed file is not a recording. If that recording has
        a key it is unreadable, and the entry is removed on deletion; otherwise the entry is left alone.

        Args:
            settle_renewed: Decides which of a recording's old and resealed file is valid, and returns True
                for the latter. None if decryption does not work: both files are kept.

        Raises:
            OSError: The folder cannot be used.
        """
        state = FolderState()
        self._pending_removal.clear()
        for match in files_in(self._disk, self._aside):
            # A newer key file may have been restored in the meantime.
            if self._keys.sequence_of(match[2]) == int(match[1], 16):
                rename_over(self._disk, self._aside / match[0], self._audio / match[0])
            elif match[3] is None:
                state.set_aside += 1
        renewed: list[tuple[str, int]] = []
        # Finished files first: they take precedence over an unfinished file of the same recording.
        for match in sorted(self._other_files(state), key=lambda match: match[3] is not None):
            if match[3] == RENEWED and self._keys.sequence_of(match[2]) == int(match[1], 16):
                renewed.append((match[2], int(match[1], 16)))
            else:
                self._classify_file(state, self._audio / match[0], int(match[1], 16), match[2], match[3])
        for recording_id, sequence in renewed:
            with contextlib.suppress(OSError):
                if settle_renewed is not None and settle_renewed(recording_id, sequence):
                    state.present.add(recording_id)
                    state.renewed.add(recording_id)
        self._disk.sync_folder(self._audio)
        return state

    def _other_files(self, state: FolderState) -> list[re.Match[str]]:
        """Note the finished files of recordings with a key, and return the name matches of all others.

        Of a hundred thousand files all but a few are what is expected, and are looked up by name.
        """
        expected = {
            name_of(recording_id, sequence): recording_id
            for recording_id, sequence in self._keys.sequences().items()
        }
        others: list[re.Match[str]] = []
        for name, is_file in names_in(self._disk, self._audio).items():
            if not is_file:
                continue
            if (recording_id := expected.get(name)) is not None:
                state.present.add(recording_id)
            elif (match := SEALED_NAME.fullmatch(name)) is not None:
                others.append(match)
        return others

    def _classify_file(
        self, state: FolderState, path: Path, sequence: int, recording_id: str, suffix: str | None
    ) -> None:
        """Classify a file according to the keys."""
        unfinished = suffix == UNFINISHED
        if self._keys.sequence_of(recording_id) == sequence:
            if unfinished and recording_id in state.present:
                self._pending_removal.append(path.name)
            elif unfinished:
                rename_over(self._disk, path, self._audio / name_of(recording_id, sequence))
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
            # The owner cannot be determined; the next opening tries again.
            return
        if keep and not unfinished:
            # Move it away, so that later sequences cannot make it look like a deleted recording.
            make_own_folder(self._disk, self._aside)
            rename_over(self._disk, path, self._aside / path.name)
            self._disk.sync_folder(self._aside)
            state.set_aside += suffix is None
        else:
            # Its key was destroyed, or it is unfinished and its key never became durable.
            self._pending_removal.append(path.name)

    def _is_foreign(self, path: Path) -> bool:
        """Return whether another store wrote a sealed file of any version."""
        return store_of(read_beginning(self._disk, path, HEADER_BYTES)) not in {None, self._keys.store_id}
