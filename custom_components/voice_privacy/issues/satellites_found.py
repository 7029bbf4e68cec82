"""Repair issues, which can be ignored, for satellites of other integrations that have not been added."""

from collections.abc import Mapping
from typing import Any, Final

from homeassistant.const import ATTR_RESTORED, EVENT_STATE_CHANGED
from homeassistant.core import CALLBACK_TYPE, Event, EventStateChangedData, HomeAssistant, State, callback
from homeassistant.helpers import entity_registry as er, issue_registry as ir
from homeassistant.helpers.event import async_call_later

from ..const import CONF_SOURCE, DOMAIN
from ..coordinator import VoicePrivacyConfigEntry
from ..hub.repair_issues import show_issue, solve_issue, withdraw_issue
from ..satellites.core_wyoming import WYOMING
from ..satellites.found import ASSIST_SATELLITE, UnprotectedSatellite, satellites_found

_ISSUE: Final = "satellite_found"
_ISSUE_WYOMING: Final = "wyoming_satellite_found"

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
        entry.runtime_data.coordinator.set_unprotected(tuple(found.values()))
        for issue_id in offered - found.keys():
            solve_issue(hass, issue_id)
        offered.clear()
        offered.update(found)
        for issue_id, satellite in found.items():
            _show(hass, issue_id, satellite.name, can_take_over=satellite.wyoming)

    @callback
    def offer_soon(_event: Event[Any]) -> None:
        if not waiting:
            waiting.append(async_call_later(hass, _SETTLED_SECONDS, offer))

    @callback
    def withdraw() -> None:
        for cancel in waiting:
            cancel()
        for issue_id in offered:
            withdraw_issue(hass, issue_id)

    offer()
    entry.async_on_unload(
        hass.bus.async_listen(er.EVENT_ENTITY_REGISTRY_UPDATED, offer_soon, event_filter=_of_satellite)
    )
    entry.async_on_unload(hass.bus.async_listen(EVENT_STATE_CHANGED, offer_soon, event_filter=_came_or_went))
    entry.async_on_unload(withdraw)


@callback
def ignore_given_back(hass: HomeAssistant, core_entry_id: str) -> None:
    """Ignore the issue for a satellite that was just given back: nobody has to be told that it is not here."""
    for entity, name in satellites_found(hass).values():
        if entity.config_entry_id == core_entry_id:
            issue_id = f"{_ISSUE}_{entity.id}"
            _show(hass, issue_id, name, can_take_over=True)
            ir.async_ignore_issue(hass, DOMAIN, issue_id, ignore=True)


@callback
def _show(hass: HomeAssistant, issue_id: str, name: str, *, can_take_over: bool) -> None:
    """Show the issue for a satellite."""
    show_issue(
        hass,
        issue_id,
        is_fixable=False,
        severity=ir.IssueSeverity.WARNING,
        translation_key=_ISSUE_WYOMING if can_take_over else _ISSUE,
        translation_placeholders={"name": name},
    )


@callback
def _of_satellite(data: Mapping[str, Any]) -> bool:
    """Return whether an event is about a satellite."""
    return str(data["entity_id"]).startswith(f"{ASSIST_SATELLITE}.")


@callback
def _came_or_went(data: EventStateChangedData) -> bool:
    """Return whether a satellite has appeared, disappeared, or is provided again or no longer."""
    return _of_satellite(data) and _is_provided(data["old_state"]) != _is_provided(data["new_state"])


@callback
def _is_provided(state: State | None) -> bool | None:
    """Return whether an entity is provided by its integration; None if it has no state."""
    return None if state is None else not state.attributes.get(ATTR_RESTORED)


@callback
def _not_added(hass: HomeAssistant, entry: VoicePrivacyConfigEntry) -> dict[str, UnprotectedSatellite]:
    """Return the satellites of other integrations that have not been added, by issue id."""
    added = {subentry.data.get(CONF_SOURCE) for subentry in entry.subentries.values()}
    return {
        f"{_ISSUE}_{entity.id}": UnprotectedSatellite(
            source=source, entity_id=entity.entity_id, name=name, wyoming=entity.platform == WYOMING
        )
        for source, (entity, name) in satellites_found(hass).items()
        if source not in added
    }
