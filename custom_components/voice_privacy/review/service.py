"""Review service: the pool, the learner, and the release of clips to reviewers."""

from collections.abc import Collection, Mapping
from datetime import datetime
import logging
from typing import Protocol

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.util import dt as dt_util

from ..core.cleaning import MAX_CORRECTION, clean_text
from ..core.errors import NotInPool, StoreError
from ..core.models import AuditAction, RecordingContent, RecordingInfo, Requester
from ..core.retention_policy import RetentionPolicy
from ..core.review import Label, NotProposed, PoolReceipt, ReviewItem, may_be_known, next_release
from ..core.store_lock import StoreLock
from ..wake.model_folder import word_key
from .learner import Learner, VerifierHost
from .pool import NoteKeeper, ReviewPool, async_track_expiry

_LOGGER = logging.getLogger(__name__)


class AuditLog(Protocol):
    """Audit log: the access log."""

    def add(
        self,
        by: Requester,
        action: AuditAction,
        *,
        count: int = 0,
        recording_ids: Collection[str] = (),
        subject: str | None = None,
        value: str | None = None,
    ) -> None:
        """Add an entry for an audit action."""


class Consent(Protocol):
    """Consent to review, per satellite."""

    def refuses_new(self, satellite_id: str) -> NotProposed | None:
        """Return the reason why new recordings of a satellite may not be reviewed, or None if they may."""

    def refuses_waiting(self, satellite_id: str) -> NotProposed | None:
        """Return the reason why a satellite's clips may not stay in the pool, or None if they may."""

    @property
    def uses_verifiers(self) -> bool:
        """True if the wake engine may use verifiers."""


class House(Protocol):
    """Interface to the hub, which is never imported here."""

    @property
    def recordings(self) -> Mapping[str, RecordingInfo]:
        """Stored recordings by recording id; empty while the store is closed."""

    @property
    def retention_policy(self) -> RetentionPolicy:
        """Current retention policy."""

    def is_hidden(self, recording_id: str) -> bool:
        """Return whether the deletion of a recording may still be undone."""

    async def async_read(self, recording_id: str) -> tuple[RecordingInfo, RecordingContent]:
        """Read one recording. Raises StoreError."""

    @callback
    def changed(self) -> None:
        """Notify listeners that displayed state has changed."""


class ReviewService:
    """Owner of the pool and the learner. It belongs to the event loop."""

    def __init__(
        self,
        hass: HomeAssistant,
        notes: NoteKeeper,
        lock: StoreLock,
        *,
        consent: Consent,
        engine: VerifierHost,
        house: House,
        log: AuditLog,
    ) -> None:
        """Set up an empty pool.

        Args:
            hass: Home Assistant.
            notes: Seals the notes of clips.
            lock: Held while the pool or the weights change.
            consent: Decides which clips may enter and stay.
            engine: Uses the verifiers.
            house: The hub.
            log: Access log.
        """
        self._hass = hass
        self._lock = lock
        self._consent = consent
        self._house = house
        self._log = log
        self.pool = ReviewPool(notes, lock, consent=consent, observer=self)
        self.learner = Learner(hass, lock, clips=self, engine=engine, consent=consent, house=house)
        self._expiry: CALLBACK_TYPE | None = None

    # --- life cycle ------------------------------------------------------------------------------

    async def async_load(self) -> None:
        """Read the pool and the weights; a failure does not affect recordings."""
        try:
            await self.pool.async_load(self._house.recordings)
            async with self._lock:
                await self.learner.async_load()
        except StoreError as err:
            _LOGGER.warning("The review pool cannot be read (%s)", err.code)

    @callback
    def start(self) -> None:
        """Start removing expired clips."""
        self._expiry = async_track_expiry(self._hass, self._async_expire)

    async def async_stop(self) -> None:
        """Stop training and removing expired clips."""
        if self._expiry is not None:
            self._expiry()
            self._expiry = None
        await self.learner.async_stop()

    async def _async_expire(self, now: datetime) -> None:
        """Remove expired clips; a failure is retried at the next call."""
        try:
            await self.pool.async_expire(now)
        except StoreError as err:
            _LOGGER.warning("Expired clips could not be removed from the review pool (%s)", err.code)

    # --- interface to the pool and the learner ---------------------------------------------------

    @callback
    def pool_changed(self) -> None:
        """Notify listeners that displayed state has changed."""
        self._house.changed()

    @callback
    def labels_changed(self) -> None:
        """Schedule training."""
        self.learner.labels_changed()

    async def async_unlearn(self) -> bool:
        """Erase the weights; the caller holds the lock. Raises StoreError."""
        return await self.learner.async_unlearn()

    def labeled_clips(self) -> list[ReviewItem]:
        """Return the labeled clips."""
        return [item for item in self.pool.items.values() if item.label is not None]

    async def async_read(self, recording_id: str) -> tuple[RecordingInfo, RecordingContent]:
        """Read the recording of a clip. Raises StoreError."""
        return await self._house.async_read(recording_id)

    async def async_words_deleted(self, word_ids: Collection[str]) -> None:
        """Remove what was learned for deleted wake words, and the labels that it would be learned from again.

        Their recordings are kept. Raises StoreError if weights are still on disk.
        """
        keys = {word_key(word_id) for word_id in word_ids}
        failed: StoreError | None = None
        for item in self.labeled_clips():
            try:
                _, content = await self.async_read(item.recording_id)
            except StoreError:
                # It cannot be learned from either.
                continue
            if content.wake_word is None or word_key(content.wake_word) not in keys:
                continue
            try:
                await self.pool.async_take_out([item.review_id])
            except NotInPool:
                continue
            except StoreError as err:
                failed = err
        await self.learner.async_taught_words_gone()
        if failed is not None:
            raise failed

    # --- interface for reviewers -----------------------------------------------------------------

    @property
    def clips(self) -> list[ReviewItem]:
        """Clips of the pool, without those whose recordings are about to be deleted."""
        return [item for item in self.pool.items.values() if not self._house.is_hidden(item.recording_id)]

    @callback
    def released(self) -> list[ReviewItem]:
        """Return the clips released to reviewers, sorted by their random ids."""
        policy = self._house.retention_policy
        return sorted(
            (item for item in self.clips if self._is_released(item, policy)),
            key=lambda item: item.review_id,
        )

    @callback
    def clip(self, review_id: str, *, owner: bool) -> ReviewItem:
        """Return one clip, for the owner or for a reviewer. Raises NotInPool."""
        item = self.pool.get(review_id)
        if self._house.is_hidden(item.recording_id):
            raise NotInPool
        if not owner and not self._is_released(item, self._house.retention_policy):
            raise NotInPool
        return item

    @callback
    def text_is_released(self, info: RecordingInfo) -> bool:
        """Return whether a reviewer may read a transcript: not after the last release before its expiry."""
        period = self._house.retention_policy.text_period_of(info)
        return period is None or next_release(dt_util.now()) < info.started_at + period

    def _is_released(self, item: ReviewItem, policy: RetentionPolicy) -> bool:
        if item.barred or (info := self._house.recordings.get(item.recording_id)) is None:
            return False
        period = policy.period_of(info)
        ends_at = item.expires_at if period is None else min(item.expires_at, info.started_at + period)
        return may_be_known(dt_util.now(), item.proposed_at, ends_at)

    # --- actions ---------------------------------------------------------------------------------

    async def async_withdraw(self, satellite_id: str | None, by: Requester) -> PoolReceipt:
        """Empty the pool of a satellite, or of the house. Raises StoreError."""
        receipt = await self.pool.async_empty(satellite_id)
        if receipt.taken_out:
            self._log.add(by, AuditAction.TAKEN_OUT, count=receipt.taken_out, subject=satellite_id)
        return receipt

    async def async_take_out(self, review_ids: Collection[str], by: Requester) -> PoolReceipt:
        """Remove clips from the pool; the recordings are kept. Raises NotInPool, Refused or StoreError."""
        receipt = await self.pool.async_take_out(review_ids, by)
        if receipt.taken_out:
            self._log.add(by, AuditAction.TAKEN_OUT, count=receipt.taken_out)
        return receipt

    async def async_label(self, review_id: str, label: Label, correction: str | None, by: Requester) -> None:
        """Store the label of a clip. Raises NotInPool, Refused or StoreError."""
        await self.pool.async_label(review_id, label, clean_text(correction, MAX_CORRECTION) or None, by)
        self._log.add(by, AuditAction.REVIEWED, recording_ids=(review_id,), value=label.value)
