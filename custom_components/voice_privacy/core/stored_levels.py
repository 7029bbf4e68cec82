"""Privacy levels in the settings file, which may have been written by an earlier or a later version.

A file without restrictions does not mention them. One with restrictions has a mark among the toggles of the house
whose more private value is on: an earlier version, which cannot honor levels, takes such a file as damaged, and so
does this one if the levels themselves are missing.
"""

from collections.abc import Mapping
from typing import Any, Final

from .levels import (
    CHOICES_LEVEL,
    CHOICES_OVERRIDE,
    MAX_MEMORY_MINUTES,
    MAX_OVERRIDES,
    MAX_STATES,
    PERIODS,
    AreaLevel,
    HouseLevels,
    Override,
    PrivacyLevel,
)

MARK: Final = "privacy_levels"
"""Name of the mark among the toggles."""

_LEVELS: Final = "levels"
_MAX_TEXT: Final = 255

LOST: Final = HouseLevels(new_rooms=AreaLevel(level=PrivacyLevel.OFF))
"""Levels if those in the file cannot be read: every microphone is off until somebody chooses."""


def with_levels(stored: dict[str, Any], levels: HouseLevels) -> dict[str, Any]:
    """Return the content of the settings file with levels added, if anything is restricted."""
    if not levels.restricts:
        return stored
    toggles = stored["toggles"]
    return stored | {
        "toggles": toggles | {"house": toggles["house"] | {MARK: True}},
        "house": stored["house"] | {MARK: True},
        _LEVELS: {
            "areas": {area_id: _area_to_stored(area) for area_id, area in levels.areas.items()},
            "new_rooms": _area_to_stored(levels.new_rooms),
            "overrides": [
                {
                    "entity_id": override.entity_id,
                    "states": sorted(override.states),
                    "level": override.level.value,
                    "area_id": override.area_id,
                }
                for override in levels.overrides
            ],
            "memory_minutes": levels.memory_minutes,
            "places": dict(levels.places),
        },
    }


def take_levels(stored: Mapping[str, Any]) -> tuple[dict[str, Any], HouseLevels]:
    """Return the content of a settings file without levels, and its levels.

    Raises:
        AttributeError, KeyError, TypeError, ValueError: The levels are malformed, of a later version, or lost.
    """
    house, described = stored["house"], stored.get("toggles")
    marked = MARK in house or (described is not None and MARK in described["house"])
    if not marked and _LEVELS not in stored:
        return dict(stored), HouseLevels()
    if described is None or described["house"][MARK] is not True or house[MARK] is not True:
        raise ValueError("the mark of the levels is damaged")
    rest = {key: value for key, value in stored.items() if key != _LEVELS}
    rest["house"] = _without_mark(house)
    rest["toggles"] = described | {"house": _without_mark(described["house"])}
    return rest, _levels_from(stored[_LEVELS])


def levels_from_damaged(stored: Mapping[str, Any]) -> HouseLevels:
    """Return the levels of a file that is damaged elsewhere; if they cannot be read either, everything is off.

    A file that never had levels has none.
    """
    if _LEVELS not in stored and not _mentions_mark(stored):
        return HouseLevels()
    try:
        return _levels_from(stored[_LEVELS])
    except AttributeError, KeyError, TypeError, ValueError:
        return LOST


def override_from(raw: Mapping[str, Any]) -> Override:
    """Return an override as it was stored, or sent by the page. Raises KeyError, TypeError or ValueError."""
    entity_id, states, area_id = raw["entity_id"], raw["states"], raw["area_id"]
    if not isinstance(states, list) or not 0 < len(states) <= MAX_STATES:
        raise ValueError("an override needs states")
    return Override(
        entity_id=_text(entity_id),
        states=frozenset(_text(state) for state in states),
        level=_level(raw["level"], CHOICES_OVERRIDE),
        area_id=None if area_id is None else _id(area_id),
    )


def _mentions_mark(stored: Mapping[str, Any]) -> bool:
    """Return whether a damaged file mentions the mark among the toggles of the house."""
    toggles = stored.get("toggles")
    parts = (stored.get("house"), toggles.get("house") if isinstance(toggles, dict) else None)
    return any(isinstance(part, dict) and MARK in part for part in parts)


def _without_mark(toggles: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in toggles.items() if name != MARK}


def _area_to_stored(area: AreaLevel) -> dict[str, str]:
    return {"level": area.level.value, "period": area.period.value}


def _levels_from(stored: Mapping[str, Any]) -> HouseLevels:
    """Parse the levels. Raises AttributeError, KeyError, TypeError or ValueError."""
    overrides = stored["overrides"]
    if not isinstance(overrides, list) or len(overrides) > MAX_OVERRIDES:
        raise TypeError
    return HouseLevels(
        areas={_id(area_id): _area_from(area) for area_id, area in stored["areas"].items()},
        new_rooms=_area_from(stored["new_rooms"]),
        overrides=tuple(override_from(raw) for raw in overrides),
        memory_minutes=_minutes(stored["memory_minutes"]),
        places={
            _id(satellite_id): "" if area == "" else _id(area)
            for satellite_id, area in stored["places"].items()
        },
    )


def _area_from(stored: Mapping[str, Any]) -> AreaLevel:
    """Parse the level of an area. Raises KeyError, TypeError or ValueError."""
    return AreaLevel(
        level=_level(stored["level"], CHOICES_LEVEL), period=_level(stored["period"], tuple(PERIODS))
    )


def _level(value: object, choices: tuple[PrivacyLevel, ...]) -> PrivacyLevel:
    """Return a level by its value. Raises ValueError if it is not among the choices."""
    if (level := PrivacyLevel(str(value))) not in choices:
        raise ValueError("a level that cannot be chosen here")
    return level


def _minutes(value: object) -> int:
    """Return minutes in memory. Raises ValueError unless they are an integer in range."""
    if type(value) is not int or not 1 <= value <= MAX_MEMORY_MINUTES:
        raise ValueError("minutes out of range")
    return value


def _id(value: object) -> str:
    """Return a string that is not empty. Raises TypeError or ValueError.

    Home Assistant makes the id of an area from its name, which may be of any length.
    """
    if not isinstance(value, str):
        raise TypeError
    if not value:
        raise ValueError("an id is empty")
    return value


def _text(value: object) -> str:
    """Return a string that is neither empty nor long. Raises TypeError or ValueError."""
    if len(text := _id(value)) > _MAX_TEXT:
        raise ValueError("a text is too long")
    return text
