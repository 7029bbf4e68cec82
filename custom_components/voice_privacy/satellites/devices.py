"""Devices of the hub and of the satellites in Home Assistant's registry."""

from collections.abc import Iterable
import logging

from homeassistant.config_entries import ConfigEntry, ConfigSubentry
from homeassistant.const import CONF_NAME
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import area_registry as ar, device_registry as dr, entity_registry as er
from homeassistant.util import slugify

from ..const import CONF_AREA, CONF_SOURCE, DOMAIN, SUBENTRY_TYPE_SATELLITE
from ..core.cleaning import clean_name
from .pipeline_runs import entity_of_source

_LOGGER = logging.getLogger(__name__)


@callback
def register_devices(hass: HomeAssistant, entry: ConfigEntry, subentries: Iterable[ConfigSubentry]) -> None:
    """Register the devices of the hub and, linked to it, of the satellites, before entities need them.

    A satellite whose device cannot be linked as wanted is linked to the hub: other integrations decide how
    their devices are arranged, and no arrangement may keep this integration from starting.
    """
    hub_device = dr.async_get(hass).async_get_or_create(
        config_entry_id=entry.entry_id,
        identifiers={(DOMAIN, entry.entry_id)},
        entry_type=dr.DeviceEntryType.SERVICE,
        name=entry.title,
    )
    for subentry in subentries:
        via, area_id = _place_of(hass, subentry)
        area_id = subentry.data.get(CONF_AREA) or area_id
        for via_device_id in (via or hub_device.id, hub_device.id):
            try:
                _register(hass, entry, subentry, via_device_id, area_id)
            except HomeAssistantError as err:
                _LOGGER.warning("The device of a satellite cannot be linked: %s", type(err).__name__)
            else:
                break


@callback
def area_of(hass: HomeAssistant, entry_id: str, satellite_id: str) -> str | None:
    """Return the id of the area where a satellite's device is, empty without one; None if there is no device."""
    device = dr.async_get(hass).async_get_device_by_identifier((DOMAIN, satellite_id), entry_id)
    return None if device is None else device.area_id or ""


@callback
def _place_of(hass: HomeAssistant, subentry: ConfigSubentry) -> tuple[str | None, str | None]:
    """Return the device and the area of the satellite that another integration connects to.

    Part of another device, as a speaker in a soundbar, it is linked to that: a device cannot be linked to a part.
    """
    source = entity_of_source(hass, subentry.data.get(CONF_SOURCE, ""))
    devices = dr.async_get(hass)
    device = devices.async_get(source.device_id) if source and source.device_id else None
    if device is None:
        return None, None
    area_id = device.area_id
    if (parent_id := getattr(device, "parent_device_id", None)) is not None:
        device = devices.async_get(parent_id)
        area_id = area_id or (device.area_id if device else None)
    if device is None or (DOMAIN, subentry.subentry_id) in device.identifiers:
        # It was moved to our own device, which cannot be linked to itself.
        return None, area_id
    return device.id, area_id


@callback
def _register(
    hass: HomeAssistant, entry: ConfigEntry, subentry: ConfigSubentry, via_device_id: str, area_id: str | None
) -> None:
    """Register the device of a satellite. Raises HomeAssistantError."""
    own = subentry.subentry_type == SUBENTRY_TYPE_SATELLITE
    area = ar.async_get(hass).async_get_area(area_id) if area_id else None
    dr.async_get(hass).async_get_or_create(
        config_entry_id=entry.entry_id,
        config_subentry_id=subentry.subentry_id,
        identifiers={(DOMAIN, subentry.subentry_id)},
        manufacturer="Wyoming" if own else None,
        model="Satellite" if own else None,
        name=clean_name(subentry.data.get(CONF_NAME)) or clean_name(subentry.title),
        suggested_area=area.name if area else None,
        via_device_id=via_device_id,
    )


@callback
def suggested_object_id(
    hass: HomeAssistant, entry: ConfigEntry, satellite_id: str, name: str | None
) -> str | None:
    """Return the object id of a satellite's entity that names its room once, or None if Home Assistant's own does.

    Home Assistant puts the area before the device: "kitchen_kitchen_microphone" for a satellite that is named after
    its room. Whoever has chosen the parts of entity ids gets those.

    Args:
        hass: Home Assistant.
        entry: Config entry.
        satellite_id: Id of the satellite.
        name: Name of the entity without its device; None for the main entity of the device.
    """
    if er.async_get(hass).settings.entity_id_parts is not None:
        return None
    device = dr.async_get(hass).async_get_device_by_identifier((DOMAIN, satellite_id), entry.entry_id)
    area = ar.async_get(hass).async_get_area(device.area_id) if device and device.area_id else None
    if device is None or area is None:
        return None
    device_name = slugify(device.name_by_user or device.name)
    if not f"{device_name}_".startswith(f"{slugify(area.name)}_"):
        return None
    return slugify(f"{device_name} {name or ''}")
