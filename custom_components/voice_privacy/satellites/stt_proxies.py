"""Proxy engines in the Assist pipelines that the owner chose, and the engines that were there before."""

from collections.abc import Collection, Mapping
import logging
from typing import Final

from homeassistant.components.assist_pipeline import async_get_pipelines, async_update_pipeline
from homeassistant.components.stt import async_get_speech_to_text_engine, async_get_speech_to_text_entity
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import entity_registry as er

from ..const import CONF_ENGINES_BEFORE, CONF_PIPELINES, DOMAIN
from .pipeline_runs import is_satellite, pipeline_of_source

_LOGGER = logging.getLogger(__name__)

_STT: Final = "stt"


@callback
def passes_proxies(hass: HomeAssistant, source: str) -> bool:
    """Return whether everything that a source says to a pipeline now passes one of our proxies.

    Apps and browsers choose among all pipelines. Where a satellite's integration is not there, it says
    nothing.
    """
    if is_satellite(source):
        pipeline = pipeline_of_source(hass, source)
        pipelines = [] if pipeline is None else [pipeline]
    else:
        pipelines = async_get_pipelines(hass)
    return all(one.stt_engine is None or is_proxy(hass, one.stt_engine) for one in pipelines)


@callback
def engine_key(hass: HomeAssistant, engine_id: str) -> str:
    """Return what a proxy remembers its engine by: renaming an entity changes nothing."""
    entity = er.async_get(hass).async_get(engine_id)
    return entity.id if entity else engine_id


def proxy_unique_id(entry: ConfigEntry, key: str) -> str:
    """Return the unique id of the proxy of an engine."""
    return f"{entry.entry_id}-{_STT}-{key}"


@callback
def is_proxy(hass: HomeAssistant, engine_id: str) -> bool:
    """Return whether a speech-to-text engine is a proxy of ours."""
    entity = er.async_get(hass).async_get(engine_id)
    return entity is not None and entity.platform == DOMAIN


@callback
def _original_of(hass: HomeAssistant, entry: ConfigEntry, pipeline_id: str, proxy_id: str) -> str | None:
    """Return the engine that a pipeline had before; the proxy itself knows where the note is lost."""
    entities = er.async_get(hass)
    proxy = entities.async_get(proxy_id)
    assert proxy is not None
    key = proxy.unique_id.removeprefix(proxy_unique_id(entry, ""))
    if (engine := entities.entities.get_entry(key)) is not None:
        return engine.entity_id
    remembered: Mapping[str, str] = entry.data.get(CONF_ENGINES_BEFORE, {})
    if (engine_id := remembered.get(pipeline_id)) is not None:
        return engine_id
    # Entity ids, and engines of platforms in YAML, which are no entities.
    return key if "." in key or async_get_speech_to_text_engine(hass, key) is not None else None


@callback
def _pipelines_of(hass: HomeAssistant, sources: Collection[str]) -> set[str]:
    """Return the ids of the pipelines that sources may speak to: of all, where one's is not known."""
    found = [pipeline_of_source(hass, source) for source in sources]
    if all(found):
        return {pipeline.id for pipeline in found if pipeline is not None}
    return {pipeline.id for pipeline in async_get_pipelines(hass)}


async def async_restore_engines(hass: HomeAssistant, entry: ConfigEntry, muted: Collection[str] = ()) -> None:
    """Give every pipeline its own engine back; those that somebody has changed since are left alone.

    Args:
        hass: Home Assistant.
        entry: ours.
        muted: sources that only our proxies mute. Their pipelines, where the owner has chosen them, keep a
            proxy that is not there, and transcribe nothing until it is: nobody hears a muted microphone
            while Home Assistant starts or stops, or our entry is reloaded.
    """
    kept = _pipelines_of(hass, muted) & set(entry.options.get(CONF_PIPELINES, []))
    for pipeline in async_get_pipelines(hass):
        if pipeline.stt_engine is None or not is_proxy(hass, pipeline.stt_engine) or pipeline.id in kept:
            continue
        original = _original_of(hass, entry, pipeline.id, pipeline.stt_engine)
        if original is None:
            _LOGGER.error("The engine that a pipeline had before is not known any more")
            continue
        await async_update_pipeline(hass, pipeline, stt_engine=original)


async def async_install_proxies(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Set proxies in the pipelines that the owner chose; remember what was there before.

    A pipeline whose engine is not there yet is left as it is, until its proxy has been added.
    """
    chosen = entry.options.get(CONF_PIPELINES, [])
    entities = er.async_get(hass)
    before: dict[str, str] = dict(entry.data.get(CONF_ENGINES_BEFORE, {}))
    for pipeline in async_get_pipelines(hass):
        engine = pipeline.stt_engine
        if pipeline.id not in chosen or engine is None or is_proxy(hass, engine):
            continue
        unique_id = proxy_unique_id(entry, engine_key(hass, engine))
        proxy_id = entities.async_get_entity_id(_STT, DOMAIN, unique_id)
        if proxy_id is None or async_get_speech_to_text_entity(hass, proxy_id) is None:
            continue
        before[pipeline.id] = engine
        if before != entry.data.get(CONF_ENGINES_BEFORE):
            hass.config_entries.async_update_entry(entry, data={**entry.data, CONF_ENGINES_BEFORE: before})
        await async_update_pipeline(hass, pipeline, stt_engine=proxy_id)
