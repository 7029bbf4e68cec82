"""Watch over core's Wyoming integration: is it set up for one of our satellites?"""

import asyncio
from collections.abc import Mapping

from homeassistant.config_entries import SIGNAL_CONFIG_ENTRY_CHANGED, ConfigEntry, ConfigEntryChange
from homeassistant.const import CONF_HOST, CONF_PORT
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.dispatcher import async_dispatcher_connect

from .core_wyoming import WYOMING, active_entries, async_is_same
from .wyoming import WyomingSatellite


class RivalWatch:
    """Tells satellites whether core's integration is set up for them, too."""

    def __init__(self, hass: HomeAssistant, satellites: Mapping[str, WyomingSatellite]) -> None:
        """Watch these satellites; start looks for the first time."""
        self._hass = hass
        self._satellites = satellites
        self._looking: asyncio.Task[None] | None = None
        self._look_again = False

    @callback
    def start(self) -> CALLBACK_TYPE:
        """Look now and whenever core's entries change; return a function that stops."""
        unsubscribe = async_dispatcher_connect(self._hass, SIGNAL_CONFIG_ENTRY_CHANGED, self._on_change)
        self._look()

        @callback
        def stop() -> None:
            unsubscribe()
            if self._looking is not None:
                self._looking.cancel()

        return stop

    @callback
    def _on_change(self, change: ConfigEntryChange, entry: ConfigEntry) -> None:
        """Look again: an entry of core was added, removed, enabled, disabled, loaded or changed."""
        if entry.domain == WYOMING:
            self._look()

    @callback
    def _look(self) -> None:
        """Compare addresses in the background, because host names have to be resolved."""
        self._look_again = True
        if self._looking is None or self._looking.done():
            self._looking = self._hass.async_create_background_task(
                self._async_look(), "voice_privacy_rival_watch"
            )

    async def _async_look(self) -> None:
        """Update every satellite, until nothing has changed meanwhile."""
        while self._look_again:
            self._look_again = False
            for satellite in list(self._satellites.values()):
                address = {CONF_HOST: satellite.config.host, CONF_PORT: satellite.config.port}
                found = [
                    entry
                    for entry in active_entries(self._hass)
                    if await async_is_same(self._hass, address, entry.data)
                ]
                satellite.link.set_rival_known(bool(found))
