"""Privacy levels of rooms: follows areas and the entities of overrides, and applies what changes."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

from homeassistant.core import CALLBACK_TYPE, Event, EventStateChangedData, HomeAssistant, callback
from homeassistant.helpers import area_registry as ar, device_registry as dr
from homeassistant.helpers.event import async_track_state_change_event

from ..const import DOMAIN
from ..core.errors import MuteNotHeld, NotSaved
from ..core.house_settings import HouseToggle, SatelliteToggle
from ..core.levels import (
    MAX_OVERRIDES,
    SETTING_LEVEL,
    SETTING_MEMORY,
    SETTING_NEW_ROOMS,
    SETTING_OVERRIDES,
    Cause,
    HouseLevels,
    InForce,
    Override,
    PrivacyLevel,
    Reason,
    effective,
    is_looser,
    strictest,
)
from ..core.models import Requester
from ..core.retention_policy import RetentionPolicy
from .hub import VoicePrivacyHub


@dataclass(frozen=True, slots=True, kw_only=True)
class Area:
    """An area of Home Assistant that has at least one satellite."""

    name: str
    satellite_ids: frozenset[str]


class Levels:
    """Levels of the rooms of one house. It belongs to the event loop."""

    def __init__(self, hass: HomeAssistant, hub: VoicePrivacyHub) -> None:
        """Prepare; start follows areas and entities."""
        self._hass = hass
        self._hub = hub
        self._settings = hub.settings
        self._applied: dict[str, tuple[InForce, bool]] = {}
        """Level and effective mute that satellites were last told, by satellite id."""

        self._longest = self._limits
        self._unfollow: CALLBACK_TYPE | None = None

    # --- state -----------------------------------------------------------------------------------

    @property
    def areas(self) -> dict[str, Area]:
        """Areas with a satellite, by area id."""
        found: dict[str, set[str]] = {}
        for satellite_id in self._hub.satellites:
            if area_id := self._settings.area_of(satellite_id):
                found.setdefault(area_id, set()).add(satellite_id)
        registry = ar.async_get(self._hass)
        return {
            area_id: Area(name=area.name, satellite_ids=frozenset(satellite_ids))
            for area_id, satellite_ids in found.items()
            if (area := registry.async_get_area(area_id)) is not None
        }

    def period_of(self, satellite_id: str) -> PrivacyLevel:
        """Return the level that limits how long the recordings of a satellite are kept."""
        levels, rooms = self._settings.levels, self._settings.rooms_of(satellite_id)
        return strictest(levels.of_area(room).period for room in rooms)

    def in_force(self, satellite_id: str) -> InForce:
        """Return the level of a satellite with guest mode and its own toggles, and the reasons."""
        settings = self._settings
        reasons = list(settings.level_of(satellite_id).reasons)
        if settings.house(HouseToggle.GUEST_MODE):
            reasons.append(Reason(level=PrivacyLevel.LISTEN_ONLY, cause=Cause.GUEST_MODE))
        if settings.satellite(satellite_id, SatelliteToggle.MUTED):
            reasons.append(Reason(level=PrivacyLevel.OFF, cause=Cause.MUTED))
        if not settings.satellite(satellite_id, SatelliteToggle.SAVE_RECORDINGS):
            reasons.append(Reason(level=PrivacyLevel.LISTEN_ONLY, cause=Cause.SAVING_OFF))
        return effective(reasons)

    @property
    def _known_rooms(self) -> list[str]:
        """Rooms that keep their level when that of new rooms changes."""
        return sorted({*self.areas, *filter(None, self._settings.levels.places.values())})

    def policy_with(self, area_id: str | None, level: PrivacyLevel) -> RetentionPolicy:
        """Return the retention policy if an area, or new rooms for None, had another level."""
        levels = self._settings.levels
        changed = (
            levels.with_new_rooms(level, self._known_rooms)
            if area_id is None
            else levels.with_area(area_id, level)
        )
        satellite_ids = {*self._hub.satellites, *self._hub.kept.satellite_ids}
        longest = self._settings.longest_of(satellite_ids, changed)
        return replace(self._hub.retention_policy, longest=longest)

    # --- changes ---------------------------------------------------------------------------------

    async def async_set_area(self, area_id: str, level: PrivacyLevel, by: Requester) -> None:
        """Set the level of an area. Raises NotSaved, Refused, or MuteNotHeld if it is off but still heard."""
        area = self.areas.get(area_id)
        satellite_ids = sorted(area.satellite_ids) if area else []
        await self._async_change(
            f"area.{area_id}",
            lambda levels: levels.with_area(area_id, level),
            by,
            stricter=not is_looser(level, self._settings.levels.of_area(area_id).level),
            log=[(SETTING_LEVEL, level.value, satellite_id) for satellite_id in satellite_ids],
        )
        for satellite_id in satellite_ids:
            satellite = self._hub.satellites.get(satellite_id)
            if level is PrivacyLevel.OFF and satellite is not None and satellite.mute_is_void:
                raise MuteNotHeld(name=satellite.config.name)

    async def async_set_new_rooms(self, level: PrivacyLevel, by: Requester) -> None:
        """Set the level of rooms for which none was chosen; rooms that are known keep theirs. Raises as above."""
        known = self._known_rooms
        await self._async_change(
            "new_rooms",
            lambda levels: levels.with_new_rooms(level, known),
            by,
            stricter=not is_looser(level, self._settings.levels.new_rooms.level),
            log=[(SETTING_NEW_ROOMS, level.value, None)],
        )

    async def async_set_overrides(self, overrides: tuple[Override, ...], by: Requester) -> None:
        """Replace all overrides. Raises NotSaved or Refused.

        Those that are new hold at once, those that are not among them any more until the disk says so.
        """
        before = self._settings.levels.overrides
        both = (*before, *(override for override in overrides if override not in before))
        stricter = set(overrides) >= set(before)
        if not stricter and len(before) < len(both) <= MAX_OVERRIDES:
            await self._async_change(
                "overrides", lambda levels: replace(levels, overrides=both), by, stricter=True, log=[]
            )
        await self._async_change(
            "overrides",
            lambda levels: replace(levels, overrides=overrides),
            by,
            stricter=stricter,
            log=[(SETTING_OVERRIDES, str(len(overrides)), None)],
        )
        self._follow()

    async def async_set_memory_minutes(self, minutes: int, by: Requester) -> None:
        """Set how long recordings are kept in memory. Raises NotSaved or Refused."""
        stricter = minutes <= self._settings.levels.memory_minutes
        if stricter:
            self._hub.memory.held.shorten(timedelta(minutes=minutes))
        await self._async_change(
            "memory_minutes",
            lambda levels: replace(levels, memory_minutes=minutes),
            by,
            stricter=stricter,
            log=[(SETTING_MEMORY, str(minutes), None)],
        )

    async def _async_change(
        self,
        key: str,
        change: Callable[[HouseLevels], HouseLevels],
        by: Requester,
        *,
        stricter: bool,
        log: list[tuple[str, str, str | None]],
    ) -> None:
        """Change levels in memory, at the satellites, on disk and in the access log, to completion."""

        async def carry_out() -> None:
            self._hub.retention.settings_will_change()
            saving = self._hass.async_create_task(
                self._settings.async_set_levels(key, change, by, stricter=stricter),
                f"{DOMAIN}_levels",
                eager_start=True,
            )
            # Its entities may change their states while the disk is slow.
            self._follow()
            self.refresh()
            try:
                await saving
            finally:
                self._follow()
                self.refresh()
            for setting, value, satellite_id in log:
                self._hub.access_log.add_change(by, setting, value, satellite_id)
            await self._hub.async_sync_proxies()

        await asyncio.shield(
            self._hass.async_create_task(carry_out(), f"{DOMAIN}_set_levels", eager_start=True)
        )

    # --- following -------------------------------------------------------------------------------

    @callback
    def start(self) -> CALLBACK_TYPE:
        """Follow areas and entities; return a function that ends it."""
        if not self._settings.levels.restricts:
            self._applied = {satellite_id: self._now(satellite_id) for satellite_id in self._hub.satellites}
        self._longest = self._limits
        self._follow()
        # Entities may have changed their states since the satellites were started.
        self.refresh()
        listeners = [
            self._hass.bus.async_listen(dr.EVENT_DEVICE_REGISTRY_UPDATED, self._on_device),
            self._hass.bus.async_listen(ar.EVENT_AREA_REGISTRY_UPDATED, self._on_area),
        ]

        @callback
        def stop() -> None:
            for unsubscribe in listeners:
                unsubscribe()
            if self._unfollow is not None:
                self._unfollow()
                self._unfollow = None

        return stop

    @callback
    def _follow(self) -> None:
        """Follow the entities of the overrides that there are now."""
        if self._unfollow is not None:
            self._unfollow()
        entity_ids = sorted({override.entity_id for override in self._settings.levels.overrides})
        self._unfollow = async_track_state_change_event(self._hass, entity_ids, self._on_state)

    @callback
    def _on_state(self, event: Event[EventStateChangedData]) -> None:
        old, new = event.data["old_state"], event.data["new_state"]
        if (old and old.state) != (new and new.state):
            self.refresh()

    @callback
    def _on_device(self, event: Event[dr.EventDeviceRegistryUpdatedData]) -> None:
        """Apply the levels again if a device was moved.

        An area that is deleted loses its devices first: until it is known whether it still exists, and whether the
        device was taken out of it on purpose, the satellite keeps the level that it has.
        """
        if event.data["action"] != "update" or "area_id" in event.data["changes"]:
            device = dr.async_get(self._hass).async_get(event.data["device_id"])
            if device is None or device.area_id:
                self.refresh()
            else:
                self._hass.loop.call_soon(self.refresh)

    @callback
    def _on_area(self, _event: Event[ar.EventAreaRegistryUpdatedData]) -> None:
        self._hub.changed()

    @callback
    def refresh(self) -> None:
        """Tell satellites whose level has changed, and delete in a minute what may not be kept any longer."""
        self._remember_places()
        muted: dict[str, bool] = {}
        for satellite_id in self._hub.satellites:
            now, before = self._now(satellite_id), self._applied.get(satellite_id)
            if now != before:
                self._applied[satellite_id] = now
                muted[satellite_id] = before is None or now[1] is not before[1]
        if muted:
            self._hub.levels_changed(muted)
        if any(muted.values()):
            self._hass.async_create_task(self._async_sync_proxies(), f"{DOMAIN}_levels", eager_start=False)
        if (longest := self._limits) != self._longest:
            self._longest = longest
            self._hub.retention.settings_changed()
        self._hub.changed()

    async def _async_sync_proxies(self) -> None:
        await self._hub.async_sync_proxies()

    def _now(self, satellite_id: str) -> tuple[InForce, bool]:
        return self._settings.level_of(satellite_id), self._settings.of(satellite_id).muted

    @property
    def _limits(self) -> dict[str, object]:
        """Longest retention of each satellite's recordings, removed ones included, as far as it is limited."""
        return dict(self._hub.retention_policy.longest)

    def _deleted_area_of(self, satellite_id: str) -> str:
        """Return the id of the area of a satellite without one, if that was deleted; empty if it was not."""
        area_id = self._settings.levels.places.get(satellite_id, "")
        return "" if ar.async_get(self._hass).async_get_area(area_id) else area_id

    @callback
    def _remember_places(self) -> None:
        """Remember in which area each satellite is, in case that it is removed, or that its area is deleted."""
        levels = self._settings.levels
        gone = {key: area for key, area in levels.places.items() if self._settings.area_of(key) is None}
        present = {
            satellite_id: area_id or self._deleted_area_of(satellite_id)
            for satellite_id in self._hub.satellites
            if (area_id := self._settings.area_of(satellite_id)) is not None
        }
        if not levels.restricts or (places := gone | present) == levels.places:
            return

        async def write() -> None:
            try:
                await self._settings.async_set_levels(
                    "places", lambda now: replace(now, places=places), None, stricter=True
                )
            except NotSaved:
                # The file is written again by itself, and a repair issue tells of it.
                return

        self._hass.async_create_task(write(), f"{DOMAIN}_places", eager_start=True)
