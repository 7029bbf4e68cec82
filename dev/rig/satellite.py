"""A simulated Wyoming satellite that behaves like rhasspy/wyoming-satellite and can be told to misbehave."""

import asyncio
from collections import deque
import contextlib
from enum import StrEnum
import time
from typing import Final, Self

from wyoming.asr import Transcript
from wyoming.audio import AudioChunk, AudioStart, AudioStop
from wyoming.error import Error
from wyoming.event import Event, async_read_event, async_write_event
from wyoming.info import Attribution, Describe, Info, Satellite as SatelliteInfo, WakeModel, WakeProgram
from wyoming.ping import Ping, Pong
from wyoming.pipeline import PipelineStage, RunPipeline
from wyoming.satellite import PauseSatellite, RunSatellite
from wyoming.snd import Played
from wyoming.wake import Detection

from .event_log import EventLog
from .loopback_server import HOST
from .microphone import Microphone, MicrophoneFormat, Spoken
from .speaker import Reply, Speaker
from .voices import SAMPLE_RATE

_PING_DELAY: Final = 2.0
_PONG_TIMEOUT: Final = 5.0
_KEPT_SECONDS: Final = 120
"""Seconds of sent audio that are remembered."""

DEFAULT_MICROPHONE: Final = MicrophoneFormat()

_ATTRIBUTION: Final = Attribution(name="", url="")


class Mode(StrEnum):
    """Who listens for the wake word."""

    ALWAYS_STREAMING = "always_streaming"
    """The server does, in everything that the microphone hears."""

    LOCAL_WAKE = "local_wake"
    """The satellite does, and sends nothing before."""


class Satellite:
    """One satellite: a TCP server that serves one Wyoming server at a time.

    What upstream does and this therefore does too: everybody may ask for a description, but the first
    connection that sends anything else owns the satellite until it goes away; pausing stops the audio
    and a lost connection does not; an always streaming satellite asks for a pipeline once for every
    run-satellite and never again by itself, whatever transcripts and errors come back.
    """

    def __init__(
        self,
        name: str,
        *,
        mode: Mode = Mode.ALWAYS_STREAMING,
        area: str | None = None,
        microphone: MicrophoneFormat = DEFAULT_MICROPHONE,
        wake_word: str = "alexa",
        deaf_after_wake: float = 0.0,
        port: int = 0,
    ) -> None:
        """Prepare a satellite; start opens its port.

        deaf_after_wake: seconds without audio after a detection, while a wake sound would play.
        port: 0 for a free one.
        """
        self.name = name
        self.mode = mode
        self.port = port
        self.microphone = Microphone(microphone)
        self.log = EventLog(name)
        self.frames_sent = 0
        """Chunks of audio that were written to the server."""

        self.is_streaming = False
        self.is_paused = False
        self.answers_pings = True
        self.obeys_pause = True
        """Whether audio stops when the server says so."""

        self._area = area
        self._wake_word = wake_word
        self._deaf_after_wake = deaf_after_wake
        self._deaf_until = 0.0
        self._sent: deque[tuple[float, bytes]] = deque(maxlen=int(_KEPT_SECONDS / microphone.chunk_seconds))
        self._listener: asyncio.Server | None = None
        self._connections: set[asyncio.StreamWriter] = set()
        self._server: asyncio.StreamWriter | None = None
        self._pong = asyncio.Event()
        self._running = asyncio.Event()
        self._running.set()
        self._tasks: list[asyncio.Task[None]] = []
        self._pinger: asyncio.Task[None] | None = None
        self._speaker = Speaker(self._on_played)

    async def __aenter__(self) -> Self:
        """Start."""
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop."""
        await self.stop()

    # --- life -----------------------------------------------------------------------------------

    async def start(self) -> None:
        """Open the port and switch the microphone on."""
        await self.accept_connections()
        self._tasks = [
            asyncio.create_task(self._run_microphone(), name=f"{self.name} microphone"),
            asyncio.create_task(self._speaker.run(), name=f"{self.name} speaker"),
        ]

    async def stop(self) -> None:
        """Close every connection and the port."""
        await self.refuse_connections()
        self.vanish()
        self._disable_ping()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []

    @property
    def connected(self) -> bool:
        """Whether a server owns this satellite."""
        return self._server is not None

    @property
    def replies(self) -> list[Reply]:
        """What was played, oldest first."""
        return self._speaker.replies

    def sent_audio(self, *, since: float = 0.0) -> bytes:
        """Return the audio since an instant as it was sent, two minutes at most, in the microphone's format."""
        return b"".join(audio for at, audio in self._sent if at >= since)

    # --- people and buttons ------------------------------------------------------------------------

    async def say(self, pcm: bytes) -> Spoken:
        """Say something (mono, 16-bit, 16 kHz) to the microphone and return once it is spoken."""
        return await self.microphone.say(pcm)

    async def wake(self) -> bool:
        """Find the wake word locally; return False when the satellite would not have heard it."""
        if self.mode is not Mode.LOCAL_WAKE or self.is_streaming or self.is_paused or self._server is None:
            return False
        self.is_streaming = True
        await self._send(Detection(name=self._wake_word).event())
        await self._send(
            RunPipeline(
                start_stage=PipelineStage.ASR,
                end_stage=PipelineStage.TTS,
                wake_word_name=None,
                restart_on_end=False,
            ).event()
        )
        return True

    async def utter(self, pcm: bytes) -> bool:
        """Find the wake word and send a whole utterance (mono, 16-bit, 16 kHz) at once, then its end.

        What a satellite that decides for itself when one has finished does after its network stalled. Returns
        whether all of it went out.
        """
        if self.mode is not Mode.LOCAL_WAKE or self.is_streaming or self.is_paused:
            return False
        sent = [
            await self._send(event)
            for event in (
                Detection(name=self._wake_word).event(),
                RunPipeline(start_stage=PipelineStage.ASR, end_stage=PipelineStage.TTS).event(),
                AudioStart(rate=SAMPLE_RATE, width=2, channels=1).event(),
                AudioChunk(rate=SAMPLE_RATE, width=2, channels=1, audio=pcm).event(),
                AudioStop().event(),
            )
        ]
        return all(sent)

    # --- what came back --------------------------------------------------------------------------

    async def wait_for_event(self, *event_types: str, since: float = 0.0, timeout: float = 10.0) -> Event:
        """Return the first event of these types at or after an instant.

        Raises TimeoutError with what came instead.
        """
        return await self.log.wait_for(
            lambda: next(iter(self.log.received(*event_types, since=since)), None),
            f"no {' or '.join(event_types)}",
            since=since,
            timeout=timeout,
        )

    async def wait_for_reply(self, *, since: float = 0.0, timeout: float = 15.0) -> Reply:
        """Return the first reply whose audio began at or after an instant, once it has been played."""
        return await self.log.wait_for(
            lambda: next((reply for reply in self.replies if reply.started >= since), None),
            "no spoken reply",
            since=since,
            timeout=timeout,
        )

    async def wait_until_connected(self, *, timeout: float = 30.0) -> None:
        """Wait for a server to own this satellite."""
        await self.log.wait_for(lambda: self._server, "nobody connects", timeout=timeout)

    async def wait_until_streaming(self, *, timeout: float = 30.0) -> None:
        """Wait until audio flows to a server."""
        await self.log.wait_for(
            lambda: (self.is_streaming and self._server) or None, "nobody wants audio", timeout=timeout
        )

    async def wait_for_frames(self, count: int = 1, *, timeout: float = 10.0) -> None:
        """Wait until so many more chunks have gone out."""
        wanted = self.frames_sent + count
        await self.log.wait_for(
            lambda: self.frames_sent >= wanted or None, "it sends no audio", timeout=timeout
        )

    # --- faults ----------------------------------------------------------------------------------

    def vanish(self) -> None:
        """Lose every connection without a word."""
        for writer in self._connections:
            writer.transport.abort()

    async def refuse_connections(self) -> None:
        """Close the port; connections that are open stay."""
        if self._listener is not None:
            self._listener.close()
            self._listener = None

    async def accept_connections(self) -> None:
        """Open the port, again the same one."""
        if self._listener is None:
            self._listener = await asyncio.start_server(self._serve, HOST, self.port)
            self.port = self._listener.sockets[0].getsockname()[1]

    def stall(self) -> None:
        """Stop reading and writing, pongs included, but keep the connection."""
        self._running.clear()

    def resume(self) -> None:
        """Go on after a stall."""
        self._running.set()

    async def send_raw(self, data: bytes) -> None:
        """Send bytes that need not be an event."""
        if self._server is not None:
            with contextlib.suppress(ConnectionError):
                self._server.write(data)
                await self._server.drain()

    async def flood(self, seconds: float) -> float:
        """Send so many seconds of room noise as fast as the server takes it; return how long that took.

        Ends early when the server gives up.
        """
        started = time.monotonic()
        server = self._server
        chunk = self._chunk(Microphone(self.microphone.format).next_chunk())
        for _ in range(int(seconds / self.microphone.format.chunk_seconds)):
            if self._server is None or self._server is not server:
                break
            await self._send(chunk)
        return time.monotonic() - started

    # --- protocol --------------------------------------------------------------------------------

    def _info(self) -> Info:
        local = self.mode is Mode.LOCAL_WAKE
        model = WakeModel(
            name=self._wake_word,
            attribution=_ATTRIBUTION,
            installed=True,
            description=None,
            version=None,
            languages=["en"],
            phrase=self._wake_word,
        )
        program = WakeProgram(
            name="simulated",
            attribution=_ATTRIBUTION,
            installed=True,
            description=None,
            version=None,
            models=[model],
        )
        return Info(
            wake=[program] if local else [],
            satellite=SatelliteInfo(
                name=self.name,
                area=self._area,
                description=self.name,
                attribution=_ATTRIBUTION,
                installed=True,
                version="1.4.1",
            ),
        )

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Handle one connection."""
        self._connections.add(writer)
        try:
            while (event := await async_read_event(reader)) is not None:
                await self._running.wait()
                if Describe.is_type(event.type):
                    await async_write_event(self._info().event(), writer)
                    continue
                if self._server is None:
                    self._server = writer
                    self.log.notify()
                elif self._server is not writer:
                    break
                await self._event_from_server(event)
        except ConnectionError, asyncio.IncompleteReadError:
            pass
        finally:
            self._connections.discard(writer)
            if self._server is writer:
                self._clear_server()
            writer.close()

    def _clear_server(self) -> None:
        self._server = None
        self._disable_ping()
        if self.mode is Mode.LOCAL_WAKE:
            self.is_streaming = False
        self.log.notify()

    async def _send(self, event: Event) -> bool:
        """Send an event to the server; return whether it went out."""
        await self._running.wait()
        if (server := self._server) is None:
            return False
        try:
            await async_write_event(event, server)
        except ConnectionError:
            if self._server is server:
                self._clear_server()
            return False
        return True

    async def _on_played(self) -> None:
        await self._send(Played().event())
        self.log.notify()

    async def _event_from_server(self, event: Event) -> None:
        """Do what upstream does for each event."""
        if Ping.is_type(event.type):
            if self.answers_pings:
                await self._send(Pong(text=Ping.from_event(event).text).event())
            if self._pinger is None:
                self._pinger = asyncio.create_task(self._ping_server(), name=f"{self.name} ping")
            return
        if Pong.is_type(event.type):
            self._pong.set()
            return
        if AudioStart.is_type(event.type) or AudioChunk.is_type(event.type) or AudioStop.is_type(event.type):
            self._speaker.put(event)
        if AudioChunk.is_type(event.type):
            return
        self.log.add(event)
        if self.mode is Mode.ALWAYS_STREAMING:
            await self._control_always_streaming(event)
        else:
            self._control_local_wake(event)
        self.log.notify()

    async def _control_always_streaming(self, event: Event) -> None:
        if RunSatellite.is_type(event.type):
            self.is_paused, self.is_streaming = False, True
            await self._send(
                RunPipeline(
                    start_stage=PipelineStage.WAKE, end_stage=PipelineStage.TTS, restart_on_end=True
                ).event()
            )
        elif PauseSatellite.is_type(event.type):
            self.is_paused, self.is_streaming = True, False
        elif Detection.is_type(event.type):
            self._deaf_until = time.monotonic() + self._deaf_after_wake

    def _control_local_wake(self, event: Event) -> None:
        if RunSatellite.is_type(event.type):
            self.is_paused, self.is_streaming = False, False
        elif PauseSatellite.is_type(event.type):
            self.is_paused, self.is_streaming = True, False
        elif Transcript.is_type(event.type) or Error.is_type(event.type):
            self.is_streaming = False

    def _disable_ping(self) -> None:
        if self._pinger is not None:
            self._pinger.cancel()
            self._pinger = None

    async def _ping_server(self) -> None:
        """Give up a server that no longer answers, leaving its connection open as upstream does."""
        while True:
            await asyncio.sleep(_PING_DELAY)
            self._pong.clear()
            await self._send(Ping().event())
            try:
                async with asyncio.timeout(_PONG_TIMEOUT):
                    await self._pong.wait()
            except TimeoutError:
                self._clear_server()
                return

    # --- microphone --------------------------------------------------------------------------------

    def _chunk(self, audio: bytes) -> Event:
        mic = self.microphone.format
        return AudioChunk(rate=mic.rate, width=mic.width, channels=mic.channels, audio=audio).event()

    async def _run_microphone(self) -> None:
        """Deliver a chunk each time its length has passed."""
        seconds = self.microphone.format.chunk_seconds
        due = time.monotonic()
        while True:
            due += seconds
            if (delay := due - time.monotonic()) > 0:
                await asyncio.sleep(delay)
            elif delay < -1:
                # Whatever held this process up would have overrun a real microphone's buffer.
                due = time.monotonic()
            audio = self.microphone.next_chunk()
            if (
                (self.is_streaming or (self.is_paused and not self.obeys_pause))
                and time.monotonic() >= self._deaf_until
                and await self._send(self._chunk(audio))
            ):
                self.frames_sent += 1
                self._sent.append((time.monotonic(), audio))
                self.log.notify()
