"""What a satellite received, and waiting for what is still to come."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
import time

from wyoming.event import Event

from .patience import SLOWER


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """An event from the server."""

    at: float
    """Monotonic clock, seconds."""

    event: Event


class EventLog:
    """Events in the order they came, audio and pings left out."""

    def __init__(self, name: str) -> None:
        """Name the satellite for the messages of waits that end in vain."""
        self.items: list[Received] = []
        self._name = name
        self._changed = asyncio.Event()

    def add(self, event: Event) -> None:
        """Note an event that has just come."""
        self.items.append(Received(at=time.monotonic(), event=event))
        self.notify()

    def notify(self) -> None:
        """Let those who wait look again."""
        self._changed.set()
        self._changed = asyncio.Event()

    def received(self, *event_types: str, since: float = 0.0) -> list[Event]:
        """Return the events of these types that arrived at or after an instant."""
        return [item.event for item in self.items if item.at >= since and item.event.type in event_types]

    async def wait_for[T](
        self, find: Callable[[], T | None], problem: str, *, since: float | None = None, timeout: float
    ) -> T:
        """Return what find finds, looking again whenever something changes.

        Raises TimeoutError with what the satellite received since an instant, by default since now.
        """
        since = time.monotonic() if since is None else since
        try:
            async with asyncio.timeout(timeout * SLOWER):
                while (found := find()) is None:
                    await self._changed.wait()
        except TimeoutError:
            seen = [item.event.type for item in self.items if item.at >= since]
            raise TimeoutError(
                f"{self._name}: {problem} within {timeout * SLOWER} s; received {seen}"
            ) from None
        return found
