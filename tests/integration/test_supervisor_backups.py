"""Supervisor's backups contain the keys until 2026.02.0; whoever runs an older one is told."""

from datetime import timedelta
from ipaddress import IPv4Address
from typing import Any

from aiohasupervisor.models import LogLevel, SupervisorInfo, UpdateChannel
from homeassistant.components.hassio.const import DATA_SUPERVISOR_INFO
from homeassistant.const import EVENT_HOMEASSISTANT_STARTED
from homeassistant.core import CoreState
from homeassistant.helpers import issue_registry as ir
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from custom_components.voice_privacy.const import DOMAIN
from custom_components.voice_privacy.issues.supervisor_backups import backups_contain_cache

from .helpers.house import ENTRY_ID, House

ISSUE = "supervisor_outdated"


def answer(house: House, version: Any) -> None:
    """Let Supervisor have told its version to the hassio integration."""
    house.hass.config.components.add("hassio")
    house.hass.data[DATA_SUPERVISOR_INFO] = SupervisorInfo(
        version=version,
        version_latest="2026.11.0",
        update_available=True,
        channel=UpdateChannel.STABLE,
        arch="amd64",
        supported=True,
        healthy=True,
        ip_address=IPv4Address("172.30.32.2"),
        timezone=None,
        logging=LogLevel.INFO,
        debug=False,
        debug_block=False,
        diagnostics=None,
        auto_update=True,
        country=None,
        detect_blocking_io=False,
        feature_flags={},
    )


async def pass_five_minutes(house: House) -> None:
    """Let everything that looks every five minutes look."""
    async_fire_time_changed(house.hass, dt_util.utcnow() + timedelta(minutes=5, seconds=1))
    await house.hass.async_block_till_done()


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        ("2026.01.3", True),
        ("2026.1.9", True),
        ("2025.12.dev1905", True),
        ("2026.02.dev0301", True),
        ("2026.02.0.dev1301", True),
        ("2026.02.0b1", True),
        ("2021.03.4", True),
        ("217", True),
        ("2026.02.0", False),
        ("2026.2.0", False),
        ("2026.02.1", False),
        ("2026.02", False),
        ("2026.03.dev0101", False),
        ("2026.11.0", False),
        ("9999.09.9.dev9999", False),
        ("dev", False),
        ("99.9.9dev", None),
        ("2026.02.0-rc1", None),
        ("garbage", None),
        ("", None),
        (None, None),
        (2026, None),
        ({}, None),
    ],
)
def test_versions(version: object, expected: bool | None) -> None:
    assert backups_contain_cache(version) is expected


async def test_an_old_supervisor_is_said_until_it_is_updated(quiet_house: House) -> None:
    house = quiet_house
    answer(house, "2026.01.3")
    assert await house.hass.config_entries.async_setup(ENTRY_ID)
    issue = ir.async_get(house.hass).async_get_issue(DOMAIN, ISSUE)
    assert issue is not None
    assert (issue.severity, issue.translation_key) == (ir.IssueSeverity.ERROR, ISSUE)
    assert issue.translation_placeholders == {"version": "2026.01.3", "first": "2026.02.0"}
    # What says nothing changes nothing.
    for silent in (None, "garbage"):
        answer(house, silent)
        await pass_five_minutes(house)
        assert house.issue(ISSUE)
    answer(house, "2026.02.0")
    await pass_five_minutes(house)
    assert house.issue(ISSUE) is None
    answer(house, "2025.12.3")
    await pass_five_minutes(house)
    assert house.issue(ISSUE)
    assert await house.hass.config_entries.async_unload(ENTRY_ID)
    assert house.issue(ISSUE) is None
    await pass_five_minutes(house)
    assert house.issue(ISSUE) is None


async def test_an_answer_that_comes_after_the_start(quiet_house: House) -> None:
    house = quiet_house
    house.hass.set_state(CoreState.starting)
    house.hass.config.components.add("hassio")
    assert await house.hass.config_entries.async_setup(ENTRY_ID)
    house.hass.set_state(CoreState.running)
    house.hass.bus.async_fire(EVENT_HOMEASSISTANT_STARTED)
    await house.hass.async_block_till_done()
    assert house.issue(ISSUE) is None
    answer(house, "2026.01.3")
    await pass_five_minutes(house)
    assert house.issue(ISSUE) == ISSUE


async def test_what_has_come_by_the_end_of_the_start_is_read_then(quiet_house: House) -> None:
    house = quiet_house
    house.hass.set_state(CoreState.starting)
    assert await house.hass.config_entries.async_setup(ENTRY_ID)
    answer(house, "2026.01.3")
    house.hass.set_state(CoreState.running)
    house.hass.bus.async_fire(EVENT_HOMEASSISTANT_STARTED)
    await house.hass.async_block_till_done()
    assert house.issue(ISSUE) == ISSUE


@pytest.mark.parametrize("version", ["2026.11.0", "99.9.9dev", None])
async def test_nobody_is_alarmed_for_nothing(quiet_house: House, version: str | None) -> None:
    answer(quiet_house, version)
    assert await quiet_house.hass.config_entries.async_setup(ENTRY_ID)
    assert quiet_house.issue(ISSUE) is None


async def test_without_supervisor_nothing_is_asked(quiet_house: House) -> None:
    answer(quiet_house, "2026.01.3")
    quiet_house.hass.config.components.remove("hassio")
    assert await quiet_house.hass.config_entries.async_setup(ENTRY_ID)
    await pass_five_minutes(quiet_house)
    assert quiet_house.issue(ISSUE) is None
