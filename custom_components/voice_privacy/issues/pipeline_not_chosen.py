"""Repair issues for satellites whose pipeline was not chosen, so that nothing said to them can be kept."""

from typing import Final

from homeassistant.components.assist_pipeline import Pipeline
from homeassistant.core import CALLBACK_TYPE, Event, HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.event import (
    EventStateChangedData,
    async_track_state_added_domain,
    async_track_state_change_event,
)

from ..const import CONF_PIPELINES, CONF_SOURCE
from ..coordinator import ISSUE_PIPELINE_NOT_CHOSEN, VoicePrivacyConfigEntry
from ..hub.repair_issues import show_issue, solve_issue, withdraw_issue
from ..satellites.pipeline_runs import pipeline_select_of, pipelines_of_source

_ISSUE_NAME_SHARED: Final = "pipeline_name_shared"


class _Hints:
    """Repair issues by satellite, each deleted as soon as it no longer applies."""

    def __init__(self, hass: HomeAssistant, entry: VoicePrivacyConfigEntry) -> None:
        """Initialize without issues."""
        self._hass = hass
        self._entry = entry
        self._given: set[str] = set()
        self._unfollow: CALLBACK_TYPE | None = None

    @callback
    def look(self) -> None:
        """Create and delete issues, tell the page, and track the pipeline selects of the satellites."""
        unchosen, shared = self._not_chosen(), self._sharing_a_name()
        self._entry.runtime_data.coordinator.set_pipelines_not_chosen(
            {satellite_id: pipeline.name for satellite_id, (_, pipeline) in unchosen.items()}
        )
        found = {
            f"{ISSUE_PIPELINE_NOT_CHOSEN}_{satellite_id}": what for satellite_id, what in unchosen.items()
        }
        for issue_id in self._given - found.keys() - shared.keys():
            solve_issue(self._hass, issue_id)
        self._given = found.keys() | shared.keys()
        for issue_id, placeholders in shared.items():
            show_issue(
                self._hass,
                issue_id,
                is_fixable=False,
                severity=ir.IssueSeverity.WARNING,
                translation_key=_ISSUE_NAME_SHARED,
                translation_placeholders=placeholders,
            )
        for issue_id, (name, pipeline) in found.items():
            show_issue(
                self._hass,
                issue_id,
                data={"entry_id": self._entry.entry_id, "pipeline_id": pipeline.id},
                is_fixable=True,
                severity=ir.IssueSeverity.WARNING,
                translation_key=ISSUE_PIPELINE_NOT_CHOSEN,
                translation_placeholders={"name": name, "pipeline": pipeline.name},
            )
        self._follow()

    def _not_chosen(self) -> dict[str, tuple[str, Pipeline]]:
        """Return name and pipeline of each affected satellite, by satellite id."""
        chosen = self._entry.options.get(CONF_PIPELINES, [])
        found = {}
        for subentry in self._entry.subentries.values():
            source = subentry.data.get(CONF_SOURCE)
            pipelines = pipelines_of_source(self._hass, source) if source else []
            if pipelines and pipelines[0].id not in chosen:
                found[subentry.subentry_id] = (subentry.title, pipelines[0])
        return found

    def _sharing_a_name(self) -> dict[str, dict[str, str]]:
        """Return the placeholders of each satellite for which pipelines of one name differ, by issue id.

        Which of them it uses cannot be told from the name, and changes when one is removed.
        """
        chosen = self._entry.options.get(CONF_PIPELINES, [])
        found = {}
        for subentry in self._entry.subentries.values():
            source = subentry.data.get(CONF_SOURCE)
            pipelines = pipelines_of_source(self._hass, source) if source else []
            if len({pipeline.id in chosen for pipeline in pipelines}) > 1:
                found[f"{_ISSUE_NAME_SHARED}_{subentry.subentry_id}"] = {
                    "name": subentry.title,
                    "pipeline": pipelines[0].name,
                }
        return found

    def _follow(self) -> None:
        """Track the pipeline selects of all satellites."""
        if self._unfollow is not None:
            self._unfollow()
        sources = [subentry.data.get(CONF_SOURCE) for subentry in self._entry.subentries.values()]
        selects = [pipeline_select_of(self._hass, source) for source in sources if source]
        followed = [select for select in selects if select]
        self._unfollow = async_track_state_change_event(self._hass, followed, self.on_state)

    @callback
    def on_state(self, _event: Event[EventStateChangedData]) -> None:
        """Update the issues when a satellite appears or its pipeline select changes."""
        self.look()

    async def async_on_pipelines(self, _change: str, _item_id: str, _item: object) -> None:
        """Update the issues when pipelines have changed."""
        self.look()

    @callback
    def stop(self) -> None:
        """Stop tracking and delete all issues."""
        if self._unfollow is not None:
            self._unfollow()
        for issue_id in self._given:
            withdraw_issue(self._hass, issue_id)


@callback
def async_setup_hints(hass: HomeAssistant, entry: VoicePrivacyConfigEntry) -> None:
    """Keep the issues up to date until the entry is unloaded."""
    hints = _Hints(hass, entry)
    hints.look()
    entry.async_on_unload(async_track_state_added_domain(hass, "assist_satellite", hints.on_state))
    if (pipelines := hass.data.get("assist_pipeline")) is not None:
        entry.async_on_unload(pipelines.pipeline_store.async_add_listener(hints.async_on_pipelines))
    entry.async_on_unload(hints.stop)
