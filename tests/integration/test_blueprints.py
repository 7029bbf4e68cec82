"""Blueprints of the repository: imported as a user does, and run to their effect."""

from collections.abc import AsyncGenerator
from datetime import datetime, timedelta
import json
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch
from urllib.parse import quote

from homeassistant.components import persistent_notification
from homeassistant.components.blueprint.importer import GITHUB_FILE_PATTERN
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
from homeassistant.util.yaml import parse_yaml
import pytest
from pytest_homeassistant_custom_component.common import async_fire_time_changed, async_mock_service
from pytest_homeassistant_custom_component.test_util.aiohttp import AiohttpClientMocker

from custom_components.voice_privacy.core.models import AuditAction, Requester, RequesterKind

from .helpers.house import BEDROOM, ENTRY_ID, KITCHEN, House
from .helpers.recordings import record
from .helpers.talker import Talker

FOLDER: Final = Path(__file__).parents[2] / "blueprints" / "automation" / "voice_privacy"
NAMES: Final = sorted(path.name for path in FOLDER.glob("*.yaml"))
REPOSITORY: Final = "voice-privacy/voice-privacy"
PLACE: Final = "main/blueprints/automation/voice_privacy"


@pytest.fixture
async def repository(hass: HomeAssistant, aioclient_mock: AiohttpClientMocker) -> AsyncGenerator[None]:
    """The repository on the internet; what is made of it ends with the test."""
    for name in NAMES:
        aioclient_mock.get(  # type: ignore[no-untyped-call]
            f"https://raw.githubusercontent.com/{REPOSITORY}/{PLACE}/{name}",
            text=(FOLDER / name).read_text("utf-8"),
        )
    yield
    if hass.states.get("automation.house") is not None:
        await hass.services.async_call(
            "automation", "turn_off", {"entity_id": "automation.house"}, blocking=True
        )


async def imported(hass: HomeAssistant, hass_ws_client: Any, name: str) -> str:
    """Import a blueprint from its address and save it, as the editor does; return its path."""
    assert await async_setup_component(hass, "automation", {})
    client = await hass_ws_client(hass)
    url = f"https://github.com/{REPOSITORY}/blob/{PLACE}/{name}"
    await client.send_json_auto_id({"type": "blueprint/import", "url": url})
    answer = await client.receive_json()
    assert answer["success"], answer
    result = answer["result"]
    assert result["validation_errors"] is None
    assert result["blueprint"]["metadata"]["source_url"] == url
    path = f"{result['suggested_filename']}.yaml"
    await client.send_json_auto_id(
        {
            "type": "blueprint/save",
            "domain": "automation",
            "path": path,
            "yaml": result["raw_data"],
            "source_url": url,
        }
    )
    assert (await client.receive_json())["success"]
    return path


async def use(hass: HomeAssistant, hass_ws_client: Any, name: str, **inputs: Any) -> None:
    """Make an automation of a blueprint and run it."""
    path = await imported(hass, hass_ws_client, name)
    config = {"id": "house", "alias": "House", "use_blueprint": {"path": path, "input": inputs}}
    await hass.async_add_executor_job(_write, hass.config.path("automations.yaml"), config)
    await hass.services.async_call("automation", "reload", blocking=True)
    state = hass.states.get("automation.house")
    assert state is not None
    assert state.state == "on"


def _write(path: str, config: dict[str, Any]) -> None:
    """Write the only automation."""
    Path(path).write_text(json.dumps([config]))
    Path(path).with_name("configuration.yaml").write_text("automation: !include automations.yaml\n")


def microphones(house: House, *owners: str) -> list[str]:
    """Return the microphone switches of satellites."""
    return [house.entity_id("switch", "microphone", owner) for owner in owners]


def today_at(hour: int) -> datetime:
    """Return a local time of today."""
    return dt_util.now().replace(hour=hour, minute=0, second=0, microsecond=0)


def come(hass: HomeAssistant, when: datetime) -> None:
    """Let a time come for automations; for satellites, which would be found deaf, it goes on as before."""
    async_fire_time_changed(hass, when)


def runs(hass: HomeAssistant) -> int:
    """Return how many runs of the automation are under way."""
    state = hass.states.get("automation.house")
    assert state is not None
    return int(state.attributes["current"])


@pytest.mark.parametrize("name", NAMES)
async def test_every_blueprint_can_be_imported(
    hass: HomeAssistant, house: House, repository: None, hass_ws_client: Any, name: str
) -> None:
    assert await imported(hass, hass_ws_client, name)


async def test_mute_at_night(
    hass: HomeAssistant,
    house: House,
    bedroom: Talker,
    repository: None,
    hass_ws_client: Any,
) -> None:
    await house.switch("microphone", on=False, owner=BEDROOM)
    muted = len(house.states_of("switch", "microphone", BEDROOM))
    await use(hass, hass_ws_client, "mute_at_night.yaml", microphones=microphones(house, KITCHEN, BEDROOM))
    tomorrow = timedelta(days=1)
    come(hass, today_at(22) + tomorrow)
    await house.until_state("switch", "microphone", "off")
    client = await hass_ws_client(hass)
    step = None
    while step != "action/1":
        await client.send_json_auto_id({"type": "trace/list", "domain": "automation", "item_id": "house"})
        step = (await client.receive_json())["result"][-1]["last_step"]
    come(hass, today_at(7) + tomorrow)
    await house.until_state("switch", "microphone", "on")
    # Somebody had muted it before.
    assert house.states_of("switch", "microphone", BEDROOM)[-1] == "off"
    assert "on" not in house.states_of("switch", "microphone", BEDROOM)[muted:]


async def test_mute_while_the_television_plays(
    hass: HomeAssistant, house: House, repository: None, hass_ws_client: Any
) -> None:
    for player in ("tv", "radio"):
        hass.states.async_set(f"media_player.{player}", "idle")
    await use(
        hass,
        hass_ws_client,
        "mute_while_playing.yaml",
        players=["media_player.tv", "media_player.radio"],
        microphones=microphones(house, KITCHEN),
        pause=0,
    )
    hass.states.async_set("media_player.tv", "playing")
    await house.until_state("switch", "microphone", "off")
    hass.states.async_set("media_player.radio", "playing")
    hass.states.async_set("media_player.tv", "paused")
    # Another player still plays; the radio ends it.
    await house.until_found(lambda: runs(hass) == 1)
    assert house.state("switch", "microphone") == "off"
    hass.states.async_set("media_player.radio", "off")
    await house.until_state("switch", "microphone", "on")


@pytest.mark.parametrize(
    ("word", "message", "counts"),
    [("", "Dentist", True), ("guests", "Guests: Bob", True), ("guests", "Dentist", False)],
)
async def test_guest_mode_by_calendar(
    hass: HomeAssistant,
    house: House,
    repository: None,
    hass_ws_client: Any,
    word: str,
    message: str,
    counts: bool,
) -> None:
    hass.states.async_set("calendar.family", "off")
    guest_mode = house.entity_id("switch", "guest_mode", ENTRY_ID)
    await use(
        hass,
        hass_ws_client,
        "guest_mode_by_calendar.yaml",
        calendar="calendar.family",
        guest_mode=guest_mode,
        word=word,
    )
    hass.states.async_set("calendar.family", "on", {"message": message})
    if counts:
        await house.until_state("switch", "guest_mode", "on", ENTRY_ID)
    hass.states.async_set("calendar.family", "off")
    await house.until_found(lambda: runs(hass) == 0)
    await house.until_state("switch", "guest_mode", "off", ENTRY_ID)
    assert ("on" in house.states_of("switch", "guest_mode", ENTRY_ID)) is counts


async def test_forget_the_day_at_midnight(
    hass: HomeAssistant,
    house: House,
    bedroom: Talker,
    repository: None,
    hass_ws_client: Any,
) -> None:
    await use(hass, hass_ws_client, "forget_the_day.yaml")
    await record(house)
    await record(house, owner=BEDROOM)
    older = await record(house, started_at=dt_util.utcnow() - timedelta(days=1))
    midnight = today_at(0) + timedelta(days=1)
    with patch.object(dt_util, "now", lambda _zone=None: midnight):
        come(hass, midnight)
        await hass.async_block_till_done()
    await house.until(lambda: house.ids() == [older], "only the day before is left")


async def test_forget_the_day_of_some_satellites(
    hass: HomeAssistant,
    house: House,
    bedroom: Talker,
    repository: None,
    hass_ws_client: Any,
) -> None:
    target = {"entity_id": microphones(house, BEDROOM)}
    await use(hass, hass_ws_client, "forget_the_day.yaml", satellites=target, at="23:00:00")
    kept = await record(house)
    await record(house, owner=BEDROOM, started_at=dt_util.utcnow())
    evening = today_at(23)
    with patch.object(dt_util, "now", lambda _zone=None: evening):
        come(hass, evening)
        await hass.async_block_till_done()
    await house.until(lambda: house.ids() == [kept], "the bedroom has forgotten the day")


async def test_tell_me(hass: HomeAssistant, house: House, repository: None, hass_ws_client: Any) -> None:
    recording_id = await record(house)
    ada = await hass.auth.async_create_user("Ada")
    assert await async_setup_component(hass, "persistent_notification", {})
    await use(hass, hass_ws_client, "tell_me.yaml")
    told: list[str] = []
    persistent_notification.async_register_callback(
        hass, lambda _kind, notifications: told.extend(one["message"] for one in notifications.values())
    )
    by = Requester(kind=RequesterKind.USER, user_id=ada.id)
    house.hub.access_log.add(by, AuditAction.LISTENED, recording_ids=[recording_id])
    await hass.async_block_till_done()
    house.hub.access_log.add(by, AuditAction.EXPORTED, count=2)
    await hass.async_block_till_done()
    assert told == ["Ada listened to 1 recording (Kitchen).", "Ada exported 2 recordings."]
    await house.kitchen.stop()
    await house.until_state("binary_sensor", "connected", "off")
    come(hass, dt_util.now() + timedelta(minutes=6))
    await hass.async_block_till_done()
    assert told[2:] == ["Kitchen does not listen."]


async def test_tell_me_in_another_way(
    hass: HomeAssistant, house: House, repository: None, hass_ws_client: Any
) -> None:
    calls = async_mock_service(hass, "notify", "phone")
    notify = [{"action": "notify.phone", "data": {"message": "{{ message }}"}}]
    await use(hass, hass_ws_client, "tell_me.yaml", notify=notify)
    house.kitchen.obeys_pause = False
    await house.switch("microphone", on=False)
    await house.until(lambda: calls, "a violated mute")
    assert calls[0].data["message"] == "Kitchen still sends audio although it is muted."


@pytest.mark.parametrize("name", NAMES)
def test_links_and_versions(name: str) -> None:
    url = f"https://github.com/{REPOSITORY}/blob/{PLACE}/{name}"
    root = FOLDER.parents[2]
    manifest = json.loads((root / "custom_components/voice_privacy/manifest.json").read_text("utf-8"))
    assert url.startswith(f"{manifest['documentation']}/blob/main/")
    assert GITHUB_FILE_PATTERN.match(url)
    page = (root / "docs/automations.md").read_text("utf-8")
    assert f"/redirect/blueprint_import/?blueprint_url={quote(url, safe='')})" in page
    content = parse_yaml((FOLDER / name).read_text("utf-8"))
    assert isinstance(content, dict)
    blueprint = content["blueprint"]
    assert blueprint["source_url"] == url
    assert (
        blueprint["homeassistant"]["min_version"]
        == json.loads((root / "hacs.json").read_text())["homeassistant"]
    )
    for field in blueprint["input"].values():
        assert field["description"].endswith(".")


async def return_to_mute_at_night(
    hass: HomeAssistant, house: House, hass_ws_client: Any, *, evening: timedelta, morning: timedelta
) -> None:
    """Let the kitchen come back between an evening and a morning, given from now on."""
    await house.kitchen.stop()
    await house.until_state("switch", "microphone", "unknown")
    now = dt_util.now()
    await use(
        hass,
        hass_ws_client,
        "mute_at_night.yaml",
        microphones=microphones(house, KITCHEN),
        evening=f"{now + evening:%H:%M:%S}",
        morning=f"{now + morning:%H:%M:%S}",
    )
    await house.kitchen.start()


async def test_a_satellite_that_returns_at_night_is_muted(
    hass: HomeAssistant, house: House, repository: None, hass_ws_client: Any
) -> None:
    two_hours = timedelta(hours=2)
    await return_to_mute_at_night(hass, house, hass_ws_client, evening=-two_hours, morning=two_hours)
    await house.until_state("switch", "microphone", "off")


async def test_a_satellite_that_returns_by_day_is_not_muted(
    hass: HomeAssistant, house: House, repository: None, hass_ws_client: Any
) -> None:
    two_hours = timedelta(hours=2)
    await return_to_mute_at_night(hass, house, hass_ws_client, evening=two_hours, morning=-two_hours)
    await house.until_listening()
    await hass.async_block_till_done()
    assert house.state("switch", "microphone") == "on"
    assert runs(hass) == 0


async def test_a_satellite_that_returns_while_something_plays_is_muted(
    hass: HomeAssistant, house: House, repository: None, hass_ws_client: Any
) -> None:
    hass.states.async_set("media_player.tv", "idle")
    await house.kitchen.stop()
    await house.until_state("switch", "microphone", "unknown")
    await use(
        hass,
        hass_ws_client,
        "mute_while_playing.yaml",
        players=["media_player.tv"],
        microphones=microphones(house, KITCHEN),
        pause=0,
    )
    hass.states.async_set("media_player.tv", "playing")
    await house.kitchen.start()
    await house.until_state("switch", "microphone", "off")
    hass.states.async_set("media_player.tv", "idle")
    await house.until_state("switch", "microphone", "on")
