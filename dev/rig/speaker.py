"""A satellite's loudspeaker: it takes as long as the sound lasts, then says that it has played."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
import time

from wyoming.audio import AudioChunk, AudioStart, AudioStop
from wyoming.event import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """Sound that was played."""

    started: float
    """Monotonic clock, seconds, at its first event."""

    ended: float
    """Monotonic clock, seconds, when it had been played."""

    rate: int
    """Samples a second."""

    width: int
    """Bytes a sample."""

    channels: int
    audio: bytes = field(repr=False)

    @property
    def seconds(self) -> float:
        """Length of the sound."""
        return len(self.audio) / (self.rate * self.width * self.channels)


class Speaker:
    """Play audio events one after the other, in real time."""

    def __init__(self, on_played: Callable[[], Awaitable[None]]) -> None:
        """Prepare; on_played is called after each reply."""
        self.replies: list[Reply] = []
        self._on_played = on_played
        self._events: asyncio.Queue[tuple[float, Event]] = asyncio.Queue()

    def put(self, event: Event) -> None:
        """Take an audio event to play."""
        self._events.put_nowait((time.monotonic(), event))

    async def run(self) -> None:
        """Play until cancelled."""
        start: AudioStart | None = None
        started = 0.0
        audio = bytearray()
        while True:
            arrived, event = await self._events.get()
            if AudioStart.is_type(event.type):
                start, started = AudioStart.from_event(event), arrived
                audio.clear()
            elif AudioChunk.is_type(event.type):
                audio += AudioChunk.from_event(event).audio
            elif AudioStop.is_type(event.type) and start is not None:
                seconds = len(audio) / (start.rate * start.width * start.channels)
                await asyncio.sleep(max(0.0, started + seconds - time.monotonic()))
                self.replies.append(
                    Reply(
                        started=started,
                        ended=time.monotonic(),
                        rate=start.rate,
                        width=start.width,
                        channels=start.channels,
                        audio=bytes(audio),
                    )
                )
                start = None
                await self._on_played()
