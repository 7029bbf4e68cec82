"""JSON files below .storage that are on disk, and read back, before their owner answers "done".

Home Assistant's own Store logs a failed write and goes on, and puts writes off while Home Assistant stops.
Here a write that failed is an error, is tried again, and outlives a reload of the entry.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime
import logging
from pathlib import Path
from typing import Any, Final

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.event import async_call_later
from homeassistant.helpers.json import json_bytes
from homeassistant.helpers.storage import Store
from homeassistant.util.hass_dict import HassKey
from homeassistant.util.json import json_loads

from ..const import DOMAIN
from ..core.errors import NotSaved, StorageUnreadable
from ..core.regular_file import NotARegularFile, is_obstacle

_LOGGER = logging.getLogger(__name__)

_VERSION: Final = 1
_FIRST_RETRY: Final = 5.0
"""Seconds until a failed write is tried again; each further try waits twice as long."""

_LONGEST_RETRY: Final = 300.0

_UNSAVED: Final[HassKey[dict[str, dict[str, Any]]]] = HassKey(f"{DOMAIN}_unsaved")
"""What no disk has yet, by file: a reload must not fall back to what the disk has."""

type Content = dict[str, Any]


class DurableStore(Store[Content]):
    """One file of ours. It belongs to the event loop."""

    def __init__(self, hass: HomeAssistant, name: str, content: Callable[[], Content]) -> None:
        """Prepare the file.

        Args:
            hass: Home Assistant.
            name: name of the file without our domain.
            content: returns what is to be saved, in containers that nobody changes afterwards.
        """
        super().__init__(
            hass,
            _VERSION,
            f"{DOMAIN}.{name}",
            private=True,
            atomic_writes=True,
            serialize_in_event_loop=False,
        )
        self.on_unsaved_changed: CALLBACK_TYPE = lambda: None
        """Called when a write has failed, and when one has succeeded after that."""

        self._name = name
        self._content = content
        self._turn = asyncio.Lock()
        self._retry: CALLBACK_TYPE | None = None
        self._retry_seconds = _FIRST_RETRY
        self._soon: CALLBACK_TYPE | None = None
        self._stopped = False

    @property
    def unsaved(self) -> bool:
        """Whether memory holds something that could not be written."""
        return self.key in self.hass.data.get(_UNSAVED, {})

    async def async_read(self) -> Content | None:
        """Return what is saved, None where there is no file.

        Raises StorageUnreadable for a file that cannot be read, or holds something else than an object.
        """
        if (unsaved := self.hass.data.get(_UNSAVED, {}).get(self.key)) is not None:
            self._schedule_retry()
            return unsaved
        try:
            await self.hass.async_add_executor_job(_check_kind, Path(self.path))
            stored: object = await self.async_load()
        except Exception as err:
            # Its version, its syntax, its shape, the disk: whatever it is, the file cannot be believed.
            _LOGGER.error("The file %s cannot be read: %s", self.key, type(err).__name__)
            raise StorageUnreadable from err
        if stored is not None and not isinstance(stored, dict):
            _LOGGER.error("The file %s cannot be read: it holds a %s", self.key, type(stored).__name__)
            raise StorageUnreadable
        return stored

    async def async_write(
        self, content: Content | None = None, on_written: Callable[[], None] = lambda: None
    ) -> None:
        """Write the file, read it back, and call on_written before anybody else may write.

        Args:
            content: what to write instead of the owner's content.
            on_written: takes over what is on disk now.

        Raises NotSaved when the disk does not hold it; the owner's content is then tried again later.
        """
        async with self._turn:
            self._cancel_soon()
            wanted = await self._async_plain(self._content() if content is None else content)
            if await self._async_try(wanted):
                on_written()
                self._note_saved()
                return
            unsaved = wanted if content is None else await self._async_plain(self._content())
            self.hass.data.setdefault(_UNSAVED, {})[self.key] = unsaved
        self._schedule_retry()
        self.on_unsaved_changed()
        raise NotSaved

    @callback
    def write_soon(self, seconds: float) -> None:
        """Write within so many seconds what there is to write by then; a failure is tried again.

        After async_stop the file may have another owner, and is left alone.
        """
        if self._soon is None and self._retry is None and not self._stopped:
            self._soon = async_call_later(self.hass, seconds, self._async_write_quietly)

    async def async_stop(self) -> None:
        """Try once more what has not been written, and then no more. Never raises.

        What is being written is waited for: whoever reads the file next reads it whole.
        """
        async with self._turn:
            pass
        self._stopped = True
        waiting = self._soon is not None or self._retry is not None
        self._cancel_soon()
        if waiting:
            await self._async_write_quietly()
        if self._retry is not None:
            self._retry()
            self._retry = None

    async def async_remove(self) -> None:
        """Delete the file."""
        self.hass.data.get(_UNSAVED, {}).pop(self.key, None)
        await super().async_remove()

    async def _async_plain(self, content: Content) -> Content:
        """Return content as it comes back from disk; a long one must not hold the event loop up."""
        return await self.hass.async_add_executor_job(_plain, content)

    async def _async_try(self, wanted: Content) -> bool:
        """Write, and return whether the disk holds it."""
        try:
            # Not async_save, which waits for the very end while Home Assistant stops.
            self._data = {
                "version": self.version,
                "minor_version": self.minor_version,
                "key": self.key,
                "data": wanted,
            }
            await self._async_handle_write_data()  # type: ignore[no-untyped-call]
            return await DurableStore(self.hass, self._name, dict).async_load() == wanted
        except Exception as err:  # noqa: BLE001
            # A disk can fail in more ways than Home Assistant's own errors name.
            _LOGGER.error("The file %s cannot be written: %s", self.key, type(err).__name__)
            return False

    @callback
    def _note_saved(self) -> None:
        if self._retry is not None:
            self._retry()
            self._retry = None
        self._retry_seconds = _FIRST_RETRY
        if self.hass.data.get(_UNSAVED, {}).pop(self.key, None) is not None:
            self.on_unsaved_changed()

    @callback
    def _schedule_retry(self) -> None:
        if self._retry is None:
            self._retry = async_call_later(self.hass, self._retry_seconds, self._async_retry)
            self._retry_seconds = min(self._retry_seconds * 2, _LONGEST_RETRY)

    async def _async_retry(self, _now: datetime) -> None:
        self._retry = None
        await self._async_write_quietly()

    async def _async_write_quietly(self, _now: datetime | None = None) -> None:
        """Write; a failure has been noted and scheduled by then."""
        self._soon = None
        try:
            await self.async_write()
        except NotSaved:
            _LOGGER.debug("The file %s waits for a disk that takes it", self.key)

    @callback
    def _cancel_soon(self) -> None:
        if self._soon is not None:
            self._soon()
            self._soon = None


def _check_kind(path: Path) -> None:
    """Raise OSError for what is no file: opening a FIFO would wait in one of Home Assistant's threads."""
    if is_obstacle(path, follow=True):
        raise NotARegularFile


def _plain(content: Content) -> Content:
    """Return content as it comes back from disk."""
    plain: Content = json_loads(json_bytes(content))  # type: ignore[assignment]
    return plain
