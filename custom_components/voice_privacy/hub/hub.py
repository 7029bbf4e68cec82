"""The hub: entry point for new recordings, and owner of satellites, store, review and settings."""

from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial
import logging

from homeassistant.core import Context, HomeAssistant, callback
from homeassistant.util import dt as dt_util

from ..core.capture import CaptureSession
from ..core.errors import NotLoaded, StoreError, StoreFull
from ..core.house_settings import HouseToggle, SatelliteToggle
from ..core.in_flight import InFlightCaptures
from ..core.levels import PrivacyLevel
from ..core.models import DiscardReason, RecordingContent, RecordingInfo, RecordingKind, Requester, Utterance
from ..core.privacy import decide
from ..core.retention_policy import RetentionPolicy
from ..core.review import PoolReceipt
from ..core.store_lock import StoreLock
from ..recordings.assist_cleanup import AssistTraces
from ..recordings.durable_store import DurableStore
from ..recordings.held import HeldRecordings
from ..recordings.ledger_store import LedgerStore
from ..recordings.retention_job import Retention
from ..recordings.store import RecordingStore
from ..recordings.taught_store import TaughtStore
from ..review.score_recorder import Scores
from ..review.service import ReviewService
from ..satellites.base import Satellite, SatelliteConfig
from ..satellites.pipeline import OnMutedElsewhere
from ..satellites.registry import SatelliteRegistry
from ..wake_listening.listener import WakeListener
from .access_log import AccessLog
from .consent import ReviewConsent
from .data_flow import DataFlow
from .delayed_deletion import DelayedDeletion
from .deletion import Deletion
from .events import HubEvent, HubEventType, Notices, WakeTally, last_wakes
from .feedback import FeedbackDesk
from .ledger import follow
from .memory import Memory, gone
from .microphone_tests import MicrophoneTests
from .opened_store import OpenedStore
from .self_test import SelfTest
from .settings import SettingsStore
from .taught import TaughtWords
from .teaching import Teaching
from .toggles import HubToggles
from .wake_tests import WakeTests

_LOGGER = logging.getLogger(__name__)


async def _async_no_proxies() -> None:
    """Install no proxies: the config entry is not set up yet."""


def ignore_mute_switch(satellite: Satellite, context: Context, *, muted: bool) -> None:
    """Ignore a change of a satellite's own mute switch; used until permissions are available."""


class VoicePrivacyHub:
    """The parts of a household's voice privacy, connected. It belongs to the event loop."""

    def __init__(
        self,
        hass: HomeAssistant,
        store: RecordingStore,
        settings: SettingsStore,
        access_log: AccessLog,
        taught: TaughtStore | None = None,
    ) -> None:
        """Set up the hub; async_start connects to the satellites."""
        self.hass = hass
        self.settings = settings
        self.access_log = access_log
        access_log.satellite_of = self.satellite_of
        self.notices = Notices()
        self.satellites = SatelliteRegistry(hass)
        self.traces = AssistTraces(hass)
        self.scores = Scores(settings)
        self.listening = WakeListener(hass, self.scores)
        self.wakes = WakeTally(last_wakes(hass))
        self.wake_tests = WakeTests(hass, access_log)
        self.microphone_tests = MicrophoneTests(hass, access_log, settings, self.listening)
        self.taught = TaughtWords(hass, taught or TaughtStore(hass))
        self.teaching = Teaching(hass, access_log, settings, self.taught)
        self._follow_taught_words()
        self.on_muted_elsewhere: OnMutedElsewhere = ignore_mute_switch
        """Called when another integration's satellite has its mute switch turned; set before async_start."""

        self.async_sync_proxies: Callable[[], Awaitable[None]] = _async_no_proxies
        """Makes the mute of other integrations' satellites hold in every pipeline; set before async_start."""

        self.wake_words_offered: Collection[str] = ()
        """Wake words offered to satellites of other integrations."""

        self.stopping = self.stopped = False
        """Whether it has begun to stop, from when on what satellites show means nothing; and whether it has stopped."""

        self._lock = StoreLock()
        self.kept = OpenedStore(store, self._lock)
        self._captures = InFlightCaptures()
        self._consent = ReviewConsent(settings, self.satellites)
        self.review = ReviewService(
            hass,
            store,
            self._lock,
            consent=self._consent,
            engine=self.listening,
            house=self,
            log=access_log,
        )
        self.review.learner.taught = self.taught
        self.feedback = FeedbackDesk(
            self.kept, self._lock, pool=self.review.pool, consent=self._consent, access_log=access_log
        )
        held = HeldRecordings(hass, partial(gone, self.traces, self.notices))
        self.deletion = Deletion(
            hass,
            self.kept,
            self._lock,
            held=held,
            captures=self._captures,
            pool=self.review.pool,
            traces=self.traces,
            scores=self.scores,
            satellites=self.satellites,
            access_log=access_log,
            notices=self.notices,
        )
        self.retention = Retention(hass, _RetentionView(self), self.deletion, is_open=self._knows_labels)
        self.memory = Memory(
            held,
            self.kept,
            self._lock,
            settings=settings,
            retention=self.retention,
            access_log=access_log,
            notices=self.notices,
        )
        self.delayed_deletion = DelayedDeletion(
            hass, self.kept, self.deletion, retention=self.retention, notices=self.notices
        )
        self.self_test = SelfTest(hass, self.kept, self._lock, self.deletion, self.notices)
        self.data_flow = DataFlow(hass, self.notices)
        self.ledger = LedgerStore(hass, lambda: self.retention.clock_trusted)
        self.keeps_ledger = True
        """False if the owner has turned the ledger off; set before async_start."""

        self._unfollow = follow(self.ledger, self.notices, access_log)
        self._toggles = HubToggles(hass, settings, access_log, self._captures, house=self)
        for file in self._files:
            file.on_unsaved_changed = self.changed

    def _follow_taught_words(self) -> None:
        """Connect the taught words to what shows their names, hears them, and is compared with new ones."""
        self.satellites.phrase_of = self.taught.phrase_of
        self.listening.on_tightened = self.taught.tightened
        self.teaching.wake_words_wanted = lambda: self.wake_words_wanted

    # --- life cycle ------------------------------------------------------------------------------

    async def async_start(self, configs: Collection[SatelliteConfig]) -> None:
        """Open the store, load the wake engine and connect to every satellite.

        A failure in one part does not stop the others.
        """
        await self.retention.async_load()
        await self.self_test.async_load()
        await self.data_flow.async_load()
        await self.ledger.async_start(on=self.keeps_ledger)
        for config in configs:
            self.satellites.add(
                config,
                host=self,
                listener=self.listening,
                settings=partial(self.settings.of, config.satellite_id),
                on_muted_elsewhere=self.on_muted_elsewhere,
            )
        # What was learned for a taught word is only used while there is that word.
        await self.taught.async_load()
        await self.async_open_store()
        self.retention.start()
        self.self_test.start()
        self.review.start()
        self.listening.start()
        await self.async_load_models()
        self.satellites.start()

    async def async_stop(self) -> None:
        """Disconnect from every satellite, end the worker and close the store."""
        self.stopping = True
        await self.wake_tests.async_stop()
        await self.microphone_tests.async_stop()
        await self.teaching.async_stop()
        await self.self_test.async_stop()
        await self.satellites.async_stop()
        self.memory.held.clear()
        await self.delayed_deletion.async_stop()
        await self.review.async_stop()
        await self.listening.async_stop()
        await self.retention.async_end_near_misses()
        await self.retention.async_stop()
        await self.kept.async_close()
        await self.taught.async_close()
        await self.settings.async_stop()
        await self.access_log.async_stop()
        self.stopped = True
        await self.data_flow.async_stop()
        self._unfollow()
        await self.ledger.async_stop()

    async def async_open_store(self) -> None:
        """Open the sealed store; a failure is remembered and shown, but stops nothing else."""
        await self.kept.async_open()
        if self.kept.writable:
            await self.review.async_load()
            await self.delayed_deletion.async_resume()
            # Run retention before expired recordings can be shown.
            await self.retention.async_catch_up()
        self.changed()

    async def async_load_models(self) -> None:
        """Load the wake engine with the wake words of all satellites.

        Raises NotLoaded if the hub has stopped meanwhile: the next one has perhaps loaded its models already.
        """
        if self.stopped:
            raise NotLoaded
        await self.listening.async_load(self.wake_words_wanted, self.taught.models)
        fault = "no_model" if self.listening.unavailable is None else "engine_unavailable"
        self.satellites.engine_loaded(self.listening.wake_words_available, fault)
        self.changed()

    # --- state for other modules -----------------------------------------------------------------

    @property
    def _files(self) -> tuple[DurableStore, ...]:
        """Files below .storage."""
        return self.settings.file, self.access_log.file, self.retention.file

    @property
    def unsaved(self) -> bool:
        """True if changes could not be written to disk yet."""
        return any(file.unsaved for file in self._files)

    @property
    def recordings(self) -> Mapping[str, RecordingInfo]:
        """Stored recordings by recording id, in the order of their sequence numbers."""
        return self.kept.recordings

    async def async_read(self, recording_id: str) -> tuple[RecordingInfo, RecordingContent]:
        """Read one recording; see OpenedStore.async_read."""
        return await self.kept.async_read(recording_id)

    @property
    def retention_policy(self) -> RetentionPolicy:
        """Retention policy, including recordings that wait for review or have been labeled."""
        return self.with_review(self.settings.retention)

    def _knows_labels(self) -> bool:
        """Return whether recordings are known, and which of them are labeled."""
        return self.kept.ready and (self.review.pool.loaded or not self.kept.writable)

    def with_review(self, policy: RetentionPolicy) -> RetentionPolicy:
        """Return a policy extended by recordings that wait for review or have been labeled."""
        return replace(
            policy,
            satellites={**self.settings.retention_of_removed, **policy.satellites},
            training=self._consent.satellites,
            longest=self.settings.longest_of({*self.satellites, *self.kept.satellite_ids}),
            labeled=self.review.pool.labeled,
        )

    def is_hidden(self, recording_id: str) -> bool:
        """Return whether the deletion of a recording may still be undone."""
        return recording_id in self.kept.hidden

    def satellite_of(self, recording_id: str) -> str | None:
        """Return the satellite id of a recording or of an utterance in memory, or None if unknown."""
        found = (
            self.recordings.get(recording_id)
            or self._captures.get(recording_id)
            or self.memory.held.infos.get(recording_id)
        )
        return None if found is None else found.satellite_id

    def in_flight(self, satellite_id: str | None) -> list[CaptureSession]:
        """Return a satellite's utterances that are not stored yet, oldest first."""
        return self._captures.of(satellite_id)

    @property
    def near_misses_in_flight(self) -> frozenset[str]:
        """Ids of the near misses that are not stored yet."""
        return self._captures.near_misses

    @callback
    def changed(self) -> None:
        """Notify listeners that displayed state has changed."""
        self.notices.changed()

    @property
    def wake_words_wanted(self) -> list[str]:
        """Wake words of all satellites, and those offered to other integrations' satellites."""
        taught = self.taught.models if self.taught.offered else ()
        return sorted(self.satellites.wake_words_wanted.union(self.wake_words_offered, taught))

    @property
    def words_not_learnable(self) -> list[str]:
        """Wake words in use for which no filter can be learned, because openWakeWord does not hear them."""
        heard = set(self.listening.wake_words_available)
        return sorted(heard.intersection(self.wake_words_wanted) - self.listening.learnable)

    # --- toggles ---------------------------------------------------------------------------------

    async def async_set_house(self, toggle: HouseToggle, by: Requester, *, on: bool) -> PoolReceipt:
        """Set a house toggle; guest mode applies to utterances being captured in every room, too.

        Returns:
            Receipt of the clips removed from the review pool, if this withdrew consent.

        Raises:
            NotSaved: The change could not be written to disk.
            StoreError: Clips could not be removed from the pool.
        """
        return await self._toggles.async_set_house(toggle, by, on=on)

    async def async_set_satellite(
        self, satellite_id: str, toggle: SatelliteToggle, by: Requester, *, on: bool
    ) -> PoolReceipt:
        """Set a satellite toggle; a mute is sent to the satellite before it is written to disk.

        Returns and raises the same as async_set_house; also raises MuteNotHeld if a mute is set but does
        not stop the satellite's audio.
        """
        return await self._toggles.async_set_satellite(self.satellites[satellite_id], toggle, by, on=on)

    @callback
    def settings_changed(self, satellite: Satellite | None, *, muted: bool) -> None:
        """Apply a changed toggle to one satellite, or to all of them."""
        for affected in self.satellites.values() if satellite is None else (satellite,):
            if muted:
                affected.mute_changed()
            else:
                affected.settings_changed()
        if satellite is None:
            self.review.learner.settings_changed()
        self.teaching.settings_changed()
        self.changed()

    @callback
    def levels_changed(self, muted: Mapping[str, bool]) -> None:
        """Apply changed privacy levels to these satellites; the value says whether the mute has changed."""
        self._toggles.forbid_in_flight()
        for satellite_id, mute_changed in muted.items():
            self.settings_changed(self.satellites[satellite_id], muted=mute_changed)

    async def async_withdraw(self, satellite_id: str | None, by: Requester) -> PoolReceipt:
        """Empty the review pool of a satellite, or of the house. Raises StoreError."""
        try:
            return await self.review.async_withdraw(satellite_id, by)
        finally:
            # Its false wakes are no longer retained for review.
            self.retention.settings_changed()

    # --- captures --------------------------------------------------------------------------------

    @callback
    def satellite_changed(self, satellite: Satellite) -> None:
        """Handle a change of a satellite's displayed state."""
        self.changed()

    @callback
    def capture_started(self, satellite: Satellite, capture: CaptureSession) -> None:
        """Register a new utterance; from now on a deletion covers it."""
        self._captures.add(capture)
        if capture.near_miss:
            return
        self.review.pool.capture_started(capture.utterance_id, capture.satellite_id)
        self.wakes.began(capture)
        self.notices.fire(HubEvent(type=HubEventType.WOKE, satellite_id=satellite.satellite_id))

    async def async_capture_finished(
        self, satellite: Satellite, capture: CaptureSession, kind: RecordingKind
    ) -> None:
        """Store an utterance, or discard it and report the reason."""
        try:
            async with self._lock:
                reason = await self._async_keep(capture, kind)
        finally:
            self._captures.remove(capture)
            self.review.pool.capture_ended(capture.utterance_id)
        if not capture.near_miss:
            self._wake_ended(capture, kind, reason)
        elif reason is not None:
            # Nobody has said anything to the satellite that could be missed.
            return
        if reason is None:
            self.notices.fire(
                HubEvent(
                    type=HubEventType.KEPT,
                    satellite_id=satellite.satellite_id,
                    recording_ids=(capture.utterance_id,),
                )
            )
        else:
            self.notices.fire(
                HubEvent(type=HubEventType.DISCARDED, satellite_id=satellite.satellite_id, reason=reason)
            )

    @callback
    def _wake_ended(self, capture: CaptureSession, kind: RecordingKind, reason: DiscardReason | None) -> None:
        """Note the outcome of a wake, with the reason if its utterance was discarded."""
        self.traces.utterance_ended(capture, None if reason is DiscardReason.MEMORY_ONLY else reason)
        self.scores.ended(capture, kind, reason)
        if kind is RecordingKind.FALSE_WAKE:
            self.wakes.ended_in_vain(capture)

    async def _async_keep(self, capture: CaptureSession, kind: RecordingKind) -> DiscardReason | None:
        """Store an utterance if the privacy gate allows it; return the reason if it was discarded."""
        heard = utterance = capture.finish(kind)
        if (reason := decide(heard, self.settings.of(capture.satellite_id), capture.forbidden)) is not None:
            return reason
        if not self.settings.satellite(capture.satellite_id, SatelliteToggle.SAVE_TRANSCRIPTS):
            utterance = utterance.without_text()
        if capture.memory_only or self.settings.of(capture.satellite_id).level is PrivacyLevel.MEMORY_ONLY:
            return self.memory.hold(utterance)
        if not self.kept.writable:
            return DiscardReason.STORE_FAILED
        try:
            info = await self.kept.store.async_keep(utterance, dt_util.as_local(utterance.started_at).date())
            if (reason := self._forbidden_by_now(capture, heard)) is not None:
                # A toggle, e.g. guest mode, was turned while the recording was written.
                try:
                    await self.kept.store.async_delete([info.recording_id])
                except StoreError:
                    self.retention.must_go(info.recording_id)
                    raise
                return reason
        except StoreFull as err:
            self.kept.failed(err)
            return DiscardReason.STORE_FULL
        except StoreError as err:
            self.kept.failed(err)
            return DiscardReason.STORE_FAILED
        self.kept.error = None
        if not capture.near_miss:
            await self.review.pool.async_propose(info, utterance.transcript, utterance.language)
        self.retention.recording_kept(info, self.kept.store.summary().size)
        return None

    def _forbidden_by_now(self, capture: CaptureSession, heard: Utterance) -> DiscardReason | None:
        """Return the reason why an utterance may not stay on disk, or None if it may."""
        reason = decide(heard, self.settings.of(capture.satellite_id), capture.forbidden)
        if reason is None and capture.memory_only:
            return DiscardReason.PRIVACY_LEVEL
        return reason

    @callback
    def check(self, _now: datetime | None = None) -> None:
        """Check once a second that every satellite still listens."""
        self.satellites.check()


class _RetentionView:
    """The hub as retention sees it: recordings whose deletion may still be undone expire all the same."""

    def __init__(self, hub: VoicePrivacyHub) -> None:
        """Wrap a hub."""
        self._hub = hub

    @property
    def recordings(self) -> Mapping[str, RecordingInfo]:
        """Stored recordings by recording id, including hidden ones."""
        return self._hub.kept.with_hidden

    @property
    def retention_policy(self) -> RetentionPolicy:
        """Current retention policy."""
        return self._hub.retention_policy

    @property
    def near_misses_in_flight(self) -> frozenset[str]:
        """Ids of the near misses that are not stored yet."""
        return self._hub.near_misses_in_flight

    @callback
    def changed(self) -> None:
        """Notify listeners that displayed state has changed."""
        self._hub.changed()
