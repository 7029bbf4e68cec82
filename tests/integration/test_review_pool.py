"""The review pool: what enters it, how it is emptied, and that nothing of it outlives a recording."""

import asyncio
from datetime import timedelta
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import Unauthorized
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockUser, async_fire_time_changed

from custom_components.voice_privacy.const import DOMAIN
from custom_components.voice_privacy.core.models import AuditAction, RecordingKind, Requester
from custom_components.voice_privacy.core.retention_policy import PERIODS, TRAINING, KeepFor
from custom_components.voice_privacy.core.review import Label, ReviewItem, next_release
from custom_components.voice_privacy.review import service as reviewing

from .helpers.house import BEDROOM, ENTRY_ID, KITCHEN, House
from .helpers.recordings import begin, record


async def consent(house: House, *owners: str) -> None:
    """Let clips of these satellites be reviewed."""
    await house.switch("help_improve", on=True, owner=ENTRY_ID)
    for owner in owners or (KITCHEN,):
        await house.switch("help_improve", on=True, owner=owner)


def waiting(house: House) -> dict[str, ReviewItem]:
    """Return what is in the pool, by recording id."""
    return {item.recording_id: item for item in house.hub.review.pool.items.values()}


def notes(house: House) -> list[str]:
    """Return the ids of the recordings that have a note on disk."""
    return sorted(name.removesuffix(".note") for name in house.files() if ".note" in name)


async def later(house: House, freezer: FrozenDateTimeFactory, passed: timedelta, left: int) -> None:
    """Let time pass until so many clips are left."""
    changed = asyncio.Event()
    unlisten = house.hub.notices.listen(changed.set)
    freezer.tick(passed)
    async_fire_time_changed(house.hass)
    async with asyncio.timeout(10):
        while len(house.hub.review.pool.items) != left:
            changed.clear()
            await changed.wait()
    unlisten()


def until_released(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let reviewers know of what waits in the pool by now, as if the next release were now."""
    released_at = dt_util.as_local(next_release(dt_util.now()))
    monkeypatch.setattr(reviewing, "dt_util", SimpleNamespace(now=lambda: released_at))


def everything_in(folder: Path) -> bytes:
    """Return the bytes of all files but the wake word models."""
    files = (path for path in folder.rglob("*") if path.is_file() and path.suffix != ".onnx")
    return b"".join(path.read_bytes() for path in files)


async def test_off_until_somebody_turns_it_on_in_both_places(house: House) -> None:
    assert house.state("switch", "help_improve", ENTRY_ID) == "off"
    assert house.state("switch", "help_improve") == "off"
    await record(house)
    await house.switch("help_improve", on=True)
    await record(house)
    assert waiting(house) == {}

    await consent(house)
    proposed = await record(house)
    assert list(waiting(house)) == notes(house) == [proposed]
    item = waiting(house)[proposed]
    assert item.review_id != proposed
    assert len(item.review_id) == 32


@pytest.mark.usefixtures("bedroom")
async def test_off_empties_the_pool_at_once(house: House) -> None:
    await consent(house, KITCHEN, BEDROOM)
    kept = [await record(house), await record(house, owner=BEDROOM), await record(house, owner=BEDROOM)]
    assert notes(house) == sorted(kept)

    await house.switch("help_improve", on=False, owner=BEDROOM)
    assert notes(house) == list(waiting(house)) == kept[:1]
    await house.switch("help_improve", on=False, owner=ENTRY_ID)
    assert notes(house) == []
    assert waiting(house) == {}
    # The recordings themselves are the other switches' business.
    assert house.ids() == kept
    left = [entry.count for entry in house.hub.access_log.entries if entry.action is AuditAction.TAKEN_OUT]
    assert left == [2, 1]
    # Nothing comes back with the consent.
    await consent(house, KITCHEN, BEDROOM)
    assert waiting(house) == {}


async def test_consent_does_not_reach_back_to_what_had_begun(house: House) -> None:
    satellite = house.hub.satellites[KITCHEN]
    before = begin(house, "too early", owner=KITCHEN)
    await consent(house)
    await house.hub.async_capture_finished(satellite, before, RecordingKind.COMMAND)
    # Nor does one that was withdrawn meanwhile, though it has been given again.
    during = begin(house, "not any more", owner=KITCHEN)
    await house.switch("help_improve", on=False)
    await house.switch("help_improve", on=True)
    await house.hub.async_capture_finished(satellite, during, RecordingKind.COMMAND)
    assert len(house.ids()) == 2
    assert waiting(house) == {}


async def test_guests_and_children_are_never_proposed(house: House) -> None:
    await consent(house)
    await house.switch("guest_mode", on=True, owner=ENTRY_ID)
    await house.switch("guest_mode", on=False, owner=ENTRY_ID)
    proposed = await record(house)
    assert list(waiting(house)) == [proposed]
    # Guest mode keeps more from coming and takes nothing away.
    await house.switch("guest_mode", on=True, owner=ENTRY_ID)
    assert list(waiting(house)) == [proposed]
    await house.reload()
    assert list(waiting(house)) == [proposed]
    await house.switch("guest_mode", on=False, owner=ENTRY_ID)

    subentry = house.entry.subentries[KITCHEN]
    house.hass.config_entries.async_update_subentry(
        house.entry, subentry, data={**subentry.data, "child_safe": True}
    )
    await house.reload()
    assert waiting(house) == {}
    assert notes(house) == []
    await record(house)
    assert waiting(house) == {}


async def test_a_label_and_a_correction_survive_a_restart_sealed(house: House) -> None:
    await consent(house)
    recording_id = await record(house, "turn on the kitten")
    review_id = waiting(house)[recording_id].review_id
    await house.hub.review.pool.async_label(review_id, Label.WRONG_TRANSCRIPT, "turn on the kitchen")
    await house.reload()
    item = waiting(house)[recording_id]
    assert (item.review_id, item.label, item.correction) == (
        review_id,
        Label.WRONG_TRANSCRIPT,
        "turn on the kitchen",
    )
    everything = await house.hass.async_add_executor_job(everything_in, Path(house.hass.config.config_dir))
    assert b"turn on the kitchen" not in everything
    assert review_id.encode() not in everything
    # The search reads the note itself.
    assert b"VPNOTE" in everything


async def test_a_correction_goes_with_the_words_and_the_label_stays(house: House) -> None:
    await consent(house)
    recording_id = await record(house, "turn on the kitten")
    review_id = waiting(house)[recording_id].review_id
    await house.hub.review.pool.async_label(review_id, Label.WRONG_TRANSCRIPT, "turn on the kitchen")
    assert await house.hub.deletion.async_forget_texts([recording_id], Requester()) == 1
    await house.reload()
    item = waiting(house)[recording_id]
    assert (item.label, item.correction) == (Label.WRONG_TRANSCRIPT, None)
    assert (await house.read(recording_id))[1].transcript is None


async def test_deleting_a_recording_leaves_nothing_of_its_clip(house: House) -> None:
    await consent(house)
    first, second = await record(house), await record(house)
    await house.delete("last")
    assert list(waiting(house)) == notes(house) == [first]
    assert second not in house.ids()
    await house.delete("today")
    assert notes(house) == []


async def test_clips_leave_by_themselves(house: House, freezer: FrozenDateTimeFactory) -> None:
    await consent(house)
    command = await record(house)
    false_wake = await record(house, None, kind=RecordingKind.FALSE_WAKE)
    assert set(waiting(house)) == {command, false_wake}
    await later(house, freezer, timedelta(days=7, minutes=6), left=1)
    assert list(waiting(house)) == notes(house) == [command]
    await later(house, freezer, timedelta(days=23), left=0)
    assert waiting(house) == {}


async def test_consent_is_the_owners(hass: HomeAssistant, house: House) -> None:
    user = MockUser(name="Child").add_to_hass(hass)
    for owner in (ENTRY_ID, KITCHEN):
        with pytest.raises(Unauthorized):
            await hass.services.async_call(
                "switch",
                "turn_on",
                {"entity_id": house.entity_id("switch", "help_improve", owner)},
                blocking=True,
                context=Context(user_id=user.id),
            )
    assert house.state("switch", "help_improve") == "off"


async def test_the_settings_file_tells_no_content(house: House, hass_storage: dict[str, Any]) -> None:
    await consent(house)
    await record(house, "turn on the kitten")
    stored = json.dumps({key: value for key, value in hass_storage.items() if key.startswith(DOMAIN)})
    assert "help_improve" in stored
    assert "kitten" not in stored


async def test_a_false_wake_waits_for_its_label_and_stays_with_it(house: House) -> None:
    await consent(house)
    false_wake = await record(house, None, kind=RecordingKind.FALSE_WAKE)
    info = house.hub.recordings[false_wake]
    policy = house.hub.retention_policy
    assert policy.period_of(info) == TRAINING
    await house.hub.review.pool.async_label(waiting(house)[false_wake].review_id, Label.FALSE_WAKE, None)
    assert house.hub.retention_policy.period_of(info) == PERIODS[KeepFor.THREE_MONTHS]
    # Neither outlives the consent.
    await house.switch("help_improve", on=False)
    assert house.hub.retention_policy.period_of(info) == PERIODS[KeepFor.MINUTE]
