"""Spoken replies in Home Assistant's cache: receipts tell of them, and an action removes them."""

from pathlib import Path
from unittest.mock import patch

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.setup import async_setup_component
import pytest

from custom_components.voice_privacy.const import DOMAIN

from .helpers.house import House
from .helpers.recordings import record

REPLY = f"{'0' * 40}_en_-_test.wav"


def files_of(cache: Path) -> set[str]:
    """Return the names of the files in a folder."""
    return {file.name for file in cache.iterdir()}


async def left_after_deletion(house: House) -> list[str]:
    """Delete a recording; return which copies the receipt says are left."""
    await record(house)
    left: list[str] = (await house.act("delete_today"))["not_reachable"]
    return left


@pytest.fixture
def folder(hass_config_dir: str) -> Path:
    """The folder of Home Assistant's cache, with one spoken reply and a file of somebody else."""
    folder = Path(hass_config_dir) / "tts"
    folder.mkdir()
    (folder / REPLY).write_bytes(b"RIFF")
    (folder / "notes.txt").write_text("mine")
    return folder


@pytest.fixture
async def cache(hass: HomeAssistant, folder: Path) -> Path:
    """That folder, read by Home Assistant."""
    assert await async_setup_component(hass, "tts", {})
    return folder


async def test_receipts_tell_of_replies_until_they_are_cleared(cache: Path, house: House) -> None:
    assert await left_after_deletion(house) == ["tts_cache"]

    assert await house.act("clear_spoken_replies") == {"removed": 1}
    assert files_of(cache) == {"notes.txt"}
    assert await left_after_deletion(house) == []
    assert await house.act("clear_spoken_replies") == {"removed": 0}


async def test_replies_that_cannot_be_removed_are_an_error_until_they_can(cache: Path, house: House) -> None:
    with (
        patch("homeassistant.components.tts.os.remove", side_effect=PermissionError),
        pytest.raises(HomeAssistantError) as failed,
    ):
        await house.act("clear_spoken_replies")
    assert (failed.value.translation_domain, failed.value.translation_key) == (DOMAIN, "spoken_replies_left")
    assert await left_after_deletion(house) == ["tts_cache"]

    assert await house.act("clear_spoken_replies") == {"removed": 1}
    assert files_of(cache) == {"notes.txt"}
