"""The hub: every recording enters and every deletion leaves here."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import date, datetime
from functools import partial
import logging

from homeassistant.core import Context, HomeAssistant, callback
from homeassistant.util import dt as dt_util

from ..core.capture import CaptureSession
from ..core.errors import StoreError, StoreFull
from ..core.in_flight import InFlightCaptures
from ..core.models import DiscardReason, RecordingContent, RecordingInfo, RecordingKind, Requester
from ..core.privacy import decide
from ..core.retention_policy import RetentionPolicy
from ..core.review import PoolReceipt
from ..core.store_lock import StoreLock
from ..recordings.assist_cleanup import AssistTraces
from ..recordings.durable_store import DurableStore
from ..recordings.retention_job import Retention
from ..recordings.store import RecordingStore
from ..review.score_recorder import Scores
from ..review.service import ReviewService
from ..satellites.base import Satellite, SatelliteConfig
from ..satellites.pipeline import OnMutedElsewhere
from ..satellites.registry import SatelliteRegistry
from ..wake_listening.listener import WakeListener
from .access_log import AccessLog
from .consent import ReviewConsent
from .deletion import Deletion
from .events import DayCount, HubEvent, HubEventType, Notices, WakeTally
from .opened_store import OpenedStore
from .settings import HouseToggle, SatelliteToggle, SettingsStore
from .toggles import HubToggles

_LOGGER = logging.getLogger(__name__)


def follow_nobody(satellite: Satellite, context: Context, *, muted: bool) -> None:
    """Leave a satellite's own mute switch alone: nobody's rights are known yet."""


class VoicePrivacyHub:
    """What the household has of its microphones. It belongs to the event loop."""

    def __init__(
        self, hass: HomeAssistant, store: RecordingStore, settings: SettingsStore, access_log: AccessLog
    ) -> None:
        """Prepare the hub; async_start makes it listen."""
        self.hass = hass
        self.settings = settings
        self.access_log = access_log
        self.notices = Notices()
        self.satellites = SatelliteRegistry(hass)
        self.traces = AssistTraces(hass)
        self.scores = Scores(settings)
        self.listening = WakeListener(hass, self.scores)
        self.wakes = WakeTally()
        self.on_muted_elsewhere: OnMutedElsewhere = follow_nobody
        """Told when the mute switch of another integration's satellite was turned; set before async_start."""

        self.wake_words_offered: Collection[str] = ()
        """Wake words that satellites of other integrations may have listened for."""

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
        self.deletion = Deletion(
            hass,
            self.kept,
            self._lock,
            captures=self._captures,
            pool=self.review.pool,
            traces=self.traces,
            scores=self.scores,
            satellites=self.satellites,
            access_log=access_log,
            notices=self.notices,
        )
        self.retention = Retention(hass, host=self, out=self.deletion)
        self._toggles = HubToggles(hass, settings, access_log, self._captures, house=self)
        for file in self._files:
            file.on_unsaved_changed = self.changed

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
                listener=self.listening,
                settings=partial(self.settings.of, config.satellite_id),
                on_muted_elsewhere=self.on_muted_elsewhere,
            )
        await self.async_open_store()
        self.retention.start()
        self.review.start()
        self.listening.start()
        await self.async_load_models()
        self.satellites.start()

    async def async_stop(self) -> None:
        """Disconnect from every satellite, end the worker and close the store."""
        await self.satellites.async_stop()
        await self.review.async_stop()
        await self.listening.async_stop()
        await self.retention.async_stop()
        await self.kept.async_close()
        await self.settings.async_stop()
        await self.access_log.async_stop()

    async def async_open_store(self) -> None:
        """Open the sealed store; a failure is remembered and shown, and stops nothing else."""
        await self.kept.async_open()
        if self.kept.writable:
            await self.review.async_load()
            # Before anybody is shown what should be gone.
            await self.retention.async_run()
        self.changed()

    async def async_load_models(self) -> None:
        """Load the wake engine with the wake words that the satellites listen for."""
        await self.listening.async_load(self.wake_words_wanted)
        fault = "no_model" if self.listening.unavailable is None else "engine_unavailable"
        self.satellites.engine_loaded(self.listening.wake_words_available, fault)
        self.changed()

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
        return self.kept.recordings

    async def async_read(self, recording_id: str) -> tuple[RecordingInfo, RecordingContent]:
        """Open one recording; see OpenedStore.async_read."""
        return await self.kept.async_read(recording_id)

    @property
    def retention_policy(self) -> RetentionPolicy:
        """How long recordings are kept, those that wait for review or have been labeled included."""
        return self.with_review(self.settings.retention)

    def with_review(self, policy: RetentionPolicy) -> RetentionPolicy:
        """Return a policy that knows which recordings wait for review, or have been labeled."""
        return replace(
            policy,
            training=self._consent.satellites,
            labeled=self.review.pool.labeled,
        )

    def satellite_of(self, recording_id: str) -> str | None:
        """Return the satellite of a recording, or of an utterance that is not stored yet; None for neither."""
        found = self.recordings.get(recording_id) or self._captures.get(recording_id)
        return None if found is None else found.satellite_id

    def in_flight(self, satellite_id: str | None) -> list[CaptureSession]:
        """Return a satellite's utterances that are not stored yet, oldest first."""
        return self._captures.of(satellite_id)

    @callback
    def restore_count(self, of: DayCount, satellite_id: str, day: date, count: int) -> None:
        """Go on counting where an earlier run of Home Assistant stopped."""
        if of.restore(satellite_id, day, count):
            self.changed()

    @callback
    def changed(self) -> None:
        """Tell everybody who shows something."""
        self.notices.changed()

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
    def settings_changed(self, satellite: Satellite | None, *, muted: bool) -> None:
        """Make a toggle of one satellite, or of all, reach them."""
        for one in self.satellites.values() if satellite is None else (satellite,):
            if muted:
                one.mute_changed()
            else:
                one.settings_changed()
        if satellite is None:
            self.review.learner.settings_changed()
        self.changed()

    async def async_withdraw(self, satellite_id: str | None, by: Requester) -> PoolReceipt:
        """Empty the review pool of a satellite, or of the house. Raises StoreError."""
        receipt = await self.review.async_withdraw(satellite_id, by)
        # Its false wakes wait for nothing any more.
        self.retention.settings_changed()
        return receipt

    # --- the one way in --------------------------------------------------------------------------

    @callback
    def satellite_changed(self, satellite: Satellite) -> None:
        """A satellite shows something else than before."""
        self.changed()

    @callback
    def capture_started(self, satellite: Satellite, capture: CaptureSession) -> None:
        """An utterance has begun: from now on a deletion reaches it."""
        self._captures.add(capture)
        self.review.pool.capture_started(capture.utterance_id, capture.satellite_id)
        self.wakes.began(capture)
        self.notices.fire(HubEvent(type=HubEventType.WOKE, satellite_id=satellite.satellite_id))

    async def async_capture_finished(
        self, satellite: Satellite, capture: CaptureSession, kind: RecordingKind
    ) -> None:
        """Keep an utterance, or discard it and say why."""
        try:
            async with self._lock:
                reason = await self._async_keep(capture, kind)
        finally:
            self._captures.remove(capture)
            self.review.pool.capture_ended(capture.utterance_id)
        self.traces.utterance_ended(capture, reason)
        self.scores.ended(capture, kind, reason)
        if kind is RecordingKind.FALSE_WAKE:
            self.wakes.ended_in_vain(capture)
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

    async def _async_keep(self, capture: CaptureSession, kind: RecordingKind) -> DiscardReason | None:
        """Pass an utterance through the privacy gate into the store; return why not."""
        utterance = capture.finish(kind)
        if not self.settings.satellite(capture.satellite_id, SatelliteToggle.SAVE_TRANSCRIPTS):
            utterance = replace(utterance, transcript=None, reply=None)
        reason = decide(utterance, self.settings.of(capture.satellite_id), capture.forbidden)
        if reason is not None:
            return reason
        if not self.kept.writable:
            return DiscardReason.STORE_FAILED
        try:
            info = await self.kept.store.async_keep(utterance, dt_util.as_local(utterance.started_at).date())
            reason = decide(utterance, self.settings.of(capture.satellite_id), capture.forbidden)
            if reason is not None:
                # Guest mode, for example, came on while it was written.
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
        await self.review.pool.async_propose(info, utterance.transcript, utterance.language)
        self.retention.recording_kept(info, self.kept.summary().size)
        return None

    @callback
    def check(self, _now: datetime | None = None) -> None:
        """Look, once a second, whether every satellite still listens."""
        self.satellites.check()
