"""Fields and steps of the subentry flow for satellites that are taken over from core, or given back."""

from collections.abc import Mapping
from typing import Any

from homeassistant.config_entries import ConfigEntry, ConfigSubentry
from homeassistant.const import CONF_HOST, CONF_NAME, CONF_PORT
from homeassistant.core import HomeAssistant
from homeassistant.helpers.selector import (
    BooleanSelector,
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
)
import voluptuous as vol

from ..const import CONF_AREA, CONF_GIVE_BACK, CONF_TAKE_OVER, CONF_TAKEN_FROM
from .core_wyoming import CoreSatellite, async_takeable
from .take_over import async_take_over, entry_to_give_back_to, taken_from


async def async_offered(hass: HomeAssistant, entry: ConfigEntry) -> dict[str, CoreSatellite]:
    """Return the satellites of core that can be taken over, by entry id."""
    ours = [subentry.data for subentry in entry.subentries.values() if CONF_HOST in subentry.data]
    return await async_takeable(hass, ours)


def take_over_field(offered: Mapping[str, CoreSatellite]) -> dict[Any, Any]:
    """Return the field with which a satellite of core is chosen; none if there is none.

    It is optional: Home Assistant's frontend preselects the first option of a required select.
    """
    if not offered:
        return {}
    options = [
        SelectOptionDict(value=entry_id, label=f"{satellite.name} ({satellite.host}:{satellite.port})")
        for entry_id, satellite in offered.items()
    ]
    config = SelectSelectorConfig(options=options, mode=SelectSelectorMode.DROPDOWN)
    return {vol.Optional(CONF_TAKE_OVER): SelectSelector(config)}


def filled_in(
    user_input: dict[str, Any], offered: Mapping[str, CoreSatellite]
) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the input completed with what is known of the satellite that was chosen, and form errors.

    What was typed has precedence, except for the address.
    """
    chosen = user_input.get(CONF_TAKE_OVER)
    if chosen is None:
        missing = [key for key in (CONF_NAME, CONF_HOST) if not user_input.get(key)]
        return user_input, dict.fromkeys(missing, "required_without_take_over")
    if (satellite := offered.get(chosen)) is None:
        return user_input, {CONF_TAKE_OVER: "take_over_gone"}
    known = {CONF_NAME: satellite.name, CONF_AREA: satellite.area_id}
    known = {key: value for key, value in known.items() if value}
    typed = {key: value for key, value in user_input.items() if value or key not in known}
    return known | typed | {CONF_HOST: satellite.host, CONF_PORT: satellite.port}, {}


async def async_data_taken_over(
    hass: HomeAssistant, entry: ConfigEntry, data: Mapping[str, Any]
) -> dict[str, Any]:
    """Take a satellite over and return the data of its subentry. Raises TakeOverFailed."""
    satellite = await async_take_over(hass, entry, data[CONF_TAKE_OVER])
    kept = {key: value for key, value in data.items() if key != CONF_TAKE_OVER}
    return kept | {CONF_TAKEN_FROM: taken_from(satellite)}


def give_back_field(hass: HomeAssistant, subentry: ConfigSubentry) -> dict[Any, Any]:
    """Return the field with which a satellite is given back to core; none if it was not taken over."""
    if entry_to_give_back_to(hass, subentry) is None:
        return {}
    return {vol.Required(CONF_GIVE_BACK, default=False): BooleanSelector()}
