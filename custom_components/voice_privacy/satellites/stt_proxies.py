"""Speech-to-text proxies in the Assist pipelines chosen by the owner, and the engines they replace."""

from collections.abc import Collection, Mapping
import logging
from typing import Final

from homeassistant.components.assist_pipeline import async_get_pipelines, async_update_pipeline
from homeassistant.components.stt import async_get_speech_to_text_engine, async_get_speech_to_text_entity
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import entity_registry as er

from ..const import CONF_ENGINES_BEFORE, DOMAIN
from ..wake_listening.entity_references import reference_of
from .pipeline_runs import SOURCE_API

_LOGGER = logging.getLogger(__name__)

_STT: Final = "stt"


@callback
def passes_proxies(hass: HomeAssistant, source: str) -> bool:
    """Return whether every pipeline passes a proxy, so that nothing from a source reaches an engine past them.

    All pipelines count: a satellite may have several, and can be switched to another at any time. Requests
    to the speech-to-text API name an engine themselves.
    """
    return source != SOURCE_API and all(
        pipeline.stt_engine is None or is_proxy(hass, pipeline.stt_engine)
        for pipeline in async_get_pipelines(hass)
    )


def proxy_unique_id(entry: ConfigEntry, key: str) -> str:
    """Return the unique id of an engine's proxy."""
    return f"{entry.entry_id}-{_STT}-{key}"


@callback
def is_proxy(hass: HomeAssistant, engine_id: str) -> bool:
    """Return whether a speech-to-text engine is a proxy of this integration."""
    entity = er.async_get(hass).async_get(engine_id)
    return entity is not None and entity.platform == DOMAIN


@callback
def _original_of(hass: HomeAssistant, entry: ConfigEntry, pipeline_id: str, proxy_id: str) -> str | None:
    """Return the engine that a pipeline used before, from the proxy's unique id or the entry's data."""
    entities = er.async_get(hass)
    proxy = entities.async_get(proxy_id)
    assert proxy is not None
    key = proxy.unique_id.removeprefix(proxy_unique_id(entry, ""))
    if (engine := entities.entities.get_entry(key)) is not None:
        return engine.entity_id
    remembered: Mapping[str, str] = entry.data.get(CONF_ENGINES_BEFORE, {})
    if (engine_id := remembered.get(pipeline_id)) is not None:
        return engine_id
    # An entity id, or an engine of a YAML platform, which has no entity.
    return key if "." in key or async_get_speech_to_text_engine(hass, key) is not None else None


async def async_restore_engines(
    hass: HomeAssistant, entry: ConfigEntry, *, keep: Collection[str] = ()
) -> None:
    """Restore the original engines of pipelines; pipelines that were changed since are left alone.

    Args:
        hass: Home Assistant.
        entry: Config entry of this integration.
        keep: Ids of pipelines that keep their proxy, also if it is not available: they transcribe nothing
            until it is back.
    """
    for pipeline in async_get_pipelines(hass):
        if pipeline.stt_engine is None or not is_proxy(hass, pipeline.stt_engine) or pipeline.id in keep:
            continue
        original = _original_of(hass, entry, pipeline.id, pipeline.stt_engine)
        if original is None:
            _LOGGER.error("The original speech-to-text engine of a pipeline is unknown")
            continue
        await async_update_pipeline(hass, pipeline, stt_engine=original)


async def async_install_proxies(
    hass: HomeAssistant, entry: ConfigEntry, wanted: Collection[str], *, early: bool = False
) -> None:
    """Set proxies in pipelines, and store the original engines.

    A pipeline whose engine has no proxy yet is left alone until its proxy has been added.

    Args:
        hass: Home Assistant.
        entry: Config entry of this integration.
        wanted: Ids of the pipelines.
        early: Also set a proxy that exists, but is not loaded yet.
    """
    entities = er.async_get(hass)
    before: dict[str, str] = dict(entry.data.get(CONF_ENGINES_BEFORE, {}))
    for pipeline in async_get_pipelines(hass):
        engine = pipeline.stt_engine
        if pipeline.id not in wanted or engine is None or is_proxy(hass, engine):
            continue
        unique_id = proxy_unique_id(entry, reference_of(hass, engine))
        proxy_id = entities.async_get_entity_id(_STT, DOMAIN, unique_id)
        if proxy_id is None or not (early or async_get_speech_to_text_entity(hass, proxy_id)):
            continue
        before[pipeline.id] = engine
        if before != entry.data.get(CONF_ENGINES_BEFORE):
            hass.config_entries.async_update_entry(entry, data={**entry.data, CONF_ENGINES_BEFORE: before})
        await async_update_pipeline(hass, pipeline, stt_engine=proxy_id)
