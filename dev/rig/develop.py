"""A house to try things in: Home Assistant on port 8123, two satellites, speech engines; until Ctrl-C.

Everything lives in .develop, so that the second start is quick and the recordings are still there.
"""

import argparse
import asyncio
import contextlib
import fcntl
import json
from pathlib import Path
import shutil
import signal
import sys
import time
from typing import Any, Final
from zoneinfo import ZoneInfo

from aiohttp import ClientError

from .control import ControlServer
from .demo_history import settle_in, wakes_of, write_history
from .flows import FlowFailed
from .furnish import (
    DOMAIN,
    add_integration,
    add_satellite,
    check_loaded,
    place_kitchen_light,
    subentries,
    use_speech_servers,
)
from .ha_client import CommandFailed, HomeAssistantClient
from .house import REPOSITORY, HomeAssistantProcess, HouseFailed
from .onboarding import OWNER
from .past_wakes import import_wakes
from .satellite import Satellite
from .speech_servers import SttServer, TtsServer
from .transcribers import GrammarTranscriber, Transcriber, WhisperTranscriber
from .voices import COMMANDS, command

FOLDER: Final = REPOSITORY / ".develop"
PORTS: Final = "ports.json"
LOCK: Final = "lock"
"""File that a running house keeps locked."""

_PORT: Final = 8123
_SATELLITES: Final = {"kitchen": "Kitchen", "living_room": "Living room"}
"""Names for scripts/say, and names of both the satellites and their areas."""

_started = time.monotonic()


def _say(text: str) -> None:
    print(f"\033[1m[develop {time.monotonic() - _started:3.0f}s]\033[0m {text}", flush=True)  # noqa: T201


async def _transcriber(*, closed_grammar: bool) -> Transcriber:
    """Return whisper, or the demo's sentences where whisper does not run."""
    if not closed_grammar:
        _say("speech to text: whisper tiny.en (installed the first time, about 300 MB)")
        try:
            return await WhisperTranscriber.create()
        except RuntimeError as err:
            _say(f"no whisper on this machine ({err})")
    _say("speech to text: pocketsphinx, which understands only the sentences below")
    return GrammarTranscriber()


async def _furnish(
    client: HomeAssistantClient, stt: SttServer, tts: TtsServer, satellites: dict[str, Satellite]
) -> dict[str, str]:
    """Set up what is missing; an earlier start may have done all of it, or a part.

    Return the ids of the satellites by name if the integration is new here, else nothing.
    """
    entries = await client.command("config_entries/get")
    if sum(entry["domain"] == "wyoming" for entry in entries) < 2:
        _say("adding the speech engines and the kitchen light")
        await use_speech_servers(client, stt_port=stt.port, tts_port=tts.port)
    await place_kitchen_light(client)
    entry_id = next((entry["entry_id"] for entry in entries if entry["domain"] == DOMAIN), None)
    new = entry_id is None
    if entry_id is None:
        _say("adding Voice Privacy")
        entry_id = await add_integration(client)
    await check_loaded(client, entry_id)
    names = {item["title"] for item in await subentries(client, entry_id)}
    for satellite in satellites.values():
        if satellite.name not in names:
            _say(f"adding the satellite {satellite.name}")
            await add_satellite(
                client, entry_id, name=satellite.name, port=satellite.port, area=satellite.name
            )
            await satellite.wait_until_streaming()
        else:
            # It may have been muted before the last stop: then nobody asks it for audio.
            await satellite.wait_until_connected()
    if not new:
        return {}
    await settle_in(client)
    return {item["title"]: item["subentry_id"] for item in await subentries(client, entry_id)}


def _explain(house: HomeAssistantProcess) -> None:
    sentences = "\n".join(f'    scripts/say kitchen "{command(text)}"' for text in COMMANDS)
    print(  # noqa: T201
        f"""
  Open   {house.url}
  User   {OWNER.name}
  Pass   {OWNER.password}

  Open Voice privacy in the sidebar: it has the made-up recordings of a few days.

  In another terminal, speak into a satellite (kitchen or living_room):
{sentences}

  Watch the light and the page. Deletion by voice is on in this house; you find the switch on the page.
  Then switch a microphone off, or the recordings, or guest mode on, and say it again.

  Ctrl-C ends everything. The recordings stay in {house.config.parent.name}; scripts/develop --fresh forgets them.
""",
        flush=True,
    )


class _Ports:
    """Ports that stay the same from start to start, since Home Assistant remembers them."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / PORTS
        self.known: dict[str, int] = json.loads(self._file.read_text()) if self._file.exists() else {}

    def __getitem__(self, name: str) -> int:
        return self.known.get(name, 0)

    def save(self, **ports: int) -> None:
        self.known |= ports
        self._file.write_text(json.dumps(self.known))


async def _open(ports: _Ports, name: str, server: Any, stack: contextlib.AsyncExitStack) -> None:
    """Start a server and remember its port."""
    try:
        await server.start()
    except OSError as err:
        what = "speech to text" if name == "stt" else "speech" if name == "tts" else f"the {name} of the demo"
        raise HouseFailed(
            f"port {server.port}, which this house uses for {what}, is taken by another program: end that, or "
            f"start over with scripts/develop --fresh ({err.strerror})"
        ) from err
    stack.push_async_callback(server.stop)
    ports.save(**{name: server.port})


async def _serve(arguments: argparse.Namespace) -> None:
    """Run the house until cancelled, or until Home Assistant ends by itself."""
    folder: Path = arguments.folder
    ports = _Ports(folder)
    async with contextlib.AsyncExitStack() as stack:
        tts = TtsServer(port=ports["tts"])
        await _open(ports, "tts", tts, stack)
        stt = SttServer(await _transcriber(closed_grammar=arguments.closed_grammar), port=ports["stt"])
        await _open(ports, "stt", stt, stack)
        satellites = {key: Satellite(name, area=name, port=ports[key]) for key, name in _SATELLITES.items()}
        for key, satellite in satellites.items():
            await _open(ports, key, satellite, stack)
        await _open(ports, "control", ControlServer(satellites, port=ports["control"]), stack)

        _say("starting Home Assistant (the first time takes up to a minute)")
        house = HomeAssistantProcess(folder / "house", port=arguments.port, time_zone=_time_zone())
        await house.start(timeout=300)
        stack.push_async_callback(_stop_house, house)
        if new := await _furnish(house.client, stt, tts, satellites):
            _say("making up the last days, and starting Home Assistant again")
            zone = ZoneInfo(_time_zone())
            wakes = {satellite_id: wakes_of(name) for name, satellite_id in new.items()}
            await import_wakes(house.client, wakes, zone)
            await house.stop()
            await write_history(house.config, new, zone)
            await house.start(timeout=300)
            for satellite in satellites.values():
                await satellite.wait_until_streaming()
        _say("ready")
        _explain(house)
        await house.wait()
        raise HouseFailed(f"Home Assistant has ended:\n{house.log_tail()}")


async def _stop_house(house: HomeAssistantProcess) -> None:
    _say("stopping Home Assistant")
    await house.stop()


def _time_zone() -> str:
    """Return the name of this machine's time zone."""
    _, found, name = str(Path("/etc/localtime").resolve()).partition("zoneinfo/")
    return name if found and not name.startswith("Etc/") else "UTC"


async def _main(arguments: argparse.Namespace) -> int:
    serving = asyncio.ensure_future(_serve(arguments))
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, serving.cancel)
    try:
        await serving
    except asyncio.CancelledError:
        _say("stopped")
        return 0
    except (ClientError, CommandFailed, FlowFailed, HouseFailed, TimeoutError) as err:
        _say(str(err))
    return 1


def main() -> None:
    """Run the house."""
    parser = argparse.ArgumentParser(prog="scripts/develop", description="Start a house to try things in.")
    parser.add_argument("--port", type=int, default=_PORT, help="of Home Assistant (default 8123)")
    parser.add_argument("--fresh", action="store_true", help="forget the house of earlier starts")
    parser.add_argument("--closed-grammar", action="store_true", help="understand only the demo's sentences")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="of the house (default .develop)")
    arguments = parser.parse_args()
    folder: Path = arguments.folder
    folder.mkdir(exist_ok=True)
    with (folder / LOCK).open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            # Before anything is wiped: the running house would lose its files.
            _say("another scripts/develop is running with this house: end it first with Ctrl-C")
            sys.exit(1)
        if arguments.fresh:
            _forget(folder)
        sys.exit(asyncio.run(_main(arguments)))


def _forget(folder: Path) -> None:
    """Remove the house of earlier starts, but not the lock that this one holds."""
    for item in folder.iterdir():
        if item.is_dir():
            shutil.rmtree(item, ignore_errors=True)
        elif item.name != LOCK:
            item.unlink()


if __name__ == "__main__":
    main()
