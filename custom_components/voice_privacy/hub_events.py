"""What the hub tells of: events without content, and the wakes it remembers."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from homeassistant.core import callback
from homeassistant.util import dt as dt_util

from .core.capture import CaptureSession, Wake
from .core.models import DiscardReason, StartedBy


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


class WakeTally:
    """How often each satellite woke today, and by what it last did."""

    def __init__(self) -> None:
        """Start with no wake at all."""
        self._today: dict[str, tuple[date, int]] = {}
        self._restored: set[str] = set()
        self._last: dict[str, LastWake] = {}

    @callback
    def count(self, capture: CaptureSession) -> None:
        """Remember what an utterance began with; a button is no wake word."""
        satellite_id = capture.satellite_id
        self._last[satellite_id] = LastWake(when=capture.started_at, wake=capture.wake)
        if capture.wake.started_by is not StartedBy.BUTTON:
            self._today[satellite_id] = (dt_util.now().date(), self.today(satellite_id) + 1)

    def today(self, satellite_id: str) -> int:
        """Return how many wake words a satellite has heard since the day began."""
        day, count = self._today.get(satellite_id, (date.min, 0))
        return count if day == dt_util.now().date() else 0

    def last(self, satellite_id: str) -> LastWake | None:
        """Return what last made a satellite listen since Home Assistant has started."""
        return self._last.get(satellite_id)

    @callback
    def restore(self, satellite_id: str, day: date, count: int) -> bool:
        """Go on counting where an earlier run of Home Assistant stopped; return whether it counted."""
        if satellite_id in self._restored or day != dt_util.now().date():
            return False
        self._restored.add(satellite_id)
        # The satellite may have woken before its entity was there to tell.
        self._today[satellite_id] = (day, count + self.today(satellite_id))
        return True
