"""Parts of scripts/soak that need no house: the book of promises, the figures, the verdicts and the monitor."""

import asyncio
from collections.abc import Callable
import gc
import json
from pathlib import Path
import threading
import time
from typing import Any

import pytest

from dev.rig.soak import inside
from dev.rig.soak.book import UNREADABLE, Book, Findings
from dev.rig.soak.figures import (
    COLLECTION,
    Sample,
    Stall,
    first_and_last,
    is_passed,
    memory_slope,
    percentile,
    slope,
    verdicts,
)
from dev.rig.soak.watch import Rising, by_cause


def added(recording_id: str, satellite_id: str = "kitchen") -> dict[str, Any]:
    return {"type": "added", "recordings": [{"id": recording_id, "satellite_id": satellite_id}]}


def kept(*recording_ids: str) -> Book:
    book = Book()
    for recording_id in recording_ids:
        book.utter("kitchen", f"sound of {recording_id}")
        book.hear(added(recording_id))
    return book


def check(book: Book, found: dict[str, str], on_disk: set[str] | None = None) -> dict[str, int]:
    """Return what is wrong, without what is not."""
    findings = book.check(found, dict.fromkeys(found, "kitchen"), on_disk or set())
    return {kind: count for kind, count in findings.counts().items() if count}


# --- the book of promises ------------------------------------------------------------------------


def test_kept_and_there_is_as_promised() -> None:
    book = kept("a", "b")
    assert check(book, {"a": "sound of a", "b": "sound of b"}) == {}
    assert (book.keeps, set(book.kept)) == (2, {"a", "b"})


@pytest.mark.parametrize(
    ("found", "wrong"),
    [
        ({}, {"lost": 1}),
        ({"a": UNREADABLE}, {"unreadable": 1}),
        ({"a": "another sound"}, {"changed": 1}),
        ({"a": "sound of a", "x": "sound of x"}, {"unexplained": 1}),
    ],
)
def test_kept_and_not_as_it_was_is_found(found: dict[str, str], wrong: dict[str, int]) -> None:
    assert check(kept("a"), found) == wrong


def by_receipt(book: Book) -> None:
    book.ask_deletion(["a"])
    book.receipt(["a"])


def by_age(book: Book) -> None:
    book.hear({"type": "deleted", "recording_ids": ["a"]})


@pytest.mark.parametrize("delete", [by_receipt, by_age])
def test_deleted_stays_deleted(delete: Callable[[Book], None]) -> None:
    book = kept("a")
    delete(book)
    assert check(book, {}) == {}
    assert check(book, {"a": "sound of a"}) == {"back": 1}
    assert check(book, {}, {"a"}) == {"back": 1}, "a file, a key or a row"
    assert check(book, {}) == {}, "and is never expected again"


def test_deletion_by_the_house_is_told_from_one_that_was_asked_for() -> None:
    book = kept("a", "b")
    book.ask_deletion(["a"])
    book.hear({"type": "deleted", "recording_ids": ["a", "b"]})
    assert book.by_house == 1


@pytest.mark.parametrize("found", [{}, {"a": "sound of a"}])
def test_deletion_without_an_answer_may_end_either_way_and_stays_so(found: dict[str, str]) -> None:
    book = kept("a")
    book.ask_deletion(["a"])
    assert check(book, found) == {}
    opposite = {"a": "sound of a"} if not found else {}
    assert check(book, opposite) == ({"back": 1} if opposite else {"lost": 1})


def test_deletion_without_an_answer_leaves_nothing_changed() -> None:
    book = kept("a")
    book.ask_deletion(["a"])
    assert check(book, {"a": "half of it"}) == {"changed": 1}


def test_what_was_said_and_not_answered_is_whole_or_absent() -> None:
    for found, wrong in (({}, {}), ({"x": "said"}, {}), ({"x": "half of it"}, {"changed": 1})):
        book = Book()
        book.utter("kitchen", "said")
        assert check(book, found) == wrong


def test_nothing_explains_a_recording_of_a_silent_satellite() -> None:
    book = Book()
    book.utter("hall", "said")
    assert check(book, {"x": "said"}) == {"unexplained": 1}


def test_remains_that_nobody_was_told_of_are_found() -> None:
    assert check(kept("a"), {"a": "sound of a"}, {"y"}) == {"unexplained": 1}


def test_first_playing_says_what_was_kept() -> None:
    book = Book()
    book.hear(added("a"))
    book.played("a", "heard")
    book.played("a", "heard")
    assert not book.live.changed
    book.played("a", "something else")
    assert book.live.changed == {"a"}
    assert check(book, {"a": "something else"}) == {"changed": 1}


def test_list_that_shows_what_was_deleted_before_it_was_asked_for() -> None:
    book = kept("a", "b")
    before = set(book.deleted)
    by_receipt(book)
    book.listed(["a", "b"], before)
    assert not book.live.back, "it was deleted while the list was made"
    book.listed(["a", "b"], book.deleted)
    assert book.live.back == {"a"}


def test_recording_that_is_announced_again_after_its_deletion() -> None:
    book = kept("a")
    by_receipt(book)
    book.hear(added("a"))
    assert book.live.back == {"a"}
    assert "a" not in book.kept


def test_announced_twice_is_kept_once() -> None:
    book = kept("a")
    book.utter("kitchen", "the next one")
    book.hear(added("a"))
    assert (book.keeps, book.kept["a"]) == (1, "sound of a")
    assert "kitchen" in book.uttered


def test_too_many_changes_at_once_put_everything_in_doubt() -> None:
    book = kept("a", "b")
    book.hear({"type": "reset"})
    assert check(book, {"b": "sound of b"}) == {}


def test_findings_of_several_checks_add_up() -> None:
    findings = Findings(lost={"a"})
    findings.add(Findings(lost={"a", "b"}, back={"c"}))
    assert findings.counts() == {"lost": 2, "unreadable": 0, "changed": 0, "back": 1, "unexplained": 0}


# --- figures -------------------------------------------------------------------------------------


def test_percentile_of_counted_values() -> None:
    assert percentile({}, 0.5) == 0.0
    assert percentile({7: 1}, 0.99) == 7.0
    histogram = {1: 98, 5: 1, 900: 1}
    assert [percentile(histogram, share) for share in (0.5, 0.98, 0.99, 1.0)] == [1.0, 1.0, 5.0, 900.0]


def test_slope_is_that_of_the_line() -> None:
    assert slope([]) == slope([(1.0, 5.0)]) == slope([(1.0, 5.0), (1.0, 9.0)]) == 0.0
    assert slope([(x, 3.0 * x + 1) for x in range(10)]) == pytest.approx(3.0)
    assert slope([(0, 1), (1, 0), (2, 1), (3, 0)]) == pytest.approx(-0.2)


def samples(seconds: int, kb_each_second: float) -> list[Sample]:
    return [
        Sample(at=at, rss_kb=int(100_000 + at * kb_each_second), threads=10, handles=at, tasks=None)
        for at in range(0, seconds + 1, 10)
    ]


def test_memory_is_judged_once_it_has_settled() -> None:
    assert memory_slope([]) is None
    assert memory_slope(samples(800, 1.0)) is None
    assert memory_slope(samples(1_200, 1.0)) == pytest.approx(600.0, abs=2)
    settled = [sample for sample in samples(1_200, 0.0) if sample.at >= 300]
    assert memory_slope([*samples(290, 900.0), *settled]) == pytest.approx(0.0)


def test_figures_over_time_begin_when_they_have_settled() -> None:
    assert first_and_last(samples(100, 0), "handles") == {"first": 0, "last": 100, "most": 100}
    assert first_and_last(samples(900, 0), "handles") == {"first": 300, "last": 900, "most": 900}
    assert first_and_last(samples(900, 0), "tasks") == {}


def stall(
    *, late: float = 80.0, waited: float = 0.0, others: float = 0.0, collected: float = 0.0, **causes: int
) -> Stall:
    names = {"ours": "ours: hub.hub.x", "core": "core: homeassistant.core.y"}
    return Stall(
        at=1.0,
        late_ms=late,
        cpu_ms=5.0,
        waited_ms=waited,
        others_waited_ms=others,
        collected_ms=collected,
        causes={names[cause]: count for cause, count in causes.items()},
    )


@pytest.mark.parametrize(
    ("found", "ours"),
    [
        (stall(ours=4), 80.0),
        (stall(ours=1, core=3), 20.0),
        (stall(core=4), 0.0),
        (stall(), 0.0),
        (stall(ours=4, waited=70.0), 10.0),
        (stall(ours=4, waited=90.0), 0.0),
        (stall(ours=4, others=60.0), 20.0),
        (stall(ours=4, others=900.0), 5.0),
        (stall(ours=4, waited=70.0, others=900.0), 5.0),
        (stall(ours=4, collected=75.0), 5.0),
        (stall(ours=2, core=2, collected=60.0), 10.0),
        (stall(ours=4, waited=70.0, collected=70.0), 0.0),
    ],
)
def test_stall_is_ours_as_far_as_we_were_on_the_stack_and_had_the_processor(
    found: Stall, ours: float
) -> None:
    assert found.ours_ms == pytest.approx(ours)


def test_stalls_are_told_by_cause_the_worst_first() -> None:
    found = [stall(core=1), stall(ours=2, late=90.0), stall(ours=1, late=40.0), stall(late=10.0)]
    rows = by_cause([*found, stall(ours=1, late=60.0, collected=50.0)])
    assert [(row["cause"], row["count"], row["net_ms"]) for row in rows] == [
        ("ours: hub.hub.x", 2, 90.0),
        ("core: homeassistant.core.y", 1, 80.0),
        (COLLECTION, 1, 60.0),
        ("not seen", 1, 10.0),
    ]


def test_counter_that_begins_again_goes_on() -> None:
    counter = Rising()
    for value in (0, 3, 3, 1, 4):
        counter.reads(value)
    assert counter.total == 7


# --- verdicts ------------------------------------------------------------------------------------

NOTHING: dict[str, int] = Findings().counts()


def judged(**changed: Any) -> tuple[bool, list[bool | None]]:
    fields: dict[str, Any] = {
        "broken": NOTHING,
        "deaf": 0,
        "samples": samples(1_200, 1.0),
        "stalls": [],
        "self_test_failed": 0,
        "is_watched": True,
    } | changed
    found = verdicts(**fields)
    return is_passed(found), [verdict.met for verdict in found]


def test_everything_as_expected() -> None:
    assert judged() == (True, [True] * 6)


@pytest.mark.parametrize(
    ("changed", "missed"),
    [
        *(({"broken": NOTHING | {kind: 1}}, 0) for kind in ("lost", "unreadable", "changed")),
        *(({"broken": NOTHING | {kind: 1}}, 1) for kind in ("back", "unexplained")),
        ({"deaf": 1}, 2),
        ({"self_test_failed": 1}, 3),
        ({"samples": samples(1_200, 2.0)}, 4),
        ({"stalls": [stall(ours=1)]}, 5),
    ],
)
def test_each_expectation_is_missed_alone(changed: dict[str, Any], missed: int) -> None:
    passed, met = judged(**changed)
    assert not passed
    assert [index for index, one in enumerate(met) if one is False] == [missed]


def test_what_was_not_measured_is_not_judged() -> None:
    passed, met = judged(samples=samples(60, 1.0), is_watched=False)
    assert passed
    assert met[4:] == [None, None]


def test_stall_of_others_is_no_fault_of_ours() -> None:
    assert judged(stalls=[stall(core=9, late=900.0), stall(ours=1, late=900.0, waited=880.0)])[0]


# --- the monitor ---------------------------------------------------------------------------------

BLOCKING = "def block(seconds):\n    time.sleep(seconds)\n"


@pytest.fixture
def quick_monitor(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let monitors tell at once."""
    monkeypatch.setattr(inside, "_TELL_EVERY", 0.05)


async def until_told(folder: Path, word: str) -> None:
    """Wait until the monitor has told of a stall with a word, then have it stop and leave nothing behind."""
    file = folder / "stalls.jsonl"
    async with asyncio.timeout(30):
        while not file.exists() or word not in file.read_text():  # noqa: ASYNC110
            # It tells nobody but the disk.
            await asyncio.sleep(0.02)
    (folder / "stop").touch()
    async with asyncio.timeout(30):
        while any(isinstance(getattr(one, "__self__", None), inside.Monitor) for one in gc.callbacks):  # noqa: ASYNC110
            await asyncio.sleep(0.02)


def join_monitor() -> None:
    """Wait for the monitor's thread."""
    for thread in threading.enumerate():
        if thread.name == "soak monitor":
            thread.join(10)


def read_stalls(folder: Path) -> list[Stall]:
    """Return the stalls that were told."""
    return [Stall(**json.loads(line)) for line in (folder / "stalls.jsonl").read_text().splitlines()]


@pytest.mark.parametrize(
    ("module", "cause"),
    [
        ("custom_components.voice_privacy.hub.hub", "ours: hub.hub.block"),
        ("homeassistant.core", "core: homeassistant.core.block"),
        ("sqlalchemy.engine", "other: sqlalchemy.engine.block"),
    ],
)
@pytest.mark.usefixtures("quick_monitor")
def test_monitor_names_who_blocks_the_event_loop(tmp_path: Path, module: str, cause: str) -> None:
    space: dict[str, Any] = {"__name__": module, "time": time}
    exec(BLOCKING, space)

    async def live() -> None:
        inside.Monitor(str(tmp_path))
        await asyncio.sleep(0.05)
        space["block"](0.3)
        await until_told(tmp_path, cause)

    asyncio.run(live())
    join_monitor()
    found = next(one for one in read_stalls(tmp_path) if cause in one.causes)
    assert found.cause == cause
    assert found.late_ms > 250
    assert found.cpu_ms < found.late_ms
    assert (found.ours_ms > 0) == cause.startswith("ours")
    assert json.loads((tmp_path / "monitor.json").read_text())["beats"]


@pytest.mark.usefixtures("quick_monitor")
def test_monitor_times_the_collector_by_itself(tmp_path: Path) -> None:
    space: dict[str, Any] = {"__name__": "custom_components.voice_privacy.hub.hub", "gc": gc}
    exec("def block():\n    gc.collect()\n", space)
    # As many objects as a house has, so that it takes as long there.
    objects = [[number] for number in range(1_500_000)]

    async def live() -> None:
        inside.Monitor(str(tmp_path))
        await asyncio.sleep(0.05)
        space["block"]()
        await until_told(tmp_path, "collected_ms")

    asyncio.run(live())
    join_monitor()
    assert objects
    found = max(read_stalls(tmp_path), key=lambda one: one.collected_ms)
    assert found.collected_ms > found.late_ms / 2
    assert found.cause == COLLECTION
    assert found.ours_ms < found.late_ms / 2
