"""Toggles that hold from the first moment after a restart, before any entity is there."""

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
    """What can be switched for the whole house; what gives anything away is off until somebody turns it on."""

    DELETION_BY_VOICE = "deletion_by_voice"
    GUEST_MODE = "guest_mode"
    HELP_IMPROVE = "help_improve"
    HOUSEHOLD_MAY_LISTEN = "household_may_listen"
    VERIFIER = "verifier"
    """What was learned from reviewed clips is used, where it is better than nothing."""


class SatelliteToggle(StrEnum):
    """What can be switched for one satellite."""

    HELP_IMPROVE = "help_improve"
    MUTED = "muted"
    SAVE_RECORDINGS = "save_recordings"
    SAVE_TRANSCRIPTS = "save_transcripts"


_REMEMBERED: Final = 1_000
"""Satellites that were removed whose toggles are remembered."""

_ON_FROM_THE_START: Final = frozenset({HouseToggle.VERIFIER})
"""Of no effect before somebody has given consent."""

MAX_LIMIT_MB: Final = 1_000_000
"""The highest storage limit."""

CONSENT: Final = (HouseToggle.HELP_IMPROVE, SatelliteToggle.HELP_IMPROVE)
"""Toggles of the same name: both must be on before anything is reviewed."""


class RetentionSetting(StrEnum):
    """What can be chosen about the life of recordings."""

    KEEP_FALSE_WAKES = "keep_false_wakes"
    KEEP_RECORDINGS = "keep_recordings"
    """Of the house, or of one satellite."""

    KEEP_TRANSCRIPTS = "keep_transcripts"

    STORAGE_LIMIT = "storage_limit"
    """Megabytes, 0 for none."""


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
"""The more private side of each toggle: what holds where nobody knows, and where the disk does not know yet."""

_SAFE_RETENTION: Final = RetentionPolicy(house=KeepFor.UNTIL_DELETED, false_wakes=KeepFor.AS_OTHERS)
"""Somebody may have wanted to keep recordings for good; the default would delete them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Who turned a toggle last, and when."""

    when: datetime
    """Aware, UTC."""

    by: Requester


@dataclass(frozen=True, slots=True, kw_only=True)
class _Settings:
    """Everything that can be set, as one value that is replaced as a whole."""

    house: Mapping[HouseToggle, bool] = field(
        default_factory=lambda: {toggle: toggle in _ON_FROM_THE_START for toggle in HouseToggle}
    )
    satellites: Mapping[str, Mapping[SatelliteToggle, bool]] = field(default_factory=dict)
    removed: Mapping[str, Mapping[SatelliteToggle, bool]] = field(default_factory=dict)
    """Toggles of satellites that were removed, oldest first: one may come back, after a crash or from a backup."""

    retention: RetentionPolicy = field(default_factory=RetentionPolicy)
    reviewers: frozenset[str] = frozenset()
    withheld: frozenset[str] = frozenset()
    changes: Mapping[str, Change] = field(default_factory=dict)

    def with_house(self, toggle: HouseToggle, *, on: bool) -> _Settings:
        """Return the settings with a toggle of the house turned."""
        return replace(self, house={**self.house, toggle: on})

    def with_satellite(self, satellite_id: str, toggle: SatelliteToggle, *, on: bool) -> _Settings:
        """Return the settings with a toggle of a satellite turned; one that was removed stays away."""
        if (toggles := self.satellites.get(satellite_id)) is None:
            return self
        return replace(self, satellites={**self.satellites, satellite_id: {**toggles, toggle: on}})

    def without_satellites(self, gone: AbstractSet[str]) -> _Settings:
        """Return the settings without these satellites; all but a consent is remembered."""
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
    """The house's toggles, on disk and read back before a change counts as made.

    While a change is on its way to the disk, and where the disk does not take it, the more private side holds.
    """

    def __init__(self, hass: HomeAssistant) -> None:
        """Prepare the file below .storage."""
        self._settings = _Settings()
        self.file = DurableStore(hass, "settings", lambda: _to_stored(self._settings))
        self._turn = asyncio.Lock()
        self._newest: dict[str, object] = {}
        """The newest change of each toggle that is on its way; only this one may make anything less private."""

        self.lost = False
        """The file was there once, and is gone or makes no sense: the private side holds until somebody decides."""

    async def async_load(self, *, expected: bool) -> None:
        """Read the file; expected says whether it must exist by now."""
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
            # What makes no sense cannot be anybody's decision.
            self._settings, self.lost = _from_damaged(stored), True

    async def async_add_satellite(self, satellite_id: str, *, save_recordings: bool) -> None:
        """Give a new satellite the toggles that its owner chose when adding it. Raises NotSaved.

        One that was removed has those that it had: Home Assistant writes its list of satellites later than we
        write ours, and a crash in between, or a backup, brings a removed satellite back.
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
        # The choice itself is in the entry, on disk: there is no more private side to fall back to.
        self._settings = replace(
            self._settings,
            satellites={**self._settings.satellites, satellite_id: toggles},
            removed=removed,
        )
        await self.file.async_write()

    async def async_forget_satellites(self, satellite_ids: set[str]) -> None:
        """Drop the toggles of all satellites but these. Raises NotSaved."""
        if gone := self._settings.satellites.keys() - satellite_ids:
            self._settings = self._settings.without_satellites(gone)
            await self.file.async_write()

    @property
    def retention(self) -> RetentionPolicy:
        """How long recordings are kept."""
        return self._settings.retention

    @property
    def reviewers(self) -> frozenset[str]:
        """Ids of users who may review clips beside the administrators."""
        return self._settings.reviewers

    def of(self, satellite_id: str) -> PrivacySettings:
        """Return what governs a satellite's recordings; an unknown one is muted."""
        return PrivacySettings(
            guest_mode=self.house(HouseToggle.GUEST_MODE),
            muted=self.satellite(satellite_id, SatelliteToggle.MUTED),
            save_recordings=self.satellite(satellite_id, SatelliteToggle.SAVE_RECORDINGS),
        )

    @property
    def may_remember(self) -> bool:
        """Whether anything may be kept in memory for later: not in guest mode."""
        return not self.house(HouseToggle.GUEST_MODE)

    def house(self, toggle: HouseToggle) -> bool:
        """Return whether a toggle of the house is on."""
        return self._settings.house[toggle]

    def satellite(self, satellite_id: str, toggle: SatelliteToggle) -> bool:
        """Return whether a toggle of a satellite is on."""
        toggles = self._settings.satellites.get(satellite_id)
        return _SAFE_DEFAULTS[toggle] if toggles is None else toggles[toggle]

    def last_change(
        self, toggle: HouseToggle | SatelliteToggle | RetentionSetting, satellite_id: str | None = None
    ) -> Change | None:
        """Return who turned a toggle last; None when nobody has since set-up."""
        return self._settings.changes.get(_key(toggle, satellite_id))

    async def async_set_house(self, toggle: HouseToggle, by: Requester, *, on: bool) -> None:
        """Turn a toggle of the house.

        Turned to its more private side it holds at once, to the other when the disk has it.
        Raises NotSaved when the disk does not take it; the more private side then holds.
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
        """Turn a toggle of a satellite; as for the house. Raises KeyError for an unknown satellite."""
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
        """Choose how long recordings are kept; it holds when the disk has it, since it may delete.

        Raises ValueError for what cannot be chosen, NotSaved when the disk does not take it.
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
        """Let a user review clips, or no more. Raises NotSaved or Refused."""

        def change(settings: _Settings) -> _Settings:
            reviewers = settings.reviewers | {user_id} if on else settings.reviewers - {user_id}
            return replace(settings, reviewers=reviewers)

        await self._async_change(f"reviewer.{user_id}", by, change, at_once=not on, note=False)

    def is_withheld(self, what: str, satellite_id: str | None = None) -> bool:
        """Return whether something does not hold, even if the config entry still grants it."""
        return _withheld_name(what, satellite_id) in self._settings.withheld

    async def async_withhold(self, what: str, satellite_id: str | None = None, *, on: bool) -> None:
        """Have it on disk that something that the config entry grants does not hold, or holds again.

        Home Assistant writes entries later than it says so, and not at all where the disk is full: after a
        power cut the older entry is there. What was taken back must not come back with it. Raises NotSaved.
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
        """Return the policy as it would be. Raises ValueError for what cannot be chosen."""
        return _with_retention(self._settings.retention, setting, value, satellite_id)

    async def async_stop(self) -> None:
        """Wait until every change that was asked for is on disk, or was answered with an error."""
        # Whoever waits for the turn has it first.
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
        """Make a change in memory and on disk, changes of one toggle in the order in which they were asked for.

        Args:
            key: names what is changed.
            by: who asks; must still have the right when the turn has come.
            change: makes the change.
            at_once: whether it holds before the disk has it.
            note: whether to remember who made it.

        Raises NotSaved when the disk does not take it, Refused when the right to it was withdrawn.
        """
        noted = self._newest[key] = object()
        made = None if by is None or not note else Change(when=dt_util.utcnow(), by=by.name)

        def changed(settings: _Settings) -> _Settings:
            settings = change(settings)
            return settings if made is None else replace(settings, changes={**settings.changes, key: made})

        def adopt() -> None:
            # Somebody may have turned the same toggle again while this was written: that change holds already.
            if self._newest.get(key) is noted:
                self._settings = changed(self._settings)

        if at_once:
            self._settings = changed(self._settings)
        async with self._turn:
            if at_once:
                # What is more private holds since it was asked for: nobody takes that back in silence.
                await self.file.async_write(on_written=adopt)
            elif self._newest.get(key) is noted:
                if by is not None:
                    await by.async_check()
                await self.file.async_write(_to_stored(changed(self._settings)), adopt)


def _to_stored(settings: _Settings) -> dict[str, Any]:
    """Return what is written."""
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
    """Return what is written of satellites' toggles."""
    return {
        satellite_id: {toggle.value: on for toggle, on in toggles.items()}
        for satellite_id, toggles in satellites.items()
    }


def _toggles_from(stored: Mapping[str, Any]) -> dict[str, dict[SatelliteToggle, bool]]:
    """Read satellites' toggles; raises what malformed data raises."""
    return {
        satellite_id: {toggle: _flag(toggles[toggle]) for toggle in SatelliteToggle}
        for satellite_id, toggles in stored.items()
    }


def _from_stored(stored: Mapping[str, Any]) -> _Settings:
    """Read the file; raises what malformed data raises, and then nothing of it is taken.

    All that is ever written must be there, but for what only remembers: what is missing is nobody's decision,
    like what makes no sense.
    """
    return _Settings(
        house={toggle: _flag(stored["house"][toggle]) for toggle in HouseToggle},
        satellites=_toggles_from(stored["satellites"]),
        removed=_toggles_from(stored.get("removed", {})),
        retention=_retention_from(stored["retention"]),
        reviewers=frozenset(_text(user_id) for user_id in _list(stored["reviewers"])),
        # Earlier versions withheld nothing.
        withheld=frozenset(_text(name) for name in _list(stored.get("withheld", []))),
        changes={
            key: change for key, raw in stored.get("changes", {}).items() if (change := _change_from(raw))
        },
    )


def _from_damaged(stored: Mapping[str, Any]) -> _Settings:
    """Return the private side of everything; a microphone stays open where the file clearly says so."""
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
    """Read who turned a toggle last; nothing depends on it, so that one that makes no sense is left out."""
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
    """Read how long recordings are kept; raises what malformed data raises."""
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
    """Return a choice by its name. Raises ValueError when it is none of them."""
    if (choice := KeepFor(str(value))) not in choices:
        raise ValueError
    return choice


def _flag(value: object) -> bool:
    """Return a stored toggle. Raises TypeError for anything but true and false: "off" would be true."""
    if not isinstance(value, bool):
        raise TypeError
    return value


def _text(value: object) -> str:
    """Return a stored string. Raises TypeError for anything else."""
    if not isinstance(value, str):
        raise TypeError
    return value


def _list(value: object) -> list[Any]:
    """Return a stored list. Raises TypeError for anything else."""
    if not isinstance(value, list):
        raise TypeError
    return value


def _limit(value: object) -> int:
    """Return a storage limit in MB. Raises ValueError for anything but a whole number in range."""
    if type(value) is not int or not 0 <= value <= MAX_LIMIT_MB:
        raise ValueError
    return value


def _with_retention(
    retention: RetentionPolicy, setting: RetentionSetting, value: str | int, satellite_id: str | None
) -> RetentionPolicy:
    """Return a policy with one thing chosen otherwise. Raises ValueError for what cannot be chosen."""
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
    """Name something of the house, or of a satellite, in the list of what is withheld."""
    return what if satellite_id is None else f"{satellite_id}.{what}"


def _key(toggle: HouseToggle | SatelliteToggle | RetentionSetting, satellite_id: str | None) -> str:
    """Name a toggle in the list of changes."""
    return toggle.value if satellite_id is None else f"{satellite_id}.{toggle.value}"
