"""Toggles that hold from the first moment after a restart, before any entity is there."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from homeassistant.core import HomeAssistant
from homeassistant.helpers.storage import Store
from homeassistant.util import dt as dt_util

from .const import DOMAIN
from .core.models import Requester, RequesterKind
from .core.privacy import PrivacySettings
from .core.retention import (
    CHOICES_FALSE_WAKES,
    CHOICES_HOUSE,
    CHOICES_SATELLITE,
    CHOICES_TRANSCRIPTS,
    KeepFor,
    RetentionPolicy,
)

_VERSION: Final = 1


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


_ON_FROM_THE_START: Final = frozenset({HouseToggle.VERIFIER})
"""Of no effect before somebody has given consent."""

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


_WHERE_UNKNOWN: Final = {
    # A toggle that the file does not tell of: the side that hears and keeps less.
    SatelliteToggle.HELP_IMPROVE: False,
    SatelliteToggle.MUTED: True,
    SatelliteToggle.SAVE_RECORDINGS: False,
    SatelliteToggle.SAVE_TRANSCRIPTS: False,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Who turned a toggle last, and when."""

    when: datetime
    """Aware, UTC."""

    by: Requester


class SettingsStore:
    """The house's toggles, written to disk before a change counts as made."""

    def __init__(self, hass: HomeAssistant) -> None:
        """Prepare the file below .storage."""
        self._store: Store[dict[str, Any]] = Store(hass, _VERSION, f"{DOMAIN}.settings", private=True)
        self._house = {toggle: toggle in _ON_FROM_THE_START for toggle in HouseToggle}
        self._satellites: dict[str, dict[SatelliteToggle, bool]] = {}
        self._changes: dict[str, dict[str, Any]] = {}
        self._retention = RetentionPolicy()
        self.reviewers: frozenset[str] = frozenset()
        """Ids of users who may review clips beside the administrators."""

        self.lost = False
        """The file was there once and is gone: everything is muted until somebody decides anew."""

    async def async_load(self, *, expected: bool) -> None:
        """Read the file; expected says whether it must exist by now."""
        stored = await self._store.async_load()
        if stored is not None:
            try:
                self._read(stored)
            except AttributeError, TypeError, ValueError:
                # What makes no sense cannot be a decision of anybody's.
                self.lost = True
        else:
            self.lost = expected
        if self.lost:
            # Somebody may have wanted to keep them for good; the default would delete them.
            self._retention = RetentionPolicy(house=KeepFor.UNTIL_DELETED, false_wakes=KeepFor.AS_OTHERS)

    def _read(self, stored: dict[str, Any]) -> None:
        """Take what was stored; raises what malformed data raises, and then nothing is taken."""
        house = stored.get("house", {})
        toggles_of_house = {
            toggle: bool(house.get(toggle, toggle in _ON_FROM_THE_START)) for toggle in HouseToggle
        }
        self._satellites = {
            satellite_id: {
                toggle: bool(toggles.get(toggle, _WHERE_UNKNOWN[toggle])) for toggle in SatelliteToggle
            }
            for satellite_id, toggles in stored.get("satellites", {}).items()
        }
        retention = _retention_from(stored.get("retention", {}))
        reviewers = frozenset(str(user_id) for user_id in stored.get("reviewers", ()))
        self._house = toggles_of_house
        self._retention = retention
        self.reviewers = reviewers
        self._changes = dict(stored.get("changes", {}))

    async def async_add_satellite(self, satellite_id: str, *, save_recordings: bool) -> None:
        """Give a new satellite the toggles that its owner chose when adding it."""
        if satellite_id in self._satellites:
            return
        if self.lost:
            self._satellites[satellite_id] = dict(_WHERE_UNKNOWN)
        else:
            self._satellites[satellite_id] = {
                SatelliteToggle.HELP_IMPROVE: False,
                SatelliteToggle.MUTED: False,
                SatelliteToggle.SAVE_RECORDINGS: save_recordings,
                SatelliteToggle.SAVE_TRANSCRIPTS: save_recordings,
            }
        await self._async_save()

    async def async_forget_satellites(self, satellite_ids: set[str]) -> None:
        """Drop the toggles of all satellites but these."""
        if gone := self._satellites.keys() - satellite_ids:
            for satellite_id in gone:
                del self._satellites[satellite_id]
            self._changes = {
                key: change for key, change in self._changes.items() if key.partition(".")[0] not in gone
            }
            satellites = {one: kept for one, kept in self._retention.satellites.items() if one not in gone}
            self._retention = replace(self._retention, satellites=satellites)
            await self._async_save()

    @property
    def retention(self) -> RetentionPolicy:
        """How long recordings are kept."""
        if not self._house[HouseToggle.HELP_IMPROVE]:
            return self._retention
        training = frozenset(
            satellite_id
            for satellite_id, toggles in self._satellites.items()
            if toggles[SatelliteToggle.HELP_IMPROVE]
        )
        return replace(self._retention, training=training)

    def of(self, satellite_id: str) -> PrivacySettings:
        """Return what governs a satellite's recordings; an unknown one is muted."""
        return PrivacySettings(
            guest_mode=self.house(HouseToggle.GUEST_MODE),
            muted=self.satellite(satellite_id, SatelliteToggle.MUTED),
            save_recordings=self.satellite(satellite_id, SatelliteToggle.SAVE_RECORDINGS),
        )

    def house(self, toggle: HouseToggle) -> bool:
        """Return whether a toggle of the house is on."""
        return self._house[toggle]

    def satellite(self, satellite_id: str, toggle: SatelliteToggle) -> bool:
        """Return whether a toggle of a satellite is on."""
        return self._satellites.get(satellite_id, _WHERE_UNKNOWN)[toggle]

    def last_change(
        self, toggle: HouseToggle | SatelliteToggle | RetentionSetting, satellite_id: str | None = None
    ) -> Change | None:
        """Return who turned a toggle last; None when nobody has since set-up."""
        stored = self._changes.get(_key(toggle, satellite_id))
        if stored is None or (when := dt_util.parse_datetime(str(stored.get("when")))) is None:
            return None
        requester = Requester(
            kind=RequesterKind(stored["kind"]),
            user_id=stored.get("user_id"),
            satellite_id=stored.get("satellite_id"),
        )
        return Change(when=when, by=requester)

    async def async_set_house(self, toggle: HouseToggle, by: Requester, *, on: bool) -> None:
        """Turn a toggle of the house; it holds at once, and for good when this returns."""
        self._house[toggle] = on
        self._note(_key(toggle, None), by)
        await self._async_save()

    async def async_set_satellite(
        self, satellite_id: str, toggle: SatelliteToggle, by: Requester, *, on: bool
    ) -> None:
        """Turn a toggle of a satellite; it holds at once, and for good when this returns."""
        self._satellites[satellite_id][toggle] = on
        self._note(_key(toggle, satellite_id), by)
        await self._async_save()

    async def async_set_retention(
        self, setting: RetentionSetting, value: str | int, by: Requester, satellite_id: str | None = None
    ) -> None:
        """Choose how long recordings are kept. Raises ValueError for what cannot be chosen."""
        self._retention = self.retention_with(setting, value, satellite_id)
        self._note(_key(setting, satellite_id), by)
        await self._async_save()

    async def async_set_reviewer(self, user_id: str, *, on: bool) -> None:
        """Let a user review clips, or no more."""
        self.reviewers = self.reviewers | {user_id} if on else self.reviewers - {user_id}
        await self._async_save()

    def retention_with(
        self, setting: RetentionSetting, value: str | int, satellite_id: str | None = None
    ) -> RetentionPolicy:
        """Return the policy as it would be. Raises ValueError for what cannot be chosen."""
        match setting:
            case RetentionSetting.STORAGE_LIMIT:
                return replace(self.retention, limit_mb=max(0, int(value)))
            case RetentionSetting.KEEP_FALSE_WAKES:
                return replace(self.retention, false_wakes=_one_of(CHOICES_FALSE_WAKES, value))
            case RetentionSetting.KEEP_TRANSCRIPTS:
                return replace(self.retention, transcripts=_one_of(CHOICES_TRANSCRIPTS, value))
            case RetentionSetting.KEEP_RECORDINGS if satellite_id is None:
                return replace(self.retention, house=_one_of(CHOICES_HOUSE, value))
            case RetentionSetting.KEEP_RECORDINGS:
                satellites = {**self.retention.satellites, satellite_id: _one_of(CHOICES_SATELLITE, value)}
                return replace(self.retention, satellites=satellites)

    async def async_remove(self) -> None:
        """Delete the file."""
        await self._store.async_remove()

    def _note(self, key: str, by: Requester) -> None:
        """Remember who turned a toggle."""
        self._changes[key] = {
            "when": dt_util.utcnow().isoformat(),
            "kind": by.kind,
            "user_id": by.user_id,
            "satellite_id": by.satellite_id,
        }

    async def _async_save(self) -> None:
        """Write the file now."""
        await self._store.async_save(
            {
                "house": self._house,
                "satellites": self._satellites,
                "retention": {
                    "house": self.retention.house,
                    "satellites": dict(self.retention.satellites),
                    "false_wakes": self.retention.false_wakes,
                    "transcripts": self.retention.transcripts,
                    "limit_mb": self.retention.limit_mb,
                },
                "reviewers": sorted(self.reviewers),
                "changes": self._changes,
            }
        )


def _retention_from(stored: Mapping[str, Any]) -> RetentionPolicy:
    """Read how long recordings are kept; raises what malformed data raises."""
    default = RetentionPolicy()
    return RetentionPolicy(
        house=_one_of(CHOICES_HOUSE, stored.get("house", default.house)),
        satellites={
            satellite_id: _one_of(CHOICES_SATELLITE, kept)
            for satellite_id, kept in stored.get("satellites", {}).items()
        },
        false_wakes=_one_of(CHOICES_FALSE_WAKES, stored.get("false_wakes", default.false_wakes)),
        transcripts=_one_of(CHOICES_TRANSCRIPTS, stored.get("transcripts", default.transcripts)),
        limit_mb=max(0, int(stored.get("limit_mb", 0))),
    )


def _one_of(choices: Collection[KeepFor], value: str | int) -> KeepFor:
    """Return a choice by its name. Raises ValueError when it is none of them."""
    if (choice := KeepFor(str(value))) not in choices:
        raise ValueError
    return choice


def _key(toggle: HouseToggle | SatelliteToggle | RetentionSetting, satellite_id: str | None) -> str:
    """Name a toggle in the list of changes."""
    return toggle.value if satellite_id is None else f"{satellite_id}.{toggle.value}"
