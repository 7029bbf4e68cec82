"""Report of a soak, for programs and for people."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from . import allocator
from .book import Findings
from .figures import Verdict, first_and_last, is_passed, memory_slope, verdicts
from .run import Soak
from .watch import by_cause

_MOST_SERIES = 120


def report(soak: Soak) -> dict[str, Any]:
    """Return everything that was found."""
    town, watch, stalls = soak.town, soak.watch, soak.stalls
    findings = Findings()
    for check in soak.checks.values():
        findings.add(check)
    broken = findings.counts()
    found = verdicts(
        broken,
        len(town.hearing.deaf),
        watch.samples,
        stalls,
        self_test_failed=town.self_tests.count(False),
        is_watched=watch.is_inside,
    )
    return {
        **asdict(soak.plan),
        "allocator": "jemalloc" if allocator.library() else "the system's",
        "kept": town.book.keeps,
        "deleted": len(town.book.deleted),
        "deleted_by_retention": town.book.by_house,
        "checks": {moment: check.counts() for moment, check in soak.checks.items()},
        "broken": broken,
        "hearing": asdict(town.hearing),
        "acts": dict(town.acts),
        "refusals": dict(town.refusals),
        "self_tests": dict(
            Counter({True: "passed", False: "failed", None: "unknown"}[passed] for passed in town.self_tests)
        ),
        "frames": _frames(soak),
        "loop_ms": soak.lateness,
        "stalls": by_cause(stalls),
        "memory_slope_kb": memory_slope(watch.samples),
        "over_time": {
            name: first_and_last(watch.samples, name)
            for name in ("rss_kb", "heap_kb", "blocks", "threads", "handles", "tasks")
        },
        "samples": [
            asdict(sample) for sample in watch.samples[:: max(1, len(watch.samples) // _MOST_SERIES)]
        ],
        "problems": soak.problems,
        "verdicts": [asdict(verdict) for verdict in found],
        "passed": is_passed(found),
    }


def _frames(soak: Soak) -> dict[str, int]:
    """Return how many chunks of audio were sent and dropped, by kind of satellite."""
    counts: Counter[str] = Counter()
    for harms, sent, dropped in zip(soak.hostile, soak.frames_sent, soak.watch.dropped, strict=True):
        kind = "hostile" if harms else "peaceful"
        counts[f"{kind}_sent"] += sent
        counts[f"{kind}_dropped"] += dropped.total
    return dict(counts)


def text(told: Mapping[str, Any]) -> str:
    """Return a report for people."""
    hearing, frames, loop = told["hearing"], told["frames"], told["loop_ms"]
    lines = [
        f"{told['recorder']}: {told['minutes']:g} minutes, {told['satellites']} satellites, seed {told['seed']}",
        f"  memory allocator: {told['allocator']}",
        f"  kept {told['kept']}, deleted {told['deleted']} (by retention {told['deleted_by_retention']})",
        *(f"  checked {moment}: {_listed(counts)}" for moment, counts in told["checks"].items()),
        f"  wakes heard: {hearing['wakes_heard']} of {hearing['wakes_spoken']}",
        f"  utterances kept: {hearing['utterances_kept']} of {hearing['utterances_spoken']}",
        f"  {hearing['drops']} drops, {hearing['mutes']} mutes, {hearing['hostile_acts']} hostile acts",
        f"  frames: {_listed(frames)}",
        f"  members: {_listed(told['acts'])}; refused: {_listed(told['refusals'])}",
        f"  self-tests: {_listed(told['self_tests'])}",
    ]
    lines += [
        f"  not heard: {deaf['satellite']} at {deaf['at']} s: {deaf['why']}" for deaf in hearing["deaf"]
    ]
    if loop:
        lines.append(
            f"  event loop late: median {loop['median']:.1f} ms, p99 {loop['p99']:.1f} ms, "
            f"max {loop['max']:.0f} ms, in {loop['beats']} beats"
        )
        lines += [
            f"    {row['count']:4} x {row['cause']}: up to {row['late_ms']:.0f} ms late, {row['net_ms']:.0f} ms "
            f"without what others computed, {row['cpu_ms']:.0f} ms of it computing, ours {row['ours_ms']:.0f} ms"
            for row in told["stalls"][:12]
        ]
    for name, values in told["over_time"].items():
        if values:
            lines.append(f"  {name}: {values['first']} -> {values['last']} (most {values['most']})")
    lines += [f"  log: {problem.splitlines()[0]}" for problem in told["problems"][:10]]
    lines += [
        f"  {_mark(Verdict(**verdict))}: {verdict['expected']}: {verdict['measured']}"
        for verdict in told["verdicts"]
    ]
    return "\n".join(lines)


def _mark(verdict: Verdict) -> str:
    return {True: "met", False: "MISSED", None: "not judged"}[verdict.met]


def _listed(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counts.items()) or "none"
