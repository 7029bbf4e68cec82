"""Readings of all clocks of the house."""

from datetime import datetime
import time

from homeassistant.util import dt as dt_util

from ..core.deletion import HouseClock


def house_clock() -> HouseClock:
    """Read all clocks at the same moment."""
    now: datetime = dt_util.utcnow()
    today = dt_util.as_local(now).date()
    return HouseClock(
        now=now,
        monotonic=time.monotonic(),
        today=today,
        start_of_today=dt_util.as_utc(dt_util.start_of_local_day(today)),
    )
