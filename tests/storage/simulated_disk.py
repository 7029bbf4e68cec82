"""A disk that loses, at a power cut, any part of what was not synchronized."""

from collections.abc import Iterator
from dataclasses import dataclass, field
import errno
from pathlib import Path
from random import Random
import re
from typing import Final

SECTOR: Final = 512


class PowerCut(BaseException):
    """The machine stops in the middle of an operation."""


@dataclass(eq=False, slots=True)
class _File:
    """One file, as running programs see it and as it lies on the medium."""

    cached: bytearray = field(default_factory=bytearray)
    durable: bytearray = field(default_factory=bytearray)
    dirty: set[int] = field(default_factory=set)


@dataclass(slots=True)
class _Change:
    """A change of names that is not durable yet: names that come (with their file) and go."""

    folder: Path
    comes: Path | None
    goes: Path | None
    file: _File | None


class SimulatedDisk:
    """Implements the Disk protocol in memory."""

    def __init__(self) -> None:
        self.steps_left: int | None = None
        """Changes until the power is cut in the middle of one."""

        self._files: list[_File] = []
        self._cached: dict[Path, _File] = {}
        self._durable: dict[Path, _File] = {}
        self._folders: set[Path] = set()
        self._changes: list[_Change] = []
        self._open: dict[int, _File] = {}
        self._locked: dict[int, _File] = {}
        self._handles = 0

    # --- faults ----------------------------------------------------------------------------------

    def kill(self) -> None:
        """End the process: what it wrote stays in the system's cache."""
        self._open.clear()
        self._locked.clear()
        self.steps_left = None

    def cut_power(self, random: Random) -> None:
        """Lose any sectors and any changes of names that were not synchronized."""
        self.kill()
        for change in self._changes:
            if random.random() < 0.5:
                self._apply(self._durable, change)
        self._changes.clear()
        self._cached = dict(self._durable)
        for file in {id(file): file for file in self._cached.values()}.values():
            for sector in sorted(file.dirty):
                if random.random() < 0.5:
                    self._flush(file, sector)
            file.dirty.clear()
            file.cached = bytearray(file.durable)

    def everything(self) -> Iterator[bytes]:
        """Yield every byte on the medium and in the cache, of removed files too: nobody erases those."""
        for file in self._files:
            yield bytes(file.durable)
            yield bytes(file.cached)

    def names(self) -> list[str]:
        return [path.name for path in self._cached]

    def content(self, path: Path) -> bytes:
        return bytes(self._cached[path].cached)

    def replace_content(self, path: Path, content: bytes | None) -> None:
        """Change a file behind the store's back, durably; None removes it."""
        if content is None:
            self._files.remove(self._cached.pop(path))
            self._durable.pop(path, None)
            self._changes = [change for change in self._changes if path not in {change.comes, change.goes}]
            return
        file = self._durable[path] = self._cached[path]
        file.cached, file.durable, file.dirty = bytearray(content), bytearray(content), set()

    def _step(self) -> None:
        if self.steps_left is not None:
            self.steps_left -= 1
            if self.steps_left < 0:
                raise PowerCut

    @staticmethod
    def _flush(file: _File, sector: int) -> None:
        start, end = sector * SECTOR, min((sector + 1) * SECTOR, len(file.cached))
        if len(file.durable) < end:
            file.durable.extend(bytes(end - len(file.durable)))
        file.durable[start:end] = file.cached[start:end]

    @staticmethod
    def _apply(names: dict[Path, _File], change: _Change) -> None:
        if change.goes is not None:
            names.pop(change.goes, None)
        if change.comes is not None and change.file is not None:
            names[change.comes] = change.file

    def _change(self, change: _Change) -> None:
        self._step()
        self._apply(self._cached, change)
        self._changes.append(change)

    # --- the protocol ----------------------------------------------------------------------------

    def open(self, path: Path, *, create: bool = False) -> int:
        if path not in self._cached:
            if not create or path.parent not in self._folders:
                raise FileNotFoundError(errno.ENOENT, "no such file")
            self._files.append(_File())
            self._change(_Change(path.parent, path, None, self._files[-1]))
        self._handles += 1
        self._open[self._handles] = self._cached[path]
        return self._handles

    def close(self, handle: int) -> None:
        self._open.pop(handle, None)
        self._locked.pop(handle, None)

    def lock(self, handle: int) -> None:
        if any(file is self._open[handle] for file in self._locked.values()):
            raise BlockingIOError
        self._locked[handle] = self._open[handle]

    def size(self, handle: int) -> int:
        return len(self._open[handle].cached)

    def read(self, handle: int, size: int, offset: int) -> bytes:
        return bytes(self._open[handle].cached[offset : offset + size])

    def read_back(self, handle: int, size: int, offset: int) -> bytes:
        file = self._open[handle]
        sectors = range(offset // SECTOR, -(-(offset + size) // SECTOR))
        source = file.cached if any(sector in file.dirty for sector in sectors) else file.durable
        return bytes(source[offset : offset + size])

    def write(self, handle: int, data: bytes, offset: int) -> None:
        file = self._open[handle]
        end = offset + len(data)
        # The power may go in the middle of a write; what is written by then is in the cache only.
        self._step()
        if len(file.cached) < end:
            file.dirty.update(range(len(file.cached) // SECTOR, -(-end // SECTOR)))
            file.cached.extend(bytes(end - len(file.cached)))
        file.cached[offset:end] = data
        file.dirty.update(range(offset // SECTOR, -(-end // SECTOR)))
        self._step()

    def truncate(self, handle: int, size: int) -> None:
        del self._open[handle].cached[size:]

    def sync(self, handle: int) -> None:
        self._step()
        file = self._open[handle]
        for sector in sorted(file.dirty):
            self._flush(file, sector)
        file.dirty.clear()
        self._step()

    def rename(self, source: Path, target: Path) -> None:
        if source not in self._cached:
            raise FileNotFoundError(errno.ENOENT, "no such file")
        self._change(_Change(source.parent, target, source, self._cached[source]))

    def remove(self, path: Path) -> bool:
        if path not in self._cached:
            raise FileNotFoundError(errno.ENOENT, "no such file")
        self._change(_Change(path.parent, None, path, None))
        return True

    def list(self, folder: Path, names: re.Pattern[str]) -> dict[str, bool]:
        if folder not in self._folders:
            raise FileNotFoundError(errno.ENOENT, "no such folder")
        return {
            path.name: True for path in self._cached if path.parent == folder and names.fullmatch(path.name)
        }

    def is_obstacle(self, path: Path) -> bool:
        return False

    def make_folder(self, folder: Path) -> None:
        self._folders.add(folder)

    def remove_folder(self, folder: Path) -> None:
        self._folders.discard(folder)

    def sync_folder(self, folder: Path) -> None:
        self._step()
        for change in [pending for pending in self._changes if pending.folder == folder]:
            self._apply(self._durable, change)
            self._changes.remove(change)
        self._step()
