"""TCP connection to one Wyoming satellite, with reconnection and limits for untrusted input.

Home Assistant is the client. Malformed events, floods or silence from a satellite end or slow down that
satellite's connection only.
"""

import asyncio
from collections.abc import Callable
import contextlib
from dataclasses import dataclass
import logging
import time
from typing import Final, Protocol

from wyoming.audio import AudioChunk, AudioStart, AudioStop
from wyoming.event import Event
from wyoming.info import Describe, Info
from wyoming.ping import Ping, Pong
from wyoming.pipeline import PipelineStage, RunPipeline
from wyoming.snd import Played
from wyoming.wake import Detection

from ..core.budget import TokenBucket
from ..core.contention import Attempt, Contention
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
"""Seconds to open a connection, and again to receive the satellite's description."""

_PING_INTERVAL: Final = 2.0
_SILENCE_TIMEOUT: Final = 7.0
"""Seconds without any event, pongs included, after which a satellite is considered gone.

It is not considered gone while it accepts data. If it accepts none for that long, it is considered
gone even if it sends events.
"""

_LOOK_INTERVAL: Final = 1.0
"""Seconds between two checks of the connection."""

_STEADY_SECONDS: Final = 10.0
"""Seconds after which a connection is stable, so that its recovery and the next loss are logged."""

_BACKOFF_SECONDS: Final = (1, *(2,) * 150, 4, 8, 15, 30)
"""Seconds between attempts to connect: a satellite that is away for minutes, to restart or to be moved, is
listening within 3 s of its return; after that attempts get rarer."""

_QUICK_CONNECT_TIMEOUT: Final = 2.0
"""Seconds to open a connection while attempts are quick: the kernel repeats a lost packet after 1, 3 and 7 s, and
a fresh attempt is answered sooner."""

_ACCEPT_SECONDS: Final = 0.5
"""Seconds to wait for the answer to a ping before a satellite counts as connected that has turned us away before.

Satellites describe themselves to everybody, and turn a second server away at its next event.
"""

_KEEP_RATE: Final = 1.25
"""Seconds of audio processed per second: real time, plus a margin for clock drift.

Audio that is queued instead of dropped would be heard long after a flood, as would all later speech.
"""

_FLOW_BURST_SECONDS: Final = 5.0
"""Seconds of audio accepted at once, as after a network stall."""

_WRITE_BUFFER_BYTES: Final = 16_384
"""Bytes buffered behind the outbox; commands cannot overtake these."""

_LOST: Final = "Lost"

_EXPECTED: Final = (EOFError, OSError, ProtocolError, TimeoutError)
"""Expected exceptions that end a connection."""


class CannotConnect(Exception):
    """No connection to that host and port is possible."""


class NotASatellite(Exception):
    """The peer is not a Wyoming satellite."""


class LinkListener(Protocol):
    """Callbacks from a connection to its satellite, on the event loop."""

    def on_connected(self, info: SatelliteInfo) -> None:
        """Handle an established connection."""

    def on_disconnected(self) -> None:
        """Handle a lost connection; a new one is being tried."""

    def on_audio(self, pcm: bytes) -> None:
        """Process mono PCM, 16-bit, 16 kHz."""

    def on_audio_stopped(self) -> None:
        """Handle the satellite's end of audio."""

    def on_wake(self, name: str | None) -> None:
        """Handle a wake word that the satellite detected itself."""

    def on_run_pipeline(self, start_stage: PipelineStage, wake_word: str | None) -> None:
        """Handle the announced purpose of the satellite's audio."""

    def on_played(self) -> None:
        """Handle the end of playback."""


async def _async_describe(reader: EventReader, writer: asyncio.StreamWriter) -> SatelliteInfo:
    """Request the satellite's description, ignoring other events. Raises NotASatellite."""
    writer.write(encode(Describe().event()))
    await writer.drain()
    while True:
        event = await reader.next(describing=True)
        if Info.is_type(event.type):
            if (info := read_info(event)) is None:
                raise NotASatellite
            return info


async def _async_close(writer: asyncio.StreamWriter) -> None:
    """Close a connection without waiting long for a peer that does not respond."""
    writer.close()
    with contextlib.suppress(OSError, TimeoutError):
        async with asyncio.timeout(1):
            await writer.wait_closed()


async def async_probe(host: str, port: int) -> SatelliteInfo:
    """Connect once and return the satellite's description.

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


@dataclass(slots=True)
class _Session:
    """Connection that is open."""

    attempt: Attempt
    info: SatelliteInfo
    outbox: Outbox
    announced: bool = False
    """True if the listener knows of it."""


class WyomingLink:
    """Connection to one satellite. It belongs to the event loop."""

    def __init__(self, host: str, port: int, listener: LinkListener) -> None:
        """Set up a connection; async_run opens it."""
        self._host = host
        self._port = port
        self._listener = listener
        self.takes_bursts: Callable[[], bool] = lambda: False
        """Returns whether audio is handed on however fast it comes, as for an utterance of limited length."""

        self.over_budget = False
        """True while audio is handed on that came faster than real time; it is for the utterance only."""

        self.contention = Contention()
        """Evidence of another server that uses the satellite."""

        self.address: str | None = None
        """IP address of the last connection."""

        self.on_accepted: Callable[[], None] = lambda: None
        """Called when the satellite has answered for the first time on a connection."""

        self._session: _Session | None = None
        """The connection that the listener knows of."""

        self._pause: asyncio.Future[None] | None = None
        self._drop: Callable[[], None] | None = None
        self._logged: set[str] = set()
        self._attempts = 0
        self._heard_at = 0.0
        """Time of the last received event, monotonic."""

    @property
    def connected(self) -> bool:
        """True while the connection is established."""
        return self._session is not None

    @property
    def accepted(self) -> bool:
        """True if the satellite has answered on this connection: it regards us as its server."""
        return self._session is not None and self._session.attempt.accepted

    @property
    def _outbox(self) -> Outbox | None:
        """Outbox of the connection that the listener knows of."""
        return None if self._session is None else self._session.outbox

    def send(self, *events: Event) -> bool:
        """Queue events in order, audio behind all others; return False if there is no connection.

        A satellite that does not read is disconnected instead of buffering without limit.
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
        """Queue audio, waiting for room; return False if there is no connection."""
        if (outbox := self._outbox) is None:
            return False
        return await outbox.async_put_audio(encode(event), seconds_to_play(event))

    def discard_audio(self) -> None:
        """Discard audio that has not been sent."""
        if self._outbox is not None:
            self._outbox.discard_audio()

    def drop(self) -> None:
        """Close the connection and reconnect."""
        if self._drop is not None:
            self._drop()

    def wake(self) -> None:
        """Make the next attempt to connect now, and the following ones in quick succession."""
        if self._pause is not None:
            self._attempts = 1
            self._pause.cancel()

    @property
    def waits(self) -> bool:
        """True while it waits before the next attempt to connect."""
        return self._pause is not None

    def hint(self) -> None:
        """Connect soon: the satellite seems to be there. A satellite that others take is not fought over."""
        if not self.contention.patience:
            self.wake()

    def set_rival_known(self, known: bool) -> None:
        """Take into account whether core's integration is set up for the satellite, too."""
        let_go = self.contention.rival_is_known and not known
        self.contention.rival_is_known = known
        if let_go:
            self.contention.clear()
            self.wake()

    async def async_run(self) -> None:
        """Stay connected until cancelled, whatever fails."""
        while True:
            attempt = Attempt()
            try:
                await self._async_connect_once(attempt)
            except Exception as err:  # noqa: BLE001
                self._log(_LOST, err, expected=isinstance(err, (NotASatellite, *_EXPECTED)))
            had_rival, now = self.contention.rival, time.monotonic()
            self.contention.ended(attempt.ending(now), now, attempt.lasted(now))
            if self.contention.rival and not had_rival:
                _LOGGER.warning("Another server uses the satellite at %s:%s", self._host, self._port)
            ordinary = _BACKOFF_SECONDS[min(self._attempts, len(_BACKOFF_SECONDS) - 1)]
            self._attempts += 1
            await self._async_pause(self.contention.delay(ordinary))

    async def _async_pause(self, seconds: float) -> None:
        """Wait before the next attempt; wake ends the wait."""
        self._pause = pause = asyncio.ensure_future(asyncio.sleep(seconds))
        try:
            await asyncio.wait({pause})
        finally:
            self._pause = None
            pause.cancel()

    async def _async_connect_once(self, attempt: Attempt) -> None:
        """Connect, serve the connection until it ends, and notify the listener of both."""
        quick = 0 < self._attempts < _BACKOFF_SECONDS.count(2)
        async with asyncio.timeout(_QUICK_CONNECT_TIMEOUT if quick else CONNECT_TIMEOUT):
            raw_reader, writer = await asyncio.open_connection(self._host, self._port)
        attempt.opened_at = time.monotonic()
        pace = Pace(_FLOW_BURST_SECONDS)
        reader = EventReader(raw_reader, pace)
        try:
            writer.transport.set_write_buffer_limits(high=_WRITE_BUFFER_BYTES)
            async with asyncio.timeout(CONNECT_TIMEOUT):
                info = await _async_describe(reader, writer)
            attempt.described = True
            self.address = str(writer.get_extra_info("peername")[0])
            await self._async_serve(reader, pace, writer, _Session(attempt, info, Outbox()))
        except Exception as err:
            attempt.reset = isinstance(err, ConnectionError)
            attempt.closed = isinstance(err, EOFError) or (attempt.reset and raw_reader.at_eof())
            raise
        finally:
            await _async_close(writer)

    async def _async_serve(
        self, reader: EventReader, pace: Pace, writer: asyncio.StreamWriter, session: _Session
    ) -> None:
        """Read, write and monitor the connection until one of the three tasks ends."""
        loop = asyncio.get_running_loop()
        dropped: asyncio.Future[None] = loop.create_future()

        def drop() -> None:
            if not dropped.done():
                session.attempt.ours = True
                dropped.set_exception(ConnectionAbortedError())

        self._drop = drop
        self._heard_at = time.monotonic()
        delivery = Delivery(writer, self._heard_at)
        if not self.contention.is_suspected:
            self._announce(session)
        announcement = loop.call_later(self.contention.patience or _ACCEPT_SECONDS, self._announce, session)
        tasks: list[asyncio.Future[None]] = [
            dropped,
            loop.create_task(self._async_read_events(reader, pace, session), name="voice_privacy_read"),
            loop.create_task(self._async_write_events(delivery, session.outbox), name="voice_privacy_write"),
            loop.create_task(self._async_look_after(delivery, session), name="voice_privacy_look_after"),
        ]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            announcement.cancel()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            self._drop = None
            session.outbox.close()
            if session.announced:
                self._session = None
                self._tell(self._listener.on_disconnected)

    def _announce(self, session: _Session) -> None:
        """Tell the listener that the connection is established, if it has not been told yet."""
        if not session.announced:
            session.announced = True
            self._session = session
            self._tell(self._listener.on_connected, session.info)

    def _accept(self, session: _Session, event: Event) -> bool:
        """Return whether an event of the satellite is to be processed.

        Its first event other than a description shows that it accepts us. One that another server keeps taking
        is watched for a while before anything is told or asked.
        """
        if not session.attempt.accepted and event.type and not Info.is_type(event.type):
            session.attempt.accepted = True
            if not self.contention.patience:
                self._announce(session)
            self._tell(self.on_accepted)
        if not session.announced and Ping.is_type(event.type):
            session.outbox.put_order(encode(Pong(text=read_ping(event)).event()))
        return session.announced

    async def _async_read_events(self, reader: EventReader, pace: Pace, session: _Session) -> None:
        """Process the satellite's events."""
        converter = AudioConverter()
        kept = TokenBucket(rate=_KEEP_RATE, burst=_FLOW_BURST_SECONDS, now=time.monotonic())
        while True:
            event = await reader.next()
            # The satellite responds, so the backoff restarts at its shortest delay.
            self._attempts = 0
            self._heard_at = time.monotonic()
            if AudioStart.is_type(event.type) or AudioStop.is_type(event.type):
                converter.begin(event)
            if not self._accept(session, event):
                continue
            if AudioChunk.is_type(event.type):
                chunk = read_audio(event, converter.format)
                pace.pay_for_audio(chunk.seconds)
                self.over_budget = not kept.spend(chunk.seconds, self._heard_at)
                if self.over_budget and not self.takes_bursts():
                    continue
                if pcm := converter.convert(chunk):
                    self._tell(self._listener.on_audio, pcm)
                continue
            self._hand_on(event)

    def _hand_on(self, event: Event) -> None:
        """Dispatch an event other than audio. Raises ProtocolError."""
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
        """Call the listener; an exception in it must not end the connection."""
        try:
            tell(*args)
        except Exception as err:  # noqa: BLE001
            self._log("Could not handle an event of", err)

    def _log(self, what: str, err: Exception, *, expected: bool = False) -> None:
        """Log each kind of failure once, without its message, which may contain what was said."""
        kind = type(err).__name__
        once = what if expected else f"{what} {kind}"
        if once in self._logged:
            return
        self._logged.add(once)
        level = logging.INFO if expected else logging.ERROR
        _LOGGER.log(level, "%s the satellite at %s:%s: %s", what, self._host, self._port, kind)

    async def _async_write_events(self, delivery: Delivery, outbox: Outbox) -> None:
        """Send queued data."""
        while True:
            await delivery.async_write(await outbox.get())

    async def _async_look_after(self, delivery: Delivery, session: _Session) -> None:
        """Ping an idle satellite; end the connection if it does not respond. Raises TimeoutError."""
        outbox = session.outbox
        started = looked_at = held_up_at = time.monotonic()
        asked_at = 0.0
        while True:
            now = time.monotonic()
            if now - looked_at > 2 * _LOOK_INTERVAL:
                # The event loop was blocked, so received events have not been read yet.
                held_up_at = now
            looked_at = now
            delivery.look(now)
            # Playback may keep the satellite from reading.
            said_or_took_at = max(self._heard_at, delivery.taken_at, outbox.played_at)
            alive_at = max(min(said_or_took_at, delivery.moved_at + LEAD_SECONDS), held_up_at)
            if now - alive_at > _SILENCE_TIMEOUT:
                raise TimeoutError
            answered = asked_at <= self._heard_at
            if now - asked_at >= _PING_INTERVAL and answered and outbox.idle and not delivery.waiting:
                asked_at = now
                outbox.put_order(encode(Ping(text="voice_privacy").event()))
            if session.attempt.accepted:
                self.contention.survived(now - started)
            if now - started > _STEADY_SECONDS and _LOST in self._logged:
                self._logged.discard(_LOST)
                _LOGGER.info("The satellite at %s:%s is back", self._host, self._port)
            await asyncio.sleep(min(_LOOK_INTERVAL, _SILENCE_TIMEOUT / 2))
