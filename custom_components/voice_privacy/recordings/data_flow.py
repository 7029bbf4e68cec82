"""How far sound and text go in the pipelines of this house, from manifests and config entries; nothing is asked."""

from typing import Final

from homeassistant.components.assist_pipeline import PipelineNotFound, async_get_pipeline, async_get_pipelines
from homeassistant.components.conversation import HOME_ASSISTANT_AGENT
from homeassistant.core import HomeAssistant, callback
from homeassistant.loader import IntegrationNotFound, async_get_integration

from ..core.data_flow import PipelineFlow, Reach, Stage, reach_of_engine
from .engines import engine_of, reach_of_settings

_BUILT_IN: Final = frozenset({HOME_ASSISTANT_AGENT, "homeassistant"})
"""Engines that run in Home Assistant itself, by their ids of now and of earlier versions."""


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


@callback
def preferred_pipeline(hass: HomeAssistant) -> str | None:
    """Return the id of the pipeline that satellites without a choice of their own use."""
    try:
        return async_get_pipeline(hass).id
    except PipelineNotFound:
        return None


async def _async_reach(hass: HomeAssistant, engine: str) -> Reach:
    """Return the reach of an engine."""
    found = engine_of(hass, engine)
    if engine in _BUILT_IN:
        return Reach.THIS_MACHINE
    if found.domain is None:
        return Reach.UNKNOWN
    try:
        # Also if it is not loaded yet: its manifest is there.
        integration = await async_get_integration(hass, found.domain)
    except IntegrationNotFound:
        return Reach.UNKNOWN
    return reach_of_engine(integration.iot_class, reach_of_settings(hass, found), built_in=False)
