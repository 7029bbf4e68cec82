"""Announcements of Wyoming servers on the local network (mDNS), as a hint that a satellite is back.

Anybody on the network can announce anything. An announcement only ends the wait before the next attempt to
connect to a satellite that the owner has added; nothing of it is kept, shown or connected to. New satellites are
searched for in network_search.py, while the owner looks for them.
"""

import asyncio
from collections.abc import Callable, Mapping
import logging
import time
from typing import Any, Final, Protocol

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback

from ..core.budget import TokenBucket
from .wyoming import WyomingSatellite

_LOGGER = logging.getLogger(__name__)

SERVICE_TYPE: Final = "_wyoming._tcp.local."

_ZEROCONF: Final = "zeroconf"
LOOK_UP_MS: Final = 3_000
_MAX_LOOK_UPS: Final = 8
"""Maximum number of announcements that are looked up at once; others are ignored."""

_LOOK_UP_RATE: Final = 1.0
_LOOK_UP_BURST: Final = 32.0
MAX_ADDRESSES: Final = 16


def _nothing() -> None:
    """Stop nothing."""


class ServiceListener(Protocol):
    """Listener of zeroconf's browser that can be stopped."""

    def add_service(self, _zeroconf: object, service_type: str, name: str) -> None:
        """Handle a new announcement."""

    def update_service(self, _zeroconf: object, service_type: str, name: str) -> None:
        """Handle a changed announcement."""

    def remove_service(self, _zeroconf: object, service_type: str, name: str) -> None:
        """Handle the end of an announcement."""

    def stop(self) -> None:
        """End what was begun."""


async def async_browse(
    hass: HomeAssistant, listener_of: Callable[[Any], ServiceListener]
) -> CALLBACK_TYPE | None:
    """Let a listener follow announcements; return a function that stops, or None without zeroconf.

    Args:
        hass: Home Assistant.
        listener_of: Makes the listener, with zeroconf's shared instance.
    """
    if _ZEROCONF not in hass.config.components:
        return None
    try:
        # Import here only: zeroconf is loaded by now, but not part of every installation.
        from homeassistant.components.zeroconf import async_get_async_instance  # noqa: PLC0415

        zeroconf: Any = await async_get_async_instance(hass)
        listener = listener_of(zeroconf)
        await zeroconf.async_add_service_listener(SERVICE_TYPE, listener)
    except Exception as err:  # noqa: BLE001
        _LOGGER.info("Announcements of satellites cannot be followed: %s", type(err).__name__)
        return None

    @callback
    def stop() -> None:
        listener.stop()
        hass.async_create_background_task(_async_remove(zeroconf, listener), "voice_privacy_zeroconf")

    return stop


async def async_follow_announcements(
    hass: HomeAssistant, satellites: Mapping[str, WyomingSatellite]
) -> CALLBACK_TYPE:
    """Follow announcements, if Home Assistant uses zeroconf; return a function that stops.

    Without zeroconf, or if it fails, satellites are found again by the usual attempts.
    """
    if not satellites:
        return _nothing
    return await async_browse(hass, lambda zc: AnnouncementListener(hass, zc, satellites)) or _nothing


async def _async_remove(zeroconf: Any, listener: ServiceListener) -> None:
    """Remove a listener."""
    try:
        await zeroconf.async_remove_service_listener(listener)
    except Exception as err:  # noqa: BLE001
        _LOGGER.info("Announcements of satellites are still followed: %s", type(err).__name__)


class AnnouncementListener:
    """Listener of zeroconf's browser. It belongs to the event loop."""

    def __init__(
        self, hass: HomeAssistant, zeroconf: Any, satellites: Mapping[str, WyomingSatellite]
    ) -> None:
        """Take zeroconf's shared instance, and the satellites by id."""
        self._hass = hass
        self._zeroconf = zeroconf
        self._satellites = satellites
        self._budget = TokenBucket(rate=_LOOK_UP_RATE, burst=_LOOK_UP_BURST, now=time.monotonic())
        self._look_ups: set[asyncio.Task[None]] = set()

    def add_service(self, _zeroconf: object, service_type: str, name: str) -> None:
        """Handle a new announcement."""
        self._announced(service_type, name)

    def update_service(self, _zeroconf: object, service_type: str, name: str) -> None:
        """Handle a changed announcement."""
        self._announced(service_type, name)

    def remove_service(self, _zeroconf: object, _service_type: str, _name: str) -> None:
        """Ignore the end of an announcement: a connection shows whether a satellite is there."""

    @callback
    def stop(self) -> None:
        """End all look-ups."""
        for look_up in self._look_ups:
            look_up.cancel()

    @callback
    def _announced(self, service_type: str, name: str) -> None:
        """Look up who announces itself, if a satellite is missing."""
        if (
            not any(satellite.link.waits for satellite in self._satellites.values())
            or len(self._look_ups) >= _MAX_LOOK_UPS
            or not self._budget.spend(1.0, time.monotonic())
        ):
            return
        look_up = self._hass.async_create_background_task(
            self._async_look_up(service_type, name), "voice_privacy_look_up"
        )
        self._look_ups.add(look_up)
        look_up.add_done_callback(self._look_ups.discard)

    async def _async_look_up(self, service_type: str, name: str) -> None:
        """Wake the connections of the satellites with the announced address."""
        try:
            info = await self._zeroconf.async_get_service_info(service_type, name, LOOK_UP_MS)
            if info is None:
                return
            port = info.port
            hosts = {_host(str(address)) for address in info.parsed_addresses()[:MAX_ADDRESSES]}
            hosts.add(_host(str(info.server)))
        except Exception as err:  # noqa: BLE001
            _LOGGER.debug("An announcement cannot be read: %s", type(err).__name__)
            return
        for satellite in list(self._satellites.values()):
            known = {_host(satellite.config.host), _host(satellite.link.address or satellite.config.host)}
            if satellite.config.port == port and known & hosts:
                satellite.link.hint()


def _host(host: str) -> str:
    """Return a host in the form in which it is compared."""
    return host.strip().rstrip(".").lower()
