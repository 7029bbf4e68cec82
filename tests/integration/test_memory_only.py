"""The level "memory only": nothing of what is said reaches a disk until somebody asks for that."""

from datetime import timedelta
import json
from pathlib import Path
from typing import Any

from homeassistant.auth.const import GROUP_ID_USER
from homeassistant.components.recorder import get_instance
from homeassistant.core import Context, HomeAssistant
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import async_fire_time_changed
from pytest_homeassistant_custom_component.components.recorder.common import async_wait_recording_done
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator, WebSocketGenerator

from custom_components.voice_privacy.core.errors import StoreError
from custom_components.voice_privacy.core.house_settings import HouseToggle
from custom_components.voice_privacy.core.models import AuditAction, DeletionRequest, DeletionScope, Requester
from custom_components.voice_privacy.recordings import held as held_module

from .helpers.house import BEDROOM, ENTRY_ID, KITCHEN, House
from .helpers.recordings import record
from .helpers.talker import Talker
from .test_levels import Page, choose, place
from .test_voice_commands import Speaker

TEXT = "the quick brown fox wants light"


@pytest.fixture
async def room(house: House) -> str:
    """The kitchen's area, whose recordings are in memory only."""
    area_id = place(house, KITCHEN, "Kitchen")
    await house.hass.async_block_till_done()
    assert area_id is not None
    await choose(house, area_id, "memory_only")
    return area_id


@pytest.fixture
async def page(hass: HomeAssistant, house: House, hass_ws_client: WebSocketGenerator) -> Page:
    return Page(await hass_ws_client(hass))


async def say(house: House, text: str = TEXT, owner: str = KITCHEN) -> str:
    """Have a command said that is held; return its id."""
    told = len(house.activity(owner))
    house.transcriber.text = text
    await house.satellites[owner].ask()
    await house.until(
        lambda: ("discarded", "memory_only") in house.activity(owner)[told:],
        f"it is held; told {house.activity(owner)}",
    )
    await house.until_state("assist_satellite", "assist_satellite", "idle", owner)
    return list(house.hub.memory.held.infos)[-1]


def held(house: House) -> list[str]:
    return list(house.hub.memory.held.infos)


def search(folder: Path, markers: dict[str, bytes]) -> set[str]:
    """Return the markers that any file below a folder contains, in its content or its name."""
    found = set()
    for path in folder.rglob("*"):
        content = path.name.encode() + (path.read_bytes() if path.is_file() else b"")
        found |= {name for name, marker in markers.items() if marker in content}
    return found


@pytest.mark.parametrize("persistent_database", [True])
async def test_no_byte_of_it_is_on_a_disk(
    hass: HomeAssistant, house: House, room: str, page: Page, hass_storage: dict[str, Any]
) -> None:
    recording_id = await say(house)
    _, content = house.hub.memory.read(recording_id)
    assert content.transcript == TEXT
    middle = len(content.audio) // 2
    markers = {
        "audio": content.audio[middle : middle + 64],
        "text": TEXT.encode(),
        "wide text": TEXT.encode("utf-16-le"),
        "id": recording_id.encode(),
        "raw id": bytes.fromhex(recording_id),
    }
    config = Path(hass.config.config_dir)
    database = Path(get_instance(hass).db_url.removeprefix("sqlite:///")).parent
    assert list(database.iterdir())

    async def everywhere() -> set[str]:
        """Return the markers that are found anywhere, once everything is written."""
        await hass.async_block_till_done()
        await async_wait_recording_done(hass)
        await house.flush()
        stored = json.dumps(hass_storage, default=str, ensure_ascii=False).encode()
        return (
            search(config, markers)
            | search(database, markers)
            | {name for name, marker in markers.items() if marker in stored}
        )

    assert await everywhere() == set()
    # Neither does looking at it, nor listening, nor deleting it write anything of it.
    assert house.hub.memory.read(recording_id)
    another = await say(house, "another fox")
    await page.ask("recordings/delete", scope="ids", recording_ids=[another])
    assert await everywhere() == set()
    # The search finds what is there: the id once it is kept, and plain text and audio in a file.
    assert (await page.ask("recordings/keep", recording_id=recording_id))["success"]
    assert house.ids() == [recording_id]
    assert await everywhere() >= {"id"}
    (config / "plain").write_bytes(b"".join(markers.values()))
    assert await everywhere() == set(markers)


async def test_it_is_told_on_the_page_played_and_goes_by_itself(
    hass: HomeAssistant, house: House, room: str, page: Page, hass_client: ClientSessionGenerator
) -> None:
    recording_id = await say(house)
    state = await page.state()
    (one,) = state["held"]
    assert (one["id"], one["satellite_id"], one["may_keep"]) == (recording_id, KITCHEN, True)
    left = dt_util.parse_datetime(one["until"], raise_on_error=True) - dt_util.utcnow()
    assert timedelta(minutes=9) < left <= timedelta(minutes=10)
    assert house.ids() == []
    # Not in lists, searches, or exports.
    assert (await page.ask("recordings/list"))["result"]["recordings"] == []
    assert (await page.ask("recordings/get", recording_id=recording_id))["error"][
        "code"
    ] == "recording_not_found"
    client = await hass_client()
    answer = await client.get(f"/api/voice_privacy/recordings/{recording_id}/audio")
    assert answer.status == 200
    assert (await answer.read())[44:] == house.hub.memory.read(recording_id)[1].audio
    answer = await client.get(f"/api/voice_privacy/recordings/{recording_id}/audio?download=1")
    assert answer.status in (400, 404)

    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(minutes=9, seconds=50))
    await hass.async_block_till_done()
    assert held(house) == [recording_id]
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(minutes=10, seconds=5))
    await hass.async_block_till_done()
    assert held(house) == []
    assert (await page.state())["held"] == []
    assert (await page.ask("recordings/keep", recording_id=recording_id))["error"][
        "code"
    ] == "recording_not_found"


async def test_what_was_said_is_told_to_who_may_listen(
    hass: HomeAssistant, house: House, room: str, page: Page, hass_ws_client: WebSocketGenerator
) -> None:
    recording_id = await say(house)
    content = house.hub.memory.read(recording_id)[1]
    assert content.transcript
    told = (await page.ask("recordings/held"))["result"]["recordings"]
    assert told == {recording_id: {"transcript": content.transcript, "reply": content.reply}}
    # Reading it is a look, as in any list; the state that is pushed has no words.
    assert AuditAction.LISTED in [entry.action for entry in house.hub.access_log.entries]
    assert content.transcript not in str(await page.state())

    user = await hass.auth.async_create_user("Member", group_ids=[GROUP_ID_USER])
    token = await hass.auth.async_create_refresh_token(user, "https://example.com/app")
    member = Page(await hass_ws_client(hass, hass.auth.async_create_access_token(token)))
    assert (await member.ask("recordings/held"))["error"]["code"] == "unauthorized"
    await house.hub.settings.async_set_house(HouseToggle.HOUSEHOLD_MAY_LISTEN, Requester(), on=True)
    assert (await member.ask("recordings/held"))["result"]["recordings"] == told
    house.hub.memory.held.clear()
    assert (await page.ask("recordings/held"))["result"]["recordings"] == {}


async def test_a_restart_loses_it(house: House, room: str) -> None:
    await say(house)
    await house.reload()
    await house.until_listening()
    assert (held(house), house.ids(), house.sealed_files()) == ([], [], [])


async def test_what_is_kept_is_as_it_was(house: House, room: str, page: Page) -> None:
    recording_id = await say(house)
    before = house.hub.memory.read(recording_id)[1]
    assert (await page.ask("recordings/keep", recording_id=recording_id))["success"]
    assert (await house.read(recording_id))[1] == before
    assert held(house) == []
    assert house.activity()[-1] == ("kept", None)
    entry = house.hub.access_log.entries[-1]
    assert (entry.action, entry.count, dict(entry.rooms)) == ("kept", 1, {KITCHEN: 1})


@pytest.mark.parametrize("forbidden", ["listen_only", "guest_mode", "save_recordings", "off"])
async def test_what_may_not_be_kept_now_stays_in_memory(
    house: House, room: str, page: Page, forbidden: str
) -> None:
    recording_id = await say(house)
    if forbidden in ("listen_only", "off"):
        await choose(house, room, forbidden)
    elif forbidden == "guest_mode":
        await house.switch("guest_mode", on=True, owner=ENTRY_ID)
    else:
        await house.switch("save_recordings", on=False)
    answer = await page.ask("recordings/keep", recording_id=recording_id)
    assert answer["error"]["code"] == "not_kept_now"
    assert (held(house), house.ids(), house.sealed_files()) == ([recording_id], [], [])


async def test_a_failing_store_leaves_it_in_memory(
    house: House, room: str, page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    recording_id = await say(house)

    async def fail(*_args: object) -> None:
        raise StoreError

    with monkeypatch.context() as patch:
        patch.setattr(house.hub.kept.store, "async_keep", fail)
        assert not (await page.ask("recordings/keep", recording_id=recording_id))["success"]
    assert held(house) == [recording_id]
    assert (await page.ask("recordings/keep", recording_id=recording_id))["success"]


async def test_a_level_that_loosens_while_somebody_speaks_does_not_reach_back(
    house: House, room: str
) -> None:
    house.transcriber.may_answer.clear()
    await house.kitchen.ask()
    await house.until(lambda: house.hub.in_flight(KITCHEN), "an utterance")
    await choose(house, room, "no_limit")
    house.transcriber.may_answer.set()
    await house.until_told("discarded", "memory_only")
    assert (house.ids(), len(held(house))) == ([], 1)


async def test_toggles_that_keep_nothing_keep_nothing_in_memory_either(house: House, room: str) -> None:
    await house.switch("save_recordings", on=False)
    await house.press_to_talk()
    await house.until_told("discarded", "saving_off")
    assert held(house) == []


# --- deletion ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "request_",
    [
        DeletionRequest(scope=DeletionScope.ALL),
        DeletionRequest(scope=DeletionScope.TODAY),
        DeletionRequest(scope=DeletionScope.DAY, day=dt_util.now().date()),
        DeletionRequest(scope=DeletionScope.RANGE, start=dt_util.utcnow() - timedelta(hours=1)),
        DeletionRequest(scope=DeletionScope.ALL, satellite_ids=frozenset({KITCHEN})),
    ],
    ids=lambda request: request.scope.value,
)
async def test_deletions_reach_it_and_count_it(house: House, room: str, request_: DeletionRequest) -> None:
    if request_.scope is DeletionScope.DAY:
        request_ = DeletionRequest(scope=DeletionScope.DAY, day=dt_util.now().date())
    await say(house)
    await say(house, "and another")
    assert len(house.hub.deletion.meant(request_)) == 2
    receipt = await house.hub.deletion.async_delete(request_, Requester())
    assert (receipt.asked, receipt.deleted, receipt.verified) == (2, 2, True)
    assert held(house) == []
    entry = house.hub.access_log.entries[-1]
    assert (entry.count, dict(entry.rooms)) == (2, {KITCHEN: 2})


async def test_the_last_is_the_newest_of_disk_and_memory(house: House, room: str, bedroom: Talker) -> None:
    last = DeletionRequest(scope=DeletionScope.LAST, satellite_ids=frozenset({KITCHEN}))
    await choose(house, room, "no_limit")
    older = await record(house)
    await choose(house, room, "memory_only")
    first, second = await say(house), await say(house, "and another")
    await choose(house, room, "no_limit")
    newer = (await house.keep())[0]
    for expected in (newer, second, first, older):
        assert [info.recording_id for info in house.hub.deletion.meant(last)] == [expected]
        receipt = await house.hub.deletion.async_delete(last, Requester())
        assert receipt.deleted == 1
    assert (house.ids(), held(house)) == ([], [])


async def test_ids_in_memory_and_on_disk_are_deleted_together(house: House, room: str, page: Page) -> None:
    await choose(house, room, "no_limit")
    stored = await record(house)
    await choose(house, room, "memory_only")
    first, second = await say(house), await say(house, "and another")
    answer = await page.ask("recordings/delete", scope="ids", recording_ids=[stored, first])
    receipt = answer["result"]
    assert (receipt["asked"], receipt["deleted"], receipt["already_gone"], receipt["left"]) == (2, 2, 0, 0)
    assert (house.ids(), held(house)) == ([], [second])
    receipt = (await page.ask("recordings/delete", scope="ids", recording_ids=[first]))["result"]
    assert (receipt["deleted"], receipt["already_gone"]) == (0, 1)


async def test_memory_is_bounded(house: House, room: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(held_module, "MAX_HELD", 2)
    ids = [await say(house, f"number {number}") for number in range(3)]
    assert held(house) == ids[1:]
    monkeypatch.setattr(held_module, "MAX_BYTES", 1)
    with pytest.raises(IndexError):
        await say(house, "too long")
    assert held(house) == []


async def test_the_minutes_can_be_chosen(house: House, room: str, page: Page) -> None:
    await house.hass.services.async_call(
        "number",
        "set_value",
        {"entity_id": house.entity_id("number", "memory_minutes", ENTRY_ID), "value": 2},
        blocking=True,
    )
    await say(house)
    (one,) = (await page.state())["held"]
    left = dt_util.parse_datetime(one["until"], raise_on_error=True) - dt_util.utcnow()
    assert timedelta(minutes=1) < left <= timedelta(minutes=2)
    await house.reload()
    assert house.state("number", "memory_minutes", ENTRY_ID) == "2"


# --- voice and rights ----------------------------------------------------------------------------


async def test_keep_that_by_voice_keeps_what_was_said_before(house: House, room: str) -> None:
    speaker = Speaker(house)
    assert await speaker.say("Keep that.") == "There is nothing in memory to keep."
    recording_id = await say(house)
    assert await speaker.say("Keep that, please.") == "OK, I have kept it."
    assert (house.ids(), held(house)) == ([recording_id], [])
    assert (await house.read(recording_id))[1].transcript == TEXT
    await say(house)
    await house.switch("save_recordings", on=False)
    assert await speaker.say("keep what I just said") == "Nothing may be kept in this room now."
    assert len(held(house)) == 1


async def test_who_may_keep_and_listen(
    hass: HomeAssistant, house: House, room: str, hass_ws_client: WebSocketGenerator
) -> None:
    recording_id = await say(house)
    user = await hass.auth.async_create_user("Member", group_ids=[GROUP_ID_USER])
    token = await hass.auth.async_create_refresh_token(user, "https://example.com/app")
    member = Page(await hass_ws_client(hass, hass.auth.async_create_access_token(token)))
    # Who may not listen is not told either.
    assert (await member.state())["held"] == []
    await hass.services.async_call(
        "select",
        "select_option",
        {"entity_id": "select.voice_privacy_privacy_level_kitchen", "option": "memory_only"},
        blocking=True,
        context=Context(user_id=user.id),
    )
    await hass.async_block_till_done()
    assert (await member.ask("recordings/keep", recording_id=recording_id))["success"]
    assert house.ids() == [recording_id]
    assert (await member.ask("recordings/keep", recording_id="0" * 32))["error"][
        "code"
    ] == "recording_not_found"
    assert BEDROOM not in house.hub.satellites
