"""In a real Home Assistant: what our proxy adds to its engine, what 200 runs leave, who wakes first."""

import asyncio
from collections.abc import AsyncGenerator
import contextlib
from dataclasses import dataclass
from pathlib import Path
import statistics
import tempfile
import time
from typing import Any, Final

import aiohttp

from dev.rig.furnish import (
    DOMAIN,
    add_integration,
    add_source,
    choose_pipelines,
    entity_ids,
    use_speech_servers,
)
from dev.rig.house import HomeAssistantProcess
from dev.rig.speech_servers import SttServer, TtsServer
from dev.rig.voices import synthesize, with_room_noise
from scripts.benchmarks import argument_parser, machine, print_json, print_machine
from scripts.benchmarks._bad_runs import run_badly
from scripts.benchmarks._engines import AtOnce
from scripts.benchmarks._memory import difference, kinds_that_grew, look_inside, rss_kb
from scripts.benchmarks._wake_events import measure_wake_events

_HEADERS: Final = {
    "X-Speech-Content": "format=wav; codec=pcm; sample_rate=16000; bit_rate=16; channel=1; language=en"
}
_RECORDINGS: Final = "sensor.api_recordings"
_PARTS: Final = ("latency", "memory", "wake")


@dataclass(kw_only=True)
class _Subject:
    """A house with an engine and its proxy."""

    house: HomeAssistantProcess
    session: aiohttp.ClientSession
    entry_id: str
    pipeline_id: str
    bare: str
    """Address of the engine in Home Assistant's speech-to-text API."""

    proxy: str
    """Address of its proxy; what goes there is kept."""

    audio: bytes
    kept: int = 0

    async def transcribe(self, url: str) -> float:
        """Have the clip transcribed; return the milliseconds from its last byte to its transcript."""
        sent = 0.0

        async def body() -> AsyncGenerator[bytes]:
            nonlocal sent
            for start in range(0, len(self.audio), 4096):
                yield self.audio[start : start + 4096]
            sent = time.perf_counter()

        async with self.session.post(url, data=body(), headers=_HEADERS) as response:
            answer = await response.json()
        if answer["text"] != "what time is it":
            raise RuntimeError(f"the engine answers {answer}")
        self.kept += url == self.proxy
        return (time.perf_counter() - sent) * 1_000

    async def settle(self) -> None:
        """Wait until everything is kept."""
        await self.house.client.wait_for_state(_RECORDINGS, str(self.kept), timeout=120)


@contextlib.asynccontextmanager
async def _subject() -> AsyncGenerator[_Subject]:
    """Furnish a house."""
    stt, tts = SttServer(AtOnce()), TtsServer()
    await stt.start()
    await tts.start()
    with tempfile.TemporaryDirectory() as folder:
        house = HomeAssistantProcess(Path(folder))
        try:
            await house.start()
            client = house.client
            await use_speech_servers(client, stt_port=stt.port, tts_port=tts.port)
            pipeline = (await client.command("assist_pipeline/pipeline/list"))["pipelines"][0]
            entry_id = await add_integration(client)
            await choose_pipelines(client, entry_id, [pipeline["id"]])
            await add_source(client, entry_id, "api", name="API")
            await client.wait_for_state(_RECORDINGS, "0", timeout=30)
            ids = await entity_ids(client, platform=DOMAIN)
            proxy = next(entity_id for entity_id in ids.values() if entity_id.startswith("stt."))
            async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {house.token}"}) as session:
                yield _Subject(
                    house=house,
                    session=session,
                    entry_id=entry_id,
                    pipeline_id=pipeline["id"],
                    bare=f"{house.url}/api/stt/{pipeline['stt_engine']}",
                    proxy=f"{house.url}/api/stt/{proxy}",
                    audio=with_room_noise((await synthesize("what time is it")).pcm),
                )
        finally:
            await house.stop()
            await stt.stop()
            await tts.stop()


async def _measure_latency(subject: _Subject, rounds: int) -> dict[str, Any]:
    """Alternate between the engine and its proxy."""
    for url in (subject.bare, subject.proxy) * 10:
        await subject.transcribe(url)
    bare, through = [], []
    for _ in range(rounds):
        bare.append(await subject.transcribe(subject.bare))
        through.append(await subject.transcribe(subject.proxy))
    await subject.settle()
    return {
        "rounds": rounds,
        "bare_median_ms": statistics.median(bare),
        "proxy_median_ms": statistics.median(through),
        "added_median_ms": statistics.median(b - a for a, b in zip(bare, through, strict=True)),
    }


async def _measure_memory(subject: _Subject, runs: int) -> dict[str, Any]:
    """Do the same runs twice: past us, as a control, and through us, where each is kept."""
    figures: dict[str, Any] = {"runs": runs}
    pid = subject.house.pid
    for name, url in (("bare", subject.bare), ("proxy", subject.proxy)):
        for _ in range(runs):
            # Whatever grows only once has grown by then: caches, pools, the allocator's arenas.
            await subject.transcribe(url)
        await subject.settle()
        before, resident = await look_inside(subject.house), rss_kb(pid)
        for _ in range(runs):
            await subject.transcribe(url)
        await subject.settle()
        figures[f"{name}_rss_untrimmed_kb"] = rss_kb(pid) - resident
        after = await look_inside(subject.house)
        grown = difference(before, after, runs=runs)
        figures |= {f"{name}_{what}": figure for what, figure in grown.items()}
        figures[f"{name}_kinds"] = kinds_that_grew(before, after)
    return figures | await _measure_bad_runs(subject, runs)


async def _measure_bad_runs(subject: _Subject, runs: int) -> dict[str, Any]:
    """Have as many runs end badly, delete everything, and see what is left."""
    client = subject.house.client
    user = await client.command("auth/current_user")
    await add_source(client, subject.entry_id, f"user:{user['id']}", name="Browser")
    await client.wait_for_state("sensor.browser_recordings", "0", timeout=30)
    seen = []
    for count in (runs // 4, runs):
        await run_badly(client, subject.pipeline_id, count)
        await client.command(f"{DOMAIN}/recordings/delete", scope="all")
        subject.kept = 0
        await subject.settle()
        seen.append(await look_inside(subject.house))
    left = difference(*seen, runs=runs)
    return {
        "bad_runs": runs,
        **{f"bad_{what}": figure for what, figure in left.items()},
        "bad_kinds": kinds_that_grew(*seen),
        "recordings_left_after_deletion": seen[-1].ours.get("RecordingInfo", 0),
    }


async def _measure(parts: list[str], *, rounds: int, wakes: int, wake_server: str | None) -> dict[str, Any]:
    """Measure what is asked for, in one house."""
    figures: dict[str, Any] = {}
    async with _subject() as subject:
        if "latency" in parts:
            figures |= await _measure_latency(subject, rounds)
        if "memory" in parts:
            figures |= await _measure_memory(subject, rounds)
        if "wake" in parts:
            figures |= await measure_wake_events(
                subject.house, subject.entry_id, wakes=wakes, command=wake_server
            )
    return figures


def main() -> None:
    """Measure and print."""
    parser = argument_parser(__doc__)
    parser.add_argument("--rounds", type=int, default=200, help="transcriptions of each kind, default 200")
    parser.add_argument("--wakes", type=int, default=30, help="wake words said, default 30")
    parser.add_argument("--only", choices=_PARTS, action="append", help="measure only this; may be repeated")
    parser.add_argument(
        "--wake-server",
        metavar="COMMAND",
        help="command of another Wyoming wake word server; --uri tcp://HOST:PORT is appended",
    )
    arguments = parser.parse_args()
    figures = asyncio.run(
        _measure(
            arguments.only or list(_PARTS),
            rounds=arguments.rounds,
            wakes=arguments.wakes,
            wake_server=arguments.wake_server,
        )
    )
    about = machine()
    if arguments.json:
        print_json({"machine": about, **figures})
        return
    print_machine(about)
    for name, figure in figures.items():
        print(f"{name:34} {f'{figure:.2f}' if isinstance(figure, float) else figure}")


if __name__ == "__main__":
    main()
