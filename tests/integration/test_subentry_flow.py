"""Adding and changing satellites."""

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path
import socket
from typing import Any

from homeassistant.config_entries import ConfigEntryState, ConfigSubentry
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType, InvalidData
from homeassistant.helpers import area_registry as ar, device_registry as dr
from homeassistant.helpers.selector import AreaSelector, EntitySelector, SelectSelector
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
import voluptuous as vol

from custom_components.voice_privacy.const import DOMAIN

from .helpers.house import ENTRY_ID, KITCHEN, House
from .helpers.talker import Talker, talker


def answers(port: int, **changes: Any) -> dict[str, Any]:
    """Return what one fills in."""
    return {
        "name": "Study",
        "host": "127.0.0.1",
        "port": port,
        "wake_words": ["alexa"],
        "threshold": 0.5,
    } | changes


async def fill_in(hass: HomeAssistant, user_input: dict[str, Any], kind: str = "satellite") -> dict[str, Any]:
    """Fill in the form for a new satellite, and submit it."""
    result = await hass.config_entries.subentries.async_init((ENTRY_ID, kind), context={"source": "user"})
    assert (result["type"], result["step_id"]) == (FlowResultType.FORM, "user")
    outcome = await hass.config_entries.subentries.async_configure(result["flow_id"], user_input)
    return dict(outcome)


async def press(hass: HomeAssistant, result: dict[str, Any], button: str) -> dict[str, Any]:
    """Answer whether recordings are kept."""
    assert (result["type"], result["step_id"]) == (FlowResultType.MENU, "save_recordings")
    outcome = await hass.config_entries.subentries.async_configure(
        result["flow_id"], {"next_step_id": button}
    )
    return dict(outcome)


@pytest.fixture
async def study(socket_enabled: None) -> AsyncGenerator[Talker]:
    """A satellite that nobody has added yet."""
    async with talker("study") as satellite:
        yield satellite


async def test_a_new_satellite_comes_to_life(hass: HomeAssistant, house: House, study: Talker) -> None:
    area = ar.async_get(hass).async_create("Library")
    (subentry,) = house.entry.subentries.values()
    old_hub = house.hub

    result = await fill_in(hass, answers(study.port, area=area.id, host=" 127.0.0.1 "))
    result = await press(hass, result, "keep_nothing")
    assert (result["type"], result["title"]) == (FlowResultType.CREATE_ENTRY, "Study")
    await hass.async_block_till_done()
    assert house.hub is not old_hub
    added = next(candidate for candidate in house.entry.subentries.values() if candidate is not subentry)
    assert dict(added.data) == {
        "name": "Study",
        "area": area.id,
        "host": "127.0.0.1",
        "port": study.port,
        "wake_words": ["alexa"],
        "threshold": 0.5,
        "child_safe": False,
        "wake_engine": None,
        "save_recordings": False,
    }
    device = dr.async_get(hass).async_get_device_by_identifier((DOMAIN, added.subentry_id), ENTRY_ID)
    assert device is not None
    assert (device.name, device.area_id) == ("Study", area.id)
    assert house.state("switch", "save_recordings", added.subentry_id) == "off"
    assert house.state("switch", "microphone", added.subentry_id) in ("on", "unknown")
    await house.until_state("sensor", "microphone_state", "listening", added.subentry_id)
    assert house.state("switch", "save_recordings") == "on"


async def test_removing_a_satellite_takes_its_device_and_toggles(
    hass: HomeAssistant, house: House, bedroom: Talker, hass_storage: dict[str, Any]
) -> None:
    assert hass.config_entries.async_remove_subentry(house.entry, "bedroom")
    await hass.async_block_till_done()
    assert house.entry.state is ConfigEntryState.LOADED
    assert list(house.hub.satellites) == [KITCHEN]
    assert list(hass_storage["voice_privacy.settings"]["data"]["satellites"]) == [KITCHEN]
    assert dr.async_get(hass).async_get_device_by_identifier((DOMAIN, "bedroom"), ENTRY_ID) is None
    await house.until_listening()


async def test_nobody_answers(hass: HomeAssistant, house: House) -> None:
    closed = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
    port = closed.sockets[0].getsockname()[1]
    closed.close()
    await closed.wait_closed()
    result = await fill_in(hass, answers(port))
    assert (result["type"], result["errors"]) == (FlowResultType.FORM, {"base": "cannot_connect"})
    # The same form accepts another port, and what was filled in is still there.
    assert result["data_schema"] is not None
    async with Somebody(b'{"type": "info", "data": {"asr": []}}\n') as other:
        outcome = await hass.config_entries.subentries.async_configure(result["flow_id"], answers(other))
    assert outcome["errors"] == {"base": "not_a_satellite"}
    hass.config_entries.subentries.async_abort(result["flow_id"])


class Somebody:
    """A server that says the same to everybody."""

    def __init__(self, answer: bytes) -> None:
        self._answer = answer

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        writer.write(self._answer)
        writer.close()

    async def __aenter__(self) -> int:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    async def __aexit__(self, *_: object) -> None:
        self._server.close()


@pytest.mark.parametrize("spelling", ["127.0.0.1", "localhost"])
async def test_a_satellite_is_added_once(hass: HomeAssistant, house: House, spelling: str) -> None:
    result = await fill_in(hass, answers(house.kitchen.port, host=spelling))
    assert (result["type"], result["errors"]) == (FlowResultType.FORM, {"base": "already_configured"})
    hass.config_entries.subentries.async_abort(result["flow_id"])


@pytest.mark.parametrize("spelling", ["127.0.0.1", "localhost"])
async def test_a_satellite_of_the_wyoming_integration_is_left_to_it(
    hass: HomeAssistant, house: House, socket_enabled: None, spelling: str
) -> None:
    MockConfigEntry(domain="wyoming", data={"host": "localhost", "port": 4_711}).add_to_hass(hass)
    MockConfigEntry(domain="wyoming", data={}, source="ignore").add_to_hass(hass)
    result = await fill_in(hass, answers(4_711, host=spelling))
    assert (result["type"], result["errors"]) == (FlowResultType.FORM, {"base": "used_by_wyoming"})
    hass.config_entries.subentries.async_abort(result["flow_id"])


def added(house: House, title: str) -> ConfigSubentry:
    """Return a satellite by its name."""
    (subentry,) = [candidate for candidate in house.entry.subentries.values() if candidate.title == title]
    return subentry


async def new_satellite(house: House, kind: str, port: int) -> dict[str, Any]:
    """Fill in the form of either kind."""
    foreign = {"source": "api", "name": "Study", "child_safe": False}
    return await fill_in(house.hass, answers(port) if kind == "satellite" else foreign, kind)


@pytest.mark.parametrize("kind", ["satellite", "assist_satellite"])
@pytest.mark.parametrize(("button", "kept"), [("keep_nothing", False), ("keep_recordings", True)])
async def test_whether_recordings_are_kept_is_a_question_of_its_own(
    house: House, study: Talker, kind: str, button: str, kept: bool
) -> None:
    result = await new_satellite(house, kind, study.port)
    # No form asks, since Home Assistant's frontend answers a form's required select by itself.
    assert (result["type"], result["menu_options"]) == (
        FlowResultType.MENU,
        ["keep_nothing", "keep_recordings"],
    )
    assert result["description_placeholders"] == {"name": "Study"}
    assert "Study" not in {subentry.title for subentry in house.entry.subentries.values()}
    # What is sent without a button, or with another step's name, answers nothing.
    for nonsense in ({"next_step_id": "user"}, {"next_step_id": "finish"}, {"save_recordings": "yes"}):
        with pytest.raises(InvalidData):
            await house.hass.config_entries.subentries.async_configure(result["flow_id"], nonsense)
    shown = await house.hass.config_entries.subentries.async_configure(result["flow_id"])
    assert (shown["type"], shown["step_id"]) == (FlowResultType.MENU, "save_recordings")

    outcome = await press(house.hass, result, button)
    assert outcome["type"] is FlowResultType.CREATE_ENTRY
    await house.hass.async_block_till_done()
    study_id = added(house, "Study").subentry_id
    assert added(house, "Study").data["save_recordings"] is kept
    for switch in ("save_recordings", "save_transcripts"):
        assert house.state("switch", switch, study_id) == ("on" if kept else "off")


@pytest.mark.parametrize("kind", ["satellite", "assist_satellite"])
async def test_a_question_that_is_left_open_adds_nothing(house: House, study: Talker, kind: str) -> None:
    result = await new_satellite(house, kind, study.port)
    house.hass.config_entries.subentries.async_abort(result["flow_id"])
    await house.hass.async_block_till_done()
    assert [subentry.title for subentry in house.entry.subentries.values()] == ["Kitchen"]


@pytest.mark.parametrize("kind", ["satellite", "assist_satellite"])
async def test_the_same_satellite_added_while_the_question_is_open(
    house: House, study: Talker, kind: str
) -> None:
    late = await new_satellite(house, kind, study.port)
    await press(house.hass, await new_satellite(house, kind, study.port), "keep_nothing")
    await house.hass.async_block_till_done()
    outcome = await press(house.hass, late, "keep_recordings")
    assert (outcome["type"], outcome["reason"]) == (FlowResultType.ABORT, "already_configured")
    assert added(house, "Study").data["save_recordings"] is False


async def test_wyoming_takes_the_satellite_while_the_question_is_open(house: House, study: Talker) -> None:
    late = await new_satellite(house, "satellite", study.port)
    MockConfigEntry(domain="wyoming", data={"host": "localhost", "port": study.port}).add_to_hass(house.hass)
    outcome = await press(house.hass, late, "keep_recordings")
    assert (outcome["type"], outcome["reason"]) == (FlowResultType.ABORT, "used_by_wyoming")


@pytest.mark.parametrize(
    "typed",
    [
        "tcp://127.0.0.1:{}",
        " TCP://localhost:{}/ ",
        "127.0.0.1:{}",
        "localhost : {}",
    ],
)
async def test_a_port_typed_with_the_host_is_understood(house: House, study: Talker, typed: str) -> None:
    result = await fill_in(house.hass, answers(10_700, host=typed.format(study.port)))
    await press(house.hass, result, "keep_nothing")
    await house.hass.async_block_till_done()
    data = added(house, "Study").data
    assert data["host"] in ("127.0.0.1", "localhost")
    assert data["port"] == study.port


async def test_a_satellite_is_added_once_however_its_address_is_typed(
    hass: HomeAssistant, house: House
) -> None:
    result = await fill_in(hass, answers(10_700, host=f"tcp://localhost:{house.kitchen.port}"))
    assert (result["type"], result["errors"]) == (FlowResultType.FORM, {"base": "already_configured"})
    # The form shows host and port in their own fields now.
    suggested = {
        str(key): (key.description or {}).get("suggested_value") for key in result["data_schema"].schema
    }
    assert (suggested["host"], suggested["port"]) == ("localhost", house.kitchen.port)
    hass.config_entries.subentries.async_abort(result["flow_id"])


@pytest.mark.parametrize(
    "typed", ["http://127.0.0.1", "127.0.0.1:wyoming", "the kitchen", "me@127.0.0.1", "   "]
)
async def test_a_host_that_is_not_clear_is_refused_with_a_hint(
    house: House, study: Talker, typed: str
) -> None:
    hass = house.hass
    result = await fill_in(hass, answers(study.port, host=typed))
    assert (result["type"], result["errors"]) == (FlowResultType.FORM, {"host": "host_invalid"})
    outcome = await hass.config_entries.subentries.async_configure(result["flow_id"], answers(study.port))
    assert outcome["type"] is FlowResultType.MENU
    hass.config_entries.subentries.async_abort(result["flow_id"])

    result = dict(await house.entry.start_subentry_reconfigure_flow(hass, KITCHEN))
    changed = answers(house.kitchen.port, host=typed)
    del changed["name"]
    outcome = await hass.config_entries.subentries.async_configure(result["flow_id"], changed)
    assert outcome["errors"] == {"host": "host_invalid"}
    changed["host"] = f"tcp://127.0.0.1:{house.kitchen.port}"
    outcome = await hass.config_entries.subentries.async_configure(result["flow_id"], changed | {"port": 1})
    assert outcome["reason"] == "reconfigure_successful"
    await hass.async_block_till_done()
    (subentry,) = house.entry.subentries.values()
    assert (subentry.data["host"], subentry.data["port"]) == ("127.0.0.1", house.kitchen.port)


async def test_a_name_that_cannot_be_resolved(
    hass: HomeAssistant, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    result = await fill_in(hass, answers(house.kitchen.port, host="nowhere.invalid"))
    assert (result["type"], result["errors"]) == (FlowResultType.FORM, {"base": "cannot_connect"})
    hass.config_entries.subentries.async_abort(result["flow_id"])


async def test_reconfigure_a_connected_satellite(hass: HomeAssistant, house: House) -> None:
    """Its only connection is ours, so that it is not tried again."""
    result = await house.entry.start_subentry_reconfigure_flow(hass, KITCHEN)
    assert (result["type"], result["step_id"]) == (FlowResultType.FORM, "reconfigure")
    changed = answers(house.kitchen.port, threshold=0.7)
    del changed["name"]
    outcome = await hass.config_entries.subentries.async_configure(result["flow_id"], changed)
    assert (outcome["type"], outcome["reason"]) == (FlowResultType.ABORT, "reconfigure_successful")
    await hass.async_block_till_done()
    (subentry,) = house.entry.subentries.values()
    assert (subentry.data["threshold"], subentry.data["name"]) == (0.7, "Kitchen")
    assert subentry.data["save_recordings"] is True
    assert house.state("switch", "save_recordings") == "on"
    await house.until_listening()
    ((_, content),) = await house.read_all(await house.keep())
    assert content.threshold == 0.7


async def test_reconfigure_to_another_address_is_tried_first(
    hass: HomeAssistant, house: House, bedroom: Talker
) -> None:
    result = await house.entry.start_subentry_reconfigure_flow(hass, KITCHEN)
    changed = answers(house.bedroom.port)
    del changed["name"]
    outcome = await hass.config_entries.subentries.async_configure(result["flow_id"], changed)
    assert outcome["errors"] == {"base": "already_configured"}
    outcome = await hass.config_entries.subentries.async_configure(result["flow_id"], changed | {"port": 1})
    assert outcome["errors"] == {"base": "cannot_connect"}
    hass.config_entries.subentries.async_abort(result["flow_id"])


async def test_only_wake_words_with_a_model_are_offered(
    hass: HomeAssistant, house: House, models: Path
) -> None:
    with pytest.raises(InvalidData):
        await fill_in(hass, answers(1, wake_words=["hey_mycroft"]))
    (flow,) = hass.config_entries.subentries.async_progress()
    hass.config_entries.subentries.async_abort(flow["flow_id"])


async def test_a_satellite_of_another_integration_can_become_a_childs(house: House) -> None:
    hass = house.hass
    form = {"source": "api", "name": "Toys", "child_safe": False}
    result = await press(hass, await fill_in(hass, form, "assist_satellite"), "keep_nothing")
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done()
    toys = added(house, "Toys")
    assert not house.hub.satellites[toys.subentry_id].config.child_safe
    flow = await hass.config_entries.subentries.async_init(
        (ENTRY_ID, "assist_satellite"),
        context={"source": "reconfigure", "subentry_id": toys.subentry_id},
    )
    outcome = await hass.config_entries.subentries.async_configure(flow["flow_id"], {"child_safe": True})
    assert outcome["reason"] == "reconfigure_successful"
    await hass.async_block_till_done()
    assert house.hub.satellites[toys.subentry_id].config.child_safe
    assert added(house, "Toys").data["save_recordings"] is False
    assert house.state("switch", "save_recordings", toys.subentry_id) == "off"


@pytest.mark.parametrize(
    ("form", "errors"),
    [
        ({}, {"source": "source_missing"}),
        ({"name": "Toys", "child_safe": True}, {"source": "source_missing"}),
        ({"name": "\u200b"}, {"source": "source_missing", "name": "name_invalid"}),
    ],
)
async def test_nobody_is_chosen_by_leaving_a_field_alone(
    house: House, form: dict[str, Any], errors: dict[str, str]
) -> None:
    hass = house.hass
    result = await fill_in(hass, form, "assist_satellite")
    assert (result["type"], result["errors"]) == (FlowResultType.FORM, errors)
    # What was filled in is still there, and nobody is filled in.
    suggested = {
        str(key): (key.description or {}).get("suggested_value") for key in result["data_schema"].schema
    }
    assert suggested == {
        "source": None,
        "name": form.get("name"),
        "child_safe": form.get("child_safe", False),
    }
    outcome = await hass.config_entries.subentries.async_configure(result["flow_id"], {"source": "api"})
    assert outcome["type"] is FlowResultType.MENU
    hass.config_entries.subentries.async_abort(result["flow_id"])


async def test_no_form_makes_a_choice_for_somebody(house: House) -> None:
    hass = house.hass
    subentries, options = hass.config_entries.subentries, hass.config_entries.options
    forms: dict[str, Any] = {
        kind: await subentries.async_init((ENTRY_ID, kind), context={"source": "user"})
        for kind in ("satellite", "assist_satellite")
    }
    forms["options"] = await options.async_init(ENTRY_ID)
    forms["reconfigure"] = await house.entry.start_reconfigure_flow(hass)
    for name, form in forms.items():
        for key, selector in form["data_schema"].schema.items():
            # Home Assistant's frontend fills in the first option of a required choice without a default.
            chooses = isinstance(selector, SelectSelector | EntitySelector | AreaSelector)
            fills_in = isinstance(key, vol.Required) and isinstance(key.default, vol.Undefined)
            assert not (chooses and fills_in), (name, key)
    options.async_abort(forms["options"]["flow_id"])
    hass.config_entries.flow.async_abort(forms["reconfigure"]["flow_id"])
    for kind in ("satellite", "assist_satellite"):
        subentries.async_abort(forms[kind]["flow_id"])


async def test_when_everything_was_added_there_is_nothing_to_add(quiet_house: House) -> None:
    hass = quiet_house.hass
    assert await hass.config_entries.async_setup(ENTRY_ID)
    form = {"source": "api", "child_safe": False}
    result = await press(hass, await fill_in(hass, form, "assist_satellite"), "keep_nothing")
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done()
    handler = (ENTRY_ID, "assist_satellite")
    again = await hass.config_entries.subentries.async_init(handler, context={"source": "user"})
    assert (again["type"], again["reason"]) == (FlowResultType.ABORT, "no_satellites")
