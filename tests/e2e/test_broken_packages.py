"""A real Home Assistant on a machine where numpy does not load, and later cryptography for us neither."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from pathlib import Path
import time
from typing import Any

import pytest
import pytest_asyncio

from dev.rig.furnish import DOMAIN, add_integration, add_satellite, use_speech_servers
from dev.rig.house import HomeAssistantProcess
from dev.rig.household import Member
from dev.rig.satellite import Satellite
from dev.rig.speech_servers import SttServer, TtsServer
from dev.rig.voices import COMMANDS, synthesize, with_room_noise
from tests.broken_imports import OLD_PROCESSOR, broken_package

_NO_ENCRYPTION = """
import builtins

_import = builtins.__import__


def importing(name, globals=None, locals=None, fromlist=(), level=0):
    asking = str((globals or {}).get("__name__", ""))
    if asking.startswith("custom_components.voice_privacy") and name.startswith("cryptography"):
        raise ModuleNotFoundError("No module named '_cffi_backend'")
    return _import(name, globals, locals, fromlist, level)


builtins.__import__ = importing
"""
"""Home Assistant itself does not start without cryptography."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OldMachine:
    """A house whose Python finds a numpy that does not load, with one satellite."""

    house: HomeAssistantProcess
    kitchen: Member

    async def issues(self) -> dict[str, dict[str, Any]]:
        """Return our repair issues by translation key."""
        listed = await self.house.client.command("repairs/list_issues")
        return {issue["translation_key"]: issue for issue in listed["issues"] if issue["domain"] == DOMAIN}

    async def talk(self) -> tuple[str, str | None]:
        """Press to talk, say a command and hear its reply; return what became of it, and why."""
        client, satellite = self.house.client, self.kitchen.satellite
        speech = await synthesize(COMMANDS[0])
        async with self.kitchen.activity() as activity:
            # The button is disabled at first.
            microphone = self.kitchen.entity("microphone")
            await client.call("voice_privacy.press_to_talk", target={"entity_id": microphone})
            await satellite.say(with_room_noise(speech.pcm))
            # After the tone of the open microphone, which the satellite plays as well.
            since = time.monotonic()
            told = await activity.next("kept", "discarded")
            await satellite.wait_for_reply(since=since)
        return told["event_type"], told.get("reason")

    async def mute(self, *, on: bool) -> None:
        """Turn the microphone off or on, and see it obeyed."""
        since = time.monotonic()
        await self.kitchen.switch("microphone", on=not on)
        await self.kitchen.satellite.wait_for_event("pause-satellite" if on else "run-satellite", since=since)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def old(
    stt: SttServer, tts: TtsServer, tmp_path_factory: pytest.TempPathFactory
) -> AsyncGenerator[OldMachine]:
    """A house on an old machine."""
    folder = tmp_path_factory.mktemp("old")
    numpy = broken_package(folder / "packages", "numpy", f"raise RuntimeError({OLD_PROCESSOR!r})")
    house = HomeAssistantProcess(folder, python_path=numpy)
    await house.start()
    try:
        await use_speech_servers(house.client, stt_port=stt.port, tts_port=tts.port)
        async with Satellite("Kitchen") as satellite:
            entry_id = await add_integration(house.client)
            subentry_id = await add_satellite(
                house.client, entry_id, name=satellite.name, port=satellite.port
            )
            kitchen = Member(house, satellite, entry_id, subentry_id)
            await kitchen.refresh("not_listening")
            yield OldMachine(house=house, kitchen=kitchen)
            assert not house.problems()
    finally:
        await house.stop()


async def test_without_numpy_only_the_wake_word_is_missing(old: OldMachine) -> None:
    issue = (await old.issues())["wake_engine_unavailable"]
    assert issue["translation_placeholders"] == {"reason": f"RuntimeError: {OLD_PROCESSOR}"}

    for _ in range(2):
        assert await old.talk() == ("kept", None)
    rows = await old.kitchen.recordings()
    assert [row["transcript"] for row in rows] == [COMMANDS[0].lower()] * 2
    await old.mute(on=True)
    await old.mute(on=False)
    await old.kitchen.wait_for("microphone_state", "not_listening")
    receipt = await old.house.client.command(
        f"{DOMAIN}/recordings/delete", scope="ids", recording_ids=[rows[0]["id"]]
    )
    assert (receipt["deleted"], receipt["verified"]) == (1, True)
    assert await old.kitchen.recordings() == rows[1:]


async def test_without_cryptography_nothing_is_kept_and_what_there_is_can_be_deleted(old: OldMachine) -> None:
    house = old.house
    (kept,) = await old.kitchen.recordings()
    assert house.python_path is not None
    _install(house.python_path)
    house.expected_problems.append("The sealed store cannot be opened (encryption_unavailable)")
    await house.restart()
    await old.kitchen.refresh("not_listening")

    assert "encryption_unavailable" in await old.issues()
    assert await old.talk() == ("discarded", "store_failed")
    (listed,) = await old.kitchen.recordings()
    assert (listed["id"], listed["error"]) == (kept["id"], "encryption_unavailable")
    receipt = await house.client.command(f"{DOMAIN}/recordings/delete", scope="all")
    assert (receipt["deleted"], receipt["left"], receipt["verified"]) == (1, 0, True)
    assert await old.kitchen.recordings() == []
    await old.mute(on=True)


def _install(folder: Path) -> None:
    """Let every later process find out that cryptography does not load for us."""
    (folder / "sitecustomize.py").write_text(_NO_ENCRYPTION)
