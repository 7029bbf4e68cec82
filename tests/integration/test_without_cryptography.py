"""Where cryptography does not work nothing is kept or opened, voice goes on, and what was kept can be deleted."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

from homeassistant.auth.models import User
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers.recorder import get_instance
import pytest
from sqlalchemy import text

from custom_components.voice_privacy.const import DOMAIN
from custom_components.voice_privacy.core.errors import EncryptionUnavailable
from custom_components.voice_privacy.core.house_settings import HouseToggle, RetentionSetting
from custom_components.voice_privacy.core.models import DiscardReason, RecordingKind
from custom_components.voice_privacy.core.retention_policy import KeepFor
from custom_components.voice_privacy.core.review import Label
from custom_components.voice_privacy.recordings.retention_job import CHANGE_GRACE
from custom_components.voice_privacy.review import learner as learning, weight_files
from custom_components.voice_privacy.storage import cipher
from custom_components.voice_privacy.storage.schema import TABLE_NAME
from tests.broken_imports import FAULTS, Panic, broken_import

from .helpers.house import BEDROOM, ENTRY_ID, KITCHEN, House
from .helpers.recordings import begin, record
from .test_repairs import Browser, browser  # noqa: F401
from .test_retention import RETENTION, ago, choose, let_pass
from .test_review_pool import consent, notes, waiting
from .test_websocket_api import Connect, connect  # noqa: F401

CODE = "encryption_unavailable"
KINDS = {"missing": FAULTS["missing"], "panic": lambda: Panic("Python API call failed")}
"""The others are tried in tests/storage."""


@pytest.fixture(autouse=True)
def no_cause_so_far(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forget why cryptography did not work in an earlier test."""
    monkeypatch.setattr(cipher, "_FIRST_CAUSE", [])


@pytest.fixture
def broken() -> Iterator[None]:
    """Keep cryptography from loading from now on."""
    with broken_import("cryptography", FAULTS["missing"]):
        yield


async def until_not_kept(house: House) -> None:
    """Say something, and wait until it was answered and thrown away."""
    known = house.ids()
    await house.kitchen.ask()
    await house.until_told("discarded", DiscardReason.STORE_FAILED.value)
    await house.kitchen.wait_for_reply()
    assert house.ids() == known


@pytest.mark.parametrize("kind", KINDS)
async def test_whatever_is_wrong_with_it_voice_goes_on_and_deletion_works(house: House, kind: str) -> None:
    first, second = await record(house), await record(house)
    with broken_import("cryptography", KINDS[kind]):
        await house.reload()
        assert house.entry.state is ConfigEntryState.LOADED
        assert house.issue("store") == CODE
        await house.until_listening()
        assert house.ids() == [first, second]
        capture = begin(house, "what time is it", owner=KITCHEN)
        satellite = house.hub.satellites[KITCHEN]
        await house.hub.async_capture_finished(satellite, capture, RecordingKind.COMMAND)
        await house.until_told("discarded", DiscardReason.STORE_FAILED.value)
        with pytest.raises(EncryptionUnavailable):
            await house.read(first)
        receipt = await house.act("delete_last")
        assert (receipt["deleted"], receipt["verified"]) == (1, True)
        assert house.ids() == [first]
    await house.reload()
    assert house.issue("store") is None
    await house.read(first)
    await house.hub.kept.store.async_flush()
    assert [path.name[17:49] for path in house.sealed_files()] == [first]


@pytest.mark.usefixtures("broken")
async def test_a_house_that_never_had_it_answers_and_can_be_muted(models: Path, quiet_house: House) -> None:
    house = quiet_house
    assert await house.hass.config_entries.async_setup(ENTRY_ID)
    await house.until_listening()
    assert house.issue("store") == CODE
    await until_not_kept(house)
    assert house.sealed_files() == []
    await house.switch("microphone", on=False)
    await house.kitchen.wait_for_event("pause-satellite")
    assert (await house.act("delete_all", {"confirm": True}))["deleted"] == 0


async def test_the_page_lists_recordings_and_says_that_they_do_not_open(
    house: House,
    hass_admin_user: User,
    connect: Connect,  # noqa: F811
    hass_client: Any,
) -> None:
    kept = [await record(house), await record(house)]
    with broken_import("cryptography", FAULTS["missing"]):
        await house.reload()
        tab = await connect(hass_admin_user)
        rows = (await tab.ask("recordings/list"))["recordings"]
        assert [(row["id"], row["error"]) for row in rows] == [
            (recording_id, CODE) for recording_id in reversed(kept)
        ]
        subscription = await tab.follow("subscribe")
        assert (await tab.next("state"))["house"]["store_error"] == CODE
        assert (await tab.result(subscription))["success"]
        browser = await hass_client()
        assert (await browser.get(f"/api/voice_privacy/recordings/{kept[0]}/audio")).status == 503
        receipt = await tab.ask("recordings/delete", scope="all")
        assert (receipt["deleted"], receipt["left"], receipt["verified"]) == (2, 0, True)


async def test_the_repair_flow_says_why_and_tries_again(
    house: House,
    browser: Browser,  # noqa: F811
) -> None:
    kept = await record(house)
    with broken_import("cryptography", FAULTS["missing"]):
        await house.reload()
        flow = await browser.begin("store")
        assert flow["description_placeholders"] == {
            "reason": "ModuleNotFoundError: No module named '_cffi_backend'"
        }
        assert (await browser.submit(flow["flow_id"]))["errors"] == {"base": "still_failing"}
        assert house.issue("store") == CODE
    assert (await browser.submit(flow["flow_id"]))["type"] == "create_entry"
    assert house.issue("store") is None
    await house.read(kept)
    assert await house.keep()


async def drop_rows(hass: HomeAssistant) -> None:
    """Lose the index, as with a new database."""
    instance = get_instance(hass)

    def drop() -> None:
        assert instance.engine is not None
        with instance.engine.begin() as connection:
            connection.execute(text(f"delete from {TABLE_NAME}"))

    await instance.async_add_executor_job(drop)


async def test_what_cannot_even_be_listed_is_deleted_with_everything_or_comes_back(house: House) -> None:
    kept = [await record(house), await record(house)]
    await house.hub.kept.store.async_flush()
    assert await house.hass.config_entries.async_unload(ENTRY_ID)
    await drop_rows(house.hass)
    with broken_import("cryptography", FAULTS["missing"]):
        assert await house.hass.config_entries.async_setup(ENTRY_ID)
        assert house.ids() == []
        await house.hub.kept.store.async_flush()
    await house.reload()
    assert house.ids() == kept
    await house.read_all(kept)

    assert await house.hass.config_entries.async_unload(ENTRY_ID)
    await drop_rows(house.hass)
    with broken_import("cryptography", FAULTS["missing"]):
        assert await house.hass.config_entries.async_setup(ENTRY_ID)
        receipt = await house.act("delete_all", {"confirm": True})
        assert (receipt["deleted"], receipt["verified"]) == (2, True)
    await house.reload()
    assert house.ids() == []


async def test_retention_of_recordings_goes_on_and_transcripts_wait(house: House) -> None:
    old, young = await record(house, started_at=ago(days=80)), await record(house, started_at=ago(days=2))
    await choose(house, "keep_transcripts", "day")
    await house.hub.settings.async_set_retention(RetentionSetting.KEEP_RECORDINGS, KeepFor.MONTH, RETENTION)
    with broken_import("cryptography", FAULTS["missing"]):
        await house.reload()
        await let_pass(house, CHANGE_GRACE + 1)
        await house.until(lambda: house.ids() == [young], "its minute is over")
        await house.hub.retention.async_catch_up()
        # Nothing is tried every second meanwhile.
        assert house.hub.retention._soon is None
    await house.reload()
    _, content = await house.read(young)
    assert content.transcript is None
    assert old not in house.hub.recordings


async def test_uninstalling_leaves_nothing(house: House) -> None:
    await record(house)
    assert house.sealed_files()
    with broken_import("cryptography", FAULTS["missing"]):
        await house.reload()
        await house.hass.config_entries.async_remove(ENTRY_ID)
        await house.hass.async_block_till_done()
    assert house.files() == []


# --- clips and what was learned from them -----------------------------------------------------------


def write_weights(folder: Path, basis: str) -> Path:
    """Write what may have been learned from clips."""
    folder.mkdir()
    weights = folder / "alexa.verifier"
    weights.write_bytes(b"weights")
    (folder / "alexa.json").write_text(f'{{"basis": "{basis}", "evaluation": {{}}}}')
    return weights


@pytest.fixture
async def learned(house: House, bedroom: object) -> tuple[dict[str, str], Path]:
    """Two labeled clips and one that waits, by name, and weights that were learned from them."""
    await consent(house, KITCHEN, BEDROOM)
    clips = {
        "kitchen": await record(house),
        "bedroom": await record(house, owner=BEDROOM),
        "other": await record(house),
        "false wake": await record(house, kind=RecordingKind.FALSE_WAKE, started_at=ago(days=6)),
    }
    for name in ("kitchen", "bedroom", "false wake"):
        label = Label.FALSE_WAKE if name == "false wake" else Label.MEANT_FOR_US
        await house.hub.review.pool.async_label(waiting(house)[clips[name]].review_id, label, None)
    await house.hub.review.learner.async_stop()
    folder = Path(house.hass.config.cache_path(DOMAIN)) / weight_files.FOLDER
    basis = learning._basis(house.hub.review.labeled_clips())
    return clips, await house.hass.async_add_executor_job(write_weights, folder, basis)


async def test_weights_go_with_a_clip_of_which_nobody_can_say_whether_it_was_labeled(
    house: House, learned: tuple[dict[str, str], Path]
) -> None:
    clips, weights = learned
    with broken_import("cryptography", FAULTS["missing"]):
        await house.reload()
        assert weights.exists()
        assert house.hub.listening.verifiers == {}
        await house.act("delete_last")
        assert not weights.exists()
    await house.reload()
    assert sorted(waiting(house)) == sorted(house.ids()) == notes(house)
    assert len(house.ids()) == len(clips) - 1


async def test_consent_that_is_taken_back_takes_notes_and_weights_that_do_not_open(
    house: House, learned: tuple[dict[str, str], Path]
) -> None:
    clips, weights = learned
    with broken_import("cryptography", FAULTS["missing"]):
        await house.reload()
        await house.switch("help_improve", on=False, owner=BEDROOM)
        assert notes(house) == sorted(note for name, note in clips.items() if name != "bedroom")
        assert not weights.exists()
        receipt = await house.hub.async_set_house(HouseToggle.HELP_IMPROVE, RETENTION, on=False)
        assert (receipt.taken_out, receipt.left) == (3, 0)
        assert notes(house) == []
    assert sorted(house.ids()) == sorted(clips.values())


async def test_a_labeled_false_wake_is_not_thrown_away_because_its_label_does_not_open(
    house: House, learned: tuple[dict[str, str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    clips, _ = learned
    monkeypatch.setattr("custom_components.voice_privacy.core.retention_policy.TRAINING", timedelta(days=5))
    with broken_import("cryptography", FAULTS["missing"]):
        await house.reload()
        assert clips["false wake"] in house.hub.recordings
