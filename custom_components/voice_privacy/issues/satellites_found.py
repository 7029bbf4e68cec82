"""Repair issues, which can be ignored, for satellites of other integrations that have not been added."""

from typing import Final

from homeassistant.core import CALLBACK_TYPE, Event, HomeAssistant, callback
from homeassistant.helpers import entity_registry as er, issue_registry as ir
from homeassistant.helpers.event import async_call_later

from ..const import CONF_SOURCE, DOMAIN
from ..coordinator import VoicePrivacyConfigEntry
from ..satellites.pipeline_runs import source_of_entity

_ASSIST_SATELLITE: Final = "assist_satellite"
_ISSUE: Final = "satellite_found"

_SETTLED_SECONDS: Final = 1.0
"""Seconds to wait for the remaining entities and the name of a new satellite."""


@callback
def async_setup_suggestions(hass: HomeAssistant, entry: VoicePrivacyConfigEntry) -> None:
    """Keep the issues up to date until the entry is unloaded."""
    offered: set[str] = set()
    waiting: list[CALLBACK_TYPE] = []

    @callback
    def offer(_now: object = None) -> None:
        waiting.clear()
        found = _not_added(hass, entry)
        for issue_id in offered - found.keys():
            ir.async_delete_issue(hass, DOMAIN, issue_id)
        offered.clear()
        offered.update(found)
        for issue_id, name in found.items():
            ir.async_create_issue(
                hass,
                DOMAIN,
                issue_id,
                is_fixable=False,
                severity=ir.IssueSeverity.WARNING,
                translation_key=_ISSUE,
                translation_placeholders={"name": name},
            )

    @callback
    def on_registry(event: Event[er.EventEntityRegistryUpdatedData]) -> None:
        if event.data["entity_id"].startswith(f"{_ASSIST_SATELLITE}.") and not waiting:
            waiting.append(async_call_later(hass, _SETTLED_SECONDS, offer))

    @callback
    def withdraw() -> None:
        for cancel in waiting:
            cancel()
        for issue_id in offered:
            ir.async_delete_issue(hass, DOMAIN, issue_id)

    offer()
    entry.async_on_unload(hass.bus.async_listen(er.EVENT_ENTITY_REGISTRY_UPDATED, on_registry))
    entry.async_on_unload(withdraw)


@callback
def _not_added(hass: HomeAssistant, entry: VoicePrivacyConfigEntry) -> dict[str, str]:
    """Return the names of satellites that have not been added, by issue id."""
    added = {subentry.data.get(CONF_SOURCE) for subentry in entry.subentries.values()}
    found = {}
    for entity in er.async_get(hass).entities.values():
        if entity.domain != _ASSIST_SATELLITE or entity.platform == DOMAIN or entity.disabled_by:
            continue
        if source_of_entity(hass, entity.entity_id) not in added:
            state = hass.states.get(entity.entity_id)
            found[f"{_ISSUE}_{entity.id}"] = state.name if state else entity.entity_id
    return found
