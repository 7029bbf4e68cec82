"""The connection to a satellite over real sockets, with peers that behave and peers that do not."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
import contextlib
from dataclasses import dataclass, field
from itertools import pairwise
import json
import math
import struct
from typing import Any

import pytest
from wyoming.audio import AudioChunk, AudioStop
from wyoming.event import Event, async_read_event, async_write_event
from wyoming.info import Attribution, Describe, Info, Satellite
from wyoming.ping import Ping, Pong
from wyoming.pipeline import PipelineStage, RunPipeline
from wyoming.satellite import RunSatellite
from wyoming.snd import Played
from wyoming.wake import Detection

from custom_components.voice_privacy.satellites import wyoming_connection as wyoming_link
from custom_components.voice_privacy.satellites.wyoming_connection import (
    CannotConnect,
    NotASatellite,
    WyomingLink,
    async_probe,
)
from custom_components.voice_privacy.satellites.wyoming_events import SatelliteInfo

pytestmark = pytest.mark.usefixtures("socket_enabled")

INFO = Info(
    satellite=Satellite(
        name="kitchen",
        attribution=Attribution(name="", url=""),
        installed=True,
        description="kitchen",
        version="1",
        has_vad=True,
    )
).event()


@dataclass
class Listener:
    """Write down what the link tells."""

    told: list[tuple[str, Any]] = field(default_factory=list)
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    def _tell(self, what: str, value: Any = None) -> None:
        self.told.append((what, value))
        self.changed.set()

    async def wait_for(self, what: str, count: int = 1) -> Any:
        """Wait until it has been told so many times; return the last value."""
        async with asyncio.timeout(15):
            while len(found := [value for told, value in self.told if told == what]) < count:
                self.changed.clear()
                await self.changed.wait()
        return found[-1]

    def on_connected(self, info: SatelliteInfo) -> None:
        self._tell("connected", info)

    def on_disconnected(self) -> None:
        self._tell("disconnected")

    def on_audio(self, pcm: bytes) -> None:
        self._tell("audio", pcm)

    def on_audio_stopped(self) -> None:
        self._tell("audio_stopped")

    def on_wake(self, name: str | None) -> None:
        self._tell("wake", name)

    def on_run_pipeline(self, start_stage: PipelineStage, wake_word: str | None) -> None:
        self._tell("run_pipeline", (start_stage, wake_word))

    def on_played(self) -> None:
        self._tell("played")


type Behavior = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@contextlib.asynccontextmanager
async def peer(behave: Behavior) -> AsyncIterator[int]:
    """Serve on a free port; the behavior runs for each connection after it was described."""
    tasks: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        try:
            event = await async_read_event(reader)
            assert event is not None
            assert Describe.is_type(event.type)
            await async_write_event(INFO, writer)
            await behave(reader, writer)
        except ConnectionError, asyncio.IncompleteReadError:
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@contextlib.asynccontextmanager
async def link_to(port: int, listener: Listener) -> AsyncIterator[WyomingLink]:
    """Run a link."""
    link = WyomingLink("127.0.0.1", port, listener)
    task = asyncio.create_task(link.async_run())
    try:
        yield link
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def answer_pings(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Behave."""
    while (event := await async_read_event(reader)) is not None:
        if Ping.is_type(event.type):
            await async_write_event(Pong(text=Ping.from_event(event).text).event(), writer)


BACKOFF = wyoming_link._BACKOFF_SECONDS


@pytest.fixture(autouse=True)
def quick_backoff(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reconnect without delay."""
    monkeypatch.setattr(wyoming_link, "_BACKOFF_SECONDS", (0.01,))


async def test_a_satellite_that_was_away_for_minutes_is_connected_within_three_seconds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """With a clock of its own: every attempt fails after the time that it is given."""
    monkeypatch.setattr(wyoming_link, "_BACKOFF_SECONDS", BACKOFF)
    now, attempts, enough = 0.0, [0.0], asyncio.Event()
    timeout, sleep = asyncio.timeout, asyncio.sleep

    async def fail(*_: object) -> Any:
        raise ConnectionRefusedError

    async def pass_time(seconds: float) -> None:
        nonlocal now
        now += seconds
        attempts.append(now)
        if now > 900:
            enough.set()
            await sleep(3600)
        await sleep(0)

    monkeypatch.setattr("asyncio.open_connection", fail)
    link = WyomingLink("127.0.0.1", 1, Listener())
    with monkeypatch.context() as clock:
        clock.setattr("asyncio.sleep", pass_time)
        task = asyncio.create_task(link.async_run())
        async with timeout(10):
            await enough.wait()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    gaps = [later - earlier for earlier, later in pairwise(attempts) if later < 240]
    assert max(gaps) <= 2
    # A satellite that is gone for good is not asked for ever.
    assert attempts[-1] - attempts[-2] == 30


async def test_hands_on_what_a_satellite_says() -> None:
    async def behave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for event in (
            RunPipeline(start_stage=PipelineStage.WAKE, end_stage=PipelineStage.TTS).event(),
            AudioChunk(rate=16_000, width=2, channels=1, audio=b"\1\2" * 160).event(),
            Event(type="something-of-tomorrow"),
            Detection(name="alexa").event(),
            AudioStop().event(),
            Played().event(),
        ):
            await async_write_event(event, writer)
        await answer_pings(reader, writer)

    listener = Listener()
    async with peer(behave) as port, link_to(port, listener):
        await listener.wait_for("played")
    assert listener.told[0] == (
        "connected",
        SatelliteInfo(name="kitchen", has_vad=True, detects_wake_word=False, model="kitchen", version="1"),
    )
    assert listener.told[1:6] == [
        ("run_pipeline", (PipelineStage.WAKE, None)),
        ("audio", b"\1\2" * 160),
        ("wake", "alexa"),
        ("audio_stopped", None),
        ("played", None),
    ]


async def test_orders_arrive_in_order_and_pings_are_answered() -> None:
    received: asyncio.Queue[Event] = asyncio.Queue()

    async def behave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await async_write_event(Ping(text="hello").event(), writer)
        while (event := await async_read_event(reader)) is not None:
            if not (Ping.is_type(event.type) and event.data.get("text") == "voice_privacy"):
                await received.put(event)

    listener = Listener()
    async with peer(behave) as port, link_to(port, listener) as link:
        await listener.wait_for("connected")
        sent = [RunSatellite().event(), Detection(name="a").event(), Detection(name="b").event()]
        assert link.send(*sent)
        async with asyncio.timeout(5):
            got = [await received.get() for _ in range(4)]
    assert [event.type for event in got if not Pong.is_type(event.type)] == [event.type for event in sent]
    assert [event.data["text"] for event in got if Pong.is_type(event.type)] == ["hello"]
    assert not link.send(RunSatellite().event())


def _sine(rate: int, width: int, channels: int) -> bytes:
    """Return a second of 440 Hz, the same in every channel."""
    peak = (1 << (8 * width - 1)) * 0.5
    frames = []
    for i in range(rate):
        sample = round(peak * math.sin(2 * math.pi * 440 * i / rate))
        # Eight bits are unsigned in WAV and in Wyoming, all others signed.
        raw = (sample + 128).to_bytes(1) if width == 1 else sample.to_bytes(width, "little", signed=True)
        frames.append(raw * channels)
    return b"".join(frames)


@pytest.mark.parametrize(
    ("rate", "width", "channels"),
    [
        (8_000, 2, 1),
        (16_000, 1, 1),
        (16_000, 3, 2),
        (22_050, 2, 1),
        (44_100, 2, 2),
        (48_000, 4, 2),
        (48_000, 2, 6),
        (96_000, 3, 1),
    ],
)
async def test_every_format_is_converted(rate: int, width: int, channels: int) -> None:
    sine = _sine(rate, width, channels)
    step = rate // 50 * width * channels

    async def behave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for start in range(0, len(sine), step):
            chunk = AudioChunk(rate=rate, width=width, channels=channels, audio=sine[start : start + step])
            await async_write_event(chunk.event(), writer)
        await async_write_event(Played().event(), writer)
        await answer_pings(reader, writer)

    listener = Listener()
    async with peer(behave) as port, link_to(port, listener):
        await listener.wait_for("played")
    pcm = b"".join(value for told, value in listener.told if told == "audio")
    samples = struct.unpack(f"<{len(pcm) // 2}h", pcm)
    assert len(samples) == pytest.approx(16_000, abs=60)
    crossings = sum(a < 0 <= b for a, b in pairwise(samples))
    assert crossings == pytest.approx(440, abs=3)
    assert max(samples) == pytest.approx(16_384, rel=0.06)


def _header(**header: Any) -> bytes:
    return json.dumps(header).encode() + b"\n"


GARBAGE = {
    "binary": b"\xff\xfe\x00\x01" * 100 + b"\n",
    "not an object": b"[1, 2, 3]\n",
    "a string": b'"describe"\n',
    "no type": _header(data={}),
    "length is text": _header(type="ping", data_length="ten"),
    "a payload of 10 GB": _header(type="audio-chunk", payload_length=10_000_000_000),
    "data of 10 GB": _header(type="ping", data_length=10_000_000_000),
    "an endless line": b"{" * 300_000,
    "nested for ever": b"[" * 60_000 + b"\n",
    "chunk without format": _header(type="audio-chunk", payload_length=4) + b"1234",
    "no rate at all": _header(
        type="audio-chunk", data={"rate": 0, "width": 2, "channels": 1}, payload_length=4
    )
    + b"1234",
    "format of text": _header(
        type="audio-chunk", data={"rate": "fast", "width": 2, "channels": 1}, payload_length=4
    )
    + b"1234",
    "unknown stage": _header(type="run-pipeline", data={"start_stage": "x", "end_stage": "y"}),
    "end of stream": b"",
}


@pytest.mark.parametrize("garbage", GARBAGE.values(), ids=GARBAGE.keys())
async def test_garbage_costs_the_connection_and_a_new_one_follows(garbage: bytes) -> None:
    connections = 0

    async def behave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        if connections == 1:
            writer.write(garbage)
            await writer.drain()
            if not garbage:
                return
        await answer_pings(reader, writer)

    listener = Listener()
    async with peer(behave) as port, link_to(port, listener) as link:
        await listener.wait_for("connected", count=2)
        assert link.connected
    assert [told for told, _ in listener.told if told != "audio"][:3] == [
        "connected",
        "disconnected",
        "connected",
    ]


async def test_a_stalled_satellite_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wyoming_link, "_SILENCE_TIMEOUT", 0.2)
    stop = asyncio.Event()

    async def behave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await stop.wait()

    listener = Listener()
    async with peer(behave) as port, link_to(port, listener):
        await listener.wait_for("connected", count=2)
    assert ("disconnected", None) in listener.told


async def test_a_stalled_satellite_is_given_up_although_its_kernel_takes_orders(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(wyoming_link, "_SILENCE_TIMEOUT", 1.0)
    monkeypatch.setattr(wyoming_link, "_LOOK_INTERVAL", 0.1)
    stop = asyncio.Event()

    async def behave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await stop.wait()

    async def give_orders(link: WyomingLink) -> None:
        while True:
            link.send(RunSatellite().event())
            await asyncio.sleep(0.5)

    listener = Listener()
    async with peer(behave) as port, link_to(port, listener) as link:
        await listener.wait_for("connected")
        giving = asyncio.create_task(give_orders(link))
        await listener.wait_for("connected", count=2)
        giving.cancel()
    assert ("disconnected", None) in listener.told


async def test_a_satellite_that_does_not_read_is_dropped() -> None:
    stop = asyncio.Event()

    async def behave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await stop.wait()

    listener = Listener()
    async with peer(behave) as port, link_to(port, listener) as link:
        await listener.wait_for("connected")
        chunk = AudioChunk(rate=16_000, width=2, channels=1, audio=bytes(32_000)).event()
        sent = 0
        while link.send(chunk):
            sent += 1
            assert sent < 1_500
        await listener.wait_for("disconnected")
        await listener.wait_for("connected", count=2)


async def test_a_flood_is_thrown_away_and_does_not_delay_what_follows() -> None:
    """A minute of audio in one go: some seconds are listened to, and the next word comes at once."""
    chunk = AudioChunk(rate=16_000, width=2, channels=1, audio=bytes(3_200)).event()
    loop = asyncio.get_running_loop()
    flooded = loop.create_future()
    go_on = asyncio.Event()

    async def behave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for _ in range(600):
            await async_write_event(chunk, writer)
        await async_write_event(Played().event(), writer)
        flooded.set_result(None)
        await go_on.wait()
        last = AudioChunk(rate=16_000, width=2, channels=1, audio=b"\1\1" * 160)
        await async_write_event(last.event(), writer)
        await async_write_event(AudioStop().event(), writer)
        await answer_pings(reader, writer)

    listener, other = Listener(), Listener()
    async with (
        peer(behave) as port,
        peer(answer_pings) as other_port,
        link_to(port, listener),
        link_to(other_port, other) as other_link,
    ):
        started = loop.time()
        await listener.wait_for("played")
        elapsed = loop.time() - started
        heard = sum(len(value) for told, value in listener.told if told == "audio") / 32_000
        assert 4 <= heard <= 5 + 1.25 * (elapsed + 0.2)
        # Read no faster than twenty seconds of it in a second.
        assert elapsed >= (60 - 5) / 20 - 0.1
        assert other_link.connected
        go_on.set()
        await listener.wait_for("audio_stopped")
        assert listener.told[-2:] == [("audio", b"\1\1" * 160), ("audio_stopped", None)]


async def test_a_flood_of_tiny_events_is_slowed_down_too() -> None:
    async def behave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for number in range(100_000):
            await async_write_event(Played().event(), writer)
            if not number % 100:
                # Whoever floods is another process: it does not hold this one up.
                await asyncio.sleep(0)

    listener = Listener()
    async with peer(behave) as port, link_to(port, listener):
        await listener.wait_for("played", count=300)
        assert sum(told == "played" for told, _ in listener.told) < 1_500


async def test_probe_says_who_answers() -> None:
    async with peer(answer_pings) as port:
        info = await async_probe("127.0.0.1", port)
    assert (info.name, info.has_vad) == ("kitchen", True)


async def test_probe_refuses_what_is_no_satellite() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await async_read_event(reader)
        await async_write_event(Info().event(), writer)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    with pytest.raises(NotASatellite):
        await async_probe("127.0.0.1", port)
    server.close()
    with pytest.raises(CannotConnect):
        await async_probe("127.0.0.1", port)


async def test_probe_refuses_a_web_server() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    with pytest.raises(NotASatellite):
        await async_probe("127.0.0.1", server.sockets[0].getsockname()[1])
    server.close()
