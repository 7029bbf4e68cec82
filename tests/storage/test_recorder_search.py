"""Search of Home Assistant's own tables, on every database that a recorder may stand on."""

from collections.abc import Iterator
from itertools import count
from typing import Any

from homeassistant.components.recorder.db_schema import (
    Base,
    EventData,
    EventTypes,
    StateAttributes,
    States,
    StatesMeta,
    StatisticsMeta,
)
import pytest
from sqlalchemy import Engine, create_engine
from sqlalchemy.orm import Session

from custom_components.voice_privacy.recordings.recorder_search import _contains, _mark
from custom_components.voice_privacy.storage.rows import RowBatch, apply_batch, has_row

from .test_rows import info

_NUMBERS = count()
TOKEN = "0123456789abcdef" * 2


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """A database with the recorder's tables, and something in each."""
    engine = create_engine(database_url)
    Base.metadata.create_all(engine)
    add(engine, *rows("yesterday"))
    yield engine
    engine.dispose()


def rows(text: str) -> list[Any]:
    """Return one row for each place in which text may be."""
    return [
        States(state=text, last_updated_ts=1.0),
        StateAttributes(hash=1, shared_attrs=f'{{"text":"{text}"}}'),
        EventData(hash=1, shared_data=f'{{"speech":["{text}"]}}'),
        EventTypes(event_type=f"heard_{text}"[:64]),
        StatesMeta(entity_id=f"sensor.{text}"),
        StatisticsMeta(statistic_id=f"test:{text}", source="test", mean_type=0, has_sum=True),
        StatisticsMeta(
            statistic_id=f"test:{next(_NUMBERS)}", source="test", mean_type=0, has_sum=True, name=text
        ),
    ]


def add(engine: Engine, *new: Any) -> None:
    """Write rows."""
    with Session(engine) as session:
        session.add_all(new)
        session.commit()


def test_new_text_is_found_wherever_it_is(engine: Engine) -> None:
    for number, row in enumerate(rows(f"said {TOKEN} aloud")):
        mark = _mark(engine)
        add(engine, *rows(f"nothing {number}"))
        assert not _contains(engine, mark, (TOKEN, "f" * 32))
        add(engine, row)
        assert _contains(engine, mark, (TOKEN, "f" * 32))
        assert _contains(engine, mark, ("f" * 32, TOKEN))


def test_only_new_rows_are_searched(engine: Engine) -> None:
    add(engine, *rows(TOKEN))
    assert not _contains(engine, _mark(engine), (TOKEN,))


def test_wildcards_mean_nothing(engine: Engine) -> None:
    mark = _mark(engine)
    add(engine, *rows("nothing"))
    assert not _contains(engine, mark, ("%", "n_thing"))


def test_our_row_is_found_by_its_id(engine: Engine) -> None:
    assert not has_row(engine, info(1).recording_id)
    apply_batch(engine, "a" * 32, RowBatch(writes=(info(1),)))
    assert has_row(engine, info(1).recording_id)
    assert not has_row(engine, info(2).recording_id)
