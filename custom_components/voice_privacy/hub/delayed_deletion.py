"""Deletion of one recording on the page, which can be undone for some seconds before its key is destroyed.

Until then the recording is hidden from everybody. It goes when the time is over, when the page that asked is
closed, when Home Assistant stops, and after a crash at the next start: what is to be deleted is on disk before
the page says that it is.
"""

import asyncio
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
import logging
from time import monotonic
from typing import Final

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.event import async_call_later

from ..const import DOMAIN
from ..core.error_place import type_and_place
from ..core.errors import Busy, RecordingNotFound, StoreError, VoicePrivacyError
from ..core.models import DeletionReceipt, DeletionRequest, DeletionScope, Requester, RequesterKind
from ..recordings.retention_job import Retention
from .deletion import Deletion
from .events import HubEvent, HubEventType, Notices
from .opened_store import OpenedStore

_LOGGER = logging.getLogger(__name__)

UNDO_SECONDS: Final = 10.0
"""Seconds in which a deletion can be undone."""

_MOST: Final = 200
"""Maximum number of deletions of one user that wait at the same time; more are refused."""

_MOST_UNDONE: Final = 5
_UNDONE_SECONDS: Final = 600.0
"""How often a user can undo the deletion of the same recording within this time before another one is refused.

Without a limit, somebody could hide a recording from everybody for as long as they like, and no log would say so.
"""

type OnEnd = Callable[[DeletionReceipt | VoicePrivacyError | None], None]
"""Callback for the receipt, for the error that prevented the deletion, or for None after an undo."""


@dataclass(slots=True, kw_only=True, eq=False)
class Waiting:
    """Deletion that may still be undone."""

    recording_id: str
    satellite_id: str
    size: int
    by: Requester
    on_end: OnEnd
    cancel_timer: CALLBACK_TYPE = lambda: None
    task: asyncio.Task[None] | None = None
    """Task that deletes, from the moment on at which nothing can be undone any more."""


class DelayedDeletion:
    """Deletions that may still be undone. It belongs to the event loop."""

    def __init__(
        self,
        hass: HomeAssistant,
        store: OpenedStore,
        deletion: Deletion,
        *,
        retention: Retention,
        notices: Notices,
    ) -> None:
        """Set up without any deletion.

        Args:
            hass: Home Assistant.
            store: Hides the recordings.
            deletion: Deletes them.
            retention: Tries again where that fails.
            notices: Notifies entities and pages.
        """
        self._hass = hass
        self._store = store
        self._deletion = deletion
        self._retention = retention
        self._notices = notices
        self._waiting: dict[str, Waiting] = {}
        self._undone: dict[tuple[str | None, str], list[float]] = {}
        """Times at which a user has undone the deletion of a recording lately."""
        self._unsaved = False
        """True if the list on disk is not that in memory: it could name a recording that stays."""

    @callback
    def hide(self, recording_id: str, by: Requester, on_end: OnEnd) -> Waiting:
        """Hide a recording at once; async_confirm starts its time. Raises RecordingNotFound or Busy."""
        if (info := self._store.recordings.get(recording_id)) is None:
            raise RecordingNotFound
        if sum(waiting.by.user_id == by.user_id for waiting in self._waiting.values()) >= _MOST:
            raise Busy
        if len(self._undone_lately().get((by.user_id, recording_id), [])) >= _MOST_UNDONE:
            raise Busy
        waiting = Waiting(
            recording_id=recording_id,
            satellite_id=info.satellite_id,
            size=info.size,
            by=by,
            on_end=on_end,
        )
        self._waiting[recording_id] = waiting
        self._store.hidden.add(recording_id)
        self._tell_pages(HubEventType.HIDDEN, waiting)
        return waiting

    async def async_confirm(self, waiting: Waiting) -> None:
        """Write down that a hidden recording is to be deleted, then start its time."""

        @callback
        def on_time(_now: datetime) -> None:
            self.end(waiting)

        try:
            await self._async_save()
        except StoreError as err:
            # Deleting works with a full disk, and so does this; only a crash would bring the recording back.
            _LOGGER.warning("A deletion that can be undone would not survive a crash (%s)", err.code)
        finally:
            # Whatever happens: nothing may be hidden for good.
            if self.is_waiting(waiting):
                waiting.cancel_timer = async_call_later(self._hass, UNDO_SECONDS, on_time)

    @callback
    def is_waiting(self, waiting: Waiting) -> bool:
        """Return whether a deletion can still be undone."""
        return waiting.task is None and self._waiting.get(waiting.recording_id) is waiting

    @callback
    def end(self, waiting: Waiting) -> None:
        """Delete now: the time is over, or the page is closed."""
        if self.is_waiting(waiting):
            waiting.cancel_timer()
            waiting.task = self._hass.async_create_task(
                self._async_delete(waiting), f"{DOMAIN}_delayed_delete", eager_start=False
            )

    async def async_undo(self, recording_id: str, by: Requester) -> None:
        """Keep a recording after all; only the user who deleted it may.

        Raises RecordingNotFound if it is too late, or StoreError if a crash could still delete the recording.
        """
        waiting = self._waiting.get(recording_id)
        if (
            waiting is None
            or waiting.task is not None
            or waiting.by.user_id != by.user_id
            or recording_id not in self._store.with_hidden
        ):
            raise RecordingNotFound
        waiting.cancel_timer()
        self._undone_lately().setdefault((by.user_id, recording_id), []).append(monotonic())
        self._show(waiting)
        waiting.on_end(None)
        await self._async_save()

    async def async_resume(self) -> None:
        """Delete what was to be deleted when Home Assistant was killed; called when the store is open."""
        try:
            intended = await self._store.store.async_read_intentions()
        except StoreError:
            return
        known = self._store.with_hidden.keys() | self._store.store.unreadable_ids
        for recording_id, user_id in intended.items():
            if recording_id not in known or recording_id in self._waiting:
                continue
            by = Requester(kind=RequesterKind.USER if user_id else RequesterKind.AUTOMATION, user_id=user_id)
            try:
                await self._deletion.async_delete(_request({recording_id}), by)
            except StoreError:
                self._retention.must_go(recording_id)
        if intended:
            await self._async_save_quietly()

    async def async_stop(self) -> None:
        """Delete everything that waits; nothing can be undone once Home Assistant has stopped."""
        for waiting in list(self._waiting.values()):
            self.end(waiting)
        tasks = [waiting.task for waiting in self._waiting.values() if waiting.task is not None]
        if tasks:
            await asyncio.wait(tasks)
        if self._unsaved:
            # The next start would delete what somebody has decided to keep.
            await self._async_save_quietly()

    # --- internals -------------------------------------------------------------------------------

    async def _async_delete(self, waiting: Waiting) -> None:
        """Delete a recording; show it again if that is refused or fails. Never raises."""
        outcome: DeletionReceipt | VoicePrivacyError
        try:
            outcome = await self._deletion.async_delete(_request({waiting.recording_id}), waiting.by)
        except StoreError as err:
            outcome = err
            self._show(waiting)
            # Shown, retried, and never reported as deleted.
            self._retention.must_go(waiting.recording_id)
        except VoicePrivacyError as err:
            outcome = err
            self._show(waiting)
        except Exception as err:  # noqa: BLE001
            _LOGGER.error("A deletion failed: %s", type_and_place(err))
            outcome = VoicePrivacyError()
            self._show(waiting)
        else:
            self._forget(waiting)
        waiting.on_end(outcome)
        await self._async_save_quietly()

    @callback
    def _forget(self, waiting: Waiting) -> None:
        """Drop a deletion, and do not hide its recording any longer."""
        self._waiting.pop(waiting.recording_id, None)
        self._store.hidden.discard(waiting.recording_id)

    @callback
    def _show(self, waiting: Waiting) -> None:
        """Drop a deletion and show its recording again, if it is still there."""
        self._forget(waiting)
        if waiting.recording_id in self._store.recordings:
            self._tell_pages(HubEventType.SHOWN_AGAIN, waiting)

    @callback
    def _tell_pages(self, event_type: HubEventType, waiting: Waiting) -> None:
        self._notices.fire(
            HubEvent(
                type=event_type, satellite_id=waiting.satellite_id, recording_ids=(waiting.recording_id,)
            )
        )

    def _undone_lately(self) -> dict[tuple[str | None, str], list[float]]:
        """Return the times of what was undone lately; older ones are forgotten."""
        since = monotonic() - _UNDONE_SECONDS
        self._undone = {
            key: recent
            for key, times in self._undone.items()
            if (recent := [time for time in times if time > since])
        }
        return self._undone

    async def _async_save(self) -> None:
        """Write down what is to be deleted. Raises StoreError."""
        self._unsaved = True
        await self._store.store.async_write_intentions(
            {recording_id: waiting.by.user_id for recording_id, waiting in self._waiting.items()}
        )
        self._unsaved = False

    async def _async_save_quietly(self) -> None:
        """Write down what is still to be deleted; ids that are gone do no harm at the next start."""
        try:
            await self._async_save()
        except StoreError as err:
            _LOGGER.debug("The list of deletions could not be written (%s)", err.code)


def _request(recording_ids: Collection[str]) -> DeletionRequest:
    """Return the request to delete these recordings."""
    return DeletionRequest(scope=DeletionScope.IDS, recording_ids=frozenset(recording_ids))
