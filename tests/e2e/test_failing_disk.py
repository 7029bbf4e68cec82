"""A full and a read-only disk under a real Home Assistant: nothing that was answered "done" is lost by a restart."""

from collections.abc import Generator
import contextlib
import json
from pathlib import Path
import shutil
from typing import Any

import pytest

from dev.rig.furnish import DOMAIN, add_integration
from dev.rig.house import HomeAssistantProcess
from dev.rig.household import Member
from dev.rig.satellite import Satellite
from tests.storage import mounts

_EXPECTED = ["voice_privacy.settings", "voice_privacy.access_log", "voice_privacy.clock"]
"""Entries of the log that name these are what the test provokes."""


@contextlib.contextmanager
def _storage_on_a_small_disk(house: HomeAssistantProcess) -> Generator[Path]:
    """Put .storage onto a disk of its own, while Home Assistant is not running."""
    storage = house.config / ".storage"
    files = storage.rename(house.config / "storage-before")
    with mounts.small_tmpfs(storage, megabytes=4):
        shutil.copytree(files, storage, dirs_exist_ok=True)
        yield storage


def _fill(disk: Path) -> Path:
    filler = disk / "filler"
    with pytest.raises(OSError, match="space"):
        filler.write_bytes(bytes(8 << 20))
    return filler


def _saved(disk: Path) -> Any:
    return json.loads((disk / f"{DOMAIN}.settings").read_bytes())["data"]


@pytest.mark.parametrize("failure", ["full", "read_only"])
async def test_what_was_done_outlives_a_failing_disk(
    tmp_path_factory: pytest.TempPathFactory, failure: str
) -> None:
    house = HomeAssistantProcess(tmp_path_factory.mktemp("failing_disk"))
    house.expected_problems = _EXPECTED
    await house.start()
    async with Satellite("Kitchen") as satellite:
        entry_id = await add_integration(house.client)
        kitchen = await Member.create(house, satellite, entry_id, area="Kitchen")
        guest_mode = {"entity_id": "switch.voice_privacy_guest_mode"}
        await house.stop()
        with _storage_on_a_small_disk(house) as disk:
            await house.start()
            await kitchen.refresh("listening")
            filler = None
            if failure == "full":
                filler = _fill(disk)
            else:
                mounts.make_read_only(disk, on=True)

            # Each change is refused, and the more private side holds.
            with pytest.raises(Exception, match=r"not_saved|could not be saved"):
                await kitchen.switch("microphone", on=False)
            assert kitchen.state("microphone") == "off"
            with pytest.raises(Exception, match=r"not_saved|could not be saved"):
                await house.client.call("switch.turn_on", target=guest_mode)
            assert house.client.state(guest_mode["entity_id"]) == "on"
            with pytest.raises(Exception, match=r"not_saved|could not be saved"):
                await kitchen.switch("microphone", on=True)
            assert kitchen.state("microphone") == "off"
            issues = (await house.client.command("repairs/list_issues"))["issues"]
            assert "not_saved" in {issue["translation_key"] for issue in issues}

            # The disk is well again; what is answered now is there after a power cut.
            if filler is not None:
                filler.unlink()
            else:
                mounts.make_read_only(disk, on=False)
            await kitchen.switch("microphone", on=False)
            assert _saved(disk)["satellites"][kitchen.subentry_id]["muted"] is True
            assert _saved(disk)["house"]["guest_mode"] is True
            await house.kill()
            await house.start()
            await kitchen.refresh("muted")
            assert kitchen.state("microphone") == "off"
            assert house.client.state(guest_mode["entity_id"]) == "on"
            assert not house.problems()
            await house.stop()
