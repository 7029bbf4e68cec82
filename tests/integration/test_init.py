"""The life of the config entry: set-up, unload, reload, removal, and what must never stop voice."""

from pathlib import Path
import threading
from types import MappingProxyType
from typing import Any

from homeassistant.config_entries import ConfigEntryState, ConfigSubentry
from homeassistant.const import EVENT_STATE_CHANGED
from homeassistant.core import Event, EventStateChangedData, HomeAssistant, callback
from homeassistant.helpers import device_registry as dr, issue_registry as ir
from homeassistant.helpers.recorder import get_instance
from homeassistant.setup import async_setup_component
import pytest
from sqlalchemy import text

from custom_components.voice_privacy.const import DOMAIN
from custom_components.voice_privacy.core.errors import KeyFileLost, StoreError, StoreInUse
from custom_components.voice_privacy.recordings.store import RecordingStore

from .helpers.house import BEDROOM, ENTRY_ID, KITCHEN, House
from .helpers.talker import Talker


def threads() -> list[str]:
    """Return the names of our threads."""
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("voice_privacy")]


async def count_rows(hass: HomeAssistant) -> int | None:
    """Return how many rows our table has, None when there is no table."""
    instance = get_instance(hass)

    def count() -> int | None:
        assert instance.engine is not None
        with instance.engine.connect() as connection:
            names = connection.execute(text("select name from sqlite_master where type = 'table'")).scalars()
            tables = [name for name in names if "voice_privacy" in name]
            if not tables:
                return None
            return int(connection.execute(text(f"select count(*) from {tables[0]}")).scalar_one())

    return await instance.async_add_executor_job(count)


async def test_nothing_stays_behind_after_unload(hass: HomeAssistant, house: House) -> None:
    assert threads()
    assert await hass.config_entries.async_unload(ENTRY_ID)
    assert house.entry.state is ConfigEntryState.NOT_LOADED
    assert threads() == []
    await house.kitchen.log.wait_for(lambda: not house.kitchen.connected or None, "still there", timeout=5)
    states = {state.state for state in hass.states.async_all() if state.attributes.get("restored")}
    assert states == {"unavailable"}


async def test_an_utterance_ends_with_the_entry_and_is_not_kept(hass: HomeAssistant, house: House) -> None:
    await house.kitchen.wake_up()
    await house.until_state("sensor", "microphone_state", "recording")
    await house.reload()
    await house.until_listening()
    assert house.ids() == []
    assert await house.keep()


async def test_what_was_kept_is_there_after_a_reload(house: House) -> None:
    kept = await house.keep(2)
    before = [content for _, content in await house.read_all(kept)]
    await house.reload()
    assert house.ids() == kept
    assert [content for _, content in await house.read_all(kept)] == before
    assert house.state("sensor", "recordings") == "2"
    await house.until_listening()
    # Sequences go on where they were.
    (new,) = await house.keep()
    assert (await house.read(new))[0].sequence == 3


async def test_removal_erases_everything(
    hass: HomeAssistant, house: House, hass_storage: dict[str, Any]
) -> None:
    await house.keep(2)
    await house.hub.kept.store.async_flush()
    assert await count_rows(hass) == 2
    # Positive control: this is where it all lies.
    assert {"keys.a", "keys.b"} <= set(house.files())
    assert house.sealed_files()
    assert [key for key in hass_storage if DOMAIN in key]

    await hass.config_entries.async_remove(ENTRY_ID)
    await hass.async_block_till_done()
    assert house.files() == []
    assert await count_rows(hass) is None
    assert [key for key in hass_storage if key.startswith(DOMAIN)] == []
    assert [issue for domain, issue in ir.async_get(hass).issues if domain == DOMAIN] == []


@pytest.mark.parametrize(
    ("error", "key"),
    [(StoreError(), "store_failed"), (StoreInUse(), "store_in_use"), (KeyFileLost(), "key_file_lost")],
)
async def test_voice_works_with_a_broken_store(
    house: House, monkeypatch: pytest.MonkeyPatch, error: StoreError, key: str
) -> None:
    async def fail(store: RecordingStore) -> None:
        raise error

    with monkeypatch.context() as broken:
        broken.setattr(RecordingStore, "async_open", fail)
        await house.reload()
    assert house.entry.state is ConfigEntryState.LOADED
    await house.until_listening()
    assert house.issue("store") == key
    await house.kitchen.ask()
    await house.until_told("discarded", "store_failed")
    await house.kitchen.wait_for_reply()
    assert house.state("sensor", "recordings") == "0"
    assert house.state("sensor", "last_recording") == "unknown"


async def test_without_models_everything_else_works(quiet_house: House) -> None:
    house = quiet_house
    assert await house.hass.config_entries.async_setup(ENTRY_ID)
    await house.until_state("sensor", "microphone_state", "not_listening")
    assert house.issue("models_missing") == "models_missing"
    assert house.state("switch", "microphone") == "on"
    await house.switch("microphone", on=False)
    await house.kitchen.wait_for_event("pause-satellite")
    await house.switch("microphone", on=True)
    await house.kitchen.wait_for_frames(2)
    await house.press_to_talk()
    tone = await house.kitchen.wait_for_reply()
    await house.kitchen.finish()
    await house.until_told("kept")
    await house.kitchen.wait_for_reply(since=tone.ended)
    assert (await house.act("delete_last"))["deleted"] == 1


@pytest.mark.parametrize("kitchen_options", [{"wake_words": ["hey_jarvis"]}])
async def test_a_model_that_is_missing_for_one_satellite_only(house: House, bedroom: Talker) -> None:
    await house.until_state("sensor", "microphone_state", "not_listening")
    await house.until_state("sensor", "microphone_state", "listening", BEDROOM)
    assert house.issue("models_missing") == "models_missing"
    assert await house.keep(owner=BEDROOM)


@pytest.mark.parametrize("kitchen_options", [{"wake_words": ["alexa", "hey_jarvis"]}])
async def test_a_missing_model_is_told_even_if_another_wake_word_is_heard(house: House) -> None:
    await house.until_listening()
    assert house.issue("models_missing") == "models_missing"
    assert await house.keep()


async def test_a_damaged_model(quiet_house: House, models: Path) -> None:
    damaged = models / "alexa_v0.1.onnx"
    damaged.unlink()
    damaged.write_bytes(b"no model")
    assert await quiet_house.hass.config_entries.async_setup(ENTRY_ID)
    await quiet_house.until_state("sensor", "microphone_state", "not_listening")
    assert quiet_house.issue("models_missing") == "models_missing"


async def test_only_devices_of_satellites_that_are_gone_can_be_removed(
    hass: HomeAssistant, house: House, hass_ws_client: Any
) -> None:
    assert await async_setup_component(hass, "config", {})
    devices = dr.async_get(hass)
    stale = devices.async_get_or_create(config_entry_id=ENTRY_ID, identifiers={(DOMAIN, "gone")})
    client = await hass_ws_client(hass)
    for owner, success in ((KITCHEN, False), (ENTRY_ID, False), ("gone", True)):
        device = devices.async_get_device_by_identifier((DOMAIN, owner), ENTRY_ID)
        assert device is not None
        response = await client.remove_device(device.id)
        assert response["success"] is success, response
        assert (
            success
            or response["error"]["message"] == "Failed to remove device entry, rejected by integration"
        )
    assert devices.async_get(stale.id) is None


async def test_home_assistant_stops_in_the_middle_of_an_utterance(hass: HomeAssistant, house: House) -> None:
    """Stopping does not unload entries; what is under way must not hold it up."""
    await house.keep()
    await house.kitchen.wake_up()
    await house.until_state("sensor", "microphone_state", "recording")
    await hass.async_stop(force=True)
    assert [path for path in house.sealed_files() if path.suffix == ".sealed"]
    # Nothing half written is left.
    assert not [path for path in house.sealed_files() if path.suffix != ".sealed"]


async def test_recordings_of_a_removed_satellite_stay_until_they_are_deleted(
    hass: HomeAssistant, house: House, bedroom: Talker
) -> None:
    (kept,) = await house.keep(owner=BEDROOM)
    assert hass.config_entries.async_remove_subentry(house.entry, BEDROOM)
    await hass.async_block_till_done()
    assert house.ids() == [kept]
    assert house.state("sensor", "recordings", ENTRY_ID) == "1"
    await house.act("delete_today")
    assert house.ids() == []


def add_unreachable(house: House, name: str) -> None:
    """Add a satellite where nobody answers; its device is there all the same."""
    data = {
        "name": name,
        "host": "127.0.0.1",
        "port": 1,
        "wake_words": ["alexa"],
        "threshold": 0.5,
        "save_recordings": True,
    }
    subentry = ConfigSubentry(
        data=MappingProxyType(data), subentry_type="satellite", title=name, unique_id=None
    )
    house.hass.config_entries.async_add_subentry(house.entry, subentry)


async def test_a_satellite_that_is_added_while_the_entry_reloads_is_set_up_too(
    hass: HomeAssistant, house: House
) -> None:
    states: list[ConfigEntryState] = []

    @callback
    def add_another(event: Event[EventStateChangedData]) -> None:
        """The set-up has read which satellites there are, and is not done yet."""
        if event.data["entity_id"] == "switch.attic_microphone" and not states:
            states.append(house.entry.state)
            add_unreachable(house, "Cellar")

    unsubscribe = hass.bus.async_listen(EVENT_STATE_CHANGED, add_another)
    add_unreachable(house, "Attic")
    await hass.async_block_till_done(wait_background_tasks=False)
    unsubscribe()
    assert states == [ConfigEntryState.SETUP_IN_PROGRESS]
    devices = dr.async_entries_for_config_entry(dr.async_get(hass), house.entry.entry_id)
    assert {"Attic", "Cellar"} <= {device.name for device in devices}
