"""The memory allocator of Home Assistant's images: jemalloc, with the settings of their start script.

What a process holds on to says little without it: glibc gives memory of many threads back late, or never.
"""

from pathlib import Path
from typing import Final

_SETTINGS: Final = "background_thread:true,metadata_thp:auto,dirty_decay_ms:20000,muzzy_decay_ms:20000"


def library() -> Path | None:
    """Return Debian's jemalloc, if it is installed."""
    return next(iter(Path("/usr/lib").glob("*/libjemalloc.so.2")), None)


def environment() -> dict[str, str]:
    """Return what makes a process use it; nothing, if it is not installed."""
    if (found := library()) is None:
        return {}
    return {"LD_PRELOAD": str(found), "MALLOC_CONF": _SETTINGS}
