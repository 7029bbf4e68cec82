"""How answers name a satellite's room and tell the time."""

import logging
from typing import Final

from homeassistant.components.frontend.storage import async_user_store
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import area_registry as ar, device_registry as dr

from ..const import DOMAIN
from ..core.voice_language import Language, Manner, base_of
from ..hub.hub import VoicePrivacyHub

_LOGGER = logging.getLogger(__name__)

_CLOCKS: Final = {"12": True, "24": False}
"""Time formats that a user can choose, with whether they have AM and PM; the others follow the language."""

_TWELVE_HOURS: Final = "en"
"""Language whose speakers tell the time with AM and PM, as the frontend of Home Assistant does."""

_TWENTY_FOUR_HOURS: Final = frozenset({"en-gb", "en-ie", "en-za"})
"""Variants of it that do not."""


async def async_manner(
    hass: HomeAssistant,
    hub: VoicePrivacyHub,
    entry_id: str,
    language: Language,
    *,
    satellite_id: str | None,
    user_id: str | None,
) -> Manner:
    """Return how to answer somebody.

    Args:
        hass: Home Assistant.
        hub: Hub of the satellites.
        entry_id: Id of the config entry.
        language: Language of the answer.
        satellite_id: Id of the satellite that the answer is about, if it is one of ours.
        user_id: Id of the user who asks; None for somebody at a satellite, who gets the clock of the house's owner.
    """
    return Manner(
        room=None if satellite_id is None else room_of(hass, hub, entry_id, satellite_id),
        twelve_hours=await _async_twelve_hours(hass, language, user_id),
    )


@callback
def room_of(hass: HomeAssistant, hub: VoicePrivacyHub, entry_id: str, satellite_id: str) -> str | None:
    """Return the name of a satellite's area, or of the satellite if it has none or shares it with another one."""
    if satellite_id not in hub.satellites:
        return None
    devices = dr.async_get(hass)
    found = {
        each: devices.async_get_device_by_identifier((DOMAIN, each), entry_id) for each in hub.satellites
    }
    device = found[satellite_id]
    if device is not None and device.area_id is not None:
        shared = sum(other is not None and other.area_id == device.area_id for other in found.values()) > 1
        if not shared and (area := ar.async_get(hass).async_get_area(device.area_id)) is not None:
            return area.name
    return (device.name_by_user if device else None) or hub.satellites[satellite_id].config.name


async def _async_twelve_hours(hass: HomeAssistant, language: Language, user_id: str | None) -> bool:
    """Return whether somebody tells the time with AM and PM: as the user chose, or as the language does."""
    if user_id is None and (owner := await hass.auth.async_get_owner()) is not None:
        user_id = owner.id
    if user_id is not None:
        try:
            chosen = (await async_user_store(hass, user_id)).data.get("language")
        except Exception as err:  # noqa: BLE001
            # The answer must not depend on a setting that cannot be read.
            _LOGGER.debug("The time format of a user cannot be read: %s", type(err).__name__)
        else:
            clock = chosen.get("time_format") if isinstance(chosen, dict) else None
            if isinstance(clock, str) and clock in _CLOCKS:
                return _CLOCKS[clock]
    tag = hass.config.language if base_of(hass.config.language) == language.code else language.code
    return base_of(tag) == _TWELVE_HOURS and tag.replace("_", "-").lower() not in _TWENTY_FOUR_HOURS
