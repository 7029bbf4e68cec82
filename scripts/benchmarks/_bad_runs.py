"""Pipeline runs that end badly, through Home Assistant's websocket as apps and browsers make them."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
import contextlib
import itertools

from dev.rig.ha_client import EventStream, HomeAssistantClient
from dev.rig.voices import BYTES_PER_SECOND, room_noise

_CHUNK = 2_048
_LOUD_DBFS = -25.0


def _noise(seconds: float) -> bytes:
    """Return noise as loud as speech."""
    return room_noise(int(seconds * BYTES_PER_SECOND) // 2, level_dbfs=_LOUD_DBFS).tobytes()


@contextlib.asynccontextmanager
async def _run(client: HomeAssistantClient, pipeline_id: str) -> AsyncGenerator[tuple[int, EventStream]]:
    """Start a run; yield where its audio goes, and its events. It is cancelled at the end."""
    async with client.subscribe(
        "assist_pipeline/run",
        pipeline=pipeline_id,
        start_stage="stt",
        end_stage="intent",
        input={"sample_rate": 16_000, "no_vad": True},
    ) as events:
        start = await events.next(lambda event: bool(event["type"] == "run-start"))
        await events.next(lambda event: bool(event["type"] == "stt-start"))
        yield start["data"]["runner_data"]["stt_binary_handler_id"], events


async def _send(client: HomeAssistantClient, handler: int, pcm: bytes) -> None:
    for at in range(0, len(pcm), _CHUNK):
        await client.send_binary(handler, pcm[at : at + _CHUNK])


async def _cancelled(client: HomeAssistantClient, pipeline_id: str) -> None:
    """The user closes the dialog while speaking."""
    async with _run(client, pipeline_id) as (handler, _):
        await _send(client, handler, _noise(0.5))


async def _held_up(client: HomeAssistantClient, pipeline_id: str) -> None:
    """The audio stops coming; after a while the app gives up."""
    async with _run(client, pipeline_id) as (handler, _):
        await _send(client, handler, _noise(0.3))
        await asyncio.sleep(0.3)


async def _dropped(client: HomeAssistantClient, pipeline_id: str) -> None:
    """The connection is lost in mid-word."""
    async with (
        HomeAssistantClient(client.url, client.token) as other,
        _run(other, pipeline_id) as (handler, _),
    ):
        await _send(other, handler, _noise(0.3))
        await other.close()


async def _talker(client: HomeAssistantClient, pipeline_id: str) -> None:
    """Somebody talks for longer than is held."""
    async with _run(client, pipeline_id) as (handler, events):
        await _send(client, handler, _noise(31))
        await client.send_binary(handler, b"")
        await events.next(lambda event: bool(event["type"] == "run-end"), timeout=30)


_KINDS: tuple[Callable[[HomeAssistantClient, str], Awaitable[None]], ...] = (
    _cancelled,
    _held_up,
    _dropped,
    _talker,
)


async def run_badly(client: HomeAssistantClient, pipeline_id: str, count: int) -> None:
    """Have so many runs end badly, of all kinds in turn."""
    for kind in itertools.islice(itertools.cycle(_KINDS), count):
        with contextlib.suppress(ConnectionError):
            await kind(client, pipeline_id)
