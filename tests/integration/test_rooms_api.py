"""What the page's rooms are told: unprotected satellites, pipelines that were not chosen, wakes by day."""

from collections.abc import AsyncGenerator
from datetime import timedelta
from typing import Any

from homeassistant.auth.const import GROUP_ID_USER
from homeassistant.components.assist_pipeline import async_get_pipeline, async_update_pipeline
from homeassistant.components.recorder.models import StatisticMeanType
from homeassistant.components.recorder.statistics import async_import_statistics
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.components.recorder.common import async_wait_recording_done
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from custom_components.voice_privacy.const import CONF_PIPELINES, CONF_SOURCE
from custom_components.voice_privacy.core.load_meter import LoadMeter

from .helpers.house import KITCHEN, House
from .helpers.pipeline_home import PipelineHome, pipeline_home


@pytest.fixture
async def home(
    recorder_mock: Any, hass: HomeAssistant, enable_custom_integrations: None
) -> AsyncGenerator[PipelineHome]:
    """A home with no pipeline chosen, and a bedroom that has not been added."""
    async with pipeline_home(hass) as home:
        hass.config_entries.async_remove_subentry(home.entry, "bedroom")
        hass.config_entries.async_update_entry(home.entry, options={})
        await home.set_up()
        yield home


class Tab:
    """One signed-in browser tab."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self._number = 0

    async def _send(self, name: str, fields: dict[str, Any]) -> None:
        self._number += 1
        await self._client.send_json({"id": self._number, "type": f"voice_privacy/{name}", **fields})

    async def ask(self, name: str, **fields: Any) -> dict[str, Any]:
        """Return the whole answer to a command."""
        await self._send(name, fields)
        while (message := await self._client.receive_json())["id"] != self._number or message[
            "type"
        ] != "result":
            pass
        return dict(message)

    async def state(self) -> dict[str, Any]:
        """Return the state that a new subscription is told."""
        await self._send("subscribe", {})
        while True:
            message = await self._client.receive_json()
            if message["type"] == "event" and message["event"]["type"] == "state":
                return dict(message["event"])


@pytest.fixture
async def owner(hass: HomeAssistant, hass_ws_client: WebSocketGenerator, home: PipelineHome) -> Tab:
    """The owner's tab."""
    return Tab(await hass_ws_client(hass))


async def member(hass: HomeAssistant, hass_ws_client: WebSocketGenerator) -> Tab:
    """Return a tab of somebody who lives here and is no administrator."""
    user = await hass.auth.async_create_user("Child", group_ids=[GROUP_ID_USER])
    token = await hass.auth.async_create_refresh_token(user, "https://example.com/app")
    return Tab(await hass_ws_client(hass, hass.auth.async_create_access_token(token)))


def source_of(home: PipelineHome, name: str) -> str:
    """Return the source of a satellite of another integration."""
    return f"satellite:{home.satellites[name].registry_id}"


async def test_the_state_names_what_is_not_protected(home: PipelineHome, owner: Tab) -> None:
    state = await owner.state()
    assert state["unprotected"] == [
        {"source": source_of(home, "bedroom"), "name": "Bedroom", "wyoming": False}
    ]
    pipeline = async_get_pipeline(home.hass).name
    by_name = {satellite["name"]: satellite["pipeline"] for satellite in state["satellites"]}
    assert by_name == {"Kitchen": pipeline, "Study": pipeline, "Paula": None}


async def test_a_satellite_is_added_with_its_pipeline_in_a_single_step(
    home: PipelineHome, owner: Tab
) -> None:
    hass = home.hass
    answer = await owner.ask("satellites/add", source=source_of(home, "bedroom"), save_recordings=False)
    assert answer["result"] == {"pipeline": async_get_pipeline(hass).name}
    await hass.async_block_till_done()
    (added,) = [
        subentry
        for subentry in home.entry.subentries.values()
        if subentry.data.get(CONF_SOURCE) == source_of(home, "bedroom")
    ]
    assert (added.title, added.data["save_recordings"]) == ("Bedroom", False)
    assert home.entry.options[CONF_PIPELINES] == [async_get_pipeline(hass).id]
    state = await owner.state()
    assert state["unprotected"] == []
    assert {satellite["pipeline"] for satellite in state["satellites"]} == {None}
    bedroom = next(one for one in state["satellites"] if one["name"] == "Bedroom")
    assert bedroom["toggles"]["save_recordings"]["on"] is False
    # What is there already is not added again, and neither is what does not exist.
    for source in (source_of(home, "bedroom"), source_of(home, "kitchen"), "satellite:none", "api", ""):
        answer = await owner.ask("satellites/add", source=source, save_recordings=True)
        assert answer["error"]["code"] == "invalid_request"


async def test_a_pipeline_without_speech_to_text_is_told(home: PipelineHome, owner: Tab) -> None:
    await async_update_pipeline(home.hass, async_get_pipeline(home.hass), stt_engine=None, stt_language=None)
    answer = await owner.ask("satellites/add", source=source_of(home, "bedroom"), save_recordings=True)
    assert answer["result"] == {"pipeline": None}
    await home.hass.async_block_till_done()
    assert home.entry.options.get(CONF_PIPELINES, []) == []
    bedroom = next(one for one in (await owner.state())["satellites"] if one["name"] == "Bedroom")
    assert bedroom["toggles"]["save_recordings"]["on"] is True


async def test_the_pipeline_of_a_satellite_is_chosen(home: PipelineHome, owner: Tab) -> None:
    answer = await owner.ask("satellites/choose_pipeline", satellite_id="kitchen")
    assert answer["result"] == {"pipeline": async_get_pipeline(home.hass).name}
    await home.hass.async_block_till_done()
    state = await owner.state()
    assert {satellite["pipeline"] for satellite in state["satellites"]} == {None}
    # It goes through the proxy at once.
    assert home.engine != home.engine_id
    # Paula's apps have no pipeline of their own.
    answer = await owner.ask("satellites/choose_pipeline", satellite_id="paula")
    assert answer["error"]["code"] == "invalid_request"


async def test_only_the_owner_adds_satellites(
    hass: HomeAssistant, home: PipelineHome, hass_ws_client: WebSocketGenerator
) -> None:
    child = await member(hass, hass_ws_client)
    answer = await child.ask("satellites/add", source=source_of(home, "bedroom"), save_recordings=True)
    assert answer["error"]["code"] == "unauthorized"
    assert {subentry.title for subentry in home.entry.subentries.values()} == {"Kitchen", "Study", "Paula"}
    answer = await child.ask("satellites/choose_pipeline", satellite_id="kitchen")
    assert answer["error"]["code"] == "unauthorized"
    assert home.entry.options == {}


async def test_wakes_are_told_by_day(
    hass: HomeAssistant, house: House, hass_ws_client: WebSocketGenerator
) -> None:
    """Statistics tell of earlier days, the counter of today; a day without statistics is unknown."""
    midnight = dt_util.start_of_local_day()
    begin = midnight - timedelta(days=3)
    counts = ((begin, 4), (begin + timedelta(hours=5), 10), (begin + timedelta(days=2, hours=23), 12))
    async_import_statistics(
        hass,
        {
            "has_sum": True,
            "mean_type": StatisticMeanType.NONE,
            "name": None,
            "source": "recorder",
            "statistic_id": house.entity_id("sensor", "wake_words_today"),
            "unit_class": None,
            "unit_of_measurement": None,
        },
        [{"start": start, "state": total, "sum": total} for start, total in counts],
    )
    await async_wait_recording_done(hass)
    house.hub.wakes.wakes.add(KITCHEN)

    owner = Tab(await hass_ws_client(hass))
    figures = (await owner.ask("microphones/figures"))["result"]
    assert figures["days"][-1] == midnight.date().isoformat()
    assert len(figures["days"]) == 14
    kitchen = figures["satellites"][KITCHEN]
    assert kitchen["wakes"] == [None] * 10 + [10, None, 2, 1]
    assert kitchen["false_wakes"] == [None] * 13 + [0]
    assert kitchen["lost"] is None or kitchen["lost"][0] <= kitchen["lost"][1]
    assert 0 <= figures["load"] <= 1

    child = await member(hass, hass_ws_client)
    figures = (await child.ask("microphones/figures"))["result"]
    assert figures["satellites"][KITCHEN]["wakes"] == kitchen["wakes"]
    assert (figures["load"], figures["satellites"][KITCHEN]["lost"]) == (None, None)


def test_the_load_is_that_of_the_last_minute() -> None:
    now = 100.0
    meter = LoadMeter(lambda: now)
    assert meter.share == 0
    for _ in range(30):
        meter.add(0.5)
        now += 1
    assert meter.share == pytest.approx(0.5)
    for _ in range(30):
        now += 1
    assert meter.share == pytest.approx(0.25)
    now += 61
    assert meter.share == 0
    meter.add(500)
    assert meter.share == 1
