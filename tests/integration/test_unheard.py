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
