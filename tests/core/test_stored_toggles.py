"""Settings files of earlier and later versions: read where nothing is lost, and closed where something is."""

from typing import Any

from hypothesis import given, strategies as st
import pytest

from custom_components.voice_privacy.core.house_settings import (
    SAFE_DEFAULTS,
    HouseSettings,
    HouseToggle,
    SatelliteToggle,
    settings_from_stored,
    settings_to_stored,
)
from custom_components.voice_privacy.core.stored_toggles import BASELINE

_TOGGLES: dict[str, tuple[HouseToggle | SatelliteToggle, ...]] = {
    "house": tuple(HouseToggle),
    "satellites": tuple(SatelliteToggle),
}
_OF_HOUSE = st.fixed_dictionaries(dict.fromkeys(HouseToggle, st.booleans()))
_OF_SATELLITE = st.fixed_dictionaries(dict.fromkeys(SatelliteToggle, st.booleans()))
_SETTINGS = st.builds(
    HouseSettings,
    house=_OF_HOUSE,
    satellites=st.dictionaries(st.sampled_from(["kitchen", "bedroom"]), _OF_SATELLITE, min_size=1),
    removed=st.dictionaries(st.just("attic"), _OF_SATELLITE),
)
_UNKNOWN = st.dictionaries(st.sampled_from(["listens_at_night", "saves_smells"]), st.booleans(), min_size=1)


def groups(stored: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """Return every set of toggles in a file, with its group."""
    return [
        ("house", stored["house"]),
        *(("satellites", toggles) for part in ("satellites", "removed") for toggles in stored[part].values()),
    ]


@given(_SETTINGS)
def test_what_is_written_is_read(settings: HouseSettings) -> None:
    assert settings_from_stored(settings_to_stored(settings)) == settings


@given(_SETTINGS, st.sets(st.sampled_from(HouseToggle)), st.sets(st.sampled_from(SatelliteToggle)))
def test_a_version_that_knew_fewer_toggles_loses_only_those(
    settings: HouseSettings, house_new: set[HouseToggle], satellite_new: set[SatelliteToggle]
) -> None:
    """Whichever toggles are new: they have their more private value, everything else is as it was."""
    new: dict[str, set[Any]] = {"house": house_new, "satellites": satellite_new}
    stored = settings_to_stored(settings)
    for group, toggles in [*groups(stored), *((group, stored["toggles"][group]) for group in new)]:
        for toggle in new[group]:
            del toggles[toggle.value]
    read = settings_from_stored(stored)
    expected, found = settings_to_stored(settings), settings_to_stored(read)
    for (group, was), (_, now) in zip(groups(expected), groups(found), strict=True):
        assert now == was | {toggle.value: SAFE_DEFAULTS[toggle] for toggle in new[group]}
    assert (read.retention, read.reviewers) == (settings.retention, settings.reviewers)


@given(_SETTINGS)
def test_the_first_format_is_read(settings: HouseSettings) -> None:
    """It describes no toggles, and has those of the first version."""
    stored = settings_to_stored(settings)
    del stored["toggles"]
    for group, toggles in groups(stored):
        for name in toggles.keys() - BASELINE[group]:
            del toggles[name]
    read = settings_from_stored(stored)
    for satellite_id, chosen in settings.satellites.items():
        new: dict[SatelliteToggle, bool] = {
            toggle: SAFE_DEFAULTS[toggle]
            for toggle in SatelliteToggle
            if toggle not in BASELINE["satellites"]
        }
        assert read.satellites[satellite_id] == {**chosen, **new}


@given(_SETTINGS, st.data())
def test_a_toggle_that_its_writer_knew_is_never_missing(settings: HouseSettings, data: st.DataObject) -> None:
    stored = settings_to_stored(settings)
    group, toggles = data.draw(st.sampled_from(groups(stored)))
    del toggles[data.draw(st.sampled_from(_TOGGLES[group])).value]
    with pytest.raises(KeyError):
        settings_from_stored(stored)


@given(_SETTINGS, st.data(), st.none() | st.sampled_from(["off", 0, 1.0, [], {}]))
def test_what_is_no_toggle_is_not_read(settings: HouseSettings, data: st.DataObject, wrong: Any) -> None:
    stored = settings_to_stored(settings)
    group, toggles = data.draw(st.sampled_from(groups(stored)))
    toggles[data.draw(st.sampled_from(_TOGGLES[group])).value] = wrong
    with pytest.raises(TypeError):
        settings_from_stored(stored)


@pytest.mark.parametrize(
    "described",
    [
        [],
        7,
        {},
        {"house": {}},
        {"house": [], "satellites": {}},
        {"house": {}, "satellites": {"muted": "yes"}},
        {"house": {"x": True}, "satellites": {}},
    ],
)
def test_a_description_that_makes_no_sense_is_not_read(described: Any) -> None:
    stored = settings_to_stored(HouseSettings()) | {"toggles": described}
    stored["satellites"] = {"kitchen": dict.fromkeys(BASELINE["satellites"], False)}
    with pytest.raises((KeyError, TypeError)):
        settings_from_stored(stored)


@pytest.mark.parametrize("key", ["removed", "removed_retention", "withheld"])
def test_what_an_early_version_did_not_have_a_later_one_cannot_lose(key: str) -> None:
    """A flipped bit in a name must not give a permission back that was withheld."""
    settings = HouseSettings(withheld=frozenset({"members_may_open_microphone"}))
    stored = settings_to_stored(settings)
    stored[key + "_"] = stored.pop(key)
    with pytest.raises(KeyError):
        settings_from_stored(stored)
    del stored["toggles"]
    assert settings_from_stored(stored).house == settings.house


@given(st.sampled_from(["members_may_open_microphone", "kitchen.child_safe"]), st.data())
def test_a_damaged_restriction_is_not_ignored(name: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(name.find(".") + 1, len(name) - 1))
    damaged = name[:at] + chr(ord(name[at]) ^ (1 << data.draw(st.integers(0, 6)))) + name[at + 1 :]
    stored = settings_to_stored(HouseSettings(withheld=frozenset({name})))
    assert settings_from_stored(stored).withheld == {name}
    with pytest.raises(ValueError, match="restriction"):
        settings_from_stored(stored | {"withheld": [damaged]})


@given(_SETTINGS, st.sampled_from(["house", "satellites"]), _UNKNOWN)
def test_consent_of_a_later_version_ends_with_it(
    settings: HouseSettings, group: str, unknown: dict[str, bool]
) -> None:
    """After a downgrade: what this version does not know it does not do."""
    stored = settings_to_stored(settings)
    stored["toggles"][group] |= dict.fromkeys(unknown, False)
    for found, toggles in groups(stored):
        if found == group:
            toggles.update(unknown)
    assert settings_from_stored(stored) == settings


@given(_SETTINGS, st.sampled_from(["house", "satellites"]), _UNKNOWN)
def test_a_restriction_of_a_later_version_is_not_ignored(
    settings: HouseSettings, group: str, unknown: dict[str, bool]
) -> None:
    """What somebody has forbidden must not happen because this version cannot read it."""
    stored = settings_to_stored(settings)
    stored["toggles"][group] |= dict.fromkeys(unknown, True)
    for found, toggles in groups(stored):
        if found == group:
            toggles.update(unknown)
    if any(unknown.values()):
        with pytest.raises(ValueError, match="cannot be honored"):
            settings_from_stored(stored)
    else:
        assert settings_from_stored(stored) == settings


def test_a_removed_satellite_loses_its_consent() -> None:
    on = HouseSettings(satellites={"attic": dict.fromkeys(SatelliteToggle, True)})
    removed = on.without_satellites({"attic"}).removed["attic"]
    assert {toggle for toggle, kept in removed.items() if not kept} == {
        SatelliteToggle.HELP_IMPROVE,
        SatelliteToggle.SAVE_NEAR_MISSES,
    }
