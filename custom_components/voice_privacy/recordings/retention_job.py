"""Retention job: deletes expired recordings before any are shown, and then every hour."""

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence, Set as AbstractSet
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
from ..core.errors import EncryptionUnavailable, NotSaved, StorageUnreadable, StoreError
from ..core.models import (
    DeletionReceipt,
    DeletionRequest,
    DeletionScope,
    RecordingInfo,
    Requester,
    RequesterKind,
)
from ..core.retention_policy import NEAR_MISSES, RetentionPolicy, due, due_all, due_texts_all, due_within_all
from .change_grace import ChangeGrace, settings_of
from .clock_file import clock_file, clock_from_stored, clock_to_stored
from .house_clock import house_clock

_LOGGER = logging.getLogger(__name__)

CHANGE_GRACE: Final = 60.0
"""Seconds between a settings change and the deletions it causes, during which it can be undone."""

_BATCH: Final = 500
"""Maximum number of recordings per deletion, so that storing new ones is not blocked for long."""

_TEXT_BATCH: Final = 50
"""Maximum number of transcripts deleted before the settings are looked at again; each is written by itself."""

_HOUR: Final = timedelta(hours=1)
"""Interval of the runs; recordings that expire sooner get a timer."""

_MINUTE: Final = 33
"""Minute of each hour at which the job runs; core's nightly work begins at 4:12."""

_RUN: Final = uuid4().hex
"""Id of this run of Home Assistant, within which monotonic readings are comparable."""

_MARGIN: Final = 1.0
"""Seconds added to timers, so that recordings have expired when they fire."""

_RETRY: Final = timedelta(minutes=1)
"""Delay before retrying; it doubles, up to an hour, unless something is left that must not be kept."""

_SAVE_SOON: Final = 5.0
"""Seconds until it is written which recordings are still to be deleted."""

_SAVE_EVERY: Final = timedelta(hours=12)
"""Minimum interval between writes of the clock record while the clock is trusted."""

_BY: Final = Requester(kind=RequesterKind.RETENTION)


class _Find(Protocol):
    """One of the functions that find what is due."""

    def __call__(
        self,
        policies: Sequence[RetentionPolicy],
        recordings: Collection[RecordingInfo],
        clock: HouseClock,
        *,
        clock_trusted: bool,
    ) -> list[RecordingInfo]:
        """Return what each of some policies deletes now, by sequence."""


class RetentionHost(Protocol):
    """Interface to the hub."""

    @property
    def recordings(self) -> Mapping[str, RecordingInfo]:
        """Stored recordings by recording id, including those whose deletion may still be undone."""

    @property
    def retention_policy(self) -> RetentionPolicy:
        """Current retention policy."""

    @property
    def near_misses_in_flight(self) -> frozenset[str]:
        """Ids of the near misses that are not stored yet."""

    @callback
    def changed(self) -> None:
        """Notify listeners that displayed state has changed."""


class RetentionOut(Protocol):
    """Interface to the deletion of recordings."""

    async def async_delete(self, request: DeletionRequest, by: Requester) -> DeletionReceipt:
        """Delete everything that matches a request. Raises StoreError."""

    async def async_forget_texts(self, recording_ids: Collection[str], by: Requester) -> int:
        """Delete the transcripts and replies of recordings. Raises StoreError."""


class Retention:
    """Deletes recordings that the policy does not keep any longer. It belongs to the event loop."""

    def __init__(
        self,
        hass: HomeAssistant,
        host: RetentionHost,
        out: RetentionOut,
        *,
        is_open: Callable[[], bool] = lambda: True,
    ) -> None:
        """Set up the job; async_load must be called before the first run.

        Args:
            hass: Home Assistant.
            host: The hub.
            out: Deletes the recordings.
            is_open: Returns whether the host knows its recordings and their labels.
        """
        self._hass = hass
        self._host = host
        self._out = out
        self._is_open = is_open
        self.file = clock_file(
            hass, lambda: clock_to_stored(self._record, self._forbidden, self._grace.to_stored(), run=_RUN)
        )
        self._record = ClockRecord()
        self._saved: ClockRecord | None = None
        self._running = False
        self._idle = asyncio.Event()
        self._idle.set()
        self._failures = 0
        self._repeat = False
        self._forbidden: set[str] = set()
        self._grace = ChangeGrace(hass, self, CHANGE_GRACE)
        self._hourly: CALLBACK_TYPE | None = None
        self._soon: CALLBACK_TYPE | None = None
        self._soon_at = math.inf
        self._stopped = False

    async def async_load(self) -> None:
        """Read the clock record; an unreadable one makes the clock untrusted."""
        self._stopped = False
        stored: Mapping[str, Any] = {}
        try:
            stored = await self.file.async_read() or {}
            self._forbidden = {str(recording_id) for recording_id in stored.get("forbidden", ())}
            self._record = clock_from_stored(stored, run=_RUN)
        except AttributeError, KeyError, OverflowError, StorageUnreadable, TypeError, ValueError:
            _LOGGER.warning("The clock record cannot be read; deletion by age is paused for a day")
        self._saved = self._record
        self._grace.resume(stored.get("policies"))

    async def async_end_near_misses(self) -> None:
        """Delete all near misses: Home Assistant, or the integration, may stay stopped for longer than a minute.

        Those that are being stored right now, or wait for it, are included.
        """
        found = self._host.near_misses_in_flight | {
            recording_id for recording_id, recording in self._host.recordings.items() if recording.near_miss
        }
        if not found:
            return
        try:
            await self._async_delete(found)
        except StoreError as err:
            _LOGGER.warning("Near misses are left and will be deleted at the next start (%s)", err.code)

    @callback
    def start(self) -> None:
        """Start the hourly runs."""
        self._hourly = async_track_time_change(self._hass, self._async_hourly, minute=_MINUTE, second=0)

    async def async_stop(self) -> None:
        """Stop the runs and write the clock record."""
        self._stopped = True
        self._grace.stop()
        for cancel in (self._hourly, self._soon):
            if cancel is not None:
                cancel()
        self._hourly = self._soon = None
        self._soon_at = math.inf
        await self._async_save()
        await self.file.async_stop()

    @property
    def clock_trusted(self) -> bool:
        """True if the last run trusted the system clock."""
        return self._record.is_trusted

    async def async_preview(self, policy: RetentionPolicy | None = None) -> list[RecordingInfo]:
        """Return the recordings that a policy, by default the current one, would delete now, by sequence."""
        clock = house_clock()
        record = look(self._record, Reading(now=clock.now, monotonic=clock.monotonic))
        return await self._async_find(
            due_all, [policy or self._host.retention_policy], clock, clock_trusted=record.is_trusted
        )

    async def async_preview_texts(self, policy: RetentionPolicy) -> list[RecordingInfo]:
        """Return the recordings whose text a policy would delete now, by sequence."""
        clock = house_clock()
        record = look(self._record, Reading(now=clock.now, monotonic=clock.monotonic))
        return await self._async_find(due_texts_all, [policy], clock, clock_trusted=record.is_trusted)

    async def async_run(self) -> int:
        """Apply the current settings without any grace period; otherwise the same as async_run_settled."""
        self._grace.end()
        return await self.async_run_settled()

    async def async_run_settled(self) -> int:
        """Delete expired recordings and return their number; a failure is retried in the next run.

        What settings keep whose grace period is not over stays. Called during a run, which may have begun with
        other settings, it lets that run be repeated.
        """
        if not self._is_open():
            # What is labeled is not known yet, or nothing at all; a run follows as soon as it is.
            return 0
        if self._running:
            self._repeat = True
            return 0
        self._running = True
        self._idle.clear()
        try:
            deleted = await self._async_run()
            while self._repeat and not self._stopped:
                self._repeat = False
                deleted += await self._async_run()
        except StoreError as err:
            _LOGGER.warning("Retention failed and will be retried (%s)", err.code)
            self._retry()
            return 0
        else:
            return deleted
        finally:
            self._running = self._repeat = False
            self._idle.set()

    async def async_catch_up(self) -> None:
        """Run, and wait for the end of a run that is under way: nothing that has expired is left then."""
        await self.async_run_settled()
        await self._idle.wait()

    @callback
    def _retry(self) -> None:
        """Run again after a failure."""
        wait = min(_RETRY * 2 ** min(self._failures, 6), _HOUR)
        self._failures += 1
        near_misses = any(recording.near_miss for recording in self._host.recordings.values())
        self._run_in(_RETRY if self._forbidden or near_misses else wait)

    async def _async_look_at_clock(self, clock: HouseClock) -> None:
        """Update the clock record."""
        before = self._record
        reading = Reading(now=clock.now, monotonic=clock.monotonic)
        if before == ClockRecord() and not self._host.recordings:
            # New store: there are no recordings that a wrong clock could make look old.
            self._record = ClockRecord(trusted=reading)
        else:
            self._record = look(before, reading)
        if self._record.doubted is not None and before.doubted is None:
            _LOGGER.warning(
                "The clock is not trusted yet; deletion by age is paused until it has run for a day"
            )
        if self._must_save():
            await self._async_save()

    async def _async_run(self) -> int:
        """Update the clock record, then delete in batches."""
        clock = house_clock()
        await self._async_look_at_clock(clock)
        policies = self._grace.policies()
        gone = await self._async_find(due_all, policies, clock, clock_trusted=self._record.is_trusted)
        due_ids = {recording.recording_id for recording in gone}
        forbidden = sorted((self._forbidden & self._host.recordings.keys()) - due_ids)
        gone = [self._host.recordings[recording_id] for recording_id in forbidden] + gone
        deleted = 0
        for start in range(0, len(gone), _BATCH):
            # First, and between batches, of which there may be hundreds: near misses have only a minute.
            if near_misses := self._near_misses_due():
                deleted += await self._async_delete(near_misses)
            if self._is_overtaken(policies):
                return deleted
            batch = {recording.recording_id for recording in gone[start : start + _BATCH]}
            if labeled := batch & self._host.retention_policy.labeled - policies[0].labeled:
                # Labeled since this run has looked, and perhaps to be kept.
                batch -= labeled
                self._repeat = True
            if left := batch & self._host.recordings.keys():
                deleted += await self._async_delete(left)
            if self._forbidden & batch:
                self._forbidden -= batch
                self.file.write_soon(_SAVE_SOON)
        await self._async_run_texts(policies, clock)
        return deleted

    async def _async_run_texts(self, policies: list[RetentionPolicy], clock: HouseClock) -> None:
        """Delete the expired texts in batches, and set the timer of the next run."""
        trusted, failed = self._record.is_trusted, False
        late = await self._async_find(due_texts_all, policies, clock, clock_trusted=trusted)
        texts = [recording.recording_id for recording in late]
        for start in range(0, len(texts), _TEXT_BATCH):
            if self._is_overtaken(policies):
                return
            try:
                await self._out.async_forget_texts(texts[start : start + _TEXT_BATCH], _BY)
            except StoreError as err:
                # A failure must not delay the deletion of whole recordings.
                _LOGGER.warning("Retention of transcripts failed and will be retried (%s)", err.code)
                # Without encryption a retry fails as well, until Home Assistant is mended and restarted.
                failed = not isinstance(err, EncryptionUnavailable)
                break
        if not self._is_overtaken(policies):
            await self._async_look_ahead(policies, frozenset(texts))
        if failed:
            self._retry()
        else:
            self._failures = 0

    def _is_overtaken(self, policies: list[RetentionPolicy]) -> bool:
        """Return whether a run must end: somebody may have chosen to keep the rest, or the hub stops."""
        if self._stopped:
            return True
        if list(map(settings_of, self._grace.policies())) != list(map(settings_of, policies)):
            self._repeat = True
        return self._repeat

    def _near_misses_due(self) -> set[str]:
        """Return the ids of the near misses that are due now; no clock needs to be trusted for them."""
        near_misses = [recording for recording in self._host.recordings.values() if recording.near_miss]
        return {
            recording.recording_id
            for recording in due(RetentionPolicy(), near_misses, house_clock(), clock_trusted=False)
        }

    async def _async_delete(self, recording_ids: AbstractSet[str]) -> int:
        """Delete recordings and return their number. Raises StoreError."""
        request = DeletionRequest(scope=DeletionScope.IDS, recording_ids=frozenset(recording_ids))
        return (await self._out.async_delete(request, _BY)).deleted

    async def _async_look_ahead(self, policies: list[RetentionPolicy], tried: frozenset[str]) -> None:
        """Set a timer for recordings that expire before the next hourly run.

        Texts that this run failed to delete are left to later runs.
        """
        recordings, clock = list(self._host.recordings.values()), house_clock()
        trusted = self._record.is_trusted

        def find_wait() -> timedelta | None:
            left = (
                replace(recording, has_text=False) if recording.recording_id in tried else recording
                for recording in recordings
            )
            return due_within_all(policies, left, clock, _HOUR, clock_trusted=trusted)

        wait = await self._hass.async_add_executor_job(find_wait)
        if wait is not None:
            self._run_in(wait)

    @callback
    def _run_in(self, wait: timedelta) -> None:
        """Set a timer for a run, unless an earlier run is already scheduled."""
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
        await self.async_run_settled()

    async def _async_find(
        self, find: _Find, policies: list[RetentionPolicy], clock: HouseClock, *, clock_trusted: bool
    ) -> list[RecordingInfo]:
        """Return what is expired for each of some policies; runs in a thread, as there may be a hundred thousand."""
        recordings = list(self._host.recordings.values())
        return await self._hass.async_add_executor_job(
            lambda: find(policies, recordings, clock, clock_trusted=clock_trusted)
        )

    async def _async_hourly(self, _now: datetime) -> None:
        await self.async_run_settled()

    @callback
    def settings_will_change(self) -> None:
        """Look at the settings before they change: without a run since the start nobody has seen them yet."""
        self._grace.policies()

    @callback
    def settings_changed(self) -> None:
        """Notify listeners, and run when the grace period is over."""
        self._host.changed()
        self._grace.policies()

    # --- for the grace period --------------------------------------------------------------------

    @property
    def retention_policy(self) -> RetentionPolicy:
        """Current retention policy."""
        return self._host.retention_policy

    @property
    def is_open(self) -> bool:
        """Whether recordings and labels are known."""
        return self._is_open()

    def stored_size(self) -> int:
        """Return the size of all recordings in bytes."""
        return sum(recording.size for recording in self._host.recordings.values())

    @callback
    def grace_changed(self) -> None:
        """Write the policies, soon."""
        self.file.write_soon(0)

    async def async_grace_over(self) -> None:
        """Delete what no policy keeps any longer."""
        await self.async_run_settled()

    # --- recordings ------------------------------------------------------------------------------

    @callback
    def must_go(self, recording_id: str) -> None:
        """Schedule the deletion of a recording that became forbidden while it was written."""
        self._forbidden.add(recording_id)
        self.file.write_soon(0)
        self._run_in(_RETRY)

    @callback
    def recording_kept(self, recording: RecordingInfo, size: int) -> None:
        """Schedule the deletion of a new recording, and run if the store exceeds its limit.

        Args:
            recording: The new recording.
            size: Size of all recordings in bytes.
        """
        policies = self._grace.policies()
        policy = policies[0]
        for period in (policy.period_of(recording), policy.text_period_of(recording)):
            if period is not None and period <= _HOUR:
                self._run_in(period)
        if recording.near_miss and recording.started_monotonic is not None:
            # Counted from its start, not from when it was written.
            self._run_in(
                NEAR_MISSES - timedelta(seconds=house_clock().monotonic - recording.started_monotonic)
            )
        too_much = all(policy.limit_bytes and size > policy.limit_bytes for policy in policies)
        if too_much and not self._running:
            self._hass.async_create_background_task(self.async_run_settled(), f"{DOMAIN}_retention")

    def _must_save(self) -> bool:
        """Return whether the stored clock record is outdated."""
        saved, record = self._saved, self._record
        if saved is None or saved.trusted is None or record.trusted is None:
            return True
        if saved.doubted is not None or record.doubted is not None:
            return True
        return record.trusted.now - saved.trusted.now >= _SAVE_EVERY

    async def _async_save(self) -> None:
        """Write the clock record now."""
        if self._record == ClockRecord():
            return
        try:
            await self.file.async_write()
        except NotSaved:
            # Retention uses the record in memory; the file is retried automatically.
            return
        self._saved = self._record
