"""What hostile input costs: how long the event loop stood still, and how much memory was taken."""

import asyncio
import gc
import os
from pathlib import Path
import threading
import time
from typing import Any, Self

_BEAT = 0.002
_PAGE = os.sysconf("SC_PAGE_SIZE")
_FULL = 2
"""Generation of the garbage collections that look at everything."""


def resident_bytes() -> int:
    """Return the memory that this process occupies."""
    return int(Path("/proc/self/statm").read_text("ascii").split()[1]) * _PAGE


class Heartbeat:
    """Follow the event loop and the process's memory while it is entered.

    Only time that the loop's own thread was computing in counts as a stall: on a busy machine a process
    also stands still because others run. Python's full garbage collections are counted apart: they take as
    long as everything in the process is large, whoever allocated the object that was due.
    """

    def __init__(self) -> None:
        """Begin with no stall at all."""
        self.longest_stall = 0.0
        """Seconds of computing between two beats."""

        self.longest_gap = 0.0
        """Seconds between two beats, whatever the reason."""

        self.full_collections = 0
        self.longest_collection = 0.0
        """Seconds of computing in one full garbage collection."""

        self.most_memory = 0
        self.memory_before = 0
        self._task: asyncio.Task[None] | None = None
        self._skip = False
        self._loop_thread = threading.get_ident()
        self._collection_began = 0.0
        self._collecting = 0.0
        """Seconds of full garbage collections since the last beat."""

    @property
    def growth(self) -> int:
        """How many bytes more than before were occupied at most."""
        return self.most_memory - self.memory_before

    def reset(self) -> None:
        """Begin anew, as after a warm-up."""
        gc.collect()
        # What this took is nobody's stall.
        self._skip = True
        self.longest_stall = self.longest_gap = self.longest_collection = 0.0
        self.full_collections = 0
        self.memory_before = self.most_memory = resident_bytes()

    async def __aenter__(self) -> Self:
        """Begin to beat."""
        self.reset()
        gc.callbacks.append(self._on_collection)
        self._task = asyncio.create_task(self._beat())
        await asyncio.sleep(0)
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop, after a last look."""
        await asyncio.sleep(2 * _BEAT)
        assert self._task is not None
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        gc.callbacks.remove(self._on_collection)

    def _on_collection(self, phase: str, info: dict[str, Any]) -> None:
        """Take the time of a full garbage collection in the loop's thread."""
        if info["generation"] != _FULL or threading.get_ident() != self._loop_thread:
            return
        if phase == "start":
            self._collection_began = time.thread_time()
            return
        took = time.thread_time() - self._collection_began
        self._collecting += took
        self.full_collections += 1
        self.longest_collection = max(self.longest_collection, took)

    async def _beat(self) -> None:
        wall, computed = time.monotonic(), time.thread_time()
        beats = 0
        while True:
            await asyncio.sleep(_BEAT)
            before = wall, computed + self._collecting
            wall, computed = time.monotonic(), time.thread_time()
            self._collecting = 0.0
            if self._skip:
                self._skip = False
                continue
            gap = wall - before[0] - _BEAT
            self.longest_gap = max(self.longest_gap, gap)
            self.longest_stall = max(self.longest_stall, min(gap, computed - before[1]))
            beats += 1
            if not beats % 16:
                self.most_memory = max(self.most_memory, resident_bytes())
