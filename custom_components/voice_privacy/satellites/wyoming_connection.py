"""The TCP connection to one Wyoming satellite: kept up for as long as it takes, and never trusted.

Home Assistant is the client of a satellite. Whatever a satellite sends - garbage, a flood, nothing at
all - costs that satellite its connection and nobody else anything.
"""

import asyncio
from collections.abc import Callable
import contextlib
import logging
import time
from typing import Final, Protocol

from wyoming.audio import AudioChunk, AudioStop
from wyoming.event import Event
from wyoming.info import Describe, Info
from wyoming.ping import Ping, Pong
from wyoming.pipeline import PipelineStage, RunPipeline
from wyoming.snd import Played
from wyoming.wake import Detection

from ..core.budget import TokenBucket
from .wyoming_events import (
    AudioConverter,
    EventReader,
    Pace,
    ProtocolError,
    SatelliteInfo,
    encode,
    is_audio,
    read_audio,
    read_info,
    read_ping,
    read_run,
    read_wake_word,
    seconds_to_play,
)
from .wyoming_outbox import LEAD_SECONDS, Delivery, Outbox

_LOGGER = logging.getLogger(__name__)

CONNECT_TIMEOUT: Final = 5.0
"""Seconds to open a connection, and again to learn who answers."""

_PING_INTERVAL: Final = 2.0
_SILENCE_TIMEOUT: Final = 7.0
"""Seconds without any event, pongs included, after which a satellite counts as gone.

While it takes what it is sent it is there. Where it takes nothing for as long, whatever it says, it counts
as gone as well.
"""

_LOOK_INTERVAL: Final = 1.0
"""How often the connection is looked at."""

_STEADY_SECONDS: Final = 10.0
"""A connection that has held for so long is worth a line in the log, and so is its loss."""

_BACKOFF_SECONDS: Final = (1, 2, 4, 8, 15, 30)

_KEEP_RATE: Final = 1.25
"""Seconds of audio that are listened to in a second: the speed of sound, and a clock that is off.

Audio that waited would be heard late, long after the flood, and so would everything said meanwhile.
"""

_FLOW_BURST_SECONDS: Final = 5.0
"""Audio that may come at once, as after a network that has stalled."""

_WRITE_BUFFER_BYTES: Final = 16_384
"""Bytes that wait behind the outbox: what is in there no order can overtake."""

_LOST: Final = "Lost"

_EXPECTED: Final = (EOFError, OSError, ProtocolError, TimeoutError)
"""How connections end."""


class CannotConnect(Exception):
    """Nothing answers at that host and port."""


class NotASatellite(Exception):
    """Something answers, but it is no Wyoming satellite."""


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


async def _async_describe(reader: EventReader, writer: asyncio.StreamWriter) -> SatelliteInfo:
    """Ask who is there; events that are no answer are passed over. Raises NotASatellite."""
    writer.write(encode(Describe().event()))
    await writer.drain()
    while True:
        event = await reader.next(describing=True)
        if Info.is_type(event.type):
            if (info := read_info(event)) is None:
                raise NotASatellite
            return info


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
    except (OSError, OverflowError, TimeoutError, ValueError) as err:
        raise CannotConnect from err
    try:
        async with asyncio.timeout(CONNECT_TIMEOUT):
            return await _async_describe(EventReader(reader, Pace(_FLOW_BURST_SECONDS)), writer)
    except NotASatellite:
        raise
    except Exception as err:
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
        self._outbox: Outbox | None = None
        self._drop: Callable[[], None] | None = None
        self._logged: set[str] = set()
        self._attempts = 0
        self._heard_at = 0.0
        """When the last event came, monotonic."""

    @property
    def connected(self) -> bool:
        """Whether the satellite answers right now."""
        return self._outbox is not None

    def send(self, *events: Event) -> bool:
        """Queue events in order, audio behind all others; return False when there is nobody to send them to.

        A satellite that does not read is dropped rather than buffered for.
        """
        if (outbox := self._outbox) is None:
            return False
        for event in events:
            if is_audio(event):
                queued = outbox.put_audio(encode(event), seconds_to_play(event))
            else:
                queued = outbox.put_order(encode(event))
            if not queued:
                self.drop()
                return False
        return True

    async def async_send(self, event: Event) -> bool:
        """Queue audio, waiting for the satellite to take what came before."""
        if (outbox := self._outbox) is None:
            return False
        return await outbox.async_put_audio(encode(event), seconds_to_play(event))

    def discard_audio(self) -> None:
        """Send nothing more of the audio that waits."""
        if self._outbox is not None:
            self._outbox.discard_audio()

    def drop(self) -> None:
        """Close the connection and start anew."""
        if self._drop is not None:
            self._drop()

    async def async_run(self) -> None:
        """Stay connected until cancelled, whatever happens."""
        while True:
            try:
                await self._async_connect_once()
            except Exception as err:  # noqa: BLE001
                self._log(_LOST, err, expected=isinstance(err, (NotASatellite, *_EXPECTED)))
            delay = _BACKOFF_SECONDS[min(self._attempts, len(_BACKOFF_SECONDS) - 1)]
            self._attempts += 1
            await asyncio.sleep(delay)

    async def _async_connect_once(self) -> None:
        """Connect, serve the connection until it ends, and tell the listener of both."""
        async with asyncio.timeout(CONNECT_TIMEOUT):
            raw_reader, writer = await asyncio.open_connection(self._host, self._port)
        pace = Pace(_FLOW_BURST_SECONDS)
        reader = EventReader(raw_reader, pace)
        try:
            writer.transport.set_write_buffer_limits(high=_WRITE_BUFFER_BYTES)
            async with asyncio.timeout(CONNECT_TIMEOUT):
                info = await _async_describe(reader, writer)
            outbox = self._outbox = Outbox()
            self._tell(self._listener.on_connected, info)
            try:
                await self._async_serve(reader, pace, writer, outbox)
            finally:
                self._outbox = None
                self._drop = None
                outbox.close()
                self._tell(self._listener.on_disconnected)
        finally:
            await _async_close(writer)

    async def _async_serve(
        self, reader: EventReader, pace: Pace, writer: asyncio.StreamWriter, outbox: Outbox
    ) -> None:
        """Read, write and look after the connection until one of the three gives up."""
        loop = asyncio.get_running_loop()
        dropped: asyncio.Future[None] = loop.create_future()

        def drop() -> None:
            if not dropped.done():
                dropped.set_exception(ConnectionAbortedError())

        self._drop = drop
        self._heard_at = time.monotonic()
        delivery = Delivery(writer, self._heard_at)
        tasks: list[asyncio.Future[None]] = [
            dropped,
            loop.create_task(self._async_read_events(reader, pace), name="voice_privacy_read"),
            loop.create_task(self._async_write_events(delivery, outbox), name="voice_privacy_write"),
            loop.create_task(self._async_look_after(delivery, outbox), name="voice_privacy_look_after"),
        ]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _async_read_events(self, reader: EventReader, pace: Pace) -> None:
        """Hand the satellite's events on."""
        converter = AudioConverter()
        kept = TokenBucket(rate=_KEEP_RATE, burst=_FLOW_BURST_SECONDS, now=time.monotonic())
        while True:
            event = await reader.next()
            # It talks: the next loss starts with short waits again.
            self._attempts = 0
            self._heard_at = time.monotonic()
            if AudioChunk.is_type(event.type):
                chunk = read_audio(event)
                pace.pay_for_audio(chunk.seconds)
                if kept.spend(chunk.seconds, self._heard_at) and (pcm := converter.convert(chunk)):
                    self._tell(self._listener.on_audio, pcm)
            else:
                self._hand_on(event)

    def _hand_on(self, event: Event) -> None:
        """Hand on an event that is no audio. Raises ProtocolError."""
        listener = self._listener
        if Detection.is_type(event.type):
            self._tell(listener.on_wake, read_wake_word(event))
        elif RunPipeline.is_type(event.type):
            self._tell(listener.on_run_pipeline, *read_run(event))
        elif AudioStop.is_type(event.type):
            self._tell(listener.on_audio_stopped)
        elif Played.is_type(event.type):
            self._tell(listener.on_played)
        elif Ping.is_type(event.type):
            self.send(Pong(text=read_ping(event)).event())

    def _tell[*Args](self, tell: Callable[[*Args], None], *args: *Args) -> None:
        """Tell the listener; what it makes of an event must not cost the connection."""
        try:
            tell(*args)
        except Exception as err:  # noqa: BLE001
            self._log("Could not handle an event of", err)

    def _log(self, what: str, err: Exception, *, expected: bool = False) -> None:
        """Log each kind of failure once, without its message: that may hold what was said."""
        kind = type(err).__name__
        once = what if expected else f"{what} {kind}"
        if once in self._logged:
            return
        self._logged.add(once)
        level = logging.INFO if expected else logging.ERROR
        _LOGGER.log(level, "%s the satellite at %s:%s: %s", what, self._host, self._port, kind)

    async def _async_write_events(self, delivery: Delivery, outbox: Outbox) -> None:
        """Send what is queued."""
        while True:
            await delivery.async_write(await outbox.get())

    async def _async_look_after(self, delivery: Delivery, outbox: Outbox) -> None:
        """Make a satellite that has nothing to say show that it is there; give it up when it does not."""
        started = looked_at = held_up_at = time.monotonic()
        asked_at = 0.0
        while True:
            now = time.monotonic()
            if now - looked_at > 2 * _LOOK_INTERVAL:
                # Something else has held everybody up: what has come meanwhile has not been read.
                held_up_at = now
            looked_at = now
            delivery.look(now)
            # What it is still playing may keep it from reading.
            said_or_took_at = max(self._heard_at, delivery.taken_at, outbox.played_at)
            alive_at = max(min(said_or_took_at, delivery.moved_at + LEAD_SECONDS), held_up_at)
            if now - alive_at > _SILENCE_TIMEOUT:
                raise TimeoutError
            answered = asked_at <= self._heard_at
            if now - asked_at >= _PING_INTERVAL and answered and outbox.idle and not delivery.waiting:
                asked_at = now
                outbox.put_order(encode(Ping(text="voice_privacy").event()))
            if now - started > _STEADY_SECONDS and _LOST in self._logged:
                self._logged.discard(_LOST)
                _LOGGER.info("The satellite at %s:%s is back", self._host, self._port)
            await asyncio.sleep(min(_LOOK_INTERVAL, _SILENCE_TIMEOUT / 2))
