"""A reviewer who looks at everything all the time cannot tell which satellite a clip comes from, nor when."""

from collections.abc import Iterator
from datetime import timedelta
import json
import random
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from custom_components.voice_privacy.const import DOMAIN
from custom_components.voice_privacy.core.audio import SAMPLE_RATE
from custom_components.voice_privacy.core.house_settings import HouseToggle, RetentionSetting
from custom_components.voice_privacy.core.models import RecordingKind, Requester
from custom_components.voice_privacy.core.retention_policy import MEGABYTE, TRAINING, KeepFor
from custom_components.voice_privacy.core.review import next_release

from .helpers.house import BEDROOM, ENTRY_ID, KITCHEN, House
from .helpers.people import ADMIN, KITCHEN_MEMBER, LOCAL, READER, REVIEWER, Desk, Person, people_of
from .helpers.recordings import record
from .helpers.talker import Talker
from .test_review_pool import consent, waiting

WATCHERS = (KITCHEN_MEMBER, READER, REVIEWER, LOCAL)
"""People who are no administrators."""


def noise(seconds: float) -> bytes:
    """Return sound that no compression makes smaller."""
    return random.Random(seconds).randbytes(2 * int(seconds * SAMPLE_RATE))


def numbers(told: Any) -> Iterator[int]:
    """Yield every whole number in what was told, digits in texts included."""
    if isinstance(told, dict):
        for value in told.values():
            yield from numbers(value)
    elif isinstance(told, list):
        for value in told:
            yield from numbers(value)
    elif isinstance(told, int):
        yield told
    elif isinstance(told, str) and told.isdecimal():
        yield int(told)


async def look_everywhere(desk: Desk) -> None:
    """Ask for whatever tells of recordings, allowed or not."""
    for name, fields in (
        ("subscribe", {}),
        ("recordings/list", {}),
        ("recordings/list", {"satellite_id": KITCHEN, "content": False}),
        ("recordings/search", {"text": "time"}),
        ("recordings/preview", {"scope": "last", "satellite_ids": [KITCHEN]}),
        ("recordings/preview", {"scope": "today", "satellite_ids": [KITCHEN]}),
        ("recordings/preview", {"scope": "all"}),
        ("retention/preview", {"setting": "keep_recordings", "value": "day"}),
        ("review/list", {}),
        ("review/pool", {}),
        ("review/learned", {}),
        ("review/scores", {}),
    ):
        await desk.code_of(name, **fields)


@pytest.mark.usefixtures("bedroom")
@pytest.mark.parametrize("listens", [False, True])
async def test_nobody_but_an_administrator_is_told_an_exact_size(
    hass: HomeAssistant, house: House, listens: bool
) -> None:
    await consent(house, KITCHEN, BEDROOM)
    await house.hub.async_set_house(HouseToggle.HOUSEHOLD_MAY_LISTEN, Requester(), on=listens)
    people = await people_of(house, (ADMIN, *WATCHERS))
    for person in people.values():
        await look_everywhere(person.desk)
    # All lengths differ, and everybody looks again after each recording.
    for number in range(4):
        owner = (KITCHEN, BEDROOM)[number % 2]
        await record(house, owner=owner, pcm=noise(0.5 + 0.13 * number))
        for person in people.values():
            await look_everywhere(person.desk)
    sizes = {info.size for info in house.hub.recordings.values()}
    assert len(sizes) == 4
    sizes |= {house.hub.kept.summary(owner).size for owner in (None, KITCHEN, BEDROOM)}
    # Deleting tells how much was freed.
    for name in (*WATCHERS, ADMIN):
        await people[name].desk.code_of(
            "recordings/delete", scope="last", satellite_ids=[KITCHEN if name != ADMIN else BEDROOM]
        )
        follow = {"scope": "last", "satellite_ids": [KITCHEN], "follow": True}
        number = people[name].desk.send(f"{DOMAIN}/recordings/delete", **follow)
        await hass.async_block_till_done()
        assert people[name].desk.answer_to(number)

    assert {*numbers(people[ADMIN].desk.told)} >= sizes, "the search finds what there is to find"
    for name in WATCHERS:
        assert people[name].desk.told
        assert sizes & {*numbers(people[name].desk.told)} == set(), name
    for row in people[READER].desk.told:
        if "review_id" in json.dumps(row):
            pytest.fail("a reader is told of clips")
    state = hass.states.get(house.entity_id("sensor", "storage", ENTRY_ID))
    assert state is not None
    assert state.attributes["unit_of_measurement"] == "MB"


@pytest.mark.usefixtures("bedroom")
async def test_storage_is_told_in_whole_megabytes(hass: HomeAssistant, house: House) -> None:
    """Two recordings of different lengths, and no other state."""
    entity_id = house.entity_id("sensor", "storage", ENTRY_ID)
    assert house.state("sensor", "storage", ENTRY_ID) == "0"
    await record(house, pcm=noise(0.5))
    await record(house, pcm=noise(0.9))
    await hass.async_block_till_done()
    assert house.state("sensor", "storage", ENTRY_ID) == "1"
    shown = [(state, attributes) for changed, state, attributes in house.changes if changed == entity_id]
    assert {state for state, _ in shown} <= {"0", "1"}
    assert house.hub.kept.summary().size not in {*numbers([attributes for _, attributes in shown])}
    user = (await people_of(house, (ADMIN, REVIEWER)))[REVIEWER]
    user.desk.send(f"{DOMAIN}/subscribe")
    await hass.async_block_till_done()
    assert all(event["house"]["size"] % MEGABYTE == 0 for event in user.desk.events("state"))


@pytest.fixture
def at_noon(house: House, bedroom: Talker, freezer: FrozenDateTimeFactory) -> FrozenDateTimeFactory:
    """Begin six hours away from any release, in a house that has started before time stands still."""
    noon = dt_util.now().replace(hour=12, minute=0, second=0, microsecond=0) + timedelta(days=1)
    freezer.move_to(noon.astimezone(dt_util.UTC))
    return freezer


async def listed(person: Person) -> list[str]:
    """Return the clips that somebody is told of."""
    answer = await person.desk.ask(f"{DOMAIN}/review/list")
    return [clip["review_id"] for clip in answer["result"]["clips"]]


async def move(house: House, freezer: FrozenDateTimeFactory, passed: timedelta) -> None:
    """Let time pass."""
    freezer.tick(passed)
    async_fire_time_changed(house.hass)
    await house.hass.async_block_till_done()


async def test_watching_the_pool_tells_no_clip_from_another(
    hass: HomeAssistant, house: House, at_noon: FrozenDateTimeFactory
) -> None:
    await consent(house)
    people = await people_of(house, (ADMIN, REVIEWER))
    admin, reviewer = people[ADMIN], people[REVIEWER]
    for person in people.values():
        person.desk.send(f"{DOMAIN}/subscribe")
        await hass.async_block_till_done()
    told = len(reviewer.desk.events())
    ids = []
    for number in range(8):
        recording_id = await record(house, f"sentence {number}")
        ids.append(waiting(house)[recording_id].review_id)
        await move(house, at_noon, timedelta(minutes=20))
        # The owner sees each at once; whoever reviews sees nothing, and is told of nothing.
        assert len(await listed(admin)) == number + 1
        assert await listed(reviewer) == []
        assert len(reviewer.desk.events()) == told
        refused = await reviewer.desk.code_of("review/transcript", review_id=ids[0])
        assert refused == await reviewer.desk.code_of("review/transcript", review_id="0" * 32)
        assert await reviewer.desk.code_of("review/label", review_id=ids[0], label="cut_off") == "not_in_pool"
    assert len(admin.desk.events("state")) > 8

    # A restart brings nothing forward, and neither does being made a reviewer again.
    await house.reload()
    assert await listed(reviewer) == []

    reviewer.desk.send(f"{DOMAIN}/subscribe")
    await hass.async_block_till_done()
    told = len(reviewer.desk.events())
    await move(house, at_noon, next_release(dt_util.now()) - dt_util.utcnow())
    assert len(reviewer.desk.events()) == told + 1
    first, second = (event["house"]["review"] for event in reviewer.desk.events()[-2:])
    assert first != second
    assert await listed(reviewer) == sorted(ids)
    # In which order they were said is not in what is told: ids are random.
    assert sorted(ids) != ids
    assert len({review_id[:4] for review_id in ids}) == len(ids)

    # What comes now waits for the next one, and labels are pushed to nobody.
    await record(house, "one more")
    await reviewer.desk.code_of("review/label", review_id=ids[0], label="cut_off")
    await move(house, at_noon, timedelta(hours=1))
    assert len(await listed(reviewer)) == 8
    assert len(reviewer.desk.events()) == told + 1
    await house.reload()
    assert len(await listed(reviewer)) == 8
    await move(house, at_noon, timedelta(hours=11))
    assert len(await listed(reviewer)) == 9


async def test_a_clip_goes_before_its_time_is_up_and_not_when_it_is(
    house: House, at_noon: FrozenDateTimeFactory
) -> None:
    """The minute at which a clip goes would be the minute at which it was said."""
    await consent(house)
    reviewer = (await people_of(house, (ADMIN, REVIEWER)))[REVIEWER]
    await house.hub.settings.async_set_retention(
        RetentionSetting.KEEP_TRANSCRIPTS, KeepFor.DAY.value, Requester()
    )
    said = dt_util.utcnow()
    recording_id = await record(house, "turn on the light")
    false_wake = await record(house, "on the", kind=RecordingKind.FALSE_WAKE)
    review_id, mistaken = (waiting(house)[kept_id].review_id for kept_id in (recording_id, false_wake))
    at_noon.move_to(said + timedelta(hours=6))
    assert await listed(reviewer) == sorted([review_id, mistaken])
    transcript = await reviewer.desk.ask(f"{DOMAIN}/review/transcript", review_id=review_id)
    assert transcript["result"] == {"transcript": "turn on the light"}
    # The words are kept for a day: a reviewer gets them until the last release before that.
    for hours, words in ((17, "turn on the light"), (18, None), (23, None)):
        at_noon.move_to(said + timedelta(hours=hours))
        transcript = await reviewer.desk.ask(f"{DOMAIN}/review/transcript", review_id=review_id)
        assert transcript["result"] == {"transcript": words}
    # A false wake waits for a week.
    for hours, there in ((-7, True), (-6, False), (-1, False)):
        at_noon.move_to(said + TRAINING + timedelta(hours=hours))
        assert (mistaken in await listed(reviewer)) is there
        assert mistaken in {item.review_id for item in waiting(house).values()}
    for hours, there in ((-7, True), (-6, False), (-1, False)):
        at_noon.move_to(said + timedelta(days=30, hours=hours))
        assert (review_id in await listed(reviewer)) is there
        assert review_id in {item.review_id for item in waiting(house).values()}
