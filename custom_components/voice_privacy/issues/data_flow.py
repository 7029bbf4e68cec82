"""Repair issues for pipelines in which sound or text goes farther than before."""

from datetime import timedelta
import logging
from typing import Any, Final

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.event import async_track_time_interval
from homeassistant.helpers.start import async_at_started

from ..coordinator import VoicePrivacyConfigEntry
from ..hub.repair_issues import show_issue, solve_issue, withdraw_issue

_LOGGER = logging.getLogger(__name__)

ISSUE_DATA_FLOW: Final = "data_flow"
_LOOK_EVERY: Final = timedelta(hours=1)
"""Config entries of engines may change without their pipelines."""


@callback
def async_setup_data_flow_issues(hass: HomeAssistant, entry: VoicePrivacyConfigEntry) -> None:
    """Look at the pipelines now, when they change and every hour, until the entry is unloaded."""
    data_flow = entry.runtime_data.hub.data_flow
    shown: set[str] = set()

    async def look(*_args: Any) -> None:
        try:
            await data_flow.async_look()
        except Exception as err:  # noqa: BLE001
            _LOGGER.warning("The engines of the Assist pipelines cannot be read: %s", type(err).__name__)

    @callback
    def show() -> None:
        wider = data_flow.wider
        for pipeline_id in shown - wider.keys():
            solve_issue(hass, f"{ISSUE_DATA_FLOW}_{pipeline_id}")
        for pipeline_id in wider.keys() - shown:
            show_issue(
                hass,
                f"{ISSUE_DATA_FLOW}_{pipeline_id}",
                data={"entry_id": entry.entry_id, "pipeline_id": pipeline_id},
                is_fixable=True,
                severity=ir.IssueSeverity.WARNING,
                translation_key="data_flow",
                translation_placeholders={"pipeline": data_flow.flows[pipeline_id].name},
            )
        shown.clear()
        shown.update(wider)

    @callback
    def withdraw() -> None:
        for pipeline_id in shown:
            withdraw_issue(hass, f"{ISSUE_DATA_FLOW}_{pipeline_id}")

    entry.async_on_unload(entry.runtime_data.hub.notices.listen(show))
    entry.async_on_unload(withdraw)
    entry.async_on_unload(async_at_started(hass, look))
    entry.async_on_unload(async_track_time_interval(hass, look, _LOOK_EVERY))
    if (pipelines := hass.data.get("assist_pipeline")) is not None:
        entry.async_on_unload(pipelines.pipeline_store.async_add_listener(look))
