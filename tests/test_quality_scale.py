"""The manifest claims the tier that quality_scale.yaml reaches, no more and no less."""

from collections.abc import Iterator, Mapping
import json
from pathlib import Path
import re
from typing import Any, Final

from homeassistant.util.yaml import load_yaml_dict
import pytest

PACKAGE: Final = Path(__file__).parents[1] / "custom_components" / "voice_privacy"
TIERS: Final = ("bronze", "silver", "gold", "platinum")
"""From the lowest; each includes the ones before it."""

SETTLED: Final = {"done", "exempt"}


def tiers_of(source: str) -> dict[str, str]:
    """Return the tier of each rule: the comment that its section begins with."""
    return dict(_tiers_of(source))


def _tiers_of(source: str) -> Iterator[tuple[str, str]]:
    tier = None
    for line in source.splitlines():
        if (section := re.fullmatch(r"  # (\w+)", line)) is not None:
            tier = section[1].lower()
        elif (rule := re.match(r"  ([a-z-]+):", line)) is not None:
            assert tier in TIERS, f"{rule[1]} is in no tier"
            yield rule[1], tier


def tier_reached(tiers: Mapping[str, str], statuses: Mapping[str, str]) -> str | None:
    """Return the highest tier whose rules, and those of all lower tiers, are done or exempt."""
    reached = None
    for tier in TIERS:
        rules = [rule for rule in tiers if tiers[rule] == tier]
        if not rules or any(statuses[rule] not in SETTLED for rule in rules):
            break
        reached = tier
    return reached


def statuses_of(rules: Mapping[str, Any]) -> dict[str, str]:
    """Return the status of each rule, which may be written with a comment."""
    return {rule: value if isinstance(value, str) else value["status"] for rule, value in rules.items()}


def test_manifest_claims_the_tier_that_is_reached() -> None:
    path = PACKAGE / "quality_scale.yaml"
    tiers = tiers_of(path.read_text("utf-8"))
    rules = load_yaml_dict(str(path))["rules"]
    manifest = json.loads((PACKAGE / "manifest.json").read_text("utf-8"))

    assert tiers.keys() == rules.keys()
    assert list(dict.fromkeys(tiers.values())) == list(TIERS)
    assert manifest.get("quality_scale") == tier_reached(tiers, statuses_of(rules))


def test_every_rule_that_is_not_done_says_why() -> None:
    rules = load_yaml_dict(str(PACKAGE / "quality_scale.yaml"))["rules"]
    for rule, value in rules.items():
        assert value == "done" or (value["status"] in {"exempt", "todo"} and value["comment"]), rule


@pytest.mark.parametrize(
    ("statuses", "expected"),
    [
        ("done done done done", "platinum"),
        ("exempt done exempt done", "platinum"),
        ("done done done todo", "gold"),
        ("done done todo done", "silver"),
        ("done todo done done", "bronze"),
        ("todo done done done", None),
        ("todo todo todo todo", None),
        ("done unknown done done", "bronze"),
    ],
)
def test_one_open_rule_holds_back_its_tier_and_all_above(statuses: str, expected: str | None) -> None:
    tiers = {f"rule-{tier}": tier for tier in TIERS}
    assert tier_reached(tiers, dict(zip(tiers, statuses.split(), strict=True))) == expected


def test_a_rule_belongs_to_the_section_that_it_is_in() -> None:
    source = (
        "rules:\n  # Bronze\n  a-b: done\n  c:\n    status: todo\n    comment: d\n\n  # Silver\n  e: done\n"
    )
    assert tiers_of(source) == {"a-b": "bronze", "c": "bronze", "e": "silver"}
    with pytest.raises(AssertionError):
        tiers_of("rules:\n  a: done\n")
    with pytest.raises(AssertionError):
        tiers_of("rules:\n  # Iron\n  a: done\n")
