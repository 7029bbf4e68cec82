"""Repair issues that somebody has ignored, over reloads and restarts."""

from collections.abc import AsyncGenerator
from typing import Any

from homeassistant.components.repairs import DOMAIN as REPAIRS
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
from homeassistant.setup import async_setup_component
import pytest

from custom_components.voice_privacy.const import DOMAIN
from custom_components.voice_privacy.core.errors import KeyFileLost, StoreError, StoreFull

from .helpers.pipeline_home import ENTRY_ID, PipelineHome, pipeline_home


@pytest.fixture
async def home(
    recorder_mock: Any, hass: HomeAssistant, enable_custom_integrations: None, hass_ws_client: Any
) -> AsyncGenerator[PipelineHome]:
    """A home without chosen pipelines, and with a satellite that has not been added."""
    assert await async_setup_component(hass, REPAIRS, {})
    async with pipeline_home(hass) as home:
        hass.config_entries.async_remove_subentry(home.entry, "bedroom")
        hass.config_entries.async_update_entry(home.entry, options={})
        await home.set_up()
        yield home


async def shown(home: PipelineHome, hass_ws_client: Any) -> dict[str, bool]:
    """Return whether each issue that Home Assistant lists is ignored."""
    client = await hass_ws_client(home.hass)
    await client.send_json_auto_id({"type": "repairs/list_issues"})
    listed = (await client.receive_json())["result"]["issues"]
    return {issue["issue_id"]: issue["ignored"] for issue in listed if issue["domain"] == DOMAIN}


def ignore(home: PipelineHome, issue_id: str) -> None:
    """Ignore an issue, as its menu does."""
    ir.async_ignore_issue(home.hass, DOMAIN, issue_id, ignore=True)


async def reload(home: PipelineHome) -> None:
    """Reload the entry."""
    assert await home.hass.config_entries.async_reload(ENTRY_ID)
    await home.hass.async_block_till_done()


async def restart_the_registry(home: PipelineHome, hass_storage: dict[str, Any]) -> None:
    """Let the registry of issues be written and read again, as over a restart."""
    issues = ir.async_get(home.hass)
    data = issues._data_to_save()
    hass_storage[ir.STORAGE_KEY] = {
        "version": ir.STORAGE_VERSION_MAJOR,
        "minor_version": ir.STORAGE_VERSION_MINOR,
        "key": ir.STORAGE_KEY,
        "data": data,
    }
    await issues._async_load()


async def test_what_is_ignored_stays_ignored_over_a_reload(home: PipelineHome, hass_ws_client: Any) -> None:
    found = f"satellite_found_{home.bedroom.registry_id}"
    for issue_id in (found, "pipeline_not_chosen_kitchen"):
        ignore(home, issue_id)
    for _ in range(2):
        await reload(home)
        issues = await shown(home, hass_ws_client)
        assert issues[found]
        assert issues["pipeline_not_chosen_kitchen"]
        assert not issues["pipeline_not_chosen_study"]

    # While the entry is not loaded nothing is shown.
    assert await home.hass.config_entries.async_unload(ENTRY_ID)
    assert await shown(home, hass_ws_client) == {}


async def test_it_stays_ignored_over_a_restart_while_unloaded(
    home: PipelineHome, hass_ws_client: Any, hass_storage: dict[str, Any]
) -> None:
    ignore(home, "pipeline_not_chosen_kitchen")
    assert await home.hass.config_entries.async_unload(ENTRY_ID)
    await restart_the_registry(home, hass_storage)
    await home.set_up()
    assert (await shown(home, hass_ws_client))["pipeline_not_chosen_kitchen"]


def _fail(home: PipelineHome, error: StoreError | None) -> None:
    home.hub.kept.error = error
    home.hub.changed()


async def test_a_problem_that_shows_only_later_stays_ignored(home: PipelineHome, hass_ws_client: Any) -> None:
    _fail(home, StoreFull())
    ignore(home, "store")
    await reload(home)
    assert "store" not in await shown(home, hass_ws_client)
    _fail(home, StoreFull())
    assert (await shown(home, hass_ws_client))["store"]


async def test_a_problem_that_was_solved_is_shown_when_it_comes_again(
    home: PipelineHome, hass_ws_client: Any
) -> None:
    _fail(home, StoreFull())
    ignore(home, "store")
    _fail(home, None)
    _fail(home, StoreFull())
    assert not (await shown(home, hass_ws_client))["store"]


@pytest.mark.parametrize("reloaded", [False, True])
async def test_another_problem_of_the_same_part_is_not_ignored(
    home: PipelineHome, hass_ws_client: Any, reloaded: bool
) -> None:
    _fail(home, StoreFull())
    ignore(home, "store")
    if reloaded:
        await reload(home)
    _fail(home, KeyFileLost())
    assert not (await shown(home, hass_ws_client))["store"]


async def test_nothing_is_left_of_issues_when_the_entry_is_removed(home: PipelineHome) -> None:
    ignore(home, "pipeline_not_chosen_kitchen")
    assert await home.hass.config_entries.async_remove(ENTRY_ID)
    await home.hass.async_block_till_done()
    assert [issue_id for domain, issue_id in ir.async_get(home.hass).issues if domain == DOMAIN] == []
