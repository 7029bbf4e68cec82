"""One real Home Assistant for all end to end tests, and an event loop that lasts as long.

The Home Assistant fixtures of pytest-homeassistant-custom-component apply everywhere, but none of them is
meant for these tests: sockets are needed, and the house outlives each test. They are switched off here by
fixtures of the same name.
"""

from collections.abc import AsyncGenerator, Generator
from pathlib import Path
from unittest.mock import patch

from playwright.async_api import expect
import pytest
import pytest_asyncio
import pytest_socket

from dev.rig.furnish import add_integration, place_kitchen_light, remove_entry, use_speech_servers
from dev.rig.groups import GROUPS
from dev.rig.ha_client import HomeAssistantClient
from dev.rig.house import HomeAssistantProcess
from dev.rig.household import Household, Member
from dev.rig.leak_search import in_log
from dev.rig.microphone import MicrophoneFormat
from dev.rig.patience import SLOWER
from dev.rig.satellite import Satellite
from dev.rig.speech_servers import SttServer, TtsServer

_HERE = Path(__file__).parent
_TIMEOUT = 180 * SLOWER
"""Seconds that one test may take: it waits for speech, which takes its time."""

# A browser's answers on a quiet machine come within playwright's own five seconds.
expect.set_options(timeout=5_000 * SLOWER)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run these tests in one event loop, the one that the house's satellites live in."""
    for item in items:
        if item.path.is_relative_to(_HERE):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)
            item.add_marker(pytest.mark.timeout(_TIMEOUT))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup() -> Generator[None]:
    """Leave sockets alone, which are otherwise disabled before each test; other hosts stay out of reach."""
    pytest_socket.enable_socket()
    with patch.object(pytest_socket, "disable_socket"):
        return (yield)


@pytest.fixture(autouse=True)
def configure_event_loop() -> None:
    """Configure nothing: the session's loop has been configured."""


@pytest.fixture(autouse=True)
def enable_event_loop_debug() -> None:
    """Leave debug mode off: it slows real time down."""


@pytest.fixture(autouse=True)
def verify_cleanup() -> None:
    """Accept tasks that outlive a test: they belong to the house."""


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def stt() -> AsyncGenerator[SttServer]:
    """Speech to text that knows the demo's sentences."""
    server = SttServer()
    await server.start()
    yield server
    await server.stop()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def tts() -> AsyncGenerator[TtsServer]:
    """Text to speech."""
    server = TtsServer()
    await server.start()
    yield server
    await server.stop()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def house(
    stt: SttServer, tts: TtsServer, tmp_path_factory: pytest.TempPathFactory
) -> AsyncGenerator[HomeAssistantProcess]:
    """A Home Assistant with speech engines, a kitchen light, and groups of users for some rooms."""
    house = HomeAssistantProcess(tmp_path_factory.mktemp("house"), groups=GROUPS)
    await house.start()
    await use_speech_servers(house.client, stt_port=stt.port, tts_port=tts.port)
    await place_kitchen_light(house.client)
    yield house
    await house.stop()
    # Whatever the whole run has said, heard, answered or typed is in no line of the log.
    texts = [*stt.transcripts, *tts.texts, *house.typed]
    assert in_log(house.log, texts) == []
    assert all(in_log(f"{house.log}\n{text.upper()}", [text]) for text in texts if " " in text.strip())


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def furnished(house: HomeAssistantProcess) -> AsyncGenerator[Household]:
    """A house with our integration and three satellites."""
    async with (
        Satellite("Kitchen") as kitchen,
        Satellite("Living room", microphone=MicrophoneFormat(chunk_milliseconds=10)) as living_room,
        Satellite(
            "Study", microphone=MicrophoneFormat(rate=48_000, channels=2, chunk_milliseconds=128)
        ) as study,
    ):
        entry_id = await add_integration(house.client)
        members = [
            await Member.create(house, satellite, entry_id, area=satellite.name)
            for satellite in (kitchen, living_room, study)
        ]
        yield Household(
            house=house, entry_id=entry_id, kitchen=members[0], living_room=members[1], study=members[2]
        )
        await remove_entry(house.client, entry_id)
        assert not house.problems()
        # Here Home Assistant watches its event loop, for calls that block it among others.
        assert not house.problems(level="WARNING", about="custom integration 'voice_privacy'")


@pytest_asyncio.fixture(loop_scope="session")
async def home(furnished: Household) -> Household:
    """The house with everything on and nothing kept."""
    await furnished.reset()
    return furnished


@pytest.fixture
def client(house: HomeAssistantProcess) -> HomeAssistantClient:
    """The owner's connection to the house."""
    return house.client
