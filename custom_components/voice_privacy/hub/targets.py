"""Targets of actions, triggers and conditions, resolved to satellites."""

from collections.abc import Mapping
from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.helpers.target import TargetSelection, async_extract_referenced_entity_ids

from ..const import DOMAIN


@callback
def satellites_in_target(hass: HomeAssistant, entry: ConfigEntry[Any], target: Mapping[str, Any]) -> set[str]:
    """Return the ids of the satellites that a target means; other devices in it are ignored.

    The hub's device stands for all satellites if it or one of its entities is named itself, but not if only
    its area is.
    """
    selection = TargetSelection(dict(target))
    selected = async_extract_referenced_entity_ids(hass, selection)
    named = selection.device_ids | _devices_of(hass, entry, selected.referenced)
    device_ids = selected.referenced_devices | named
    device_ids |= _devices_of(hass, entry, selected.indirectly_referenced)
    satellites = set(entry.runtime_data.hub.satellites)
    found: set[str] = set()
    for device in dr.async_entries_for_config_entry(dr.async_get(hass), entry.entry_id):
        ids = {identifier for domain, identifier in device.identifiers if domain == DOMAIN}
        if device.id in device_ids:
            found |= ids & satellites
        if device.id in named and entry.entry_id in ids:
            found |= satellites
    return found


@callback
def devices_of(hass: HomeAssistant, entry_id: str) -> dict[str, str]:
    """Return the device ids of the house and its satellites, by identifier."""
    return {
        identifier: device.id
        for device in dr.async_entries_for_config_entry(dr.async_get(hass), entry_id)
        for domain, identifier in device.identifiers
        if domain == DOMAIN
    }


def _devices_of(hass: HomeAssistant, entry: ConfigEntry[Any], entity_ids: set[str]) -> set[str]:
    """Return the device ids of those entities that belong to the config entry."""
    entities = er.async_get(hass)
    found = (entities.async_get(entity_id) for entity_id in entity_ids)
    return {
        entity.device_id
        for entity in found
        if entity is not None and entity.config_entry_id == entry.entry_id and entity.device_id is not None
    }
