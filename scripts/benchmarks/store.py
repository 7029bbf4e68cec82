"""Deleting and listing in the sealed store against plain SQLite blobs with secure_delete, in the same run."""

from argparse import Namespace
from collections.abc import Callable
import contextlib
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
import random
import sqlite3
import statistics
import tempfile
import time
from typing import Any, Final

from sqlalchemy import create_engine

from custom_components.voice_privacy.core.models import RecordingInfo, RecordingKind, StartedBy, Utterance
from custom_components.voice_privacy.storage.index import RecordingIndex
from custom_components.voice_privacy.storage.rows import RowBatch, apply_batch, ensure_table, read_rows
from custom_components.voice_privacy.storage.vault import Vault
from scripts.benchmarks import argument_parser, machine, print_json, print_machine

DAY: Final = date(2026, 11, 24)
START: Final = datetime(2026, 1, 1, tzinfo=UTC)
PAGE: Final = 50
A_DAY: Final = 500
SINGLE: Final = 20
"""Single deletions, of which the median counts."""


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

    def keep(self, one: Utterance, sequence: int) -> None:
        """Insert one recording."""
        self.connection.execute(
            "INSERT INTO recordings VALUES (?, ?, ?, ?)",
            (one.utterance_id, sequence, one.satellite_id, one.audio),
        )

    def delete(self, recording_ids: list[str]) -> None:
        """Delete recordings and what the WAL holds of them."""
        self.connection.execute("BEGIN")
        self.connection.executemany("DELETE FROM recordings WHERE id = ?", [(one,) for one in recording_ids])
        self.connection.execute("COMMIT")
        self.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def page(self, offset: int) -> None:
        """List one page."""
        query = "SELECT id, sequence, satellite FROM recordings ORDER BY sequence DESC LIMIT ? OFFSET ?"
        self.connection.execute(query, (PAGE, offset)).fetchall()


def fill(vault: Vault, plain: Plain, count: int, size: int) -> list[RecordingInfo]:
    """Keep the same audio in both; each gets its own transaction in neither, to come to the point."""
    source = random.Random(1)  # noqa: S311 - noise to keep, not a key
    infos = []
    plain.connection.execute("BEGIN")
    for number in range(1, count + 1):
        one = utterance(number, source.randbytes(size))
        infos.append(vault.keep(one, DAY))
        plain.keep(one, number)
    plain.connection.execute("COMMIT")
    plain.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    return infos


def measure(folder: Path, count: int, size: int) -> dict[str, dict[str, float]]:
    """Return milliseconds of each deed, sealed and plain."""
    plain = Plain(folder)
    with contextlib.closing(plain.connection):
        vault = Vault(folder / "sealed")
        vault.open()
        vault.reconcile({})
        infos = fill(vault, plain, count, size)
        index = RecordingIndex(infos)
        names = [info.recording_id for info in infos]
        deeds: dict[str, dict[str, float]] = {}
        deeds[f"list a page of {PAGE} out of {count}"] = {
            "sealed": statistics.median(milliseconds(lambda: page(index, count // 2)) for _ in range(SINGLE)),
            "plain": statistics.median(milliseconds(lambda: plain.page(count // 2)) for _ in range(SINGLE)),
        }
        deeds["delete 1"] = {
            "sealed": statistics.median(
                milliseconds(lambda: vault.destroy([names.pop()])) for _ in range(SINGLE)
            ),
            "plain": 0.0,
        }
        alive = {info.recording_id for info in infos}
        gone = [one for one in alive if one not in set(names)]
        deeds["delete 1"]["plain"] = statistics.median(
            milliseconds(lambda: plain.delete([gone.pop()])) for _ in range(SINGLE)
        )
        day, names = names[-A_DAY:], names[:-A_DAY]
        for deed, doomed in ((f"delete a day of {len(day)}", day), (f"delete all {len(names)}", names)):
            deeds[deed] = {
                "sealed": milliseconds(partial(vault.destroy, doomed)),
                "plain": milliseconds(partial(plain.delete, doomed)),
            }
        deeds["sweep the files afterwards"] = {"sealed": milliseconds(lambda: vault.sweep(count))}
        vault.close()
    return deeds


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


def run(arguments: Namespace) -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory(dir=arguments.folder) as folder:
        deeds = measure(Path(folder), arguments.recordings, arguments.bytes)
        opening = measure_opening(Path(folder), arguments.recordings)
    for figures in deeds.values():
        if "plain" in figures:
            figures["ratio"] = figures["plain"] / max(figures["sealed"], 1e-6)
    result = {
        "machine": machine(),
        "recordings": arguments.recordings,
        "bytes": arguments.bytes,
        "milliseconds": deeds,
        "rows": opening,
    }
    if arguments.json:
        print_json(result)
        return
    print_machine(machine())
    print(
        f"{arguments.recordings} recordings of {arguments.bytes} bytes; milliseconds; ratio: plain over sealed"
    )
    for deed, figures in deeds.items():
        print(f"{deed:<36}" + "  ".join(f"{name} {value:10.2f}" for name, value in figures.items()))
    for deed, value in opening.items():
        print(f"{deed:<36}sealed {value:10.2f}")


def main() -> None:
    """Run what the command line asks for."""
    parser = argument_parser(__doc__)
    parser.add_argument("--recordings", type=int, default=5_000)
    parser.add_argument("--bytes", type=int, default=16_000, help="of audio in each recording")
    parser.add_argument("--folder", type=Path, help="where to measure: another disk gives other figures")
    run(parser.parse_args())


if __name__ == "__main__":
    main()
