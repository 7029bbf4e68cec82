"""Who listened, listed, exported, deleted or changed what, and when; never what was said."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
import logging
from typing import Any, Final

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.storage import Store
from homeassistant.util import dt as dt_util

from .const import DOMAIN
from .core.models import Deed, Requester, RequesterKind

_LOGGER = logging.getLogger(__name__)

SUBJECT_TRANSCRIPTS: Final = "transcripts"
"""Subject of a deletion that took only what was said."""

_VERSION: Final = 1
_MAX_ENTRIES: Final = 5_000
"""The oldest entries make room."""

_SAME_LISTING: Final = timedelta(minutes=5)
"""Listings of one person within this time of the first are one deed."""

_SAVE_DELAY: Final = 1.0
"""Seconds within which several deeds are written together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessLogEntry:
    """One deed."""

    when: datetime
    """Aware, UTC."""

    by: Requester
    deed: Deed
    count: int
    """Recordings that it reached."""

    subject: str | None = None
    """For a change: the toggle, and of which satellite, e.g. "guest_mode"."""

    value: str | None = None
    """For a change: the new value."""


class AccessLog:
    """The newest deeds, written to disk within a second."""

    def __init__(self, hass: HomeAssistant) -> None:
        """Prepare the file below .storage."""
        self._store: Store[dict[str, Any]] = Store(hass, _VERSION, f"{DOMAIN}.access_log", private=True)
        self._entries: deque[AccessLogEntry] = deque(maxlen=_MAX_ENTRIES)

    async def async_load(self) -> None:
        """Read the file; an entry that cannot be read is left out."""
        stored = await self._store.async_load() or {}
        for raw in stored.get("entries", []):
            try:
                self._entries.append(_from_stored(raw))
            except AttributeError, KeyError, TypeError, ValueError:
                _LOGGER.warning("An entry of the access log cannot be read and is left out")

    async def async_save(self) -> None:
        """Write the file now."""
        await self._store.async_save(self._to_stored())

    async def async_remove(self) -> None:
        """Delete the file."""
        await self._store.async_remove()

    @property
    def entries(self) -> Sequence[AccessLogEntry]:
        """All deeds that are remembered, oldest first."""
        return tuple(self._entries)

    @callback
    def add(
        self,
        by: Requester,
        deed: Deed,
        *,
        count: int = 0,
        subject: str | None = None,
        value: str | None = None,
    ) -> None:
        """Remember a deed. Listings in a row become one entry, so that scrolling pushes out nothing."""
        now = dt_util.utcnow()
        entry = AccessLogEntry(when=now, by=by, deed=deed, count=count, subject=subject, value=value)
        last = self._entries[-1] if self._entries else None
        if (
            last is not None
            and deed is Deed.LISTED
            and (last.deed, last.by, last.subject) == (deed, by, subject)
            and timedelta() <= now - last.when < _SAME_LISTING
        ):
            self._entries[-1] = replace(last, count=last.count + count)
        else:
            self._entries.append(entry)
        self._store.async_delay_save(self._to_stored, _SAVE_DELAY)

    def _to_stored(self) -> dict[str, Any]:
        """Return what is written."""
        return {
            "entries": [
                {
                    "when": entry.when.isoformat(),
                    "kind": entry.by.kind,
                    "user_id": entry.by.user_id,
                    "satellite_id": entry.by.satellite_id,
                    "deed": entry.deed,
                    "count": entry.count,
                    "subject": entry.subject,
                    "value": entry.value,
                }
                for entry in self._entries
            ]
        }


def _from_stored(raw: dict[str, Any]) -> AccessLogEntry:
    """Read one entry; raises what malformed data raises."""
    return AccessLogEntry(
        when=datetime.fromisoformat(raw["when"]),
        by=Requester(
            kind=RequesterKind(raw["kind"]), user_id=raw["user_id"], satellite_id=raw["satellite_id"]
        ),
        deed=Deed(raw["deed"]),
        count=int(raw["count"]),
        subject=raw["subject"],
        value=raw["value"],
    )
