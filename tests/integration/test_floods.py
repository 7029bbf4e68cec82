"""Floods by one user over many connections: nobody else is held up, and nothing grows without end."""

import asyncio
from typing import Any
from unittest.mock import patch

from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
import pytest

from custom_components.voice_privacy.const import DOMAIN
from custom_components.voice_privacy.core.house_settings import HouseToggle, SatelliteToggle
from custom_components.voice_privacy.core.models import Requester

from .helpers.house import KITCHEN, House
from .helpers.people import ADMIN, LOCAL, REVIEWER, Desk, Person, people_of
from .helpers.recordings import record
from .helpers.talker import Talker
from .test_review_pool import until_released

DESKS = 20


def desks_of(hass: HomeAssistant, person: Person) -> list[Desk]:
    """Return further connections of somebody."""
    return [Desk(hass, person.user, person.token) for _ in range(DESKS)]


def codes(desk: Desk, numbers: list[int]) -> list[str | None]:
    """Return how commands were answered so far: None for those that were done."""
    answers = [answer for number in numbers if (answer := desk.answer_to(number))]
    return [None if answer["success"] else answer["error"]["code"] for answer in answers]


async def test_the_readings_of_one_user_take_turns_over_all_connections(
    hass: HomeAssistant, house: House, bedroom: Talker
) -> None:
    for _ in range(5):
        await record(house)
    people = await people_of(house, (ADMIN, LOCAL))
    await house.hub.async_set_house(HouseToggle.HOUSEHOLD_MAY_LISTEN, Requester(), on=True)
    desks = desks_of(hass, people[ADMIN])
    read, under_way, most = house.hub.async_read, 0, 0

    async def read_slowly(recording_id: str) -> Any:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        try:
            await asyncio.sleep(0)
            return await read(recording_id)
        finally:
            under_way -= 1

    with patch.object(house.hub, "async_read", side_effect=read_slowly):
        for desk in desks:
            desk.send(f"{DOMAIN}/recordings/search", text="light")
        sent = [(desk, [desk.send(f"{DOMAIN}/recordings/list") for _ in range(20)]) for desk in desks]
        # Somebody else is answered meanwhile.
        assert await people[LOCAL].desk.code_of("recordings/list") is None
        for desk, numbers in sent:
            await house.until_found(lambda desk=desk, numbers=numbers: len(codes(desk, numbers)) == 20)  # type: ignore[misc]
    # One of the flood and one of somebody else.
    assert most <= 2
    told = [code for desk, numbers in sent for code in codes(desk, numbers)]
    assert set(told) == {None, "busy"}
    assert told.count(None) <= 31
    await hass.async_block_till_done()
    assert await people[ADMIN].desk.code_of("recordings/list") is None


async def test_a_user_has_so_many_subscriptions(hass: HomeAssistant, house: House, bedroom: Talker) -> None:
    assert await async_setup_component(hass, "websocket_api", {})
    people = await people_of(house, (ADMIN, LOCAL))
    desks = desks_of(hass, people[LOCAL])
    sent = [(desk, [desk.send(f"{DOMAIN}/subscribe") for _ in range(50)]) for desk in desks]
    await hass.async_block_till_done()
    told = [codes(desk, numbers) for desk, numbers in sent]
    assert told == [[None] * 50] * 4 + [["busy"] * 50] * (DESKS - 4)
    assert await people[ADMIN].desk.code_of("subscribe") is None
    # A reload makes no room for more.
    await house.reload()
    assert await desks[-1].code_of("subscribe") == "busy"
    # A connection that closes does.
    desks[0].connection.async_handle_close()
    assert await desks[-1].code_of("subscribe") is None


@pytest.mark.parametrize("kind", ["label", "toggle", "delete", "delete and follow"])
async def test_changes_that_one_user_waits_for_are_limited(
    hass: HomeAssistant, house: House, bedroom: Talker, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    await house.hub.async_set_house(HouseToggle.HELP_IMPROVE, Requester(), on=True)
    await house.hub.async_set_satellite(KITCHEN, SatelliteToggle.HELP_IMPROVE, Requester(), on=True)
    await record(house)
    until_released(monkeypatch)
    people = await people_of(house, (ADMIN, LOCAL, REVIEWER))
    name = {"label": REVIEWER}.get(kind, LOCAL)
    clip = next(iter(house.hub.review.pool.items))
    asked: dict[str, tuple[str, dict[str, Any]]] = {
        "label": ("review/label", {"review_id": clip, "label": "cut_off"}),
        "toggle": ("settings/set", {"toggle": "muted", "on": False, "satellite_ids": [KITCHEN]}),
        "delete": ("recordings/delete", {"scope": "today", "satellite_ids": [KITCHEN]}),
        "delete and follow": (
            "recordings/delete",
            {"scope": "today", "satellite_ids": [KITCHEN], "follow": True},
        ),
    }
    command, fields = asked[kind]
    desks = desks_of(hass, people[name])
    turns = (house.hub._lock, house.hub.settings._turn)
    for turn in turns:
        await turn.acquire()
    sent = [(desk, [desk.send(f"{DOMAIN}/{command}", **fields) for _ in range(20)]) for desk in desks]
    for _ in range(20):
        await asyncio.sleep(0)
    if kind == "delete and follow":
        failed = [event for desk in desks for event in desk.events("failed")]
        assert len(failed) == 20 * DESKS - 50
        assert {event["code"] for event in failed} == {"busy"}
    else:
        refused = [code for desk, numbers in sent for code in codes(desk, numbers)]
        assert refused == ["busy"] * (20 * DESKS - 50)
    # Nobody else is refused anything.
    other = asyncio.ensure_future(people[ADMIN].desk.code_of(command, **fields))
    for turn in turns:
        turn.release()
    assert await other is None
    await hass.async_block_till_done()
    assert await people[name].desk.code_of(command, **fields) is None
