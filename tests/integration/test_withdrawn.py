"""Rights that are withdrawn while somebody waits for a turn: when the turn comes, nothing is done."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from unittest.mock import patch

from homeassistant.auth.const import GROUP_ID_READ_ONLY
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.voice_privacy.const import DOMAIN
from custom_components.voice_privacy.core.house_settings import HouseToggle, SatelliteToggle
from custom_components.voice_privacy.core.models import Requester

from .helpers.house import BEDROOM, KITCHEN, House
from .helpers.people import ADMIN, KITCHEN_MEMBER, REVIEWER, Person, fetch, give_rooms, people_of
from .helpers.recordings import record
from .helpers.talker import Talker
from .test_review_pool import until_released

type Withdraw = Callable[[House, Person], Awaitable[None]]


async def deactivate(house: House, person: Person) -> None:
    """Close the account."""
    await house.hass.auth.async_update_user(person.user, is_active=False)


async def demote(house: House, person: Person) -> None:
    """Leave the account, without any right here."""
    await house.hass.auth.async_update_user(person.user, group_ids=[GROUP_ID_READ_ONLY])
    await house.hub.settings.async_set_reviewer(person.user.id, on=False)


async def remove(house: House, person: Person) -> None:
    """Remove the account."""
    await house.hass.auth.async_remove_user(person.user)


WITHDRAWALS = [deactivate, demote, remove]


@pytest.fixture
async def home(hass: HomeAssistant, house: House, bedroom: Talker, monkeypatch: pytest.MonkeyPatch) -> House:
    """A house with recordings, and clips that reviewers may know of."""
    assert await async_setup_component(hass, "conversation", {})
    await house.enable(("button", "delete_today"))
    for toggle in (HouseToggle.HELP_IMPROVE, HouseToggle.DELETION_BY_VOICE):
        await house.hub.async_set_house(toggle, Requester(), on=True)
    await house.hub.async_set_satellite(KITCHEN, SatelliteToggle.HELP_IMPROVE, Requester(), on=True)
    for owner in (KITCHEN, BEDROOM):
        await record(house, "turn on the light", owner=owner)
    until_released(monkeypatch)
    return house


def print_of(house: House) -> list[Any]:
    """Return what could have been changed, and what was noted."""
    hub = house.hub
    return [
        sorted(hub.recordings),
        [(item.review_id, item.label, item.allowed) for item in hub.review.pool.items.values()],
        [hub.settings.house(toggle) for toggle in HouseToggle],
        [
            hub.settings.satellite(satellite_id, toggle)
            for satellite_id in hub.satellites
            for toggle in SatelliteToggle
        ],
        hub.settings.retention,
        [entry.action for entry in hub.access_log.entries],
    ]


async def by_desk(person: Person, command: str, **fields: Any) -> bool:
    """Ask by websocket; return whether it was done."""
    code = await person.desk.code_of(command, **fields)
    assert code in (None, "unauthorized")
    return code is None


async def by_action(house: House, person: Person, domain: str, name: str, data: dict[str, Any]) -> bool:
    """Ask by action; return whether it was done."""
    try:
        await house.hass.services.async_call(domain, name, data, blocking=True, context=person.context)
    except HomeAssistantError as err:
        return err.translation_key != "unauthorized"
    return True


async def by_words(person: Person, text: str, satellite: str) -> bool:
    """Ask in words; return whether it was done."""
    answer = await person.desk.ask("conversation/process", text=text, language="en", satellite_id=satellite)
    said = answer["result"]["response"]["speech"]["plain"]["speech"]
    return not said.startswith("You are not allowed to do this")


def doors(house: House, person: Person) -> dict[str, Callable[[], Awaitable[bool]]]:
    """Return what waits for the hub's turn, by name."""
    clip = next(iter(house.hub.review.pool.items))
    house.hub.review.pool.heard(clip, person.user.id)
    button = house.entity_id("button", "delete_today")
    satellite = house.entity_id("assist_satellite", "assist_satellite")
    return {
        "delete all": lambda: by_desk(person, "recordings/delete", scope="all"),
        "delete today": lambda: by_desk(person, "recordings/delete", scope="today", satellite_ids=[KITCHEN]),
        "delete one": lambda: by_desk(
            person, "recordings/delete", scope="ids", recording_ids=house.ids(KITCHEN)
        ),
        "label": lambda: by_desk(person, "review/label", review_id=clip, label="cut_off"),
        "allow": lambda: by_desk(person, "review/allow", review_id=clip, allowed=True),
        "take out": lambda: by_desk(person, "review/take_out", review_ids=[clip]),
        "action": lambda: by_action(house, person, DOMAIN, "delete_today", {}),
        "button": lambda: by_action(house, person, "button", "press", {"entity_id": button}),
        "words": lambda: by_words(person, "delete everything I said today", satellite),
    }


DOORS = [
    "delete all",
    "delete today",
    "delete one",
    "label",
    "allow",
    "take out",
    "action",
    "button",
    "words",
]


@pytest.mark.parametrize("withdraw", WITHDRAWALS)
@pytest.mark.parametrize("door", DOORS)
async def test_whoever_loses_a_right_while_waiting_does_nothing(
    home: House, door: str, withdraw: Withdraw
) -> None:
    person = (await people_of(home, (ADMIN,)))[ADMIN]
    await home.hub.settings.async_set_reviewer(person.user.id, on=True)
    go = doors(home, person)
    assert set(go) == set(DOORS)
    before = print_of(home)
    async with home.hub._lock:
        asked = asyncio.ensure_future(go[door]())
        for _ in range(10):
            await asyncio.sleep(0)
        await withdraw(home, person)
    assert not await asked
    await home.hass.async_block_till_done()
    assert print_of(home) == before


async def test_whoever_keeps_the_right_is_only_late(home: House) -> None:
    person = (await people_of(home, (ADMIN,)))[ADMIN]
    go = doors(home, person)
    for door in ("label", "words", "delete all"):
        async with home.hub._lock:
            asked = asyncio.ensure_future(go[door]())
            await asyncio.sleep(0)
        assert await asked, door
    assert home.ids() == []


@pytest.mark.parametrize("withdraw", WITHDRAWALS)
async def test_nothing_less_private_is_set_without_the_right(home: House, withdraw: Withdraw) -> None:
    await home.hub.async_set_satellite(BEDROOM, SatelliteToggle.MUTED, Requester(), on=True)
    person = (await people_of(home, (ADMIN,)))[ADMIN]
    other = await home.hass.auth.async_create_user("Other")
    before = print_of(home)
    asked: list[asyncio.Future[bool]] = []
    write = home.hub.settings.file.async_write

    async def write_later(*args: Any, **kwargs: Any) -> None:
        # Something else is being written: the disk is slow.
        if not asked:
            for command, fields in (
                ("settings/set", {"toggle": "household_may_listen", "on": True}),
                ("settings/set", {"toggle": "muted", "on": False, "satellite_ids": [BEDROOM]}),
                ("retention/set", {"setting": "keep_recordings", "value": "day"}),
                ("review/set_reviewer", {"user_id": other.id, "on": True}),
            ):
                asked.append(asyncio.ensure_future(by_desk(person, command, **fields)))
            for _ in range(10):
                await asyncio.sleep(0)
            withdrawing = asyncio.ensure_future(withdraw(home, person))
            for _ in range(10):
                await asyncio.sleep(0)
            await write(*args, **kwargs)
            waiting.append(withdrawing)
            return
        await write(*args, **kwargs)

    waiting: list[asyncio.Future[None]] = []
    with patch.object(home.hub.settings.file, "async_write", write_later):
        await home.hub.async_set_house(HouseToggle.VERIFIER, Requester(), on=True)
        assert not any([await answer for answer in asked])
        await asyncio.gather(*waiting)
    changed = print_of(home)
    assert changed[:-1] == before[:-1]
    assert home.hub.settings.reviewers == frozenset()


@pytest.mark.parametrize("withdraw", WITHDRAWALS)
async def test_nothing_is_played_or_shown_of_a_room_whose_right_is_gone(
    home: House, hass_client_no_auth: ClientSessionGenerator, withdraw: Withdraw
) -> None:
    await home.hub.async_set_house(HouseToggle.HOUSEHOLD_MAY_LISTEN, Requester(), on=True)
    client = await hass_client_no_auth()
    (kitchen,) = home.ids(KITCHEN)
    clip = next(iter(home.hub.review.pool.items))
    read = home.hub.async_read
    for name, ask in (
        (KITCHEN_MEMBER, lambda person: fetch(client, person, f"recordings/{kitchen}/audio")),
        (KITCHEN_MEMBER, lambda person: person.desk.code_of("recordings/get", recording_id=kitchen)),
        (REVIEWER, lambda person: fetch(client, person, f"review/{clip}/audio")),
        (REVIEWER, lambda person: person.desk.code_of("review/transcript", review_id=clip)),
    ):
        person = (await people_of(home, (name,)))[name]

        async def read_later(recording_id: str, person: Person = person) -> Any:
            found = await read(recording_id)
            await _withdraw_listening(home, person, withdraw)
            return found

        with patch.object(home.hub, "async_read", side_effect=read_later):
            assert await ask(person) in (403, "unauthorized"), name
    assert all(entry.action not in ("listened", "listed") for entry in home.hub.access_log.entries)


async def _withdraw_listening(house: House, person: Person, withdraw: Withdraw) -> None:
    """Withdraw; whoever only loses a room may still listen in another."""
    if withdraw is demote and person.name == KITCHEN_MEMBER:
        group = house.hass.auth._store._groups[person.name]
        group.policy = {"entities": {"area_ids": {give_rooms(house.hass, BEDROOM)[BEDROOM]: True}}}
        person.user.invalidate_cache()
        return
    await withdraw(house, person)
