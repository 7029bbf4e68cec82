"""Runs inside the Home Assistant that is watched, by sys.remote_exec: measures how late its event loop is, and why.

A heartbeat on the loop notes how late it comes, what the loop's thread computed meanwhile, how long that thread
waited for a processor that others used, and how long any other thread of the process did: that one may have held
Python's lock. While a beat is overdue, another thread looks at the loop's stack. Python's collector is timed by itself:
it goes through the objects of the whole of Home Assistant, and runs in whatever happens to allocate the next one.
"""

import asyncio
from collections import Counter, deque
import ctypes
import gc
import json
import os
from pathlib import Path
import sys
import threading
import time
from types import FrameType

_OURS = "custom_components.voice_privacy"
_CORE = "homeassistant"
_BEAT = 0.005
_LOOK = 0.005
_OVERDUE = 0.015
"""Seconds after which the stack is looked at."""

_STALL = 0.025
"""Seconds of lateness from which a beat is told one by one; all are counted."""

_TELL_EVERY = 2.0
_COMPARE_EVERY = 0.05
"""Seconds between two readings of the other threads, which a late beat is compared with."""


def _cause(frame: FrameType | None) -> str:
    """Return what a stack is in: our innermost frame, else Home Assistant's, else the innermost of all."""
    core: str | None = None
    other: str | None = None
    while frame is not None:
        module = str(frame.f_globals.get("__name__", "?"))
        name = f"{module}.{frame.f_code.co_qualname}"
        if module.startswith(_OURS):
            return f"ours: {name.removeprefix(_OURS + '.')}"
        if module.partition(".")[0] == _CORE and core is None:
            core = name
        other = other or name
        frame = frame.f_back
    # The frames that run Home Assistant are on every stack.
    if core is not None and not core.startswith(("homeassistant.runner.", "homeassistant.__main__.")):
        return f"core: {core}"
    return f"other: {other}"


def _waited() -> dict[int, float]:
    """Return how many seconds each thread of the process has waited for a processor."""
    found = {}
    for thread in Path("/proc/self/task").iterdir():
        try:
            file = os.open(thread / "schedstat", os.O_RDONLY)
        except FileNotFoundError:
            # It has ended.
            continue
        try:
            found[int(thread.name)] = int(os.pread(file, 80, 0).split()[1]) / 1e9
        except ProcessLookupError:
            continue
        finally:
            os.close(file)
    return found


class _Heap(ctypes.Structure):
    """struct mallinfo2 of glibc, malloc.h."""

    _fields_ = tuple((f"field_{number}", ctypes.c_size_t) for number in range(10))

    @property
    def in_use(self) -> int:
        """Bytes that were handed out: hblkhd, in maps of their own, and uordblks."""
        return int(self.field_4) + int(self.field_7)


def _memory() -> dict[str, int]:
    """Return what is in use: KiB that malloc has handed out, where it can tell, and Python's small blocks.

    What the process holds beyond that is free: an allocator gives memory back only in whole pieces.
    """
    told = {"blocks": sys.getallocatedblocks()}
    mallinfo2 = getattr(ctypes.CDLL(None), "mallinfo2", None)
    if mallinfo2 is not None:
        mallinfo2.restype = _Heap
        told["heap_kb"] = mallinfo2().in_use // 1024
    return told


class Monitor:
    """Heartbeat and watcher of one event loop. A file named `stop` ends it."""

    def __init__(self, folder: str) -> None:
        self._folder = Path(folder)
        self._loop = asyncio.get_running_loop()
        self._thread = threading.get_ident()
        self._schedule = os.open(f"/proc/self/task/{threading.get_native_id()}/schedstat", os.O_RDONLY)
        self._beats: Counter[int] = Counter()
        self._seen: deque[str] = deque(maxlen=400)
        self._stalls: deque[dict[str, object]] = deque(maxlen=1_000)
        self._tasks = len(asyncio.all_tasks(self._loop))
        self._beat_at = time.monotonic()
        self._began = self._beat_at
        self._over = False
        self._counted_at = self._beat_at
        self._used = self._usage()
        self._native = threading.get_native_id()
        self._waited = _waited()
        self._collecting_since = 0.0
        self._collected = 0.0
        """Seconds of this beat in which objects were collected."""

        gc.callbacks.append(self._on_collection)
        self._loop.call_later(_BEAT, self._beat)
        threading.Thread(target=self._watch, name="soak monitor", daemon=True).start()

    def _usage(self) -> tuple[float, float]:
        """Return the seconds that the loop's thread has computed, and waited for a processor."""
        told = os.pread(self._schedule, 80, 0).split()
        return int(told[0]) / 1e9, int(told[1]) / 1e9

    def _beat(self) -> None:
        if self._over:
            gc.callbacks.remove(self._on_collection)
            os.close(self._schedule)
            return
        now, used = time.monotonic(), self._usage()
        late = max(0.0, now - self._beat_at - _BEAT)
        self._beats[round(late * 1e4)] += 1
        if late >= _STALL:
            self._stalls.append(
                {
                    "at": now - self._began,
                    "late_ms": late * 1e3,
                    "cpu_ms": (used[0] - self._used[0]) * 1e3,
                    "waited_ms": (used[1] - self._used[1]) * 1e3,
                    "others_waited_ms": self._others_waited() * 1e3,
                    "collected_ms": self._collected * 1e3,
                    "causes": dict(Counter(self._seen)),
                }
            )
        self._seen.clear()
        self._collected = 0.0
        if now - self._counted_at >= _TELL_EVERY:
            self._counted_at = now
            self._tasks = len(asyncio.all_tasks(self._loop))
        self._beat_at, self._used = time.monotonic(), used
        self._loop.call_later(_BEAT, self._beat)

    def _on_collection(self, phase: str, _info: dict[str, int]) -> None:
        """Time a collection; in any thread, since it holds Python's lock."""
        if phase == "start":
            self._collecting_since = time.monotonic()
        else:
            self._collected += time.monotonic() - self._collecting_since

    def _others_waited(self) -> float:
        """Return the most seconds that another thread has waited since before this beat was due."""
        before = self._waited
        return max(
            (
                waited - before.get(thread, waited)
                for thread, waited in _waited().items()
                if thread != self._native
            ),
            default=0.0,
        )

    def _watch(self) -> None:
        """Look at the stack while a beat is overdue, and write down what was found."""
        told_at = compared_at = time.monotonic()
        while not self._over:
            time.sleep(_LOOK)
            beat_at = self._beat_at
            if time.monotonic() - beat_at > _BEAT + _OVERDUE:
                cause = _cause(sys._current_frames().get(self._thread))
                if beat_at == self._beat_at:
                    self._seen.append(cause)
            elif time.monotonic() - compared_at >= _COMPARE_EVERY:
                compared_at = time.monotonic()
                self._waited = _waited()
            if time.monotonic() - told_at >= _TELL_EVERY:
                told_at = time.monotonic()
                self._over = (self._folder / "stop").exists()
                self._tell()

    def _tell(self) -> None:
        with (self._folder / "stalls.jsonl").open("a") as file:
            while self._stalls:
                file.write(json.dumps(self._stalls.popleft()) + "\n")
        told = {"tasks": self._tasks, "beats": dict(self._beats.copy()), **_memory()}
        # Whole or not at all: somebody reads it at any moment.
        (self._folder / "new.json").write_text(json.dumps(told))
        (self._folder / "new.json").rename(self._folder / "monitor.json")
