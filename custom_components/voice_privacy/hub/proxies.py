"""Which pipelines pass the proxies: those that the owner chose, and all of them while a mute depends on it."""

import asyncio

from homeassistant.components.assist_pipeline import async_get_pipelines
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback

from ..const import CONF_MUTE_SWITCH, CONF_PIPELINES, CONF_SOURCE, DOMAIN
from ..satellites.own_mute import is_muted_by_itself
from ..satellites.stt_proxies import async_install_proxies, async_restore_engines
from .settings import SettingsStore


class ProxyKeeper:
    """Installs proxies and restores engines, one change after another. It belongs to the event loop.

    A muted satellite of another integration is muted by the proxies. Which pipeline it uses can change at
    any time, so that all of them pass a proxy while one is muted, also while Home Assistant starts and stops,
    and while the config entry is reloaded or cannot be set up: without its proxy a pipeline transcribes
    nothing. Nothing is captured in a pipeline that the owner has not chosen.
    """

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry, settings: SettingsStore) -> None:
        """Prepare."""
        self._hass = hass
        self._entry = entry
        self._settings = settings
        self._turn = asyncio.Lock()

    @property
    def muting(self) -> bool:
        """Whether a satellite of another integration is muted."""
        return bool(self._muted)

    @property
    def _muted(self) -> list[tuple[str, str | None]]:
        """Sources of the muted satellites of other integrations, and the mute switches chosen for them."""
        return [
            (subentry.data[CONF_SOURCE], subentry.data.get(CONF_MUTE_SWITCH))
            for subentry in self._entry.subentries.values()
            if CONF_SOURCE in subentry.data and self._settings.of(subentry.subentry_id).muted
        ]

    @property
    def _wanted(self) -> set[str]:
        """Ids of the pipelines that are to pass a proxy."""
        if self.muting:
            return {pipeline.id for pipeline in async_get_pipelines(self._hass)}
        return set(self._entry.options.get(CONF_PIPELINES, []))

    async def async_sync(self) -> None:
        """Make pipelines pass a proxy, or no longer, as it is wanted now."""
        async with self._turn:
            await async_install_proxies(self._hass, self._entry, self._wanted)
            await async_restore_engines(self._hass, self._entry, keep=self._wanted)

    async def async_leave(self, *, for_long: bool) -> None:
        """Restore the engines for the time without the hub, unless a mute depends on the proxies.

        Args:
            for_long: The hub may be away for long. A satellite whose own mute switch is on needs a proxy
                then, too: nobody watches over its switch.
        """
        async with self._turn:
            if any(
                for_long or not is_muted_by_itself(self._hass, source, switch)
                for source, switch in self._muted
            ):
                await async_install_proxies(self._hass, self._entry, self._wanted, early=True)
            else:
                await async_restore_engines(self._hass, self._entry)

    async def async_restore(self) -> None:
        """Restore all engines: the owner disables or removes the integration."""
        async with self._turn:
            await async_restore_engines(self._hass, self._entry)

    @callback
    def sync_soon(self) -> None:
        """Sync in the background."""
        self._entry.async_create_task(self._hass, self.async_sync(), f"{DOMAIN}_proxies", eager_start=False)

    async def async_on_pipelines(self, _change: str, _item_id: str, _item: object) -> None:
        """Sync after somebody has edited pipelines."""
        self.sync_soon()
