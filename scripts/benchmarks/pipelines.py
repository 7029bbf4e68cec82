"""What a speech-to-text proxy adds to its engine, and what 200 runs leave behind, in a real Home Assistant."""

import asyncio
from pathlib import Path
import statistics
import tempfile
import time
from typing import Final

import aiohttp

from scripts.benchmarks import argument_parser, machine, print_json, print_machine
from tests.e2e.rig.flows import run_subentry_flow
from tests.e2e.rig.furnish import DOMAIN, add_integration, choose_pipelines, entity_ids, use_speech_servers
from tests.e2e.rig.house import House
from tests.e2e.rig.speech_servers import SttServer, TtsServer
from tests.e2e.rig.voices import synthesize, with_room_noise

_HEADERS: Final = {
    "X-Speech-Content": "format=wav; codec=pcm; sample_rate=16000; bit_rate=16; channel=1; language=en"
}


class _AtOnce:
    """An engine that takes no time, so that nothing hides what the proxy takes."""

    name = "at_once"

    async def transcribe(self, pcm: bytes) -> str:
        """Return always the same."""
        return "what time is it"

    async def close(self) -> None:
        """Nothing to let go of."""


async def _transcribe(session: aiohttp.ClientSession, url: str, audio: bytes) -> float:
    """Have a clip transcribed; return the milliseconds from its last byte to its transcript."""
    sent = 0.0

    async def body() -> object:
        nonlocal sent
        for start in range(0, len(audio), 4096):
            yield audio[start : start + 4096]
        sent = time.perf_counter()

    async with session.post(url, data=body(), headers=_HEADERS) as response:
        answer = await response.json()
    if answer["text"] != "what time is it":
        raise RuntimeError(f"the engine answers {answer}")
    return (time.perf_counter() - sent) * 1_000


def _resources(pid: int) -> tuple[int, int]:
    """Return threads and resident kilobytes of a process."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    fields = dict(line.split(":", 1) for line in lines)
    return int(fields["Threads"]), int(fields["VmRSS"].split()[0])


async def _measure(rounds: int) -> dict[str, float]:
    """Alternate between the engine and its proxy."""
    stt, tts = SttServer(_AtOnce()), TtsServer()
    await stt.start()
    await tts.start()
    with tempfile.TemporaryDirectory() as folder:
        house = House(Path(folder))
        try:
            await house.start()
            client = house.client
            await use_speech_servers(client, stt_port=stt.port, tts_port=tts.port)
            listed = await client.command("assist_pipeline/pipeline/list")
            pipeline = listed["pipelines"][0]
            entry_id = await add_integration(client)
            await choose_pipelines(client, entry_id, [pipeline["id"]])
            await run_subentry_flow(
                client, entry_id, "assist_satellite", {"source": "api", "save_recordings": "yes"}
            )
            await client.wait_for_state("sensor.speech_to_text_api_recordings", "0", timeout=30)
            ids = await entity_ids(client, platform=DOMAIN)
            proxy = next(entity_id for entity_id in ids.values() if entity_id.startswith("stt."))
            audio = with_room_noise((await synthesize("what time is it")).pcm)
            bare_url, proxy_url = (
                f"{house.url}/api/stt/{engine}" for engine in (pipeline["stt_engine"], proxy)
            )
            async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {house.token}"}) as session:
                for url in (bare_url, proxy_url) * 10:
                    await _transcribe(session, url, audio)
                before = _resources(house.pid)
                bare, through = [], []
                for _ in range(rounds):
                    bare.append(await _transcribe(session, bare_url, audio))
                    through.append(await _transcribe(session, proxy_url, audio))
                await client.wait_for_state(
                    "sensor.speech_to_text_api_recordings", str(rounds + 10), timeout=60
                )
                after = _resources(house.pid)
        finally:
            await house.stop()
            await stt.stop()
            await tts.stop()
    return {
        "rounds": rounds,
        "bare_median_ms": statistics.median(bare),
        "proxy_median_ms": statistics.median(through),
        "added_median_ms": statistics.median(b - a for a, b in zip(bare, through, strict=True)),
        "threads_before": before[0],
        "threads_after": after[0],
        "rss_growth_kb": after[1] - before[1],
    }


def main() -> None:
    """Measure and print."""
    parser = argument_parser(__doc__)
    parser.add_argument("--rounds", type=int, default=200)
    arguments = parser.parse_args()
    figures = asyncio.run(_measure(arguments.rounds))
    about = machine()
    if arguments.json:
        print_json({"machine": about, **figures})
        return
    print_machine(about)
    for name, figure in figures.items():
        print(f"{name:18} {figure:.2f}")


if __name__ == "__main__":
    main()
