"""Sealed store against SQLite blobs with secure_delete; its audio compression against zlib and FLAC."""

from argparse import Namespace
import asyncio
from collections.abc import Callable, Iterator
import contextlib
from datetime import UTC, date, datetime, timedelta
from functools import partial
import os
from pathlib import Path
import random
import sqlite3
import statistics
import tempfile
import time
from typing import Any, Final

from homeassistant.core import HomeAssistant
from sqlalchemy import create_engine

from custom_components.voice_privacy.core.models import RecordingInfo, RecordingKind, StartedBy, Utterance
from custom_components.voice_privacy.recordings.store import RecordingStore
from custom_components.voice_privacy.storage.index import RecordingIndex
from custom_components.voice_privacy.storage.key_file_format import MIRRORS
from custom_components.voice_privacy.storage.rows import RowBatch, apply_batch, ensure_table, read_rows
from custom_components.voice_privacy.storage.vault import Vault
from dev.rig.past import HastyDisk
from dev.rig.voices import BYTES_PER_SECOND
from scripts.benchmarks import (
    _codecs,
    _recorder,
    _restart,
    argument_parser,
    machine,
    print_json,
    print_machine,
)
from scripts.benchmarks._heart import Heart
from tests.storage.core_process import core

DAY: Final = date(2026, 11, 24)
START: Final = datetime(2026, 1, 1, tzinfo=UTC)
PAGE: Final = 50
A_DAY: Final = 500
RESTARTS: Final = 3
SINGLE: Final = 50
"""Single deletions, of which the median counts."""


SEALED: Final = "voice_privacy"
"""The store's folder in the cache, which no backup contains."""


def utterance(number: int, audio: bytes) -> Utterance:
    """Return the n-th utterance."""
    return Utterance(
        utterance_id=f"{number:032x}",
        satellite_id=f"satellite {number % 5}",
        started_at=START + timedelta(minutes=number),
        started_monotonic=float(number),
        started_by=StartedBy.WAKE_WORD,
        audio=audio,
        peak_dbfs=-10.0,
        kind=RecordingKind.COMMAND,
        transcript=f"utterance {number}",
    )


def milliseconds(work: Callable[[], Any]) -> float:
    """Return how long something takes."""
    begin = time.perf_counter()
    work()
    return (time.perf_counter() - begin) * 1_000


class Plain:
    """Audio as blobs in SQLite, deleted as safely as SQLite can: secure_delete and a truncated WAL."""

    def __init__(self, folder: Path) -> None:
        """Make the database."""
        self.connection = sqlite3.connect(folder / "plain.db", isolation_level=None)
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "secure_delete=ON"):
            self.connection.execute(f"PRAGMA {pragma}")
        self.connection.execute(
            "CREATE TABLE recordings (id TEXT PRIMARY KEY, sequence INTEGER, satellite TEXT, audio BLOB)"
        )

    def keep(self, spoken: Utterance, sequence: int) -> None:
        """Insert one recording."""
        self.connection.execute(
            "INSERT INTO recordings VALUES (?, ?, ?, ?)",
            (spoken.utterance_id, sequence, spoken.satellite_id, spoken.audio),
        )

    def delete(self, recording_ids: list[str]) -> None:
        """Delete recordings and what the WAL holds of them."""
        self.connection.execute("BEGIN")
        self.connection.executemany(
            "DELETE FROM recordings WHERE id = ?", [(recording_id,) for recording_id in recording_ids]
        )
        self.connection.execute("COMMIT")
        self.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def page(self, offset: int) -> None:
        """List one page."""
        query = "SELECT id, sequence, satellite FROM recordings ORDER BY sequence DESC LIMIT ? OFFSET ?"
        self.connection.execute(query, (PAGE, offset)).fetchall()


def fill(folder: Path, count: int, size: int, plain: Plain | None = None) -> list[RecordingInfo]:
    """Keep noise, the same in both; synchronize once at the end, since filling is not measured."""
    source = random.Random(1)  # noqa: S311 - noise to keep, not a key
    infos = []
    vault = Vault(folder, disk=HastyDisk())
    vault.open()
    vault.reconcile({})
    if plain is not None:
        plain.connection.execute("BEGIN")
    for number in range(1, count + 1):
        spoken = utterance(number, source.randbytes(size))
        infos.append(vault.keep(spoken, DAY))
        if plain is not None:
            plain.keep(spoken, number)
    vault.close()
    if plain is not None:
        plain.connection.execute("COMMIT")
        plain.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    os.sync()
    return infos


def measure(folder: Path, plain_folder: Path, count: int, size: int) -> dict[str, dict[str, float]]:
    """Return milliseconds of each deed, sealed and plain; `count` and DELETED recordings are left sealed."""
    plain = Plain(plain_folder)
    with contextlib.closing(plain.connection):
        infos = fill(folder, count + _recorder.DELETED + A_DAY + SINGLE, size, plain)
        vault = Vault(folder)
        vault.open()
        vault.reconcile({info.recording_id: info for info in infos})
        index = RecordingIndex(infos)
        names = [info.recording_id for info in infos]
        deeds: dict[str, dict[str, float]] = {}
        deeds[f"list a page of {PAGE} out of {len(names)}"] = {
            "sealed": statistics.median(milliseconds(lambda: page(index, count // 2)) for _ in range(SINGLE)),
            "plain": statistics.median(milliseconds(lambda: plain.page(count // 2)) for _ in range(SINGLE)),
        }
        singles = [names.pop() for _ in range(SINGLE)]
        deeds["delete 1"] = delete_singles(vault, plain, folder, singles)
        day, names = names[-A_DAY:], names[:-A_DAY]
        deeds[f"delete a day of {len(day)}"] = {
            "sealed": milliseconds(partial(vault.destroy, day)),
            "plain": milliseconds(partial(plain.delete, day)),
        }
        deeds[f"sweep {SINGLE + A_DAY} files afterwards"] = {
            "sealed": milliseconds(lambda: vault.sweep(SINGLE + A_DAY))
        }
        with keys_put_back(folder):
            deeds[f"delete all {count}"] = {
                "sealed": milliseconds(partial(vault.destroy, names[:count])),
                "plain": milliseconds(partial(plain.delete, names[:count])),
            }
            vault.close()
    return deeds


def delete_singles(vault: Vault, plain: Plain, folder: Path, singles: list[str]) -> dict[str, float]:
    """Return the median milliseconds of deleting one recording, in turn, and the least that it can take.

    That is to overwrite and synchronize a block of two files, which the disk alone decides.
    """
    paths = [folder / f"least.{mirror}" for mirror in MIRRORS]
    for path in paths:
        path.write_bytes(bytes(1 << 16))
    os.sync()
    handles = [os.open(path, os.O_RDWR) for path in paths]

    def overwrite() -> None:
        for handle in handles:
            os.pwrite(handle, os.urandom(64), 0)
            os.fdatasync(handle)

    found: dict[str, list[float]] = {"sealed": [], "plain": [], "least": []}
    for recording_id in singles:
        found["sealed"].append(milliseconds(partial(vault.destroy, [recording_id])))
        found["plain"].append(milliseconds(partial(plain.delete, [recording_id])))
        found["least"].append(milliseconds(overwrite))
    for handle, path in zip(handles, paths, strict=True):
        os.close(handle)
        path.unlink()
    return {way: statistics.median(figures) for way, figures in found.items()}


@contextlib.contextmanager
def keys_put_back(folder: Path) -> Iterator[None]:
    """Put destroyed keys back afterwards: filling anew would take longer than everything else."""
    keys = {mirror: (folder / mirror).read_bytes() for mirror in MIRRORS}
    yield
    for mirror, content in keys.items():
        (folder / mirror).write_bytes(content)


class Live:
    """Figures from a real Home Assistant core with its recorder."""

    def __init__(self) -> None:
        """Begin empty."""
        self.loop: dict[str, float] = {}
        """Milliseconds, and stalls of the event loop."""

        self.recorder: dict[str, dict[str, float]] = {}
        """What recordings cost the recorder."""


async def measure_live(folder: Path) -> Live:
    """Measure in a real Home Assistant core with its recorder and a filled store in its folder."""
    async with core(folder) as hass:
        return await _measure_live(hass)


async def _measure_live(hass: HomeAssistant) -> Live:
    live = Live()
    figures = live.loop
    empty = await _recorder.backup(hass)
    store = RecordingStore(hass, Path(hass.config.cache_path(SEALED)))
    heart = Heart(hass.loop)
    begin = time.perf_counter()
    await store.async_open()
    figures["open without rows"] = (time.perf_counter() - begin) * 1_000
    figures["open without rows, worst stall"] = heart.stop()
    await store.async_flush()
    live.recorder["backup without recordings"] = empty
    live.recorder["backup"] = await _recorder.backup(hass)
    live.recorder["events while idle"] = await _recorder.delays(hass, _recorder.idle)
    few = list(store.recordings)[: _recorder.DELETED]

    async def delete_few() -> None:
        await store.async_delete(few)
        await store.async_flush()

    live.recorder[f"events while {len(few)} are deleted"] = await _recorder.delays(hass, delete_few)
    heart = Heart(hass.loop)
    begin = time.perf_counter()
    receipt = await store.async_delete(list(store.recordings))
    figures[f"delete all {receipt.deleted}, acknowledged"] = (time.perf_counter() - begin) * 1_000
    figures["delete all, worst stall until acknowledged"] = heart.stop()
    heart = Heart(hass.loop)
    begin = time.perf_counter()
    await store.async_flush()
    figures["rows and files of all afterwards"] = (time.perf_counter() - begin) * 1_000
    figures["rows and files, worst stall"] = heart.stop()
    await store.async_close()
    return live


def page(index: RecordingIndex, offset: int) -> list[RecordingInfo]:
    """List one page, newest first."""
    newest = list(index.recordings.values())[::-1]
    return newest[offset : offset + PAGE]


def measure_opening(folder: Path, count: int) -> dict[str, float]:
    """Return milliseconds of reading the rows of a house with so many recordings into memory."""
    engine = create_engine(f"sqlite:///{folder / 'rows.db'}")
    ensure_table(engine)
    infos = [
        RecordingInfo(
            recording_id=f"{number:032x}",
            sequence=number,
            satellite_id=f"satellite {number % 5}",
            started_at=START + timedelta(minutes=number),
            started_monotonic=None,
            local_date=DAY,
            duration=3.0,
            size=48_000,
            kind=RecordingKind.COMMAND,
        )
        for number in range(count)
    ]
    writing = [
        milliseconds(partial(apply_batch, engine, "s", RowBatch(writes=tuple(infos[start : start + 50]))))
        for start in range(0, count, 50)
    ]
    reading = milliseconds(lambda: RecordingIndex(read_rows(engine, "s").recordings.values()))
    engine.dispose()
    return {"read all rows": reading, "write 50 rows, median": statistics.median(writing)}


def measure_audio(folder: Path | None) -> dict[str, Any]:
    """Measure audio codecs on the recordings of a folder, or on synthetic speech."""
    recordings = _codecs.spoken() if folder is None else _codecs.read_folder(folder)
    if not recordings:
        return {"source": "flite is not installed: give a folder with --audio", "codecs": {}}
    return {
        "source": "flite" if folder is None else str(folder),
        "recordings": len(recordings),
        "seconds": sum(map(len, recordings)) / BYTES_PER_SECOND,
        "codecs": _codecs.measure(recordings),
    }


def measure_store(arguments: Namespace) -> dict[str, Any]:
    """Measure deleting and listing, and what both cost the recorder."""
    count, size = arguments.recordings, arguments.bytes
    with tempfile.TemporaryDirectory(dir=arguments.folder) as folder:
        with tempfile.TemporaryDirectory(dir=arguments.folder) as plain_folder:
            deeds = measure(Path(folder) / ".cache" / SEALED, Path(plain_folder), count, size)
            opening = measure_opening(Path(plain_folder), count)
        live = asyncio.run(measure_live(Path(folder)))
    with tempfile.TemporaryDirectory(dir=arguments.folder) as folder:
        blobs = asyncio.run(_recorder.measure_blobs(Path(folder), count, size))
    for figures in deeds.values():
        if "plain" in figures:
            figures["ratio"] = figures["plain"] / max(figures["sealed"], 1e-6)
    return {
        "recordings": count,
        "bytes": size,
        "milliseconds": deeds,
        "rows": opening,
        "event_loop": live.loop,
        "recorder": {"sealed": live.recorder, "plain": blobs},
    }


def measure_restart(arguments: Namespace) -> dict[str, Any]:
    """Measure restarts with so many recordings, of which the fastest tells least of what else the machine does."""
    with tempfile.TemporaryDirectory(dir=arguments.folder) as folder:
        asyncio.run(_restart.fill(Path(folder), arguments.restart, arguments.bytes))
        restarts = [_restart.measure(Path(folder)) for _ in range(RESTARTS)]
    return {"restarts": restarts}


def print_restart(result: dict[str, Any]) -> None:
    """Print the restarts, one a column."""
    print("restarts; milliseconds")
    for name in result["restarts"][0]:
        print(f"{name:<36}" + "  ".join(f"{figures[name]:10.1f}" for figures in result["restarts"]))


def print_audio(result: dict[str, Any]) -> None:
    """Print the table of audio codecs."""
    print(f"audio: {result['source']}", end="")
    if result["codecs"]:
        print(f", {result['recordings']} recordings, {result['seconds']:.0f} s; CPU ms per second of audio")
    else:
        print()
    for codec, figures in result["codecs"].items():
        print(f"{codec:<36}" + "  ".join(f"{name} {value:6.2f}" for name, value in figures.items()))


def print_store(result: dict[str, Any]) -> None:
    """Print the tables of deleting, listing and the recorder."""
    print(
        f"{result['recordings']} recordings of {result['bytes']} bytes; milliseconds; ratio: plain over sealed"
    )
    for deed, figures in result["milliseconds"].items():
        print(f"{deed:<36}" + "  ".join(f"{name} {value:10.2f}" for name, value in figures.items()))
    for deed, value in (result["rows"] | result["event_loop"]).items():
        print(f"{deed:<48}sealed {value:10.2f}")
    print("the recorder; milliseconds from an event to its commit, and of the lock during a backup")
    for way, costs in result["recorder"].items():
        for deed, figures in costs.items():
            print(
                f"{deed:<36}{way:<8}" + "  ".join(f"{name} {value:10.2f}" for name, value in figures.items())
            )


def run(arguments: Namespace) -> None:
    """Measure and print."""
    if arguments.restart:
        restarts = measure_restart(arguments)
        if arguments.json:
            print_json({"machine": machine()} | restarts)
        else:
            print_machine(machine())
            print_restart(restarts)
        return
    result = {"machine": machine(), "audio": measure_audio(arguments.audio)}
    if not arguments.only_audio:
        result |= measure_store(arguments)
    if arguments.json:
        print_json(result)
        return
    print_machine(machine())
    print_audio(result["audio"])
    if not arguments.only_audio:
        print_store(result)


def main() -> None:
    """Run what the command line asks for."""
    parser = argument_parser(__doc__)
    parser.add_argument("--recordings", type=int, default=100_000)
    parser.add_argument("--bytes", type=int, default=4_000, help="of audio in each recording")
    parser.add_argument(
        "--audio", type=Path, help="folder of WAV files to compress instead of flite's speech"
    )
    parser.add_argument(
        "--restart", type=int, metavar="N", help="measure nothing but restarts with N recordings"
    )
    parser.add_argument("--only-audio", action="store_true", help="measure nothing but audio compression")
    parser.add_argument("--folder", type=Path, help="where to measure: another disk gives other figures")
    run(parser.parse_args())


if __name__ == "__main__":
    main()
