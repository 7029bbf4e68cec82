"""Search of the recorder's database for what may be left of a recording, ours and Home Assistant's own tables.

Only rows that were written since a mark are searched: Home Assistant stores each text of attributes and events
once, so that text that never occurred before is in a new row.
"""

import asyncio
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
import logging
from typing import Any, Final

from homeassistant.components.recorder import Recorder
from homeassistant.components.recorder.db_schema import Base
from homeassistant.core import HomeAssistant
from homeassistant.helpers.recorder import DATA_INSTANCE
from sqlalchemy import CHAR, Engine, Integer, String, func, or_, select

from ..storage.rows import has_row
from .row_writer import RECORDER_TIMEOUT

_LOGGER = logging.getLogger(__name__)


def _searched() -> Iterator[tuple[Any, tuple[Any, ...]]]:
    """Yield the primary key and the text columns of each table that Home Assistant writes text into."""
    for table in Base.metadata.sorted_tables:
        keys = list(table.primary_key)
        # Its columns of earlier versions, which are empty, are of the type CHAR.
        texts = tuple(
            column
            for column in table.columns
            if isinstance(column.type, String) and not isinstance(column.type, CHAR)
        )
        if texts and len(keys) == 1 and isinstance(keys[0].type, Integer):
            yield keys[0], texts


_SEARCHED: Final = tuple(_searched())


@dataclass(frozen=True, slots=True)
class RecorderMark:
    """State of the database at one moment: the highest primary key of each searched table."""

    highest: tuple[int, ...]


class RecorderSearch:
    """Reads of the recorder's database. It belongs to the event loop; queries run in the recorder's threads."""

    def __init__(self, hass: HomeAssistant) -> None:
        """Search the database of this Home Assistant."""
        self._hass = hass

    async def async_mark(self) -> RecorderMark | None:
        """Return the current state of the database; None if it cannot be read."""
        return await self._async_query(_mark)

    async def async_text_remains(self, mark: RecorderMark, texts: Collection[str]) -> bool | None:
        """Return whether rows since a mark contain any of the texts; None if they cannot be read."""
        return await self._async_query(lambda engine: _contains(engine, mark, texts))

    async def async_row_remains(self, recording_id: str) -> bool | None:
        """Return whether our table has a row of a recording; None if it cannot be read."""
        return await self._async_query(lambda engine: has_row(engine, recording_id))

    async def _async_query[R](self, query: Callable[[Engine], R]) -> R | None:
        instance = self._hass.data.get(DATA_INSTANCE)
        if instance is None or not instance.is_alive():
            return None
        try:
            async with asyncio.timeout(RECORDER_TIMEOUT):
                return await instance.async_add_executor_job(_run, instance, query)
        except Exception as err:  # noqa: BLE001
            # Whatever is wrong with the database, the test goes on and says that it could not look.
            _LOGGER.warning("The recorder's database cannot be searched (%s)", type(err).__name__)
            return None


def _run[R](instance: Recorder, query: Callable[[Engine], R]) -> R | None:
    return None if instance.engine is None else query(instance.engine)


def _mark(engine: Engine) -> RecorderMark:
    with engine.connect() as connection:
        return RecorderMark(
            tuple(connection.execute(select(func.max(key))).scalar() or 0 for key, _ in _SEARCHED)
        )


def _contains(engine: Engine, mark: RecorderMark, texts: Collection[str]) -> bool:
    with engine.connect() as connection:
        for (key, columns), highest in zip(_SEARCHED, mark.highest, strict=True):
            found = or_(
                *(column.contains(text, autoescape=True) for text in texts for column in columns),
            )
            if connection.execute(select(key).where(key > highest, found).limit(1)).first() is not None:
                return True
    return False
