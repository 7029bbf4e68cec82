"""Entity ids of a new house, as the README writes them, and which entities it shows."""

from pathlib import Path
import re

from homeassistant.core import HomeAssistant
from homeassistant.helpers import area_registry as ar, device_registry as dr, entity_registry as er
import pytest

from custom_components.voice_privacy.const import CONF_AREA, DOMAIN

from .helpers.house import BEDROOM, ENTRY_ID, KITCHEN, House
from .helpers.talker import Talker

README = Path(__file__).parents[2] / "README.md"

PLATFORMS = "assist_satellite|binary_sensor|button|event|number|select|sensor|switch"

ACTIONS = {
    "assist_satellite.announce",
    "assist_satellite.ask_question",
    "assist_satellite.start_conversation",
    "switch.turn_off",
    "switch.turn_on",
}
"""Actions of Home Assistant that the README names."""


def put_in(house: House, owner: str, area: str) -> None:
    """Choose the area of a satellite, as its form does."""
    area_id = ar.async_get(house.hass).async_get_or_create(area).id
    subentry = house.entry.subentries[owner]
    house.hass.config_entries.async_update_subentry(
        house.entry, subentry, data={**subentry.data, CONF_AREA: area_id}
    )


async def set_up(house: House) -> dict[str, er.RegistryEntry]:
    """Set the house up; return its entities by unique id."""
    assert await house.hass.config_entries.async_setup(ENTRY_ID)
    await house.hass.async_block_till_done()
    entities = er.async_entries_for_config_entry(er.async_get(house.hass), ENTRY_ID)
    return {entity.unique_id: entity for entity in entities}


async def test_no_id_names_its_room_twice_and_the_readme_is_right(
    quiet_house: House, bedroom: Talker
) -> None:
    put_in(quiet_house, KITCHEN, "Kitchen")
    put_in(quiet_house, BEDROOM, "Bedroom")
    entities = {entity.entity_id for entity in (await set_up(quiet_house)).values()}
    assert not [
        entity_id for entity_id in entities if re.search(r"kitchen_kitchen|bedroom_bedroom", entity_id)
    ]
    assert {
        "assist_satellite.kitchen",
        "binary_sensor.kitchen_recording",
        "button.kitchen_delete_today_s_recordings",
        "event.kitchen_activity",
        "number.kitchen_auto_gain",
        "number.voice_privacy_storage_limit",
        "select.kitchen_assistant",
        "select.kitchen_finished_speaking_detection",
        "sensor.kitchen_microphone_state",
        "switch.kitchen_microphone",
    } <= entities
    written = set(re.findall(rf"\b(?:{PLATFORMS})\.[a-z0-9_]+\b", README.read_text("utf-8")))
    assert "switch.bedroom_microphone" in written
    assert written - ACTIONS <= entities


@pytest.mark.parametrize(
    ("area", "entity_id"),
    [
        ("Kitchen", "switch.kitchen_microphone"),
        ("KITCHEN ", "switch.kitchen_microphone"),
        ("House", "switch.house_kitchen_microphone"),
        ("Kit", "switch.kit_kitchen_microphone"),
        ("Kitchen island", "switch.kitchen_island_kitchen_microphone"),
    ],
)
async def test_only_what_would_be_doubled_is_left_out(quiet_house: House, area: str, entity_id: str) -> None:
    put_in(quiet_house, KITCHEN, area)
    assert (await set_up(quiet_house))["kitchen-microphone"].entity_id == entity_id


async def test_the_parts_that_somebody_has_chosen_for_ids_are_theirs(quiet_house: House) -> None:
    er.async_get(quiet_house.hass).async_update_settings(
        entity_id_parts=[er.EntityNamePart.AREA, er.EntityNamePart.DEVICE, er.EntityNamePart.ENTITY]
    )
    put_in(quiet_house, KITCHEN, "Kitchen")
    assert (await set_up(quiet_house))["kitchen-microphone"].entity_id == "switch.kitchen_kitchen_microphone"


async def test_registered_entities_stay_as_they_are(hass: HomeAssistant, quiet_house: House) -> None:
    entities = er.async_get(hass)
    put_in(quiet_house, KITCHEN, "Kitchen")
    for platform, key in (("switch", "microphone"), ("number", "auto_gain"), ("sensor", "last_recording")):
        entities.async_get_or_create(
            platform,
            DOMAIN,
            f"kitchen-{key}",
            config_entry=quiet_house.entry,
            config_subentry_id=KITCHEN,
            object_id_base=key,
            suggested_object_id=f"kitchen_kitchen_{key}",
        )
    before = {
        entity.id: (entity.entity_id, entity.disabled_by)
        for entity in entities.entities.values()
        if entity.platform == DOMAIN
    }
    found = await set_up(quiet_house)
    after = {entity.id: (entity.entity_id, entity.disabled_by) for entity in found.values()}
    assert before.items() <= after.items()
    assert found["kitchen-microphone"].entity_id == "switch.kitchen_kitchen_microphone"
    assert found["kitchen-auto_gain"].disabled_by is None


async def test_ids_stay_when_the_satellite_moves_or_the_entry_is_reloaded(quiet_house: House) -> None:
    put_in(quiet_house, KITCHEN, "Kitchen")
    before = {unique_id: entity.entity_id for unique_id, entity in (await set_up(quiet_house)).items()}
    devices = dr.async_get(quiet_house.hass)
    device = devices.async_get_device_by_identifier((DOMAIN, KITCHEN), ENTRY_ID)
    assert device is not None
    devices.async_update_device(device.id, name_by_user="Radio", area_id=None)
    await quiet_house.reload()
    entities = er.async_entries_for_config_entry(er.async_get(quiet_house.hass), ENTRY_ID)
    assert {entity.unique_id: entity.entity_id for entity in entities} == before


async def test_what_is_rarely_used_is_not_shown(quiet_house: House) -> None:
    entities = await set_up(quiet_house)
    kitchen = [entity for entity in entities.values() if entity.config_subentry_id == KITCHEN]
    shown = [entity for entity in kitchen if not entity.disabled_by and not entity.hidden_by]
    assert 10 <= len(shown) <= 21, [entity.entity_id for entity in shown]
    # The states of the microphone and of what is kept are not hidden among diagnostics.
    for key in ("microphone_state", "microphone", "recordings"):
        assert entities[f"kitchen-{key}"].entity_category is None


async def test_a_count_has_no_unit_that_is_wrong_for_one(house: House) -> None:
    await house.keep(1)
    state = house.hass.states.get(house.entity_id("sensor", "recordings"))
    assert state is not None
    assert (state.state, state.attributes.get("unit_of_measurement")) == ("1", None)


async def test_engines_of_others_are_not_shown_as_unknown(house: House) -> None:
    entities = er.async_entries_for_config_entry(er.async_get(house.hass), ENTRY_ID)
    assert all(entity.hidden_by for entity in entities if entity.domain == "stt")


async def test_the_last_wake_outlives_a_reload(house: House) -> None:
    await house.keep(1)
    before = house.hub.wakes.last(KITCHEN)
    assert before is not None
    await house.reload()
    assert house.hub.wakes.last(KITCHEN) == before
    await house.hass.config_entries.async_remove(ENTRY_ID)
    assert "voice_privacy_last_wakes" not in house.hass.data
