"""Deletion that can be undone: hidden at once, gone in the end, whatever ends it, and back after an undo."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

from homeassistant.auth.const import GROUP_ID_READ_ONLY
from homeassistant.const import EVENT_HOMEASSISTANT_STOP
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import async_fire_time_changed
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.voice_privacy.const import DOMAIN
from custom_components.voice_privacy.core.errors import StoreError
from custom_components.voice_privacy.core.house_settings import HouseToggle
from custom_components.voice_privacy.core.models import AuditAction, RecordingKind, Requester, RequesterKind
from custom_components.voice_privacy.hub import delayed_deletion
from custom_components.voice_privacy.hub.delayed_deletion import DelayedDeletion
from custom_components.voice_privacy.recordings.store import RecordingStore
from custom_components.voice_privacy.storage.vault import Vault

from .helpers.house import BEDROOM, ENTRY_ID, House
from .helpers.people import ADMIN, KITCHEN_MEMBER, READER, Desk, Person, fetch, people_of
from .helpers.recordings import record
from .helpers.talker import Talker

INTENTIONS = "to-delete"


@pytest.fixture
async def people(house: House, bedroom: Talker) -> dict[str, Person]:
    """An administrator, and a member who controls the kitchen, where the household may listen."""
    everybody = await people_of(house, (ADMIN, KITCHEN_MEMBER, READER))
    await house.hub.settings.async_set_house(HouseToggle.HOUSEHOLD_MAY_LISTEN, Requester(), on=True)
    return everybody


async def delete(desk: Desk, recording_id: str) -> int:
    """Delete a recording as the page does; return the subscription's number."""
    number = desk.send(f"{DOMAIN}/recordings/delete_later", recording_id=recording_id)
    await desk.until_told(lambda: desk.answer_to(number) is not None)
    answer = desk.answer_to(number)
    assert answer is not None
    assert answer["success"], answer
    assert told(desk, number)[0] == {"type": "hidden", "seconds": 10.0}
    return number


def told(desk: Desk, number: int) -> list[dict[str, Any]]:
    """Return the events of one subscription."""
    return [
        dict(message["event"])
        for message in desk.told
        if message["type"] == "event" and message["id"] == number
    ]


async def found(desk: Desk) -> None:
    """Wait until a search has ended."""
    await desk.until_told(lambda: bool(desk.events("finished")))


async def outcome(desk: Desk, number: int) -> dict[str, Any]:
    """Wait for the end of a deletion and return what was told of it."""
    await desk.until_told(lambda: len(told(desk, number)) > 1)
    return told(desk, number)[1]


def time_is_over(hass: HomeAssistant, seconds: float = 10.5) -> None:
    """Let the time pass in which a deletion can be undone."""
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(seconds=seconds))


def exists(house: House, recording_id: str) -> bool:
    """Return whether the key of a recording is still on disk."""
    return recording_id in house.hub.kept.with_hidden


def deletions(house: House) -> list[tuple[int, str | None]]:
    """Return how many recordings the access log says were deleted, and by whom."""
    return [
        (entry.count, entry.by.user_id)
        for entry in house.hub.access_log.entries
        if entry.action is AuditAction.DELETED
    ]


# --- hidden --------------------------------------------------------------------------------------


async def test_hidden_at_once_from_everybody_and_everything(
    hass: HomeAssistant, house: House, people: dict[str, Person], hass_client_no_auth: ClientSessionGenerator
) -> None:
    await house.switch("help_improve", on=True, owner=ENTRY_ID)
    await house.switch("help_improve", on=True)
    stays = await record(house, "turn on the light")
    goes = await record(house, "a secret", kind=RecordingKind.FALSE_WAKE)
    clip = next(item for item in house.hub.review.pool.items.values() if item.recording_id == goes)
    desk, member = people[ADMIN].desk, people[KITCHEN_MEMBER].desk
    for someone in (desk, member):
        await someone.ask(f"{DOMAIN}/subscribe")
    client = await hass_client_no_auth()

    await delete(desk, goes)
    for someone in (desk, member):
        assert someone.events("deleted") == [{"type": "deleted", "recording_ids": [goes]}]
        answer = (await someone.ask(f"{DOMAIN}/recordings/list"))["result"]
        assert [row["id"] for row in answer["recordings"]] == [stays]
        assert answer["counts"] == {"all": 1, "command": 1, "false_wake": 0}
        assert [figures["count"] for figures in answer["days"].values()] == [1]
        assert await someone.code_of("recordings/get", recording_id=goes) == "recording_not_found"
        await someone.ask(f"{DOMAIN}/recordings/search", text="secret")
        await found(someone)
        assert someone.events("progress")[-1]["recordings"] == []
    for person in (people[ADMIN], people[KITCHEN_MEMBER]):
        assert await fetch(client, person, f"recordings/{goes}/audio") == 404
    assert await fetch(client, people[ADMIN], f"recordings/{goes}/audio?download") == 404
    archive = await client.get(f"/api/{DOMAIN}/archive", headers=people[ADMIN].headers)
    assert goes.encode() not in await archive.read()
    preview = (await desk.ask(f"{DOMAIN}/recordings/preview", scope="all"))["result"]
    assert preview["count"] == 1

    # Its clip is nobody's either.
    assert await desk.code_of("review/transcript", review_id=clip.review_id) == "not_in_pool"
    assert await desk.code_of("review/label", review_id=clip.review_id, label="cut_off") == "not_in_pool"
    assert await desk.code_of("review/allow", review_id=clip.review_id, allowed=True) == "not_in_pool"
    clips = (await desk.ask(f"{DOMAIN}/review/pool"))["result"]["clips"]
    assert goes not in [item["recording_id"] for item in clips]
    clips = (await desk.ask(f"{DOMAIN}/review/list"))["result"]["clips"]
    assert clip.review_id not in [item["review_id"] for item in clips]
    assert await fetch(client, people[ADMIN], f"review/{clip.review_id}/audio") == 404

    # Figures do not count it, and automations are told of nothing yet.
    assert house.state("sensor", "recordings") == "1"
    assert house.state("sensor", "last_recording") == house.hub.recordings[stays].started_at.isoformat(
        timespec="seconds"
    )
    assert house.hub.kept.summary().size == house.hub.recordings[stays].size
    assert "deleted" not in [event for event, _ in house.activity()]
    assert exists(house, goes)
    assert deletions(house) == []


async def test_summaries_of_hidden_recordings(house: House, people: dict[str, Person]) -> None:
    first = await record(house, owner=BEDROOM)
    await record(house)
    last = await record(house)
    kept = house.hub.kept
    newest = house.hub.recordings[last].started_at
    await delete(people[ADMIN].desk, first)
    assert (kept.summary().recordings, kept.summary(BEDROOM).recordings) == (2, 0)
    assert (kept.summary().last_started_at, kept.summary(BEDROOM).last_started_at) == (newest, None)


async def test_a_summary_looks_at_no_other_satellite_s_recordings(
    house: House, people: dict[str, Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    """There may be a hundred thousand, and every change of the state asks for all summaries."""
    before, hidden = await record(house, owner=BEDROOM), await record(house, owner=BEDROOM)
    others = [await record(house) for _ in range(20)]
    kept = house.hub.kept
    await delete(people[ADMIN].desk, hidden)
    looked_at: list[str] = []

    class Counting(set[str]):
        """Hidden ids that note which ids they are asked for."""

        def __contains__(self, recording_id: object) -> bool:
            looked_at.append(str(recording_id))
            return super().__contains__(recording_id)

    monkeypatch.setattr(kept, "hidden", Counting(kept.hidden))
    assert kept.summary(BEDROOM).last_started_at == kept.with_hidden[before].started_at
    assert not set(looked_at) & set(others)


# --- its end -------------------------------------------------------------------------------------


async def test_it_goes_when_the_time_is_over(
    hass: HomeAssistant, house: House, people: dict[str, Person]
) -> None:
    stays, goes = await record(house), await record(house)
    before = await house.read(stays)
    desk = people[ADMIN].desk
    await desk.ask(f"{DOMAIN}/subscribe")
    size = house.hub.recordings[goes].size
    number = await delete(desk, goes)
    time_is_over(hass, 9.0)
    await hass.async_block_till_done()
    assert exists(house, goes)
    time_is_over(hass)
    event = await outcome(desk, number)
    assert event["type"] == "receipt"
    receipt = event["receipt"]
    assert (receipt["deleted"], receipt["left"], receipt["verified"], receipt["size"]) == (1, 0, True, size)
    await desk.until_told(lambda: bool(desk.events("counted")))
    assert desk.events("counted") == [{"type": "counted", "rows": 0}]
    assert not exists(house, goes)
    assert house.ids() == [stays]
    assert await house.read(stays) == before
    # Pages were told once, when it was hidden; automations and the log when it was deleted.
    assert len(desk.events("deleted")) == 1
    assert house.activity()[-1] == ("deleted", 1)
    assert deletions(house) == [(1, people[ADMIN].user.id)]
    assert await desk.code_of("recordings/undo", recording_id=goes) == "recording_not_found"
    await house.hub.kept.store.async_flush()
    await hass.async_block_till_done()
    assert INTENTIONS not in house.files()
    assert len(house.sealed_files()) == 1


@asynccontextmanager
async def deleted_meanwhile(hass: HomeAssistant, house: House) -> AsyncGenerator[None]:
    """Wait at the end until something has been deleted."""
    gone = asyncio.Event()
    unlisten = house.hub.notices.listen_to_events(
        lambda event: gone.set() if event.type == "deleted" else None
    )
    yield
    async with asyncio.timeout(10):
        await gone.wait()
    unlisten()
    await hass.async_block_till_done()


async def test_it_goes_when_the_page_closes(
    hass: HomeAssistant, house: House, people: dict[str, Person]
) -> None:
    stays, goes = await record(house), await record(house)
    desk = people[ADMIN].desk
    await delete(desk, goes)
    async with deleted_meanwhile(hass, house):
        desk.connection.async_handle_close()
    assert house.ids() == [stays]
    assert not exists(house, goes)


async def test_it_goes_when_the_subscription_ends(
    hass: HomeAssistant, house: House, people: dict[str, Person]
) -> None:
    goes = await record(house)
    desk = people[ADMIN].desk
    number = await delete(desk, goes)
    async with deleted_meanwhile(hass, house):
        # As Home Assistant does when it is asked to.
        desk.connection.subscriptions.pop(number)()
    assert not exists(house, goes)


async def test_it_goes_after_its_user_has_signed_out(
    hass: HomeAssistant, house: House, people: dict[str, Person]
) -> None:
    goes = await record(house)
    await delete(people[ADMIN].desk, goes)
    async with deleted_meanwhile(hass, house):
        hass.auth.async_remove_refresh_token(people[ADMIN].token)
        people[ADMIN].desk.connection.async_handle_close()
    assert not exists(house, goes)


@pytest.mark.parametrize("how", ["unload", "stop"])
async def test_it_goes_when_home_assistant_stops(
    hass: HomeAssistant, house: House, people: dict[str, Person], how: str
) -> None:
    stays = await record(house)
    gone = [await record(house) for _ in range(3)]
    for recording_id in gone:
        await delete(people[ADMIN].desk, recording_id)
    if how == "unload":
        await house.reload()
    else:
        hass.bus.async_fire(EVENT_HOMEASSISTANT_STOP)
        await hass.async_block_till_done()
        await house.reload()
    assert house.ids() == [stays]
    assert not any(exists(house, recording_id) for recording_id in gone)
    assert INTENTIONS not in house.files()


async def test_it_goes_at_the_next_start_after_a_crash(
    hass: HomeAssistant, house: House, people: dict[str, Person]
) -> None:
    stays, goes = await record(house), await record(house)
    await delete(people[ADMIN].desk, goes)
    assert INTENTIONS in house.files()

    async def crash(self: DelayedDeletion) -> None:
        """Do nothing of what a stop does; the timers of a process end with it."""
        for waiting in self._waiting.values():
            waiting.cancel_timer()

    with patch.object(DelayedDeletion, "async_stop", crash):
        await hass.config_entries.async_unload(house.entry.entry_id)
    await hass.config_entries.async_setup(house.entry.entry_id)
    assert house.ids() == [stays]
    assert not exists(house, goes)
    assert INTENTIONS not in house.files()
    assert deletions(house) == [(1, people[ADMIN].user.id)]


@pytest.mark.parametrize("content", [b"", b"\xff" * 100, b"../../etc/passwd -\n", b"0" * 2_000_000])
async def test_a_damaged_file_of_what_is_to_go_deletes_nothing(
    hass: HomeAssistant, house: House, content: bytes
) -> None:
    stays = await record(house)
    file = Path(hass.config.cache_path(DOMAIN)) / INTENTIONS
    await hass.config_entries.async_unload(house.entry.entry_id)
    file.write_bytes(content)
    await hass.config_entries.async_setup(house.entry.entry_id)
    assert house.ids() == [stays]


# --- undo ----------------------------------------------------------------------------------------


async def test_undo_brings_it_back_byte_for_byte(
    hass: HomeAssistant, house: House, people: dict[str, Person]
) -> None:
    recording_id = await record(house, "turn on the light")
    before = await house.read(recording_id)
    desk, other = people[ADMIN].desk, people[KITCHEN_MEMBER].desk
    await other.ask(f"{DOMAIN}/subscribe")
    number = await delete(desk, recording_id)
    assert await desk.code_of("recordings/undo", recording_id=recording_id) is None
    assert told(desk, number)[1:] == [{"type": "undone"}]
    assert [row["id"] for row in other.events("added")[0]["recordings"]] == [recording_id]
    assert await house.read(recording_id) == before
    assert house.state("sensor", "recordings") == "1"
    assert INTENTIONS not in house.files()
    time_is_over(hass)
    await hass.async_block_till_done()
    await house.reload()
    assert (await house.read(recording_id))[1] == before[1]
    assert deletions(house) == []


async def test_only_the_user_who_deleted_undoes_it_on_any_page(
    house: House, people: dict[str, Person]
) -> None:
    recording_id = await record(house)
    await delete(people[KITCHEN_MEMBER].desk, recording_id)
    for name in (ADMIN, READER):
        code = await people[name].desk.code_of("recordings/undo", recording_id=recording_id)
        assert code == "recording_not_found"
    member = people[KITCHEN_MEMBER]
    another = Desk(house.hass, member.user, member.token)
    assert await another.code_of("recordings/undo", recording_id=recording_id) is None
    assert house.ids() == [recording_id]


async def test_an_undo_that_cannot_be_written_is_told(house: House, people: dict[str, Person]) -> None:
    recording_id = await record(house)
    await delete(people[ADMIN].desk, recording_id)
    with patch.object(Vault, "write_intentions", side_effect=StoreError):
        code = await people[ADMIN].desk.code_of("recordings/undo", recording_id=recording_id)
    assert code == StoreError.code
    assert house.ids() == [recording_id]


# --- in between ----------------------------------------------------------------------------------


async def test_a_full_disk_does_not_stop_it(
    hass: HomeAssistant, house: House, people: dict[str, Person]
) -> None:
    recording_id = await record(house)
    with patch.object(Vault, "write_intentions", side_effect=StoreError):
        number = await delete(people[ADMIN].desk, recording_id)
        time_is_over(hass)
        assert (await outcome(people[ADMIN].desk, number))["receipt"]["deleted"] == 1
    assert not exists(house, recording_id)


async def test_refused_when_the_right_is_gone_and_shown_again(
    hass: HomeAssistant, house: House, people: dict[str, Person]
) -> None:
    recording_id = await record(house)
    member = people[KITCHEN_MEMBER]
    await member.desk.ask(f"{DOMAIN}/subscribe")
    number = await delete(member.desk, recording_id)
    await hass.auth.async_update_user(member.user, group_ids=[GROUP_ID_READ_ONLY])
    time_is_over(hass)
    assert await outcome(member.desk, number) == {"type": "failed", "code": "unauthorized"}
    assert house.ids() == [recording_id]
    assert [row["id"] for row in member.desk.events("added")[-1]["recordings"]] == [recording_id]
    assert deletions(house) == []


async def test_a_failure_is_shown_and_retried(
    hass: HomeAssistant, house: House, people: dict[str, Person]
) -> None:
    recording_id = await record(house)
    desk = people[ADMIN].desk
    number = await delete(desk, recording_id)
    with patch.object(RecordingStore, "async_delete", side_effect=StoreError):
        time_is_over(hass)
        assert await outcome(desk, number) == {"type": "failed", "code": StoreError.code}
    assert house.ids() == [recording_id]
    assert deletions(house) == []
    await house.hub.retention.async_run()
    assert not exists(house, recording_id)


type Other = Callable[[House, Desk, str], Awaitable[Any]]

OTHERS: dict[str, Other] = {
    "everything": lambda house, desk, _: desk.ask(f"{DOMAIN}/recordings/delete", scope="all"),
    "today": lambda house, desk, _: house.act("delete_today"),
    "by id": lambda house, desk, recording_id: desk.ask(
        f"{DOMAIN}/recordings/delete", scope="ids", recording_ids=[recording_id]
    ),
}


@pytest.mark.parametrize("other", OTHERS)
async def test_deleted_meanwhile_it_is_already_gone(
    hass: HomeAssistant, house: House, people: dict[str, Person], other: str
) -> None:
    recording_id = await record(house)
    desk = people[ADMIN].desk
    number = await delete(desk, recording_id)
    await OTHERS[other](house, desk, recording_id)
    assert not exists(house, recording_id)
    assert await desk.code_of("recordings/undo", recording_id=recording_id) == "recording_not_found"
    time_is_over(hass)
    receipt = (await outcome(desk, number))["receipt"]
    assert (receipt["deleted"], receipt["already_gone"]) == (0, 1)
    assert house.hub.kept.hidden == set()


async def test_the_last_is_the_last_that_is_shown(house: House, people: dict[str, Person]) -> None:
    first, second, hidden = [await record(house) for _ in range(3)]
    await delete(people[ADMIN].desk, hidden)
    receipt = await house.act("delete_last")
    assert receipt["deleted"] == 1
    assert house.ids() == [first]
    assert not exists(house, second)
    assert await people[ADMIN].desk.code_of("recordings/undo", recording_id=hidden) is None
    assert house.ids() == [first, hidden]


async def test_retention_meanwhile_is_no_conflict(
    hass: HomeAssistant, house: House, people: dict[str, Person]
) -> None:
    old = await record(house, started_at=dt_util.utcnow() - timedelta(days=400))
    desk = people[ADMIN].desk
    number = await delete(desk, old)
    fields = {"setting": "keep_recordings", "value": "day"}
    assert await desk.code_of("retention/set", **fields) is None
    await house.hub.retention.async_run()
    time_is_over(hass)
    receipt = (await outcome(desk, number))["receipt"]
    assert receipt["deleted"] + receipt["already_gone"] == 1
    assert not exists(house, old)


async def test_fifty_at_once_some_undone(
    hass: HomeAssistant, house: House, people: dict[str, Person]
) -> None:
    ids = [await record(house) for _ in range(55)]
    contents = await house.read_all(ids)
    desk = people[ADMIN].desk
    numbers = {recording_id: await delete(desk, recording_id) for recording_id in ids[:50]}
    assert house.ids() == ids[50:]
    for recording_id in ids[:50:5]:
        assert await desk.code_of("recordings/undo", recording_id=recording_id) is None
    time_is_over(hass)
    left = ids[:50:5] + ids[50:]
    for recording_id, number in numbers.items():
        expected = "undone" if recording_id in left else "receipt"
        assert (await outcome(desk, number))["type"] == expected
    assert house.ids() == left
    assert await house.read_all(left) == [
        content for recording_id, content in zip(ids, contents, strict=True) if recording_id in left
    ]
    await hass.async_block_till_done()
    await house.hub.kept.store.async_flush()
    assert len(house.sealed_files()) == len(left)
    assert INTENTIONS not in house.files()
    assert house.hub.kept.hidden == set()


async def test_more_than_the_limit_are_refused(
    house: House, people: dict[str, Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delayed_deletion, "_MOST", 2)
    ids = [await record(house) for _ in range(3)]
    for recording_id in ids[:2]:
        await delete(people[ADMIN].desk, recording_id)
    code = await people[ADMIN].desk.code_of("recordings/delete_later", recording_id=ids[2])
    assert code == "busy"
    # It is refused to this user only, and shown as before.
    assert house.ids() == ids[2:]
    await delete(people[KITCHEN_MEMBER].desk, ids[2])


async def test_who_may_not_delete_may_not_hide(house: House, people: dict[str, Person]) -> None:
    kitchen, bedroom = await record(house), await record(house, owner=BEDROOM)
    for name, recording_id in ((READER, kitchen), (KITCHEN_MEMBER, bedroom), (KITCHEN_MEMBER, "0" * 32)):
        code = await people[name].desk.code_of("recordings/delete_later", recording_id=recording_id)
        assert code == "unauthorized", (name, recording_id)
    code = await people[ADMIN].desk.code_of("recordings/delete_later", recording_id="0" * 32)
    assert code == "recording_not_found"
    assert house.ids() == [kitchen, bedroom]
    # Twice is once.
    await delete(people[ADMIN].desk, kitchen)
    code = await people[ADMIN].desk.code_of("recordings/delete_later", recording_id=kitchen)
    assert code == "recording_not_found"


async def test_requester_is_named_by_kind(house: House, people: dict[str, Person]) -> None:
    goes = await record(house)
    await delete(people[KITCHEN_MEMBER].desk, goes)
    await house.reload()
    entry = house.hub.access_log.entries[-1]
    assert (entry.by.kind, entry.by.user_id) == (RequesterKind.USER, people[KITCHEN_MEMBER].user.id)


# --- hiding is no way to keep ---------------------------------------------------------------------


async def test_hidden_recordings_expire_and_are_in_no_preview(
    house: House, people: dict[str, Person]
) -> None:
    old, shown = [await record(house, started_at=dt_util.utcnow() - timedelta(days=2)) for _ in range(2)]
    desk = people[ADMIN].desk
    await delete(people[KITCHEN_MEMBER].desk, old)
    fields = {"setting": "keep_recordings", "value": "day"}
    preview = (await desk.ask(f"{DOMAIN}/retention/preview", **fields))["result"]
    assert preview["count"] == 1
    assert await desk.code_of("retention/set", **fields) is None
    await house.hub.retention.async_run()
    assert not exists(house, old)
    assert not exists(house, shown)


async def test_what_must_go_goes_while_it_is_hidden(house: House, people: dict[str, Person]) -> None:
    forbidden = await record(house)
    await delete(people[KITCHEN_MEMBER].desk, forbidden)
    house.hub.retention.must_go(forbidden)
    await house.hub.retention.async_run()
    assert not exists(house, forbidden)


async def test_the_log_names_the_room_of_a_deletion(
    hass: HomeAssistant, house: House, people: dict[str, Person]
) -> None:
    recording_id = await record(house)
    number = await delete(people[ADMIN].desk, recording_id)
    time_is_over(hass)
    assert (await outcome(people[ADMIN].desk, number))["type"] == "receipt"
    answer = (await people[KITCHEN_MEMBER].desk.ask(f"{DOMAIN}/access_log/rooms"))["result"]
    assert [(entry["deed"], entry["count"]) for entry in answer["entries"]][:1] == [("deleted", 1)]


async def test_hiding_and_undoing_again_and_again_is_refused(house: House, people: dict[str, Person]) -> None:
    recording_id, other = await record(house), await record(house)
    member, owner = people[KITCHEN_MEMBER].desk, people[ADMIN].desk
    for _ in range(delayed_deletion._MOST_UNDONE):
        await delete(member, recording_id)
        assert await member.code_of("recordings/undo", recording_id=recording_id) is None
    assert await member.code_of("recordings/delete_later", recording_id=recording_id) == "busy"
    assert house.ids() == [recording_id, other]
    # Nobody else is kept from deleting it, and no other recording is concerned.
    await delete(member, other)
    await delete(owner, recording_id)
    assert house.ids() == []


async def test_it_can_be_hidden_again_after_a_while(
    house: House, people: dict[str, Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    recording_id = await record(house)
    monkeypatch.setattr(delayed_deletion, "_MOST_UNDONE", 1)
    desk = people[ADMIN].desk
    await delete(desk, recording_id)
    assert await desk.code_of("recordings/undo", recording_id=recording_id) is None
    assert await desk.code_of("recordings/delete_later", recording_id=recording_id) == "busy"
    monkeypatch.setattr(delayed_deletion, "_UNDONE_SECONDS", 0.0)
    await delete(desk, recording_id)
    assert house.ids() == []


async def test_an_undo_that_could_not_be_written_holds_after_a_restart(
    hass: HomeAssistant, house: House, people: dict[str, Person]
) -> None:
    recording_id = await record(house)
    await delete(people[ADMIN].desk, recording_id)
    with patch.object(Vault, "write_intentions", side_effect=StoreError):
        code = await people[ADMIN].desk.code_of("recordings/undo", recording_id=recording_id)
    assert code == StoreError.code
    assert INTENTIONS in house.files()
    await house.reload()
    assert house.ids() == [recording_id]
    assert INTENTIONS not in house.files()


@pytest.mark.parametrize("error", [StoreError, RuntimeError])
async def test_whatever_prevents_writing_nothing_is_hidden_for_good(
    hass: HomeAssistant, house: House, people: dict[str, Person], error: type[Exception]
) -> None:
    recording_id = await record(house)
    with patch.object(Vault, "write_intentions", side_effect=error):
        await people[ADMIN].desk.ask(f"{DOMAIN}/recordings/delete_later", recording_id=recording_id)
    async with deleted_meanwhile(hass, house):
        time_is_over(hass)
    assert not exists(house, recording_id)
    assert house.hub.kept.hidden == set()


async def test_what_is_undone_while_it_is_written_down_is_not_hidden(
    house: House, people: dict[str, Person]
) -> None:
    recording_id = await record(house)
    desk = people[ADMIN].desk
    number = desk.send(f"{DOMAIN}/recordings/delete_later", recording_id=recording_id)
    assert await desk.code_of("recordings/undo", recording_id=recording_id) is None
    await desk.until_told(lambda: desk.answer_to(number) is not None)
    assert told(desk, number) == [{"type": "undone"}]
    assert house.ids() == [recording_id]


@pytest.mark.parametrize("door", ["list", "get", "search"])
async def test_what_is_hidden_while_others_are_opened_is_not_shown(
    house: House, people: dict[str, Person], door: str
) -> None:
    older, newer = await record(house, "a secret"), await record(house, "a secret")
    read, member = RecordingStore.async_read, people[KITCHEN_MEMBER].desk
    last = newer if door == "get" else older

    async def then_hide(self: RecordingStore, recording_id: str) -> Any:
        """Hide the newer one after it was opened, and before the answer is complete."""
        opened = await read(self, recording_id)
        if recording_id == last:
            house.hass.loop.call_soon(hide)
        return opened

    def hide() -> None:
        house.hub.delayed_deletion.hide(newer, Requester(), lambda _outcome: None)

    with patch.object(RecordingStore, "async_read", then_hide):
        if door == "get":
            assert await member.code_of("recordings/get", recording_id=newer) == "recording_not_found"
        elif door == "list":
            answer = (await member.ask(f"{DOMAIN}/recordings/list"))["result"]
            assert [row["id"] for row in answer["recordings"]] == [older]
        else:
            await member.ask(f"{DOMAIN}/recordings/search", text="secret")
            await found(member)
            assert [row["id"] for row in member.events("progress")[-1]["recordings"]] == [older]
