"""Load many hostile model files, and note what each costs."""

import argparse
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
import json
from random import Random
import resource
import sys
import time
from typing import Final

MOST_SECONDS: Final = 1.0
MOST_BYTES: Final = 64 << 20


@dataclass(slots=True)
class Report:
    """What came of it."""

    tried: int = 0
    loaded: int = 0
    refused: int = 0
    slowest_ms: float = 0.0
    """Of the thread's own time: a busy machine is nobody's fault."""

    largest_mib: float = 0.0
    """By which the process's memory grew for one file."""

    uncaught: Counter[str] = field(default_factory=Counter)
    seeds: list[int] = field(default_factory=list)
    """Of what went wrong."""

    @property
    def passed(self) -> bool:
        """Whether every file was harmless."""
        return not self.seeds


def _peak() -> int:
    """Return the most memory that this process ever occupied."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def try_all(make: Callable[[Random], bytes], use: Callable[[bytes], bool], seeds: Iterable[int]) -> Report:
    """Use a file for each seed; `use` returns whether it could be loaded."""
    report = Report()
    for seed in seeds:
        content = make(Random(seed))
        before, started = _peak(), time.thread_time()
        try:
            if use(content):
                report.loaded += 1
            else:
                report.refused += 1
        except Exception as error:  # noqa: BLE001  # that none comes is what is tried
            report.uncaught[f"{type(error).__name__}: {error}"[:200]] += 1
            report.seeds.append(seed)
        seconds, grown = time.thread_time() - started, _peak() - before
        report.slowest_ms = max(report.slowest_ms, round(seconds * 1_000, 1))
        report.largest_mib = max(report.largest_mib, round(grown / (1 << 20), 1))
        if seconds > MOST_SECONDS or grown > MOST_BYTES:
            report.seeds.append(seed)
        report.tried += 1
    return report


def run_from_shell(description: str, run: Callable[[int, int], Report]) -> int:
    """Run a tool with the count and the seed that its arguments give, and print its report; return its exit code."""
    parser = argparse.ArgumentParser(description=description.partition("\n")[0])
    parser.add_argument("count", type=int, nargs="?", default=1_000)
    parser.add_argument("seed", type=int, nargs="?", default=1)
    arguments = parser.parse_args()
    return _print_report(run(arguments.count, arguments.seed))


def _print_report(report: Report) -> int:
    """Print a report; return the exit code of the tool."""
    report.seeds = report.seeds[:20]
    content = asdict(report) | {"uncaught": dict(report.uncaught), "passed": report.passed}
    sys.stdout.write(json.dumps(content, indent=2) + "\n")
    return 0 if report.passed else 1
