"""Copies of what was said that no deletion here can reach; only what is known to be possible is told.

A list of everything that might ever be would be no answer, so that each code has a fact behind it.
"""

from collections.abc import Iterable
from datetime import datetime
import logging

from homeassistant.components.assist_pipeline import async_get_pipelines
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.recorder import DATA_INSTANCE
from homeassistant.loader import IntegrationNotLoaded, async_get_loaded_integration
from sqlalchemy.engine import Dialect

from ..const import DOMAIN
from ..core.models import NotReachable
from .spoken_replies import replies_are_cached

_LOGGER = logging.getLogger(__name__)


@callback
def not_reachable(
    hass: HomeAssistant, oldest: datetime | None, exported_at: Iterable[datetime]
) -> tuple[NotReachable, ...]:
    """Return what may still be elsewhere of recordings, the oldest of which began then (aware).

    None stands for recordings of which nothing is known but their ids; `exported_at` tells when recordings
    left as files.
    """
    found = set[NotReachable]()
    if any(oldest is None or when >= oldest for when in exported_at):
        found.add(NotReachable.EXPORTED_FILES)
    try:
        found |= _of_pipelines(hass)
    except Exception as err:  # noqa: BLE001
        # The recordings are gone by now: whatever is wrong with the pipelines must not hide that.
        _LOGGER.warning("The engines of the pipelines cannot be read: %s", type(err).__name__)
        found |= {NotReachable.CLOUD_AGENT, NotReachable.CLOUD_SPEECH_TO_TEXT}
    if "backup" in hass.config.components and _backups_hold_the_database(hass):
        found.add(NotReachable.BACKUP_ROWS)
    if replies_are_cached(hass):
        found.add(NotReachable.TTS_CACHE)
    return tuple(sorted(found))


def _of_pipelines(hass: HomeAssistant) -> set[NotReachable]:
    """Return who outside may have been sent what was said."""
    found = set[NotReachable]()
    for pipeline in async_get_pipelines(hass):
        if pipeline.stt_engine and _is_in_the_cloud(hass, pipeline.stt_engine):
            found.add(NotReachable.CLOUD_SPEECH_TO_TEXT)
        if _is_in_the_cloud(hass, pipeline.conversation_engine):
            found.add(NotReachable.CLOUD_AGENT)
    return found


def _is_in_the_cloud(hass: HomeAssistant, engine: str) -> bool:
    """Return whether an engine's integration says of itself that it uses a cloud."""
    entities = er.async_get(hass)
    entity = entities.async_get(engine)
    if entity is not None and entity.platform == DOMAIN:
        # Our proxy is named after the engine behind it.
        name = entity.unique_id
        entity = next((one for one in entities.entities.values() if name.endswith(one.id)), None)
    try:
        integration = async_get_loaded_integration(hass, entity.platform if entity else engine)
    except IntegrationNotLoaded:
        return False
    return (integration.iot_class or "").startswith("cloud")


def _backups_hold_the_database(hass: HomeAssistant) -> bool:
    """Return whether the recorder's database is a file that backups contain."""
    instance = hass.data.get(DATA_INSTANCE)
    dialect: Dialect | None = getattr(getattr(instance, "engine", None), "dialect", None)
    return dialect is not None and dialect.name == "sqlite"
