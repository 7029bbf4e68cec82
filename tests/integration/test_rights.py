"""Attempts to get more than is one's own: odd targets, rights that are withdrawn midway, floods of requests."""

from array import array
import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
import json
import time
from typing import Any
from unittest.mock import patch

from aiohttp import ClientPayloadError
from aiohttp.test_utils import TestClient
from homeassistant.auth.const import GROUP_ID_ADMIN, GROUP_ID_USER
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError, Unauthorized, UnknownUser
from homeassistant.helpers import area_registry as ar
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.voice_privacy.const import CONF_MEMBERS_MAY_OPEN_MICROPHONE, DOMAIN
from custom_components.voice_privacy.core.house_settings import HouseToggle, SatelliteToggle
from custom_components.voice_privacy.core.models import AuditAction, RecordingKind, Requester

from .helpers.house import BEDROOM, ENTRY_ID, KITCHEN, House
from .helpers.people import ADMIN, KITCHEN_MEMBER, LAMP, LOCAL, READER, Person, people_of
from .helpers.recordings import begin, record
from .helpers.talker import Talker

type People = dict[str, Person]

OTHER_SCOPES = [
    {"scope": "all"},
    {"scope": "day", "day": "2026-01-01"},
    {"scope": "false_wakes"},
    {"scope": "last"},
    {"scope": "range", "start": "2026-01-01T00:00:00Z"},
    {"scope": "today"},
]

NOT_ALLOWED = "You are not allowed to do this. Ask an administrator"

LIMITS: list[dict[str, Any]] = [
    {},
    {"satellite_ids": []},
    {"satellite_ids": [KITCHEN]},
    {"satellite_ids": None},
]


@pytest.fixture
async def people(house: House, bedroom: Talker) -> People:
    """Everybody but those who do not matter here."""
    return await people_of(house, (ADMIN, KITCHEN_MEMBER, READER, LAMP, LOCAL))


async def household_may_listen(house: House) -> None:
    """Let members list and play."""
    await house.hub.async_set_house(HouseToggle.HOUSEHOLD_MAY_LISTEN, Requester(), on=True)


# --- targets -------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["recordings/delete", "recordings/preview"])
async def test_ids_count_for_the_scope_ids_alone(house: House, people: People, command: str) -> None:
    await household_may_listen(house)
    recording_id = await record(house)
    for name, person in people.items():
        for scope in OTHER_SCOPES:
            for satellites in LIMITS:
                for ids in ([recording_id], []):
                    code = await person.desk.code_of(command, recording_ids=ids, **scope, **satellites)
                    assert code in ("unauthorized", "invalid_request"), (name, scope, satellites)
        for code in (
            await person.desk.code_of(command, scope="ids"),
            await person.desk.code_of(command, scope="ids", recording_ids=[]),
        ):
            assert code in ("unauthorized", "invalid_request"), name
    assert house.ids() == [recording_id]


@pytest.mark.parametrize("command", ["recordings/delete", "recordings/preview"])
@pytest.mark.parametrize("scope", OTHER_SCOPES)
async def test_nothing_named_and_unknown_satellites_are_refused(
    house: House, people: People, command: str, scope: dict[str, Any]
) -> None:
    recording_id = await record(house)
    for satellite_ids in ([], ["attic"], [KITCHEN, "attic"], [""]):
        for name, person in people.items():
            code = await person.desk.code_of(command, satellite_ids=satellite_ids, **scope)
            expected = ("invalid_request",) if name == ADMIN else ("invalid_request", "unauthorized")
            assert code in expected, (name, satellite_ids)
    assert house.ids() == [recording_id]


@pytest.mark.parametrize(
    "fields",
    [
        {"scope": "last", "day": "2026-01-01"},
        {"scope": "today", "start": "2020-01-01T00:00:00Z"},
        {"scope": "day", "day": "2026-01-01", "end": "2100-01-01T00:00:00Z"},
        {"scope": "range", "start": "2026-01-02T00:00:00Z", "end": "2026-01-01T00:00:00Z"},
        {"scope": "range", "start": "2026-01-02T00:00:00Z", "end": "2026-01-02T00:00:00Z"},
    ],
)
async def test_fields_of_another_scope_are_refused(
    house: House, people: People, fields: dict[str, Any]
) -> None:
    await record(house)
    assert await people[ADMIN].desk.code_of("recordings/delete", **fields) == "invalid_request"
    assert len(house.ids()) == 1


async def test_ids_of_another_room_are_refused_as_a_whole(house: House, people: People) -> None:
    await household_may_listen(house)
    mine, theirs = await record(house), await record(house, owner=BEDROOM)
    said = begin(house, "just now", owner=BEDROOM)
    desk = people[KITCHEN_MEMBER].desk
    for ids in ([theirs], [mine, theirs], [mine, "0" * 32], ["0" * 32], [said.utterance_id]):
        for command in ("recordings/delete", "recordings/preview"):
            code = await desk.code_of(command, scope="ids", recording_ids=ids)
            assert code == "unauthorized", (command, ids)
    assert set(house.ids()) == {mine, theirs}
    assert said.forbidden is None
    assert await desk.code_of("recordings/delete", scope="ids", recording_ids=[mine]) is None
    assert house.ids() == [theirs]


async def test_ids_and_satellites_mean_what_both_mean(house: House, people: People) -> None:
    await record(house)
    theirs = await record(house, owner=BEDROOM)
    answer = await people[ADMIN].desk.ask(
        f"{DOMAIN}/recordings/delete", scope="ids", recording_ids=[theirs], satellite_ids=[KITCHEN]
    )
    assert answer["result"]["deleted"] == 0
    assert len(house.ids()) == 2


@pytest.mark.parametrize("toggle", [*SatelliteToggle, *HouseToggle])
@pytest.mark.parametrize("satellite_ids", [[], ["attic"], [KITCHEN, "attic"]])
async def test_toggles_of_nothing_and_of_unknown_satellites_are_refused(
    house: House, people: People, toggle: str, satellite_ids: list[str]
) -> None:
    for name, person in people.items():
        for on in (True, False):
            code = await person.desk.code_of(
                "settings/set", toggle=str(toggle), on=on, satellite_ids=satellite_ids
            )
            assert code in ("invalid_request", "unauthorized"), name
            assert name != ADMIN or code == "invalid_request"
    assert not house.hub.settings.satellite(KITCHEN, SatelliteToggle.MUTED)
    assert not house.hub.settings.house(HouseToggle.GUEST_MODE)


async def test_guest_mode_is_no_rooms(house: House, people: People) -> None:
    for person in people.values():
        code = await person.desk.code_of(
            "settings/set", toggle="guest_mode", on=True, satellite_ids=[KITCHEN]
        )
        assert code in ("invalid_request", "unauthorized")
    assert not house.hub.settings.house(HouseToggle.GUEST_MODE)


@pytest.mark.parametrize("action", ["delete_last", "delete_today", "delete_false_wakes", "press_to_talk"])
async def test_an_action_whose_target_came_out_empty_does_nothing(
    hass: HomeAssistant, house: House, action: str
) -> None:
    await record(house, kind=RecordingKind.FALSE_WAKE)
    empty_area = ar.async_get(hass).async_create("Attic").id
    targets: list[dict[str, Any]] = [
        {"entity_id": []},
        {"entity_id": "none"},
        {"device_id": []},
        {"device_id": "none"},
        {"area_id": []},
        {"area_id": empty_area},
        {"label_id": []},
        {"floor_id": []},
        {"entity_id": [], "device_id": []},
        {"entity_id": ["light.nowhere"]},
        {"device_id": ["nowhere"]},
    ]
    for target in targets:
        with pytest.raises(ServiceValidationError) as refusal:
            await hass.services.async_call(DOMAIN, action, target, blocking=True)
        assert refusal.value.translation_key == "no_satellite_targeted", target
    assert len(house.ids()) == 1


async def test_an_archive_of_an_unknown_satellite_is_refused(
    house: House, people: People, hass_client: ClientSessionGenerator
) -> None:
    client = await hass_client(people[ADMIN].access_token)
    assert (await client.get("/api/voice_privacy/archive?satellite_id=attic")).status == 400


# --- what a user may know ------------------------------------------------------------------------


async def test_nobody_is_told_of_a_room_that_he_may_not_read(house: House, people: People) -> None:
    await household_may_listen(house)
    for name in (LAMP, KITCHEN_MEMBER, READER):
        people[name].desk.send(f"{DOMAIN}/subscribe")
    before = {name: len(person.desk.events()) for name, person in people.items()}
    recording_id = await record(house, owner=BEDROOM)
    await house.hub.async_set_satellite(BEDROOM, SatelliteToggle.MUTED, Requester(), on=True)
    await house.hass.async_block_till_done()

    for name in (LAMP, KITCHEN_MEMBER):
        desk = people[name].desk
        # Not even that something happened.
        assert len(desk.events()) == before[name], name
        for secret in (BEDROOM, "Bedroom", recording_id):
            assert secret not in json.dumps(desk.told), (name, secret)
    state = people[READER].desk.events("state")[-1]
    assert {satellite["id"] for satellite in state["satellites"]} == {KITCHEN, BEDROOM}
    assert state["house"]["recordings"] == 1
    (added,) = people[READER].desk.events("added")
    assert [recording["id"] for recording in added["recordings"]] == [recording_id]

    (lamp,) = people[LAMP].desk.events("state")
    assert lamp["satellites"] == []
    assert (lamp["house"]["recordings"], lamp["house"]["size"]) == (0, 0)
    assert lamp["permissions"] == {"admin": False, "listen": False, "review": False, "control": []}
    mine = people[KITCHEN_MEMBER].desk.events("state")[-1]
    assert [satellite["id"] for satellite in mine["satellites"]] == [KITCHEN]
    assert mine["house"]["recordings"] == 0

    # Deleting tells the kitchen's member nothing either.
    assert await people[ADMIN].desk.code_of("recordings/delete", scope="all") is None
    assert len(people[KITCHEN_MEMBER].desk.events()) == before[KITCHEN_MEMBER]
    assert people[READER].desk.events("deleted")


async def test_a_listener_lists_searches_and_gets_only_where_he_may_read(
    house: House, people: People
) -> None:
    await household_may_listen(house)
    mine = await record(house, "turn on the light")
    theirs = await record(house, "turn on the light", owner=BEDROOM)
    desk = people[KITCHEN_MEMBER].desk

    answer = (await desk.ask(f"{DOMAIN}/recordings/list"))["result"]
    assert [row["id"] for row in answer["recordings"]] == [mine]
    assert answer["counts"] == {"all": 1, "command": 1, "false_wake": 0}
    assert [day["count"] for day in answer["days"].values()] == [1]
    assert await desk.code_of("recordings/list", satellite_id=BEDROOM) == "unauthorized"
    assert await desk.code_of("recordings/get", recording_id=theirs) == "recording_not_found"
    await desk.ask(f"{DOMAIN}/recordings/search", text="light")
    await house.until_found(lambda: desk.events("finished"))
    found = [row["id"] for event in desk.events("progress") for row in event["recordings"]]
    assert found == [mine]


async def test_the_pool_is_told_of_to_reviewers_only(house: House, people: People) -> None:
    for toggle in (HouseToggle.HELP_IMPROVE,):
        await house.hub.async_set_house(toggle, Requester(), on=True)
    await house.hub.async_set_satellite(KITCHEN, SatelliteToggle.HELP_IMPROVE, Requester(), on=True)
    await record(house)
    for name in (LOCAL, READER):
        people[name].desk.send(f"{DOMAIN}/subscribe")
        assert people[name].desk.events("state")[-1]["house"]["review"] == [0, 0, False]
    people[ADMIN].desk.send(f"{DOMAIN}/subscribe")
    assert people[ADMIN].desk.events("state")[-1]["house"]["review"][0] == 1


# --- rights that are withdrawn midway ------------------------------------------------------------

type Withdraw = Callable[[HomeAssistant, Person], Awaitable[None]]


async def _deactivate(hass: HomeAssistant, person: Person) -> None:
    await hass.auth.async_update_user(person.user, is_active=False)


async def _demote(hass: HomeAssistant, person: Person) -> None:
    await hass.auth.async_update_user(person.user, group_ids=[GROUP_ID_USER])


async def _revoke(hass: HomeAssistant, person: Person) -> None:
    hass.auth.async_remove_refresh_token(person.token)


async def _remove(hass: HomeAssistant, person: Person) -> None:
    await hass.auth.async_remove_user(person.user)


WITHDRAWALS = [_deactivate, _demote, _revoke, _remove]


def withdraw_while_reading(
    house: House, person: Person, withdraw: Withdraw, after: int = 1
) -> Callable[[str], Awaitable[Any]]:
    """Return a way to read that takes a person's right away after some recordings."""
    read, opened = house.hub.async_read, 0

    async def read_and_withdraw(recording_id: str) -> Any:
        nonlocal opened
        opened += 1
        result = await read(recording_id)
        if opened == after:
            await withdraw(house.hass, person)
        return result

    return read_and_withdraw


@pytest.mark.parametrize("withdraw", WITHDRAWALS)
async def test_an_archive_ends_when_the_right_to_it_does(
    house: House, people: People, hass_client: ClientSessionGenerator, withdraw: Withdraw
) -> None:
    for _ in range(6):
        await record(house)
    client: TestClient[Any, Any] = await hass_client(people[ADMIN].access_token)
    reading = withdraw_while_reading(house, people[ADMIN], withdraw, after=2)
    with patch.object(house.hub, "async_read", side_effect=reading) as read:
        response = await client.get("/api/voice_privacy/archive")
        assert response.status == 200
        with pytest.raises(ClientPayloadError):
            await response.read()
        assert read.call_count == 2
    await house.hass.async_block_till_done()
    exported = [entry.count for entry in house.hub.access_log.entries if entry.action is AuditAction.EXPORTED]
    assert exported == [1]
    assert (await client.get("/api/voice_privacy/archive")).status == 403


@pytest.mark.parametrize("withdraw", WITHDRAWALS)
async def test_audio_is_not_sent_when_the_right_ended_while_it_was_opened(
    house: House, people: People, hass_client: ClientSessionGenerator, withdraw: Withdraw
) -> None:
    recording_id = await record(house)
    client = await hass_client(people[ADMIN].access_token)
    reading = withdraw_while_reading(house, people[ADMIN], withdraw)
    with patch.object(house.hub, "async_read", side_effect=reading):
        response = await client.get(f"/api/voice_privacy/recordings/{recording_id}/audio")
    assert response.status == 403
    assert AuditAction.LISTENED not in [entry.action for entry in house.hub.access_log.entries]


@pytest.mark.parametrize("withdraw", WITHDRAWALS)
async def test_a_list_and_a_search_end_when_the_right_to_them_does(
    house: House, people: People, withdraw: Withdraw
) -> None:
    for _ in range(5):
        await record(house, "turn on the light")
    desk = people[ADMIN].desk
    reading = withdraw_while_reading(house, people[ADMIN], withdraw)
    with patch.object(house.hub, "async_read", side_effect=reading) as read:
        assert await desk.code_of("recordings/list") == "unauthorized"
        assert read.call_count == 1

    again = (await people_of(house, (LAMP,)))[LAMP]
    await house.hass.auth.async_update_user(again.user, group_ids=[GROUP_ID_ADMIN])
    reading = withdraw_while_reading(house, again, withdraw)
    with patch.object(house.hub, "async_read", side_effect=reading) as read:
        await again.desk.ask(f"{DOMAIN}/recordings/search", text="light")
        await house.until_found(lambda: again.desk.events("failed"))
        assert again.desk.events("failed") == [{"type": "failed", "code": "unauthorized"}]
        assert read.call_count == 1
    assert again.desk.events("progress") == []


@pytest.mark.parametrize("withdraw", [_deactivate, _revoke, _remove])
async def test_a_subscription_tells_nothing_more(house: House, people: People, withdraw: Withdraw) -> None:
    desk = people[ADMIN].desk
    desk.send(f"{DOMAIN}/subscribe")
    assert desk.events("state")
    await withdraw(house.hass, people[ADMIN])
    told = len(desk.events())
    await record(house)
    await house.hub.async_set_house(HouseToggle.GUEST_MODE, Requester(), on=True)
    await house.hass.async_block_till_done()
    assert len(desk.events()) == told


async def test_a_page_learns_that_its_user_is_no_administrator_any_more(house: House, people: People) -> None:
    desk = people[ADMIN].desk
    desk.send(f"{DOMAIN}/subscribe")
    await _demote(house.hass, people[ADMIN])
    await house.hass.async_block_till_done()
    assert desk.events("state")[-1]["permissions"]["admin"] is False


async def test_a_deactivated_user_does_nothing_by_actions(house: House, people: People) -> None:
    """Home Assistant itself lets an inactive user's context pass."""
    await house.enable(("button", "delete_today"))
    await record(house)
    await _deactivate(house.hass, people[LOCAL])
    with pytest.raises(Unauthorized):
        await house.act("delete_today", {}, people[LOCAL].context)
    for platform, service, key in (
        ("button", "press", "delete_today"),
        ("switch", "turn_off", "microphone"),
    ):
        with pytest.raises(Unauthorized):
            await house.hass.services.async_call(
                platform,
                service,
                {"entity_id": house.entity_id(platform, key)},
                blocking=True,
                context=people[LOCAL].context,
            )
    assert len(house.ids()) == 1
    assert house.state("switch", "microphone") == "on"


# --- floods --------------------------------------------------------------------------------------


async def test_a_burst_of_lists_does_not_hold_up_keeping(house: House, people: People) -> None:
    for _ in range(20):
        await record(house)
    desk = people[ADMIN].desk
    numbers = [desk.send(f"{DOMAIN}/recordings/list") for _ in range(1_000)]
    started = time.monotonic()
    kept = await record(house, owner=BEDROOM)
    assert time.monotonic() - started < 2
    assert kept in house.hub.recordings
    await house.until_found(lambda: all(desk.answer_to(number) for number in numbers))
    answers = [answer for number in numbers if (answer := desk.answer_to(number))]
    done = [answer for answer in answers if answer["success"]]
    assert 1 <= len(done) <= 20
    assert {answer["error"]["code"] for answer in answers if not answer["success"]} == {"busy"}
    # Nobody else waits, and neither does the next one.
    assert await desk.code_of("recordings/list") is None


async def test_a_connection_has_so_many_subscriptions(house: House, people: People) -> None:
    assert await async_setup_component(house.hass, "websocket_api", {})
    desk = people[READER].desk
    numbers = [desk.send(f"{DOMAIN}/subscribe") for _ in range(200)]
    answers = [answer for number in numbers if (answer := desk.answer_to(number))]
    assert len(answers) == 200
    refused = [answer["id"] for answer in answers if not answer["success"]]
    assert refused == numbers[50:]
    # One that has ended makes room for another; nobody else is held up.
    assert (await desk.ask("unsubscribe_events", subscription=numbers[0]))["success"]
    assert await desk.code_of("subscribe") is None
    assert await desk.code_of("subscribe") == "busy"
    assert await people[LOCAL].desk.code_of("subscribe") is None


async def test_keeping_and_deleting_go_before_reading(house: House, people: People) -> None:
    ids = [await record(house) for _ in range(3)]
    vault = house.hub.kept.store._vault
    order: list[str] = []

    def noted[**P, R](name: str, work: Callable[P, R]) -> Callable[P, R]:
        def do(*args: P.args, **kwargs: P.kwargs) -> R:
            order.append(name)
            return work(*args, **kwargs)

        return do

    with (
        patch.object(vault, "read", noted("read", vault.read)),
        patch.object(vault, "destroy", noted("destroy", vault.destroy)),
        patch.object(vault, "keep", noted("keep", vault.keep)),
    ):
        reads = [asyncio.ensure_future(house.read(ids[0])) for _ in range(100)]
        await asyncio.sleep(0)
        deleting = people[ADMIN].desk.code_of("recordings/delete", scope="ids", recording_ids=[ids[1]])
        await asyncio.gather(record(house), deleting)
        # What was read meanwhile was under way, not in front.
        assert order.index("keep") < 40
        assert order.index("destroy") < 40
        await asyncio.gather(*reads)
    assert order.count("read") == 100


async def test_a_connection_has_one_search(house: House, people: People) -> None:
    for _ in range(30):
        await record(house, "turn on the light")
    desk = people[ADMIN].desk
    read, may_read = house.hub.async_read, asyncio.Event()

    async def read_later(recording_id: str) -> Any:
        await may_read.wait()
        return await read(recording_id)

    with patch.object(house.hub, "async_read", side_effect=read_later):
        first = desk.send(f"{DOMAIN}/recordings/search", text="light")
        await asyncio.sleep(0)
        second = desk.send(f"{DOMAIN}/recordings/search", text="dark")
        await asyncio.sleep(0)
        may_read.set()
        await house.until_found(lambda: desk.events("finished"))
    events = [(message["id"], message["event"]) for message in desk.told if message["type"] == "event"]
    assert [event for number, event in events if number == first] == [{"type": "failed", "code": "replaced"}]
    kinds = [event["type"] for number, event in events if number == second]
    assert kinds == ["progress", "progress", "finished"]


# --- the owner's alone ---------------------------------------------------------------------------


async def test_members_change_no_retention_whatever_they_turn(house: House, people: People) -> None:
    before = house.hub.settings.retention
    choices: list[tuple[str, str, str, str, dict[str, Any]]] = [
        ("select", "select_option", "keep_recordings", ENTRY_ID, {"option": "day"}),
        ("select", "select_option", "keep_false_wakes", ENTRY_ID, {"option": "minute"}),
        ("select", "select_option", "keep_transcripts", ENTRY_ID, {"option": "hour"}),
        ("select", "select_option", "keep_recordings", KITCHEN, {"option": "day"}),
        ("select", "select_first", "keep_recordings", ENTRY_ID, {}),
        ("select", "select_next", "keep_recordings", ENTRY_ID, {}),
        ("select", "select_previous", "keep_recordings", KITCHEN, {}),
        ("select", "select_last", "keep_false_wakes", ENTRY_ID, {}),
        ("number", "set_value", "storage_limit", ENTRY_ID, {"value": 1}),
    ]
    for platform, service, key, owner, data in choices:
        with pytest.raises(Unauthorized) as refusal:
            await house.hass.services.async_call(
                platform,
                service,
                {"entity_id": house.entity_id(platform, key, owner), **data},
                blocking=True,
                context=people[LOCAL].context,
            )
        assert str(refusal.value) == NOT_ALLOWED
        assert refusal.value.translation_key == "unauthorized"
    assert house.hub.settings.retention == before
    assert house.hub.access_log.entries == ()


async def test_a_limit_that_is_no_number_is_refused_in_words(house: House) -> None:
    with pytest.raises(HomeAssistantError) as refusal:
        await house.hass.services.async_call(
            "number",
            "set_value",
            {"entity_id": house.entity_id("number", "storage_limit", ENTRY_ID), "value": float("nan")},
            blocking=True,
        )
    assert refusal.value.translation_key


@pytest.mark.parametrize("value", [True, -5, "9", "1_0", "\u0663", 1_000_001])
async def test_a_limit_is_a_whole_number_in_range(house: House, people: People, value: object) -> None:
    before = house.hub.settings.retention
    for command in ("retention/preview", "retention/set"):
        code = await people[ADMIN].desk.code_of(command, setting="storage_limit", value=value)
        assert code == "invalid_request"
    assert house.hub.settings.retention == before


async def test_the_log_names_the_automation_that_acts(
    hass: HomeAssistant, house: House, people: People
) -> None:
    await record(house)
    select = {
        "action": "select.select_option",
        "target": {"entity_id": house.entity_id("select", "keep_recordings", ENTRY_ID)},
        "data": {"option": "day"},
    }
    script = {"tidy": {"alias": "Tidy up", "sequence": [select]}}
    assert await async_setup_component(hass, "script", {"script": script})
    automation = {
        "alias": "Every night",
        "triggers": {"trigger": "event", "event_type": "night"},
        "actions": [{"action": f"{DOMAIN}.delete_today"}, {"action": "script.tidy"}],
    }
    assert await async_setup_component(hass, "automation", {"automation": automation})
    hass.bus.async_fire("night")
    await hass.async_block_till_done()
    assert house.ids() == []
    assert house.state("select", "keep_recordings", ENTRY_ID) == "day"
    answer = (await people[ADMIN].desk.ask(f"{DOMAIN}/access_log"))["result"]
    assert [(logged["deed"], logged["by"], logged["user"]) for logged in answer["entries"]] == [
        ("changed", "automation", "Every night"),
        ("deleted", "automation", "Every night"),
    ]
    people[ADMIN].desk.send(f"{DOMAIN}/subscribe")
    changed = people[ADMIN].desk.events("state")[-1]["house"]["retention"]["changed"]["keep_recordings"]
    assert (changed["by"], changed["user"]) == ("automation", "Every night")

    # Who starts a script is who acts.
    with pytest.raises(Unauthorized):
        await hass.services.async_call("script", "tidy", {}, blocking=True, context=people[LOCAL].context)
    # What an automation did is still known after a restart.
    await house.reload()
    names = [entry.by.automation for entry in house.hub.access_log.entries]
    assert names == ["automation.every_night"] * 2


async def test_an_unknown_user_is_refused(house: House) -> None:
    with pytest.raises(UnknownUser):
        await house.act("delete_today", {}, Context(user_id="nobody"))


# --- an open microphone --------------------------------------------------------------------------


async def test_an_opened_microphone_is_noted_and_heard_in_the_room(house: House, people: People) -> None:
    await house.until_listening()
    await house.press_to_talk(context=people[ADMIN].context)
    tone = await house.kitchen.wait_for_reply()
    assert 0.1 < tone.seconds < 0.5
    assert max(array("h", tone.audio)) > 1_000
    (entry,) = [
        logged for logged in house.hub.access_log.entries if logged.action is AuditAction.MICROPHONE_OPENED
    ]
    assert (entry.by.user_id, entry.subject) == (people[ADMIN].user.id, KITCHEN)
    log = (await people[ADMIN].desk.ask(f"{DOMAIN}/access_log", deed="microphone_opened"))["result"]
    assert [(logged["user"], logged["subject"]) for logged in log["entries"]] == [(ADMIN, KITCHEN)]
    await house.switch("microphone", on=False)


async def test_no_microphone_opens_before_the_room_can_hear_it(house: House, people: People) -> None:
    """A reply that is being spoken would hold the tone up."""
    await house.until_listening()
    speaking, may_end = asyncio.Event(), asyncio.Event()

    async def reply() -> AsyncIterator[bytes]:
        speaking.set()
        await may_end.wait()
        yield b""

    satellite: Any = house.hub.satellites[KITCHEN]
    playing = asyncio.ensure_future(satellite.async_play(reply()))
    await speaking.wait()
    with pytest.raises(ServiceValidationError) as refusal:
        await house.press_to_talk(context=people[ADMIN].context)
    assert refusal.value.translation_key == "cannot_listen"
    assert not house.hub.in_flight(KITCHEN)
    assert house.hub.access_log.entries == ()
    may_end.set()
    satellite._speaker.on_played()
    house.hass.loop.call_soon(satellite._speaker.on_played)
    await playing
    await house.press_to_talk(context=people[ADMIN].context)
    assert house.hub.in_flight(KITCHEN)
    await house.switch("microphone", on=False)


async def test_a_refused_microphone_stays_closed_and_is_not_noted(house: House, people: People) -> None:
    await house.until_listening()
    with pytest.raises(Unauthorized):
        await house.press_to_talk(context=people[LOCAL].context)
    assert house.hub.access_log.entries == ()
    assert not house.hub.in_flight(KITCHEN)
    assert house.kitchen.replies == []


async def test_the_owner_may_let_members_open_microphones(
    hass: HomeAssistant, house: House, people: People
) -> None:
    people[LOCAL].desk.send(f"{DOMAIN}/subscribe")
    assert people[LOCAL].desk.events("state")[-1]["may"]["open_microphone"] == []
    flow: Any = await hass.config_entries.options.async_init(ENTRY_ID)
    assert flow["data_schema"]({"pipelines": []})[CONF_MEMBERS_MAY_OPEN_MICROPHONE] is False
    await hass.config_entries.options.async_configure(
        flow["flow_id"], {"pipelines": [], CONF_MEMBERS_MAY_OPEN_MICROPHONE: True}
    )
    await hass.async_block_till_done()
    for owner in (KITCHEN, BEDROOM):
        await house.until_listening(owner)
    people[KITCHEN_MEMBER].desk.send(f"{DOMAIN}/subscribe")
    state = people[KITCHEN_MEMBER].desk.events("state")[-1]
    assert state["may"]["open_microphone"] == [KITCHEN]
    await house.press_to_talk(context=people[KITCHEN_MEMBER].context)
    with pytest.raises(Unauthorized):
        await house.press_to_talk(BEDROOM, context=people[KITCHEN_MEMBER].context)
    assert house.hub.in_flight(KITCHEN)
    assert not house.hub.in_flight(BEDROOM)
    await house.switch("microphone", on=False)


# --- in words ------------------------------------------------------------------------------------


async def test_a_refused_command_tells_why_in_words_that_can_be_translated(
    house: House, people: People
) -> None:
    error = (await people[LAMP].desk.ask(f"{DOMAIN}/recordings/list"))["error"]
    assert (error["code"], error["translation_domain"], error["translation_key"], error["message"]) == (
        "unauthorized",
        DOMAIN,
        "unauthorized",
        NOT_ALLOWED,
    )
    await house.switch("microphone", on=False)
    answer = await people[ADMIN].desk.ask(f"{DOMAIN}/microphones/press_to_talk", satellite_id=KITCHEN)
    assert answer["error"]["message"].startswith("Kitchen cannot listen right now")
