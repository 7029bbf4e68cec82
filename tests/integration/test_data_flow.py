"""Where sound and text go in the pipelines of a house, and who is told when that is farther than before."""

from dataclasses import replace
from typing import Any

from homeassistant.components.assist_pipeline import async_get_pipelines, async_update_pipeline
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockModule, mock_integration

from custom_components.voice_privacy.const import DOMAIN
from custom_components.voice_privacy.satellites.link import link_of

from .helpers.house import KITCHEN, House
from .helpers.people import ADMIN, KITCHEN_MEMBER, Desk, people_of
from .helpers.pipeline_home import pipeline_home
from .test_repairs import Browser, browser

__all__ = ["browser"]


@pytest.fixture
async def desk(house: House) -> Desk:
    """The administrator's connection."""
    return (await people_of(house))[ADMIN].desk


def engine(hass: HomeAssistant, name: str, iot_class: str | None, **settings: Any) -> str:
    """Add an integration with a text-to-speech engine; return the engine."""
    mock_integration(hass, MockModule(name, partial_manifest={"iot_class": iot_class}))
    entry = MockConfigEntry(domain=name, data=settings)
    entry.add_to_hass(hass)
    return er.async_get(hass).async_get_or_create("tts", name, name, config_entry=entry).entity_id


async def choose(hass: HomeAssistant, engine_id: str) -> str:
    """Choose an engine for replies; return the pipeline's id."""
    pipeline = async_get_pipelines(hass)[0]
    await async_update_pipeline(hass, pipeline, tts_engine=engine_id)
    await hass.async_block_till_done()
    return pipeline.id


async def stages(desk: Desk) -> dict[str, Any]:
    """Return the stages of the first pipeline, as the page is told."""
    answer = await desk.ask(f"{DOMAIN}/data_flow/get")
    found: dict[str, Any] = answer["result"]["pipelines"][0]
    return found


@pytest.mark.parametrize(
    ("iot_class", "settings", "reach"),
    [
        ("cloud_polling", {}, "cloud"),
        ("local_push", {"host": "core.example.com"}, "cloud"),
        ("local_push", {"host": "192.168.1.9", "port": 10200}, "this_network"),
        ("local_polling", {"url": "http://127.0.0.1:11434"}, "this_machine"),
        ("local_push", {"host": "2606:4700:4700::1111"}, "cloud"),
        ("local_push", {"azure_endpoint": "https://voice.example.com"}, "cloud"),
        ("local_push", {"host": "127.0.0.1", "fallback": {"url": "https://voice.example.com"}}, "cloud"),
        ("local_push", {}, "unknown"),
        (None, {}, "unknown"),
    ],
)
async def test_each_stage_has_a_label(
    hass: HomeAssistant, desk: Desk, iot_class: str | None, settings: dict[str, Any], reach: str
) -> None:
    await choose(hass, engine(hass, "speaker", iot_class, **settings))
    assert (await stages(desk))["stages"]["text_to_speech"] == reach
    assert (await stages(desk))["stages"]["conversation"] == "this_machine"


async def test_what_the_options_hide_counts(hass: HomeAssistant, desk: Desk) -> None:
    """Which of two servers an integration prefers is not known."""
    await choose(hass, engine(hass, "speaker", "local_push", host="voice.example.com"))
    (entry,) = hass.config_entries.async_entries("speaker")
    hass.config_entries.async_update_entry(entry, options={"host": "127.0.0.1"})
    assert (await stages(desk))["stages"]["text_to_speech"] == "cloud"


@pytest.mark.parametrize("iot_class", ["cloud_polling", "local_push"])
async def test_agents_without_an_entity(
    hass: HomeAssistant, house: House, desk: Desk, iot_class: str
) -> None:
    """A conversation agent may be named by its config entry, or have an entity that nothing knows."""
    mock_integration(hass, MockModule("talker", partial_manifest={"iot_class": iot_class}))
    entry = MockConfigEntry(domain="talker", data={"url": "https://voice.example.com"})
    entry.add_to_hass(hass)
    pipeline = async_get_pipelines(hass)[0]
    for agent, reach in ((entry.entry_id, "cloud"), ("conversation.unregistered", "unknown")):
        await async_update_pipeline(hass, pipeline, conversation_engine=agent)
        assert (await stages(desk))["stages"]["conversation"] == reach
        await house.keep()
        receipt = await house.act("delete_last")
        assert ("cloud_agent" in receipt["not_reachable"]) is (reach == "cloud")


async def test_a_stage_that_reaches_farther_is_told_until_it_is_accepted(
    hass: HomeAssistant, house: House, desk: Desk, browser: Browser
) -> None:
    near = engine(hass, "near", "local_push", host="127.0.0.1")
    far = engine(hass, "far", "cloud_push")
    pipeline_id = await choose(hass, near)
    await house.hub.data_flow.async_accept(pipeline_id)
    issue = f"data_flow_{pipeline_id}"
    assert house.issue(issue) is None

    await choose(hass, far)
    assert house.issue(issue) == "data_flow"
    assert (await stages(desk))["wider"] == ["text_to_speech"]
    await choose(hass, near)
    assert house.issue(issue) is None

    await choose(hass, far)
    await house.reload()
    assert house.issue(issue) == "data_flow"
    flow = await browser.begin(issue)
    assert (flow["type"], flow["step_id"]) == ("form", "confirm")
    assert (await browser.submit(flow["flow_id"]))["type"] == "create_entry"
    assert house.issue(issue) is None
    await house.reload()
    assert house.issue(issue) is None
    assert (await stages(desk))["stages"]["text_to_speech"] == "cloud"


async def test_another_preferred_pipeline_is_told(hass: HomeAssistant, house: House, desk: Desk) -> None:
    """Satellites without a choice of their own follow it, though no pipeline has changed."""
    near = await choose(hass, engine(hass, "near", "local_push", host="127.0.0.1"))
    await house.hub.data_flow.async_accept(near)
    far = engine(hass, "far", "cloud_push")
    store = hass.data["assist_pipeline"].pipeline_store
    first = async_get_pipelines(hass)[0]
    data = first.to_json() | {"name": "Far", "tts_engine": far}
    del data["id"]
    created = await store.async_create_item(data)
    await hass.async_block_till_done()
    assert house.issue(f"data_flow_{created.id}") is None

    for _ in range(2):
        store.async_set_preferred_item(created.id)
        await house.hub.data_flow.async_look()
        assert house.issue(f"data_flow_{created.id}") == "data_flow"
        await house.reload()
        assert house.issue(f"data_flow_{created.id}") == "data_flow"
        store.async_set_preferred_item(first.id)
        await house.hub.data_flow.async_look()
        assert house.issue(f"data_flow_{created.id}") is None
    store.async_set_preferred_item(created.id)
    await house.hub.data_flow.async_look()
    await house.hub.data_flow.async_accept(created.id)
    assert house.issue(f"data_flow_{created.id}") is None


async def test_a_server_that_moves_away_is_told(hass: HomeAssistant, house: House, desk: Desk) -> None:
    pipeline_id = await choose(hass, engine(hass, "near", "local_push", host="192.168.1.9"))
    await house.hub.data_flow.async_accept(pipeline_id)
    (entry,) = hass.config_entries.async_entries("near")
    hass.config_entries.async_update_entry(entry, data={"host": "voice.example.com"})
    await house.hub.data_flow.async_look()
    assert house.issue(f"data_flow_{pipeline_id}") == "data_flow"


async def test_the_engine_behind_our_proxy_counts(hass: HomeAssistant, house: House, desk: Desk) -> None:
    before = (await stages(desk))["stages"]["speech_to_text"]
    pipeline = async_get_pipelines(hass)[0]
    hass.config_entries.async_update_entry(house.entry, options={"pipelines": [pipeline.id]})
    await house.reload()
    assert (await stages(desk))["stages"]["speech_to_text"] == before
    assert (await stages(desk))["wider"] == []


async def test_only_administrators_are_told(house: House) -> None:
    desk = (await people_of(house))[KITCHEN_MEMBER].desk
    assert await desk.code_of("data_flow/get") == "unauthorized"


# --- from the satellite to here ------------------------------------------------------------------


async def test_a_wyoming_satellite_is_not_encrypted_unless_it_is_this_machine(
    hass: HomeAssistant, house: House, desk: Desk
) -> None:
    assert await links(desk) == {"Kitchen": "this_machine"}
    satellite = house.hub.satellites.wyoming[KITCHEN]
    satellite.config = replace(satellite.config, host="192.168.1.20")
    assert await links(desk) == {"Kitchen": "not_encrypted"}
    satellite.config = replace(satellite.config, host="kitchen.local")
    assert await links(desk) == {"Kitchen": "not_encrypted"}


class Esphome:
    """What ESPHome remembers of a device that is connected."""

    api_version = None

    def __init__(self, features: int) -> None:
        """Have these features of a voice assistant."""
        self.device_info = self
        self.features = features

    def voice_assistant_feature_flags_compat(self, _version: object) -> int:
        """Return the features."""
        return self.features


@pytest.mark.parametrize(
    ("domain", "data", "features", "link"),
    [
        ("esphome", {"host": "10.0.0.5", "noise_psk": "a2V5"}, None, "encrypted"),
        ("esphome", {"host": "10.0.0.5", "noise_psk": "a2V5"}, 0b0111, "encrypted"),
        # Its sound comes by UDP.
        ("esphome", {"host": "10.0.0.5", "noise_psk": "a2V5"}, 0b0011, "not_encrypted"),
        ("esphome", {"host": "10.0.0.5", "noise_psk": ""}, None, "not_encrypted"),
        ("esphome", {"host": "10.0.0.5"}, 0b0111, "not_encrypted"),
        ("wyoming", {"host": "192.168.1.9", "port": 10700}, None, "not_encrypted"),
        ("wyoming", {"host": "127.0.0.1", "port": 10700}, None, "this_machine"),
        ("voip", {}, None, "not_encrypted"),
        ("other", {"host": "192.168.1.9", "noise_psk": "a2V5"}, None, "unknown"),
    ],
)
async def test_of_other_integrations_only_what_is_known_is_told(
    recorder_mock: Any,
    hass: HomeAssistant,
    enable_custom_integrations: None,
    domain: str,
    data: dict[str, Any],
    features: int | None,
    link: str,
) -> None:
    async with pipeline_home(hass) as home:
        await home.set_up()
        entry = MockConfigEntry(domain=domain, data=data)
        entry.add_to_hass(hass)
        if features is not None:
            entry.runtime_data = Esphome(features)
        er.async_get(hass).async_update_entity(home.kitchen.entity_id, config_entry_id=entry.entry_id)
        assert link_of(hass, home.hub.satellites["kitchen"]) == link
        # Apps and browsers are unknown, and so is what is gone.
        assert link_of(hass, home.hub.satellites["paula"]) == "unknown"
        er.async_get(hass).async_remove(home.kitchen.entity_id)
        assert link_of(hass, home.hub.satellites["kitchen"]) == "unknown"


async def test_the_page_is_told_of_each_link_and_members_of_theirs(house: House) -> None:
    people = await people_of(house)
    desks = [people[who].desk for who in (ADMIN, KITCHEN_MEMBER)]
    assert [await link_on_page(desk) for desk in desks] == ["this_machine"] * 2


async def link_on_page(desk: Desk) -> str:
    """Return the link of the only satellite, as an open page is told."""
    desk.send(f"{DOMAIN}/subscribe")
    await desk.until_told(lambda: bool(desk.events("state")))
    (kitchen,) = desk.events("state")[0]["satellites"]
    return str(kitchen["link"])


async def links(desk: Desk) -> dict[str, str]:
    """Return the link of each satellite, as the page is told."""
    answer = await desk.ask(f"{DOMAIN}/data_flow/get")
    return {satellite["name"]: satellite["link"] for satellite in answer["result"]["satellites"]}
