"""Devices and entities as the registries know them, and the figures that a day and a restart change."""

from datetime import timedelta
import json
from pathlib import Path
from typing import Any
from unittest.mock import patch

from freezegun import freeze_time
from homeassistant.const import EVENT_STATE_CHANGED, EVENT_STATE_REPORTED, Platform
from homeassistant.core import Event, HomeAssistant, State, callback
from homeassistant.helpers import device_registry as dr, entity_registry as er, restore_state
from homeassistant.helpers.restore_state import StoredState
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import async_fire_time_changed, snapshot_platform
from syrupy.assertion import SnapshotAssertion
from syrupy.filters import props

import custom_components.voice_privacy as integration
from custom_components.voice_privacy.const import DOMAIN

from .helpers.house import BEDROOM, ENTRY_ID, KITCHEN, House
from .helpers.talker import Talker

TRANSLATIONS = json.loads(
    Path(integration.__file__).with_name("translations").joinpath("en.json").read_text()
)


DISABLED = {
    Platform.BUTTON: {"delete_last", "delete_today", "press_to_talk"},
    Platform.SENSOR: {
        "engine_lag",
        "engine_load",
        "false_wakes_per_hour",
        "house-engine_load",
        "lost_audio",
    },
}


@pytest.mark.parametrize(
    "platform",
    [
        Platform.ASSIST_SATELLITE,
        Platform.BINARY_SENSOR,
        Platform.BUTTON,
        Platform.EVENT,
        Platform.NUMBER,
        Platform.SELECT,
        Platform.SENSOR,
        Platform.SWITCH,
    ],
)
async def test_entities(
    hass: HomeAssistant,
    quiet_house: House,
    kitchen: Talker,
    snapshot: SnapshotAssertion,
    platform: Platform,
) -> None:
    """Nobody answers, so that nothing depends on the moment."""
    await kitchen.refuse_connections()
    with patch.object(integration, "PLATFORMS", [platform]):
        assert await hass.config_entries.async_setup(ENTRY_ID)
        registry = er.async_get(hass)
        # What deletes for good or opens a microphone by one tap is the owner's decision, and what few people
        # ever change is not in the way of the others.
        entries = er.async_entries_for_config_entry(registry, ENTRY_ID)
        disabled = [entity for entity in entries if entity.disabled_by]
        assert {entity.unique_id.removeprefix("kitchen-") for entity in disabled} == DISABLED.get(
            platform, set()
        )
        if disabled:
            for entity in disabled:
                registry.async_update_entity(entity.entity_id, disabled_by=None)
            await hass.config_entries.async_reload(ENTRY_ID)
        pictures = snapshot.with_defaults(exclude=props("last_reset"))
        await snapshot_platform(hass, registry, pictures, ENTRY_ID)
        assert await hass.config_entries.async_unload(ENTRY_ID)


async def test_devices(
    hass: HomeAssistant, house: House, bedroom: Talker, snapshot: SnapshotAssertion
) -> None:
    devices = dr.async_entries_for_config_entry(dr.async_get(hass), ENTRY_ID)
    (hub,) = [device for device in devices if device.entry_type is dr.DeviceEntryType.SERVICE]
    assert {device.name: device.via_device_id for device in devices} == {
        "Voice Privacy": None,
        "Kitchen": hub.id,
        "Bedroom": hub.id,
    }
    for device in devices:
        assert device == snapshot(name=device.name)


async def test_every_entity_has_a_name_and_an_id_of_its_own(
    hass: HomeAssistant, house: House, bedroom: Talker
) -> None:
    entities = er.async_entries_for_config_entry(er.async_get(hass), ENTRY_ID)
    assert len({entity.unique_id for entity in entities}) == len(entities)
    for entity in entities:
        if entity.domain == Platform.STT:
            # Stand-ins for other people's engines are named after them.
            continue
        owner, _, key = entity.unique_id.rpartition("-")
        assert owner in (ENTRY_ID, "kitchen", "bedroom"), entity.unique_id
        assert key
        assert entity.device_id
        assert entity.has_entity_name
        names = TRANSLATIONS["entity"][entity.domain]
        assert names[entity.translation_key]["name"], entity.entity_id
        assert (entity.config_subentry_id or ENTRY_ID) == owner


async def test_wake_words_are_counted_by_the_day(hass: HomeAssistant, house: House) -> None:
    assert str(dt_util.get_default_time_zone()) == "US/Pacific"
    await house.keep()
    entity_id = house.entity_id("sensor", "wake_words_today")
    before = hass.states.get(entity_id)
    midnight = dt_util.start_of_local_day(dt_util.now() + timedelta(days=1))

    with freeze_time(midnight - timedelta(seconds=1)) as frozen:
        async_fire_time_changed(hass)
        assert house.state("sensor", "wake_words_today") == "1"
        frozen.move_to(midnight + timedelta(seconds=1))
        async_fire_time_changed(hass)
        after = hass.states.get(entity_id)
    assert before is not None
    assert after is not None
    assert (before.state, after.state) == ("1", "0")
    assert before.attributes["last_reset"] < after.attributes["last_reset"] == midnight.isoformat()


async def test_wake_words_of_today_survive_a_reload(house: House) -> None:
    await house.keep(2)
    await house.reload()
    assert house.state("sensor", "wake_words_today") == "2"
    assert "0" not in house.states_of("sensor", "wake_words_today")[-2:]
    await house.until_listening()
    await house.keep()
    assert house.state("sensor", "wake_words_today") == "3"


@pytest.mark.parametrize(
    ("days_ago", "stored", "shown"),
    [(0, "7", "7"), (1, "7", "0"), (0, "unavailable", "0"), (0, "garbage", "0")],
)
async def test_wake_words_of_today_survive_a_restart(
    hass: HomeAssistant,
    quiet_house: House,
    kitchen: Talker,
    days_ago: int,
    stored: str,
    shown: str,
) -> None:
    """Also while the satellite is away, so that nothing else happens that could refresh the state."""
    await kitchen.refuse_connections()
    when = dt_util.utcnow() - timedelta(days=days_ago)
    state = State("sensor.kitchen_wake_words_today", stored, last_changed=when, last_updated=when)
    restore_state.async_get(hass).last_states[state.entity_id] = StoredState(state, None, dt_util.utcnow())
    assert await hass.config_entries.async_setup(ENTRY_ID)
    await hass.async_block_till_done()
    assert quiet_house.state("sensor", "wake_words_today") == shown


async def test_a_renamed_entity_counts_on(hass: HomeAssistant, house: House) -> None:
    await house.keep()
    entity_id = house.entity_id("sensor", "wake_words_today")
    er.async_get(hass).async_update_entity(entity_id, new_entity_id="sensor.heard")
    await hass.async_block_till_done()
    assert house.state("sensor", "wake_words_today") == "1"


@pytest.mark.usefixtures("bedroom")
async def test_change_of_one_satellite_writes_no_state_of_another(hass: HomeAssistant, house: House) -> None:
    """A house of sixteen has hundreds of entities, and each recording changes some of one satellite's."""
    await house.until_listening(BEDROOM)
    await house.keep()
    written: list[str] = []

    @callback
    def note(event: Event[Any]) -> None:
        written.append(event.data["entity_id"])

    @callback
    def is_any(_data: Any) -> bool:
        return True

    for event_type in (EVENT_STATE_CHANGED, EVENT_STATE_REPORTED):
        hass.bus.async_listen(event_type, note, event_filter=is_any)
    await house.keep()
    await house.switch("save_recordings", on=False)
    await hass.async_block_till_done()
    registry = er.async_get(hass)
    owners = {
        entry.unique_id.partition("-")[0]
        for entity_id in written
        if (entry := registry.async_get(entity_id)) and entry.platform == DOMAIN
    }
    assert owners == {KITCHEN, ENTRY_ID}
    assert house.state("switch", "save_recordings") == "off"
    assert house.state("switch", "save_recordings", BEDROOM) == "on"
