"""Feedback on recordings: what somebody who may listen to one says was wrong with it.

A recording that is in the review pool has one label: that of its clip. Feedback on any other recording is
sealed together with it. docs/design/review.md says why.
"""

from collections.abc import Awaitable, Callable, Collection
import contextlib
from dataclasses import dataclass
from typing import Final

from homeassistant.core import callback

from ..core.errors import NotInPool, RecordingNotFound, StoreError, StoreNotReady
from ..core.feedback import Feedback, Label
from ..core.models import AuditAction, RecordingContent, RecordingInfo, Requester
from ..core.review import NotProposed, ReviewItem
from ..core.store_lock import StoreLock
from ..review.pool import ReviewPool
from .access_log import AccessLog
from .consent import ReviewConsent
from .opened_store import OpenedStore

SUBJECT_FEEDBACK: Final = "feedback"
"""Subject of an access log entry for feedback that is not part of review."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceInReview:
    """The clip of a recording in the review pool, or why there is none."""

    clip: ReviewItem | None = None
    reason: NotProposed | None = None
    """Why its satellite's recordings are not reviewed; None if they are, but this one is not or no longer."""


class FeedbackDesk:
    """Takes feedback and tells what was given. It belongs to the event loop."""

    def __init__(
        self,
        kept: OpenedStore,
        lock: StoreLock,
        *,
        pool: ReviewPool,
        consent: ReviewConsent,
        access_log: AccessLog,
    ) -> None:
        """Set up with the store, its lock, and the review pool."""
        self._kept = kept
        self._lock = lock
        self._pool = pool
        self._consent = consent
        self._access_log = access_log
        self.on_false_wake: Callable[[RecordingContent], Awaitable[object]] | None = None
        """Called with a recording that somebody called a false wake; must not raise."""

        self._learned: set[str] = set()
        """Ids of the recordings for which it was called."""

    @callback
    def clip_of(self, recording_id: str) -> ReviewItem | None:
        """Return the clip of a recording, or None if it is not in the review pool."""
        return next(iter(self._pool.of([recording_id])), None)

    @callback
    def place_in_review(self, info: RecordingInfo) -> PlaceInReview:
        """Return the clip of a recording, or the reason why it has none."""
        if (clip := self.clip_of(info.recording_id)) is not None:
            return PlaceInReview(clip=clip)
        return PlaceInReview(reason=self._consent.refuses_waiting(info.satellite_id))

    @callback
    def given(self, recording_id: str, content: RecordingContent, *, knows_clips: bool) -> Feedback | None:
        """Return the feedback on a recording, or None.

        Args:
            recording_id: Id of the recording.
            content: Content of the recording.
            knows_clips: True if the label of its clip may be told.
        """
        clip = self.clip_of(recording_id) if knows_clips else None
        if clip is not None and clip.label is not None:
            return Feedback(label=clip.label, correction=clip.correction)
        return content.feedback

    async def async_give(
        self, recording_id: str, feedback: Feedback, by: Requester, *, knows_clips: bool
    ) -> None:
        """Store feedback: as the label of the clip, if there is one and it may be told, else in the recording.

        Raises RecordingNotFound, RecordingUnreadable, Refused, StoreFull or StoreError; then nothing has changed.
        """
        await self._async_give(recording_id, feedback, by, knows_clips=knows_clips)
        if feedback.label is Label.FALSE_WAKE:
            await self.async_learn([recording_id])

    async def async_learn(self, recording_ids: Collection[str]) -> None:
        """Let the wake words that made these recordings learn that they were false wakes. Never raises."""
        for recording_id in recording_ids:
            if self.on_false_wake is None or recording_id in self._learned:
                continue
            with contextlib.suppress(StoreError):
                _, content = await self._kept.async_read(recording_id)
                self._learned.add(recording_id)
                await self.on_false_wake(content)

    async def _async_give(
        self, recording_id: str, feedback: Feedback, by: Requester, *, knows_clips: bool
    ) -> None:
        label = feedback.label.value
        if knows_clips and (clip := await self._async_label(recording_id, feedback, by)) is not None:
            # As in review: the log does not tell members which room a clip comes from.
            self._access_log.add(by, AuditAction.REVIEWED, recording_ids=(clip.review_id,), value=label)
            return
        async with self._lock:
            await by.async_check()
            if not self._kept.ready:
                raise StoreNotReady
            if recording_id not in self._kept.recordings:
                raise RecordingNotFound
            await self._kept.store.async_write_feedback(recording_id, feedback)
        self._access_log.add(
            by,
            AuditAction.REVIEWED,
            recording_ids=(recording_id,),
            subject=SUBJECT_FEEDBACK,
            value=label,
        )

    async def _async_label(self, recording_id: str, feedback: Feedback, by: Requester) -> ReviewItem | None:
        """Label the clip of a recording and return it, or return None if there is none."""
        clip = self.clip_of(recording_id)
        if clip is None or recording_id not in self._kept.recordings:
            return None
        try:
            return await self._pool.async_label(clip.review_id, feedback.label, feedback.correction, by)
        except NotInPool:
            # It has left the pool meanwhile.
            return None
