"""A restart with many recordings: time until the hub is open, and the stalls of the event loop meanwhile."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
import gc
import json
from pathlib import Path
import random
import subprocess
import sys
import time
from typing import Any, Final

from homeassistant.helpers.recorder import DATA_INSTANCE

from custom_components.voice_privacy.core.models import Utterance
from custom_components.voice_privacy.hub.access_log import AccessLog
from custom_components.voice_privacy.hub.hub import VoicePrivacyHub
from custom_components.voice_privacy.hub.settings import SettingsStore
from custom_components.voice_privacy.recordings.key_folders import KeyFolders
from custom_components.voice_privacy.recordings.store import create_store
from dev.rig import past
from scripts.benchmarks._heart import Heart
from tests.storage.core_process import core

_DAYS: Final = 60
"""Days in which the recordings were made; none of them is old enough to be deleted."""

_BESIDE: Final = 2.0
"""Seconds before and after the opening: what stalls the event loop before is the machine's doing."""

_TIMEOUT: Final = 300


async def fill(folder: Path, count: int, size: int) -> None:
    """Keep noise and its rows in a folder."""
    async with core(folder) as hass:
        # The recorder sets a database aside that it has not made.
        await hass.data[DATA_INSTANCE].async_recorder_ready.wait()
    await asyncio.to_thread(past.fill, folder, _utterances(count, size))


def _utterances(count: int, size: int) -> Iterator[Utterance]:
    source = random.Random(1)  # noqa: S311 - noise to keep, not a key
    now, step = datetime.now(UTC), timedelta(days=_DAYS) / count
    for number in range(count, 0, -1):
        yield past.utterance(
            f"satellite {number % 5}", now - number * step, source.randbytes(size), "what time is it"
        )


def measure(folder: Path) -> dict[str, float]:
    """Return milliseconds of a restart in a process of its own, as every restart is."""
    done = subprocess.run(
        [sys.executable, "-m", "scripts.benchmarks._restart", str(folder)],
        capture_output=True,
        text=True,
        timeout=_TIMEOUT,
        check=True,
    )
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


class CollectorWatch:
    """Remembers the longest run of the garbage collector, in processor time; no other thread runs meanwhile."""

    def __init__(self) -> None:
        """Begin."""
        self._begun = self.longest = 0.0
        gc.callbacks.append(self._collect)

    def _collect(self, phase: str, _info: dict[str, int]) -> None:
        if phase == "start":
            self._begun = time.thread_time()
        else:
            self.longest = max(self.longest, time.thread_time() - self._begun)

    def stop(self) -> float:
        """Return the longest run in milliseconds."""
        gc.callbacks.remove(self._collect)
        return self.longest * 1_000


async def _idle(loop: asyncio.AbstractEventLoop) -> float:
    heart = Heart(loop)
    await asyncio.sleep(_BESIDE)
    return heart.stop()


async def _open(folder: Path) -> dict[str, Any]:
    async with core(folder) as hass:
        settings, access_log = SettingsStore(hass), AccessLog(hass)
        await settings.async_load(expected=False)
        await access_log.async_load()
        hub = VoicePrivacyHub(hass, create_store(hass, KeyFolders()), settings, access_log)
        before = await _idle(hass.loop)
        heart, pauses = Heart(hass.loop), CollectorWatch()
        begin, cpu = time.perf_counter(), time.process_time()
        await hub.async_start(())
        opened, used = time.perf_counter() - begin, time.process_time() - cpu
        stall, pause = heart.stop(), pauses.stop()
        figures = {
            "recordings": len(hub.recordings),
            "hub open": opened * 1_000,
            "processor time": used * 1_000,
            "worst stall before": before,
            "worst stall until open": stall,
            "longest run of the collector": pause,
            "worst stall afterwards": await _idle(hass.loop),
        }
        await hub.async_stop()
    return figures


if __name__ == "__main__":
    print(json.dumps(asyncio.run(_open(Path(sys.argv[1])))))
