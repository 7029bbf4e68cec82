"""Actions: whom a target means, and who may."""

from typing import Any

from homeassistant.auth.permissions.const import CAT_ENTITIES, POLICY_CONTROL, POLICY_READ
from homeassistant.components.light import DOMAIN as LIGHT_DOMAIN
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError, Unauthorized, UnknownUser
from homeassistant.helpers import (
    area_registry as ar,
    device_registry as dr,
    entity_registry as er,
    label_registry as lr,
)
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser

from custom_components.voice_privacy.const import DOMAIN

from .helpers.house import BEDROOM, ENTRY_ID, KITCHEN, House
from .helpers.talker import Talker

ACTIONS = ("delete_last", "delete_today", "press_to_talk")


def device_id(hass: HomeAssistant, owner: str) -> str:
    """Return the device of a satellite, or of the hub."""
    device = dr.async_get(hass).async_get_device_by_identifier((DOMAIN, owner), ENTRY_ID)
    assert device is not None
    return device.id


async def left(house: House, target: dict[str, Any]) -> dict[str, int]:
    """Keep one recording in each room, delete today's of a target, and tell what is left."""
    await house.keep(owner=KITCHEN)
    await house.keep(owner=BEDROOM)
    await house.act("delete_today", target)
    counts = {owner: len(house.ids(owner)) for owner in (KITCHEN, BEDROOM)}
    await house.act("delete_today")
    return counts


async def test_targets_mean_satellites(hass: HomeAssistant, house: House, bedroom: Talker) -> None:
    areas, devices, labels = ar.async_get(hass), dr.async_get(hass), lr.async_get(hass)
    upstairs, downstairs = areas.async_create("Upstairs"), areas.async_create("Downstairs")
    devices.async_update_device(device_id(hass, BEDROOM), area_id=upstairs.id)
    devices.async_update_device(device_id(hass, KITCHEN), area_id=downstairs.id)
    label = labels.async_create("Children")
    devices.async_update_device(device_id(hass, BEDROOM), labels={label.label_id})
    no_bedroom, no_kitchen = {KITCHEN: 1, BEDROOM: 0}, {KITCHEN: 0, BEDROOM: 1}

    assert await left(house, {"device_id": device_id(hass, BEDROOM)}) == no_bedroom
    assert await left(house, {"area_id": upstairs.id}) == no_bedroom
    assert await left(house, {"label_id": label.label_id}) == no_bedroom
    # A diagnostic entity is as good as any to point at its satellite.
    connected = house.entity_id("binary_sensor", "connected")
    assert await left(house, {"entity_id": [connected, "light.foreign"]}) == no_kitchen
    assert await left(house, {"area_id": [upstairs.id, downstairs.id]}) == {KITCHEN: 0, BEDROOM: 0}
    assert await left(house, {"device_id": device_id(hass, ENTRY_ID)}) == {KITCHEN: 0, BEDROOM: 0}
    guest_mode = house.entity_id("switch", "guest_mode", ENTRY_ID)
    assert await left(house, {"entity_id": guest_mode}) == {KITCHEN: 0, BEDROOM: 0}


async def test_an_area_that_the_hub_is_in_means_its_own_satellites(
    hass: HomeAssistant, house: House, bedroom: Talker
) -> None:
    """Who deletes what was said downstairs does not mean the whole house."""
    downstairs = ar.async_get(hass).async_create("Downstairs")
    for owner in (KITCHEN, ENTRY_ID):
        dr.async_get(hass).async_update_device(device_id(hass, owner), area_id=downstairs.id)
    assert await left(house, {"area_id": downstairs.id}) == {KITCHEN: 0, BEDROOM: 1}


@pytest.mark.parametrize("action", ACTIONS)
async def test_a_target_without_a_satellite_is_an_error(
    hass: HomeAssistant, house: House, action: str
) -> None:
    entry = MockConfigEntry(domain="other")
    entry.add_to_hass(hass)
    lamp = dr.async_get(hass).async_get_or_create(
        config_entry_id=entry.entry_id, identifiers={("other", "lamp")}
    )
    light = er.async_get(hass).async_get_or_create(LIGHT_DOMAIN, "other", "lamp", device_id=lamp.id)
    for target in ({"device_id": lamp.id}, {"entity_id": light.entity_id}, {"area_id": "nowhere"}):
        with pytest.raises(ServiceValidationError, match="contains no satellite") as refusal:
            await hass.services.async_call(DOMAIN, action, target, blocking=True)
        assert refusal.value.translation_key == "no_satellite_targeted"


async def test_who_may_delete(hass: HomeAssistant, house: House, bedroom: Talker) -> None:
    kitchen_only = MockUser(id="kitchen_only").add_to_hass(hass)
    entities = er.async_entries_for_config_entry(er.async_get(hass), ENTRY_ID)
    kitchen_only.mock_policy(
        {
            CAT_ENTITIES: {
                "entity_ids": {
                    entity.entity_id: {POLICY_READ: True, POLICY_CONTROL: True}
                    for entity in entities
                    if entity.config_subentry_id == KITCHEN
                }
            }
        }
    )
    nobody = MockUser(id="nobody").add_to_hass(hass)
    nobody.mock_policy({CAT_ENTITIES: {"all": {POLICY_READ: True}}})
    admin = MockUser(id="admin", is_owner=True).add_to_hass(hass)
    kitchen = {"entity_id": house.entity_id("sensor", "recordings")}
    other = {"entity_id": house.entity_id("sensor", "recordings", BEDROOM)}
    await house.keep(2)

    for user_id, target in (("kitchen_only", other), ("kitchen_only", None), ("nobody", kitchen)):
        with pytest.raises(Unauthorized):
            await house.act("delete_last", target, Context(user_id=user_id))
        with pytest.raises(Unauthorized):
            await house.act("delete_today", target, Context(user_id=user_id))
    context = Context(user_id="nobody")
    with pytest.raises(Unauthorized):
        await hass.services.async_call(DOMAIN, "press_to_talk", kitchen, blocking=True, context=context)
    with pytest.raises(UnknownUser):
        await house.act("delete_last", kitchen, Context(user_id="somebody"))
    assert len(house.ids()) == 2

    assert (await house.act("delete_last", kitchen, Context(user_id="kitchen_only")))["deleted"] == 1
    assert (await house.act("delete_last", None, Context(user_id=admin.id)))["deleted"] == 1
    # An automation has no user.
    await house.keep()
    assert (await house.act("delete_today", None, Context()))["deleted"] == 1


@pytest.mark.parametrize("action", ACTIONS)
async def test_actions_explain_themselves_when_nothing_is_loaded(
    hass: HomeAssistant, house: House, action: str
) -> None:
    assert await hass.config_entries.async_unload(ENTRY_ID)
    with pytest.raises(ServiceValidationError, match="is not set up, or has not started") as refusal:
        await hass.services.async_call(DOMAIN, action, {}, blocking=True)
    assert refusal.value.translation_key == "not_loaded"


async def test_actions_are_there_without_an_entry(hass: HomeAssistant, core: None) -> None:
    assert await async_setup_component(hass, DOMAIN, {})
    for action in ACTIONS:
        assert hass.services.has_service(DOMAIN, action)
        with pytest.raises(HomeAssistantError, match="is not set up"):
            await hass.services.async_call(DOMAIN, action, {}, blocking=True)
