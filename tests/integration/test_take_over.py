"""Taking a satellite over from core's Wyoming integration in one form, and giving it back."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from pathlib import Path
from typing import Any

from homeassistant.components.repairs import DOMAIN as REPAIRS
from homeassistant.config_entries import ConfigEntryDisabler, ConfigEntryState, ConfigSubentry
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType, InvalidData
from homeassistant.helpers import (
    area_registry as ar,
    device_registry as dr,
    entity_registry as er,
    issue_registry as ir,
)
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser
from wyoming.client import AsyncTcpClient
from wyoming.event import Event

from custom_components.voice_privacy.const import DOMAIN
from custom_components.voice_privacy.satellites import take_over
from dev.rig.speech_servers import SttServer

from .helpers.house import ENTRY_ID, House
from .helpers.masters import Manner, SharedTalker
from .helpers.people import Desk

CORE = "core_study"


@pytest.fixture
async def study(socket_enabled: None) -> AsyncGenerator[SharedTalker]:
    """A satellite that core uses."""
    satellite = SharedTalker("study")
    await satellite.start()
    yield satellite
    await satellite.stop()


@pytest.fixture
async def theirs(
    hass: HomeAssistant, house: House, study: SharedTalker, monkeypatch: pytest.MonkeyPatch
) -> AsyncGenerator[MockConfigEntry]:
    """Core's entry of the study, set up: renamed, in an area, with a pipeline and settings of its own."""
    write = AsyncTcpClient.write_event

    async def write_if_connected(client: AsyncTcpClient, event: Event) -> None:
        # Core's tasks fail if it is muted or stopped while it connects.
        if client._writer is not None:
            await write(client, event)

    monkeypatch.setattr(AsyncTcpClient, "write_event", write_if_connected)
    assert await async_setup_component(hass, REPAIRS, {})
    await new_pipeline(hass, "Quiet")
    entry = MockConfigEntry(
        domain="wyoming", title="study", entry_id=CORE, data={"host": "127.0.0.1", "port": study.port}
    )
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(CORE)
    await hass.async_block_till_done()
    await study.wait_until_connected()
    area = ar.async_get(hass).async_create("Library")
    device = core_device(hass)
    dr.async_get(hass).async_update_device(device.id, name_by_user="Reading corner", area_id=area.id)
    await choose(hass, "select", "pipeline", "Quiet")
    await choose(hass, "select", "vad_sensitivity", "relaxed")
    await choose(hass, "select", "noise_suppression_level", "high")
    await set_number(hass, core_entity(hass, "number", "auto_gain"), 12)
    await set_number(hass, core_entity(hass, "number", "volume_multiplier"), 2.5)
    yield entry
    if entry.state is ConfigEntryState.LOADED:
        await hass.config_entries.async_unload(CORE)


async def new_pipeline(hass: HomeAssistant, name: str) -> None:
    """Add a pipeline."""
    data = hass.data["assist_pipeline"]
    await data.pipeline_store.async_create_item(
        {
            "conversation_engine": "conversation.home_assistant",
            "conversation_language": "en",
            "language": "en",
            "name": name,
            "stt_engine": None,
            "stt_language": None,
            "tts_engine": None,
            "tts_language": None,
            "tts_voice": None,
            "wake_word_entity": None,
            "wake_word_id": None,
        }
    )


def core_device(hass: HomeAssistant) -> dr.DeviceEntry:
    """Return core's device of the study."""
    device = dr.async_get(hass).async_get_device_by_identifier(("wyoming", CORE), CORE)
    assert device is not None
    return device


def core_entity(hass: HomeAssistant, platform: str, key: str) -> str:
    """Return the id of an entity of core's study."""
    entity_id = er.async_get(hass).async_get_entity_id(platform, "wyoming", f"{CORE}-{key}")
    assert entity_id is not None
    return entity_id


def core_state(hass: HomeAssistant, platform: str, key: str) -> str | None:
    """Return the state of an entity of core's study, None if it is not there."""
    state = hass.states.get(core_entity(hass, platform, key))
    return None if state is None else state.state


async def choose(hass: HomeAssistant, platform: str, key: str, option: str) -> None:
    """Select an option of core's study."""
    entity_id = core_entity(hass, platform, key)
    await hass.services.async_call(
        platform, "select_option", {"entity_id": entity_id, "option": option}, blocking=True
    )


async def set_number(hass: HomeAssistant, entity_id: str, value: float) -> None:
    """Set a number entity."""
    await hass.services.async_call(
        "number", "set_value", {"entity_id": entity_id, "value": value}, blocking=True
    )


async def start(hass: HomeAssistant) -> dict[str, Any]:
    """Open the form for a new satellite."""
    result = await hass.config_entries.subentries.async_init(
        (ENTRY_ID, "satellite"), context={"source": "user"}
    )
    assert (result["type"], result["step_id"]) == (FlowResultType.FORM, "user")
    return dict(result)


def offered(result: dict[str, Any]) -> dict[str, str]:
    """Return the labels of the satellites that the form offers to take over."""
    for key, selector in result["data_schema"].schema.items():
        if key == "take_over":
            return {option["value"]: option["label"] for option in selector.config["options"]}
    return {}


async def submit(hass: HomeAssistant, result: dict[str, Any], **user_input: Any) -> dict[str, Any]:
    """Submit the form."""
    form = {"wake_words": ["alexa"], **user_input}
    return dict(await hass.config_entries.subentries.async_configure(result["flow_id"], form))


async def take(hass: HomeAssistant, **user_input: Any) -> dict[str, Any]:
    """Take the study over; return how the flow has ended."""
    result = await submit(hass, await start(hass), take_over=CORE, **user_input)
    assert (result["type"], result["step_id"]) == (FlowResultType.MENU, "save_recordings"), result
    result = dict(
        await hass.config_entries.subentries.async_configure(
            result["flow_id"], {"next_step_id": "keep_nothing"}
        )
    )
    await hass.async_block_till_done()
    return result


def our_study(house: House) -> ConfigSubentry:
    """Return our satellite in the study."""
    (subentry,) = [added for added in house.entry.subentries.values() if "taken_from" in added.data]
    return subentry


def our_device(house: House) -> dr.DeviceEntry:
    """Return our device of the study."""
    identifier = (DOMAIN, our_study(house).subentry_id)
    device = dr.async_get(house.hass).async_get_device_by_identifier(identifier, ENTRY_ID)
    assert device is not None
    return device


async def give_back(house: House, **changes: Any) -> dict[str, Any]:
    """Give the study back with the form that reconfigures it; return how the flow has ended."""
    hass, subentry = house.hass, our_study(house)
    result = await house.entry.start_subentry_reconfigure_flow(hass, subentry.subentry_id)
    form = {key: subentry.data[key] for key in ("host", "port", "wake_words", "threshold")}
    outcome = await hass.config_entries.subentries.async_configure(
        result["flow_id"], form | changes | {"give_back": True}
    )
    await hass.async_block_till_done()
    return dict(outcome)


async def test_take_over_with_name_area_pipeline_and_settings(
    hass: HomeAssistant, house: House, theirs: MockConfigEntry, study: SharedTalker
) -> None:
    result = await start(hass)
    assert offered(result) == {CORE: f"Reading corner (127.0.0.1:{study.port})"}
    hass.config_entries.subentries.async_abort(result["flow_id"])

    result = await take(hass)
    assert (result["type"], result["title"]) == (FlowResultType.CREATE_ENTRY, "Reading corner")
    subentry = our_study(house)
    assert (subentry.data["host"], subentry.data["port"]) == ("127.0.0.1", study.port)
    assert "take_over" not in subentry.data
    device = our_device(house)
    assert (device.name, device.area_id) == ("Reading corner", "library")
    assert house.state("select", "pipeline", subentry.subentry_id) == "Quiet"
    assert house.state("select", "vad_sensitivity", subentry.subentry_id) == "relaxed"
    assert house.state("select", "noise_suppression_level", subentry.subentry_id) == "high"
    assert house.state("number", "auto_gain", subentry.subentry_id) == "12"
    assert house.state("number", "volume_multiplier", subentry.subentry_id) == "2.5"
    assert house.state("switch", "microphone", subentry.subentry_id) in ("on", "unknown")
    await house.until_state("sensor", "microphone_state", "listening", subentry.subentry_id)

    # Nothing of core's is gone, and it does not want the satellite any more.
    assert (theirs.disabled_by, theirs.state) == (ConfigEntryDisabler.USER, ConfigEntryState.NOT_LOADED)
    assert core_device(hass).area_id == "library"
    assert core_entity(hass, "select", "pipeline")
    result = await start(hass)
    assert offered(result) == {}
    hass.config_entries.subentries.async_abort(result["flow_id"])
    assert "used_elsewhere" not in [state for _, state, _ in house.changes]

    # What is chosen afterwards is not undone by a reload.
    entity_id = house.entity_id("select", "pipeline", subentry.subentry_id)
    await hass.services.async_call(
        "select", "select_option", {"entity_id": entity_id, "option": "preferred"}, blocking=True
    )
    await set_number(hass, house.entity_id("number", "auto_gain", subentry.subentry_id), 3)
    await house.reload()
    assert house.state("select", "pipeline", subentry.subentry_id) == "preferred"
    assert house.state("number", "auto_gain", subentry.subentry_id) == "3"
    assert house.state("number", "volume_multiplier", subentry.subentry_id) == "2.5"


async def test_the_issue_for_a_new_satellite_names_the_takeover(
    hass: HomeAssistant, house: House, theirs: MockConfigEntry
) -> None:
    await house.reload()
    entity = er.async_get(hass).async_get(core_entity(hass, "assist_satellite", "assist_satellite"))
    assert entity is not None
    assert house.issue(f"satellite_found_{entity.id}") == "wyoming_satellite_found"
    await take(hass)
    assert house.issue(f"satellite_found_{entity.id}") is None


@pytest.mark.parametrize(
    ("gain", "volume", "level"), [("12", "2.5", "high"), ("31", "0.1", "max"), ("1", "10.0", "low")]
)
async def test_take_over_with_the_settings_of_the_microphone(
    hass: HomeAssistant, house: House, theirs: MockConfigEntry, gain: str, volume: str, level: str
) -> None:
    await choose(hass, "select", "noise_suppression_level", level)
    for key, value in (("auto_gain", gain), ("volume_multiplier", volume)):
        await set_number(hass, core_entity(hass, "number", key), float(value))
    await take(hass)
    ours = our_study(house).subentry_id
    assert float(house.state("number", "auto_gain", ours)) == float(gain)
    assert float(house.state("number", "volume_multiplier", ours)) == float(volume)
    assert house.state("select", "noise_suppression_level", ours) == level
    microphone = house.hub.satellites.wyoming[ours].microphone
    assert (microphone.auto_gain, microphone.volume_multiplier) == (int(gain), float(volume))

    # What is set afterwards is not undone by a reload.
    await set_number(hass, house.entity_id("number", "auto_gain", ours), 5)
    await house.reload()
    assert float(house.state("number", "auto_gain", ours)) == 5


async def test_what_is_typed_has_precedence(
    hass: HomeAssistant, house: House, theirs: MockConfigEntry
) -> None:
    attic = ar.async_get(hass).async_create("Attic")
    result = await take(hass, name="Desk", area=attic.id)
    assert result["title"] == "Desk"
    assert (our_device(house).name, our_device(house).area_id) == ("Desk", "attic")


async def test_a_muted_satellite_stays_muted(
    hass: HomeAssistant, house: House, theirs: MockConfigEntry, study: SharedTalker
) -> None:
    await hass.services.async_call(
        "switch", "turn_on", {"entity_id": core_entity(hass, "switch", "mute")}, blocking=True
    )
    await take(hass)
    ours = our_study(house).subentry_id
    await house.until_state("switch", "microphone", "off", ours)
    await study.wait_for_event("pause-satellite")
    assert "listening" not in house.states_of("sensor", "microphone_state", ours)

    # And so it does when it is given back.
    assert (await give_back(house))["reason"] == "given_back"
    assert core_state(hass, "switch", "mute") == "on"


async def test_give_back_with_what_has_changed(
    hass: HomeAssistant, house: House, theirs: MockConfigEntry, study: SharedTalker
) -> None:
    await take(hass)
    ours = our_study(house).subentry_id
    attic = ar.async_get(hass).async_create("Attic")
    dr.async_get(hass).async_update_device(
        our_device(house).id, area_id=attic.id, name_by_user="Under the roof"
    )
    await hass.services.async_call(
        "select",
        "select_option",
        {"entity_id": house.entity_id("select", "pipeline", ours), "option": "preferred"},
        blocking=True,
    )
    await set_number(hass, house.entity_id("number", "auto_gain", ours), 3)
    result = await give_back(house)
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "given_back")
    assert (theirs.disabled_by, theirs.state) == (None, ConfigEntryState.LOADED)
    assert ours not in house.entry.subentries
    assert (core_device(hass).area_id, core_device(hass).name_by_user) == ("attic", "Under the roof")
    assert core_state(hass, "select", "pipeline") == "preferred"
    assert core_state(hass, "select", "vad_sensitivity") == "relaxed"
    assert core_state(hass, "select", "noise_suppression_level") == "high"
    assert core_state(hass, "number", "auto_gain") == "3"
    assert core_state(hass, "number", "volume_multiplier") == "2.5"
    assert core_state(hass, "switch", "mute") == "off"
    await study.wait_until_connected()
    assert house.issue(f"give_back_{CORE}") is None
    assert "taken_over" not in house.entry.data
    # Nobody is told that what was just given back is not protected here.
    await house.reload()
    (satellite,) = [
        entity
        for entity in er.async_entries_for_config_entry(er.async_get(hass), CORE)
        if entity.domain == "assist_satellite"
    ]
    issue = ir.async_get(hass).async_get_issue(DOMAIN, f"satellite_found_{satellite.id}")
    assert issue is not None
    assert issue.dismissed_version is not None

    # Once more, and nothing of the first time is left.
    await choose(hass, "select", "pipeline", "Quiet")
    await take(hass)
    again = our_study(house).subentry_id
    assert house.state("select", "pipeline", again) == "Quiet"
    assert our_device(house).name == "Under the roof"


async def test_only_what_was_taken_over_can_be_given_back(house: House) -> None:
    result = await house.entry.start_subentry_reconfigure_flow(house.hass, "kitchen")
    schema = result["data_schema"]
    assert schema is not None
    assert "give_back" not in schema.schema
    with pytest.raises(InvalidData):
        await house.hass.config_entries.subentries.async_configure(
            result["flow_id"], {"host": "127.0.0.1", "port": 1, "give_back": True}
        )
    house.hass.config_entries.subentries.async_abort(result["flow_id"])


type Break = Callable[[HomeAssistant, SharedTalker, pytest.MonkeyPatch], Awaitable[str]]


async def stays_with_core(hass: HomeAssistant, study: SharedTalker, patch: pytest.MonkeyPatch) -> str:
    """Let core not let go."""
    unload = hass.config_entries.async_unload_platforms

    async def refuse(entry: Any, platforms: Any) -> bool:
        return False if entry.entry_id == CORE else await unload(entry, platforms)

    patch.setattr(hass.config_entries, "async_unload_platforms", refuse)
    return "take_over_failed"


async def fails_to_unload(hass: HomeAssistant, study: SharedTalker, patch: pytest.MonkeyPatch) -> str:
    """Let Home Assistant fail."""

    async def fail(entry_id: str, *, _lock: bool = True) -> bool:
        raise RuntimeError

    patch.setattr(hass.config_entries, "async_unload", fail)
    return "take_over_failed"


async def goes_off(hass: HomeAssistant, study: SharedTalker, patch: pytest.MonkeyPatch) -> str:
    """Let the satellite be off as soon as core has let go."""
    patch.setattr(take_over, "_PROBE_PAUSE", 0)
    await study.refuse_connections()
    return "cannot_connect"


async def is_gone(hass: HomeAssistant, study: SharedTalker, patch: pytest.MonkeyPatch) -> str:
    """Let somebody remove core's entry meanwhile."""
    assert await hass.config_entries.async_remove(CORE)
    return "take_over_gone"


async def is_disabled(hass: HomeAssistant, study: SharedTalker, patch: pytest.MonkeyPatch) -> str:
    """Let somebody disable core's entry meanwhile."""
    await hass.config_entries.async_set_disabled_by(CORE, ConfigEntryDisabler.USER)
    return "take_over_gone"


@pytest.mark.parametrize("fault", [stays_with_core, fails_to_unload, goes_off, is_gone, is_disabled])
async def test_nothing_is_lost_if_a_step_fails(
    hass: HomeAssistant,
    house: House,
    theirs: MockConfigEntry,
    study: SharedTalker,
    fault: Break,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    result = await submit(hass, await start(hass), take_over=CORE)
    disabled_by = ConfigEntryDisabler.USER if fault is is_disabled else None
    with monkeypatch.context() as patch:
        reason = await fault(hass, study, patch)
        outcome = await hass.config_entries.subentries.async_configure(
            result["flow_id"], {"next_step_id": "keep_nothing"}
        )
    assert (outcome["type"], outcome["reason"]) == (FlowResultType.ABORT, reason)
    await study.accept_connections()
    await hass.async_block_till_done()
    assert list(house.entry.subentries) == ["kitchen"]
    assert theirs.disabled_by is disabled_by
    assert "taken_over" not in house.entry.data
    assert house.issue(f"give_back_{CORE}") is None


@pytest.mark.parametrize("muted", [False, True])
async def test_it_stays_here_if_core_cannot_have_it_back(
    hass: HomeAssistant,
    house: House,
    theirs: MockConfigEntry,
    study: SharedTalker,
    muted: bool,
    monkeypatch: Any,
) -> None:
    monkeypatch.setattr("homeassistant.components.wyoming.data._INFO_RETRIES", 0)
    monkeypatch.setattr("homeassistant.components.wyoming.data.load_wyoming_info", _no_info)
    await take(hass)
    ours = our_study(house).subentry_id
    if muted:
        await house.switch("microphone", on=False, owner=ours)
    else:
        await house.until_state("sensor", "microphone_state", "listening", ours)
    result = await give_back(house)
    assert (result["type"], result["errors"]) == (FlowResultType.FORM, {"base": "give_back_failed"})
    hass.config_entries.subentries.async_abort(result["flow_id"])
    assert theirs.disabled_by is ConfigEntryDisabler.USER
    assert house.entry.data["taken_over"] == [CORE]
    await house.until_state("sensor", "microphone_state", "muted" if muted else "listening", ours)


async def test_a_mute_while_it_is_given_back_is_not_lost(
    hass: HomeAssistant,
    house: House,
    theirs: MockConfigEntry,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await take(hass)
    ours = our_study(house).subentry_id
    await house.until_state("sensor", "microphone_state", "listening", ours)
    set_disabled_by = hass.config_entries.async_set_disabled_by

    async def mute_meanwhile(entry_id: str, disabled_by: ConfigEntryDisabler | None) -> bool:
        loaded = await set_disabled_by(entry_id, disabled_by)
        if disabled_by is None:
            await house.switch("microphone", on=False, owner=ours)
        return loaded

    with monkeypatch.context() as patch:
        patch.setattr(hass.config_entries, "async_set_disabled_by", mute_meanwhile)
        result = await give_back(house)
    assert result["errors"] == {"base": "give_back_failed"}
    hass.config_entries.subentries.async_abort(result["flow_id"])
    assert theirs.disabled_by is ConfigEntryDisabler.USER
    await house.until_state("sensor", "microphone_state", "muted", ours)
    # The next attempt takes the mute with it.
    assert (await give_back(house))["reason"] == "given_back"
    assert core_state(hass, "switch", "mute") == "on"


async def _no_info(*_: object, **__: object) -> None:
    """Answer nothing, as a satellite that is off."""


async def fix(hass: HomeAssistant, issue_id: str, client: Any) -> None:
    """Submit the repair flow of an issue."""
    flow = await (
        await client.post("/api/repairs/issues/fix", json={"handler": DOMAIN, "issue_id": issue_id})
    ).json()
    assert flow["step_id"] == "confirm", flow
    assert flow["description_placeholders"]["name"] in ("study", "Reading corner")
    done = await (await client.post(f"/api/repairs/issues/fix/{flow['flow_id']}", json={})).json()
    assert done["type"] == "create_entry", done
    await hass.async_block_till_done()


async def test_removing_it_here_offers_to_enable_it_there(
    hass: HomeAssistant, house: House, theirs: MockConfigEntry, study: SharedTalker, hass_client: Any
) -> None:
    await take(hass)
    hass.config_entries.async_remove_subentry(house.entry, our_study(house).subentry_id)
    await hass.async_block_till_done()
    assert house.issue(f"give_back_{CORE}") == "give_back"
    await house.reload()
    assert house.issue(f"give_back_{CORE}") == "give_back"
    await fix(hass, f"give_back_{CORE}", await hass_client())
    assert (theirs.disabled_by, theirs.state) == (None, ConfigEntryState.LOADED)
    assert core_state(hass, "select", "pipeline") == "Quiet"
    assert house.issue(f"give_back_{CORE}") is None


@pytest.mark.parametrize("by_hand", [False, True])
async def test_a_mute_outlives_the_removal_here(
    hass: HomeAssistant, house: House, theirs: MockConfigEntry, hass_client: Any, by_hand: bool
) -> None:
    await take(hass)
    ours = our_study(house).subentry_id
    await house.switch("microphone", on=False, owner=ours)
    hass.config_entries.async_remove_subentry(house.entry, ours)
    await hass.async_block_till_done()
    if by_hand:
        await hass.config_entries.async_set_disabled_by(CORE, None)
    else:
        await fix(hass, f"give_back_{CORE}", await hass_client())
    assert theirs.disabled_by is None
    assert core_state(hass, "switch", "mute") == "on"


async def test_the_offer_ends_when_somebody_enables_it_there(
    hass: HomeAssistant, house: House, theirs: MockConfigEntry, study: SharedTalker
) -> None:
    await take(hass)
    hass.config_entries.async_remove_subentry(house.entry, our_study(house).subentry_id)
    await hass.async_block_till_done()
    await hass.config_entries.async_set_disabled_by(CORE, None)
    await hass.async_block_till_done()
    await study.wait_until_connected()
    assert house.issue(f"give_back_{CORE}") is None
    # It is somebody else's business now.
    await hass.config_entries.async_set_disabled_by(CORE, ConfigEntryDisabler.USER)
    await house.reload()
    assert house.issue(f"give_back_{CORE}") is None


@pytest.mark.parametrize("muted", [False, True])
async def test_removing_everything_gives_it_back_unless_it_is_muted(
    hass: HomeAssistant, house: House, theirs: MockConfigEntry, study: SharedTalker, muted: bool
) -> None:
    await take(hass)
    ours = our_study(house).subentry_id
    if muted:
        await house.switch("microphone", on=False, owner=ours)
    assert await hass.config_entries.async_remove(ENTRY_ID)
    await hass.async_block_till_done()
    assert theirs.disabled_by is (ConfigEntryDisabler.USER if muted else None)
    if not muted:
        assert theirs.state is ConfigEntryState.LOADED
        assert core_state(hass, "select", "pipeline") == "Quiet"
        assert core_state(hass, "switch", "mute") == "off"


async def test_core_that_wants_a_satellite_of_ours_too_is_made_to_let_go(
    hass: HomeAssistant, house: House, theirs: MockConfigEntry, study: SharedTalker, hass_client: Any
) -> None:
    await take(hass)
    ours = our_study(house).subentry_id
    await house.until_state("sensor", "microphone_state", "listening", ours)
    # Somebody enables it in core, and core gets it.
    study.manner = Manner.CHANGES
    assert await hass.config_entries.async_set_disabled_by(CORE, None)
    await house.until(lambda: house.issue(f"rival_{ours}") == "used_by_wyoming", "core is named")
    # A satellite that is ours is not offered.
    result = await start(hass)
    assert offered(result) == {}
    hass.config_entries.subentries.async_abort(result["flow_id"])

    await fix(hass, f"rival_{ours}", await hass_client())
    assert theirs.disabled_by is ConfigEntryDisabler.USER
    await house.until_state("sensor", "microphone_state", "listening", ours)
    assert house.issue(f"rival_{ours}") is None
    assert house.entry.data["taken_over"] == [CORE]


async def test_typing_the_address_of_cores_satellite_names_the_way(
    hass: HomeAssistant, house: House, theirs: MockConfigEntry, study: SharedTalker
) -> None:
    result = await submit(hass, await start(hass), name="Study", host="localhost", port=study.port)
    assert result["errors"] == {"base": "used_by_wyoming"}
    # Neither an address nor a satellite.
    result = await submit(hass, result)
    assert result["errors"] == dict.fromkeys(("name", "host"), "required_without_take_over")
    result = await submit(hass, result, take_over=CORE, name="", host="")
    assert result["type"] is FlowResultType.MENU
    hass.config_entries.subentries.async_abort(result["flow_id"])


@pytest.mark.parametrize("loaded", [True, False])
async def test_a_speech_engine_of_core_is_no_satellite(
    hass: HomeAssistant, house: House, loaded: bool, models: Path
) -> None:
    server = SttServer()
    await server.start()
    entry = MockConfigEntry(domain="wyoming", data={"host": "127.0.0.1", "port": server.port})
    entry.add_to_hass(hass)
    if loaded:
        assert await hass.config_entries.async_setup(entry.entry_id)
        await hass.async_block_till_done()
    result = await start(hass)
    assert offered(result) == {}
    result = await submit(hass, result, name="Study", host="localhost", port=server.port)
    assert result["errors"] == {"base": "not_a_satellite"}
    hass.config_entries.subentries.async_abort(result["flow_id"])
    if loaded:
        await hass.config_entries.async_unload(entry.entry_id)
    await server.stop()


# --- on the page -----------------------------------------------------------------------------------


async def page(hass: HomeAssistant, user: MockUser) -> Desk:
    """Return an administrator's connection."""
    return Desk(hass, user, await hass.auth.async_create_refresh_token(user, "https://example.com/app"))


def source_of_study(house: House) -> str:
    """Return the source under which the page lists core's satellite."""
    (satellite,) = house.entry.runtime_data.coordinator.unprotected
    assert satellite.wyoming
    return str(satellite.source)


async def test_the_page_takes_a_satellite_over(
    house: House, theirs: MockConfigEntry, hass_admin_user: MockUser
) -> None:
    hass = house.hass
    desk = await page(hass, hass_admin_user)
    await reload(house)
    source = source_of_study(house)
    fields = {"source": source, "save_recordings": True}
    answer = await desk.ask("voice_privacy/satellites/take_over", **fields)
    assert answer["result"] == {"errors": {}}
    await hass.async_block_till_done()
    subentry = our_study(house)
    assert (subentry.title, subentry.data["save_recordings"]) == ("Reading corner", True)
    assert subentry.data["taken_from"]["entry_id"] == CORE
    assert theirs.disabled_by is ConfigEntryDisabler.USER
    # It cannot be taken over twice, and neither can what core does not have.
    for gone in (source, "satellite:none", "api", ""):
        assert (
            await desk.code_of("satellites/take_over", source=gone, save_recordings=True) == "invalid_request"
        )
    assert hass.config_entries.subentries.async_progress() == []


async def test_the_page_says_why_a_satellite_was_not_taken_over(
    house: House,
    theirs: MockConfigEntry,
    study: SharedTalker,
    hass_admin_user: MockUser,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    hass = house.hass
    monkeypatch.setattr(take_over, "_PROBES", 1)
    desk = await page(hass, hass_admin_user)
    await reload(house)
    source = source_of_study(house)
    await study.refuse_connections()
    study.vanish()
    answer = await desk.ask("voice_privacy/satellites/take_over", source=source, save_recordings=False)
    assert answer["result"] == {"errors": {"base": "cannot_connect"}}
    await hass.async_block_till_done()
    assert theirs.disabled_by is None
    assert len(house.entry.subentries) == 1
    assert hass.config_entries.subentries.async_progress() == []


async def test_two_that_take_a_satellite_over_at_once(
    house: House, theirs: MockConfigEntry, hass_admin_user: MockUser
) -> None:
    hass = house.hass
    desk = await page(hass, hass_admin_user)
    await reload(house)
    fields = {"source": source_of_study(house), "save_recordings": False}
    answers = await asyncio.gather(
        *(desk.ask("voice_privacy/satellites/take_over", **fields) for _ in range(2))
    )
    await hass.async_block_till_done()
    assert {"errors": {}} in [answer.get("result") for answer in answers]
    assert our_study(house).title == "Reading corner"
    assert theirs.disabled_by is ConfigEntryDisabler.USER


async def reload(house: House) -> None:
    """Load our entry again, so that core's satellite is known."""
    assert await house.hass.config_entries.async_reload(ENTRY_ID)
    await house.hass.async_block_till_done()
