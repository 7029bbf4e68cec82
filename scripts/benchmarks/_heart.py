"""The longest pause of an event loop."""

import asyncio
from typing import Final

HEARTBEAT: Final = 0.001
"""Seconds between two signs of life of the event loop whose stalls are measured."""


class Heart:
    """Beats on an event loop and remembers the longest pause."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Start to beat."""
        self._loop = loop
        self._last = loop.time()
        self.longest = 0.0
        """Seconds beyond the pause that was asked for."""

        self._beat()

    def _beat(self) -> None:
        now = self._loop.time()
        self.longest = max(self.longest, now - self._last - HEARTBEAT)
        self._last = now
        self._handle = self._loop.call_later(HEARTBEAT, self._beat)

    def stop(self) -> float:
        """Return the longest stall in milliseconds, also one that lasts until now."""
        self._handle.cancel()
        return max(self.longest, self._loop.time() - self._last - HEARTBEAT) * 1_000
