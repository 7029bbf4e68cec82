"""F1, F2 and F15: a real process is killed, or its disk loses power, and what it promised still holds."""

from collections.abc import Iterator
import contextlib
from dataclasses import dataclass, field
import fcntl
import json
import os
from pathlib import Path
from random import Random
import struct
import subprocess
import sys
from typing import Any, Final

import pytest

from . import mounts
from .life import FOLDER, digest, utterance

ROOT: Final = Path(__file__).parents[2]
KILLS: Final = 15
POWER_CUTS: Final = 6
MARKER: Final = "store-id"


@dataclass(slots=True)
class Promises:
    """What the processes of one house have said."""

    kept: dict[str, str] = field(default_factory=dict)
    """Digest by recording id, neither deleted nor being deleted."""

    deleted: set[str] = field(default_factory=set)
    keeping: dict[str, str] = field(default_factory=dict)
    """Begun and not acknowledged: there or not, but whole."""

    deleting: dict[str, str] = field(default_factory=dict)

    def hear(self, said: dict[str, Any]) -> None:
        """Take in one line."""
        if (number := said.get("keeping", said.get("kept"))) is not None:
            one = utterance(number)
            target = self.keeping if "keeping" in said else self.kept
            self.keeping.pop(one.utterance_id, None)
            target[one.utterance_id] = digest(one)
        for one in said.get("deleting", ()):
            self.deleting[one] = self.kept.pop(one)
        for one in said.get("deleted", ()):
            del self.deleting[one]
            self.deleted.add(one)

    def check(self, report: dict[str, Any]) -> None:
        """I1, I2, I4 and I5 of what a process found when it opened; then there is no doubt any more."""
        listed = report["listed"]
        assert listed.items() >= self.kept.items(), "I1: kept and not deleted is listed, byte for byte"
        assert not self.deleted & listed.keys(), "I2: deleted is not listed"
        in_doubt = self.keeping | self.deleting
        assert listed.items() <= (self.kept | in_doubt).items(), "what was under way is whole or absent"
        assert (report["unreadable"], report["not_restored"]) == ([], 0), (
            "I4: a crash makes nothing unreadable"
        )
        assert report["rows"] == sorted(listed), "I5: no row of a deleted recording, and none is missing"
        files = [name for name in report["files"] if name != MARKER]
        assert sorted(name[17:49] for name in files) == sorted(listed), "I5: no file of a deleted recording"
        assert all(name.endswith(".sealed") for name in files)
        # Either way it went, it stays that way.
        self.deleted |= in_doubt.keys() - listed.keys()
        self.kept = dict(listed)
        self.keeping.clear()
        self.deleting.clear()


@contextlib.contextmanager
def life(folder: Path, seed: int) -> Iterator[subprocess.Popen[bytes]]:
    """Run a process on a folder, and kill it at the end."""
    with (folder.parent / "errors.log").open("ab") as errors:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.storage.life", str(folder), str(seed)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=errors,
        )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def first_report(process: subprocess.Popen[bytes], folder: Path) -> dict[str, Any]:
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line, (folder.parent / "errors.log").read_text()
    report: dict[str, Any] = json.loads(line)
    return report


def hear_until(process: subprocess.Popen[bytes], promises: Promises, lines: int) -> None:
    """Hear some lines: the process goes on meanwhile, and so is killed anywhere."""
    assert process.stdout is not None
    for _ in range(lines):
        promises.hear(json.loads(process.stdout.readline()))


def hear_the_rest(process: subprocess.Popen[bytes], promises: Promises) -> None:
    """Hear what a dead process had still said."""
    assert process.stdout is not None
    for line in process.stdout.read().splitlines():
        promises.hear(json.loads(line))


def has_kept_and_deleted(promises: Promises) -> bool:
    return len(promises.kept) > 10 and len(promises.deleted) > 10


@pytest.mark.timeout(180)
def test_f01_kill_at_random_moments(tmp_path: Path) -> None:
    """A core with its recorder and the store is killed 15 times while it keeps, deletes and sweeps."""
    folder = tmp_path / "config"
    folder.mkdir()
    promises = Promises()
    chance = Random(1)
    for seed in range(1, KILLS + 1):
        with life(folder, seed) as process:
            promises.check(first_report(process, folder))
            hear_until(process, promises, chance.randrange(2, 160))
            process.kill()
            hear_the_rest(process, promises)
    with life(folder, KILLS + 1) as process:
        promises.check(first_report(process, folder))
    assert has_kept_and_deleted(promises)


EXT4_IOC_SHUTDOWN: Final = 0x8004587D
NO_LOG_FLUSH: Final = struct.pack("=I", 2)


def cut_power(folder: Path) -> None:
    """Have ext4 stop in this moment, as if the cable were pulled: whatever was not synchronized is lost."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.ioctl(handle, EXT4_IOC_SHUTDOWN, NO_LOG_FLUSH)
    finally:
        os.close(handle)


@pytest.mark.timeout(180)
def test_f02_power_cut_at_random_moments(tmp_path: Path) -> None:
    """A real ext4 on an image stops six times under a process that keeps and deletes."""
    image = tmp_path / "disk.img"
    mounts.make_ext4(image, megabytes=64)
    promises = Promises()
    chance = Random(2)
    for seed in range(1, POWER_CUTS + 1):
        with mounts.mounted(image, tmp_path / "disk") as disk:
            folder = disk / "config"
            folder.mkdir(exist_ok=True)
            with life(folder, seed) as process:
                promises.check(first_report(process, folder))
                hear_until(process, promises, chance.randrange(20, 160))
                cut_power(disk)
                process.kill()
                hear_the_rest(process, promises)
    with mounts.mounted(image, tmp_path / "disk") as disk, life(disk / "config", 100) as process:
        promises.check(first_report(process, disk / "config"))
    assert has_kept_and_deleted(promises)


def test_f15_second_process_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "config"
    folder.mkdir()
    with life(folder, 1) as process:
        first_report(process, folder)
        second = subprocess.run(
            [sys.executable, "-c", _OPEN, str(folder / FOLDER)], cwd=ROOT, capture_output=True, check=False
        )
        assert b"StoreInUse" in second.stderr.splitlines()[-1]
        process.kill()
        process.communicate()
        # The lock ends with the process, however it ended.
        subprocess.run([sys.executable, "-c", _OPEN, str(folder / FOLDER)], cwd=ROOT, check=True)


_OPEN: Final = """\
import pathlib, sys
from custom_components.voice_privacy.storage.vault import Vault
Vault(pathlib.Path(sys.argv[1])).open()
"""
