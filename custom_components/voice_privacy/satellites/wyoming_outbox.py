"""What waits to be sent to one satellite: orders first, and audio no faster than it is played."""

import asyncio
from collections import deque
import contextlib
import fcntl
import sys
import termios
import time
from typing import Final

from ..core.budget import TokenBucket

_MAX_ORDERS: Final = 256
_MAX_ORDER_BYTES: Final = 262_144
"""More orders than this are only waiting because the satellite does not read."""

_MAX_AUDIO_BYTES: Final = 262_144
"""Audio that waits at most: what else there is waits at its source."""

LEAD_SECONDS: Final = 3.0
"""Audio that a satellite is sent before it can have played it.

More would fill the buffers of the network, in which an order to mute waits like everything else.
"""


_FULL_LOOKS: Final = 2
"""Looks in a row at which something waits, after which the buffers of the network are full."""


class Outbox:
    """Two queues for one connection. It belongs to the event loop."""

    def __init__(self) -> None:
        """Begin with nothing to send."""
        self._orders: deque[bytes] = deque()
        self._order_bytes = 0
        self._audio: deque[tuple[bytes, float]] = deque()
        self._audio_bytes = 0
        self._ahead = TokenBucket(rate=1.0, burst=LEAD_SECONDS, now=time.monotonic())
        self.played_at = 0.0
        """When what has been sent so far is played, monotonic."""

        self._filled = asyncio.Event()
        self._room = asyncio.Event()
        self._closed = False

    @property
    def idle(self) -> bool:
        """Whether nothing waits."""
        return not (self._orders or self._audio)

    def put_order(self, order: bytes) -> bool:
        """Queue an order ahead of all audio; return False when too many wait."""
        if len(self._orders) >= _MAX_ORDERS or self._order_bytes + len(order) > _MAX_ORDER_BYTES:
            return False
        self._orders.append(order)
        self._order_bytes += len(order)
        self._filled.set()
        return True

    def put_audio(self, audio: bytes, seconds: float) -> bool:
        """Queue audio that lasts this long; return False when too much waits."""
        if not self._has_room(audio):
            return False
        self._audio.append((audio, seconds))
        self._audio_bytes += len(audio)
        self._filled.set()
        return True

    async def async_put_audio(self, audio: bytes, seconds: float) -> bool:
        """Queue audio as soon as there is room for it; return False when the connection ends before."""
        while not self._closed and not self._has_room(audio):
            self._room.clear()
            await self._room.wait()
        return not self._closed and self.put_audio(audio, seconds)

    def discard_audio(self) -> None:
        """Forget the audio that waits."""
        self._audio.clear()
        self._audio_bytes = 0
        self._room.set()

    def close(self) -> None:
        """Forget everything, and let nobody wait for room any more."""
        self._closed = True
        self._orders.clear()
        self.discard_audio()

    async def get(self) -> bytes:
        """Return what is to be sent next: an order at once, audio when it is due."""
        while True:
            if self._orders:
                order = self._orders.popleft()
                self._order_bytes -= len(order)
                return order
            delay: float | None = None
            if self._audio and not (delay := self._ahead.delay(time.monotonic())):
                audio, seconds = self._audio.popleft()
                self._audio_bytes -= len(audio)
                now = time.monotonic()
                self._ahead.borrow(seconds, now)
                self.played_at = now + self._ahead.level(now)
                self._room.set()
                return audio
            self._filled.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(delay):
                    await self._filled.wait()

    def _has_room(self, audio: bytes) -> bool:
        """Return whether audio may be queued: what is longer than everything that may wait comes alone."""
        return not self._audio or self._audio_bytes + len(audio) <= _MAX_AUDIO_BYTES


class Delivery:
    """What one connection was given to send, and how much of it the other end has taken."""

    def __init__(self, writer: asyncio.StreamWriter, now: float) -> None:
        """Begin with nothing written."""
        self.waiting = 0
        """Bytes that the other end has not taken yet, as of the last look."""

        self.taken_at = now
        """When its program was last seen to have taken anything, monotonic.

        What fits into the network's buffers is taken by the other operating system, whether or not its program
        lives: only where these are full does more go when the program reads.
        """

        self.moved_at = now
        """When anything was taken, whoever took it, or nothing was left to be taken."""

        self._writer = writer
        self._written = 0
        self._taken = 0
        self._full_for = 0
        """Looks in a row at which something was waiting. Once may be what is on its way just then."""

    async def async_write(self, data: bytes) -> None:
        """Write, and wait until there is room for more."""
        self._written += len(data)
        self._writer.write(data)
        await self._writer.drain()

    def look(self, now: float) -> None:
        """See how much has been taken by now."""
        self.waiting = self._writer.transport.get_write_buffer_size() + self._in_kernel()
        taken = self._written - self.waiting
        if moved := taken > self._taken:
            self._taken = taken
            if self._full_for >= _FULL_LOOKS:
                self.taken_at = now
        if moved or not self.waiting:
            self.moved_at = now
        self._full_for = self._full_for + 1 if self.waiting else 0

    def _in_kernel(self) -> int:
        """Return how many bytes the operating system still holds; 0 where it does not tell."""
        try:
            descriptor = self._writer.get_extra_info("socket").fileno()
            return int.from_bytes(fcntl.ioctl(descriptor, termios.TIOCOUTQ, bytes(4)), sys.byteorder)
        except OSError, ValueError:
            # Where it does not tell, or the connection is closed already.
            return 0
