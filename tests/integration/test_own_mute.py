"""Which entity mutes another integration's satellite: the one that the owner chose, or one found by its names."""

from typing import Any

from homeassistant.components.assist_pipeline import async_get_pipeline, async_update_pipeline
from homeassistant.config_entries import ConfigSubentry
from homeassistant.helpers import device_registry as dr, entity_registry as er, issue_registry as ir
import pytest

from custom_components.voice_privacy.const import DOMAIN
from custom_components.voice_privacy.core.house_settings import SatelliteToggle

from .helpers.foreign import MuteSwitch, add_switch
from .helpers.pipeline_home import ENTRY_ID, PipelineHome


async def mute(home: PipelineHome, owner: str = "bedroom") -> tuple[str, str]:
    """Mute a satellite; return its state and whether that is confirmed."""
    await home.switch("microphone", on=False, owner=owner)
    return (
        home.state("sensor", "microphone_state", owner),
        home.state("binary_sensor", "mute_confirmed", owner),
    )


def subentry(home: PipelineHome, title: str) -> ConfigSubentry:
    """Return a satellite's subentry."""
    return next(candidate for candidate in home.entry.subentries.values() if candidate.title == title)


def register(home: PipelineHome, domain: str, name: str, owner: str = "bedroom", **more: Any) -> str:
    """Register one more entity on a satellite's device."""
    entity = er.async_get(home.hass).async_get(home.satellites[owner].entity_id)
    assert entity is not None
    added = er.async_get(home.hass).async_get_or_create(
        domain,
        "other",
        f"{owner}-{name}",
        config_entry=home.hass.config_entries.async_get_entry("other"),
        device_id=entity.device_id,
        original_name=name,
        **more,
    )
    return added.entity_id


async def reconfigure(
    home: PipelineHome, user_input: dict[str, Any], title: str = "Bedroom"
) -> dict[str, Any]:
    """Submit the form of a satellite."""
    flow = await home.hass.config_entries.subentries.async_init(
        (ENTRY_ID, "assist_satellite"),
        context={"source": "reconfigure", "subentry_id": subentry(home, title).subentry_id},
    )
    outcome = await home.hass.config_entries.subentries.async_configure(flow["flow_id"], user_input)
    await home.hass.async_block_till_done()
    return dict(outcome)


def suggested(form: Any, field: str) -> Any:
    """Return what a form suggests for a field."""
    key = next(key for key in form["data_schema"].schema if key == field)
    return (key.description or {}).get("suggested_value")


# --- found --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["Mute Microphones", "Mute mic", "Mikrofon stumm", "Couper le micro", "Microfoon dempen", "Stumm"]
)
async def test_a_switch_that_names_the_microphone_is_turned(home: PipelineHome, name: str) -> None:
    switch = await add_switch(home.hass, MuteSwitch("bedroom", name, "x"))
    assert await mute(home) == ("muted", "on")
    assert home.hass.states.is_state(switch.entity_id, "on")


@pytest.mark.parametrize(
    ("name", "key"), [("Speaker mute", "x"), ("Mute speaker", "mute"), ("Lautsprecher stumm", "mute")]
)
async def test_a_loudspeakers_mute_is_never_turned_or_confirmed(
    home: PipelineHome, name: str, key: str
) -> None:
    switch = await add_switch(home.hass, MuteSwitch("bedroom", name, key))
    assert await mute(home) == ("muted", "off")
    assert home.hass.states.is_state(switch.entity_id, "off")


async def test_of_several_the_switch_that_names_the_microphone_is_turned(home: PipelineHome) -> None:
    microphones = await add_switch(home.hass, MuteSwitch("kitchen", "Mute Microphones", "x"))
    assert await mute(home, "kitchen") == ("muted", "on")
    assert home.hass.states.is_state(microphones.entity_id, "on")
    assert home.hass.states.is_state("switch.kitchen_mute", "off")


async def test_an_outlet_is_no_mute(home: PipelineHome) -> None:
    register(home, "switch", "Mute mic", original_device_class="outlet")
    assert await mute(home) == ("muted", "off")


async def test_a_bare_mute_beside_a_loudspeaker_is_turned_but_not_confirmed(home: PipelineHome) -> None:
    register(home, "media_player", "Player", "kitchen")
    await home.hass.async_block_till_done()
    assert await mute(home, "kitchen") == ("muted", "unknown")
    assert home.hass.states.is_state("switch.kitchen_mute", "on")
    # It does not count as what keeps the microphone shut: the proxies do.
    await home.kitchen.say()
    assert home.transcriber.heard == []


async def test_a_device_that_mutes_its_loudspeaker_around_replies_does_not_go_deaf(
    home: PipelineHome,
) -> None:
    hass = home.hass
    register(home, "media_player", "Player", "kitchen")
    await hass.async_block_till_done()
    switch = hass.data["switch"].get_entity("switch.kitchen_mute")
    idle = hass.states.get(home.kitchen.entity_id)
    assert idle is not None
    hass.states.async_set(home.kitchen.entity_id, "responding")
    await switch.async_turn_on()
    await hass.async_block_till_done()
    assert home.state("sensor", "microphone_state") == "listening"
    await switch.async_turn_off()
    hass.states.async_set(home.kitchen.entity_id, idle.state)
    await hass.async_block_till_done()
    assert home.state("switch", "microphone") == "on"

    # Somebody who presses it during a reply, and leaves it on, is followed after the reply.
    hass.states.async_set(home.kitchen.entity_id, "responding")
    await switch.async_turn_on()
    hass.states.async_set(home.kitchen.entity_id, idle.state)
    await hass.async_block_till_done()
    assert home.state("switch", "microphone") == "off"


async def test_a_press_at_the_device_that_keeps_nothing_shut_is_explained_and_is_no_error(
    home: PipelineHome, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The switch may be the loudspeaker's, and the proxy is disabled, so that audio goes on to the pipeline."""
    monkeypatch.setattr("custom_components.voice_privacy.satellites.pipeline._MUTE_GRACE", -1.0)
    hass = home.hass
    register(home, "media_player", "Player", "kitchen")
    proxy = home.engine
    assert proxy is not None
    er.async_get(hass).async_update_entity(proxy, disabled_by=er.RegistryEntryDisabler.USER)
    await async_update_pipeline(hass, async_get_pipeline(hass), stt_engine=home.engine_id)
    await hass.async_block_till_done()
    await hass.data["switch"].get_entity("switch.kitchen_mute").async_turn_on()
    await hass.async_block_till_done()
    assert ir.async_get(hass).async_get_issue(DOMAIN, "mute_not_held_kitchen") is not None
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []


async def test_a_switch_that_comes_or_is_renamed_later_is_followed(home: PipelineHome) -> None:
    switch = await add_switch(home.hass, MuteSwitch("bedroom", "Mute mic", "x"))
    for entity_id in ("switch.first", "switch.second"):
        er.async_get(home.hass).async_update_entity(switch.entity_id, new_entity_id=entity_id)
        await home.hass.async_block_till_done()
        assert await mute(home) == ("muted", "on")
        await home.hass.services.async_call("switch", "turn_off", {"entity_id": entity_id}, blocking=True)
        await home.hass.async_block_till_done()
        assert not home.hub.settings.satellite("bedroom", SatelliteToggle.MUTED)


@pytest.mark.parametrize("name", ["Hardware mute", "Mic mute", "Mikrofon stumm", "Mute switch"])
async def test_a_switch_on_the_device_is_shown_as_muted_and_explained(home: PipelineHome, name: str) -> None:
    sensor = register(home, "binary_sensor", name)
    home.hass.states.async_set(sensor, "on")
    await home.hass.async_block_till_done()
    assert home.state("sensor", "microphone_state", "bedroom") == "muted"
    assert home.state("binary_sensor", "mute_confirmed", "bedroom") == "on"
    assert home.hub.satellites["bedroom"].silence_reason == "muted_by_hardware"
    home.hass.states.async_set(sensor, "off")
    await home.hass.async_block_till_done()
    assert home.state("sensor", "microphone_state", "bedroom") == "listening"
    assert home.hub.satellites["bedroom"].silence_reason is None


@pytest.mark.parametrize("name", ["Speaker muted", "Motion", "Sound"])
async def test_other_sensors_mute_nothing(home: PipelineHome, name: str) -> None:
    home.hass.states.async_set(register(home, "binary_sensor", name), "on")
    await home.hass.async_block_till_done()
    assert home.state("sensor", "microphone_state", "bedroom") == "listening"


async def test_a_switch_that_comes_while_the_satellite_is_muted_is_turned(home: PipelineHome) -> None:
    assert await mute(home) == ("muted", "off")
    switch = await add_switch(home.hass, MuteSwitch("bedroom", "Mute mic", "x"))
    assert home.hass.states.is_state(switch.entity_id, "on")
    assert home.state("binary_sensor", "mute_confirmed", "bedroom") == "on"


# --- chosen -------------------------------------------------------------------------------------------


async def test_the_owner_chooses_another_switch_which_may_be_renamed(home: PipelineHome) -> None:
    hass = home.hass
    chosen = await add_switch(hass, MuteSwitch("study", "Privacy", "privacy"))
    outcome = await reconfigure(home, {"mute_switch": chosen.entity_id, "child_safe": False}, "Kitchen")
    assert outcome["reason"] == "reconfigure_successful"
    saved = er.async_get(hass).async_get(chosen.entity_id)
    assert saved is not None
    assert subentry(home, "Kitchen").data["mute_switch"] == saved.id
    er.async_get(hass).async_update_entity(chosen.entity_id, new_entity_id="switch.renamed")
    await hass.async_block_till_done()
    assert await mute(home, "kitchen") == ("muted", "on")
    assert hass.states.is_state("switch.renamed", "on")
    assert hass.states.is_state("switch.kitchen_mute", "off")

    # Gone, it is not replaced by the switch that would be found.
    er.async_get(hass).async_remove("switch.renamed")
    await hass.async_block_till_done()
    assert home.state("sensor", "microphone_state") == "muted"
    assert home.state("binary_sensor", "mute_confirmed") == "off"
    assert hass.states.is_state("switch.kitchen_mute", "off")


async def test_the_owner_says_that_there_is_none_and_takes_it_back(home: PipelineHome) -> None:
    await reconfigure(home, {"no_mute_switch": True, "child_safe": False}, "Kitchen")
    assert subentry(home, "Kitchen").data["mute_switch"] == "none"
    await home.hass.services.async_call(
        "switch", "turn_on", {"entity_id": "switch.kitchen_mute"}, blocking=True
    )
    await home.hass.async_block_till_done()
    assert home.state("sensor", "microphone_state") == "listening"
    await home.hass.services.async_call(
        "switch", "turn_off", {"entity_id": "switch.kitchen_mute"}, blocking=True
    )
    assert await mute(home, "kitchen") == ("muted", "off")
    assert home.hass.states.is_state("switch.kitchen_mute", "off")

    await reconfigure(home, {"child_safe": False}, "Kitchen")
    assert "mute_switch" not in subentry(home, "Kitchen").data
    assert home.hass.states.is_state("switch.kitchen_mute", "on")


@pytest.mark.parametrize(
    ("form", "errors"),
    [
        ({"mute_switch": "switch.gone"}, {"mute_switch": "mute_switch_invalid"}),
        (
            {"mute_switch": "switch.kitchen_mute", "no_mute_switch": True},
            {"no_mute_switch": "mute_switch_chosen"},
        ),
    ],
)
async def test_what_cannot_be_is_refused_and_changes_nothing(
    home: PipelineHome, form: dict[str, Any], errors: dict[str, str]
) -> None:
    before = dict(subentry(home, "Bedroom").data)
    outcome = await reconfigure(home, form)
    assert (outcome["type"], outcome["errors"]) == ("form", errors)
    assert suggested(outcome, "mute_switch") == form["mute_switch"]
    assert dict(subentry(home, "Bedroom").data) == before
    home.hass.config_entries.subentries.async_abort(outcome["flow_id"])


async def test_the_forms_show_what_is_in_effect_and_offer_no_switch_of_ours(home: PipelineHome) -> None:
    hass = home.hass
    flow = await hass.config_entries.subentries.async_init(
        (ENTRY_ID, "assist_satellite"), context={"source": "reconfigure", "subentry_id": "kitchen"}
    )
    assert suggested(flow, "mute_switch") == "switch.kitchen_mute"
    assert flow["data_schema"] is not None
    excluded = flow["data_schema"].schema["mute_switch"].config["exclude_entities"]
    assert home.entity_id("switch", "microphone") in excluded
    hass.config_entries.subentries.async_abort(flow["flow_id"])
    # Apps and browsers have none.
    flow = await hass.config_entries.subentries.async_init(
        (ENTRY_ID, "assist_satellite"), context={"source": "reconfigure", "subentry_id": "paula"}
    )
    assert flow["data_schema"] is not None
    assert set(flow["data_schema"].schema) == {"child_safe"}
    hass.config_entries.subentries.async_abort(flow["flow_id"])


async def test_a_switch_is_chosen_when_a_satellite_is_added(home: PipelineHome) -> None:
    hass = home.hass
    chosen = await add_switch(hass, MuteSwitch("bedroom", "Privacy", "privacy"))
    hass.config_entries.async_remove_subentry(home.entry, "bedroom")
    await hass.async_block_till_done()
    flow = await hass.config_entries.subentries.async_init(
        (ENTRY_ID, "assist_satellite"), context={"source": "user"}
    )
    await hass.config_entries.subentries.async_configure(
        flow["flow_id"],
        {"source": f"satellite:{home.bedroom.registry_id}", "mute_switch": chosen.entity_id},
    )
    await hass.config_entries.subentries.async_configure(flow["flow_id"], {"next_step_id": "keep_nothing"})
    await hass.async_block_till_done()
    assert await mute(home, subentry(home, "Bedroom").subentry_id) == ("muted", "on")
    assert hass.states.is_state(chosen.entity_id, "on")
    device = dr.async_get(hass).async_get_device_by_identifier(("other", "bedroom"), "other")
    assert device is not None
