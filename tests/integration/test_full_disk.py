"""F3: a disk that is really full refuses what is new, says so, and deletes all the same."""

from collections.abc import Iterator
from pathlib import Path
import random

from homeassistant.core import HomeAssistant
import pytest

from custom_components.voice_privacy.core.models import DiscardReason, RecordingKind
from tests.storage import mounts

from .helpers.house import ENTRY_ID, KITCHEN, House
from .helpers.recordings import begin, tone


@pytest.fixture
def small_disk(hass: HomeAssistant) -> Iterator[Path]:
    """A disk of 3 MB where the store will be."""
    with mounts.small_tmpfs(Path(hass.config.cache_path("voice_privacy")), megabytes=3) as folder:
        yield folder


async def _say(house: House, noise: random.Random) -> bool:
    """Say two seconds that no compression makes smaller; return whether they were kept."""
    capture = begin(house, "what time is it", owner=KITCHEN, pcm=tone(0.1) + noise.randbytes(64_000))
    await house.hub.async_capture_finished(house.hub.satellites[KITCHEN], capture, RecordingKind.COMMAND)
    return capture.utterance_id in house.hub.recordings


@pytest.mark.usefixtures("models")
async def test_f03_full_disk_is_said_and_deleting_makes_room(quiet_house: House, small_disk: Path) -> None:
    house, noise = quiet_house, random.Random(3)
    assert await house.hass.config_entries.async_setup(ENTRY_ID)
    await house.until_listening()
    while await _say(house, noise):
        assert house.issue("store") is None
    kept = house.ids()
    assert len(kept) > 20
    await house.until_told("discarded", DiscardReason.STORE_FULL.value)
    assert house.issue("store") == "store_full"
    assert not await _say(house, noise)
    assert sorted(path.name[17:49] for path in house.sealed_files()) == sorted(kept), "nothing half stored"

    receipt = await house.act("delete_last")
    assert (receipt["deleted"], receipt["verified"]) == (1, True)
    await house.hub.kept.store.async_flush()
    assert await _say(house, noise)
    assert house.issue("store") is None
    assert len(await house.read_all(house.ids())) == len(kept)

    assert (await house.act("delete_all", {"confirm": True}))["deleted"] == len(kept)
    await house.hub.kept.store.async_flush()
    assert house.sealed_files() == []
    assert await house.hass.config_entries.async_unload(ENTRY_ID)
