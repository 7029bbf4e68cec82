"""Make the satellite that a configuration is for."""

from collections.abc import Callable

from homeassistant.core import HomeAssistant

from ..core.privacy import PrivacySettings
from ..wake.model_files import phrase_of
from ..wake.worker import DetectionWorker
from .base import Satellite, SatelliteConfig, SatelliteHost
from .pipeline import OnMutedElsewhere, PipelineSatellite, PipelineSatelliteConfig
from .wyoming import WyomingSatellite, WyomingSatelliteConfig


def make_satellite(
    hass: HomeAssistant,
    config: SatelliteConfig,
    *,
    host: SatelliteHost,
    worker: DetectionWorker,
    settings: Callable[[], PrivacySettings],
    on_muted_elsewhere: OnMutedElsewhere,
) -> Satellite:
    """Return a satellite that has not been started.

    Args:
        hass: Home Assistant.
        config: what the owner has set, of one kind or the other.
        host: takes its utterances.
        worker: hears its audio, where it is one of ours.
        settings: returns the toggles that govern it.
        on_muted_elsewhere: called when the mute switch of another integration's satellite was turned.
    """
    if isinstance(config, PipelineSatelliteConfig):
        return PipelineSatellite(
            hass, config, settings=settings, host=host, on_muted_elsewhere=on_muted_elsewhere
        )
    assert isinstance(config, WyomingSatelliteConfig)
    return WyomingSatellite(hass, config, worker=worker, settings=settings, phrase_of=phrase_of, host=host)
