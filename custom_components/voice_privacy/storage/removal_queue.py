"""Queue of the files of destroyed keys, which are removed in portions."""

from collections import deque
from collections.abc import Mapping
from pathlib import Path
from typing import cast

from .audio_folder import name_of
from .disk import Disk, remove_if_there


class RemovalQueue:
    """Files that wait to be removed. Its length is safe to read from any thread."""

    def __init__(self, disk: Disk, audio: Path) -> None:
        """Start with an empty queue for the files of an audio folder."""
        self._disk = disk
        self._audio = audio
        self._names: deque[str] = deque()
        self._sequences: dict[str, int] = {}
        """Sequences by recording id. Names are built during the sweep, because the user does not wait for it."""

        self._stuck: list[str] = []
        """Files that the current sweep could not remove."""

    def __len__(self) -> int:
        """Return the number of files that are still to be removed."""
        return len(self._names) + len(self._sequences) + len(self._stuck)

    def __contains__(self, recording_id: str) -> bool:
        """Return whether a file of this recording waits; work in another thread may still remove it."""
        return recording_id in self._sequences or any(
            recording_id in name for name in (*self._names, *self._stuck)
        )

    @property
    def to_try(self) -> int:
        """Number of files that the current sweep has not tried yet."""
        return len(self._names) + len(self._sequences)

    def append(self, name: str) -> None:
        """Add a file of the audio folder."""
        self._names.append(name)

    def extend(self, sequences: Mapping[str, int | None]) -> None:
        """Add the files of recordings, by recording id; without a sequence the name of a file is unknown."""
        if None in sequences.values():
            sequences = {
                recording_id: sequence for recording_id, sequence in sequences.items() if sequence is not None
            }
        self._sequences.update(cast(Mapping[str, int], sequences))

    def clear(self) -> None:
        """Forget the files that the current sweep has not tried yet."""
        self._names.clear()
        self._sequences.clear()

    def sweep(self, limit: int) -> int:
        """Remove up to `limit` files; return the number left to try.

        A file that cannot be removed does not block the others. Raises OSError once all files were tried and
        some could not be removed; those stay queued.
        """
        failure: OSError | None = None
        for _ in range(min(limit, self.to_try)):
            # It stays queued until it is gone, and of two kinds of files the unnamed go last, newest first.
            recording_id = None if self._names else next(reversed(self._sequences))
            name = (
                self._names[0]
                if recording_id is None
                else name_of(recording_id, self._sequences[recording_id])
            )
            try:
                remove_if_there(self._disk, self._audio / name)
            except OSError as err:
                failure = err
                self._stuck.append(name)
            if recording_id is None:
                self._names.popleft()
            else:
                del self._sequences[recording_id]
        if self._stuck and not self.to_try:
            self._names.extend(self._stuck)
            self._stuck.clear()
            raise failure or OSError
        return self.to_try
