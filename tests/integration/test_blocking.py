"""Nothing of ours reads, writes or waits on the event loop, in all of its life."""

from collections.abc import Callable
from typing import Any

from homeassistant.auth.models import User
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.voice_privacy.recordings.store import RecordingStore

from .helpers.blocking import LoopGuard
from .helpers.house import ENTRY_ID, House
from .helpers.recordings import record
from .test_websocket_api import Connect, Tab, connect

__all__ = ["connect"]


async def set_up(house: House) -> None:
    """Set the entry up and wait until its satellites are listened to."""
    assert await house.hass.config_entries.async_setup(ENTRY_ID)
    for owner in house.satellites:
        await house.until_listening(owner)


async def keep_and_look(house: House, tab: Tab, client: Any) -> None:
    """Have something kept, then list, open, search and play it."""
    (kept,) = await house.keep()
    await record(house, "twelve")
    listed = await tab.ask("recordings/list")
    assert len(listed["recordings"]) == len(house.ids())
    assert (await tab.ask("recordings/get", recording_id=kept))["transcript"]
    await tab.follow("recordings/search", text="noon")
    await tab.next("finished")
    for query in ("", "?download"):
        answer = await client.get(f"/api/voice_privacy/recordings/{kept}/audio{query}")
        assert (answer.status, (await answer.read())[:4]) == (200, b"RIFF")
    archive = await client.get("/api/voice_privacy/archive")
    assert (archive.status, (await archive.read())[:2]) == (200, b"PK")


async def change_settings(house: House, tab: Tab) -> None:
    """Turn what can be turned, so that it is saved; let clips wait for review, and take consent back."""
    for on in (True, False):
        await tab.ask("settings/set", toggle="help_improve", on=on)
        await tab.ask("settings/set", toggle="help_improve", on=on, satellite_ids=["kitchen"])
        if on:
            await record(house, "what time is it")
            await house.switch("microphone", on=False)
            await house.switch("microphone", on=True)
    await tab.ask("retention/set", setting="keep_recordings", value="day")
    options = house.hass.config_entries.options
    flow = await options.async_init(ENTRY_ID)
    result = await options.async_configure(flow["flow_id"], {"pipelines": [], "offer_wake_word": False})
    assert result["type"] == "create_entry"
    await house.hass.async_block_till_done()


async def delete(house: House, tab: Tab) -> None:
    """Delete in every way there is."""
    for scope, fields in (
        ("ids", {"recording_ids": [house.ids()[0]]}),
        ("last", {}),
        ("day", {"day": "2026-01-01"}),
        ("range", {"start": "2026-01-01T00:00:00+00:00", "end": "2026-01-02T00:00:00+00:00"}),
        ("false_wakes", {}),
    ):
        await tab.ask("recordings/preview", scope=scope, **fields)
        assert (await tab.ask("recordings/delete", scope=scope, **fields))["verified"]
    await record(house)
    assert (await house.act("delete_today"))["deleted"]
    await record(house)
    assert (await house.act("delete_all", {"confirm": True}))["deleted"] == 1
    await house.hub.retention.async_run()


@pytest.mark.usefixtures("models")
async def test_nothing_blocks_the_event_loop_from_set_up_to_removal(
    hass: HomeAssistant,
    quiet_house: House,
    connect: Connect,
    hass_admin_user: User,
    hass_client: ClientSessionGenerator,
) -> None:
    house, guard = quiet_house, LoopGuard()
    with guard.watch():
        await set_up(house)
        tab, client = await connect(hass_admin_user), await hass_client()
        await keep_and_look(house, tab, client)
        await change_settings(house, tab)
        await house.until_listening()
        await house.reload()
        await house.until_listening()
        await keep_and_look(house, tab, client)
        await delete(house, tab)
        kept = await record(house)
        assert await hass.config_entries.async_unload(ENTRY_ID)
        await set_up(house)
        assert house.ids() == [kept]
        assert await hass.config_entries.async_remove(ENTRY_ID)
        await hass.async_block_till_done()
        assert house.files() == []
    assert guard.found == []


async def _at_once(_self: RecordingStore, work: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Do the store's work where the caller is."""
    return work(*args, **kwargs)


@pytest.mark.usefixtures("models")
async def test_the_guard_finds_the_store_at_work_on_the_event_loop(
    quiet_house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(RecordingStore, "_async_job", _at_once)
    guard = LoopGuard()
    with guard.watch():
        await set_up(quiet_house)
        await record(quiet_house)
        await quiet_house.act("delete_today")
        assert await quiet_house.hass.config_entries.async_unload(ENTRY_ID)
    calls = {found.partition(" ")[0] for found in guard.found}
    assert calls >= {"open", "fdatasync", "pread", "pwrite", "scandir", "fcntl.flock", "replace"}
