"""Taught wake words on Home Assistant's threads: sealed like recordings, in the folder that no backup contains."""

import asyncio
from collections.abc import Callable, Collection
import contextlib
import logging
from pathlib import Path

from homeassistant.core import HomeAssistant

from ..const import DOMAIN
from ..core.errors import StoreError
from ..core.models import DeletionReceipt
from ..core.taught_words import SavedWord, StoredWord
from ..storage.taught_vault import TaughtVault
from .key_folders import KeyFolders

_LOGGER = logging.getLogger(__name__)


class TaughtStore:
    """Sealed taught words. It belongs to the event loop and never blocks it."""

    def __init__(self, hass: HomeAssistant, keys: KeyFolders | None = None) -> None:
        """Set up the store beside the recordings; async_open reads it."""
        keys = keys or KeyFolders()
        self._hass = hass
        self._vault = TaughtVault(
            Path(hass.config.cache_path(DOMAIN)), keys.chosen, key_folders_before=keys.before
        )
        self._lock = asyncio.Lock()

    async def async_open(self) -> tuple[list[StoredWord], StoreError | None]:
        """Return the words, oldest first, and why their keys cannot be read, if so. Never raises.

        Words whose keys cannot be read are listed without their content.
        """
        try:
            return await self._async_run(self._vault.open), None
        except StoreError as err:
            _LOGGER.error("Taught wake words cannot be opened (%s)", err.code)
            files: list[str] = []
            with contextlib.suppress(StoreError):
                files = await self._async_run(self._vault.file_ids)
            return [StoredWord(key_id, None) for key_id in files], err

    async def async_close(self) -> None:
        """Finish current work and release the key file."""
        await self._async_run(self._vault.close)

    async def async_keep(self, word: SavedWord) -> str:
        """Seal a word, read it back, and return the id of its key. Raises StoreError."""
        return await self._async_run(self._vault.keep, word)

    async def async_replace(self, key_id: str, word: SavedWord) -> None:
        """Seal a word again, and read it back. Raises RecordingNotFound or StoreError."""
        await self._async_run(self._vault.replace, key_id, word)

    async def async_delete(self, key_ids: Collection[str]) -> DeletionReceipt:
        """Delete words, and return the receipt as read back from disk. Raises StoreError."""
        done = await self._async_run(self._vault.delete, tuple(key_ids))
        return DeletionReceipt(
            asked=len(key_ids),
            deleted=done.destroyed,
            already_gone=len(key_ids) - done.destroyed,
            pending_row_work=done.files_left,
            verified=done.files_left == 0,
        )

    async def async_remove(self) -> DeletionReceipt:
        """Delete all words, and everything that the store has created. Raises StoreError."""
        words = await self._async_run(self._vault.remove)
        return DeletionReceipt(asked=words, deleted=words)

    async def _async_run[*Ts, T](self, job: Callable[[*Ts], T], *args: *Ts) -> T:
        """Run a job in a thread, one after the other."""
        async with self._lock:
            return await self._hass.async_add_executor_job(job, *args)


async def async_remove_taught(hass: HomeAssistant, keys: KeyFolders) -> None:
    """Erase all taught words, because the entry is removed."""
    try:
        await TaughtStore(hass, keys).async_remove()
    except StoreError as err:
        _LOGGER.error("Taught wake words cannot be erased (%s)", err.code)
