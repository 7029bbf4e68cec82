"""What a deletion request means: all of it, and nothing else."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given, strategies as st
import pytest

from custom_components.voice_privacy.core.capture import CaptureSession, Wake
from custom_components.voice_privacy.core.deletion import (
    HouseClock,
    InFlight,
    select,
    select_in_flight,
    started_today,
)
from custom_components.voice_privacy.core.in_flight import (
    InFlightCaptures,
    covers_near_misses_now,
    without_fenced,
)
from custom_components.voice_privacy.core.models import (
    DeletionRequest,
    DeletionScope,
    DiscardReason,
    RecordingInfo,
    RecordingKind,
    StartedBy,
)

BERLIN = ZoneInfo("Europe/Berlin")


def clock_at(now: datetime, monotonic: float = 1_000_000.0) -> HouseClock:
    local = now.astimezone(BERLIN)
    start = datetime(local.year, local.month, local.day, tzinfo=BERLIN).astimezone(UTC)
    return HouseClock(now=now, monotonic=monotonic, today=local.date(), start_of_today=start)


NOON = clock_at(datetime(2026, 11, 24, 11, tzinfo=UTC))


def recording(
    sequence: int,
    started_at: datetime,
    satellite_id: str = "kitchen",
    kind: RecordingKind = RecordingKind.COMMAND,
    monotonic: float | None = None,
    local_date: date | None = None,
) -> RecordingInfo:
    return RecordingInfo(
        recording_id=f"{sequence:032x}",
        sequence=sequence,
        satellite_id=satellite_id,
        started_at=started_at,
        started_monotonic=monotonic,
        local_date=local_date or started_at.astimezone(BERLIN).date(),
        duration=1.0,
        size=1,
        kind=kind,
    )


_MOMENTS = st.datetimes(datetime(2026, 11, 20), datetime(2026, 11, 28), timezones=st.just(UTC))


@st.composite
def houses(draw: st.DrawFn) -> list[RecordingInfo]:
    moments = draw(st.lists(_MOMENTS, max_size=20))
    return [
        recording(
            sequence,
            moment,
            draw(st.sampled_from(["kitchen", "bedroom", "hall"])),
            draw(st.sampled_from(RecordingKind)),
        )
        for sequence, moment in enumerate(moments, start=1)
    ]


_SATELLITES = st.none() | st.frozensets(st.sampled_from(["kitchen", "bedroom", "hall"]), min_size=1)


def chosen(request: DeletionRequest, house: list[RecordingInfo], clock: HouseClock = NOON) -> set[int]:
    return {info.sequence for info in select(request, house, clock)}


@given(houses(), _SATELLITES)
def test_today_takes_all_of_today_and_nothing_of_another_day(
    house: list[RecordingInfo], satellites: frozenset[str] | None
) -> None:
    request = DeletionRequest(scope=DeletionScope.TODAY, satellite_ids=satellites)
    expected = {
        info.sequence
        for info in house
        if (satellites is None or info.satellite_id in satellites) and info.local_date >= NOON.today
    }
    assert chosen(request, house) == expected


@given(houses(), _SATELLITES, _MOMENTS, _MOMENTS)
def test_range_is_half_open(
    house: list[RecordingInfo], satellites: frozenset[str] | None, start: datetime, end: datetime
) -> None:
    request = DeletionRequest(scope=DeletionScope.RANGE, satellite_ids=satellites, start=start, end=end)
    expected = {
        info.sequence
        for info in house
        if (satellites is None or info.satellite_id in satellites) and start <= info.started_at < end
    }
    assert chosen(request, house) == expected


def test_range_takes_its_first_instant_and_not_its_last() -> None:
    first, last = datetime(2026, 11, 24, 8, tzinfo=UTC), datetime(2026, 11, 24, 9, tzinfo=UTC)
    house = [recording(1, first), recording(2, last)]
    assert chosen(DeletionRequest(scope=DeletionScope.RANGE, start=first, end=last), house) == {1}


@given(houses(), _SATELLITES)
def test_last_is_the_highest_sequence_of_each_satellite(
    house: list[RecordingInfo], satellites: frozenset[str] | None
) -> None:
    request = DeletionRequest(scope=DeletionScope.LAST, satellite_ids=satellites)
    if satellites is None:
        expected = {max(info.sequence for info in house)} if house else set()
    else:
        expected = {
            max(info.sequence for info in house if info.satellite_id == satellite)
            for satellite in satellites
            if any(info.satellite_id == satellite for info in house)
        }
    assert chosen(request, house) == expected


@given(houses(), _SATELLITES)
def test_all_false_wakes_day_and_ids(house: list[RecordingInfo], satellites: frozenset[str] | None) -> None:
    mine = [info for info in house if satellites is None or info.satellite_id in satellites]
    day = date(2026, 11, 23)
    ids = frozenset(info.recording_id for info in house[::2])
    for request, expected in (
        (DeletionRequest(scope=DeletionScope.ALL, satellite_ids=satellites), mine),
        (
            DeletionRequest(scope=DeletionScope.FALSE_WAKES, satellite_ids=satellites),
            [info for info in mine if info.kind is RecordingKind.FALSE_WAKE],
        ),
        (
            DeletionRequest(scope=DeletionScope.DAY, satellite_ids=satellites, day=day),
            [info for info in mine if info.local_date == day],
        ),
        (
            DeletionRequest(scope=DeletionScope.IDS, satellite_ids=satellites, recording_ids=ids),
            [info for info in mine if info.recording_id in ids],
        ),
    ):
        assert chosen(request, house) == {info.sequence for info in expected}


@given(st.lists(st.tuples(st.sampled_from(["kitchen", "bedroom"]), st.booleans()), max_size=9), _SATELLITES)
def test_last_is_what_was_said_last_and_every_near_miss_since(
    made: list[tuple[str, bool]], satellites: frozenset[str] | None
) -> None:
    house = [
        replace(
            recording(sequence, NOON.now, satellite_id), kind=RecordingKind.FALSE_WAKE, near_miss=near_miss
        )
        for sequence, (satellite_id, near_miss) in enumerate(made, start=1)
    ]
    gone = chosen(DeletionRequest(scope=DeletionScope.LAST, satellite_ids=satellites), house)
    expected: set[int] = set()
    for owner in [None] if satellites is None else satellites:
        for info in reversed([info for info in house if owner in (None, info.satellite_id)]):
            expected.add(info.sequence)
            if not info.near_miss:
                break
    assert gone == expected


def test_a_near_miss_in_memory_is_not_the_last_that_was_said() -> None:
    captures = InFlightCaptures()
    near = CaptureSession(
        "kitchen",
        Wake(started_by=StartedBy.WAKE_WORD),
        pre_roll=b"",
        started_at=NOON.now,
        started_monotonic=NOON.monotonic,
    )
    near.near_miss = True
    captures.add(near)
    request = DeletionRequest(scope=DeletionScope.LAST, satellite_ids=frozenset({"kitchen"}))
    assert captures.of("kitchen") == []
    fenced = captures.fence(request, NOON)
    assert fenced == [near]
    assert near.forbidden is DiscardReason.DELETED
    # What was said last is deleted as well.
    assert without_fenced(request, fenced) == request


@pytest.mark.parametrize(
    ("scope", "fields", "covered"),
    [
        (DeletionScope.ALL, {}, True),
        (DeletionScope.TODAY, {}, True),
        (DeletionScope.LAST, {"satellite_ids": frozenset({"kitchen"})}, True),
        (DeletionScope.LAST, {"satellite_ids": frozenset({"bedroom"})}, False),
        (DeletionScope.FALSE_WAKES, {}, True),
        (DeletionScope.DAY, {"day": date(2026, 11, 24)}, True),
        (DeletionScope.DAY, {"day": date(2026, 11, 23)}, False),
        (DeletionScope.RANGE, {"start": NOON.now - timedelta(hours=1)}, True),
        (DeletionScope.RANGE, {"end": NOON.now - timedelta(seconds=1)}, True),
        (DeletionScope.RANGE, {"end": NOON.now - timedelta(hours=1)}, False),
        (DeletionScope.IDS, {"recording_ids": frozenset({"0" * 32})}, False),
    ],
)
def test_a_deletion_covers_near_misses_that_are_not_reported_yet(
    scope: DeletionScope, fields: dict[str, Any], covered: bool
) -> None:
    request = DeletionRequest(scope=scope, **fields)
    assert covers_near_misses_now(request, "kitchen", NOON) is covered


@pytest.mark.parametrize(
    ("moment", "today"),
    [
        # The night in which the clocks go back: 25 hours, from 22:00 UTC to 23:00 UTC.
        (datetime(2026, 10, 24, 21, 59, 59, tzinfo=UTC), False),
        (datetime(2026, 10, 24, 22, 0, tzinfo=UTC), True),
        (datetime(2026, 10, 25, 22, 59, 59, tzinfo=UTC), True),
    ],
)
def test_a_day_of_25_hours(moment: datetime, today: bool) -> None:
    evening = clock_at(datetime(2026, 10, 25, 22, 59, 59, tzinfo=UTC))
    assert started_today(recording(1, moment), evening) is today


def test_a_machine_that_booted_in_the_past() -> None:
    """It recorded 60 s after boot in 1970 and then learned that it is 2026."""
    early = recording(1, datetime(1970, 1, 1, 0, 1, tzinfo=UTC), monotonic=60)
    clock = clock_at(datetime(2026, 11, 24, 11, tzinfo=UTC), monotonic=120)
    assert started_today(early, clock)
    assert not started_today(recording(1, early.started_at), clock)


def test_a_recording_of_this_boot_from_yesterday_stays() -> None:
    clock = clock_at(datetime(2026, 11, 24, 11, tzinfo=UTC), monotonic=90_000)
    yesterday = recording(1, clock.now - timedelta(hours=13), monotonic=90_000 - 13 * 3_600)
    assert not started_today(yesterday, clock)


def test_a_recording_from_the_future_counts_as_today() -> None:
    assert started_today(recording(1, datetime(2031, 1, 1, tzinfo=UTC)), NOON)


IN_FLIGHT = [
    InFlight(utterance_id="a", satellite_id="kitchen", started_monotonic=NOON.monotonic - 5),
    InFlight(utterance_id="b", satellite_id="kitchen", started_monotonic=NOON.monotonic - 1),
    InFlight(utterance_id="c", satellite_id="hall", started_monotonic=NOON.monotonic - 3),
]


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        (DeletionRequest(scope=DeletionScope.ALL), "abc"),
        (DeletionRequest(scope=DeletionScope.TODAY, satellite_ids=frozenset({"hall"})), "c"),
        (DeletionRequest(scope=DeletionScope.LAST), "b"),
        (DeletionRequest(scope=DeletionScope.LAST, satellite_ids=frozenset({"kitchen", "hall"})), "bc"),
        (DeletionRequest(scope=DeletionScope.DAY, day=NOON.today), "abc"),
        (DeletionRequest(scope=DeletionScope.DAY, day=NOON.today - timedelta(days=1)), ""),
        (DeletionRequest(scope=DeletionScope.IDS, recording_ids=frozenset({"a"})), "a"),
        (DeletionRequest(scope=DeletionScope.FALSE_WAKES), ""),
        (DeletionRequest(scope=DeletionScope.RANGE, start=NOON.now - timedelta(seconds=4)), "bc"),
        (DeletionRequest(scope=DeletionScope.RANGE, end=NOON.now - timedelta(seconds=4)), "a"),
    ],
)
def test_in_flight(request_: DeletionRequest, expected: str) -> None:
    assert sorted(
        utterance.utterance_id for utterance in select_in_flight(request_, IN_FLIGHT, NOON)
    ) == list(expected)


def test_an_utterance_that_began_before_midnight_belongs_to_yesterday() -> None:
    clock = clock_at(datetime(2026, 11, 23, 23, 0, 2, tzinfo=UTC))
    early = [InFlight(utterance_id="a", satellite_id="kitchen", started_monotonic=clock.monotonic - 4)]
    yesterday = DeletionRequest(scope=DeletionScope.DAY, day=clock.today - timedelta(days=1))
    assert select_in_flight(yesterday, early, clock) == early
    assert not select_in_flight(DeletionRequest(scope=DeletionScope.DAY, day=clock.today), early, clock)


@pytest.mark.parametrize("scope", DeletionScope)
def test_fields_belong_to_their_scope(scope: DeletionScope) -> None:
    fields: dict[DeletionScope, dict[str, Any]] = {
        DeletionScope.DAY: {"day": NOON.today},
        DeletionScope.IDS: {"recording_ids": frozenset({"a"})},
        DeletionScope.RANGE: {"start": NOON.now},
    }
    for belongs_to, field in [*fields.items(), (DeletionScope.RANGE, {"end": NOON.now})]:
        if belongs_to is scope:
            assert DeletionRequest(scope=scope, **field).scope is scope
        else:
            with pytest.raises(ValueError, match="another scope"):
                DeletionRequest(scope=scope, **field)
