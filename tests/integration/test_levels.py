"""Privacy levels of rooms, through Home Assistant's public face: selects, what is kept, what is deleted, and why."""

from datetime import timedelta
from typing import Any

from homeassistant.auth.permissions.const import CAT_ENTITIES, POLICY_CONTROL, POLICY_READ
from homeassistant.components.select import ATTR_OPTIONS
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError, Unauthorized
from homeassistant.helpers import area_registry as ar, device_registry as dr, entity_registry as er
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockUser, async_fire_time_changed
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from custom_components.voice_privacy.const import DOMAIN
from custom_components.voice_privacy.core.levels import CHOICES_LEVEL
from custom_components.voice_privacy.recordings.retention_job import CHANGE_GRACE

from .helpers.house import BEDROOM, ENTRY_ID, KITCHEN, House
from .helpers.recordings import record
from .helpers.talker import Talker

_SETTINGS = "voice_privacy.settings"
_TV = "media_player.tv"


def place(house: House, owner: str, name: str | None) -> str | None:
    """Put a satellite's device into an area; return the area's id."""
    devices, areas = dr.async_get(house.hass), ar.async_get(house.hass)
    area = areas.async_get_or_create(name) if name else None
    device = devices.async_get_device_by_identifier((DOMAIN, owner), ENTRY_ID)
    assert device is not None
    devices.async_update_device(device.id, area_id=area.id if area else None)
    return area.id if area else None


@pytest.fixture
async def room(house: House) -> str:
    """The area of the kitchen's satellite."""
    area_id = place(house, KITCHEN, "Kitchen")
    await house.hass.async_block_till_done()
    assert area_id is not None
    return area_id


def select_of(house: House, area_id: str | None) -> str:
    """Return the id of a room's select, or of that for new rooms."""
    unique_id = f"{area_id or ENTRY_ID}-privacy_level"
    entity_id = er.async_get(house.hass).async_get_entity_id("select", DOMAIN, unique_id)
    assert entity_id is not None
    return entity_id


def level(house: House, area_id: str | None) -> str:
    state = house.hass.states.get(select_of(house, area_id))
    assert state is not None
    return state.state


async def choose(house: House, area_id: str | None, option: str, context: Context | None = None) -> None:
    await house.hass.services.async_call(
        "select",
        "select_option",
        {"entity_id": select_of(house, area_id), "option": option},
        blocking=True,
        context=context,
    )


class Page:
    """The owner's tab."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self._number = 0

    async def ask(self, name: str, **fields: Any) -> dict[str, Any]:
        """Return the whole answer to a command."""
        self._number += 1
        await self._client.send_json({"id": self._number, "type": f"voice_privacy/{name}", **fields})
        while (message := await self._client.receive_json())["id"] != self._number or message[
            "type"
        ] != "result":
            pass
        return dict(message)

    async def state(self) -> dict[str, Any]:
        """Return the state that a new subscription is told."""
        self._number += 1
        await self._client.send_json({"id": self._number, "type": "voice_privacy/subscribe"})
        while True:
            message = await self._client.receive_json()
            # Earlier subscriptions are told of every change on the way.
            if message["id"] == self._number and message.get("event", {}).get("type") == "state":
                return dict(message["event"])

    async def why(self, satellite_id: str = KITCHEN) -> tuple[str, list[tuple[str, str | None]]]:
        """Return the level of a satellite that a new subscription is told, with its reasons."""
        found = {one["id"]: one["level"] for one in (await self.state())["satellites"]}[satellite_id]
        return found["level"], [(one["cause"], one["name"]) for one in found["reasons"]]


@pytest.fixture
async def page(hass: HomeAssistant, house: House, hass_ws_client: WebSocketGenerator) -> Page:
    return Page(await hass_ws_client(hass))


def rule(
    level: str = "listen_only", states: tuple[str, ...] = ("playing",), area_id: str | None = None
) -> dict[str, Any]:
    return {"entity_id": _TV, "states": list(states), "level": level, "area_id": area_id}


# --- a room's level ------------------------------------------------------------------------------


async def test_a_room_has_a_select_and_restricts_nothing_by_itself(
    house: House, room: str, hass_storage: dict[str, Any]
) -> None:
    state = house.hass.states.get(select_of(house, room))
    assert state is not None
    assert (state.state, state.name) == ("no_limit", "Voice Privacy Privacy level: Kitchen")
    assert state.attributes[ATTR_OPTIONS] == [choice.value for choice in CHOICES_LEVEL]
    assert level(house, None) == "no_limit"
    assert await house.keep()
    # What nobody ever chose is in no file.
    assert "levels" not in hass_storage.get(_SETTINGS, {"data": {}})["data"]


async def test_a_room_that_only_listens_keeps_nothing_and_still_acts(
    house: House, room: str, page: Page
) -> None:
    await choose(house, room, "listen_only")
    await house.press_to_talk()
    await house.until_told("discarded", "privacy_level")
    assert house.ids() == []
    assert await page.why() == ("listen_only", [("area", None)])
    await choose(house, room, "three_months")
    assert await house.keep()


async def test_a_level_survives_a_restart(house: House, room: str) -> None:
    await choose(house, room, "listen_only")
    await choose(house, None, "day")
    await house.reload()
    await house.until_listening()
    assert (level(house, room), level(house, None)) == ("listen_only", "day")
    await house.press_to_talk()
    await house.until_told("discarded", "privacy_level")


async def test_off_mutes_and_a_mute_by_hand_stays(house: House, room: str, page: Page) -> None:
    await choose(house, room, "off")
    await house.kitchen.wait_for_event("pause-satellite")
    assert house.state("switch", "microphone") == "off"
    assert house.state("sensor", "microphone_state") == "muted"
    await house.until_state("binary_sensor", "mute_confirmed", "on")
    with pytest.raises(ServiceValidationError, match="keeps the microphone of Kitchen off"):
        await house.switch("microphone", on=True)
    assert house.state("switch", "microphone") == "off"
    await choose(house, room, "no_limit")
    await house.until_listening()
    assert house.state("switch", "microphone") == "on"

    await house.switch("microphone", on=False)
    assert await page.why() == ("off", [("muted", None)])
    await choose(house, room, "off")
    assert await page.why() == ("off", [("area", None), ("muted", None)])
    await choose(house, room, "no_limit")
    assert house.state("switch", "microphone") == "off"
    await house.switch("microphone", on=True)
    await house.until_listening()


async def test_a_period_deletes_what_is_older_and_a_stricter_level_keeps_nothing_longer(
    house: House, room: str
) -> None:
    old = await record(house, started_at=dt_util.utcnow() - timedelta(days=2))
    young = await record(house, started_at=dt_util.utcnow() - timedelta(hours=2))

    async def grace() -> None:
        async_fire_time_changed(house.hass, dt_util.utcnow() + timedelta(seconds=CHANGE_GRACE + 1))
        await house.hass.async_block_till_done()

    # Nothing is deleted by a level that only stops keeping.
    await choose(house, room, "listen_only")
    await grace()
    assert house.ids() == [old, young]
    await choose(house, room, "day")
    # There is a minute to think again.
    assert house.ids() == [old, young]
    await grace()
    assert house.ids() == [young]
    await choose(house, room, "listen_only")
    assert house.hub.retention_policy.longest == {KITCHEN: timedelta(days=1)}


async def test_the_recordings_of_a_removed_satellite_are_still_limited(house: House, room: str) -> None:
    await choose(house, room, "day")
    await record(house)
    assert house.hass.config_entries.async_remove_subentry(house.entry, KITCHEN)
    await house.hass.async_block_till_done()
    assert KITCHEN not in house.hub.satellites
    assert house.hub.retention_policy.longest == {KITCHEN: timedelta(days=1)}


# --- areas ---------------------------------------------------------------------------------------


async def test_satellites_move_and_areas_are_renamed_and_removed(
    house: House, room: str, bedroom: Talker
) -> None:
    await choose(house, room, "listen_only")
    place(house, BEDROOM, "Bedroom")
    await house.hass.async_block_till_done()
    assert level(house, "bedroom") == "no_limit"
    assert await house.keep(owner=BEDROOM)

    ar.async_get(house.hass).async_update(room, name="Big kitchen")
    await house.hass.async_block_till_done()
    state = house.hass.states.get(select_of(house, room))
    assert state is not None
    assert (state.state, state.name) == ("listen_only", "Voice Privacy Privacy level: Big kitchen")

    # Moved into the room, the other one does as the room says.
    place(house, BEDROOM, "Big kitchen")
    await house.hass.async_block_till_done()
    assert level(house, "bedroom") == "unavailable"
    await house.press_to_talk(BEDROOM)
    await house.until_told("discarded", "privacy_level", owner=BEDROOM)
    place(house, BEDROOM, "Bedroom")
    await house.hass.async_block_till_done()
    assert level(house, "bedroom") == "no_limit"

    ar.async_get(house.hass).async_delete("bedroom")
    await house.hass.async_block_till_done()
    unique_id = "bedroom-privacy_level"
    assert er.async_get(house.hass).async_get_entity_id("select", DOMAIN, unique_id) is None


async def test_a_select_is_in_its_room_until_somebody_moves_it(
    house: House, room: str, bedroom: Talker
) -> None:
    entities = er.async_get(house.hass)
    entry = entities.async_get(select_of(house, room))
    assert entry is not None
    assert entry.area_id == room
    # It belongs to the hub's device, but its room does not stand for the whole house.
    place(house, BEDROOM, "Bedroom")
    await house.hass.async_block_till_done()
    assert await house.keep()
    assert await house.keep(owner=BEDROOM)
    await house.hass.services.async_call(DOMAIN, "delete_today", target={"area_id": room}, blocking=True)
    assert [info.satellite_id for info in house.hub.recordings.values()] == [BEDROOM]
    # Where it was moved, it stays.
    entities.async_update_entity(entry.entity_id, area_id=None)
    await house.reload()
    ar.async_get(house.hass).async_update(room, name="Big kitchen")
    await house.hass.async_block_till_done()
    moved = entities.async_get(select_of(house, room))
    assert moved is not None
    assert moved.area_id is None


async def test_new_rooms_have_their_level_and_known_rooms_keep_theirs(
    house: House, room: str, bedroom: Talker
) -> None:
    await choose(house, None, "listen_only")
    assert level(house, room) == "no_limit"
    # The bedroom's satellite has no area yet.
    await house.press_to_talk(BEDROOM)
    await house.until_told("discarded", "privacy_level", owner=BEDROOM)
    place(house, BEDROOM, "Bedroom")
    await house.hass.async_block_till_done()
    assert level(house, "bedroom") == "listen_only"
    assert await house.keep()


# --- rights --------------------------------------------------------------------------------------


async def test_whoever_may_mute_may_make_a_room_stricter_and_nobody_else_looser(
    hass: HomeAssistant, house: House, room: str
) -> None:
    member = MockUser(id="member").add_to_hass(hass)
    member.mock_policy({CAT_ENTITIES: {"all": {POLICY_READ: True, POLICY_CONTROL: True}}})
    guest = MockUser(id="guest").add_to_hass(hass)
    guest.mock_policy(
        {CAT_ENTITIES: {"all": {POLICY_READ: True}, "entity_ids": {select_of(house, room): True}}}
    )
    with pytest.raises(Unauthorized):
        await choose(house, room, "off", Context(user_id="guest"))
    # A period deletes; that is the owner's to decide.
    with pytest.raises(Unauthorized):
        await choose(house, room, "day", Context(user_id="member"))
    for stricter in ("listen_only", "off"):
        await choose(house, room, stricter, Context(user_id="member"))
        assert level(house, room) == stricter
    for looser in ("listen_only", "day", "no_limit"):
        with pytest.raises(Unauthorized):
            await choose(house, room, looser, Context(user_id="member"))
    with pytest.raises(Unauthorized):
        await choose(house, None, "off", Context(user_id="member"))
    assert level(house, room) == "off"
    await choose(house, room, "no_limit")
    changes = [
        (entry.by.user_id, entry.subject, entry.value)
        for entry in house.hub.access_log.entries
        if entry.subject == f"{KITCHEN}.privacy_level"
    ]
    assert changes == [
        ("member", f"{KITCHEN}.privacy_level", "listen_only"),
        ("member", f"{KITCHEN}.privacy_level", "off"),
        (None, f"{KITCHEN}.privacy_level", "no_limit"),
    ]


# --- overrides -----------------------------------------------------------------------------------


async def test_an_override_holds_while_its_entity_says_so(house: House, room: str, page: Page) -> None:
    house.hass.states.async_set(_TV, "idle", {"friendly_name": "TV"})
    assert (await page.ask("levels/set_overrides", overrides=[rule(area_id=room)]))["success"]
    assert await house.keep()
    house.hass.states.async_set(_TV, "playing", {"friendly_name": "TV"})
    await house.hass.async_block_till_done()
    assert await page.why() == ("listen_only", [("override", "TV")])
    # The select still shows what was chosen.
    assert level(house, room) == "no_limit"
    await house.press_to_talk()
    await house.until_told("discarded", "privacy_level")
    # What is unknown counts as the stricter.
    for unknown in ("unavailable", "unknown", None):
        if unknown is None:
            house.hass.states.async_remove(_TV)
        else:
            house.hass.states.async_set(_TV, unknown, {"friendly_name": "TV"})
        await house.hass.async_block_till_done()
        name = "TV" if unknown else _TV
        assert await page.why() == ("listen_only", [("override_unknown", name)])
    house.hass.states.async_set(_TV, "idle", {"friendly_name": "TV"})
    await house.hass.async_block_till_done()
    assert await page.why() == ("no_limit", [])


@pytest.mark.parametrize(
    ("entity_id", "resting", "strict"),
    [
        ("media_player.tv", "paused", "playing"),
        ("schedule.night", "off", "on"),
        ("calendar.guests", "off", "on"),
        ("zone.home", "2", "0"),
        ("person.ada", "home", "not_home"),
        ("binary_sensor.visitors", "off", "on"),
    ],
)
async def test_a_rule_follows_schedules_media_players_and_presence(
    house: House, room: str, page: Page, entity_id: str, resting: str, strict: str
) -> None:
    house.hass.states.async_set(entity_id, resting)
    asked = rule(states=(strict,), area_id=room) | {"entity_id": entity_id}
    assert (await page.ask("levels/set_overrides", overrides=[asked]))["success"]
    offered = (await page.ask("levels/get"))["result"]["entities"]
    assert entity_id in [entity["id"] for entity in offered]
    assert (await page.why())[0] == "no_limit"
    for state, level_now in ((strict, "listen_only"), (resting, "no_limit")):
        house.hass.states.async_set(entity_id, state)
        await house.hass.async_block_till_done()
        assert (await page.why())[0] == level_now


async def test_what_is_being_said_when_an_override_begins_is_not_kept(
    house: House, room: str, page: Page
) -> None:
    house.hass.states.async_set(_TV, "idle")
    await page.ask("levels/set_overrides", overrides=[rule()])
    house.transcriber.may_answer.clear()
    await house.press_to_talk()
    await house.until(lambda: house.hub.in_flight(KITCHEN), "an utterance")
    house.hass.states.async_set(_TV, "playing")
    await house.hass.async_block_till_done()
    house.hass.states.async_set(_TV, "idle")
    house.transcriber.may_answer.set()
    await house.until_told("discarded", "privacy_level")
    assert house.ids() == []


async def test_an_override_switches_the_microphone_off_and_on_again(
    house: House, room: str, page: Page
) -> None:
    house.hass.states.async_set(_TV, "playing")
    await page.ask("levels/set_overrides", overrides=[rule("off", area_id=room)])
    await house.kitchen.wait_for_event("pause-satellite")
    await house.until_state("binary_sensor", "mute_confirmed", "on")
    await house.reload()
    await house.until_state("sensor", "microphone_state", "muted")
    house.hass.states.async_set(_TV, "off")
    await house.until_listening()
    assert house.state("switch", "microphone") == "on"


async def test_guest_mode_stays_and_the_strictest_of_all_wins(house: House, room: str, page: Page) -> None:
    house.hass.states.async_set(_TV, "playing", {"friendly_name": "TV"})
    await page.ask("levels/set_overrides", overrides=[rule()])
    await choose(house, room, "day")
    await house.switch("guest_mode", on=True, owner=ENTRY_ID)
    assert await page.why() == ("listen_only", [("guest_mode", None), ("override", "TV")])
    await house.switch("save_recordings", on=False)
    await choose(house, room, "off")
    assert await page.why() == ("off", [("area", None)])
    await choose(house, room, "no_limit")
    await house.switch("guest_mode", on=False, owner=ENTRY_ID)
    await page.ask("levels/set_overrides", overrides=[])
    # A level never turns on what a toggle turned off.
    assert await page.why() == ("listen_only", [("saving_off", None)])


@pytest.mark.parametrize(
    "changes",
    [
        {"entity_id": "media_player.nowhere"},
        {"entity_id": ""},
        {"states": []},
        {"states": [""]},
        {"states": ["x" * 300]},
        {"level": "day"},
        {"level": "no_limit"},
        {"level": "whisper"},
        {"area_id": "nowhere"},
        {"area_id": 7},
        {"states": [str(number) for number in range(21)]},
    ],
    ids=str,
)
async def test_an_override_that_makes_no_sense_is_refused(
    house: House, page: Page, changes: dict[str, Any]
) -> None:
    house.hass.states.async_set(_TV, "idle")
    await page.ask("levels/set_overrides", overrides=[rule()])
    answer = await page.ask("levels/set_overrides", overrides=[rule(), rule() | changes])
    assert answer["error"]["code"] == "invalid_request"
    kept = (await page.ask("levels/get"))["result"]["overrides"]
    assert kept == [rule() | {"name": "tv"}]


@pytest.mark.parametrize(
    ("entity", "states", "stored"),
    [
        ("TV", ["playing"], ["playing"]),
        (" tv ", [" Playing"], ["Playing"]),
        ("Media_Player.TV", ["PLAYING", "paused"], ["PLAYING", "paused"]),
    ],
    ids=str,
)
async def test_a_rule_means_what_somebody_types(
    house: House, page: Page, room: str, entity: str, states: list[str], stored: list[str]
) -> None:
    """An entity may be given by its name, and a state in any case."""
    house.hass.states.async_set(_TV, "playing", {"friendly_name": "TV"})
    typed = {"entity_id": entity, "states": states, "level": "listen_only", "area_id": None}
    assert (await page.ask("levels/set_overrides", overrides=[typed]))["success"]
    assert await page.why() == ("listen_only", [("override", "TV")])
    overrides = (await page.ask("levels/get"))["result"]["overrides"]
    assert overrides == [typed | {"entity_id": _TV, "states": stored, "name": "TV"}]
    await house.reload()
    assert await page.why() == ("listen_only", [("override", "TV")])


@pytest.mark.parametrize(
    ("entity_id", "attributes", "states"),
    [
        (_TV, {}, ["plays"]),
        (_TV, {}, ["playing", "läuft"]),
        ("schedule.night", {}, ["Ein"]),
        ("binary_sensor.door", {}, ["open"]),
        ("input_select.mode", {"options": ["Home", "Guests"]}, ["Visitors"]),
        ("person.anna", {}, [" "]),
    ],
    ids=str,
)
async def test_a_rule_that_would_never_hold_is_refused(
    house: House, page: Page, entity_id: str, attributes: dict[str, Any], states: list[str]
) -> None:
    house.hass.states.async_set(entity_id, "off", attributes)
    wanted = rule() | {"entity_id": entity_id, "states": states}
    answer = await page.ask("levels/set_overrides", overrides=[wanted])
    assert answer["error"]["code"] == "invalid_request"
    assert (await page.ask("levels/get"))["result"]["overrides"] == []


@pytest.mark.parametrize(
    ("entity_id", "attributes", "state"),
    [
        ("input_select.mode", {"options": ["Home", "Guests"]}, "guests"),
        ("person.anna", {}, "Office"),
        ("binary_sensor.door", {}, "unavailable"),
        ("zone.home", {}, "0"),
    ],
    ids=str,
)
async def test_a_rule_may_name_any_state_that_is_possible(
    house: House, page: Page, entity_id: str, attributes: dict[str, Any], state: str
) -> None:
    house.hass.states.async_set(entity_id, "off", attributes)
    wanted = rule() | {"entity_id": entity_id, "states": [state]}
    assert (await page.ask("levels/set_overrides", overrides=[wanted]))["success"]


async def test_a_name_that_two_entities_have_is_refused(house: House, page: Page) -> None:
    for entity_id in (_TV, "media_player.other"):
        house.hass.states.async_set(entity_id, "idle", {"friendly_name": "TV"})
    answer = await page.ask("levels/set_overrides", overrides=[rule() | {"entity_id": "TV"}])
    assert answer["error"]["code"] == "invalid_request"


async def test_an_override_whose_entity_is_gone_may_stay(house: House, page: Page, room: str) -> None:
    house.hass.states.async_set(_TV, "idle")
    await page.ask("levels/set_overrides", overrides=[rule()])
    house.hass.states.async_remove(_TV)
    house.hass.states.async_set("person.anna", "home")
    second = {"entity_id": "person.anna", "states": ["not_home"], "level": "off", "area_id": room}
    assert (await page.ask("levels/set_overrides", overrides=[rule(), second]))["success"]
    assert len((await page.ask("levels/get"))["result"]["overrides"]) == 2


async def test_the_page_sets_levels_as_the_selects_do(house: House, page: Page, room: str) -> None:
    assert (await page.ask("levels/set", area_id=room, level="listen_only"))["success"]
    assert (await page.ask("levels/set", area_id=None, level="day"))["success"]
    assert (level(house, room), level(house, None)) == ("listen_only", "day")
    answer = (await page.ask("levels/get"))["result"]
    assert answer["rooms"] == [{"id": room, "name": "Kitchen", "level": "listen_only"}]
    assert answer["new_rooms"] == "day"
    for area_id, wrong in (("nowhere", "off"), (room, "loud"), (room, "")):
        answer = await page.ask("levels/set", area_id=area_id, level=wrong)
        assert answer["error"]["code"] == "invalid_request"


# --- the file ------------------------------------------------------------------------------------


async def test_the_page_says_what_a_period_would_delete(house: House, room: str, page: Page) -> None:
    old = await record(house, started_at=dt_util.utcnow() - timedelta(days=40))
    await record(house, started_at=dt_util.utcnow() - timedelta(days=2))
    await record(house)

    async def preview(area_id: str | None, level: str) -> int:
        return int((await page.ask("levels/preview", area_id=area_id, level=level))["result"]["count"])

    assert [await preview(room, level) for level in ("no_limit", "three_months", "thirty_days", "day")] == [
        0,
        0,
        1,
        2,
    ]
    # What is stricter than a period deletes nothing, and neither does the level for rooms to come.
    assert [await preview(room, level) for level in ("memory_only", "listen_only", "off")] == [0, 0, 0]
    assert await preview(None, "day") == 0
    # Nothing is changed by looking, and what goes is what was said.
    assert level(house, room) == "no_limit"
    assert len(house.ids()) == 3
    assert (await page.ask("levels/set", area_id=room, level="thirty_days"))["success"]
    async_fire_time_changed(house.hass, dt_util.utcnow() + timedelta(seconds=CHANGE_GRACE + 1))
    await house.until(lambda: len(house.ids()) == 2, "the old one is deleted")
    assert old not in house.ids()
    assert (await page.ask("levels/preview", area_id="attic", level="day"))["error"][
        "code"
    ] == "invalid_request"


async def test_levels_that_cannot_be_read_mute_everything(
    house: House, room: str, hass_storage: dict[str, Any]
) -> None:
    await choose(house, room, "listen_only")
    assert await house.hass.config_entries.async_unload(ENTRY_ID)
    hass_storage[_SETTINGS]["data"]["levels"]["areas"][room]["level"] = "whisper_only"
    assert await house.hass.config_entries.async_setup(ENTRY_ID)
    await house.until_state("sensor", "microphone_state", "muted")
    assert house.issue("settings_lost") == "settings_lost"
    with pytest.raises(HomeAssistantError):
        await house.switch("microphone", on=True)
    await choose(house, room, "no_limit")
    await house.switch("microphone", on=True)
    await house.until_listening()
