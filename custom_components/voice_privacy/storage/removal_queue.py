"""Queue of the files of destroyed keys, which are removed in portions."""

from collections import deque
from collections.abc import Iterable
from pathlib import Path

from .audio_folder import name_of
from .disk import Disk, remove_if_there

type Removal = str | tuple[str, int]
"""Name of a file in the audio folder, or (recording id, sequence) to build the name from."""


class RemovalQueue:
    """Files that wait to be removed. Its length is safe to read from any thread."""

    def __init__(self, disk: Disk, audio: Path) -> None:
        """Start with an empty queue for the files of an audio folder."""
        self._disk = disk
        self._audio = audio
        self._waiting: deque[Removal] = deque()
        self._stuck: list[Removal] = []
        """Files that the current sweep could not remove."""

    def __len__(self) -> int:
        """Return the number of files that are still to be removed."""
        return len(self._waiting) + len(self._stuck)

    def __contains__(self, recording_id: str) -> bool:
        """Return whether a file of this recording waits; work in another thread may still remove it."""
        waiting = (*self._waiting, *self._stuck)
        return any(recording_id in (file if isinstance(file, str) else file[0]) for file in waiting)

    @property
    def to_try(self) -> int:
        """Number of files that the current sweep has not tried yet."""
        return len(self._waiting)

    def append(self, file: Removal) -> None:
        """Add a file."""
        self._waiting.append(file)

    def extend(self, files: Iterable[Removal]) -> None:
        """Add files."""
        self._waiting.extend(files)

    def clear(self) -> None:
        """Forget the files that the current sweep has not tried yet."""
        self._waiting.clear()

    def sweep(self, limit: int) -> int:
        """Remove up to `limit` files; return the number left to try.

        A file that cannot be removed does not block the others. Raises OSError once all files were tried and
        some could not be removed; those stay queued.
        """
        failure: OSError | None = None
        for _ in range(min(limit, len(self._waiting))):
            file = self._waiting[0]
            name = file if isinstance(file, str) else name_of(*file)
            try:
                remove_if_there(self._disk, self._audio / name)
            except OSError as err:
                failure = err
                self._stuck.append(file)
            self._waiting.popleft()
        if self._stuck and not self._waiting:
            self._waiting.extend(self._stuck)
            self._stuck.clear()
            raise failure or OSError
        return len(self._waiting)
