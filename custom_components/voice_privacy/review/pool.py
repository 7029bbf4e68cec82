"""The review pool: clips that wait for somebody to say whether they were meant for us.

Everything that is known of a clip beside the recording itself is a note that is sealed with a key made
from the recording's: no deletion can leave it behind, and no backup holds it.
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
"""More than anybody listens to; nothing further is proposed while so many wait."""

_REVIEW_ID: Final = re.compile(r"[0-9a-f]{32}")
_MAX_NOTE_BYTES: Final = 16_384

_LOOK_EVERY: Final = timedelta(minutes=5)


class NoteKeeper(Protocol):
    """Where notes are sealed: the store."""

    async def async_write_note(self, recording_id: str, note: bytes) -> None:
        """Seal a note in place of an earlier one. Raises StoreError."""

    async def async_read_notes(self) -> dict[str, bytes]:
        """Open all notes, by recording id. Raises StoreError."""

    async def async_note_ids(self) -> frozenset[str]:
        """Return the ids of recordings that have a note, whether it opens or not. Raises StoreError."""

    async def async_remove_notes(self, recording_ids: Collection[str]) -> int:
        """Remove notes; return how many are still there. Raises StoreError."""


class PoolObserver(Protocol):
    """Who is told of changes of the pool: the review service."""

    @callback
    def pool_changed(self) -> None:
        """Something is shown differently."""

    @callback
    def labels_changed(self) -> None:
        """There is something else to learn from."""

    async def async_unlearn(self) -> bool:
        """Erase what was learned, before clips that it was learned from are reported as gone.

        Raises StoreError.
        """


class PoolConsent(Protocol):
    """Decides what may enter and stay."""

    def refuses_new(self, satellite_id: str) -> NotProposed | None:
        """Return why nothing that is said to a satellite now may be reviewed, or None."""

    def refuses_waiting(self, satellite_id: str) -> NotProposed | None:
        """Return why nothing of a satellite may wait for review, or None."""


class ReviewPool:
    """Which recordings may be reviewed, and what was said of them. It belongs to the event loop.

    Counts its changes, so that whoever shows it knows when to look again. Each change holds the store lock,
    so that a clip cannot enter while the pool is emptied.
    """

    def __init__(
        self,
        notes: NoteKeeper,
        lock: StoreLock,
        *,
        consent: PoolConsent,
        observer: PoolObserver,
    ) -> None:
        """Prepare an empty pool.

        Args:
            notes: Seals what is known of a clip.
            lock: Held while the pool changes.
            consent: Decides what may enter and stay.
            observer: Told of changes.
        """
        self._notes = notes
        self._lock = lock
        self._consent = consent
        self._observer = observer
        self._items: dict[str, ReviewItem] = {}
        self._by_recording: dict[str, str] = {}
        self._unread: dict[str, str | None] = {}
        """Satellite ids by id of recordings whose notes could not be opened; None where unknown."""

        self._begun: set[str] = set()
        self.changes = 0
        self._heard: set[tuple[str, str]] = set()

    # --- what is there ---------------------------------------------------------------------------

    @property
    def items(self) -> Mapping[str, ReviewItem]:
        """A live view by review id."""
        return self._items

    def get(self, review_id: str) -> ReviewItem:
        """Return one clip. Raises NotInPool."""
        if (item := self._items.get(review_id)) is None:
            raise NotInPool
        return item

    def of(self, recording_ids: Collection[str]) -> list[ReviewItem]:
        """Return the clips of these recordings."""
        return [self._items[self._by_recording[one]] for one in recording_ids if one in self._by_recording]

    @property
    def labeled(self) -> frozenset[str]:
        """Ids of the recordings that are labeled, or may be: a note that does not open may say so."""
        labeled = (item.recording_id for item in self._items.values() if item.label is not None)
        return frozenset(labeled).union(self._unread)

    # --- coming in -------------------------------------------------------------------------------

    async def async_load(self, recordings: Mapping[str, RecordingInfo]) -> None:
        """Read the notes; what may not be there any more is taken out. Raises StoreError.

        Clips that then stay unread are still forgotten with their recordings and with consent.
        """
        async with self._lock:
            try:
                await self._async_load(recordings)
            except StoreError:
                noted = await self._notes.async_note_ids()
                self._unread = {
                    one: recordings[one].satellite_id if one in recordings else None for one in noted
                }
                raise
        await self.async_expire(dt_util.utcnow())

    async def _async_load(self, recordings: Mapping[str, RecordingInfo]) -> None:
        self._items.clear()
        self._by_recording.clear()
        self._unread.clear()
        unwanted = set()
        for recording_id, note in (await self._notes.async_read_notes()).items():
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
        """Remember what began under a consent that held."""
        if self._consent.refuses_new(satellite_id) is None:
            self._begun.add(utterance_id)

    @callback
    def capture_ended(self, utterance_id: str) -> None:
        """Forget an utterance that was not kept."""
        self._begun.discard(utterance_id)

    async def async_propose(self, info: RecordingInfo, transcript: str | None, language: str | None) -> None:
        """Put a new recording into the pool, if consent has held from its beginning; the lock is held.

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
            _LOGGER.warning("A clip cannot be proposed for review (%s)", err.code)

    # --- what is said of a clip ------------------------------------------------------------------

    async def async_label(
        self, review_id: str, label: Label, correction: str | None, by: Requester = _NOBODY
    ) -> ReviewItem:
        """Remember what somebody says of a clip. Raises NotInPool, Refused or StoreError."""
        correction = correction if label is Label.WRONG_TRANSCRIPT else None
        async with self._lock:
            await by.async_check()
            item = replace(self.get(review_id), label=label, correction=correction)
            await self._async_keep(item)
        self._observer.labels_changed()
        return item

    async def async_forget_corrections(self, recording_ids: Collection[str]) -> None:
        """Forget what was really said in recordings, as their transcripts are; the lock is held.

        Raises StoreError.
        """
        self._lock.require()
        for item in self.of(recording_ids):
            if item.correction is not None:
                await self._async_keep(replace(item, correction=None))

    @callback
    def heard(self, review_id: str, user_id: str) -> None:
        """Remember who has listened to a clip, until the next start."""
        self._heard.add((review_id, user_id))

    async def async_allow(self, review_id: str, by: Requester, *, allowed: bool) -> None:
        """Let a clip be reviewed in spite of what was found in it, or no more.

        Raises NotListened when this user has not heard it; otherwise as async_label.
        """
        async with self._lock:
            await by.async_check()
            item = self.get(review_id)
            if allowed and (review_id, by.user_id) not in self._heard:
                raise NotListened
            await self._async_keep(replace(item, allowed=allowed))

    # --- going out -------------------------------------------------------------------------------

    async def async_take_out(self, review_ids: Collection[str], by: Requester = _NOBODY) -> PoolReceipt:
        """Take clips out of the pool; the recordings stay. Raises NotInPool, Refused or StoreError."""
        async with self._lock:
            await by.async_check()
            return await self._async_take_out([self.get(one) for one in review_ids])

    async def async_empty(self, satellite_id: str | None) -> PoolReceipt:
        """Take out everything of a satellite, or of the house, what is being captured included."""
        async with self._lock:
            self._begun.clear()
            return await self._async_take_out(
                [item for item in self._items.values() if satellite_id in (None, item.satellite_id)],
                {
                    one
                    for one, owner in self._unread.items()
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
        """Forget clips whose recordings were deleted, and with them their notes; the lock is held.

        Raises StoreError when what was learned from them is not gone.
        """
        self._lock.require()
        await self._async_drop(self.of(recording_ids), self._unread.keys() & set(recording_ids))

    async def async_expire(self, now: datetime) -> None:
        """Take out what has waited for long enough by now (aware). Raises StoreError."""
        async with self._lock:
            if expired := [item for item in self._items.values() if item.expires_at <= now]:
                await self._async_take_out(expired)

    # --- inner workings --------------------------------------------------------------------------

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
        """Forget clips, and what was or may have been learned from them; return whether anything was."""
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
    """Call every few minutes, when clips may have waited for long enough."""
    return async_track_time_interval(hass, look, _LOOK_EVERY)


def _to_note(item: ReviewItem) -> bytes:
    """Return what is sealed of a clip."""
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
    """Read what was sealed, None when it makes no sense."""
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
