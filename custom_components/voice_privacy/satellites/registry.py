"""Registry of all satellites by the id of their config subentry."""

import asyncio
from collections.abc import Callable, Collection, Iterator, Mapping
import logging
from typing import override

from homeassistant.core import HomeAssistant, callback

from ..core.privacy import PrivacySettings
from ..wake.model_files import phrase_of
from ..wake_listening.listener import WakeListener
from .base import Satellite, SatelliteConfig, SatelliteHost
from .pipeline import OnMutedElsewhere, PipelineSatellite, PipelineSatelliteConfig
from .wyoming import WyomingSatellite, WyomingSatelliteConfig

_LOGGER = logging.getLogger(__name__)


class SatelliteRegistry(Mapping[str, Satellite]):
    """All satellites in the order in which they were added, and those of each kind.

    It belongs to the event loop.
    """

    def __init__(self, hass: HomeAssistant) -> None:
        """Start without satellites."""
        self._hass = hass
        self._all: dict[str, Satellite] = {}
        self.pipeline: dict[str, PipelineSatellite] = {}
        """Satellites of other integrations by id."""

        self.wyoming: dict[str, WyomingSatellite] = {}
        """Satellites that this integration connects to by id."""

        self.phrase_of: Callable[[str], str] = phrase_of
        """Returns the spoken form of a wake word; set before satellites are added."""

    @override
    def __getitem__(self, satellite_id: str) -> Satellite:
        """Return a satellite. Raises KeyError."""
        return self._all[satellite_id]

    @override
    def __iter__(self) -> Iterator[str]:
        """Iterate over the ids."""
        return iter(self._all)

    @override
    def __len__(self) -> int:
        """Return the number of satellites."""
        return len(self._all)

    # --- life cycle ------------------------------------------------------------------------------

    def add(
        self,
        config: SatelliteConfig,
        *,
        host: SatelliteHost,
        listener: WakeListener,
        settings: Callable[[], PrivacySettings],
        on_muted_elsewhere: OnMutedElsewhere,
    ) -> None:
        """Add a satellite without starting it.

        Args:
            config: The owner's configuration; its type determines the kind of satellite.
            host: Receives the satellite's utterances.
            listener: Listens for its wake words, if this integration connects to it.
            settings: Returns the satellite's privacy settings.
            on_muted_elsewhere: Called when another integration's satellite has its mute switch turned.
        """
        satellite_id = config.satellite_id
        if isinstance(config, PipelineSatelliteConfig):
            self._all[satellite_id] = self.pipeline[satellite_id] = PipelineSatellite(
                self._hass, config, settings=settings, host=host, on_muted_elsewhere=on_muted_elsewhere
            )
            return
        assert isinstance(config, WyomingSatelliteConfig)
        self._all[satellite_id] = self.wyoming[satellite_id] = WyomingSatellite(
            self._hass, config, listener=listener, settings=settings, phrase_of=self.phrase_of, host=host
        )

    @callback
    def start(self) -> None:
        """Connect to every satellite; one that fails does not keep the others from starting."""
        for satellite in self.values():
            try:
                satellite.start()
            except Exception:
                _LOGGER.exception("A satellite cannot be started")

    async def async_stop(self) -> None:
        """Disconnect from every satellite; they stay listed."""
        await asyncio.gather(*(satellite.async_stop() for satellite in self.values()))

    async def async_drop(self, satellite_ids: Collection[str]) -> None:
        """Disconnect from removed satellites and remove them from the registry."""
        dropped = [self._all.pop(satellite_id) for satellite_id in satellite_ids]
        for satellite_id in satellite_ids:
            self.pipeline.pop(satellite_id, None)
            self.wyoming.pop(satellite_id, None)
        await asyncio.gather(*(satellite.async_stop() for satellite in dropped))

    @callback
    def check(self) -> None:
        """Check once a second that every satellite still listens."""
        for satellite in self.values():
            satellite.check()

    # --- lookup ----------------------------------------------------------------------------------

    def of_source(self, source: str) -> PipelineSatellite | None:
        """Return the satellite of another integration that is the source of a pipeline run, or None."""
        return next(
            (satellite for satellite in self.pipeline.values() if satellite.config.source == source), None
        )

    # --- wake engine -----------------------------------------------------------------------------

    @property
    def wake_words_wanted(self) -> set[str]:
        """Wake words that the built-in engine must listen for."""
        return {
            word.wake_word
            for satellite in self.wyoming.values()
            if not satellite.config.wake_engine
            for word in satellite.config.wake_words
        }

    @callback
    def engine_loaded(self, available: Collection[str], fault: str) -> None:
        """Mark satellites none of whose wake words the built-in engine can detect.

        Args:
            available: Wake words that the engine can detect.
            fault: Silence reason for satellites without any of these.
        """
        for satellite in self.wyoming.values():
            words = {word.wake_word for word in satellite.config.wake_words}
            satellite.wake_stream.engine_fault = fault if words and words.isdisjoint(available) else None
