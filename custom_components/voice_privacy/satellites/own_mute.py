"""Mute switches that other integrations provide for their satellites."""

from typing import Final

from homeassistant.components.switch import DOMAIN as SWITCH_DOMAIN
from homeassistant.const import STATE_ON
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import entity_registry as er

from .pipeline_runs import entity_of_source

_MUTE_NAMES: Final = frozenset({"mute", "mute microphone", "microphone mute"})


@callback
def mute_switch_of(hass: HomeAssistant, satellite: er.RegistryEntry) -> str | None:
    """Return the entity id of the mute switch that a satellite's own integration provides, or None."""
    if satellite.device_id is None:
        return None
    for entity in er.async_entries_for_device(er.async_get(hass), satellite.device_id):
        names = {str(entity.original_name).casefold(), str(entity.translation_key).casefold()}
        if entity.domain == SWITCH_DOMAIN and (
            names & _MUTE_NAMES or entity.unique_id.endswith(("-mute", "_mute"))
        ):
            return entity.entity_id
    return None


@callback
def is_muted_by_itself(hass: HomeAssistant, source: str) -> bool:
    """Return whether a satellite has a mute switch of its own that is on."""
    entity = entity_of_source(hass, source)
    switch = mute_switch_of(hass, entity) if entity else None
    return switch is not None and hass.states.is_state(switch, STATE_ON)
