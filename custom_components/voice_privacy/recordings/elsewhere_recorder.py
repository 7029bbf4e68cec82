"""What was said in the recorder's own tables: action calls with text, and states of other integrations."""

import asyncio
from collections.abc import Callable, Collection
from datetime import datetime
from typing import Final

from homeassistant.components.recorder import Recorder, purge
from homeassistant.components.recorder.db_schema import EventData, Events, States, StatesMeta
from homeassistant.components.recorder.tasks import PurgeEntitiesTask
from homeassistant.core import HomeAssistant
from homeassistant.helpers.recorder import DATA_INSTANCE, session_scope
from homeassistant.util import dt as dt_util
from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from ..core.elsewhere import SPEAKING
from ..core.errors import StoreError
from .row_writer import RECORDER_TIMEOUT, RecorderWork

_BATCH: Final = 500
_MAX_BATCHES: Final = 200
_MAX_PURGES: Final = 50
"""Rounds that removing the history of entities may take."""


def _speaks() -> ColumnElement[bool]:
    """Return the condition that the data of an event is a call of such an action."""
    return or_(
        *(
            and_(
                EventData.shared_data.contains(f'"domain":"{domain}"'),
                EventData.shared_data.contains(f'"service":"{action}"'),
                EventData.shared_data.contains(f'"{shown}":' if shown.isidentifier() else shown),
            )
            for domain, action, shown in SPEAKING
        )
    )


def _recorder(hass: HomeAssistant) -> Recorder:
    instance = hass.data.get(DATA_INSTANCE)
    if instance is None or not instance.is_alive():
        raise StoreError("there is no recorder")
    return instance


async def _async_run[R](hass: HomeAssistant, work: Callable[[Recorder], R]) -> R:
    """Run work in the recorder's thread. Raises StoreError or TimeoutError."""
    instance = _recorder(hass)
    future: asyncio.Future[R] = hass.loop.create_future()

    def on_done(result: R, error: Exception | None) -> None:
        if future.done():
            return
        if error is None:
            future.set_result(result)
        else:
            future.set_exception(StoreError(type(error).__name__))

    instance.queue_task(RecorderWork(work, on_done))
    async with asyncio.timeout(RECORDER_TIMEOUT):
        return await future


async def async_count_calls(hass: HomeAssistant) -> int:
    """Return how many action calls with what was said are in the database. Raises StoreError or TimeoutError."""
    instance = _recorder(hass)

    def count() -> int:
        query = select(func.count()).select_from(Events).join(EventData, Events.data_id == EventData.data_id)
        with session_scope(session=instance.get_session(), read_only=True) as session:
            return session.execute(query.where(_speaks())).scalar_one()

    await _async_run(hass, lambda _: None)
    return await instance.async_add_executor_job(count)


async def async_remove_calls(hass: HomeAssistant) -> None:
    """Remove these action calls, in batches. Raises StoreError or TimeoutError."""
    for _ in range(_MAX_BATCHES):
        if await _async_run(hass, _remove_batch) < _BATCH:
            return


def _remove_batch(instance: Recorder) -> int:
    """Remove some action calls and their data as the recorder's own purge does; return their number."""
    with session_scope(session=instance.get_session()) as session:
        rows = _batch(session)
        purge._purge_event_ids(session, {event_id for event_id, _ in rows})  # noqa: SLF001
        # The recorder remembers data by id: what is removed must be forgotten there, too.
        purge._purge_unused_data_ids(instance, session, {data_id for _, data_id in rows})  # noqa: SLF001
    return len(rows)


def _batch(session: Session) -> list[tuple[int, int]]:
    query = select(Events.event_id, EventData.data_id).join(EventData, Events.data_id == EventData.data_id)
    return [(row[0], row[1]) for row in session.execute(query.where(_speaks()).limit(_BATCH))]


async def async_count_states(
    hass: HomeAssistant, entity_ids: Collection[str], before: datetime | None = None
) -> int:
    """Return how many states of entities are in the database. Raises StoreError or TimeoutError.

    Args:
        hass: Home Assistant.
        entity_ids: The entities.
        before: Only states from before this time.
    """
    instance = _recorder(hass)
    query = (
        select(func.count())
        .select_from(States)
        .join(StatesMeta, States.metadata_id == StatesMeta.metadata_id)
        .where(StatesMeta.entity_id.in_(list(entity_ids)))
    )
    if before is not None:
        query = query.where(States.last_updated_ts < before.timestamp())

    def count() -> int:
        with session_scope(session=instance.get_session(), read_only=True) as session:
            return session.execute(query).scalar_one()

    await _async_run(hass, lambda _: None)
    return await instance.async_add_executor_job(count)


async def async_remove_states(hass: HomeAssistant, entity_ids: Collection[str]) -> None:
    """Remove the history of entities, as `recorder.purge_entities` does. Raises StoreError or TimeoutError."""
    before, wanted = dt_util.utcnow(), frozenset(entity_ids)
    _recorder(hass).queue_task(PurgeEntitiesTask(wanted.__contains__, before))
    for _ in range(_MAX_PURGES):
        # The recorder's task queues itself again until it is done.
        if await async_count_states(hass, wanted, before) == 0:
            return
