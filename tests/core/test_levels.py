"""Privacy levels: the strictest restriction is in force, whatever the order, and files of other versions fail closed."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
import json
from typing import Any

from hypothesis import given, strategies as st
import pytest

from custom_components.voice_privacy.core.house_settings import (
    HouseSettings,
    HouseToggle,
    settings_from_damaged,
    settings_from_stored,
    settings_to_stored,
)
from custom_components.voice_privacy.core.levels import (
    CHOICES_LEVEL,
    CHOICES_OVERRIDE,
    PERIODS,
    STRICT,
    AreaLevel,
    Cause,
    HouseLevels,
    InForce,
    Override,
    PrivacyLevel,
    Reason,
    effective,
    is_looser,
    keeps,
)
from custom_components.voice_privacy.core.models import DiscardReason, RecordingInfo, RecordingKind
from custom_components.voice_privacy.core.privacy import PrivacySettings, forbids
from custom_components.voice_privacy.core.retention_policy import KeepFor, RetentionPolicy
from custom_components.voice_privacy.core.stored_levels import LOST, MARK

_LEVEL = st.sampled_from(PrivacyLevel)
_REASONS = st.lists(
    st.builds(Reason, level=_LEVEL, cause=st.sampled_from(Cause), entity_id=st.sampled_from(["", "person.a"]))
)
_AREAS = ("kitchen", "bedroom", "attic", "room_" * 100)
_ENTITIES = ("media_player.tv", "schedule.night", "person.anna")
_STATES = ("on", "off", "playing", "home")
_AREA_LEVEL = st.builds(
    AreaLevel, level=st.sampled_from(CHOICES_LEVEL), period=st.sampled_from(list(PERIODS))
)
_OVERRIDE = st.builds(
    Override,
    entity_id=st.sampled_from(_ENTITIES),
    states=st.frozensets(st.sampled_from(_STATES), min_size=1),
    level=st.sampled_from(CHOICES_OVERRIDE),
    area_id=st.none() | st.sampled_from(_AREAS),
)
_LEVELS = st.builds(
    HouseLevels,
    areas=st.dictionaries(st.sampled_from(_AREAS), _AREA_LEVEL),
    new_rooms=_AREA_LEVEL,
    overrides=st.lists(_OVERRIDE, unique=True, max_size=4).map(tuple),
    memory_minutes=st.integers(1, 60),
    places=st.dictionaries(st.sampled_from(["one", "two"]), st.sampled_from(["", *_AREAS])),
)
_AREA = st.none() | st.sampled_from(_AREAS)
_NOW = st.fixed_dictionaries({}, optional=dict.fromkeys(_ENTITIES, st.sampled_from([*_STATES, "unknown"])))


@given(_REASONS, st.randoms())
def test_the_strictest_wins_whatever_the_order(reasons: list[Reason], random: Any) -> None:
    in_force = effective(reasons)
    assert all(not is_looser(in_force.level, reason.level) for reason in reasons)
    shuffled = [*reasons, *reasons[:2]]
    random.shuffle(shuffled)
    assert effective(shuffled) == in_force
    # Every restriction that asks for it is named, and nothing else.
    assert set(in_force.reasons) == {
        reason for reason in reasons if reason.level is in_force.level is not PrivacyLevel.NO_LIMIT
    }


@given(_LEVELS, _AREA, _NOW, st.data())
def test_without_an_override_nothing_is_stricter(
    levels: HouseLevels, area_id: str | None, now: dict[str, str], data: st.DataObject
) -> None:
    level = effective(levels.reasons(area_id, now.get)).level
    assert not is_looser(level, levels.of_area(area_id).level)
    if levels.overrides:
        removed = data.draw(st.sampled_from(levels.overrides))
        fewer = replace(levels, overrides=tuple(one for one in levels.overrides if one != removed))
        without = effective(fewer.reasons(area_id, now.get)).level
        assert not is_looser(level, without)


@given(_OVERRIDE, st.sampled_from([str.upper, str.title, str.lower]))
def test_an_override_holds_whatever_the_case(override: Override, write: Callable[[str], str]) -> None:
    typed = replace(override, states=frozenset(write(state) for state in override.states))
    assert all(typed.cause(state) is Cause.OVERRIDE for state in override.states)


@given(_OVERRIDE, _AREA, st.none() | st.sampled_from([*_STATES, "unknown", "unavailable"]))
def test_an_override_holds_in_its_states_and_while_its_state_is_unknown(
    override: Override, area_id: str | None, state: str | None
) -> None:
    found = HouseLevels(overrides=(override,)).reasons(area_id, {override.entity_id: state}.get)[1:]
    concerned = override.area_id is None or override.area_id == area_id
    if concerned and state in override.states:
        assert [reason.cause for reason in found] == [Cause.OVERRIDE]
    elif concerned and state in (None, "unknown", "unavailable"):
        assert [reason.cause for reason in found] == [Cause.OVERRIDE_UNKNOWN]
    else:
        assert not found
    assert all(reason.level is override.level for reason in found)


@given(st.booleans(), st.booleans(), st.booleans(), _LEVEL)
def test_a_level_only_ever_forbids(muted: bool, guests: bool, saves: bool, level: PrivacyLevel) -> None:
    settings = PrivacySettings(
        muted=muted or level is PrivacyLevel.OFF, guest_mode=guests, save_recordings=saves, level=level
    )
    without = replace(settings, muted=muted, level=PrivacyLevel.NO_LIMIT)
    somewhere = keeps(level) or level is PrivacyLevel.MEMORY_ONLY
    assert (forbids(settings) is None) == (forbids(without) is None and somewhere)
    if forbids(settings) is DiscardReason.PRIVACY_LEVEL:
        assert level is PrivacyLevel.LISTEN_ONLY
    # A near miss is never kept in memory.
    near = replace(settings, save_near_misses=True)
    assert (forbids(near, near_miss=True) is None) == (forbids(without) is None and keeps(level))


def recording(satellite_id: str, kind: RecordingKind, *, near_miss: bool = False) -> RecordingInfo:
    return RecordingInfo(
        recording_id="0" * 32,
        sequence=1,
        satellite_id=satellite_id,
        started_at=datetime(2026, 11, 24, tzinfo=UTC),
        started_monotonic=0,
        local_date=date(2026, 11, 24),
        duration=1,
        size=1,
        kind=kind,
        near_miss=near_miss,
    )


@given(
    st.sampled_from(KeepFor),
    st.sampled_from([KeepFor.MINUTE, KeepFor.AS_OTHERS]),
    st.sampled_from([period for period in PERIODS.values() if period is not None]),
    st.sampled_from(RecordingKind),
    st.booleans(),
    st.booleans(),
    st.booleans(),
)
def test_a_level_limits_retention_and_never_extends_it(
    house: KeepFor,
    false_wakes: KeepFor,
    longest: timedelta,
    kind: RecordingKind,
    near_miss: bool,
    trains: bool,
    labeled: bool,
) -> None:
    info = recording("one", RecordingKind.FALSE_WAKE if near_miss else kind, near_miss=near_miss)
    policy = RetentionPolicy(
        house=house,
        false_wakes=false_wakes,
        training=frozenset({"one"} if trains else ()),
        labeled=frozenset({info.recording_id} if labeled else ()),
    )
    before, after = policy.period_of(info), replace(policy, longest={"one": longest}).period_of(info)
    assert after == (longest if before is None else min(before, longest))
    assert replace(policy, longest={"two": longest}).period_of(info) == before


@given(_LEVELS, st.sampled_from(_AREAS), st.sampled_from(sorted(STRICT)))
def test_a_stricter_level_keeps_nothing_longer(
    levels: HouseLevels, area_id: str, strict: PrivacyLevel
) -> None:
    """What was limited to a day is not kept for months because its room keeps nothing at all now."""
    after = levels.with_area(area_id, strict)
    assert after.limit_of(area_id) == levels.limit_of(area_id)
    assert after.of_area(area_id).level is strict


@given(_LEVELS, st.sampled_from(CHOICES_LEVEL), st.sets(st.sampled_from(_AREAS)))
def test_the_level_for_new_rooms_changes_no_known_room(
    levels: HouseLevels, level: PrivacyLevel, known: set[str]
) -> None:
    after = levels.with_new_rooms(level, known)
    for area_id in known | levels.areas.keys():
        assert after.of_area(area_id) == levels.of_area(area_id)
    assert after.of_area("cellar").level is after.of_area(None).level is level


# --- the file ------------------------------------------------------------------------------------


@given(_LEVELS)
def test_what_is_written_is_read(levels: HouseLevels) -> None:
    settings = HouseSettings(levels=levels)
    stored = json.loads(json.dumps(settings_to_stored(settings)))
    read = settings_from_stored(stored)
    assert read == (settings if levels.restricts else HouseSettings())
    # A house that never restricted anything has the file that it always had.
    assert (MARK in stored["house"]) is ("levels" in stored) is levels.restricts


RESTRICTED = settings_to_stored(
    HouseSettings(levels=HouseLevels().with_area("kitchen", PrivacyLevel.LISTEN_ONLY))
)


def test_an_earlier_version_takes_levels_as_damage() -> None:
    """It does not know the mark, whose private value is on, and which is on."""
    assert RESTRICTED["toggles"]["house"][MARK] is RESTRICTED["house"][MARK] is True
    assert RESTRICTED["toggles"]["house"].keys() == {*HouseToggle, MARK}


@pytest.mark.parametrize(
    "changes",
    [
        {"levels": None},
        {"levels": {}},
        {"levels": RESTRICTED["levels"] | {"new_rooms": {"level": "whisper_only", "period": "no_limit"}}},
        {"levels": RESTRICTED["levels"] | {"areas": {"kitchen": "off"}}},
        {"levels": RESTRICTED["levels"] | {"areas": {"kitchen": {"level": "day", "period": "off"}}}},
        {"levels": RESTRICTED["levels"] | {"overrides": [{"entity_id": "person.a", "states": []}]}},
        {"levels": RESTRICTED["levels"] | {"places": {"one": 7}}},
        {"levels": RESTRICTED["levels"] | {"memory_minutes": 0}},
        {"levels": RESTRICTED["levels"] | {"memory_minutes": True}},
        {"house": {**RESTRICTED["house"], MARK: "on"}},
        {"house": {**RESTRICTED["house"], MARK: False}},
    ],
    ids=str,
)
def test_levels_that_cannot_be_honored_are_damage(changes: dict[str, Any]) -> None:
    with pytest.raises((AttributeError, KeyError, TypeError, ValueError)):
        settings_from_stored(RESTRICTED | changes)
    damaged = settings_from_damaged(RESTRICTED | changes).levels
    # Either the levels themselves are sound, or every microphone is off until somebody chooses.
    assert damaged == LOST or damaged.of_area("kitchen").level is PrivacyLevel.LISTEN_ONLY
    assert "levels" not in changes or damaged == LOST


def test_lost_levels_are_damage() -> None:
    lost = {key: value for key, value in RESTRICTED.items() if key != "levels"}
    with pytest.raises(KeyError):
        settings_from_stored(lost)
    assert settings_from_damaged(lost).levels == LOST


def test_damage_elsewhere_leaves_the_levels() -> None:
    damaged = settings_from_damaged(RESTRICTED | {"retention": 7})
    assert damaged.levels.of_area("kitchen").level is PrivacyLevel.LISTEN_ONLY
    assert settings_from_damaged({"house": 1}).levels == HouseLevels()


def test_nothing_is_restricted_by_default() -> None:
    assert effective(HouseLevels().reasons("kitchen", lambda _entity_id: None)) == InForce()
    assert not HouseLevels().restricts
