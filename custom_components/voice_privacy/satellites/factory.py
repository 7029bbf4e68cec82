"""Make the satellite that a configuration is for."""

from collections.abc import Callable

from homeassistant.core import HomeAssistant

from ..core.privacy import PrivacySettings
from ..wake.model_files import phrase_of
from ..wake.worker import DetectionWorker
from .base import Microphone, MicrophoneConfig, SatelliteHost
from .pipeline import ForeignSatellite, ForeignSatelliteConfig, OnMutedElsewhere
from .wyoming import Satellite, SatelliteConfig


def make_satellite(
    hass: HomeAssistant,
    config: MicrophoneConfig,
    *,
    host: SatelliteHost,
    worker: DetectionWorker,
    settings: Callable[[], PrivacySettings],
    on_muted_elsewhere: OnMutedElsewhere,
) -> Microphone:
    """Return a satellite that has not been started.

    Args:
        hass: Home Assistant.
        config: what the owner has set, of one kind or the other.
        host: takes its utterances.
        worker: hears its audio, where it is one of ours.
        settings: returns the toggles that govern it.
        on_muted_elsewhere: called when the mute switch of another integration's satellite was turned.
    """
    if isinstance(config, ForeignSatelliteConfig):
        return ForeignSatellite(
            hass, config, settings=settings, host=host, on_muted_elsewhere=on_muted_elsewhere
        )
    assert isinstance(config, SatelliteConfig)
    return Satellite(hass, config, worker=worker, settings=settings, phrase_of=phrase_of, host=host)
