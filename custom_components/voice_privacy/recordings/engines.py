"""Engines of pipelines: which integration is behind one, and which servers its settings name."""

from collections.abc import Iterator
from dataclasses import dataclass

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.hassio import is_hassio

from ..const import DOMAIN
from ..core.data_flow import Reach, hosts_in, reach_of_host


@dataclass(frozen=True, slots=True)
class Engine:
    """What is known of an engine."""

    domain: str | None
    """Its integration; None for an entity that no registry knows."""

    entry: ConfigEntry | None
    subentry_id: str | None = None


@callback
def engine_of(hass: HomeAssistant, engine: str) -> Engine:
    """Return what is known of an engine, or of the engine behind our proxy.

    Args:
        hass: Home Assistant.
        engine: As pipelines name it: an entity, an integration, or the config entry of a conversation agent.
    """
    if (entity := entity_of_engine(hass, engine)) is not None:
        entry_id = entity.config_entry_id
        entry = None if entry_id is None else hass.config_entries.async_get_entry(entry_id)
        return Engine(entity.platform, entry, entity.config_subentry_id)
    if (entry := hass.config_entries.async_get_entry(engine)) is not None:
        return Engine(entry.domain, entry)
    return Engine(None if "." in engine else engine, None)


@callback
def reach_of_settings(hass: HomeAssistant, engine: Engine) -> Reach | None:
    """Return the reach of the farthest host that the settings of an engine name, or None."""
    here = is_hassio(hass)
    found = (reach_of_host(address, supervised=here) for address in _hosts_of(engine))
    return max(found, key=lambda reach: reach.distance, default=None)


def _hosts_of(engine: Engine) -> Iterator[str]:
    if (entry := engine.entry) is None:
        return
    # Which of them the integration prefers is not known.
    yield from hosts_in(entry.data)
    yield from hosts_in(entry.options)
    if (subentry := entry.subentries.get(engine.subentry_id or "")) is not None:
        yield from hosts_in(subentry.data)


@callback
def entity_of_engine(hass: HomeAssistant, engine: str) -> er.RegistryEntry | None:
    """Return the entity of an engine, or of the engine behind our proxy; None if it has none."""
    entities = er.async_get(hass)
    entity = entities.async_get(engine)
    if entity is None or entity.platform != DOMAIN:
        return entity
    # A proxy's unique id ends with the registry id of the engine behind it.
    name = entity.unique_id
    return next((candidate for candidate in entities.entities.values() if name.endswith(candidate.id)), None)
