"""Who listened, listed, exported, deleted or changed what, and when; never what was said."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
import logging
from typing import Any, Final, TypeIs

from homeassistant.core import HomeAssistant, callback
from homeassistant.util import dt as dt_util

from ..core.errors import StorageUnreadable
from ..core.models import AuditAction, Requester, RequesterKind
from ..core.moments import parse_moment
from ..recordings.durable_store import DurableStore

_LOGGER = logging.getLogger(__name__)

SUBJECT_TRANSCRIPTS: Final = "transcripts"
"""Subject of a deletion that took only what was said."""

_MAX_ENTRIES: Final = 10_000
"""Beyond it, whoever has the most entries makes room."""

_MAX_OF_ONE: Final = 1_000
"""Entries of one person, room or automation; whoever does more makes room among their own."""

_MAX_COUNT: Final = 1 << 53
"""What a page can show, and more than ever happens."""

_SAME_DEED: Final = timedelta(minutes=5)
"""What one person does again within this time of the last time becomes one entry."""

_SAVE_SECONDS: Final = 1.0
"""Seconds within which several deeds are written together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessLogEntry:
    """One deed."""

    when: datetime
    """Aware, UTC: when it was done first."""

    by: Requester
    deed: AuditAction
    count: int
    """Recordings that it reached; seen several times, they count once."""

    until: datetime
    """Aware, UTC: when it was done last, where the same was done several times."""

    times: int = 1
    """How often it was done."""

    subject: str | None = None
    """For a change: the toggle, and of which satellite, e.g. "guest_mode"; for clips: their satellite."""

    value: str | None = None
    """For a change: the new value; for a clip that was labeled: the label."""


class AccessLog:
    """The newest deeds, written to disk within a second."""

    def __init__(self, hass: HomeAssistant) -> None:
        """Prepare the file below .storage."""
        self.file = DurableStore(hass, "access_log", self._to_stored)
        self._entries: list[AccessLogEntry] = []
        self._held: Counter[_Who] = Counter()
        """How many entries everybody has."""

        self._reached: dict[tuple[object, ...], set[str]] = {}
        """Ids of the recordings behind the count of the newest entry of a kind."""

        self._last_export: datetime | None = None

    async def async_load(self) -> None:
        """Read the file; what cannot be read of it is left out, and costs nothing else."""
        try:
            stored = await self.file.async_read() or {}
        except StorageUnreadable:
            return
        entries = stored.get("entries", [])
        readable = [_from_stored(raw) for raw in entries] if isinstance(entries, list) else [None]
        self._entries = [entry for entry in readable if entry is not None][-_MAX_ENTRIES:]
        self._held = Counter(_who(entry.by) for entry in self._entries)
        if len(self._entries) < len(readable):
            _LOGGER.warning("Entries of the access log cannot be read and are left out")
        exports = [entry.until for entry in self._entries if entry.deed is AuditAction.EXPORTED]
        if (last_export := _moment(stored.get("last_export"))) is not None:
            exports.append(last_export)
        self._last_export = max(exports, default=None)

    async def async_stop(self) -> None:
        """Write what has not been written."""
        await self.file.async_stop()

    async def async_remove(self) -> None:
        """Delete the file."""
        await self.file.async_remove()

    @property
    def entries(self) -> Sequence[AccessLogEntry]:
        """All deeds that are remembered, oldest first."""
        return tuple(self._entries)

    @property
    def exported_at(self) -> tuple[datetime, ...]:
        """When recordings last left as files, if ever; no entry can push this out."""
        return () if self._last_export is None else (self._last_export,)

    @callback
    def add(
        self,
        by: Requester,
        deed: AuditAction,
        *,
        count: int = 0,
        recording_ids: Collection[str] = (),
        subject: str | None = None,
        value: str | None = None,
    ) -> None:
        """Remember a deed; the same again becomes one entry, with how often and until when.

        Args:
            by: who did it.
            deed: what was done.
            count: recordings that it reached, where nobody knows which.
            recording_ids: recordings that it reached; each counts once in an entry.
            subject: of a change, what was changed; of a deletion, its scope.
            value: of a change, the new value.
        """
        by, now = by.name, dt_util.utcnow()
        if deed is AuditAction.EXPORTED:
            self._last_export = max(now, self._last_export or now)
        kind = (by, deed, subject, value)
        index = self._same(kind, now)
        if index is None:
            self._reached.pop(kind, None)
            earlier = AccessLogEntry(
                when=now, until=now, by=by, deed=deed, count=0, times=0, subject=subject, value=value
            )
        else:
            earlier = self._entries.pop(index)
        if recording_ids:
            reached = self._reached.setdefault(kind, set())
            count = len(reached.union(recording_ids)) - len(reached)
            reached.update(recording_ids)
        self._entries.append(
            replace(earlier, until=now, times=earlier.times + 1, count=earlier.count + count)
        )
        if index is None:
            self._make_room(_who(by))
        self.file.write_soon(_SAVE_SECONDS)

    def _same(self, kind: tuple[object, ...], now: datetime) -> int | None:
        """Return the entry that a deed is added to: the same person did the same a moment ago."""
        for index in range(len(self._entries) - 1, -1, -1):
            entry = self._entries[index]
            if not timedelta() <= now - entry.until < _SAME_DEED:
                return None
            if (entry.by, entry.deed, entry.subject, entry.value) == kind:
                return index
        return None

    def _make_room(self, who: _Who) -> None:
        """Remove an entry, where somebody who has just got one more makes it too many.

        It is the oldest of what somebody did most often: nobody can push out another's entries, nor hide
        what they did once behind what they do all the time.
        """
        held = self._held
        held[who] += 1
        if held[who] <= _MAX_OF_ONE:
            if len(self._entries) <= _MAX_ENTRIES:
                return
            if held[who] < max(held.values()):
                who = held.most_common(1)[0][0]
        own = [(index, entry.deed) for index, entry in enumerate(self._entries) if _who(entry.by) == who]
        often = Counter(deed for _, deed in own).most_common(1)[0][0]
        del self._entries[next(index for index, deed in own if deed is often)]
        held[who] -= 1

    def _to_stored(self) -> dict[str, Any]:
        """Return what is written."""
        return {
            "entries": [
                {
                    "when": entry.when.isoformat(),
                    "until": entry.until.isoformat(),
                    "times": entry.times,
                    "kind": entry.by.kind.value,
                    "user_id": entry.by.user_id,
                    "satellite_id": entry.by.satellite_id,
                    "automation": entry.by.automation,
                    "deed": entry.deed.value,
                    "count": entry.count,
                    "subject": entry.subject,
                    "value": entry.value,
                }
                for entry in self._entries
            ],
            "last_export": self._last_export.isoformat() if self._last_export else None,
        }


type _Who = tuple[object, ...]
"""A person, in whatever role and at whatever satellite; a room; an automation."""


def _who(by: Requester) -> _Who:
    """Return who an entry counts for: a person cannot become several by naming satellites."""
    return (by.user_id,) if by.user_id is not None else (by.kind, by.satellite_id, by.automation)


def _from_stored(raw: object) -> AccessLogEntry | None:
    """Read one entry; None for one that makes no sense."""
    if not isinstance(raw, dict):
        return None
    when, count, times = _moment(raw.get("when")), raw.get("count"), raw.get("times", 1)
    words = [raw.get(name) for name in ("user_id", "satellite_id", "subject", "value", "automation")]
    if when is None or not _is_count(count) or not _is_count(times):
        return None
    if any(not isinstance(word, str | None) for word in words):
        return None
    try:
        by = Requester(
            kind=RequesterKind(raw["kind"]), user_id=words[0], satellite_id=words[1], automation=words[4]
        )
        deed = AuditAction(raw["deed"])
    except KeyError, ValueError:
        return None
    return AccessLogEntry(
        when=when,
        until=_moment(raw.get("until")) or when,
        by=by,
        deed=deed,
        count=count,
        times=times,
        subject=words[2],
        value=words[3],
    )


def _is_count(value: object) -> TypeIs[int]:
    """Return whether a stored figure can be a count."""
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < _MAX_COUNT


def _moment(value: object) -> datetime | None:
    """Read a moment with its zone; None for anything else."""
    try:
        return parse_moment(value)
    except ValueError:
        return None
