"""Announcements on the local network as a hint that a satellite is back, from whoever announces anything."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from homeassistant.config_entries import ConfigEntryState
import pytest

from custom_components.voice_privacy.core.contention import Ending
from custom_components.voice_privacy.satellites import wyoming_connection
from custom_components.voice_privacy.satellites.announcements import SERVICE_TYPE

from .helpers.house import ENTRY_ID, KITCHEN, House
from .helpers.masters import SharedTalker

NAME = f"kitchen.{SERVICE_TYPE}"


@dataclass
class Zeroconf:
    """Home Assistant's shared instance, with a network of its own."""

    port: Any = 0
    addresses: list[Any] = field(default_factory=lambda: ["127.0.0.1"])
    server: Any = "kitchen.local."
    broken: bool = False
    asked: list[str] = field(default_factory=list)
    listeners: list[Any] = field(default_factory=list)

    async def async_add_service_listener(self, service_type: str, listener: Any) -> None:
        assert service_type == SERVICE_TYPE
        if self.broken:
            raise OSError
        self.listeners.append(listener)

    async def async_remove_service_listener(self, listener: Any) -> None:
        self.listeners.remove(listener)

    async def async_get_service_info(self, service_type: str, name: str, timeout: int) -> Any:
        assert (service_type, timeout) == (SERVICE_TYPE, 3_000)
        self.asked.append(name)
        if self.port is None:
            return None
        return SimpleNamespace(port=self.port, server=self.server, parsed_addresses=lambda: self.addresses)

    def announce(self, name: str = NAME, *, known: bool = False) -> None:
        """Let somebody announce a server."""
        for listener in self.listeners:
            (listener.update_service if known else listener.add_service)(self, SERVICE_TYPE, name)


@pytest.fixture
async def kitchen(socket_enabled: None) -> AsyncGenerator[SharedTalker]:
    """A satellite in the kitchen."""
    satellite = SharedTalker(KITCHEN)
    await satellite.start()
    yield satellite
    await satellite.stop()


@pytest.fixture
async def zeroconf(quiet_house: House, monkeypatch: pytest.MonkeyPatch) -> Zeroconf:
    """Zeroconf in a house whose satellites are looked for every ten minutes."""
    instance = Zeroconf(port=quiet_house.kitchen.port)

    async def shared(_: object) -> Zeroconf:
        return instance

    quiet_house.hass.config.components.add("zeroconf")
    monkeypatch.setattr("homeassistant.components.zeroconf.async_get_async_instance", shared)
    monkeypatch.setattr(wyoming_connection, "_BACKOFF_SECONDS", (600,))
    return instance


async def go_away(house: House) -> None:
    """Switch the kitchen off, until nobody looks for it any more."""
    await house.until_listening()
    await house.kitchen.refuse_connections()
    house.kitchen.vanish()
    link = house.hub.satellites.wyoming[KITCHEN].link
    await house.until_state("binary_sensor", "connected", "off")
    # The first attempt comes at once.
    await house.until_found(lambda: link.waits and link._attempts == 2)


@pytest.fixture
async def away(models: Any, quiet_house: House, zeroconf: Zeroconf) -> House:
    """A house whose kitchen is off."""
    assert await quiet_house.hass.config_entries.async_setup(ENTRY_ID)
    await go_away(quiet_house)
    return quiet_house


@pytest.mark.parametrize("known", [False, True])
async def test_a_satellite_that_announces_itself_is_connected_at_once(
    away: House, zeroconf: Zeroconf, known: bool
) -> None:
    await away.kitchen.accept_connections()
    zeroconf.announce(known=known)
    await away.until_state("sensor", "microphone_state", "listening")
    # Nobody is looked up while nothing is missing.
    zeroconf.announce()
    assert zeroconf.asked == [NAME]


async def test_a_satellite_that_was_added_by_its_name(away: House, zeroconf: Zeroconf) -> None:
    """Its address is known from its last connection."""
    satellite = away.hub.satellites.wyoming[KITCHEN]
    object.__setattr__(satellite.config, "host", "Kitchen.local")
    for addresses, server in (([], "kitchen.LOCAL."), (["127.0.0.1"], "other.local.")):
        zeroconf.addresses, zeroconf.server = addresses, server
        await away.kitchen.accept_connections()
        zeroconf.announce()
        await away.until_listening()
        await go_away(away)


@pytest.mark.parametrize(
    "fields",
    [
        {"port": 1},
        {"port": "10700"},
        {"port": None},
        {"addresses": ["127.0.0.2", "::1"], "server": "127.0.0.1.evil.example."},
        {"addresses": [], "server": None},
        {"addresses": ["10.0.0.1"] * 1_000 + ["127.0.0.1"]},
        {"addresses": None},
        {"addresses": [object(), "\ud800"]},
    ],
)
async def test_what_is_not_ours_wakes_nobody(
    away: House, zeroconf: Zeroconf, kitchen: SharedTalker, fields: dict[str, Any]
) -> None:
    for name, value in fields.items():
        setattr(zeroconf, name, value)
    await away.kitchen.accept_connections()
    attempts = kitchen.attempts
    zeroconf.announce()
    await away.hass.async_block_till_done(wait_background_tasks=False)
    await away.until_found(lambda: zeroconf.asked)
    (listener,) = zeroconf.listeners
    await away.until_found(lambda: not listener._look_ups)
    assert away.hub.satellites.wyoming[KITCHEN].link.waits
    assert kitchen.attempts == attempts


async def test_a_flood_of_announcements_is_hardly_looked_at(away: House, zeroconf: Zeroconf) -> None:
    (listener,) = zeroconf.listeners
    for number in range(10_000):
        zeroconf.announce(f"{number}.{SERVICE_TYPE}")
        assert len(listener._look_ups) <= 8
        if not number % 100:
            await away.hass.async_block_till_done()
    assert len(zeroconf.asked) <= 40


async def test_a_satellite_that_is_taken_again_and_again_is_not_fought_over(
    away: House, zeroconf: Zeroconf
) -> None:
    link = away.hub.satellites.wyoming[KITCHEN].link
    for now in range(3):
        link.contention.ended(Ending.TAKEN, float(now), 3.0)
    await away.kitchen.accept_connections()
    zeroconf.announce()
    (listener,) = zeroconf.listeners
    await away.until_found(lambda: zeroconf.asked and not listener._look_ups)
    assert link.waits


@pytest.mark.parametrize("fault", ["missing", "no instance", "broken"])
async def test_no_zeroconf_is_no_fault(
    models: Any, quiet_house: House, zeroconf: Zeroconf, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if fault == "missing":
        quiet_house.hass.config.components.remove("zeroconf")
    elif fault == "no instance":
        monkeypatch.delattr("homeassistant.components.zeroconf.async_get_async_instance")
    zeroconf.broken = True
    assert await quiet_house.hass.config_entries.async_setup(ENTRY_ID)
    assert quiet_house.entry.state is ConfigEntryState.LOADED
    await quiet_house.until_listening()
    assert await quiet_house.hass.config_entries.async_unload(ENTRY_ID)


async def test_nobody_listens_any_more_after_unloading(away: House, zeroconf: Zeroconf) -> None:
    (listener,) = zeroconf.listeners
    assert await away.hass.config_entries.async_unload(ENTRY_ID)
    await away.until_found(lambda: not zeroconf.listeners)
    listener.add_service(zeroconf, SERVICE_TYPE, NAME)
    assert zeroconf.asked == []
