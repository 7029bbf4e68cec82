"""What is left in the memory of a running Home Assistant after many runs, seen from inside."""

import asyncio
from dataclasses import dataclass
import json
from pathlib import Path
import sys
from typing import Any, Final

from dev.rig.house import HomeAssistantProcess
from scripts.benchmarks import ROOT

_INSIDE: Final = ROOT / "scripts" / "benchmarks" / "_inside.py"


@dataclass(frozen=True, slots=True, kw_only=True)
class Inside:
    """What a process holds at one moment, garbage collected and free memory given back."""

    ours: dict[str, int]
    """Living objects of our integration's classes, by class."""

    tasks: int
    threads: int
    in_use_kb: int
    """Kilobytes that Python and its libraries have allocated and not freed; 0 where that is unknown."""

    rss_kb: int
    """Resident kilobytes."""


async def look_inside(house: HomeAssistantProcess) -> Inside:
    """Look into a running house with Python's own way of running something in another process.

    Raises PermissionError where one process may not look into another.
    """
    script, answer = house.folder / "inside.py", house.folder / "inside.json"
    answer.unlink(missing_ok=True)
    script.write_text(f"{_INSIDE.read_text()}\nlook_around({str(answer)!r})\n")
    sys.remote_exec(house.pid, str(script))
    async with asyncio.timeout(60):
        while not await asyncio.to_thread(answer.exists):  # noqa: ASYNC110
            # What runs over there can tell nobody but the disk.
            await asyncio.sleep(0.05)
    told: dict[str, Any] = json.loads(answer.read_text())
    return Inside(**told)


def difference(before: Inside, after: Inside, *, runs: int) -> dict[str, float]:
    """Return what has come to stay."""
    return {
        "objects_of_ours_per_run": (sum(after.ours.values()) - sum(before.ours.values())) / runs,
        "tasks": after.tasks - before.tasks,
        "threads": after.threads - before.threads,
        "in_use_kb": after.in_use_kb - before.in_use_kb,
        "rss_kb": after.rss_kb - before.rss_kb,
    }


def kinds_that_grew(before: Inside, after: Inside) -> dict[str, int]:
    """Return our classes of which there are more than before, and how many more."""
    return {
        kind: count - before.ours.get(kind, 0)
        for kind, count in after.ours.items()
        if count > before.ours.get(kind, 0)
    }


def rss_kb(pid: int) -> int:
    """Return the resident kilobytes of a process as it is."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:"))
