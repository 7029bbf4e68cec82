"""The ledger on Home Assistant's threads: events are written in order, and kept in memory until they are on disk."""

import asyncio
from collections.abc import Callable, Iterable
import contextlib
from datetime import datetime, timedelta
import logging
from pathlib import Path
from typing import Final

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.event import async_call_later, async_track_time_interval
from homeassistant.util import dt as dt_util

from ..const import DOMAIN
from ..core.errors import NotSaved
from ..core.ledger import NO_SUBJECT, LedgerEntry, LedgerEvent, hour_of
from ..storage.ledger_file import LedgerFile, remove_ledger

_LOGGER = logging.getLogger(__name__)

KEEP: Final = timedelta(days=180)
"""Time after which entries expire."""

MAX_ENTRIES: Final = 20_000
_MAX_IDS: Final = 100
"""Most recordings of one event that have an entry each; more are counted in one."""

_MAX_WAITING: Final = 5_000
"""Most entries that wait in memory for the disk; more are counted."""

_RETRY_SECONDS: Final = 60.0
_EXPIRE_FIRST: Final = timedelta(hours=1)
_EXPIRE_EVERY: Final = timedelta(hours=12)

type _Event = tuple[str, str, tuple[tuple[str, str], ...] | int]
"""Hour, name, and the ids that it concerns, each with its kind; or a number of recordings."""


class LedgerStore:
    """Ledger of one house. It belongs to the event loop."""

    def __init__(self, hass: HomeAssistant, clock_trusted: Callable[[], bool]) -> None:
        """Set up the ledger beside the keys; async_start opens it.

        Args:
            hass: Home Assistant.
            clock_trusted: Returns whether entries may expire: a clock that jumps ahead must not remove evidence.
        """
        self._hass = hass
        self._clock_trusted = clock_trusted
        self._folder = Path(hass.config.cache_path(DOMAIN))
        self._file = LedgerFile(self._folder)
        self._waiting: list[_Event] = []
        self._lost = 0
        self._turn = asyncio.Lock()
        self._retry: CALLBACK_TYPE | None = None
        self._expire: list[CALLBACK_TYPE] = []
        self._failed = False
        self.on = False
        """True while events are written."""

    async def async_start(self, *, on: bool) -> None:
        """Repair the file after a crash and begin to write, if the ledger is on; otherwise remove it."""
        with contextlib.suppress(NotSaved):
            await self.async_turn(on=on)
        # Whether the clock is right is looked at after the start.
        self._expire = [
            async_call_later(self._hass, _EXPIRE_FIRST, self._async_expire),
            async_track_time_interval(self._hass, self._async_expire, _EXPIRE_EVERY),
        ]

    async def async_stop(self) -> None:
        """Write what waits, a last time."""
        while self._expire:
            self._expire.pop()()
        await self._async_write()
        self._cancel_retry()
        if self.waiting:
            _LOGGER.error("Entries of the ledger were lost: the disk did not take them (%s)", self.waiting)

    async def async_turn(self, *, on: bool) -> None:
        """Turn the ledger on or off; off removes it, because times are personal, too.

        Raises NotSaved if it could not be removed.
        """
        self.on = on
        if on:
            await self._async_remove_before("")
            return
        self._waiting, self._lost = [], 0
        self._cancel_retry()
        async with self._turn:
            try:
                await self._hass.async_add_executor_job(self._file.remove)
            except OSError as err:
                _LOGGER.error("The ledger cannot be removed: %s", type(err).__name__)
                raise NotSaved from err

    @property
    def waiting(self) -> int:
        """Number of entries that are not on disk yet."""
        return len(self._waiting) + self._lost

    @property
    def entries(self) -> int:
        """Number of entries on disk."""
        return self._file.entries

    @callback
    def add(self, event: str, ids: Iterable[tuple[str, str]] = (), count: int = 0) -> None:
        """Add an event, which is written at once.

        Args:
            event: Name of the event.
            ids: What it concerns: kinds and ids, of which only a MAC is written.
            count: Number of recordings, if their ids are not known.
        """
        if not self.on:
            return
        named = tuple(ids)
        if len(self._waiting) >= _MAX_WAITING:
            self._lost += max(1, len(named))
            return
        what: tuple[tuple[str, str], ...] | int = named
        if count or len(named) > _MAX_IDS:
            what = count or len(named)
        self._waiting.append((_hour(), event, what))
        if self._retry is None:
            self._hass.async_create_background_task(self._async_write(), "voice_privacy ledger")

    async def async_export(self) -> str:
        """Return the ledger with its last hash in a footer. Raises NotSaved if it is not all on disk."""
        await self._async_write()
        if self.waiting or not self.on:
            raise NotSaved
        async with self._turn:
            try:
                return await self._hass.async_add_executor_job(self._file.export, _hour())
            except OSError as err:
                raise NotSaved from err

    async def _async_write(self, _now: datetime | None = None) -> None:
        """Write what waits; if that fails, it goes on waiting."""
        self._cancel_retry()
        async with self._turn:
            if not self.on or not self.waiting:
                return
            waiting, lost = list(self._waiting), self._lost
            try:
                await self._hass.async_add_executor_job(self._write, waiting, lost)
            except OSError as err:
                if not self._failed:
                    _LOGGER.error("The ledger cannot be written: %s", type(err).__name__)
                self._failed = True
                self._retry = async_call_later(self._hass, _RETRY_SECONDS, self._async_write)
                return
            self._failed = False
            del self._waiting[: len(waiting)]
            self._lost -= lost

    def _write(self, events: list[_Event], lost: int) -> None:
        """Write events; blocks. Raises OSError."""
        now = _hour()
        entries = [
            LedgerEntry(hour=hour, event=event, subject=subject)
            for hour, event, what in events
            for subject in self._subjects(what)
        ]
        if lost:
            entries.append(LedgerEntry(hour=now, event=LedgerEvent.LOST, subject=f"*{lost}"))
        self._file.append(entries, now)

    def _subjects(self, what: tuple[tuple[str, str], ...] | int) -> list[str]:
        if isinstance(what, int):
            return [f"*{what}"]
        return [self._file.subject_of(kind, identifier) for kind, identifier in what] or [NO_SUBJECT]

    async def _async_expire(self, _now: datetime | None = None) -> None:
        """Remove entries that have expired; a failure is tried again later."""
        await self._async_remove_before(hour_of(dt_util.utcnow() - KEEP) if self._clock_trusted() else "")

    async def _async_remove_before(self, hour: str) -> None:
        """Open the ledger, and remove entries from before an hour and those that are too many."""
        if not self.on:
            return
        async with self._turn:
            try:
                await self._hass.async_add_executor_job(self._file.expire, hour, MAX_ENTRIES, _hour())
            except OSError as err:
                _LOGGER.error("The ledger cannot be opened: %s", type(err).__name__)

    @callback
    def _cancel_retry(self) -> None:
        if self._retry is not None:
            self._retry()
            self._retry = None


def _hour() -> str:
    return hour_of(dt_util.utcnow())


async def async_remove_ledger(hass: HomeAssistant) -> None:
    """Remove the ledger, because the entry is removed."""
    try:
        await hass.async_add_executor_job(remove_ledger, Path(hass.config.cache_path(DOMAIN)))
    except OSError as err:
        _LOGGER.error("The ledger cannot be removed: %s", type(err).__name__)
