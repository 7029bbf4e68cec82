"""Deletion: fence in-memory utterances, destroy keys, write the receipt, sweep leftover rows and files.

Order matters: matching utterances in memory are fenced before anything else happens, and the receipt
is returned only after the keys are zeroed on disk and read back.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
import contextlib
from dataclasses import replace
import logging

from homeassistant.core import HomeAssistant, callback

from ..core.capture import CaptureSession
from ..core.deletion import HouseClock, select
from ..core.errors import RecordingNotFound, RecordingUnreadable, StoreError, StoreNotReady
from ..core.in_flight import InFlightCaptures, covers_near_misses_now, without_fenced
from ..core.models import (
    AuditAction,
    DeletionReceipt,
    DeletionRequest,
    DeletionScope,
    ListedKind,
    RecordingInfo,
    Requester,
)
from ..core.self_test import SELF_TEST
from ..core.store_lock import StoreLock
from ..recordings.assist_cleanup import AssistTraces
from ..recordings.held import HeldRecordings
from ..recordings.house_clock import house_clock
from ..recordings.unreachable_copies import not_reachable
from ..review.pool import ReviewPool
from ..review.score_recorder import Scores
from ..satellites.registry import SatelliteRegistry
from .access_log import SUBJECT_TRANSCRIPTS, AccessLog
from .events import Notices, deleted_events
from .opened_store import OpenedStore

_LOGGER = logging.getLogger(__name__)


class Deletion:
    """Deletion of recordings; the only code path that removes them. It belongs to the event loop."""

    def __init__(
        self,
        hass: HomeAssistant,
        store: OpenedStore,
        lock: StoreLock,
        *,
        captures: InFlightCaptures,
        held: HeldRecordings,
        pool: ReviewPool,
        traces: AssistTraces,
        scores: Scores,
        satellites: SatelliteRegistry,
        access_log: AccessLog,
        notices: Notices,
    ) -> None:
        """Set up deletion.

        Args:
            hass: Home Assistant.
            store: Recordings on disk.
            lock: Held while recordings and data derived from them are deleted.
            captures: Utterances in memory, which are fenced.
            held: Recordings that are in memory only.
            pool: Review pool, which drops clips of deleted recordings.
            traces: Removes text from Assist's own history.
            scores: Drops recorded wake word scores.
            satellites: All satellites.
            access_log: Records the deletion.
            notices: Notifies entities and pages.
        """
        self._hass = hass
        self._store = store
        self._lock = lock
        self._captures = captures
        self._held = held
        self._pool = pool
        self._traces = traces
        self._scores = scores
        self._satellites = satellites
        self._access_log = access_log
        self._notices = notices

    # --- matching --------------------------------------------------------------------------------

    @property
    def recordings(self) -> Mapping[str, RecordingInfo]:
        """Stored recordings by recording id."""
        return self._store.recordings

    def meant(self, request: DeletionRequest) -> list[RecordingInfo]:
        """Return the visible recordings that a request would delete now, oldest first."""
        return select(request, self._store.recordings.values(), house_clock(), self._held.infos)

    def meant_in_flight(self, request: DeletionRequest) -> list[CaptureSession]:
        """Return the utterances in memory that a request would fence now, oldest first."""
        return self._captures.meant(request, house_clock())

    def ids_meant(self, request: DeletionRequest, kinds: Collection[ListedKind] | None) -> set[str]:
        """Return the ids of the recordings and utterances of some kinds that a request covers now.

        Hidden recordings count, and those in memory only. With kinds, only near misses of what is not stored yet
        do: of nothing else there is it known yet what it will be.
        """
        stored = self._select(request, [], house_clock())
        found = {info.recording_id for info in stored if kinds is None or info.listed_kind in kinds}
        for capture in self.meant_in_flight(request):
            if kinds is None or (capture.near_miss and ListedKind.NEAR_MISS in kinds):
                found.add(capture.utterance_id)
        return found

    # --- deleting --------------------------------------------------------------------------------

    @callback
    def drop_unreported(self, request: DeletionRequest) -> None:
        """Drop the near misses that a request covers and the wake engine has not reported yet."""
        clock = house_clock()
        for satellite_id, satellite in self._satellites.items():
            satellite.near_misses.deletions += covers_near_misses_now(request, satellite_id, clock)

    async def async_delete(
        self, request: DeletionRequest, by: Requester, *, logged_as: DeletionScope | None = None
    ) -> DeletionReceipt:
        """Delete everything that matches a request, in memory and on disk.

        When this returns, the keys are zeroed on disk and were read back. Raises StoreError if the store
        fails; matching utterances in memory are fenced even then.

        Args:
            request: What to delete.
            by: Requester.
            logged_as: Scope for the access log, if somebody asked for another one than that of the request.
        """
        clock = house_clock()
        fenced = self._captures.fence(request, clock)
        self.drop_unreported(request)
        async with self._lock:
            await by.async_check()
            rooms = self._rooms(request, fenced, clock)
            receipt = await self._async_delete_stored(request, fenced, clock)
        self._scores.deleted(request, set(self._satellites), by)
        self._access_log.add(
            by,
            AuditAction.DELETED,
            count=receipt.deleted,
            rooms=rooms if receipt.deleted else (),
            subject=(logged_as or request.scope).value,
        )
        self._notices.changed()
        return receipt

    def _rooms(self, request: DeletionRequest, fenced: list[CaptureSession], clock: HouseClock) -> list[str]:
        """Return the satellite of each recording and utterance that a request covers."""
        stored = self._select(request, fenced, clock)
        return [info.satellite_id for info in stored] + [capture.satellite_id for capture in fenced]

    def _candidates(self, request: DeletionRequest) -> Mapping[str, RecordingInfo]:
        """Return the recordings that a request selects from.

        "The last" is the last that anybody sees; every other request covers hidden recordings as well.
        """
        last = request.scope is DeletionScope.LAST
        return self._store.recordings if last else self._store.with_hidden

    def _select(
        self, request: DeletionRequest, fenced: list[CaptureSession], clock: HouseClock
    ) -> list[RecordingInfo]:
        """Return the recordings, stored or in memory, that a request covers beside the fenced utterances."""
        recordings = self._candidates(request)
        candidates: Iterable[RecordingInfo] = recordings.values()
        if request.scope is DeletionScope.IDS:
            # Looked up, because the event loop would look at each of a hundred thousand.
            candidates = [recordings[one] for one in request.recording_ids if one in recordings]
        return select(without_fenced(request, fenced), candidates, clock, self._held.infos)

    async def _async_delete_stored(
        self, request: DeletionRequest, fenced: list[CaptureSession], clock: HouseClock
    ) -> DeletionReceipt:
        """Delete stored recordings that match a request, given the utterances that were fenced."""
        fenced_ids = {utterance.utterance_id for utterance in fenced}
        stored = self._select(request, fenced, clock)
        rooms = {info.recording_id: info.satellite_id for info in stored}
        # What is in memory only goes even if the store fails.
        held_ids = self._held.drop(rooms)
        self._traces.forget_recordings(held_ids)
        if not self._store.ready:
            raise StoreNotReady
        recordings = self._store.with_hidden
        stored = [info for info in stored if info.recording_id not in held_ids]
        # An utterance that was being written while it was fenced is a recording by now.
        stored += [recordings[utterance_id] for utterance_id in fenced_ids if utterance_id in recordings]
        ids = {recording.recording_id: recording.satellite_id for recording in stored}
        if request.satellite_ids is None:
            # Unreadable recordings may not be listed.
            ids.update(dict.fromkeys(request.recording_ids - fenced_ids - held_ids - recordings.keys(), ""))
        if request.scope is DeletionScope.ALL and request.satellite_ids is None:
            # Unreadable recordings may not be listed, but their keys still exist.
            ids.update(dict.fromkeys(self._store.store.unreadable_ids - ids.keys(), ""))
        receipt = await self._async_erase(ids)
        in_memory = len((fenced_ids | held_ids) - ids.keys())
        for event in deleted_events(ids | {held_id: rooms[held_id] for held_id in held_ids}):
            self._notices.fire(event)
        oldest = min((recording.started_at for recording in stored), default=None)
        return replace(
            receipt,
            asked=receipt.asked + in_memory,
            deleted=receipt.deleted + in_memory,
            not_reachable=not_reachable(self._hass, oldest, self._access_log.exported_at)
            if receipt.deleted + in_memory
            else (),
        )

    async def _async_erase(self, ids: Mapping[str, str]) -> DeletionReceipt:
        """Destroy the keys of recordings, and what was derived from them. Raises StoreError.

        Args:
            ids: Satellites by recording id; empty if unknown.
        """
        receipt = await self._store.store.async_delete(ids.keys())
        try:
            await self._pool.async_forget(ids)
        except StoreError as err:
            # Recordings are deleted but weights trained on them are not: report it as unverified.
            _LOGGER.error("Weights trained on deleted recordings could not be erased (%s)", err.code)
            receipt = replace(receipt, verified=False)
        self._traces.forget_recordings(ids)
        return receipt

    async def async_delete_synthetic(self, recording_id: str) -> DeletionReceipt:
        """Delete the recording of a self-test like any other, without telling anybody. Raises StoreError."""
        async with self._lock:
            if not self._store.ready:
                raise StoreNotReady
            return await self._async_erase({recording_id: SELF_TEST})

    async def async_count_rows(self, receipt: DeletionReceipt, on_left: Callable[[int], None]) -> int | None:
        """Wait until the deleted rows are swept; see RecordingStore.async_count_rows."""
        left = await self._store.store.async_count_rows(receipt.recording_ids, on_left)
        if left:
            _LOGGER.error("Rows of deleted recordings still exist (%s)", left)
        return left

    @property
    def pending(self) -> int:
        """Number of deleted recordings whose row or file still has to be removed."""
        return self._store.store.pending_deletions

    async def async_forget_texts(self, recording_ids: Collection[str], by: Requester) -> int:
        """Delete the transcripts and replies of recordings; return the number changed. Raises StoreError.

        The audio is kept. Unreadable recordings are skipped; they keep their keys until the next deletion.
        """
        forgotten: set[str] = set()
        try:
            for recording_id in recording_ids:
                async with self._lock:
                    if not self._store.ready:
                        raise StoreNotReady
                    with contextlib.suppress(RecordingNotFound, RecordingUnreadable):
                        await self._pool.async_forget_corrections({recording_id})
                        await self._store.store.async_forget_text(recording_id)
                        forgotten.add(recording_id)
        finally:
            if forgotten:
                self._traces.forget_recordings(forgotten)
                known = self._store.with_hidden
                self._access_log.add(
                    by,
                    AuditAction.DELETED,
                    count=len(forgotten),
                    rooms=[known[one].satellite_id for one in forgotten if one in known],
                    subject=SUBJECT_TRANSCRIPTS,
                )
                self._notices.changed()
        return len(forgotten)
