"""Events of the house for automations and the logbook: what happened, never what was said.

They are sent as dispatcher signals, so that triggers survive a reload of the config entry. Only what no entity
tells is also fired on Home Assistant's bus, for the logbook, and without the name of a person.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
import math
import time
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import area_registry as ar, device_registry as dr
from homeassistant.helpers.dispatcher import async_dispatcher_send
from homeassistant.util.signal_type import SignalType

from ..const import DOMAIN
from ..core.models import AuditAction, Requester, RequesterKind
from ..core.stream_health import SatelliteState
from ..satellites.base import Satellite
from ..satellites.found import UnprotectedSatellite
from .access_log import SUBJECT_TRANSCRIPTS, AccessLogEntry
from .events import HubEvent, HubEventType
from .hub import VoicePrivacyHub
from .targets import devices_of

EVENT_LOGBOOK: Final = f"{DOMAIN}_event"
"""Event on Home Assistant's bus for the logbook, with a type and the ids of satellites' devices."""

_LOG_AGAIN_SECONDS: Final = 60.0
"""Time in which the logbook says the same of a satellite once: each event is a row in the recorder's database, and
people who listen, or a satellite that violates its mute again and again, cause any number of them."""

SUBJECT_REVIEW: Final = "review"
"""Subject of a clip of the review pool in the access log."""


class HouseEventType(StrEnum):
    """Types of events; each is the key of a trigger, and of a sentence in the logbook where there is one."""

    ACCESSED = "accessed"
    """Somebody listened to recordings or exported them."""

    DELETED = "deleted"
    FALSE_WAKE = "false_wake"
    MUTE_VIOLATED = "mute_violated"
    RECORDING_KEPT = "recording_kept"
    UNPROTECTED = "unprotected"
    """A satellite of another integration has appeared that is not protected."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HouseEvent:
    """Event of the house, without content."""

    type: HouseEventType
    counts: Mapping[str, int] = field(default_factory=dict)
    """Number of recordings affected, or 1, by satellite id."""

    count: int = 1
    """Number of recordings affected, including those whose satellite is unknown."""

    details: Mapping[str, str | None] = field(default_factory=dict)
    """Further variables of the trigger."""

    expired: bool = False
    """True for a deletion because a retention period has ended."""


SIGNAL_HOUSE_EVENT: Final[SignalType[ConfigEntry[Any], HouseEvent]] = SignalType(f"{DOMAIN}_house_event")
"""Signal of an event, with the config entry."""

SIGNAL_HOUSE_CHANGED: Final[SignalType[ConfigEntry[Any] | None]] = SignalType(f"{DOMAIN}_house_changed")
"""Signal that the state of satellites may have changed, with the config entry, or None once it is unloaded."""


@callback
def violates_mute(hub: VoicePrivacyHub, satellite: Satellite) -> bool:
    """Return whether audio of a muted satellite still arrives, or still reaches a pipeline."""
    return satellite.mute_violated or satellite.mute_is_void


@callback
def does_not_listen(hub: VoicePrivacyHub, satellite: Satellite) -> bool:
    """Return whether a satellite should listen and does not: it is away, or connected and deaf."""
    return satellite.state in (SatelliteState.DISCONNECTED, SatelliteState.NOT_LISTENING) and (
        not hub.settings.of(satellite.satellite_id).muted
    )


@callback
def tell_unprotected(
    hass: HomeAssistant, entry: ConfigEntry[Any], satellites: Iterable[UnprotectedSatellite]
) -> None:
    """Tell of satellites of other integrations that have appeared."""
    for satellite in satellites:
        details = {"satellite": satellite.name, "entity_id": satellite.entity_id}
        event = HouseEvent(type=HouseEventType.UNPROTECTED, details=details)
        async_dispatcher_send(hass, SIGNAL_HOUSE_EVENT, entry, event)
        hass.bus.async_fire(EVENT_LOGBOOK, {"type": event.type.value, "entity_id": satellite.entity_id})


class HouseEvents:
    """Sends the events and signals of a loaded config entry."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry[Any], hub: VoicePrivacyHub) -> None:
        """Set up; start sends."""
        self._hass = hass
        self._entry = entry
        self._hub = hub
        self._violated = self._violations()
        self._logged: dict[tuple[HouseEventType, str], float] = {}
        """Times of the newest logbook events, on the monotonic clock."""

    @callback
    def start(self) -> None:
        """Send from now on until the entry is unloaded."""
        hub, on_unload = self._hub, self._entry.async_on_unload
        on_unload(hub.notices.listen_to_events(self._on_event))
        on_unload(hub.notices.listen(self._on_change))
        on_unload(hub.access_log.listen(self._on_access))
        on_unload(hub.wakes.listen(self._on_false_wake))
        on_unload(lambda: async_dispatcher_send(self._hass, SIGNAL_HOUSE_CHANGED, None))
        async_dispatcher_send(self._hass, SIGNAL_HOUSE_CHANGED, self._entry)

    def _violations(self) -> set[str]:
        """Return the ids of the satellites whose mute is violated now."""
        return {one for one, satellite in self._hub.satellites.items() if violates_mute(self._hub, satellite)}

    @callback
    def _on_change(self) -> None:
        """Signal that the state of satellites may have changed; log a mute that has just been violated."""
        if self._hub.stopping:
            async_dispatcher_send(self._hass, SIGNAL_HOUSE_CHANGED, None)
            return
        violated = self._violations()
        new, self._violated = violated - self._violated, violated
        if new:
            self._log(HouseEventType.MUTE_VIOLATED, new)
        async_dispatcher_send(self._hass, SIGNAL_HOUSE_CHANGED, self._entry)

    @callback
    def _on_event(self, event: HubEvent) -> None:
        """Tell of a recording that was kept."""
        if event.type is not HubEventType.KEPT:
            return
        for recording_id in event.recording_ids:
            if (info := self._hub.recordings.get(recording_id)) is None:
                continue
            self._send(
                HouseEvent(
                    type=HouseEventType.RECORDING_KEPT,
                    counts={event.satellite_id: 1},
                    details={"kind": info.listed_kind.value, "recording_id": recording_id},
                )
            )

    @callback
    def _on_false_wake(self, satellite_id: str) -> None:
        """Tell of a wake without a command, whether or not it was kept."""
        self._send(HouseEvent(type=HouseEventType.FALSE_WAKE, counts={satellite_id: 1}))

    @callback
    def _on_access(self, entry: AccessLogEntry) -> None:
        """Tell of one access or deletion."""
        if entry.action in (AuditAction.LISTENED, AuditAction.EXPORTED):
            # A reviewer must not learn from an automation or the logbook which room a clip is from.
            rooms = {} if entry.subject == SUBJECT_REVIEW else dict(entry.rooms)
            event_type, what = HouseEventType.ACCESSED, entry.action.value
        elif entry.action is AuditAction.DELETED:
            rooms, event_type = dict(entry.rooms), HouseEventType.DELETED
            what = "transcripts" if entry.subject == SUBJECT_TRANSCRIPTS else "recordings"
        else:
            return
        if entry.count == 0:
            return
        if event_type is HouseEventType.ACCESSED:
            self._log(event_type, rooms)
        self._hass.async_create_task(
            self._async_send_with_name(event_type, what, entry, rooms), f"{DOMAIN}_house_event"
        )

    async def _async_send_with_name(
        self, event_type: HouseEventType, what: str, entry: AccessLogEntry, rooms: Mapping[str, int]
    ) -> None:
        """Send the event of an access or deletion, with the name of the user behind it."""
        by = entry.by
        user = await self._hass.auth.async_get_user(by.user_id) if by.user_id else None
        self._send(
            HouseEvent(
                type=event_type,
                counts=rooms,
                count=entry.count,
                details={"what": what, **_by(by), "user": user.name if user else None},
                expired=by.kind is RequesterKind.RETENTION,
            )
        )

    @callback
    def _send(self, event: HouseEvent) -> None:
        async_dispatcher_send(self._hass, SIGNAL_HOUSE_EVENT, self._entry, event)

    @callback
    def _log(self, event_type: HouseEventType, satellite_ids: Iterable[str]) -> None:
        """Add an event to the logbook for each satellite, or for the house without any, once a minute at most."""
        devices, now = devices_of(self._hass, self._entry.entry_id), time.monotonic()
        for satellite_id in sorted(satellite_ids) or [self._entry.entry_id]:
            if now - self._logged.get((event_type, satellite_id), -math.inf) < _LOG_AGAIN_SECONDS:
                continue
            self._logged[event_type, satellite_id] = now
            self._hass.bus.async_fire(
                EVENT_LOGBOOK, {"type": event_type.value, "device_id": devices.get(satellite_id)}
            )


def _by(by: Requester) -> dict[str, str | None]:
    """Return what an automation may know of a requester: what administrators read in the access log."""
    return {"by": by.kind.value, "user_id": by.user_id, "automation": by.automation}


@callback
def variables_of(
    hass: HomeAssistant, entry: ConfigEntry[Any], satellite_ids: Iterable[str]
) -> dict[str, Any]:
    """Return the variables by which a trigger names satellites: names, areas, and devices for targets."""
    devices = devices_of(hass, entry.entry_id)
    registry, areas = dr.async_get(hass), ar.async_get(hass)
    satellites = entry.runtime_data.hub.satellites
    names: list[str] = []
    device_ids: list[str] = []
    rooms: Counter[str] = Counter()
    for satellite_id in sorted(satellite_ids):
        device = registry.async_get(devices.get(satellite_id, ""))
        own = satellites[satellite_id].config.name if satellite_id in satellites else ""
        names.append((device.name_by_user if device else None) or own)
        if device is None:
            continue
        device_ids.append(device.id)
        if device.area_id and (area := areas.async_get_area(device.area_id)):
            rooms[area.name] += 1
    return {
        "satellite": ", ".join(name for name in names if name) or None,
        "device_ids": device_ids,
        "area": ", ".join(rooms) or None,
    }
