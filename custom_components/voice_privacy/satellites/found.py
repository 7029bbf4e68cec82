"""Satellites of other integrations that can be added."""

from dataclasses import dataclass

from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import ATTR_RESTORED
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import device_registry as dr, entity_registry as er

from ..const import DOMAIN
from .pipeline_runs import source_of_entity

ASSIST_SATELLITE = "assist_satellite"


@dataclass(frozen=True, slots=True, kw_only=True)
class UnprotectedSatellite:
    """Satellite of another integration that has not been added."""

    source: str
    entity_id: str
    name: str
    wyoming: bool
    """True if core's Wyoming integration provides it, from which it can be taken over."""


@callback
def satellites_found(hass: HomeAssistant) -> dict[str, tuple[er.RegistryEntry, str]]:
    """Return entity and name of every satellite of another integration, by source, without leftovers."""
    found = {}
    for entity in er.async_get(hass).entities.values():
        if entity.domain != ASSIST_SATELLITE or entity.platform == DOMAIN or entity.disabled_by:
            continue
        state = hass.states.get(entity.entity_id)
        if state is None or (state.attributes.get(ATTR_RESTORED) and _is_leftover(hass, entity)):
            continue
        found[source_of_entity(hass, entity.entity_id)] = (entity, state.name)
    return found


@callback
def _is_leftover(hass: HomeAssistant, entity: er.RegistryEntry) -> bool:
    """Return whether nothing will provide an entity that is only known from an earlier start.

    An integration that is not loaded, for example because its device is off, may still provide it.
    """
    entry = hass.config_entries.async_get_entry(entity.config_entry_id or "")
    if entry is None or entry.disabled_by is not None or entry.state is ConfigEntryState.LOADED:
        return True
    return entity.device_id is None or dr.async_get(hass).async_get(entity.device_id) is None
