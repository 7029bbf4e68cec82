"""Hub events, which carry no content, and wake statistics."""

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.util import dt as dt_util
from homeassistant.util.hass_dict import HassKey

from ..const import DOMAIN
from ..core.capture import CaptureSession, Wake
from ..core.models import CUT_SHORT, DiscardReason


class HubEventType(StrEnum):
    """Types of hub events; none of them carries what was said."""

    DELETED = "deleted"
    DISCARDED = "discarded"
    HIDDEN = "hidden"
    """Somebody deleted recordings on the page and may still undo it. Only pages are told."""

    KEPT = "kept"
    SHOWN_AGAIN = "shown_again"
    """The deletion of hidden recordings was undone, or failed. Only pages are told."""

    WOKE = "woke"


@dataclass(frozen=True, slots=True, kw_only=True)
class HubEvent:
    """Event at one satellite."""

    type: HubEventType
    satellite_id: str
    reason: DiscardReason | None = None
    """Reason why an utterance was discarded."""

    count: int | None = None
    """Number of deleted recordings."""

    recording_ids: tuple[str, ...] = ()
    """Ids of the recordings that were stored or deleted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LastWake:
    """Last wake of a satellite; kept in memory only."""

    when: datetime
    """Timezone-aware, UTC."""

    wake: Wake


_HOUR_SECONDS: Final = 3600.0
_MAX_RECENT: Final = 3600
"""Maximum number of remembered times per satellite: nothing wakes more than once a second."""

_LAST_WAKES: Final[HassKey[dict[str, LastWake]]] = HassKey(f"{DOMAIN}_last_wakes")


@callback
def last_wakes(hass: HomeAssistant) -> dict[str, LastWake]:
    """Return the last wakes since Home Assistant started, which outlive a reload of the config entry."""
    return hass.data.setdefault(_LAST_WAKES, {})


@callback
def forget_last_wakes(hass: HomeAssistant) -> None:
    """Forget all last wakes."""
    hass.data.pop(_LAST_WAKES, None)


class DayCount:
    """Daily counter per satellite; it restarts at local midnight."""

    def __init__(self) -> None:
        """Start with all counts at zero."""
        self._counts: dict[str, tuple[date, int]] = {}
        self._restored: set[str] = set()

    @callback
    def add(self, satellite_id: str) -> None:
        """Increment a satellite's count."""
        self._counts[satellite_id] = (dt_util.now().date(), self.today(satellite_id) + 1)

    def today(self, satellite_id: str) -> int:
        """Return today's count."""
        day, count = self._counts.get(satellite_id, (date.min, 0))
        return count if day == dt_util.now().date() else 0

    @callback
    def restore(self, satellite_id: str, day: date, count: int) -> bool:
        """Add the count of an earlier run of Home Assistant, once; return whether it was used."""
        if satellite_id in self._restored or day != dt_util.now().date():
            return False
        self._restored.add(satellite_id)
        # The satellite may have woken before its entity was added.
        self._counts[satellite_id] = (day, count + self.today(satellite_id))
        return True


class RecentCount:
    """Counter per satellite of what happened within the last hour, since Home Assistant started."""

    def __init__(self) -> None:
        """Start with all counts at zero."""
        self._times: dict[str, deque[float]] = {}

    @callback
    def add(self, satellite_id: str) -> None:
        """Count something that happens now."""
        times = self._times.setdefault(satellite_id, deque(maxlen=_MAX_RECENT))
        times.append(dt_util.utcnow().timestamp())

    def last_hour(self, satellite_id: str) -> int:
        """Return how often it has happened within the last hour."""
        since = dt_util.utcnow().timestamp() - _HOUR_SECONDS
        return sum(time > since for time in self._times.get(satellite_id, ()))


class WakeTally:
    """Wakes and false wakes per satellite today, and the last wake of each."""

    def __init__(self, last: dict[str, LastWake]) -> None:
        """Start without wakes today.

        Args:
            last: Last wakes since Home Assistant started, by satellite id; kept up to date.
        """
        self.wakes = DayCount()
        self.false_wakes = DayCount()
        """Wakes without a command, whether or not they were stored."""

        self.recent_false_wakes = RecentCount()
        self._last = last
        self._on_false_wake: set[Callable[[str], None]] = set()

    @callback
    def listen(self, on_false_wake: Callable[[str], None]) -> CALLBACK_TYPE:
        """Call a listener with the satellite id of each false wake; return a function that unsubscribes."""
        self._on_false_wake.add(on_false_wake)
        return lambda: self._on_false_wake.discard(on_false_wake)

    @callback
    def began(self, capture: CaptureSession) -> None:
        """Record the start of an utterance; one that needed no wake word does not count as a wake."""
        # Its scores belong to the recording, and go with it.
        wake = replace(capture.wake, trace=None)
        self._last[capture.satellite_id] = LastWake(when=capture.started_at, wake=wake)
        if capture.wake.started_by.is_wake_word:
            self.wakes.add(capture.satellite_id)

    @callback
    def ended_in_vain(self, capture: CaptureSession) -> None:
        """Count a false wake, unless the utterance was cut short."""
        if capture.wake.started_by.is_wake_word and capture.forbidden not in CUT_SHORT:
            self.false_wakes.add(capture.satellite_id)
            self.recent_false_wakes.add(capture.satellite_id)
            for on_false_wake in list(self._on_false_wake):
                on_false_wake(capture.satellite_id)

    def last(self, satellite_id: str) -> LastWake | None:
        """Return a satellite's last wake since Home Assistant started, or None."""
        return self._last.get(satellite_id)


EVENTS_OF_ENTITIES: Final = (
    HubEventType.DELETED,
    HubEventType.DISCARDED,
    HubEventType.KEPT,
    HubEventType.WOKE,
)
"""Events that automations are told of."""


def deleted_events(recordings: Mapping[str, str]) -> list[HubEvent]:
    """Return one event per satellite for deleted recordings, given as satellite ids by recording id.

    Recordings of an unknown satellite are left out.
    """
    found: dict[str, list[str]] = {}
    for recording_id, satellite_id in recordings.items():
        if satellite_id:
            found.setdefault(satellite_id, []).append(recording_id)
    return [
        HubEvent(
            type=HubEventType.DELETED,
            satellite_id=owner,
            count=len(found[owner]),
            recording_ids=tuple(found[owner]),
        )
        for owner in sorted(found)
    ]


class Notices:
    """Notifications to entities, pages and automations. It belongs to the event loop."""

    def __init__(self) -> None:
        """Start without listeners."""
        self._on_change: set[CALLBACK_TYPE] = set()
        self._on_event: set[Callable[[HubEvent], None]] = set()

    @callback
    def listen(self, on_change: CALLBACK_TYPE) -> CALLBACK_TYPE:
        """Call a listener whenever displayed state changes; return a function that unsubscribes."""
        self._on_change.add(on_change)
        return lambda: self._on_change.discard(on_change)

    @callback
    def listen_to_events(self, on_event: Callable[[HubEvent], None]) -> CALLBACK_TYPE:
        """Call a listener for every event; return a function that unsubscribes."""
        self._on_event.add(on_event)
        return lambda: self._on_event.discard(on_event)

    @callback
    def changed(self) -> None:
        """Notify listeners that displayed state has changed."""
        for on_change in list(self._on_change):
            on_change()

    @callback
    def fire(self, event: HubEvent) -> None:
        """Notify event listeners, then report that displayed state has changed."""
        for on_event in list(self._on_event):
            on_event(event)
        self.changed()
