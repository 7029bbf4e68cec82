"""Homes for the tests of the Home Assistant surface; nothing here applies unless a test asks for it."""

import asyncio
from collections.abc import AsyncGenerator, Generator
from pathlib import Path
import socket
from typing import Any

from homeassistant.config_entries import ConfigSubentryDataWithId
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.syrupy import HomeAssistantSnapshotExtension
from syrupy.assertion import SnapshotAssertion

from custom_components.voice_privacy.const import DOMAIN, MODEL_FOLDER

from .helpers import economy
from .helpers.house import BEDROOM, ENTRY_ID, KITCHEN, House
from .helpers.pipeline_home import PipelineHome, pipeline_home
from .helpers.speech import speech_engines
from .helpers.talker import Talker, talker

_MODELS = Path(__file__).parents[2] / ".tools" / "models"


@pytest.fixture(autouse=True)
async def enable_event_loop_debug() -> None:
    """Leave debug mode off, unless PYTHONASYNCIODEBUG=1 asks for it, and keep its check of threads."""
    economy.refuse_other_threads(asyncio.get_running_loop())


@pytest.fixture(autouse=True, scope="session")
def cheap_homes() -> Generator[None]:
    """Make no home pay for what every home does alike."""
    with pytest.MonkeyPatch.context() as patch:
        economy.commit_when_nothing_waits(patch)
        economy.keep_no_spoken_replies(patch)
        economy.parse_each_sentence_once(patch)
        economy.count_no_frozen_objects(patch)
        yield


@pytest.fixture(autouse=True)
def no_hourly_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the hourly run of retention half an hour away: tests that ran at that minute failed once."""
    minute = (dt_util.utcnow().minute + 30) % 60
    monkeypatch.setattr("custom_components.voice_privacy.recordings.retention_job._MINUTE", minute)


@pytest.fixture(autouse=True)
def localhost_is_ipv4(monkeypatch: pytest.MonkeyPatch) -> None:
    """Find 127.0.0.1 under localhost on every machine: the test plugin lets nobody connect to ::1.

    For each test, since the plugin replaces the search for each test, too.
    """
    find = socket.getaddrinfo

    def find_ipv4(host: Any, *args: Any, **kwargs: Any) -> Any:
        return find("127.0.0.1" if host == "localhost" else host, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", find_ipv4)


@pytest.fixture
def hass_config_dir(hass_tmp_config_dir: str) -> str:
    """Give each test a configuration folder of its own: what is kept lies below it."""
    return hass_tmp_config_dir


@pytest.fixture
def recorder_config() -> dict[str, Any]:
    """Have the recorder leave out what Home Assistant tells itself while it sets up."""
    return {"exclude": {"event_types": list(economy.BOOKKEEPING)}}


@pytest.fixture
def mock_recorder_before_hass(async_test_recorder: None) -> None:
    """Let the recorder come before Home Assistant, whatever order a test asks in."""


@pytest.fixture
def snapshot(snapshot: SnapshotAssertion) -> SnapshotAssertion:
    """Leave out of pictures what is another every time."""
    return snapshot.use_extension(HomeAssistantSnapshotExtension)


@pytest.fixture
def models(hass: HomeAssistant) -> Path:
    """The real wake word models, in the folder where they belong."""
    if not (_MODELS / "alexa_v0.1.onnx").exists():
        pytest.skip("the wake word models are not here; scripts/setup fetches them")
    folder = Path(hass.config.path(MODEL_FOLDER))
    folder.mkdir()
    for name in ("alexa_v0.1.onnx", "embedding_model.onnx", "melspectrogram.onnx"):
        (folder / name).symlink_to(_MODELS / name)
    return folder


@pytest.fixture
def kitchen_options() -> dict[str, Any]:
    """What the owner has set for the kitchen, beside what is usual; tests override it."""
    return {}


@pytest.fixture
async def kitchen(socket_enabled: None) -> AsyncGenerator[Talker]:
    """A satellite in the kitchen."""
    async with talker(KITCHEN) as satellite:
        yield satellite


@pytest.fixture
async def bedroom(socket_enabled: None) -> AsyncGenerator[Talker]:
    """A satellite in the bedroom."""
    async with talker(BEDROOM) as satellite:
        yield satellite


def satellite_data(name: str, port: int, **options: Any) -> ConfigSubentryDataWithId:
    """Return what the subentry flow saves for a satellite."""
    data = {
        "name": name.capitalize(),
        "host": "127.0.0.1",
        "port": port,
        "wake_words": ["alexa"],
        "threshold": 0.5,
        "save_recordings": True,
    }
    return ConfigSubentryDataWithId(
        data=data | options,
        subentry_id=name,
        subentry_type="satellite",
        title=name.capitalize(),
        unique_id=None,
    )


@pytest.fixture
def config_entry(
    hass: HomeAssistant, request: pytest.FixtureRequest, kitchen: Talker, kitchen_options: dict[str, Any]
) -> MockConfigEntry:
    """An entry with the kitchen, and the bedroom where a test asks for it."""
    subentries = [satellite_data(KITCHEN, kitchen.port, **kitchen_options)]
    if "bedroom" in request.fixturenames:
        subentries.append(satellite_data(BEDROOM, request.getfixturevalue("bedroom").port))
    return MockConfigEntry(
        data={"accept_license": True, "wake_words": ["alexa"]},
        domain=DOMAIN,
        entry_id=ENTRY_ID,
        subentries_data=subentries,
        title="Voice Privacy",
    )


@pytest.fixture
async def core(recorder_mock: Any, hass: HomeAssistant, enable_custom_integrations: None) -> None:
    """What every Home Assistant has, and room for integrations of one's own."""
    assert await async_setup_component(hass, "homeassistant", {})


@pytest.fixture
async def quiet_house(
    core: None,
    hass: HomeAssistant,
    config_entry: MockConfigEntry,
    kitchen: Talker,
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncGenerator[House]:
    """A house with speech engines whose entry is not set up yet."""
    # Here a second wake word comes sooner than anybody could say it.
    monkeypatch.setattr("homeassistant.components.assist_pipeline.run.WAKE_WORD_COOLDOWN", 0)
    # Nor does anybody talk faster than the link lets through.
    monkeypatch.setattr(
        "custom_components.voice_privacy.satellites.wyoming_connection._FLOW_BURST_SECONDS", 3_600
    )
    assert await async_setup_component(hass, "assist_pipeline", {})
    satellites = {KITCHEN: kitchen}
    if "bedroom" in request.fixturenames:
        satellites[BEDROOM] = request.getfixturevalue("bedroom")
    config_entry.add_to_hass(hass)
    async with speech_engines(hass) as (transcriber, announcer):
        house = House(
            hass=hass,
            entry=config_entry,
            satellites=satellites,
            transcriber=transcriber,
            announcer=announcer,
        )
        yield house
        # A question that is still open must not hold up the end.
        transcriber.may_answer.set()
        announcer.may_go_on.set()
        await house.until(lambda: not house.busy, "nobody speaks any more")


@pytest.fixture
async def house(models: Path, quiet_house: House) -> House:
    """A house that is set up and whose satellites stream."""
    assert await quiet_house.hass.config_entries.async_setup(ENTRY_ID)
    for owner, satellite in quiet_house.satellites.items():
        await quiet_house.until_state("binary_sensor", "connected", "on", owner)
        await satellite.wait_for_frames(2)
    return quiet_house


@pytest.fixture
async def bare_home(
    recorder_mock: Any, hass: HomeAssistant, enable_custom_integrations: None
) -> AsyncGenerator[PipelineHome]:
    """A home with another integration's satellites, whose entry is not set up yet."""
    async with pipeline_home(hass) as home:
        yield home


@pytest.fixture
async def home(bare_home: PipelineHome) -> PipelineHome:
    """A home whose pipeline goes through us."""
    await bare_home.set_up()
    return bare_home
