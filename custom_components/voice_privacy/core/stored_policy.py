"""Retention policies as plain data, for the minute in which a change can be undone to outlast a restart."""

from collections.abc import Mapping
from datetime import timedelta
import math
from typing import Any

from .retention_policy import KeepFor, RetentionPolicy


def policy_to_stored(policy: RetentionPolicy) -> dict[str, Any]:
    """Return a policy as stored, without labels, which are no settings."""
    return {
        "house": policy.house.value,
        "satellites": {satellite_id: kept.value for satellite_id, kept in policy.satellites.items()},
        "false_wakes": policy.false_wakes.value,
        "training": sorted(policy.training),
        "transcripts": policy.transcripts.value,
        "longest": {satellite_id: period.total_seconds() for satellite_id, period in policy.longest.items()},
        "limit_mb": policy.limit_mb,
    }


def policy_from_stored(raw: Mapping[str, Any]) -> RetentionPolicy:
    """Parse a policy. Raises AttributeError, KeyError, OverflowError, TypeError or ValueError if it is malformed."""
    if type(raw["limit_mb"]) is not int:
        raise TypeError
    return RetentionPolicy(
        house=KeepFor(raw["house"]),
        satellites={str(satellite_id): KeepFor(kept) for satellite_id, kept in raw["satellites"].items()},
        false_wakes=KeepFor(raw["false_wakes"]),
        training=frozenset(map(str, raw["training"])),
        transcripts=KeepFor(raw["transcripts"]),
        longest={str(satellite_id): _period(seconds) for satellite_id, seconds in raw["longest"].items()},
        limit_mb=raw["limit_mb"],
    )


def _period(seconds: object) -> timedelta:
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not math.isfinite(seconds):
        raise TypeError
    return timedelta(seconds=seconds)
