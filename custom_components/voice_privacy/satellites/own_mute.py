"""Mutes that other integrations provide for their satellites: a switch, and a switch on the device."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from homeassistant.components.switch import DOMAIN as SWITCH_DOMAIN
from homeassistant.const import STATE_ON
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import device_registry as dr, entity_registry as er

from ..const import DOMAIN, NO_MUTE
from ..core.mute_names import MuteClue, mute_clue
from .pipeline_runs import entity_of_source

_SENSOR_DOMAIN: Final = "binary_sensor"
_LOUDSPEAKER: Final = "media_player"
_DEVICE_CLASSES: Final = {SWITCH_DOMAIN: (None, "switch"), _SENSOR_DOMAIN: (None, "running")}
"""Device classes that a mute may have; others say that the entity is something else, such as an outlet."""


@dataclass(frozen=True, slots=True)
class OwnMute:
    """How a satellite is muted by itself."""

    switch: str | None = None
    """Entity id of its mute switch."""

    switch_is_sure: bool = False
    """True if the switch is known to mute the microphone, and not perhaps the loudspeaker."""

    hardware: str | None = None
    """Entity id of the binary sensor that is on while a switch on the device mutes the microphone."""

    @property
    def entity_ids(self) -> list[str]:
        """Entities whose states matter."""
        return [entity_id for entity_id in (self.switch, self.hardware) if entity_id]

    @callback
    def switch_is_on(self, hass: HomeAssistant) -> bool:
        """Return whether its mute switch is on, whatever that mutes."""
        return self.switch is not None and hass.states.is_state(self.switch, STATE_ON)

    @callback
    def hardware_is_on(self, hass: HomeAssistant) -> bool:
        """Return whether it is muted by a switch on the device."""
        return self.hardware is not None and hass.states.is_state(self.hardware, STATE_ON)


@callback
def own_mute_of(hass: HomeAssistant, source: str, chosen: str | None) -> OwnMute:
    """Return the mute of a satellite.

    Args:
        hass: Home Assistant.
        source: Source of the satellite.
        chosen: Registry id of the switch that the owner chose, its entity id if it is not registered, NO_MUTE,
            or None to take the switch that is found. A chosen switch that is gone is not replaced.
    """
    satellite = entity_of_source(hass, source)
    hardware, _ = _found(hass, satellite, _SENSOR_DOMAIN)
    if chosen is None:
        switch, sure = _found(hass, satellite, SWITCH_DOMAIN)
    else:
        switch, sure = (None, False) if chosen == NO_MUTE else (switch_of_reference(hass, chosen), True)
    return OwnMute(switch, switch is not None and sure, hardware)


@callback
def is_muted_by_itself(hass: HomeAssistant, source: str, chosen: str | None) -> bool:
    """Return whether a satellite's own switch is on and is known to mute its microphone."""
    mute = own_mute_of(hass, source, chosen)
    return mute.switch_is_sure and mute.switch_is_on(hass)


@callback
def reference_of_switch(hass: HomeAssistant, entity_id: str) -> str | None:
    """Return what is saved for a chosen switch, None if it cannot be a satellite's mute."""
    entity = er.async_get(hass).async_get(entity_id)
    if not entity_id.startswith(f"{SWITCH_DOMAIN}."):
        return None
    if entity is None:
        return entity_id if hass.states.get(entity_id) else None
    return None if entity.platform == DOMAIN else entity.id


@callback
def switch_of_reference(hass: HomeAssistant, reference: str) -> str | None:
    """Return the entity id of a chosen switch, None if it is gone."""
    if "." in reference:
        return reference
    entity = er.async_get(hass).entities.get_entry(reference)
    return entity.entity_id if entity else None


@callback
def _found(hass: HomeAssistant, satellite: er.RegistryEntry | None, domain: str) -> tuple[str | None, bool]:
    """Return the entity of a domain that mutes a satellite by its names, and whether that is sure.

    A bare "Mute" is sure only on a device without a loudspeaker of its own. A sensor that is not sure is not
    returned: nobody could correct it.
    """
    if satellite is None or satellite.device_id is None:
        return None, False
    entities = list(_entities_near(hass, satellite.device_id))
    rated = [(_clue(hass, entity), entity.entity_id) for entity in entities if entity.domain == domain]
    clue, entity_id = max(rated, key=lambda rating: rating[0], default=(MuteClue.NONE, None))
    loudspeaker = any(entity.domain == _LOUDSPEAKER for entity in entities)
    sure = clue is MuteClue.MICROPHONE or (clue is MuteClue.BARE and not loudspeaker)
    if clue is MuteClue.NONE or (domain == _SENSOR_DOMAIN and not sure):
        return None, False
    return entity_id, sure


@callback
def _entities_near(hass: HomeAssistant, device_id: str) -> Iterator[er.RegistryEntry]:
    """Yield the entities of a device and of the device that it is a part of."""
    device = dr.async_get(hass).async_get(device_id)
    for near in (device_id, getattr(device, "parent_device_id", None)):
        if near is not None:
            yield from er.async_entries_for_device(er.async_get(hass), near)


@callback
def _clue(hass: HomeAssistant, entity: er.RegistryEntry) -> MuteClue:
    """Return what an entity's names say about a mute."""
    if (
        entity.platform == DOMAIN
        or (entity.device_class or entity.original_device_class) not in (_DEVICE_CLASSES[entity.domain])
    ):
        return MuteClue.NONE
    device = dr.async_get(hass).async_get(entity.device_id or "")
    names = (entity.name, entity.original_name, entity.translation_key)
    device_name = " ".join(filter(None, (device.name, device.name_by_user))) if device else None
    return mute_clue(names, entity.unique_id, device_name)
