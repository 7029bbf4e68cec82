"""Wyoming satellites that the page adds: found on the network, or by their address."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from datetime import timedelta
from ipaddress import ip_interface
from typing import Any

from homeassistant.auth.const import GROUP_ID_USER
from homeassistant.core import HomeAssistant
from homeassistant.helpers import area_registry as ar
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser, async_fire_time_changed

from custom_components.voice_privacy.satellites import network_search
from custom_components.voice_privacy.satellites.wyoming_connection import NotASatellite
from dev.rig.satellite import Mode
from dev.rig.speech_servers import SttServer

from .helpers.house import KITCHEN, House
from .helpers.network import Network
from .helpers.people import Desk
from .helpers.talker import Talker, talker

HERE = "127.0.0.1"
USABLE_HOSTS = network_search.usable_hosts


@pytest.fixture
async def study(socket_enabled: None) -> AsyncGenerator[Talker]:
    """A satellite that nobody has added yet."""
    async with talker("study") as satellite:
        yield satellite


async def desk_of(hass: HomeAssistant, user: Any) -> Desk:
    """Return somebody's connection."""
    return Desk(hass, user, await hass.auth.async_create_refresh_token(user, "https://example.com/app"))


@pytest.fixture
async def owner(hass: HomeAssistant, house: House, hass_admin_user: MockUser) -> Desk:
    """The owner's connection."""
    return await desk_of(hass, hass_admin_user)


def form(port: int, **changes: Any) -> dict[str, Any]:
    """Return what the page sends."""
    return {
        "name": "Study",
        "address": f"{HERE}:{port}",
        "wake_words": ["alexa"],
        "area": None,
        "save_recordings": False,
    } | changes


async def connect(desk: Desk, port: int, **changes: Any) -> dict[str, str]:
    """Add a satellite; return the errors of its form."""
    answer = await desk.ask("voice_privacy/satellites/connect", **form(port, **changes))
    assert answer["success"], answer
    await desk.hass.async_block_till_done()
    return dict(answer["result"]["errors"])


def added(house: House) -> list[dict[str, Any]]:
    """Return what is saved of the satellites that were added."""
    return [dict(one.data) for one in house.entry.subentries.values() if one.subentry_id != KITCHEN]


def nothing_is_left(house: House) -> bool:
    """Return whether nothing was saved, and no flow is still open."""
    return added(house) == [] and house.hass.config_entries.subentries.async_progress() == []


async def test_a_satellite_is_added_by_its_address(house: House, owner: Desk, study: Talker) -> None:
    area = ar.async_get(house.hass).async_create("Library")
    choices = (await owner.ask("voice_privacy/satellites/choices"))["result"]
    assert choices["areas"] == [{"id": area.id, "name": "Library"}]
    assert choices["wake_word"] == "alexa"
    assert {"id": "alexa", "phrase": "Alexa"} in choices["wake_words"]

    assert await connect(owner, study.port, area=area.id, save_recordings=True) == {}
    (data,) = added(house)
    assert data == {
        "name": "Study",
        "area": area.id,
        "host": HERE,
        "port": study.port,
        "wake_words": ["alexa"],
        "threshold": 0.5,
        "child_safe": False,
        "wake_engine": None,
        "save_recordings": True,
    }
    (satellite_id,) = house.entry.subentries.keys() - {KITCHEN}
    await house.until_state("sensor", "microphone_state", "listening", satellite_id)
    assert house.state("switch", "save_recordings", satellite_id) == "on"
    # Once is enough, and nothing of the second attempt is left.
    assert await connect(owner, study.port, name="Study again") == {"base": "already_configured"}
    assert len(added(house)) == 1
    assert house.hass.config_entries.subentries.async_progress() == []


async def test_nobody_answers_or_something_else_does(house: House, owner: Desk) -> None:
    stt = SttServer()
    await stt.start()
    try:
        assert await connect(owner, stt.port) == {"base": "not_a_satellite"}
    finally:
        await stt.stop()
    assert await connect(owner, stt.port) == {"base": "cannot_connect"}
    assert nothing_is_left(house)


@pytest.mark.parametrize(
    ("changes", "errors"),
    [
        ({"address": "http://kitchen.local"}, {"host": "host_invalid"}),
        ({"address": "kitchen local"}, {"host": "host_invalid"}),
        ({"address": "kitchen.local:70000"}, {"host": "host_invalid"}),
        ({"address": "::1:10700:"}, {"host": "host_invalid"}),
        ({"address": "a" * 100_000}, {"host": "host_invalid"}),
        ({"address": "\u202e\u200b"}, {"host": "host_invalid"}),
        ({"name": "a" * 101}, {"name": "name_invalid"}),
        ({"name": "\u202e\u200b \u2066"}, {"name": "name_invalid"}),
    ],
)
async def test_what_cannot_be_meant_is_refused_at_its_field(
    house: House, owner: Desk, study: Talker, changes: dict[str, str], errors: dict[str, str]
) -> None:
    assert await connect(owner, study.port, **changes) == errors
    assert nothing_is_left(house)


@pytest.mark.parametrize(
    "changes",
    [
        {"area": "nowhere"},
        {"area": 7},
        {"wake_words": ["no such word"]},
        {"wake_words": "alexa"},
        {"save_recordings": "yes"},
        {"save_recordings": None},
        {"name": None},
        {"name": "\ud800"},
        {"address": ["127.0.0.1"]},
        {"threshold": 0},
    ],
)
async def test_what_the_page_never_sends_is_refused(
    house: House, owner: Desk, study: Talker, changes: dict[str, Any]
) -> None:
    answer = await owner.ask("voice_privacy/satellites/connect", **form(study.port, **changes))
    assert answer["error"]["code"] == "invalid_request"
    assert nothing_is_left(house)


async def test_a_hostile_name_is_cleaned(house: House, owner: Desk, study: Talker) -> None:
    assert await connect(owner, study.port, name=" <b>St\u202eu\u0000dy\u200b</b>\n ") == {}
    assert [data["name"] for data in added(house)] == ["<b>Study</b>"]


def place_another(house: House, port: int) -> None:
    """Let core use a server with the same port elsewhere, so that checking an address takes a moment."""
    entry = MockConfigEntry(domain="wyoming", data={"host": "127.0.0.2", "port": port})
    entry.add_to_hass(house.hass)


async def question(house: House, host: str, port: int) -> str:
    """Fill in the form of a new satellite; return the id of the flow, which asks whether recordings are kept."""
    flows = house.hass.config_entries.subentries
    flow = await flows.async_init((house.entry.entry_id, "satellite"), context={"source": "user"})
    answers = {"name": "Study", "host": host, "port": port, "wake_words": ["alexa"], "threshold": 0.5}
    assert (await flows.async_configure(flow["flow_id"], answers))["type"] == "menu"
    return str(flow["flow_id"])


async def test_two_at_once_do_not_add_a_satellite_twice(house: House, study: Talker) -> None:
    place_another(house, study.port)
    asked = [await question(house, host, study.port) for host in (HERE, "localhost", HERE)]
    answers = await asyncio.gather(
        *(
            house.hass.config_entries.subentries.async_configure(flow_id, {"next_step_id": "keep_nothing"})
            for flow_id in asked
        )
    )
    await house.hass.async_block_till_done()
    assert [answer.get("reason") for answer in answers] == [None, *["already_configured"] * 2]
    assert len(added(house)) == 1


async def test_two_tabs_at_once_do_not_add_a_satellite_twice(
    house: House, owner: Desk, study: Talker
) -> None:
    hosts = (HERE, "localhost", HERE)
    answers = await asyncio.gather(
        *(connect(owner, study.port, address=f"{host}:{study.port}") for host in hosts)
    )
    assert sorted(map(str, answers)) == ["{'base': 'already_configured'}"] * 2 + ["{}"]
    assert len(added(house)) == 1


async def test_an_address_is_not_given_to_a_satellite_that_is_being_added(
    house: House, study: Talker
) -> None:
    """The form that changes a satellite's address, and the one that adds a satellite, at the same time."""
    flows = house.hass.config_entries.subentries
    place_another(house, study.port)
    asked = await question(house, HERE, study.port)
    answers = {"host": "localhost", "port": study.port, "wake_words": ["alexa"], "threshold": 0.5}
    flow = await house.entry.start_subentry_reconfigure_flow(house.hass, KITCHEN)
    changed, new = await asyncio.gather(
        flows.async_configure(flow["flow_id"], answers | {"child_safe": False}),
        flows.async_configure(asked, {"next_step_id": "keep_nothing"}),
    )
    await house.hass.async_block_till_done()
    assert (changed["type"] == "abort") is (new.get("reason") == "already_configured")
    ports = [one.data["port"] for one in house.entry.subentries.values()]
    assert ports.count(study.port) == 1


async def test_only_the_owner_adds_and_searches(
    hass: HomeAssistant, house: House, owner: Desk, study: Talker
) -> None:
    child = await desk_of(hass, await hass.auth.async_create_user("Child", group_ids=[GROUP_ID_USER]))
    for command, fields in (
        ("connect", form(study.port)),
        ("take_over", {"source": "satellite:x", "save_recordings": False}),
        ("choices", {}),
        ("search", {}),
    ):
        answer = await child.ask(f"voice_privacy/satellites/{command}", **fields)
        assert answer["error"]["code"] == "unauthorized"
    assert nothing_is_left(house)


# --- found on the network ---------------------------------------------------------------------------


@pytest.fixture
async def network(house: House, monkeypatch: pytest.MonkeyPatch) -> Network:
    """A network that Home Assistant follows, on which addresses of this machine are other devices."""
    network = Network()

    async def shared(_: object) -> Network:
        return network

    house.hass.config.components.add("zeroconf")
    monkeypatch.setattr("homeassistant.components.zeroconf.async_get_async_instance", shared)
    monkeypatch.setattr(
        network_search, "usable_hosts", lambda addresses: tuple(one for one in addresses if one == HERE)
    )
    return network


async def search(desk: Desk) -> list[dict[str, Any]]:
    """Return what is found."""
    answer = await desk.ask("voice_privacy/satellites/search")
    return list(answer["result"]["satellites"])


async def until_found(desk: Desk, enough: Callable[[list[dict[str, Any]]], bool]) -> list[dict[str, Any]]:
    """Search until that is enough."""
    async with asyncio.timeout(15):
        while True:
            if enough(found := await search(desk)):
                return found
            # The page asks again and again, too.
            await asyncio.sleep(0.02)


def end_search(hass: HomeAssistant) -> None:
    """Let the time pass for which a search goes on."""
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(seconds=20))


async def test_only_satellites_that_nobody_has_are_found(
    house: House, owner: Desk, network: Network, study: Talker
) -> None:
    hass = house.hass
    stt = SttServer()
    await stt.start()
    async with talker("bath") as bath, talker("core's") as cores:
        bath.mode = Mode.LOCAL_WAKE
        MockConfigEntry(domain="wyoming", data={"host": "localhost", "port": cores.port}).add_to_hass(hass)
        network.announce("whisper", stt.port, HERE)
        network.announce("study", study.port, HERE)
        network.announce("study copied", study.port, HERE)
        network.announce("bath", bath.port, HERE)
        network.announce("kitchen", house.kitchen.port, HERE)
        network.announce("core", cores.port, HERE)
        found = await until_found(owner, lambda found: len(found) == 2)
        assert [(one["address"], one["detects_wake_word"]) for one in found] == [
            (f"{HERE}:{bath.port}", True),
            (f"{HERE}:{study.port}", False),
        ]
        assert all(one["name"] for one in found)
        # One that was added is not found any more, and one that was removed is found again.
        assert await connect(owner, study.port) == {}
        found = await until_found(owner, lambda found: len(found) == 1)
        assert found[0]["address"] == f"{HERE}:{bath.port}"
        (satellite_id,) = house.entry.subentries.keys() - {KITCHEN}
        hass.config_entries.async_remove_subentry(house.entry, satellite_id)
        await hass.async_block_till_done()
        await until_found(owner, lambda found: len(found) == 2)
        network.withdraw("bath")
        assert len(await search(owner)) == 1
    await stt.stop()
    listeners = len(network.listeners)
    end_search(hass)
    await hass.async_block_till_done()
    assert len(network.listeners) == listeners - 1
    # Who asks later searches afresh.
    assert await until_found(owner, lambda found: len(found) == 1)
    end_search(hass)
    await hass.async_block_till_done()


@pytest.mark.parametrize(
    ("port", "addresses"),
    [
        (0, [HERE]),
        (70_000, [HERE]),
        ("10700; rm", [HERE]),
        (None, [HERE]),
        (True, [HERE]),
        (10_700, []),
        (10_700, [object()]),
    ],
)
async def test_what_is_announced_wrongly_is_not_found(
    house: House, owner: Desk, network: Network, study: Talker, port: Any, addresses: list[Any]
) -> None:
    network.announce("nonsense", port, *addresses)
    network.announce("study", study.port, HERE)
    (found,) = await until_found(owner, bool)
    assert found["address"] == f"{HERE}:{study.port}"
    end_search(house.hass)
    await house.hass.async_block_till_done()


async def test_a_flood_of_announcements_is_limited(house: House, owner: Desk, network: Network) -> None:
    for number in range(1_000):
        network.announce(f"flood {number}", 1, HERE)
    assert await search(owner) == []
    assert 0 < len(network.asked) <= 64
    end_search(house.hass)
    await house.hass.async_block_till_done()


async def test_without_zeroconf_nothing_is_found(house: House, owner: Desk) -> None:
    assert await search(owner) == []
    end_search(house.hass)
    await house.hass.async_block_till_done()


@pytest.mark.parametrize(
    ("announced", "usable"),
    [
        (["192.168.1.5"], ("192.168.1.5",)),
        (["fd00::5", "192.168.1.5"], ("192.168.1.5", "fd00::5")),
        (["10.0.0.1", "10.0.0.2", "10.0.0.3"], ("10.0.0.1", "10.0.0.2")),
        # This machine, those of one link, everybody, nobody, and what is no address.
        (["127.0.0.1", "127.1.2.3", "::1", "::ffff:127.0.0.1"], ()),
        (["::ffff:192.168.1.5"], ("192.168.1.5",)),
        (["169.254.169.254", "fe80::1"], ()),
        (["224.0.0.251", "ff02::fb", "0.0.0.0", "::", "255.255.255.255"], ()),
        (["example.com", "", None, "1.2.3"], ()),
    ],
)
def test_which_announced_addresses_are_asked(announced: list[Any], usable: tuple[str, ...]) -> None:
    assert network_search.usable_hosts(announced) == usable


@pytest.mark.parametrize(
    ("host", "is_asked"),
    [
        ("10.10.10.11", True),
        ("192.168.7.7", True),
        ("fd00::5", True),
        ("2600:1f00::7", True),
        # A satellite on this machine.
        ("10.10.10.10", True),
        ("2600:1f00::1", True),
        # The internet.
        ("8.8.8.8", False),
        ("2600:1f00:0:1::7", False),
    ],
)
def test_the_internet_is_not_asked(host: str, is_asked: bool) -> None:
    own = [ip_interface(one) for one in ("127.0.0.1/8", "10.10.10.10/24", "2600:1f00::1/64", "::1/128")]
    assert network_search.is_in_the_house(host, own) is is_asked


async def test_an_announcement_leads_to_devices_in_the_house_only(
    house: House, owner: Desk, network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever announces services must not use us to reach what only we can reach, or anybody outside."""
    asked: list[str] = []

    async def probe(host: str, port: int) -> Any:
        asked.append(host)
        raise NotASatellite

    monkeypatch.setattr(network_search, "usable_hosts", USABLE_HOSTS)
    monkeypatch.setattr(network_search, "async_probe", probe)
    for number, host in enumerate(
        ("127.0.0.1", "::ffff:127.0.0.1", "8.8.8.8", "::ffff:8.8.8.8", "10.10.10.12")
    ):
        network.announce(f"server {number}", 8123, host)
    assert await search(owner) == []
    assert asked == ["10.10.10.12"]
    end_search(house.hass)
    await house.hass.async_block_till_done()
