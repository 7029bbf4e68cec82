"""Persistent toggles and retention settings, available after a restart before any entity is added."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import timedelta

from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util

from ..core.errors import StorageUnreadable
from ..core.house_settings import (
    SAFE_DEFAULTS,
    Change,
    HouseSettings,
    HouseToggle,
    RetentionSetting,
    SatelliteToggle,
    retention_with,
    setting_key,
    settings_from_damaged,
    settings_from_stored,
    settings_to_stored,
)
from ..core.levels import HouseLevels, InForce, PrivacyLevel, effective
from ..core.models import Requester
from ..core.privacy import PrivacySettings
from ..core.retention_policy import KeepFor, RetentionPolicy
from ..recordings.durable_store import DurableStore


class SettingsStore:
    """House and satellite settings; a change is written to disk and read back before it counts as made.

    Until a change is on disk, and if it cannot be written, the more private value applies.
    """

    def __init__(self, hass: HomeAssistant) -> None:
        """Set up the file below .storage."""
        self._hass = hass
        self._settings = HouseSettings()
        self.file = DurableStore(hass, "settings", lambda: settings_to_stored(self._settings))
        self._turn = asyncio.Lock()
        self.area_of: Callable[[str], str | None] = lambda _satellite_id: None
        """Returns the id of a satellite's area, empty without one, None without a device; set before loading."""

        self._newest: dict[str, object] = {}
        """Newest pending change per key; only this one may make a setting less private."""

        self.lost = False
        """True if the file is missing or malformed: the more private values apply until a person decides."""

    async def async_load(self, *, expected: bool) -> None:
        """Read the file; expected is True if it must exist by now."""
        try:
            stored = await self.file.async_read()
        except StorageUnreadable:
            self._settings, self.lost = settings_from_damaged({}), True
            return
        if stored is None:
            self.lost = expected
            self._settings = settings_from_damaged({}) if expected else HouseSettings()
            return
        try:
            self._settings = settings_from_stored(stored)
        except AttributeError, KeyError, OverflowError, TypeError, ValueError:
            # Malformed data does not reflect anybody's decision.
            self._settings, self.lost = settings_from_damaged(stored), True

    async def async_add_satellite(
        self, satellite_id: str, *, save_recordings: bool, muted: bool = False
    ) -> None:
        """Add a new satellite's toggles as chosen by the owner. Raises NotSaved.

        A satellite that was removed gets its earlier toggles: Home Assistant writes its list of satellites
        later than this file is written, so a crash in between, or a backup, brings a removed satellite back.
        """
        if satellite_id in self._settings.satellites:
            return
        toggles = {
            SatelliteToggle.HELP_IMPROVE: False,
            SatelliteToggle.MUTED: muted,
            SatelliteToggle.SAVE_NEAR_MISSES: False,
            SatelliteToggle.SAVE_RECORDINGS: save_recordings,
            SatelliteToggle.SAVE_TRANSCRIPTS: save_recordings,
        }
        removed = dict(self._settings.removed)
        toggles = dict(removed.pop(satellite_id, toggles))
        if self.lost:
            toggles = {toggle: SAFE_DEFAULTS[toggle] for toggle in SatelliteToggle}
        # The choice itself is in the config entry on disk, so there is no more private value to fall back to.
        self._settings = replace(
            self._settings,
            satellites={**self._settings.satellites, satellite_id: toggles},
            removed=removed,
            **self._settings.retention_given_back(satellite_id),
        )
        await self.file.async_write()

    async def async_forget_satellites(self, satellite_ids: set[str]) -> None:
        """Remove the toggles of all satellites except these. Raises NotSaved."""
        if gone := self._settings.satellites.keys() - satellite_ids:
            self._settings = self._settings.without_satellites(gone)
            await self.file.async_write()

    @property
    def retention(self) -> RetentionPolicy:
        """Retention policy as it was chosen; see VoicePrivacyHub.retention_policy for the one in force."""
        return self._settings.retention

    @property
    def retention_of_removed(self) -> Mapping[str, KeepFor]:
        """Retention of satellites that were removed, for the recordings that are left of them."""
        return self._settings.removed_retention

    @property
    def reviewers(self) -> frozenset[str]:
        """Ids of users who may review clips, in addition to administrators."""
        return self._settings.reviewers

    def of(self, satellite_id: str) -> PrivacySettings:
        """Return the privacy settings of a satellite; an unknown satellite is muted."""
        level = self.level_of(satellite_id).level
        return PrivacySettings(
            guest_mode=self.house(HouseToggle.GUEST_MODE),
            level=level,
            muted=level is PrivacyLevel.OFF or self.satellite(satellite_id, SatelliteToggle.MUTED),
            save_recordings=self.satellite(satellite_id, SatelliteToggle.SAVE_RECORDINGS),
            save_near_misses=self.satellite(satellite_id, SatelliteToggle.SAVE_NEAR_MISSES),
        )

    @property
    def levels(self) -> HouseLevels:
        """Privacy levels of the rooms as they were chosen."""
        return self._settings.levels

    def level_of(self, satellite_id: str) -> InForce:
        """Return the level that the satellite's room and the overrides put in force; toggles come on top."""
        levels = self._settings.levels
        if not levels.restricts:
            return InForce()
        rooms = self.rooms_of(satellite_id)
        return effective(reason for room in rooms for reason in levels.reasons(room, self._state_of))

    def rooms_of(self, satellite_id: str) -> set[str | None]:
        """Return the ids of the areas that restrict a satellite; None is that of satellites without one.

        It is the area where the satellite is, or was before it was removed. If its area was deleted, it is also that:
        a microphone that the level of its room keeps off does not go on because somebody deletes the area.
        """
        area_id, place = self.area_of(satellite_id), self._settings.levels.places.get(satellite_id)
        if area_id == "" and place:
            return {None, place}
        return {area_id or place or None}

    def longest_of(
        self, satellite_ids: Iterable[str], levels: HouseLevels | None = None
    ) -> dict[str, timedelta]:
        """Return the longest retention that the level of their rooms allows, by default as chosen, where it is limited.

        Of satellites that were removed before there were levels the room is unknown: no level reaches their recordings.
        """
        levels = levels or self._settings.levels
        if not levels.restricts:
            return {}
        longest: dict[str, timedelta] = {}
        for satellite_id in satellite_ids:
            if satellite_id in levels.places or self.area_of(satellite_id) is not None:
                limits = [levels.limit_of(room) for room in self.rooms_of(satellite_id)]
                if found := [limit for limit in limits if limit is not None]:
                    longest[satellite_id] = min(found)
        return longest

    def _state_of(self, entity_id: str) -> str | None:
        """Return the state of an entity, or None if it has none."""
        state = self._hass.states.get(entity_id)
        return None if state is None else state.state

    @property
    def may_remember(self) -> bool:
        """True if data may be kept in memory for later, which guest mode forbids."""
        return not self.house(HouseToggle.GUEST_MODE)

    def house(self, toggle: HouseToggle) -> bool:
        """Return whether a house toggle is on."""
        return self._settings.house[toggle]

    def satellite(self, satellite_id: str, toggle: SatelliteToggle) -> bool:
        """Return whether a satellite toggle is on."""
        toggles = self._settings.satellites.get(satellite_id)
        return SAFE_DEFAULTS[toggle] if toggles is None else toggles[toggle]

    def last_change(
        self, toggle: HouseToggle | SatelliteToggle | RetentionSetting, satellite_id: str | None = None
    ) -> Change | None:
        """Return a toggle's last change; None if it has not been changed since set-up."""
        return self._settings.changes.get(setting_key(toggle.value, satellite_id))

    async def async_set_house(self, toggle: HouseToggle, by: Requester, *, on: bool) -> None:
        """Set a house toggle.

        A change to the more private value applies at once, a change to the other value once it is on disk.
        Raises NotSaved if it could not be written; the more private value then applies.
        """
        await self._async_change(
            setting_key(toggle.value, None),
            by,
            lambda settings: settings.with_house(toggle, on=on),
            at_once=on is SAFE_DEFAULTS[toggle],
        )

    async def async_set_satellite(
        self, satellite_id: str, toggle: SatelliteToggle, by: Requester, *, on: bool
    ) -> None:
        """Set a satellite toggle, like a house toggle. Raises KeyError for an unknown satellite."""
        if satellite_id not in self._settings.satellites:
            raise KeyError(satellite_id)
        await self._async_change(
            setting_key(toggle.value, satellite_id),
            by,
            lambda settings: settings.with_satellite(satellite_id, toggle, on=on),
            at_once=on is SAFE_DEFAULTS[toggle],
        )

    async def async_set_retention(
        self, setting: RetentionSetting, value: str | int, by: Requester, satellite_id: str | None = None
    ) -> None:
        """Set how long recordings are kept; it applies once it is on disk, since it may delete recordings.

        Raises ValueError for an invalid value, NotSaved if it could not be written.
        """
        retention_with(self._settings.retention, setting, value, satellite_id)
        await self._async_change(
            setting_key(setting.value, satellite_id),
            by,
            lambda settings: replace(
                settings, retention=retention_with(settings.retention, setting, value, satellite_id)
            ),
            at_once=False,
        )

    async def async_set_levels(
        self, key: str, change: Callable[[HouseLevels], HouseLevels], by: Requester | None, *, stricter: bool
    ) -> None:
        """Change the privacy levels; a stricter one applies at once, another one once it is on disk.

        Changes of one key apply in the order of the requests. Raises NotSaved or Refused.
        """
        await self._async_change(
            f"levels.{key}",
            by,
            lambda settings: replace(settings, levels=change(settings.levels)),
            at_once=stricter,
            note=False,
        )

    async def async_set_reviewer(self, user_id: str, *, on: bool, by: Requester | None = None) -> None:
        """Make a user a reviewer, or revoke it. Raises NotSaved or Refused."""

        def change(settings: HouseSettings) -> HouseSettings:
            reviewers = settings.reviewers | {user_id} if on else settings.reviewers - {user_id}
            return replace(settings, reviewers=reviewers)

        await self._async_change(f"reviewer.{user_id}", by, change, at_once=not on, note=False)

    def is_withheld(self, what: str, satellite_id: str | None = None) -> bool:
        """Return whether a permission is withheld, even if the config entry still grants it."""
        return setting_key(what, satellite_id) in self._settings.withheld

    async def async_withhold(self, what: str, satellite_id: str | None = None, *, on: bool) -> None:
        """Withhold a permission that the config entry grants, or stop withholding it; waits for the disk.

        Home Assistant writes config entries with a delay, and not at all if the disk is full: after a power
        cut the older entry is loaded, and a revoked permission must not return with it. Raises NotSaved.
        """
        name = setting_key(what, satellite_id)
        if on is (name in self._settings.withheld) and not self.file.unsaved:
            return

        def change(settings: HouseSettings) -> HouseSettings:
            return replace(
                settings, withheld=settings.withheld | {name} if on else settings.withheld - {name}
            )

        await self._async_change(f"withheld.{name}", None, change, at_once=on)

    def retention_with(
        self, setting: RetentionSetting, value: str | int, satellite_id: str | None = None
    ) -> RetentionPolicy:
        """Return the policy with a setting changed, not saved. Raises ValueError for an invalid value."""
        return retention_with(self._settings.retention, setting, value, satellite_id)

    async def async_stop(self) -> None:
        """Wait until every requested change has been written or has failed."""
        # Changes that already wait for the lock acquire it first.
        async with self._turn:
            await self.file.async_stop()

    async def async_remove(self) -> None:
        """Delete the file."""
        await self.file.async_remove()

    async def _async_change(
        self,
        key: str,
        by: Requester | None,
        change: Callable[[HouseSettings], HouseSettings],
        *,
        at_once: bool,
        note: bool = True,
    ) -> None:
        """Change the settings in memory and on disk; changes of one key apply in the order of the requests.

        Args:
            key: name of the changed setting.
            by: requester; must still have the right once the lock is acquired.
            change: returns the changed settings.
            at_once: True to apply the change before it is on disk.
            note: True to remember the requester.

        Raises NotSaved if the change could not be written, Refused if the right was withdrawn meanwhile.
        """
        noted = self._newest[key] = object()
        made = None if by is None or not note else Change(when=dt_util.utcnow(), by=by.name)

        def changed(settings: HouseSettings) -> HouseSettings:
            settings = change(settings)
            return settings if made is None else replace(settings, changes={**settings.changes, key: made})

        def adopt() -> None:
            # A newer change of the same setting may have been applied during the write.
            if self._newest.get(key) is noted:
                self._settings = changed(self._settings)

        if at_once:
            self._settings = changed(self._settings)
        async with self._turn:
            if at_once:
                # A more private value applies since it was requested; it is not checked or rolled back.
                await self.file.async_write(on_written=adopt)
            elif self._newest.get(key) is noted:
                if by is not None:
                    await by.async_check()
                await self.file.async_write(settings_to_stored(changed(self._settings)), adopt)
