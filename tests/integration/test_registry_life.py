"""Devices, entities and areas of satellites that are moved, renamed, disabled or removed."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from homeassistant.config_entries import ConfigEntryDisabler, ConfigEntryState
from homeassistant.helpers import (
    area_registry as ar,
    device_registry as dr,
    entity_registry as er,
    issue_registry as ir,
)
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_fire_time_changed

from custom_components.voice_privacy.const import DOMAIN

from .helpers.pipeline_home import ENTRY_ID, PipelineHome


def our_device(home: PipelineHome, owner: str = "bedroom") -> dr.DeviceEntry:
    """Return our device of a satellite, or of the hub."""
    device = dr.async_get(home.hass).async_get_device_by_identifier((DOMAIN, owner), ENTRY_ID)
    assert device is not None
    return device


def their_device(home: PipelineHome, owner: str = "bedroom") -> dr.DeviceEntry:
    """Return the other integration's device of a satellite."""
    device = dr.async_get(home.hass).async_get_device_by_identifier(("other", owner), "other")
    assert device is not None
    return device


def become_a_part(home: PipelineHome, area_of: str = "parent") -> dr.DeviceEntry:
    """Move the bedroom to a part of another device, one of which is in an area; return the whole device."""
    devices = dr.async_get(home.hass)
    area = ar.async_get(home.hass).async_get_or_create("Loft")
    parent = devices.async_get_or_create(config_entry_id="other", identifiers={("other", "soundbar")})
    part = devices.async_get_or_create_child(
        config_entry_id="other",
        identifiers={("other", "microphones")},
        name="Microphones",
        parent_device_id=parent.id,
    )
    er.async_get(home.hass).async_update_entity(home.bedroom.entity_id, device_id=part.id)
    if area_of == "parent":
        devices.async_update_device(parent.id, area_id=area.id)
    else:
        devices.async_update_child_device(part.id, area_id=area.id)
    return parent


@pytest.mark.parametrize("area_of", ["parent", "part"])
async def test_a_satellite_on_a_part_of_a_device_is_linked_to_the_whole(
    bare_home: PipelineHome, area_of: str
) -> None:
    parent = become_a_part(bare_home, area_of)
    await bare_home.set_up()
    assert bare_home.entry.state is ConfigEntryState.LOADED
    assert our_device(bare_home).via_device_id == parent.id
    assert our_device(bare_home).area_id == "loft"
    await bare_home.bedroom.say()
    await bare_home.settle()
    assert len(bare_home.ids("bedroom")) == 1


def _becomes_a_part(home: PipelineHome) -> None:
    become_a_part(home)


def _parent_removed(home: PipelineHome) -> None:
    dr.async_get(home.hass).async_remove_device(become_a_part(home).id)


def _device_removed(home: PipelineHome) -> None:
    dr.async_get(home.hass).async_remove_device(their_device(home).id)


def _device_disabled(home: PipelineHome) -> None:
    dr.async_get(home.hass).async_update_device(
        their_device(home).id, disabled_by=dr.DeviceEntryDisabler.USER
    )


def _other_identifiers(home: PipelineHome) -> None:
    dr.async_get(home.hass).async_update_device(
        their_device(home).id, new_identifiers={("other", "somebody else")}
    )


def _via_chain(home: PipelineHome) -> None:
    devices = dr.async_get(home.hass)
    devices.async_update_device(their_device(home).id, via_device_id=their_device(home, "kitchen").id)
    devices.async_update_device(
        their_device(home, "kitchen").id, via_device_id=their_device(home, "study").id
    )
    devices.async_remove_device(their_device(home, "study").id)


def _area_deleted(home: PipelineHome) -> None:
    area = ar.async_get(home.hass).async_get_or_create("Loft")
    dr.async_get(home.hass).async_update_device(their_device(home).id, area_id=area.id)
    ar.async_get(home.hass).async_delete(area.id)


def _entity_renamed(home: PipelineHome) -> None:
    er.async_get(home.hass).async_update_entity(
        home.bedroom.entity_id, new_entity_id="assist_satellite.renamed"
    )


def _entity_disabled(home: PipelineHome) -> None:
    er.async_get(home.hass).async_update_entity(
        home.bedroom.entity_id, disabled_by=er.RegistryEntryDisabler.USER
    )


def _entity_removed(home: PipelineHome) -> None:
    er.async_get(home.hass).async_remove(home.bedroom.entity_id)


def _entity_without_device(home: PipelineHome) -> None:
    er.async_get(home.hass).async_update_entity(home.bedroom.entity_id, device_id=None)


def _entity_on_our_device(home: PipelineHome) -> None:
    device = dr.async_get(home.hass).async_get_or_create(
        config_entry_id=ENTRY_ID, config_subentry_id="bedroom", identifiers={(DOMAIN, "bedroom")}
    )
    er.async_get(home.hass).async_update_entity(home.bedroom.entity_id, device_id=device.id)


@pytest.mark.parametrize("already_loaded", [False, True])
@pytest.mark.parametrize(
    "change",
    [
        _becomes_a_part,
        _parent_removed,
        _device_removed,
        _device_disabled,
        _other_identifiers,
        _via_chain,
        _area_deleted,
        _entity_renamed,
        _entity_disabled,
        _entity_removed,
        _entity_without_device,
        _entity_on_our_device,
    ],
)
async def test_whatever_becomes_of_one_satellite_the_others_are_heard(
    bare_home: PipelineHome, change: Callable[[PipelineHome], None], already_loaded: bool
) -> None:
    home = bare_home
    if already_loaded:
        await home.set_up()
    change(home)
    await home.hass.async_block_till_done()
    if already_loaded:
        assert await home.hass.config_entries.async_reload(ENTRY_ID)
        await home.hass.async_block_till_done()
    else:
        await home.set_up()
    assert home.entry.state is ConfigEntryState.LOADED
    assert set(home.hub.satellites) == {"kitchen", "bedroom", "study", "paula"}
    assert our_device(home).via_device_id is not None
    if change is not _via_chain:
        await home.kitchen.say()
        await home.settle()
        assert len(home.ids("kitchen")) == 1


async def test_a_link_that_is_refused_is_made_to_the_hub(
    bare_home: PipelineHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever reason a later Home Assistant has for that."""
    monkeypatch.setattr(
        "custom_components.voice_privacy.satellites.devices._place_of", lambda *_: ("no such device", None)
    )
    await bare_home.set_up()
    assert bare_home.entry.state is ConfigEntryState.LOADED
    assert our_device(bare_home).via_device_id == our_device(bare_home, ENTRY_ID).id


async def test_a_satellite_that_cannot_be_started_costs_only_itself(
    bare_home: PipelineHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = "custom_components.voice_privacy.satellites.pipeline.PipelineSatellite"

    def fail(satellite: Any) -> None:
        if satellite.satellite_id == "bedroom":
            raise RuntimeError

    monkeypatch.setattr(f"{module}._find_entities", fail)
    await bare_home.set_up()
    assert bare_home.entry.state is ConfigEntryState.LOADED
    await bare_home.kitchen.say()
    await bare_home.settle()
    assert len(bare_home.ids("kitchen")) == 1


# --- leftovers ----------------------------------------------------------------------------------------


async def settled(home: PipelineHome) -> None:
    """Let the time pass in which the rest of a satellite may come."""
    await home.hass.async_block_till_done()
    async_fire_time_changed(home.hass, dt_util.utcnow() + timedelta(seconds=2))
    await home.hass.async_block_till_done()


async def offered(home: PipelineHome, registry_id: str) -> tuple[bool, bool]:
    """Return whether a satellite is offered by an issue, and in the form."""
    hass = home.hass
    flow = await hass.config_entries.subentries.async_init(
        (ENTRY_ID, "assist_satellite"), context={"source": "user"}
    )
    assert flow["data_schema"] is not None
    options = flow["data_schema"].schema["source"].config["options"]
    hass.config_entries.subentries.async_abort(flow["flow_id"])
    return (
        ir.async_get(hass).async_get_issue(DOMAIN, f"satellite_found_{registry_id}") is not None,
        f"satellite:{registry_id}" in {option["value"] for option in options},
    )


@pytest.mark.parametrize("entry_id", [None, "other", "disabled", "unloaded"])
@pytest.mark.parametrize("restored", [False, True])
async def test_an_entity_that_nobody_provides_any_more_is_not_offered(
    bare_home: PipelineHome, entry_id: str | None, restored: bool
) -> None:
    hass = bare_home.hass
    disabled = ConfigEntryDisabler.USER if entry_id == "disabled" else None
    if entry_id in ("disabled", "unloaded"):
        MockConfigEntry(domain="other", entry_id=entry_id, disabled_by=disabled).add_to_hass(hass)
    entity = er.async_get(hass).async_get_or_create(
        "assist_satellite",
        "other",
        "leftover",
        config_entry=hass.config_entries.async_get_entry(entry_id) if entry_id else None,
    )
    if restored:
        # As Home Assistant does when it starts.
        entity.write_unavailable_state(hass)
    for owner in ("bedroom", "paula"):
        hass.config_entries.async_remove_subentry(bare_home.entry, owner)
    await bare_home.set_up()
    await settled(bare_home)
    assert await offered(bare_home, entity.id) == (False, False)
    assert await offered(bare_home, bare_home.bedroom.registry_id) == (True, True)


async def test_a_satellite_whose_integration_is_only_away_stays_offered(bare_home: PipelineHome) -> None:
    hass = bare_home.hass
    for owner in ("bedroom", "paula"):
        hass.config_entries.async_remove_subentry(bare_home.entry, owner)
    await bare_home.set_up()
    registry_id = bare_home.bedroom.registry_id
    assert await hass.config_entries.async_unload("other")
    await settled(bare_home)
    assert await offered(bare_home, registry_id) == (True, True)

    # Once its device is gone as well, nothing will bring it back.
    er.async_get(hass).async_update_entity(bare_home.bedroom.entity_id, device_id=None)
    await settled(bare_home)
    assert await offered(bare_home, registry_id) == (False, False)


async def test_a_leftover_that_is_provided_again_is_offered(bare_home: PipelineHome) -> None:
    hass = bare_home.hass
    await bare_home.set_up()
    entity = er.async_get(hass).async_get_or_create("assist_satellite", "other", "late")
    entity.write_unavailable_state(hass)
    await settled(bare_home)
    assert await offered(bare_home, entity.id) == (False, False)
    hass.states.async_set(entity.entity_id, "idle")
    await settled(bare_home)
    assert await offered(bare_home, entity.id) == (True, True)
    hass.states.async_remove(entity.entity_id)
    await settled(bare_home)
    assert await offered(bare_home, entity.id) == (False, False)
