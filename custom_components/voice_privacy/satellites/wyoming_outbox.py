"""Send queue of one satellite: commands first, audio no faster than it is played."""

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
"""Maximum bytes of queued commands; more of them means that the satellite does not read."""

_MAX_AUDIO_BYTES: Final = 262_144
"""Maximum bytes of queued audio; the producer waits for room."""

LEAD_SECONDS: Final = 3.0
"""Seconds of audio sent ahead of playback.

More would fill the network buffers, in which a mute command waits like all other data.
"""


_FULL_LOOKS: Final = 2
"""Consecutive checks with waiting data after which the network buffers are considered full."""


class Outbox:
    """Command and audio queues of one connection. It belongs to the event loop."""

    def __init__(self) -> None:
        """Start with empty queues."""
        self._orders: deque[bytes] = deque()
        self._order_bytes = 0
        self._audio: deque[tuple[bytes, float]] = deque()
        self._audio_bytes = 0
        self._ahead = TokenBucket(rate=1.0, burst=LEAD_SECONDS, now=time.monotonic())
        self.played_at = 0.0
        """Time at which all audio sent so far has been played, monotonic."""

        self._filled = asyncio.Event()
        self._room = asyncio.Event()
        self._closed = False

    @property
    def idle(self) -> bool:
        """True if nothing is queued."""
        return not (self._orders or self._audio)

    def put_order(self, order: bytes) -> bool:
        """Queue a command ahead of all audio; return False if too many are queued."""
        if len(self._orders) >= _MAX_ORDERS or self._order_bytes + len(order) > _MAX_ORDER_BYTES:
            return False
        self._orders.append(order)
        self._order_bytes += len(order)
        self._filled.set()
        return True

    def put_audio(self, audio: bytes, seconds: float) -> bool:
        """Queue audio of a duration in seconds; return False if too much is queued."""
        if not self._has_room(audio):
            return False
        self._audio.append((audio, seconds))
        self._audio_bytes += len(audio)
        self._filled.set()
        return True

    async def async_put_audio(self, audio: bytes, seconds: float) -> bool:
        """Queue audio once there is room for it; return False if the connection ends first."""
        while not self._closed and not self._has_room(audio):
            self._room.clear()
            await self._room.wait()
        return not self._closed and self.put_audio(audio, seconds)

    def discard_audio(self) -> None:
        """Discard queued audio."""
        self._audio.clear()
        self._audio_bytes = 0
        self._room.set()

    def close(self) -> None:
        """Discard everything queued, and release callers that wait for room."""
        self._closed = True
        self._orders.clear()
        self.discard_audio()

    async def get(self) -> bytes:
        """Return the next data to send: a command immediately, audio once it is due."""
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
        """Return whether audio may be queued; a chunk above the limit is accepted into an empty queue."""
        return not self._audio or self._audio_bytes + len(audio) <= _MAX_AUDIO_BYTES


class Delivery:
    """Progress of one connection: data written, and how much of it the peer has accepted."""

    def __init__(self, writer: asyncio.StreamWriter, now: float) -> None:
        """Start with nothing written."""
        self.waiting = 0
        """Bytes that the peer has not accepted yet, as of the last check."""

        self.taken_at = now
        """Last time at which the peer's program was seen to read, monotonic.

        Data that fits into the network buffers is accepted by the peer's operating system, whether or not its
        program is alive; only while these are full does progress mean that the program reads.
        """

        self.moved_at = now
        """Last time at which any data was accepted, or none was waiting, monotonic."""

        self._writer = writer
        self._written = 0
        self._taken = 0
        self._full_for = 0
        """Consecutive checks with waiting data; a single one may be data still in transit."""

    async def async_write(self, data: bytes) -> None:
        """Write data, and wait until there is room for more."""
        self._written += len(data)
        self._writer.write(data)
        await self._writer.drain()

    def look(self, now: float) -> None:
        """Update the progress; `now` is monotonic."""
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
        """Return the number of bytes in the kernel's send buffer; 0 if it is unknown."""
        try:
            descriptor = self._writer.get_extra_info("socket").fileno()
            return int.from_bytes(fcntl.ioctl(descriptor, termios.TIOCOUTQ, bytes(4)), sys.byteorder)
        except OSError, ValueError:
            # Not supported by this platform, or the connection is already closed.
            return 0
