"""When reviewers get to know of clips: all at once, at fixed hours, and never at a time that tells one apart."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, strategies as st
import pytest

from custom_components.voice_privacy.core.retention_policy import whole_megabytes
from custom_components.voice_privacy.core.review import (
    RELEASE_HOURS,
    last_release,
    may_be_known,
    next_release,
)

ZONES = st.sampled_from(
    ["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Apia"]
).map(ZoneInfo)
INSTANTS = st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC))
SPANS = st.timedeltas(timedelta(), timedelta(days=40))


@given(instant=INSTANTS, zone=ZONES)
def test_a_release_is_never_far_away(instant: datetime, zone: ZoneInfo) -> None:
    now = instant.astimezone(zone)
    last, following = last_release(now), next_release(now)
    assert last <= instant < following
    # An hour more or less when the clocks change.
    assert timedelta(hours=11) <= following - last <= timedelta(hours=13)
    assert {moment.astimezone(zone).hour for moment in (last, following)} == set(RELEASE_HOURS)
    assert last.astimezone(zone).minute == following.astimezone(zone).minute == 0


@pytest.mark.parametrize(
    ("zone", "skipped"),
    [
        ("Pacific/Apia", datetime(2011, 12, 30, 10, tzinfo=UTC)),
        ("Pacific/Kwajalein", datetime(1993, 8, 21, 12, tzinfo=UTC)),
    ],
)
def test_a_day_that_does_not_exist_delays_no_release(zone: str, skipped: datetime) -> None:
    for minutes in range(-48 * 60, 48 * 60, 30):
        instant = skipped + timedelta(minutes=minutes, seconds=1)
        now = instant.astimezone(ZoneInfo(zone))
        last, following = last_release(now), next_release(now)
        assert last <= instant < following
        assert following - last <= timedelta(hours=14)


@given(proposed_at=INSTANTS, span=SPANS, passed=SPANS, zone=ZONES)
def test_between_two_releases_nothing_comes_or_goes(
    proposed_at: datetime, span: timedelta, passed: timedelta, zone: ZoneInfo
) -> None:
    """Whoever looks all the time learns the half of a day, and nothing more."""
    ends_at = proposed_at + span
    now = (proposed_at + passed).astimezone(zone)
    moments = [last_release(now), now, next_release(now) - timedelta(microseconds=1)]
    shown = {may_be_known(moment.astimezone(zone), proposed_at, ends_at) for moment in moments}
    assert len(shown) == 1
    if shown == {True}:
        # What is known of was proposed before, and stays until after.
        assert proposed_at < moments[0]
        assert next_release(now) < ends_at


@given(proposed_at=INSTANTS, zone=ZONES)
def test_what_stays_for_days_is_known_of_from_the_next_release_on(
    proposed_at: datetime, zone: ZoneInfo
) -> None:
    ends_at = proposed_at + timedelta(days=30)
    comes = next_release(proposed_at.astimezone(zone))
    assert not may_be_known(proposed_at.astimezone(zone), proposed_at, ends_at)
    assert may_be_known(comes.astimezone(zone), proposed_at, ends_at)


@pytest.mark.parametrize(
    ("size", "megabytes"),
    [(0, 0), (1, 1), (999_999, 1), (1_000_000, 1), (1_000_001, 2), (10**12, 10**6)],
)
def test_sizes_are_rounded_up(size: int, megabytes: int) -> None:
    assert whole_megabytes(size) == megabytes
