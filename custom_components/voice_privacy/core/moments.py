"""Moments that were stored: only those that arithmetic with days and time zones cannot bring out of range."""

from datetime import UTC, datetime
from typing import Final

_EARLIEST: Final = datetime(1900, 1, 1, tzinfo=UTC)
_LATEST: Final = datetime(3000, 1, 1, tzinfo=UTC)


def moment_of(timestamp: float) -> datetime:
    """Return the moment of a POSIX timestamp, UTC. Raises ValueError for one that cannot be."""
    try:
        return _possible(datetime.fromtimestamp(timestamp, UTC))
    except (OSError, OverflowError, TypeError) as err:
        raise ValueError("this is no time") from err


def parse_moment(text: object) -> datetime:
    """Return the moment that ISO 8601 with a zone says. Raises ValueError for anything else."""
    if not isinstance(text, str):
        raise ValueError("this is no time")  # noqa: TRY004  # as all else that is wrong with it
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a time without a zone")
    return _possible(moment)


def _possible(moment: datetime) -> datetime:
    if not _EARLIEST <= moment <= _LATEST:
        raise ValueError("this is no time that anything was recorded at")
    return moment
