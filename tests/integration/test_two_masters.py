"""A satellite that another server uses or keeps taking: recognized, shown, explained, and not fought over."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from typing import Any

from homeassistant.helpers import issue_registry as ir
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.voice_privacy.const import DOMAIN
from custom_components.voice_privacy.core import contention
from custom_components.voice_privacy.satellites import wyoming_connection
from dev.rig.satellite import Mode

from .helpers.house import ENTRY_ID, KITCHEN, House
from .helpers.masters import Manner, OtherServer, SharedTalker, other_server

ISSUE = f"rival_{KITCHEN}"


@pytest.fixture
async def kitchen(socket_enabled: None) -> AsyncGenerator[SharedTalker]:
    """A satellite in the kitchen that others know, too."""
    satellite = SharedTalker(KITCHEN)
    await satellite.start()
    yield satellite
    await satellite.stop()


@pytest.fixture
async def other(kitchen: SharedTalker) -> AsyncGenerator[OtherServer]:
    """Another server."""
    async with other_server(kitchen) as server:
        yield server


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let everything take a tenth of its time."""
    monkeypatch.setattr(wyoming_connection, "_BACKOFF_SECONDS", (0.1, *(0.2,) * 150))
    monkeypatch.setattr(wyoming_connection, "_ACCEPT_SECONDS", 0.2)
    monkeypatch.setattr(wyoming_connection, "_LOOK_INTERVAL", 0.1)
    for name in (
        "SHORT_SECONDS",
        "SHORT_SPAN",
        "TURNED_AWAY_DELAY",
        "TURNED_AWAY_SETTLED",
        "TAKEN_SETTLED",
        "PATIENCE",
    ):
        monkeypatch.setattr(contention, name, getattr(contention, name) / 10)
    monkeypatch.setattr(contention, "LOOK_BACK_DELAY", 0.05)
    monkeypatch.setattr(contention, "TAKEN_DELAYS", tuple(delay / 10 for delay in contention.TAKEN_DELAYS))


def is_shown(house: House, key: str = "used_elsewhere") -> bool:
    """Return whether everything says who uses the kitchen."""
    issue = ir.async_get(house.hass).async_get_issue(DOMAIN, ISSUE)
    return (
        issue is not None
        and issue.active
        and (issue.translation_key, issue.is_fixable) == (key, key == "used_by_wyoming")
        and (issue.translation_placeholders or {}).get("name") == "Kitchen"
        and house.state("sensor", "microphone_state") == "used_elsewhere"
        and house.state("binary_sensor", "connected") == "off"
    )


async def until_shown(house: House, key: str = "used_elsewhere") -> None:
    """Wait until everything says who uses the kitchen."""
    await house.until(lambda: is_shown(house, key), f"{key} is shown", timeout=30)


async def until_back(house: House) -> None:
    """Wait until the kitchen listens and nothing says that somebody else uses it."""
    await house.until_state("sensor", "microphone_state", "listening", timeout=30)
    await house.until(lambda: house.issue(ISSUE) is None, "no issue", timeout=30)


async def keep_taking(house: House, other: OtherServer, times: int = 3) -> None:
    """Take the kitchen, and take it back whenever it is taken away."""
    for _ in range(times):
        await house.kitchen.wait_until_connected()
        await house.until_state("binary_sensor", "connected", "on", timeout=30)
        await house.kitchen.wait_for_frames(3)
        await other.take()
        await house.until_state("binary_sensor", "connected", "off")


async def test_a_satellite_that_is_taken_again_and_again(
    house: House, kitchen: SharedTalker, other: OtherServer
) -> None:
    kitchen.manner = Manner.CHANGES
    await keep_taking(house, other)
    await until_shown(house)
    shown = len(house.changes)

    # It takes it back at once whenever we try, and we hardly do.
    taken = kitchen.taken
    for _ in range(2):
        await other.lost()
        await other.take()
    assert kitchen.taken - taken <= 5
    assert is_shown(house)
    states = house.states_of("binary_sensor", "connected")[-1:] + [
        state for entity_id, state, _ in house.changes[shown:] if entity_id.endswith("connected")
    ]
    assert "on" not in states

    await other.release()
    await until_back(house)
    await house.keep()


@pytest.mark.parametrize("manner", [Manner.KEEPS, Manner.CLOSES_AT_ONCE, Manner.CLOSES_AFTER_INFO])
@pytest.mark.parametrize("mode", [Mode.ALWAYS_STREAMING, Mode.LOCAL_WAKE])
async def test_a_satellite_that_another_server_has_had_from_the_start(
    models: Any, quiet_house: House, kitchen: SharedTalker, other: OtherServer, manner: Manner, mode: Mode
) -> None:
    kitchen.manner, kitchen.mode = manner, mode
    await other.take()
    assert await quiet_house.hass.config_entries.async_setup(ENTRY_ID)
    await until_shown(quiet_house)
    assert "listening" not in quiet_house.states_of("sensor", "microphone_state")
    assert other.has_it

    await other.release()
    await quiet_house.until_state("sensor", "microphone_state", "listening")
    await until_back(quiet_house)


async def test_a_satellite_that_is_taken_once_and_given_back(
    house: House, kitchen: SharedTalker, other: OtherServer
) -> None:
    """As by somebody who tries another server: turned away meanwhile, and back as soon as that is over."""
    kitchen.manner = Manner.CHANGES
    await other.take()
    kitchen.manner = Manner.KEEPS
    await until_shown(house)
    assert other.has_it
    await other.release()
    await until_back(house)


async def test_two_servers_that_alternate(house: House, kitchen: SharedTalker, other: OtherServer) -> None:
    kitchen.manner = Manner.CHANGES
    for _ in range(2):
        await keep_taking(house, other)
        await until_shown(house)
        await other.release()
        await until_back(house)


async def restart(house: House, kitchen: SharedTalker) -> None:
    """Let the satellite restart: it is absent for a moment."""
    await kitchen.refuse_connections()
    kitchen.vanish()
    await house.until_state("binary_sensor", "connected", "off")
    link = house.hub.satellites.wyoming[KITCHEN].link
    attempts = link._attempts
    await house.until_found(lambda: link._attempts > attempts + 1)
    await kitchen.accept_connections()


async def hang(house: House, kitchen: SharedTalker) -> None:
    """Let the network lose everything for a while."""
    kitchen.stall()
    await house.until_state("binary_sensor", "connected", "off")
    kitchen.resume()


@pytest.mark.parametrize("fault", [restart, hang])
async def test_a_satellite_or_a_network_with_a_fault_of_its_own(
    house: House,
    kitchen: SharedTalker,
    fault: Callable[[House, SharedTalker], Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(wyoming_connection, "_SILENCE_TIMEOUT", 0.5)
    monkeypatch.setattr(wyoming_connection, "_PING_INTERVAL", 0.1)
    for _ in range(6):
        await house.until_state("sensor", "microphone_state", "listening")
        await fault(house, kitchen)
    await house.until_state("sensor", "microphone_state", "listening")
    assert house.issue(ISSUE) is None
    assert "used_elsewhere" not in house.states_of("sensor", "microphone_state")


async def test_a_satellite_that_is_off(house: House, kitchen: SharedTalker, other: OtherServer) -> None:
    """Also after another server has used it."""
    kitchen.manner = Manner.CHANGES
    await other.take()
    kitchen.manner = Manner.KEEPS
    await until_shown(house)
    await kitchen.refuse_connections()
    await other.release()
    kitchen.vanish()
    await house.until_state("sensor", "microphone_state", "unavailable")
    assert house.issue(ISSUE) is None
    await kitchen.accept_connections()
    await until_back(house)


async def test_what_is_ignored_stays_ignored_when_the_other_server_comes_again(
    house: House, kitchen: SharedTalker, other: OtherServer
) -> None:
    kitchen.manner = Manner.CHANGES
    await keep_taking(house, other)
    await until_shown(house)
    ir.async_ignore_issue(house.hass, DOMAIN, ISSUE, ignore=True)
    await other.release()
    await house.until_state("sensor", "microphone_state", "listening", timeout=30)
    issues = ir.async_get(house.hass)
    await house.until(
        lambda: not (issue := issues.async_get_issue(DOMAIN, ISSUE)) or not issue.active,
        "not shown",
        timeout=30,
    )
    await keep_taking(house, other)
    await until_shown(house)
    issue = issues.async_get_issue(DOMAIN, ISSUE)
    assert issue is not None
    assert issue.dismissed_version is not None


async def test_nothing_is_left_of_the_issue_of_a_satellite_that_is_removed(
    house: House, kitchen: SharedTalker, other: OtherServer
) -> None:
    kitchen.manner = Manner.CHANGES
    await keep_taking(house, other)
    await until_shown(house)
    house.hass.config_entries.async_remove_subentry(house.entry, KITCHEN)
    await house.hass.async_block_till_done()
    assert house.issue(ISSUE) is None


async def test_core_is_named_at_once(
    models: Any, quiet_house: House, kitchen: SharedTalker, other: OtherServer
) -> None:
    hass = quiet_house.hass
    core = MockConfigEntry(domain="wyoming", data={"host": "localhost", "port": kitchen.port})
    core.add_to_hass(hass)
    assert await hass.config_entries.async_setup(ENTRY_ID)
    # As long as we have it, there is nothing to tell.
    await quiet_house.until_listening()
    assert quiet_house.issue(ISSUE) is None
    kitchen.manner = Manner.CHANGES
    await other.take()
    kitchen.manner = Manner.KEEPS
    await until_shown(quiet_house, "used_by_wyoming")

    # When it lets go, we do not wait for the next attempt.
    await other.release()
    assert await hass.config_entries.async_remove(core.entry_id)
    await until_back(quiet_house)


async def test_it_does_not_listen_before_audio_arrives(
    models: Any, quiet_house: House, kitchen: SharedTalker, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def hear_nothing(_: object) -> None:
        await asyncio.sleep(0)

    monkeypatch.setattr(kitchen, "_control_always_streaming", hear_nothing)
    assert await quiet_house.hass.config_entries.async_setup(ENTRY_ID)
    await quiet_house.until_state("sensor", "microphone_state", "not_listening")
    await kitchen.wait_for_event("run-satellite")
    assert "listening" not in quiet_house.states_of("sensor", "microphone_state")
    kitchen.is_streaming = True
    await quiet_house.until_state("sensor", "microphone_state", "listening")
