"""On a machine where numpy does not load only the wake engine is off, and somebody is told."""

from array import array
from collections.abc import AsyncGenerator, AsyncIterable, Iterator
import json
from pathlib import Path
from typing import Any

from homeassistant.auth.models import User
from homeassistant.components import wake_word
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.voice_privacy.const import CONF_OFFER_WAKE_WORD, DOMAIN
from custom_components.voice_privacy.core.models import StartedBy
from custom_components.voice_privacy.core.review import Label
from custom_components.voice_privacy.review import learner as learning, weight_files
from custom_components.voice_privacy.wake import availability
from tests.broken_imports import FAULTS, OLD_PROCESSOR, broken_import

from .helpers.house import ENTRY_ID, KITCHEN, House
from .helpers.pipeline_home import PipelineHome, pipeline_home
from .helpers.recordings import record
from .helpers.talker import silence
from .test_remote_engine import WakeServer, choose, far_engine, far_server, shout  # noqa: F401
from .test_review_pool import consent, waiting
from .test_websocket_api import Connect, connect  # noqa: F401

ISSUE = "wake_engine_unavailable"


@pytest.fixture(autouse=True)
def no_cause_so_far(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forget why numpy did not load in an earlier test."""
    monkeypatch.setattr(availability, "_FIRST_CAUSE", [])


@pytest.fixture
def no_numpy() -> Iterator[None]:
    """Keep numpy from loading."""
    with broken_import("numpy", FAULTS["old processor"]):
        yield


def reason(hass: HomeAssistant) -> str:
    """Return why the engine does not run, as the repair issue says it."""
    issue = ir.async_get(hass).async_get_issue(DOMAIN, ISSUE)
    assert issue is not None
    assert not issue.is_fixable
    return (issue.translation_placeholders or {})["reason"]


@pytest.fixture
async def mute_house(no_numpy: None, models: Path, quiet_house: House) -> House:
    """A house with all its models, whose engine does not run."""
    assert await quiet_house.hass.config_entries.async_setup(ENTRY_ID)
    await quiet_house.until_state("sensor", "microphone_state", "not_listening")
    return quiet_house


@pytest.mark.parametrize(
    ("fault", "cause"),
    [
        ("old processor", f"RuntimeError: {OLD_PROCESSOR}"),
        ("half a package", "AttributeError: module 'numpy' has no attribute 'ndarray'"),
    ],
)
async def test_whatever_keeps_numpy_from_loading_is_told(
    fault: str, cause: str, models: Path, quiet_house: House
) -> None:
    with broken_import("numpy", FAULTS[fault]):
        assert await quiet_house.hass.config_entries.async_setup(ENTRY_ID)
        assert quiet_house.entry.state is ConfigEntryState.LOADED
        await quiet_house.until_state("sensor", "microphone_state", "not_listening")
        assert quiet_house.hub.satellites[KITCHEN].silence_reason == "engine_unavailable"
        told = reason(quiet_house.hass)
        assert quiet_house.issue("models_missing") is None
    assert told == cause


async def test_the_first_cause_is_told_again_after_a_reload(mute_house: House) -> None:
    first = reason(mute_house.hass)

    def again() -> ImportError:
        return ImportError("cannot load module more than once per process")

    with broken_import("numpy", again):
        await mute_house.reload()
        assert reason(mute_house.hass) == first


async def test_without_numpy_everything_but_the_wake_word_works(
    mute_house: House,
    hass_admin_user: User,
    connect: Connect,  # noqa: F811
) -> None:
    house = mute_house
    await house.switch("microphone", on=False)
    await house.kitchen.wait_for_event("pause-satellite")
    await house.switch("microphone", on=True)
    await house.kitchen.wait_for_frames(2)
    kitchen = house.hub.satellites.wyoming[KITCHEN]
    for count in (1, 2):
        await house.press_to_talk()
        await house.kitchen.finish()
        await house.until_told("kept", count=count)
        await house.kitchen.wait_for_reply()
        await house.until_state("sensor", "microphone_state", "not_listening")
        await house.until_found(lambda: not kitchen._speaker.playing)

    tab = await connect(hass_admin_user)
    rows = (await tab.ask("recordings/list"))["recordings"]
    assert [row["transcript"] for row in rows] == ["what time is it"] * 2
    # The shape is drawn without numpy too.
    assert all(len(row["peaks"]) == 128 and set(row["peaks"]) != {"A"} for row in rows)
    assert (await house.act("delete_last"))["deleted"] == 1
    assert (await tab.ask("recordings/delete", scope="all"))["verified"] is True
    assert house.ids() == []


async def test_it_listens_once_numpy_loads(models: Path, quiet_house: House) -> None:
    house = quiet_house
    with broken_import("numpy", FAULTS["refuses"]):
        assert await house.hass.config_entries.async_setup(ENTRY_ID)
        await house.until_state("sensor", "microphone_state", "not_listening")
    await house.reload()
    await house.until_listening()
    assert house.issue(ISSUE) is None
    assert await house.keep()


async def test_the_issue_goes_with_the_entry(mute_house: House) -> None:
    await mute_house.hass.config_entries.async_remove(ENTRY_ID)
    assert mute_house.issue(ISSUE) is None


async def test_a_house_without_satellites_is_told_before_it_adds_one(
    no_numpy: None, core: None, hass: HomeAssistant, socket_enabled: None
) -> None:
    entry = MockConfigEntry(data={"accept_license": True, "wake_words": ["alexa"]}, domain=DOMAIN)
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    assert reason(hass)


async def test_another_engine_of_the_house_takes_over(
    house: House,
    far_engine: str,  # noqa: F811
    far_server: WakeServer,  # noqa: F811
    hass_admin_user: User,
    connect: Connect,  # noqa: F811
) -> None:
    with broken_import("numpy", FAULTS["old processor"]):
        await house.reload()
        await house.until_state("sensor", "microphone_state", "not_listening")
        assert reason(house.hass)

        assert (await choose(house, far_engine))["reason"] == "reconfigure_successful"
        await house.until_listening()
        # Nobody misses our own engine any more.
        assert house.issue(ISSUE) is None
        tab = await connect(hass_admin_user)
        await tab.follow("subscribe")
        (kitchen,) = (await tab.next("state"))["satellites"]
        assert [word["available"] for word in kitchen["wake_words"]] == [True]
        await shout(house)
        await house.until_told("kept")
        await house.until_state("assist_satellite", "assist_satellite", "idle")
        kept = [content for _, content in await house.read_all(house.ids(KITCHEN))]
        assert {(info.started_by, info.wake_word) for info in kept} == {(StartedBy.WAKE_WORD, "shout")}


# --- satellites of other integrations ---------------------------------------------------------------


@pytest.fixture
async def home(
    no_numpy: None, recorder_mock: Any, hass: HomeAssistant, enable_custom_integrations: None, models: Path
) -> AsyncGenerator[PipelineHome]:
    """A home whose satellites belong to another integration, and whose owner offers our engine to them."""
    async with pipeline_home(hass, **{CONF_OFFER_WAKE_WORD: True}) as home:
        await home.set_up()
        yield home


async def test_pipelines_are_covered_and_other_satellites_kept(home: PipelineHome) -> None:
    assert home.engine != home.engine_id
    await home.kitchen.say()
    await home.settle()
    assert len(home.ids("kitchen")) == 1
    await home.switch("microphone", on=False)
    await home.kitchen.say()
    await home.settle()
    assert len(home.ids("kitchen")) == 1
    assert await home.hass.config_entries.async_unload(ENTRY_ID)
    assert home.engine == home.engine_id


async def test_the_wake_word_entity_offers_nothing(home: PipelineHome) -> None:
    (entity_id,) = home.hass.states.async_entity_ids("wake_word")
    engine = wake_word.async_get_wake_word_detection_entity(home.hass, entity_id)
    assert engine is not None
    assert await engine.get_supported_wake_words() == []

    async def audio() -> AsyncIterable[tuple[bytes, int]]:
        for number in range(20):
            yield silence(0.1), number * 100

    assert await engine.async_process_audio_stream(audio(), None) is None
    assert reason(home.hass), "it was offered, so somebody misses it"


# --- what was learned -------------------------------------------------------------------------------


def write_weights(folder: Path, basis: str) -> Path:
    """Write what an earlier run may have learned; nobody can open it without numpy."""
    folder.mkdir()
    weights = folder / "alexa.verifier"
    weights.write_bytes(array("f", [0.25] * 1_537).tobytes())
    (folder / "alexa.json").write_text(json.dumps({"basis": basis, "evaluation": {}}))
    return weights


async def labeled_house(house: House) -> tuple[str, Path]:
    """Have a clip labeled and weights learned from it; return its recording and their file."""
    await consent(house)
    kept = await record(house)
    await house.hub.review.pool.async_label(waiting(house)[kept].review_id, Label.MEANT_FOR_US, None)
    await house.hub.review.learner.async_stop()
    folder = Path(house.hass.config.cache_path(DOMAIN)) / weight_files.FOLDER
    basis = learning._basis(house.hub.review.labeled_clips())
    return kept, await house.hass.async_add_executor_job(write_weights, folder, basis)


async def test_weights_wait_for_numpy_and_go_with_their_clips(mute_house: House) -> None:
    house = mute_house
    kept, weights = await labeled_house(house)
    before = weights.read_bytes()
    await house.reload()
    assert weights.read_bytes() == before
    assert house.hub.listening.verifiers == {}
    assert house.hub.review.learner.learned == {}

    receipt = await house.act("delete_last")
    assert (receipt["deleted"], receipt["verified"]) == (1, True)
    assert kept not in house.hub.recordings
    assert not weights.exists()


@pytest.mark.parametrize("damage", ["", "{", "[]", '{"basis": "of other clips"}'])
async def test_weights_of_nobody_knows_which_clips_are_erased(mute_house: House, damage: str) -> None:
    _, weights = await labeled_house(mute_house)
    weights.with_suffix(".json").write_text(damage)
    await mute_house.reload()
    assert not weights.exists()
