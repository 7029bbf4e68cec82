"""Deleting: what is meant, what is counted, what is left, and when it comes in between."""

import asyncio
from datetime import timedelta
from typing import Any

from homeassistant.exceptions import HomeAssistantError
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from custom_components.voice_privacy.core.errors import RecordingNotFound, StoreError
from custom_components.voice_privacy.recordings.store import RecordingStore

from .helpers.house import BEDROOM, ENTRY_ID, KITCHEN, House
from .helpers.talker import Talker


def counts(receipt: dict[str, Any]) -> tuple[int, int, bool]:
    """Return what matters most in a response."""
    return receipt["asked"], receipt["deleted"], receipt["verified"]


async def test_the_last_of_a_satellite_goes_and_nothing_else(house: House, bedroom: Talker) -> None:
    first, last = await house.keep(2)
    (other,) = await house.keep(owner=BEDROOM)
    before = await house.read_all([first, other])
    assert len(house.sealed_files()) == 3

    receipt = await house.act("delete_last", {"entity_id": house.entity_id("sensor", "recordings")})
    assert receipt == {
        "asked": 1,
        "deleted": 1,
        "already_gone": 0,
        "pending": 1,
        "verified": True,
        "not_reachable": [],
    }
    with pytest.raises(RecordingNotFound):
        await house.read(last)
    # Byte for byte, transcript and all.
    assert await house.read_all([first, other]) == before
    assert (house.state("sensor", "recordings"), house.state("sensor", "recordings", BEDROOM)) == ("1", "1")
    assert house.activity()[-1] == ("deleted", 1)
    assert ("deleted", 1) not in house.activity(BEDROOM)
    await house.hub.kept.store.async_flush()
    assert len(house.sealed_files()) == 2

    # Without a target it is the last one in the house.
    assert counts(await house.act("delete_last")) == (1, 1, True)
    assert house.ids() == [first]
    assert counts(await house.act("delete_last")) == (1, 1, True)
    assert counts(await house.act("delete_last")) == (0, 0, True)


async def test_today_of_one_satellite_and_of_the_house(house: House, bedroom: Talker) -> None:
    await house.keep(2)
    (other,) = await house.keep(owner=BEDROOM)
    target = {"entity_id": house.entity_id("sensor", "recordings")}
    assert counts(await house.act("delete_today", target)) == (2, 2, True)
    assert house.ids() == [other]
    assert house.activity()[-1] == ("deleted", 2)
    assert counts(await house.act("delete_today")) == (1, 1, True)
    assert counts(await house.act("delete_today")) == (0, 0, True)
    assert house.state("sensor", "last_recording") == "unknown"


async def test_the_buttons_do_the_same(house: House) -> None:
    await house.enable(("button", "delete_last"), ("button", "delete_today"))
    await house.until_listening()
    kept = await house.keep(3)
    await house.press("delete_last")
    assert house.ids() == kept[:2]
    await house.press("delete_today")
    assert house.ids() == []


async def test_deleted_stays_deleted_after_a_reload(house: House) -> None:
    first, last = await house.keep(2)
    before = await house.read(first)
    await house.delete("last")
    await house.reload()
    assert house.ids() == [first]
    info, content = await house.read(first)
    # What a restart forgets is only how long ago it was by the monotonic clock.
    assert (content, info.sequence, info.started_at) == (before[1], before[0].sequence, before[0].started_at)
    with pytest.raises(RecordingNotFound):
        await house.read(last)


async def test_an_utterance_that_is_still_being_captured_is_the_last(house: House) -> None:
    (kept,) = await house.keep()
    before = await house.read(kept)
    await house.kitchen.wake_up()
    await house.until_state("sensor", "microphone_state", "recording")

    assert counts(await house.act("delete_last")) == (1, 1, True)
    await house.kitchen.finish()
    await house.until_told("discarded", "deleted")
    assert house.ids() == [kept]
    assert await house.read(kept) == before
    # It was acted upon, and whatever is said next is kept again.
    assert len(house.kitchen.log.received("synthesize")) == 2
    assert await house.keep()


async def test_an_utterance_that_waits_for_its_transcript_is_fenced_off(
    house: House, bedroom: Talker
) -> None:
    (kept,) = await house.keep(owner=BEDROOM)
    house.transcriber.may_answer.clear()
    await house.kitchen.ask()
    await house.until_listening()
    assert counts(await house.act("delete_today")) == (2, 2, True)
    house.transcriber.may_answer.set()
    await house.until_told("discarded", "deleted")
    assert house.ids() == []
    with pytest.raises(RecordingNotFound):
        await house.read(kept)


async def test_an_utterance_that_is_just_being_written_is_deleted(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    writing, may_go_on = asyncio.Event(), asyncio.Event()
    keep = RecordingStore.async_keep

    async def slowly(self: RecordingStore, *args: Any) -> Any:
        writing.set()
        await may_go_on.wait()
        return await keep(self, *args)

    with monkeypatch.context() as slow:
        slow.setattr(RecordingStore, "async_keep", slowly)
        await house.kitchen.ask()
        await writing.wait()
        deletion = asyncio.create_task(house.act("delete_last"))
        await asyncio.sleep(0)
        may_go_on.set()
        assert counts(await deletion) == (1, 1, True)
    # Nobody had been told that it was kept.
    await house.until_told("discarded", "deleted")
    assert house.ids() == []
    await house.hub.kept.store.async_flush()
    assert house.sealed_files() == []
    assert [told for told, _ in house.activity()][:1] == ["woke"]


async def test_what_was_forbidden_while_it_was_written_goes_when_the_store_can_delete_again(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    (kept,) = await house.keep()
    keep = RecordingStore.async_keep

    async def slowly(self: RecordingStore, *args: Any) -> Any:
        info = await keep(self, *args)
        await house.switch("guest_mode", on=True, owner=ENTRY_ID)
        return info

    with monkeypatch.context() as broken:
        broken.setattr(RecordingStore, "async_keep", slowly)
        broken.setattr(RecordingStore, "async_delete", _raise)
        await house.kitchen.ask()
        await house.until_told("discarded", "store_failed")
        # Nothing is hidden that is still on disk.
        assert len(house.ids()) == 2
        assert house.issue("store") == "store_failed"
        async_fire_time_changed(house.hass, dt_util.utcnow() + timedelta(seconds=62))
        await house.hass.async_block_till_done()
        assert len(house.ids()) == 2
    async_fire_time_changed(house.hass, dt_util.utcnow() + timedelta(seconds=140))
    await house.until_found(lambda: house.ids() == [kept])


async def test_a_store_that_is_not_open_says_so_and_fences_all_the_same(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(RecordingStore, "async_open", _raise)
        await house.reload()
    await house.until_listening()
    assert house.issue("store") == "store_failed"
    await house.kitchen.wake_up()
    await house.until_state("sensor", "microphone_state", "recording")
    with pytest.raises(HomeAssistantError, match="could not be deleted") as refusal:
        await house.act("delete_last")
    assert (refusal.value.translation_domain, refusal.value.translation_key) == (
        "voice_privacy",
        "delete_failed",
    )
    assert refusal.value.translation_placeholders == {"code": "store_not_ready"}
    with pytest.raises(HomeAssistantError, match="could not be deleted"):
        await house.delete("today")

    await house.hub.async_open_store()
    await house.kitchen.finish()
    await house.until_told("discarded", "deleted")
    assert house.ids() == []


async def _raise(*_: object) -> None:
    raise StoreError


async def test_a_disk_that_fails_while_deleting_is_no_success(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    (kept,) = await house.keep()
    with monkeypatch.context() as broken:
        broken.setattr("custom_components.voice_privacy.storage.vault.KeyFile.destroy", _io_error)
        with pytest.raises(HomeAssistantError, match="could not be deleted"):
            await house.delete("last")
    assert house.ids() == [kept]
    assert ("deleted", 1) not in house.activity()
    await house.delete("last")
    assert house.ids() == []


def _io_error(*_: object) -> None:
    raise OSError(5, "Input/output error")


async def test_guests_do_not_count(house: House) -> None:
    """What is never kept anyway is not the last: the last one that is kept goes."""
    await house.keep()
    await house.switch("guest_mode", on=True, owner=house.entry.entry_id)
    await house.kitchen.wake_up()
    await house.until_state("sensor", "microphone_state", "recording")
    assert counts(await house.act("delete_last")) == (1, 1, True)
    assert house.ids() == []
    await house.kitchen.finish()
    await house.until_told("discarded", "guest_mode")
    assert house.ids(KITCHEN) == []
