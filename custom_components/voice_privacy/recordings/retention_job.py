"""Retention at work: what has been kept for long enough goes before anything is served, and every hour."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
import logging
import math
from typing import Any, Final, Protocol
from uuid import uuid4

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.event import async_call_later, async_track_time_change

from ..const import DOMAIN
from ..core.clock_trust import ClockRecord, Reading, look
from ..core.deletion import HouseClock
from ..core.errors import NotSaved, StorageUnreadable, StoreError
from ..core.models import (
    DeletionReceipt,
    DeletionRequest,
    DeletionScope,
    RecordingInfo,
    Requester,
    RequesterKind,
)
from ..core.moments import parse_moment
from ..core.retention_policy import RetentionPolicy, due, due_texts, due_within
from .durable_store import DurableStore
from .house_clock import house_clock

_LOGGER = logging.getLogger(__name__)

CHANGE_GRACE: Final = 60.0
"""Seconds between a change of the settings and what it deletes: time to take a wrong choice back."""

_BATCH: Final = 500
"""Recordings deleted at once, so that keeping never waits long behind them."""

_HOUR: Final = timedelta(hours=1)
"""Between two looks; what is due sooner gets a timer of its own."""

_MINUTE: Final = 33
"""Of every hour; core's own nightly work begins at 4:12."""

_RUN: Final = uuid4().hex
"""Names this run of Home Assistant, in which monotonic readings can be compared."""

_MARGIN: Final = 1.0
"""Seconds that a timer rings late, so that it never finds something not quite due."""

_RETRY: Final = timedelta(minutes=1)
"""Time after which what must not have been kept is deleted, where that failed at once."""

_SAVE_EVERY: Final = timedelta(hours=12)
"""The clock's record is written no more often than that while nothing is wrong with it."""

_MOST_SECONDS: Final = 1e10
"""No clock has run for longer; NaN is not less."""

_BY: Final = Requester(kind=RequesterKind.RETENTION)


class RetentionHost(Protocol):
    """Whose recordings they are: the hub."""

    @property
    def recordings(self) -> Mapping[str, RecordingInfo]:
        """What is kept, by recording id."""

    @property
    def retention_policy(self) -> RetentionPolicy:
        """How long recordings are kept now."""

    @callback
    def changed(self) -> None:
        """Tell everybody who shows something."""


class RetentionOut(Protocol):
    """The one way out for recordings."""

    async def async_delete(self, request: DeletionRequest, by: Requester) -> DeletionReceipt:
        """Delete what a request means. Raises StoreError."""

    async def async_forget_texts(self, recording_ids: Collection[str], by: Requester) -> int:
        """Forget what was said in recordings. Raises StoreError."""


class Retention:
    """Deletes what the policy no longer keeps. It belongs to the event loop."""

    def __init__(
        self,
        hass: HomeAssistant,
        host: RetentionHost,
        out: RetentionOut,
    ) -> None:
        """Prepare; async_load must come before the first run.

        Args:
            hass: Home Assistant.
            host: Whose recordings these are.
            out: Deletes them.
        """
        self._hass = hass
        self._host = host
        self._out = out
        self.file = _clock_file(hass, lambda: _to_stored(self._record))
        self._record = ClockRecord()
        self._saved: ClockRecord | None = None
        self._running = False
        self._forbidden: set[str] = set()
        self._grace: CALLBACK_TYPE | None = None
        self._hourly: CALLBACK_TYPE | None = None
        self._soon: CALLBACK_TYPE | None = None
        self._soon_at = math.inf
        self._stopped = False

    async def async_load(self) -> None:
        """Read what is known of the clock; what cannot be read makes it doubted."""
        try:
            self._record = _from_stored(await self.file.async_read() or {})
        except AttributeError, KeyError, OverflowError, StorageUnreadable, TypeError, ValueError:
            _LOGGER.warning("The record of the clock cannot be read; deletion by age waits for a day")
        self._saved = self._record

    @callback
    def start(self) -> None:
        """Run every hour from now on."""
        self._hourly = async_track_time_change(self._hass, self._async_hourly, minute=_MINUTE, second=0)

    async def async_stop(self) -> None:
        """Run no more, and write down what is known of the clock."""
        self._stopped = True
        for cancel in (self._grace, self._hourly, self._soon):
            if cancel is not None:
                cancel()
        self._grace = self._hourly = self._soon = None
        self._soon_at = math.inf
        await self._async_save()
        await self.file.async_stop()

    async def async_preview(self, policy: RetentionPolicy | None = None) -> list[RecordingInfo]:
        """Return what would go now under a policy, or under the one that holds, by sequence."""
        clock = house_clock()
        record = look(self._record, Reading(now=clock.now, monotonic=clock.monotonic))
        return await self._async_due(
            policy or self._host.retention_policy, clock, clock_trusted=record.is_trusted
        )

    async def async_preview_texts(self, policy: RetentionPolicy) -> list[RecordingInfo]:
        """Return the recordings whose text would be forgotten now under a policy, by sequence."""
        clock = house_clock()
        record = look(self._record, Reading(now=clock.now, monotonic=clock.monotonic))
        return await self._async_due_texts(policy, clock, clock_trusted=record.is_trusted)

    async def async_run(self) -> int:
        """Delete what is due and return how many went; what fails waits for the next run."""
        if self._running:
            return 0
        self._running = True
        try:
            return await self._async_run()
        except StoreError as err:
            _LOGGER.warning("Retention has to wait (%s)", err.code)
            if self._forbidden:
                self._run_in(_RETRY)
            return 0
        finally:
            self._running = False

    async def _async_run(self) -> int:
        """Look at the clock, then delete in batches."""
        clock = house_clock()
        before = self._record
        reading = Reading(now=clock.now, monotonic=clock.monotonic)
        if before == ClockRecord() and not self._host.recordings:
            # A new house: nothing is there that a wrong clock could make look old.
            self._record = ClockRecord(trusted=reading)
        else:
            self._record = look(before, reading)
        if self._record.doubted is not None and before.doubted is None:
            _LOGGER.warning("The clock is not believed yet; deletion by age waits until it ran for a day")
        if self._must_save():
            await self._async_save()
        gone = await self._async_due(
            self._host.retention_policy, clock, clock_trusted=self._record.is_trusted
        )
        self._forbidden &= self._host.recordings.keys()
        due_ids = {recording.recording_id for recording in gone}
        gone = [self._host.recordings[one] for one in sorted(self._forbidden - due_ids)] + gone
        deleted = 0
        for start in range(0, len(gone), _BATCH):
            batch = frozenset(recording.recording_id for recording in gone[start : start + _BATCH])
            request = DeletionRequest(scope=DeletionScope.IDS, recording_ids=batch)
            deleted += (await self._out.async_delete(request, _BY)).deleted
        late = await self._async_due_texts(
            self._host.retention_policy, clock, clock_trusted=self._record.is_trusted
        )
        texts = [recording.recording_id for recording in late]
        if texts:
            try:
                await self._out.async_forget_texts(texts, _BY)
            except StoreError as err:
                # Whole recordings go on time all the same.
                _LOGGER.warning("Retention of transcripts has to wait (%s)", err.code)
        await self._async_look_ahead(frozenset(texts))
        return deleted

    async def _async_look_ahead(self, tried: frozenset[str]) -> None:
        """Set a timer for what the next hourly look would find too late.

        Texts that were just tried and are still there wait for that look.
        """
        policy, recordings, clock = (
            self._host.retention_policy,
            list(self._host.recordings.values()),
            house_clock(),
        )
        trusted = self._record.is_trusted

        def find_wait() -> timedelta | None:
            left = (
                replace(recording, has_text=False) if recording.recording_id in tried else recording
                for recording in recordings
            )
            return due_within(policy, left, clock, _HOUR, clock_trusted=trusted)

        wait = await self._hass.async_add_executor_job(find_wait)
        if wait is not None:
            self._run_in(wait)

    @callback
    def _run_in(self, wait: timedelta) -> None:
        """Run when something will be due, unless a run comes sooner anyway."""
        if self._stopped:
            return
        seconds = wait.total_seconds() + _MARGIN
        at = house_clock().monotonic + seconds
        if at >= self._soon_at:
            return
        if self._soon is not None:
            self._soon()
        self._soon_at = at
        self._soon = async_call_later(self._hass, seconds, self._async_soon)

    async def _async_soon(self, _now: datetime) -> None:
        self._soon, self._soon_at = None, math.inf
        await self.async_run()

    async def _async_due(
        self, policy: RetentionPolicy, clock: HouseClock, *, clock_trusted: bool
    ) -> list[RecordingInfo]:
        """Decide in another thread: there may be a hundred thousand."""
        recordings = list(self._host.recordings.values())
        return await self._hass.async_add_executor_job(
            lambda: due(policy, recordings, clock, clock_trusted=clock_trusted)
        )

    async def _async_due_texts(
        self, policy: RetentionPolicy, clock: HouseClock, *, clock_trusted: bool
    ) -> list[RecordingInfo]:
        """Decide likewise whose words have been kept for long enough."""
        recordings = list(self._host.recordings.values())
        return await self._hass.async_add_executor_job(
            lambda: due_texts(policy, recordings, clock, clock_trusted=clock_trusted)
        )

    async def _async_hourly(self, _now: datetime) -> None:
        await self.async_run()

    @callback
    def settings_changed(self) -> None:
        """Show it, and run soon, counted from the last of several changes."""
        self._host.changed()
        if self._grace is not None:
            self._grace()
        self._grace = async_call_later(self._hass, CHANGE_GRACE, self._async_grace_over)

    async def _async_grace_over(self, _now: datetime) -> None:
        self._grace = None
        await self.async_run()

    @callback
    def must_go(self, recording_id: str) -> None:
        """Delete, as soon as the store can, what was forbidden by the time it was written."""
        self._forbidden.add(recording_id)
        self._run_in(_RETRY)

    @callback
    def recording_kept(self, recording: RecordingInfo, size: int) -> None:
        """Look after a new recording: its time, and the room that all together take, bytes."""
        policy = self._host.retention_policy
        for period in (policy.period_of(recording), policy.text_period_of(recording)):
            if period is not None and period <= _HOUR:
                self._run_in(period)
        if (limit := self._host.retention_policy.limit_bytes) and size > limit and not self._running:
            self._hass.async_create_background_task(self.async_run(), f"{DOMAIN}_retention")

    def _must_save(self) -> bool:
        """Return whether the file tells something else of the clock, or is old."""
        saved, record = self._saved, self._record
        if saved is None or saved.trusted is None or record.trusted is None:
            return True
        if saved.doubted is not None or record.doubted is not None:
            return True
        return record.trusted.now - saved.trusted.now >= _SAVE_EVERY

    async def _async_save(self) -> None:
        """Write the file now."""
        if self._record == ClockRecord():
            return
        try:
            await self.file.async_write()
        except NotSaved:
            # Retention goes by what memory knows; the file is tried again by itself.
            return
        self._saved = self._record


async def async_remove_clock_record(hass: HomeAssistant) -> None:
    """Delete the file of a house that is no more."""
    await _clock_file(hass, dict).async_remove()


def _clock_file(hass: HomeAssistant, content: Callable[[], dict[str, Any]]) -> DurableStore:
    """Return the file that tells what is known of the clock."""
    return DurableStore(hass, "clock", content)


def _to_stored(record: ClockRecord) -> dict[str, Any]:
    """Return what is written."""
    return {
        "run": _RUN,
        "trusted": _reading_to_stored(record.trusted),
        "doubted": _reading_to_stored(record.doubted),
        "steady": record.steady.total_seconds(),
    }


def _reading_to_stored(reading: Reading | None) -> dict[str, Any] | None:
    """Return what is written of a reading."""
    if reading is None:
        return None
    return {"now": reading.now.isoformat(), "monotonic": reading.monotonic}


def _from_stored(stored: dict[str, Any]) -> ClockRecord:
    """Read the file; raises what malformed data raises."""
    same_run = stored.get("run") == _RUN

    def reading(raw: dict[str, Any] | None) -> Reading | None:
        if raw is None:
            return None
        return Reading(
            now=parse_moment(raw["now"]), monotonic=_seconds(raw["monotonic"]) if same_run else None
        )

    return ClockRecord(
        trusted=reading(stored.get("trusted")),
        doubted=reading(stored.get("doubted")),
        steady=timedelta(seconds=_seconds(stored.get("steady", 0))),
    )


def _seconds(value: object) -> float:
    """Return stored seconds. Raises TypeError or ValueError for what cannot be."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError
    if not 0 <= value < _MOST_SECONDS:
        raise ValueError
    return float(value)
