"""A satellite that several servers want, and another server that wants it."""

import asyncio
from collections.abc import AsyncGenerator
import contextlib
from enum import StrEnum
from typing import override

from wyoming.event import async_read_event, async_write_event
from wyoming.info import Describe
from wyoming.ping import Ping, Pong
from wyoming.satellite import RunSatellite

from .talker import Talker


class Manner(StrEnum):
    """What a satellite that has a server does with a second one."""

    KEEPS = "keeps"
    """It describes itself, and hangs up at the next event, as wyoming-satellite does."""

    CHANGES = "changes"
    """It hangs up on the first one."""

    CLOSES_AT_ONCE = "closes_at_once"
    """It accepts the connection and closes it without a word."""

    CLOSES_AFTER_INFO = "closes_after_info"
    """It describes itself and hangs up."""


class SharedTalker(Talker):
    """A satellite that other servers know, too."""

    manner = Manner.KEEPS
    attempts = 0
    """Number of connections."""

    taken = 0
    """Number of times that it has changed its server."""

    @override
    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.attempts += 1
        if self._server is None or self.manner is Manner.KEEPS:
            await super()._serve(reader, writer)
            return
        if self.manner is Manner.CLOSES_AT_ONCE:
            writer.close()
        elif self.manner is Manner.CLOSES_AFTER_INFO:
            with contextlib.suppress(ConnectionError):
                await reader.readline()
                await async_write_event(self._info().event(), writer)
            writer.close()
        else:
            self.taken += 1
            former, self._server = self._server, None
            self._clear_server()
            former.close()
            await super()._serve(reader, writer)


class OtherServer:
    """Another server, which connects when it is told to."""

    def __init__(self, satellite: Talker) -> None:
        """Know the satellite's port."""
        self._satellite = satellite
        self._task: asyncio.Task[None] | None = None

    async def take(self) -> None:
        """Connect, and use the satellite until it is released or taken away."""
        await self.release()
        reader, writer = await asyncio.open_connection("127.0.0.1", self._satellite.port)
        await async_write_event(Describe().event(), writer)
        assert await async_read_event(reader) is not None
        await async_write_event(RunSatellite().event(), writer)
        self._task = asyncio.create_task(self._serve(reader, writer))

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while (event := await async_read_event(reader)) is not None:
                if Ping.is_type(event.type):
                    await async_write_event(Pong(text=Ping.from_event(event).text).event(), writer)
        except ConnectionError, asyncio.IncompleteReadError:
            pass
        finally:
            writer.close()

    @property
    def has_it(self) -> bool:
        """Whether it is connected."""
        return self._task is not None and not self._task.done()

    async def lost(self) -> None:
        """Wait until somebody has taken the satellite away."""
        assert self._task is not None
        await asyncio.wait({self._task}, timeout=15)
        assert self._task.done()

    async def release(self) -> None:
        """Let go."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None


@contextlib.asynccontextmanager
async def other_server(satellite: Talker) -> AsyncGenerator[OtherServer]:
    """Have another server that wants a satellite."""
    other = OtherServer(satellite)
    try:
        yield other
    finally:
        await other.release()
