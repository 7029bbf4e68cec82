"""Self-test of deletion: stores a synthetic recording, deletes it, and searches for what is left of it.

Every night, and on request. The recording takes the way of every other: captured, judged by the privacy gate,
sealed, indexed, and deleted. Nobody else can see it meanwhile, and no figure or event includes it.
"""

import asyncio
from datetime import datetime
import logging
import secrets
from typing import Final

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.event import async_call_later, async_track_time_change
from homeassistant.util import dt as dt_util

from ..core.error_place import type_and_place
from ..core.errors import (
    BackupUnderWay,
    RecordingUnreadable,
    StorageUnreadable,
    StoreError,
    StoreNotReady,
    VoicePrivacyError,
)
from ..core.models import RecordingKind, Utterance
from ..core.privacy import PrivacySettings, decide
from ..core.self_test import Check, SelfTestResult, Verdict, synthetic_capture
from ..core.store_lock import StoreLock
from ..recordings.backup_search import BackupSearch
from ..recordings.durable_store import DurableStore
from ..recordings.recorder_search import RecorderMark, RecorderSearch
from .deletion import Deletion
from .events import Notices
from .opened_store import OpenedStore

_LOGGER = logging.getLogger(__name__)

_HOUR: Final = 3
"""Hour of the night; the minute is random. Home Assistant's own nightly work begins at 4:12."""

_RETRY_SECONDS: Final = 600.0
_MAX_RETRIES: Final = 5
"""Further attempts in the same night, while a backup is made or the store is being repaired."""

_FILE: Final = "self_test"
_STOP_SECONDS: Final = 10.0
_SAVE_SECONDS: Final = 1.0
_ALLOWED: Final = PrivacySettings(save_recordings=True)
"""Nobody's voice is stored, whatever the house has decided."""


class SelfTest:
    """The self-test and its last result. It belongs to the event loop."""

    def __init__(
        self, hass: HomeAssistant, store: OpenedStore, lock: StoreLock, deletion: Deletion, notices: Notices
    ) -> None:
        """Set up the test; async_load reads the last result, start begins the nightly runs.

        Args:
            hass: Home Assistant.
            store: The store of the house.
            lock: Held while the recording is stored.
            deletion: Deletes the recording.
            notices: Told when there is another result.
        """
        self._hass = hass
        self._store = store
        self._lock = lock
        self._deletion = deletion
        self._notices = notices
        self._recorder = RecorderSearch(hass)
        self._backups = BackupSearch(hass)
        self._running: asyncio.Task[SelfTestResult] | None = None
        self._cancel: list[CALLBACK_TYPE] = []
        self._retry: CALLBACK_TYPE | None = None
        self._retries = 0
        self.result: SelfTestResult | None = None
        """Last result; None if there was no test yet."""

        self.file = DurableStore(hass, _FILE, lambda: {} if self.result is None else self.result.as_dict())

    # --- life cycle ------------------------------------------------------------------------------

    async def async_load(self) -> None:
        """Read the last result; one that cannot be read counts as none."""
        try:
            stored = await self.file.async_read()
            self.result = SelfTestResult.from_stored(stored) if stored else None
        except AttributeError, KeyError, StorageUnreadable, TypeError, ValueError:
            _LOGGER.warning("The result of the last self-test cannot be read")

    @callback
    def start(self) -> None:
        """Begin the nightly runs."""
        minute, second = secrets.randbelow(60), secrets.randbelow(60)
        self._cancel.append(
            async_track_time_change(self._hass, self._async_nightly, hour=_HOUR, minute=minute, second=second)
        )

    async def async_stop(self) -> None:
        """End the nightly runs; a test that has begun deletes its recording first."""
        while self._cancel:
            self._cancel.pop()()
        self._cancel_retry()
        if self._running is not None:
            await asyncio.wait([self._running], timeout=_STOP_SECONDS)
        if self._running is not None:
            self._running.cancel()
            await asyncio.wait([self._running])
        await self.file.async_stop()

    async def _async_nightly(self, _now: datetime) -> None:
        self._retries = 0
        await self._async_try()

    async def _async_try(self, _now: datetime | None = None) -> None:
        """Run the test; try again later if that is not possible now."""
        self._cancel_retry()
        try:
            result = await self.async_run()
        except VoicePrivacyError as err:
            _LOGGER.info("The self-test is not possible now (%s)", err.code)
        except Exception as err:  # noqa: BLE001
            # Whatever it is, the test is tried again.
            _LOGGER.error("The self-test has failed to run: %s", type_and_place(err))
        else:
            if result.passed is not None:
                return
        # The last result may have become too old.
        self._notices.changed()
        if self._retries < _MAX_RETRIES and self._cancel:
            self._retries += 1
            self._cancel_retry()
            self._retry = async_call_later(self._hass, _RETRY_SECONDS, self._async_try)

    @callback
    def _cancel_retry(self) -> None:
        if self._retry is not None:
            self._retry()
            self._retry = None

    # --- the test --------------------------------------------------------------------------------

    async def async_run(self) -> SelfTestResult:
        """Run the test and return its result; whoever asks meanwhile gets the same result.

        Raises:
            StoreNotReady: The store is being repaired.
            BackupUnderWay: A backup is being made or restored.
            StoreError: The recording could not be stored.
        """
        if self._running is None:
            self._running = self._hass.async_create_background_task(
                self._async_run(), "voice_privacy self-test", eager_start=False
            )
            self._running.add_done_callback(self._ended)
        return await asyncio.shield(self._running)

    @callback
    def _ended(self, task: asyncio.Task[SelfTestResult]) -> None:
        self._running = None
        if not task.cancelled():
            # Whoever asked has it from the shield, unless he left.
            task.exception()

    async def _async_run(self) -> SelfTestResult:
        if not self._store.writable or self._store.error is not None:
            raise StoreNotReady
        if self._backups.under_way:
            raise BackupUnderWay
        token = secrets.token_hex(16)
        utterance = synthetic_capture(token, dt_util.utcnow()).finish(RecordingKind.COMMAND)
        mark = await self._recorder.async_mark()
        self._store.synthetic.add(utterance.utterance_id)
        try:
            checks = await self._async_keep_and_delete(utterance, token, mark)
        finally:
            await self._async_forget(utterance.utterance_id)
        self.result = SelfTestResult(when=dt_util.utcnow(), checks=checks)
        if self.result.failed:
            names = ", ".join(self.result.failed)
            _LOGGER.error("The self-test has found what a deletion left: %s", names)
        self.file.write_soon(_SAVE_SECONDS)
        self._notices.changed()
        return self.result

    async def _async_keep_and_delete(
        self, utterance: Utterance, token: str, mark: RecorderMark | None
    ) -> dict[Check, Verdict]:
        """Store and delete the recording, then search every place. Raises StoreError."""
        recording_id, store = utterance.utterance_id, self._store.store
        if decide(utterance, _ALLOWED) is not None:
            raise RecordingUnreadable
        async with self._lock:
            await store.async_keep(utterance, dt_util.now().date())
        evidence = await store.async_evidence(recording_id)
        _, content = await store.async_read(recording_id)
        if (content.transcript, content.audio) != (utterance.transcript, utterance.audio):
            raise RecordingUnreadable
        try:
            await store.async_settle()
            has_row = await self._recorder.async_row_remains(recording_id)
        except StoreError:
            has_row = None
        try:
            await self._deletion.async_delete_synthetic(recording_id)
        except StoreError as err:
            _LOGGER.error("The recording of the self-test could not be deleted (%s)", err.code)
        try:
            await store.async_settle()
        except StoreError:
            # What the recorder has not committed cannot be seen.
            has_row = mark = None
        texts = (token, recording_id)
        return {
            Check.KEY: Verdict.of(await store.async_key_remains(evidence)),
            Check.FILE: Verdict.of(await store.async_file_remains(evidence, (token,))),
            Check.INDEX: Verdict.of(recording_id in store.recordings),
            # That a row is missing which was never there proves nothing.
            Check.ROW: Verdict.of(await self._recorder.async_row_remains(recording_id) if has_row else None),
            Check.RECORDER: Verdict.of(
                await self._recorder.async_text_remains(mark, texts) if mark is not None else None
            ),
            Check.BACKUP: Verdict.of(await self._backups.async_contains_us()),
        }

    async def _async_forget(self, recording_id: str) -> None:
        """End a test. A recording that could not be deleted stays hidden, and the next opening deletes it."""
        if recording_id in self._store.store.recordings:
            try:
                await self._deletion.async_delete_synthetic(recording_id)
            except StoreError:
                return
        self._store.synthetic.discard(recording_id)


async def async_remove_result(hass: HomeAssistant) -> None:
    """Delete the file with the last result, because the entry is removed."""
    await DurableStore(hass, _FILE, dict).async_remove()
