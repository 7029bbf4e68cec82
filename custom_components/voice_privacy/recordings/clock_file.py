"""Clock file: the clock record, what must still be deleted, and the policies of the last changes."""

from collections.abc import Callable, Mapping, Set as AbstractSet
from datetime import timedelta
from typing import Any, Final

from homeassistant.core import HomeAssistant

from ..core.clock_trust import ClockRecord, Reading
from ..core.moments import parse_moment
from .change_grace import forget_changes
from .durable_store import DurableStore

_MOST_SECONDS: Final = 1e10
"""Upper bound for stored seconds, which also rejects NaN."""


async def async_remove_clock_record(hass: HomeAssistant) -> None:
    """Delete the clock record when the integration is removed."""
    forget_changes(hass)
    await clock_file(hass, dict).async_remove()


def clock_file(hass: HomeAssistant, content: Callable[[], dict[str, Any]]) -> DurableStore:
    """Return the file of the clock record."""
    return DurableStore(hass, "clock", content)


def clock_to_stored(
    record: ClockRecord, forbidden: AbstractSet[str], policies: list[dict[str, Any]], *, run: str
) -> dict[str, Any]:
    """Return the content of the file, written in a run of Home Assistant with this id."""
    return {
        "run": run,
        "forbidden": sorted(forbidden),
        "policies": policies,
        "trusted": _reading_to_stored(record.trusted),
        "doubted": _reading_to_stored(record.doubted),
        "steady": record.steady.total_seconds(),
    }


def _reading_to_stored(reading: Reading | None) -> dict[str, Any] | None:
    """Return a clock reading as stored."""
    if reading is None:
        return None
    return {"now": reading.now.isoformat(), "monotonic": reading.monotonic}


def clock_from_stored(stored: Mapping[str, Any], *, run: str) -> ClockRecord:
    """Parse the file; malformed data raises an exception.

    Args:
        stored: Content of the file.
        run: Id of this run of Home Assistant; monotonic readings of another one mean nothing.
    """
    same_run = stored.get("run") == run

    def reading(raw: dict[str, Any] | None) -> Reading | None:
        if raw is None:
            return None
        return Reading(
            now=parse_moment(raw["now"]), monotonic=_seconds(raw["monotonic"]) if same_run else None
        )

    return ClockRecord(
        trusted=reading(stored.get("trusted")),
        doubted=reading(stored.get("doubted")),
        steady=timedelta(seconds=_seconds(stored.get("steady", 0))),
    )


def _seconds(value: object) -> float:
    """Return stored seconds. Raises TypeError or ValueError for an invalid value."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError
    if not 0 <= value < _MOST_SECONDS:
        raise ValueError
    return float(value)
