"""One table of every figure that has a peer, measured in the same run; --check holds the ratios against a budget."""

from argparse import Namespace
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
import json
import os
from pathlib import Path
import subprocess
import sys
import tomllib
from typing import Any, Final

from scripts.benchmarks import ROOT, argument_parser, machine, print_json

BUDGET: Final = Path(__file__).with_name("budget.toml")
_PEERS: Final = ROOT / ".tools" / "peers"
_PACKAGES: Final = ("pymicro-wakeword==2.5.0", "pymicro-features==2.0.2")
"""Peers that nothing else needs; installed without their requirements, of which numpy is there."""

_HOURS: Final = 2
"""Hours after which a topic is given up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """Figure of ours beside that of a peer; less is better in both."""

    topic: str
    name: str
    peer_name: str
    unit: str
    ours: str
    """Path of our figure in the JSON of the topic, its keys joined by dots."""

    peer: str
    at_least: float
    """What peer / ours must not fall below."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """Both sides of a figure; None where one of them could not be measured."""

    figure: Figure
    ours: float | None
    peer: float | None

    @property
    def ratio(self) -> float | None:
        """How many times less ours needs; None if that is not known."""
        if self.ours is None or self.peer is None:
            return None
        return self.peer / self.ours if self.ours > 0 else float("inf")

    @property
    def is_met(self) -> bool:
        """True if the ratio is known and large enough."""
        return self.ratio is not None and self.ratio >= self.figure.at_least


def read_budget(path: Path = BUDGET) -> tuple[dict[str, list[str]], list[Figure]]:
    """Return the arguments of each topic and the figures. Raises ValueError if a figure has an unknown topic."""
    content = tomllib.loads(path.read_text("utf-8"))
    topics: dict[str, list[str]] = content["topics"]
    figures = [Figure(**figure) for figure in content["figure"]]
    if unknown := {figure.topic for figure in figures} - set(topics):
        raise ValueError(f"unknown topics: {', '.join(sorted(unknown))}")
    return topics, figures


def _today() -> str:
    return datetime.now(UTC).date().isoformat()


def value_at(result: Mapping[str, Any], path: str) -> float | None:
    """Return the number at a path of keys; None if there is none."""
    found: Any = result
    for key in path.split("."):
        if not isinstance(found, Mapping) or key not in found:
            return None
        found = found[key]
    return float(found) if isinstance(found, int | float) and not isinstance(found, bool) else None


def compared(figures: Sequence[Figure], results: Mapping[str, Mapping[str, Any]]) -> list[Measured]:
    """Return the figures of the topics that were measured."""
    return [
        Measured(
            figure=figure,
            ours=value_at(results[figure.topic], figure.ours),
            peer=value_at(results[figure.topic], figure.peer),
        )
        for figure in figures
        if figure.topic in results
    ]


def markdown(measured: Sequence[Measured], about: Mapping[str, Any]) -> str:
    """Return the table, with its date and machine."""
    lines = [
        f"Measured on {_today()} ({about['cpu']}, {about['cores']} cores, Python {about['python']}).",
        "",
        "| what | unit | ours | peer | ratio | at least |",
        "|---|---|---|---|---|---|",
    ]
    for one in measured:
        figure = one.figure
        lines.append(
            f"| {figure.name} | {figure.unit} | {_shown(one.ours)} | {figure.peer_name}: {_shown(one.peer)} "
            f"| {'not measured' if one.ratio is None else f'{one.ratio:.2f}'} | {figure.at_least:g} |"
        )
    return "\n".join(lines)


def _shown(value: float | None) -> str:
    return "-" if value is None else f"{value:,.4g}" if abs(value) < 1_000 else f"{value:,.0f}"


def _peers() -> str:
    """Return a folder with the peers, fetched the first time; empty if that is not possible."""
    done = _PEERS / "installed"
    if not done.exists() or done.read_text() != " ".join(_PACKAGES):
        uv = ROOT / ".tools" / "uv" / "bin" / "uv"
        fetch = (
            str(uv), "pip", "install", "--quiet", "--no-deps", "--python", sys.executable, "--target", str(_PEERS)
        )  # fmt: skip
        if not uv.exists() or subprocess.run((*fetch, *_PACKAGES), check=False).returncode:
            print("scripts/bench: the peers cannot be fetched; their figures are left out", file=sys.stderr)
            return ""
        done.write_text(" ".join(_PACKAGES))
    return str(_PEERS)


def _run_topic(topic: str, arguments: Sequence[str], peers: str) -> dict[str, Any]:
    """Return the JSON of a topic, which runs as a process of its own; {} if it fails."""
    print(f"scripts/bench {topic} {' '.join(arguments)}", file=sys.stderr, flush=True)
    path = os.pathsep.join(filter(None, (os.environ.get("PYTHONPATH"), peers)))
    done = subprocess.run(
        [sys.executable, "-m", f"scripts.benchmarks.{topic}", "--json", *arguments],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": path},
        timeout=_HOURS * 3_600,
        check=False,
    )
    if done.returncode:
        print(f"scripts/bench: {topic} failed", file=sys.stderr)
        return {}
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def run(arguments: Namespace) -> int:
    """Measure and print; return the exit status."""
    topics, figures = read_budget()
    if arguments.load is not None:
        results = json.loads(arguments.load.read_text("utf-8"))["topics"]
    else:
        peers = _peers()
        wanted = arguments.topic or list(topics)
        results = {topic: _run_topic(topic, topics[topic], peers) for topic in wanted}
    measured = compared(figures, results)
    if arguments.json:
        print_json(
            {
                "machine": machine(),
                "date": _today(),
                "figures": [
                    {"name": one.figure.name, "peer_name": one.figure.peer_name, "unit": one.figure.unit}
                    | {
                        "ours": one.ours,
                        "peer": one.peer,
                        "ratio": one.ratio,
                        "at_least": one.figure.at_least,
                    }
                    for one in measured
                ],
                "topics": results,
            }
        )
    else:
        print(markdown(measured, machine()))
    missed = [one for one in measured if not one.is_met]
    if not arguments.check:
        return 0
    for one in missed:
        told = "not measured" if one.ratio is None else f"{one.ratio:.2f}"
        print(f"{one.figure.name}: {told}, at least {one.figure.at_least:g} is allowed", file=sys.stderr)
    return 1 if missed else 0


def main() -> None:
    """Measure what the command line asks for."""
    topics, _ = read_budget()
    parser = argument_parser(__doc__)
    parser.add_argument("--topic", action="append", choices=list(topics), help="only this; may be repeated")
    parser.add_argument("--check", action="store_true", help="fail if a ratio is below its budget")
    parser.add_argument("--load", type=Path, help="JSON of an earlier run, instead of measuring")
    sys.exit(run(parser.parse_args()))


if __name__ == "__main__":
    main()
