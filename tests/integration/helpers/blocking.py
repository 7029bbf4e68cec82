"""Find calls of ours that would hold the event loop up: files, synchronization, processes, waiting for threads.

Home Assistant looks for some of them itself, but not in tests, and for none of those that a sealed store
is made of.
"""

from collections.abc import Callable, Iterator
import concurrent.futures
import contextlib
import linecache
import os
from pathlib import Path
import subprocess
import sys
import threading
import time
from types import FrameType
from typing import Any, Final

import pytest

import custom_components.voice_privacy

_PACKAGE: Final = str(Path(custom_components.voice_privacy.__file__).parent)

_LINES: Final = linecache.__file__
_IMPORTS: Final = "<frozen importlib"
_COVERAGE: Final = "/site-packages/coverage/"

_CALLS: Final[tuple[tuple[Any, tuple[str, ...]], ...]] = (
    (
        os,
        ("close", "fdatasync", "fstat", "fsync", "open", "posix_fadvise", "pread", "pwrite", "read", "sync"),
    ),
    (os, ("ftruncate", "listdir", "lstat", "mkdir", "remove", "rename", "replace", "rmdir", "scandir")),
    (os, ("stat", "truncate", "unlink", "utime", "write")),
    (concurrent.futures.Executor, ("map",)),
    (concurrent.futures.Future, ("exception", "result")),
    (concurrent.futures.ThreadPoolExecutor, ("shutdown",)),
    (subprocess.Popen, ("__init__",)),
    (threading.Thread, ("join",)),
    (time, ("sleep",)),
)
"""What waits for a disk, a process or a thread, and says so nowhere."""

_AUDITED: Final = (
    "fcntl.fcntl",
    "fcntl.flock",
    "fcntl.lockf",
    "glob.",
    "open",
    "shutil.",
    "sqlite3.",
    "tempfile.",
)
"""Audit events of what else does; fcntl.ioctl only asks a socket how much it holds."""


class LoopGuard:
    """Remember every blocking call in this thread that has a frame of our package below it."""

    def __init__(self) -> None:
        """Guard nothing yet."""
        self.found: list[str] = []
        self._thread = threading.get_ident()
        self._on = False
        sys.addaudithook(self._audit)

    @contextlib.contextmanager
    def watch(self) -> Iterator[None]:
        """Watch until this ends."""
        with pytest.MonkeyPatch.context() as patch:
            for owner, names in _CALLS:
                for name in names:
                    patch.setattr(owner, name, self._watched(getattr(owner, name), name))
            self._on = True
            try:
                yield
            finally:
                self._on = False

    def _watched(self, call: Callable[..., Any], name: str) -> Callable[..., Any]:
        def watched(*args: Any, **kwargs: Any) -> Any:
            finished = isinstance(args[0], concurrent.futures.Future) and args[0].done() if args else False
            if not finished:
                self._look(name)
            return call(*args, **kwargs)

        return watched

    def _audit(self, event: str, _: tuple[Any, ...]) -> None:
        # A hook cannot be taken away again.
        if self._on and event.startswith(_AUDITED):
            self._look(event)

    def _look(self, name: str) -> None:
        if self._on and threading.get_ident() == self._thread and (frame := _our_frame()) is not None:
            code = frame.f_code
            self.found.append(f"{name} in {Path(code.co_filename).name}, {code.co_qualname}")


def _our_frame() -> FrameType | None:
    """Return the innermost frame of our package, None without one or while a module is imported."""
    frame: FrameType | None = sys._getframe(2)
    # In debug mode asyncio notes with every task and callback where it was made, source lines included.
    # Whoever measures coverage looks at each file that begins to run.
    while (
        frame is not None
        and frame.f_code.co_name != "<module>"
        and frame.f_code.co_filename != _LINES
        and not frame.f_code.co_filename.startswith(_IMPORTS)
        and _COVERAGE not in frame.f_code.co_filename
    ):
        if frame.f_code.co_filename.startswith(_PACKAGE):
            return frame
        frame = frame.f_back
    return None
