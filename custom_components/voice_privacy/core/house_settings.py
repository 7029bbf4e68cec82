"""Settings of the house as one immutable value: toggles, retention, reviewers; read from and written to plain data."""

from collections.abc import Collection, Mapping, Set as AbstractSet
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from ..const import CONF_CHILD_SAFE, CONF_MEMBERS_MAY_OPEN_MICROPHONE
from .levels import HouseLevels
from .models import Requester
from .moments import parse_moment
from .retention_policy import (
    CHOICES_FALSE_WAKES,
    CHOICES_HOUSE,
    CHOICES_SATELLITE,
    CHOICES_TRANSCRIPTS,
    KEEP_EVERYTHING,
    KeepFor,
    RetentionPolicy,
)
from .stored_levels import levels_from_damaged, take_levels, with_levels
from .stored_toggles import StoredToggles, describe


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
    SAVE_NEAR_MISSES = "save_near_misses"
    """Save what almost woke the satellite, for a minute."""

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


SAFE_DEFAULTS: Final[Mapping[HouseToggle | SatelliteToggle, bool]] = {
    HouseToggle.DELETION_BY_VOICE: False,
    HouseToggle.GUEST_MODE: True,
    HouseToggle.HELP_IMPROVE: False,
    HouseToggle.HOUSEHOLD_MAY_LISTEN: False,
    HouseToggle.VERIFIER: False,
    SatelliteToggle.HELP_IMPROVE: False,
    SatelliteToggle.MUTED: True,
    SatelliteToggle.SAVE_NEAR_MISSES: False,
    SatelliteToggle.SAVE_RECORDINGS: False,
    SatelliteToggle.SAVE_TRANSCRIPTS: False,
}
"""More private value of each toggle, used while its state is unknown or a change is not on disk yet."""


_PRIVATE_HOUSE: Final = {toggle: SAFE_DEFAULTS[toggle] for toggle in HouseToggle}
_PRIVATE_SATELLITE: Final = {toggle: SAFE_DEFAULTS[toggle] for toggle in SatelliteToggle}


_NOT_REMEMBERED: Final = {SatelliteToggle.HELP_IMPROVE: False, SatelliteToggle.SAVE_NEAR_MISSES: False}
"""Consent that a removed satellite does not have again when it comes back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Requester and time of a toggle's last change."""

    when: datetime
    """Timezone-aware, UTC."""

    by: Requester


@dataclass(frozen=True, slots=True, kw_only=True)
class HouseSettings:
    """All settings as one immutable value, which is replaced as a whole."""

    house: Mapping[HouseToggle, bool] = field(
        default_factory=lambda: {toggle: toggle in _ON_FROM_THE_START for toggle in HouseToggle}
    )
    satellites: Mapping[str, Mapping[SatelliteToggle, bool]] = field(default_factory=dict)
    removed: Mapping[str, Mapping[SatelliteToggle, bool]] = field(default_factory=dict)
    """Toggles of removed satellites, oldest first: a crash or a backup may bring a satellite back."""

    removed_retention: Mapping[str, KeepFor] = field(default_factory=dict)
    """How long recordings of satellites that were removed are kept, where it was chosen."""

    retention: RetentionPolicy = field(default_factory=RetentionPolicy)
    levels: HouseLevels = field(default_factory=HouseLevels)
    reviewers: frozenset[str] = frozenset()
    withheld: frozenset[str] = frozenset()
    changes: Mapping[str, Change] = field(default_factory=dict)

    def with_house(self, toggle: HouseToggle, *, on: bool) -> HouseSettings:
        """Return the settings with a house toggle changed."""
        return replace(self, house={**self.house, toggle: on})

    def with_satellite(self, satellite_id: str, toggle: SatelliteToggle, *, on: bool) -> HouseSettings:
        """Return the settings with a satellite toggle changed; unchanged if the satellite was removed."""
        if (toggles := self.satellites.get(satellite_id)) is None:
            return self
        return replace(self, satellites={**self.satellites, satellite_id: {**toggles, toggle: on}})

    def retention_given_back(self, satellite_id: str) -> dict[str, Any]:
        """Return the fields in which a satellite that comes back has its retention again."""
        removed = dict(self.removed_retention)
        if (kept := removed.pop(satellite_id, None)) is None:
            return {}
        satellites = {**self.retention.satellites, satellite_id: kept}
        return {
            "removed_retention": removed,
            "retention": replace(self.retention, satellites=satellites),
        }

    def without_satellites(self, gone: AbstractSet[str]) -> HouseSettings:
        """Return the settings without these satellites.

        What was chosen for them is remembered, consent excepted: retention still governs their recordings,
        and a satellite may come back, after a crash or from a backup.
        """
        removed = dict(self.removed)
        for satellite_id in gone & self.satellites.keys():
            removed[satellite_id] = {**self.satellites[satellite_id], **_NOT_REMEMBERED}
        removed = dict(list(removed.items())[-_REMEMBERED:])
        forgotten = gone - removed.keys()
        return replace(
            self,
            satellites={
                satellite_id: toggles
                for satellite_id, toggles in self.satellites.items()
                if satellite_id not in gone
            },
            removed=removed,
            retention=replace(
                self.retention,
                satellites={
                    satellite_id: kept
                    for satellite_id, kept in self.retention.satellites.items()
                    if satellite_id not in gone
                },
            ),
            removed_retention={
                satellite_id: kept
                for satellite_id, kept in {**self.removed_retention, **self.retention.satellites}.items()
                if satellite_id in removed
            },
            levels=replace(
                self.levels,
                places={key: area for key, area in self.levels.places.items() if key not in forgotten},
            ),
            withheld=frozenset(name for name in self.withheld if name.partition(".")[0] not in forgotten),
            changes={
                key: change for key, change in self.changes.items() if key.partition(".")[0] not in gone
            },
        )


def settings_to_stored(settings: HouseSettings) -> dict[str, Any]:
    """Return the content of the file."""
    retention = settings.retention
    stored = {
        "toggles": describe({"house": _PRIVATE_HOUSE, "satellites": _PRIVATE_SATELLITE}),
        "house": {toggle.value: on for toggle, on in settings.house.items()},
        "satellites": _toggles_to_stored(settings.satellites),
        "removed": _toggles_to_stored(settings.removed),
        "removed_retention": {
            satellite_id: kept.value for satellite_id, kept in settings.removed_retention.items()
        },
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
                **change.by.as_stored(),
            }
            for key, change in settings.changes.items()
        },
    }
    return with_levels(stored, settings.levels)


def _toggles_to_stored(
    satellites: Mapping[str, Mapping[SatelliteToggle, bool]],
) -> dict[str, dict[str, bool]]:
    """Return satellites' toggles as stored."""
    return {
        satellite_id: {toggle.value: on for toggle, on in toggles.items()}
        for satellite_id, toggles in satellites.items()
    }


def settings_from_stored(stored: Mapping[str, Any]) -> HouseSettings:
    """Parse the file; if any part is malformed, an exception is raised and nothing is used.

    All keys must exist except those that are informational or newer than the file: a missing setting is as
    little anybody's decision as a malformed one. A toggle that is newer than the file has its more private
    value.
    """
    stored, levels = take_levels(stored)
    described = stored.get("toggles")
    if described is None:
        # Files of earlier versions may have none of these; whatever describes its toggles has all of them.
        stored = {"removed": {}, "removed_retention": {}, "withheld": [], **stored}
    of_house = StoredToggles("house", HouseToggle, _PRIVATE_HOUSE, described)
    of_satellite = StoredToggles("satellites", SatelliteToggle, _PRIVATE_SATELLITE, described)
    return HouseSettings(
        house=of_house.read(stored["house"]),
        satellites={key: of_satellite.read(toggles) for key, toggles in stored["satellites"].items()},
        removed={key: of_satellite.read(toggles) for key, toggles in stored["removed"].items()},
        removed_retention={
            satellite_id: _one_of(CHOICES_SATELLITE, kept)
            for satellite_id, kept in stored["removed_retention"].items()
        },
        retention=_retention_from(stored["retention"]),
        levels=levels,
        reviewers=frozenset(_text(user_id) for user_id in _list(stored["reviewers"])),
        withheld=frozenset(_withheld(name) for name in _list(stored["withheld"])),
        changes={
            key: change for key, raw in stored.get("changes", {}).items() if (change := _change_from(raw))
        },
    )


def settings_from_damaged(stored: Mapping[str, Any]) -> HouseSettings:
    """Return the most private settings; a microphone stays unmuted if the file clearly says so."""
    satellites = stored.get("satellites")
    known = satellites.items() if isinstance(satellites, dict) else ()
    return HouseSettings(
        house=_PRIVATE_HOUSE,
        satellites={
            satellite_id: _PRIVATE_SATELLITE
            | {
                SatelliteToggle.MUTED: not (
                    isinstance(toggles, dict) and toggles.get(SatelliteToggle.MUTED) is False
                )
            }
            for satellite_id, toggles in known
        },
        retention=KEEP_EVERYTHING,
        levels=levels_from_damaged(stored),
        withheld=frozenset({CONF_MEMBERS_MAY_OPEN_MICROPHONE}),
    )


def _change_from(raw: object) -> Change | None:
    """Parse a toggle's last change; None if it is malformed, since nothing depends on it."""
    if not isinstance(raw, dict):
        return None
    try:
        return Change(when=parse_moment(raw["when"]), by=Requester.from_stored(raw))
    except KeyError, TypeError, ValueError:
        return None


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


def _text(value: object) -> str:
    """Return a stored string. Raises TypeError for any other type."""
    if not isinstance(value, str):
        raise TypeError
    return value


def _withheld(value: object) -> str:
    """Return the name of a withheld permission. Raises TypeError or ValueError unless it can be honored."""
    name = _text(value)
    satellite_id, dot, what = name.rpartition(".")
    if name != CONF_MEMBERS_MAY_OPEN_MICROPHONE and not (satellite_id and dot and what == CONF_CHILD_SAFE):
        raise ValueError("a restriction is damaged, or of another version")
    return name


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


def retention_with(
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


def setting_key(setting: str, satellite_id: str | None) -> str:
    """Return the name under which a setting of the house, or of a satellite, is stored and logged."""
    return setting if satellite_id is None else f"{satellite_id}.{setting}"
