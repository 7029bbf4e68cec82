"""Satellites that were added and whose pipeline was not chosen."""

from collections.abc import AsyncGenerator
from typing import Any

from homeassistant.components.assist_pipeline import async_get_pipeline
from homeassistant.components.repairs import DOMAIN as REPAIRS
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
from homeassistant.setup import async_setup_component
import pytest

from custom_components.voice_privacy.const import CONF_PIPELINES, DOMAIN

from .helpers.pipeline_home import ENTRY_ID, PipelineHome, pipeline_home
from .test_repairs import Browser


@pytest.fixture
async def home(
    recorder_mock: Any, hass: HomeAssistant, enable_custom_integrations: None
) -> AsyncGenerator[PipelineHome]:
    """A home where no pipeline has been chosen; its entry is not set up yet."""
    async with pipeline_home(hass) as home:
        hass.config_entries.async_update_entry(home.entry, options={})
        yield home


def _hints(home: PipelineHome) -> set[str]:
    """Return the satellites that there is a hint for."""
    prefix = "pipeline_not_chosen_"
    return {
        issue_id.removeprefix(prefix)
        for domain, issue_id in ir.async_get(home.hass).issues
        if domain == DOMAIN and issue_id.startswith(prefix)
    }


async def test_there_is_a_hint_for_each_satellite_until_its_pipeline_is_chosen(
    home: PipelineHome, hass_client: Any
) -> None:
    assert await async_setup_component(home.hass, REPAIRS, {})
    await home.set_up()
    assert _hints(home) == {"kitchen", "bedroom", "study"}
    await home.kitchen.say()
    assert len(home.hub.recordings) == 0

    browser = Browser(home.hass, hass_client)
    flow = await browser.begin("pipeline_not_chosen_kitchen")
    assert flow["description_placeholders"] == {
        "name": "Kitchen",
        "pipeline": async_get_pipeline(home.hass).name,
    }
    result = await browser.submit(flow["flow_id"])
    assert result["type"] == "create_entry"
    await home.hass.async_block_till_done()

    assert home.entry.options[CONF_PIPELINES] == [async_get_pipeline(home.hass).id]
    assert home.engine != home.engine_id
    assert _hints(home) == set()
    await home.kitchen.say()
    await home.settle()
    assert len(home.ids("kitchen")) == 1


async def test_there_is_no_hint_where_the_pipeline_was_chosen(home: PipelineHome) -> None:
    pipeline_id = async_get_pipeline(home.hass).id
    home.hass.config_entries.async_update_entry(home.entry, options={CONF_PIPELINES: [pipeline_id]})
    await home.set_up()
    assert _hints(home) == set()


async def test_hints_go_with_the_entry(home: PipelineHome) -> None:
    await home.set_up()
    assert _hints(home)
    assert await home.hass.config_entries.async_unload(ENTRY_ID)
    assert _hints(home) == set()


# --- pipelines of one name ----------------------------------------------------------------------------


async def another(home: PipelineHome, name: str) -> str:
    """Add a pipeline like the present one under a name; return its id."""
    item = async_get_pipeline(home.hass).to_json() | {"name": name}
    item.pop("id")
    added = await home.hass.data["assist_pipeline"].pipeline_store.async_create_item(item)
    pipeline_id: str = added.id
    return pipeline_id


def select(home: PipelineHome, option: str) -> None:
    """Let the kitchen have a select, and this selected."""
    home.kitchen._attr_pipeline_entity_id = "select.kitchen_pipeline"
    home.hass.states.async_set("select.kitchen_pipeline", option)


def sharing(home: PipelineHome) -> set[str]:
    """Return the placeholders' pipelines of the issues for satellites whose pipeline's name is shared."""
    return {
        (issue.translation_placeholders or {})["pipeline"]
        for (domain, issue_id), issue in ir.async_get(home.hass).issues.items()
        if domain == DOMAIN and issue_id.startswith("pipeline_name_shared_") and issue.active
    }


@pytest.mark.parametrize(
    ("chosen", "hinted", "shared"),
    [
        ([], True, set()),
        ([0], False, {"Twin"}),
        ([1], True, {"Twin"}),
        ([0, 1], False, set()),
    ],
)
async def test_of_pipelines_of_one_name_none_is_taken_in_silence(
    home: PipelineHome, chosen: list[int], hinted: bool, shared: set[str]
) -> None:
    twins = [await another(home, "Twin"), await another(home, "Twin")]
    select(home, "Twin")
    options = {CONF_PIPELINES: [twins[name] for name in chosen]}
    home.hass.config_entries.async_update_entry(home.entry, options=options)
    await home.set_up()
    assert home.kitchen._resolve_pipeline() == twins[0]
    assert ("kitchen" in _hints(home)) is hinted
    assert sharing(home) == shared

    # Under names of their own there is nothing to tell apart.
    renamed = async_get_pipeline(home.hass, twins[1]).to_json() | {"name": "Other"}
    renamed.pop("id")
    await home.hass.data["assist_pipeline"].pipeline_store.async_update_item(twins[1], renamed)
    await home.hass.async_block_till_done()
    assert sharing(home) == set()


async def test_a_pipeline_named_like_the_preferred_option_is_not_taken_for_it(home: PipelineHome) -> None:
    named = await another(home, "preferred")
    select(home, "preferred")
    options = {CONF_PIPELINES: [async_get_pipeline(home.hass).id]}
    home.hass.config_entries.async_update_entry(home.entry, options=options)
    await home.set_up()
    assert async_get_pipeline(home.hass, home.kitchen._resolve_pipeline()).id != named
    assert "kitchen" not in _hints(home)
    assert sharing(home) == set()
