"""What has been kept for long enough: never early, never forgotten, and only by clocks that can be believed."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
import json

from hypothesis import given, strategies as st
import pytest

from custom_components.voice_privacy.core.clock_trust import ClockRecord, Reading, look
from custom_components.voice_privacy.core.deletion import HouseClock
from custom_components.voice_privacy.core.models import RecordingInfo, RecordingKind
from custom_components.voice_privacy.core.retention_policy import (
    CHOICES_FALSE_WAKES,
    CHOICES_HOUSE,
    CHOICES_SATELLITE,
    CHOICES_TRANSCRIPTS,
    MEGABYTE,
    PERIODS,
    TRAINING,
    KeepFor,
    RetentionPolicy,
    due,
    due_all,
    due_texts,
    due_texts_all,
    due_within,
    due_within_all,
)
from custom_components.voice_privacy.core.stored_policy import policy_from_stored, policy_to_stored

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
MONOTONIC = 50_000_000.0
CLOCK = HouseClock(now=NOW, monotonic=MONOTONIC, today=NOW.date(), start_of_today=NOW.replace(hour=0))


def recording(
    sequence: int,
    age: timedelta,
    *,
    satellite_id: str = "kitchen",
    kind: RecordingKind = RecordingKind.COMMAND,
    monotonic_age: timedelta | None = None,
    size: int = MEGABYTE,
    has_text: bool = True,
) -> RecordingInfo:
    return RecordingInfo(
        recording_id=f"{sequence:032x}",
        sequence=sequence,
        satellite_id=satellite_id,
        started_at=NOW - age,
        started_monotonic=None if monotonic_age is None else MONOTONIC - monotonic_age.total_seconds(),
        local_date=(NOW - age).date(),
        duration=1.0,
        size=size,
        kind=kind,
        has_text=has_text,
    )


def gone(policy: RetentionPolicy, *recordings: RecordingInfo, clock_trusted: bool = True) -> list[int]:
    return [info.sequence for info in due(policy, recordings, CLOCK, clock_trusted=clock_trusted)]


_AGES = st.timedeltas(-400 * DAY, 800 * DAY)
_POLICIES = st.builds(
    RetentionPolicy,
    house=st.sampled_from(CHOICES_HOUSE),
    satellites=st.dictionaries(st.sampled_from(["kitchen", "bedroom"]), st.sampled_from(CHOICES_SATELLITE)),
    false_wakes=st.sampled_from(CHOICES_FALSE_WAKES),
    training=st.frozensets(st.sampled_from(["kitchen", "bedroom"])),
    transcripts=st.sampled_from(CHOICES_TRANSCRIPTS),
    limit_mb=st.integers(0, 10),
)


@st.composite
def houses(draw: st.DrawFn) -> list[RecordingInfo]:
    return [
        recording(
            sequence,
            draw(_AGES),
            satellite_id=draw(st.sampled_from(["kitchen", "bedroom"])),
            kind=draw(st.sampled_from(RecordingKind)),
            monotonic_age=draw(st.none() | st.timedeltas(timedelta(), 500 * DAY)),
            size=draw(st.integers(1, 3 * MEGABYTE)),
            has_text=draw(st.booleans()),
        )
        for sequence in draw(st.permutations(range(1, draw(st.integers(1, 12)))))
    ]


def too_old(policy: RetentionPolicy, info: RecordingInfo, *, clock_trusted: bool) -> bool:
    """The rule again, in other words: every reading that counts says that its time is over."""
    chosen = policy.satellites.get(info.satellite_id, KeepFor.AS_OTHERS)
    limits = [PERIODS.get(policy.house if chosen is KeepFor.AS_OTHERS else chosen)]
    if info.kind is RecordingKind.FALSE_WAKE:
        shorter = PERIODS.get(policy.false_wakes)
        waits = shorter is not None and info.satellite_id in policy.training
        limits.append(max(shorter, TRAINING) if shorter and waits else shorter)
    ages = [NOW - info.started_at]
    if info.started_monotonic is not None:
        ages.append(timedelta(seconds=MONOTONIC - info.started_monotonic))
    elif not clock_trusted:
        return False
    return any(limit is not None and all(age >= limit for age in ages) for limit in limits)


@given(policy=_POLICIES, house=houses(), clock_trusted=st.booleans())
def test_exactly_what_is_too_old_or_above_the_limit_goes(
    policy: RetentionPolicy, house: list[RecordingInfo], clock_trusted: bool
) -> None:
    going = due(policy, house, CLOCK, clock_trusted=clock_trusted)

    assert [info.sequence for info in going] == sorted({info.sequence for info in going})
    old = [info for info in house if too_old(policy, info, clock_trusted=clock_trusted)]
    # Nothing that is too old stays.
    assert all(info in going for info in old)
    crowded = [info for info in going if info not in old]
    staying = [info for info in house if info not in going]
    if policy.limit_mb == 0:
        assert crowded == []
        return
    # What stays fits, and was recorded after whatever had to make room.
    limit = policy.limit_mb * MEGABYTE
    assert sum(info.size for info in staying) <= limit
    assert all(info.sequence < other.sequence for info in crowded for other in staying)
    # Nothing had to go that would have fit.
    assert not crowded or sum(info.size for info in [*staying, crowded[-1]]) > limit


@given(policies=st.lists(_POLICIES, min_size=1, max_size=4), house=houses(), clock_trusted=st.booleans())
def test_of_several_policies_goes_what_each_of_them_deletes(
    policies: list[RetentionPolicy], house: list[RecordingInfo], clock_trusted: bool
) -> None:
    for find, find_all in ((due, due_all), (due_texts, due_texts_all)):
        each = [find(policy, house, CLOCK, clock_trusted=clock_trusted) for policy in policies]
        going = find_all(policies, house, CLOCK, clock_trusted=clock_trusted)
        assert going == [info for info in each[0] if all(info in other for other in each)]


def check_next_look(
    wait: timedelta | None,
    policies: list[RetentionPolicy],
    house: list[RecordingInfo],
    span: timedelta,
    *,
    clock_trusted: bool,
) -> None:
    """Something is due after the wait and nothing before; without one, nothing is due within the span."""

    def due_after(passed: timedelta) -> list[RecordingInfo]:
        later = replace(CLOCK, now=NOW + passed, monotonic=MONOTONIC + passed.total_seconds())
        return [
            *due_all(policies, house, later, clock_trusted=clock_trusted),
            *due_texts_all(policies, house, later, clock_trusted=clock_trusted),
        ]

    tick = timedelta(milliseconds=1)
    if wait is None:
        assert due_after(span - tick) == []
        return
    assert timedelta() <= wait <= span
    assert due_after(wait + tick)
    assert wait == timedelta() or not due_after(wait - tick)


@given(
    policies=st.lists(_POLICIES, min_size=1, max_size=4),
    house=houses(),
    clock_trusted=st.booleans(),
    span=st.timedeltas(timedelta(), 400 * DAY),
)
def test_the_next_look_finds_what_is_due_for_several_policies(
    policies: list[RetentionPolicy], house: list[RecordingInfo], clock_trusted: bool, span: timedelta
) -> None:
    policies = [replace(policy, limit_mb=0) for policy in policies]
    wait = due_within_all(policies, house, CLOCK, span, clock_trusted=clock_trusted)
    check_next_look(wait, policies, house, span, clock_trusted=clock_trusted)


@given(policy=_POLICIES, longest=st.dictionaries(st.text(), st.timedeltas(timedelta(), 1000 * DAY)))
def test_a_policy_is_read_as_it_was_stored(policy: RetentionPolicy, longest: dict[str, timedelta]) -> None:
    policy = replace(policy, longest=longest, labeled=frozenset({"1"}))
    stored = json.loads(json.dumps(policy_to_stored(policy)))
    assert policy_from_stored(stored) == replace(policy, labeled=frozenset())


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("house", "for ever"),
        ("house", None),
        ("satellites", []),
        ("satellites", {"kitchen": "never"}),
        ("training", 7),
        ("longest", {"kitchen": "day"}),
        ("longest", {"kitchen": True}),
        ("longest", {"kitchen": 1e300}),
        ("limit_mb", 1.5),
        ("limit_mb", True),
    ],
)
def test_a_malformed_policy_is_refused(key: str, value: object) -> None:
    stored = policy_to_stored(RetentionPolicy()) | {key: value}
    with pytest.raises((AttributeError, KeyError, OverflowError, TypeError, ValueError)):
        policy_from_stored(stored)


@given(
    policy=_POLICIES, house=houses(), clock_trusted=st.booleans(), span=st.timedeltas(timedelta(), 400 * DAY)
)
def test_the_next_look_finds_something_and_an_earlier_one_does_not(
    policy: RetentionPolicy, house: list[RecordingInfo], clock_trusted: bool, span: timedelta
) -> None:
    policy = replace(policy, limit_mb=0)
    wait = due_within(policy, house, CLOCK, span, clock_trusted=clock_trusted)
    check_next_look(wait, [policy], house, span, clock_trusted=clock_trusted)


@given(policy=_POLICIES, house=houses(), clock_trusted=st.booleans())
def test_exactly_the_words_that_are_too_old_go(
    policy: RetentionPolicy, house: list[RecordingInfo], clock_trusted: bool
) -> None:
    """As if each recording lived no longer than its text."""
    going = due_texts(policy, house, CLOCK, clock_trusted=clock_trusted)
    if policy.transcripts is KeepFor.AS_OTHERS:
        assert going == []
        return
    short = RetentionPolicy(house=policy.transcripts, false_wakes=KeepFor.AS_OTHERS)
    spoken = [info for info in house if info.has_text]
    assert going == due(short, spoken, CLOCK, clock_trusted=clock_trusted)


@given(policy=_POLICIES, house=houses(), clock_trusted=st.booleans())
def test_a_near_miss_lives_for_a_minute_by_the_monotonic_clock(
    policy: RetentionPolicy, house: list[RecordingInfo], clock_trusted: bool
) -> None:
    """Whatever is chosen, whatever the time is; one from before the start is due at once."""
    house = [replace(info, near_miss=True, kind=RecordingKind.FALSE_WAKE) for info in house]
    policy = replace(policy, limit_mb=0, labeled=frozenset(info.recording_id for info in house))
    going = due(policy, house, CLOCK, clock_trusted=clock_trusted)
    assert {info.sequence for info in going} == {
        info.sequence
        for info in house
        if info.started_monotonic is None or MONOTONIC - info.started_monotonic >= 60
    }


def test_near_misses_make_room_before_anything_that_somebody_said() -> None:
    second = timedelta(seconds=1)
    near = replace(recording(3, second, kind=RecordingKind.FALSE_WAKE, monotonic_age=second), near_miss=True)
    kept = [recording(1, second), recording(2, second), near, recording(4, second)]
    assert gone(RetentionPolicy(limit_mb=4), *kept) == []
    assert gone(RetentionPolicy(limit_mb=3), *kept) == [3]
    assert gone(RetentionPolicy(limit_mb=2), *kept) == [1, 3]


def test_the_default_is_finite() -> None:
    policy = RetentionPolicy()
    assert gone(policy, recording(1, 92 * DAY), recording(2, 92 * DAY - timedelta(seconds=1))) == [1]


def test_every_choice_of_the_house_lasts_as_promised() -> None:
    """From a day to 18 months, the longest month and the longest year counted."""
    lengths = {choice: PERIODS.get(choice) for choice in CHOICES_HOUSE}
    assert lengths.pop(KeepFor.UNTIL_DELETED) is None
    assert min(filter(None, lengths.values())) == DAY
    assert max(filter(None, lengths.values())) == timedelta(days=549)


def test_a_satellite_may_differ_from_the_house() -> None:
    policy = RetentionPolicy(
        house=KeepFor.WEEK, satellites={"bedroom": KeepFor.DAY, "study": KeepFor.UNTIL_DELETED}
    )
    for satellite_id, ages in {"kitchen": 7, "bedroom": 1}.items():
        assert gone(policy, recording(1, ages * DAY, satellite_id=satellite_id)) == [1]
        assert gone(policy, recording(1, ages * DAY - HOUR, satellite_id=satellite_id)) == []
    assert gone(policy, recording(1, 9_999 * DAY, satellite_id="study")) == []


def test_false_wakes_go_sooner_never_later() -> None:
    wake = recording(1, 2 * HOUR, kind=RecordingKind.FALSE_WAKE)
    command = recording(2, 2 * HOUR)
    assert gone(RetentionPolicy(false_wakes=KeepFor.HOUR), wake, command) == [1]
    assert gone(RetentionPolicy(house=KeepFor.UNTIL_DELETED, false_wakes=KeepFor.HOUR), wake) == [1]
    two_days = recording(3, 2 * DAY, kind=RecordingKind.FALSE_WAKE)
    assert gone(RetentionPolicy(house=KeepFor.DAY, false_wakes=KeepFor.WEEK), two_days) == [3]


def test_what_is_stamped_in_the_future_is_never_old() -> None:
    assert gone(RetentionPolicy(house=KeepFor.DAY), recording(1, -9_999 * DAY)) == []


def test_the_reading_that_makes_it_younger_decides() -> None:
    """A Pi that booted in 1970 and then learned the time, and one whose clock was ahead."""
    policy = RetentionPolicy(house=KeepFor.DAY)
    booted_in_the_past = recording(1, 20_000 * DAY, monotonic_age=HOUR)
    clock_was_ahead = recording(2, HOUR, monotonic_age=5 * DAY)
    assert gone(policy, booted_in_the_past, clock_was_ahead) == []
    assert gone(policy, recording(3, 2 * DAY, monotonic_age=2 * DAY)) == [3]


def test_a_doubted_clock_judges_only_what_the_monotonic_clock_has_seen() -> None:
    policy = RetentionPolicy(house=KeepFor.DAY, limit_mb=1)
    seen = recording(1, 2 * DAY, monotonic_age=2 * DAY)
    earlier = recording(2, 900 * DAY)
    assert gone(policy, seen, earlier, clock_trusted=False) == [1]
    # The limit needs no clock.
    assert gone(policy, earlier, recording(3, HOUR), clock_trusted=False) == [2]


# --- the clock -----------------------------------------------------------------------------------


class Machine:
    """A machine whose clocks a test turns; it looks at them whenever it is told."""

    def __init__(self) -> None:
        self.now, self.monotonic = NOW, 1_000.0
        self.record = ClockRecord(trusted=Reading(now=NOW, monotonic=1_000.0))

    def run(self, time: timedelta, jump: timedelta = timedelta()) -> bool:
        """Let time pass, the clock jump, and return whether it is believed then."""
        self.now += time + jump
        self.monotonic += time.total_seconds()
        self.record = look(self.record, Reading(now=self.now, monotonic=self.monotonic))
        return self.record.is_trusted

    def restart(self, off: timedelta, jump: timedelta = timedelta()) -> bool:
        """Be off for a while; the monotonic clock begins anew."""
        trusted, doubted = (
            None if reading is None else replace(reading, monotonic=None)
            for reading in (self.record.trusted, self.record.doubted)
        )
        self.record = replace(self.record, trusted=trusted, doubted=doubted)
        self.now += off + jump
        self.monotonic = 10.0
        self.record = look(self.record, Reading(now=self.now, monotonic=self.monotonic))
        return self.record.is_trusted


def test_a_clock_that_nobody_has_looked_at_before_has_to_prove_itself() -> None:
    machine = Machine()
    machine.record = ClockRecord()
    assert not machine.run(timedelta())
    assert not machine.run(23 * HOUR)
    assert machine.run(HOUR)


def test_a_clock_that_runs_is_believed_however_long_nobody_looks() -> None:
    machine = Machine()
    assert machine.run(HOUR)
    assert machine.run(40 * DAY)
    assert machine.restart(23 * HOUR)
    assert machine.run(DAY)


@pytest.mark.parametrize("jump", [2 * DAY, 3_650 * DAY])
def test_a_jump_waits_for_a_steady_day(jump: timedelta) -> None:
    machine = Machine()
    assert not machine.run(HOUR, jump)
    assert not machine.run(12 * HOUR)
    # Another jump begins the wait anew.
    assert not machine.run(HOUR, 5 * HOUR)
    assert not machine.run(23 * HOUR)
    assert machine.run(HOUR)


def test_a_jump_that_is_taken_back_does_no_harm() -> None:
    machine = Machine()
    assert not machine.run(HOUR, 3_650 * DAY)
    assert machine.run(HOUR, -3_650 * DAY)


def test_a_machine_that_boots_in_the_past_and_learns_the_time_is_believed() -> None:
    machine = Machine()
    assert machine.restart(HOUR, -20_000 * DAY)
    assert machine.run(HOUR, 20_000 * DAY)


def test_a_machine_that_was_off_for_a_week_waits_for_a_day() -> None:
    machine = Machine()
    assert not machine.restart(7 * DAY)
    assert not machine.run(17 * HOUR)
    # Restarts do not begin it anew.
    assert not machine.restart(HOUR)
    assert machine.run(HOUR * 7)


@given(
    steps=st.lists(
        st.tuples(
            st.timedeltas(timedelta(), 3 * DAY),
            st.just(timedelta()) | st.timedeltas(-30 * DAY, 30 * DAY),
        ),
        max_size=20,
    )
)
def test_a_jump_of_more_than_a_day_is_only_believed_after_a_steady_day(
    steps: list[tuple[timedelta, timedelta]],
) -> None:
    machine = Machine()
    expected = machine.now
    for number, (time, jump) in enumerate(steps, 1):
        expected += time
        if not machine.run(time, jump):
            continue
        if machine.now > expected + DAY:
            steady = timedelta()
            for earlier, earlier_jump in reversed(steps[:number]):
                if abs(earlier_jump) > HOUR:
                    break
                steady += earlier
            assert steady >= DAY
        expected = max(expected, machine.now)


@given(jump=st.timedeltas(-30 * DAY, 30 * DAY), looks=st.integers(2, 30))
def test_every_clock_that_runs_is_believed_in_the_end(jump: timedelta, looks: int) -> None:
    machine = Machine()
    machine.run(HOUR, jump)
    for _ in range(looks - 1):
        machine.run(30 * HOUR / looks)
    assert machine.run(30 * HOUR / looks)
