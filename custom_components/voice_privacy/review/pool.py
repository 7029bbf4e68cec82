"""The review pool: clips that wait for a label.

Everything known about a clip, apart from the recording itself, is a note sealed with a key derived from the
recording's key: deletions always cover it, and no backup contains it.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
import json
import logging
import re
import secrets
from typing import Any, Final, Protocol

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.event import async_track_time_interval
from homeassistant.util import dt as dt_util

from ..core.cleaning import MAX_CORRECTION, clean_text
from ..core.errors import NotInPool, NotListened, StoreError
from ..core.foreign_json import parse_json_object
from ..core.models import RecordingInfo, RecordingKind, Requester
from ..core.moments import parse_moment
from ..core.review import UNCHECKED, Label, NotProposed, PoolReceipt, ReviewItem, kinds_found
from ..core.store_lock import StoreLock

_LOGGER = logging.getLogger(__name__)

_NOBODY: Final = Requester()

MAX_CLIPS: Final = 500
"""Maximum number of clips in the pool, more than anybody reviews; no more are proposed above it."""

_REVIEW_ID: Final = re.compile(r"[0-9a-f]{32}")
_MAX_NOTE_BYTES: Final = 16_384

_LOOK_EVERY: Final = timedelta(minutes=5)


class NoteKeeper(Protocol):
    """Storage of sealed notes: the store."""

    async def async_write_note(self, recording_id: str, note: bytes) -> None:
        """Seal a note, replacing an earlier one. Raises StoreError."""

    async def async_read_notes(self) -> dict[str, bytes]:
        """Return all notes by recording id. Raises StoreError."""

    async def async_note_ids(self) -> frozenset[str]:
        """Return the ids of recordings with a note, readable or not. Raises StoreError."""

    async def async_remove_notes(self, recording_ids: Collection[str]) -> int:
        """Remove notes; return the number of notes still on disk. Raises StoreError."""


class PoolObserver(Protocol):
    """Observer of the pool: the review service."""

    @callback
    def pool_changed(self) -> None:
        """Handle a change of displayed state."""

    @callback
    def labels_changed(self) -> None:
        """Handle changed labels, which training depends on."""

    async def async_unlearn(self) -> bool:
        """Erase weights before the clips that they were trained on are reported as removed.

        Returns whether there were any weights. Raises StoreError.
        """


class PoolConsent(Protocol):
    """Consent to proposing clips and to keeping them in the pool."""

    def refuses_new(self, satellite_id: str) -> NotProposed | None:
        """Return the reason why new recordings of a satellite may not be reviewed, or None if they may."""

    def refuses_waiting(self, satellite_id: str) -> NotProposed | None:
        """Return the reason why a satellite's clips may not stay in the pool, or None if they may."""


class ReviewPool:
    """Recordings that may be reviewed, and their labels. It belongs to the event loop.

    Changes are counted, so that pages know when to reload. Each change holds the store lock, so that no clip
    can enter while the pool is emptied.
    """

    def __init__(
        self,
        notes: NoteKeeper,
        lock: StoreLock,
        *,
        consent: PoolConsent,
        observer: PoolObserver,
    ) -> None:
        """Set up an empty pool.

        Args:
            notes: Seals the notes.
            lock: Held while the pool changes.
            consent: Decides which clips may enter and stay.
            observer: Notified of changes.
        """
        self._notes = notes
        self._lock = lock
        self._consent = consent
        self._observer = observer
        self._items: dict[str, ReviewItem] = {}
        self._by_recording: dict[str, str] = {}
        self._unread: dict[str, str | None] = {}
        """Satellite ids, or None if unknown, by id of recordings whose notes could not be read."""

        self._begun: set[str] = set()
        self.loaded = False
        """True once it is known which recordings are labeled, or may be."""

        self.changes = 0
        self._heard: set[tuple[str, str]] = set()

    # --- content ---------------------------------------------------------------------------------

    @property
    def items(self) -> Mapping[str, ReviewItem]:
        """Live view by review id."""
        return self._items

    def get(self, review_id: str) -> ReviewItem:
        """Return one clip. Raises NotInPool."""
        if (item := self._items.get(review_id)) is None:
            raise NotInPool
        return item

    def of(self, recording_ids: Collection[str]) -> list[ReviewItem]:
        """Return the clips of these recordings."""
        return [
            self._items[self._by_recording[recording_id]]
            for recording_id in recording_ids
            if recording_id in self._by_recording
        ]

    @property
    def labeled(self) -> frozenset[str]:
        """Ids of recordings that are labeled, or may be: an unreadable note may hold a label."""
        labeled = (item.recording_id for item in self._items.values() if item.label is not None)
        return frozenset(labeled).union(self._unread)

    # --- adding ----------------------------------------------------------------------------------

    async def async_load(self, recordings: Mapping[str, RecordingInfo]) -> None:
        """Read the notes; remove those of clips that may not stay. Raises StoreError.

        If that fails, the unread clips are still removed with their recordings or when consent is withdrawn.
        """
        async with self._lock:
            try:
                await self._async_load(recordings)
            except StoreError:
                noted = await self._notes.async_note_ids()
                self._items.clear()
                self._by_recording.clear()
                self._unread = {
                    recording_id: recordings[recording_id].satellite_id
                    if recording_id in recordings
                    else None
                    for recording_id in noted
                }
                raise
            finally:
                self.loaded = True
        await self.async_expire(dt_util.utcnow())

    async def _async_load(self, recordings: Mapping[str, RecordingInfo]) -> None:
        notes = await self._notes.async_read_notes()
        # From here on nothing is awaited until all labels are known again: retention must never find them missing.
        self._items.clear()
        self._by_recording.clear()
        self._unread.clear()
        unwanted = set()
        for recording_id, note in notes.items():
            info = recordings.get(recording_id)
            item = None if info is None else _from_note(info, note)
            if (
                item is None
                or item.review_id in self._items
                or self._consent.refuses_waiting(item.satellite_id)
            ):
                unwanted.add(recording_id)
            else:
                self._put(item)
        if unwanted:
            await self._notes.async_remove_notes(unwanted)

    @callback
    def capture_started(self, utterance_id: str, satellite_id: str) -> None:
        """Remember an utterance that started while consent was given."""
        if self._consent.refuses_new(satellite_id) is None:
            self._begun.add(utterance_id)

    @callback
    def capture_ended(self, utterance_id: str) -> None:
        """Drop an utterance that was not stored."""
        self._begun.discard(utterance_id)

    async def async_propose(self, info: RecordingInfo, transcript: str | None, language: str | None) -> None:
        """Add a new recording to the pool if consent was given from its start on; the caller holds the lock.

        A failure costs the clip, not the recording.
        """
        self._lock.require()
        begun = info.recording_id in self._begun
        self._begun.discard(info.recording_id)
        if not begun or self._consent.refuses_new(info.satellite_id) or len(self._items) >= MAX_CLIPS:
            return
        findings = kinds_found(transcript, language) if transcript else (UNCHECKED,)
        item = ReviewItem(
            review_id=secrets.token_hex(16),
            recording_id=info.recording_id,
            satellite_id=info.satellite_id,
            kind=info.kind,
            proposed_at=dt_util.utcnow(),
            findings=findings,
        )
        try:
            await self._async_keep(item)
        except StoreError as err:
            _LOGGER.warning("A clip could not be proposed for review (%s)", err.code)

    # --- labeling --------------------------------------------------------------------------------

    async def async_label(
        self, review_id: str, label: Label, correction: str | None, by: Requester = _NOBODY
    ) -> ReviewItem:
        """Store the label of a clip. Raises NotInPool, Refused or StoreError."""
        correction = correction if label is Label.WRONG_TRANSCRIPT else None
        async with self._lock:
            await by.async_check()
            item = replace(self.get(review_id), label=label, correction=correction)
            await self._async_keep(item)
        self._observer.labels_changed()
        return item

    async def async_forget_corrections(self, recording_ids: Collection[str]) -> None:
        """Delete the corrected transcripts of recordings whose text is deleted; the caller holds the lock.

        Raises StoreError.
        """
        self._lock.require()
        for item in self.of(recording_ids):
            if item.correction is not None:
                await self._async_keep(replace(item, correction=None))

    @callback
    def heard(self, review_id: str, user_id: str) -> None:
        """Remember until the next restart that a user has listened to a clip."""
        self._heard.add((review_id, user_id))

    async def async_allow(self, review_id: str, by: Requester, *, allowed: bool) -> None:
        """Allow or disallow the review of a clip despite its findings.

        Raises NotListened if this user has not listened to it, otherwise the same as async_label.
        """
        async with self._lock:
            await by.async_check()
            item = self.get(review_id)
            if allowed and (review_id, by.user_id) not in self._heard:
                raise NotListened
            await self._async_keep(replace(item, allowed=allowed))

    # --- removing --------------------------------------------------------------------------------

    async def async_take_out(self, review_ids: Collection[str], by: Requester = _NOBODY) -> PoolReceipt:
        """Remove clips from the pool; the recordings are kept. Raises NotInPool, Refused or StoreError."""
        async with self._lock:
            await by.async_check()
            return await self._async_take_out([self.get(review_id) for review_id in review_ids])

    async def async_empty(self, satellite_id: str | None) -> PoolReceipt:
        """Remove all clips of a satellite, or of the house; current utterances are not proposed either."""
        async with self._lock:
            self._begun.clear()
            return await self._async_take_out(
                [item for item in self._items.values() if satellite_id in (None, item.satellite_id)],
                {
                    recording_id
                    for recording_id, owner in self._unread.items()
                    if satellite_id is None or owner in (None, satellite_id)
                },
            )

    async def _async_take_out(
        self, items: Collection[ReviewItem], unread: Collection[str] = ()
    ) -> PoolReceipt:
        left = await self._notes.async_remove_notes([*(item.recording_id for item in items), *unread])
        return PoolReceipt(
            taken_out=len(items) + len(unread), left=left, unlearned=await self._async_drop(items, unread)
        )

    async def async_forget(self, recording_ids: Collection[str]) -> None:
        """Drop clips whose recordings, and thereby notes, were deleted; the caller holds the lock.

        Raises StoreError if weights trained on them could not be erased.
        """
        self._lock.require()
        await self._async_drop(self.of(recording_ids), self._unread.keys() & set(recording_ids))

    async def async_expire(self, now: datetime) -> None:
        """Remove clips that have expired; now is timezone-aware. Raises StoreError."""
        async with self._lock:
            if expired := [item for item in self._items.values() if item.expires_at <= now]:
                await self._async_take_out(expired)

    # --- internals -------------------------------------------------------------------------------

    async def _async_keep(self, item: ReviewItem) -> None:
        await self._notes.async_write_note(item.recording_id, _to_note(item))
        self._put(item)
        self._changed()

    @callback
    def _changed(self) -> None:
        self.changes += 1
        self._observer.pool_changed()

    def _put(self, item: ReviewItem) -> None:
        self._items[item.review_id] = item
        self._by_recording[item.recording_id] = item.review_id

    async def _async_drop(self, items: Collection[ReviewItem], unread: Collection[str] = ()) -> bool:
        """Drop clips and erase weights that may have been trained on them; return whether there were any."""
        for item in items:
            self._items.pop(item.review_id, None)
            self._by_recording.pop(item.recording_id, None)
        for recording_id in unread:
            del self._unread[recording_id]
        if items or unread:
            self._changed()
        labeled = bool(unread) or any(item.label is not None for item in items)
        return labeled and await self._observer.async_unlearn()


@callback
def async_track_expiry(hass: HomeAssistant, look: Callable[[datetime], Any]) -> CALLBACK_TYPE:
    """Call a function every few minutes to remove expired clips; return a function that cancels it."""
    return async_track_time_interval(hass, look, _LOOK_EVERY)


def _to_note(item: ReviewItem) -> bytes:
    """Return the content of a clip's note."""
    return json.dumps(
        {
            "review_id": item.review_id,
            "proposed_at": item.proposed_at.isoformat(),
            "findings": item.findings,
            "allowed": item.allowed,
            "label": item.label,
            "correction": item.correction,
        }
    ).encode()


def _from_note(info: RecordingInfo, note: bytes) -> ReviewItem | None:
    """Parse a note; None if it is malformed."""
    try:
        raw: dict[str, Any] = parse_json_object(note, max_bytes=_MAX_NOTE_BYTES)
        findings, correction = raw["findings"], raw["correction"]
        if (
            not isinstance(findings, list)
            or not all(isinstance(finding, str) for finding in findings)
            or not isinstance(correction, str | None)
            or not _REVIEW_ID.fullmatch(raw["review_id"])
        ):
            return None
        return ReviewItem(
            review_id=raw["review_id"],
            recording_id=info.recording_id,
            satellite_id=info.satellite_id,
            kind=RecordingKind(info.kind),
            proposed_at=parse_moment(raw["proposed_at"]),
            findings=tuple(findings),
            allowed=raw["allowed"] is True,
            label=Label(raw["label"]) if raw["label"] else None,
            correction=clean_text(raw["correction"], MAX_CORRECTION) or None,
        )
    except AttributeError, KeyError, RecursionError, TypeError, ValueError:
        return None
