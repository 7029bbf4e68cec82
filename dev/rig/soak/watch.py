"""Watch a house from outside (/proc) and from inside (an injected monitor), and count the audio that it drops."""

import asyncio
from collections.abc import Sequence
import json
from pathlib import Path
import sys
import time
from typing import Any, Final

from dev.rig.ha_client import CommandFailed
from dev.rig.house import HomeAssistantProcess
from dev.rig.household import diagnostics

from .figures import Sample, Stall, percentile

_INSIDE: Final = Path(__file__).with_name("inside.py")
_EVERY: Final = 5.0
_START_SECONDS: Final = 30.0


class Rising:
    """A counter of the house that begins again at 0 now and then."""

    def __init__(self) -> None:
        """Begin at 0."""
        self.total = 0
        self._last = 0

    def reads(self, value: int) -> None:
        """Take in what the counter says now."""
        self.total += value - self._last if value >= self._last else value
        self._last = value


class Watch:
    """A watch over one process of a house."""

    def __init__(self, house: HomeAssistantProcess, entry_id: str, folder: Path, count: int) -> None:
        """Prepare; begin injects the monitor, which writes to a folder. count: satellites."""
        self.samples: list[Sample] = []
        self.is_inside = False
        self.dropped = [Rising() for _ in range(count)]
        """Chunks of audio that the house has dropped, by satellite."""

        self._house = house
        self._entry_id = entry_id
        self._folder = folder
        self._began = time.monotonic()

    async def begin(self) -> None:
        """Inject the monitor, where one process may look into another."""
        script = self._folder / "monitor.py"
        script.write_text(f"{_INSIDE.read_text()}\nMonitor({str(self._folder)!r})\n")
        try:
            sys.remote_exec(self._house.pid, str(script))
            async with asyncio.timeout(_START_SECONDS):
                while not (self._folder / "monitor.json").exists():  # noqa: ASYNC110
                    # What runs over there can tell nobody but the disk.
                    await asyncio.sleep(0.1)
        except OSError, RuntimeError, TimeoutError:
            return
        self.is_inside = True

    async def run(self) -> None:
        """Take samples until cancelled."""
        while True:
            self._sample()
            try:
                told = await diagnostics(self._house.client, self._entry_id)
            except CommandFailed, ConnectionError, TimeoutError:
                told = {"satellites": []}
            for counter, satellite in zip(self.dropped, told["satellites"], strict=False):
                counter.reads(satellite["chunks_dropped"] or 0)
            await asyncio.sleep(_EVERY)

    def end(self) -> None:
        """Have the monitor stop."""
        (self._folder / "stop").touch()

    def _sample(self) -> None:
        process = Path(f"/proc/{self._house.pid}")
        status = dict(
            line.split(":", 1) for line in (process / "status").read_text().splitlines() if ":" in line
        )
        told = self._told() if self.is_inside else {}
        self.samples.append(
            Sample(
                at=time.monotonic() - self._began,
                rss_kb=int(status["VmRSS"].split()[0]),
                threads=int(status["Threads"]),
                handles=sum(1 for _ in (process / "fd").iterdir()),
                tasks=told.get("tasks"),
                heap_kb=told.get("heap_kb"),
                blocks=told.get("blocks"),
            )
        )

    def _told(self) -> dict[str, Any]:
        return dict(json.loads((self._folder / "monitor.json").read_text()))

    def stalls(self) -> list[Stall]:
        """Return the late beats."""
        file = self._folder / "stalls.jsonl"
        return [Stall(**json.loads(line)) for line in file.read_text().splitlines()] if file.exists() else []

    def lateness(self) -> dict[str, float]:
        """Return how late the beats came, in milliseconds."""
        if not self.is_inside:
            return {}
        beats = {int(tenths): count for tenths, count in self._told()["beats"].items()}
        return {
            "beats": sum(beats.values()),
            "median": percentile(beats, 0.5) / 10,
            "p99": percentile(beats, 0.99) / 10,
            "max": max(beats, default=0) / 10,
        }


def by_cause(stalls: Sequence[Stall]) -> list[dict[str, Any]]:
    """Return stalls in groups by cause, the worst first, lateness without the time that others computed."""
    groups: dict[str, list[Stall]] = {}
    for stall in stalls:
        groups.setdefault(stall.cause, []).append(stall)
    rows = [
        {
            "cause": cause,
            "count": len(group),
            "late_ms": max(stall.late_ms for stall in group),
            "net_ms": max(stall.net_ms for stall in group),
            "cpu_ms": max(stall.cpu_ms for stall in group),
            "ours_ms": max(stall.ours_ms for stall in group),
        }
        for cause, group in groups.items()
    ]
    return sorted(rows, key=lambda row: -float(str(row["net_ms"])))
