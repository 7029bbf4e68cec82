"""F11: the disk with the sealed files goes while Home Assistant runs, and comes back."""

from pathlib import Path
import shutil

import pytest

from custom_components.voice_privacy.core.errors import RecordingUnreadable
from custom_components.voice_privacy.core.models import DiscardReason, RecordingKind

from .helpers.house import KITCHEN, House
from .helpers.recordings import begin, record
from .test_delete_all import set_up, unload


@pytest.fixture
def folder(house: House) -> Path:
    """Where the sealed files are."""
    return Path(house.hass.config.cache_path("voice_privacy")) / "audio"


def go(folder: Path, *, mount_point: bool) -> Path:
    """Take the folder away, as a disk does; a mount point stays where it was mounted. Return where it is."""
    elsewhere = folder.rename(folder.with_name("elsewhere"))
    if mount_point:
        folder.mkdir()
    return elsewhere


def names_in(folder: Path) -> list[str]:
    """Return what is in a folder."""
    return sorted(path.name for path in folder.iterdir())


def come_back(folder: Path) -> None:
    """Put the folder back."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.with_name("elsewhere").rename(folder)


async def is_refused(house: House) -> bool:
    """Say something that cannot be kept; return whether that was told and nothing was written."""
    capture = begin(house, "what time is it", owner=KITCHEN)
    await house.hub.async_capture_finished(house.hub.satellites[KITCHEN], capture, RecordingKind.COMMAND)
    await house.until_told("discarded", DiscardReason.STORE_FAILED.value)
    return capture.utterance_id not in house.hub.recordings


@pytest.mark.parametrize("mount_point", [False, True])
async def test_f11_folder_that_goes_and_comes_back_needs_no_restart(
    house: House, folder: Path, mount_point: bool
) -> None:
    first, second = await record(house), await record(house)
    await house.flush()
    go(folder, mount_point=mount_point)

    assert await is_refused(house)
    assert house.issue("store") == "audio_folder_missing"
    assert not mount_point or names_in(folder) == [], "nothing is written where the disk should be"
    with pytest.raises(RecordingUnreadable):
        await house.read(first)
    receipt = await house.act("delete_last")
    assert (receipt["deleted"], receipt["verified"]) == (1, True)
    assert house.ids() == [first]

    come_back(folder)
    third = await record(house)
    assert house.issue("store") is None
    assert house.ids() == [first, third]
    await house.read_all([first, third])
    assert house.hub.kept.store.unreadable == 0
    await house.flush()
    # The file of what was deleted meanwhile waited for its folder.
    assert sorted(path.name[17:49] for path in house.sealed_files()) == sorted([first, third])
    assert second not in house.hub.recordings


async def test_f11_folder_that_was_not_there_at_the_start_comes_back(house: House, folder: Path) -> None:
    first, second = await record(house), await record(house)
    await unload(house)
    go(folder, mount_point=False)
    await set_up(house)
    assert await is_refused(house)
    assert house.issue("store") == "audio_folder_missing"
    assert (await house.act("delete_last"))["deleted"] == 1

    come_back(folder)
    third = await record(house)
    assert house.issue("store") is None
    assert house.ids() == [first, third]
    await house.read_all([first, third])
    await house.flush()
    assert second not in {path.name[17:49] for path in house.sealed_files()}


async def test_f11_folder_that_is_lost_is_made_anew_once_nothing_is_left_to_lose(
    house: House, folder: Path
) -> None:
    await record(house)
    await house.flush()
    shutil.rmtree(folder)
    names_before = names_in(folder.parent)
    assert await is_refused(house)
    await house.flush()
    assert names_in(folder.parent) == names_before

    await house.act("delete_all", {"confirm": True})
    kept = await record(house)
    assert house.issue("store") is None
    await house.read(kept)
