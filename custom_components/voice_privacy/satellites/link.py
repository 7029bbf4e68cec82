"""Whether the sound of a satellite is encrypted on its way to Home Assistant, as far as that is known."""

from typing import Any, Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import CONF_HOST
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.hassio import is_hassio

from ..core.data_flow import Link, Reach, reach_of_host
from .base import Satellite
from .pipeline import PipelineSatellite
from .pipeline_runs import entity_of_source
from .wyoming import WyomingSatellite

_NOISE_PSK: Final = "noise_psk"
"""Field of an ESPHome entry with the key of its encryption; without it Home Assistant connects in plain text."""

_API_AUDIO: Final = 1 << 2
"""VoiceAssistantFeature.API_AUDIO: a device without it sends its sound by UDP, which is not encrypted."""


@callback
def link_of(hass: HomeAssistant, satellite: Satellite) -> Link:
    """Return how the sound of a satellite reaches Home Assistant; what is not known is never guessed."""
    if isinstance(satellite, WyomingSatellite):
        return _plain(hass, satellite.config.host)
    if not isinstance(satellite, PipelineSatellite):
        return Link.UNKNOWN
    entity = entity_of_source(hass, satellite.config.source)
    entry = hass.config_entries.async_get_entry(entity.config_entry_id or "") if entity else None
    if entry is None:
        return Link.UNKNOWN
    match entry.domain:
        case "esphome":
            return _esphome(entry)
        case "voip":
            # RTP without SRTP.
            return Link.NOT_ENCRYPTED
        case "wyoming":
            return _plain(hass, entry.data.get(CONF_HOST))
    return Link.UNKNOWN


def _plain(hass: HomeAssistant, host: Any) -> Link:
    """Return the link to a host over a protocol without encryption."""
    reach = reach_of_host(host, supervised=is_hassio(hass)) if isinstance(host, str) else Reach.UNKNOWN
    return Link.THIS_MACHINE if reach is Reach.THIS_MACHINE else Link.NOT_ENCRYPTED


def _esphome(entry: ConfigEntry[Any]) -> Link:
    """Return the link to an ESPHome device."""
    if not entry.data.get(_NOISE_PSK):
        return Link.NOT_ENCRYPTED
    runtime: Any = getattr(entry, "runtime_data", None)
    try:
        features = runtime.device_info.voice_assistant_feature_flags_compat(runtime.api_version)
    except AttributeError, TypeError:
        # It is not connected, so no sound comes either.
        return Link.ENCRYPTED
    return Link.ENCRYPTED if features & _API_AUDIO else Link.NOT_ENCRYPTED
