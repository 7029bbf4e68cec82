"""Load mutated files below .storage: no error, nothing taken that makes no sense, and the private side where it is.

By hand: python -m tests.fuzz.stores 1000
"""

import argparse
import asyncio
from collections import Counter
from collections.abc import Callable
import contextlib
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
import json
import os
from pathlib import Path
from random import Random
import sys
import tempfile
import time
from typing import Any, Final

from homeassistant.core import HomeAssistant

from custom_components.voice_privacy.const import DOMAIN
from custom_components.voice_privacy.core.errors import NotSaved
from custom_components.voice_privacy.core.house_settings import HouseToggle, SatelliteToggle
from custom_components.voice_privacy.core.models import AuditAction, Requester, RequesterKind
from custom_components.voice_privacy.core.retention_policy import KeepFor, RetentionPolicy
from custom_components.voice_privacy.hub.access_log import AccessLog
from custom_components.voice_privacy.hub.settings import SettingsStore
from custom_components.voice_privacy.recordings.retention_job import Retention

from .mutations import STRANGE_TEXTS, mutate_bytes, mutate_json

MOST_SECONDS: Final = 1.0

_ROOM: Final = "kitchen"
_USER: Final = Requester(kind=RequesterKind.USER, user_id="somebody")
_NOW: Final = datetime(2026, 11, 29, 5, tzinfo=UTC).isoformat()
_CHANGE: Final = {"when": _NOW, "kind": "user", "user_id": "somebody", "satellite_id": None}

SETTINGS: Final[dict[str, Any]] = {
    "house": {toggle.value: toggle is HouseToggle.GUEST_MODE for toggle in HouseToggle},
    "satellites": {
        _ROOM: {toggle.value: toggle is SatelliteToggle.MUTED for toggle in SatelliteToggle},
        "hall": {toggle.value: True for toggle in SatelliteToggle},
    },
    "retention": {
        "house": "until_deleted",
        "satellites": {_ROOM: "week"},
        "false_wakes": "hour",
        "transcripts": "as_others",
        "limit_mb": 100,
    },
    "reviewers": ["somebody"],
    "changes": {"guest_mode": _CHANGE, f"{_ROOM}.muted": _CHANGE},
}
_ENTRY: Final = {
    "when": _NOW,
    "until": _NOW,
    "times": 2,
    "kind": "user",
    "user_id": "somebody",
    "satellite_id": None,
    "deed": "listed",
    "count": 3,
    "subject": None,
    "value": None,
}
ACCESS_LOG: Final[dict[str, Any]] = {
    "entries": [_ENTRY, _ENTRY | {"deed": "exported"}, _ENTRY | {"deed": "changed", "subject": "guest_mode"}],
    "last_export": _NOW,
}
CLOCK: Final[dict[str, Any]] = {
    "run": "7",
    "trusted": {"now": _NOW, "monotonic": 1_000.5},
    "doubted": {"now": _NOW, "monotonic": 2_000.5},
    "steady": 60.0,
}


@dataclass(slots=True)
class Report:
    """What came of it."""

    tried: int = 0
    lost: int = 0
    """Settings that made no sense, so that the private side holds."""

    slowest_ms: float = 0.0
    faults: Counter[str] = field(default_factory=Counter)
    seeds: list[int] = field(default_factory=list)
    """Of what went wrong."""

    @property
    def passed(self) -> bool:
        """Whether every file did no more than it may."""
        return not self.seeds


class FailedOpen(AssertionError):
    """A file that makes no sense gave something away."""


class _House:
    """Whose recordings retention looks after: none."""

    recordings: Final[dict[str, Any]] = {}
    retention_policy: Final = RetentionPolicy()

    @property
    def near_misses_in_flight(self) -> frozenset[str]:
        """Return none: nothing is heard here."""
        return frozenset()

    def changed(self) -> None:
        """Tell nobody."""

    async def async_delete(self, *_: object) -> Any:
        """Delete nothing."""
        raise FailedOpen("retention deletes without recordings")

    async_forget_texts = async_delete


def _write(path: Path, data: dict[str, Any], random: Random) -> object:
    """Leave a mutated file, or something else with its name; return what it says, None if it says nothing."""
    key = path.name
    whole = {"version": 1, "minor_version": 1, "key": key, "data": data}
    with contextlib.suppress(FileNotFoundError):
        path.rmdir() if path.is_dir() and not path.is_symlink() else path.unlink()
    match random.randrange(10):
        case 0:
            path.write_bytes(random.choice(STRANGE_TEXTS))
        case 1:
            path.write_bytes(mutate_bytes(json.dumps(whole).encode(), random))
        case 2:
            random.choice(_NO_FILES)(path)
            return None
        case 3:
            path.write_text(json.dumps(mutate_json(whole, random)))
        case _:
            path.write_text(json.dumps(whole | {"data": mutate_json(data, random)}))
    try:
        said: object = json.loads(path.read_bytes())["data"]
    except KeyError, RecursionError, TypeError, ValueError:
        return None
    return said


def _fifo(path: Path) -> None:
    os.mkfifo(path)


def _loop(path: Path) -> None:
    path.symlink_to(path)


def _nowhere(path: Path) -> None:
    path.symlink_to(path.with_name("nowhere"))


_NO_FILES: Final[tuple[Callable[[Path], None], ...]] = (_fifo, _loop, _nowhere, Path.mkdir, Path.touch)


async def _use_settings(hass: HomeAssistant, said: object) -> bool:
    """Load and use the settings; return whether they are lost. Raises FailedOpen, or whatever they raise."""
    store = SettingsStore(hass)
    await store.async_load(expected=True)
    if store.lost:
        if not store.house(HouseToggle.GUEST_MODE) or store.reviewers:
            raise FailedOpen("what makes no sense gives something away")
        if any(store.satellite(place, SatelliteToggle.SAVE_RECORDINGS) for place in (_ROOM, "hall", "new")):
            raise FailedOpen("what makes no sense saves recordings")
        if store.retention.house is not KeepFor.UNTIL_DELETED or store.retention.limit_bytes:
            raise FailedOpen("what makes no sense deletes recordings")
    else:
        _compare(store, said)
    for satellite_id in (_ROOM, "hall", "new"):
        store.of(satellite_id)
    store.last_change(HouseToggle.GUEST_MODE)
    try:
        await store.async_set_house(HouseToggle.GUEST_MODE, _USER, on=True)
    except NotSaved:
        if said is not None:
            raise
        # A folder is in the way: the person is told, and memory holds until it is gone.
    finally:
        # No later try may meet the next round.
        await store.file.async_stop()
    again = SettingsStore(hass)
    await again.async_load(expected=True)
    await again.file.async_stop()
    if again.lost or not again.house(HouseToggle.GUEST_MODE):
        raise FailedOpen("what was set is not there after a restart")
    return store.lost


def _compare(store: SettingsStore, said: object) -> None:
    """Raise FailedOpen where anything holds that the file does not say."""
    if not isinstance(said, dict):
        raise FailedOpen("no settings are taken for some")
    if missing := {"house", "satellites", "retention"} - said.keys():
        raise FailedOpen(f"settings without {missing} are taken for some")
    for toggle in HouseToggle:
        if said["house"].get(toggle) is not store.house(toggle):
            raise FailedOpen(f"{toggle} is not what the file says")
    for satellite_id, toggles in said["satellites"].items():
        for switch in SatelliteToggle:
            if toggles.get(switch) is not store.satellite(satellite_id, switch):
                raise FailedOpen(f"{switch} is not what the file says")


async def _use_access_log(hass: HomeAssistant) -> None:
    log = AccessLog(hass)
    await log.async_load()
    for entry in log.entries:
        entry.when.astimezone(UTC).isoformat()
        (entry.until + timedelta(days=1)).isoformat()
    _ = log.exported_at
    log.add(_USER, AuditAction.LISTED, recording_ids=["1"])
    await log.async_stop()


async def _use_clock(hass: HomeAssistant) -> None:
    house = _House()
    retention = Retention(hass, host=house, out=house)
    await retention.async_load()
    await retention.async_run()
    await retention.async_preview()
    await retention.async_stop()


async def run(hass: HomeAssistant, count: int, seed: int = 1) -> Report:
    """Try so many files in the configuration folder of a Home Assistant."""
    report = Report()
    folder = Path(hass.config.path(".storage"))
    await hass.async_add_executor_job(lambda: folder.mkdir(parents=True, exist_ok=True))
    for number in range(seed, seed + count):
        random = Random(number)
        said = {
            name: _write(folder / f"{DOMAIN}.{name}", data, random)
            for name, data in (("settings", SETTINGS), ("access_log", ACCESS_LOG), ("clock", CLOCK))
        }
        # No disk could be written in the last round; nothing of it belongs into this one.
        hass.data.pop(f"{DOMAIN}_unsaved", None)
        started = time.monotonic()
        try:
            async with asyncio.timeout(20):
                report.lost += await _use_settings(hass, said["settings"])
                await _use_access_log(hass)
                await _use_clock(hass)
        except Exception as error:  # noqa: BLE001  # that none comes is what is tried
            report.faults[f"{type(error).__name__}: {error}"[:200]] += 1
            report.seeds.append(number)
        report.slowest_ms = max(report.slowest_ms, round((time.monotonic() - started) * 1_000, 1))
        report.tried += 1
    return report


async def _run_by_hand(count: int, seed: int) -> Report:
    with tempfile.TemporaryDirectory(prefix="stores-") as folder:
        hass = HomeAssistant(folder)
        try:
            return await run(hass, count, seed)
        finally:
            await hass.async_stop(force=True)


def main() -> int:
    """Run from a shell."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("count", type=int, nargs="?", default=100)
    parser.add_argument("seed", type=int, nargs="?", default=1)
    arguments = parser.parse_args()
    report = asyncio.run(_run_by_hand(arguments.count, arguments.seed))
    report.seeds = report.seeds[:20]
    told = asdict(report) | {"faults": dict(report.faults), "passed": report.passed}
    sys.stdout.write(json.dumps(told, indent=2) + "\n")
    return 0 if report.passed else 1


if __name__ == "__main__":
    sys.exit(main())
