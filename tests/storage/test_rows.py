"""The recorder table, what waits for it, and the list in memory."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from hypothesis import given, strategies as st
import pytest
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.dialects import mysql, postgresql, sqlite
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import OperationalError
from sqlalchemy.schema import CreateTable

from custom_components.voice_privacy.core.models import RecordingInfo, RecordingKind, StoreSummary
from custom_components.voice_privacy.storage.index import RecordingIndex
from custom_components.voice_privacy.storage.row_backlog import RowBacklog
from custom_components.voice_privacy.storage.rows import (
    BATCH,
    SET_ASIDE,
    RowBatch,
    apply_batch,
    count_rows,
    delete_foreign_rows,
    drop_table,
    ensure_table,
    has_table,
    read_rows,
)
from custom_components.voice_privacy.storage.schema import RecordingRow

from .utterances import DAY, START


def info(number: int, **changes: object) -> RecordingInfo:
    base = RecordingInfo(
        recording_id=f"{number:032x}",
        sequence=number,
        satellite_id="kitchen",
        started_at=START,
        started_monotonic=None,
        local_date=DAY,
        duration=2.5,
        size=100 + number,
        kind=RecordingKind.COMMAND,
    )
    return replace(base, **changes)  # type: ignore[arg-type]


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = create_engine(database_url)
    yield engine
    engine.dispose()


def test_writes_may_be_repeated(engine: Engine) -> None:
    infos = (info(1), info(2), info(3, kind=RecordingKind.FALSE_WAKE))
    assert apply_batch(engine, "s", RowBatch(writes=infos))
    for _ in range(2):
        assert not apply_batch(engine, "s", RowBatch(writes=infos, deletes=(info(9).recording_id,)))
    assert list(read_rows(engine, "s").recordings.values()) == list(infos)
    assert not apply_batch(engine, "s", RowBatch(deletes=(info(2).recording_id,)))
    assert count_rows(engine, "s") == 2
    assert count_rows(engine, "s", [info(2).recording_id, info(3).recording_id]) == 1


def test_rows_of_another_store_stay(engine: Engine) -> None:
    apply_batch(engine, "other", RowBatch(writes=(info(1), info(2))))
    apply_batch(engine, "s", RowBatch(writes=(info(3), info(4)), deletes=(info(1).recording_id,)))
    apply_batch(engine, "s", RowBatch(set_aside=(info(4).recording_id, info(2).recording_id)))
    found = read_rows(engine, "s")
    assert (list(found.recordings.values()), found.foreign) == ([info(3)], 3)
    assert (count_rows(engine, "other"), count_rows(engine, SET_ASIDE)) == (2, 1)
    delete_foreign_rows(engine, "s")
    found = read_rows(engine, "s")
    assert (list(found.recordings.values()), found.foreign) == ([info(3)], 0)


def test_transactions_are_small(engine: Engine) -> None:
    ensure_table(engine)
    with pytest.raises(ValueError, match="too many"):
        apply_batch(engine, "s", RowBatch(writes=tuple(info(number) for number in range(BATCH + 1))))


def test_missing_table_is_no_rows_and_is_made_once(engine: Engine) -> None:
    assert read_rows(engine, "s").recordings == {}
    assert not has_table(engine)
    assert apply_batch(engine, "s", RowBatch())
    assert not apply_batch(engine, "s", RowBatch())
    assert not ensure_table(engine)
    drop_table(engine)
    assert not has_table(engine)


def test_other_errors_are_not_taken_for_a_missing_table(tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path / 'rows.db'}")
    ensure_table(engine)
    locked = engine.connect()
    locked.exec_driver_sql("BEGIN IMMEDIATE")
    impatient = create_engine(engine.url, connect_args={"timeout": 0})
    with pytest.raises(OperationalError, match="locked"):
        apply_batch(impatient, "s", RowBatch(writes=(info(1),)))
    impatient.dispose()
    locked.close()
    engine.dispose()


def test_row_without_sense_counts_as_lost(engine: Engine) -> None:
    apply_batch(engine, "s", RowBatch(writes=(info(1), info(2), info(3))))
    with engine.begin() as connection:
        connection.execute(text("UPDATE voice_privacy_recordings SET kind = 'x' WHERE sequence = 1"))
        connection.execute(text("UPDATE voice_privacy_recordings SET local_date = 'x' WHERE sequence = 2"))
    assert list(read_rows(engine, "s").recordings.values()) == [info(3)]


@pytest.mark.parametrize("module", [sqlite, mysql, postgresql])
def test_table_can_be_made_on_every_recorder(module: Any) -> None:
    dialect: Dialect = module.dialect()
    statement = str(CreateTable(RecordingRow.__table__).compile(dialect=dialect))  # type: ignore[arg-type]
    assert ("utf8mb4_bin" in statement) == (dialect.name == "mysql")
    assert "CREATE TABLE voice_privacy_recordings" in statement


@given(
    st.lists(st.tuples(st.sampled_from(["write", "delete", "begin", "end"]), st.integers(0, 9)), max_size=60)
)
def test_newest_wish_for_a_row_wins(steps: list[tuple[str, int]]) -> None:
    """An id is never written again after its deletion, as in the store."""
    backlog = RowBacklog()
    table: set[str] = set()
    alive: set[str] = set()
    deleted: set[str] = set()
    batch: RowBatch | None = None

    def end(done: RowBatch) -> None:
        table.difference_update(done.deletes)
        table.update(row.recording_id for row in done.writes)
        backlog.done(done)

    for step, number in steps:
        written = info(number)
        if step == "write" and written.recording_id not in deleted:
            backlog.write([written])
            alive.add(written.recording_id)
        elif step == "delete":
            backlog.delete([written.recording_id])
            alive.discard(written.recording_id)
            deleted.add(written.recording_id)
        elif step == "begin" and batch is None:
            batch = backlog.next_batch()
        elif step == "end" and batch is not None:
            end(batch)
            batch = None
    if batch is not None:
        end(batch)
    while backlog:
        end(backlog.next_batch())
    assert table == alive


def test_backlog_hands_out_small_batches() -> None:
    backlog = RowBacklog()
    backlog.write(info(number) for number in range(70))
    backlog.delete(info(number).recording_id for number in range(100, 140))
    backlog.set_aside(["x"])
    assert len(backlog) == 111
    batch = backlog.next_batch()
    assert (len(batch.deletes), len(batch.set_aside), len(batch.writes)) == (40, 1, 9)


def test_index_sums_and_orders() -> None:
    index = RecordingIndex([info(1), info(2, kind=RecordingKind.FALSE_WAKE), info(3, satellite_id="hall")])
    index.add(info(4))
    index.add(info(4))
    assert list(index.recordings) == [info(number).recording_id for number in (1, 2, 3, 4)]
    assert index.summary() == StoreSummary(recordings=4, false_wakes=1, size=410, last_started_at=START)
    assert index.summary("hall").size == 103
    index.update(info(3, satellite_id="hall", size=3, has_text=False))
    index.update(info(9))
    assert list(index.recordings) == [info(number).recording_id for number in (1, 2, 3, 4)]
    assert (index.summary("hall").size, index.summary().size) == (3, 310)
    for number in (3, 3, 2):
        index.discard(info(number).recording_id)
    assert index.summary("hall") == StoreSummary()
    assert index.summary("kitchen") == StoreSummary(recordings=2, size=205, last_started_at=START)
