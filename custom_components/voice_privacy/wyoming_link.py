"""The TCP connection to one Wyoming satellite: kept up for as long as it takes, and never trusted.

Home Assistant is the client of a satellite. Whatever a satellite sends - garbage, a flood, nothing at
all - costs that satellite its connection and nobody else anything.
"""

import asyncio
from collections.abc import Callable
import contextlib
from dataclasses import dataclass
import logging
import time
from typing import Final, Protocol

from wyoming.audio import AudioChunk, AudioChunkConverter, AudioStop
from wyoming.event import Event, async_read_event, async_write_event
from wyoming.info import Describe, Info
from wyoming.ping import Ping, Pong
from wyoming.pipeline import PipelineStage, RunPipeline
from wyoming.snd import Played
from wyoming.wake import Detection

from .core.audio import CHANNELS, SAMPLE_RATE, SAMPLE_WIDTH

_LOGGER = logging.getLogger(__name__)

CONNECT_TIMEOUT: Final = 5.0
"""Seconds to open a connection, and again to learn who answers."""

_PING_INTERVAL: Final = 2.0
_SILENCE_TIMEOUT: Final = 7.0
"""Seconds without any event, pongs included, after which a satellite counts as gone."""

_BACKOFF_SECONDS: Final = (1, 2, 4, 8, 15, 30)

_MAX_EVENT_BYTES: Final = 1 << 20
"""Longest data or payload of one event: 30 seconds of our own format."""

_QUEUED_EVENTS: Final = 256

_EVENT_COST_SECONDS: Final = 0.02
"""What an event is worth at least, so that a flood of tiny ones is slowed down as well."""

_READ_RATE: Final = 20.0
"""Seconds of audio that are read from a satellite in a second; faster ones wait in their own socket."""

_KEEP_RATE: Final = 1.25
"""Seconds of audio that are listened to in a second: the speed of sound, and a clock that is off."""

_FLOW_BURST_SECONDS: Final = 5.0
"""Audio that may come at once, as after a network that has stalled."""

_MALFORMED: Final = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    RecursionError,
    TypeError,
    ValueError,
)
"""What reading an event raises when its bytes make no sense."""


class CannotConnect(Exception):
    """Nothing answers at that host and port."""


class NotASatellite(Exception):
    """Something answers, but it is no Wyoming satellite."""


class _ProtocolError(Exception):
    """The satellite sent what no satellite sends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SatelliteInfo:
    """What a satellite says of itself."""

    name: str
    has_vad: bool
    """It sends audio only while it believes that somebody speaks."""

    detects_wake_word: bool
    """It finds wake words by itself and sends audio only after one."""

    model: str | None
    """Name of its program."""

    version: str | None


class LinkListener(Protocol):
    """What a connection tells its satellite; all calls come from the event loop."""

    def on_connected(self, info: SatelliteInfo) -> None:
        """The satellite answers."""

    def on_disconnected(self) -> None:
        """The satellite is gone; a new connection is being tried."""

    def on_audio(self, pcm: bytes) -> None:
        """Mono PCM arrived, 16-bit, 16 kHz."""

    def on_audio_stopped(self) -> None:
        """The satellite says that its audio has ended."""

    def on_wake(self, name: str | None) -> None:
        """The satellite itself found a wake word."""

    def on_run_pipeline(self, start_stage: PipelineStage, wake_word: str | None) -> None:
        """The satellite announces what its audio is for."""

    def on_played(self) -> None:
        """The satellite has finished playing what it was sent."""


class _BoundedReader:
    """Refuse events that claim to be longer than any event is."""

    def __init__(self, reader: asyncio.StreamReader) -> None:
        self._reader = reader

    async def readline(self) -> bytes:
        return await self._reader.readline()

    async def readexactly(self, n: int) -> bytes:
        if n > _MAX_EVENT_BYTES:
            raise _ProtocolError
        return await self._reader.readexactly(n)


class _Bucket:
    """How far a satellite is ahead of a rate."""

    def __init__(self, rate: float, now: float) -> None:
        self._rate = rate
        self._level = 0.0
        self._then = now

    def excess(self, seconds: float, now: float) -> float:
        """Return how many seconds of audio it would be over its burst with so many more."""
        self._level = max(0.0, self._level - (now - self._then) * self._rate)
        self._then = now
        return self._level + seconds - _FLOW_BURST_SECONDS

    def add(self, seconds: float) -> None:
        """Take so many seconds of audio."""
        self._level += seconds


class _FlowControl:
    """Listen to what comes at the speed of sound, throw away what is too much, and read no faster than that.

    Audio that waited would be heard late, long after the flood, and so would everything said meanwhile.
    """

    def __init__(self, now: float) -> None:
        self._kept = _Bucket(_KEEP_RATE, now)
        self._read = _Bucket(_READ_RATE, now)

    def keeps(self, seconds: float, now: float) -> bool:
        """Return whether so many seconds of audio are to be listened to."""
        if self._kept.excess(seconds, now) > 0:
            return False
        self._kept.add(seconds)
        return True

    def delay(self, seconds: float, now: float) -> float:
        """Return how long to leave the socket unread after an event worth this many seconds."""
        excess = self._read.excess(seconds, now)
        self._read.add(seconds)
        return max(0.0, excess) / _READ_RATE


class _Converter:
    """Bring a satellite's audio into our one format."""

    def __init__(self) -> None:
        self._converter = AudioChunkConverter(rate=SAMPLE_RATE, width=SAMPLE_WIDTH, channels=CHANNELS)

    def convert(self, chunk: AudioChunk) -> bytes:
        """Return 16 kHz, 16-bit mono PCM."""
        if not (4_000 <= chunk.rate <= 384_000 and 1 <= chunk.width <= 4 and 1 <= chunk.channels <= 16):
            raise _ProtocolError
        frame = chunk.width * chunk.channels
        if len(chunk.audio) % frame:
            raise _ProtocolError
        if chunk.channels > 1:
            # The library adds two channels up, which clips, and knows no more than two. Where channels
            # differ, as in arrays of microphones, the first is the one meant to be heard.
            audio = b"".join(
                chunk.audio[start : start + chunk.width] for start in range(0, len(chunk.audio), frame)
            )
            chunk = AudioChunk(rate=chunk.rate, width=chunk.width, channels=1, audio=audio)
        return self._converter.convert(chunk).audio


def _satellite_info(info: Info) -> SatelliteInfo:
    """Read what we need from a satellite's answer."""
    satellite = info.satellite
    if satellite is None:
        raise NotASatellite
    return SatelliteInfo(
        name=satellite.name,
        has_vad=bool(satellite.has_vad),
        detects_wake_word=bool(satellite.active_wake_words or satellite.max_active_wake_words or info.wake),
        model=satellite.description or None,
        version=satellite.version or None,
    )


async def _async_read(reader: _BoundedReader) -> Event:
    """Return the next event or raise that there is none."""
    try:
        event = await async_read_event(reader)  # type: ignore[arg-type]
    except _MALFORMED as err:
        raise _ProtocolError from err
    if event is None:
        # The library answers None both at the end of a stream and for JSON that is none.
        raise EOFError
    return event


async def _async_describe(reader: _BoundedReader, writer: asyncio.StreamWriter) -> SatelliteInfo:
    """Ask who is there; events that are no answer are passed over."""
    await async_write_event(Describe().event(), writer)
    while True:
        event = await _async_read(reader)
        if Info.is_type(event.type):
            try:
                return _satellite_info(Info.from_event(event))
            except _MALFORMED as err:
                raise _ProtocolError from err


async def _async_close(writer: asyncio.StreamWriter) -> None:
    """Close a connection without waiting for a peer that does not answer."""
    writer.close()
    with contextlib.suppress(OSError, TimeoutError):
        async with asyncio.timeout(1):
            await writer.wait_closed()


async def async_probe(host: str, port: int) -> SatelliteInfo:
    """Connect once and ask who is there.

    Raises CannotConnect or NotASatellite.
    """
    try:
        async with asyncio.timeout(CONNECT_TIMEOUT):
            reader, writer = await asyncio.open_connection(host, port)
    except (OSError, TimeoutError, ValueError) as err:
        raise CannotConnect from err
    try:
        async with asyncio.timeout(CONNECT_TIMEOUT):
            return await _async_describe(_BoundedReader(reader), writer)
    except (EOFError, OSError, TimeoutError, _ProtocolError) as err:
        raise NotASatellite from err
    finally:
        await _async_close(writer)


class WyomingLink:
    """One satellite's connection. It belongs to the event loop."""

    def __init__(self, host: str, port: int, listener: LinkListener) -> None:
        """Prepare a connection; async_run opens it."""
        self._host = host
        self._port = port
        self._listener = listener
        self._outbox: asyncio.Queue[Event] | None = None
        self._drop: Callable[[], None] | None = None
        self._logged_unavailable = False
        self._attempts = 0

    @property
    def connected(self) -> bool:
        """Whether the satellite answers right now."""
        return self._outbox is not None

    def send(self, *events: Event) -> bool:
        """Queue events in order; return False when there is nobody to send them to.

        A satellite that does not read is dropped rather than buffered for.
        """
        if self._outbox is None:
            return False
        try:
            for event in events:
                self._outbox.put_nowait(event)
        except asyncio.QueueFull:
            self.drop()
            return False
        return True

    async def async_send(self, event: Event) -> bool:
        """Queue an event, waiting for the satellite to take earlier ones."""
        if (outbox := self._outbox) is None:
            return False
        await outbox.put(event)
        return self._outbox is outbox

    def drop(self) -> None:
        """Close the connection and start anew."""
        if self._drop is not None:
            self._drop()

    async def async_run(self) -> None:
        """Stay connected until cancelled."""
        while True:
            try:
                await self._async_connect_once()
            except (EOFError, NotASatellite, OSError, TimeoutError, ValueError, _ProtocolError) as err:
                if not self._logged_unavailable:
                    self._logged_unavailable = True
                    _LOGGER.info(
                        "Lost the satellite at %s:%s: %s", self._host, self._port, type(err).__name__
                    )
            delay = _BACKOFF_SECONDS[min(self._attempts, len(_BACKOFF_SECONDS) - 1)]
            self._attempts += 1
            await asyncio.sleep(delay)

    async def _async_connect_once(self) -> None:
        """Connect, serve the connection until it ends, and tell the listener of both."""
        async with asyncio.timeout(CONNECT_TIMEOUT):
            raw_reader, writer = await asyncio.open_connection(self._host, self._port)
        reader = _BoundedReader(raw_reader)
        try:
            async with asyncio.timeout(CONNECT_TIMEOUT):
                info = await _async_describe(reader, writer)
            outbox = self._outbox = asyncio.Queue(_QUEUED_EVENTS)
            if self._logged_unavailable:
                _LOGGER.info("The satellite at %s:%s is back", self._host, self._port)
                self._logged_unavailable = False
            self._listener.on_connected(info)
            try:
                await self._async_serve(reader, writer, outbox)
            finally:
                self._outbox = None
                self._drop = None
                # A producer that waits for room must not wait for ever.
                while not outbox.empty():
                    outbox.get_nowait()
                self._listener.on_disconnected()
        finally:
            await _async_close(writer)

    async def _async_serve(
        self, reader: _BoundedReader, writer: asyncio.StreamWriter, outbox: asyncio.Queue[Event]
    ) -> None:
        """Read, write and ping until one of the three gives up."""
        loop = asyncio.get_running_loop()
        dropped: asyncio.Future[None] = loop.create_future()

        def drop() -> None:
            if not dropped.done():
                dropped.set_exception(ConnectionAbortedError())

        self._drop = drop
        tasks: list[asyncio.Future[None]] = [
            dropped,
            loop.create_task(self._async_read_events(reader), name="voice_privacy_read"),
            loop.create_task(self._async_write_events(writer, outbox), name="voice_privacy_write"),
            loop.create_task(self._async_ping(), name="voice_privacy_ping"),
        ]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _async_read_events(self, reader: _BoundedReader) -> None:
        """Hand the satellite's events on; a satellite that is too fast is read slower."""
        converter = _Converter()
        flow = _FlowControl(time.monotonic())
        while True:
            async with asyncio.timeout(_SILENCE_TIMEOUT):
                event = await _async_read(reader)
            # It talks: the next loss starts with short waits again.
            self._attempts = 0
            try:
                seconds = self._handle(event, converter, flow)
            except _MALFORMED as err:
                raise _ProtocolError from err
            if delay := flow.delay(max(seconds, _EVENT_COST_SECONDS), time.monotonic()):
                await asyncio.sleep(delay)

    def _handle(self, event: Event, converter: _Converter, flow: _FlowControl) -> float:
        """Hand one event on, unless it is part of a flood; return the seconds of audio in it."""
        listener = self._listener
        if AudioChunk.is_type(event.type):
            chunk = AudioChunk.from_event(event)
            seconds = chunk.seconds
            if flow.keeps(seconds, time.monotonic()):
                listener.on_audio(converter.convert(chunk))
            return seconds
        if Detection.is_type(event.type):
            listener.on_wake(Detection.from_event(event).name)
        elif RunPipeline.is_type(event.type):
            run = RunPipeline.from_event(event)
            listener.on_run_pipeline(run.start_stage, run.wake_word_name)
        elif AudioStop.is_type(event.type):
            listener.on_audio_stopped()
        elif Played.is_type(event.type):
            listener.on_played()
        elif Ping.is_type(event.type):
            self.send(Pong(text=Ping.from_event(event).text).event())
        return 0.0

    async def _async_write_events(self, writer: asyncio.StreamWriter, outbox: asyncio.Queue[Event]) -> None:
        """Send what is queued, in order."""
        while True:
            event = await outbox.get()
            async with asyncio.timeout(_SILENCE_TIMEOUT):
                await async_write_event(event, writer)

    async def _async_ping(self) -> None:
        """Make a satellite that has nothing to say show that it is there."""
        while True:
            self.send(Ping(text="voice_privacy").event())
            await asyncio.sleep(_PING_INTERVAL)
