"""The main job in a Home Assistant whose Python lacks what the Python of its images lacks."""

import asyncio
from collections.abc import AsyncGenerator
import contextlib
from pathlib import Path
import shutil
import time

import pytest

from dev.rig.flows import FlowFailed
from dev.rig.furnish import add_integration, place_kitchen_light, use_speech_servers
from dev.rig.house import COMPONENTS, HOUSE_BIN, KITCHEN_LIGHT, HomeAssistantProcess, HouseFailed
from dev.rig.household import Member
from dev.rig.satellite import Satellite
from dev.rig.speech_servers import SttServer, TtsServer
from dev.rig.utterances import read_all

TURN_ON = "turn on the kitchen light"
_BYTES_PER_SECOND = 32_000


@contextlib.asynccontextmanager
async def blocked_house(
    folder: Path, *, components: Path = COMPONENTS
) -> AsyncGenerator[HomeAssistantProcess]:
    """Run a house that cannot import the blocked modules."""
    house = HomeAssistantProcess(folder, components=components, blocked=True)
    try:
        await house.start()
        yield house
    finally:
        await house.stop()


async def test_main_job(tmp_path: Path, stt: SttServer, tts: TtsServer) -> None:
    async with blocked_house(tmp_path) as house, Satellite("Porch") as satellite:
        await use_speech_servers(house.client, stt_port=stt.port, tts_port=tts.port)
        await place_kitchen_light(house.client)
        entry_id = await add_integration(house.client)
        porch = await Member.create(house, satellite, entry_id, area="Porch")
        since = time.monotonic()

        async with porch.activity() as activity:
            await porch.say(TURN_ON)
            await activity.next("woke")
            await activity.next("kept")

        transcript = await satellite.wait_for_event("transcript", since=since)
        assert transcript.data["text"] == TURN_ON
        await house.client.wait_for_state(KITCHEN_LIGHT, "on")
        await satellite.wait_for_reply(since=since)
        await porch.wait_for("recordings", "1")
        played = await read_all(house.client)
        assert [len(audio) > _BYTES_PER_SECOND for audio in played.values()] == [True]

        await house.restart()
        await porch.refresh()

        assert await read_all(house.client) == played
        receipt = await porch.act("delete_last")
        assert (receipt["asked"], receipt["deleted"], receipt["verified"]) == (1, 1, True)
        await porch.wait_for("recordings", "0")
        assert await read_all(house.client) == {}
        assert not house.problems()
        assert not house.problems(level="WARNING", about="custom integration 'voice_privacy'")


async def test_control_blocked_import_breaks_the_config_flow(tmp_path: Path) -> None:
    """What users of the images saw while the sealed files were made with zstd."""
    components = tmp_path / "components"
    shutil.copytree(COMPONENTS, components)
    with (components / "voice_privacy" / "const.py").open("a") as file:
        file.write("\nfrom compression import zstd\n")
    house_folder = tmp_path / "house"
    house_folder.mkdir()

    async with blocked_house(house_folder, components=components) as house:
        with pytest.raises(FlowFailed, match=r"answers 404: .*Invalid handler specified"):
            await add_integration(house.client)

        # The answer can come before the log, which a thread of its own writes.
        async with asyncio.timeout(10):
            while not any("No module named '_zstd'" in problem for problem in house.problems()):  # noqa: ASYNC110
                await asyncio.sleep(0.05)


# --- Home Assistant's binaries from elsewhere ---------------------------------------------------------


async def test_house_runs_the_named_python(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stranger's python in HOUSE_BIN is what runs, with what Home Assistant is asked to do."""
    python = tmp_path / "bin" / "python"
    python.parent.mkdir()
    python.write_text('#!/bin/sh\necho "ran $*"\nexit 7\n')
    python.chmod(0o755)
    monkeypatch.setenv(HOUSE_BIN, str(python.parent))

    with pytest.raises(HouseFailed, match=r"ended with 7:[^$]*ran -m homeassistant --config "):
        await HomeAssistantProcess(tmp_path).start()


@pytest.mark.parametrize("content", [None, "not executable"])
async def test_folder_without_a_python_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str | None
) -> None:
    if content is not None:
        (tmp_path / "python").write_text(content)
    monkeypatch.setenv(HOUSE_BIN, str(tmp_path))

    with pytest.raises(HouseFailed, match=f"HOUSE_BIN is {tmp_path}: there is no python"):
        await HomeAssistantProcess(tmp_path).start()
