"""Privacy levels of rooms with satellites of other integrations: proxies and own mute switches hold "off"."""

from collections.abc import AsyncGenerator
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import area_registry as ar, device_registry as dr
import pytest

from custom_components.voice_privacy.const import CONF_PIPELINES, DOMAIN

from .helpers.foreign import sound
from .helpers.pipeline_home import ENTRY_ID, PipelineHome, pipeline_home

THEIRS = "switch.kitchen_mute"


@pytest.fixture
async def home(
    recorder_mock: Any, hass: HomeAssistant, enable_custom_integrations: None
) -> AsyncGenerator[PipelineHome]:
    """A home whose kitchen has a mute switch, and whose bedroom has none, in rooms of their own."""
    async with pipeline_home(hass) as home:
        await home.set_up()
        for name in ("kitchen", "bedroom"):
            area = ar.async_get(hass).async_get_or_create(name.capitalize())
            device = dr.async_get(hass).async_get_device_by_identifier((DOMAIN, name), ENTRY_ID)
            assert device is not None
            dr.async_get(hass).async_update_device(device.id, area_id=area.id)
        await hass.async_block_till_done()
        yield home


async def choose(home: PipelineHome, level: str, room: str = "kitchen") -> None:
    """Choose the level of a room."""
    await home.hass.services.async_call(
        "select",
        "select_option",
        {"entity_id": f"select.voice_privacy_privacy_level_{room}", "option": level},
        blocking=True,
    )
    await home.hass.async_block_till_done()


async def test_off_mutes_every_pipeline_and_their_own_switch(home: PipelineHome) -> None:
    home.hass.config_entries.async_update_entry(home.entry, options={CONF_PIPELINES: []})
    assert await home.hass.config_entries.async_reload(ENTRY_ID)
    await home.hass.async_block_till_done()
    assert home.engine == home.engine_id
    await choose(home, "off")
    assert home.engine != home.engine_id
    assert home.hass.states.is_state(THEIRS, "on")
    assert home.state("switch", "microphone") == "off"
    assert home.state("sensor", "microphone_state") == "muted"
    before = len(home.transcriber.heard)
    await home.kitchen.say(sound())
    assert len(home.transcriber.heard) == before
    # Another room is heard all the same.
    await home.bedroom.say(sound())
    assert len(home.transcriber.heard) == before + 1
    with pytest.raises(HomeAssistantError):
        await home.switch("microphone", on=True)

    await choose(home, "no_limit")
    assert home.engine == home.engine_id
    assert home.hass.states.is_state(THEIRS, "off")
    assert home.state("switch", "microphone") == "on"


async def test_their_own_switch_does_not_end_it_whoever_turns_it(home: PipelineHome) -> None:
    await choose(home, "off")
    await home.hass.services.async_call("switch", "turn_off", {"entity_id": THEIRS}, blocking=True)
    await home.hass.async_block_till_done()
    assert home.hass.states.is_state(THEIRS, "on")
    assert home.state("sensor", "microphone_state") == "muted"
    # A mute by hand stays when the level loosens.
    await home.switch("microphone", on=False)
    await choose(home, "no_limit")
    assert home.hass.states.is_state(THEIRS, "on")
    assert home.state("switch", "microphone") == "off"


async def test_off_holds_over_a_reload(home: PipelineHome) -> None:
    await choose(home, "off", "bedroom")
    assert await home.hass.config_entries.async_unload(ENTRY_ID)
    await home.bedroom.say(sound())
    assert home.transcriber.heard == []
    await home.set_up()
    assert home.state("sensor", "microphone_state", "bedroom") == "muted"


async def test_memory_only_is_held_and_kept_through_a_pipeline(home: PipelineHome) -> None:
    await choose(home, "memory_only")
    await home.kitchen.say(sound())
    await home.settle()
    assert home.ids("kitchen") == []
    (recording_id,) = home.hub.memory.held.infos
    await choose(home, "no_limit")
    await home.kitchen.say(sound())
    await home.settle()
    assert len(home.ids("kitchen")) == 1
    assert list(home.hub.memory.held.infos) == [recording_id]
