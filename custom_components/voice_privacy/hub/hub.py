"""The hub: every recording enters and every deletion leaves here."""

import asyncio
from collections.abc import Callable, Collection, Mapping
import contextlib
from dataclasses import replace
from datetime import date, datetime
from functools import partial
import logging

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.util import dt as dt_util

from ..const import CONF_CHILD_SAFE
from ..core.capture import CaptureSession
from ..core.deletion import HouseClock, select
from ..core.errors import RecordingNotFound, RecordingUnreadable, StoreError, StoreFull, StoreNotReady
from ..core.in_flight import InFlightCaptures, without_fenced
from ..core.models import (
    AuditAction,
    DeletionReceipt,
    DeletionRequest,
    DeletionScope,
    Detection,
    DiscardReason,
    RecordingContent,
    RecordingInfo,
    RecordingKind,
    Requester,
    StoreSummary,
)
from ..core.privacy import decide
from ..core.retention_policy import RetentionPolicy
from ..core.review import NotProposed, PoolReceipt, ReviewItem, kinds_found, may_be_proposed
from ..recordings.assist_cleanup import AssistTraces
from ..recordings.durable_store import DurableStore
from ..recordings.house_clock import house_clock
from ..recordings.retention_job import Retention
from ..recordings.store import RecordingStore
from ..recordings.unreachable_copies import not_reachable
from ..review.learner import Learner
from ..review.pool import ReviewPool, async_track_expiry
from ..review.score_recorder import Scores
from ..satellites.base import Satellite, SatelliteConfig
from ..satellites.pipeline import OnMutedElsewhere
from ..satellites.registry import SatelliteRegistry
from ..wake_listening.listener import WakeListener
from .access_log import SUBJECT_TRANSCRIPTS, AccessLog
from .events import DayCount, HubEvent, HubEventType, WakeTally, deleted_events
from .settings import HouseToggle, SatelliteToggle, SettingsStore
from .toggles import HubToggles

_LOGGER = logging.getLogger(__name__)


class VoicePrivacyHub:
    """What the household has of its microphones. It belongs to the event loop."""

    def __init__(
        self, hass: HomeAssistant, store: RecordingStore, settings: SettingsStore, access_log: AccessLog
    ) -> None:
        """Prepare the hub; async_start makes it listen."""
        self.hass = hass
        self.settings = settings
        self.access_log = access_log
        self.traces = AssistTraces(hass)
        self.scores = Scores(lambda: not settings.house(HouseToggle.GUEST_MODE))
        self.listening = WakeListener(hass, self._on_detection, self.scores.heard)
        self.wakes = WakeTally()
        self.satellites = SatelliteRegistry(hass)
        self.on_muted_elsewhere: OnMutedElsewhere = lambda *_, **__: None
        """Told when the mute switch of another integration's satellite was turned; set before async_start."""

        self.store_error: StoreError | None = None
        """Why nothing can be kept right now."""

        self.wake_words_offered: Collection[str] = ()
        """Wake words that satellites of other integrations may have listened for."""

        self.retention = Retention(
            hass, self, policy=lambda: self.retention_policy, clock=house_clock, on_change=self._changed
        )
        self._lock = asyncio.Lock()
        self.learner = Learner(
            hass,
            self,
            self._lock,
            apply=self.listening.use_verifiers,
            wanted=lambda: settings.house(HouseToggle.VERIFIER),
            on_change=self._changed,
        )
        self.pool = ReviewPool(
            store,
            self._lock,
            forbids=self._forbids_review,
            find=kinds_found,
            on_change=self._changed,
            on_labels=self.learner.labels_changed,
            unlearn=self.learner.async_unlearn,
        )
        self._expiry: CALLBACK_TYPE | None = None
        self._store = store
        self._store_ready = False
        self._captures = InFlightCaptures()
        self._toggles = HubToggles(
            hass,
            settings,
            access_log,
            self._captures,
            withdraw=self._async_withdraw,
            on_change=self._settings_changed,
        )
        self._change_listeners: set[CALLBACK_TYPE] = set()
        self._event_listeners: set[Callable[[HubEvent], None]] = set()
        for file in self._files:
            file.on_unsaved_changed = self._changed

    # --- life ------------------------------------------------------------------------------------

    async def async_start(self, configs: Collection[SatelliteConfig]) -> None:
        """Open the store, load the wake engine and connect to every satellite.

        Nothing that fails here keeps anything else from working.
        """
        await self.retention.async_load()
        for config in configs:
            self.satellites.add(
                config,
                host=self,
                worker=self.listening.worker,
                settings=partial(self.settings.of, config.satellite_id),
                on_muted_elsewhere=self.on_muted_elsewhere,
            )
        await self.async_open_store()
        self.retention.start()
        self._expiry = async_track_expiry(self.hass, self._async_expire)
        self.listening.start()
        await self.async_load_models()
        self.satellites.start()

    async def async_stop(self) -> None:
        """Disconnect from every satellite, end the worker and close the store."""
        await self.satellites.async_stop()
        await self.learner.async_stop()
        await self.listening.async_stop()
        await self.retention.async_stop()
        if self._expiry is not None:
            self._expiry()
            self._expiry = None
        async with self._lock:
            if self._store_ready:
                self._store_ready = False
                await self._store.async_close()
        await self.settings.async_stop()
        await self.access_log.async_stop()

    async def async_open_store(self) -> None:
        """Open the sealed store; a failure is remembered and shown, and stops nothing else."""
        try:
            async with self._lock:
                await self._store.async_open()
        except StoreError as err:
            _LOGGER.error("The sealed store cannot be opened (%s); nothing will be kept", err.code)
            self.store_error = err
            # A store that lost its keys is open for reading what is left, one without its files or without
            # encryption for deleting; any other is closed.
            self._store_ready = self._store.read_only or self._store.is_open
        else:
            self.store_error = None
            self._store_ready = True
        if self._store_ready and not self._store.read_only:
            await self._async_load_pool()
            # Before anybody is shown what should be gone.
            await self.retention.async_run()
        self._changed()

    async def async_load_models(self) -> None:
        """Load the wake engine with the wake words that the satellites listen for."""
        await self.listening.async_load(self.wake_words_wanted)
        fault = "no_model" if self.listening.unavailable is None else "engine_unavailable"
        self.satellites.engine_loaded(self.listening.wake_words_available, fault)
        self._changed()

    # --- what others may know --------------------------------------------------------------------

    @property
    def _files(self) -> tuple[DurableStore, ...]:
        """What is written below .storage."""
        return self.settings.file, self.access_log.file, self.retention.file

    @property
    def unsaved(self) -> bool:
        """Whether something waits for a disk that takes it."""
        return any(file.unsaved for file in self._files)

    @property
    def recordings(self) -> Mapping[str, RecordingInfo]:
        """What is kept, by recording id, in the order of sequences."""
        return self._store.recordings if self._store_ready else {}

    @property
    def retention_policy(self) -> RetentionPolicy:
        """How long recordings are kept, those that wait for review or have been labeled included."""
        return self.with_review(self.settings.retention)

    def with_review(self, policy: RetentionPolicy) -> RetentionPolicy:
        """Return a policy that knows which recordings wait for review, or have been labeled."""
        return replace(
            policy,
            training=frozenset(one for one in self.satellites if self._forbids_waiting(one) is None),
            labeled=self.pool.labeled,
        )

    def summary(self, satellite_id: str | None = None) -> StoreSummary:
        """Return figures for one satellite or for the house."""
        return self._store.summary(satellite_id) if self._store_ready else StoreSummary()

    @property
    def satellite_ids_kept(self) -> Collection[str]:
        """Satellites of which something is kept, removed ones included."""
        return self._store.satellite_ids if self._store_ready else ()

    def meant(self, request: DeletionRequest) -> list[RecordingInfo]:
        """Return the stored recordings that a request would delete now, oldest first."""
        return select(request, self.recordings.values(), house_clock())

    def satellite_of(self, recording_id: str) -> str | None:
        """Return the satellite of a recording, or of an utterance that is not stored yet; None for neither."""
        found = self.recordings.get(recording_id) or self._captures.get(recording_id)
        return None if found is None else found.satellite_id

    def in_flight(self, satellite_id: str | None) -> list[CaptureSession]:
        """Return a satellite's utterances that are not stored yet, oldest first."""
        return self._captures.of(satellite_id)

    def meant_in_flight(self, request: DeletionRequest) -> list[CaptureSession]:
        """Return the utterances in memory that a request would fence off now, oldest first."""
        return self._captures.meant(request, house_clock())

    @callback
    def restore_count(self, of: DayCount, satellite_id: str, day: date, count: int) -> None:
        """Go on counting where an earlier run of Home Assistant stopped."""
        if of.restore(satellite_id, day, count):
            self._changed()

    @callback
    def async_listen(self, on_change: CALLBACK_TYPE) -> CALLBACK_TYPE:
        """Call when anything that can be shown has changed; return how to stop that."""
        self._change_listeners.add(on_change)
        return lambda: self._change_listeners.discard(on_change)

    @callback
    def async_listen_events(self, on_event: Callable[[HubEvent], None]) -> CALLBACK_TYPE:
        """Call for every event; return how to stop that."""
        self._event_listeners.add(on_event)
        return lambda: self._event_listeners.discard(on_event)

    @property
    def wake_words_wanted(self) -> list[str]:
        """Wake words that the satellites are to listen for, and those offered to others."""
        return sorted(self.satellites.wake_words_wanted.union(self.wake_words_offered))

    # --- toggles ---------------------------------------------------------------------------------

    async def async_set_house(self, toggle: HouseToggle, by: Requester, *, on: bool) -> PoolReceipt:
        """Turn a toggle of the house; guest mode reaches what is being captured in every room.

        The receipt tells what left the review pool, whose consent this may have withdrawn. Raises NotSaved
        when the disk does not take it, StoreError when clips cannot leave the pool.
        """
        return await self._toggles.async_set_house(toggle, by, on=on)

    async def async_set_satellite(
        self, satellite_id: str, toggle: SatelliteToggle, by: Requester, *, on: bool
    ) -> PoolReceipt:
        """Turn a toggle of a satellite, which is told of a mute before the disk is.

        As for the house; raises MuteNotHeld, too, for a mute that is set and reaches the satellite nowhere.
        """
        return await self._toggles.async_set_satellite(self.satellites[satellite_id], toggle, by, on=on)

    @callback
    def _settings_changed(self, satellite: Satellite | None, *, muted: bool) -> None:
        """Make a toggle of one satellite, or of all, reach them."""
        for one in self.satellites.values() if satellite is None else (satellite,):
            if muted:
                one.mute_changed()
            else:
                one.settings_changed()
        if satellite is None:
            self.learner.settings_changed()
        self._changed()

    # --- review ----------------------------------------------------------------------------------

    def _forbids_review(self, satellite_id: str) -> NotProposed | None:
        """Return why nothing that is said to a satellite now may be reviewed."""
        return self._forbids_waiting(satellite_id, guest_mode=self.settings.house(HouseToggle.GUEST_MODE))

    def _forbids_waiting(self, satellite_id: str, *, guest_mode: bool = False) -> NotProposed | None:
        """Return why nothing of a satellite may wait for review; guest mode only keeps more from coming."""
        satellite = self.satellites.get(satellite_id)
        return may_be_proposed(
            house_on=self.settings.house(HouseToggle.HELP_IMPROVE),
            satellite_on=self.settings.satellite(satellite_id, SatelliteToggle.HELP_IMPROVE),
            guest_mode=guest_mode,
            child_safe=satellite is None
            or satellite.config.child_safe
            or self.settings.is_withheld(CONF_CHILD_SAFE, satellite_id),
        )

    async def _async_load_pool(self) -> None:
        """Read which clips wait; without them recordings go on."""
        try:
            await self.pool.async_load(self.recordings, self._forbids_waiting)
            async with self._lock:
                await self.learner.async_load()
        except StoreError as err:
            _LOGGER.warning("The review pool cannot be read (%s)", err.code)

    async def _async_expire(self, now: datetime) -> None:
        """Let clips go that have waited for long enough; what fails waits for the next look."""
        if not self._store_ready:
            return
        try:
            await self.pool.async_expire(now)
        except StoreError as err:
            _LOGGER.warning("Clips cannot leave the review pool (%s)", err.code)

    async def _async_withdraw(self, satellite_id: str | None, by: Requester) -> PoolReceipt:
        """Empty the pool of a satellite, or of the house. Raises StoreError."""
        receipt = await self.pool.async_empty(satellite_id)
        self.access_log.add(by, AuditAction.TAKEN_OUT, count=receipt.taken_out, subject=satellite_id)
        # Its false wakes wait for nothing any more.
        self.retention.settings_changed()
        return receipt

    def labeled_clips(self) -> list[ReviewItem]:
        """Return the clips that somebody has labeled."""
        return [item for item in self.pool.items.values() if item.label is not None]

    # --- the one way in --------------------------------------------------------------------------

    @callback
    def satellite_changed(self, satellite: Satellite) -> None:
        """A satellite shows something else than before."""
        self._changed()

    @callback
    def capture_started(self, satellite: Satellite, capture: CaptureSession) -> None:
        """An utterance has begun: from now on a deletion reaches it."""
        self._captures.add(capture)
        self.pool.capture_started(capture.utterance_id, capture.satellite_id)
        self.wakes.began(capture)
        self._fire(HubEvent(type=HubEventType.WOKE, satellite_id=satellite.satellite_id))

    async def async_capture_finished(
        self, satellite: Satellite, capture: CaptureSession, kind: RecordingKind
    ) -> None:
        """Keep an utterance, or discard it and say why."""
        try:
            async with self._lock:
                reason = await self._async_keep(capture, kind)
        finally:
            self._captures.remove(capture)
            self.pool.capture_ended(capture.utterance_id)
        self.traces.utterance_ended(capture, reason)
        self.scores.ended(capture, kind, reason)
        if kind is RecordingKind.FALSE_WAKE:
            self.wakes.ended_in_vain(capture)
        if reason is None:
            self._fire(
                HubEvent(
                    type=HubEventType.KEPT,
                    satellite_id=satellite.satellite_id,
                    recording_ids=(capture.utterance_id,),
                )
            )
        else:
            self._fire(
                HubEvent(type=HubEventType.DISCARDED, satellite_id=satellite.satellite_id, reason=reason)
            )

    async def _async_keep(self, capture: CaptureSession, kind: RecordingKind) -> DiscardReason | None:
        """Pass an utterance through the privacy gate into the store; return why not."""
        utterance = capture.finish(kind)
        if not self.settings.satellite(capture.satellite_id, SatelliteToggle.SAVE_TRANSCRIPTS):
            utterance = replace(utterance, transcript=None, reply=None)
        reason = decide(utterance, self.settings.of(capture.satellite_id), capture.forbidden)
        if reason is not None:
            return reason
        if not self._store_ready or self._store.read_only:
            return DiscardReason.STORE_FAILED
        try:
            info = await self._store.async_keep(utterance, dt_util.as_local(utterance.started_at).date())
            reason = decide(utterance, self.settings.of(capture.satellite_id), capture.forbidden)
            if reason is not None:
                # Guest mode, for example, came on while it was written.
                try:
                    await self._store.async_delete([info.recording_id])
                except StoreError:
                    self.retention.must_go(info.recording_id)
                    raise
                return reason
        except StoreFull as err:
            self._store_failed(err)
            return DiscardReason.STORE_FULL
        except StoreError as err:
            self._store_failed(err)
            return DiscardReason.STORE_FAILED
        self.store_error = None
        await self.pool.async_propose(info, utterance.transcript, utterance.language)
        self.retention.recording_kept(info, self.summary().size)
        return None

    # --- the one way out -------------------------------------------------------------------------

    async def async_delete(self, request: DeletionRequest, by: Requester) -> DeletionReceipt:
        """Delete what a request means, in memory and on disk.

        When this returns, the keys are zero on disk and were read back. Raises StoreError when the
        store cannot do it; what was still in memory is fenced off all the same.
        """
        clock = house_clock()
        fenced = self._captures.fence(request, clock)
        async with self._lock:
            await by.async_check()
            receipt = await self._async_delete_stored(request, fenced, clock)
        self.scores.deleted(request, set(self.satellites), by)
        self.access_log.add(by, AuditAction.DELETED, count=receipt.deleted, subject=request.scope.value)
        self._changed()
        return receipt

    async def _async_delete_stored(
        self, request: DeletionRequest, fenced: list[CaptureSession], clock: HouseClock
    ) -> DeletionReceipt:
        """Delete from the store what a request means beside the utterances that were fenced off."""
        fenced_ids = {utterance.utterance_id for utterance in fenced}
        if not self._store_ready:
            raise StoreNotReady
        recordings = self._store.recordings
        stored = select(without_fenced(request, fenced), recordings.values(), clock)
        # An utterance that was just being written when it was fenced off is a recording by now.
        stored += [recordings[utterance_id] for utterance_id in fenced_ids if utterance_id in recordings]
        ids = {recording.recording_id: recording.satellite_id for recording in stored}
        if request.satellite_ids is None:
            # What does not open may not even be listed.
            ids.update(dict.fromkeys(request.recording_ids - fenced_ids - recordings.keys(), ""))
        if request.scope is DeletionScope.ALL and request.satellite_ids is None:
            # What does not open may not even be listed, yet its key is there.
            ids.update(dict.fromkeys(self._store.unreadable_ids - ids.keys(), ""))
        receipt = await self._store.async_delete(ids.keys())
        try:
            await self.pool.async_forget(ids)
        except StoreError as err:
            # The recordings are gone; that weights are not must not be hidden behind that.
            _LOGGER.error("What was learned from deleted recordings is still there (%s)", err.code)
            receipt = replace(receipt, verified=False)
        self.traces.forget_recordings(ids)
        in_memory = len(fenced_ids - ids.keys())
        for event in deleted_events(ids):
            self._fire(event)
        oldest = min((recording.started_at for recording in stored), default=None)
        return replace(
            receipt,
            asked=receipt.asked + in_memory,
            deleted=receipt.deleted + in_memory,
            not_reachable=not_reachable(self.hass, oldest, self.access_log.exported_at)
            if receipt.deleted + in_memory
            else (),
        )

    async def async_count_rows(self, receipt: DeletionReceipt, on_left: Callable[[int], None]) -> int | None:
        """Wait until a deletion is swept; see RecordingStore.async_count_rows."""
        left = await self._store.async_count_rows(receipt.recording_ids, on_left)
        if left:
            _LOGGER.error("Rows of deleted recordings are still there (%s)", left)
        return left

    @property
    def pending_deletions(self) -> int:
        """How many deleted recordings have a row or a file that is still to be removed."""
        return self._store.pending_deletions

    async def async_forget_texts(self, recording_ids: Collection[str], by: Requester) -> int:
        """Forget what was said in recordings, and what was answered; return in how many. Raises StoreError.

        Their audio stays. What does not open keeps its key and its turn at the next deletion.
        """
        forgotten: set[str] = set()
        try:
            for recording_id in recording_ids:
                async with self._lock:
                    if not self._store_ready:
                        raise StoreNotReady
                    with contextlib.suppress(RecordingNotFound, RecordingUnreadable):
                        await self.pool.async_forget_corrections({recording_id})
                        await self._store.async_forget_text(recording_id)
                        forgotten.add(recording_id)
        finally:
            if forgotten:
                self.traces.forget_recordings(forgotten)
                self.access_log.add(
                    by, AuditAction.DELETED, count=len(forgotten), subject=SUBJECT_TRANSCRIPTS
                )
                self._changed()
        return len(forgotten)

    @property
    def not_restored(self) -> int:
        """How many recordings a restored backup tells of whose keys are not here."""
        return self._store.not_restored if self._store_ready else 0

    async def async_remove_not_restored(self) -> None:
        """Remove what nobody can open here. Raises StoreError."""
        async with self._lock:
            await self._store.async_remove_not_restored()
        self._changed()

    async def async_read(self, recording_id: str) -> tuple[RecordingInfo, RecordingContent]:
        """Open one recording. Raises RecordingNotFound, RecordingUnreadable or StoreNotReady.

        Whoever shows or plays it to somebody also writes that into the access log.
        """
        if not self._store_ready:
            raise StoreNotReady
        return await self._store.async_read(recording_id)

    @callback
    def _on_detection(self, satellite_id: str, detection: Detection) -> None:
        """Give a detection to its satellite."""
        if (satellite := self.satellites.wyoming.get(satellite_id)) is not None:
            satellite.on_detection(detection)

    @callback
    def _store_failed(self, err: StoreError) -> None:
        """Remember why nothing can be kept."""
        if self.store_error is None or self.store_error.code != err.code:
            _LOGGER.error("A recording could not be kept (%s)", err.code)
        self.store_error = err

    @callback
    def check(self, _now: datetime | None = None) -> None:
        """Look, once a second, whether every satellite still listens."""
        self.satellites.check()

    @callback
    def _changed(self) -> None:
        """Tell everybody who shows something."""
        for on_change in list(self._change_listeners):
            on_change()

    @callback
    def _fire(self, event: HubEvent) -> None:
        """Tell everybody who waits for events, then that something has changed."""
        for on_event in list(self._event_listeners):
            on_event(event)
        self._changed()
