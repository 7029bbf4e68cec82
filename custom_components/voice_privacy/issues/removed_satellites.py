"""Repair issues for automations that use a satellite that has been removed: they silently do nothing for it."""

from collections.abc import Mapping
from typing import Any, Final

from homeassistant.components.automation import (
    DOMAIN as AUTOMATION_DOMAIN,
    EVENT_AUTOMATION_RELOADED,
    automations_with_device,
    automations_with_entity,
)
from homeassistant.const import ATTR_FRIENDLY_NAME, CONF_ID
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.helpers import device_registry as dr, entity_registry as er, issue_registry as ir
from homeassistant.helpers.start import async_at_started
from homeassistant.util.hass_dict import HassKey

from ..const import DOMAIN
from ..coordinator import VoicePrivacyConfigEntry
from ..hub.repair_issues import show_issue, solve_issue, withdraw_issue

_ISSUE_REMOVED_SATELLITE: Final = "automation_uses_removed_satellite"

_REMOVED_DEVICES: Final[HassKey[set[str]]] = HassKey(f"{DOMAIN}_removed_devices")
"""Ids of devices that were removed since the start; Home Assistant tells nobody of earlier ones."""


@callback
def async_setup_removed_satellite_issues(hass: HomeAssistant, entry: VoicePrivacyConfigEntry) -> None:
    """Keep the issues up to date until the entry is unloaded; it is reloaded when a satellite is removed."""
    shown: set[str] = set()

    @callback
    def look(_event: Event[Any] | HomeAssistant) -> None:
        found = _affected(hass, entry)
        for entity_id in shown - found:
            solve_issue(hass, f"{_ISSUE_REMOVED_SATELLITE}_{entity_id}")
        shown.clear()
        shown.update(found)
        for entity_id in found:
            _show(hass, entity_id)

    @callback
    def withdraw() -> None:
        for entity_id in shown:
            withdraw_issue(hass, f"{_ISSUE_REMOVED_SATELLITE}_{entity_id}")

    @callback
    def removed(event: Event[dr.EventDeviceRegistryUpdatedData]) -> None:
        if event.data["action"] == "remove" and any(
            domain == DOMAIN for domain, *_ in event.data["device"]["identifiers"]
        ):
            hass.data.setdefault(_REMOVED_DEVICES, set()).add(event.data["device_id"])
            look(event)

    entry.async_on_unload(hass.bus.async_listen(dr.EVENT_DEVICE_REGISTRY_UPDATED, removed))
    entry.async_on_unload(async_at_started(hass, look))
    entry.async_on_unload(hass.bus.async_listen(EVENT_AUTOMATION_RELOADED, look))
    entry.async_on_unload(
        hass.bus.async_listen(er.EVENT_ENTITY_REGISTRY_UPDATED, look, event_filter=_of_automation)
    )
    entry.async_on_unload(withdraw)


@callback
def _of_automation(data: Mapping[str, Any]) -> bool:
    """Return whether an automation was added, removed or renamed."""
    return str(data["entity_id"]).startswith(f"{AUTOMATION_DOMAIN}.")


@callback
def _affected(hass: HomeAssistant, entry: VoicePrivacyConfigEntry) -> set[str]:
    """Return the automations that name a removed satellite, or an entity of it."""
    present = {entry.entry_id, *entry.subentries}
    entities = er.async_get(hass)
    found: set[str] = set()
    for entity in entities.deleted_entities.values():
        satellite_id = entity.unique_id.partition("-")[0]
        if entity.platform != DOMAIN or satellite_id in present:
            continue
        # Another entity may have got its id since.
        if entities.async_get(entity.entity_id) is None:
            found.update(automations_with_entity(hass, entity.entity_id))
    # A device that was added again has its id again.
    devices = dr.async_get(hass)
    for device_id in hass.data.get(_REMOVED_DEVICES, ()):
        if devices.async_get(device_id) is None:
            found.update(automations_with_device(hass, device_id))
    return found


@callback
def _show(hass: HomeAssistant, entity_id: str) -> None:
    """Show the issue of an automation."""
    state = hass.states.get(entity_id)
    attributes = {} if state is None else state.attributes
    # Automations without an id cannot be edited, only shown.
    editor = f"edit/{attributes[CONF_ID]}" if CONF_ID in attributes else f"show/{entity_id}"
    show_issue(
        hass,
        f"{_ISSUE_REMOVED_SATELLITE}_{entity_id}",
        is_fixable=False,
        severity=ir.IssueSeverity.WARNING,
        translation_key=_ISSUE_REMOVED_SATELLITE,
        translation_placeholders={
            "automation": attributes.get(ATTR_FRIENDLY_NAME, entity_id),
            "link": f"/config/automation/{editor}",
        },
    )
