"""Turns of a task that finds its next input ready, so that other tasks of the event loop get theirs."""

import asyncio
import time
from typing import Final

_TURN_SECONDS: Final = 0.005
"""Length of a turn: as long as Python lets a thread compute before another one may."""


class Turns:
    """Turns of one task: after a burst, awaiting what is ready never lets the event loop run other tasks."""

    def __init__(self) -> None:
        """Begin a turn."""
        self._began = time.monotonic()

    def begin(self) -> None:
        """Begin a turn after something else has let other tasks run."""
        self._began = time.monotonic()

    async def give_way(self) -> None:
        """Let other tasks run if the turn is over."""
        if time.monotonic() - self._began > _TURN_SECONDS:
            await asyncio.sleep(0)
            self.begin()
