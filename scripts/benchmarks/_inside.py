"""Runs inside the Home Assistant that is measured, by sys.remote_exec: counts, and writes the counts to a file."""

import asyncio
from collections import Counter
import ctypes
import gc
import json
from pathlib import Path
import threading

_OURS = "custom_components.voice_privacy."
_FIELDS = "arena ordblks smblks hblks hblkhd usmblks fsmblks uordblks fordblks keepcost"


def _module_of(thing: object) -> str:
    """Return where an object's class comes from; some classes hide it."""
    module = type(thing).__module__
    return module if isinstance(module, str) else ""


def _in_use() -> int:
    """Return the kilobytes that glibc's allocator has given out; 0 where there is none."""

    class Mallinfo(ctypes.Structure):
        _fields_ = [(name, ctypes.c_size_t) for name in _FIELDS.split()]

    try:
        libc = ctypes.CDLL("libc.so.6")
        libc.mallinfo2.restype = Mallinfo
    except OSError, AttributeError:
        return 0
    told = libc.mallinfo2()
    libc.malloc_trim(0)
    return int(told.uordblks + told.hblkhd) // 1024


def look_around(path: str) -> None:
    """Write what there is."""
    gc.collect()
    objects = gc.get_objects()
    loop = next(
        thing for thing in objects if isinstance(thing, asyncio.AbstractEventLoop) and thing.is_running()
    )
    ours = Counter(type(thing).__qualname__ for thing in objects if _module_of(thing).startswith(_OURS))
    in_use = _in_use()
    status = Path("/proc/self/status").read_text().splitlines()
    told = {
        "ours": ours,
        "tasks": len(asyncio.all_tasks(loop)),
        "threads": threading.active_count(),
        "in_use_kb": in_use,
        "rss_kb": next(int(line.split()[1]) for line in status if line.startswith("VmRSS:")),
    }
    # Whole or not at all: somebody waits for it to appear.
    Path(f"{path}.new").write_text(json.dumps(told))
    Path(f"{path}.new").rename(path)
