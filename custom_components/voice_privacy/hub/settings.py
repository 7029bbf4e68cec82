"""Persistent toggles and retention settings, available after a restart before any entity is added."""

import asyncio
from collections.abc import Callable, Collection, Mapping, Set as AbstractSet
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util

from ..const import CONF_MEMBERS_MAY_OPEN_MICROPHONE
from ..core.errors import StorageUnreadable
from ..core.models import Requester, RequesterKind
from ..core.moments import parse_moment
from ..core.privacy import PrivacySettings
from ..core.retention_policy import (
    CHOICES_FALSE_WAKES,
    CHOICES_HOUSE,
    CHOICES_SATELLITE,
    CHOICES_TRANSCRIPTS,
    KeepFor,
    RetentionPolicy,
)
from ..recordings.durable_store import DurableStore


class HouseToggle(StrEnum):
    """Toggles of the whole house; any that exposes data is off until a person turns it on."""

    DELETION_BY_VOICE = "deletion_by_voice"
    GUEST_MODE = "guest_mode"
    HELP_IMPROVE = "help_improve"
    HOUSEHOLD_MAY_LISTEN = "household_may_listen"
    VERIFIER = "verifier"
    """Use trained verifiers, where they perform better than none."""


class SatelliteToggle(StrEnum):
    """Toggles of one satellite."""

    HELP_IMPROVE = "help_improve"
    MUTED = "muted"
    SAVE_RECORDINGS = "save_recordings"
    SAVE_TRANSCRIPTS = "save_transcripts"


_REMEMBERED: Final = 1_000
"""Maximum number of removed satellites whose toggles are remembered."""

_ON_FROM_THE_START: Final = frozenset({HouseToggle.VERIFIER})
"""House toggles that are on by default; they have no effect without consent."""

MAX_LIMIT_MB: Final = 1_000_000
"""Maximum storage limit in MB."""

CONSENT: Final = (HouseToggle.HELP_IMPROVE, SatelliteToggle.HELP_IMPROVE)
"""Consent toggles, which have the same name: both must be on before anything is reviewed."""


class RetentionSetting(StrEnum):
    """Retention settings."""

    KEEP_FALSE_WAKES = "keep_false_wakes"
    KEEP_RECORDINGS = "keep_recordings"
    """For the house, or for one satellite."""

    KEEP_TRANSCRIPTS = "keep_transcripts"

    STORAGE_LIMIT = "storage_limit"
    """MB; 0 for no limit."""


_SAFE_DEFAULTS: Final[Mapping[HouseToggle | SatelliteToggle, bool]] = {
    HouseToggle.DELETION_BY_VOICE: False,
    HouseToggle.GUEST_MODE: True,
    HouseToggle.HELP_IMPROVE: False,
    HouseToggle.HOUSEHOLD_MAY_LISTEN: False,
    HouseToggle.VERIFIER: False,
    SatelliteToggle.HELP_IMPROVE: False,
    SatelliteToggle.MUTED: True,
    SatelliteToggle.SAVE_RECORDINGS: False,
    SatelliteToggle.SAVE_TRANSCRIPTS: False,
}
"""More private value of each toggle, used while its state is unknown or a change is not on disk yet."""

_SAFE_RETENTION: Final = RetentionPolicy(house=KeepFor.UNTIL_DELETED, false_wakes=KeepFor.AS_OTHERS)
"""Retention if the settings are lost: the default would delete recordings that were to be kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Requester and time of a toggle's last change."""

    when: datetime
    """Timezone-aware, UTC."""

    by: Requester


@dataclass(frozen=True, slots=True, kw_only=True)
class _Settings:
    """All settings as one immutable value, which is replaced as a whole."""

    house: Mapping[HouseToggle, bool] = field(
        default_factory=lambda: {toggle: toggle in _ON_FROM_THE_START for toggle in HouseToggle}
    )
    satellites: Mapping[str, Mapping[SatelliteToggle, bool]] = field(default_factory=dict)
    removed: Mapping[str, Mapping[SatelliteToggle, bool]] = field(default_factory=dict)
    """Toggles of removed satellites, oldest first: a crash or a backup may bring a satellite back."""

    retention: RetentionPolicy = field(default_factory=RetentionPolicy)
    reviewers: frozenset[str] = frozenset()
    withheld: frozenset[str] = frozenset()
    changes: Mapping[str, Change] = field(default_factory=dict)

    def with_house(self, toggle: HouseToggle, *, on: bool) -> _Settings:
        """Return the settings with a house toggle changed."""
        return replace(self, house={**self.house, toggle: on})

    def with_satellite(self, satellite_id: str, toggle: SatelliteToggle, *, on: bool) -> _Settings:
        """Return the settings with a satellite toggle changed; unchanged if the satellite was removed."""
        if (toggles := self.satellites.get(satellite_id)) is None:
            return self
        return replace(self, satellites={**self.satellites, satellite_id: {**toggles, toggle: on}})

    def without_satellites(self, gone: AbstractSet[str]) -> _Settings:
        """Return the settings without these satellites; their toggles are remembered, consent excepted."""
        removed = dict(self.removed)
        for one in gone & self.satellites.keys():
            removed[one] = {**self.satellites[one], SatelliteToggle.HELP_IMPROVE: False}
        return replace(
            self,
            satellites={one: toggles for one, toggles in self.satellites.items() if one not in gone},
            removed=dict(list(removed.items())[-_REMEMBERED:]),
            retention=replace(
                self.retention,
                satellites={one: kept for one, kept in self.retention.satellites.items() if one not in gone},
            ),
            withheld=frozenset(one for one in self.withheld if one.partition(".")[0] not in gone),
            changes={
                key: change for key, change in self.changes.items() if key.partition(".")[0] not in gone
            },
        )


class SettingsStore:
    """House and satellite settings; a change is written to disk and read back before it counts as made.

    Until a change is on disk, and if it cannot be written, the more private value applies.
    """

    def __init__(self, hass: HomeAssistant) -> None:
        """Set up the file below .storage."""
        self._settings = _Settings()
        self.file = DurableStore(hass, "settings", lambda: _to_stored(self._settings))
        self._turn = asyncio.Lock()
        self._newest: dict[str, object] = {}
        """Newest pending change per key; only this one may make a setting less private."""

        self.lost = False
        """True if the file is missing or malformed: the more private values apply until a person decides."""

    async def async_load(self, *, expected: bool) -> None:
        """Read the file; expected is True if it must exist by now."""
        try:
            stored = await self.file.async_read()
        except StorageUnreadable:
            self._settings, self.lost = _from_damaged({}), True
            return
        if stored is None:
            self.lost = expected
            self._settings = _from_damaged({}) if expected else _Settings()
            return
        try:
            self._settings = _from_stored(stored)
        except AttributeError, KeyError, OverflowError, TypeError, ValueError:
            # Malformed data does not reflect anybody's decision.
            self._settings, self.lost = _from_damaged(stored), True

    async def async_add_satellite(self, satellite_id: str, *, save_recordings: bool) -> None:
        """Add a new satellite's toggles as chosen by the owner. Raises NotSaved.

        A satellite that was removed gets its earlier toggles: Home Assistant writes its list of satellites
        later than this file is written, so a crash in between, or a backup, brings a removed satellite back.
        """
        if satellite_id in self._settings.satellites:
            return
        toggles = {
            SatelliteToggle.HELP_IMPROVE: False,
            SatelliteToggle.MUTED: False,
            SatelliteToggle.SAVE_RECORDINGS: save_recordings,
            SatelliteToggle.SAVE_TRANSCRIPTS: save_recordings,
        }
        removed = dict(self._settings.removed)
        toggles = dict(removed.pop(satellite_id, toggles))
        if self.lost:
            toggles = {toggle: _SAFE_DEFAULTS[toggle] for toggle in SatelliteToggle}
        # The choice itself is in the config entry on disk, so there is no more private value to fall back to.
        self._settings = replace(
            self._settings,
            satellites={**self._settings.satellites, satellite_id: toggles},
            removed=removed,
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
    def reviewers(self) -> frozenset[str]:
        """Ids of users who may review clips, in addition to administrators."""
        return self._settings.reviewers

    def of(self, satellite_id: str) -> PrivacySettings:
        """Return the privacy settings of a satellite; an unknown satellite is muted."""
        return PrivacySettings(
            guest_mode=self.house(HouseToggle.GUEST_MODE),
            muted=self.satellite(satellite_id, SatelliteToggle.MUTED),
            save_recordings=self.satellite(satellite_id, SatelliteToggle.SAVE_RECORDINGS),
        )

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
        return _SAFE_DEFAULTS[toggle] if toggles is None else toggles[toggle]

    def last_change(
        self, toggle: HouseToggle | SatelliteToggle | RetentionSetting, satellite_id: str | None = None
    ) -> Change | None:
        """Return a toggle's last change; None if it has not been changed since set-up."""
        return self._settings.changes.get(_key(toggle, satellite_id))

    async def async_set_house(self, toggle: HouseToggle, by: Requester, *, on: bool) -> None:
        """Set a house toggle.

        A change to the more private value applies at once, a change to the other value once it is on disk.
        Raises NotSaved if it could not be written; the more private value then applies.
        """
        await self._async_change(
            _key(toggle, None),
            by,
            lambda settings: settings.with_house(toggle, on=on),
            at_once=on is _SAFE_DEFAULTS[toggle],
        )

    async def async_set_satellite(
        self, satellite_id: str, toggle: SatelliteToggle, by: Requester, *, on: bool
    ) -> None:
        """Set a satellite toggle, like a house toggle. Raises KeyError for an unknown satellite."""
        if satellite_id not in self._settings.satellites:
            raise KeyError(satellite_id)
        await self._async_change(
            _key(toggle, satellite_id),
            by,
            lambda settings: settings.with_satellite(satellite_id, toggle, on=on),
            at_once=on is _SAFE_DEFAULTS[toggle],
        )

    async def async_set_retention(
        self, setting: RetentionSetting, value: str | int, by: Requester, satellite_id: str | None = None
    ) -> None:
        """Set how long recordings are kept; it applies once it is on disk, since it may delete recordings.

        Raises ValueError for an invalid value, NotSaved if it could not be written.
        """
        _with_retention(self._settings.retention, setting, value, satellite_id)
        await self._async_change(
            _key(setting, satellite_id),
            by,
            lambda settings: replace(
                settings, retention=_with_retention(settings.retention, setting, value, satellite_id)
            ),
            at_once=False,
        )

    async def async_set_reviewer(self, user_id: str, *, on: bool, by: Requester | None = None) -> None:
        """Make a user a reviewer, or revoke it. Raises NotSaved or Refused."""

        def change(settings: _Settings) -> _Settings:
            reviewers = settings.reviewers | {user_id} if on else settings.reviewers - {user_id}
            return replace(settings, reviewers=reviewers)

        await self._async_change(f"reviewer.{user_id}", by, change, at_once=not on, note=False)

    def is_withheld(self, what: str, satellite_id: str | None = None) -> bool:
        """Return whether a permission is withheld, even if the config entry still grants it."""
        return _withheld_name(what, satellite_id) in self._settings.withheld

    async def async_withhold(self, what: str, satellite_id: str | None = None, *, on: bool) -> None:
        """Withhold a permission that the config entry grants, or stop withholding it; waits for the disk.

        Home Assistant writes config entries with a delay, and not at all if the disk is full: after a power
        cut the older entry is loaded, and a revoked permission must not return with it. Raises NotSaved.
        """
        name = _withheld_name(what, satellite_id)
        if on is (name in self._settings.withheld) and not self.file.unsaved:
            return

        def change(settings: _Settings) -> _Settings:
            return replace(
                settings, withheld=settings.withheld | {name} if on else settings.withheld - {name}
            )

        await self._async_change(f"withheld.{name}", None, change, at_once=on)

    def retention_with(
        self, setting: RetentionSetting, value: str | int, satellite_id: str | None = None
    ) -> RetentionPolicy:
        """Return the policy with a setting changed, not saved. Raises ValueError for an invalid value."""
        return _with_retention(self._settings.retention, setting, value, satellite_id)

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
        change: Callable[[_Settings], _Settings],
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

        def changed(settings: _Settings) -> _Settings:
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
                await self.file.async_write(_to_stored(changed(self._settings)), adopt)


def _to_stored(settings: _Settings) -> dict[str, Any]:
    """Return the content of the file."""
    retention = settings.retention
    return {
        "house": {toggle.value: on for toggle, on in settings.house.items()},
        "satellites": _toggles_to_stored(settings.satellites),
        "removed": _toggles_to_stored(settings.removed),
        "retention": {
            "house": retention.house.value,
            "satellites": {satellite_id: kept.value for satellite_id, kept in retention.satellites.items()},
            "false_wakes": retention.false_wakes.value,
            "transcripts": retention.transcripts.value,
            "limit_mb": retention.limit_mb,
        },
        "reviewers": sorted(settings.reviewers),
        "withheld": sorted(settings.withheld),
        "changes": {
            key: {
                "when": change.when.isoformat(),
                "kind": change.by.kind.value,
                "user_id": change.by.user_id,
                "satellite_id": change.by.satellite_id,
                "automation": change.by.automation,
            }
            for key, change in settings.changes.items()
        },
    }


def _toggles_to_stored(
    satellites: Mapping[str, Mapping[SatelliteToggle, bool]],
) -> dict[str, dict[str, bool]]:
    """Return satellites' toggles as stored."""
    return {
        satellite_id: {toggle.value: on for toggle, on in toggles.items()}
        for satellite_id, toggles in satellites.items()
    }


def _toggles_from(stored: Mapping[str, Any]) -> dict[str, dict[SatelliteToggle, bool]]:
    """Parse satellites' toggles; malformed data raises an exception."""
    return {
        satellite_id: {toggle: _flag(toggles[toggle]) for toggle in SatelliteToggle}
        for satellite_id, toggles in stored.items()
    }


def _from_stored(stored: Mapping[str, Any]) -> _Settings:
    """Parse the file; if any part is malformed, an exception is raised and nothing is used.

    All keys must exist except those that are informational or newer than the file: a missing setting is as
    little anybody's decision as a malformed one.
    """
    return _Settings(
        house={toggle: _flag(stored["house"][toggle]) for toggle in HouseToggle},
        satellites=_toggles_from(stored["satellites"]),
        removed=_toggles_from(stored.get("removed", {})),
        retention=_retention_from(stored["retention"]),
        reviewers=frozenset(_text(user_id) for user_id in _list(stored["reviewers"])),
        # Files of earlier versions have no withheld permissions.
        withheld=frozenset(_text(name) for name in _list(stored.get("withheld", []))),
        changes={
            key: change for key, raw in stored.get("changes", {}).items() if (change := _change_from(raw))
        },
    )


def _from_damaged(stored: Mapping[str, Any]) -> _Settings:
    """Return the most private settings; a microphone stays unmuted if the file clearly says so."""
    satellites = stored.get("satellites")
    known = satellites.items() if isinstance(satellites, dict) else ()
    safe = {toggle: _SAFE_DEFAULTS[toggle] for toggle in SatelliteToggle}
    return _Settings(
        house={toggle: _SAFE_DEFAULTS[toggle] for toggle in HouseToggle},
        satellites={
            satellite_id: safe
            | {
                SatelliteToggle.MUTED: not (
                    isinstance(toggles, dict) and toggles.get(SatelliteToggle.MUTED) is False
                )
            }
            for satellite_id, toggles in known
        },
        retention=_SAFE_RETENTION,
        withheld=frozenset({CONF_MEMBERS_MAY_OPEN_MICROPHONE}),
    )


def _change_from(raw: object) -> Change | None:
    """Parse a toggle's last change; None if it is malformed, since nothing depends on it."""
    if not isinstance(raw, dict):
        return None
    try:
        when = parse_moment(raw["when"])
        user_id, satellite_id, automation = (
            None if (word := raw.get(name)) is None else _text(word)
            for name in ("user_id", "satellite_id", "automation")
        )
        by = Requester(
            kind=RequesterKind(raw["kind"]),
            user_id=user_id,
            satellite_id=satellite_id,
            automation=automation,
        )
    except KeyError, TypeError, ValueError:
        return None
    return Change(when=when, by=by)


def _retention_from(stored: Mapping[str, Any]) -> RetentionPolicy:
    """Parse the retention policy; malformed data raises an exception."""
    return RetentionPolicy(
        house=_one_of(CHOICES_HOUSE, stored["house"]),
        satellites={
            satellite_id: _one_of(CHOICES_SATELLITE, kept)
            for satellite_id, kept in stored["satellites"].items()
        },
        false_wakes=_one_of(CHOICES_FALSE_WAKES, stored["false_wakes"]),
        transcripts=_one_of(CHOICES_TRANSCRIPTS, stored["transcripts"]),
        limit_mb=_limit(stored["limit_mb"]),
    )


def _one_of(choices: Collection[KeepFor], value: str | int) -> KeepFor:
    """Return a choice by its value. Raises ValueError if it is not among the choices."""
    if (choice := KeepFor(str(value))) not in choices:
        raise ValueError
    return choice


def _flag(value: object) -> bool:
    """Return a stored toggle. Raises TypeError unless it is a bool: the string "off" would be truthy."""
    if not isinstance(value, bool):
        raise TypeError
    return value


def _text(value: object) -> str:
    """Return a stored string. Raises TypeError for any other type."""
    if not isinstance(value, str):
        raise TypeError
    return value


def _list(value: object) -> list[Any]:
    """Return a stored list. Raises TypeError for any other type."""
    if not isinstance(value, list):
        raise TypeError
    return value


def _limit(value: object) -> int:
    """Return a storage limit in MB. Raises ValueError unless it is an integer in range."""
    if type(value) is not int or not 0 <= value <= MAX_LIMIT_MB:
        raise ValueError
    return value


def _with_retention(
    retention: RetentionPolicy, setting: RetentionSetting, value: str | int, satellite_id: str | None
) -> RetentionPolicy:
    """Return a policy with one setting changed. Raises ValueError for an invalid value."""
    match setting:
        case RetentionSetting.STORAGE_LIMIT:
            return replace(retention, limit_mb=_limit(value))
        case RetentionSetting.KEEP_FALSE_WAKES:
            return replace(retention, false_wakes=_one_of(CHOICES_FALSE_WAKES, value))
        case RetentionSetting.KEEP_TRANSCRIPTS:
            return replace(retention, transcripts=_one_of(CHOICES_TRANSCRIPTS, value))
        case RetentionSetting.KEEP_RECORDINGS if satellite_id is None:
            return replace(retention, house=_one_of(CHOICES_HOUSE, value))
        case RetentionSetting.KEEP_RECORDINGS:
            satellites = {**retention.satellites, satellite_id: _one_of(CHOICES_SATELLITE, value)}
            return replace(retention, satellites=satellites)


def _withheld_name(what: str, satellite_id: str | None) -> str:
    """Return the key of a withheld permission of the house, or of a satellite."""
    return what if satellite_id is None else f"{satellite_id}.{what}"


def _key(toggle: HouseToggle | SatelliteToggle | RetentionSetting, satellite_id: str | None) -> str:
    """Return the key of a setting in the list of changes."""
    return toggle.value if satellite_id is None else f"{satellite_id}.{toggle.value}"
