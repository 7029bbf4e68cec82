"""Access log: requester, audit action and time of each listen, list, export, deletion or change.

It never holds what was said.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
import logging
from types import MappingProxyType
from typing import Any, Final, TypeIs

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.util import dt as dt_util
from homeassistant.util.hass_dict import HassKey

from ..const import DOMAIN
from ..core.errors import StorageUnreadable
from ..core.house_settings import setting_key
from ..core.models import AuditAction, Requester
from ..core.moments import parse_moment
from ..recordings.durable_store import DurableStore

_LOGGER = logging.getLogger(__name__)

SUBJECT_TRANSCRIPTS: Final = "transcripts"
"""Subject of a deletion that removed only transcripts and replies and kept the audio."""

_MAX_ENTRIES: Final = 10_000
"""Maximum number of entries; above it, the requester with the most entries loses one."""

_MAX_OF_ONE: Final = 1_000
"""Maximum number of entries per person, room or automation; above it, one of their own is removed."""

_MAX_COUNT: Final = 1 << 53
"""Upper bound for stored counts: the largest integer that a web page can represent."""

_SAME_ACTION: Final = timedelta(minutes=5)
"""Time within which a repeated action of the same requester is merged into the existing entry."""

_SAVE_SECONDS: Final = 1.0
"""Delay in seconds before writing, so that several actions are written together."""

_CURRENT: Final[HassKey[AccessLog]] = HassKey(f"{DOMAIN}_access_log")
"""The access log that was loaded last; it gets the late actions of those before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessLogEntry:
    """One audit action of one requester, possibly repeated."""

    when: datetime
    """First occurrence, timezone-aware, UTC."""

    by: Requester
    action: AuditAction
    count: int
    """Number of distinct recordings affected."""

    until: datetime
    """Last occurrence, timezone-aware, UTC; equal to `when` if it happened once."""

    times: int = 1
    """Number of occurrences."""

    subject: str | None = None
    """For a change: the toggle, with its satellite if any, e.g. "guest_mode"; for clips: their satellite."""

    value: str | None = None
    """For a change: the new value; for a labeled clip: the label."""

    rooms: Mapping[str, int] = field(default_factory=dict)
    """Number of recordings affected by satellite id, as far as known; unknown in entries of older versions."""


class AccessLog:
    """The newest audit actions, written to disk within a second."""

    def __init__(self, hass: HomeAssistant) -> None:
        """Set up the file below .storage."""
        self.file = DurableStore(hass, "access_log", self._to_stored)
        self._hass = hass
        self._entries: list[AccessLogEntry] = []
        self._held: Counter[_Who] = Counter()
        """Number of entries per requester."""

        self._reached: dict[tuple[object, ...], set[str]] = {}
        """Ids of the recordings counted in the newest entry of each kind."""

        self._last_export: datetime | None = None
        self._on_add: set[Callable[[AccessLogEntry], None]] = set()
        self.satellite_of: Callable[[str], str | None] = lambda _recording_id: None
        """Returns the satellite of a recording; set by the hub."""

        self.on_action: Callable[[AuditAction, Collection[str], str | None, str | None], None] = _ignore
        """Called with each action: its recordings, without those counted before in its entry, subject and value."""

    async def async_load(self) -> None:
        """Read the file; skip entries that cannot be read."""
        self._hass.data[_CURRENT] = self
        try:
            stored = await self.file.async_read() or {}
        except StorageUnreadable:
            return
        entries = stored.get("entries", [])
        readable = [_from_stored(raw) for raw in entries] if isinstance(entries, list) else [None]
        self._entries = [entry for entry in readable if entry is not None][-_MAX_ENTRIES:]
        self._held = Counter(_who(entry.by) for entry in self._entries)
        if len(self._entries) < len(readable):
            _LOGGER.warning("Skipped unreadable access log entries")
        exports = [entry.until for entry in self._entries if entry.action is AuditAction.EXPORTED]
        if (last_export := _moment(stored.get("last_export"))) is not None:
            exports.append(last_export)
        self._last_export = max(exports, default=None)

    async def async_stop(self) -> None:
        """Write pending entries; whatever is added from now on is written at once."""
        await self.file.async_stop()

    async def async_remove(self) -> None:
        """Delete the file."""
        self._hass.data.pop(_CURRENT, None)
        await self.file.async_remove()

    @property
    def entries(self) -> Sequence[AccessLogEntry]:
        """All stored entries, oldest first."""
        return tuple(self._entries)

    @property
    def exported_at(self) -> tuple[datetime, ...]:
        """Time of the last export, or an empty tuple; pruning entries does not lose it."""
        return () if self._last_export is None else (self._last_export,)

    @callback
    def listen(self, on_add: Callable[[AccessLogEntry], None]) -> CALLBACK_TYPE:
        """Call a listener for each audit action, with an entry for it alone; return a function that unsubscribes."""
        self._on_add.add(on_add)
        return lambda: self._on_add.discard(on_add)

    @callback
    def add_change(
        self, by: Requester, setting: str, value: str | bool, satellite_id: str | None = None
    ) -> None:
        """Record that a setting of the house, or of a satellite, was changed to a value."""
        if isinstance(value, bool):
            value = "on" if value else "off"
        self.add(by, AuditAction.CHANGED, subject=setting_key(setting, satellite_id), value=value)

    @callback
    def add(
        self,
        by: Requester,
        action: AuditAction,
        *,
        count: int = 0,
        recording_ids: Collection[str] = (),
        rooms: Iterable[str] = (),
        satellites: Mapping[str, str] = MappingProxyType({}),
        subject: str | None = None,
        value: str | None = None,
        continues: bool = False,
    ) -> None:
        """Record an audit action; a repetition updates the count, `times` and `until` of the existing entry.

        Args:
            by: requester.
            action: audit action.
            count: number of recordings affected, if their ids are not known.
            recording_ids: recordings affected; each is counted once per entry.
            rooms: satellites of the recordings affected, one for each, if their ids are not known.
            satellites: satellites by recording id, of recordings that may be out of sight by now.
            subject: for a change, the setting; for a deletion, its scope.
            value: for a change, the new value.
            continues: True if this may be another part of the last time, such as the next range of a sound.
        """
        if (log := self._log_in_force) is not self:
            # What began before a reload ends after it.
            if log is not None:
                log.add(
                    by,
                    action,
                    count=count,
                    recording_ids=recording_ids,
                    rooms=rooms,
                    satellites=satellites,
                    subject=subject,
                    value=value,
                    continues=continues,
                )
            return
        by, now = by.name, dt_util.utcnow()
        if action is AuditAction.EXPORTED:
            self._last_export = max(now, self._last_export or now)
        kind = (by, action, subject, value)
        index = self._same(kind, now)
        if recording_ids and kind not in self._reached:
            # Of an entry from before a restart, nobody knows which recordings it counts.
            index = None
        if index is None:
            self._reached.pop(kind, None)
            earlier = AccessLogEntry(
                when=now, until=now, by=by, action=action, count=0, times=0, subject=subject, value=value
            )
        else:
            earlier = self._entries.pop(index)
        times, all_rooms, affected = 1, rooms, count
        if recording_ids:
            affected = len(recording_ids)
            all_rooms = self._rooms_of(recording_ids, satellites)
            reached = self._reached.setdefault(kind, set())
            new = set(recording_ids) - reached
            count = len(new)
            reached.update(new)
            recording_ids = new or recording_ids
            times = 0 if continues and count == 0 else 1
            rooms = self._rooms_of(new, satellites)
        self._entries.append(
            replace(
                earlier,
                until=now,
                times=earlier.times + times,
                count=earlier.count + count,
                rooms=Counter(earlier.rooms) + Counter(rooms),
            )
        )
        if index is None:
            self._make_room(_who(by))
        self.file.write_soon(_SAVE_SECONDS)
        if times:
            self.on_action(action, recording_ids, subject, value)
            alone = replace(self._entries[-1], when=now, times=1, count=affected, rooms=Counter(all_rooms))
            for on_add in list(self._on_add):
                on_add(alone)

    @property
    def _log_in_force(self) -> AccessLog | None:
        """This log, until another one has read the file; None if the integration was removed."""
        if self.file.is_owned:
            return self
        current = self._hass.data.get(_CURRENT)
        return None if current is self else current

    def _rooms_of(self, recording_ids: Iterable[str], satellites: Mapping[str, str]) -> list[str]:
        """Return the satellites of recordings, as far as they are given or known."""
        found = (satellites.get(one) or self.satellite_of(one) for one in recording_ids)
        return [room for room in found if room is not None]

    def _same(self, kind: tuple[object, ...], now: datetime) -> int | None:
        """Return the index of the entry that a repeated action is merged into, or None."""
        for index in range(len(self._entries) - 1, -1, -1):
            entry = self._entries[index]
            if not timedelta() <= now - entry.until < _SAME_ACTION:
                return None
            if (entry.by, entry.action, entry.subject, entry.value) == kind:
                return index
        return None

    def _make_room(self, who: _Who) -> None:
        """Remove an entry if the requester of the newest one, or the log, is over its limit.

        The oldest entry of the most frequent subject of the most frequent action is removed, so that nobody
        can push out another requester's entries or hide a single action behind repetitions of another.
        """
        held = self._held
        held[who] += 1
        if held[who] <= _MAX_OF_ONE:
            if len(self._entries) <= _MAX_ENTRIES:
                return
            if held[who] < max(held.values()):
                who = held.most_common(1)[0][0]
        own = [(index, entry) for index, entry in enumerate(self._entries) if _who(entry.by) == who]
        often = Counter(entry.action for _, entry in own).most_common(1)[0][0]
        alike = [(index, entry) for index, entry in own if entry.action is often]
        what = Counter((entry.subject, entry.value) for _, entry in alike).most_common(1)[0][0]
        del self._entries[next(index for index, entry in alike if (entry.subject, entry.value) == what)]
        held[who] -= 1

    def _to_stored(self) -> dict[str, Any]:
        """Return the content of the file."""
        return {
            "entries": [
                {
                    "when": entry.when.isoformat(),
                    "until": entry.until.isoformat(),
                    "times": entry.times,
                    **entry.by.as_stored(),
                    "deed": entry.action.value,
                    "count": entry.count,
                    "subject": entry.subject,
                    "value": entry.value,
                    "rooms": dict(entry.rooms),
                }
                for entry in self._entries
            ],
            "last_export": self._last_export.isoformat() if self._last_export else None,
        }


def _ignore(*_action: object) -> None:
    """Ignore an action; used until the hub follows the log."""


type _Who = tuple[object, ...]
"""Identity that entries are counted for: a user at any satellite, a room, or an automation."""


def _who(by: Requester) -> _Who:
    """Return the identity that an entry counts for; a user has one, whichever satellite is named."""
    return (by.user_id,) if by.user_id is not None else (by.kind, by.satellite_id, by.automation)


def _from_stored(raw: object) -> AccessLogEntry | None:
    """Parse one stored entry; None if it is malformed."""
    if not isinstance(raw, dict):
        return None
    when, count, times = _moment(raw.get("when")), raw.get("count"), raw.get("times", 1)
    subject, value, rooms = raw.get("subject"), raw.get("value"), raw.get("rooms", {})
    if when is None or not _is_count(count) or not _is_count(times):
        return None
    if not isinstance(subject, str | None) or not isinstance(value, str | None):
        return None
    if not isinstance(rooms, dict) or not all(_is_count(number) for number in rooms.values()):
        # What concerns no room is shown to administrators only.
        rooms = {}
    try:
        by = Requester.from_stored(raw)
        action = AuditAction(raw["deed"])
    except KeyError, TypeError, ValueError:
        return None
    return AccessLogEntry(
        when=when,
        until=_moment(raw.get("until")) or when,
        by=by,
        action=action,
        count=count,
        times=times,
        subject=subject,
        value=value,
        rooms=rooms,
    )


def of_rooms(entry: AccessLogEntry, rooms: Collection[str]) -> AccessLogEntry | None:
    """Return what an entry says of some rooms, or None if it does not concern them.

    Changes of the whole house concern every room. Recordings of other rooms are not counted, and neither is
    how often something was repeated.
    """
    subject = entry.subject
    if entry.action is AuditAction.CHANGED:
        room, dot, _setting = (subject or "").partition(".")
        return entry if not dot or room in rooms else None
    if subject in rooms:
        return entry
    count = sum(number for room, number in entry.rooms.items() if room in rooms)
    return replace(entry, count=count, times=1, rooms={}) if count else None


def _is_count(value: object) -> TypeIs[int]:
    """Return whether a stored value is a valid count."""
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < _MAX_COUNT


def _moment(value: object) -> datetime | None:
    """Parse a timezone-aware timestamp; None if it is malformed."""
    try:
        return parse_moment(value)
    except ValueError:
        return None
