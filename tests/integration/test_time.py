"""What "today" means in houses whose clocks are set, wrong or moved to another zone."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from homeassistant.util import dt as dt_util
import pytest

from .helpers.house import House
from .helpers.recordings import begin, record

SECOND = timedelta(seconds=1)

type SetClock = Callable[[datetime], None]


@pytest.fixture
def set_clock(monkeypatch: pytest.MonkeyPatch) -> SetClock:
    """Stop the wall clock at an instant; the monotonic clock goes on."""

    def stop_at(now: datetime) -> None:
        monkeypatch.setattr(dt_util, "utcnow", lambda: now.astimezone(UTC))
        monkeypatch.setattr(
            dt_util, "now", lambda zone=None: now.astimezone(zone or dt_util.get_default_time_zone())
        )

    return stop_at


def first_instant(day: date, zone: str) -> datetime:
    """Return when a day begins, found by looking at one minute after the other."""
    instant = datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(days=2)
    while instant.astimezone(ZoneInfo(zone)).date() < day:
        instant += timedelta(minutes=1)
    return instant


# Days that are over: every release of the time zone database knows these, and has rules of its own for others.
DAYS = [
    ("UTC", date(2024, 11, 24), 24),
    ("Europe/Berlin", date(2024, 3, 31), 23),
    ("Europe/Berlin", date(2024, 10, 27), 25),
    # Clocks are put forward at midnight, so that there is none.
    ("Africa/Cairo", date(2024, 4, 26), 23),
    ("Asia/Beirut", date(2024, 3, 31), 23),
    ("America/Havana", date(2024, 3, 10), 23),
    ("America/Santiago", date(2024, 9, 8), 23),
    # Clocks are put back to midnight, so that there are two; and a day that never was comes before.
    ("America/Havana", date(2024, 11, 3), 25),
    ("Pacific/Apia", date(2011, 12, 31), 24),
    ("Asia/Kathmandu", date(2024, 6, 1), 24),
]


@pytest.mark.parametrize(("zone", "day", "hours"), DAYS)
async def test_today_is_all_of_the_calendar_day(
    house: House, set_clock: SetClock, zone: str, day: date, hours: int
) -> None:
    await house.hass.config.async_set_time_zone(zone)
    start = first_instant(day, zone)
    end = start + timedelta(hours=hours)
    assert (end - SECOND).astimezone(ZoneInfo(zone)).date() == day < end.astimezone(ZoneInfo(zone)).date()
    for now in (start + SECOND, end - SECOND):
        set_clock(now)
        stays = await record(house, started_at=start - SECOND)
        for moment in {start, start + SECOND, now}:
            await record(house, started_at=moment)
        assert (await house.act("delete_today"))["deleted"] == len({start, start + SECOND, now})
        assert house.ids() == [stays]
        # On its own day it is today, too.
        set_clock(start - SECOND)
        assert (await house.act("delete_today"))["deleted"] == 1


@pytest.mark.parametrize(("zone", "day"), [case[:2] for case in DAYS[1:4]])
async def test_an_utterance_over_midnight_belongs_to_the_day_it_began(
    house: House, set_clock: SetClock, zone: str, day: date
) -> None:
    await house.hass.config.async_set_time_zone(zone)
    start = first_instant(day, zone)
    set_clock(start - SECOND)
    capture = begin(house, "what time is it", owner="kitchen")
    set_clock(start + SECOND)
    # It is still being captured: whoever deletes today means it all the same.
    assert (await house.act("delete_today"))["deleted"] == 1
    assert capture.forbidden is not None
    await record(house, started_at=start - SECOND)
    assert (
        house.hub.recordings[house.ids()[0]].local_date == (start - SECOND).astimezone(ZoneInfo(zone)).date()
    )
    assert (await house.act("delete_today"))["deleted"] == 0


async def test_a_clock_that_was_wrong_at_boot(house: House, set_clock: SetClock) -> None:
    """The machine has no battery: it records in 1970, then learns that it is 2026."""
    set_clock(datetime(1970, 1, 1, 0, 1, tzinfo=UTC))
    await record(house)
    set_clock(datetime(2026, 11, 24, 12, tzinfo=UTC))
    yesterday = await record(house, started_at=datetime(2026, 11, 23, 12, tzinfo=UTC))
    assert (await house.act("delete_today"))["deleted"] == 1
    assert house.ids() == [yesterday]


async def test_a_clock_that_was_ahead(house: House, set_clock: SetClock) -> None:
    """What is stamped in the future counts as today, and the last is what was said last."""
    set_clock(datetime(2031, 5, 5, 12, tzinfo=UTC))
    ahead = await record(house)
    set_clock(datetime(2026, 11, 24, 12, tzinfo=UTC))
    later = await record(house)
    assert house.ids() == [ahead, later]
    assert (
        await house.act("delete_last", {"entity_id": house.entity_id("assist_satellite", "assist_satellite")})
    )["deleted"] == 1
    assert house.ids() == [ahead]
    await house.reload()
    assert (await house.act("delete_today"))["deleted"] == 1


@pytest.mark.parametrize(
    ("before", "after"), [("UTC", "Asia/Tokyo"), ("Asia/Tokyo", "UTC"), ("UTC", "Pacific/Honolulu")]
)
async def test_another_time_zone_deletes_rather_too_much_of_a_day_than_too_little(
    house: House, set_clock: SetClock, before: str, after: str
) -> None:
    await house.hass.config.async_update(time_zone=before)
    now = datetime(2026, 11, 24, 22, 30, tzinfo=UTC)
    set_clock(now)
    kept = {
        await record(house, started_at=now - timedelta(hours=hours)): now - timedelta(hours=hours)
        for hours in range(0, 72, 3)
    }
    await house.hass.config.async_update(time_zone=after)
    await house.act("delete_today")
    left = {kept[recording_id] for recording_id in house.ids()}

    def is_today(moment: datetime, zone: str) -> bool:
        return moment.astimezone(ZoneInfo(zone)).date() == now.astimezone(ZoneInfo(after)).date()

    assert not [moment for moment in left if is_today(moment, after)]
    assert left == {
        moment for moment in kept.values() if not is_today(moment, after) and not is_today(moment, before)
    }
