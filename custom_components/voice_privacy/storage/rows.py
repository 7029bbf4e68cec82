"""Reads and writes of the recorder table. Every write is idempotent."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import batched
import math
import sys
from typing import Any, Final, cast

from sqlalchemy import Engine, Table, delete, func, insert, inspect, select, update
from sqlalchemy.engine import Row
from sqlalchemy.exc import OperationalError, ProgrammingError

from ..core.models import ListedKind, RecordingInfo, RecordingKind
from ..core.moments import moment_of
from .schema import TABLE_NAME, Base, RecordingRow

BATCH: Final = 50
"""Maximum rows per transaction: larger transactions noticeably delay Home Assistant's own events."""

SET_ASIDE: Final = "set-aside"
"""Store id of rows that belong to no store any more, because their keys were never in the key file."""

_TABLE: Final = cast(Table, RecordingRow.__table__)
_READ_AT_ONCE: Final = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class RowBatch:
    """Row work for one transaction, at most BATCH rows."""

    writes: tuple[RecordingInfo, ...] = ()
    """Rows to write; they replace rows with the same ids."""

    deletes: tuple[str, ...] = ()
    """Recording ids of rows to delete; missing rows are ignored."""

    set_aside: tuple[str, ...] = ()
    """Ids of rows whose keys were never in the key file; they then count as another store's rows."""

    @property
    def size(self) -> int:
        """Number of rows."""
        return len(self.writes) + len(self.deletes) + len(self.set_aside)


@dataclass(frozen=True, slots=True, kw_only=True)
class RowsFound:
    """Content of the table."""

    recordings: dict[str, RecordingInfo]
    """Rows of the requested store, by recording id."""

    foreign: int
    """Number of rows of other stores."""


def ensure_table(engine: Engine) -> bool:
    """Create the table, or replace a table of another version; return whether it is new and empty."""
    inspector = inspect(engine)
    if inspector.has_table(TABLE_NAME):
        columns = {column["name"] for column in inspector.get_columns(TABLE_NAME)}
        if columns == {column.name for column in _TABLE.columns}:
            return False
        # The rows are rebuilt from the sealed files, so a migration is not worth its risk.
        Base.metadata.drop_all(engine)
    Base.metadata.create_all(engine)
    return True


def has_table(engine: Engine) -> bool:
    """Return whether the table exists."""
    return inspect(engine).has_table(TABLE_NAME)


def drop_table(engine: Engine) -> None:
    """Drop the table with all rows."""
    Base.metadata.drop_all(engine)


def read_rows(engine: Engine, store_id: str) -> RowsFound:
    """Return all rows of a store and the number of rows of other stores; none if there is no table.

    Invalid rows are left out, as if they were lost.
    """
    if not has_table(engine):
        return RowsFound(recordings={}, foreign=0)
    found: dict[str, RecordingInfo] = {}
    with engine.connect() as connection:
        rows = connection.execution_options(yield_per=_READ_AT_ONCE).execute(
            select(*_TABLE.columns).where(_TABLE.c.store_id == store_id).order_by(_TABLE.c.sequence)
        )
        for row in rows:
            if (info := _info_of(row)) is not None:
                found[info.recording_id] = info
        foreign = connection.execute(
            select(func.count()).select_from(_TABLE).where(_TABLE.c.store_id != store_id)
        ).scalar_one()
    return RowsFound(recordings=found, foreign=foreign)


def apply_batch(engine: Engine, store_id: str, batch: RowBatch) -> bool:
    """Apply row work in one transaction; return whether the table had to be created first.

    The recorder replaces a corrupt database with an empty database at run time. Earlier rows are then
    missing too, and the caller must write them again.
    """
    try:
        _apply(engine, store_id, batch)
    except OperationalError, ProgrammingError:
        if not ensure_table(engine):
            raise
    else:
        return False
    _apply(engine, store_id, batch)
    return True


def _apply(engine: Engine, store_id: str, batch: RowBatch) -> None:
    if batch.size == 0:
        with engine.connect() as connection:
            connection.execute(select(*_TABLE.columns).limit(1)).all()
        return
    if batch.size > BATCH:
        raise ValueError("too many rows for one transaction")
    with engine.begin() as connection:
        # Delete and insert is the only upsert that every database engine supports.
        pending_removal = [*batch.deletes, *(info.recording_id for info in batch.writes)]
        connection.execute(
            delete(_TABLE).where(_TABLE.c.store_id == store_id, _TABLE.c.recording_id.in_(pending_removal))
        )
        if batch.set_aside:
            connection.execute(
                update(_TABLE)
                .where(_TABLE.c.store_id == store_id, _TABLE.c.recording_id.in_(batch.set_aside))
                .values(store_id=SET_ASIDE)
            )
        if batch.writes:
            connection.execute(insert(_TABLE), [_values_of(store_id, info) for info in batch.writes])


def delete_foreign_rows(engine: Engine, store_id: str) -> None:
    """Delete the rows of all other stores, one batch per transaction."""
    with engine.connect() as connection:
        ids = (
            connection.execute(select(_TABLE.c.recording_id).where(_TABLE.c.store_id != store_id))
            .scalars()
            .all()
        )
    for batch in batched(ids, BATCH, strict=False):
        with engine.begin() as connection:
            connection.execute(
                delete(_TABLE).where(_TABLE.c.store_id != store_id, _TABLE.c.recording_id.in_(batch))
            )


def count_rows(engine: Engine, store_id: str, recording_ids: Iterable[str] | None = None) -> int:
    """Return the number of rows of a store, or of those with the given ids."""
    query = select(func.count()).select_from(_TABLE).where(_TABLE.c.store_id == store_id)
    if recording_ids is not None:
        query = query.where(_TABLE.c.recording_id.in_(list(recording_ids)))
    with engine.connect() as connection:
        return connection.execute(query).scalar_one()


def has_row(engine: Engine, recording_id: str) -> bool:
    """Return whether any store has a row of this recording."""
    if not has_table(engine):
        return False
    query = select(func.count()).select_from(_TABLE).where(_TABLE.c.recording_id == recording_id)
    with engine.connect() as connection:
        return connection.execute(query).scalar_one() > 0


def _values_of(store_id: str, info: RecordingInfo) -> dict[str, object]:
    return {
        "recording_id": info.recording_id,
        "store_id": store_id,
        "sequence": info.sequence,
        "satellite_id": info.satellite_id,
        "started_ts": info.started_at.timestamp(),
        "local_date": info.local_date.isoformat(),
        "duration": info.duration,
        "size": info.size,
        "kind": info.listed_kind.value,
        "has_text": info.has_text,
        "mark": info.mark,
    }


def _info_of(row: Row[tuple[Any, ...]]) -> RecordingInfo | None:
    # By position: a hundred thousand rows are read at each start. The order is that of the model.
    (
        recording_id,
        _store_id,
        sequence,
        satellite_id,
        started_ts,
        local_date,
        duration,
        size,
        kind,
        has_text,
        mark,
    ) = row
    try:
        # SQLite does not enforce column types.
        if type(sequence) is not int or type(size) is not int or not 0 <= duration < math.inf:
            return None
        near_miss = kind == ListedKind.NEAR_MISS
        return RecordingInfo(
            recording_id=recording_id,
            sequence=sequence,
            satellite_id=sys.intern(satellite_id),
            started_at=moment_of(started_ts),
            started_monotonic=None,
            local_date=_date_of(local_date),
            duration=duration,
            size=size,
            kind=RecordingKind.FALSE_WAKE if near_miss else RecordingKind(kind),
            near_miss=near_miss,
            has_text=bool(has_text),
            mark=str(mark),
        )
    except OverflowError, TypeError, ValueError:
        return None


@lru_cache(maxsize=1_024)
def _date_of(text: str) -> date:
    """Return the date of an ISO 8601 string, cached because many recordings share a day."""
    return date.fromisoformat(text)
