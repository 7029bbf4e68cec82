"""When our wake_word entity and a Wyoming openWakeWord server wake up a pipeline, and what that costs."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
import contextlib
from dataclasses import dataclass
from datetime import datetime
import os
from pathlib import Path
import shlex
import shutil
import statistics
import time
from typing import Any, Final

from dev.rig.flows import run_options_flow
from dev.rig.furnish import DOMAIN, add_wyoming, entity_ids
from dev.rig.ha_client import EventStream, HomeAssistantClient
from dev.rig.house import HOST, HomeAssistantProcess, free_port
from dev.rig.voices import BYTES_PER_SECOND, Voice, synthesize, with_room_noise
from scripts.benchmarks import ROOT

_ENVIRONMENT: Final = ROOT / ".tools" / "wyoming-openwakeword"
_PACKAGES: Final = ("wyoming-openwakeword==1.8.2", "numpy<2")
"""The newest on PyPI. Its tflite-runtime exists up to Python 3.11, and was built for numpy 1."""

_CHUNK_SECONDS: Final = 0.032
"""512 samples, as ESPHome's devices and the Assist dialog of browsers send them."""

_QUIET_SECONDS: Final = 2.2
"""Before the word: no pipeline wakes up twice within two seconds by the same word."""

_PATIENCE_SECONDS: Final = 1.5
"""After the word; what has not been heard by then is missed."""


async def _server_command() -> list[str]:
    """Return how to run the server, in an environment of its own that is made the first time."""
    python = _ENVIRONMENT / "bin" / "python"
    done = _ENVIRONMENT / "installed"
    if not done.exists():
        uv = shutil.which("uv") or str(ROOT / ".tools" / "uv" / "bin" / "uv")
        for command in (
            (uv, "venv", "--quiet", "--clear", "--python", "3.11", str(_ENVIRONMENT)),
            (uv, "pip", "install", "--quiet", "--python", str(python), *_PACKAGES),
        ):
            process = await asyncio.create_subprocess_exec(
                *command, env={**os.environ, "UV_LINK_MODE": "copy"}
            )
            if await process.wait():
                raise SystemExit(f"scripts/bench: {_PACKAGES[0]} cannot be installed here: see --wake-server")
        done.touch()
    return [str(python), "-m", "wyoming_openwakeword", "--preload-model", "alexa_v0.1"]


@contextlib.asynccontextmanager
async def _server(command: str | None) -> AsyncGenerator[tuple[int, int]]:
    """Run the server on a free port; yield port and process."""
    words = shlex.split(command) if command else await _server_command()
    port = free_port()
    process = await asyncio.create_subprocess_exec(*words, "--uri", f"tcp://{HOST}:{port}")
    try:
        async with asyncio.timeout(30):
            while process.returncode is None:
                with contextlib.suppress(OSError):
                    _, writer = await asyncio.open_connection(HOST, port)
                    writer.close()
                    break
                await asyncio.sleep(0.1)
        yield port, process.pid
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        await process.wait()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ear:
    """A pipeline and the process beside Home Assistant that listens for it, if any."""

    name: str
    pipeline_id: str
    helper: int | None = None


async def _pipeline(client: HomeAssistantClient, entity_id: str) -> str:
    """Make a pipeline that listens for "Alexa" with a wake_word entity; return its id."""
    offered = await client.command("wake_word/info", entity_id=entity_id)
    word = next(wake_word["id"] for wake_word in offered["wake_words"] if wake_word["id"].startswith("alexa"))
    listed = await client.command("assist_pipeline/pipeline/list")
    like = {name: value for name, value in listed["pipelines"][0].items() if name != "id"}
    made = await client.command(
        "assist_pipeline/pipeline/create",
        **{**like, "name": entity_id, "wake_word_entity": entity_id, "wake_word_id": word},
    )
    return str(made["id"])


async def _wake_word_entity(client: HomeAssistantClient, **wanted: Any) -> str:
    """Return the wake_word entity of a config entry as soon as there is one."""
    async with asyncio.timeout(30), client.events("state_changed") as changed:
        while True:
            for entity_id in (await entity_ids(client, **wanted)).values():
                if entity_id.startswith("wake_word.") and entity_id in client.states:
                    return entity_id
            await changed.next(timeout=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Run:
    """A run that waits for its wake word."""

    handler: int
    """Where its audio goes."""

    events: EventStream

    @property
    def woke_at(self) -> float | None:
        """The moment (time.time) at which Home Assistant made the event of its wake.

        Where both pipelines know the word by the same name, the one that wakes second is turned away.
        """
        for event in self.events.seen:
            code = event["data"].get("code") if event["type"] == "error" else None
            if event["type"] == "wake_word-end" or code == "duplicate_wake_up_detected":
                return datetime.fromisoformat(event["timestamp"]).timestamp()
        return None


@contextlib.asynccontextmanager
async def _run(client: HomeAssistantClient, ear: _Ear) -> AsyncGenerator[_Run]:
    """Start a run that waits for its wake word."""
    async with client.subscribe(
        "assist_pipeline/run",
        pipeline=ear.pipeline_id,
        start_stage="wake_word",
        end_stage="stt",
        input={"sample_rate": 16_000, "timeout": 0},
    ) as events:
        start = await events.next(lambda event: bool(event["type"] == "run-start"))
        yield _Run(handler=start["data"]["runner_data"]["stt_binary_handler_id"], events=events)


async def _play(client: HomeAssistantClient, runs: Sequence[_Run], pcm: bytes) -> float:
    """Play audio in real time to runs; return the moment (time.time) of its first sample."""
    order = list(runs)
    started, due = time.time(), time.monotonic()
    length = round(_CHUNK_SECONDS * BYTES_PER_SECOND)
    for at in range(0, len(pcm) - length + 1, length):
        # A microphone has its chunk when the last sample of it has been heard.
        due += _CHUNK_SECONDS
        await asyncio.sleep(max(0.0, due - time.monotonic()))
        for run in order:
            if run.woke_at is None:
                await client.send_binary(run.handler, pcm[at : at + length])
        order.reverse()
    return started


async def _one_wake(client: HomeAssistantClient, ears: list[_Ear], number: int) -> dict[str, float]:
    """Say the word to all at once; return the seconds from its end to each wake event."""
    voices = list(Voice)
    word = await synthesize("Alexa", voice=voices[number % len(voices)])
    # Another phase each time: the engines look at 80 ms at once.
    quiet = bytes(2 * int(16_000 * _QUIET_SECONDS + 37 * number))
    pcm = with_room_noise(quiet + word.pcm + bytes(int(_PATIENCE_SECONDS * 16_000) * 2), seed=number)
    async with contextlib.AsyncExitStack() as stack:
        runs = {ear.name: await stack.enter_async_context(_run(client, ear)) for ear in ears}
        started = await _play(client, list(runs.values())[:: 1 if number % 2 else -1], pcm)
    ended = started + len(quiet) / BYTES_PER_SECOND + word.wake_end
    return {name: run.woke_at - ended for name, run in runs.items() if run.woke_at is not None}


def _cpu(pid: int) -> float:
    """Return the CPU seconds of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def _cost(house: HomeAssistantProcess, ear: _Ear | None, seconds: float) -> float:
    """Return CPU seconds per minute of audio, of Home Assistant and of what listens beside it."""
    pids = [house.pid, *([ear.helper] if ear is not None and ear.helper is not None else [])]
    pcm = with_room_noise(bytes(int(seconds) * BYTES_PER_SECOND))
    async with contextlib.AsyncExitStack() as stack:
        runs = [] if ear is None else [await stack.enter_async_context(_run(house.client, ear))]
        before = [_cpu(pid) for pid in pids]
        await _play(house.client, runs, pcm)
        after = [_cpu(pid) for pid in pids]
    return (sum(after) - sum(before)) * 60 / seconds


async def measure_wake_events(
    house: HomeAssistantProcess, entry_id: str, *, wakes: int, command: str | None
) -> dict[str, float | str]:
    """Compare both on the same audio at the same moment."""
    client = house.client
    async with _server(command) as (port, server_pid):
        await run_options_flow(client, entry_id, {"pipelines": [], "offer_wake_word": True})
        ours = await _wake_word_entity(client, platform=DOMAIN)
        theirs = await _wake_word_entity(client, config_entry_id=await add_wyoming(client, port))
        ears = [
            _Ear(name="ours", pipeline_id=await _pipeline(client, ours)),
            _Ear(name="server", pipeline_id=await _pipeline(client, theirs), helper=server_pid),
        ]
        await _one_wake(client, ears, 0)
        heard = [await _one_wake(client, ears, number) for number in range(wakes)]
        both = [wake for wake in heard if len(wake) == 2]
        idle = await _cost(house, None, 30)
        costs = {ear.name: await _cost(house, ear, 60) for ear in ears}
    differences = [(wake["ours"] - wake["server"]) * 1_000 for wake in both]
    return {
        "wake_server": command or _PACKAGES[0],
        "wakes": wakes,
        "wakes_heard_by_ours": sum("ours" in wake for wake in heard),
        "wakes_heard_by_server": sum("server" in wake for wake in heard),
        "wake_ours_median_ms": statistics.median(wake["ours"] for wake in both) * 1_000,
        "wake_server_median_ms": statistics.median(wake["server"] for wake in both) * 1_000,
        "wake_ours_minus_server_median_ms": statistics.median(differences),
        "wakes_ours_not_later": sum(difference <= 0 for difference in differences),
        "wake_ours_minus_server_worst_ms": max(differences),
        "cpu_idle_s_per_minute": idle,
        "cpu_ours_s_per_minute": costs["ours"],
        "cpu_server_s_per_minute": costs["server"],
    }
