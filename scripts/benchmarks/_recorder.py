"""What recordings cost the recorder: its lock during a backup, the backup's size, and its events' delay."""

import asyncio
from collections.abc import Awaitable, Callable
import contextlib
from dataclasses import dataclass, field
from pathlib import Path
import random
import sqlite3
import time
from typing import Any, Final, Self, override

from homeassistant.components.backup import DATA_MANAGER
from homeassistant.components.backup.manager import BackupManager, CoreBackupReaderWriter
from homeassistant.components.recorder import Recorder
from homeassistant.components.recorder.tasks import RecorderTask
from homeassistant.core import HomeAssistant
from homeassistant.helpers.recorder import DATA_INSTANCE

from tests.storage.core_process import core

DELETED: Final = 2_000
"""Recordings that are deleted at once while events are recorded."""

_TICK: Final = 0.01
"""Seconds between two events."""

_IDLE_SECONDS: Final = 3.0
_AGENT: Final = "backup.local"
_EVENT: Final = "voice_privacy_benchmark"
_TABLE: Final = "plain_recordings"


async def backup(hass: HomeAssistant) -> dict[str, float]:
    """Have Home Assistant back itself up; return milliseconds of the recorder's lock, and megabytes."""
    if DATA_MANAGER not in hass.data:
        # The integration itself wants a web server, which this core has not.
        hass.config.components.add("backup")
        hass.data[DATA_MANAGER] = manager = BackupManager(hass, CoreBackupReaderWriter(hass))
        await manager.async_setup()
        await hass.async_block_till_done()
    manager = hass.data[DATA_MANAGER]
    with _LockWatch(hass.data[DATA_INSTANCE]) as watch:
        await manager.async_create_backup(
            agent_ids=[_AGENT],
            include_addons=None,
            include_all_addons=False,
            include_database=True,
            include_folders=None,
            include_homeassistant=True,
            name="benchmark",
            password=None,
        )
    size = await hass.async_add_executor_job(_take_away, Path(hass.config.path("backups")))
    return {"recorder locked": watch.seconds * 1_000, "megabytes": size / 1e6}


def _take_away(folder: Path) -> int:
    """Remove the one backup in a folder; return its size in bytes."""
    (archive,) = folder.glob("*.tar")
    size = archive.stat().st_size
    archive.unlink()
    return size


class _LockWatch:
    """Time how long a recorder's database is locked."""

    def __init__(self, recorder: Recorder) -> None:
        """Watch a recorder."""
        self.seconds = 0.0
        self._recorder = recorder
        self._lock = recorder.lock_database
        self._unlock = recorder.unlock_database
        self._since = 0.0

    def __enter__(self) -> Self:
        """Begin."""
        self._recorder.lock_database = self._locked  # type: ignore[method-assign]
        self._recorder.unlock_database = self._unlocked  # type: ignore[method-assign]
        return self

    def __exit__(self, *_: object) -> None:
        """Watch no more."""
        self._recorder.lock_database = self._lock  # type: ignore[method-assign]
        self._recorder.unlock_database = self._unlock  # type: ignore[method-assign]

    async def _locked(self) -> bool:
        locked = await self._lock()
        self._since = time.perf_counter()
        return locked

    def _unlocked(self) -> bool:
        self.seconds = time.perf_counter() - self._since
        return self._unlock()


@dataclass(slots=True)
class _Tick(RecorderTask):
    """Note how long ago the event before it was fired, once that event is committed."""

    delays: list[float] = field(repr=False)
    fired: float

    @override
    def run(self, instance: Recorder) -> None:
        """Run after the commit that commit_before asks for."""
        self.delays.append(time.perf_counter() - self.fired)


async def delays(hass: HomeAssistant, during: Callable[[], Awaitable[Any]]) -> dict[str, float]:
    """Return milliseconds from firing an event to its commit, while something goes on."""
    recorder, found = hass.data[DATA_INSTANCE], list[float]()
    work = asyncio.ensure_future(during())
    while not work.done():
        hass.bus.async_fire(_EVENT, {"number": len(found)})
        recorder.queue_task(_Tick(found, time.perf_counter()))
        await asyncio.sleep(_TICK)
    await work
    await recorder.async_block_till_done()
    ordered = sorted(found)
    return {
        "median": ordered[len(ordered) // 2] * 1_000,
        "p99": ordered[len(ordered) * 99 // 100] * 1_000,
        "max": ordered[-1] * 1_000,
    }


async def idle() -> None:
    """Let events alone be recorded."""
    await asyncio.sleep(_IDLE_SECONDS)


async def measure_blobs(folder: Path, count: int, size: int) -> dict[str, dict[str, float]]:
    """Measure with the same audio, DELETED more than `count`, as blobs in the recorder's own database."""
    async with core(folder) as hass:
        # Its database has to be there before strangers put a table into it.
        await hass.data[DATA_INSTANCE].async_recorder_ready.wait()
    count += DELETED
    await asyncio.to_thread(_fill, folder / "home-assistant_v2.db", count, size)
    async with core(folder) as hass:
        figures = {"backup": await backup(hass)}
        figures[f"events while {DELETED} are deleted"] = await delays(
            hass, lambda: _delete_blobs(hass.data[DATA_INSTANCE], DELETED)
        )
    return figures


def _fill(database: Path, count: int, size: int) -> None:
    source = random.Random(1)  # noqa: S311 - noise to keep, not a key
    with contextlib.closing(sqlite3.connect(database)) as connection, connection:
        connection.execute(f"CREATE TABLE {_TABLE} (sequence INTEGER PRIMARY KEY, audio BLOB)")
        connection.executemany(
            f"INSERT INTO {_TABLE} VALUES (?, ?)",  # noqa: S608
            ((number, source.randbytes(size)) for number in range(count)),
        )


@dataclass(slots=True)
class _DeleteTask(RecorderTask):
    """Delete blobs as one transaction in the recorder's thread, overwriting them as SQLite can."""

    count: int
    done: Callable[[], object] = field(repr=False)

    @override
    def run(self, instance: Recorder) -> None:
        """Delete."""
        assert instance.engine is not None
        with instance.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA secure_delete=ON")
            connection.exec_driver_sql(f"DELETE FROM {_TABLE} WHERE sequence < {self.count}")  # noqa: S608
            connection.commit()
        instance.hass.loop.call_soon_threadsafe(self.done)


async def _delete_blobs(recorder: Recorder, count: int) -> None:
    deleted = asyncio.Event()
    recorder.queue_task(_DeleteTask(count, deleted.set))
    await deleted.wait()
