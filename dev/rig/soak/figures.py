"""Figures of a soak, and whether they are as expected."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
import math
from typing import Any, Final

MOST_STALL_MS: Final = 50.0
MOST_SLOPE_KB: Final = 1024.0
"""Kilobytes of memory in ten minutes."""

SETTLING_SECONDS: Final = 300.0
"""Before that, caches and pools fill."""

LEAST_SLOPE_SECONDS: Final = 600.0
"""Of settled time: over less, one allocation more or less is the slope."""

TEN_MINUTES: Final = 600.0
COLLECTION: Final = "collection of Home Assistant's objects"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A process at one moment."""

    at: float
    """Seconds since the beginning."""

    rss_kb: int
    threads: int
    handles: int
    tasks: int | None = None
    """None where nobody has looked inside."""

    heap_kb: int | None = None
    """Memory that malloc has handed out; None where it cannot tell."""

    blocks: int | None = None
    """Small blocks that Python has handed out; None where nobody has looked inside."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stall:
    """A heartbeat of the event loop that came late."""

    at: float
    late_ms: float
    cpu_ms: float
    """Time that the loop's thread computed meanwhile."""

    waited_ms: float
    """Time that it could have computed and had no processor."""

    others_waited_ms: float
    """The same of the other thread that had to wait longest: it may have held Python's lock."""

    collected_ms: float
    """Time in which Python's collector went through the objects of all of Home Assistant."""

    causes: Mapping[str, int]
    """Samples of its stack by what it was in."""

    @property
    def net_ms(self) -> float:
        """Lateness without the time that other processes took, from this thread or from one that it waited for."""
        net = max(0.0, self.late_ms - self.waited_ms)
        blocked = max(0.0, net - self.cpu_ms)
        return net - min(blocked, self.others_waited_ms)

    @property
    def ours_ms(self) -> float:
        """Share of the lateness with a frame of ours on the stack, without collections."""
        samples = sum(self.causes.values())
        ours = sum(count for cause, count in self.causes.items() if is_ours(cause))
        return max(0.0, self.net_ms - self.collected_ms) * ours / samples if samples else 0.0

    @property
    def cause(self) -> str:
        """What it was in most of the time."""
        if self.collected_ms > self.late_ms / 2:
            return COLLECTION
        return max(self.causes, key=lambda cause: self.causes[cause], default="not seen")


def is_ours(cause: str) -> bool:
    """Return whether a cause names a frame of our integration."""
    return cause.startswith("ours: ")


def percentile(histogram: Mapping[int, int], share: float) -> float:
    """Return the value below which a share of the counted values lies, 0.0 if there are none."""
    wanted = math.ceil(share * sum(histogram.values()))
    seen = 0
    for value in sorted(histogram):
        seen += histogram[value]
        if seen >= wanted:
            return float(value)
    return 0.0


def slope(points: Sequence[tuple[float, float]]) -> float:
    """Return the slope of the line through some points (least squares), 0.0 for fewer than two."""
    if len(points) < 2:
        return 0.0
    middle_x = sum(x for x, _ in points) / len(points)
    middle_y = sum(y for _, y in points) / len(points)
    spread = sum((x - middle_x) ** 2 for x, _ in points)
    if not spread:
        return 0.0
    return sum((x - middle_x) * (y - middle_y) for x, y in points) / spread


def memory_slope(samples: Sequence[Sample]) -> float | None:
    """Return the growth of memory once it has settled, in kilobytes in ten minutes; None if that was too short."""
    settled = [(sample.at, float(sample.rss_kb)) for sample in samples if sample.at >= SETTLING_SECONDS]
    if not settled or settled[-1][0] - settled[0][0] < LEAST_SLOPE_SECONDS:
        return None
    return slope(settled) * TEN_MINUTES


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """An expectation; `met` is None where it could not be judged."""

    expected: str
    measured: str
    met: bool | None


def verdicts(
    broken: Mapping[str, int],
    deaf: int,
    samples: Sequence[Sample],
    stalls: Sequence[Stall],
    *,
    self_test_failed: int,
    is_watched: bool,
) -> list[Verdict]:
    """Return the expectations, and whether they were met."""
    lost = broken["lost"] + broken["unreadable"] + broken["changed"]
    back = broken["back"] + broken["unexplained"]
    grown = memory_slope(samples)
    worst = max((stall.ours_ms for stall in stalls), default=0.0)
    return [
        Verdict(expected="0 recordings lost, unreadable or changed", measured=str(lost), met=lost == 0),
        Verdict(expected="0 recordings back, or there without a reason", measured=str(back), met=back == 0),
        Verdict(expected="0 wakes or utterances not heard", measured=str(deaf), met=deaf == 0),
        Verdict(
            expected="0 self-tests of deletion failed",
            measured=str(self_test_failed),
            met=self_test_failed == 0,
        ),
        Verdict(
            expected="memory grows by less than 1 MiB in 10 minutes, after 5 minutes",
            measured="too short to say" if grown is None else f"{grown / 1024:.2f} MiB",
            met=None if grown is None else grown < MOST_SLOPE_KB,
        ),
        Verdict(
            expected="no stall of the event loop over 50 ms of our making",
            measured=f"worst {worst:.0f} ms" if is_watched else "not watched",
            met=worst <= MOST_STALL_MS if is_watched else None,
        ),
    ]


def is_passed(found: Sequence[Verdict]) -> bool:
    """Return whether no expectation was missed."""
    return not any(verdict.met is False for verdict in found)


def first_and_last(samples: Sequence[Sample], name: str) -> dict[str, Any]:
    """Return a figure after settling (else at the start), at the end, and the most that there was."""
    values = [(sample.at, getattr(sample, name)) for sample in samples if getattr(sample, name) is not None]
    if not values:
        return {}
    settled = [value for at, value in values if at >= SETTLING_SECONDS] or [value for _, value in values]
    return {"first": settled[0], "last": values[-1][1], "most": max(value for _, value in values)}
