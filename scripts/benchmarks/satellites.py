"""In a real Home Assistant: a satellite of ours beside one of core's Wyoming integration, same engine, in pairs."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
import contextlib
from dataclasses import dataclass, field
from pathlib import Path
import statistics
import tempfile
import time
from typing import Any, Final

from dev.rig.furnish import (
    add_integration,
    add_satellite,
    add_wyoming,
    choose_pipelines,
    entity_ids,
    remove_entry,
    use_speech_servers,
)
from dev.rig.ha_client import HomeAssistantClient
from dev.rig.house import HomeAssistantProcess
from dev.rig.satellite import Satellite
from dev.rig.speech_servers import SttServer, TtsServer
from dev.rig.voices import Speech, command, synthesize, with_room_noise
from scripts.benchmarks import argument_parser, machine, print_json, print_machine
from scripts.benchmarks._engines import AtOnce
from scripts.benchmarks._memory import Inside, look_inside

_TEXTS: Final = ("turn on the kitchen light", "turn off the kitchen light", "what time is it")
_QUIET_SECONDS: Final = 5.5
"""Between two utterances: Home Assistant ignores a wake word that another satellite heard 5 s before."""

_OURS: Final = "ours"
_CORES: Final = "core"


@dataclass(kw_only=True)
class _Subject:
    """A satellite with its figures."""

    satellite: Satellite
    wake_ms: list[float] = field(default_factory=list)
    """End of the wake word to the detection that the satellite is told."""

    end_ms: list[float] = field(default_factory=list)
    """End of the command to voice-stopped, when speech-to-text gets to work."""

    back_seconds: list[float] = field(default_factory=list)
    """Return of the satellite to the audio that it is asked for."""

    async def speak(self, speech: Speech) -> None:
        """Say a command, and note when the satellite was told what."""
        since = time.monotonic()
        spoken = await self.satellite.say(with_room_noise(speech.pcm))
        await self.satellite.wait_for_event("transcript", since=since, timeout=30)
        at = {item.event.type: item.at for item in self.satellite.log.items if item.at >= since}
        self.wake_ms.append((at["detection"] - spoken.started - speech.wake_end) * 1_000)
        self.end_ms.append((at["voice-stopped"] - spoken.started - speech.end) * 1_000)
        await self.satellite.wait_for_reply(since=since)

    async def return_after(self, seconds: float) -> None:
        """Be away for a while, and note how long it takes to be listened to again."""
        await self.satellite.refuse_connections()
        self.satellite.vanish()
        await asyncio.sleep(seconds)
        self.satellite.is_streaming = False
        await self.satellite.accept_connections()
        returned = time.monotonic()
        await self.satellite.wait_until_streaming(timeout=120)
        self.back_seconds.append(time.monotonic() - returned)


@dataclass(kw_only=True)
class _House:
    """A house with one satellite of each."""

    process: HomeAssistantProcess
    entry_id: str
    subjects: dict[str, _Subject]

    @property
    def client(self) -> HomeAssistantClient:
        """The owner's connection."""
        return self.process.client


async def _use_our_engine(client: HomeAssistantClient, entry_id: str) -> None:
    """Let the preferred pipeline find "Alexa" with our engine, for core's satellite."""
    listed = await client.command("assist_pipeline/pipeline/list")
    preferred = listed["preferred_pipeline"]
    await choose_pipelines(client, entry_id, [preferred], offer_wake_word=True)
    entities = await entity_ids(client, config_entry_id=entry_id)
    listed = await client.command("assist_pipeline/pipeline/list")
    pipeline = next(dict(item) for item in listed["pipelines"] if item["id"] == preferred)
    pipeline["pipeline_id"] = pipeline.pop("id")
    pipeline["wake_word_entity"] = next(name for name in entities.values() if name.startswith("wake_word."))
    pipeline["wake_word_id"] = "alexa"
    await client.command("assist_pipeline/pipeline/update", **pipeline)


@contextlib.asynccontextmanager
async def _house() -> AsyncGenerator[_House]:
    """Furnish a house; both satellites use the same engines."""
    stt, tts = SttServer(AtOnce()), TtsServer()
    await stt.start()
    await tts.start()
    with tempfile.TemporaryDirectory() as folder:
        process = HomeAssistantProcess(Path(folder))
        try:
            await process.start()
            client = process.client
            await use_speech_servers(client, stt_port=stt.port, tts_port=tts.port)
            entry_id = await add_integration(client)
            async with Satellite("Ours") as ours, Satellite("Core") as cores:
                await add_satellite(client, entry_id, name=ours.name, port=ours.port)
                await ours.wait_until_streaming()
                await _use_our_engine(client, entry_id)
                await add_wyoming(client, cores.port)
                await cores.wait_until_streaming()
                yield _House(
                    process=process,
                    entry_id=entry_id,
                    subjects={_OURS: _Subject(satellite=ours), _CORES: _Subject(satellite=cores)},
                )
        finally:
            await process.stop()
            await stt.stop()
            await tts.stop()


async def _measure_latency(house: _House, pairs: int) -> None:
    """Say the same to each in turn, the other one first in every second pair."""
    for number in range(pairs):
        speech = await synthesize(command(_TEXTS[number % len(_TEXTS)]))
        names = (_OURS, _CORES) if number % 2 else (_CORES, _OURS)
        for name in names:
            await asyncio.sleep(_QUIET_SECONDS)
            await house.subjects[name].speak(speech)


async def _measure_memory(house: _House, count: int) -> dict[str, float]:
    """Return what the process grows by for each further satellite, in MiB, and what it keeps afterwards."""

    async def added_to_ours(satellite: Satellite) -> Callable[[], Awaitable[None]]:
        subentry_id = await add_satellite(
            house.client, house.entry_id, name=satellite.name, port=satellite.port
        )

        async def remove() -> None:
            await house.client.command(
                "config_entries/subentries/delete", entry_id=house.entry_id, subentry_id=subentry_id
            )

        return remove

    async def added_to_core(satellite: Satellite) -> Callable[[], Awaitable[None]]:
        other = await add_wyoming(house.client, satellite.port)

        async def remove() -> None:
            await remove_entry(house.client, other)

        return remove

    figures = {}
    for name, add in ((_OURS, added_to_ours), (_CORES, added_to_core)):
        async with contextlib.AsyncExitStack() as stack:
            satellites = [
                await stack.enter_async_context(Satellite(f"{name} {number}")) for number in range(count + 1)
            ]
            # The first one brings what all others share.
            removals = [await add(satellites[0])]
            await satellites[0].wait_until_streaming()
            await asyncio.sleep(_QUIET_SECONDS)
            before = await look_inside(house.process)
            removals += [await add(satellite) for satellite in satellites[1:]]
            for satellite in satellites:
                await satellite.wait_until_streaming()
            await asyncio.sleep(_QUIET_SECONDS)
            figures |= _grown(name, "", before, await look_inside(house.process), count)
            for remove in removals:
                await remove()
            await asyncio.sleep(_QUIET_SECONDS)
            figures |= _grown(name, "left_", before, await look_inside(house.process), count)
    return figures


def _grown(name: str, when: str, before: Inside, after: Inside, count: int) -> dict[str, float]:
    """Return growth in MiB for each satellite: what is in use, and the process once free memory is given back."""
    return {
        f"{name}_{when}in_use_mib": (after.in_use_kb - before.in_use_kb) / 1024 / count,
        f"{name}_{when}rss_mib": (after.rss_kb - before.rss_kb) / 1024 / count,
    }


async def _measure(*, pairs: int, away: list[float], satellites: int) -> dict[str, Any]:
    """Measure everything in one house."""
    async with _house() as house:
        await _measure_latency(house, pairs)
        for seconds in away:
            for subject in house.subjects.values():
                await subject.return_after(seconds)
        memory = await _measure_memory(house, satellites) if satellites else {}
    figures: dict[str, Any] = {"pairs": pairs, "away_seconds": away, "satellites": satellites, **memory}
    for name, subject in house.subjects.items():
        figures[f"{name}_back_seconds"] = subject.back_seconds
        for what in ("wake_ms", "end_ms"):
            values = getattr(subject, what)
            figures[f"{name}_{what}_median"] = statistics.median(values)
            figures[f"{name}_{what}_worst"] = max(values)
    ours, cores = house.subjects[_OURS], house.subjects[_CORES]
    for what in ("wake_ms", "end_ms"):
        differences = [a - b for a, b in zip(getattr(ours, what), getattr(cores, what), strict=True)]
        figures[f"difference_{what}_median"] = statistics.median(differences)
    return figures


def _print(figures: dict[str, Any]) -> None:
    """Print the figures for people."""
    print(f"{figures['pairs']} pairs, the same engines behind both; core is Home Assistant's own integration")
    for what, title in (
        ("wake_ms", "end of the wake word to detection"),
        ("end_ms", "end of the command to voice-stopped"),
    ):
        both = ", ".join(
            f"{name} {figures[f'{name}_{what}_median']:.0f} ms (worst {figures[f'{name}_{what}_worst']:.0f})"
            for name in (_OURS, _CORES)
        )
        print(f"  {title}: {both}; median difference {figures[f'difference_{what}_median']:+.0f} ms")
    for index, seconds in enumerate(figures["away_seconds"]):
        both = ", ".join(f"{name} {figures[f'{name}_back_seconds'][index]:.1f} s" for name in (_OURS, _CORES))
        print(f"  after {seconds:g} s away, listened to again in: {both}")
    if figures["satellites"]:
        for name in (_OURS, _CORES):
            print(
                f"  memory of a further satellite: {name} {figures[f'{name}_in_use_mib']:.2f} MiB in use, "
                f"{figures[f'{name}_rss_mib']:.2f} of the process; after it was removed "
                f"{figures[f'{name}_left_in_use_mib']:.2f} and {figures[f'{name}_left_rss_mib']:.2f}"
            )


def main() -> None:
    """Measure and print."""
    parser = argument_parser(__doc__)
    parser.add_argument("--pairs", type=int, default=12)
    parser.add_argument("--away", type=float, nargs="*", default=[5.3, 45.7], help="seconds")
    parser.add_argument("--satellites", type=int, default=8, help="further ones for memory; 0 leaves it out")
    arguments = parser.parse_args()
    figures = asyncio.run(
        _measure(pairs=arguments.pairs, away=arguments.away, satellites=arguments.satellites)
    )
    if arguments.json:
        print_json({"machine": machine(), **figures})
    else:
        print_machine(machine())
        _print(figures)


if __name__ == "__main__":
    main()
