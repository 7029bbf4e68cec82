"""How far sound and text go in the pipelines of this house, from manifests and config entries; nothing is asked."""

from collections.abc import Mapping
from typing import Any, Final

from homeassistant.components.assist_pipeline import async_get_pipelines
from homeassistant.core import HomeAssistant
from homeassistant.helpers.hassio import is_hassio
from homeassistant.loader import IntegrationNotFound, async_get_integration

from ..core.data_flow import PipelineFlow, Reach, Stage, reach_of_engine, reach_of_host
from .unreachable_copies import entity_of_engine

_HOST_FIELDS: Final = ("host", "url", "base_url", "api_base", "server_url", "api_url", "address")
"""Fields of config entries that name a server, by their common names."""

_BUILT_IN: Final = frozenset({"conversation"})
"""Integrations whose engine runs in Home Assistant itself."""


async def async_flows(hass: HomeAssistant) -> dict[str, PipelineFlow]:
    """Return the reach of every stage of every pipeline, by pipeline id."""
    flows = {}
    for pipeline in async_get_pipelines(hass):
        engines = {
            Stage.SPEECH_TO_TEXT: pipeline.stt_engine,
            Stage.CONVERSATION: pipeline.conversation_engine,
            Stage.TEXT_TO_SPEECH: pipeline.tts_engine,
        }
        stages = {stage: await _async_reach(hass, engine) for stage, engine in engines.items() if engine}
        flows[pipeline.id] = PipelineFlow(name=pipeline.name, stages=stages)
    return flows


async def _async_reach(hass: HomeAssistant, engine: str) -> Reach:
    """Return the reach of an engine."""
    entity = entity_of_engine(hass, engine)
    domain = entity.platform if entity is not None else engine.partition(".")[0]
    try:
        # Also if it is not loaded yet: its manifest is there.
        integration = await async_get_integration(hass, domain)
    except IntegrationNotFound:
        return Reach.UNKNOWN
    entry_id = None if entity is None else entity.config_entry_id
    entry = None if entry_id is None else hass.config_entries.async_get_entry(entry_id)
    host = None if entry is None else _reach_of_entry(hass, {**entry.data, **entry.options})
    return reach_of_engine(integration.iot_class, host, built_in=domain in _BUILT_IN)


def _reach_of_entry(hass: HomeAssistant, settings: Mapping[str, Any]) -> Reach | None:
    """Return the reach of the farthest host that a config entry names, or None."""
    named = [settings[name] for name in _HOST_FIELDS if isinstance(settings.get(name), str)]
    found = [reach_of_host(address, supervised=is_hassio(hass)) for address in named if address]
    return max(found, key=lambda reach: reach.distance, default=None)
