"""Small real disks to mount, for whoever may mount anything."""

from collections.abc import Iterator
import contextlib
import os
from pathlib import Path
import subprocess

import pytest


def _run(*command: str | Path, purpose: str) -> None:
    done = subprocess.run([str(part) for part in command], check=False, capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f"{purpose} is not possible here: {done.stderr.strip()}")


def make_ext4(image: Path, *, megabytes: int) -> None:
    """Make an image of an empty ext4; skip the test where that is impossible."""
    if os.geteuid() != 0:
        pytest.skip("mounting an image needs root")
    with image.open("wb") as file:
        file.truncate(megabytes << 20)
    _run("mkfs.ext4", "-q", "-F", image, purpose="making an ext4 image")


@contextlib.contextmanager
def small_tmpfs(folder: Path, *, megabytes: int) -> Iterator[Path]:
    """Mount a disk in memory that is full soon; skip the test where that is impossible."""
    folder.mkdir(parents=True, exist_ok=True)
    if os.geteuid() != 0:
        pytest.skip("mounting a small disk needs root")
    _run("mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", folder, purpose="mounting a small disk")
    try:
        yield folder
    finally:
        # Lazily: who failed may still hold files open.
        subprocess.run(["umount", "-l", str(folder)], check=True)


def make_read_only(folder: Path, *, on: bool) -> None:
    """Make what is mounted on a folder read-only, as the kernel does after an error of the disk, or not."""
    subprocess.run(["mount", "-o", f"remount,{'ro' if on else 'rw'}", str(folder)], check=True)


@contextlib.contextmanager
def mounted(image: Path, folder: Path) -> Iterator[Path]:
    """Mount an image; freed blocks keep their content, as on a disk without discard."""
    folder.mkdir(exist_ok=True)
    _run("mount", "-o", "loop,nodiscard", image, folder, purpose="mounting an image")
    try:
        yield folder
    finally:
        done = subprocess.run(["umount", str(folder)], check=False, capture_output=True, text=True)
        if done.returncode:
            # A test that failed may still hold files open; the mount must not outlive it.
            subprocess.run(["umount", "-l", str(folder)], check=True)
            raise AssertionError(done.stderr)
