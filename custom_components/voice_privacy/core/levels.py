"""Privacy levels of rooms: their order, what each of them means, and which one is in force, and why."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from enum import StrEnum
from typing import Final

SETTING_LEVEL: Final = "privacy_level"
SETTING_NEW_ROOMS: Final = "new_rooms_level"
SETTING_MEMORY: Final = "memory_minutes"
SETTING_OVERRIDES: Final = "level_overrides"
"""Names of the settings in the access log."""


class PrivacyLevel(StrEnum):
    """Levels, strictest first. A level only ever restricts: what the toggles forbid stays forbidden."""

    OFF = "off"
    """The microphone is muted."""

    LISTEN_ONLY = "listen_only"
    """Commands work, nothing is kept."""

    MEMORY_ONLY = "memory_only"
    """What is said is kept for some minutes in memory, and on disk only when somebody asks for that."""

    DAY = "day"
    """Recordings are kept for a day at most; the following accordingly."""

    THIRTY_DAYS = "thirty_days"
    THREE_MONTHS = "three_months"
    NO_LIMIT = "no_limit"
    """What the house and the microphone are set to."""


_RANKS: Final = {level: rank for rank, level in enumerate(PrivacyLevel)}

PERIODS: Final[Mapping[PrivacyLevel, timedelta | None]] = {
    PrivacyLevel.DAY: timedelta(days=1),
    PrivacyLevel.THIRTY_DAYS: timedelta(days=30),
    PrivacyLevel.THREE_MONTHS: timedelta(days=92),
    PrivacyLevel.NO_LIMIT: None,
}
"""Longest retention of the levels at which recordings are kept."""

STRICT: Final = frozenset(PrivacyLevel) - PERIODS.keys()
"""Levels at which nothing is kept on disk: none of them deletes what is stored already."""

CHOICES_LEVEL: Final = (
    PrivacyLevel.NO_LIMIT,
    PrivacyLevel.THREE_MONTHS,
    PrivacyLevel.THIRTY_DAYS,
    PrivacyLevel.DAY,
    PrivacyLevel.MEMORY_ONLY,
    PrivacyLevel.LISTEN_ONLY,
    PrivacyLevel.OFF,
)
"""Levels that can be chosen for a room, as they are listed."""

CHOICES_OVERRIDE: Final = (PrivacyLevel.LISTEN_ONLY, PrivacyLevel.MEMORY_ONLY, PrivacyLevel.OFF)
"""Levels that an override may set: a period would delete older recordings each time it begins to hold."""

DEFAULT_MEMORY_MINUTES: Final = 10
MAX_MEMORY_MINUTES: Final = 60
MAX_OVERRIDES: Final = 50
MAX_STATES: Final = 20
_UNKNOWN: Final = frozenset({None, "unavailable", "unknown"})


def is_looser(level: PrivacyLevel, than: PrivacyLevel) -> bool:
    """Return whether a level is less strict than another one."""
    return _RANKS[level] > _RANKS[than]


def strictest(levels: Iterable[PrivacyLevel]) -> PrivacyLevel:
    """Return the strictest of some levels; without any, nothing is restricted."""
    return min(levels, key=_RANKS.__getitem__, default=PrivacyLevel.NO_LIMIT)


def keeps(level: PrivacyLevel) -> bool:
    """Return whether recordings may be kept on disk at a level."""
    return level in PERIODS


class Cause(StrEnum):
    """Where a restriction comes from."""

    AREA = "area"
    """The level that was chosen for the room."""

    GUEST_MODE = "guest_mode"
    MUTED = "muted"
    """The microphone was muted by hand."""

    NEW_ROOMS = "new_rooms"
    """The level for rooms for which none was chosen."""

    OVERRIDE = "override"
    """The state of an entity."""

    OVERRIDE_UNKNOWN = "override_unknown"
    """An entity whose state is unknown, so that the restriction holds."""

    SAVING_OFF = "saving_off"


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Reason:
    """One restriction that is in force."""

    level: PrivacyLevel
    cause: Cause
    entity_id: str = ""
    """Entity of an override."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InForce:
    """The level in force, with every restriction that asks for it."""

    level: PrivacyLevel = PrivacyLevel.NO_LIMIT
    reasons: tuple[Reason, ...] = ()


def effective(reasons: Iterable[Reason]) -> InForce:
    """Return the strictest level of some restrictions, with those that ask for it, in a fixed order."""
    restrictions = set(reasons)
    level = strictest(reason.level for reason in restrictions)
    if level is PrivacyLevel.NO_LIMIT:
        return InForce()
    return InForce(
        level=level, reasons=tuple(sorted(reason for reason in restrictions if reason.level is level))
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """Level that holds in a room, or in the house, while an entity has one of some states."""

    entity_id: str
    states: frozenset[str]
    level: PrivacyLevel
    """One of CHOICES_OVERRIDE."""

    area_id: str | None = None
    """Id of the area; None for every room."""

    def cause(self, state: str | None) -> Cause | None:
        """Return why it holds in a state of its entity, or None; a state that is not known counts as the stricter.

        Case does not count: a rule that somebody typed as "On" holds while the state is "on".
        """
        if state is not None and state.casefold() in {one.casefold() for one in self.states}:
            return Cause.OVERRIDE
        return Cause.OVERRIDE_UNKNOWN if state in _UNKNOWN else None


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaLevel:
    """Level of an area, and how long recordings are kept there that were made before it."""

    level: PrivacyLevel = PrivacyLevel.NO_LIMIT
    period: PrivacyLevel = PrivacyLevel.NO_LIMIT
    """The level itself, or the last one at which recordings were kept: a stricter level must not keep them longer."""

    def changed(self, level: PrivacyLevel) -> AreaLevel:
        """Return the area after a level was chosen."""
        return AreaLevel(level=level, period=level if keeps(level) else self.period)


@dataclass(frozen=True, slots=True, kw_only=True)
class HouseLevels:
    """Levels of a house as they were chosen: one immutable value, part of its settings."""

    areas: Mapping[str, AreaLevel] = field(default_factory=dict)
    """By area id."""

    new_rooms: AreaLevel = field(default_factory=AreaLevel)
    """Level of areas for which none was chosen, and of satellites without an area."""

    overrides: tuple[Override, ...] = ()
    memory_minutes: int = DEFAULT_MEMORY_MINUTES
    """Minutes for which recordings are kept in memory, 1 to MAX_MEMORY_MINUTES."""

    places: Mapping[str, str] = field(default_factory=dict)
    """Area where a satellite is or was last, empty without one, by satellite id.

    It counts when the satellite was removed, whose recordings are still limited, and when the area was deleted.
    """

    @property
    def restricts(self) -> bool:
        """True if anything was ever restricted; without that no level changes anything."""
        unrestricted = AreaLevel()
        return bool(self.overrides or self.memory_minutes != DEFAULT_MEMORY_MINUTES) or any(
            area != unrestricted for area in (self.new_rooms, *self.areas.values())
        )

    def of_area(self, area_id: str | None) -> AreaLevel:
        """Return the level of an area; None stands for satellites without one."""
        return self.new_rooms if area_id is None else self.areas.get(area_id, self.new_rooms)

    def reasons(self, area_id: str | None, state_of: Callable[[str], str | None]) -> list[Reason]:
        """Return the restrictions in an area.

        Args:
            area_id: Id of the area, or None for satellites without one.
            state_of: Returns the state of an entity, or None if it has none.
        """
        chosen = Cause.AREA if area_id in self.areas else Cause.NEW_ROOMS
        return [
            Reason(level=self.of_area(area_id).level, cause=chosen),
            *(
                Reason(level=override.level, cause=cause, entity_id=override.entity_id)
                for override in self.overrides
                if override.area_id in (None, area_id)
                and (cause := override.cause(state_of(override.entity_id))) is not None
            ),
        ]

    def with_area(self, area_id: str, level: PrivacyLevel) -> HouseLevels:
        """Return the levels with that of an area changed."""
        return replace(self, areas={**self.areas, area_id: self.of_area(area_id).changed(level)})

    def with_new_rooms(self, level: PrivacyLevel, known: Collection[str]) -> HouseLevels:
        """Return the levels with that of new rooms changed; known areas keep the level that they have."""
        areas = {**dict.fromkeys(known, self.new_rooms), **self.areas}
        return replace(self, areas=areas, new_rooms=self.new_rooms.changed(level))

    def limit_of(self, area_id: str | None) -> timedelta | None:
        """Return the longest retention of recordings in an area; None for no limit."""
        return PERIODS[self.of_area(area_id).period]
