"""Disk of a soak: an ext4 image whose power can be cut, where that is possible, else a folder."""

import asyncio
import contextlib
import os
from pathlib import Path
import signal
import subprocess
from typing import Final, Self

import pytest

from tests.storage import mounts

_MEGABYTES: Final = 1_500


class Disk:
    """A folder to live in. A context manager: what is mounted goes away with it."""

    def __init__(self, folder: Path) -> None:
        """Prepare; entering mounts a new image below a folder, where that is possible."""
        self.folder = folder / "house"
        self.can_lose_power = False
        self._image = folder / "disk.img"
        self._copy = folder / "snapshot.img"
        self._mount = contextlib.ExitStack()

    def __enter__(self) -> Self:
        """Make the folder."""
        self.folder.mkdir()
        try:
            mounts.make_ext4(self._image, megabytes=_MEGABYTES)
            self._mount.enter_context(mounts.mounted(self._image, self.folder))
        except pytest.skip.Exception, OSError:
            # Only root may mount, and not in every container.
            return self
        self.can_lose_power = True
        return self

    def __exit__(self, *_: object) -> None:
        """Unmount."""
        self._mount.close()

    async def copy_frozen(self, pid: int) -> None:
        """Stop a process and copy the image as it is below the mounted disk; only a kill ends the stop."""
        os.kill(pid, signal.SIGSTOP)
        while not await asyncio.to_thread(_is_stopped, pid):  # noqa: ASYNC110
            # Signals are on their way, and the kernel tells only the parent.
            await asyncio.sleep(0.01)
        copy = ("cp", "--sparse=always", str(self._image), str(self._copy))
        await asyncio.to_thread(subprocess.run, copy, check=True)

    def use_copy(self) -> None:
        """Mount the copy in place of the disk, as after a power cut."""
        self._mount.close()
        self._copy.replace(self._image)
        self._mount.enter_context(mounts.mounted(self._image, self.folder))


def _is_stopped(pid: int) -> bool:
    """Return whether every thread of a process is stopped."""
    return all(
        (thread / "stat").read_text().rpartition(")")[2].split()[0] == "T"
        for thread in Path(f"/proc/{pid}/task").iterdir()
    )
