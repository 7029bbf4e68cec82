"""The page's commands: what they answer, whom they refuse, and what they write down."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any
from unittest.mock import patch

from homeassistant.auth.const import GROUP_ID_USER
from homeassistant.auth.models import User
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.typing import MockHAClientWebSocket, WebSocketGenerator

from custom_components.voice_privacy.const import DOMAIN
from custom_components.voice_privacy.core.errors import StoreError
from custom_components.voice_privacy.core.house_settings import HouseToggle, SatelliteToggle
from custom_components.voice_privacy.core.models import AuditAction, RecordingKind, Requester, RequesterKind

from .helpers.house import BEDROOM, KITCHEN, House
from .helpers.recordings import record

type Connect = Callable[[User], Awaitable[Tab]]


class Tab:
    """One signed-in browser tab."""

    def __init__(self, client: MockHAClientWebSocket) -> None:
        """Wrap a connection."""
        self.client = client

    async def ask(self, name: str, **fields: Any) -> Any:
        """Return a command's result."""
        answer = await self._send(name, fields)
        assert answer["success"], answer
        return answer["result"]

    async def is_refused(self, name: str, **fields: Any) -> str:
        """Return the code of a command's error."""
        answer = await self._send(name, fields)
        assert not answer["success"], answer
        return str(answer["error"]["code"])

    async def _send(self, name: str, fields: dict[str, Any]) -> dict[str, Any]:
        return await self.result(await self.follow(name, **fields))

    async def result(self, number: int) -> dict[str, Any]:
        """Return the answer to one command, skipping events and other answers."""
        while True:
            message = await self.client.receive_json()
            if message["type"] == "result" and message["id"] == number:
                return dict(message)

    async def follow(self, name: str, **fields: Any) -> int:
        """Subscribe; return the subscription's number."""
        message: dict[str, Any] = {"type": f"voice_privacy/{name}", **fields}
        await self.client.send_json_auto_id(message)
        return int(message["id"])

    async def next(self, kind: str) -> dict[str, Any]:
        """Return the next event of a kind."""
        while True:
            message = await self.client.receive_json()
            if message["type"] == "event" and message["event"]["type"] == kind:
                return dict(message["event"])
            assert message["type"] == "event" or message["success"], message


@pytest.fixture
def connect(hass: HomeAssistant, hass_ws_client: WebSocketGenerator) -> Connect:
    """Sign somebody in."""

    async def sign_in(user: User) -> Tab:
        token = await hass.auth.async_create_refresh_token(user, "https://example.com/app")
        return Tab(await hass_ws_client(hass, hass.auth.async_create_access_token(token)))

    return sign_in


@pytest.fixture
async def owner(hass: HomeAssistant, connect: Connect, house: House, hass_admin_user: User) -> Tab:
    """The owner's tab."""
    return await connect(hass_admin_user)


@pytest.fixture
async def child(hass: HomeAssistant, connect: Connect, house: House) -> Tab:
    """A tab of somebody who lives here and is no administrator."""
    user = await hass.auth.async_create_user("Child", group_ids=[GROUP_ID_USER])
    return await connect(user)


@pytest.fixture
async def visitor(hass: HomeAssistant, connect: Connect, house: House, hass_read_only_user: User) -> Tab:
    """A tab of somebody who may look at entities only."""
    return await connect(hass_read_only_user)


def deeds(house: House) -> list[tuple[AuditAction, int, str | None]]:
    """Return what the access log tells."""
    return [(entry.action, entry.count, entry.subject) for entry in house.hub.access_log.entries]


def days_ago(days: int) -> datetime:
    """Return an instant on an earlier day."""
    return dt_util.utcnow() - timedelta(days=days)


def day_of(instant: datetime) -> str:
    """Return the house's calendar day."""
    return dt_util.as_local(instant).date().isoformat()


# --- listing -------------------------------------------------------------------------------------


async def test_list_is_newest_first_with_what_was_said(house: House, owner: Tab) -> None:
    first = await record(house, "turn on the light", started_at=days_ago(1))
    second = await record(house, None, kind=RecordingKind.FALSE_WAKE)

    answer = await owner.ask("recordings/list")

    rows = answer["recordings"]
    assert [row["id"] for row in rows] == [second, first]
    assert (rows[1]["transcript"], rows[1]["reply"], rows[1]["wake_word"]) == (
        "turn on the light",
        "It is noon",
        "Alexa",
    )
    assert (rows[1]["score"], rows[1]["seconds"], rows[1]["satellite_id"]) == (0.97, 0.5, KITCHEN)
    assert len(rows[1]["peaks"]) == 128
    assert answer["counts"] == {"all": 2, "command": 1, "false_wake": 1}
    assert answer["more"] is False
    assert {day: group["count"] for day, group in answer["days"].items()} == {
        rows[0]["day"]: 1,
        rows[1]["day"]: 1,
    }
    assert deeds(house) == [(AuditAction.LISTED, 2, None)]


async def test_pages_follow_each_other_without_gap_or_overlap(house: House, owner: Tab) -> None:
    ids = [await record(house) for _ in range(5)]

    seen: list[str] = []
    before = None
    while True:
        answer = await owner.ask("recordings/list", limit=2, before=before, content=False)
        assert [group["count"] for group in answer["days"].values()] == [5]
        assert "transcript" not in answer["recordings"][0]
        seen += [row["id"] for row in answer["recordings"]]
        before = answer["recordings"][-1]["sequence"]
        if not answer["more"]:
            break

    assert seen == ids[::-1]
    # Scrolling is one deed: it must not push deletions out of the log.
    assert deeds(house) == [(AuditAction.LISTED, 5, None)]


async def test_filters(house: House, bedroom: Any, owner: Tab) -> None:
    old = await record(house, started_at=days_ago(3))
    false = await record(house, kind=RecordingKind.FALSE_WAKE)
    other = await record(house, owner=BEDROOM)
    today = dt_util.now().date().isoformat()
    third_day = day_of(days_ago(3))

    async def ids(**fields: Any) -> tuple[list[str], int]:
        answer = await owner.ask("recordings/list", **fields)
        return [row["id"] for row in answer["recordings"]], answer["counts"]["all"]

    assert await ids(satellite_id=BEDROOM) == ([other], 1)
    assert await ids(kind="false_wake") == ([false], 3)
    assert await ids(first_day=today) == ([other, false], 2)
    assert await ids(last_day=third_day) == ([old], 1)
    assert await ids(first_day=third_day, satellite_id=KITCHEN, kind="command") == ([old], 2)


async def test_a_recording_that_does_not_open_is_listed_as_such(house: House, owner: Tab) -> None:
    recording_id = await record(house)
    file = next(file for file in (await _sealed_files(house)) if recording_id in file.name)
    await house.hass.async_add_executor_job(file.write_bytes, b"damaged")

    answer = await owner.ask("recordings/list")

    assert answer["recordings"][0]["error"] == "recording_unreadable"
    assert await owner.is_refused("recordings/get", recording_id="0" * 32) == "recording_not_found"


async def _sealed_files(house: House) -> list[Any]:
    from pathlib import Path  # noqa: PLC0415

    folder = Path(house.hass.config.cache_path("voice_privacy"))
    return await house.hass.async_add_executor_job(
        lambda: [file for file in folder.rglob("*") if file.is_file()]
    )


async def test_search_tells_progress_and_what_it_finds(house: House, owner: Tab) -> None:
    wanted = await record(house, "Turn on the LIGHT")
    for _ in range(30):
        await record(house, "what time is it")

    await owner.follow("recordings/search", text="the light")
    first = await owner.next("progress")
    second = await owner.next("progress")
    await owner.next("finished")

    assert (first["done"], first["total"], first["recordings"]) == (25, 31, [])
    assert (second["done"], [row["id"] for row in second["recordings"]]) == (31, [wanted])
    assert deeds(house) == [(AuditAction.LISTED, 31, "search")]


async def test_a_search_ends_when_nobody_waits_for_it(house: House, owner: Tab) -> None:
    for _ in range(26):
        await record(house)
    read, opened = house.hub.async_read, 0

    async def read_or_wait(recording_id: str) -> Any:
        nonlocal opened
        if opened == 25:
            await asyncio.Event().wait()
        opened += 1
        return await read(recording_id)

    with patch.object(house.hub, "async_read", side_effect=read_or_wait):
        number = await owner.follow("recordings/search", text="nothing")
        await owner.next("progress")
        message: dict[str, Any] = {"type": "unsubscribe_events", "subscription": number}
        await owner.client.send_json_auto_id(message)
        await owner.result(message["id"])
        await asyncio.sleep(0)

    assert deeds(house) == [(AuditAction.LISTED, 25, "search")]


# --- live ----------------------------------------------------------------------------------------


async def test_two_tabs_stay_in_step(
    house: House, owner: Tab, connect: Connect, hass_admin_user: User
) -> None:
    other = await connect(hass_admin_user)
    for tab in (owner, other):
        await tab.follow("subscribe")
        state = await tab.next("state")
        assert state["permissions"] == {
            "admin": True,
            "listen": True,
            "review": True,
            "control": [KITCHEN],
        }
        assert (state["house"]["recordings"], state["satellites"][0]["name"]) == (0, "Kitchen")

    recording_id = await record(house)
    for tab in (owner, other):
        added = await tab.next("added")
        assert [row["id"] for row in added["recordings"]] == [recording_id]
        assert "transcript" not in added["recordings"][0]

    await other.client.send_json_auto_id(
        {"type": "voice_privacy/recordings/delete", "scope": "ids", "recording_ids": [recording_id]}
    )
    assert await owner.next("deleted") == {"type": "deleted", "recording_ids": [recording_id]}
    assert (await owner.next("state"))["house"]["recordings"] == 0


async def test_state_follows_switches_and_says_who_turned_them(house: House, owner: Tab) -> None:
    await owner.follow("subscribe")
    await owner.next("state")
    await house.switch("microphone", on=False)

    satellite: dict[str, Any] = {"state": None}
    while satellite["state"] != "muted":
        satellite = (await owner.next("state"))["satellites"][0]

    assert satellite["toggles"]["muted"]["on"] is True
    assert satellite["toggles"]["muted"]["changed"]["by"] == "automation"
    assert satellite["wake_words"] == [
        {"id": "alexa", "phrase": "Alexa", "threshold": 0.5, "available": True}
    ]


async def test_a_satellite_is_called_as_its_device_was_renamed(house: House, owner: Tab) -> None:
    await owner.follow("subscribe")
    assert (await owner.next("state"))["satellites"][0]["name"] == "Kitchen"
    devices = dr.async_get(house.hass)
    device = devices.async_get_device_by_identifier((DOMAIN, KITCHEN), house.entry.entry_id)
    assert device is not None
    devices.async_update_device(device.id, name_by_user="Larder")
    assert (await owner.next("state"))["satellites"][0]["name"] == "Larder"
    devices.async_update_device(device.id, name_by_user=None)
    assert (await owner.next("state"))["satellites"][0]["name"] == "Kitchen"


async def test_a_tab_learns_of_the_end_and_of_the_new_beginning(house: House, owner: Tab) -> None:
    await owner.follow("subscribe")
    await owner.next("state")

    await house.hass.config_entries.async_unload(house.entry.entry_id)
    await owner.next("ended")
    assert await owner.is_refused("recordings/list") == "not_loaded"

    await house.hass.config_entries.async_setup(house.entry.entry_id)
    await owner.follow("subscribe")
    await owner.next("state")


async def test_a_large_deletion_is_told_in_one_word(house: House, owner: Tab) -> None:
    await record(house)
    await record(house)
    await owner.follow("subscribe")
    await owner.next("state")
    with patch("custom_components.voice_privacy.web.ws_recordings._MAX_PUSHED_IDS", 1):
        await owner.client.send_json_auto_id({"type": "voice_privacy/recordings/delete", "scope": "all"})
        await owner.next("reset")


# --- deletion ------------------------------------------------------------------------------------


async def test_deletion_answers_with_a_receipt(house: House, owner: Tab) -> None:
    ids = [await record(house) for _ in range(3)]

    preview = await owner.ask("recordings/preview", scope="ids", recording_ids=ids[:2])
    assert (preview["count"], preview["satellites"]) == (2, {KITCHEN: 2})
    receipt = await owner.ask("recordings/delete", scope="ids", recording_ids=[*ids[:2], "0" * 32])

    assert (receipt["asked"], receipt["deleted"], receipt["already_gone"]) == (3, 2, 1)
    assert (receipt["size"], receipt["left"], receipt["verified"]) == (preview["size"], 0, True)
    assert list(house.hub.recordings) == ids[2:]
    assert deeds(house) == [(AuditAction.DELETED, 2, "ids")]
    entry = house.hub.access_log.entries[0]
    assert entry.by.kind is RequesterKind.USER


async def test_every_scope_means_what_it_says(house: House, owner: Tab) -> None:
    ids = [
        await record(house, started_at=days_ago(5)),
        await record(house, started_at=days_ago(3)),
        await record(house, kind=RecordingKind.FALSE_WAKE),
        await record(house),
    ]
    day = day_of(days_ago(5))

    async def left(scope: str, **fields: Any) -> list[int]:
        await owner.ask("recordings/delete", scope=scope, **fields)
        return [ids.index(recording_id) for recording_id in house.hub.recordings]

    assert await left("day", day=day) == [1, 2, 3]
    assert await left("range", start=days_ago(4).isoformat(), end=days_ago(2).isoformat()) == [2, 3]
    assert await left("false_wakes") == [3]
    assert await left("today") == []


@pytest.mark.parametrize(
    "fields",
    [
        {"scope": "day"},
        {"scope": "range"},
        {"scope": "range", "start": "2026-01-01T00:00:00", "end": "2026-02-01T00:00:00"},
    ],
)
async def test_a_vague_deletion_is_refused(house: House, owner: Tab, fields: dict[str, Any]) -> None:
    await record(house)

    assert await owner.is_refused("recordings/delete", **fields) == "invalid_request"
    assert await owner.is_refused("recordings/delete", scope="some") == "invalid_request"
    assert len(house.hub.recordings) == 1


async def test_a_failed_deletion_says_why(house: House, owner: Tab) -> None:
    await record(house)
    with patch.object(house.hub.kept.store, "async_delete", side_effect=StoreError):
        assert await owner.is_refused("recordings/delete", scope="all") == "store_failed"
    assert len(house.hub.recordings) == 1


# --- who may do what -----------------------------------------------------------------------------

type Commands = list[tuple[str, dict[str, Any]]]

LISTENING: Commands = [
    ("recordings/list", {}),
    ("recordings/get", {"recording_id": "0" * 32}),
    ("recordings/search", {"text": "light"}),
]
OWNERS_ONLY: Commands = [
    ("recordings/delete", {"scope": "all"}),
    ("recordings/delete", {"scope": "day", "day": "2026-01-01"}),
    ("recordings/delete", {"scope": "range", "start": "2026-01-01T00:00:00Z"}),
    ("recordings/delete", {"scope": "ids", "recording_ids": ["0" * 32]}),
    ("recordings/preview", {"scope": "all"}),
    ("settings/set", {"toggle": "save_recordings", "on": True}),
    ("settings/set", {"toggle": "save_transcripts", "on": True}),
    ("settings/set", {"toggle": "household_may_listen", "on": True}),
    ("retention/preview", {"setting": "keep_recordings", "value": "day"}),
    ("retention/set", {"setting": "keep_recordings", "value": "until_deleted"}),
    ("access_log", {}),
]


@pytest.mark.parametrize(("command", "fields"), LISTENING + OWNERS_ONLY)
async def test_household_is_refused_what_is_the_owners(
    house: House, child: Tab, command: str, fields: dict[str, Any]
) -> None:
    await record(house)

    assert await child.is_refused(command, **fields) == "unauthorized"
    assert len(house.hub.recordings) == 1
    assert deeds(house) == []


@pytest.mark.parametrize(("command", "fields"), OWNERS_ONLY)
async def test_listening_does_not_make_an_owner(
    house: House, child: Tab, command: str, fields: dict[str, Any]
) -> None:
    await house.hub.async_set_house(HouseToggle.HOUSEHOLD_MAY_LISTEN, Requester(), on=True)

    assert await child.is_refused(command, **fields) == "unauthorized"


async def test_household_may_listen_when_the_owner_says_so(house: House, child: Tab) -> None:
    recording_id = await record(house)
    await child.follow("subscribe")
    assert (await child.next("state"))["permissions"] == {
        "admin": False,
        "listen": False,
        "review": False,
        "control": [KITCHEN],
    }
    await house.hub.async_set_house(HouseToggle.HOUSEHOLD_MAY_LISTEN, Requester(), on=True)
    assert (await child.next("state"))["permissions"]["listen"] is True

    answer = await child.ask("recordings/list")
    assert [row["id"] for row in answer["recordings"]] == [recording_id]


async def test_nobody_hears_of_recordings_that_he_may_not_list(house: House, child: Tab) -> None:
    await child.follow("subscribe")
    await child.next("state")
    await record(house)

    kinds = []
    state: dict[str, Any] = {"house": {"recordings": 0}}
    while not state["house"]["recordings"]:
        message = await child.client.receive_json()
        if message["type"] == "result":
            continue
        kinds.append(message["event"]["type"])
        state = message["event"]
    assert set(kinds) == {"state"}


async def test_household_deletes_what_is_fresh_and_mutes(house: House, child: Tab) -> None:
    await record(house, started_at=days_ago(2))
    await record(house, kind=RecordingKind.FALSE_WAKE)
    await record(house)

    assert (await child.ask("recordings/delete", scope="last"))["deleted"] == 1
    assert (await child.ask("recordings/delete", scope="false_wakes"))["deleted"] == 1
    assert (await child.ask("recordings/delete", scope="today"))["deleted"] == 0
    await child.ask("settings/set", toggle="muted", on=True)
    await child.ask("settings/set", toggle="guest_mode", on=True)

    assert len(house.hub.recordings) == 1
    assert house.hub.settings.satellite(KITCHEN, SatelliteToggle.MUTED)
    assert house.hub.settings.house(HouseToggle.GUEST_MODE)


async def test_a_visitor_may_do_nothing(house: House, visitor: Tab) -> None:
    await record(house)
    refused: Commands = [
        ("recordings/delete", {"scope": "last"}),
        ("recordings/delete", {"scope": "today", "satellite_ids": [KITCHEN]}),
        ("settings/set", {"toggle": "muted", "on": False}),
        ("settings/set", {"toggle": "guest_mode", "on": False}),
        ("microphones/press_to_talk", {"satellite_id": KITCHEN}),
        *LISTENING,
    ]
    for command, fields in refused:
        assert await visitor.is_refused(command, **fields) == "unauthorized", command
    await visitor.follow("subscribe")
    assert (await visitor.next("state"))["permissions"]["control"] == []


# --- microphones, consent, log -------------------------------------------------------------------


async def test_consent_is_the_owners(house: House, owner: Tab) -> None:
    await owner.ask("settings/set", toggle="save_recordings", on=False, satellite_ids=[KITCHEN])
    await owner.ask("settings/set", toggle="household_may_listen", on=True)

    assert not house.hub.settings.satellite(KITCHEN, SatelliteToggle.SAVE_RECORDINGS)
    assert house.hub.settings.house(HouseToggle.HOUSEHOLD_MAY_LISTEN)
    assert deeds(house) == [
        (AuditAction.CHANGED, 0, f"{KITCHEN}.save_recordings"),
        (AuditAction.CHANGED, 0, "household_may_listen"),
    ]
    refused = await owner.is_refused("settings/set", toggle="muted", on=True, satellite_ids=["attic"])
    assert refused == "invalid_request"


async def test_press_to_talk(house: House, owner: Tab) -> None:
    await house.until_listening()
    await owner.follow("subscribe")
    await owner.next("state")
    await owner.client.send_json_auto_id(
        {"type": "voice_privacy/microphones/press_to_talk", "satellite_id": KITCHEN}
    )
    satellite: dict[str, Any] = {"state": None}
    while satellite["state"] != "recording":
        satellite = (await owner.next("state"))["satellites"][0]

    assert satellite["recording_since"] == satellite["last_wake"]["when"]
    assert satellite["last_wake"]["started_by"] == "button"
    await owner.ask("settings/set", toggle="muted", on=True)


async def test_press_to_talk_on_a_muted_microphone_is_refused(house: House, owner: Tab) -> None:
    await owner.ask("settings/set", toggle="muted", on=True)

    assert await owner.is_refused("microphones/press_to_talk", satellite_id=KITCHEN) == "cannot_listen"
    assert await owner.is_refused("microphones/press_to_talk", satellite_id="attic") == "invalid_request"


async def test_threshold_is_changed_without_a_reload_and_for_good(
    house: House, owner: Tab, child: Tab
) -> None:
    await house.until_listening()
    await owner.follow("subscribe")
    await owner.next("state")
    for command, fields in (
        ("microphones/set_threshold", {"satellite_id": "attic", "threshold": 0.6}),
        ("microphones/set_threshold", {"satellite_id": KITCHEN, "threshold": 0.05}),
        ("microphones/set_threshold", {"satellite_id": KITCHEN, "threshold": 0.96}),
    ):
        assert await owner.is_refused(command, **fields) == "invalid_request"
    asked = {"satellite_id": KITCHEN, "threshold": 0.65}
    assert await child.is_refused("microphones/set_threshold", **asked) == "unauthorized"
    assert deeds(house) == []

    hub, changes = house.hub, len(house.changes)
    await owner.client.send_json_auto_id({"type": "voice_privacy/microphones/set_threshold", **asked})
    satellite = (await owner.next("state"))["satellites"][0]

    assert satellite["wake_words"][0]["threshold"] == 0.65
    assert deeds(house) == [(AuditAction.CHANGED, 0, f"{KITCHEN}.threshold")]
    assert house.hub.access_log.entries[0].value == "0.65"
    # It is heard with at once: by the same hub, over the same connection.
    ((_, content),) = await house.read_all(await house.keep())
    assert content.threshold == 0.65
    assert house.hub is hub
    assert "unavailable" not in [state for _, state, _ in house.changes[changes:]]
    await house.reload()
    assert house.hub is not hub
    await house.until_listening()
    assert house.hub.satellites[KITCHEN].config.wake_words[0].threshold == 0.65


async def test_access_log_tells_who_did_what(house: House, owner: Tab, hass_admin_user: User) -> None:
    await record(house)
    await owner.ask("recordings/list")
    await owner.ask("settings/set", toggle="guest_mode", on=True)
    await owner.ask("recordings/delete", scope="all")

    answer = await owner.ask("access_log", limit=2)

    assert answer["more"] is True
    assert [(entry["deed"], entry["count"], entry["subject"]) for entry in answer["entries"]] == [
        ("deleted", 1, "all"),
        ("changed", 0, "guest_mode"),
    ]
    assert (answer["entries"][0]["by"], answer["entries"][0]["user"]) == ("user", hass_admin_user.name)
    answer = await owner.ask("access_log", deed="listed")
    assert [entry["count"] for entry in answer["entries"]] == [1]


async def test_retention_is_previewed_before_it_is_chosen(house: House, owner: Tab) -> None:
    old = await record(house, started_at=days_ago(3))
    await record(house)
    rows = (await owner.ask("recordings/list"))["recordings"]
    assert datetime.fromisoformat(rows[0]["deletes_at"]) > dt_util.utcnow() + timedelta(days=90)

    choice = {"setting": "keep_recordings", "value": "day"}
    preview = await owner.ask("retention/preview", **choice)
    assert (preview["count"], old in house.hub.recordings) == (1, True)
    await owner.ask("retention/set", **choice)
    await owner.ask("retention/set", setting="keep_recordings", value="until_deleted", satellite_id=KITCHEN)

    await owner.follow("subscribe")
    state = await owner.next("state")
    assert state["house"]["retention"]["keep_recordings"] == "day"
    assert state["house"]["retention"]["changed"]["keep_recordings"]["by"] == "user"
    assert state["satellites"][0]["keep_recordings"] == "until_deleted"
    rows = (await owner.ask("recordings/list"))["recordings"]
    assert rows[0]["deletes_at"] is None


@pytest.mark.parametrize(
    "choice",
    [
        {"setting": "keep_recordings", "value": "forever"},
        {"setting": "keep_false_wakes", "value": "until_deleted"},
        {"setting": "keep_recordings", "value": "day", "satellite_id": "attic"},
    ],
)
async def test_what_cannot_be_chosen_is_refused(house: House, owner: Tab, choice: dict[str, Any]) -> None:
    assert await owner.is_refused("retention/set", **choice) == "invalid_request"
    assert await owner.is_refused("retention/preview", **choice) == "invalid_request"


async def test_days_count_what_the_filter_lets_through(house: House, owner: Tab, child: Tab) -> None:
    for days in (40, 3, 3, 0):
        await record(house, started_at=days_ago(days))
    await record(house, kind=RecordingKind.FALSE_WAKE, started_at=days_ago(3))
    today, earlier = day_of(days_ago(0)), day_of(days_ago(3))
    assert (await owner.ask("recordings/days"))["days"] == {earlier: 3, today: 1}
    assert (await owner.ask("recordings/days", kind="false_wake"))["days"] == {earlier: 1}
    assert (await owner.ask("recordings/days", satellite_id=KITCHEN, kind="command"))["days"] == {
        earlier: 2,
        today: 1,
    }
    assert await owner.is_refused("recordings/days", satellite_id="attic") == "invalid_request"
    assert await child.is_refused("recordings/days") == "unauthorized"
    await house.hub.settings.async_set_house(HouseToggle.HOUSEHOLD_MAY_LISTEN, Requester(), on=True)
    assert (await child.ask("recordings/days"))["days"] == {earlier: 3, today: 1}


async def test_only_administrators_get_to_know_of_a_recordings_clip(
    house: House, owner: Tab, child: Tab
) -> None:
    for toggle_owner in ("house", KITCHEN):
        await house.switch("help_improve", on=True, owner=toggle_owner)
    recording_id = await record(house)
    await house.hub.settings.async_set_house(HouseToggle.HOUSEHOLD_MAY_LISTEN, Requester(), on=True)
    clip = (await owner.ask("recordings/get", recording_id=recording_id))["clip"]
    assert clip["label"] is None
    await owner.ask("review/label", review_id=clip["review_id"], label="cut_off")
    assert (await owner.ask("recordings/get", recording_id=recording_id))["clip"]["label"] == "cut_off"
    assert "clip" not in await child.ask("recordings/get", recording_id=recording_id)
    await owner.ask("review/take_out", review_ids=[clip["review_id"]])
    assert (await owner.ask("recordings/get", recording_id=recording_id))["clip"] is None
