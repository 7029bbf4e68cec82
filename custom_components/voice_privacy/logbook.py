"""Logbook: sentences for what no entity tells, without content and without names of persons."""

from collections.abc import Callable
from typing import Any, Final

from homeassistant.components.logbook import (
    LOGBOOK_ENTRY_ENTITY_ID,
    LOGBOOK_ENTRY_ICON,
    LOGBOOK_ENTRY_MESSAGE,
    LOGBOOK_ENTRY_NAME,
    LazyEventPartialState,
)
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers.translation import async_get_cached_translations

from .const import DOMAIN
from .hub.house_events import EVENT_LOGBOOK

_ICONS: Final = {
    "accessed": "mdi:ear-hearing",
    "mute_violated": "mdi:microphone-message",
    "unprotected": "mdi:shield-off-outline",
}


@callback
def async_describe_events(
    hass: HomeAssistant,
    async_describe_event: Callable[[str, str, Callable[[LazyEventPartialState], dict[str, Any]]], None],
) -> None:
    """Describe the events, in the language of the house."""

    @callback
    def describe(event: LazyEventPartialState) -> dict[str, Any]:
        kind = str(event.data.get("type"))
        texts = async_get_cached_translations(hass, hass.config.language, "common", DOMAIN)
        device = dr.async_get(hass).async_get(str(event.data.get("device_id")))
        return {
            LOGBOOK_ENTRY_NAME: (device.name_by_user or device.name if device else None) or "Voice Privacy",
            # An event of another version is described by its type.
            LOGBOOK_ENTRY_MESSAGE: texts.get(f"component.{DOMAIN}.common.logbook_{kind}", kind),
            LOGBOOK_ENTRY_ICON: _ICONS.get(kind),
            LOGBOOK_ENTRY_ENTITY_ID: event.data.get("entity_id"),
        }

    async_describe_event(DOMAIN, EVENT_LOGBOOK, describe)
