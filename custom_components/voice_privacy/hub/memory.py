"""What the level "memory only" does with an utterance: hold it in memory, and write it when somebody asks for that."""

from collections.abc import Collection
from datetime import timedelta
import logging

from homeassistant.core import callback
from homeassistant.util import dt as dt_util

from ..core.deletion import said_at
from ..core.errors import EncryptionUnavailable, NotKeptNow, RecordingNotFound, StoreError, StoreNotReady
from ..core.house_settings import SatelliteToggle
from ..core.models import (
    AuditAction,
    DiscardReason,
    RecordingContent,
    RecordingInfo,
    RecordingKind,
    Requester,
    Utterance,
)
from ..core.privacy import forbids
from ..core.retention_policy import PERIODS
from ..core.store_lock import StoreLock
from ..recordings.assist_cleanup import AssistTraces
from ..recordings.held import HeldRecordings
from ..recordings.retention_job import Retention
from .access_log import AccessLog
from .events import HubEvent, HubEventType, Notices
from .opened_store import OpenedStore
from .settings import SettingsStore

_LOGGER = logging.getLogger(__name__)


class Memory:
    """Keeps recordings in memory, and moves them to disk. It belongs to the event loop."""

    def __init__(
        self,
        held: HeldRecordings,
        store: OpenedStore,
        lock: StoreLock,
        *,
        settings: SettingsStore,
        retention: Retention,
        access_log: AccessLog,
        notices: Notices,
    ) -> None:
        """Set up; the lock is held while a recording is written."""
        self.held = held
        self._store = store
        self._lock = lock
        self._settings = settings
        self._retention = retention
        self._access_log = access_log
        self._notices = notices

    @callback
    def hold(self, utterance: Utterance) -> DiscardReason:
        """Keep an utterance in memory; return why it is not stored."""
        minutes = timedelta(minutes=self._settings.levels.memory_minutes)
        shorter = PERIODS.get(self._settings.retention.false_wakes)
        if utterance.kind is RecordingKind.FALSE_WAKE and shorter is not None:
            minutes = min(minutes, shorter)
        after = max((info.sequence for info in self._newest()), default=0)
        try:
            self.held.hold(utterance, dt_util.as_local(utterance.started_at).date(), after, minutes)
        except EncryptionUnavailable as err:
            _LOGGER.error("A recording could not be kept in memory (%s)", err.code)
            return DiscardReason.STORE_FAILED
        return DiscardReason.MEMORY_ONLY

    def _newest(self) -> list[RecordingInfo]:
        """Return the newest stored recording, if there is any: they are in the order of their sequences."""
        stored = self._store.with_hidden
        return [next(reversed(stored.values()))] if stored else []  # type: ignore[call-overload]

    def read(self, recording_id: str) -> tuple[RecordingInfo, RecordingContent]:
        """Open a recording in memory. Raises RecordingNotFound."""
        try:
            info, utterance = self.held.infos[recording_id], self.held.read(recording_id)
        except KeyError:
            raise RecordingNotFound from None
        return info, utterance.content()

    def last_of(self, satellite_id: str) -> str | None:
        """Return what a satellite heard last, if it is in memory only; None if it is stored already, or gone.

        Whoever asks twice to keep it does not mean what was said before.
        """
        stored = [info for info in self._store.with_hidden.values() if not info.near_miss]
        of_satellite = [
            info for info in (*stored, *self.held.infos.values()) if info.satellite_id == satellite_id
        ]
        last = max(of_satellite, key=said_at, default=None)
        return last.recording_id if last is not None and last.recording_id in self.held.infos else None

    async def async_keep(self, recording_id: str, by: Requester) -> RecordingInfo:
        """Write a recording that is in memory; it is not in memory any more when this returns.

        Raises:
            NotKeptNow: The level in force, guest mode, a mute or a toggle forbids it now.
            RecordingNotFound: It is not in memory any more.
            StoreError: It could not be written, and is still in memory.
        """
        async with self._lock:
            await by.async_check()
            try:
                utterance = self.held.read(recording_id)
            except KeyError:
                raise RecordingNotFound from None
            satellite_id = utterance.satellite_id
            if forbids(self._settings.of(satellite_id)) is not None:
                raise NotKeptNow
            if not self._store.writable:
                raise self._store.error or StoreNotReady()
            if not self._settings.satellite(satellite_id, SatelliteToggle.SAVE_TRANSCRIPTS):
                # Consent to text may have been withdrawn since.
                utterance = utterance.without_text()
            info = await self._store.store.async_keep(
                utterance, dt_util.as_local(utterance.started_at).date()
            )
            if forbids(self._settings.of(satellite_id)) is not None:
                try:
                    await self._store.store.async_delete([recording_id])
                except StoreError:
                    self._retention.must_go(recording_id)
                    raise
                raise NotKeptNow
            self.held.drop({recording_id})
        self._retention.recording_kept(info, self._store.store.summary().size)
        self._access_log.add(by, AuditAction.KEPT, recording_ids=[recording_id])
        self._notices.fire(
            HubEvent(type=HubEventType.KEPT, satellite_id=satellite_id, recording_ids=(recording_id,))
        )
        self._notices.changed()
        return info


def gone(traces: AssistTraces, notices: Notices, recording_ids: Collection[str]) -> None:
    """Make Assist forget recordings that are not in memory any more, and tell the pages."""
    traces.forget_recordings(recording_ids)
    notices.changed()
