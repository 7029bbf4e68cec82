"""Search for satellites on the local network (mDNS) that have not been added, while somebody looks for them.

Anybody on the network can announce anything. Only what answers as a satellite at an announced address is shown,
and the owner decides about each. Loopback and the internet are not asked: no announcement may reach services that only
this machine can reach, or have us connect to somebody outside the house. Its address on the network is asked, since a
satellite may run here; whoever can announce can reach that address himself.
"""

import asyncio
from collections.abc import Collection, Coroutine, Iterable, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Interface, IPv6Address, IPv6Interface, ip_address, ip_interface
import logging
import time
from typing import Any, Final

from homeassistant.config_entries import SIGNAL_CONFIG_ENTRY_CHANGED, ConfigEntry, ConfigEntryChange
from homeassistant.const import CONF_HOST, CONF_PORT, EVENT_HOMEASSISTANT_STOP
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.helpers.event import async_call_later
from homeassistant.util.hass_dict import HassKey

from ..const import DOMAIN
from ..core.budget import TokenBucket
from ..core.cleaning import clean_name, whole_number
from .announcements import LOOK_UP_MS, MAX_ADDRESSES, SERVICE_TYPE, async_browse
from .core_wyoming import WYOMING, active_entries, async_is_same
from .wyoming_connection import CannotConnect, NotASatellite, async_probe

_LOGGER = logging.getLogger(__name__)

_MAX_SERVERS: Final = 64
"""Maximum number of announced servers; others are ignored."""

_MAX_HOSTS: Final = 2
"""Maximum number of addresses of one server that are asked."""

_AT_ONCE: Final = 4
"""Number of servers that are asked at once."""

_LOOK_UP_RATE: Final = 1.0
_LOOK_UP_BURST: Final = 64.0

_KEEP_ON_SECONDS: Final = 15.0
"""Seconds for which a search goes on after somebody has asked for it."""

_FIRST_SECONDS: Final = 1.5
"""Seconds that a search takes until its first answer: what is announced already is found by then."""

_CHECK: Final = ""
"""Key of the task that checks what is used; the others are named after their servers."""

_CHECK_SECONDS: Final = 3.0
"""Maximum seconds to wait for it."""

type Interface = IPv4Interface | IPv6Interface

_SEARCH: Final[HassKey[NetworkSearch]] = HassKey(f"{DOMAIN}_network_search")


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundSatellite:
    """Satellite that was found on the network."""

    name: str
    host: str
    port: int
    detects_wake_word: bool
    """True if it detects its wake word itself."""


@dataclass(slots=True)
class _Server:
    """Wyoming server that announces itself: a satellite or a speech engine."""

    label: str
    hosts: tuple[str, ...]
    port: int
    taken: bool = False
    """True if its address is ours, or one of core's Wyoming integration."""

    found: FoundSatellite | None = None


def usable_hosts(addresses: Iterable[object]) -> tuple[str, ...]:
    """Return the announced addresses that can be connected to, IPv4 first."""
    usable = []
    for address in addresses:
        try:
            ip = ip_address(str(address))
        except ValueError:
            continue
        if isinstance(ip, IPv6Address) and ip.ipv4_mapped is not None:
            ip = ip.ipv4_mapped
        if not (ip.is_loopback or ip.is_link_local or ip.is_multicast or ip.is_unspecified or ip.is_reserved):
            usable.append(ip)
    return tuple(str(ip) for ip in sorted(usable, key=lambda ip: ip.version)[:_MAX_HOSTS])


def is_in_the_house(host: str, own: Collection[Interface]) -> bool:
    """Return whether a usable address is in the house, and not on the internet.

    A public address counts only if it is in one of this machine's own networks, as is usual with IPv6.

    Args:
        host: Address.
        own: Addresses of this machine with their networks.
    """
    ip = ip_address(host)
    return not ip.is_global or any(ip in one.network for one in own)


async def _async_own_interfaces(hass: HomeAssistant) -> list[Interface]:
    """Return the addresses of this machine with their networks."""
    # Import here only: zeroconf has loaded it by now, but it is not part of every installation.
    from homeassistant.components.network import async_get_adapters  # noqa: PLC0415

    return [
        ip_interface(f"{address['address'].partition('%')[0]}/{address['network_prefix']}")
        for adapter in await async_get_adapters(hass)
        for address in (*adapter["ipv4"], *adapter["ipv6"])
    ]


async def async_network_search(hass: HomeAssistant) -> NetworkSearch:
    """Return the search, which ends when nobody has asked for it for a while."""
    if (search := hass.data.get(_SEARCH)) is None:
        search = hass.data[_SEARCH] = NetworkSearch(hass)
        await search.async_start()
    search.keep_on()
    return search


class NetworkSearch:
    """Listener of zeroconf's browser that asks every announced server what it is. It belongs to the event loop."""

    def __init__(self, hass: HomeAssistant) -> None:
        """Find nothing yet."""
        self._hass = hass
        self._began = time.monotonic()
        self._zeroconf: Any = None
        self._servers: dict[str, _Server] = {}
        self._budget = TokenBucket(rate=_LOOK_UP_RATE, burst=_LOOK_UP_BURST, now=time.monotonic())
        self._asking = asyncio.Semaphore(_AT_ONCE)
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._ends: list[CALLBACK_TYPE] = []
        self._end_later: CALLBACK_TYPE | None = None
        self._stopped = False

    @property
    def found(self) -> list[FoundSatellite]:
        """Satellites that have not been added, by name; each address once."""
        found = {
            (server.found.host, server.found.port): server.found
            for server in self._servers.values()
            if server.found is not None and not server.taken
        }
        return sorted(found.values(), key=lambda one: (one.name.casefold(), one.host, one.port))

    async def async_start(self) -> None:
        """Follow announcements, and changes of the satellites that are there already."""
        self._ends = [
            async_dispatcher_connect(self._hass, SIGNAL_CONFIG_ENTRY_CHANGED, self._on_entry_changed),
            self._hass.bus.async_listen(EVENT_HOMEASSISTANT_STOP, self.stop),
        ]
        if (browsing := await async_browse(self._hass, self._with_zeroconf)) is not None:
            self._ends.append(browsing)
        if self._stopped:
            self._end_all()

    def _with_zeroconf(self, zeroconf: object) -> NetworkSearch:
        """Take zeroconf's shared instance."""
        self._zeroconf = zeroconf
        return self

    @callback
    def keep_on(self) -> None:
        """Search for a while from now on."""
        if self._end_later is not None:
            self._end_later()
        self._end_later = None if self._stopped else async_call_later(self._hass, _KEEP_ON_SECONDS, self.stop)

    async def async_settled(self) -> None:
        """Wait for what a search that has just begun finds at once, and for a check that is under way."""
        await asyncio.sleep(max(0.0, self._began + _FIRST_SECONDS - time.monotonic()))
        if (running := self._tasks.get(_CHECK)) is not None:
            await asyncio.wait([running], timeout=_CHECK_SECONDS)

    @callback
    def stop(self, _event: object = None) -> None:
        """End the search; nothing of it is kept."""
        if self._hass.data.get(_SEARCH) is self:
            del self._hass.data[_SEARCH]
        self._stopped = True
        for task in [*self._tasks.values()]:
            task.cancel()
        if self._end_later is not None:
            self._end_later()
            self._end_later = None
        self._end_all()

    def _end_all(self) -> None:
        """Undo what async_start has set up."""
        ends, self._ends = self._ends, []
        for end in ends:
            end()

    # --- announcements ------------------------------------------------------------------------

    def add_service(self, _zeroconf: object, service_type: str, name: str) -> None:
        """Look up a server that announces itself."""
        known = name in self._servers or len(self._servers) < _MAX_SERVERS
        if (
            known
            and name not in self._tasks
            and not self._stopped
            and self._budget.spend(1.0, time.monotonic())
        ):
            self._do(name, self._async_look_up(service_type, name))

    def update_service(self, zeroconf: object, service_type: str, name: str) -> None:
        """Look up a server whose announcement has changed."""
        self.add_service(zeroconf, service_type, name)

    def remove_service(self, _zeroconf: object, _service_type: str, name: str) -> None:
        """Forget a server that has gone away."""
        self._servers.pop(name, None)

    @callback
    def _do(self, key: str, work: Coroutine[Any, Any, None]) -> None:
        """Do some work in the background; a task with the same key is known until it ends."""
        task = self._hass.async_create_background_task(work, "voice_privacy_network_search")
        self._tasks[key] = task

        def done(task: asyncio.Task[None]) -> None:
            if self._tasks.get(key) is task:
                del self._tasks[key]

        task.add_done_callback(done)

    async def _async_look_up(self, service_type: str, name: str) -> None:
        """Find out where an announced server is, and whether it is a satellite."""
        try:
            info = await self._zeroconf.async_get_service_info(service_type, name, LOOK_UP_MS)
            if info is None:
                return
            port = whole_number(info.port, 1, 65_535)
            own = await _async_own_interfaces(self._hass)
            announced = usable_hosts(info.parsed_addresses()[:MAX_ADDRESSES])
            hosts = tuple(host for host in announced if is_in_the_house(host, own))
        except Exception as err:  # noqa: BLE001
            _LOGGER.debug("An announcement cannot be read: %s", type(err).__name__)
            return
        if port is None or not hosts:
            return
        label = clean_name(name.removesuffix(f".{SERVICE_TYPE}")) or hosts[0]
        self._servers[name] = server = _Server(label, hosts, port)
        await self._async_ask(server)

    async def _async_ask(self, server: _Server) -> None:
        """Ask a server what it is, unless its satellite is used already: that accepts one connection only."""
        async with self._asking:
            server.taken = await self._async_is_taken(server)
            if server.taken:
                return
            for host in server.hosts:
                try:
                    info = await async_probe(host, server.port)
                except CannotConnect:
                    continue
                except NotASatellite:
                    return
                server.found = FoundSatellite(
                    name=clean_name(info.name) or server.label,
                    host=host,
                    port=server.port,
                    detects_wake_word=info.detects_wake_word,
                )
                return

    # --- what is there already ------------------------------------------------------------------

    async def _async_is_taken(self, server: _Server) -> bool:
        """Return whether we or core's Wyoming integration have a satellite at an address of a server."""
        known: list[Mapping[str, Any]] = [theirs.data for theirs in active_entries(self._hass)]
        for entry in self._hass.config_entries.async_entries(DOMAIN):
            known += [one.data for one in entry.subentries.values() if CONF_HOST in one.data]
        for host in server.hosts:
            address = {CONF_HOST: host, CONF_PORT: server.port}
            if any([await async_is_same(self._hass, address, one) for one in known]):
                return True
        return False

    @callback
    def _on_entry_changed(self, _change: ConfigEntryChange, entry: ConfigEntry) -> None:
        """Check again which servers are used, when satellites were added or removed."""
        if entry.domain in (DOMAIN, WYOMING):
            if (running := self._tasks.pop(_CHECK, None)) is not None:
                running.cancel()
            self._do(_CHECK, self._async_check_again())

    async def _async_check_again(self) -> None:
        """Check again which servers are used, and ask those that have become free."""
        for server in [*self._servers.values()]:
            if server.found is None and server.taken:
                await self._async_ask(server)
            else:
                server.taken = await self._async_is_taken(server)
