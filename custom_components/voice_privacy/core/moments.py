"""Validation of stored times, which must stay in range under arithmetic with days and time zones."""

from datetime import UTC, datetime
from typing import Final

_EARLIEST: Final = datetime(1900, 1, 1, tzinfo=UTC)
_LATEST: Final = datetime(3000, 1, 1, tzinfo=UTC)


def moment_of(timestamp: float) -> datetime:
    """Convert a POSIX timestamp to UTC. Raises ValueError if it is invalid or out of range."""
    try:
        return _possible(datetime.fromtimestamp(timestamp, UTC))
    except (OSError, OverflowError, TypeError) as err:
        raise ValueError("invalid timestamp") from err


def parse_moment(text: object) -> datetime:
    """Parse ISO 8601 with a time zone. Raises ValueError for anything else."""
    if not isinstance(text, str):
        raise ValueError("not a string")  # noqa: TRY004  # same type as for any other invalid input
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("time without a time zone")
    return _possible(moment)


def _possible(moment: datetime) -> datetime:
    if not _EARLIEST <= moment <= _LATEST:
        raise ValueError("time out of range")
    return moment
