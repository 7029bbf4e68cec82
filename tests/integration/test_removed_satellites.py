"""Automations that use a satellite that has been removed are named in Repairs."""

import json
from pathlib import Path
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er, issue_registry as ir
from homeassistant.setup import async_setup_component
import pytest

from custom_components.voice_privacy.const import DOMAIN

from .helpers.house import BEDROOM, KITCHEN, House
from .helpers.talker import Talker

ISSUE = "automation_uses_removed_satellite"


async def use(hass: HomeAssistant, **parts: Any) -> None:
    """Let this be the only automation."""
    config = {"id": "house", "alias": "House", "triggers": [], "actions": [], **parts}
    await hass.async_add_executor_job(_write, hass.config.path("automations.yaml"), config)
    await async_setup_component(hass, "automation", {})
    await hass.services.async_call("automation", "reload", blocking=True)


def _write(path: str, config: dict[str, Any]) -> None:
    Path(path).write_text(json.dumps([config]))
    Path(path).with_name("configuration.yaml").write_text("automation: !include automations.yaml\n")


def told(hass: HomeAssistant) -> list[dict[str, str] | None]:
    """Return the placeholders of the issues."""
    return [
        issue.translation_placeholders
        for (domain, issue_id), issue in ir.async_get(hass).issues.items()
        if domain == DOMAIN and issue_id.startswith(ISSUE) and issue.active
    ]


def parts(house: House, way: str) -> dict[str, Any]:
    """Return what an automation has that uses the bedroom."""
    microphone = house.entity_id("switch", "microphone", BEDROOM)
    device = er.async_get(house.hass).async_get(microphone)
    assert device is not None
    match way:
        case "entity in an action":
            return {"actions": {"action": "switch.turn_off", "target": {"entity_id": microphone}}}
        case "device in an action":
            return {
                "actions": {
                    "action": "voice_privacy.delete_recordings",
                    "data": {"day": "2026-01-01"},
                    "target": {"device_id": device.device_id},
                }
            }
        case "entity in a trigger":
            return {"triggers": {"trigger": "state", "entity_id": microphone}}
        case _:
            return {
                "triggers": {
                    "trigger": "voice_privacy.false_wake",
                    "target": {"device_id": device.device_id},
                }
            }


@pytest.mark.parametrize(
    "way", ["entity in an action", "device in an action", "entity in a trigger", "device in our trigger"]
)
async def test_named_until_the_automation_is_mended(
    hass: HomeAssistant, house: House, bedroom: Talker, way: str
) -> None:
    await use(hass, **parts(house, way))
    assert told(hass) == []
    assert hass.config_entries.async_remove_subentry(house.entry, BEDROOM)
    await house.until(
        lambda: told(hass) == [{"automation": "House", "link": "/config/automation/edit/house"}],
        "the automation is named",
    )
    # Not only until the next start.
    await house.reload()
    assert len(told(hass)) == 1
    kitchen = house.entity_id("switch", "microphone", KITCHEN)
    await use(hass, actions={"action": "switch.turn_off", "target": {"entity_id": kitchen}})
    assert told(hass) == []


async def test_gone_with_the_automation(hass: HomeAssistant, house: House, bedroom: Talker) -> None:
    await use(hass, **parts(house, "entity in an action"))
    assert hass.config_entries.async_remove_subentry(house.entry, BEDROOM)
    await house.until(lambda: told(hass), "the automation is named")
    er.async_get(hass).async_remove("automation.house")
    await hass.async_block_till_done()
    assert told(hass) == []
