"""scripts/bench all tells ours beside its peers, and --check fails for what is too low or was not measured."""

import json
from pathlib import Path
import subprocess
import sys
from typing import Any

import pytest

# Before scripts.benchmarks, which would put a package without Home Assistant in its place.
import custom_components.voice_privacy  # noqa: F401
from scripts.benchmarks import ROOT
from scripts.benchmarks.all import BUDGET, Figure, compared, markdown, read_budget, value_at

ABOUT = {"cpu": "a processor", "cores": 2, "python": "3.14"}


FIGURE = Figure(
    topic="store",
    name="Deletion",
    peer_name="SQL",
    unit="ms",
    ours="milliseconds.delete 1.sealed",
    peer="milliseconds.delete 1.plain",
    at_least=2.0,
)


def result(sealed: object, plain: object) -> dict[str, Any]:
    return {"milliseconds": {"delete 1": {"sealed": sealed, "plain": plain}}}


@pytest.mark.parametrize(
    ("sealed", "plain", "ratio", "met"),
    [(1.0, 4.0, 4.0, True), (2, 4, 2.0, True), (4.0, 4.0, 1.0, False), (0, 4.0, float("inf"), True)],
)
def test_ratio_is_how_many_times_less_ours_needs(
    sealed: float, plain: float, ratio: float, met: bool
) -> None:
    (one,) = compared([FIGURE], {"store": result(sealed, plain)})
    assert (one.ratio, one.is_met) == (ratio, met)


@pytest.mark.parametrize("broken", [{}, result(None, 1.0), result("fast", 1.0), {"milliseconds": [1]}])
def test_what_was_not_measured_is_never_met(broken: dict[str, Any]) -> None:
    (one,) = compared([FIGURE], {"store": broken})
    assert one.ratio is None
    assert not one.is_met
    assert "not measured" in markdown([one], ABOUT)


def test_topics_that_did_not_run_are_left_out() -> None:
    assert compared([FIGURE], {"wake": {}}) == []


def test_values_are_numbers_at_the_end_of_a_path() -> None:
    assert value_at({"a": {"% of b": 3}}, "a.% of b") == 3.0
    assert value_at({"a": True}, "a") is None
    assert value_at({"a": 1}, "a.b") is None


def test_budget_names_topics_that_exist_and_each_figure_once() -> None:
    topics, figures = read_budget()
    assert all((BUDGET.parent / f"{topic}.py").exists() for topic in topics)
    assert {figure.topic for figure in figures} == set(topics)
    assert len({figure.name for figure in figures}) == len(figures)
    assert all(figure.at_least > 0 for figure in figures)


def test_unknown_topic_in_the_budget_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "budget.toml"
    text = "[topics]\n[[figure]]\n" + "\n".join(
        f'{name} = "x"' for name in ("topic", "name", "peer_name", "unit", "ours", "peer")
    )
    path.write_text(f"{text}\nat_least = 1\n")
    with pytest.raises(ValueError, match="x"):
        read_budget(path)


def check(tmp_path: Path, sealed: float, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run --check with an earlier run in which one deletion took so many milliseconds, SQL's a hundred."""
    path = tmp_path / "run.json"
    _, figures = read_budget()
    topics: dict[str, Any] = {}
    for one in figures:
        for place, value in ((one.ours, 1.0), (one.peer, 100.0)):
            at = topics.setdefault(one.topic, {})
            *keys, last = place.split(".")
            for key in keys:
                at = at.setdefault(key, {})
            at[last] = value
    topics["store"]["milliseconds"]["delete 1"]["sealed"] = sealed
    path.write_text(json.dumps({"topics": topics}))
    return subprocess.run(
        [sys.executable, "-m", "scripts.benchmarks.all", "--check", "--load", str(path), *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_check_fails_below_the_budget_and_names_the_figure(tmp_path: Path) -> None:
    assert check(tmp_path, 1.0).returncode == 0
    slow = check(tmp_path, 99.0)
    assert slow.returncode == 1
    assert "Deletion of 1 recording: 1.01" in slow.stderr
    assert "| Deletion of 1 recording |" in slow.stdout


def test_figures_of_a_run_are_printed_for_programs_too(tmp_path: Path) -> None:
    printed = json.loads(check(tmp_path, 1.0, "--json").stdout)
    _, figures = read_budget()
    assert [one["name"] for one in printed["figures"]] == [one.name for one in figures]
    assert {one["ratio"] for one in printed["figures"]} == {100.0}
