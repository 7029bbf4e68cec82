"""JSON files below .storage that are written and read back before a write counts as done.

Home Assistant's own Store logs a failed write and continues, and delays writes while Home Assistant stops.
Here a failed write raises an error, is retried, and survives a reload of the config entry.
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
"""Seconds until a failed write is retried; the delay doubles with every further attempt."""

_LONGEST_RETRY: Final = 300.0

_OWNERS: Final[HassKey[dict[str, object]]] = HassKey(f"{DOMAIN}_file_owners")
"""Who has read a file last, by file key: what a stopped hub still wants to write must not undo a newer hub's."""

_TURNS: Final[HassKey[dict[str, asyncio.Lock]]] = HassKey(f"{DOMAIN}_file_turns")
"""Locks by file key, which old and new owners share."""

_UNSAVED: Final[HassKey[dict[str, dict[str, Any]]]] = HassKey(f"{DOMAIN}_unsaved")
"""Unwritten content by file key, so that a reload does not fall back to the older content on disk."""

type Content = dict[str, Any]


class DurableStore(Store[Content]):
    """One file of the integration. It belongs to the event loop."""

    def __init__(self, hass: HomeAssistant, name: str, content: Callable[[], Content]) -> None:
        """Set up the file.

        Args:
            hass: Home Assistant.
            name: Name of the file without the domain.
            content: Returns the content to save, in containers that are not modified afterwards.
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
        """Called after a write has failed, and after the first success that follows."""

        self._name = name
        self._content = content
        self._turn = hass.data.setdefault(_TURNS, {}).setdefault(self.key, asyncio.Lock())
        self._retry: CALLBACK_TYPE | None = None
        self._retry_seconds = _FIRST_RETRY
        self._soon: CALLBACK_TYPE | None = None
        self._stopped = False

    @property
    def unsaved(self) -> bool:
        """True if memory holds content that could not be written."""
        return self.key in self.hass.data.get(_UNSAVED, {})

    async def async_read(self) -> Content | None:
        """Return the saved content, or None if there is no file; the reader owns the file from now on.

        Raises StorageUnreadable if the file cannot be read or does not hold an object.
        """
        async with self._turn:
            self.hass.data.setdefault(_OWNERS, {})[self.key] = self
            return await self._async_read()

    @property
    def is_owned(self) -> bool:
        """True until it has been stopped and somebody else has read the file, or the file was removed."""
        return not self._stopped or self.hass.data.get(_OWNERS, {}).get(self.key, self) is self

    async def _async_read(self) -> Content | None:
        if (unsaved := self.hass.data.get(_UNSAVED, {}).get(self.key)) is not None:
            self._schedule_retry()
            return unsaved
        try:
            await self.hass.async_add_executor_job(_check_kind, Path(self.path))
            stored: object = await self.async_load()
        except Exception as err:
            # Version, syntax, structure or disk error: in any case the content is not trusted.
            _LOGGER.error("The file %s cannot be read: %s", self.key, type(err).__name__)
            raise StorageUnreadable from err
        if stored is not None and not isinstance(stored, dict):
            _LOGGER.error("The file %s cannot be read: it holds a %s", self.key, type(stored).__name__)
            raise StorageUnreadable
        return stored

    async def async_write(
        self, content: Content | None = None, on_written: Callable[[], None] = lambda: None
    ) -> None:
        """Write the file, read it back, and call on_written before the next write may start.

        Args:
            content: Content to write instead of the owner's content.
            on_written: Called once the content is on disk.

        Raises NotSaved if the disk does not hold it, and the owner's content is then retried later; or if this was
        stopped, and the file has another owner or was removed.
        """
        async with self._turn:
            if not self.is_owned:
                raise NotSaved
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
        """Write the content as of then within a delay in seconds, or at once after async_stop; a failure is retried."""
        if self._stopped:
            # Home Assistant may be about to end.
            self.hass.async_create_task(self._async_write_quietly(), f"{self.key} late", eager_start=False)
        elif self._soon is None and self._retry is None:
            self._soon = async_call_later(self.hass, seconds, self._async_write_quietly)

    async def async_stop(self) -> None:
        """Write pending content a last time, and end all timers. Never raises.

        Waits for a write in progress, so that the next reader sees a complete file.
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
        """Delete the file; nobody who has read it before may write it again."""
        async with self._turn:
            self.hass.data.setdefault(_OWNERS, {})[self.key] = object()
            self.hass.data.get(_UNSAVED, {}).pop(self.key, None)
            await super().async_remove()

    async def _async_plain(self, content: Content) -> Content:
        """Return content as it would be read back; runs in a thread, as long content takes time."""
        return await self.hass.async_add_executor_job(_plain, content)

    async def _async_try(self, wanted: Content) -> bool:
        """Write the file, and return whether the disk holds the content."""
        try:
            # async_save would delay the write until the final stage of Home Assistant's shutdown.
            self._data = {
                "version": self.version,
                "minor_version": self.minor_version,
                "key": self.key,
                "data": wanted,
            }
            await self._async_handle_write_data()  # type: ignore[no-untyped-call]
            return await DurableStore(self.hass, self._name, dict).async_load() == wanted
        except Exception as err:  # noqa: BLE001
            # Disks fail in more ways than Home Assistant's own exceptions cover.
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
        if self._retry is None and not self._stopped:
            self._retry = async_call_later(self.hass, self._retry_seconds, self._async_retry)
            self._retry_seconds = min(self._retry_seconds * 2, _LONGEST_RETRY)

    async def _async_retry(self, _now: datetime) -> None:
        self._retry = None
        await self._async_write_quietly()

    async def _async_write_quietly(self, _now: datetime | None = None) -> None:
        """Write the file; async_write already handles a failure."""
        self._soon = None
        try:
            await self.async_write()
        except NotSaved:
            _LOGGER.debug("The file %s is still not written and will be retried", self.key)

    @callback
    def _cancel_soon(self) -> None:
        if self._soon is not None:
            self._soon()
            self._soon = None


def _check_kind(path: Path) -> None:
    """Raise OSError for anything but a regular file: opening a FIFO would block a thread."""
    if is_obstacle(path, follow=True):
        raise NotARegularFile


def _plain(content: Content) -> Content:
    """Return content as it would be read back from disk."""
    plain: Content = json_loads(json_bytes(content))  # type: ignore[assignment]
    return plain
