"""Every door of a running Home Assistant, tried by everybody, both ways: who may gets in, who may not changes nothing.

Who may is written down here again, by hand, so that a slip in the table of rights is a failed test.
"""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

from aiohttp import WSMsgType
from aiohttp.test_utils import TestClient
from homeassistant.components.conversation import ConversationInput, async_converse, get_agent_manager
from homeassistant.components.homeassistant.exposed_entities import async_expose_entity
from homeassistant.const import STATE_UNAVAILABLE, Platform
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import Unauthorized
from homeassistant.helpers import entity_platform, entity_registry as er, intent, llm
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.voice_privacy.const import CONF_MEMBERS_MAY_OPEN_MICROPHONE, DOMAIN, MODEL_FOLDER
from custom_components.voice_privacy.core import wake_gate
from custom_components.voice_privacy.core.house_settings import HouseToggle, SatelliteToggle
from custom_components.voice_privacy.core.models import RecordingKind, Requester, RequesterKind
from custom_components.voice_privacy.core.voice_language import VoiceCommand
from custom_components.voice_privacy.hub.permissions import (
    ACTIONS,
    COMMANDS,
    ENTITIES,
    RIGHTS,
    SATELLITE_ACTIONS,
    VIEWS,
    WORDS,
    ByField,
    Door,
    Right,
)
from tests.wake import onnx_writer as ow

from .helpers.house import BEDROOM, KITCHEN, House
from .helpers.people import (
    ADMIN,
    AUTOMATION,
    KITCHEN_MEMBER,
    LAMP,
    LOCAL,
    READER,
    REVIEWER,
    Desk,
    Person,
    fetch,
    people_of,
)
from .helpers.recordings import record
from .helpers.runs import say_in_run
from .helpers.talker import Talker
from .test_review_pool import until_released

OWNER: Final = {ADMIN}
HOUSE: Final = {ADMIN, LOCAL}
IN_KITCHEN: Final = {ADMIN, LOCAL, KITCHEN_MEMBER}
IN_BEDROOM: Final = HOUSE
SEE_KITCHEN: Final = {ADMIN, LOCAL, KITCHEN_MEMBER, READER}
SEE_BEDROOM: Final = {ADMIN, LOCAL, READER}
ANYBODY: Final = {ADMIN, LOCAL, KITCHEN_MEMBER, READER, LAMP, REVIEWER}
REVIEWERS: Final = {ADMIN, REVIEWER}

ACTING: Final = {
    Platform.BUTTON: ("press",),
    Platform.NUMBER: ("set_value",),
    Platform.SELECT: ("select_option",),
    Platform.SWITCH: ("turn_on", "turn_off", "toggle"),
}
"""Platforms whose entities are acted upon, and by what."""


@dataclass(kw_only=True)
class Attempt:
    """One way through one door."""

    door: tuple[str, str]
    who: set[str]
    """Who gets in."""

    fields: Callable[[], dict[str, Any]] = dict
    automation: bool = False
    owner: str = KITCHEN
    """For entities: whose."""

    def __str__(self) -> str:
        """Return what a failure is told with."""
        return f"{'/'.join(self.door)} {self.fields()} {self.owner}"


class Walk:
    """A house with something in it, the people, and what they did."""

    def __init__(self, house: House, people: dict[str, Person]) -> None:
        """Stand in front of the house."""
        self.house = house
        self.people = people
        self.tried = 0
        self.doors: set[tuple[str, str]] = set()

    @property
    def hass(self) -> HomeAssistant:
        """Home Assistant."""
        return self.house.hass

    # --- the house -------------------------------------------------------------------------------

    async def furnish(self) -> None:
        """Put the house into the state in which every attempt finds it."""
        hub, nobody = self.house.hub, Requester()
        # On a busy machine a satellite may be lost for a moment, and its entities with it.
        await self.house.until(
            lambda: (
                not any(state.state == STATE_UNAVAILABLE for state in self.hass.states.async_all("select"))
            ),
            "every satellite is connected",
        )
        for toggle in HouseToggle:
            await hub.settings.async_set_house(toggle, nobody, on=self.house_toggles[toggle])
        for owner in (KITCHEN, BEDROOM):
            for satellite_toggle in SatelliteToggle:
                on = satellite_toggle is not SatelliteToggle.MUTED
                if hub.settings.satellite(owner, satellite_toggle) is not on:
                    await hub.async_set_satellite(owner, satellite_toggle, nobody, on=on)
            for kind in RecordingKind:
                if not [
                    info
                    for info in hub.recordings.values()
                    if (info.satellite_id, info.kind) == (owner, kind)
                ]:
                    await record(self.house, "what time is it", owner=owner, kind=kind)
        (self.models / self.model()).write_bytes(ow.linear_head())
        if not hub.review.pool.items:
            await record(self.house, "what time is it")

    house_toggles: dict[HouseToggle, bool] = {  # noqa: RUF012
        HouseToggle.DELETION_BY_VOICE: True,
        HouseToggle.GUEST_MODE: False,
        HouseToggle.HELP_IMPROVE: True,
        HouseToggle.HOUSEHOLD_MAY_LISTEN: False,
        HouseToggle.VERIFIER: True,
    }

    def print(self) -> dict[str, Any]:
        """Return everything that somebody could have changed."""
        hub, states = self.house.hub, self.hass.states
        return {
            "house": {toggle: hub.settings.house(toggle) for toggle in HouseToggle},
            "satellites": {
                (owner, toggle): hub.settings.satellite(owner, toggle)
                for owner in hub.satellites
                for toggle in SatelliteToggle
            },
            "recordings": list(hub.recordings),
            "retention": hub.settings.retention,
            "reviewers": hub.settings.reviewers,
            "pool": {item.review_id: (item.label, item.allowed) for item in hub.review.pool.items.values()},
            "thresholds": [satellite.config.wake_words for satellite in hub.satellites.values()],
            "models": sorted(self.models.iterdir()),
            "selects": {state.entity_id: state.state for state in states.async_all("select")},
            "listening": [
                len(hub.in_flight(owner)) + (hub.satellites[owner].state == "recording")
                for owner in hub.satellites
            ],
        }

    def recording(self, owner: str = KITCHEN) -> str:
        """Return the newest recording of a satellite."""
        return self.house.ids(owner)[-1]

    def model(self) -> str:
        """Return a wake word model that nobody uses."""
        return "house.onnx"

    @property
    def models(self) -> Path:
        """The folder of the wake word models."""
        return Path(self.hass.config.path(MODEL_FOLDER))

    def hidden(self) -> str:
        """Return a recording whose deletion can be undone, or one that nobody has deleted."""
        return next(iter(self.house.hub.kept.hidden), self.recording())

    def clip(self) -> str:
        """Return a clip of the review pool."""
        return next(iter(self.house.hub.review.pool.items))

    # --- trying ----------------------------------------------------------------------------------

    async def tried_by(
        self, attempt: Attempt, name: str, go: Callable[[], Awaitable[bool]], *, allowed: bool
    ) -> None:
        """Let somebody try a door: who may gets in, who may not is refused and has changed nothing."""
        await self.furnish()
        before = self.print()
        got_in = await go()
        assert got_in is allowed, f"{name}: {attempt} is {'open' if got_in else 'closed'}"
        if not allowed:
            await self.hass.async_block_till_done()
            assert self.print() == before, f"{name} was refused, and changed something: {attempt}"
        self.tried += 1
        self.doors.add(attempt.door)


@pytest.fixture
async def walk(hass: HomeAssistant, house: House, bedroom: Talker, monkeypatch: pytest.MonkeyPatch) -> Walk:
    """A house with every entity enabled, and all the people."""
    buttons = [("button", key) for platform, key in ENTITIES if platform is Platform.BUTTON]
    for owner in (KITCHEN, BEDROOM):
        await house.enable(*buttons, owner=owner)
    for owner in (KITCHEN, BEDROOM):
        await house.until_listening(owner)
    assert await async_setup_component(hass, "conversation", {})
    # Everybody opens microphones right after each other here.
    monkeypatch.setattr(wake_gate, "REFRACTORY_SECONDS", 0.0)
    # Reviewers may know of whatever is recorded.
    until_released(monkeypatch)
    return Walk(house, await people_of(house))


# --- websocket commands --------------------------------------------------------------------------


def commands_of(walk: Walk) -> Iterator[Attempt]:
    """Yield at least one attempt for each command."""

    def at(name: str, who: set[str], **fields: Any) -> Attempt:
        return Attempt(
            door=("command", name),
            who=who,
            fields=lambda: {key: value() if callable(value) else value for key, value in fields.items()},
        )

    yield at("subscribe", ANYBODY)
    yield at("recordings/list", OWNER)
    yield at("recordings/days", OWNER)
    yield at("recordings/held", OWNER)
    yield at("recordings/get", OWNER, recording_id=walk.recording)
    yield at("recordings/feedback", OWNER, recording_id=walk.recording, label="cut_off")
    yield at("recordings/search", OWNER, text="light")
    for deletes in ("recordings/delete", "recordings/preview"):
        for scope in ("last", "today", "false_wakes"):
            yield at(deletes, IN_KITCHEN, scope=scope, satellite_ids=[KITCHEN])
            yield at(deletes, IN_BEDROOM, scope=scope, satellite_ids=[BEDROOM])
            yield at(deletes, HOUSE, scope=scope, satellite_ids=[KITCHEN, BEDROOM])
            yield at(deletes, HOUSE, scope=scope)
        yield at(deletes, OWNER, scope="all", satellite_ids=[KITCHEN])
        yield at(deletes, OWNER, scope="all")
        yield at(deletes, OWNER, scope="day", day="2026-01-01", satellite_ids=[KITCHEN])
        yield at(deletes, OWNER, scope="range", start="2026-01-01T00:00:00Z", satellite_ids=[KITCHEN])
        yield at(deletes, OWNER, scope="ids", recording_ids=lambda: [walk.recording()])
        yield at(deletes, OWNER, scope="ids", recording_ids=lambda: [walk.recording(BEDROOM)])
    for toggle in ("save_near_misses", "save_recordings", "save_transcripts", "help_improve"):
        yield at("settings/set", OWNER, toggle=toggle, on=False, satellite_ids=[KITCHEN])
    for toggle in ("deletion_by_voice", "help_improve", "household_may_listen", "verifier"):
        yield at("settings/set", OWNER, toggle=toggle, on=False)
    for on in (True, False):
        yield at("settings/set", IN_KITCHEN, toggle="muted", on=on, satellite_ids=[KITCHEN])
        yield at("settings/set", IN_BEDROOM, toggle="muted", on=on, satellite_ids=[BEDROOM])
        yield at("settings/set", HOUSE, toggle="muted", on=on)
        yield at("settings/set", HOUSE, toggle="guest_mode", on=on)
    for setting, value in (("keep_recordings", "day"), ("keep_false_wakes", "hour"), ("storage_limit", 9)):
        yield at("retention/preview", OWNER, setting=setting, value=value)
        yield at("retention/set", OWNER, setting=setting, value=value)
    yield at("retention/set", OWNER, setting="keep_recordings", value="day", satellite_id=KITCHEN)
    yield at("microphones/set_threshold", OWNER, satellite_id=KITCHEN, threshold=0.7)
    yield at("microphones/press_to_talk", OWNER, satellite_id=KITCHEN)
    yield at("microphones/figures", ANYBODY)
    yield at("microphones/test", OWNER, satellite_id=KITCHEN)
    yield at("access_log", OWNER)
    yield at("wake_words/list", OWNER)
    yield at("wake_words/remove", OWNER, file=walk.model)
    yield at("wake_words/choose", OWNER, satellite_id=KITCHEN, wake_words=["alexa"])
    yield at("wake_words/test", OWNER, satellite_id=KITCHEN, file="alexa_v0.1.onnx")
    yield at("access_log/rooms", IN_KITCHEN | IN_BEDROOM)
    yield at("taught/list", OWNER)
    yield at("levels/get", OWNER)
    yield at("levels/preview", OWNER, area_id=None, level="no_limit")
    yield at("levels/set", OWNER, area_id=None, level="no_limit")
    yield at("levels/set_overrides", OWNER, overrides=[])
    yield at("options/get", OWNER)
    yield at("satellites/choices", OWNER)
    yield at("satellites/search", OWNER)
    yield at("data_flow/get", OWNER)
    yield at("elsewhere/search", OWNER)
    yield at("elsewhere/remove", OWNER, place="corrupt_databases")
    yield at("ledger/get", OWNER)
    yield at("ledger/set", OWNER, on=True)
    yield at("ledger/export", OWNER)
    yield at("self_test/get", OWNER)
    yield at("self_test/run", OWNER)
    yield at("review/list", REVIEWERS)
    yield at("review/transcript", REVIEWERS, review_id=walk.clip)
    yield at("review/label", REVIEWERS, review_id=walk.clip, label="cut_off")
    for name in ("review/pool", "review/learned", "review/scores", "review/reviewers"):
        yield at(name, OWNER)
    yield at("review/take_out", OWNER, review_ids=lambda: [walk.clip()])
    yield at("review/set_reviewer", OWNER, user_id=walk.people[READER].user.id, on=True)
    yield at("review/set_reviewer", OWNER, user_id=walk.people[READER].user.id, on=False)
    yield at("recordings/delete_later", OWNER, recording_id=walk.recording)
    yield at("recordings/undo", OWNER, recording_id=walk.hidden)


async def test_commands(hass: HomeAssistant, walk: Walk) -> None:
    registered = {
        name.removeprefix(f"{DOMAIN}/") for name in hass.data["websocket_api"] if name.startswith(DOMAIN)
    }
    assert registered == COMMANDS.keys()

    for attempt in commands_of(walk):
        for name, person in walk.people.items():

            async def go(attempt: Attempt = attempt, desk: Desk = person.desk) -> bool:
                return await desk.code_of(attempt.door[1], **attempt.fields()) is None

            if attempt.door[1].endswith("press_to_talk"):
                await quiet(walk)
            await walk.tried_by(attempt, name, go, allowed=name in attempt.who)
    # Allowing a clip needs somebody who has heard it, whoever asks.
    for name, person in walk.people.items():
        await walk.furnish()
        if name == ADMIN:
            walk.house.hub.review.pool.heard(walk.clip(), person.user.id)
        code = await person.desk.code_of("review/allow", review_id=walk.clip(), allowed=True)
        assert (code is None) is (name == ADMIN), name
        walk.doors.add(("command", "review/allow"))
        walk.tried += 1

    # These would load the entry again: whoever gets in asks for something that is not there.
    for command, fields in (
        ("options/set", {}),
        ("satellites/add", {"source": "none", "save_recordings": True}),
        ("satellites/choose_pipeline", {"satellite_id": KITCHEN}),
        (
            "satellites/connect",
            {"name": "", "address": "", "wake_words": [], "area": "none", "save_recordings": True},
        ),
        ("satellites/take_over", {"source": "none", "save_recordings": True}),
    ):
        for name, person in walk.people.items():
            answer = await person.desk.ask(f"{DOMAIN}/{command}", **fields)
            code = answer["error"]["code"]
            assert code == ("invalid_request" if name == ADMIN else "unauthorized"), (command, name, code)
        walk.doors.add(("command", command))
    await try_to_teach(walk)
    # Nothing is in memory only: who may keep it somewhere is told that it is not there.
    for name, person in walk.people.items():
        code = await person.desk.code_of("recordings/keep", recording_id="0" * 32)
        expected = "recording_not_found" if name in IN_KITCHEN | IN_BEDROOM else "unauthorized"
        assert code == expected, (name, code)
    walk.doors.add(("command", "recordings/keep"))

    tell(walk, len(walk.people))
    assert {name for _, name in walk.doors} == COMMANDS.keys()


async def try_to_teach(walk: Walk) -> None:
    """Let everybody ask for what does not exist: whoever may teach wake words is told so."""
    session = {"session": "none"}
    for command, fields, expected in (
        ("taught/begin", {"name": "", "satellite_id": KITCHEN, "consent": True}, "taught_name_invalid"),
        ("taught/clip", session | {"kind": "word"}, "teaching_over"),
        ("taught/drop", session | {"kind": "word", "index": 0}, "teaching_over"),
        ("taught/make", session, "teaching_over"),
        ("taught/test", session | {"kind": "calls"}, "teaching_over"),
        ("taught/save", session, "teaching_over"),
        ("taught/delete", {"word_id": "none"}, "taught_word_missing"),
    ):
        for name, person in walk.people.items():
            answer = await person.desk.ask(f"{DOMAIN}/{command}", **fields)
            code = answer["error"]["code"]
            assert code == (expected if name == ADMIN else "unauthorized"), (command, name, code)
        walk.doors.add(("command", command))


# The server's heartbeat of a connection that it has closed itself.
@pytest.mark.parametrize("expected_lingering_timers", [True])
async def test_nobody_says_anything_without_signing_in(
    hass: HomeAssistant, walk: Walk, hass_client_no_auth: ClientSessionGenerator
) -> None:
    for component in ("api", "websocket_api"):
        assert await async_setup_component(hass, component, {})
    client = await hass_client_no_auth()
    before = walk.print()
    for action in ACTIONS:
        response = await client.post(f"/api/services/{DOMAIN}/{action}", json={"confirm": True})
        assert response.status == 401
    for name in COMMANDS:
        async with client.ws_connect("/api/websocket") as socket:
            assert (await socket.receive_json())["type"] == "auth_required"
            await socket.send_json({"id": 1, "type": f"{DOMAIN}/{name}", "scope": "all"})
            assert (await socket.receive_json())["type"] == "auth_invalid"
            assert (await socket.receive()).type is WSMsgType.CLOSE
    assert walk.print() == before


async def test_with_what_the_owner_allows_members_listen_and_open_microphones(
    hass: HomeAssistant, walk: Walk
) -> None:
    walk.house_toggles = walk.house_toggles | {HouseToggle.HOUSEHOLD_MAY_LISTEN: True}
    hass.config_entries.async_update_entry(walk.house.entry, options={CONF_MEMBERS_MAY_OPEN_MICROPHONE: True})
    opened: list[tuple[str, dict[str, Any], set[str]]] = [
        ("recordings/list", {}, SEE_KITCHEN),
        ("recordings/list", {"satellite_id": KITCHEN}, SEE_KITCHEN),
        ("recordings/list", {"satellite_id": BEDROOM}, SEE_BEDROOM),
        ("recordings/search", {"text": "light"}, SEE_KITCHEN),
        ("recordings/search", {"text": "light", "satellite_id": BEDROOM}, SEE_BEDROOM),
        ("microphones/press_to_talk", {"satellite_id": KITCHEN}, IN_KITCHEN),
        ("microphones/press_to_talk", {"satellite_id": BEDROOM}, IN_BEDROOM),
        ("microphones/set_threshold", {"satellite_id": KITCHEN, "threshold": 0.7}, OWNER),
        ("access_log", {}, OWNER),
        ("recordings/delete", {"scope": "all", "satellite_ids": [KITCHEN]}, OWNER),
    ]
    for command, fields, who in opened:
        attempt = Attempt(door=("command", command), who=who, fields=partial(dict, fields))
        for name, person in walk.people.items():
            if command.endswith("press_to_talk"):
                await quiet(walk)

            async def go(
                command: str = command, fields: dict[str, Any] = fields, desk: Desk = person.desk
            ) -> bool:
                return await desk.code_of(command, **fields) is None

            await walk.tried_by(attempt, name, go, allowed=name in who)
    for owner, who, deletes in ((KITCHEN, SEE_KITCHEN, IN_KITCHEN), (BEDROOM, SEE_BEDROOM, IN_BEDROOM)):
        for name, person in walk.people.items():
            await walk.furnish()
            recording_id = walk.recording(owner)
            code = await person.desk.code_of("recordings/get", recording_id=recording_id)
            assert (code is None) is (name in who), (name, owner, code)
            code = await person.desk.code_of("recordings/delete", scope="ids", recording_ids=[recording_id])
            assert (code is None) is (name in deletes), (name, owner, code)
            assert (recording_id in walk.house.hub.recordings) is (name not in deletes)


async def quiet(walk: Walk) -> None:
    """Let every satellite listen for its wake word, as before somebody opened its microphone."""

    def is_quiet(owner: str) -> bool:
        return not walk.house.hub.in_flight(owner)

    for owner in (KITCHEN, BEDROOM):
        if walk.house.hub.in_flight(owner):
            for on in (True, False):
                await walk.house.hub.async_set_satellite(owner, SatelliteToggle.MUTED, Requester(), on=on)
    await walk.hass.async_block_till_done()
    for owner in (KITCHEN, BEDROOM):
        await walk.house.until(partial(is_quiet, owner), f"{owner} is quiet")
        await walk.house.until_listening(owner)


def tell(walk: Walk, users: int) -> None:
    """Print how much was tried."""
    print(f"\n{len(walk.doors)} doors, {users} users, {walk.tried} attempts")  # noqa: T201


# --- HTTP ----------------------------------------------------------------------------------------


def views_of(hass: HomeAssistant) -> set[str]:
    """Return the paths of our views in the server's router."""
    return {
        route.resource.canonical
        for route in hass.http.app.router.routes()
        if route.resource is not None and route.resource.canonical.startswith(f"/api/{DOMAIN}")
    }


@pytest.mark.parametrize("household", [False, True])
async def test_views(
    hass: HomeAssistant, walk: Walk, hass_client_no_auth: ClientSessionGenerator, household: bool
) -> None:
    assert len(views_of(hass)) == len(VIEWS)
    walk.house_toggles = walk.house_toggles | {HouseToggle.HOUSEHOLD_MAY_LISTEN: household}
    await walk.furnish()
    client: TestClient[Any, Any] = await hass_client_no_auth()
    kitchen, bedroom = walk.recording(), walk.recording(BEDROOM)
    doors = {
        f"recordings/{kitchen}/audio": SEE_KITCHEN if household else OWNER,
        f"recordings/{bedroom}/audio": SEE_BEDROOM if household else OWNER,
        f"recordings/{kitchen}/audio?download": OWNER,
        f"review/{walk.clip()}/audio": REVIEWERS,
        "archive": OWNER,
        f"archive?satellite_id={KITCHEN}": OWNER,
    }
    tried = 0
    for path, who in doors.items():
        for name, person in {**walk.people, "anonymous": None}.items():
            status = await fetch(client, person, path)
            assert (status == 200) is (name in who), (path, name, status)
            # Never 401, which counts as a failed login; a room that may not be known is not there.
            assert status in (200, 403, 404), (path, name, status)
            tried += 1
    for name, person in {**walk.people, "anonymous": None}.items():
        headers = {} if person is None else person.headers
        response = await client.post(f"/api/{DOMAIN}/wake_words", headers=headers, data=b"{}")
        # An administrator gets in, and is told that this is no upload.
        assert response.status == (400 if name in OWNER else 403), (name, response.status)
        tried += 1
    print(f"\n{len(doors)} paths of {len(VIEWS)} views, {len(walk.people) + 1} users, {tried} attempts")  # noqa: T201


# --- actions and entities ------------------------------------------------------------------------


async def called(
    hass: HomeAssistant, domain: str, service: str, data: dict[str, Any], context: Context
) -> bool:
    """Call an action; return whether it was done. Everything but a refusal is a failure of the test."""
    try:
        await hass.services.async_call(domain, service, data, blocking=True, context=context)
    except Unauthorized:
        return False
    return True


async def test_actions(hass: HomeAssistant, walk: Walk) -> None:
    assert hass.services.async_services_for_domain(DOMAIN).keys() == ACTIONS.keys()
    span = {"start": "2026-01-01 00:00:00", "end": "2026-01-02 00:00:00"}
    # Members may where they listen, too: test_delete_recordings.
    ids = {"recording_ids": ["0" * 32]}
    rooms = {
        owner: {"entity_id": walk.house.entity_id("switch", "microphone", owner)}
        for owner in (KITCHEN, BEDROOM)
    }
    attempts = [
        Attempt(door=("action", "clear_spoken_replies"), who=OWNER),
        Attempt(door=("action", "delete_all"), who=OWNER, fields=lambda: {"confirm": True}),
        Attempt(door=("action", "delete_range"), who=OWNER, fields=lambda: span),
        Attempt(door=("action", "delete_range"), who=OWNER, fields=lambda: span | rooms[KITCHEN]),
        Attempt(door=("action", "delete_recordings"), who=OWNER, fields=lambda: {"day": "2026-01-01"}),
        Attempt(door=("action", "delete_recordings"), who=OWNER, fields=lambda: {"kinds": ["command"]}),
        Attempt(door=("action", "delete_recordings"), who=OWNER, fields=lambda: ids | rooms[KITCHEN]),
        Attempt(door=("action", "press_to_talk"), who=OWNER, fields=lambda: rooms[KITCHEN]),
        Attempt(door=("action", "self_test"), who=OWNER),
        *(
            Attempt(door=("action", f"delete_{scope}"), who=who, fields=partial(dict, target))
            for scope in ("last", "today", "false_wakes")
            for target, who in ((rooms[KITCHEN], IN_KITCHEN), (rooms[BEDROOM], IN_BEDROOM), ({}, HOUSE))
        ),
    ]
    callers = {name: person.context for name, person in walk.people.items()} | {AUTOMATION: Context()}
    for attempt in attempts:
        for name, context in callers.items():

            async def go(attempt: Attempt = attempt, context: Context = context) -> bool:
                return await called(hass, DOMAIN, attempt.door[1], attempt.fields(), context)

            if attempt.door[1] == "press_to_talk":
                await quiet(walk)
            await walk.tried_by(attempt, name, go, allowed=name in attempt.who | {AUTOMATION})
    await quiet(walk)
    tell(walk, len(callers))
    assert {name for _, name in walk.doors} == ACTIONS.keys()


def entities_of(hass: HomeAssistant) -> dict[str, tuple[Platform, str, str]]:
    """Return every entity of ours that can be acted upon: platform, key and owner by entity id."""
    found = {}
    for platform in entity_platform.async_get_platforms(hass, DOMAIN):
        for entity_id, entity in platform.entities.items():
            if platform.domain in ACTING:
                owner, _, key = str(entity.unique_id).partition("-")
                found[entity_id] = (Platform(platform.domain), key, owner)
    return found


WHO_ACTS: Final[dict[tuple[Platform, str], str]] = {
    (Platform.BUTTON, "delete_last"): "room",
    (Platform.BUTTON, "delete_today"): "room",
    (Platform.SWITCH, "guest_mode"): "house",
    (Platform.SWITCH, "microphone"): "room",
}
"""What is not the owner's alone."""


async def test_entities(hass: HomeAssistant, walk: Walk) -> None:
    entities = entities_of(hass)
    assert {(platform, key) for platform, key, _ in entities.values()} == ENTITIES.keys()
    # Nothing else of ours can be acted upon by any action of any domain, but satellites.
    actions = hass.services.async_services_for_domain("assist_satellite").keys()
    assert actions == {"announce", *SATELLITE_ACTIONS}
    for other in entity_platform.async_get_platforms(hass, DOMAIN):
        if other.domain not in {*ACTING, Platform.ASSIST_SATELLITE}:
            assert not any(entity.supported_features for entity in other.entities.values())

    callers = {name: person.context for name, person in walk.people.items()} | {AUTOMATION: Context()}
    for entity_id, (platform, key, owner) in entities.items():
        kind = WHO_ACTS.get((platform, key), "owner")
        who = {"owner": OWNER, "house": HOUSE, "room": IN_KITCHEN if owner == KITCHEN else IN_BEDROOM}[kind]
        attempt = Attempt(door=(platform, key), who=who, owner=owner)
        for service in ACTING[platform]:
            for name, context in callers.items():
                if key == "press_to_talk":
                    await quiet(walk)

                async def go(
                    platform: str = platform,
                    service: str = service,
                    entity_id: str = entity_id,
                    context: Context = context,
                ) -> bool:
                    data: dict[str, Any] = {"entity_id": entity_id}
                    if platform == Platform.NUMBER:
                        data["value"] = 9
                    if platform == Platform.SELECT:
                        state = hass.states.get(entity_id)
                        assert state is not None
                        data["option"] = next(
                            option for option in state.attributes["options"] if option != state.state
                        )
                    return await called(hass, platform, service, data, context)

                await walk.tried_by(attempt, name, go, allowed=name in who | {AUTOMATION})
    await quiet(walk)
    tell(walk, len(callers))


# --- words ---------------------------------------------------------------------------------------

SENTENCES: Final = {
    VoiceCommand.DELETE_ALL: "delete all recordings",
    VoiceCommand.DELETE_LAST: "delete what I just said",
    VoiceCommand.DELETE_TODAY: "delete everything I said today",
    VoiceCommand.FALSE_WAKE: "that was not for you",
    VoiceCommand.GUEST_MODE: "turn on guest mode",
    VoiceCommand.KEEP: "keep that",
    VoiceCommand.MUTE: "stop listening",
    VoiceCommand.SUMMARY: "what have you kept",
}

NOT_ALLOWED: Final = "You are not allowed to do this"

WHO_SAYS: Final[dict[VoiceCommand, tuple[set[str], set[str]]]] = {
    VoiceCommand.DELETE_ALL: (OWNER, OWNER),
    VoiceCommand.DELETE_LAST: (IN_KITCHEN, IN_BEDROOM),
    VoiceCommand.DELETE_TODAY: (IN_KITCHEN, IN_BEDROOM),
    VoiceCommand.FALSE_WAKE: (IN_KITCHEN, IN_BEDROOM),
    VoiceCommand.GUEST_MODE: (HOUSE, HOUSE),
    VoiceCommand.KEEP: (IN_KITCHEN, IN_BEDROOM),
    VoiceCommand.MUTE: (IN_KITCHEN, IN_BEDROOM),
    VoiceCommand.NO: (IN_KITCHEN, IN_BEDROOM),
    VoiceCommand.SUMMARY: (SEE_KITCHEN, SEE_BEDROOM),
    VoiceCommand.YES: (OWNER, OWNER),
}
"""Who may say what to the kitchen and to the bedroom."""


async def test_words_of_a_signed_in_user_have_the_rights_of_the_user(hass: HomeAssistant, walk: Walk) -> None:
    assert WORDS.keys() == WHO_SAYS.keys() == set(VoiceCommand)
    satellites = {
        owner: walk.house.entity_id("assist_satellite", "assist_satellite", owner)
        for owner in (KITCHEN, BEDROOM)
    }
    for command, sentence in SENTENCES.items():
        for owner, who in zip((KITCHEN, BEDROOM), WHO_SAYS[command], strict=True):
            attempt = Attempt(door=("words", command), who=who, owner=owner)
            for name, person in walk.people.items():
                said = ""

                async def go(person: Person = person, sentence: str = sentence, owner: str = owner) -> bool:
                    answer = await person.desk.ask(
                        "conversation/process", text=sentence, language="en", satellite_id=satellites[owner]
                    )
                    nonlocal said
                    said = answer["result"]["response"]["speech"]["plain"]["speech"]
                    return not said.startswith(NOT_ALLOWED)

                await walk.tried_by(attempt, name, go, allowed=name in who)
                await answer_no(walk, satellites[owner])
    tell(walk, len(walk.people))


async def test_a_device_that_a_user_names_is_no_room(hass: HomeAssistant, walk: Walk) -> None:
    entity_id = walk.house.entity_id("assist_satellite", "assist_satellite")
    entity = er.async_get(hass).async_get(entity_id)
    assert entity is not None
    for command, sentence in SENTENCES.items():
        for name, person in walk.people.items():
            await walk.furnish()
            before = walk.print()
            await person.desk.ask(
                "conversation/process", text=sentence, language="en", device_id=entity.device_id
            )
            if command is VoiceCommand.GUEST_MODE and name in HOUSE:
                assert walk.house.hub.settings.house(HouseToggle.GUEST_MODE)
            else:
                assert walk.print() == before, (command, name)


async def answer_no(walk: Walk, satellite_id: str) -> None:
    """Close a question that somebody's request has opened."""
    await async_converse(walk.hass, "no", None, Context(), "en", None, None, satellite_id)


async def test_a_question_is_answered_only_by_who_may(hass: HomeAssistant, walk: Walk) -> None:
    kitchen = walk.house.entity_id("assist_satellite", "assist_satellite")
    for word, command in (("yes", VoiceCommand.YES), ("no", VoiceCommand.NO)):
        for name, person in walk.people.items():
            await walk.furnish()
            before = len(walk.house.ids(KITCHEN))
            await async_converse(
                hass, SENTENCES[VoiceCommand.DELETE_ALL], None, Context(), "en", None, None, kitchen
            )
            answer = await person.desk.ask(
                "conversation/process", text=word, language="en", satellite_id=kitchen
            )
            said = answer["result"]["response"]["speech"]["plain"]["speech"]
            allowed = name in WHO_SAYS[command][0]
            assert said.startswith(NOT_ALLOWED) is not allowed, (word, name, said)
            assert len(walk.house.ids(KITCHEN)) == (0 if allowed and word == "yes" else before)
            await answer_no(walk, kitchen)


@pytest.mark.parametrize("consent", [True, False])
async def test_what_is_said_to_a_satellite_has_the_rights_of_its_room(
    hass: HomeAssistant, walk: Walk, consent: bool
) -> None:
    walk.house_toggles = walk.house_toggles | {HouseToggle.DELETION_BY_VOICE: consent}
    kitchen = walk.house.entity_id("assist_satellite", "assist_satellite")
    system = await hass.auth.async_create_system_user("Voice over IP")
    for context in (Context(), Context(user_id=system.id)):
        await walk.furnish()
        bedroom = walk.house.ids(BEDROOM)
        kept = walk.house.ids(KITCHEN)
        await async_converse(
            hass, SENTENCES[VoiceCommand.DELETE_TODAY], None, context, "en", None, None, kitchen
        )
        assert walk.house.ids(KITCHEN) == ([] if consent else kept)
        assert walk.house.ids(BEDROOM) == bedroom
        for command in (VoiceCommand.MUTE, VoiceCommand.GUEST_MODE):
            await async_converse(hass, SENTENCES[command], None, context, "en", None, None, kitchen)
        assert walk.house.hub.settings.satellite(KITCHEN, SatelliteToggle.MUTED)
        assert walk.house.hub.settings.house(HouseToggle.GUEST_MODE)


@pytest.mark.parametrize("consent", [True, False])
async def test_words_do_through_entities_only_what_they_do_otherwise(
    hass: HomeAssistant, walk: Walk, consent: bool
) -> None:
    """Switches are exposed to Assist unless somebody changes that, and so may buttons be."""
    walk.house_toggles = walk.house_toggles | {HouseToggle.DELETION_BY_VOICE: consent}
    assert await async_setup_component(hass, "intent", {})
    hub, kitchen = walk.house.hub, walk.house.entity_id("assist_satellite", "assist_satellite")
    for domain, key, owner in (
        ("button", "delete_today", BEDROOM),
        ("button", "press_to_talk", BEDROOM),
        ("switch", "save_recordings", BEDROOM),
    ):
        async_expose_entity(hass, "conversation", walk.house.entity_id(domain, key, owner), True)

    async def say(text: str, context: Context) -> None:
        await say_in_run(hass, text, kitchen, context)

    async def turned(context: Context, *, tightened: bool, loosened: bool, configured: bool) -> None:
        """Say everything; tell whether mute and guest mode were turned on, turned off, and consent changed."""
        await walk.furnish()
        await say("turn off bedroom microphone", context)
        await say("turn on voice privacy guest mode", context)
        assert hub.settings.satellite(BEDROOM, SatelliteToggle.MUTED) is tightened
        assert hub.settings.house(HouseToggle.GUEST_MODE) is tightened
        await hub.async_set_house(HouseToggle.GUEST_MODE, Requester(), on=True)
        await hub.async_set_satellite(BEDROOM, SatelliteToggle.MUTED, Requester(), on=True)
        await say("turn on bedroom microphone", context)
        await say("turn off voice privacy guest mode", context)
        await say("turn off bedroom save recordings", context)
        assert hub.settings.satellite(BEDROOM, SatelliteToggle.MUTED) is not loosened
        assert hub.settings.house(HouseToggle.GUEST_MODE) is not loosened
        assert hub.settings.satellite(BEDROOM, SatelliteToggle.SAVE_RECORDINGS) is not configured

    await turned(Context(), tightened=True, loosened=False, configured=False)
    await turned(walk.people[ADMIN].context, tightened=True, loosened=True, configured=True)
    await turned(walk.people[LOCAL].context, tightened=True, loosened=True, configured=False)
    await turned(walk.people[READER].context, tightened=False, loosened=False, configured=False)

    async def press(key: str) -> bool:
        """Press a button as a language model does; return whether that was done."""
        state = hass.states.get(walk.house.entity_id("button", key, BEDROOM))
        assert state is not None
        done: list[bool] = []

        async def as_a_model(heard: ConversationInput) -> None:
            try:
                await intent.async_handle(
                    hass, "conversation", "HassTurnOn", {"name": {"value": state.name}}, context=heard.context
                )
            except intent.IntentError:
                done.append(False)
            else:
                done.append(True)

        await say_in_run(hass, "press it", kitchen, Context(), as_a_model)
        return done == [True]

    await walk.furnish()
    assert not await press("press_to_talk")
    assert not hub.in_flight(BEDROOM)
    assert await press("delete_today") is consent
    assert bool(walk.house.ids(BEDROOM)) is not consent
    assert not consent or hub.access_log.entries[-1].by.kind is RequesterKind.VOICE


async def test_an_automation_that_a_sentence_starts_is_an_automation(hass: HomeAssistant, walk: Walk) -> None:
    microphone = walk.house.entity_id("switch", "microphone", BEDROOM)
    automation = {
        "alias": "Listen again",
        "triggers": {"trigger": "conversation", "command": "listen again upstairs"},
        "actions": [{"action": "switch.turn_on", "target": {"entity_id": microphone}}],
    }
    assert await async_setup_component(hass, "automation", {"automation": automation})
    await walk.furnish()
    await walk.house.hub.async_set_satellite(BEDROOM, SatelliteToggle.MUTED, Requester(), on=True)
    await async_converse(hass, "listen again upstairs", None, Context(), "en")
    assert not walk.house.hub.settings.satellite(BEDROOM, SatelliteToggle.MUTED)
    assert walk.house.hub.access_log.entries[-1].by.automation == "automation.listen_again"


async def test_sentences_and_tools_are_in_the_table(hass: HomeAssistant, walk: Walk) -> None:
    sentences = get_agent_manager(hass).trigger_sentences
    assert sentences
    api = await llm.async_get_api(hass, llm.LLM_API_ASSIST, llm_context(Context()))
    tools = [tool for tool in api.tools if tool.integration == DOMAIN]
    assert {tool._command for tool in tools} == WORDS.keys()  # type: ignore[attr-defined]


def llm_context(context: Context) -> llm.LLMContext:
    """Return what a server of tools tells that knows no conversation."""
    return llm.LLMContext(
        platform="mcp_server", context=context, language="en", assistant="conversation", device_id=None
    )


async def test_tools(hass: HomeAssistant, walk: Walk) -> None:
    """A tool names no satellite: of the rooms nothing is reached, and the house only by who may."""
    attempts = 0
    for name, person in walk.people.items():
        api = await llm.async_get_api(hass, llm.LLM_API_ASSIST, llm_context(person.context))
        for tool in [tool for tool in api.tools if tool.integration == DOMAIN]:
            await walk.furnish()
            before = walk.print()
            result = await api.async_call_tool(llm.ToolInput(tool.name, {}))
            attempts += 1
            if tool.name.endswith("guest_mode_on"):
                assert (not result.error) is (name in HOUSE), (name, result)
                assert walk.house.hub.settings.house(HouseToggle.GUEST_MODE) is (name in HOUSE)
            else:
                assert walk.print() == before, (name, tool.name)
    print(f"\n{len(WORDS)} tools, {len(walk.people)} users, {attempts} attempts")  # noqa: T201


# --- the table itself ----------------------------------------------------------------------------


def rights_of(door: Door) -> set[Right]:
    """Return every right that a door may ask for."""
    if isinstance(door, ByField):
        return set[Right]().union(*map(rights_of, door.rights.values()))
    return {door}


def test_every_right_has_a_rule_and_a_door() -> None:
    tables: list[Mapping[Any, Door]] = [COMMANDS, VIEWS, ACTIONS, ENTITIES, WORDS]
    used = set[Right]().union(*(rights_of(door) for table in tables for door in table.values()))
    assert used == set(Right) == RIGHTS.keys()


async def test_a_door_without_a_right_cannot_be_made(hass: HomeAssistant) -> None:
    from custom_components.voice_privacy import entity, services  # noqa: PLC0415
    from custom_components.voice_privacy.web import audio_views as http, ws_command as commands  # noqa: PLC0415

    with pytest.raises(KeyError):
        commands.command({}, "recordings/steal")
    with pytest.raises(KeyError):
        services._register(hass, "delete_house", None, None)  # type: ignore[arg-type]
    with pytest.raises(KeyError):
        type("StealView", (http._View,), {"name": f"api:{DOMAIN}:steal", "url": "/steal"})
    with pytest.raises(TypeError):
        type("Steal", (entity.Acting,), {"async_press": lambda self: None})
