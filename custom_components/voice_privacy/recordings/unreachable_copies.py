"""Copies of recordings or text outside the reach of a deletion, as listed in its receipt.

Only copies that are known to be possible are listed, so that each entry is backed by a fact.
"""

from collections.abc import Iterable
from datetime import datetime
import logging

from homeassistant.components.assist_pipeline import async_get_pipelines
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.recorder import DATA_INSTANCE
from homeassistant.loader import IntegrationNotLoaded, async_get_loaded_integration
from sqlalchemy.engine import Dialect

from ..core.data_flow import Reach
from ..core.models import NotReachable
from .engines import engine_of, reach_of_settings
from .spoken_replies import replies_are_cached

_LOGGER = logging.getLogger(__name__)


@callback
def not_reachable(
    hass: HomeAssistant, oldest: datetime | None, exported_at: Iterable[datetime]
) -> tuple[NotReachable, ...]:
    """Return the kinds of copies that may remain of deleted recordings.

    Args:
        hass: Home Assistant.
        oldest: Start of the oldest recording, timezone-aware; None if only the ids are known.
        exported_at: Times at which recordings were exported, timezone-aware.
    """
    found = set[NotReachable]()
    if any(oldest is None or when >= oldest for when in exported_at):
        found.add(NotReachable.EXPORTED_FILES)
    try:
        found |= _of_pipelines(hass)
    except Exception as err:  # noqa: BLE001
        # The recordings are already deleted; a failure here must not hide that.
        _LOGGER.warning("The engines of the Assist pipelines cannot be read: %s", type(err).__name__)
        found |= {NotReachable.CLOUD_AGENT, NotReachable.CLOUD_SPEECH_TO_TEXT}
    if "backup" in hass.config.components and _backups_hold_the_database(hass):
        found.add(NotReachable.BACKUP_ROWS)
    if replies_are_cached(hass):
        found.add(NotReachable.TTS_CACHE)
    return tuple(sorted(found))


def _of_pipelines(hass: HomeAssistant) -> set[NotReachable]:
    """Return the kinds of cloud engines in the pipelines, which may have received audio or text."""
    found = set[NotReachable]()
    for pipeline in async_get_pipelines(hass):
        if pipeline.stt_engine and is_in_the_cloud(hass, pipeline.stt_engine):
            found.add(NotReachable.CLOUD_SPEECH_TO_TEXT)
        if is_in_the_cloud(hass, pipeline.conversation_engine):
            found.add(NotReachable.CLOUD_AGENT)
    return found


def is_in_the_cloud(hass: HomeAssistant, engine: str) -> bool:
    """Return whether an engine's integration declares that it uses a cloud, or its settings name a server there."""
    found = engine_of(hass, engine)
    if reach_of_settings(hass, found) is Reach.CLOUD:
        return True
    if found.domain is None:
        return False
    try:
        integration = async_get_loaded_integration(hass, found.domain)
    except IntegrationNotLoaded:
        return False
    return (integration.iot_class or "").startswith("cloud")


def _backups_hold_the_database(hass: HomeAssistant) -> bool:
    """Return whether the recorder's database is a file that backups contain."""
    instance = hass.data.get(DATA_INSTANCE)
    dialect: Dialect | None = getattr(getattr(instance, "engine", None), "dialect", None)
    return dialect is not None and dialect.name == "sqlite"
