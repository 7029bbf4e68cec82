"""F1, F2 and F15: a real process is killed, or its disk loses power, and what it promised still holds."""

from collections.abc import Iterator
import contextlib
from dataclasses import dataclass, field
import fcntl
import json
import os
from pathlib import Path
from random import Random
import shutil
import signal
import struct
import subprocess
import sys
from typing import Any, BinaryIO, Final

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
    keeps: int = 0
    """How many times keeping was acknowledged."""

    def hear(self, said: dict[str, Any]) -> None:
        """Take in one line."""
        if (number := said.get("keeping", said.get("kept"))) is not None:
            spoken = utterance(number)
            target = self.keeping if "keeping" in said else self.kept
            self.keeping.pop(spoken.utterance_id, None)
            target[spoken.utterance_id] = digest(spoken)
            self.keeps += "kept" in said
        for recording_id in said.get("deleting", ()):
            self.deleting[recording_id] = self.kept.pop(recording_id)
        for recording_id in said.get("deleted", ()):
            del self.deleting[recording_id]
            self.deleted.add(recording_id)

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


class Life:
    """A process with a store, which can be killed."""

    def __init__(self, nursery: Nursery, pid: int, said: BinaryIO) -> None:
        """Know who can wait for its end."""
        self._nursery = nursery
        self._pid = pid
        self._said = said
        self.over = False

    def report(self) -> dict[str, Any]:
        """Return what it found when it opened the store; AssertionError with its error when it died."""
        line = self._said.readline()
        assert line, self._nursery.errors.read_text()
        report: dict[str, Any] = json.loads(line)
        return report

    def hear(self, promises: Promises, lines: int) -> None:
        """Hear some lines: it goes on meanwhile, and so is killed anywhere."""
        for _ in range(lines):
            line = self._said.readline()
            assert line, self._nursery.errors.read_text()
            promises.hear(json.loads(line))

    def freeze(self) -> None:
        """Stop it in this moment, so that its disk can be copied; only a kill ends that."""
        os.kill(self._pid, signal.SIGSTOP)
        # The signal is on its way; the process is stopped once its parent could be told.
        while _state_of(self._pid) != "T":
            pass

    def kill(self) -> list[dict[str, Any]]:
        """Kill it and return what it had still said."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self._pid, signal.SIGKILL)
        self._nursery.order(wait=self._pid)
        self.over = True
        return [json.loads(line) for line in self._said.read().splitlines()]


def _state_of(pid: int) -> str:
    """Return the letter that says what a process does."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]


class Nursery:
    """Begins lives: one process that has imported everything and forks."""

    def __init__(self, folder: Path) -> None:
        """Start the process; its errors and those of all lives are collected in a file."""
        self._folder = folder
        self._count = 0
        self.errors = folder / "errors.log"
        with self.errors.open("wb") as errors:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tests.storage.life"],
                cwd=ROOT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
            )

    def order(self, **order: Any) -> dict[str, Any]:
        """Give an order and return the answer."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(order).encode() + b"\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        assert line, self.errors.read_text()
        answer: dict[str, Any] = json.loads(line)
        return answer

    @contextlib.contextmanager
    def life(self, folder: Path, seed: int) -> Iterator[Life]:
        """Begin a life on a folder; it is over when this ends."""
        self._count += 1
        pipe = self._folder / f"pipe {self._count}"
        os.mkfifo(pipe)
        pid = self.order(folder=str(folder), seed=seed, pipe=str(pipe))["pid"]
        with pipe.open("rb") as said:
            life = Life(self, pid, said)
            try:
                yield life
            finally:
                if not life.over:
                    life.kill()


@pytest.fixture(scope="module")
def nursery(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nursery]:
    nursery = Nursery(tmp_path_factory.mktemp("nursery"))
    yield nursery
    with nursery.process as process:
        assert process.stdin is not None
        process.stdin.close()
        process.wait(10)


@pytest.mark.timeout(180)
def test_f01_kill_at_random_moments(tmp_path: Path, nursery: Nursery) -> None:
    """A core with its recorder and the store is killed 15 times while it keeps, deletes and sweeps."""
    folder = tmp_path / "config"
    folder.mkdir()
    promises = Promises()
    chance = Random(1)
    for seed in range(1, KILLS + 1):
        with nursery.life(folder, seed) as life:
            promises.check(life.report())
            life.hear(promises, chance.randrange(2, 160))
            for said in life.kill():
                promises.hear(said)
    with nursery.life(folder, KILLS + 1) as life:
        promises.check(life.report())
    assert min(promises.keeps, len(promises.deleted)) > 50, "they had time to keep and to delete"


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
def test_f02_power_cut_at_random_moments(tmp_path: Path, nursery: Nursery) -> None:
    """A real ext4 on an image stops six times under a process that keeps and deletes."""
    image = tmp_path / "disk.img"
    mounts.make_ext4(image, megabytes=64)
    promises = Promises()
    chance = Random(2)
    for seed in range(1, POWER_CUTS + 1):
        with mounts.mounted(image, tmp_path / "disk") as disk:
            folder = disk / "config"
            folder.mkdir(exist_ok=True)
            with nursery.life(folder, seed) as life:
                promises.check(life.report())
                life.hear(promises, chance.randrange(20, 160))
                cut_power(disk)
                for said in life.kill():
                    promises.hear(said)
    with mounts.mounted(image, tmp_path / "disk") as disk, nursery.life(disk / "config", 100) as life:
        promises.check(life.report())
    assert min(promises.keeps, len(promises.deleted)) > 50, "they had time to keep and to delete"


@pytest.mark.timeout(180)
def test_f02_power_cut_as_a_snapshot_of_a_live_disk(tmp_path: Path, nursery: Nursery) -> None:
    """The image below a mounted ext4 is copied in the middle of a life; the next one begins on the copy."""
    images = [tmp_path / f"disk {number}.img" for number in range(POWER_CUTS + 1)]
    mounts.make_ext4(images[0], megabytes=64)
    promises = Promises()
    chance = Random(22)
    for number in range(POWER_CUTS):
        with mounts.mounted(images[number], tmp_path / "disk") as disk:
            folder = disk / "config"
            folder.mkdir(exist_ok=True)
            with nursery.life(folder, number + 1) as life:
                promises.check(life.report())
                life.hear(promises, chance.randrange(20, 160))
                life.freeze()
                shutil.copyfile(images[number], images[number + 1])
                for said in life.kill():
                    promises.hear(said)
        images[number].unlink()
    with mounts.mounted(images[-1], tmp_path / "disk") as disk, nursery.life(disk / "config", 100) as life:
        promises.check(life.report())
    assert min(promises.keeps, len(promises.deleted)) > 50, "they had time to keep and to delete"


def test_f15_second_process_is_refused(tmp_path: Path, nursery: Nursery) -> None:
    folder = tmp_path / "config"
    folder.mkdir()
    with nursery.life(folder, 1) as first:
        first.report()
        # A recorder of its own, so that only the store is shared.
        other = tmp_path / "other"
        (other / FOLDER).parent.mkdir(parents=True)
        (other / FOLDER).symlink_to(folder / FOLDER)
        with nursery.life(other, 2) as second, pytest.raises(AssertionError, match="StoreInUse"):
            second.report()
        first.kill()
    # The lock ends with the process, however it ended.
    with nursery.life(folder, 3) as third:
        third.report()
