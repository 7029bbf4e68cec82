"""scripts/develop and scripts/say: what they suggest works, and nothing is wiped below a running house."""

import asyncio
from collections.abc import AsyncGenerator
import contextlib
from pathlib import Path
import re
import sys

import pytest
import pytest_asyncio

from dev.rig.demo_history import HISTORY, wakes_of
from dev.rig.furnish import DOMAIN, subentries
from dev.rig.ha_client import HomeAssistantClient
from dev.rig.house import REPOSITORY, free_port
from dev.rig.voices import COMMANDS, command

ANSWERS = {
    "turn on the kitchen light": r"Turned on",
    "turn off the kitchen light": r"Turned off",
    "what time is it": r"\d+:\d\d",
    "delete what I just said": r"Done\. I deleted what you just said\.",
    "delete everything I said today": r"I deleted",
}


async def run(module: str, *arguments: str) -> tuple[int, str]:
    """Run one of the scripts to its end; return its status and what it printed."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        f"dev.rig.{module}",
        *arguments,
        cwd=REPOSITORY,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    printed, _ = await process.communicate()
    assert process.returncode is not None
    return process.returncode, printed.decode()


class Demo:
    """A running scripts/develop."""

    def __init__(self, folder: Path) -> None:
        """Remember where its house is."""
        self.folder = folder
        self.port = free_port()
        self.printed = ""
        self._process: asyncio.subprocess.Process

    async def start(self) -> None:
        """Start the house, and wait until everything is explained."""
        self.printed = ""
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "dev.rig.develop", "--closed-grammar"),
            *("--folder", str(self.folder), "--port", str(self.port)),
            cwd=REPOSITORY,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        assert self._process.stdout is not None
        async with asyncio.timeout(240):
            while "Ctrl-C ends everything" not in self.printed:
                line = await self._process.stdout.readline()
                assert line, self.printed
                self.printed += line.decode()

    async def stop(self) -> None:
        """End the house as Ctrl-C does; it may have ended already."""
        with contextlib.suppress(ProcessLookupError):
            self._process.terminate()
        await self._process.communicate()

    async def say(self, *arguments: str) -> tuple[int, str]:
        """Speak as scripts/say does."""
        return await run("say", "--folder", str(self.folder), *arguments)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def demo(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Demo]:
    """A house as scripts/develop opens it for the first time, with the sentences it prints."""
    found = Demo(tmp_path_factory.mktemp("develop"))
    try:
        await found.start()
        yield found
    finally:
        await found.stop()


async def test_it_says_where_to_look_and_what_to_say(demo: Demo) -> None:
    assert "Open Voice privacy in the sidebar" in demo.printed
    for text in COMMANDS:
        assert f'scripts/say kitchen "{command(text)}"' in demo.printed


async def test_it_opens_with_the_recordings_of_a_few_days(demo: Demo) -> None:
    token = await asyncio.to_thread((demo.folder / "house" / "token").read_text)
    async with HomeAssistantClient(f"http://127.0.0.1:{demo.port}", token) as client:
        listed = await client.command("voice_privacy/recordings/list")
    assert len(listed["recordings"]) == len(HISTORY)
    assert len(listed["days"]) == 4


async def test_rooms_show_the_wakes_of_the_days_before(demo: Demo) -> None:
    token = await asyncio.to_thread((demo.folder / "house" / "token").read_text)
    async with HomeAssistantClient(f"http://127.0.0.1:{demo.port}", token) as client:
        figures = await client.command("voice_privacy/microphones/figures")
        (entry,) = await client.command("config_entries/get", domain=DOMAIN)
        names = {item["subentry_id"]: item["title"] for item in await subentries(client, entry["entry_id"])}
    assert len(names) == 2
    for satellite_id, counts in figures["satellites"].items():
        wakes, false_wakes = wakes_of(names[satellite_id])
        assert len(wakes) == 13
        assert (counts["wakes"][:-1], counts["false_wakes"][:-1]) == (wakes, false_wakes)


@pytest.mark.parametrize("text", COMMANDS)
async def test_every_suggested_sentence_works(demo: Demo, text: str) -> None:
    status, printed = await demo.say("kitchen", command(text))
    assert status == 0, printed
    assert re.search(f"answered: .*{ANSWERS[text]}", printed), printed


async def test_an_unknown_satellite_is_told_with_those_that_there_are(demo: Demo) -> None:
    status, printed = await demo.say("bedroom", "Alexa, what time is it")
    assert status == 1
    assert "there is no satellite bedroom; there are: kitchen, living_room" in printed


async def test_without_arguments_the_satellites_are_listed(demo: Demo) -> None:
    status, printed = await demo.say()
    assert status == 0
    assert printed.startswith("satellites: kitchen, living_room\n")


async def test_a_satellite_without_a_sentence_is_an_error_in_words(demo: Demo) -> None:
    status, printed = await demo.say("kitchen")
    assert status == 2
    assert "say what kitchen is to hear" in printed


async def test_a_fresh_start_below_a_running_house_wipes_nothing(demo: Demo) -> None:
    status, printed = await run("develop", "--fresh", "--folder", str(demo.folder), "--port", str(demo.port))
    assert status == 1
    assert "another scripts/develop is running" in printed
    left = {path.name for path in await asyncio.to_thread(lambda: list(demo.folder.iterdir()))}
    assert {"house", "ports.json"} <= left


async def test_it_starts_again_with_a_muted_satellite(demo: Demo) -> None:
    """Last, since it starts the house again; the README suggests to switch a microphone off."""
    token = await asyncio.to_thread((demo.folder / "house" / "token").read_text)
    url = f"http://127.0.0.1:{demo.port}"
    async with HomeAssistantClient(url, token) as client:
        await client.call("switch.turn_off", target={"entity_id": "switch.kitchen_microphone"})
        await client.wait_for_state("binary_sensor.kitchen_mute_confirmed", "on")
    await demo.stop()
    await demo.start()
    async with HomeAssistantClient(url, token) as client:
        assert client.state("switch.kitchen_microphone") == "off"
        await client.wait_for_state("sensor.living_room_microphone_state", "listening")
