"""What the hub tells of: events without content, and the wakes it remembers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from homeassistant.core import CALLBACK_TYPE, callback
from homeassistant.util import dt as dt_util

from ..core.capture import CaptureSession, Wake
from ..core.models import CUT_SHORT, DiscardReason, StartedBy


class HubEventType(StrEnum):
    """What happened at a satellite; never what was said."""

    DELETED = "deleted"
    DISCARDED = "discarded"
    KEPT = "kept"
    WOKE = "woke"


@dataclass(frozen=True, slots=True, kw_only=True)
class HubEvent:
    """One thing that happened at one satellite."""

    type: HubEventType
    satellite_id: str
    reason: DiscardReason | None = None
    """Why it was discarded."""

    count: int | None = None
    """How many recordings were deleted."""

    recording_ids: tuple[str, ...] = ()
    """Recordings that are there now, or gone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LastWake:
    """What last made a satellite listen; remembered in memory only."""

    when: datetime
    """Aware, UTC."""

    wake: Wake


class DayCount:
    """How often something happened at each satellite since the day began."""

    def __init__(self) -> None:
        """Start with nothing at all."""
        self._counts: dict[str, tuple[date, int]] = {}
        self._restored: set[str] = set()

    @callback
    def add(self, satellite_id: str) -> None:
        """Count one more."""
        self._counts[satellite_id] = (dt_util.now().date(), self.today(satellite_id) + 1)

    def today(self, satellite_id: str) -> int:
        """Return how many there were since the day began."""
        day, count = self._counts.get(satellite_id, (date.min, 0))
        return count if day == dt_util.now().date() else 0

    @callback
    def restore(self, satellite_id: str, day: date, count: int) -> bool:
        """Go on counting where an earlier run of Home Assistant stopped; return whether it counted."""
        if satellite_id in self._restored or day != dt_util.now().date():
            return False
        self._restored.add(satellite_id)
        # The satellite may have woken before its entity was there to tell.
        self._counts[satellite_id] = (day, count + self.today(satellite_id))
        return True


class WakeTally:
    """How often each satellite woke today, how often in vain, and by what it last did."""

    def __init__(self) -> None:
        """Start with no wake at all."""
        self.wakes = DayCount()
        self.false_wakes = DayCount()
        """Wakes that led to no command, whether or not they were kept."""

        self._last: dict[str, LastWake] = {}

    @callback
    def began(self, capture: CaptureSession) -> None:
        """Remember what an utterance began with; a button is no wake word."""
        self._last[capture.satellite_id] = LastWake(when=capture.started_at, wake=capture.wake)
        if capture.wake.started_by is not StartedBy.BUTTON:
            self.wakes.add(capture.satellite_id)

    @callback
    def ended_in_vain(self, capture: CaptureSession) -> None:
        """Count a wake that led to no command, unless somebody cut it short."""
        if capture.wake.started_by is not StartedBy.BUTTON and capture.forbidden not in CUT_SHORT:
            self.false_wakes.add(capture.satellite_id)

    def last(self, satellite_id: str) -> LastWake | None:
        """Return what last made a satellite listen since Home Assistant has started."""
        return self._last.get(satellite_id)


def deleted_events(recordings: Mapping[str, str]) -> list[HubEvent]:
    """Return one event a satellite for deleted recordings, given as satellite ids by recording id.

    Those of no known satellite are left out.
    """
    found: dict[str, list[str]] = {}
    for recording_id, satellite_id in recordings.items():
        if satellite_id:
            found.setdefault(satellite_id, []).append(recording_id)
    return [
        HubEvent(
            type=HubEventType.DELETED,
            satellite_id=one,
            count=len(found[one]),
            recording_ids=tuple(found[one]),
        )
        for one in sorted(found)
    ]


class Notices:
    """Tell entities, pages and automations what has changed. It belongs to the event loop."""

    def __init__(self) -> None:
        """Start with nobody to tell."""
        self._on_change: set[CALLBACK_TYPE] = set()
        self._on_event: set[Callable[[HubEvent], None]] = set()

    @callback
    def listen(self, on_change: CALLBACK_TYPE) -> CALLBACK_TYPE:
        """Call when anything that can be shown has changed; return how to stop that."""
        self._on_change.add(on_change)
        return lambda: self._on_change.discard(on_change)

    @callback
    def listen_to_events(self, on_event: Callable[[HubEvent], None]) -> CALLBACK_TYPE:
        """Call for every event; return how to stop that."""
        self._on_event.add(on_event)
        return lambda: self._on_event.discard(on_event)

    @callback
    def changed(self) -> None:
        """Tell everybody who shows something."""
        for on_change in list(self._on_change):
            on_change()

    @callback
    def fire(self, event: HubEvent) -> None:
        """Tell everybody who waits for events, then that something has changed."""
        for on_event in list(self._on_event):
            on_event(event)
        self.changed()
